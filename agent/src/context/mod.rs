//! What a prompt should hold beside the text around the cursor: ranked pieces of the workspace within a room of bytes.
//!
//! Pure: no async, no files, no clock, no randomness. The same ask gets the same pieces in the same order.

mod cover;
mod fill;
mod heads;
mod here;
mod query;
mod search;

use std::ops::Range;
use std::sync::Arc;

use crate::index::library::Shelf;
use crate::index::library::names::Name;
use fill::Filling;
use query::Query;

/// Bytes of source code a token, as a rule of thumb: for estimates that are shown, not for what fits.
const BYTES_PER_TOKEN: f64 = 3.5;
/// Under this room, heads of definitions are left out: what is like the text at hand needs all of it.
const SMALL: usize = 600 * 4;
/// Part of the room that is used when the text around the cursor defines nearly everything it names.
const QUIET: f64 = 0.25;
/// What a piece of the last prompt is favoured by.
const CONSTANCY: f32 = 1.5;

/// What is asked for.
pub struct ContextAsk<'a> {
    /// The workspace and the open documents.
    pub shelf: &'a Shelf,
    /// The document that is written in; its page of the shelf is left aside.
    pub key: &'a str,
    /// All of its text before the cursor.
    pub before: &'a str,
    /// All of its text after the cursor.
    pub after: &'a str,
    /// Bytes of `before` and `after`, counted from the cursor, that the prompt shows anyway.
    pub shown: (usize, usize),
    /// Places edited or viewed lately, newest first; 16 are read.
    pub recent: &'a [Place<'a>],
    /// Bytes that all pieces may take, frames included.
    pub room: usize,
    /// Bytes that the prompt spends around one piece, its path included.
    pub frame: usize,
    /// The path of a file as a model shall see it; `None` for a file that must not be shown.
    pub path: &'a dyn Fn(&str) -> Option<String>,
    /// Whether time is up: what was not found by then is left out.
    pub late: &'a dyn Fn() -> bool,
    /// What the same document was given before: what still helps stays where it was, so that prompts begin alike.
    pub last: Option<&'a Context>,
}

impl ContextAsk<'_> {
    /// Where a piece stood in the last prompt.
    fn stood(&self, key: &str, lines: &Range<u32>) -> Option<usize> {
        let pieces = &self.last?.pieces;
        let mut pieces = pieces.iter();
        pieces.position(|piece| *piece.key == *key && piece.lines == *lines)
    }

    /// What a piece is favoured by because it stood in the last prompt: what is about as good should not take its place.
    fn constancy(&self, key: &str, lines: &Range<u32>) -> f32 {
        match self.stood(key, lines) {
            Some(_) => CONSTANCY,
            None => 1.0,
        }
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file.
    pub key: &'a str,
    /// Its lines, counted from 0.
    pub lines: Range<u32>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// The pieces, in the order in which the prompt should hold them.
    pub pieces: Vec<Ranked>,
    /// The text around the cursor defines nearly all that it names, so that only a part of the room was used.
    pub found_nothing_new: bool,
    /// Time was up before everything was looked at.
    pub late: bool,
    /// The lines that were asked for, the room and the shelf's edition: equal ones get equal pieces.
    neighbourhood: u64,
}

/// A piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The file.
    pub key: Arc<str>,
    /// Its path as a model shall see it.
    pub path: String,
    /// The lines that it is from, counted from 0.
    pub lines: Range<u32>,
    /// Whole lines, comment lines left out; of a definition, its head or its members' heads.
    pub text: String,
    /// Why it is here.
    pub source: Source,
    /// How well it fits, comparable within one source.
    pub score: f32,
    /// Tokens that it costs, frame included: an estimate.
    pub tokens: u32,
}

/// Why a piece is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// It speaks of what the text at hand speaks of (BM25 over the workspace's chunks).
    Bm25,
    /// The same, from a part of the current file that is not shown.
    Current,
    /// It defines what is named near the cursor.
    Definition,
    /// What follows a line like the last ones.
    Match,
    /// It was edited or viewed lately.
    Recent,
}

impl Source {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Source::Bm25 => "bm25",
            Source::Current => "current",
            Source::Definition => "definition",
            Source::Match => "match",
            Source::Recent => "recent",
        }
    }
}

/// A piece that may come in.
#[derive(Debug, Clone)]
struct Candidate {
    key: Arc<str>,
    lines: Range<u32>,
    text: String,
    /// What its text names, each once.
    names: Vec<Name>,
    source: Source,
    score: f32,
}

/// Gathers the pieces.
pub fn gather(ask: &ContextAsk<'_>) -> Context {
    let query = Query::read(ask);
    let neighbourhood = query.neighbourhood(ask);
    let kept = ask
        .last
        .filter(|last| last.neighbourhood == neighbourhood && !last.late);
    let mut filling = Filling::new(ask, &query);
    if let Some(last) = kept {
        // Within one line only the line itself changes: what it newly names comes last, all else stays.
        filling.keep(last);
        filling.named_here();
        return filling.done(neighbourhood);
    }
    let found = search::search(ask, &query);
    let quiet = query.is_defined_in_sight(ask);
    filling.quiet(quiet);
    filling.fill(found);
    filling.named_here();
    filling.done(neighbourhood)
}

#[cfg(test)]
mod tests;
