//! Prompts with a name: the user's own, those of `.nextline/commands/*.md`, and those that Cody's users have in `commands.json`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::consent::{Consents, Standing};
use super::front::Front;
use super::jsonc;
use super::{Thing, shell, source};
use crate::settings::user_path;

/// Where a project has them.
const FOLDER: &str = ".nextline/commands";
/// Where Cody's users have them.
const CODY: &[&str] = &[".cody/commands.json", ".vscode/cody.json"];

/// Commands that are always there, unless the user has some of their names: name, description, prompt.
const BUILT_IN: &[(&str, &str, &str)] = &[(
    "smell",
    "What makes this code hard to keep",
    include_str!("../../prompts/smell-1.md"),
)];

/// What a command does with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Shows it.
    #[default]
    Ask,
    /// Puts it in the place of the selection.
    Edit,
    /// Puts it behind the selection.
    Insert,
}

/// What a mode is called.
const MODES: &[(&str, Mode)] = &[
    ("ask", Mode::Ask),
    ("edit", Mode::Edit),
    ("insert", Mode::Insert),
];

impl Mode {
    /// Its name.
    pub fn name(self) -> &'static str {
        MODES
            .iter()
            .find(|row| row.1 == self)
            .map_or("", |row| row.0)
    }

    fn named(name: &str) -> Option<Mode> {
        MODES.iter().find(|row| row.0 == name).map(|row| row.1)
    }
}

/// A prompt with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// How it is called, without a slash.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// What becomes of its answer.
    pub mode: Mode,
    /// What is asked.
    pub prompt: String,
    /// What goes in with it, as mentions without `@`; `.` stands for the document in front, `./` for its folder, `*` for all open ones.
    pub mentions: Vec<String>,
    /// What is run for its output.
    pub shell: Option<String>,
    /// The file that it is from, as people name it.
    pub origin: String,
}

/// The commands that can be run, and what is with the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// By name.
    pub commands: Vec<Command>,
    /// What a person should know: the file, and what is with it.
    pub told: Vec<(String, String)>,
}

impl Found {
    /// The command of a name.
    pub fn named(&self, name: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.name == name)
    }
}

/// The commands of the user, our own, and those of a project. Reads the disk.
pub fn commands(folder: &Path) -> Found {
    let consents = Consents::of_user();
    let mut found = Found::default();
    for file in own() {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        if let Ok(text) = std::fs::read_to_string(&file) {
            let origin = file.to_string_lossy().into_owned();
            found.add(markdown(&name, &text, &origin));
        }
    }
    for (name, description, prompt) in BUILT_IN {
        let command = Command {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            prompt: prompt.trim().to_owned(),
            mentions: vec!["selection".into()],
            origin: "built in".into(),
            ..Command::default()
        };
        if found.named(name).is_none() {
            found.commands.push(command);
        }
    }
    for name in names(folder) {
        let thing = match source::read(folder, &name, &consents) {
            Some(Ok(thing)) => thing,
            Some(Err(why)) => {
                found.told.push((name, format!("it is not used: {why}")));
                continue;
            }
            None => continue,
        };
        match thing.standing.refusal() {
            Some(why) => found.told.push((name, why.to_owned())),
            None => read(&thing).into_iter().for_each(|one| found.add(one)),
        }
    }
    found
        .commands
        .sort_by(|left, right| left.name.cmp(&right.name));
    found
}

impl Found {
    /// The user's own come first, and no project takes their names.
    fn add(&mut self, one: Result<Command, (String, String)>) {
        match one {
            Ok(command) if self.named(&command.name).is_none() => self.commands.push(command),
            Ok(command) => self.told.push((
                command.origin,
                format!("there is a command `{}` already", command.name),
            )),
            Err(told) => self.told.push(told),
        }
    }
}

/// The files of commands of a project, and what they want to run.
pub fn things(folder: &Path, consents: &Consents) -> Vec<Thing> {
    let mut found = Vec::new();
    for name in names(folder) {
        let Some(Ok(thing)) = source::read(folder, &name, consents) else {
            continue;
        };
        let runs = read(&thing).into_iter().flatten();
        let runs: Vec<String> = runs.filter_map(|command| command.shell).collect();
        found.push(thing);
        for run in runs {
            let name = format!("{}{run}", shell::MARK);
            found.push(Thing {
                standing: consents.standing(folder, &name, run.as_bytes()),
                text: run.clone(),
                hidden: 0,
                bytes: run.into_bytes(),
                name,
            });
        }
    }
    found
}

/// What a command wants to run, if there is a yes for it: its output, or why there is none. Blocks while it runs.
pub fn output(folder: &Path, command: &str) -> Result<String, String> {
    let name = format!("{}{command}", shell::MARK);
    let standing = Consents::of_user().standing(folder, &name, command.as_bytes());
    match standing {
        Standing::Trusted => shell::run(folder, command),
        _ => Err("it is not trusted to run: `nextline trust --shell` shows it".into()),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names = source::listed(folder, FOLDER, &["md"]);
    names.extend(CODY.iter().map(|name| (*name).to_owned()));
    names
}

/// The user's own files.
fn own() -> Vec<PathBuf> {
    let folder = user_path().and_then(|file| Some(file.parent()?.join("commands")));
    let mut files: Vec<PathBuf> = folder
        .and_then(|folder| std::fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    files
}

fn read(thing: &Thing) -> Vec<Result<Command, (String, String)>> {
    if thing.name.ends_with(".json") {
        return json(&thing.text, &thing.name);
    }
    let stem = Path::new(&thing.name).file_stem().unwrap_or_default();
    vec![markdown(&stem.to_string_lossy(), &thing.text, &thing.name)]
}

fn markdown(name: &str, text: &str, origin: &str) -> Result<Command, (String, String)> {
    let front = Front::read(text);
    let wrong = |why: String| (origin.to_owned(), why);
    let mode = front.get("mode").unwrap_or("ask");
    let mode = Mode::named(mode)
        .ok_or_else(|| wrong(format!("its mode {mode:?} is none of ask, edit and insert")))?;
    if front.body.trim().is_empty() {
        return Err(wrong(
            "it asks nothing: write the prompt below its head".into(),
        ));
    }
    let mentions = front.list("context").into_iter();
    Ok(Command {
        name: name.to_owned(),
        description: front.get("description").unwrap_or_default().to_owned(),
        mode,
        prompt: front.body.trim().to_owned(),
        mentions: mentions
            .map(|one| one.trim_start_matches('@').to_owned())
            .collect(),
        shell: front.get("run").map(str::to_owned),
        origin: origin.to_owned(),
    })
}

/// Cody's form.
#[derive(Debug, Deserialize)]
struct Cody {
    commands: std::collections::BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct CodyCommand {
    prompt: String,
    #[serde(default)]
    description: String,
    mode: Option<String>,
    context: Option<CodyContext>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CodyContext {
    none: bool,
    open_tabs: bool,
    current_dir: bool,
    current_file: bool,
    selection: Option<bool>,
    command: Option<String>,
    file_path: Option<String>,
    directory_path: Option<String>,
}

fn json(text: &str, origin: &str) -> Vec<Result<Command, (String, String)>> {
    // VS Code's files may hold comments.
    let text = &jsonc::plain(text);
    // Older files have the commands at the top.
    let read = serde_json::from_str::<Cody>(text).or_else(|first| {
        let bare = serde_json::from_str(text);
        bare.map(|commands| Cody { commands }).map_err(|_| first)
    });
    let cody = match read {
        Ok(cody) => cody,
        Err(error) => {
            let why = format!("it holds no commands: {error}");
            return vec![Err((origin.to_owned(), why))];
        }
    };
    let command = |(name, one): (String, serde_json::Value)| -> Result<Command, (String, String)> {
        // One that is wrong takes nothing from the others.
        let one: CodyCommand = serde_json::from_value(one).map_err(|error| {
            (
                origin.to_owned(),
                format!("`{name}` is no command: {error}"),
            )
        })?;
        let context = one.context.unwrap_or_default();
        let mode = one.mode.as_deref().unwrap_or("ask");
        let mode = Mode::named(mode).ok_or_else(|| {
            let why =
                format!("`{name}` has the mode {mode:?}, which is none of ask, edit and insert");
            (origin.to_owned(), why)
        })?;
        let mut mentions: Vec<String> = Vec::new();
        if !context.none {
            let wanted = [
                (context.selection.unwrap_or(true), "selection"),
                (context.current_file, "."),
                (context.current_dir, "./"),
                (context.open_tabs, "*"),
            ];
            let wanted = wanted.iter().filter(|(wanted, _)| *wanted);
            mentions.extend(wanted.map(|(_, what)| (*what).to_owned()));
            mentions.extend(context.file_path);
            let folder = context.directory_path;
            mentions.extend(folder.map(|folder| format!("{}/", folder.trim_end_matches('/'))));
        }
        Ok(Command {
            name: name.trim_start_matches('/').to_owned(),
            description: one.description,
            mode,
            prompt: one.prompt,
            mentions,
            shell: context.command.filter(|_| !context.none),
            origin: origin.to_owned(),
        })
    };
    cody.commands.into_iter().map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let text = "---\ndescription: Reviews it\nmode: edit\ncontext: [selection, @src/a.rs]\nrun: git log -5\n---\n\nReview this.\n";
        let wanted = Command {
            name: "review".into(),
            description: "Reviews it".into(),
            mode: Mode::Edit,
            prompt: "Review this.".into(),
            mentions: vec!["selection".into(), "src/a.rs".into()],
            shell: Some("git log -5".into()),
            origin: "o".into(),
        };
        assert_eq!(markdown("review", text, "o"), Ok(wanted.clone()));
        let text = r#"{"commands": {"/review": {"prompt": "Review this.", "description": "Reviews it", "mode": "edit",
            "context": {"filePath": "src/a.rs", "command": "git log -5"}}, "plain": {"prompt": "x", "context": {"none": true}},
            "odd": {"prompt": "x", "mode": "y"}}}"#;
        let found = json(text, "o");
        assert!(
            matches!(&found[0], Ok(command) if *command == wanted),
            "{found:?}"
        );
        assert!(matches!(&found[2], Ok(plain) if plain.mentions.is_empty()));
        assert!(matches!(&found[1], Err((_, why)) if why.contains("\"y\"")));
        let bare = json(r#"{"a": {"prompt": "x"}}"#, "o");
        assert!(matches!(&bare[0], Ok(command) if command.mentions == ["selection"]));
        let told = json("{ // mine\n\"a\": {\"prompt\": \"x\",}, }", "o");
        assert!(matches!(&told[0], Ok(command) if command.prompt == "x"));
        let one = json(
            r#"{"commands": {"a": {"prompt": 5}, "b": {"prompt": "x"}}}"#,
            "o",
        );
        assert!(matches!(&one[0], Err((_, why)) if why.contains("`a` is no command")));
        assert!(matches!(&one[1], Ok(command) if command.name == "b"));
        assert!(matches!(&json("[", "o")[0], Err((_, why)) if why.contains("no commands")));
        for text in ["---\nmode: x\n---\na", "---\nmode: ask\n---\n\n"] {
            assert!(markdown("a", text, "o").is_err(), "{text}");
        }
    }
}
