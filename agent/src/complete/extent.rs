//! One line or several: by the tree where there is one, else by the text, for every language alike.

use nextline_grammars::Place;

use super::site::Site;
use crate::settings::Multiline;

/// How far an answer may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The rest of the line.
    Line,
    /// The rest of a block.
    Block(Block),
    /// Whatever comes.
    All,
}

/// The block that an answer may fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Columns before the first letter of the cursor's line.
    pub indent: usize,
    /// The cursor's line opens the block: what is no deeper than that line is outside.
    pub opened: bool,
}

/// Columns of a tab, where only the difference between two lines matters.
const TAB: usize = 4;
/// What may stand after the cursor without being in the way of an answer.
const CLOSING: &[char] = &[')', ']', '}', '>', '"', '\'', '`', ';', ',', ' ', '\t'];
/// The last word of a line that opens a block in languages without brackets for it.
const OPENERS: &[&str] = &["then", "do", "else", "begin", "try", "of", "where"];

/// Decides how far an answer at the site may go.
pub fn decide(site: &Site, place: Option<&Place>, multiline: Multiline) -> Extent {
    match multiline {
        Multiline::Always => return Extent::All,
        Multiline::Never => return Extent::Line,
        Multiline::Auto => {}
    }
    let block = |opened| {
        let indent = columns(&site.before);
        Extent::Block(Block { indent, opened })
    };
    let rest = site.after.trim();
    if !rest.trim_matches(CLOSING).is_empty() || place.is_some_and(|p| p.string || p.comment) {
        return Extent::Line;
    }
    let written = site.before.trim();
    if written.is_empty() {
        return if rest.is_empty() {
            block(false)
        } else {
            Extent::Line
        };
    }
    let opened = match (bracket(written, rest), place) {
        (Some(opened), _) => opened,
        (None, Some(place)) if rest.is_empty() => {
            site.opens(place).unwrap_or_else(|| word(written))
        }
        (None, None) => rest.is_empty() && word(written),
        _ => false,
    };
    if opened && !is_filled(site) {
        block(true)
    } else {
        Extent::Line
    }
}

/// The first word of a line that may open a block without a bracket.
const BEGINNERS: &[&str] = &[
    "begin",
    "case",
    "class",
    "def",
    "defmodule",
    "for",
    "function",
    "if",
    "local",
    "loop",
    "match",
    "module",
    "proc",
    "repeat",
    "sub",
    "switch",
    "unless",
    "until",
    "while",
    "with",
];

/// Whether only the tree knows what the cursor's line is: it may open a block, begin a statement, or be a comment.
pub fn is_open(site: &Site) -> bool {
    let written = site.before.trim();
    let first = written.split(|c: char| !c.is_alphanumeric()).next();
    let comment = site.language.is_some_and(|language| {
        let block = language.block_comment().map(|(open, _)| open);
        language
            .line_comment()
            .into_iter()
            .chain(block)
            .any(|mark| written.contains(mark))
    });
    written.is_empty()
        || !is_bracketed(site)
        || comment
        || written.starts_with('*')
        || bracket(written, site.after.trim()) == Some(true)
        || word(written)
        || first.is_some_and(|first| BEGINNERS.contains(&first))
}

/// Whether the nearest line above that is deeper than the one before it was opened by a bracket: blocks have brackets here.
fn is_bracketed(site: &Site) -> bool {
    let lines = || site.written_above().rev();
    let opener = lines()
        .skip(1)
        .zip(lines())
        .filter(|((upper, _), (lower, _))| columns(lower) > columns(upper))
        .find_map(|((upper, content), _)| {
            let first = content.split_whitespace().next();
            match upper.ends_with(['{', '(', '[']) {
                true => Some(true),
                false if word(upper) || first.is_some_and(|first| BEGINNERS.contains(&first)) => {
                    Some(false)
                }
                // A statement that goes on.
                false => None,
            }
        });
    opener.unwrap_or(false)
}

/// Whether a line that ends in a bracket opens a block; `None` for one that does not.
fn bracket(written: &str, rest: &str) -> Option<bool> {
    let open = written.chars().next_back()?;
    match open {
        '{' => Some(rest.is_empty() || rest.starts_with('}')),
        '(' | '[' => Some(rest.is_empty()),
        _ => None,
    }
}

/// Whether a line ends as those do that open a block without a bracket.
pub fn word(written: &str) -> bool {
    let last = written.rsplit(|c: char| !c.is_alphanumeric()).next();
    written.ends_with(':') || last.is_some_and(|last| OPENERS.contains(&last))
}

/// A block that has lines already: the next one is deeper than the cursor's.
fn is_filled(site: &Site) -> bool {
    let next = site.below().find(|line| !line.trim().is_empty());
    next.is_some_and(|next| columns(next) > columns(&site.before))
}

/// Columns of the white space that a line begins with.
pub fn columns(line: &str) -> usize {
    line.chars()
        .take_while(|c| c.is_whitespace())
        .fold(0, |column, c| match c {
            '\t' => column + TAB - column % TAB,
            _ => column + 1,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_lines() {
        let rows = [
            ("rust", "fn f() {$0}", Some((0, true))),
            ("rust", "fn f() {\n    $0\n}", Some((4, false))),
            ("rust", "fn f() {\n    let a = $0\n}", None),
            ("rust", "fn f() {\n    let a:$0\n}", None),
            ("rust", "fn f() {\n    a($0);\n}", None),
            ("rust", "fn f() {\n    a($0, b);\n}", None),
            ("rust", "fn f() {\n    $0 a();\n}", None),
            ("rust", "fn f() {\n    if a {$0\n}", Some((4, true))),
            ("rust", "fn f() {$0\n    a();\n}", None),
            ("rust", "fn f() {\n    // a\n    // $0\n}", None),
            (
                "rust",
                "struct A {\n    a: u8,\n    $0\n}\n",
                Some((4, false)),
            ),
            ("rust", "$0", Some((0, false))),
            ("typescript", "class A {\n\t$0\n}\n", Some((4, false))),
            ("typescript", "const a = `\n$0\n`\n", None),
            ("typescript", "for (const a of b) {$0}", Some((0, true))),
            ("python", "def f():$0", Some((0, true))),
            ("python", "def f():\n    $0", Some((4, false))),
            ("python", "x: $0", None),
            ("python", "def f(a$0):\n", None),
            ("python", "a = {'b': $0}\n", None),
            ("ruby", "def f\n  $0\nend\n", Some((2, false))),
            ("lua", "if a then$0\nend\n", Some((0, true))),
            ("go", "func f() {\n\tif a {$0\n\t}\n}\n", Some((4, true))),
            ("nobody", "function a() {$0}", Some((0, true))),
            ("nobody", "if a then$0", Some((0, true))),
            ("nobody", "when a:$0\n  b", None),
            ("nobody", "  $0", Some((2, false))),
            ("nobody", "a $0 b", None),
        ];
        let mut wrong = Vec::new();
        for (language, drawn, expected) in rows {
            let row = nextline_grammars::Language::by_id(language);
            if row.is_some_and(|row| !row.has_grammar()) {
                continue;
            }
            let got = Site::drawn(language, drawn, Multiline::Auto).extent;
            let expected = expected.map_or(Extent::Line, |(indent, opened)| {
                Extent::Block(Block { indent, opened })
            });
            if got != expected {
                wrong.push(format!("{language} {drawn:?}: {got:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_setting_comes_first() {
        let block = "fn f() {\n    $0\n}";
        let line = "fn f() { a($0, b) }";
        for (drawn, multiline, expected) in [
            (block, Multiline::Never, Extent::Line),
            (line, Multiline::Always, Extent::All),
        ] {
            assert_eq!(Site::drawn("rust", drawn, multiline).extent, expected);
        }
    }
}
