//! Whose a name is, as far as the text around it says: where it is brought in from, and what type it is reached through.

use nextline_grammars::{Name, Node, Role};

use super::scene::called;
use crate::document::Document;

/// Files that are called like this stand for their folder.
const OF_THE_FOLDER: &[&str] = &["mod", "index", "__init__"];
/// Files that stand for all that is built with them.
const ROOTS: &[&str] = &["lib", "main"];
/// What leads to a module of the same whole.
const WITHIN: &[&str] = &["crate", "self", "super"];

/// The text of a node.
pub fn read(node: Node<'_>, of: &Document) -> String {
    of.text.bytes(node.byte_range())
}

/// A type's name without what it is made of: `Map` of `a::Map<K, V>`.
pub fn bare(name: &str) -> &str {
    let name = name.split(['<', '[', '(']).next().unwrap_or(name);
    name.rsplit([':', '.', '&', '*', ' '])
        .next()
        .unwrap_or(name)
}

/// Whether a document imports `name` from the module that `home` is. Where nothing else has the name, `alone`, a path within the same whole
/// is enough.
pub fn brings_in(document: &Document, name: &str, home: &Document, alone: bool) -> bool {
    let names = called(document, 0..document.text.len(), name);
    names.iter().any(|name| {
        let path = name.import().map(|import| read(import, document));
        path.is_some_and(|path| leads(&path, home, alone))
    })
}

/// Whether the path before a name leads to the module that `home` is.
pub fn leads_to(name: &Name<'_>, document: &Document, home: &Document) -> bool {
    let path = name.through().map(|node| read(node, document));
    path.is_some_and(|path| leads(bare(&path), home, true))
}

fn leads(path: &str, home: &Document, alone: bool) -> bool {
    let module = module(home);
    let mut words = path.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|word| Some(word) == module || alone && WITHIN.contains(&word))
}

/// What the file of a document is called as a module.
fn module(document: &Document) -> Option<&str> {
    let mut parts = document.uri.rsplit('/');
    let stem = parts.next()?.split('.').next()?;
    match stem {
        folder if OF_THE_FOLDER.contains(&folder) => parts.next(),
        root if ROOTS.contains(&root) => None,
        stem => Some(stem),
    }
}

/// The type of a plain name, where its declaration says it: by an annotation, or by the literal or the constructor that it is.
pub fn typed(node: Node<'_>, document: &Document) -> Option<String> {
    if node.child_count() > 0 {
        return None;
    }
    let (at, text) = (node.start_byte(), read(node, document));
    let names = called(document, 0..document.text.len(), &text);
    let known = names.iter().rev().filter(|name| {
        let scope = name.scope();
        name.role == Role::Declared
            && name.node.start_byte() < at
            && scope.is_some_and(|scope| scope.byte_range().contains(&at))
    });
    let declaring = known.filter_map(|name| name.declaring()).next()?;
    if let Some(kind) = declaring.child_by_field_name("type") {
        let kind = read(kind, document);
        return Some(bare(kind.trim()).to_owned());
    }
    let value = declaring.child_by_field_name("value")?;
    let value = read(value, document);
    let value = value.trim_start_matches("new ").trim_start_matches('&');
    let end = value.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let (kind, rest) = value.split_at(end);
    let made = rest.starts_with("::")
        || rest.starts_with(" {")
        || rest.starts_with('{')
        || rest.starts_with('(');
    let upper = kind.chars().next().is_some_and(char::is_uppercase);
    // Longer paths and chains may end in anything.
    (made && upper && !rest.trim_start_matches("::").contains("::") && !rest.contains(")."))
        .then(|| kind.to_owned())
}
