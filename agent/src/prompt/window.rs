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

/// `ask` cut to `budget`, without any of the `control` strings in what a person wrote; and what was kept of which file, the current one
/// first, then the pieces in their order.
pub(super) fn cut(ask: &FimAsk<'_>, control: &[String], budget: Budget) -> (Hole, Vec<Source>) {
    let bytes = (f64::from(budget.context_tokens) * BYTES_PER_TOKEN) as usize;
    let pieces = fitting(ask.pieces, control, (bytes as f64 * PIECES_SHARE) as usize);
    let spent: usize = pieces.iter().map(weight).sum();
    let room = bytes.saturating_sub(spent);

    // A side that needs less than its share leaves the rest to the other.
    let after = ((room as f64 * SUFFIX_SHARE) as usize).max(room.saturating_sub(ask.prefix.len()));
    let suffix = head(ask.suffix, after);
    let prefix = tail(ask.prefix, room.saturating_sub(suffix.len()));
    let hole = Hole {
        path: clean(ask.path, control),
        language: clean(ask.language, control),
        prefix: clean(prefix, control),
        suffix: clean(suffix, control),
        pieces,
    };
    let mut sources = vec![Source::at_cursor(ask, &hole)];
    sources.extend(hole.pieces.iter().map(Source::from));
    (hole, sources)
}

fn weight(piece: &Piece) -> usize {
    piece.path.len() + piece.text.len() + PIECE_FRAME
}

fn fitting(pieces: &[Piece], control: &[String], mut room: usize) -> Vec<Piece> {
    let mut kept = Vec::new();
    for piece in pieces {
        if let Some(left) = room.checked_sub(weight(piece)) {
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

/// The end of `text`, at most `room` bytes, from the start of a line; from within the line when the last line alone is longer.
fn tail(text: &str, room: usize) -> &str {
    if text.len() <= room {
        return text;
    }
    let mut from = text.len() - room;
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
            assert_eq!(tail(text, room), end, "{text:?} {room}");
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
        let (both, _) = cut(&ask(&long, &long, &[]), &[], budget);
        assert!(both.prefix.len() + both.suffix.len() <= 3500);
        assert!(
            (2600..=2630).contains(&both.prefix.len()),
            "{}",
            both.prefix.len()
        );
        let (lonely, _) = cut(&ask(&long, "", &[]), &[], budget);
        assert!(lonely.prefix.len() > 3480);
        let (early, _) = cut(&ask("", &long, &[]), &[], budget);
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
        let (with, sources) = cut(&ask(&long, &long, &pieces), &[], budget);
        assert_eq!(
            with.pieces.len(),
            2,
            "the one that does not fit is left out"
        );
        let all: usize = with.pieces.iter().map(weight).sum();
        assert!(with.prefix.len() + with.suffix.len() + all <= 3500);
        assert_eq!(sources.len(), 3);
        assert_eq!(
            sources[0].bytes as usize,
            with.prefix.len() + with.suffix.len()
        );
        assert_eq!((&sources[2].lines, sources[2].bytes), (&(4..304), 600));
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
