//! The words in which the room is asked and answers.

use std::time::Instant;

use ropey::Rope;

/// What is learnt at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Text of the workspace in all (bytes).
    pub max_workspace_bytes: u64,
    /// Text of one file or document (bytes).
    pub max_file_bytes: u64,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    /// Taken; `settle` makes it answer.
    Taken,
    /// Over `max_file_bytes`.
    TooLarge,
    /// The workspace's bytes are used up.
    Full,
    /// Not text.
    Binary,
    /// Lines that nobody types.
    Minified,
    /// Prose: there is nothing to learn for code.
    Prose,
}

/// A question.
#[derive(Debug)]
pub struct LocalAsk<'a> {
    /// The document's key, as given to `open`.
    pub key: &'a str,
    /// Its text now.
    pub text: &'a Rope,
    /// The cursor (byte offset).
    pub at: usize,
    /// The least probability (0 to 1) that all of what is shown is right.
    pub confidence: f64,
    /// When an answer is of no use any more.
    pub deadline: Option<Instant>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalSuggestion {
    /// Goes in at the cursor; never holds a line break.
    pub text: String,
    /// The probability (0 to 1) that all of it is right.
    pub confidence: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Nothing is as probable as asked for.
    Unsure,
    /// Neither the workspace nor the document holds anything yet.
    NothingLearnt,
    /// The cursor is in a comment.
    InComment,
    /// The cursor is in a string that began on another line.
    InString,
    /// Word characters follow the cursor.
    InWord,
    /// The document is prose.
    Prose,
    /// The document or the line is over its limit.
    TooLarge,
    /// The cursor is not in the text or inside a character.
    Nowhere,
    /// The deadline passed.
    Late,
}

/// What is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files of the workspace that answer.
    pub files: usize,
    /// Files that wait for `settle`.
    pub waiting: usize,
    /// Documents that are open.
    pub open: usize,
    /// Tokens that answer.
    pub tokens: usize,
    /// Bytes held, estimated from capacities.
    pub bytes: usize,
    /// Files left out as too large.
    pub too_large: usize,
    /// Files left out for want of room.
    pub full: usize,
    /// Files left out as binary or minified.
    pub not_code: usize,
}
