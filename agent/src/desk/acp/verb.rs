//! Slash commands: an edit as a tool call with its diff, made once the person says yes; an explanation as an answer.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nextline_protocol::acp::{REQUEST_PERMISSION, SESSION_UPDATE};
use serde_json::{Value, json};

use super::files::{document, inside};
use super::said::{Command, Place};
use super::turn::Seat;
use super::update::{chunk, code, diff, location, note, wrapped};
use crate::chat::asked::Question;
use crate::chat::excerpt::excerpt;
use crate::chat::harmless;
use crate::chat::mentions::Found;
use crate::chat::outcome::Class;
use crate::chat::transcript::Chat;
use crate::chat::{Outcome, Road, Trouble};
use crate::document::place::{path_of, uri_of};
use crate::door::off_wire;
use crate::edit::make::Lines;
use crate::edit::patch::Patch;
use crate::edit::target::{self, folder_of};
use crate::edit::tasks::{Made, Wanted};
use crate::edit::work;
use crate::prompt::Message;
use crate::prompt::edit::{EXPLAIN, Verb};
use crate::route::Surface;
use crate::text::{Byte, Text};
use crate::world::Snapshot;

/// Answers to the question whether an edit may be made.
const ALLOW: &str = "allow";
const ALWAYS: &str = "always";
const REJECT: &str = "reject";

/// How a tool call ends.
const ENDS: &[&str] = &["completed", "failed"];

fn wrong(what: impl Into<String>) -> Trouble {
    Trouble::new(Class::Input, what)
}

/// Whether a trouble concerns one edit and not whoever answers: then it is said, and the turn goes on.
fn is_own(trouble: &Trouble) -> bool {
    matches!(trouble.class, Class::Input | Class::Policy | Class::Useless)
}

/// Runs a slash command. What was done is said in `outcome` too, for the chat to remember.
pub async fn run(
    seat: &Seat,
    snapshot: &Snapshot,
    chat: &Chat,
    command: Command,
    outcome: &mut Outcome,
) -> Result<(), Trouble> {
    if command.places.is_empty() {
        let name = command.name;
        let what = format!(
            "Name a file of this session: `/{name} src/lib.rs:10-20`, or add one to the message with the editor's own mention."
        );
        return told(seat, outcome, &what).await;
    }
    let Some(verb) = Verb::named(command.name) else {
        return explain(seat, snapshot, chat, command, outcome).await;
    };
    if verb == Verb::Edit && command.instruction.is_empty() {
        let what = "Say what to change: `/edit src/lib.rs:10-20 return a Result`.";
        return told(seat, outcome, what).await;
    }
    let road = seat.road(snapshot, chat, Surface::Edit)?;
    for place in command.places {
        let call = Call {
            seat,
            snapshot,
            road: &road,
            id: seat.desk.sessions.call(&seat.id, command.name),
            verb,
            place,
            open: AtomicBool::new(true),
        };
        let done = match call.run(&command.instruction).await {
            Ok(done) => done,
            Err(trouble) => {
                let why = harmless::whole(&trouble.message);
                call.update(json!({ "status": "failed", "content": [note(&why)] }))
                    .await;
                if !is_own(&trouble) {
                    return Err(trouble);
                }
                format!("Nothing was changed: {why}")
            }
        };
        told(seat, outcome, &done).await?;
    }
    Ok(())
}

/// Says something that the chat remembers.
async fn told(seat: &Seat, outcome: &mut Outcome, what: &str) -> Result<(), Trouble> {
    let gap = if outcome.text.is_empty() { "" } else { "\n" };
    let what = format!("{gap}{what}");
    seat.tell(chunk("agent_message_chunk", &what)).await;
    outcome.text.push_str(&what);
    Ok(())
}

async fn explain(
    seat: &Seat,
    snapshot: &Snapshot,
    chat: &Chat,
    command: Command,
    outcome: &mut Outcome,
) -> Result<(), Trouble> {
    let road = seat.road(snapshot, chat, Surface::Chat)?;
    let mut found = Found::default();
    for place in command.places {
        let item = async {
            let snapshot = opened(seat, snapshot, &place.path).await?;
            let uri = uri_of(&place.path);
            let item = off_wire(move || excerpt(&snapshot, &uri, place.lines)).await;
            item.unwrap_or_else(|| Err(wrong("it cannot be read; the log says why")))
        };
        match item.await {
            Ok(item) => found.items.push(item),
            Err(trouble) => found.refused.push((place.name, trouble.message)),
        }
    }
    if let ([], [(_, why), ..]) = (&found.items[..], &found.refused[..]) {
        return told(seat, outcome, why).await;
    }
    let question = Question {
        found,
        ..Question::default()
    };
    let mut turns: Vec<Message> = chat.turns.clone();
    if let Some(last) = turns.last_mut() {
        last.text = format!("{EXPLAIN}\n{}", command.instruction);
    }
    seat.ask(snapshot, &road, &turns, &question, "explain", outcome)
        .await
}

/// The snapshot with a file as the client has it.
async fn opened(seat: &Seat, snapshot: &Snapshot, path: &Path) -> Result<Snapshot, Trouble> {
    inside(snapshot, path).await?;
    let text = seat.desk.text(&seat.id, path).await?;
    let text = text.ok_or_else(|| wrong(format!("there is no file {}", path.display())))?;
    Ok(snapshot.clone().with(document(path, text)))
}

/// One edit as a tool call.
struct Call<'a> {
    seat: &'a Seat,
    snapshot: &'a Snapshot,
    road: &'a Road,
    id: String,
    verb: Verb,
    place: Place,
    /// The client was told of it and of no end.
    open: AtomicBool,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if self.open.load(Ordering::Relaxed) {
            let failed = json!({
                "sessionUpdate": "tool_call_update", "toolCallId": self.id, "status": "failed",
            });
            let seat = self.seat;
            let update = wrapped(&seat.id, failed);
            seat.desk.outbox.notify(SESSION_UPDATE, update);
        }
    }
}

impl Call<'_> {
    async fn update(&self, fields: Value) {
        if ENDS.iter().any(|end| fields["status"] == *end) {
            self.open.store(false, Ordering::Relaxed);
        }
        let mut update = json!({ "sessionUpdate": "tool_call_update", "toolCallId": self.id });
        if let (Some(update), Value::Object(fields)) = (update.as_object_mut(), fields) {
            update.extend(fields);
        }
        self.seat.tell(update).await;
    }

    fn title(&self) -> String {
        let verb = match self.verb {
            Verb::Edit => "Edit",
            Verb::Insert => "Add to",
            Verb::Doc => "Document",
            Verb::Test => "Write tests for",
            Verb::Fix => "Mend",
        };
        format!("{verb} {}", code(&self.place.name))
    }

    /// Makes the edit and lands it; answers in one sentence what came of it.
    async fn run(&self, instruction: &str) -> Result<String, Trouble> {
        let path = &self.place.path;
        let line = match self.place.lines {
            Lines::All => None,
            Lines::Around(line) | Lines::These(line, _) => u32::try_from(line).ok(),
        };
        let call = json!({
            "sessionUpdate": "tool_call", "toolCallId": self.id, "title": self.title(), "kind": "edit",
            "status": "in_progress", "locations": [location(path, line)],
        });
        self.seat.tell(call).await;
        let snapshot = opened(self.seat, self.snapshot, path).await?;
        if self.verb != Verb::Test {
            // Said before anything is asked, where it is known already.
            self.admitted(path).await?;
        }
        let (instruction, complaints) = match self.verb {
            Verb::Fix => {
                let lines = instruction.lines().filter(|line| !line.trim().is_empty());
                (String::new(), lines.map(str::to_owned).collect())
            }
            _ => (instruction.to_owned(), Vec::new()),
        };
        let wanted = Arc::new(Wanted {
            uri: uri_of(path),
            verb: self.verb,
            lines: self.place.lines,
            instruction,
            complaints,
            items: Vec::new(),
            route: None,
        });
        let made = work::make(&snapshot, self.road, &wanted, |_| {}).await?;
        self.seat.usage(self.road, made.usage, made.cost_usd).await;
        self.land(made).await
    }

    /// Whether the file may be written: what it steers, if it needs a yes of its own.
    async fn admitted(&self, path: &Path) -> Result<Option<String>, Trouble> {
        let (folders, path) = (self.snapshot.client.folders.clone(), path.to_owned());
        let admitted = off_wire(move || {
            let folder = folder_of(&folders, &path).cloned().unwrap_or_default();
            target::admitted(&folder, &path, false)
        });
        match admitted.await {
            Some(Ok(_)) => Ok(None),
            Some(Err(target::Refusal::Steering(_, what))) => Ok(Some(what)),
            Some(Err(refusal @ target::Refusal::Outside(..))) => {
                Err(Trouble::new(Class::Policy, refusal.to_string()))
            }
            Some(Err(refusal)) => Err(wrong(refusal.to_string())),
            None => Err(wrong("the file cannot be looked for; the log says why")),
        }
    }

    /// Shows the diff, asks, and writes the file as it is by then with the change in it.
    async fn land(&self, made: Made) -> Result<String, Trouble> {
        let path = path_of(&made.base.uri).ok_or_else(|| wrong("the file has no path"))?;
        inside(self.snapshot, &path).await?;
        let steers = self.admitted(&path).await?;
        let base = made.base.text.slice(Byte(0)..made.base.text.end());
        let after = made.patch.apply(&base);
        let old = (!made.base.new_file).then_some(base.as_str());
        let line = made.patch.hunks().first().map(|hunk| {
            let line = made.base.text.line_of(Byte(hunk.span.start)) + 1;
            u32::try_from(line).unwrap_or(u32::MAX)
        });
        let shown = json!({
            "status": "pending", "content": [diff(&path, old, &after)], "locations": [location(&path, line)],
        });
        self.update(shown.clone()).await;
        let name = self.shown(&path);
        let trusted = self.seat.desk.sessions.get(&self.seat.id);
        let trusted = trusted.is_ok_and(|session| session.trusted) && steers.is_none();
        if !trusted && !self.ask(shown, steers).await? {
            self.update(json!({ "status": "failed" })).await;
            return Ok(format!("{name} was left as it is."));
        }
        self.update(json!({ "status": "in_progress" })).await;
        let now = self.now(&path, made.base.new_file).await?;
        let patch = match &now {
            Some(now) => work::carry(&made.base.text, &made.patch, now)
                .map_err(|stuck| wrong(stuck.to_string()))?,
            None => made.patch.clone(),
        };
        let before = now.clone().unwrap_or_default();
        let after = patch.apply(&before);
        let landed = diff(&path, now.as_deref(), &after);
        let (seat, said) = (self.seat, summary(&name, &before, &patch));
        let warning = seat.desk.write(&seat.id, &path, now, after).await?;
        self.update(json!({ "status": "completed", "content": [landed] }))
            .await;
        let errors = match made.new_errors {
            0 => String::new(),
            errors => format!(" It has {errors} syntax errors more than before."),
        };
        let warning = warning.map_or_else(String::new, |warning| format!(" ({warning})"));
        Ok(said + &errors + &warning)
    }

    /// The text of the file by now; `None` for one that is to be made.
    async fn now(&self, path: &Path, new: bool) -> Result<Option<String>, Trouble> {
        let now = self.seat.desk.text(&self.seat.id, path).await?;
        match (now, new) {
            (Some(text), true) if !text.is_empty() => Err(wrong(format!(
                "{} was made meanwhile; ask again",
                path.display()
            ))),
            (_, true) => Ok(None),
            (Some(text), false) => Ok(Some(text)),
            (None, false) => Err(wrong(format!("{} is gone", path.display()))),
        }
    }

    /// Asks the person; true for a yes.
    async fn ask(&self, mut call: Value, steers: Option<String>) -> Result<bool, Trouble> {
        call["toolCallId"] = self.id.as_str().into();
        call["title"] = self.title().into();
        call["kind"] = "edit".into();
        let option = |id: &str, name: &str, kind: &str| json!({ "optionId": id, "name": name, "kind": kind });
        let mut options = match &steers {
            None => vec![
                option(ALLOW, "Make this edit", "allow_once"),
                option(ALWAYS, "Make all edits of this session", "allow_always"),
            ],
            Some(what) => {
                let name = format!("Make this edit, although the file steers {what}");
                vec![option(ALLOW, &name, "allow_once")]
            }
        };
        options.push(option(REJECT, "Leave the file as it is", "reject_once"));
        let seat = self.seat;
        let params = json!({ "sessionId": seat.id, "toolCall": call, "options": options });
        let answer = seat.desk.outbox.request(REQUEST_PERMISSION, params).await;
        let answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => {
                let what = format!("the editor did not ask: {}", fault.message);
                return Err(Trouble::new(Class::Policy, what));
            }
            Err(_) => return Err(Trouble::new(Class::Interrupted, "the connection ends")),
        };
        let outcome = &answer["outcome"];
        if outcome["outcome"] == "cancelled" {
            return Err(Trouble::new(Class::Interrupted, "the turn was stopped"));
        }
        Ok(match outcome["optionId"].as_str() {
            Some(ALLOW) => true,
            Some(ALWAYS) if steers.is_none() => {
                seat.desk
                    .sessions
                    .change(&seat.id, |session| session.trusted = true);
                true
            }
            _ => false,
        })
    }

    /// The file's name as people write it.
    fn shown(&self, path: &Path) -> String {
        let folder = folder_of(&self.snapshot.client.folders, path);
        let inside = folder.and_then(|folder| path.strip_prefix(folder).ok());
        let name = inside.unwrap_or(path).to_string_lossy().replace('\\', "/");
        code(&name)
    }
}

/// What a patch did to a text, in one sentence.
fn summary(name: &str, before: &str, patch: &Patch) -> String {
    let before = Text::from(before);
    let (mut added, mut removed) = (0, 0);
    for hunk in patch.hunks() {
        added += hunk.text.lines().count();
        let span = Byte(hunk.span.start)..Byte(hunk.span.end);
        removed += before.slice(span).lines().count();
    }
    format!("{name} was changed: {added} lines in, {removed} out.")
}
