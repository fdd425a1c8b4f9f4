//! Reads a structure query: the part of tree-sitter's query language that the tables need.
//!
//! The files are true tree-sitter queries, and a test holds both readings against each other. They are not compiled
//! by tree-sitter because that walks the whole parse table: 2 ms for Rust, 36 ms for TypeScript, 560 ms for Swift
//! (release build, 2 cores), and megabytes of table that parsing alone never touches. Nodes, wildcards, fields,
//! alternatives, tokens, captures, `?` and the anchor before a child are read; predicates, other quantifiers and
//! negated fields are not.

use tree_sitter::Language as Grammar;

use crate::structure::{CAPTURES, Capture};

/// A child, or a whole pattern at the top: one of several nodes, perhaps in a field.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The field that the node must stand in.
    pub field: Option<u16>,
    /// The node must follow the last one with no named node between.
    pub anchored: bool,
    /// The pattern matches without the node where there is none.
    pub optional: bool,
    /// It names something that matters only around a place: a block or a definition, itself or below it.
    pub encloses: bool,
    /// What the node may be; captures of an alternative as a whole are already on each choice.
    pub choices: Vec<Choice>,
}

/// One node of a pattern.
#[derive(Debug)]
pub(crate) struct Choice {
    /// The kind of the node, or any named one.
    pub kind: Option<u16>,
    /// What the query calls the node.
    pub captures: Vec<Capture>,
    /// Children that must be there in this order, others between them or not.
    pub children: Vec<Pattern>,
}

const ENCLOSING: [Capture; 4] = [
    Capture::Block,
    Capture::Function,
    Capture::Class,
    Capture::Definition,
];

/// Reads a whole query for a grammar. The error says what was not understood, for the test that reads them all.
pub(crate) fn read(grammar: &Grammar, query: &str) -> Result<Vec<Pattern>, String> {
    let mut reader = Reader {
        grammar,
        words: words(query),
        next: 0,
    };
    let mut patterns = Vec::new();
    while reader.peek().is_some() {
        patterns.push(reader.pattern()?);
    }
    Ok(patterns)
}

/// Brackets, anchors and question marks by themselves; names, `field:`, `@capture` and `"token"` whole.
fn words(query: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for line in query.lines().filter(|line| !line.starts_with(';')) {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let end = match first {
                '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
                '(' | ')' | '[' | ']' | '.' | '?' => 1,
                _ => {
                    let stop = |c: char| c.is_whitespace() || "()[]?".contains(c);
                    rest.find(stop).unwrap_or(rest.len())
                }
            };
            words.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
    }
    words
}

struct Reader<'q> {
    grammar: &'q Grammar,
    words: Vec<&'q str>,
    next: usize,
}

impl<'q> Reader<'q> {
    fn peek(&self) -> Option<&'q str> {
        self.words.get(self.next).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    fn pattern(&mut self) -> Result<Pattern, String> {
        let anchored = self.take(".");
        let mut field = None;
        if let Some(name) = self.peek().and_then(|word| word.strip_suffix(':')) {
            let id = self.grammar.field_id_for_name(name);
            field = Some(id.ok_or_else(|| format!("no field {name}"))?.get());
            self.next += 1;
        }
        let mut choices = Vec::new();
        if self.take("[") {
            while !self.take("]") {
                choices.append(&mut self.pattern()?.choices);
            }
        } else {
            choices.push(self.choice()?);
        }
        let optional = self.take("?");
        while let Some(name) = self.peek().and_then(|word| word.strip_prefix('@')) {
            let known = CAPTURES.iter().find(|(known, _)| *known == name);
            let (_, capture) = known.ok_or_else(|| format!("no capture {name}"))?;
            choices
                .iter_mut()
                .for_each(|choice| choice.captures.push(*capture));
            self.next += 1;
        }
        let encloses = choices.iter().any(|choice| {
            let own = |what: &Capture| ENCLOSING.contains(what);
            choice.captures.iter().any(own) || choice.children.iter().any(|child| child.encloses)
        });
        Ok(Pattern {
            field,
            anchored,
            optional,
            encloses,
            choices,
        })
    }

    fn choice(&mut self) -> Result<Choice, String> {
        let Some(word) = self.peek() else {
            return Err("the query ends within a pattern".into());
        };
        self.next += 1;
        let token = word
            .strip_prefix('"')
            .and_then(|word| word.strip_suffix('"'));
        if let Some(token) = token {
            return self.node(token, false, Vec::new());
        }
        if word != "(" {
            return Err(format!("a pattern begins with {word}"));
        }
        let kind = self.peek().unwrap_or_default();
        self.next += 1;
        let mut children = Vec::new();
        while !self.take(")") {
            children.push(self.pattern()?);
        }
        self.node(kind, true, children)
    }

    fn node(&self, kind: &str, named: bool, children: Vec<Pattern>) -> Result<Choice, String> {
        let id = self.grammar.id_for_node_kind(kind, named);
        if id == 0 && kind != "_" {
            return Err(format!("no node {kind}"));
        }
        Ok(Choice {
            kind: (kind != "_").then_some(id),
            captures: Vec::new(),
            children,
        })
    }
}
