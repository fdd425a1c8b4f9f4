//! The structure query of a language: which nodes are comments, strings, blocks and definitions.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, Query, QueryCursor, QueryError, StreamingIterator};

use crate::languages::Language;

/// What a query says of a node. The names in `structure.scm` are these in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// A comment of any kind, doc comments too.
    Comment,
    /// Literal text; a template or a here-document too.
    String,
    /// Code within a string, such as `${…}`.
    Interpolation,
    /// What holds a sequence of statements, members or items.
    Block,
    /// What opens a block, where that is not its first child.
    Open,
    /// What closes a block, where that is not its last child.
    Close,
    /// A function, method, constructor, or a variable that holds one.
    Function,
    /// A type with members: class, struct, enum, trait, interface, object, impl.
    Class,
    /// Another named thing that the outline shows: constant, module, alias, macro, key, heading.
    Definition,
    /// The name of a definition.
    Name,
    /// Where the body of a definition begins, when it is not the child in the field `body`.
    Body,
    /// An import, include or use.
    Import,
    /// What a doc comment may stand above.
    Documentable,
    /// What a unit test may be written for.
    Testable,
}

const CAPTURES: [(&str, Capture); 14] = [
    ("comment", Capture::Comment),
    ("string", Capture::String),
    ("interpolation", Capture::Interpolation),
    ("block", Capture::Block),
    ("open", Capture::Open),
    ("close", Capture::Close),
    ("function", Capture::Function),
    ("class", Capture::Class),
    ("definition", Capture::Definition),
    ("name", Capture::Name),
    ("body", Capture::Body),
    ("import", Capture::Import),
    ("documentable", Capture::Documentable),
    ("testable", Capture::Testable),
];

/// A compiled structure query. The queries hold no predicates, so running one reads no text.
#[derive(Debug)]
pub(crate) struct Structure {
    query: Query,
    captures: Vec<Option<Capture>>,
}

impl Structure {
    /// Compiles the row's query. An error names the line; a row without a grammar has an empty query's error.
    pub(crate) fn compile(language: &Language) -> Result<Option<Structure>, QueryError> {
        let Some(grammar) = language.grammar() else {
            return Ok(None);
        };
        let query = Query::new(&grammar, &language.queries().concat())?;
        let captures = query
            .capture_names()
            .iter()
            .map(|name| CAPTURES.iter().find(|(known, _)| known == name))
            .map(|row| row.map(|(_, capture)| *capture))
            .collect();
        Ok(Some(Structure { query, captures }))
    }

    /// The names that the query uses and that mean nothing here.
    #[cfg(test)]
    pub(crate) fn unknown(&self) -> Vec<&str> {
        let names = self.query.capture_names().iter();
        names
            .zip(&self.captures)
            .filter(|(_, known)| known.is_none())
            .map(|(name, _)| *name)
            .collect()
    }

    /// Calls `visit` with the captures of each match that touches `within`, in the order of the text, until it
    /// breaks.
    pub(crate) fn matches<'tree>(
        &self,
        root: Node<'tree>,
        within: Range<usize>,
        mut visit: impl FnMut(&[(Capture, Node<'tree>)]) -> ControlFlow<()>,
    ) {
        let mut cursor = QueryCursor::new();
        cursor.set_byte_range(within);
        let no_text = |_: Node<'_>| std::iter::empty::<&[u8]>();
        let mut matches = cursor.matches(&self.query, root, no_text);
        let mut found = Vec::new();
        while let Some(one) = matches.next() {
            found.clear();
            found.extend(one.captures().iter().filter_map(|capture| {
                let what = self.captures.get(capture.index as usize).copied()??;
                Some((what, capture.node))
            }));
            if visit(&found).is_break() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_compiles_with_known_names_and_no_predicates() {
        let mut failures = Vec::new();
        for row in Language::all() {
            match Structure::compile(row) {
                Ok(structure) => assert_eq!(structure.is_some(), row.has_grammar(), "{}", row.id()),
                Err(error) => failures.push(format!("{}: {error}", row.id())),
            }
            let unknown = row.structure().map(Structure::unknown).unwrap_or_default();
            assert!(unknown.is_empty(), "{}: {unknown:?}", row.id());
            // A predicate would need the text, which `matches` does not give.
            assert!(!row.queries().concat().contains("(#"), "{}", row.id());
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
