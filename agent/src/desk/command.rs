//! Edits for plain LSP clients: code actions that run commands, commands that show progress, and the edit by `workspace/applyEdit`.

use nextline_protocol::Fault;
use nextline_protocol::document::Range;
use nextline_protocol::edit::{Diagnostic, EditHappened};
use nextline_protocol::fault::INVALID_PARAMS;
use nextline_protocol::methods;
use serde_json::{Value, json};

use super::{custom, edit, explain, landing};
use crate::chat::Trouble;
use crate::chat::outcome::Class;
use crate::door::Turn;
use crate::edit::tasks::{State, Wanted};
use crate::prompt::edit::Verb;

/// LSP `MessageType.Error`.
const ERROR: u8 = 1;
/// LSP `MessageType.Info`.
pub const INFO: u8 = 3;
/// LSP `CodeActionTriggerKind.Automatic`.
const AUTOMATIC: u64 = 2;
/// Bytes of a diagnostic that stand in the title of its action.
const TITLE: usize = 60;
/// What an edit of a comment is told.
const AS_COMMENT: &str = "Do what the comment in the selection says, in its place or right below it. Take the comment out if it only asks for this.";

/// The verb of a command.
fn verb(command: &str) -> Option<Verb> {
    Verb::named(command.strip_prefix("nextline.")?)
}

/// Whether a command is one of this file's.
pub fn known(command: &str) -> bool {
    verb(command).is_some()
        || [
            methods::EXPLAIN,
            methods::UNDO_EDIT,
            methods::CANCEL,
            methods::COMMAND,
            methods::TRUST,
        ]
        .contains(&command)
}

/// The code actions for a range. They cost no parse, and unless the person asked for them no look at the disk: editors ask at every move of
/// the cursor.
pub async fn actions(turn: &Turn, uri: &str, range: Range, context: &Value) -> Vec<Value> {
    let settings = &turn.snapshot.settings.settings;
    let automatic = context["triggerKind"].as_u64() == Some(AUTOMATIC);
    let Some(document) = turn
        .snapshot
        .document(uri)
        .filter(|document| document.lost.is_none())
    else {
        return Vec::new();
    };
    // Who has no route is told how when they run one, not at every move.
    if automatic && settings.edit.route.is_none() {
        return Vec::new();
    }
    let only: Vec<&str> = context["only"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let wanted = |kind: &str| {
        only.is_empty()
            || only
                .iter()
                .any(|only| kind == *only || kind.starts_with(&format!("{only}.")))
    };
    let own = match automatic {
        true => Vec::new(),
        false => custom::listed(turn, uri).await,
    };
    let mut found = Vec::new();
    let mut offer =
        |title: String, kind: &str, command: &str, arguments: Value, diagnostics: &Value| {
            if wanted(kind) {
                let command = json!({ "title": title, "command": command, "arguments": arguments });
                let mut action = json!({ "title": title, "kind": kind, "command": command });
                if !diagnostics.is_null() {
                    action["diagnostics"] = diagnostics.clone();
                }
                found.push(action);
            }
        };
    let diagnostics = &context["diagnostics"];
    let first = diagnostics.as_array().and_then(|all| all.first());
    if let Some(message) = first.and_then(|first| first["message"].as_str()) {
        let line = message.lines().next().unwrap_or_default();
        let short: String = line.chars().take(TITLE).collect();
        let dots = if short.len() < line.len() { "…" } else { "" };
        offer(
            format!("Nextline: fix “{short}{dots}”"),
            "quickfix",
            methods::FIX,
            json!([uri, range, diagnostics]),
            diagnostics,
        );
    }
    let line = document
        .text
        .slice(document.text.line_span(range.start.line as usize));
    let mark = document
        .language
        .and_then(|language| language.line_comment());
    let comment = mark.and_then(|mark| line.trim_start().strip_prefix(mark));
    if comment.is_some_and(|said| said.split_whitespace().count() > 1) {
        offer(
            "Nextline: do what this comment says".into(),
            "refactor.rewrite",
            methods::EDIT,
            json!([uri, range, AS_COMMENT]),
            &Value::Null,
        );
    }
    if document
        .language
        .is_some_and(|language| language.has_grammar())
    {
        offer(
            "Nextline: document this".into(),
            "refactor.rewrite",
            methods::DOC,
            json!([uri, range]),
            &Value::Null,
        );
        offer(
            "Nextline: write tests for this".into(),
            "refactor.rewrite",
            methods::TEST,
            json!([uri, range]),
            &Value::Null,
        );
    }
    offer(
        "Nextline: explain this".into(),
        "source",
        methods::EXPLAIN,
        json!([uri, range]),
        &Value::Null,
    );
    for (name, title) in own {
        offer(
            format!("Nextline: {title}"),
            "refactor.rewrite",
            methods::COMMAND,
            json!([uri, range, name]),
            &Value::Null,
        );
    }
    found
}

/// Runs a command. What goes wrong is shown to the person in one sentence; the command itself then has no result.
pub async fn run(turn: &Turn, command: &str, arguments: &[Value]) -> Result<Value, Fault> {
    let done = match command {
        methods::CANCEL => {
            let edits = &turn.snapshot.edits;
            let named = arguments.first().and_then(Value::as_str);
            let named = named.map(|id| vec![id.to_owned()]);
            for id in named.unwrap_or_else(|| edits.working()) {
                edits.cancel(&id);
            }
            return Ok(Value::Null);
        }
        methods::UNDO_EDIT => undo(turn, arguments).await,
        methods::EXPLAIN => explain::explain(turn, &place(arguments)?).await,
        methods::COMMAND => custom::run(turn, &place(arguments)?, arguments.get(2)).await,
        methods::TRUST => custom::trust(turn).await,
        _ => match verb(command) {
            Some(verb) => change(turn, verb, &place(arguments)?, arguments.get(2)).await,
            None => Ok(Value::Null),
        },
    };
    Ok(done.unwrap_or_else(|trouble| {
        if trouble.class != Class::Interrupted {
            say(turn, ERROR, &trouble.message);
        }
        Value::Null
    }))
}

/// `window/showMessage`.
pub fn say(turn: &Turn, kind: u8, message: &str) {
    turn.outbox.notify(
        "window/showMessage",
        json!({ "type": kind, "message": format!("Nextline: {message}") }),
    );
}

/// A place that a command is about.
#[derive(Clone)]
pub struct Named {
    /// The document.
    pub uri: String,
    /// Where in it.
    pub range: Range,
}

fn place(arguments: &[Value]) -> Result<Named, Fault> {
    let wrong = || {
        Fault::new(
            INVALID_PARAMS,
            "the arguments are a document's URI and a range",
        )
    };
    let uri = arguments
        .first()
        .and_then(Value::as_str)
        .ok_or_else(wrong)?;
    let range = arguments.get(1).cloned().unwrap_or_default();
    Ok(Named {
        uri: uri.to_owned(),
        range: serde_json::from_value(range).map_err(|_| wrong())?,
    })
}

/// Progress that the person may stop; told as ended when it is dropped.
pub struct Progress<'a> {
    turn: &'a Turn,
    token: Option<String>,
}

impl<'a> Progress<'a> {
    /// Begins it.
    pub fn begin(turn: &'a Turn, token: &str, title: &str) -> Progress<'a> {
        let token = turn.snapshot.client.progress.then(|| token.to_owned());
        let progress = Progress { turn, token };
        if let Some(token) = &progress.token {
            // A client that refuses ignores what follows.
            drop(
                turn.outbox
                    .request("window/workDoneProgress/create", json!({ "token": token })),
            );
        }
        progress.tell(
            json!({ "kind": "begin", "title": format!("Nextline: {title}"), "cancellable": true }),
        );
        progress
    }

    fn tell(&self, value: Value) {
        if let Some(token) = &self.token {
            self.turn
                .outbox
                .notify("$/progress", json!({ "token": token, "value": value }));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.tell(json!({ "kind": "end" }));
    }
}

/// Stops an edit whose command is no longer waited for.
struct Stops<'a>(&'a Turn, String);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.snapshot.edits.cancel(&self.1);
    }
}

async fn change(
    turn: &Turn,
    verb: Verb,
    named: &Named,
    more: Option<&Value>,
) -> Result<Value, Trouble> {
    let diagnostics: Vec<Diagnostic> = more
        .filter(|more| more.is_array())
        .cloned()
        .and_then(|more| serde_json::from_value(more).ok())
        .unwrap_or_default();
    let instruction = more.and_then(Value::as_str).unwrap_or_default().to_owned();
    if verb == Verb::Edit && instruction.trim().is_empty() {
        return Err(Trouble::new(
            Class::Input,
            "an edit needs an instruction: its command takes a URI, a range and the instruction",
        ));
    }
    let complaints = diagnostics
        .iter()
        .map(|one| format!("line {}: {}", one.range.start.line + 1, one.message));
    let wanted = Wanted {
        uri: named.uri.clone(),
        verb,
        lines: edit::lines(named.range),
        complaints: complaints.collect(),
        instruction,
        items: Vec::new(),
        route: None,
    };
    carry_out(turn, wanted).await
}

/// Runs an edit to its end, with progress, and puts it into the buffer; first it is shown where the settings say so.
pub async fn carry_out(turn: &Turn, wanted: Wanted) -> Result<Value, Trouble> {
    let verb = wanted.verb;
    let road = edit::road(&turn.snapshot, &wanted)?;
    let (id, cancel) = turn.snapshot.edits.begin(wanted.clone());
    let stops = Stops(turn, id.clone());
    let progress = Progress::begin(turn, &id, verb.name());
    let mut last = 0;
    let told = |received: usize| {
        // A line now and then: nobody reads faster.
        if received >= last + 512 {
            last = received;
            progress.tell(json!({ "kind": "report", "message": format!("{received} bytes") }));
        }
    };
    let made = edit::run(turn, &id, &cancel, &road, wanted, told).await?;
    if cancel.is_cancelled() {
        return Err(Trouble::new(Class::Interrupted, "the edit was stopped"));
    }
    if turn.snapshot.settings.settings.edit.preview && !landing::agreed(turn, &made).await {
        turn.snapshot.edits.set(&id, State::Rejected);
        edit::tell(turn, &id, EditHappened::Rejected).await;
        return Ok(Value::Null);
    }
    landing::apply(turn, &id, &made, None).await?;
    drop(stops);
    if made.new_errors > 0 {
        say(
            turn,
            INFO,
            &format!(
                "the text has {} syntax errors more than before this edit",
                made.new_errors
            ),
        );
    }
    Ok(json!({ "id": id }))
}

async fn undo(turn: &Turn, arguments: &[Value]) -> Result<Value, Trouble> {
    let nothing = || Trouble::new(Class::Input, "there is no edit to undo");
    let edits = &turn.snapshot.edits;
    let id = arguments
        .first()
        .and_then(Value::as_str)
        .map(str::to_owned)
        .or_else(|| edits.last_applied());
    let id = id.ok_or_else(nothing)?;
    match edits.get(&id).map(|task| task.state) {
        Some(State::Applied(landed)) => landing::take_back(turn, &id, &landed)
            .await
            .map(|()| json!({ "id": id })),
        _ => Err(nothing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::make::Lines;

    #[test]
    fn every_command_of_the_table_is_somebodys() {
        let others = [methods::DID_ACCEPT, methods::DID_DISMISS, methods::SNOOZE];
        for command in methods::COMMANDS {
            assert_ne!(known(command), others.contains(command), "{command}");
        }
        assert_eq!(edit::lines(Range::default()), Lines::Around(1));
    }
}
