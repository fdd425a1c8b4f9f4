//! The structure query of a language: which nodes are comments, strings, blocks and definitions.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Node, TreeCursor};

use crate::languages::Language;
use crate::query::{self, Choice, Pattern};

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
    /// A bare row of statements within the brackets of a block.
    Statements,
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

/// The captures by their names in a query.
pub(crate) const CAPTURES: [(&str, Capture); 15] = [
    ("comment", Capture::Comment),
    ("string", Capture::String),
    ("interpolation", Capture::Interpolation),
    ("block", Capture::Block),
    ("statements", Capture::Statements),
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

/// The nodes of one match with their captures, the outer before the inner.
pub(crate) type Captures<'tree> = Vec<(Capture, Node<'tree>)>;

/// The structure query of one language, by the kind of node that a pattern begins with.
#[derive(Debug)]
pub(crate) struct Structure {
    by_kind: HashMap<u16, Vec<Choice>>,
}

impl Structure {
    /// Reads the row's query; `None` for a row whose grammar is not linked. The error says what is wrong.
    pub(crate) fn read(language: &Language) -> Result<Option<Structure>, String> {
        let Some(grammar) = language.grammar() else {
            return Ok(None);
        };
        let mut by_kind: HashMap<u16, Vec<Choice>> = HashMap::new();
        for file in language.queries() {
            for choice in query::read(&grammar, file)?
                .into_iter()
                .flat_map(|p| p.choices)
            {
                let kind = choice.kind.ok_or("a pattern begins with any node")?;
                by_kind.entry(kind).or_default().push(choice);
            }
        }
        Ok(Some(Structure { by_kind }))
    }

    /// Calls `visit` with each match whose nodes touch `within`, in the order of the text. Names, bodies and brackets
    /// need not touch it.
    pub(crate) fn matches<'tree>(
        &self,
        root: Node<'tree>,
        within: Range<usize>,
        mut visit: impl FnMut(Captures<'tree>),
    ) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if touches(node, &within) {
                for choice in self.by_kind.get(&node.kind_id()).into_iter().flatten() {
                    matches_of(choice, node, &within)
                        .into_iter()
                        .for_each(&mut visit);
                }
                if goto_child_at(&mut cursor, within.start) {
                    continue;
                }
            }
            let mut over = node.start_byte() >= within.end;
            while over || !cursor.goto_next_sibling() {
                over = false;
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }
}

/// Goes to the first child that ends at `start` or behind it, or to one before that.
fn goto_child_at(cursor: &mut TreeCursor<'_>, start: usize) -> bool {
    let byte = start.checked_sub(1);
    // The search gives up at a hidden node that ends in a token that nobody sees, as lines of Go do.
    byte.is_some_and(|byte| cursor.goto_first_child_for_byte(byte).is_some())
        || cursor.goto_first_child()
}

fn touches(node: Node<'_>, within: &Range<usize>) -> bool {
    node.start_byte() < within.end && node.end_byte() >= within.start
}

fn matches_of<'tree>(
    choice: &Choice,
    node: Node<'tree>,
    within: &Range<usize>,
) -> Vec<Captures<'tree>> {
    let fits = match choice.kind {
        Some(kind) => node.kind_id() == kind,
        None => node.is_named(),
    };
    if !fits {
        return Vec::new();
    }
    let own: Captures<'tree> = choice.captures.iter().map(|what| (*what, node)).collect();
    if choice.children.is_empty() {
        return vec![own];
    }
    // Where every child has to touch the range, those before and after it need no look: a root has thousands.
    let narrow = choice.children.iter().all(|child| child.encloses);
    let end = if narrow { within.end } else { usize::MAX };
    let mut cursor = node.walk();
    let mut children = Vec::new();
    let mut more = goto_child_at(&mut cursor, if narrow { within.start } else { 0 });
    while more && cursor.node().start_byte() < end {
        children.push((cursor.field_id().map(u16::from), cursor.node()));
        more = cursor.goto_next_sibling();
    }
    let rows = matches_in(&choice.children, &children, within);
    rows.into_iter()
        .map(|row| [own.as_slice(), &row].concat())
        .collect()
}

/// Every way in which `patterns` fit `children` in their order.
fn matches_in<'tree>(
    patterns: &[Pattern],
    children: &[(Option<u16>, Node<'tree>)],
    within: &Range<usize>,
) -> Vec<Captures<'tree>> {
    let Some((first, others)) = patterns.split_first() else {
        return vec![Captures::new()];
    };
    let mut all = Vec::new();
    for (place, (field, child)) in children.iter().enumerate() {
        let mut heads = Vec::new();
        let in_field = first.field.is_none() || first.field == *field;
        if in_field && (!first.encloses || touches(*child, within)) {
            heads.extend(
                first
                    .choices
                    .iter()
                    .flat_map(|choice| matches_of(choice, *child, within)),
            );
        }
        if !heads.is_empty() {
            let tails = matches_in(others, &children[place + 1..], within);
            all.extend(heads.iter().flat_map(|head| {
                let joined = |tail: &Captures<'tree>| [head.as_slice(), tail].concat();
                tails.iter().map(joined).collect::<Vec<_>>()
            }));
        }
        if first.anchored && child.is_named() {
            break;
        }
    }
    match all.is_empty() && first.optional {
        true => matches_in(others, children, within),
        false => all,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tree_sitter::{Query, QueryCursor, StreamingIterator};

    use super::*;
    use crate::{Syntax, whole};

    #[test]
    fn every_query_can_be_read() {
        let wrong: Vec<String> = Language::all()
            .iter()
            .filter_map(|row| Some(format!("{}: {}", row.id(), Structure::read(row).err()?)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn tree_sitter_reads_the_same_in_the_fixtures() {
        for row in Language::all() {
            let (Some(grammar), Some(structure)) = (row.grammar(), row.structure()) else {
                continue;
            };
            let query = match Query::new(&grammar, &row.queries().concat()) {
                Ok(query) => query,
                Err(error) => panic!("{}: {error}", row.id()),
            };
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
            let path = format!("{folder}/{}.{}", row.id(), row.extensions()[0]);
            let text = std::fs::read_to_string(&path).expect(&path);
            let syntax = Syntax::parse(row, whole(&text), Duration::MAX).expect("a tree");

            let mut ours = Vec::new();
            structure.matches(syntax.root(), 0..usize::MAX, |found| {
                ours.push(lines(found.iter().map(|(what, node)| (*what, *node))));
            });
            let mut theirs = Vec::new();
            let mut cursor = QueryCursor::new();
            let mut matches = cursor.matches(&query, syntax.root(), text.as_bytes());
            while let Some(found) = matches.next() {
                let named = found.captures().iter().map(|capture| {
                    let name = query.capture_names()[capture.index as usize];
                    let known = CAPTURES.iter().find(|(known, _)| *known == name);
                    (known.expect(name).1, capture.node)
                });
                theirs.push(lines(named));
            }
            ours.sort();
            theirs.sort();
            assert_eq!(ours, theirs, "{}", row.id());
        }
    }

    /// What touches a line is found from that line alone, whether its first byte or the one before belongs to a token or to none.
    #[test]
    fn a_line_finds_all_that_touches_it() {
        for row in Language::all() {
            if row.structure().is_none() {
                continue;
            }
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
            let path = format!("{folder}/{}.{}", row.id(), row.extensions()[0]);
            let text = std::fs::read_to_string(&path).expect(&path);
            let syntax = Syntax::parse(row, whole(&text), Duration::MAX).expect("a tree");
            for what in [Capture::Function, Capture::Class, Capture::Documentable] {
                let all = syntax.captured(what, 0..text.len());
                let mut start = 0;
                for line in text.split_inclusive('\n') {
                    let end = start + line.trim_end().len().max(1);
                    let wanted: Vec<_> = all
                        .iter()
                        .filter(|node| node.start < end && node.end > start)
                        .cloned()
                        .collect();
                    let mut found = syntax.captured(what, start..end);
                    // One that ends where the line begins is as good as absent.
                    found.retain(|node| node.end > start);
                    assert_eq!(found, wanted, "{}: {what:?} of {line:?}", row.id());
                    start += line.len();
                }
            }
        }
    }

    fn lines<'tree>(found: impl Iterator<Item = (Capture, Node<'tree>)>) -> Vec<String> {
        let line = |(what, node): (Capture, Node<'_>)| format!("{:?} {what:?}", node.byte_range());
        let mut lines: Vec<String> = found.map(line).collect();
        lines.sort();
        lines
    }
}
