//! What the index of the workspace knows: places that speak of some words, and where a name is defined.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nextline_grammars::Language;

use super::mentions::{admitted, shown};
use crate::context::{ContextAsk, Ranked, gather};
use crate::document::place::{path_of, uri_of};
use crate::index;
use crate::index::library::Library;
use crate::index::library::names::name_of;
use crate::prompt::talk::Item;
use crate::world::Snapshot;

/// Bytes of what a search of the repository brings into a question.
const ROOM: usize = 24 << 10;
/// Bytes around a piece that a question spends.
const FRAME: usize = 60;
/// Time of one search.
const PATIENCE: Duration = Duration::from_millis(500);
/// Definitions of one name that go in.
const DEFINITIONS: usize = 3;
/// Bytes of a file above which it is not read for one question.
const FILE_CAP: u64 = 1 << 20;

const NO_INDEX: &str =
    "there is no index of the workspace: set `context.enabled` and a route for chat or edits";

/// The places that fit some words best, best first, within `room` bytes. Blocks for half a second at most.
///
/// # Errors
///
/// A clause on why there is nothing to search.
pub fn search(snapshot: &Snapshot, words: &str, room: usize) -> Result<Vec<Ranked>, String> {
    let library = snapshot.engine.gathered.library().ok_or(NO_INDEX)?;
    if library.due("") {
        library.settle();
    }
    let shelf = library.shelf();
    let names = spellings(words, |name| shelf.spread(name_of(name)) > 0);
    let ask = Around {
        key: "",
        before: &format!("{words} {}\n", names.join(" ")),
        after: "",
        // What was asked is no code that anybody sees.
        shown: (0, 0),
    };
    around(snapshot, &library, &ask, room)
}

/// Words that one name may be made of.
const JOINED: usize = 3;

/// The names that a person may mean by some words, of those that are `known`: each word, and words that stand side by side, as code spells
/// them.
fn spellings(words: &str, known: impl Fn(&str) -> bool) -> Vec<String> {
    let bare = |word: &str| {
        word.trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
    };
    let words: Vec<String> = words.split_whitespace().map(bare).collect();
    let capital = |word: &String| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).collect::<String>()
    };
    let mut found = Vec::new();
    for run in (1..=JOINED).flat_map(|length| words.windows(length)) {
        if run.iter().any(String::is_empty) {
            continue;
        }
        let snake = run.join("_");
        let pascal = run.iter().map(capital).collect::<String>();
        let camel = format!("{}{}", run[0], &pascal[capital(&run[0]).len()..]);
        found.extend([snake.to_uppercase(), snake, pascal, camel]);
    }
    found.sort();
    found.dedup();
    found.retain(|name| known(name));
    found
}

/// A place in a text.
pub struct Around<'a> {
    /// Its file, which is left aside.
    pub key: &'a str,
    /// The text before it.
    pub before: &'a str,
    /// The text after it.
    pub after: &'a str,
    /// Bytes of both that the question shows anyway.
    pub shown: (usize, usize),
}

/// The places that help with a text, best first.
///
/// # Errors
///
/// A clause on why there is nothing to search.
pub fn around(
    snapshot: &Snapshot,
    library: &Arc<Library>,
    ask: &Around<'_>,
    room: usize,
) -> Result<Vec<Ranked>, String> {
    if library.due(ask.key) {
        library.settle();
    }
    let deadline = Instant::now() + PATIENCE;
    let path = |key: &str| {
        let path = path_of(key);
        let may = key != ask.key && admitted(snapshot, path.as_deref()).is_ok();
        may.then(|| shown(snapshot, path.as_deref(), key))
    };
    let shelf = library.shelf();
    let found = gather(&ContextAsk {
        shelf: &shelf,
        key: ask.key,
        before: ask.before,
        after: ask.after,
        shown: ask.shown,
        recent: &[],
        room,
        frame: FRAME,
        path: &path,
        late: &|| Instant::now() >= deadline,
        last: None,
    });
    let mut pieces = found.pieces;
    pieces.sort_by(|left, right| right.score.total_cmp(&left.score));
    Ok(pieces)
}

/// A place as an item of a question.
pub fn item(piece: &Ranked) -> Item {
    let path = path_of(&piece.key);
    let language = path.as_deref().and_then(Language::by_path);
    Item {
        name: format!(
            "{}:{}-{}",
            piece.path,
            piece.lines.start + 1,
            piece.lines.end
        ),
        language: language.map_or("", Language::id).to_owned(),
        text: piece.text.clone(),
        file: path.map_or_else(
            || piece.key.to_string(),
            |path| path.to_string_lossy().into_owned(),
        ),
        line: piece.lines.start + 1,
        rule: piece.source.name().into(),
        image: None,
    }
}

/// `@repo`: what the index finds for the words of a message.
pub fn repository(snapshot: &Snapshot, text: &str) -> Result<Vec<Item>, String> {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| *word != "@repo")
        .collect();
    let found = search(snapshot, &words.join(" "), ROOM)?;
    match found.is_empty() {
        true => Err("nothing in the workspace speaks of these words".into()),
        false => Ok(found.iter().map(item).collect()),
    }
}

/// The definitions of a name that the index knows, those of the shortest paths first.
pub fn definitions(snapshot: &Snapshot, name: &str) -> Vec<Item> {
    let Some(library) = snapshot.engine.gathered.library() else {
        return Vec::new();
    };
    let last = name.rsplit(['.', ':']).next().unwrap_or(name);
    let wanted = name_of(last);
    let shelf = library.shelf();
    let mut found = Vec::new();
    for part in shelf.parts() {
        for (page, at) in part.segment().definitions(wanted) {
            if !part.answers(page) {
                continue;
            }
            let page = &part.segment().pages[page];
            let path = path_of(&page.key);
            if admitted(snapshot, path.as_deref()).is_err() {
                continue;
            }
            let lines = page.definitions[at].lines.clone();
            let file = shown(snapshot, path.as_deref(), &page.key);
            let text = page.text.text(lines.clone());
            // Names are kept as numbers, which two words may share.
            if !text.contains(last) {
                continue;
            }
            found.push(Item {
                name: format!("{file}:{}-{}", lines.start + 1, lines.end),
                language: page.language.map_or("", Language::id).to_owned(),
                text,
                file: path.map_or_else(
                    || page.key.to_string(),
                    |path| path.to_string_lossy().into_owned(),
                ),
                line: lines.start + 1,
                rule: "symbol".into(),
                image: None,
            });
        }
    }
    found.sort_by_key(|item| (item.name.len(), item.name.clone()));
    found.truncate(DEFINITIONS);
    found
}

/// Fills the index with a folder, for one question from a shell. Reads every file of it.
pub fn read_folder(snapshot: &Snapshot, folder: &Path) {
    let Some(library) = snapshot.engine.gathered.library() else {
        return;
    };
    for file in index::files(folder) {
        let small = file.metadata().is_ok_and(|about| about.len() <= FILE_CAP);
        if small && let Ok(text) = std::fs::read_to_string(&file) {
            library.learn(&uri_of(&file), &text);
        }
    }
    library.settle();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_as_code_spells_them() {
        let known = ["compute_total", "Basket", "HTTP", "httpClient", "élan"];
        let found = |words| spellings(words, |name| known.contains(&name));
        assert_eq!(
            found("where is the compute total of a basket?"),
            ["Basket", "compute_total"]
        );
        assert_eq!(
            found("the HTTP client, (Élan)"),
            ["HTTP", "httpClient", "élan"]
        );
        assert_eq!(found(" … ?"), [""; 0]);
    }
}
