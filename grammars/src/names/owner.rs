//! Whose a name is, as far as the tree says: the type that holds it, the thing it is reached through, the statement that brings it in.

use tree_sitter::Node;

use super::{HOLDERS, Name, holds};

/// Kinds that name a holder and are none: a value of it, a pattern for one.
const OF_HOLDERS: &[&str] = &["expression", "pattern"];
/// Kinds in which a name is brought in from elsewhere.
const IMPORTS: &[&str] = &["import", "use_declaration"];
/// Kinds of fields, of which nothing else than a value is known.
const FIELDS: &[&str] = &[
    "field_declaration",
    "field_definition",
    "property_signature",
];

impl<'tree> Name<'tree> {
    /// The type of the literal whose key it is, where that is written there.
    pub fn literal_of(&self) -> Option<Node<'tree>> {
        let mut node = self.node.parent()?;
        for _ in 0..4 {
            let named = ["type", "name"]
                .iter()
                .find_map(|field| node.child_by_field_name(field));
            if let Some(named) = named.filter(|named| named.id() != self.node.id()) {
                return Some(named);
            }
            node = node.parent()?;
        }
        None
    }

    /// The holder that a member is declared or used in, by its name or by the type that it is for.
    pub fn holder(&self) -> Option<Node<'tree>> {
        let mut node = self.node.parent()?;
        loop {
            let kind = node.kind();
            let body = kind.contains("list") || kind.contains("body");
            if holds(kind, HOLDERS) && !body && !holds(kind, OF_HOLDERS) {
                let named = node
                    .child_by_field_name("type")
                    .or_else(|| node.child_by_field_name("name"));
                if let Some(named) = named.filter(|named| named.id() != self.node.id()) {
                    return Some(named);
                }
            }
            node = node.parent()?;
        }
    }

    /// The trait that the holder it stands in is written for: that says how its members are called.
    pub fn dictated(&self) -> Option<Node<'tree>> {
        let mut node = self.declaring()?;
        loop {
            if holds(node.kind(), HOLDERS) && node.id() != self.node.id() {
                let named = node.child_by_field_name("trait");
                if named.is_some() || node.kind().contains("impl") {
                    return named;
                }
            }
            node = node.parent()?;
        }
    }

    /// Whether it is declared as a field.
    pub fn is_field(&self) -> bool {
        let declaring = self.declaring();
        declaring.is_some_and(|node| holds(node.kind(), FIELDS))
    }

    /// Whether it is called where it stands.
    pub fn is_called(&self) -> bool {
        let mut node = Some(self.node);
        for _ in 0..3 {
            let Some(next) = node.and_then(|node| node.next_sibling()) else {
                node = node.and_then(|node| node.parent());
                continue;
            };
            return next.kind().contains("argument") || ["(", "::"].contains(&next.kind());
        }
        false
    }

    /// The statement that brings it in from elsewhere.
    pub fn import(&self) -> Option<Node<'tree>> {
        let mut found = None;
        let mut node = self.node.parent();
        while let Some(here) = node {
            let from =
                here.kind() == "export_statement" && here.child_by_field_name("source").is_some();
            if from || holds(here.kind(), IMPORTS) {
                found = Some(here);
            }
            node = here.parent();
        }
        found
    }

    /// What a member is reached through.
    pub fn through(&self) -> Option<Node<'tree>> {
        let mark = self.node.prev_sibling()?;
        let before = mark.prev_sibling();
        // Kotlin and Swift: mark and name are a suffix of their own.
        before.or_else(|| self.node.parent()?.prev_sibling())
    }
}
