//! What goes with a question without being mentioned: the project's instructions, and what a command of the project brings along.

use std::path::{Path, PathBuf};

use super::mentions::{self, Found, Here};
use crate::document::place::path_of;
use crate::edit::work::folder_of;
use crate::mcp::{Call, parse};
use crate::project::commands::{self, Command, commands};
use crate::project::instructions::{Instructions, instructions};
use crate::prompt::talk::Item;
use crate::world::Snapshot;

/// The folder of the project that a question is about.
pub fn project_of(snapshot: &Snapshot, here: &Here) -> Option<PathBuf> {
    let front = here.uri.as_deref().and_then(path_of);
    match front {
        Some(file) => Some(folder_of(snapshot, &file)),
        None => snapshot.client.folders.first().cloned(),
    }
}

/// A message, and all that goes with it.
#[derive(Debug, Default)]
pub struct Question {
    /// What is asked: the message, or what the command that it names asks.
    pub text: String,
    /// What it mentions, and what a person should know of what does not go in.
    pub found: Found,
    /// What it wants of servers of the Model Context Protocol; a face makes these calls after a yes for each.
    pub calls: Vec<Call>,
    /// The project's instructions, the most general first.
    pub instructions: Vec<Item>,
}

impl Question {
    /// Takes the pictures out, for a provider that sees none.
    pub fn refuse_pictures(&mut self, provider: &str) {
        let items = std::mem::take(&mut self.found.items);
        for item in items {
            if item.image.is_none() {
                self.found.items.push(item);
                continue;
            }
            let why = format!("`{provider}` takes no pictures here; ask another route");
            self.found.refused.push((item.name, why));
        }
    }
}

/// A message with all that goes with it. Reads files, and runs what a command may run: not for the wire's task.
pub fn question(snapshot: &Snapshot, text: &str, here: &Here) -> Question {
    let folder = project_of(snapshot, here);
    let servers = &snapshot.settings.settings.mcp;
    let mut question = match called(folder.as_deref(), text) {
        Some((command, more)) => {
            let mut found = brought(snapshot, &command, here, folder.as_deref());
            let (calls, rest) = parse(more, servers);
            let own = mentions::resolve(snapshot, &rest, here);
            found.items.extend(own.items);
            found.refused.extend(own.refused);
            Question {
                text: words(&command, more),
                found,
                calls,
                ..Question::default()
            }
        }
        None => {
            let (calls, rest) = parse(text, servers);
            let mut found = mentions::resolve(snapshot, &rest, here);
            found.refused.extend(uncalled(folder.as_deref(), text));
            Question {
                text: text.to_owned(),
                found,
                calls,
                ..Question::default()
            }
        }
    };
    let front = here.uri.as_deref().and_then(path_of);
    let project = folder.map_or_else(Instructions::default, |folder| {
        instructions(&folder, front.as_deref(), &snapshot.settings.settings)
    });
    question.instructions = project.items;
    question.found.refused.extend(project.told);
    question
}

/// A message that begins with `/name` of a command that is there: the command, and what follows its name.
pub fn called<'t>(folder: Option<&Path>, text: &'t str) -> Option<(Command, &'t str)> {
    let rest = text.trim_start().strip_prefix('/')?;
    let (name, more) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let found = commands(folder.unwrap_or(Path::new("")));
    let command = found.named(name)?.clone();
    Some((command, more.trim()))
}

/// A message that begins as one with a command does, and there is none of that name: why.
fn uncalled(folder: Option<&Path>, text: &str) -> Option<(String, String)> {
    let said = text.split_whitespace().next()?;
    let name = said.strip_prefix('/').filter(|name| !name.is_empty())?;
    if !name
        .chars()
        .all(|c| c.is_alphanumeric() || "-_".contains(c))
    {
        return None;
    }
    let known = commands(folder.unwrap_or(Path::new("")));
    let told = known.told.iter();
    let told: Vec<String> = told
        .map(|(file, why)| format!(" ({file}: {why})"))
        .collect();
    let why = "there is no such command, so it is asked as it stands";
    Some((said.to_owned(), format!("{why}{}", told.concat())))
}

/// What a command asks, with what was said behind its name.
pub fn words(command: &Command, more: &str) -> String {
    match more.is_empty() {
        true => command.prompt.clone(),
        false => format!("{}\n\n{more}", command.prompt),
    }
}

/// What a command brings along. Reads files, and runs what it may run.
pub fn brought(
    snapshot: &Snapshot,
    command: &Command,
    here: &Here,
    folder: Option<&Path>,
) -> Found {
    let wanted = command.mentions.iter();
    // A command asks for the selection; it does not insist.
    let wanted = wanted.filter(|name| *name != "selection" || here.selection.is_some());
    let names: Vec<String> = wanted.cloned().collect();
    let mut found = mentions::named(snapshot, &names, &command.prompt, here);
    if let Some(run) = &command.shell {
        match commands::output(folder.unwrap_or(Path::new(".")), run) {
            Ok(text) => found.items.push(Item {
                name: format!("$ {run}"),
                text,
                ..Item::default()
            }),
            Err(why) => found.refused.push((format!("$ {run}"), why)),
        }
    }
    found
}
