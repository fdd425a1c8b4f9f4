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

/// Letters of both cases, or letters and digits.
fn is_mixed(text: &[u8]) -> bool {
    let sorts = [
        text.iter().any(u8::is_ascii_lowercase),
        text.iter().any(u8::is_ascii_uppercase),
        text.iter().any(u8::is_ascii_digit),
    ];
    sorts.iter().filter(|there| **there).count() >= 2
}
