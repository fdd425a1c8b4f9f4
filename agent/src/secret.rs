//! Keys: a value that can be used and never shown.
//!
//! There is no `Debug`, `Display`, `Clone` or `Serialize`, so a key cannot slip into a log, an error or a settings dump: that does not compile.

use std::hint::black_box;

/// A key or token. Its bytes are overwritten when it is dropped; copies that a header or a socket buffer holds are not.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes `text` over; the caller's `String` is consumed, so no second copy stays behind here.
    pub fn new(text: String) -> Self {
        Secret(text.into_bytes())
    }

    /// The value itself, for the one place that writes it into a header.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `text` holds the value, as it stands or inside something longer.
    pub fn occurs_in(&self, text: &[u8]) -> bool {
        !self.0.is_empty() && text.windows(self.0.len()).any(|window| window == self.0)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Without a reader of the zeros the compiler may leave the writes out.
        black_box(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn is_found_where_it_was_played_back() {
        let key = Secret::new("sk-abc".into());
        assert_eq!(key.reveal(), b"sk-abc");
        assert!(key.occurs_in(b"id sk-abc."));
        assert!(!key.occurs_in(b"id sk-ab"));
        assert!(!Secret::new(String::new()).occurs_in(b"anything"));
    }
}
