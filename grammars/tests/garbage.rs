//! Whatever bytes a file holds, every grammar answers something.

use std::time::Duration;

use nextline_grammars::{Capture, Language, Symbol, Syntax};
use proptest::prelude::*;

fn try_all(row: &'static Language, bytes: &[u8], at: usize) -> Result<(), TestCaseError> {
    let text = |byte: usize| bytes.get(byte..).unwrap_or_default();
    let syntax = Syntax::parse(row, text, Duration::MAX);
    let syntax = syntax.ok_or_else(|| TestCaseError::fail(row.id()))?;
    syntax.errors();
    syntax.captured(Capture::String, 0..bytes.len());
    for at in [at, bytes.len(), bytes.len() + 9] {
        let place = syntax.place(at, text);
        let ranges = [place.block, place.function, place.class, place.definition];
        for range in ranges.into_iter().flatten() {
            prop_assert!(range.end <= bytes.len(), "{} {range:?}", row.id());
        }
    }
    for Symbol {
        name,
        range,
        signature,
        ..
    } in syntax.outline(text)
    {
        prop_assert!(
            range.start <= name.start && name.end <= range.end,
            "{}",
            row.id()
        );
        prop_assert!(
            range.start == signature.start && signature.end <= range.end,
            "{}",
            row.id()
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_of_any_kind(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..400) {
        for row in Language::all().iter().filter(|row| row.has_grammar()) {
            try_all(row, &bytes, at)?;
        }
    }

    #[test]
    fn text_that_looks_like_code(
        text in r#"([a-z]{1,4}|[ \n\t]|[(){}\[\]<>]|["'`#;:,.=\\$/*@!-]|fn |def |end|if |<a>|---|é|𝄞){0,200}"#,
        at in 0usize..400,
    ) {
        for row in Language::all().iter().filter(|row| row.has_grammar()) {
            try_all(row, text.as_bytes(), at)?;
        }
    }
}

/// Scanners are C, and some look characters up in tables.
#[test]
fn characters_of_any_number_behind_what_scanners_wait_for() {
    let heads = [
        "{", "a {", "a {1..", "$", "a ${", "<<", "#", "\"", "'", "@", "%", "\\",
    ];
    for row in Language::all().iter().filter(|row| row.has_grammar()) {
        for head in heads {
            for character in [
                '\u{80}',
                'é',
                '€',
                '\u{fffd}',
                '😀',
                '\u{e0000}',
                '\u{10ffff}',
            ] {
                let text = format!("{head}{character}{character}}}\n");
                let tried = try_all(row, text.as_bytes(), text.len());
                assert!(tried.is_ok(), "{} {text:?} {tried:?}", row.id());
            }
        }
    }
}
