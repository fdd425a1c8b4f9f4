//! Files for a client that has none: read from the disk when an edit names them, written there when one lands.
//!
//! Whether a file may leave and may be written is the core's to decide, as for every editor; here only what lies in the served folders is
//! opened at all. What is written can be taken back by `nextline undo`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use nextline_protocol::document::{Change, Item, Range};
use nextline_protocol::methods::{DID_CHANGE, DID_OPEN, EDIT_APPLY, EDIT_START};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::document::Document;
use crate::document::place::{path_of, uri_of};
use crate::edit::disk::{Written, apply};
use crate::edit::target;
use crate::index;
use crate::settings::state_dir;
use crate::text::{Byte, Encoding};

/// Bytes of a file that is opened at most.
const FILE_CAP: u64 = 4 << 20;

/// Whether a request's params name a file that must be open.
pub fn names_a_file(method: &str) -> bool {
    [EDIT_START, EDIT_APPLY].contains(&method)
}

/// The files that are open in the core, by URI.
pub struct Disk {
    folders: Vec<PathBuf>,
    open: HashMap<String, Open>,
}

struct Open {
    path: PathBuf,
    document: Document,
    version: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DocumentEdit {
    text_document: nextline_protocol::document::Identifier,
    edits: Vec<TextEdit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TextEdit {
    range: Range,
    new_text: String,
}

fn notification(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

fn text(document: &Document) -> String {
    document.text.slice(Byte(0)..document.text.end())
}

impl Disk {
    /// Of these folders.
    pub fn new(folders: Vec<PathBuf>) -> Disk {
        Disk {
            folders,
            open: HashMap::new(),
        }
    }

    /// Opens the file that a request names by its URI or by its path in a folder, and puts its URI there. Answers what the core must hear
    /// before the request, or one sentence why the file is not opened.
    pub fn open_named(&mut self, params: &mut Value) -> Result<Vec<Value>, String> {
        let name = &params["textDocument"]["uri"];
        let name = &name.as_str().unwrap_or_default().to_owned();
        let (path, folder) = self.find(name)?;
        if !path.is_file() {
            return Err(format!("{name} is no file of the workspace"));
        }
        if let Some(why) = index::forbids(&folder, &path) {
            return Err(format!("{name} does not leave this machine: {why}"));
        }
        let uri = uri_of(&path);
        params["textDocument"]["uri"] = uri.clone().into();
        let now = read(&path, name)?;
        self.take(uri, path, now)
    }

    /// The real path of a name, and the folder that it is in.
    fn find(&self, name: &str) -> Result<(PathBuf, PathBuf), String> {
        let mut why = format!("{name} is no file of the workspace");
        for folder in &self.folders {
            let path = match name.starts_with("file:") {
                true => path_of(name).ok_or_else(|| why.clone())?,
                false => folder.join(name),
            };
            // Whether what steers a tool may be changed is asked when the edit lands.
            match target::admitted(folder, &path, true) {
                Ok(path) => return Ok((path, folder.canonicalize().unwrap_or(folder.clone()))),
                Err(refusal) => why = refusal.to_string(),
            }
        }
        Err(why)
    }

    /// The text of a file as it is now: what the core must hear of it.
    fn take(&mut self, uri: String, path: PathBuf, now: String) -> Result<Vec<Value>, String> {
        if let Some(open) = self.open.get_mut(&uri) {
            if text(&open.document) == now {
                return Ok(Vec::new());
            }
            open.version += 1;
            let whole = Change {
                range: None,
                text: now,
            };
            return open.change(&uri, vec![whole]).map(|told| vec![told]);
        }
        let language = Language::by_path(&path).map_or("", Language::id);
        let item =
            json!({ "uri": uri, "languageId": language, "version": 1, "text": now.as_str() });
        let document = Document::new(Item {
            uri: uri.clone(),
            language_id: language.to_owned(),
            version: Some(1),
            text: now,
        });
        let open = Open {
            path,
            document,
            version: 1,
        };
        self.open.insert(uri, open);
        Ok(vec![notification(DID_OPEN, json!({ "textDocument": item }))])
    }

    /// Writes what `workspace/applyEdit` asks for: all of it or nothing. Answers what became of it, and what the core must hear.
    pub fn land(&mut self, params: &Value) -> (Result<(), String>, Vec<Value>) {
        let mut told = Vec::new();
        let landed = self.write(&params["edit"]["documentChanges"], &mut told);
        (landed, told)
    }

    fn write(&mut self, changes: &Value, told: &mut Vec<Value>) -> Result<(), String> {
        let mut written = Vec::new();
        let mut after = Vec::new();
        for change in changes.as_array().map(Vec::as_slice).unwrap_or_default() {
            // A file that is made is one whose edit finds none.
            if change["kind"] == "create" {
                continue;
            }
            let DocumentEdit {
                text_document,
                mut edits,
            } = serde_json::from_value(change.clone()).map_err(|error| error.to_string())?;
            let uri = text_document.uri;
            let (path, _) = self.find(&uri)?;
            let before = match path.exists() {
                true => Some(read(&path, &uri)?),
                false => None,
            };
            let now = before.clone().unwrap_or_default();
            told.extend(self.take(uri.clone(), path.clone(), now.clone())?);
            let open = self.open.get(&uri).ok_or("the file is not open")?;
            if text_document
                .version
                .is_some_and(|version| version != open.version)
            {
                return Err("the file was changed on the disk meanwhile".into());
            }
            // They speak of the same text; from its end on, none moves another.
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
            let edits: Vec<Change> = edits
                .into_iter()
                .map(|edit| Change {
                    range: Some(edit.range),
                    text: edit.new_text,
                })
                .collect();
            let mut document = open.document.clone();
            document
                .change(Some(open.version + 1), &edits, Encoding::Utf8)
                .map_err(|misfit| misfit.to_string())?;
            written.push(Written {
                path,
                before: before.map(String::into_bytes),
                after: text(&document).into_bytes(),
            });
            after.push((uri, edits));
        }
        if let Some(why) = apply(state_dir().as_deref(), &written)? {
            tracing::warn!("{why}");
        }
        for (uri, edits) in after {
            if let Some(open) = self.open.get_mut(&uri) {
                open.version += 1;
                told.push(open.change(&uri, edits)?);
            }
        }
        Ok(())
    }
}

impl Open {
    /// Changes our text; answers the notification of it.
    fn change(&mut self, uri: &str, changes: Vec<Change>) -> Result<Value, String> {
        let shown: Vec<Value> = changes
            .iter()
            .map(|change| match change.range {
                Some(range) => json!({ "range": range, "text": change.text }),
                None => json!({ "text": change.text }),
            })
            .collect();
        let version = self.version;
        self.document
            .change(Some(version), &changes, Encoding::Utf8)
            .map_err(|misfit| format!("{}: {misfit}", self.path.display()))?;
        let params = json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": shown });
        Ok(notification(DID_CHANGE, params))
    }
}

/// The text of a file that can be edited.
fn read(path: &Path, name: &str) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("{name} cannot be read: {error}");
    if std::fs::metadata(path).map_err(wrong)?.len() > FILE_CAP {
        return Err(format!("{name} is over {} MB", FILE_CAP >> 20));
    }
    let bytes = std::fs::read(path).map_err(wrong)?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))
}
