//! Where the cursor stands, in tokens: what is before it, the word it touches, what is after it on its line.

use std::borrow::Cow;

use ropey::Rope;

use super::Silence;
use super::lex::{CODE, MAX_LINE, Piece, is_word, lex_line};
use super::rank::{AFTER, FAR};
use super::sheet::{Sheet, break_of, indent_of};
use super::syntax::Syntax;
use super::words::{Token, Words};

/// Stands for a word of the cursor's line that is not in the vocabulary: it matches nothing.
const UNKNOWN: Token = u32::MAX - 1;

/// What may stand first at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Only the rest of the unfinished word before the cursor (the flag: a blank stands before that word).
    Word(bool),
    /// A token without a blank: the cursor is at the line's start.
    Line,
    /// A token whose blank is typed already, or a line break.
    Blank,
    /// Any token.
    Any,
}

/// A cursor read into tokens.
#[derive(Debug)]
pub struct Cursor {
    /// The last tokens before it (the unfinished word left out), nearest last.
    pub context: Vec<Token>,
    /// How many of these stand on the cursor's line.
    pub on_line: usize,
    /// The first tokens after its line.
    pub after: Vec<Token>,
    /// The part of the word that it touches; empty if it touches none.
    pub typed: String,
    /// What may come first.
    pub first: First,
    /// The first token after it on its line; empty at the line's end.
    pub next: String,
    /// Positions of the document's stream that may not count: the rest of the line and what follows it directly.
    pub hole: (u32, u32),
}

impl Cursor {
    /// Reads the cursor at byte `at` of `rope`, whose tokens are in `sheet`.
    ///
    /// Errors: the silence that the place demands.
    pub fn read(
        rope: &Rope,
        sheet: &Sheet,
        at: usize,
        syntax: &Syntax,
        words: &Words,
    ) -> Result<Cursor, Silence> {
        let line = rope.try_byte_to_line(at).map_err(|_| Silence::Nowhere)?;
        let start = rope.line_to_byte(line);
        let end = start + rope.line(line).len_bytes();
        if end - start > MAX_LINE {
            return Err(Silence::TooLarge);
        }
        let slice = |a, b| rope.get_byte_slice(a..b).map(Cow::from);
        let (before, after) = slice(start, at)
            .zip(slice(at, end))
            .ok_or(Silence::Nowhere)?;
        let (from, inside, last_indent, upto) = sheet.place(start);
        let mut pieces = Vec::new();
        let ended = lex_line(&before, syntax, inside, &mut pieces);
        if ended.comment {
            return Err(Silence::InComment);
        }
        if ended.inside != CODE && pieces.last().is_none_or(|p| !p.open) {
            return Err(Silence::InString);
        }
        let after = after.trim();
        let unfinished = pieces.pop_if(|p| touches(&before, p));
        if unfinished.is_some() && after.bytes().next().is_some_and(is_word) {
            return Err(Silence::InWord);
        }
        let mut context: Vec<Token> = sheet.tokens()[from.saturating_sub(FAR)..from].to_vec();
        context.push(break_of(last_indent, indent_of(&before)));
        let known = |p: &Piece| {
            words
                .find(&before[p.start as usize..p.end as usize])
                .map_or(UNKNOWN, |n| n << 1 | u32::from(p.blank))
        };
        context.extend(pieces.iter().map(known));
        let first = match &unfinished {
            Some(p) => First::Word(p.blank),
            None if pieces.is_empty() => First::Line,
            None if before.ends_with([' ', '\t']) => First::Blank,
            None => First::Any,
        };
        let typed = unfinished.map_or("", |p| &before[p.start as usize..]);
        let mut following = Vec::new();
        lex_line(after, syntax, CODE, &mut following);
        let next = following
            .first()
            .map_or("", |p| &after[p.start as usize..p.end as usize]);
        Ok(Cursor {
            hole: ((from + 1 + pieces.len()).min(upto) as u32, upto as u32 + 1),
            context,
            on_line: pieces.len(),
            after: sheet.tokens()[upto..].iter().take(AFTER).copied().collect(),
            typed: typed.to_owned(),
            first,
            next: next.to_owned(),
        })
    }
}

/// Whether the piece ends at the cursor and could go on.
fn touches(before: &str, piece: &Piece) -> bool {
    let text = &before.as_bytes()[piece.start as usize..];
    let wordy = text
        .first()
        .is_some_and(|b| is_word(*b) || matches!(b, b'#' | b'\''));
    let closed = text.len() > 1 && text.last().is_some_and(|b| matches!(b, b'\'' | b'"'));
    piece.end as usize == before.len() && (piece.open || wordy && !closed)
}
