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
        let Some(structure) = self.language().structure() else {
            return symbols;
        };
        structure.matches(self.root(), 0..usize::MAX, |found| {
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
        without_locals(symbols)
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

/// Leaves out what a function defines within itself, but for functions and classes.
fn without_locals(mut symbols: Vec<Symbol>) -> Vec<Symbol> {
    let mut function_end = 0;
    symbols.retain(|symbol| {
        let local = symbol.range.start < function_end && symbol.kind == Kind::Definition;
        if symbol.kind == Kind::Function {
            function_end = function_end.max(symbol.range.end);
        }
        !local
    });
    symbols
}

fn signature<'t>(
    node: Node<'_>,
    body: Option<Node<'_>>,
    text: &mut impl FnMut(usize) -> &'t [u8],
) -> Range<usize> {
    let start = node.start_byte();
    let body = body.or_else(|| node.child_by_field_name("body"));
    let end = body.map_or(node.end_byte(), |body| body.start_byte());
    let bytes = read(text, start..end);
    let line = match body {
        Some(_) => &bytes[..],
        None => bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default(),
    };
    start..start + line.trim_ascii_end().len()
}
