//! A parsed tree, and the parsers that make it.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{InputEdit, Node, ParseOptions, ParseState, Parser, Tree};

use crate::languages::Language;

thread_local! {
    // One parser a thread: making one allocates, changing its grammar hardly does. It is taken out while it
    // works, so that a second parse below the first one gets its own.
    static PARSER: Cell<Option<Parser>> = const { Cell::new(None) };
}

/// Source text as a tree. A clone shares the tree and costs a reference count.
#[derive(Clone, Debug)]
pub struct Syntax {
    language: &'static Language,
    tree: Tree,
}

impl Syntax {
    /// Parses a whole text.
    ///
    /// `text` answers with the bytes from an offset to the end of a piece (see the crate's doc). `None` when the
    /// grammar is not linked or when the work took longer than `budget` of wall time ([`Duration::MAX`] for no
    /// limit). The budget is looked at every hundred steps of the parser: it is overrun by microseconds.
    pub fn parse<'t>(
        language: &'static Language,
        text: impl FnMut(usize) -> &'t [u8],
        budget: Duration,
    ) -> Option<Syntax> {
        run(language, text, None, budget).map(|tree| Syntax { language, tree })
    }

    /// Parses the text as it is after `edits`, reusing what they left alone.
    ///
    /// `edits` are all the edits between the text of this tree and `text`, oldest first, each in the offsets of
    /// the text that it found. `self` stays as it was, so after a `None` (as for [`Syntax::parse`]) the caller
    /// keeps it with the edits and tries again later. The cost grows with the number of siblings beside the edit: in
    /// flat files of 10,000 lines and more, one letter cost 4 % of a whole parse in Rust, 10 in JSON, 18 in Python
    /// and up to half in TOML and YAML. A text without errors gets the tree that
    /// [`Syntax::parse`] gives it (Kotlin and Bash: 1 edit in 100 and in 300 did not); one with errors may get
    /// another tree around the error. Points must count rows by `\n` alone: some scanners measure
    /// indentation by them.
    pub fn reparse<'t>(
        &self,
        edits: &[InputEdit],
        text: impl FnMut(usize) -> &'t [u8],
        budget: Duration,
    ) -> Option<Syntax> {
        let mut old = self.tree.clone();
        for edit in edits {
            old.edit(edit);
        }
        run(self.language, text, Some(&old), budget).map(|tree| Syntax {
            language: self.language,
            tree,
        })
    }

    /// The row of the language table that the text was parsed by.
    pub fn language(&self) -> &'static Language {
        self.language
    }

    /// The tree itself.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The node that spans the whole file.
    pub fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// How many nodes are errors or were missing from the text and made up. Visits only what holds one.
    pub fn errors(&self) -> usize {
        let mut count = 0;
        let mut cursor = self.tree.walk();
        loop {
            let node = cursor.node();
            count += usize::from(node.is_error() || node.is_missing());
            if node.has_error() && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return count;
                }
            }
        }
    }
}

/// A text that lies in one piece, as the parser reads it.
pub fn whole<'t>(text: &'t str) -> impl Fn(usize) -> &'t [u8] + Copy {
    move |byte| text.as_bytes().get(byte..).unwrap_or_default()
}

fn run<'t>(
    language: &'static Language,
    mut text: impl FnMut(usize) -> &'t [u8],
    old: Option<&Tree>,
    budget: Duration,
) -> Option<Tree> {
    let grammar = language.grammar()?;
    let deadline = Instant::now().checked_add(budget);
    let late = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    // The parser first asks after a hundred steps, so a small file would slip through an empty budget.
    if late() {
        return None;
    }
    let mut parser = PARSER.take().unwrap_or_default();
    parser.set_language(&grammar).ok()?;
    let mut progress = |_: &ParseState| match late() {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let tree = parser.parse_with_options(
        &mut |byte, _| match language.scans_bytes() {
            true => letters(text(byte)),
            false => Cow::Borrowed(text(byte)),
        },
        old,
        Some(ParseOptions::new().progress_callback(&mut progress)),
    );
    if tree.is_none() {
        // A stopped parser holds on to its half of a tree until its next run, which may never come.
        parser.reset();
    }
    PARSER.set(Some(parser));
    tree
}

/// The start of a piece with a letter in place of each byte that is not ASCII: as long, and to a parser the same words.
fn letters(piece: &[u8]) -> Cow<'_, [u8]> {
    // A whole text is one piece, asked for at many places.
    let piece = &piece[..piece.len().min(4096)];
    if piece.is_ascii() {
        return Cow::Borrowed(piece);
    }
    let letter = |byte: &u8| if byte.is_ascii() { *byte } else { b'_' };
    Cow::Owned(piece.iter().map(letter).collect())
}

/// The bytes of a range, short where the text ends before it does.
pub(crate) fn read<'t>(
    text: &mut impl FnMut(usize) -> &'t [u8],
    range: std::ops::Range<usize>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let piece = text(at);
        if piece.is_empty() {
            break;
        }
        let piece = &piece[..piece.len().min(range.end - at)];
        bytes.extend_from_slice(piece);
        at += piece.len();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust() -> &'static Language {
        Language::by_id("rust").expect("a row")
    }

    fn shape(text: &str) -> String {
        let syntax = Syntax::parse(rust(), whole(text), Duration::MAX).expect("a tree");
        syntax.root().to_sexp()
    }

    #[test]
    fn an_empty_budget_gives_no_tree_and_keeps_the_old_one() {
        let text = "fn f() {}";
        assert!(Syntax::parse(rust(), whole(text), Duration::ZERO).is_none());
        let syntax = Syntax::parse(rust(), whole(text), Duration::MAX).expect("a tree");
        assert!(syntax.reparse(&[], whole(text), Duration::ZERO).is_none());
        assert!(syntax.reparse(&[], whole(text), Duration::MAX).is_some());
    }

    #[test]
    fn a_parse_that_was_stopped_leaves_nothing_behind() {
        let want = shape("struct A;");
        let long = "fn f() { g(1); }\n".repeat(200_000);
        assert!(Syntax::parse(rust(), whole(&long), Duration::from_millis(1)).is_none());
        assert_eq!(shape("struct A;"), want);
    }

    #[test]
    fn pieces_read_as_the_whole() {
        let text = "fn f() { let a = \"é𝄞\"; /* b */ a }\n";
        for size in [1, 3, 7] {
            let piece = |byte: usize| {
                let rest = text.as_bytes().get(byte..).unwrap_or_default();
                // Pieces end at fixed places, as those of a rope do.
                &rest[..rest.len().min(size - byte % size)]
            };
            let syntax = Syntax::parse(rust(), piece, Duration::MAX).expect("a tree");
            assert_eq!(syntax.root().to_sexp(), shape(text), "{size}");
            let mut piece = piece;
            assert_eq!(read(&mut piece, 4..20), text.as_bytes()[4..20], "{size}");
        }
    }

    #[test]
    fn errors_and_missing_nodes_are_counted() {
        for (text, some) in [
            ("fn f() {}", false),
            ("fn f( {}", true),
            ("fn f() { a(b }", true),
            ("mod a { fn f() { g(; } }", true),
            ("", false),
        ] {
            let syntax = Syntax::parse(rust(), whole(text), Duration::MAX).expect("a tree");
            assert_eq!(syntax.errors() > 0, some, "{text}");
        }
    }

    #[test]
    fn an_unlinked_grammar_gives_no_tree() {
        for row in Language::all() {
            let parsed = Syntax::parse(row, whole(""), Duration::MAX);
            assert_eq!(parsed.is_some(), row.has_grammar(), "{}", row.id());
        }
    }
}
