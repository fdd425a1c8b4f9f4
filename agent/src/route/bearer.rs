//! A token that whoever holds it may use: sent behind `Bearer`, never shown.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::error::{Failure, Kind};
use crate::secret::Secret;

/// A token that can be sent.
pub struct Bearer(Secret);

impl Bearer {
    /// Takes the token over.
    pub fn new(token: String) -> Result<Bearer, Failure> {
        if token.is_empty() || HeaderValue::from_str(&token).is_err() {
            let what = "the token is empty or holds characters that no token has; sign in again";
            return Err(Failure::new(Kind::Auth, what));
        }
        Ok(Bearer(Secret::new(token)))
    }

    /// Puts it into the headers of a request.
    pub fn put(&self, headers: &mut HeaderMap) {
        let line = [b"Bearer ", self.0.reveal()].concat();
        if let Ok(mut value) = HeaderValue::from_bytes(&line) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
    }

    /// The token, to be compared.
    #[cfg(test)]
    pub fn token(&self) -> String {
        String::from_utf8_lossy(self.0.reveal()).into_owned()
    }
}
