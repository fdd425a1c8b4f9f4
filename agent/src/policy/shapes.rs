//! What keys look like: one row for each format, read from `prompts/secrets.txt`, told by how it begins and what follows.

use std::ops::Range;
use std::sync::OnceLock;

/// One format.
#[derive(Debug)]
pub struct Shape {
    /// How it begins.
    pub start: &'static str,
    /// What follows.
    pub set: Set,
    /// How many bytes of it at least. A cut or half typed key is one, too, so this is about half of what vendors give out.
    pub least: usize,
}

/// The letters that a key is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// `a`: letters and digits, of two sorts at least: the start alone says little.
    Mixed,
    /// `w`: letters, digits, `-` and `_`.
    Word,
    /// `d`: those and `.`.
    Dotted,
    /// `h`: hexadecimal digits.
    Hex,
    /// `u`: capital letters and digits.
    Capital,
    /// `b`: Base64 with all that belongs to it.
    Base64,
    /// `p`: what stands in the path of an address.
    Path,
}

impl Set {
    /// Whether a byte belongs to it.
    pub fn holds(self, byte: u8) -> bool {
        match self {
            Set::Mixed => byte.is_ascii_alphanumeric(),
            Set::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Set::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
            Set::Hex => byte.is_ascii_hexdigit(),
            Set::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Set::Base64 => byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte),
            Set::Path => byte.is_ascii_alphanumeric() || b"-_./$+=:%".contains(&byte),
        }
    }
}

/// Every row, in the order of the file.
pub fn all() -> &'static [Shape] {
    static ROWS: OnceLock<Vec<Shape>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = include_str!("../../prompts/secrets.txt").lines();
        lines.filter_map(row).collect()
    })
}

/// `name start set least`, with spaces between.
fn row(line: &'static str) -> Option<Shape> {
    let mut words = line.split_whitespace();
    // Whose key it is, for people.
    words.next().filter(|name| !name.starts_with('#'))?;
    let start = words.next()?;
    let set = match words.next()? {
        "a" => Set::Mixed,
        "w" => Set::Word,
        "d" => Set::Dotted,
        "h" => Set::Hex,
        "u" => Set::Capital,
        "b" => Set::Base64,
        _ => Set::Path,
    };
    Some(Shape {
        start,
        set,
        least: words.next()?.parse().ok()?,
    })
}

/// The rows by the first byte of their starts.
fn by_first_byte() -> &'static [Vec<&'static Shape>; 256] {
    static TABLE: OnceLock<Box<[Vec<&'static Shape>; 256]>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: Box<[Vec<&Shape>; 256]> = Box::new(std::array::from_fn(|_| Vec::new()));
        for shape in all() {
            table[usize::from(shape.start.as_bytes()[0])].push(shape);
        }
        table
    })
}

/// The key that begins at `at`, if one does.
pub fn key_at(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rows = &by_first_byte()[usize::from(text[at])];
    if rows.is_empty() || !is_start(text, at) {
        return None;
    }
    let second = text.get(at + 1);
    let rows = rows.iter().filter(|shape| {
        shape
            .start
            .as_bytes()
            .get(1)
            .is_none_or(|byte| Some(byte) == second)
    });
    let found = rows.filter_map(|shape| {
        let rest = text[at..].strip_prefix(shape.start.as_bytes())?;
        let run = rest
            .iter()
            .take_while(|byte| shape.set.holds(**byte))
            .count();
        let is_key = run >= shape.least && (shape.set != Set::Mixed || is_mixed(&rest[..run]));
        is_key.then(|| at..at + shape.start.len() + run)
    });
    found.max_by_key(|range| range.end)
}

/// Whether a word may begin there. What stands escaped before it, as in `\n` or `%20`, is no part of it.
pub fn is_start(text: &[u8], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|place| text[place]);
    let Some(last) = before(1).filter(u8::is_ascii_alphanumeric) else {
        return true;
    };
    let escaped = before(2) == Some(b'\\') && b"nrtbf".contains(&last);
    let percent = before(3) == Some(b'%')
        && last.is_ascii_hexdigit()
        && before(2).is_some_and(|byte| byte.is_ascii_hexdigit());
    escaped || percent
}

/// Bytes from `at` on at which no word may begin, because they are inside of one; as far as one look tells.
pub fn inside_word(text: &[u8], at: usize) -> usize {
    let letter = u8::is_ascii_alphanumeric;
    if !letter(&text[at]) || is_start(text, at) {
        return 0;
    }
    // Behind three letters none is part of an escape.
    match at >= 3 && text[at - 3..at].iter().all(letter) {
        true => text[at..].iter().take_while(|byte| letter(byte)).count(),
        false => 1,
    }
}

/// Letters of both cases, or letters and digits.
fn is_mixed(text: &[u8]) -> bool {
    let sorts = [
        text.iter().any(u8::is_ascii_lowercase),
        text.iter().any(u8::is_ascii_uppercase),
        text.iter().any(u8::is_ascii_digit),
    ];
    sorts.iter().filter(|there| **there).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_its_letters_by_one() {
        for (line, wanted) in [
            ("x k- a 4", Some(("k-", Set::Mixed, 4))),
            ("x k- w 4", Some(("k-", Set::Word, 4))),
            ("x k- d 4", Some(("k-", Set::Dotted, 4))),
            ("x k- h 4", Some(("k-", Set::Hex, 4))),
            ("x k- u 4", Some(("k-", Set::Capital, 4))),
            ("x k- b 4", Some(("k-", Set::Base64, 4))),
            ("  x   k-  p  4 ", Some(("k-", Set::Path, 4))),
            ("# k- a 4", None),
            ("", None),
            ("x k- a", None),
            ("x k- a four", None),
        ] {
            let row = row(line).map(|row| (row.start, row.set, row.least));
            assert_eq!(row, wanted, "{line}");
        }
        assert!(all().len() > 100);
    }

    #[test]
    fn the_inside_of_a_word_holds_no_start() {
        for text in [
            "abcdefgh ij",
            r"a\nbcdefg\tx",
            "%20abc%2Fdef",
            "ab_cdef-ghi9",
            "äbcdef",
        ] {
            let text = text.as_bytes();
            for at in 0..text.len() {
                let inside = inside_word(text, at);
                let next = (at..at + inside).find(|at| is_start(text, *at));
                assert_eq!(next, None, "{at}");
                let starts = !text[at].is_ascii_alphanumeric() || is_start(text, at);
                assert_eq!(inside == 0, starts, "{at}");
            }
        }
    }

    #[test]
    fn each_set_holds_its_letters_and_no_others() {
        let digits = "0123456789";
        let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let lower = upper.to_lowercase();
        let letters = [digits, upper, &lower].concat();
        for (set, wanted) in [
            (Set::Mixed, letters.clone()),
            (Set::Word, [&letters, "-_"].concat()),
            (Set::Dotted, [&letters, "-_."].concat()),
            (Set::Hex, [digits, "abcdefABCDEF"].concat()),
            (Set::Capital, [digits, upper].concat()),
            (Set::Base64, [&letters, "+/=-_"].concat()),
            (Set::Path, [&letters, "-_./$+=:%"].concat()),
        ] {
            for byte in 0..=255u8 {
                assert_eq!(
                    set.holds(byte),
                    wanted.as_bytes().contains(&byte),
                    "{set:?} {byte}"
                );
            }
        }
    }

    #[test]
    fn every_row_finds_its_shortest_key_and_nothing_shorter() {
        // As many kinds of letters as there are in any set.
        let letters = |set: Set, length: usize| -> String {
            let all = match set {
                Set::Capital => "A1",
                Set::Hex => "a1",
                _ => "a1B",
            };
            all.chars().cycle().take(length).collect()
        };
        let found = |text: &str, at: usize| key_at(text.as_bytes(), at).map(|range| range.end);
        for shape in all() {
            let key = |length: usize| format!("{}{}", shape.start, letters(shape.set, length));
            let least = shape.least.max(2);
            let whole = key(least);
            assert_eq!(found(&whole, 0), Some(whole.len()), "{whole}");
            assert!(
                found(&format!("{whole} x"), 0) >= Some(whole.len()),
                "{whole}"
            );
            let short = key(shape.least - 1);
            let other = all()
                .iter()
                .any(|other| other.start != shape.start && (short.starts_with(other.start)));
            assert!(other || found(&short, 0).is_none(), "{short}");
            assert_eq!(found(&format!("x{whole}"), 1), None, "{whole}");
        }
        assert_eq!(
            found("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0),
            None,
            "one sort of letters"
        );
    }

    #[test]
    fn a_word_begins_behind_an_escape() {
        for (text, starts) in [
            ("", true),
            (" ", true),
            ("-", true),
            ("x", false),
            ("7", false),
            ("\\n", true),
            ("\\r", true),
            ("\\t", true),
            ("\\b", true),
            ("\\f", true),
            ("\\x", false),
            ("an", false),
            ("%20", true),
            ("%2f", true),
            ("%2g", false),
            ("%g2", false),
            ("x20", false),
            ("20", false),
        ] {
            let whole = format!("{text}k");
            assert_eq!(is_start(whole.as_bytes(), text.len()), starts, "{text}");
        }
        for (text, mixed) in [
            ("aa", false),
            ("aA", true),
            ("a1", true),
            ("A1", true),
            ("11", false),
            ("", false),
            ("--", false),
        ] {
            assert_eq!(is_mixed(text.as_bytes()), mixed, "{text}");
        }
    }
}
