//! A tree made from an older one and its edits must be the tree of the whole text, for every grammar.
//!
//! `NEXTLINE_EDITS` sets the edits for each grammar (200), `NEXTLINE_LANGUAGE` takes one row alone.

use std::ops::Range;
use std::time::Duration;

use nextline_grammars::{InputEdit, Language, Point, Syntax, whole};

/// Small, seeded and the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % sides.max(1) as u64) as usize
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.roll(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn fixture(row: &Language) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let path = format!("{folder}/{}.{}", row.id(), row.extensions()[0]);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn linked() -> impl Iterator<Item = &'static Language> {
    Language::all().iter().filter(|row| row.has_grammar())
}

fn point(text: &str, at: usize) -> Point {
    let before = &text.as_bytes()[..at];
    let line = before.rsplit(|byte| *byte == b'\n').next();
    Point {
        row: before.iter().filter(|byte| **byte == b'\n').count(),
        column: line.map_or(0, <[u8]>::len),
    }
}

fn replace(text: &mut String, range: Range<usize>, new: &str) -> InputEdit {
    let start_position = point(text, range.start);
    let old_end_position = point(text, range.end);
    text.replace_range(range.clone(), new);
    let new_end_byte = range.start + new.len();
    InputEdit {
        start_byte: range.start,
        old_end_byte: range.end,
        new_end_byte,
        start_position,
        old_end_position,
        new_end_position: point(text, new_end_byte),
    }
}

const SCRAPS: &[&str] = &[
    " ", "\n", "\r\n", "\n    ", "{", "}", "(", ")", ";", "\"", "'", "`", "#", "//", "/*", "*/",
    "x", "0", "=", ".", ",", ":", "<", ">", "\\", "é", "𝄞", "if ", "end\n", "fn ", "\t", "- ", "[",
    "]",
];

/// An edit as people make them: something typed, removed, copied from elsewhere in the file, and now and then a
/// line doubled or a letter put into a word, which most often leaves the file without an error.
fn edit(dice: &mut Dice, text: &mut String) -> InputEdit {
    let start = dice.place(text);
    let bound = |text: &str, at: usize| (at..).find(|at| text.is_char_boundary(*at)).unwrap_or(at);
    let clip = |text: &str, at: usize| bound(text, at.min(text.len()));
    let line = |text: &str, at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    let (range, new) = match dice.roll(6) {
        0 => (start..clip(text, start + dice.roll(12)), String::new()),
        1 => {
            let from = dice.place(text);
            let copied = text[from..clip(text, from + dice.roll(40))].to_string();
            (start..start, copied)
        }
        2 => {
            let scrap = SCRAPS[dice.roll(SCRAPS.len())].to_string();
            (start..clip(text, start + dice.roll(3)), scrap)
        }
        3 => (start..start, SCRAPS[dice.roll(SCRAPS.len())].to_string()),
        4 => {
            let at = line(text, start);
            (at..at, text[at..line(text, at)].to_string())
        }
        _ => {
            let word = text[start..].find(char::is_alphabetic).unwrap_or(0);
            (start + word..start + word, "x".to_string())
        }
    };
    replace(text, range, &new)
}

/// Every node: kind, bytes, points, field, whether it is an error or missing.
fn shape(syntax: &Syntax) -> Vec<String> {
    let mut shape = Vec::new();
    let mut cursor = syntax.tree().walk();
    loop {
        let node = cursor.node();
        shape.push(format!(
            "{}{} {:?} {} {} {:?} {}{}",
            "  ".repeat(cursor.depth() as usize),
            node.kind(),
            node.byte_range(),
            node.start_position(),
            node.end_position(),
            cursor.field_name(),
            node.is_error(),
            node.is_missing()
        ));
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return shape;
            }
        }
    }
}

fn parse(row: &'static Language, text: &str) -> Syntax {
    Syntax::parse(row, whole(text), Duration::MAX).expect("a tree")
}

/// Grammars in which a text without errors may get a worse tree than a fresh parse gives it: of 3,000 edits each,
/// five in Kotlin (a call after a block) and four in Bash (a word that was a keyword before) kept an error that the
/// whole parse does not have. No other grammar did.
const UNSETTLED: [&str; 2] = ["kotlin", "bash"];

/// How many in a hundred edits may end in another tree where the text has errors: tree-sitter mends an error from
/// what it can reuse, so the way in which it does differs, while the rest of the file is the same.
const MENDED_OTHERWISE: usize = 5;

#[test]
fn incremental_is_full() {
    let setting = |name: &str| std::env::var(name).ok();
    let rounds: usize = setting("NEXTLINE_EDITS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
    let only = setting("NEXTLINE_LANGUAGE");
    let mut wrong = Vec::new();
    for row in linked().filter(|row| only.as_deref().is_none_or(|id| id == row.id())) {
        let mut dice = Dice(row.id().len() as u64);
        let mut text = fixture(row);
        let mut syntax = parse(row, &text);
        let (mut clean, mut clean_differ, mut differ, mut hidden) = (0, 0, 0, 0);
        for round in 0..rounds {
            if round % 4 == 0 {
                text = fixture(row);
                syntax = parse(row, &text);
            }
            let edits: Vec<InputEdit> = (0..1 + dice.roll(4) / 3)
                .map(|_| edit(&mut dice, &mut text))
                .collect();
            let next = syntax.reparse(&edits, whole(&text), Duration::MAX);
            let next = next.expect("a tree");
            let full = parse(row, &text);
            let same = shape(&next) == shape(&full);
            let is_clean = full.errors() == 0;
            clean += usize::from(is_clean);
            clean_differ += usize::from(is_clean && !same);
            differ += usize::from(!same);
            hidden += usize::from(!is_clean && next.errors() == 0);
            syntax = if same { next } else { full };
        }
        let counts = format!(
            "{}: {differ} of {rounds} differ, {clean_differ} of {clean} without errors, {hidden} hide an error",
            row.id()
        );
        println!("{counts}");
        let settled = UNSETTLED.contains(&row.id()) || clean_differ == 0;
        if !settled || clean == 0 || hidden > 0 || differ * 100 > rounds * MENDED_OTHERWISE {
            wrong.push(counts);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
