//! Instructions of a project: `AGENTS.md` and its likes, which stand behind our own rules in every question of a chat or an edit.

use std::path::Path;

use super::consent::Consents;
use super::front::Front;
use super::{Thing, source};
use crate::index;
use crate::policy::list::{GIT, List};
use crate::prompt::talk::Item;
use crate::settings::Settings;

/// Bytes of all instructions of one question.
const MOST: usize = 32 << 10;
/// What files in a folder of instructions are called.
const EXTENSIONS: &[&str] = &["md", "mdc"];

/// What goes in, and what does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instructions {
    /// The texts, the most general first.
    pub items: Vec<Item>,
    /// What a person should know: the file, and what is with it.
    pub told: Vec<(String, String)>,
}

/// The instructions for a question about a file of a project, or about none. Reads the disk.
pub fn instructions(folder: &Path, file: Option<&Path>, settings: &Settings) -> Instructions {
    let mut found = Instructions::default();
    let consents = Consents::of_user();
    let inside = file.and_then(|file| file.strip_prefix(folder).ok());
    let mut room = MOST;
    for name in names(folder, inside, settings) {
        let thing = match source::read(folder, &name, &consents) {
            Some(Ok(thing)) => thing,
            Some(Err(why)) => {
                found.told.push((name, format!("it is not used: {why}")));
                continue;
            }
            None => continue,
        };
        let front = Front::read(&thing.text);
        if !applies(&front, inside) || front.body.trim().is_empty() {
            continue;
        }
        if let Some(why) = thing.standing.refusal() {
            found.told.push((name, why.to_owned()));
            continue;
        }
        if front.body.len() > room {
            let why = format!("the instructions have more than {} KB", MOST >> 10);
            found.told.push((name, why));
            continue;
        }
        room -= front.body.len();
        if thing.hidden > 0 {
            let why = format!(
                "{} invisible characters in it were left out; look what they are for",
                thing.hidden
            );
            found.told.push((name.clone(), why));
        }
        found.items.push(Item {
            file: folder.join(&name).to_string_lossy().into_owned(),
            text: front.body.trim().to_owned(),
            language: String::new(),
            line: 1,
            rule: "instructions".into(),
            image: None,
            name,
        });
    }
    found
}

fn matches(globs: &[&str], file: &Path) -> bool {
    let list = List::read(globs.join("\n").as_bytes(), GIT);
    list.excludes(&file.to_string_lossy().replace('\\', "/"))
}

/// The files of instructions of a project, whatever they are for.
pub fn things(folder: &Path, settings: &Settings, consents: &Consents) -> Vec<Thing> {
    let mut names = names(folder, None, settings);
    if settings.instructions.enabled {
        let bare = |name: &str| {
            settings
                .instructions
                .files
                .iter()
                .any(|known| known == name)
        };
        let below = index::files(folder).filter_map(|file| {
            let name = file.file_name()?.to_str().filter(|name| bare(name))?;
            let inside = file.strip_prefix(folder).ok()?;
            (inside != Path::new(name)).then(|| inside.to_string_lossy().replace('\\', "/"))
        });
        names.extend(below);
    }
    let read = names
        .iter()
        .filter_map(|name| source::read(folder, name, consents));
    read.filter_map(Result::ok).collect()
}

/// The names of files that may be there. A bare name stands for itself in every folder on the way to the file.
fn names(folder: &Path, inside: Option<&Path>, settings: &Settings) -> Vec<String> {
    let wanted = &settings.instructions;
    if !wanted.enabled {
        return Vec::new();
    }
    let mut names = Vec::new();
    for name in &wanted.files {
        if name.contains("..") || Path::new(name).is_absolute() {
            continue;
        }
        if folder.join(name).is_dir() {
            names.extend(source::listed(folder, name, EXTENSIONS));
            continue;
        }
        names.push(name.clone());
        if name.contains('/') {
            continue;
        }
        let mut way = String::new();
        let parents = inside.and_then(Path::parent);
        for part in parents.into_iter().flat_map(Path::components) {
            way = format!("{way}{}/", part.as_os_str().to_string_lossy());
            names.push(format!("{way}{name}"));
        }
    }
    names
}

/// Whether a file of instructions is meant for this question: those of editors say so in their heads.
fn applies(front: &Front<'_>, inside: Option<&Path>) -> bool {
    let globs = [front.list("globs"), front.list("applyTo")].concat();
    if globs.is_empty() {
        return front
            .get("alwaysApply")
            .is_none_or(|always| always == "true");
    }
    front.is_set("alwaysApply") || inside.is_some_and(|file| matches(&globs, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_say_which_files_instructions_are_for() {
        let file = Path::new("src/web/page.ts");
        for (head, applies_to_it, applies_to_none) in [
            ("", true, true),
            ("---\ndescription: x\n---\n", true, true),
            ("---\nalwaysApply: true\nglobs: *.rs\n---\n", true, true),
            ("---\nalwaysApply: false\n---\n", false, false),
            ("---\nglobs: *.ts, *.tsx\n---\n", true, false),
            ("---\nglobs: src/web/**\n---\n", true, false),
            ("---\napplyTo: \"**/*.rs\"\n---\n", false, false),
        ] {
            let text = format!("{head}Body");
            let front = Front::read(&text);
            assert_eq!(applies(&front, Some(file)), applies_to_it, "{head}");
            assert_eq!(applies(&front, None), applies_to_none, "{head}");
        }
    }
}
