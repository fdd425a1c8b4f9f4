//! What a person said: words, places that were linked, and texts that came along.

use std::path::PathBuf;

use nextline_grammars::Language;
use nextline_protocol::acp::{Block, Resource};

use super::update::{COMMANDS, code};
use crate::chat::excerpt::place;
use crate::chat::mentions::{Resolved, file_at};
use crate::document::place::path_of;
use crate::edit::make::Lines;
use crate::edit::target::folder_of;
use crate::edit::work::forbidden;
use crate::prompt::talk::Item;
use crate::world::Snapshot;

/// The rule of a text that the client sent along.
pub const GIVEN: &str = "attached";

/// A file that was linked or came along.
#[derive(Debug, Clone)]
pub struct Place {
    /// How it stands in the words.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Which lines.
    pub lines: Lines,
    /// Its text, where the client sent it.
    text: Option<String>,
}

/// What a person said.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// All of it in words, links by their names.
    pub text: String,
    /// The words alone.
    words: String,
    /// Files, in order.
    pub places: Vec<Place>,
    /// Texts that are no files.
    items: Vec<Item>,
    /// What cannot be taken, and why.
    refused: Vec<(String, String)>,
}

/// A slash command.
#[derive(Debug, Clone)]
pub struct Command {
    /// Its name, one of [`COMMANDS`].
    pub name: &'static str,
    /// The code that it is about.
    pub places: Vec<Place>,
    /// What else was said.
    pub instruction: String,
}

impl Said {
    /// Reads the parts of a prompt.
    pub fn read(snapshot: &Snapshot, blocks: Vec<Block>) -> Said {
        let mut said = Said::default();
        for block in blocks {
            match block {
                Block::Text { text } => {
                    said.text.push_str(&text);
                    said.words.push_str(&text);
                }
                Block::ResourceLink { uri } => said.link(snapshot, &uri, None),
                Block::Resource { resource } => match resource {
                    Resource { uri, text: None } => {
                        said.refuse(uri, "bytes are not read here; send text");
                    }
                    Resource { uri, text } => said.link(snapshot, &uri, text),
                },
                Block::Other => said.refuse("an attachment".into(), "only text is read here"),
            }
        }
        said
    }

    fn refuse(&mut self, what: String, why: &str) {
        self.refused.push((what, why.to_owned()));
    }

    fn link(&mut self, snapshot: &Snapshot, uri: &str, text: Option<String>) {
        let Some(path) = path_of(uri) else {
            match text {
                Some(text) => self.items.push(Item {
                    name: uri.to_owned(),
                    text,
                    rule: GIVEN.into(),
                    ..Item::default()
                }),
                None => self.refuse(uri.to_owned(), "only files are read; nothing is fetched"),
            }
            return;
        };
        let lines = uri
            .split_once('#')
            .map_or(Lines::All, |(_, part)| fragment(part));
        let folder = folder_of(&snapshot.client.folders, &path);
        let shown = folder.and_then(|folder| path.strip_prefix(folder).ok());
        let shown = shown.unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let name = match lines {
            Lines::All => shown,
            Lines::Around(line) => format!("{shown}:{line}"),
            Lines::These(first, last) => format!("{shown}:{first}-{last}"),
        };
        self.text.push_str(&code(&name));
        if folder.is_none() {
            return self.refuse(name, "it is outside of the folders of this session");
        }
        self.places.push(Place {
            name,
            path,
            lines,
            text,
        });
    }

    /// The slash command that this is, if it is one.
    pub fn command(&self, snapshot: &Snapshot) -> Option<Command> {
        let rest = self.words.trim_start().strip_prefix('/')?;
        let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (name, ..) = *COMMANDS.iter().find(|(known, ..)| *known == name)?;
        let mut rest = rest.trim();
        let mut places = self.places.clone();
        if places.is_empty() {
            let (word, others) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            if let Some((path, lines)) = place(snapshot, word) {
                let name = word.trim_start_matches('@').to_owned();
                places.push(Place {
                    name,
                    path,
                    lines,
                    text: None,
                });
                rest = others.trim();
            }
        }
        Some(Command {
            name,
            places,
            instruction: rest.to_owned(),
        })
    }

    /// What came along beside the words: what can go in, and what cannot. Reads files: not for the wire's task.
    pub fn resolve(self, snapshot: &Snapshot) -> (Vec<Item>, Vec<(String, String)>) {
        let (mut items, mut refused) = (self.items, self.refused);
        for place in self.places {
            let name = place.name.clone();
            match item(snapshot, place) {
                Ok(item) => items.push(item),
                Err(why) => refused.push((name, why)),
            }
        }
        (items, refused)
    }
}

fn item(snapshot: &Snapshot, place: Place) -> Resolved {
    let lines = match place.lines {
        Lines::All => None,
        Lines::Around(line) => Some((line, line)),
        Lines::These(first, last) => Some((first, last)),
    };
    let Some(text) = place.text else {
        return file_at(snapshot, &place.path, lines);
    };
    if let Some(trouble) = forbidden(snapshot, &place.path) {
        return Err(trouble.message);
    }
    Ok(Item {
        name: place.name,
        language: Language::by_path(&place.path)
            .map_or("", Language::id)
            .to_owned(),
        text,
        file: place.path.to_string_lossy().into_owned(),
        line: lines.map_or(1, |(first, _)| u32::try_from(first).unwrap_or(u32::MAX)),
        rule: GIVEN.into(),
        image: None,
    })
}

/// The lines of a URI's fragment: `L10:20`, `L10-L20`, `L10`. Anything else names none.
fn fragment(part: &str) -> Lines {
    let part = part.split(['?', '&']).next().unwrap_or(part);
    let number = |text: &str| {
        let digits = text.trim_start_matches(['L', 'l']);
        digits.parse::<usize>().ok().filter(|line| *line > 0)
    };
    match part.split_once([':', '-']) {
        None => number(part).map_or(Lines::All, Lines::Around),
        Some((first, last)) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Lines::These(first, last),
            _ => Lines::All,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_name_lines() {
        for (part, lines) in [
            ("L10:20", Lines::These(10, 20)),
            ("L10-L20", Lines::These(10, 20)),
            ("l3-3", Lines::These(3, 3)),
            ("L7", Lines::Around(7)),
            ("L7:2", Lines::All),
            ("L0", Lines::All),
            ("section", Lines::All),
            ("", Lines::All),
        ] {
            assert_eq!(fragment(part), lines, "{part}");
        }
    }
}
