//! Random edits in three encodings against a model that is a vector of code units.

use proptest::prelude::*;

use super::*;

/// The reference: plain lines, plain units, no rope.
fn model_byte(text: &str, position: Position, encoding: Encoding) -> Option<usize> {
    let mut start = 0;
    let mut rest = text;
    for _ in 0..position.line {
        let Some(end) = rest.find(['\n', '\r']) else {
            return Some(text.len());
        };
        let width = if rest[end..].starts_with("\r\n") {
            2
        } else {
            1
        };
        start += end + width;
        rest = &rest[end + width..];
    }
    let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
    let mut units = 0;
    for (at, character) in line.char_indices() {
        if units == position.character as usize {
            return Some(start + at);
        }
        units += match encoding {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
            Encoding::Utf32 => 1,
        };
        if units > position.character as usize {
            return None;
        }
    }
    Some(start + line.len())
}

fn piece() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "a",
            "fn ",
            "\n",
            "\r\n",
            "\r",
            "\u{85}",
            "\u{2028}",
            "\u{c}",
            "é",
            "漢",
            "😀",
            "👩\u{200d}🚀",
            "\u{feff}",
            "\t",
            "}",
            "",
        ]),
        0..8,
    )
    .prop_map(|parts| parts.concat())
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop::sample::select(ENCODINGS.map(|(encoding, _)| encoding).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn edits_equal_the_model(
        first in piece(),
        encoding in encoding(),
        edits in prop::collection::vec((0u32..6, 0u32..12, 0u32..3, 0u32..12, piece()), 1..40),
    ) {
        let mut model = first.clone();
        let mut text = Text::from(first.as_str());
        for (line, character, lines, end, with) in edits {
            let from = Position { line, character };
            let to = Position { line: line + lines, character: if lines == 0 { character + end } else { end } };
            let expected = model_byte(&model, from, encoding).zip(model_byte(&model, to, encoding));
            let span = text.span(from, to, encoding).ok().map(|span| (span.start.0, span.end.0));
            prop_assert_eq!(span, expected, "{:?} {:?} in {:?}", from, to, model);
            let Some((start, end)) = span else { continue };
            model.replace_range(start..end, &with);
            text.replace(Byte(start)..Byte(end), &with);
            prop_assert!(text == *model.as_str());
            for line in 0..9 {
                let edge = |character| model_byte(&model, Position { line, character }, Encoding::Utf8).map(Byte);
                let span = text.line_span(line as usize);
                prop_assert_eq!((Some(span.start), Some(span.end)), (edge(0), edge(u32::MAX)), "line {} of {:?}", line, model);
            }
            let back = text.position(Byte(start), encoding);
            let again = text.byte_at(back, encoding);
            prop_assert!(again == Ok(Byte(start)) || splits_crlf(&model, start), "{} is {:?} is {:?} in {:?}", start, back, again, model);
        }
    }
}

/// CR and LF that meet are one line break: the place between them has no position of its own.
fn splits_crlf(text: &str, at: usize) -> bool {
    text[..at].ends_with('\r') && text[at..].starts_with('\n')
}

/// 500 runs of up to 39 edits are about 10,000 edits; `NEXTLINE_EDITS` asks for more.
fn cases() -> u32 {
    std::env::var("NEXTLINE_EDITS")
        .ok()
        .and_then(|edits| edits.parse::<u32>().ok())
        .map_or(1000, |edits| edits / 20)
}

#[test]
fn positions_clamp_as_lsp_says() {
    let text = Text::from("ab\r\nc😀d\rlast");
    let cases = [
        ((0, 9), Some(2)),
        ((1, 1), Some(5)),
        ((1, 2), None),
        ((1, 3), Some(9)),
        ((2, u32::MAX), Some(15)),
        ((u32::MAX, 0), Some(15)),
    ];
    for ((line, character), expected) in cases {
        let got = text
            .byte_at(Position { line, character }, Encoding::Utf16)
            .ok()
            .map(|byte| byte.0);
        assert_eq!(got, expected, "{line}:{character}");
    }
    assert_eq!(
        text.byte_near(
            Position {
                line: 1,
                character: 2
            },
            Encoding::Utf16
        ),
        Byte(5)
    );
    let reversed = text.span(
        Position {
            line: 1,
            character: 0,
        },
        Position {
            line: 0,
            character: 0,
        },
        Encoding::Utf16,
    );
    assert_eq!(reversed, Err(BadPosition::Reversed));
}

/// Longer than any chunk of a rope, with characters of every width.
fn long() -> String {
    "añ漢😀\n".repeat(2_000)
}

#[test]
fn a_place_in_any_chunk_is_its_characters_start() {
    let long = long();
    let text = Text::from(long.as_str());
    assert!(text.rope().chunks().count() > 3);
    for at in (0..long.len()).step_by(7) {
        let floor = (0..=at).rev().find(|at| long.is_char_boundary(*at));
        assert_eq!(Some(text.floor(Byte(at)).0), floor, "{at}");
        let end = (at + 5_000).min(long.len());
        let (from, to) = (text.floor(Byte(at)).0, text.floor(Byte(end)).0);
        assert_eq!(text.bytes(at..end), long[from..to], "{at}..{end}");
    }
    assert_eq!(text.bytes(std::ops::Range { start: 9, end: 3 }), "");
    assert_eq!(text.bytes(0..usize::MAX), long);
}

#[test]
fn a_line_in_any_chunk_ends_before_its_break() {
    for line_break in ["\n", "\r\n", "\r"] {
        let long = long().replace('\n', line_break);
        let text = Text::from(long.as_str());
        let width = "añ漢😀".len() + line_break.len();
        for line in 0..2_000 {
            let start = line * width;
            let end = Byte(start + "añ漢😀".len());
            assert_eq!(
                text.line_span(line),
                Byte(start)..end,
                "{line_break:?} {line}"
            );
        }
        for past in [2_000, 2_001, usize::MAX] {
            assert_eq!(text.line_span(past), text.end()..text.end());
        }
    }
}

#[test]
fn a_place_has_a_character_on_each_side() {
    let text = Text::from("a😀\n");
    for (at, before, after) in [
        (0, None, Some('a')),
        (1, Some('a'), Some('😀')),
        (5, Some('😀'), Some('\n')),
        (6, Some('\n'), None),
        (99, Some('\n'), None),
    ] {
        assert_eq!(text.char_before(Byte(at)), before, "{at}");
        assert_eq!(text.char_at(Byte(at)), after, "{at}");
    }
}

#[test]
fn a_nul_near_the_start_makes_a_text_binary() {
    for (text, binary) in [
        (String::new(), false),
        (long(), false),
        ("a\0".into(), true),
        ("a".repeat(7_999) + "\0", true),
        ("a".repeat(8_000) + "\0", false),
    ] {
        assert_eq!(
            Text::from(text.as_str()).is_binary(),
            binary,
            "{}",
            text.len()
        );
    }
}

#[test]
fn a_text_is_what_stands_in_it() {
    let text = Text::from("é");
    assert!(text == *"é" && text != *"e" && text != *"");
    assert!(!text.is_empty() && Text::default().is_empty());
    assert_eq!((text.len(), text.end()), (2, Byte(2)));
    assert_eq!(units("aé😀"), 4);
}

#[test]
fn the_first_known_encoding_that_is_offered_is_taken() {
    for (offered, taken) in [
        (&["utf-8", "utf-16"][..], "utf-8"),
        (&["utf-7", "utf-32", "utf-8"], "utf-32"),
        (&["utf-16"], "utf-16"),
        (&["UTF-8"], "utf-16"),
        (&[], "utf-16"),
    ] {
        assert_eq!(Encoding::negotiate(offered.iter().copied()).name(), taken);
    }
}
