//! Where a command is run: the project around it, and what a message from a shell mentions of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::project_of;
use crate::chat::asked::{self, Question};
use crate::chat::lookup;
use crate::chat::mentions::{Here, split};
use crate::chat::names::mentions;
use crate::complete::Engine;
use crate::mcp::parse;
use crate::project::instructions::{Instructions, instructions};
use crate::settings::{Loaded, Settings};
use crate::world::{Client, Snapshot, World};

/// The project around the current folder.
pub struct Workplace {
    /// Its folder.
    pub folder: PathBuf,
    here: PathBuf,
    loaded: Arc<Loaded>,
    /// Made when something is mentioned for the first time.
    snapshot: Option<Snapshot>,
    /// The index holds the project.
    searched: bool,
}

impl Workplace {
    /// The one around the current folder.
    pub fn of_here(loaded: Loaded) -> Workplace {
        let here = std::env::current_dir().unwrap_or_default();
        Workplace {
            // The project of any file in it.
            folder: project_of(&here.join("_")),
            here,
            loaded: Arc::new(loaded),
            snapshot: None,
            searched: false,
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.loaded.settings
    }

    /// The project as its editor would see it, with nothing open.
    pub fn snapshot(&mut self) -> &Snapshot {
        self.snapshot.get_or_insert_with(|| {
            let engine = Arc::new(Engine::new());
            engine.configure(&self.loaded.settings);
            let mut world = World::new(self.loaded.clone(), engine);
            let mut folders = vec![self.folder.clone()];
            if self.here != self.folder {
                folders.push(self.here.clone());
            }
            world.client = Arc::new(Client {
                folders,
                ..Client::default()
            });
            world.snapshot()
        })
    }

    /// A message with what it mentions and what goes with it; what does not go in is said on standard error.
    pub fn question(&mut self, text: &str) -> Question {
        let (calls, rest) = parse(text, &self.loaded.settings.mcp);
        let names = mentions(&rest);
        let question = if names.is_empty() && !text.trim_start().starts_with('/') {
            // Nothing to look up.
            let project = self.instructions(None);
            Question {
                text: text.to_owned(),
                instructions: project.items,
                calls,
                ..Question::default()
            }
        } else {
            let is_there = |name: &&str| {
                let file = split(name).0;
                self.folder.join(file).exists() || self.here.join(file).exists()
            };
            let known = ["selection", "diagnostics", "diff"];
            let looked_up = !names
                .iter()
                .all(|name| known.contains(name) || is_there(name));
            if looked_up && !self.searched {
                self.searched = true;
                let folder = self.folder.clone();
                lookup::read_folder(self.snapshot(), &folder);
            }
            asked::question(self.snapshot(), text, &Here::default())
        };
        for (name, why) in &question.found.refused {
            eprintln!("nextline: {name}: {why}");
        }
        question
    }

    /// The project's instructions; what is not used is said on standard error where there is no message to go with.
    pub fn instructions(&self, file: Option<&Path>) -> Instructions {
        let found = instructions(&self.folder, file, &self.loaded.settings);
        for (name, why) in &found.told {
            eprintln!("nextline: {name}: {why}");
        }
        found
    }
}
