//! `nextline trust` and `commands`: what a project says to the model, and a person's yes to it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use serde_json::json;

use super::workplace::Workplace;
use super::{Options, code, complain, project_of};
use crate::project::commands::commands;
use crate::project::consent::{Consents, Standing};
use crate::project::{Thing, things};

/// The words after `nextline trust`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The project; the one around the current folder without it.
    folder: Option<PathBuf>,
    /// Trust what is shown without asking.
    #[arg(long)]
    yes: bool,
    /// Trust what commands of the project want to run, too.
    #[arg(long)]
    shell: bool,
    /// Take every yes of this project back.
    #[arg(long, conflicts_with_all = ["yes", "shell"])]
    revoke: bool,
    /// Only list how it stands, as JSON.
    #[arg(long, conflicts_with_all = ["yes", "shell", "revoke"])]
    json: bool,
}

/// Shows what a project says, and keeps the person's yes.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    let mut place = Workplace::of_here(options.layers().load());
    if let Some(folder) = &arguments.folder {
        match folder.canonicalize() {
            Ok(folder) => place.folder = project_of(&folder.join("_")),
            Err(error) => {
                return complain(&format!("{} cannot be found: {error}", folder.display()));
            }
        }
    }
    let folder = place.folder.clone();
    if arguments.revoke {
        return match Consents::of_user().revoke(&folder) {
            Ok(true) => print(out, &format!("nothing of {} is trusted", folder.display())),
            Ok(false) => print(out, &format!("nothing of {} was trusted", folder.display())),
            Err(error) => complain(&format!("the yes cannot be taken back: {error}")),
        };
    }
    let found = things(&folder, place.settings());
    if arguments.json {
        let things = found.iter().map(|thing| {
            json!({ "name": thing.name, "standing": word(thing.standing), "invisible": thing.hidden })
        });
        let all = json!({ "folder": folder, "things": things.collect::<Vec<_>>() });
        return print(out, &all.to_string());
    }
    let waiting: Vec<Thing> = found
        .into_iter()
        .filter(|thing| thing.standing != Standing::Trusted)
        .collect();
    if waiting.is_empty() {
        return print(
            out,
            &format!("{} says nothing that is not trusted", folder.display()),
        );
    }
    for thing in &waiting {
        if print(out, &shown(thing)) != code::OK {
            return code::FAILED;
        }
    }
    let (runs, texts): (Vec<Thing>, Vec<Thing>) = waiting.into_iter().partition(Thing::runs);
    let mut granted = texts;
    match (arguments.shell, runs.len()) {
        (true, _) => granted.extend(runs),
        (false, 0) => {}
        (false, count) => {
            eprintln!("nextline: {count} commands to run are not trusted by this; --shell does it");
        }
    }
    if granted.is_empty() || !(arguments.yes || agreed(granted.len())) {
        return complain("nothing was trusted");
    }
    match Consents::of_user().grant(&folder, &granted) {
        Ok(()) => print(
            out,
            &format!(
                "{} of {} are trusted as they are now",
                granted.len(),
                folder.display()
            ),
        ),
        Err(error) => complain(&format!("the yes cannot be kept: {error}")),
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Trusted => "trusted",
        Standing::Changed => "changed",
        Standing::Unknown => "unknown",
    }
}

/// A thing as a person reads it: nothing in it steers the terminal.
fn shown(thing: &Thing) -> String {
    let mut out = format!("── {} ({})\n", thing.name, word(thing.standing));
    if thing.hidden > 0 {
        out.push_str(&format!(
            "   {} invisible characters are in it; they are never passed on\n",
            thing.hidden
        ));
    }
    for line in thing.text.lines() {
        out.push_str(&format!("   {line}\n"));
    }
    out
}

fn agreed(count: usize) -> bool {
    let input = std::io::stdin();
    if !input.is_terminal() {
        eprintln!("nextline: there is no terminal to ask on; --yes trusts what was shown");
        return false;
    }
    eprint!("Trust these {count} as they are now? [y/N] ");
    let mut line = String::new();
    // No answer is a no.
    let _ = input.lock().read_line(&mut line);
    ["y", "yes"].contains(&line.trim().to_lowercase().as_str())
}

/// `nextline commands`: the commands that can be run here.
pub fn list(json: bool, options: &Options, out: &mut dyn Write) -> u8 {
    let place = Workplace::of_here(options.layers().load());
    let found = commands(&place.folder);
    for (name, why) in &found.told {
        eprintln!("nextline: {name}: {why}");
    }
    if json {
        let commands = found.commands.iter().map(|command| {
            json!({ "name": command.name, "description": command.description, "mode": command.mode.name(), "origin": command.origin })
        });
        return print(out, &json!(commands.collect::<Vec<_>>()).to_string());
    }
    let width = found
        .commands
        .iter()
        .map(|command| command.name.len())
        .max();
    for command in &found.commands {
        let line = format!(
            "{:width$}  {:6}  {}",
            command.name,
            command.mode.name(),
            command.description,
            width = width.unwrap_or_default()
        );
        if print(out, line.trim_end()) != code::OK {
            return code::FAILED;
        }
    }
    if found.commands.is_empty() {
        eprintln!(
            "nextline: there are no commands: write `.nextline/commands/NAME.md` in the project, or `commands/NAME.md` beside your configuration"
        );
    }
    code::OK
}

fn print(out: &mut dyn Write, text: &str) -> u8 {
    match writeln!(out, "{}", text.trim_end_matches('\n')) {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}
