//! `agent/edit/*`: an edit is started, previewed, accepted as a whole or by hunk, undone as one step, retried or stopped.

use std::sync::Arc;

use nextline_protocol::Fault;
use nextline_protocol::document::{Identifier, Range};
use nextline_protocol::edit::{
    EditAcceptParams, EditAppliedResult, EditApplyParams, EditEvent, EditGetResult, EditHappened,
    EditHunk, EditParams, EditPreview, EditRetryParams, EditStartParams, EditStartResult,
};
use nextline_protocol::fault::{INVALID_PARAMS, REQUEST_FAILED};
use nextline_protocol::methods::EDIT_EVENT;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::landing::{apply, range, take_back};
use crate::chat::outcome::Class;
use crate::chat::{Road, Trouble};
use crate::document::place::path_of;
use crate::door::{Turn, off_wire};
use crate::edit::make::Lines;
use crate::edit::tasks::{Made, State, Task, Wanted};
use crate::edit::work::{self, Step};
use crate::prompt::edit::Verb;
use crate::route::Surface;
use crate::text::Byte;
use crate::world::Snapshot;

/// Bytes of an answer between two words of its progress.
const PROGRESS: usize = 1024;

/// A trouble as the fault of a request.
pub fn fault(trouble: &Trouble) -> Fault {
    Fault {
        code: REQUEST_FAILED,
        message: trouble.message.clone(),
        data: Some(json!({ "kind": trouble.class.word() })),
    }
}

fn unknown(id: &str) -> Fault {
    Fault::new(INVALID_PARAMS, format!("there is no edit {id:?}"))
}

fn task(turn: &Turn, id: &str) -> Result<Task, Fault> {
    turn.snapshot.edits.get(id).ok_or_else(|| unknown(id))
}

/// The lines of a range: what is around an empty one, without a last line of which nothing is selected.
pub fn lines(range: Range) -> Lines {
    let (start, end) = (range.start, range.end);
    let (first, last) = (start.line as usize + 1, end.line as usize + 1);
    if start == end {
        Lines::Around(first)
    } else if end.character == 0 && last > first {
        Lines::These(first, last - 1)
    } else {
        Lines::These(first, last.max(first))
    }
}

/// A request that can be asked: its route is found first, so that who has none hears it at once.
pub fn road(snapshot: &Snapshot, wanted: &Wanted) -> Result<Road, Trouble> {
    let settings = &snapshot.settings.settings;
    snapshot.chats.roads.find(
        settings,
        Surface::Edit,
        wanted.route.as_deref(),
        snapshot.engine.http(),
    )
}

pub async fn start(turn: Turn, params: EditStartParams) -> Result<EditStartResult, Fault> {
    let verb = Verb::named(&params.verb).ok_or_else(|| {
        Fault::new(
            INVALID_PARAMS,
            format!(
                "there is no verb {:?}: edit, doc, test, fix and insert are known",
                params.verb
            ),
        )
    })?;
    if verb == Verb::Edit && params.instruction.trim().is_empty() {
        return Err(Fault::new(INVALID_PARAMS, "there is no instruction"));
    }
    let complaint = |diagnostic: nextline_protocol::edit::Diagnostic| {
        let line = diagnostic.range.start.line + 1;
        let source = diagnostic
            .source
            .map(|source| format!("{source}: "))
            .unwrap_or_default();
        format!("line {line}: {source}{}", diagnostic.message)
    };
    let wanted = Wanted {
        uri: params.text_document.uri,
        verb,
        lines: lines(params.range),
        instruction: params.instruction,
        complaints: params.diagnostics.into_iter().map(complaint).collect(),
        items: Vec::new(),
        route: params.route,
    };
    begin(turn, wanted)
}

fn begin(turn: Turn, wanted: Wanted) -> Result<EditStartResult, Fault> {
    let road = road(&turn.snapshot, &wanted).map_err(|trouble| fault(&trouble))?;
    if turn.snapshot.document(&wanted.uri).is_none() {
        return Err(Fault::new(
            INVALID_PARAMS,
            format!("{} is not open", wanted.uri),
        ));
    }
    let (id, cancel) = turn.snapshot.edits.begin(wanted.clone());
    let result = EditStartResult { id: id.clone() };
    turn.clone().beside(async move {
        // What goes wrong was told by an event.
        let _ = run(&turn, &id, &cancel, &road, wanted, |_| {}).await;
    });
    Ok(result)
}

/// An edit of a block of code from a chat: ready at once, or a fault that says why it has no place.
pub async fn apply_block(turn: Turn, params: EditApplyParams) -> Result<EditStartResult, Fault> {
    let uri = params.text_document.uri;
    let document = turn
        .snapshot
        .document(&uri)
        .filter(|document| document.lost.is_none())
        .cloned();
    let document =
        document.ok_or_else(|| Fault::new(INVALID_PARAMS, format!("{uri} is not open")))?;
    let wanted = Wanted {
        uri,
        verb: Verb::Edit,
        lines: params.range.map_or(Lines::All, lines),
        instruction: String::new(),
        complaints: Vec::new(),
        items: Vec::new(),
        route: None,
    };
    let selected = params.range.map(lines);
    let made = off_wire(move || work::made_of_block(&document, &params.text, selected)).await;
    let made =
        made.ok_or_else(|| Fault::new(REQUEST_FAILED, "the edit failed here; the log says where"))?;
    let made = made.map_err(|why| Fault::new(REQUEST_FAILED, why))?;
    let (id, _) = turn.snapshot.edits.begin(wanted);
    let shown = preview(&turn.snapshot, &made)
        .map_err(|stuck| Fault::new(REQUEST_FAILED, stuck.to_string()))?;
    turn.snapshot.edits.set(&id, State::Ready(Arc::new(made)));
    tell(&turn, &id, EditHappened::Ready { preview: shown }).await;
    Ok(EditStartResult { id })
}

/// Runs an edit until it is ready, telling every step. Dropped or cancelled, its connection is closed.
pub async fn run(
    turn: &Turn,
    id: &str,
    cancel: &CancellationToken,
    road: &Road,
    wanted: Wanted,
    mut say: impl FnMut(usize),
) -> Result<Arc<Made>, Trouble> {
    let mut last = 0;
    let told = |step| {
        let what = match step {
            Step::Asked(account, told) => EditHappened::Context {
                account: super::chat::account(account, told),
            },
            Step::Received(received) => {
                say(received);
                // The first at once; then a word now and then: nobody reads faster.
                if last > 0 && received < last + PROGRESS {
                    return;
                }
                last = received;
                EditHappened::Progress { received }
            }
        };
        let id = id.to_owned();
        turn.outbox.notify(EDIT_EVENT, EditEvent { id, what });
    };
    let made = tokio::select! {
        biased;
        () = cancel.cancelled() => {
            tell(turn, id, EditHappened::Cancelled).await;
            return Err(Trouble::new(Class::Interrupted, "the edit was stopped"));
        }
        made = attempt(turn, id, road, wanted, told) => made,
    };
    let edits = &turn.snapshot.edits;
    let (made, preview) = match made {
        Ok(made) => made,
        Err(trouble) => {
            edits.set(id, State::Failed);
            let failed = EditHappened::Failed {
                reason: trouble.class.word().to_owned(),
                message: trouble.message.clone(),
            };
            tell(turn, id, failed).await;
            return Err(trouble);
        }
    };
    let made = Arc::new(made);
    if edits.set(id, State::Ready(made.clone())) {
        tell(turn, id, EditHappened::Ready { preview }).await;
    }
    Ok(made)
}

/// Tells what happened to an edit.
pub async fn tell(turn: &Turn, id: &str, what: EditHappened) {
    let id = id.to_owned();
    turn.outbox.tell(EDIT_EVENT, EditEvent { id, what }).await;
}

/// Asks, and once more where the text was changed in the very place.
async fn attempt(
    turn: &Turn,
    id: &str,
    road: &Road,
    wanted: Wanted,
    mut say: impl FnMut(Step),
) -> Result<(Made, EditPreview), Trouble> {
    let mut snapshot = turn.snapshot.clone();
    let mut wanted = Arc::new(wanted);
    let mut again = true;
    loop {
        let made = work::make(&snapshot, road, &wanted, &mut say).await?;
        let now = turn
            .look()
            .await
            .ok_or_else(|| Trouble::new(Class::Interrupted, "the connection ends"))?;
        match preview(&now, &made) {
            Ok(preview) => return Ok((made, preview)),
            Err(work::Stuck::Changed) if again => {
                again = false;
                let lines =
                    work::moved_lines(&now, &made.base, wanted.lines).unwrap_or(wanted.lines);
                wanted = Arc::new(Wanted {
                    lines,
                    ..Wanted::clone(&wanted)
                });
                snapshot = now;
                tell(turn, id, EditHappened::Again).await;
            }
            Err(stuck) => return Err(Trouble::new(Class::Input, stuck.to_string())),
        }
    }
}

/// What would change in the text as it is.
fn preview(now: &Snapshot, made: &Made) -> Result<EditPreview, work::Stuck> {
    let (patch, text, version) = work::land(now, &made.base, &made.patch)?;
    let path = path_of(&made.base.uri);
    let shown = path
        .as_deref()
        .and_then(|path| path.file_name())
        .map(|name| name.to_string_lossy().into_owned());
    let hunks = patch.hunks().iter().map(|hunk| EditHunk {
        range: range(now, &text, &hunk.span),
        old_text: text.slice(Byte(hunk.span.start)..Byte(hunk.span.end)),
        new_text: hunk.text.clone(),
    });
    Ok(EditPreview {
        hunks: hunks.collect(),
        diff: patch.unified(
            &text.slice(Byte(0)..text.end()),
            shown.as_deref().unwrap_or(&made.base.uri),
        ),
        text_document: Identifier {
            uri: made.base.uri.clone(),
            version,
        },
        new_errors: made.new_errors,
    })
}

pub async fn accept(turn: Turn, params: EditAcceptParams) -> Result<EditAppliedResult, Fault> {
    let task = task(&turn, &params.id)?;
    let State::Ready(made) = &task.state else {
        return Err(Fault::new(
            REQUEST_FAILED,
            format!("the edit is {} and cannot be accepted", task.state.word()),
        ));
    };
    let applied = apply(&turn, &params.id, made, params.hunks.as_deref()).await;
    Ok(answer(applied))
}

fn answer(applied: Result<(), Trouble>) -> EditAppliedResult {
    EditAppliedResult {
        applied: applied.is_ok(),
        reason: applied.err().map(|trouble| trouble.message),
    }
}

pub async fn reject(turn: Turn, params: EditParams) -> Result<Value, Fault> {
    let task = task(&turn, &params.id)?;
    let State::Ready(_) = task.state else {
        return Err(Fault::new(
            REQUEST_FAILED,
            format!("the edit is {} and cannot be rejected", task.state.word()),
        ));
    };
    turn.snapshot.edits.set(&params.id, State::Rejected);
    tell(&turn, &params.id, EditHappened::Rejected).await;
    Ok(Value::Null)
}

pub async fn undo(turn: Turn, params: EditParams) -> Result<EditAppliedResult, Fault> {
    let task = task(&turn, &params.id)?;
    let State::Applied(landed) = &task.state else {
        return Err(Fault::new(
            REQUEST_FAILED,
            format!("the edit is {} and cannot be undone", task.state.word()),
        ));
    };
    Ok(answer(take_back(&turn, &params.id, landed).await))
}

pub async fn retry(turn: Turn, params: EditRetryParams) -> Result<EditStartResult, Fault> {
    let task = task(&turn, &params.id)?;
    let mut wanted = Wanted::clone(&task.wanted);
    match &task.state {
        State::Working => {
            turn.snapshot.edits.cancel(&params.id);
        }
        State::Applied(landed) => take_back(&turn, &params.id, landed)
            .await
            .map_err(|trouble| fault(&trouble))?,
        State::Ready(made) => {
            let moved = work::moved_lines(&turn.snapshot, &made.base, wanted.lines);
            wanted.lines = moved.unwrap_or(wanted.lines);
            turn.snapshot.edits.set(&params.id, State::Rejected);
        }
        _ => {}
    }
    if let Some(instruction) = params.instruction {
        wanted.instruction = instruction;
    }
    // The undo has changed the text since this request came.
    let Some(turn) = turn.renewed().await else {
        return Err(Fault::new(REQUEST_FAILED, "the connection ends"));
    };
    begin(turn, wanted)
}

pub async fn cancel(turn: Turn, params: EditParams) -> Result<Value, Fault> {
    let task = task(&turn, &params.id)?;
    let ready = matches!(task.state, State::Ready(_));
    if turn.snapshot.edits.cancel(&params.id) && ready {
        // Nobody runs any more who could tell it.
        tell(&turn, &params.id, EditHappened::Cancelled).await;
    }
    Ok(Value::Null)
}

pub async fn get(turn: Turn, params: EditParams) -> Result<EditGetResult, Fault> {
    let task = task(&turn, &params.id)?;
    let preview = match &task.state {
        State::Ready(made) => preview(&turn.snapshot, made).ok(),
        _ => None,
    };
    Ok(EditGetResult {
        id: params.id,
        state: task.state.word().to_owned(),
        instruction: task.wanted.instruction.clone(),
        preview,
    })
}

#[cfg(test)]
mod tests {
    use nextline_protocol::document::Position;

    use super::*;

    #[test]
    fn ranges_mean_lines() {
        let at = |line, character| Position { line, character };
        for (start, end, wanted) in [
            (at(3, 1), at(3, 1), Lines::Around(4)),
            (at(3, 1), at(3, 5), Lines::These(4, 4)),
            (at(3, 0), at(5, 0), Lines::These(4, 5)),
            (at(3, 2), at(5, 1), Lines::These(4, 6)),
        ] {
            assert_eq!(lines(Range { start, end }), wanted);
        }
    }
}
