//! Commands of the project and of the user in plain LSP, and the person's yes to what a project says.

use std::path::PathBuf;

use nextline_protocol::methods::SHOW_MESSAGE_REQUEST;
use serde_json::{Value, json};

use super::command::{INFO, Named, Progress, carry_out, say};
use super::edit;
use crate::chat::mentions::{Found, Here};
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Trouble, asked, harmless};
use crate::door::{Turn, off_wire};
use crate::edit::make::Lines;
use crate::edit::select::Source;
use crate::edit::tasks::Wanted;
use crate::project::commands::{Command, Mode, commands};
use crate::project::consent::{Consents, Standing};
use crate::project::{Thing, things};
use crate::prompt::edit::Verb;
use crate::prompt::talk::{Talk, talk};
use crate::prompt::{Message, Role};
use crate::route::Surface;
use crate::text::Byte;
use crate::world::Snapshot;

/// The answer that trusts.
const TRUST: &str = "Trust them";
/// Characters of one file that a question shows.
const SHOWN: usize = 600;

fn wrong(why: impl Into<String>) -> Trouble {
    Trouble::new(Class::Input, why)
}

fn failed() -> Trouble {
    wrong("the command failed here; the log says where")
}

fn here(named: &Named) -> Here {
    let selection = match edit::lines(named.range) {
        Lines::These(first, last) => Some((first, last)),
        _ => None,
    };
    Here {
        uri: Some(named.uri.clone()),
        selection,
        diagnostics: Vec::new(),
    }
}

/// The lines (from 1) of what is around a line of a document, where nothing is selected.
fn around(snapshot: &Snapshot, named: &Named) -> Option<(usize, usize)> {
    let document = snapshot.document(&named.uri)?;
    let text = document.text.slice(Byte(0)..document.text.end());
    let source = Source::new(&text, document.language);
    let line = named.range.start.line as usize;
    let span = (line < source.lines()).then(|| source.around(line))?;
    let last = source.line_of(span.end.saturating_sub(1).max(span.start));
    Some((source.line_of(span.start) + 1, last + 1))
}

/// The commands that a person may run at a place: names and titles. Reads the disk.
pub async fn listed(turn: &Turn, uri: &str) -> Vec<(String, String)> {
    let (snapshot, uri) = (turn.snapshot.clone(), uri.to_owned());
    let found = off_wire(move || {
        let here = Here {
            uri: Some(uri),
            ..Here::default()
        };
        let folder = asked::project_of(&snapshot, &here).unwrap_or_default();
        commands(&folder).commands
    });
    let title = |command: Command| {
        let title = match command.description.as_str() {
            "" => command.name.clone(),
            description => format!("{}: {description}", command.name),
        };
        (command.name, title)
    };
    found
        .await
        .unwrap_or_default()
        .into_iter()
        .map(title)
        .collect()
}

/// Runs a command by its name: an edit goes into the buffer, an answer is the result and a message.
pub async fn run(turn: &Turn, named: &Named, name: Option<&Value>) -> Result<Value, Trouble> {
    let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (snapshot, mut place) = (turn.snapshot.clone(), here(named));
    let at = named.clone();
    let found = off_wire(move || -> Result<(Command, Found), Trouble> {
        place.selection = place.selection.or_else(|| around(&snapshot, &at));
        let folder = asked::project_of(&snapshot, &place);
        let known = commands(folder.as_deref().unwrap_or(&PathBuf::new()));
        let Some(command) = known.named(&name) else {
            let told = known.told.first();
            let why = told.map_or_else(String::new, |(file, why)| format!(" ({file}: {why})"));
            return Err(wrong(format!("there is no command `{name}`{why}")));
        };
        let found = asked::brought(&snapshot, command, &place, folder.as_deref());
        Ok((command.clone(), found))
    });
    let (command, found) = found.await.unwrap_or_else(|| Err(failed()))?;
    for (name, why) in &found.refused {
        say(turn, INFO, &format!("{name}: {why}"));
    }
    let verb = match command.mode {
        Mode::Ask => return ask(turn, &command, found, here(named)).await,
        Mode::Edit => Verb::Edit,
        Mode::Insert => Verb::Insert,
    };
    let wanted = Wanted {
        uri: named.uri.clone(),
        verb,
        lines: edit::lines(named.range),
        complaints: Vec::new(),
        instruction: command.prompt,
        items: found.items,
        route: None,
    };
    carry_out(turn, wanted).await
}

async fn ask(turn: &Turn, command: &Command, found: Found, here: Here) -> Result<Value, Trouble> {
    let snapshot = turn.snapshot.clone();
    let road = snapshot.chats.roads.find(
        &snapshot.settings.settings,
        Surface::Chat,
        None,
        snapshot.engine.http(),
    )?;
    // The rules of the project, as for any question.
    let mut question = off_wire(move || asked::question(&snapshot, "", &here))
        .await
        .ok_or_else(failed)?;
    question.found.items = found.items;
    if !road.route.takes_pictures() {
        question.refuse_pictures(road.route.provider());
    }
    let turns = [Message {
        role: Role::User,
        text: command.prompt.clone(),
    }];
    let (prompt, _) = talk(&Talk {
        instructions: &question.instructions,
        items: &question.found.items,
        turns: &turns,
        context_tokens: road.context_tokens(),
        purpose: "command",
        ..Talk::default()
    });
    let _progress = Progress::begin(turn, &format!("command-{}", command.name), &command.name);
    let mut outcome = Outcome::default();
    outcome
        .hear(&road.route, prompt, road.surface, |_| true)
        .await;
    match outcome.error {
        Some(trouble) => Err(trouble),
        None => {
            let text = harmless::whole(&outcome.text);
            say(turn, INFO, &text);
            Ok(json!(text))
        }
    }
}

/// Shows what a project says and nobody said yes to, folder by folder, and keeps the person's yes. The result is how many things it was
/// said to. What wants to run is asked about by itself.
pub async fn trust(turn: &Turn) -> Result<Value, Trouble> {
    let mut trusted = 0;
    let folders = turn.snapshot.client.folders.clone();
    for folder in folders {
        let (root, settings) = (folder.clone(), turn.snapshot.settings.clone());
        let found = off_wire(move || things(&root, &settings.settings)).await;
        let mut waiting = found.ok_or_else(failed)?;
        waiting.retain(|thing| thing.standing != Standing::Trusted);
        let (runs, texts): (Vec<Thing>, Vec<Thing>) = waiting.into_iter().partition(Thing::runs);
        let mut groups = vec![texts];
        groups.extend(runs.into_iter().map(|run| vec![run]));
        for group in groups.into_iter().filter(|group| !group.is_empty()) {
            let shown: String = group.iter().map(shown).collect();
            let question = json!({
                "type": 2,
                "message": format!("Nextline: what {} says to the model, or wants to run for it:\n\n{shown}", folder.display()),
                "actions": [{ "title": TRUST }, { "title": "No" }],
            });
            let answer = turn.outbox.request(SHOW_MESSAGE_REQUEST, question).await;
            if !matches!(answer, Ok(Ok(answer)) if answer["title"] == TRUST) {
                continue;
            }
            trusted += group.len();
            let root = folder.clone();
            let kept = off_wire(move || Consents::of_user().grant(&root, &group)).await;
            kept.ok_or_else(failed)?
                .map_err(|error| wrong(format!("the yes cannot be kept: {error}")))?;
        }
    }
    Ok(json!({ "trusted": trusted }))
}

fn shown(thing: &Thing) -> String {
    let mut text: String = thing.text.chars().take(SHOWN).collect();
    if text.len() < thing.text.len() {
        text.push('…');
    }
    let hidden = match thing.hidden {
        0 => String::new(),
        count => format!(" ({count} invisible characters are left out)"),
    };
    format!("{}{hidden}:\n{text}\n\n", thing.name)
}
