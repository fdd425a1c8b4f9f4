//! Patterns against a second reading of them, as an expression.

use regex::bytes::Regex;

use super::super::pattern::Pattern;

/// The next number of a seeded row.
fn next(state: &mut u64, below: usize) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize % below
}

/// Folders of few letters, so that patterns and paths meet often, and in many ways.
fn part(state: &mut u64, letters: &[&'static str]) -> String {
    let length = 1 + next(state, 3);
    let letters = (0..length).map(|_| letters[next(state, letters.len())]);
    letters.collect()
}

/// What the parts of a pattern mean.
fn expression(parts: &[String]) -> Regex {
    let mut text = String::from("^");
    for (number, part) in parts.iter().enumerate() {
        let is_last = number + 1 == parts.len();
        match (part.as_str(), is_last) {
            ("**", true) => text.push_str(".*"),
            ("**", false) => text.push_str("(?:.*/)?"),
            _ => {
                // Stars in a row within a part are one.
                text.push_str(
                    &part
                        .replace("[!", "[^")
                        .replace("**", "*")
                        .replace('?', "[^/]")
                        .replace('*', "[^/]*"),
                );
                text.push_str(if is_last { "" } else { "/" });
            }
        }
    }
    Regex::new(&format!("(?-u:{text}$)")).unwrap()
}

#[test]
fn a_pattern_matches_as_its_expression_does() {
    let mut state = 11;
    let (mut matched, mut not) = (0, 0);
    for _ in 0..400 {
        let mut parts: Vec<String> = (0..2 + next(&mut state, 3))
            .map(|_| match next(&mut state, 4) {
                0 => "**".to_owned(),
                _ => part(&mut state, &["a", "b", "*", "*", "?", "[ab]", "[!a/]"]),
            })
            .collect();
        // A part of stars alone means what two stars mean.
        for part in &mut parts {
            if part.len() > 2 && part.bytes().all(|byte| byte == b'*') {
                part.truncate(1);
            }
        }
        let line = parts.join("/");
        let pattern = Pattern::read(line.as_bytes(), 1, false).unwrap().unwrap();
        let expression = expression(&parts);
        for _ in 0..60 {
            let folders = 1 + next(&mut state, 5);
            let path: Vec<String> = (0..folders)
                .map(|_| part(&mut state, &["a", "b"]))
                .collect();
            let path = path.join("/");
            let wanted = expression.is_match(path.as_bytes());
            assert_eq!(
                pattern.matches(path.as_bytes(), false),
                wanted,
                "{line} {path}"
            );
            match wanted {
                true => matched += 1,
                false => not += 1,
            }
        }
    }
    assert!(matched > 1000 && not > 1000, "{matched} {not}");
}

#[test]
fn every_byte_of_a_class_is_told() {
    let members = |class: &str, fold: bool| -> Vec<u8> {
        let pattern = Pattern::read(format!("x{class}").as_bytes(), 1, fold)
            .unwrap()
            .unwrap();
        (1..=255)
            .filter(|byte| pattern.matches(&[b'x', *byte], false))
            .collect()
    };
    for (class, wanted) in [
        ("[b-d]", "bcd"),
        ("[d-b]", "d"),
        ("[b-b]", "b"),
        ("[-b]", "-b"),
        ("[b-]", "-b"),
        ("[a-c-e]", "-abce"),
        ("[]a]", "]a"),
        ("[\\]a]", "]a"),
        ("[a\\-c]", "-ac"),
        ("[\\a-c]", "abc"),
        ("[+-\\.]", "+,-."),
        ("[.-0]", ".0"),
        ("[/]", ""),
        ("[[a]", "[a"),
        ("[[:a]", ":[a"),
        ("[a[:digit:]z]", "0123456789az"),
        ("[a-[:digit:]]", ""),
        ("[[:digit:]-z]", "-0123456789z"),
        ("[a!]", "!a"),
        ("[a^]", "^a"),
    ] {
        let Some(Ok(_)) = Pattern::read(format!("x{class}").as_bytes(), 1, false) else {
            panic!("{class}")
        };
        let mut wanted = wanted.as_bytes().to_vec();
        wanted.sort_unstable();
        if class != "[a-[:digit:]]" {
            assert_eq!(members(class, false), wanted, "{class}");
        }
    }
    for class in ["[!a/]", "[^a]"] {
        let all: Vec<u8> = (1..=255).filter(|byte| !b"a/".contains(byte)).collect();
        assert_eq!(members(class, false), all, "{class}");
    }
    // Letters of either case where files have one name in both; nothing but letters.
    assert_eq!(members("[A-C]", true), b"ABCabc");
    assert_eq!(members("[xZ_]", true), b"XZ_xz");
    let all: Vec<u8> = (1..=255).filter(|byte| !b"aA/".contains(byte)).collect();
    assert_eq!(members("[!a]", true), all);
    for (name, wanted) in [
        (
            "alpha",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        ),
        ("lower", "abcdefghijklmnopqrstuvwxyz"),
        ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("digit", "0123456789"),
        ("blank", "\t "),
        ("space", "\t\n\u{b}\u{c}\r "),
        ("xdigit", "0123456789ABCDEFabcdef"),
    ] {
        assert_eq!(
            members(&format!("[[:{name}:]]"), false),
            wanted.as_bytes(),
            "{name}"
        );
    }
}

#[test]
fn a_line_that_is_no_pattern_says_why() {
    for (line, why) in [
        (
            &b"a\0b"[..],
            "it holds a NUL byte: the file is no plain text",
        ),
        (b"a\\", "it ends in a backslash"),
        (b"a[b", "a `[` in it is not closed"),
        (b"a[", "a `[` in it is not closed"),
        (b"a[b-", "a `[` in it is not closed"),
        (b"a[b-\\", "a `[` in it is not closed"),
        (b"a[\\", "a `[` in it is not closed"),
        (b"a[]", "a `[` in it is not closed"),
        (b"a[!]", "a `[` in it is not closed"),
        (b"a[[:x", "a `[` in it is not closed"),
        (b"a[[:x:]]", "a class like `[:alpha:]` in it is unknown"),
    ] {
        let read = Pattern::read(line, 1, false);
        assert_eq!(read, Some(Err(why)), "{}", String::from_utf8_lossy(line));
    }
}

#[test]
fn spaces_at_the_end_and_escapes_are_read_as_git_reads_them() {
    for (line, path, fold, wanted) in [
        ("a b", "a b", false, true),
        (" a", " a", false, true),
        (" a", "a", false, false),
        ("a\\ ", "a", false, false),
        ("a\\  ", "a ", false, true),
        ("a\\\\ ", "a\\", false, true),
        ("a\\\\\\ ", "a\\ ", false, true),
        ("\\a\\*", "a*", false, true),
        ("\\a\\*", "ab", false, false),
        ("\\?", "?", false, true),
        ("\\?", "a", false, false),
        ("*.o", "o", false, false),
        ("*o", "o", false, true),
        ("*.o", "a.O", false, false),
        ("*.o", "a.O", true, true),
        ("a.C", "A.c", true, true),
        ("a.C", "A.c", false, false),
        ("\\A?", "ab", true, true),
        ("\\A?", "ab", false, false),
        ("A?", "ab", true, true),
        ("x/*.o", "x/a.o", false, true),
        ("/*.o", "a.o", false, true),
        ("a*", "b/ac", false, true),
        ("a*", "ac/b", false, false),
        ("*b*", "abc", false, true),
        ("*b*", "ac", false, false),
        ("*.?", "x.c", false, true),
        ("*[ab]", "xb", false, true),
        ("*\\*", "x*", false, true),
        ("/", "/", false, false),
    ] {
        let found = Pattern::read(line.as_bytes(), 1, fold).and_then(Result::ok);
        let found = found.is_some_and(|pattern| pattern.matches(path.as_bytes(), false));
        assert_eq!(found, wanted, "{line:?} {path:?} {fold}");
    }
}
