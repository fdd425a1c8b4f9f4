//! What a message mentions with `@`, and the text behind it: files, parts of files, folders, symbols, the selection, diagnostics, the diff,
//! what the index finds.

use std::path::{Path, PathBuf};

use nextline_grammars::Language;

use super::names::mentions;
use super::{lookup, picture};
use crate::document::Document;
use crate::document::place::{path_of, uri_of};
use crate::edit::select::Source;
use crate::edit::work::forbidden;
use crate::index;
use crate::project::changes::{Against, changes};
use crate::prompt::talk::Item;
use crate::text::Byte;
use crate::world::Snapshot;

/// Bytes of one mentioned file that are read.
pub const FILE_CAP: u64 = 1 << 20;
/// Entries of a mentioned folder that are listed.
const LISTED: usize = 400;

/// Where the person is.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// The document in front.
    pub uri: Option<String>,
    /// Lines of its selection, from 1, both included.
    pub selection: Option<(usize, usize)>,
    /// What tools say of it, one sentence each.
    pub diagnostics: Vec<String>,
}

/// What the mentions of a message came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What can go in, in the message's order.
    pub items: Vec<Item>,
    /// What cannot: the mention, and why.
    pub refused: Vec<(String, String)>,
}

/// What each mention of a message stands for. Reads files: not for the wire's task.
pub fn resolve(snapshot: &Snapshot, text: &str, here: &Here) -> Found {
    let names = mentions(text).into_iter().map(str::to_owned);
    named(snapshot, &names.collect::<Vec<_>>(), text, here)
}

/// What names stand for, of mentions without their `@`; `text` is what a search of the repository looks for. Reads files.
pub fn named(snapshot: &Snapshot, names: &[String], text: &str, here: &Here) -> Found {
    let mut found = Found::default();
    for name in names {
        let resolved = match name.as_str() {
            "selection" => one(selection(snapshot, here)),
            "diagnostics" => one(diagnostics(here)),
            "diff" => diff(snapshot, &mut found.refused),
            "repo" => lookup::repository(snapshot, text),
            "." => front(snapshot, here, false),
            "./" => front(snapshot, here, true),
            "*" => open(snapshot),
            name => file(snapshot, name, here),
        };
        match resolved {
            Ok(items) => found.items.extend(items),
            Err(why) => found.refused.push((format!("@{name}"), why)),
        }
    }
    found
}

/// Items that one mention stands for, or a clause on why there are none.
type Several = Result<Vec<Item>, String>;

fn one(item: Resolved) -> Several {
    item.map(|item| vec![item])
}

/// The document in front, or its folder.
fn front(snapshot: &Snapshot, here: &Here, folder: bool) -> Several {
    let uri = here.uri.as_deref().ok_or("there is no document in front")?;
    let path = path_of(uri);
    if folder {
        let parent = path.as_deref().and_then(Path::parent);
        return one(listing(snapshot, parent.ok_or("it is in no folder")?));
    }
    match (snapshot.document(uri), path) {
        (Some(document), _) => one(of_document(snapshot, document)),
        // From a shell nothing is open.
        (None, Some(path)) => {
            admitted(snapshot, Some(&path))?;
            let name = shown(snapshot, Some(&path), uri);
            let language = Language::by_path(&path).map_or("", Language::id);
            let text = read(&path)?;
            one(part(&name, &text, language, Some(&path), None, "mentioned"))
        }
        (None, None) => Err("the document in front is not open".into()),
    }
}

/// Every open document.
fn open(snapshot: &Snapshot) -> Several {
    let mut documents: Vec<_> = snapshot.documents().collect();
    documents.sort_by(|left, right| left.0.cmp(right.0));
    let items = documents
        .iter()
        .filter_map(|(_, document)| of_document(snapshot, document).ok());
    Ok(items.collect())
}

fn of_document(snapshot: &Snapshot, document: &Document) -> Resolved {
    let path = path_of(&document.uri);
    admitted(snapshot, path.as_deref())?;
    let name = shown(snapshot, path.as_deref(), &document.uri);
    let text = whole(document);
    let language = &document.language_id;
    part(&name, &text, language, path.as_deref(), None, "mentioned")
}

/// What is added, or why nothing is.
pub type Resolved = Result<Item, String>;

fn whole(document: &Document) -> String {
    document.text.slice(Byte(0)..document.text.end())
}

fn selection(snapshot: &Snapshot, here: &Here) -> Resolved {
    let uri = here.uri.as_deref().ok_or("there is no document in front")?;
    let document = snapshot
        .document(uri)
        .ok_or("the document in front is not open")?;
    let (first, last) = here.selection.ok_or("nothing is selected")?;
    let path = path_of(&document.uri);
    admitted(snapshot, path.as_deref())?;
    let text = whole(document);
    part(
        &shown(snapshot, path.as_deref(), &document.uri),
        &text,
        &document.language_id,
        path.as_deref(),
        Some((first, last)),
        "selected",
    )
}

fn diagnostics(here: &Here) -> Resolved {
    match here.diagnostics.is_empty() {
        true => Err("the editor has sent no diagnostics".into()),
        false => Ok(Item {
            name: "diagnostics".into(),
            text: here.diagnostics.join("\n"),
            ..Item::default()
        }),
    }
}

/// What differs from the last commit; what may not leave is named with its reason.
fn diff(snapshot: &Snapshot, refused: &mut Vec<(String, String)>) -> Several {
    let folder = snapshot.client.folders.first();
    let folder = folder.ok_or("there is no workspace folder")?;
    let changes = changes(folder, Against::Head)?;
    if changes.items.is_empty() && changes.refused.is_empty() {
        return Err("git shows no difference from the last commit".into());
    }
    let stays = |(file, why)| ("@diff".to_owned(), format!("{file} is left out: {why}"));
    refused.extend(changes.refused.into_iter().map(stays));
    Ok(changes.items)
}

/// Whether a file's text may leave; the error is a sentence.
pub(super) fn admitted(snapshot: &Snapshot, path: Option<&Path>) -> Result<(), String> {
    match path.and_then(|path| forbidden(snapshot, path)) {
        Some(trouble) => Err(trouble.message),
        None => Ok(()),
    }
}

/// A path inside its workspace folder as people write it.
pub(super) fn shown(snapshot: &Snapshot, path: Option<&Path>, uri: &str) -> String {
    let Some(path) = path else {
        return uri.to_owned();
    };
    let inside = snapshot
        .client
        .folders
        .iter()
        .find_map(|folder| path.strip_prefix(folder).ok());
    inside.unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// A path with lines, a picture, a folder, or a symbol.
fn file(snapshot: &Snapshot, name: &str, here: &Here) -> Several {
    let (file, lines) = split(name);
    match find(snapshot, file, here) {
        Some(path) => one(file_at(snapshot, &path, lines)),
        None => symbol(snapshot, name, here),
    }
}

/// A name and the lines behind its colon, or as links to lines have them: `a.rs#L3-L9`.
pub fn split(name: &str) -> (&str, Option<(usize, usize)>) {
    let linked = || {
        let (file, lines) = name.rsplit_once("#L")?;
        Some((file, span(&lines.replace("-L", "-"))?))
    };
    let behind = || {
        let (file, lines) = name.rsplit_once(':')?;
        Some((file, span(lines)?))
    };
    match behind().or_else(linked) {
        Some((file, lines)) => (file, Some(lines)),
        None => (name, None),
    }
}

/// A file, lines of it, a picture, or what a folder holds, as the editor has it.
pub fn file_at(snapshot: &Snapshot, path: &Path, lines: Option<(usize, usize)>) -> Resolved {
    admitted(snapshot, Some(path))?;
    if path.is_dir() {
        return listing(snapshot, path);
    }
    let name = shown(snapshot, Some(path), "");
    let language = Language::by_path(path).map_or("", Language::id);
    let text = match snapshot.document(&uri_of(path)) {
        // The editor's text, saved or not.
        Some(document) => whole(document),
        None => match picture::read(path) {
            Some(image) => return image.map(|image| picture::item(&name, path, image)),
            None => read(path)?,
        },
    };
    part(&name, &text, language, Some(path), lines, "mentioned")
}

fn span(lines: &str) -> Option<(usize, usize)> {
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && first <= last).then_some((first, last))
}

/// Lines of a text, or all of it.
pub(super) fn part(
    name: &str,
    text: &str,
    language: &str,
    path: Option<&Path>,
    lines: Option<(usize, usize)>,
    rule: &'static str,
) -> Resolved {
    let (name, text, first) = match lines {
        None => (name.to_owned(), text.to_owned(), 1),
        Some((first, last)) => {
            let source = Source::new(text, None);
            if first > source.lines() {
                return Err(format!("the file has {} lines", source.lines()));
            }
            let last = last.min(source.lines());
            (
                format!("{name}:{first}-{last}"),
                text[source.span(first - 1, last - 1)].to_owned(),
                first,
            )
        }
    };
    Ok(Item {
        name,
        language: language.to_owned(),
        text,
        file: path
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default(),
        line: u32::try_from(first).unwrap_or(u32::MAX),
        rule: rule.into(),
        image: None,
    })
}

/// The text of a file on disk, if it is a text of no more than a megabyte.
pub fn read(path: &Path) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.len() > FILE_CAP {
        return Err(format!(
            "it has {} KB; name lines of it",
            metadata.len() >> 10
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    crate::tape::was_read(path, &bytes);
    if bytes.contains(&0) {
        return Err("it is a binary file".into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The path inside a workspace folder, or beside the document in front. A name that leads out of them is none.
pub(super) fn find(snapshot: &Snapshot, name: &str, here: &Here) -> Option<PathBuf> {
    let beside = here.uri.as_deref().and_then(path_of);
    let beside = beside.as_deref().and_then(Path::parent).map(Path::to_owned);
    let folders = snapshot.client.folders.iter().cloned().chain(beside);
    let mut places = folders.map(|folder| (folder.join(name), folder));
    places.find_map(|(path, folder)| {
        let real = path.canonicalize().ok()?;
        let root = folder.canonicalize().ok()?;
        // As the editor spells it, so that its open buffer is found.
        (real.starts_with(&root) && !name.is_empty()).then(|| match real.strip_prefix(&root) {
            Ok(inside) => folder.join(inside),
            Err(_) => real.clone(),
        })
    })
}

fn listing(snapshot: &Snapshot, folder: &Path) -> Resolved {
    let mut names: Vec<String> = index::files(folder)
        .take(LISTED)
        .map(|file| shown(snapshot, Some(&file), ""))
        .collect();
    names.sort();
    if names.is_empty() {
        return Err("no file in it may be read".into());
    }
    Ok(Item {
        name: format!("{}/", shown(snapshot, Some(folder), "")),
        text: names.join("\n"),
        ..Item::default()
    })
}

/// A definition of this name in an open document, the one in front first; else those that the index knows.
fn symbol(snapshot: &Snapshot, name: &str, here: &Here) -> Several {
    let front = here.uri.as_deref().and_then(|uri| snapshot.document(uri));
    let others = snapshot.documents().map(|(_, document)| document);
    for document in front.into_iter().chain(others) {
        let path = path_of(&document.uri);
        if document.lost.is_some() || admitted(snapshot, path.as_deref()).is_err() {
            continue;
        }
        let text = whole(document);
        let source = Source::new(&text, document.language);
        let Some(range) = source.definition(name) else {
            continue;
        };
        let lines = (
            source.line_of(range.start) + 1,
            source.line_of(range.end.saturating_sub(1)) + 1,
        );
        let file = shown(snapshot, path.as_deref(), &document.uri);
        return one(part(
            &file,
            &text,
            &document.language_id,
            path.as_deref(),
            Some(lines),
            "symbol",
        ));
    }
    let found = lookup::definitions(snapshot, name);
    match found.is_empty() {
        true => Err("no file and no symbol of the workspace has this name".into()),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_behind_a_name() {
        assert_eq!(split("a.rs#L3-L9"), ("a.rs", Some((3, 9))));
        assert_eq!(split("a.rs#L3"), ("a.rs", Some((3, 3))));
        assert_eq!(split("a#b.rs"), ("a#b.rs", None));
        assert_eq!(
            (span("3"), span("3-9"), span("9-3"), span("x")),
            (Some((3, 3)), Some((3, 9)), None, None)
        );
    }
}
