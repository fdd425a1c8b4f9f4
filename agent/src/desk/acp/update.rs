//! `session/update`: the shapes of what happens in a session.

use std::borrow::Cow;
use std::path::Path;

use nextline_protocol::acp;
use serde_json::{Value, json};

use super::AcpDesk;
use crate::chat::harmless;
use crate::project::commands::Command;
use crate::settings::Settings;

/// The slash commands: name, what follows it, what it does.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    (
        "edit",
        "FILE[:LINES] what to change",
        "Change code as you say, and see the diff first",
    ),
    (
        "doc",
        "FILE:LINE",
        "Write the doc comment of what is around a line",
    ),
    (
        "test",
        "FILE:LINE",
        "Write unit tests for what is around a line",
    ),
    (
        "fix",
        "FILE:LINE [what a tool complains about]",
        "Mend what is around a line",
    ),
    (
        "explain",
        "FILE[:LINES] [what you want to know]",
        "Explain code",
    ),
];

/// The one option of a session.
pub const MODEL: &str = "model";

impl AcpDesk {
    /// Tells what happened in a session.
    pub async fn tell(&self, session: &str, update: Value) {
        self.outbox
            .tell(acp::SESSION_UPDATE, wrapped(session, update))
            .await;
    }

    /// Words of ours, or a model's that are harmless already.
    pub async fn say(&self, session: &str, text: &str) {
        self.tell(session, chunk("agent_message_chunk", text)).await;
    }
}

/// Params of the notification.
pub fn wrapped(session: &str, update: Value) -> Value {
    json!({ "sessionId": session, "update": update })
}

/// A piece of a message or a thought.
pub fn chunk(kind: &str, text: &str) -> Value {
    json!({ "sessionUpdate": kind, "content": words(text) })
}

/// The slash commands that there are: ours, the user's and those of a project.
pub fn commands(others: &[Command]) -> Value {
    let shape = |name: &str, hint: &str, description: &str| json!({ "name": name, "description": description, "input": { "hint": hint } });
    let ours = COMMANDS
        .iter()
        .map(|(name, hint, description)| shape(name, hint, description));
    let others = others
        .iter()
        .filter(|one| COMMANDS.iter().all(|(name, ..)| *name != one.name))
        .map(|one| shape(&one.name, "more to say", &harmless::whole(&one.description)));
    let commands: Vec<Value> = ours.chain(others).collect();
    json!({ "sessionUpdate": "available_commands_update", "availableCommands": commands })
}

/// The options of a session: the route that answers, picked as the model. Absent without any route.
pub fn options(settings: &Settings, picked: Option<&str>) -> Option<Value> {
    if settings.routes.is_empty() {
        return None;
    }
    let current = picked
        .or(settings.chat.route.as_deref())
        .unwrap_or_default();
    let mut options: Vec<Value> = settings
        .routes
        .iter()
        .map(|(name, route)| {
            let model = if route.model.is_empty() { name } else { &route.model };
            json!({ "value": name, "name": name, "description": format!("{model} by {}", route.provider) })
        })
        .collect();
    if !settings.routes.contains_key(current) {
        // A picker shows one of its values.
        let what = "No route is chosen for chat";
        options.insert(
            0,
            json!({ "value": current, "name": "not chosen", "description": what }),
        );
    }
    Some(json!([{
        "id": MODEL, "name": "Model", "category": "model", "type": "select",
        "description": "The route that answers here, edits too",
        "currentValue": current, "options": options,
    }]))
}

/// Text content.
pub fn words(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// Text as the content of a tool call.
pub fn note(text: &str) -> Value {
    json!({ "type": "content", "content": words(text) })
}

/// A file before and after, as the content of a tool call. `before` is `None` for a new file.
pub fn diff(path: &Path, before: Option<&str>, after: &str) -> Value {
    json!({ "type": "diff", "path": spelt(path), "oldText": before, "newText": after })
}

/// Where a tool works. `line` counts from 1.
pub fn location(path: &Path, line: Option<u32>) -> Value {
    match line {
        Some(line) => json!({ "path": spelt(path), "line": line }),
        None => json!({ "path": spelt(path) }),
    }
}

/// A path in JSON, which has no other letters than Unicode's.
pub fn spelt(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

/// A name as code in Markdown, whatever letters it has.
pub fn code(name: &str) -> String {
    match name.contains(['`', '\n']) {
        true => harmless::whole(&name.replace('\n', " ")),
        false => format!("`{name}`"),
    }
}
