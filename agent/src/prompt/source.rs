//! Which part of which file is in a prompt, and the rule that let it in: what the ledger keeps of a question.

use std::borrow::Cow;
use std::ops::Range;

use super::{FimAsk, Hole, Piece};

/// The rule under which the file at the cursor is read.
const AT_CURSOR: &str = "cursor";

/// A part of a file that went into a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file on disk, else its URI.
    pub path: String,
    /// Its lines, counted from 1; a line of which only a part went in counts.
    pub lines: Range<u32>,
    /// Bytes of its text in the prompt, before secrets in it are masked.
    pub bytes: u64,
    /// Why it was let in: `cursor` for the file that is completed, else as the piece says.
    pub rule: Cow<'static, str>,
}

impl Source {
    /// What was kept of the file at the cursor.
    pub(super) fn at_cursor(ask: &FimAsk<'_>, hole: &Hole) -> Source {
        let start = ask.line.saturating_sub(breaks(&hole.prefix));
        let end = ask.line + breaks(&hole.suffix);
        let whole = ends_line(&hole.suffix);
        Source {
            path: ask.file.to_owned(),
            lines: start..end + u32::from(!whole),
            bytes: (hole.prefix.len() + hole.suffix.len()) as u64,
            rule: AT_CURSOR.into(),
        }
    }
}

impl From<&Piece> for Source {
    fn from(piece: &Piece) -> Self {
        Source {
            path: piece.file.clone(),
            lines: piece.lines.clone(),
            bytes: piece.text.len() as u64,
            rule: piece.rule.clone(),
        }
    }
}

/// Line breaks in `text`: `\n`, `\r\n` and `\r`, as editors count.
fn breaks(text: &str) -> u32 {
    u32::try_from(str_indices::lines_crlf::count_breaks(text)).unwrap_or(u32::MAX)
}

fn ends_line(text: &str) -> bool {
    text.ends_with(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_current_file_are_those_that_were_kept() {
        for (prefix, suffix, line, lines) in [
            ("", "", 1, 1..2),
            ("let a = ", ";", 7, 7..8),
            ("let a = ", ";\n", 7, 7..8),
            ("a\nb\nc", "d\ne\n", 10, 8..12),
            ("a\r\nb\rc", "d\r\ne", 3, 1..5),
            ("a\n", "\nb", 2, 1..4),
        ] {
            let ask = FimAsk {
                line,
                ..FimAsk::default()
            };
            let hole = Hole {
                prefix: prefix.into(),
                suffix: suffix.into(),
                ..Hole::default()
            };
            let source = Source::at_cursor(&ask, &hole);
            assert_eq!(source.lines, lines, "{prefix:?} {suffix:?}");
            assert_eq!(source.bytes as usize, prefix.len() + suffix.len());
        }
    }
}
