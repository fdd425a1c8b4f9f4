//! What an edit is about: a place in a file to whole lines of it, by the tree where there is one.

use std::ops::Range;
use std::time::Duration;

use nextline_grammars::{Capture, Language, Syntax, whole};

/// Time that one parse may take.
const PARSE_BUDGET: Duration = Duration::from_secs(2);

/// A byte order mark.
const MARK: char = '\u{feff}';

/// A text with its tree.
pub struct Source<'a> {
    /// The text.
    pub text: &'a str,
    /// Its language, if it has a row.
    pub language: Option<&'static Language>,
    syntax: Option<Syntax>,
    /// Where lines start; the first one behind a byte order mark, which belongs to the file and to no line.
    starts: Vec<usize>,
}

/// Where a doc comment goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocPlace {
    /// What is documented, whole lines.
    pub definition: Range<usize>,
    /// The doc comment that is there, whole lines; empty, where a new one goes, without any.
    pub doc: Range<usize>,
    /// The indentation of the comment.
    pub indent: String,
    /// It stands inside of the definition.
    pub inside: bool,
}

impl<'a> Source<'a> {
    /// Parses `text`.
    pub fn new(text: &'a str, language: Option<&'static Language>) -> Source<'a> {
        let syntax = language.and_then(|row| Syntax::parse(row, whole(text), PARSE_BUDGET));
        let mark = text.strip_prefix(MARK).map_or(0, |_| MARK.len_utf8());
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Source {
            text,
            language,
            syntax,
            starts: std::iter::once(mark).chain(breaks).collect(),
        }
    }

    /// Lines of the text; what follows a final line break is none.
    pub fn lines(&self) -> usize {
        self.starts.len()
            - usize::from(self.starts.last() == Some(&self.text.len()) && self.starts.len() > 1)
    }

    /// Syntax errors; `None` without a grammar.
    pub fn errors(&self) -> Option<usize> {
        self.syntax.as_ref().map(Syntax::errors)
    }

    /// The line (from 0) of a byte.
    pub fn line_of(&self, byte: usize) -> usize {
        let before = self.starts.partition_point(|start| *start <= byte);
        before.saturating_sub(1)
    }

    /// All lines.
    pub fn all(&self) -> Range<usize> {
        self.span(0, self.starts.len())
    }

    /// The bytes of lines (from 0, both included), line breaks included.
    pub fn span(&self, first: usize, last: usize) -> Range<usize> {
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        start(first)..start(last + 1)
    }

    /// Whole lines around some bytes.
    pub fn whole_lines(&self, bytes: Range<usize>) -> Range<usize> {
        let last = bytes.end.saturating_sub(1).max(bytes.start);
        self.span(self.line_of(bytes.start), self.line_of(last))
    }

    /// The lines of a selection without blank lines at its ends; a selection of blank lines alone stays.
    pub fn selected(&self, first: usize, last: usize) -> Range<usize> {
        let blank = |line: &usize| self.text[self.span(*line, *line)].trim().is_empty();
        let (from, to) = (
            (first..=last).find(|line| !blank(line)),
            (first..=last).rfind(|line| !blank(line)),
        );
        match (from, to) {
            (Some(from), Some(to)) => self.span(from, to),
            _ => self.span(first, last),
        }
    }

    /// What a cursor on a line (from 0) means: the smallest definition around it, else its paragraph; a blank line outside of all is
    /// itself.
    pub fn around(&self, line: usize) -> Range<usize> {
        let own = self.span(line, line);
        // Within a function a variable is no definition of its own.
        let what = match self.smallest(&[Capture::Function], line) {
            Some(_) => [Capture::Function, Capture::Class],
            None => [Capture::Class, Capture::Definition],
        };
        if let Some(found) = self.smallest(&what, line) {
            return self.whole_lines(found);
        }
        if self.text[own.clone()].trim().is_empty() {
            return own;
        }
        let blank = |line: usize| self.text[self.span(line, line)].trim().is_empty();
        let first = (0..line)
            .rev()
            .take_while(|line| !blank(*line))
            .last()
            .unwrap_or(line);
        let last = (line + 1..self.lines())
            .take_while(|line| !blank(*line))
            .last()
            .unwrap_or(line);
        self.span(first, last)
    }

    /// The lines (from 0) that functions begin at, of functions within functions only the outer one's.
    pub fn functions(&self) -> Vec<usize> {
        let syntax = self.syntax.as_ref();
        let all = syntax.map(|syntax| syntax.captured(Capture::Function, 0..self.text.len()));
        let mut lines = Vec::new();
        let mut end = 0;
        for function in all.into_iter().flatten() {
            if function.start >= end {
                end = function.end;
                lines.push(self.line_of(function.start));
            }
        }
        lines.dedup();
        lines
    }

    /// What a test can be written for around a line (from 0), whole lines.
    pub fn testable(&self, line: usize) -> Option<Range<usize>> {
        let found = self.smallest(&[Capture::Testable], line)?;
        Some(self.whole_lines(found))
    }

    /// The definition of a name, whole lines; of several the first.
    pub fn definition(&self, name: &str) -> Option<Range<usize>> {
        let last = name.rsplit(['.', ':']).next().unwrap_or(name);
        self.definitions(last).into_iter().next()
    }

    /// The definitions of a name, whole lines.
    pub fn definitions(&self, name: &str) -> Vec<Range<usize>> {
        let symbols = self
            .syntax
            .as_ref()
            .map(|syntax| syntax.outline(whole(self.text)));
        let found = symbols
            .into_iter()
            .flatten()
            .filter(|symbol| self.text.get(symbol.name.clone()) == Some(name));
        found.map(|symbol| self.whole_lines(symbol.range)).collect()
    }

    /// The definitions that stand in no other one: names and whole lines.
    pub fn outermost(&self) -> Vec<(&'a str, Range<usize>)> {
        let Some(syntax) = self.syntax.as_ref() else {
            return Vec::new();
        };
        let mut found: Vec<(&'a str, Range<usize>)> = Vec::new();
        for symbol in syntax.outline(whole(self.text)) {
            let inside = found
                .last()
                .is_some_and(|(_, range)| symbol.range.start < range.end);
            if let Some(name) = self.text.get(symbol.name).filter(|_| !inside) {
                found.push((name, self.whole_lines(symbol.range)));
            }
        }
        found
    }

    /// All that is of one kind, by the tree.
    pub fn captured(&self, what: Capture) -> Vec<Range<usize>> {
        let syntax = self.syntax.as_ref();
        syntax.map_or_else(Vec::new, |syntax| syntax.captured(what, 0..self.text.len()))
    }

    /// The same lines with the comments and attributes right above them.
    pub fn with_head(&self, lines: Range<usize>) -> Range<usize> {
        let marks = self.language.map_or(&[][..], Language::doc_marks);
        let mut first = self.line_of(lines.start);
        while first > 0
            && (self.starts_line(first - 1, &["#[", "@", " *", "*/"])
                || self.starts_line(first - 1, marks))
        {
            first -= 1;
        }
        self.starts[first]..lines.end
    }

    /// Where the doc comment of what is around a line (from 0) goes.
    pub fn documentable(&self, line: usize) -> Option<DocPlace> {
        let node = self.documented(line)?;
        let definition = self.whole_lines(node.clone());
        if self.language.is_some_and(Language::documents_inside) {
            return self.doc_inside(&node, definition);
        }
        let mut first = self.line_of(definition.start);
        // Attributes and decorators belong to what they stand above; a doc comment goes above them.
        while first > 0 && self.starts_line(first - 1, &["#[", "@"]) {
            first -= 1;
        }
        let definition = self.starts[first]..definition.end;
        let comments = self.captured(Capture::Comment);
        let marks = self.language.map_or(&[][..], Language::doc_marks);
        let mut doc = definition.start..definition.start;
        while let Some(comment) = comments.iter().find(|comment| {
            let lines = self.whole_lines((*comment).clone());
            let alone = self.text[lines.start..comment.start].trim().is_empty();
            lines.end == doc.start && lines.start < doc.start && alone
        }) {
            let text = self.text[comment.clone()].trim_start();
            if !marks.iter().any(|mark| text.starts_with(mark)) {
                break;
            }
            doc.start = self.whole_lines(comment.clone()).start;
        }
        Some(DocPlace {
            indent: self.margin(definition.start).to_owned(),
            definition,
            doc,
            inside: false,
        })
    }

    /// What a doc comment is for: the smallest node around a line, but of a variable within a function the function.
    fn documented(&self, line: usize) -> Option<Range<usize>> {
        let node = self.smallest(&[Capture::Documentable], line)?;
        let function = self.smallest(&[Capture::Function], line);
        let inner =
            |function: &Range<usize>| function.start < node.start && node.end <= function.end;
        let Some(function) = function.filter(inner) else {
            return Some(node);
        };
        let all = self.syntax.as_ref()?;
        let all = all.captured(Capture::Documentable, function.clone());
        let around = all
            .into_iter()
            .filter(|node| node.start <= function.start && function.end <= node.end);
        around.min_by_key(Range::len).or(Some(node))
    }

    fn doc_inside(&self, node: &Range<usize>, definition: Range<usize>) -> Option<DocPlace> {
        let syntax = self.syntax.as_ref()?;
        let symbols = syntax.outline(whole(self.text));
        let symbol = symbols.into_iter().find(|symbol| symbol.range == *node)?;
        let rest = &self.text[symbol.signature.end..node.end];
        // Comments between the head and the body are lines of their own.
        let mut at = symbol.signature.end;
        for line in rest.split_inclusive('\n') {
            let bare = line.trim();
            if !bare.is_empty()
                && !bare.starts_with('#')
                && self.line_of(at) > self.line_of(symbol.signature.end)
            {
                break;
            }
            at += line.len();
        }
        if at >= node.end || self.starts.binary_search(&at).is_err() {
            // The body stands in the line of its head.
            return None;
        }
        let margin = self.margin(at).to_owned();
        let first = at + margin.len();
        let strings = syntax.captured(Capture::String, first..node.end);
        let string = strings.into_iter().find(|string| string.start == first);
        let doc = match string {
            Some(string) => {
                let lines = self.whole_lines(string.clone());
                let alone = self.text[string.end..lines.end].trim().is_empty();
                if alone { lines } else { at..at }
            }
            None => at..at,
        };
        Some(DocPlace {
            definition,
            doc,
            indent: margin,
            inside: true,
        })
    }

    /// The indentation of the line that a byte begins.
    pub fn margin(&self, line_start: usize) -> &'a str {
        let rest = &self.text[line_start..];
        &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()]
    }

    fn starts_line(&self, line: usize, marks: &[&str]) -> bool {
        let text = self.text[self.span(line, line)].trim_start();
        marks.iter().any(|mark| text.starts_with(mark))
    }

    /// The smallest node of some sorts around the text of a line.
    fn smallest(&self, what: &[Capture], line: usize) -> Option<Range<usize>> {
        let syntax = self.syntax.as_ref()?;
        let span = self.span(line, line);
        let text = &self.text[span.clone()];
        let from =
            span.start + (text.len() - text.trim_start().len()).min(text.len().saturating_sub(1));
        let to = span.start + text.trim_end().len();
        let (from, to) = (from.min(to), to.max(from));
        let found = what
            .iter()
            .flat_map(|what| syntax.captured(*what, from..to.max(from + 1)));
        // A definition that begins or ends within the line is meant as well as one around it.
        let around = found.filter(|node| {
            self.line_of(node.start) <= line && line <= self.line_of(node.end.saturating_sub(1))
        });
        around.min_by_key(|node| (node.start > from, node.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of what is found at the line with `$0`.
    fn at<T>(id: &str, drawn: &str, find: impl Fn(&Source<'_>, usize) -> T) -> T {
        let line = drawn[..drawn.find("$0").expect("a cursor")]
            .matches('\n')
            .count();
        let text = drawn.replace("$0", "");
        find(&Source::new(&text, Language::by_id(id)), line)
    }

    fn has(id: &str) -> bool {
        Language::by_id(id).is_some_and(Language::has_grammar)
    }

    #[test]
    fn a_cursor_means_what_is_around_it() {
        for (id, drawn, wanted) in [
            (
                "rust",
                "struct S;\nimpl S {\n    fn a() {\n        b();$0\n    }\n}\n",
                "    fn a() {\n        b();\n    }\n",
            ),
            (
                "rust",
                "impl S {$0\n    fn a() {}\n}\n",
                "impl S {\n    fn a() {}\n}\n",
            ),
            ("rust", "fn a() {}\n$0\nfn b() {}\n", "\n"),
            (
                "typescript",
                "const a = 1;\nexport function f() {\n  return a;$0\n}\n",
                "export function f() {\n  return a;\n}\n",
            ),
            ("", "one\ntwo$0\n\nthree\n", "one\ntwo\n"),
            ("", "last$0", "last"),
        ] {
            let found = at(id, drawn, |source, line| {
                source.text[source.around(line)].to_owned()
            });
            assert_eq!(found, wanted, "{drawn}");
        }
    }

    #[test]
    fn a_doc_comment_has_its_place() {
        for (id, drawn, doc, definition) in [
            (
                "rust",
                "/// Old.\n#[derive(Debug)]\nstruct S {$0\n    a: u8,\n}\n",
                "/// Old.\n",
                "#[derive(Debug)]\nstruct S {\n    a: u8,\n}\n",
            ),
            ("rust", "// A heading.\nfn a() {$0}\n", "", "fn a() {}\n"),
            (
                "rust",
                "mod m {\n    fn a() {\n        b();$0\n    }\n}\n",
                "",
                "    fn a() {\n        b();\n    }\n",
            ),
            (
                "typescript",
                "/**\n * Old.\n */\nfunction f() {$0}\n",
                "/**\n * Old.\n */\n",
                "function f() {}\n",
            ),
            (
                "python",
                "class C:\n    def f(self):\n        \"\"\"Old.\"\"\"\n        return 1$0\n",
                "        \"\"\"Old.\"\"\"\n",
                "    def f(self):\n        \"\"\"Old.\"\"\"\n        return 1\n",
            ),
            (
                "python",
                "def f(\n    a,\n):\n    return a$0\n",
                "",
                "def f(\n    a,\n):\n    return a\n",
            ),
            (
                "go",
                "package p\n\n// F is old.\nfunc F() {$0}\n",
                "// F is old.\n",
                "func F() {}\n",
            ),
        ] {
            if !has(id) {
                continue;
            }
            let (found, text, place) = at(id, drawn, |source, line| {
                let place = source.documentable(line).expect(drawn);
                let text = |range: &Range<usize>| source.text[range.clone()].to_owned();
                (text(&place.doc), text(&place.definition), place)
            });
            assert_eq!(
                (found.as_str(), text.as_str()),
                (doc, definition),
                "{drawn}"
            );
            assert_eq!(place.inside, id == "python");
        }
        if has("python") {
            let none = at("python", "def f(): return 1$0\n", |source, line| {
                source.documentable(line)
            });
            assert_eq!(none, None);
        }
    }

    #[test]
    fn lines_and_spans() {
        let source = Source::new("a\nb\n\n", None);
        assert_eq!(source.lines(), 3);
        assert_eq!(source.selected(0, 2), 0..4);
        assert_eq!(source.selected(2, 2), 4..5);
        assert_eq!(Source::new("a", None).span(0, 9), 0..1);
        assert_eq!(Source::new("", None).lines(), 1);
    }
}
