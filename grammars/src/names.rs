//! The names in a text: what each of them does where it stands, and how far a declared one is known.
//!
//! Grammars call things by much the same words, so parts of node kinds decide, in tables that all languages share.

use std::ops::Range;

use tree_sitter::Node;

use crate::syntax::Syntax;

mod owner;

/// What a name does where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is given to something here.
    Declared,
    /// It is reached through something: after a dot, an arrow, a double colon.
    Member,
    /// It says which argument or which field a value is for.
    Key,
    /// Key and value at once, as in `{ name }`.
    Shorthand,
    /// It is named.
    Used,
}

/// A name in a text.
#[derive(Clone, Copy, Debug)]
pub struct Name<'tree> {
    /// Its leaf in the tree.
    pub node: Node<'tree>,
    /// What it does.
    pub role: Role,
}

/// Kinds of leaves that are names, beside those that end with `identifier`.
const NAMES: &[&str] = &[
    "name",
    "constant",
    "instance_variable",
    "class_variable",
    "global_variable",
    "variable_name",
];
/// What stands between a thing and its member.
const REACHES: &[&str] = &[".", "?.", "->", "::", "?->", "&.", "!!."];
/// Fields that hold a member behind an arrow.
const REACHED: &[&str] = &["field", "name"];
/// Kinds in which a name in one of [`GIVEN`] is declared.
const DECLARING: &[&str] = &[
    "declar",
    "definition",
    "_item",
    "parameter",
    "_spec",
    "signature",
    "variant",
    "enumerator",
    "enum_constant",
    "enum_assignment",
];
/// Fields of those.
const GIVEN: &[&str] = &[
    "name",
    "pattern",
    "declarator",
    "alias",
    "parameter",
    "left",
];
/// Kinds whose `left` is declared by being written.
const ASSIGNED: &[&str] = &[
    "assignment",
    "for_statement",
    "for_in_statement",
    "for_in_clause",
    "short_var_declaration",
    "range_clause",
];
/// Kinds in which what stands before `:` or `=` is a key.
const KEYED: &[&str] = &[
    "argument",
    "pair",
    "initializer",
    "literal_element",
    "field_pattern",
    "keyed",
];
/// Kinds that hold members: what is declared in them is known wherever the whole is.
const HOLDERS: &[&str] = &[
    "class",
    "struct",
    "enum",
    "interface",
    "trait",
    "impl",
    "object",
    "union",
    "namespace",
    "module",
    "mod_item",
    "record",
];
/// Holders whose parts are reached as what stands in a file is.
const MODULES: &[&str] = &["namespace", "module", "mod_item"];
/// Kinds within which a variable is known, beside blocks.
const FUNCTIONS: &[&str] = &[
    "function",
    "method",
    "lambda",
    "closure",
    "constructor",
    "catch",
    "match_arm",
    "for_",
    "comprehension",
    "func_literal",
];
/// Parts of those that do not hold what they say.
const HEADS: &[&str] = &["type", "parameter", "declarator"];

impl Syntax {
    /// The names that touch `within` and that `wanted` takes by their bytes, in the order of the text. What stands in comments and strings
    /// is none.
    pub fn names(
        &self,
        within: Range<usize>,
        mut wanted: impl FnMut(Range<usize>) -> bool,
    ) -> Vec<Name<'_>> {
        let mut found = Vec::new();
        let mut cursor = self.root().walk();
        loop {
            let node = cursor.node();
            let meets = node.start_byte() <= within.end && node.end_byte() >= within.start;
            if meets && is_name(node) && wanted(node.byte_range()) {
                found.push(Name {
                    node,
                    role: role(node),
                });
            }
            if meets && node.end_byte() > node.start_byte() && cursor.goto_first_child() {
                continue;
            }
            let mut over = node.start_byte() > within.end;
            while over || !cursor.goto_next_sibling() {
                over = false;
                if !cursor.goto_parent() {
                    return found;
                }
            }
        }
    }

    /// The name that holds these bytes whole, its ends included.
    pub fn name_at(&self, bytes: Range<usize>) -> Option<Name<'_>> {
        // At an end two nodes meet, and either may be the name.
        let starts = [
            bytes.clone(),
            bytes.start.saturating_sub(1)..bytes.end,
            bytes.start..bytes.end + 1,
        ];
        let nodes = starts
            .into_iter()
            .filter_map(|span| self.root().descendant_for_byte_range(span.start, span.end));
        let mut names = nodes.filter(|node| {
            is_name(*node) && node.start_byte() <= bytes.start && bytes.end <= node.end_byte()
        });
        names.next().map(|node| Name {
            node,
            role: role(node),
        })
    }
}

impl<'tree> Name<'tree> {
    /// What declares it: the node that its name is a part of.
    pub fn declaring(&self) -> Option<Node<'tree>> {
        let mut node = self.node;
        while let Some(parent) = node.parent() {
            if holds(parent.kind(), DECLARING)
                || field_of(parent, node).is_some_and(|field| GIVEN.contains(&field))
                    && !is_pattern(parent)
            {
                // C: the declarator of a declarator.
                let nested = parent.kind().ends_with("declarator")
                    && parent
                        .parent()
                        .is_some_and(|above| holds(above.kind(), DECLARING));
                if !nested {
                    return Some(parent);
                }
            }
            node = parent;
        }
        None
    }

    /// The node within which a declared name is known; `None` for members and for what the whole file knows.
    pub fn scope(&self) -> Option<Node<'tree>> {
        let declaring = self.declaring()?;
        // A function's own name is known around it, its parameters within it.
        if declaring.kind() == "let_condition" {
            let mut node = declaring.parent();
            while let Some(here) =
                node.filter(|here| !here.kind().contains("if") && !here.kind().contains("while"))
            {
                node = here.parent();
            }
            return node;
        }
        let own = holds(declaring.kind(), HOLDERS)
            || holds(declaring.kind(), FUNCTIONS) && self.is_its_name(declaring);
        let written = declaring.kind() == "assignment";
        let mut node = match own {
            true => declaring.parent(),
            false => Some(declaring),
        };
        while let Some(here) = node {
            let above = here.parent()?;
            let kind = here.kind();
            if here != declaring || !own {
                if holds(kind, FUNCTIONS) && !holds(kind, HEADS) {
                    return Some(here);
                }
                let body = holds(above.kind(), HOLDERS)
                    || kind.contains("declaration_list")
                    || kind.contains("class_body");
                if body || here != declaring && holds(kind, HOLDERS) {
                    return None;
                }
                if !written
                    && (kind == "block"
                        || kind.ends_with("_block")
                        || kind == "compound_statement"
                        || kind == "statement_list")
                {
                    return Some(here);
                }
            }
            node = Some(above);
        }
        None
    }

    fn is_its_name(&self, declaring: Node<'_>) -> bool {
        ["name", "declarator"].iter().any(|field| {
            let child = declaring.child_by_field_name(field);
            child.is_some_and(|child| {
                child.start_byte() <= self.node.start_byte()
                    && self.node.end_byte() <= child.end_byte()
            }) && !self.is_parameter()
        })
    }

    /// Whether it names a parameter of a function.
    pub fn is_parameter(&self) -> bool {
        let declaring = self.declaring();
        declaring.is_some_and(|node| node.kind().contains("parameter"))
    }

    /// Whether it is declared as a part of something: a field, a method, a variant.
    pub fn is_member(&self) -> bool {
        let mut node = self.declaring().filter(|_| self.scope().is_none());
        while let Some(above) = node.and_then(|node| node.parent()) {
            let kind = above.kind();
            if holds(kind, MODULES) {
                return false;
            }
            if holds(kind, HOLDERS) {
                return true;
            }
            node = Some(above);
        }
        false
    }
}

fn holds(kind: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| kind.contains(part))
}

fn is_pattern(node: Node<'_>) -> bool {
    node.kind().contains("pattern")
        || node.kind() == "expression_list"
        || node.kind() == "variable_list"
}

fn is_name(node: Node<'_>) -> bool {
    let kind = node.kind();
    let leaf = node.child_count() == 0
        && node.is_named()
        && !node.is_missing()
        && node.end_byte() > node.start_byte();
    leaf && (kind.ends_with("identifier")
        || kind.contains("property_identifier")
        || NAMES.contains(&kind))
}

fn field_of<'t>(parent: Node<'t>, child: Node<'_>) -> Option<&'t str> {
    let mut cursor = parent.walk();
    let mut more = cursor.goto_first_child();
    while more {
        if cursor.node().id() == child.id() {
            return cursor.field_name();
        }
        more = cursor.goto_next_sibling();
    }
    None
}

fn role(node: Node<'_>) -> Role {
    let Some(parent) = node.parent() else {
        return Role::Used;
    };
    if node.kind().contains("shorthand") || parent.kind().contains("shorthand") {
        return Role::Shorthand;
    }
    let mark = node.prev_sibling().map_or("", |mark| mark.kind());
    // An arrow stands before a type and before a body too.
    let reached =
        mark != "->" || field_of(parent, node).is_some_and(|field| REACHED.contains(&field));
    if REACHES.contains(&mark) && reached || parent.kind().contains("method_index") {
        return Role::Member;
    }
    if is_key(node, parent) {
        return Role::Key;
    }
    if is_declared(node) {
        Role::Declared
    } else {
        Role::Used
    }
}

fn is_key(node: Node<'_>, parent: Node<'_>) -> bool {
    let mut here = (node, parent);
    // Go wraps the key.
    if parent.kind() == "literal_element"
        && let Some(above) = parent.parent()
    {
        here = (parent, above);
    }
    let marked = here
        .0
        .next_sibling()
        .is_some_and(|mark| [":", "="].contains(&mark.kind()));
    marked && holds(here.1.kind(), KEYED)
}

fn is_declared(name: Node<'_>) -> bool {
    let mut node = name;
    loop {
        let Some(parent) = node.parent() else {
            return false;
        };
        let field = field_of(parent, node);
        if field == Some("type") {
            return false;
        }
        if is_pattern(parent) && field.is_none_or(|field| field == "pattern") {
            node = parent;
            continue;
        }
        // C: a declarator may hold another one.
        if field == Some("declarator") && parent.kind().ends_with("declarator") {
            node = parent;
            continue;
        }
        let kind = parent.kind();
        return match field {
            Some("left") => ASSIGNED.contains(&kind),
            Some("pattern" | "parameter") => true,
            // What is brought in under its own name is declared elsewhere.
            Some("name") if kind.contains("import") || kind.contains("export") => false,
            Some(field) => GIVEN.contains(&field) && holds(kind, DECLARING),
            None => {
                let first = parent
                    .named_child(0)
                    .is_some_and(|first| first.id() == node.id());
                let plain = !name.kind().contains("type");
                plain
                    && (kind.contains("parameter") && !kind.contains("type")
                        || kind.ends_with("variable_declaration") && first)
            }
        };
    }
}

#[cfg(test)]
mod tests;
