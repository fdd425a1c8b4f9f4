//! Layered configuration with the origin of every value.
//!
//! [`Layers`] holds what every layer says as text or JSON; [`Layers::load`] is pure and never fails: whatever is wrong
//! is left out and becomes a [`Notice`] that names the place and the mend. Lowest to highest: built in, machine policy,
//! user file, `initializationOptions`, the editor's configuration, environment, flags. A project's file is untrusted: it
//! is put on top of the result and may only narrow it.
//!
//! The machine's policy may hold `locked = ["completion.route", "routes"]`: what stands there, and all below it, is
//! taken from the policy (or built in) and from nowhere else. Of `[policy]` no lock is needed: there every layer, the user's own
//! included, may only narrow what the layers below it say.

mod check;
mod files;
mod gather;
mod merge;
mod model;
mod origin;
mod routes;
mod schema;
mod servers;
mod show;
pub mod table;
#[cfg(test)]
mod tests;
mod toml_text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use files::{
    ConfigFile, Unreadable, keep_no_state, policy_path, project_path, state_dir, user_path,
};
pub use model::{
    Budget, Chat, Completion, ContextFilter, ContextFilters, Edit, Instructions, Ledger, Limit,
    Local, Log, LogLevel, Mcp, Mode, Multiline, Policy, Popup, Price, Process, Route, Settings,
    Timeouts,
};
pub use origin::{Layer, Notice, Origin, Severity, dotted};
pub use schema::schema;
pub use show::{Shown, shown};

use gather::Gathered;
use merge::Merge;

/// What every layer says, unread.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The machine's policy.
    pub policy: Option<ConfigFile>,
    /// The user's file, or the one that a flag or `NEXTLINE_CONFIG` put in its place.
    pub user: Option<ConfigFile>,
    /// `initializationOptions`; keys that are none of ours are expected in it.
    pub start: Option<Value>,
    /// The section `nextline` of the latest `workspace/configuration` or `didChangeConfiguration`.
    pub editor: Option<Value>,
    /// `NEXTLINE_…` variables: name and value.
    pub environment: Vec<(String, String)>,
    /// Flags: dotted key and value.
    pub flags: Vec<(String, String)>,
    /// The untrusted files of the open workspace folders.
    pub projects: Vec<ConfigFile>,
}

/// The settings, where each value comes from and what there is to say about them.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// What is in force.
    pub settings: Settings,
    /// By dotted key; what is not here is built in.
    pub origins: BTreeMap<String, Origin>,
    /// In the order of the layers, and of the lines within a file.
    pub notices: Vec<Notice>,
    /// Keys and tables that the machine's policy keeps from every layer above it, and where it says so.
    pub locks: Vec<(String, Origin)>,
}

impl Loaded {
    /// Where a value comes from, by dotted key.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins
            .get(key)
            .cloned()
            .unwrap_or(Origin::of(Layer::BuiltIn))
    }

    /// The notices that an earlier load did not have: after a reload, only these are news.
    pub fn news<'a>(&'a self, before: &'a Loaded) -> impl Iterator<Item = &'a Notice> {
        self.notices
            .iter()
            .filter(|notice| !before.notices.contains(notice))
    }
}

impl Layers {
    /// Reads policy, user file and `NEXTLINE_…` variables. `config` is the file of `--config`; without it
    /// `NEXTLINE_CONFIG`, then the usual place. Reads at most two files and asks no network.
    pub fn of_machine(config: Option<&Path>) -> Layers {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter(|(name, _)| {
                name.to_str()
                    .is_some_and(|name| name.starts_with("NEXTLINE_"))
            })
            .map(|(name, value)| {
                (
                    name.to_string_lossy().into_owned(),
                    value.to_string_lossy().into_owned(),
                )
            })
            .collect();
        let named = config.map(Path::to_path_buf).or_else(|| {
            let value = environment
                .iter()
                .find(|(name, _)| name == "NEXTLINE_CONFIG")?;
            (!value.1.is_empty()).then(|| PathBuf::from(&value.1))
        });
        let user = match named {
            Some(path) => Some(ConfigFile::demand(&path)),
            None => user_path().and_then(|path| ConfigFile::read(&path)),
        };
        Layers {
            policy: ConfigFile::read(&policy_path()),
            user,
            environment,
            ..Layers::default()
        }
    }

    /// Reads the untrusted files of these workspace folders, in place of those read before.
    pub fn read_projects<'a>(&mut self, roots: impl IntoIterator<Item = &'a Path>) {
        self.projects = roots
            .into_iter()
            .filter_map(|root| ConfigFile::read(&project_path(root)))
            .collect();
    }

    /// Reads the user's file anew, also one that was not there before. One that is gone keeps what it said.
    pub fn reread(&mut self) {
        let known = self.user.as_ref().map(|file| file.path.to_path_buf());
        let read = known.or_else(user_path).map(|path| ConfigFile::read(&path));
        if let Some(Some(file)) = read {
            self.user = Some(file);
        }
    }

    /// Merges all layers. Pure and total; without any layer it is the defaults at no cost.
    pub fn load(&self) -> Loaded {
        let mut merge = Merge::default();
        if let Some(file) = &self.policy {
            merge.add(of_file(Layer::Machine, file));
            merge.shut_if_broken();
        }
        if let Some(file) = &self.user {
            merge.add(of_file(Layer::User, file));
        }
        merge.remember_homes();
        for (layer, value) in [(Layer::Start, &self.start), (Layer::Editor, &self.editor)] {
            if let Some(value) = value {
                merge.add(gather::json(layer, value));
            }
        }
        for (name, value) in &self.environment {
            if let Some(gathered) = of_variable(name, value, &merge) {
                merge.add(gathered);
            }
        }
        for (key, value) in &self.flags {
            merge.add(gather::word(
                Layer::Flags,
                key.split('.').map(str::to_owned).collect(),
                value,
            ));
        }
        merge.unkey_moved();
        merge.check_routes();
        merge.check_servers();
        if !self.projects.is_empty() {
            let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
            for file in &self.projects {
                merge.narrow(of_file(Layer::Project, file), &defaults);
            }
        }
        merge.finish()
    }
}

fn of_file(layer: Layer, file: &ConfigFile) -> Gathered {
    match &file.text {
        Ok(text) => gather::toml(layer, &file.path, text),
        Err(error) => {
            let origin = Origin::file(layer, file.path.clone());
            let origin = match error {
                Unreadable::NotUtf8 { line, byte } => Origin {
                    line: *line,
                    column: *byte,
                    ..origin
                },
                _ => origin,
            };
            let notice = Notice {
                severity: Severity::Error,
                origin,
                key: String::new(),
                message: error.to_string(),
            };
            Gathered {
                notices: vec![notice],
                ..Gathered::default()
            }
        }
    }
}

// `NEXTLINE_LOG`, and `NEXTLINE_COMPLETION__THROTTLE_MS`: two underscores where the key has a dot. Others are not settings.
fn of_variable(name: &str, value: &str, merge: &Merge) -> Option<Gathered> {
    let key = name.strip_prefix("NEXTLINE_")?;
    let (path, value) = match key {
        "LOG" => (
            vec!["log".to_owned(), "level".to_owned()],
            value.to_lowercase(),
        ),
        _ if key.contains("__") => (
            key.to_lowercase().split("__").map(str::to_owned).collect(),
            value.to_owned(),
        ),
        _ => return None,
    };
    let mut path: Vec<String> = path;
    if value.is_empty() {
        return None;
    }
    if path[0] == "routes"
        && let Some(name) = path.get_mut(1)
        && let Some(known) = merge
            .routes()
            .into_iter()
            .find(|known| known.to_lowercase().replace('-', "_") == *name)
    {
        *name = known;
    }
    let mut gathered = gather::word(Layer::Environment, path.clone(), &value);
    if table::rows_of(&path).any(|row| !row.environment) {
        gathered = Gathered::default();
        gathered.notices.push(Notice {
            severity: Severity::Warning,
            origin: Origin::of(Layer::Environment),
            key: dotted(&path),
            message:
                "may not come from a variable, which a project could set; write it in your own file"
                    .into(),
        });
    }
    for notice in &mut gathered.notices {
        notice.message.push_str(&format!(" (variable {name})"));
    }
    Some(gathered)
}
