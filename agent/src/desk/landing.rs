//! How an edit lands: for the version that the client has, again for the next one where somebody types on, and only where it may.

use std::path::Path;
use std::sync::Arc;

use nextline_protocol::document::Range;
use nextline_protocol::edit::EditHappened;
use nextline_protocol::methods::{APPLY_EDIT, SHOW_MESSAGE_REQUEST};
use serde_json::{Value, json};

use super::edit::tell;
use super::lens;
use crate::chat::Trouble;
use crate::chat::outcome::Class;
use crate::document::place::path_of;
use crate::door::{Turn, off_wire};
use crate::edit::patch::Patch;
use crate::edit::tasks::{Base, Landed, Made, State};
use crate::edit::{target, work};
use crate::text::{Byte, Text};
use crate::world::Snapshot;

/// Characters of a diff that are shown in a question.
const SHOWN: usize = 4000;
/// The answer that makes an edit.
const MAKE: &str = "Make the change";
/// Versions that an edit follows while somebody types on.
const CHASES: usize = 8;

/// Puts a ready edit into the client's buffer.
pub async fn apply(
    turn: &Turn,
    id: &str,
    made: &Made,
    hunks: Option<&[usize]>,
) -> Result<(), Trouble> {
    admitted(turn, &made.base.uri).await?;
    let patch = hunks.map_or_else(|| made.patch.clone(), |hunks| made.patch.only(hunks));
    if patch.is_empty() {
        return Err(Trouble::new(Class::Input, "no hunk was chosen"));
    }
    let landed = chase(turn, &made.base, |now| work::land(now, &made.base, &patch)).await?;
    turn.snapshot
        .edits
        .set(id, State::Applied(Arc::new(landed)));
    tell(turn, id, EditHappened::Applied).await;
    lens::refresh(turn);
    Ok(())
}

/// Shows an edit to the person and asks whether it shall be made.
pub async fn agreed(turn: &Turn, made: &Made) -> bool {
    let base = &made.base.text;
    let text = base.slice(Byte(0)..base.end());
    let path = path_of(&made.base.uri);
    let name = path.as_deref().and_then(Path::file_name);
    let name = name.map_or_else(
        || made.base.uri.clone(),
        |name| name.to_string_lossy().into(),
    );
    let diff = made.patch.unified(&text, &name);
    let mut shown: String = diff.chars().take(SHOWN).collect();
    if shown.len() < diff.len() {
        shown.push_str("\n…");
    }
    let question = json!({
        "type": 3,
        "message": format!("Nextline changes {name}:\n{shown}"),
        "actions": [{ "title": MAKE }, { "title": "Leave it" }],
    });
    let answer = turn.outbox.request(SHOW_MESSAGE_REQUEST, question).await;
    matches!(answer, Ok(Ok(answer)) if answer["title"] == MAKE)
}

/// Sends a patch for the version that is there, again for the next one where somebody types on.
async fn chase(
    turn: &Turn,
    base: &Base,
    land: impl Fn(&Snapshot) -> Result<(Patch, Text, Option<i64>), work::Stuck>,
) -> Result<Landed, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    if !turn.snapshot.client.applies_edits {
        return Err(wrong(
            "this editor takes no edits (`workspace/applyEdit`)".into(),
        ));
    }
    let mut refused = String::new();
    let mut tried = None;
    for _ in 0..CHASES {
        let now = turn
            .look()
            .await
            .ok_or_else(|| wrong("the connection ends".into()))?;
        let (patch, text, version) = land(&now).map_err(|stuck| wrong(stuck.to_string()))?;
        if tried == Some(version) {
            break;
        }
        tried = Some(version);
        let edit = workspace_edit(&now, base, &patch, &text, version);
        let params = json!({ "label": "Nextline", "edit": edit });
        let answer = turn.outbox.request(APPLY_EDIT, params).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => {
                return Err(wrong(format!(
                    "the editor refused the edit: {}",
                    fault.message
                )));
            }
            Err(_) => return Err(wrong("the editor did not answer".into())),
        };
        if answer["applied"] == true {
            return Ok(Landed {
                before: text,
                patch,
                uri: base.uri.clone(),
            });
        }
        refused = answer["failureReason"]
            .as_str()
            .unwrap_or("it gave no reason")
            .to_owned();
    }
    Err(wrong(format!("the editor refused the edit: {refused}")))
}

fn workspace_edit(
    now: &Snapshot,
    base: &Base,
    patch: &Patch,
    text: &Text,
    version: Option<i64>,
) -> Value {
    let edits: Vec<Value> = patch
        .hunks()
        .iter()
        .map(|hunk| json!({ "range": range(now, text, &hunk.span), "newText": hunk.text }))
        .collect();
    if !now.client.versioned_edits && !base.new_file {
        return json!({ "changes": { (base.uri.clone()): edits } });
    }
    let mut changes = Vec::new();
    if base.new_file {
        changes.push(
            json!({ "kind": "create", "uri": base.uri, "options": { "ignoreIfExists": true } }),
        );
    }
    changes
        .push(json!({ "textDocument": { "uri": base.uri, "version": version }, "edits": edits }));
    json!({ "documentChanges": changes })
}

/// Whether the file may be changed; what steers a tool needs the person's yes.
async fn admitted(turn: &Turn, uri: &str) -> Result<(), Trouble> {
    let Some(path) = path_of(uri) else {
        return Ok(());
    };
    let folder = work::folder_of(&turn.snapshot, &path);
    let shown = path.clone();
    let check = move || match folder.is_dir() {
        true => target::admitted(&folder, &path, false).map(drop),
        // A file that is not on disk yet.
        false => Ok(()),
    };
    match off_wire(check).await {
        Some(Err(target::Refusal::Steering(_, what))) => {
            let question = json!({
                "type": 2,
                "message": format!("Nextline: {} steers {what}. Change it as the model says?", shown.display()),
                "actions": [{ "title": "Change it" }, { "title": "Leave it" }],
            });
            let answer = turn.outbox.request(SHOW_MESSAGE_REQUEST, question).await;
            match answer {
                Ok(Ok(answer)) if answer["title"] == "Change it" => Ok(()),
                _ => Err(Trouble::new(
                    Class::Policy,
                    format!("{} steers {what}: it was left as it is", shown.display()),
                )),
            }
        }
        Some(Err(refusal @ target::Refusal::Outside(..))) => {
            Err(Trouble::new(Class::Policy, refusal.to_string()))
        }
        _ => Ok(()),
    }
}

/// Takes an applied edit back.
pub async fn take_back(turn: &Turn, id: &str, landed: &Landed) -> Result<(), Trouble> {
    let base = Base {
        uri: landed.uri.clone(),
        serial: None,
        mark: 0,
        text: landed.before.clone(),
        new_file: false,
    };
    chase(turn, &base, |now| {
        let document = now.document(&landed.uri).ok_or(work::Stuck::Closed)?;
        let patch = work::take_back(&landed.before, &landed.patch, &document.text)?;
        Ok((patch, document.text.clone(), document.version))
    })
    .await?;
    turn.snapshot.edits.set(id, State::Undone);
    tell(turn, id, EditHappened::Undone).await;
    lens::refresh(turn);
    Ok(())
}

/// A span of a text as the client counts.
pub fn range(snapshot: &Snapshot, text: &Text, span: &std::ops::Range<usize>) -> Range {
    let encoding = snapshot.client.encoding;
    Range {
        start: text.position(Byte(span.start), encoding),
        end: text.position(Byte(span.end), encoding),
    }
}
