//! What one request leaves in the ledger: a line when it begins, a line when it ends. Their hashes are a chain.

use ring::digest::{SHA256, digest};
use serde::Serialize;

/// A request that is about to leave. Serialised in the order of its fields: that text is what is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sent {
    /// Its place in the chain; no two lines share one.
    pub seq: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The name under `[routes]`.
    pub route: String,
    /// The provider's name.
    pub provider: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The model, as the settings spell it.
    pub model: String,
    /// `completion`, `edit`, `chat`, `credential`, `listing` or `mcp`.
    pub surface: String,
    /// The same, or finer: `ahead`.
    pub purpose: String,
    /// The folder of the repository that was worked in.
    pub repository: Option<String>,
    /// Which try of one question it is, from 1.
    pub tried: i64,
    /// Bytes of the body on the wire.
    pub bytes_out: i64,
    /// SHA-256 of the body, in hex.
    pub sha256: String,
    /// Which parts of which files are in the body.
    pub sources: Vec<Part>,
}

/// A part of a file that left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Part {
    /// The file on disk, else its URI.
    pub path: String,
    /// Its first line, from 1.
    pub first: i64,
    /// Its last line.
    pub last: i64,
    /// Bytes of its text, before secrets in it were masked.
    pub bytes: i64,
    /// The rule that let it in.
    pub rule: String,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Ended {
    /// Its place in the chain.
    pub seq: i64,
    /// The place of its beginning.
    pub sent: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// `answered`; `cancelled` when we hung up; else what failed.
    pub outcome: String,
    /// The status of the answer.
    pub status: Option<i64>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// Bytes of the answer's body that were read.
    pub bytes_in: i64,
    /// Tokens of the question, cached ones included, as the provider counted.
    pub input: Option<i64>,
    /// Tokens of the answer, as the provider counted.
    pub output: Option<i64>,
    /// Tokens of the question from the provider's cache.
    pub cached: Option<i64>,
    /// Tokens in and out, guessed by bytes where the provider did not count: what budgets of tokens go by.
    pub tokens: i64,
    /// Milliseconds to the first byte of the answer's body.
    pub first_ms: Option<f64>,
    /// Milliseconds in all.
    pub total_ms: f64,
    /// US dollars; `None` = no price is known.
    pub cost_usd: Option<f64>,
    /// The cost goes by tokens that were guessed.
    pub estimated: bool,
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = |byte: &u8| [byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]);
    let hash = digest(&SHA256, bytes);
    let digits = hash.as_ref().iter().flat_map(halves);
    digits.map(char::from).collect()
}

/// The hash of a line: it covers the line and the hash before it.
pub fn link(before: &str, line: &impl Serialize) -> String {
    // Lines are plain data, which always serialises.
    let line = serde_json::to_string(line).unwrap_or_default();
    sha256(format!("{before}\n{line}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_covers_the_line_and_what_was_before() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let line = Sent::default();
        let other = Sent {
            bytes_out: 1,
            ..Sent::default()
        };
        assert_eq!(link("a", &line), link("a", &line));
        assert_ne!(link("a", &line), link("b", &line));
        assert_ne!(link("a", &line), link("a", &other));
    }
}
