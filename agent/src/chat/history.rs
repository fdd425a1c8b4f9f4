//! Chats on disk: one SQLite file in the state directory, for its owner alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::transcript::{Chat, role};
use crate::prompt::{Message, Role};

/// The file in the state directory.
const FILE: &str = "chats.sqlite";
/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS chat (id TEXT PRIMARY KEY, title TEXT NOT NULL, route TEXT, updated INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chat_updated ON chat (updated);
CREATE TABLE IF NOT EXISTS turn (
    chat TEXT NOT NULL, place INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (chat, place)) WITHOUT ROWID;
";

/// Columns that files of earlier versions do not have.
const ADDED: &[(&str, &str)] = &[("folder", "ALTER TABLE chat ADD COLUMN folder TEXT")];

/// One chat in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Names it.
    pub id: String,
    /// One line.
    pub title: String,
    /// When it was last spoken in, in ms since 1970.
    pub updated: u64,
    /// How many turns it has.
    pub turns: usize,
    /// The workspace folder that it was begun in, if there was one.
    pub folder: Option<String>,
}

/// The open file.
pub struct History {
    file: Connection,
}

type Result<T> = std::result::Result<T, String>;

impl History {
    /// Opens the file of a state directory; makes it if it is not there.
    pub fn open(state: &Path) -> Result<History> {
        let path = state.join(FILE);
        let wrong =
            |error: &dyn std::fmt::Display| format!("{} cannot be used: {error}", path.display());
        private(state, &path).map_err(|error| wrong(&error))?;
        let file = Connection::open(&path).map_err(|error| wrong(&error))?;
        file.busy_timeout(PATIENCE).map_err(|error| wrong(&error))?;
        file.execute_batch(SCHEMA).map_err(|error| wrong(&error))?;
        for (column, add) in ADDED {
            // Another process may add it at the same moment: what counts is that it is there.
            if !has_column(&file, column) && file.execute_batch(add).is_err() {
                has_column(&file, column)
                    .then_some(())
                    .ok_or_else(|| wrong(&format!("it has no column {column}")))?;
            }
        }
        Ok(History { file })
    }

    /// Keeps a chat as it is.
    pub fn save(&mut self, chat: &Chat) -> Result<()> {
        let mut write = || -> rusqlite::Result<()> {
            let all = self.file.transaction()?;
            all.execute(
                "INSERT OR REPLACE INTO chat (id, title, route, updated, folder) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    chat.id,
                    chat.title,
                    chat.route,
                    i64::try_from(chat.updated).unwrap_or(i64::MAX),
                    chat.folder
                ],
            )?;
            all.execute("DELETE FROM turn WHERE chat = ?1", [&chat.id])?;
            for (place, turn) in chat.turns.iter().enumerate() {
                let place = i64::try_from(place).unwrap_or(i64::MAX);
                all.execute(
                    "INSERT INTO turn (chat, place, role, text) VALUES (?1, ?2, ?3, ?4)",
                    params![chat.id, place, role(turn.role), turn.text],
                )?;
            }
            all.commit()
        };
        write().map_err(|error| format!("the chat cannot be kept: {error}"))
    }

    /// A chat by its id.
    pub fn load(&self, id: &str) -> Result<Option<Chat>> {
        let read = || -> rusqlite::Result<Option<Chat>> {
            let mut query = self
                .file
                .prepare("SELECT title, route, updated, folder FROM chat WHERE id = ?1")?;
            let head = query
                .query_row([id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?))
                })
                .optional()?;
            let Some((title, route, updated, folder)) = head else {
                return Ok(None);
            };
            let mut query = self
                .file
                .prepare("SELECT role, text FROM turn WHERE chat = ?1 ORDER BY place")?;
            let turn = |row: &rusqlite::Row<'_>| {
                let role: String = row.get(0)?;
                Ok(Message {
                    role: if role == "user" {
                        Role::User
                    } else {
                        Role::Assistant
                    },
                    text: row.get(1)?,
                })
            };
            let turns = query
                .query_map([id], turn)?
                .collect::<rusqlite::Result<Vec<Message>>>()?;
            Ok(Some(Chat {
                id: id.to_owned(),
                title,
                route,
                folder,
                turns,
                updated: u64::try_from(updated).unwrap_or_default(),
            }))
        };
        read().map_err(unreadable)
    }

    /// The chats with some words in a turn or the title, the newest first.
    pub fn list(&self, words: &str, limit: usize) -> Result<Vec<Summary>> {
        let read = || -> rusqlite::Result<Vec<Summary>> {
            let mut query = self.file.prepare(
                "SELECT id, title, updated, (SELECT count(*) FROM turn WHERE chat = chat.id), folder FROM chat
                 WHERE ?1 = '' OR instr(lower(title), ?1) > 0
                    OR EXISTS (SELECT 1 FROM turn WHERE turn.chat = chat.id AND instr(lower(text), ?1) > 0)
                 ORDER BY updated DESC, id DESC LIMIT ?2",
            )?;
            let limit = if limit == 0 {
                -1
            } else {
                i64::try_from(limit).unwrap_or(-1)
            };
            let row = |row: &rusqlite::Row<'_>| {
                Ok(Summary {
                    id: row.get(0)?,
                    title: row.get(1)?,
                    updated: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                    turns: usize::try_from(row.get::<_, i64>(3)?).unwrap_or_default(),
                    folder: row.get(4)?,
                })
            };
            query
                .query_map(params![words.to_lowercase(), limit], row)?
                .collect()
        };
        read().map_err(unreadable)
    }

    /// Forgets a chat; answers whether there was one.
    pub fn delete(&self, id: &str) -> Result<bool> {
        let wrong = |error: rusqlite::Error| format!("the chat cannot be forgotten: {error}");
        self.file
            .execute("DELETE FROM turn WHERE chat = ?1", [id])
            .map_err(wrong)?;
        Ok(self
            .file
            .execute("DELETE FROM chat WHERE id = ?1", [id])
            .map_err(wrong)?
            > 0)
    }
}

fn has_column(file: &Connection, name: &str) -> bool {
    let mut query = file.prepare("SELECT 1 FROM pragma_table_info('chat') WHERE name = ?1");
    query
        .as_mut()
        .is_ok_and(|query| query.exists([name]).unwrap_or_default())
}

fn unreadable(error: rusqlite::Error) -> String {
    format!("the history of chats cannot be read: {error}")
}

/// The folder and the file, readable by their owner alone before anything stands in them. A file that is there is not
/// opened: closing it would let go of every lock that this process holds on it (POSIX `fcntl`).
fn private(folder: &Path, path: &PathBuf) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder)?;
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_version_is_gone_on_with() {
        let state = std::env::temp_dir().join(format!("nextline-earlier-{}", std::process::id()));
        std::fs::create_dir_all(&state).unwrap();
        let file = Connection::open(state.join(FILE)).unwrap();
        let chat = "CREATE TABLE chat (id TEXT PRIMARY KEY, title TEXT NOT NULL, route TEXT, updated INTEGER NOT NULL);
                    INSERT INTO chat VALUES ('a', 'old', NULL, 5)";
        file.execute_batch(chat).unwrap();
        drop(file);
        for _ in 0..2 {
            let history = History::open(&state).unwrap();
            let old = history.load("a").unwrap().unwrap();
            assert_eq!((old.title.as_str(), old.folder), ("old", None));
            assert_eq!(history.list("", 0).unwrap().len(), 1);
        }
        std::fs::remove_dir_all(state).unwrap();
    }

    #[test]
    fn chats_are_kept_found_and_forgotten() {
        let state = std::env::temp_dir().join(format!("nextline-history-{}", std::process::id()));
        let mut history = History::open(&state).unwrap();
        let mut first = Chat::new(Some("smart".into()), Some("/work".into()));
        first.say(Role::User, "Why is Grün slow?");
        first.say(Role::Assistant, "It's a 'quoted' answer.");
        history.save(&first).unwrap();
        let mut second = Chat::new(None, None);
        second.say(Role::User, "another");
        second.updated = first.updated + 1;
        history.save(&second).unwrap();
        first.turns.pop();
        first.say(Role::Assistant, "Better.");
        first.updated = second.updated + 1;
        history.save(&first).unwrap();
        drop(history);
        let history = History::open(&state).unwrap();
        assert_eq!(history.load(&first.id), Ok(Some(first.clone())));
        let ids = |words: &str, limit| -> Vec<String> {
            let found = history.list(words, limit).unwrap();
            found.into_iter().map(|summary| summary.id).collect()
        };
        assert_eq!(ids("", 0), [first.id.clone(), second.id.clone()]);
        assert_eq!(ids("", 1), [first.id.clone()]);
        assert_eq!(ids("BETTER", 0), [first.id.clone()]);
        assert_eq!(ids("quoted", 0), Vec::<String>::new());
        assert_eq!(history.delete(&first.id), Ok(true));
        assert_eq!(history.delete(&first.id), Ok(false));
        assert_eq!(history.load(&first.id), Ok(None));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(state.join(FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::remove_dir_all(state).unwrap();
    }
}
