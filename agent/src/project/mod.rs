//! What a project says to the agent: instructions and commands of its own, used once a person has said yes to these very files.
//!
//! `consent` is what was said yes to, `source` reads one file and knows how it stands, `instructions` are texts that stand with the rules of
//! every question, `commands` are prompts with a name (`front` reads their heads, `shell` runs what one asks for), `invisible` is what no
//! person sees in a text; `changes` is what git says was changed.

pub mod changes;
pub mod commands;
pub mod consent;
mod front;
pub mod instructions;
pub mod invisible;
mod jsonc;
mod shell;
pub mod source;

use std::path::Path;

use crate::settings::Settings;
use consent::{Consents, Standing};

/// Something that a person may say yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The file, from the project's folder; `$ ` and a command for what a command of the project wants to run.
    pub name: String,
    /// What it says, as a person sees it.
    pub text: String,
    /// Characters in it that no person sees; they are never passed on.
    pub hidden: usize,
    /// Whether it was said yes to.
    pub standing: Standing,
    /// What the yes is bound to.
    pub bytes: Vec<u8>,
}

impl Thing {
    /// It wants to run something.
    pub fn runs(&self) -> bool {
        self.name.starts_with(shell::MARK)
    }
}

/// Everything of a project that waits for a yes, or has one. Reads the disk.
pub fn things(folder: &Path, settings: &Settings) -> Vec<Thing> {
    let consents = Consents::of_user();
    let mut found = instructions::things(folder, settings, &consents);
    found.extend(commands::things(folder, &consents));
    found
}
