//! The import that is missing: a name was just written that this file does not know, and the other open files agree on where it is from.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nextline_grammars::{Capture, Language, Node, Role, Syntax};
use nextline_protocol::document::Item;

use super::scene::{Scene, called};
use super::{Followed, Found, Kind, Reason};
use crate::document::Document;
use crate::document::place::path_of;
use crate::text::{Byte, is_word};

/// Bytes of an import at most.
const LONGEST: usize = 2 << 10;
/// Bytes of files on disk that are read for one name, and bytes of one of them.
const ON_DISK: usize = 4 << 20;
const LARGEST: usize = 256 << 10;
/// Files on disk that hold the name and are parsed.
const FILES: usize = 8;

/// Finds the import of a name that was just written, or that a tool does not know.
pub fn find(scene: &Scene) -> Result<Option<Followed>, Reason> {
    let target = &scene.target;
    let Some(last) = scene.deeds.first() else {
        return Ok(None);
    };
    let Some(syntax) = target.syntax() else {
        return Ok(None);
    };
    let mut wanted: Vec<String> = Vec::new();
    let mut want = |span: Range<usize>, sure: bool| {
        for name in syntax.names(span, |_| true) {
            let text = target.text.bytes(name.node.byte_range());
            if name.role == Role::Used && is_foreign(target, &text, sure) && !wanted.contains(&text)
            {
                wanted.push(text);
            }
        }
    };
    for complaint in &scene.complaints {
        want(complaint.span.clone(), true);
    }
    if Arc::ptr_eq(&last.document, target) {
        want(last.deed.now.clone(), false);
    }
    let imports = imports(target, syntax);
    let Some(place) = imports.last() else {
        return Ok(None);
    };
    let mut found = Vec::new();
    let mut ambiguous = false;
    for name in wanted
        .iter()
        .filter(|name| !mentioned(target, &imports, name))
    {
        let open = scene.others.iter().cloned();
        let said = match statement(&scene.target, open, name) {
            Statement::None => statement(&scene.target, on_disk(scene, name), name),
            said => said,
        };
        match said {
            Statement::One(statement) => {
                let end = target
                    .text
                    .line_span(target.text.line_of(Byte(place.end)))
                    .end
                    .0;
                let text = target.text.bytes(0..target.text.len().min(1 << 12));
                let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
                found.push(Found {
                    document: target.clone(),
                    kind: Kind::Import,
                    span: end..end,
                    text: format!("{line_break}{statement}"),
                });
                // One after the other: they go to the same place.
                break;
            }
            Statement::Several => ambiguous = true,
            Statement::None => {}
        }
    }
    match (found.is_empty(), ambiguous) {
        (true, true) => Err(Reason::Ambiguous),
        (true, false) => Ok(None),
        _ => Ok(Some((found, last.deed.at))),
    }
}

/// Whether a file does not know a name: it is used at one place only, or a tool complains, and nothing here is called so.
fn is_foreign(document: &Document, name: &str, sure: bool) -> bool {
    let upper = name.starts_with(char::is_uppercase) && name.len() >= 3;
    if !(upper || super::scene::is_distinctive(name)) {
        return false;
    }
    let names = called(document, 0..document.text.len(), name);
    let declared = names.iter().any(|name| {
        matches!(name.role, Role::Declared | Role::Shorthand) || name.import().is_some()
    });
    let uses = names.iter().filter(|name| name.role == Role::Used).count();
    !declared && (sure || uses == 1)
}

/// The imports at the top level of a file.
fn imports(document: &Document, syntax: &Syntax) -> Vec<Range<usize>> {
    let root = syntax.root();
    let all = syntax.captured(Capture::Import, 0..document.text.len());
    let top = |span: &Range<usize>| {
        let node = root.descendant_for_byte_range(span.start, span.end);
        let mut node = node.and_then(|node| node.parent());
        // Go holds its imports in a list, Kotlin in another.
        while let Some(here) = node.filter(|here| here.kind().contains("import")) {
            node = here.parent();
        }
        node.is_none_or(|node| node.parent().is_none())
    };
    all.into_iter()
        .filter(|span| span.len() <= LONGEST && top(span))
        .collect()
}

fn mentioned(document: &Document, imports: &[Range<usize>], name: &str) -> bool {
    let mut texts = imports.iter().map(|span| document.text.bytes(span.clone()));
    texts.any(|text| text.split(|c: char| !is_word(c)).any(|word| word == name))
}

/// The workspace's files of the same language that hold a name, as they are on disk: only those that were learnt, and may still be used.
fn on_disk(scene: &Scene, name: &str) -> impl Iterator<Item = Arc<Document>> {
    let snapshot = &scene.snapshot;
    let target = &scene.target;
    let row = |path: &Path| Language::by_path(path).map(Language::id);
    let wanted = target.language.map(Language::id);
    let mut left = ON_DISK;
    let keys = snapshot.engine.walks().learnt().into_iter();
    let files = keys.filter_map(move |key| {
        let path = path_of(&key)?;
        let closed = snapshot.document(&key).is_none();
        if wanted.is_none() || row(&path) != wanted || !closed || left == 0 {
            return None;
        }
        let length = usize::try_from(path.metadata().ok()?.len()).ok()?;
        left = left.saturating_sub(length);
        let text = std::fs::read_to_string(&path)
            .ok()
            .filter(|_| length <= LARGEST)?;
        let folders = &snapshot.client.folders;
        let allowed = || {
            snapshot
                .engine
                .policy
                .verdict_of(folders, &key)
                .is_allowed()
        };
        (text.contains(name) && allowed()).then(|| {
            Arc::new(Document::new(Item {
                uri: key.clone(),
                language_id: target.language_id.to_string(),
                version: None,
                text,
            }))
        })
    });
    files.take(FILES)
}

/// What other files say about where a name is from.
enum Statement {
    /// Nothing.
    None,
    /// The same.
    One(String),
    /// One thing and another.
    Several,
}

fn statement(
    target: &Document,
    others: impl Iterator<Item = Arc<Document>>,
    name: &str,
) -> Statement {
    let mut found: Option<String> = None;
    for document in others.filter(|other| other.language_id == target.language_id) {
        let Some(syntax) = document.syntax() else {
            continue;
        };
        for span in imports(&document, syntax) {
            let names = called(&document, span.clone(), name);
            let Some(last) = names
                .last()
                .filter(|name| span.contains(&name.node.start_byte()))
            else {
                continue;
            };
            let Some(node) = syntax
                .root()
                .descendant_for_byte_range(span.start, span.end)
            else {
                continue;
            };
            let alone = alone(&document, node, last.node);
            let Some(statement) = alone.and_then(|text| moved(&text, &document, target)) else {
                continue;
            };
            match &found {
                Some(before) if *before != statement => return Statement::Several,
                _ => found = Some(statement),
            }
        }
    }
    found.map_or(Statement::None, Statement::One)
}

/// An import with everything left out of its lists but one name; `None` where the name is not what it brings.
fn alone(document: &Document, import: Node<'_>, name: Node<'_>) -> Option<String> {
    let mut cuts: Vec<Range<usize>> = Vec::new();
    let mut node = name;
    while node.id() != import.id() {
        let parent = node.parent()?;
        // A path goes on behind it: it is a part of the way.
        let after = node.next_sibling().map(|next| next.kind());
        if after.is_some_and(|kind| ["::", ".", "as"].contains(&kind)) {
            return None;
        }
        cuts.extend(others_of(parent, node));
        node = parent;
    }
    let span = import.byte_range();
    cuts.sort_by_key(|cut| cut.start);
    let (mut text, mut at) = (String::new(), span.start);
    for cut in cuts {
        text.push_str(&document.text.bytes(at..cut.start.max(at)));
        at = at.max(cut.end);
    }
    text.push_str(&document.text.bytes(at..span.end));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Other files cannot say what is seen of this one.
    if text.starts_with("pub") || text.starts_with("export") {
        return None;
    }
    let inner = text
        .split_once("::{")
        .and_then(|(head, rest)| Some((head, rest.split_once('}')?)));
    Some(match inner {
        Some((head, (one, tail))) => format!(
            "{head}::{}{}",
            one.trim(),
            tail.trim_start_matches('}').trim_start()
        ),
        None => text,
    })
}

/// The items beside one in a list with commas, and the commas.
fn others_of(list: Node<'_>, own: Node<'_>) -> Vec<Range<usize>> {
    let comma = |node: Option<Node<'_>>| node.is_some_and(|node| node.kind() == ",");
    let mut cursor = list.walk();
    let items: Vec<Node<'_>> = list
        .children(&mut cursor)
        .filter(|child| {
            child.is_named() && (comma(child.prev_sibling()) || comma(child.next_sibling()))
        })
        .collect();
    let Some(place) = items.iter().position(|item| item.id() == own.id()) else {
        return Vec::new();
    };
    let mut cuts = Vec::new();
    if place > 0 {
        cuts.push(items[0].start_byte()..own.start_byte());
    }
    let last = items[items.len() - 1];
    let end = match last.next_sibling() {
        Some(next) if next.kind() == "," => next.end_byte(),
        _ => last.end_byte(),
    };
    if end > own.end_byte() {
        cuts.push(own.end_byte()..end);
    }
    cuts
}

/// An import as another file has to write it; `None` where that cannot be told.
fn moved(statement: &str, from: &Document, to: &Document) -> Option<String> {
    let (from, to) = (path_of(&from.uri)?, path_of(&to.uri)?);
    let (from, to) = (from.parent()?, to.parent()?);
    if from == to {
        return Some(statement.to_owned());
    }
    let words: Vec<&str> = statement.split(|c: char| !is_word(c)).collect();
    if words.contains(&"super") || words.contains(&"self") || statement.starts_with("from .") {
        return None;
    }
    for quote in ['"', '\''] {
        let mut parts = statement.splitn(3, quote);
        if let (Some(head), Some(path), Some(tail)) = (parts.next(), parts.next(), parts.next())
            && path.starts_with('.')
        {
            let path = relative(&normal(&from.join(path)), to)?;
            return Some(format!("{head}{quote}{path}{quote}{tail}"));
        }
    }
    Some(statement.to_owned())
}

fn normal(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

/// A path as it is written in a folder: `./a` or `../a`.
fn relative(path: &Path, folder: &Path) -> Option<String> {
    let shared = path
        .components()
        .zip(folder.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = folder.components().count() - shared;
    let rest: PathBuf = path.components().skip(shared).collect();
    let rest = rest.to_str()?.replace('\\', "/");
    Some(match up {
        0 => format!("./{rest}"),
        _ => format!("{}{rest}", "../".repeat(up)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, uri: &str, import: &str, name: &str, wanted: Option<&str>) {
        let document = |uri: &str| {
            Document::new(Item {
                uri: uri.into(),
                language_id: language.into(),
                version: None,
                text: format!("{import}\n"),
            })
        };
        let (from, to) = (document(uri), document("file:///w/src/a.x"));
        let Some(syntax) = from.syntax() else {
            return;
        };
        let span = imports(&from, syntax).remove(0);
        let names = called(&from, span.clone(), name);
        let node = syntax
            .root()
            .descendant_for_byte_range(span.start, span.end)
            .unwrap();
        let found = names
            .last()
            .and_then(|last| alone(&from, node, last.node))
            .and_then(|text| moved(&text, &from, &to));
        assert_eq!(
            found.as_deref(),
            wanted,
            "{import}\n{}",
            syntax.root().to_sexp()
        );
    }

    #[test]
    fn one_name_of_an_import_in_another_file() {
        let rust = "file:///w/src/b/c.rs";
        check("rust", rust, "use a::B;", "B", Some("use a::B;"));
        check(
            "rust",
            rust,
            "use crate::a::{B, C, D};",
            "C",
            Some("use crate::a::C;"),
        );
        check(
            "rust",
            rust,
            "use crate::a::{\n    B,\n    C,\n};",
            "C",
            Some("use crate::a::C;"),
        );
        check("rust", rust, "use a::B;", "a", None);
        check("rust", rust, "use super::B;", "B", None);
        check("rust", rust, "pub use a::B;", "B", None);
        let ts = "file:///w/src/b/c.ts";
        check(
            "typescript",
            ts,
            "import { A, B } from 'm';",
            "B",
            Some("import { B } from 'm';"),
        );
        check(
            "typescript",
            ts,
            "import D, { A } from '../d/m';",
            "A",
            Some("import { A } from './d/m';"),
        );
        check(
            "typescript",
            ts,
            "import { A } from './m';",
            "A",
            Some("import { A } from './b/m';"),
        );
        check(
            "typescript",
            ts,
            "import D, { A } from \"m\";",
            "D",
            Some("import D from \"m\";"),
        );
        let py = "file:///w/src/b/c.py";
        check(
            "python",
            py,
            "from m import A, B",
            "B",
            Some("from m import B"),
        );
        check("python", py, "from .m import A", "A", None);
        check(
            "java",
            "file:///w/src/b/C.java",
            "import a.b.C;",
            "C",
            Some("import a.b.C;"),
        );
    }
}
