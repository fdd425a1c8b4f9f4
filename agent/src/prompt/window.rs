//! How much of a file and of other places fits into a budget of tokens.

use super::{Budget, FimAsk, Hole, Piece, Source};

/// Bytes of source code a token, as a rule of thumb over the common tokenizers.
const BYTES_PER_TOKEN: f64 = 3.5;
/// Part of the window that the text after the cursor may take when both sides are long.
const SUFFIX_SHARE: f64 = 0.25;
/// Part of the budget that pieces from elsewhere may take.
const PIECES_SHARE: f64 = 0.4;
/// Bytes that a template spends around one piece, beside its path.
const PIECE_FRAME: usize = 24;
/// Steps of the window in which the start of a long prefix moves: in between a server's prompt cache serves it.
const STEPS: usize = 8;

/// What of a budget goes where, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// All pieces together, frames included.
    pub pieces: usize,
    /// What a piece costs beside its text and its path.
    pub frame: usize,
    /// The prefix, when the pieces take all that they may.
    pub before: usize,
    /// The suffix, likewise.
    pub after: usize,
}

/// The shares of a budget where so many bytes stand before and after the cursor.
pub fn shares(budget: Budget, before: usize, after: usize) -> Shares {
    let bytes = bytes(budget);
    let pieces = (bytes as f64 * PIECES_SHARE) as usize;
    let (before, after) = sides(bytes - pieces, before, after);
    Shares {
        pieces,
        frame: PIECE_FRAME,
        before,
        after,
    }
}

fn bytes(budget: Budget) -> usize {
    (f64::from(budget.context_tokens) * BYTES_PER_TOKEN) as usize
}

/// A side that needs less than its share leaves the rest to the other.
fn sides(room: usize, before: usize, after: usize) -> (usize, usize) {
    let after = after.min(((room as f64 * SUFFIX_SHARE) as usize).max(room.saturating_sub(before)));
    (before.min(room - after), after)
}

/// Where pieces go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pieces {
    /// They have a place of their own.
    Beside,
    /// In comments above the prefix.
    Above,
}

/// `ask` cut to `budget`, without any of the `control` strings in what a person wrote; and what was kept of which file, the current one
/// first, then the pieces in their order.
pub(super) fn cut(
    ask: &FimAsk<'_>,
    control: &[String],
    budget: Budget,
    pieces: Pieces,
) -> (Hole, Vec<Source>) {
    let bytes = bytes(budget);
    let pieces_room = (bytes as f64 * PIECES_SHARE) as usize;
    let comment = ask.comment.filter(|_| pieces == Pieces::Above);
    let kept = match (pieces, comment) {
        (Pieces::Above, None) => Vec::new(),
        _ => fitting(ask.pieces, control, pieces_room, comment),
    };
    let spent: usize = kept.iter().map(|piece| weight(piece, comment)).sum();
    let room = bytes.saturating_sub(spent);
    let (before, after) = sides(room, ask.prefix.len(), ask.suffix.len());
    let suffix = head(ask.suffix, after);
    let prefix = tail(ask.prefix, before, ask.offset, bytes / STEPS);
    let mut hole = Hole {
        path: clean(ask.path, control),
        language: clean(ask.language, control),
        prefix: clean(prefix, control),
        suffix: clean(suffix, control),
        pieces: Vec::new(),
    };
    let mut sources = vec![Source::at_cursor(ask, &hole)];
    sources.extend(kept.iter().map(Source::from));
    match comment {
        Some(comment) => {
            let mut text = String::with_capacity(spent + hole.prefix.len());
            comment_out(&mut text, &kept, comment);
            text.push_str(&hole.prefix);
            hole.prefix = text;
        }
        None => hole.pieces = kept,
    }
    (hole, sources)
}

/// Writes pieces as comments: each under its path.
fn comment_out(text: &mut String, pieces: &[Piece], (open, close): (&str, &str)) {
    let mut line = |line: &str| {
        let space = if line.is_empty() { "" } else { " " };
        let end = if close.is_empty() { "" } else { " " };
        for part in [open, space, line, end, close, "\n"] {
            text.push_str(part);
        }
    };
    for piece in pieces {
        line(&format!("From {}:", piece.path));
        piece.text.lines().for_each(&mut line);
    }
}

/// Bytes that a piece takes.
fn weight(piece: &Piece, comment: Option<(&str, &str)>) -> usize {
    let marks = comment.map_or(0, |(open, close)| {
        (open.len() + close.len() + 2) * (lines(&piece.text) + 1)
    });
    piece.path.len() + piece.text.len() + PIECE_FRAME + marks
}

/// As many as `str::lines` gives.
fn lines(text: &str) -> usize {
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    breaks + usize::from(!text.is_empty() && !text.ends_with('\n'))
}

fn fitting(
    pieces: &[Piece],
    control: &[String],
    mut room: usize,
    comment: Option<(&str, &str)>,
) -> Vec<Piece> {
    let mut kept = Vec::new();
    for piece in pieces {
        if let Some(left) = room.checked_sub(weight(piece, comment)) {
            room = left;
            kept.push(Piece {
                path: clean(&piece.path, control),
                text: clean(&piece.text, control),
                ..piece.clone()
            });
        }
    }
    kept
}

/// The end of `text`, at most `room` bytes, from the start of a line; from within the line when the last line alone is longer. `text`
/// begins at the byte `offset` of its file; where it is cut are steps of so many bytes of the file.
fn tail(text: &str, room: usize, offset: usize, step: usize) -> &str {
    if text.len() <= room {
        return text;
    }
    let least = text.len() - room;
    let stepped = (offset + least).next_multiple_of(step.max(1)) - offset;
    let mut from = if stepped < text.len() { stepped } else { least };
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let cut = &text[from..];
    if text.as_bytes()[from - 1] == b'\n' {
        return cut;
    }
    match cut.find('\n') {
        Some(end) => &cut[end + 1..],
        None => cut,
    }
}

/// The start of `text`, at most `room` bytes, to the end of a line; to within the line when the first line alone is longer.
fn head(text: &str, room: usize) -> &str {
    if text.len() <= room {
        return text;
    }
    let mut to = room;
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let cut = &text[..to];
    match cut.rfind('\n') {
        Some(end) => &cut[..=end],
        None => cut,
    }
}

/// `text` without any of the `control` strings: in a prompt they would be commands.
fn clean(text: &str, control: &[String]) -> String {
    let mut text = text.to_owned();
    // What is taken out may join its neighbours into the next one, so this goes on until nothing is found.
    while let Some(token) = control.iter().find(|token| text.contains(token.as_str())) {
        text = text.replace(token.as_str(), "");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask<'a>(prefix: &'a str, suffix: &'a str, pieces: &'a [Piece]) -> FimAsk<'a> {
        FimAsk {
            path: "src/a.rs",
            language: "rust",
            prefix,
            suffix,
            pieces,
            ..FimAsk::default()
        }
    }

    #[test]
    fn lines_are_counted_as_they_are_split() {
        for text in ["", "a", "a\n", "\n", "a\nb", "a\r\nb\r\n", "\n\n"] {
            assert_eq!(lines(text), text.lines().count(), "{text:?}");
        }
    }

    #[test]
    fn sides_are_cut_to_whole_lines() {
        for (text, room, end, start) in [
            ("one\ntwo\nthree", 100, "one\ntwo\nthree", "one\ntwo\nthree"),
            ("one\ntwo\nthree", 9, "two\nthree", "one\ntwo\n"),
            ("one\ntwo\nthree", 6, "three", "one\n"),
            ("one\ntwo\nthree", 5, "three", "one\n"),
            ("one\ntwo\nthree", 3, "ree", "one"),
            ("äöü", 3, "ü", "ä"),
            ("äöü", 0, "", ""),
        ] {
            assert_eq!(tail(text, room, 0, 1), end, "{text:?} {room}");
            assert_eq!(head(text, room), start, "{text:?} {room}");
        }
    }

    #[test]
    fn the_budget_is_kept_and_shared() {
        let long = "0123456\n".repeat(1000);
        let budget = Budget {
            context_tokens: 1000,
            max_tokens: 1,
        };
        let (both, _) = cut(&ask(&long, &long, &[]), &[], budget, Pieces::Beside);
        assert!(both.prefix.len() + both.suffix.len() <= 3500);
        assert!(
            (2630 - 437..=2630).contains(&both.prefix.len()),
            "{}",
            both.prefix.len()
        );
        let (lonely, _) = cut(&ask(&long, "", &[]), &[], budget, Pieces::Beside);
        assert!(lonely.prefix.len() > 3480 - 437);
        let (early, _) = cut(&ask("", &long, &[]), &[], budget, Pieces::Beside);
        assert!(early.suffix.len() > 3480);
        let piece = Piece {
            path: "b.rs".into(),
            text: "x\n".repeat(300),
            lines: 4..304,
            ..Piece::default()
        };
        let pieces = [
            piece.clone(),
            Piece {
                path: "c.rs".into(),
                text: long.clone(),
                ..Piece::default()
            },
            piece,
        ];
        let (with, sources) = cut(&ask(&long, &long, &pieces), &[], budget, Pieces::Beside);
        assert_eq!(
            with.pieces.len(),
            2,
            "the one that does not fit is left out"
        );
        let all: usize = with.pieces.iter().map(|piece| weight(piece, None)).sum();
        assert!(with.prefix.len() + with.suffix.len() + all <= 3500);
        assert_eq!(sources.len(), 3);
        assert_eq!(
            sources[0].bytes as usize,
            with.prefix.len() + with.suffix.len()
        );
        assert_eq!((&sources[2].lines, sources[2].bytes), (&(4..304), 600));
    }

    #[test]
    fn a_long_prefix_begins_alike_while_one_types() {
        let file = "0123456\n".repeat(2000);
        let budget = Budget {
            context_tokens: 1000,
            max_tokens: 1,
        };
        let mut starts = std::collections::BTreeSet::new();
        for at in 8000..8400 {
            let reach = at - 4000;
            let asked = FimAsk {
                offset: reach,
                ..ask(&file[reach..at], &file[at..], &[])
            };
            let (hole, _) = cut(&asked, &[], budget, Pieces::Beside);
            starts.insert(at - hole.prefix.len());
        }
        assert!(starts.len() <= 2, "{starts:?}");
    }

    #[test]
    fn pieces_without_a_place_of_their_own_stand_in_comments() {
        let piece = Piece {
            path: "b.py".into(),
            text: "def b():\n\n    pass\n".into(),
            lines: 1..4,
            ..Piece::default()
        };
        let pieces = [piece];
        let budget = Budget {
            context_tokens: 1000,
            max_tokens: 1,
        };
        for (comment, prefix, sources) in [
            (
                Some(("#", "")),
                "# From b.py:\n# def b():\n#\n#     pass\nb",
                2,
            ),
            (
                Some(("<!--", "-->")),
                "<!-- From b.py: -->\n<!-- def b(): -->\n<!-- -->\n<!--     pass -->\nb",
                2,
            ),
            (None, "b", 1),
        ] {
            let asked = FimAsk {
                comment,
                ..ask("b", "", &pieces)
            };
            let (hole, from) = cut(&asked, &[], budget, Pieces::Above);
            assert_eq!((hole.prefix.as_str(), from.len()), (prefix, sources));
            assert_eq!(from[0].bytes, 1, "comments are no part of the file");
            assert!(hole.pieces.is_empty());
        }
    }

    #[test]
    fn control_strings_never_survive() {
        let control = ["<a>".to_owned(), "<b>".to_owned()];
        for (text, cleaned) in [
            ("x<a>y<b>", "xy"),
            ("<<a>a><<b>b>z", "z"),
            ("<<b>a>", ""),
            ("<c>", "<c>"),
        ] {
            assert_eq!(clean(text, &control), cleaned);
        }
    }
}
