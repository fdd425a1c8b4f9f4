//! Text as a rope with byte offsets; the only room that knows UTF-8, UTF-16 and UTF-32 columns.
//!
//! Lines end at LF, CRLF and CR and nowhere else (LSP 3.18, "Text Documents"): ropey is built with `cr_lines` only.

use std::ops::{Add, Range, Sub};

use nextline_protocol::document::Position;
use ropey::{Rope, RopeSlice};

/// A byte offset into a text (UTF-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Byte(pub usize);

impl Add<usize> for Byte {
    type Output = Byte;
    fn add(self, bytes: usize) -> Byte {
        Byte(self.0 + bytes)
    }
}

impl Sub<usize> for Byte {
    type Output = Byte;
    fn sub(self, bytes: usize) -> Byte {
        Byte(self.0.saturating_sub(bytes))
    }
}

/// Units of LSP's default encoding in a text: what Copilot's clients count in, whatever was negotiated.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What a `character` of the client counts (LSP `PositionEncodingKind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// 16-bit units: the default of LSP.
    #[default]
    Utf16,
    /// Code points.
    Utf32,
}

/// Names of LSP, in our order of preference.
pub const ENCODINGS: [(Encoding, &str); 3] = [
    (Encoding::Utf8, "utf-8"),
    (Encoding::Utf16, "utf-16"),
    (Encoding::Utf32, "utf-32"),
];

impl Encoding {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        ENCODINGS
            .iter()
            .find(|(encoding, _)| *encoding == self)
            .map_or("utf-16", |(_, name)| name)
    }

    /// The first of the client's names that is known; the client lists them in its order of preference.
    pub fn negotiate<'a>(offered: impl IntoIterator<Item = &'a str>) -> Encoding {
        offered
            .into_iter()
            .find_map(|name| {
                ENCODINGS
                    .iter()
                    .find(|(_, known)| *known == name)
                    .map(|(encoding, _)| *encoding)
            })
            .unwrap_or_default()
    }
}

/// A position that names no place between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPosition {
    /// Inside a character (mid-surrogate, mid-byte).
    #[error("position {line}:{character} is inside a character")]
    InsideCharacter {
        /// From 0.
        line: u32,
        /// From 0, in the negotiated unit.
        character: u32,
    },
    /// The end of a range comes before its start.
    #[error("the range ends before it starts")]
    Reversed,
}

/// One document's text. Clones share their nodes.
#[derive(Debug, Clone, Default)]
pub struct Text {
    rope: Rope,
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text {
            rope: Rope::from_str(text),
        }
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.rope == other
    }
}

impl Text {
    /// The rope itself, for readers that walk chunks.
    pub fn rope(&self) -> &Rope {
        &self.rope
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.rope.len_bytes()
    }

    /// True for the empty text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The last place.
    pub fn end(&self) -> Byte {
        Byte(self.len())
    }

    /// The line (from 0) that holds `at`; places past the end belong to the last line.
    pub fn line_of(&self, at: Byte) -> usize {
        self.rope.byte_to_line(at.0.min(self.len()))
    }

    /// The bytes of a line without its line break; lines past the end are empty at the end.
    pub fn line_span(&self, line: usize) -> Range<Byte> {
        if line >= self.rope.len_lines() {
            return self.end()..self.end();
        }
        let start = self.rope.line_to_byte(line);
        let end = self.rope.line_to_byte(line + 1);
        // A line break lies within one chunk (ropey, `Chunks`).
        let (chunk, begin, _, _) = self.rope.chunk_at_byte(end.saturating_sub(1));
        let head = chunk.as_bytes().get(..end - begin).unwrap_or_default();
        let line_break = match head {
            _ if start == end => 0,
            [.., b'\r', b'\n'] => 2,
            [.., b'\r' | b'\n'] => 1,
            _ => 0,
        };
        Byte(start)..Byte(end - line_break)
    }

    /// The text of a span, clamped to the document and widened to whole characters.
    pub fn slice(&self, span: Range<Byte>) -> String {
        let start = self.floor(span.start);
        let end = self.floor(span.end).max(start);
        let (mut at, mut text) = (start.0, String::with_capacity(end.0 - start.0));
        // Chunk by chunk: a slice of a rope counts its lines and characters, which nobody asks for here.
        while at < end.0 {
            let (chunk, begin, _, _) = self.rope.chunk_at_byte(at);
            let to = chunk.len().min(end.0 - begin);
            let Some(part) = chunk.get(at - begin..to).filter(|part| !part.is_empty()) else {
                break;
            };
            text.push_str(part);
            at = begin + to;
        }
        text
    }

    /// The text of a span in plain bytes, as trees and histories count.
    pub fn bytes(&self, span: Range<usize>) -> String {
        self.slice(Byte(span.start)..Byte(span.end))
    }

    /// The start of the character that holds `at`.
    pub fn floor(&self, at: Byte) -> Byte {
        let at = at.0.min(self.len());
        let (chunk, begin, _, _) = self.rope.chunk_at_byte(at);
        // A chunk begins with a whole character.
        let whole = (0..=at - begin)
            .rev()
            .find(|inside| chunk.is_char_boundary(*inside));
        Byte(begin + whole.unwrap_or_default())
    }

    /// The place of a position: a column past the line's end is the line's end, a line past the last is the document's end (LSP
    /// `Position`).
    pub fn byte_at(&self, position: Position, encoding: Encoding) -> Result<Byte, BadPosition> {
        let line = position.line as usize;
        if line >= self.rope.len_lines() {
            return Ok(self.end());
        }
        let start = self.rope.line_to_byte(line);
        let content = content(self.rope.line(line));
        offset(content, position.character as usize, encoding)
            .map(|offset| Byte(start + offset))
            .ok_or(BadPosition::InsideCharacter {
                line: position.line,
                character: position.character,
            })
    }

    /// As [`Text::byte_at`], but a place inside a character becomes that character's start.
    pub fn byte_near(&self, position: Position, encoding: Encoding) -> Byte {
        (0..4)
            .find_map(|back| {
                let character = position.character.saturating_sub(back);
                self.byte_at(
                    Position {
                        line: position.line,
                        character,
                    },
                    encoding,
                )
                .ok()
            })
            .unwrap_or_default()
    }

    /// The position of a place.
    pub fn position(&self, at: Byte, encoding: Encoding) -> Position {
        let at = self.floor(at);
        let line = self.rope.byte_to_line(at.0);
        let start = self.rope.line_to_byte(line);
        let before = self.rope.byte_slice(start..at.0);
        let character = match encoding {
            Encoding::Utf8 => before.len_bytes(),
            Encoding::Utf16 => before.len_utf16_cu(),
            Encoding::Utf32 => before.len_chars(),
        };
        Position {
            line: as_u32(line),
            character: as_u32(character),
        }
    }

    /// The span of a client's range, or why it is none.
    pub fn span(
        &self,
        start: Position,
        end: Position,
        encoding: Encoding,
    ) -> Result<Range<Byte>, BadPosition> {
        if (end.line, end.character) < (start.line, start.character) {
            return Err(BadPosition::Reversed);
        }
        let start = self.byte_at(start, encoding)?;
        Ok(start..self.byte_at(end, encoding)?.max(start))
    }

    /// Replaces a span that [`Text::span`] gave.
    pub fn replace(&mut self, span: Range<Byte>, with: &str) {
        let start = self.rope.byte_to_char(span.start.0.min(self.len()));
        let end = self.rope.byte_to_char(span.end.0.min(self.len()));
        if start < end {
            self.rope.remove(start..end);
        }
        if !with.is_empty() {
            self.rope.insert(start, with);
        }
    }

    /// The row and the byte column of a place, as tree-sitter counts them: only LF ends a row there.
    pub fn row_column(&self, at: Byte) -> (usize, usize) {
        let at = at.0.min(self.len());
        let line = self.rope.byte_to_line(at);
        (line, at - self.rope.line_to_byte(line))
    }

    /// The character before a place.
    pub fn char_before(&self, at: Byte) -> Option<char> {
        let index = self.rope.byte_to_char(at.0.min(self.len()));
        index
            .checked_sub(1)
            .and_then(|index| self.rope.get_char(index))
    }

    /// The character at a place.
    pub fn char_at(&self, at: Byte) -> Option<char> {
        self.rope
            .get_char(self.rope.byte_to_char(at.0.min(self.len())))
    }

    /// True if one of the first 8 KB is NUL: git's own test for a binary file.
    pub fn is_binary(&self) -> bool {
        let head = self.rope.get_byte_slice(..self.floor(Byte(8000)).0);
        let mut chunks = head.iter().flat_map(RopeSlice::chunks);
        chunks.any(|chunk| memchr::memchr(0, chunk.as_bytes()).is_some())
    }
}

/// A line without its line break.
fn content(line: RopeSlice<'_>) -> RopeSlice<'_> {
    let mut chars = line.len_chars();
    if chars > 0 && line.char(chars - 1) == '\n' {
        chars -= 1;
        if chars > 0 && line.char(chars - 1) == '\r' {
            chars -= 1;
        }
    } else if chars > 0 && line.char(chars - 1) == '\r' {
        chars -= 1;
    }
    line.slice(..chars)
}

/// The byte offset of `units` in a line; past its end is its end, inside a character is `None`.
fn offset(line: RopeSlice<'_>, units: usize, encoding: Encoding) -> Option<usize> {
    match encoding {
        Encoding::Utf8 => {
            let at = units.min(line.len_bytes());
            (line.char_to_byte(line.byte_to_char(at)) == at).then_some(at)
        }
        Encoding::Utf16 => {
            let at = units.min(line.len_utf16_cu());
            let index = line.utf16_cu_to_char(at);
            (line.char_to_utf16_cu(index) == at).then(|| line.char_to_byte(index))
        }
        Encoding::Utf32 => Some(line.char_to_byte(units.min(line.len_chars()))),
    }
}

fn as_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// True for the characters that words are made of.
#[inline]
pub fn is_word(character: char) -> bool {
    match character {
        '_' => true,
        _ if character.is_ascii() => character.is_ascii_alphanumeric(),
        _ => character.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests;
