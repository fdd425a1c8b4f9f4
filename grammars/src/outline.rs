//! The outline of a file: its definitions, their names and signatures.

use std::ops::Range;

use tree_sitter::Node;

use crate::structure::Capture;
use crate::syntax::{Syntax, read};

/// What sort of definition a [`Symbol`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A function, method, constructor, or a variable that holds one.
    Function,
    /// A type with members: class, struct, enum, trait, interface, object, impl.
    Class,
    /// Another named thing: constant, module, alias, macro, key, heading.
    Definition,
}

/// One definition of a file. All ranges are bytes of the text that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What sort of definition it is.
    pub kind: Kind,
    /// Where its name stands.
    pub name: Range<usize>,
    /// The whole definition, without the doc comment above it.
    pub range: Range<usize>,
    /// From the start of the definition to where its body begins, or to the end of its first line where it has
    /// no body; white space at the end left off.
    pub signature: Range<usize>,
}

impl Syntax {
    /// The definitions of the file, by where they start, the outer before the inner. Empty without a structure
    /// query. `text` is the text that was parsed.
    pub fn outline<'t>(&self, mut text: impl FnMut(usize) -> &'t [u8]) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> = Vec::new();
        let mut functions: Vec<Range<usize>> = Vec::new();
        let Some(structure) = self.language().structure() else {
            return symbols;
        };
        structure.matches(self.root(), 0..usize::MAX, |found| {
            let ours = found.iter().filter(|(what, _)| *what == Capture::Function);
            functions.extend(ours.map(|(_, node)| node.byte_range()));
            let of = |what| found.iter().find(|(capture, _)| *capture == what);
            let kinds = [
                (Capture::Function, Kind::Function),
                (Capture::Class, Kind::Class),
                (Capture::Definition, Kind::Definition),
            ];
            let definition = kinds
                .iter()
                .find_map(|(what, kind)| of(*what).map(|(_, node)| (*kind, *node)));
            let (Some((kind, node)), Some((_, name))) = (definition, of(Capture::Name)) else {
                return;
            };
            let body = of(Capture::Body).map(|(_, body)| *body);
            symbols.push(Symbol {
                kind,
                name: name.byte_range(),
                range: node.byte_range(),
                signature: signature(node, body, &mut text),
            });
        });
        symbols.sort_by_key(|symbol| {
            let end = usize::MAX - symbol.range.end;
            (symbol.range.start, end, symbol.name.start, symbol.kind)
        });
        // A variable that holds a function is found as both, and the function sorts first.
        symbols.dedup_by(|next, kept| next.name == kept.name);
        // What a function defines within itself is local to it, but for functions and classes.
        functions.sort_by_key(|function| function.start);
        let mut functions = functions.into_iter().peekable();
        let mut function_end = 0;
        symbols.retain(|symbol| {
            let start = symbol.range.start;
            while let Some(function) = functions.next_if(|function| function.start < start) {
                function_end = function_end.max(function.end);
            }
            symbol.kind != Kind::Definition || symbol.range.end > function_end
        });
        symbols
    }

    /// Where the nodes stand that the query calls `what` and that touch `within`, as byte ranges by start.
    pub fn captured(&self, what: Capture, within: Range<usize>) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        if let Some(structure) = self.language().structure() {
            structure.matches(self.root(), within, |found| {
                let ours = found.iter().filter(|(capture, _)| *capture == what);
                ranges.extend(ours.map(|(_, node)| node.byte_range()));
            });
        }
        ranges.sort_by_key(|range| (range.start, usize::MAX - range.end));
        ranges.dedup();
        ranges
    }
}

fn signature<'t>(
    node: Node<'_>,
    body: Option<Node<'_>>,
    text: &mut impl FnMut(usize) -> &'t [u8],
) -> Range<usize> {
    let start = node.start_byte();
    let Some(body) = body.or_else(|| node.child_by_field_name("body")) else {
        let bytes = read(text, node.byte_range());
        let line = bytes.split(|byte| *byte == b'\n').next();
        return start..start + line.map_or(0, |line| line.trim_ascii_end().len());
    };
    let mut last = body.prev_sibling();
    // A comment between head and body belongs to neither.
    while let Some(comment) = last.filter(|last| last.is_extra()) {
        last = comment.prev_sibling();
    }
    let end = last.map_or(body.start_byte(), |last| last.end_byte());
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::{Language, Syntax, whole};

    /// The outline in lines of kind, name and signature.
    fn outline(id: &str, text: &str) -> Vec<String> {
        let language = Language::by_id(id).expect("a row");
        let syntax = Syntax::parse(language, whole(text), Duration::MAX).expect("a tree");
        let symbols = syntax.outline(whole(text)).into_iter();
        symbols
            .map(|symbol| {
                let (name, signature) = (&text[symbol.name], &text[symbol.signature]);
                format!("{:?} {name} | {signature}", symbol.kind)
            })
            .collect()
    }

    #[test]
    fn outlines() {
        for (id, text, want) in [
            (
                "rust",
                "pub fn f<T>(a: T)\nwhere\n    T: Copy,\n{\n    const X: u8 = 1;\n    fn g() {}\n}\nimpl A for B {}\n",
                &[
                    "Function f | pub fn f<T>(a: T)\nwhere\n    T: Copy,",
                    "Function g | fn g()",
                    "Class B | impl A for B",
                ][..],
            ),
            (
                "typescript",
                "export const f = (a: number) => { const b = 1; };\nconst C = {\n  a: 1 };\nclass D { m(): void {} }",
                &[
                    "Function f | f = (a: number) =>",
                    "Definition C | C = {",
                    "Class D | class D",
                    "Function m | m(): void",
                ],
            ),
            (
                "python",
                "@cached\ndef f(a):  # why\n    b = 1\nclass C:\n    d = 2\n",
                &[
                    "Function f | def f(a):",
                    "Class C | class C:",
                    "Definition d | d = 2",
                ],
            ),
            (
                "c",
                "char **f(int a) { int b = 1; }\nstruct s { int x; };\n",
                &["Function f | char **f(int a)", "Class s | struct s"],
            ),
            (
                "go",
                "package p\ntype S struct { a int }\nfunc (s *S) M() int { return 1 }\n",
                &["Class S | S", "Function M | func (s *S) M() int"],
            ),
            (
                "swift",
                "var a: Int { let b = 1; return b }\n",
                &["Definition a | var a: Int { let b = 1; return b }"],
            ),
            (
                "markdown",
                "# One\n\ntext\n\n## Two\n",
                &["Definition One | # One", "Definition Two | ## Two"],
            ),
        ] {
            if Language::by_id(id).is_some_and(Language::has_grammar) {
                assert_eq!(outline(id, text), want, "{id}");
            }
        }
    }
}
