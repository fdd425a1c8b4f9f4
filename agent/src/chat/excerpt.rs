//! The places that words name, and lines of an open document as something that a question adds.

use std::path::PathBuf;

use super::Trouble;
use super::mentions::{Here, find, shown, split};
use super::names::mentions;
use super::outcome::Class;
use crate::document::place::path_of;
use crate::edit::make::{Lines, span};
use crate::edit::select::Source;
use crate::edit::work::forbidden;
use crate::prompt::talk::Item;
use crate::text::Byte;
use crate::world::Snapshot;

/// The lines, where the document may leave this machine. Parses: not for the wire's task.
pub fn excerpt(snapshot: &Snapshot, uri: &str, lines: Lines) -> Result<Item, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let document = snapshot
        .document(uri)
        .ok_or_else(|| wrong(format!("{uri} is not open")))?;
    let path = path_of(&document.uri);
    if let Some(trouble) = path.as_deref().and_then(|path| forbidden(snapshot, path)) {
        return Err(trouble);
    }
    let text = document.text.slice(Byte(0)..document.text.end());
    let source = Source::new(&text, document.language);
    let name = shown(snapshot, path.as_deref(), &document.uri);
    let span = span(&source, lines).map_err(|why| wrong(format!("{name}: {why}")))?;
    let first = source.line_of(span.start) + 1;
    let last = source.line_of(span.end.saturating_sub(1).max(span.start)) + 1;
    Ok(Item {
        name: format!("{name}:{first}-{last}"),
        language: document.language_id.to_string(),
        text: text[span].to_owned(),
        file: path.map_or_else(
            || document.uri.to_string(),
            |path| path.to_string_lossy().into_owned(),
        ),
        line: u32::try_from(first).unwrap_or(u32::MAX),
        rule: "selected".into(),
        image: None,
    })
}

/// The files that the mentions of a message name, for a client that is asked for its text of them. Reads folders: not for the wire's task.
pub fn files(snapshot: &Snapshot, text: &str) -> Vec<PathBuf> {
    let named = mentions(text).into_iter();
    let found = named.filter_map(|name| find(snapshot, split(name).0, &Here::default()));
    found.filter(|path| path.is_file()).collect()
}

/// The file and the lines that a word names: `src/a.rs:10-20`, `a.rs:3` or `a.rs`, perhaps behind an `@`.
pub fn place(snapshot: &Snapshot, word: &str) -> Option<(PathBuf, Lines)> {
    let word = word.strip_prefix('@').unwrap_or(word);
    let (name, lines) = split(word);
    let path = find(snapshot, name, &Here::default()).filter(|path| path.is_file())?;
    let around = !word[name.len()..].contains('-');
    Some((
        path,
        match lines {
            None => Lines::All,
            Some((line, _)) if around => Lines::Around(line),
            Some((first, last)) => Lines::These(first, last),
        },
    ))
}
