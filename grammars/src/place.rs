//! What surrounds a byte of a file: comment, string, block, function.

use std::ops::Range;

use tree_sitter::Node;

use crate::structure::Capture;
use crate::syntax::{Syntax, read};

/// How far before a place its neighbour is sought, in bytes: beyond that much white space there is none.
const REACH: usize = 1024;

/// The facts of a place in a file, from the tree and the structure query of its language.
///
/// A tree with errors answers as well as it can: in an unclosed string or comment the tree often shows neither.
/// Ranges are bytes of the text that was parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Within a comment, or at the end of one that ends with its line.
    pub comment: bool,
    /// Within literal text; code within a string, such as `${…}`, is not.
    pub string: bool,
    /// The smallest block around the place. Where blocks have no brackets, a blank line below a block belongs to
    /// it from the block's own column on.
    pub block: Option<Range<usize>>,
    /// The smallest function around the place.
    pub function: Option<Range<usize>>,
    /// The smallest class around the place.
    pub class: Option<Range<usize>>,
    /// The smallest function, class or other definition around the place.
    pub definition: Option<Range<usize>>,
    /// The block has nothing in it but comments.
    pub empty_block: bool,
    /// Nothing but comments stands in the block before the place.
    pub block_start: bool,
    /// A statement, member or item may begin here: the one before is complete and none has begun.
    pub statement_start: bool,
}

impl Syntax {
    /// What surrounds the byte `at`. `text` is the text that was parsed. Without a structure query nothing does.
    pub fn place<'t>(&self, at: usize, mut text: impl FnMut(usize) -> &'t [u8]) -> Place {
        let mut place = Place::default();
        let Some(structure) = self.language().structure() else {
            return place;
        };
        let gap = Gap::before(at, &mut text);
        let mut found: Vec<(Capture, Node<'_>)> = Vec::new();
        let mut blocks: Vec<Block<'_>> = Vec::new();
        let near = gap.start.saturating_sub(1)..at + 1;
        structure.matches(self.root(), near, |one| {
            blocks.extend(Block::of(&one));
            found.extend(one);
        });
        place.string = in_string(&found, at);
        place.comment = nodes(&found, &[Capture::Comment]).any(|node| {
            let close = self.language().block_comment().map(|(_, close)| close);
            in_comment(node, close, at, &mut text)
        });
        let block = blocks
            .iter()
            .filter(|block| block.holds(&gap))
            .min_by_key(|block| block.inside.len());
        let around = |what: &[Capture]| {
            nodes(&found, what)
                .map(|node| node.byte_range())
                .filter(|range| range.start < at)
                .filter(|range| {
                    at < range.end
                        || block.is_some_and(|block| within(&block.node.byte_range(), range))
                })
                .min_by_key(|range| range.len())
        };
        place.function = around(&[Capture::Function]);
        place.class = around(&[Capture::Class]);
        // What a function defines within itself is local to it.
        let local =
            |range: &Range<usize>| place.function.as_ref().is_some_and(|f| within(range, f));
        place.definition = around(&[Capture::Definition])
            .filter(|range| !local(range))
            .into_iter()
            .chain(around(&[Capture::Function, Capture::Class]))
            .min_by_key(|range| range.len());
        if let Some(block) = block {
            let first = block.first();
            place.block = Some(block.node.byte_range());
            place.empty_block = first.is_none();
            place.block_start = first.is_none_or(|start| start >= at);
        }
        place.statement_start = !place.comment
            && !place.string
            && (place.block_start || self.is_between_statements(&gap, &found));
        place
    }

    /// Whether the smallest node on both sides of the gap is one that holds statements.
    fn is_between_statements(&self, gap: &Gap, found: &[(Capture, Node<'_>)]) -> bool {
        if !gap.has_break && !matches!(gap.last, None | Some(b';' | b'{' | b'}')) {
            return false;
        }
        let mut smallest = self.root();
        let mut cursor = smallest.walk();
        while cursor.goto_first_child_for_byte(gap.end).is_some() {
            let node = cursor.node();
            if node.start_byte() >= gap.start || node.end_byte() <= gap.end {
                break;
            }
            smallest = node;
        }
        smallest == self.root()
            || nodes(found, &[Capture::Block, Capture::Statements]).any(|node| node == smallest)
    }
}

/// The white space before a place.
struct Gap {
    /// Just after the byte that is not white space.
    start: usize,
    /// The place.
    end: usize,
    /// The byte before the gap, if there is one within reach.
    last: Option<u8>,
    /// The gap holds a line break.
    has_break: bool,
    /// Bytes of white space between the line break and the place.
    column: usize,
}

impl Gap {
    fn before<'t>(at: usize, text: &mut impl FnMut(usize) -> &'t [u8]) -> Gap {
        let bytes = read(text, at.saturating_sub(REACH)..at);
        let kept = bytes.trim_ascii_end();
        let space = &bytes[kept.len()..];
        let line = space.rsplit(|byte| *byte == b'\n').next();
        Gap {
            start: at - space.len().min(at),
            end: at,
            last: kept.last().copied(),
            has_break: space.contains(&b'\n') || kept.is_empty(),
            column: line.map_or(0, <[u8]>::len),
        }
    }
}

/// A block, and what lies between its brackets.
struct Block<'tree> {
    node: Node<'tree>,
    inside: Range<usize>,
    closed: bool,
}

impl<'tree> Block<'tree> {
    /// The block of a match. Its brackets are what the query calls so, or its first and last child if those are
    /// plain tokens.
    fn of(found: &[(Capture, Node<'tree>)]) -> Option<Block<'tree>> {
        let node = nodes(found, &[Capture::Block]).next()?;
        let token = |child: Option<Node<'tree>>| child.filter(|child| !child.is_named());
        let open = nodes(found, &[Capture::Open]).last();
        let close = nodes(found, &[Capture::Close]).next();
        let start = match open.or_else(|| token(node.child(0))) {
            Some(open) => open.end_byte(),
            None => node.start_byte(),
        };
        let last = node.child_count().checked_sub(1);
        let last = last.and_then(|last| node.child(last));
        let close = close.or_else(|| token(last).filter(|last| last.start_byte() >= start));
        Some(Block {
            node,
            inside: start
                ..close
                    .map_or(node.end_byte(), |close| close.start_byte())
                    .max(start),
            closed: close.is_some(),
        })
    }

    fn holds(&self, gap: &Gap) -> bool {
        let within = self.inside.start <= gap.end && gap.end <= self.inside.end;
        // Indentation alone tells whether a blank line still belongs to a block that has no end of its own.
        let below = !self.closed
            && gap.has_break
            && gap.start <= self.inside.end
            && self.inside.end <= gap.end
            && self.node.start_position().column <= gap.column;
        within && (self.closed || !gap.has_break || gap.end < self.inside.end) || below
    }

    /// Where the first child begins that is no bracket and no comment.
    fn first(&self) -> Option<usize> {
        let mut cursor = self.node.walk();
        self.node
            .named_children(&mut cursor)
            .filter(|child| !child.is_extra() && !child.byte_range().is_empty())
            .map(|child| child.start_byte())
            .find(|start| self.inside.contains(start))
    }
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn nodes<'tree>(
    found: &[(Capture, Node<'tree>)],
    what: &[Capture],
) -> impl DoubleEndedIterator<Item = Node<'tree>> {
    let ours = found.iter().filter(|(capture, _)| what.contains(capture));
    ours.map(|(_, node)| *node)
}

fn in_comment<'t>(
    node: Node<'_>,
    close: Option<&str>,
    at: usize,
    text: &mut impl FnMut(usize) -> &'t [u8],
) -> bool {
    let end = node.end_byte();
    let tail = read(text, end.saturating_sub(16).max(node.start_byte())..end);
    // Some grammars count the line break into a comment that ends with its line.
    let kept = tail.strip_suffix(b"\n").unwrap_or(&tail);
    let kept = kept.strip_suffix(b"\r").unwrap_or(kept);
    let end = end - (tail.len() - kept.len());
    let closed = close.is_some_and(|close| kept.ends_with(close.as_bytes()));
    node.start_byte() < at && (at < end || (at == end && !closed))
}

fn in_string(found: &[(Capture, Node<'_>)], at: usize) -> bool {
    let smallest = |what| {
        nodes(found, &[what])
            .map(|node| node.byte_range())
            .filter(|range| range.start < at && at < range.end)
            .map(|range| range.len())
            .min()
    };
    match (smallest(Capture::String), smallest(Capture::Interpolation)) {
        (Some(string), Some(code)) => string < code,
        (string, _) => string.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Language, whole};

    /// The facts at `$0` in one line: flags, then the texts of block and function with their white space squeezed.
    fn facts(id: &str, drawn: &str) -> String {
        let at = drawn.find("$0").expect("a cursor");
        let text = drawn.replacen("$0", "", 1);
        let language = Language::by_id(id).expect("a row");
        let syntax = Syntax::parse(language, whole(&text), Duration::MAX).expect("a tree");
        let place = syntax.place(at, whole(&text));
        let flags = [
            ("comment", place.comment),
            ("string", place.string),
            ("empty", place.empty_block),
            ("block-start", place.block_start),
            ("statement", place.statement_start),
        ];
        let flags: Vec<&str> = flags.iter().filter(|row| row.1).map(|row| row.0).collect();
        let show = |range: Option<Range<usize>>| {
            let text = range.map_or("-".into(), |range| text[range].to_string());
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        format!(
            "{} | {} | {}",
            flags.join(" "),
            show(place.block),
            show(place.function)
        )
    }

    #[test]
    fn places() {
        let mut wrong = Vec::new();
        let linked = |id: &str| Language::by_id(id).is_some_and(Language::has_grammar);
        for (id, drawn, want) in CASES.iter().filter(|case| linked(case.0)) {
            let got = facts(id, drawn);
            if got != *want {
                wrong.push(format!("{id} {drawn:?}\n  got  {got}\n  want {want}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    const CASES: &[(&str, &str, &str)] = &[
        // Comments.
        ("rust", "// a$0b\nfn f() {}", "comment | - | -"),
        ("rust", "// ab$0\nfn f() {}", "comment | - | -"),
        ("rust", "/// ab$0\nfn f() {}", "comment | - | -"),
        ("rust", "/// ab\n$0fn f() {}", "statement | - | -"),
        ("rust", "/* a$0b */ fn f() {}", "comment | - | -"),
        ("python", "x = 1 # a$0\n", "comment | - | -"),
        (
            "html",
            "<p><!-- a$0 --></p>",
            "comment empty block-start | <p><!-- a --></p> | -",
        ),
        // Strings, and code within them.
        (
            "rust",
            "fn f() { g(\"a$0b\") }",
            "string | { g(\"ab\") } | fn f() { g(\"ab\") }",
        ),
        ("python", "x = f\"a{b$0}\"\n", " | - | -"),
        ("typescript", "x = `a${b$0}`;", " | - | -"),
        ("typescript", "x = `a$0${b}`;", "string | - | -"),
        // Blocks with brackets.
        (
            "rust",
            "fn f() {$0}",
            "empty block-start statement | {} | fn f() {}",
        ),
        (
            "rust",
            "fn f() {\n    // why\n    $0\n}",
            "empty block-start statement | { // why } | fn f() { // why }",
        ),
        (
            "rust",
            "fn f() { a(); $0 }",
            "statement | { a(); } | fn f() { a(); }",
        ),
        (
            "rust",
            "fn f() { $0a(); }",
            "block-start statement | { a(); } | fn f() { a(); }",
        ),
        ("rust", "fn f() { a($0); }", " | { a(); } | fn f() { a(); }"),
        ("rust", "fn f() { a$0(); }", " | { a(); } | fn f() { a(); }"),
        ("rust", "fn f() {}\n$0\nfn g() {}", "statement | - | -"),
        (
            "java",
            "class A { void f() {\n a();\n $0\n} }",
            "statement | { a(); } | void f() { a(); }",
        ),
        (
            "go",
            "package p\nfunc f() {\n\ta()\n\t$0\n}\n",
            "statement | { a() } | func f() { a() }",
        ),
        (
            "go",
            "package p\nfunc f() {\n\t$0\n}\n",
            "empty block-start statement | { } | func f() { }",
        ),
        (
            "c",
            "int f(void) {\n  if (x) {\n    $0\n  }\n}",
            "empty block-start statement | { } | int f(void) { if (x) { } }",
        ),
        (
            "swift",
            "func f() {\n  a()\n  $0\n}",
            "statement | { a() } | func f() { a() }",
        ),
        (
            "kotlin",
            "fun f() {\n  a()\n  $0\n}",
            "statement | { a() } | fun f() { a() }",
        ),
        (
            "css",
            "a {\n  $0\n}",
            "empty block-start statement | { } | -",
        ),
        // Blocks from a word to a word, empty ones too.
        (
            "ruby",
            "def f(a)\n  $0\nend\n",
            "empty block-start statement | def f(a) end | def f(a) end",
        ),
        (
            "ruby",
            "def f\n  a\n  $0\nend\n",
            "statement | def f a end | def f a end",
        ),
        (
            "lua",
            "function f()\n  $0\nend\n",
            "empty block-start statement | function f() end | function f() end",
        ),
        (
            "bash",
            "f() {\n  a\n  $0\n}\n",
            "statement | { a } | f() { a }",
        ),
        (
            "html",
            "<ul>$0</ul>",
            "empty block-start statement | <ul></ul> | -",
        ),
        // Blocks without brackets.
        (
            "python",
            "def f():\n    a()\n    $0",
            "statement | a() | def f(): a()",
        ),
        ("python", "def f():\n    a()\n$0", "statement | - | -"),
        (
            "python",
            "def f():\n    $0a()\n",
            "block-start statement | a() | def f(): a()",
        ),
        (
            "python",
            "def f():\n    if x:\n        a()\n    $0\n    b()\n",
            "statement | if x: a() b() | def f(): if x: a() b()",
        ),
        (
            "python",
            "def f():\n    if x:\n        a()\n        $0\n    b()\n",
            "statement | a() | def f(): if x: a() b()",
        ),
        (
            "python",
            "x = [\n    1,\n    $0\n]\n",
            "statement | [ 1, ] | -",
        ),
        ("yaml", "a:\n  b: 1\n  $0\n", "statement | b: 1 | -"),
        ("json", "{$0}", "empty block-start statement | {} | -"),
    ];
}
