//! What a tool complains about: where, and in which words.

use std::ops::Range;

/// One of a client's diagnostics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// What it says.
    pub message: String,
}
