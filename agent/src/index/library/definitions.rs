//! What a file defines: names, heads and extents, as line numbers.
//!
//! Two ways lead there: a syntax tree, where one is at hand, and the looks of the lines, which cost a tenth of a parse
//! and serve the files of a workspace that nobody opened.

use std::ops::Range;

use nextline_grammars::{Kind, Syntax, whole};

use super::lines::{Line, Sort};
use super::names::{Name, is_part, name_of};

/// Most lines of a head.
const HEAD: usize = 8;
/// Bytes under which a name says too little.
const SHORTEST: usize = 3;

/// One definition of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its name.
    pub name: Name,
    /// What sort it is.
    pub kind: Kind,
    /// Its lines, doc comment left out.
    pub lines: Range<u32>,
    /// The line after the last one of its head.
    pub head: u32,
}

/// Words that introduce a definition, and what of.
const INTRODUCERS: &[(&str, Kind)] = &[
    ("fn", Kind::Function),
    ("function", Kind::Function),
    ("def", Kind::Function),
    ("func", Kind::Function),
    ("fun", Kind::Function),
    ("struct", Kind::Class),
    ("enum", Kind::Class),
    ("trait", Kind::Class),
    ("union", Kind::Class),
    ("impl", Kind::Class),
    ("class", Kind::Class),
    ("interface", Kind::Class),
    ("record", Kind::Class),
    ("object", Kind::Class),
    ("protocol", Kind::Class),
    ("extension", Kind::Class),
    ("actor", Kind::Class),
    ("type", Kind::Definition),
    ("typealias", Kind::Definition),
    ("macro_rules!", Kind::Definition),
    ("const", Kind::Definition),
    ("static", Kind::Definition),
    ("let", Kind::Definition),
    ("var", Kind::Definition),
    ("val", Kind::Definition),
];

/// Words that stand before an introducer or a method's name.
const MODIFIERS: &[&str] = &[
    "abstract",
    "async",
    "crate",
    "data",
    "declare",
    "default",
    "export",
    "extern",
    "final",
    "get",
    "inline",
    "internal",
    "local",
    "mut",
    "open",
    "override",
    "partial",
    "private",
    "protected",
    "pub",
    "public",
    "readonly",
    "sealed",
    "set",
    "static",
    "unsafe",
    "virtual",
];

/// Words before a bracket that define nothing.
const CONTROL: &[&str] = &[
    "if", "for", "while", "switch", "catch", "return", "else", "match", "do", "try", "with",
    "await", "throw", "new", "typeof", "case", "foreach", "lock", "using", "super", "unless",
    "until", "elif", "except", "yield", "assert",
];

/// The definitions of a text by the looks of its lines.
pub fn by_looks(lines: &[Line<'_>]) -> Vec<Definition> {
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.sort != Sort::Code {
            continue;
        }
        let Some((kind, name)) = introduced(line).or_else(|| method(line)) else {
            continue;
        };
        if name.len() < SHORTEST {
            continue;
        }
        let head = head(lines, at);
        found.push(Definition {
            name: name_of(name),
            kind,
            lines: at as u32..extent(lines, at, head) as u32,
            head: head as u32,
        });
    }
    found
}

/// The definitions of a text by its tree.
pub fn by_tree(syntax: &Syntax, text: &str, starts: &[u32]) -> Vec<Definition> {
    let line_of = |byte: usize| starts.partition_point(|start| *start as usize <= byte) as u32 - 1;
    let mut found = Vec::new();
    for symbol in syntax.outline(whole(text)) {
        let Some(name) = text.get(symbol.name).filter(|name| name.len() >= SHORTEST) else {
            continue;
        };
        let last = |end: usize| line_of(end.max(symbol.range.start + 1) - 1) + 1;
        // `impl Name<T>` is found by `Name`.
        let name = name.split(['<', ' ']).next().unwrap_or(name);
        found.push(Definition {
            name: name_of(name),
            kind: symbol.kind,
            lines: line_of(symbol.range.start)..last(symbol.range.end),
            head: last(symbol.signature.end),
        });
    }
    found
}

/// A definition whose sort a word tells: `pub struct Name`, `export const name =`.
fn introduced<'a>(line: &Line<'a>) -> Option<(Kind, &'a str)> {
    let mut rest = line.text;
    loop {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '!'))?;
        let (word, after) = rest.split_at(end);
        let row = INTRODUCERS
            .iter()
            .find(|(introducer, _)| *introducer == word);
        let goes_on = after.starts_with([' ', '<', '*']);
        if let Some((introducer, kind)) = row.filter(|_| goes_on) {
            // `const fn` and `static class` are told by their second word.
            let next = first_word(after);
            let again = INTRODUCERS
                .iter()
                .any(|(introducer, _)| *introducer == next);
            if !again {
                return named(line, introducer, *kind, after);
            }
        } else if !MODIFIERS.contains(&word) {
            return None;
        }
        rest = after.trim_start();
        // `pub(crate)`, `extern "C"`.
        if let Some(inner) = rest.strip_prefix('(') {
            rest = inner.split_once(')')?.1.trim_start();
        } else if let Some(inner) = rest.strip_prefix('"') {
            rest = inner.split_once('"')?.1.trim_start();
        }
    }
}

fn named<'a>(
    line: &Line<'a>,
    introducer: &str,
    kind: Kind,
    after: &'a str,
) -> Option<(Kind, &'a str)> {
    match introducer {
        "impl" => {
            let after = without_generics(after.trim_start());
            let subject = after.split(" for ").nth(1).unwrap_or(after);
            let subject = subject
                .split(['<', '{', ' '])
                .find(|word| !word.is_empty())?;
            Some((kind, subject.rsplit("::").next()?))
        }
        // A value within a function is local to it; one that holds a function is one.
        "const" | "static" | "let" | "var" | "val" => {
            let holds_function = line.text.contains("=>") || line.text.contains("= function");
            let kind = if holds_function { Kind::Function } else { kind };
            (line.indent == 0).then(|| (kind, first_word(after)))
        }
        // Go tells the receiver before the name.
        "func" if after.trim_start().starts_with('(') => {
            Some((kind, first_word(after.split_once(')')?.1)))
        }
        _ => Some((kind, first_word(after))),
    }
}

/// A method without an introducing word: `async name(a: A): B {`.
fn method<'a>(line: &Line<'a>) -> Option<(Kind, &'a str)> {
    if line.indent == 0 || !line.text.ends_with('{') {
        return None;
    }
    let open = line.text.find('(')?;
    line.text[open..].find(')')?;
    let before = &line.text[..open];
    let strange = |c: char| !(c.is_ascii_alphanumeric() || " _$<>,[]*&#?:".contains(c));
    if before.contains(strange) || line.text.contains("=>") {
        return None;
    }
    let first = first_word(before);
    let name = before
        .trim_end_matches('>')
        .rsplit([' ', '*', '&', '#', ':'])
        .next()?;
    let name = name.split('<').next()?;
    (!CONTROL.contains(&first) && !CONTROL.contains(&name)).then_some((Kind::Function, name))
}

fn first_word(text: &str) -> &str {
    let start = text.bytes().position(is_part).unwrap_or(text.len());
    let end = text[start..].bytes().position(|byte| !is_part(byte));
    &text[start..end.map_or(text.len(), |end| start + end)]
}

fn without_generics(text: &str) -> &str {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if byte == b'>' { &text[at + 1..] } else { text };
        }
    }
    text
}

/// The line after the head that begins at a line.
fn head(lines: &[Line<'_>], at: usize) -> usize {
    let most = lines.len().min(at + HEAD);
    let ends = |line: &Line<'_>| {
        line.text.ends_with(['{', ';', ':', '=', '}', ',']) && !line.text.ends_with("(,")
            || line.text.ends_with("=>")
    };
    // Within a head's brackets, lines end with commas too and stand deeper.
    let own = lines[at].indent;
    let last = (at..most).find(|line| ends(&lines[*line]) && lines[*line].indent <= own);
    last.map_or(at, |last| last) + 1
}

/// The line after the last one of the definition that begins at a line.
fn extent(lines: &[Line<'_>], at: usize, head: usize) -> usize {
    let own = lines[at].indent;
    let mut end = head;
    for (number, line) in lines.iter().enumerate().skip(head) {
        match line.sort {
            Sort::Code if line.indent > own => end = number + 1,
            Sort::Code => {
                return if line.closes() && line.indent == own {
                    number + 1
                } else {
                    end
                };
            }
            Sort::Comment | Sort::Blank => {}
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use nextline_grammars::Language;

    use super::super::lines::lines;
    use super::*;

    fn shown(text: &str, language: &str, found: Vec<Definition>) -> Vec<String> {
        let names: Vec<&str> = super::super::names::words(text).collect();
        let word = |name| names.iter().find(|word| name_of(word) == name).copied();
        let rows = found.into_iter().map(|found| {
            let (lines, head) = (found.lines, found.head);
            let name = word(found.name).unwrap_or("?");
            format!(
                "{:?} {name} {}..{} {head}",
                found.kind, lines.start, lines.end
            )
        });
        assert!(Language::by_id(language).is_some());
        rows.collect()
    }

    fn looks(language: &str, text: &str) -> Vec<String> {
        shown(
            text,
            language,
            by_looks(&lines(text, Language::by_id(language))),
        )
    }

    fn tree(language: &str, text: &str) -> Vec<String> {
        let row = Language::by_id(language).unwrap();
        let syntax = Syntax::parse(row, whole(text), Duration::MAX).unwrap();
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at as u32 + 1));
        shown(text, language, by_tree(&syntax, text, &starts))
    }

    const RUST: &str = "pub struct Point<T> {\n    pub xxx: T,\n}\n\nimpl<T> Shape for Point<T> {\n    pub(crate) fn \
                        area(&self) -> T {\n        let area = 1;\n    }\n}\n\nconst LIMIT: usize = 3;\n";
    const TS: &str = "export interface Shape {\n  area(): number;\n}\nexport class Point {\n  async shift(by: number) \
                      {\n    if (by) {\n    }\n  }\n}\nexport const make = (by: number) => {\n  run();\n}\n";

    #[test]
    fn looks_and_tree_find_the_same() {
        let rust = [
            "Class Point 0..3 1",
            "Class Point 4..9 5",
            "Function area 5..8 6",
            "Definition LIMIT 10..11 11",
        ];
        assert_eq!(looks("rust", RUST), rust);
        assert_eq!(tree("rust", RUST), rust);
        let class = [
            "Class Point 3..9 4",
            "Function shift 4..8 5",
            "Function make 9..12 10",
        ];
        assert_eq!(looks("typescript", TS)[1..], class);
        assert_eq!(tree("typescript", TS)[2..], class);
    }

    #[test]
    fn looks_of_other_languages() {
        for (language, text, wanted) in [
            (
                "python",
                "def load(path):\n    return 1\nx = 2\n",
                &["Function load 0..2 1"][..],
            ),
            (
                "go",
                "func (s *Server) Serve(a int) error {\n\treturn nil\n}\n",
                &["Function Serve 0..3 1"],
            ),
            (
                "java",
                "class Aaa {\n  public static List<B> make(int a) {\n  }\n}\n",
                &["Class Aaa 0..4 1", "Function make 1..3 2"],
            ),
            (
                "rust",
                "fn lengthy(\n    aaa: u8,\n    bbb: u8,\n) -> u8 {\n    aaa\n}\n",
                &["Function lengthy 0..6 4"],
            ),
            (
                "typescript",
                "  foo(bar, () => {\n  if (x) {\n  a.b(c) {\n",
                &[],
            ),
            (
                "rust",
                "let x = 1;\n    let yyy = 2;\nuse a;\n// fn no() {}\n",
                &[],
            ),
        ] {
            assert_eq!(looks(language, text), wanted, "{text}");
        }
    }
}
