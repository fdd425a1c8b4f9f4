//! Files as the client has them, unsaved text included; the disk where it cannot say. Whoever calls has asked whether the file may be used.

use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use nextline_protocol::acp::{READ_TEXT_FILE, RESOURCE_NOT_FOUND, WRITE_TEXT_FILE};
use nextline_protocol::document::Item;
use serde_json::json;

use super::AcpDesk;
use super::update::spelt;
use crate::chat::Trouble;
use crate::chat::mentions;
use crate::chat::outcome::Class;
use crate::document::place::uri_of;
use crate::door::off_wire;
use crate::edit::disk::{self, Written};
use crate::edit::target::folder_of;
use crate::edit::work::forbidden;
use crate::settings::state_dir;
use crate::world::Snapshot;

/// Files of one prompt that the client is asked for.
const ASKED: usize = 64;

fn wrong(what: impl Into<String>) -> Trouble {
    Trouble::new(Class::Input, what)
}

impl AcpDesk {
    /// The text of a file; `None` for one that is neither in the editor nor on disk. What the editor denies is not read past it.
    pub async fn text(&self, session: &str, path: &Path) -> Result<Option<String>, Trouble> {
        let mut denied = None;
        if self.client().reads {
            let params = json!({ "sessionId": session, "path": spelt(path) });
            match self.outbox.request(READ_TEXT_FILE, params).await {
                Ok(Ok(answer)) => {
                    if let Some(text) = answer["content"].as_str() {
                        return Ok(Some(text.to_owned()));
                    }
                }
                // Not the editor's: the disk has it.
                Ok(Err(fault)) if fault.code == RESOURCE_NOT_FOUND => {}
                Ok(Err(fault)) => denied = Some(fault.message),
                Err(_) => return Err(wrong("the connection ends")),
            }
        }
        let path = path.to_owned();
        let read = off_wire(move || match (path.try_exists(), denied) {
            (Ok(false), _) => Ok(None),
            (_, Some(why)) => Err(wrong(format!(
                "the editor does not give {}: {why}",
                path.display()
            ))),
            _ => mentions::read(&path)
                .map(Some)
                .map_err(|why| wrong(format!("{} cannot be read: {why}", path.display()))),
        });
        read.await
            .unwrap_or_else(|| Err(wrong("the file cannot be read; the log says why")))
    }

    /// Writes the whole new text of a file, by the client where it can, so that its review and its undo have it. Answers what there is
    /// to say about it.
    pub async fn write(
        &self,
        session: &str,
        path: &Path,
        before: Option<String>,
        after: String,
    ) -> Result<Option<String>, Trouble> {
        if self.client().writes {
            let params = json!({ "sessionId": session, "path": spelt(path), "content": after });
            return match self.outbox.request(WRITE_TEXT_FILE, params).await {
                Ok(Ok(_)) => Ok(None),
                Ok(Err(fault)) => Err(wrong(format!(
                    "the editor did not write {}: {}",
                    path.display(),
                    fault.message
                ))),
                Err(_) => Err(wrong("the connection ends")),
            };
        }
        let written = Written {
            path: path.to_owned(),
            before: before.map(String::into_bytes),
            after: after.into_bytes(),
        };
        let applied = off_wire(move || disk::apply(state_dir().as_deref(), &[written])).await;
        let applied = applied.unwrap_or_else(|| Err("it failed; the log says where".to_owned()));
        applied.map_err(wrong)
    }

    /// The snapshot with these files as the client has them, and those that it does not give, with the reason. What may not be used is
    /// not asked for.
    pub async fn fetch(
        &self,
        session: &str,
        snapshot: Snapshot,
        files: Vec<PathBuf>,
    ) -> (Snapshot, Vec<(PathBuf, String)>) {
        let mut denied = Vec::new();
        if !self.client().reads {
            return (snapshot, denied);
        }
        let seen = snapshot.clone();
        let admitted = off_wire(move || {
            let folders = seen.client.folders.clone();
            let may = |path: &PathBuf| {
                let small = path
                    .metadata()
                    .is_ok_and(|file| file.len() <= mentions::FILE_CAP);
                small && folder_of(&folders, path).is_some() && forbidden(&seen, path).is_none()
            };
            let mut files = files;
            files.sort();
            files.dedup();
            files
                .into_iter()
                .filter(may)
                .take(ASKED)
                .collect::<Vec<_>>()
        });
        let mut snapshot = snapshot;
        for path in admitted.await.unwrap_or_default() {
            match self.text(session, &path).await {
                Ok(Some(text)) => snapshot = snapshot.with(document(&path, text)),
                Ok(None) => {}
                Err(trouble) => denied.push((path, trouble.message)),
            }
        }
        (snapshot, denied)
    }
}

/// A document of a file's text.
pub fn document(path: &Path, text: String) -> Item {
    Item {
        uri: uri_of(path),
        language_id: Language::by_path(path).map_or("", Language::id).to_owned(),
        text,
        ..Item::default()
    }
}

/// The folder of a file that may be used: inside of the session, and nothing forbids it.
pub async fn inside(snapshot: &Snapshot, path: &Path) -> Result<PathBuf, Trouble> {
    let (snapshot, path) = (snapshot.clone(), path.to_owned());
    let found = off_wire(move || {
        let folder = folder_of(&snapshot.client.folders, &path);
        let outside = || {
            let what = "is outside of the folders of this session: edits stay inside";
            Trouble::new(Class::Policy, format!("{} {what}", path.display()))
        };
        let folder = folder.ok_or_else(outside)?;
        match forbidden(&snapshot, &path) {
            Some(trouble) => Err(trouble),
            None => Ok(folder.clone()),
        }
    });
    found
        .await
        .unwrap_or_else(|| Err(wrong("the file cannot be looked for; the log says why")))
}
