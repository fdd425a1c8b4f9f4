//! The settings as the rest of the agent reads them: plain data with every default in one place.
//!
//! Names, shapes and defaults are those of the configuration file; `table.rs` describes the same keys for people.

mod mcp;
mod route;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::origin::Origin;

pub use mcp::Mcp;
pub use route::{Route, Timeouts};

/// Everything that can be configured, after all layers were merged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Ghost text.
    pub completion: Completion,
    /// Next edits.
    pub next: Next,
    /// Edit commands.
    pub edit: Edit,
    /// Chat.
    pub chat: Chat,
    /// What a project says to the agent.
    pub instructions: Instructions,
    /// The embedded model and the walk that feeds it.
    pub local: Local,
    /// What of the workspace goes into prompts.
    pub context: Context,
    /// Routes by the user's own names.
    pub routes: BTreeMap<String, Route>,
    /// Servers of the Model Context Protocol, by the user's own names.
    pub mcp: BTreeMap<String, Mcp>,
    /// Prices of models, by a pattern of their names; these go before the built-in ones.
    pub models: BTreeMap<String, Price>,
    /// What left.
    pub ledger: Ledger,
    /// What may leave the machine.
    pub policy: Policy,
    /// Money.
    pub budget: Budget,
    /// How it runs.
    pub process: Process,
    /// What the agent says about itself.
    pub log: Log,
}

/// `[process]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Process {
    /// One process for all editors. Read when an editor starts the server: what the editor itself says of it comes too late.
    pub shared: bool,
}

/// `[completion]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Completion {
    /// `local` (the embedded model) or a name under `[routes]`.
    pub route: String,
    /// What answers when the route fails or is slow: `local`, a route's name, or `none`.
    pub fallback: String,
    /// `false` switches ghost text off.
    pub enabled: bool,
    /// Milliseconds to wait for the next keystroke before a route is asked; 0 asks at once.
    pub throttle_ms: u64,
    /// Most tokens that a route may answer with.
    pub max_tokens: u32,
    /// One line or several.
    pub multiline: Multiline,
    /// LSP language identifier → on or off. Listed languages override the default-off list.
    pub languages: BTreeMap<String, bool>,
    /// How forward it is.
    pub mode: Mode,
    /// Globs of files in which nothing is completed, as in a `.gitignore` of their workspace folder.
    pub off_globs: Vec<String>,
    /// `textDocument/completion` for clients without inline completion.
    pub popup: Popup,
}

impl Default for Completion {
    fn default() -> Self {
        Completion {
            route: "local".into(),
            fallback: "local".into(),
            enabled: true,
            throttle_ms: 40,
            max_tokens: 128,
            multiline: Multiline::Auto,
            languages: BTreeMap::new(),
            mode: Mode::Eager,
            off_globs: Vec::new(),
            popup: Popup::Auto,
        }
    }
}

/// `completion.multiline`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Multiline {
    /// The syntax tree decides.
    #[default]
    Auto,
    /// Rest of the line only.
    Never,
    /// Whatever the model answers.
    Always,
}

/// `completion.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Whatever there is to show.
    #[default]
    Eager,
    /// At ends of lines only, and of the embedded model only what it is sure of.
    Subtle,
    /// Only what is asked for by hand.
    Manual,
}

/// `completion.popup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Popup {
    /// On for clients that lack inline completion and are known to want it.
    #[default]
    Auto,
    /// On for every client.
    Always,
    /// Off.
    Never,
}

/// `[next]`: what follows from the last edits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Next {
    /// `false` switches next edits off.
    pub enabled: bool,
    /// A name under `[routes]`, asked for a rewrite where the trees say nothing; absent = nobody is asked.
    pub route: Option<String>,
}

impl Default for Next {
    fn default() -> Self {
        Next {
            enabled: true,
            route: None,
        }
    }
}

/// `[edit]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Edit {
    /// A name under `[routes]`; absent = not configured.
    pub route: Option<String>,
    /// Commands above functions, in editors that show code lenses.
    pub lenses: bool,
    /// An edit by a command is shown and asked about before it is made.
    pub preview: bool,
}

/// `[chat]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Chat {
    /// A name under `[routes]`; absent = not configured.
    pub route: Option<String>,
}

/// `[instructions]`: texts of a project that stand behind our own rules, once they are trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instructions {
    /// `false`: none go in.
    pub enabled: bool,
    /// Files and folders, from the project's folder; a bare name counts in every folder on the way to the file at hand.
    pub files: Vec<String>,
}

impl Default for Instructions {
    fn default() -> Self {
        let files = [
            "AGENTS.md",
            ".github/copilot-instructions.md",
            ".cursor/rules",
        ];
        Instructions {
            enabled: true,
            files: files.map(str::to_owned).to_vec(),
        }
    }
}

/// `[local]`: the embedded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Local {
    /// `false` switches the embedded model off: nothing is learnt and nothing is kept.
    pub enabled: bool,
    /// Shown only while the product of the token probabilities stays at or above this (0 to 1).
    pub confidence: f64,
    /// Megabytes of workspace source that are learnt at most; what is left out is said.
    pub max_workspace_mb: u64,
    /// Bytes of a file above which it is not learnt.
    pub max_file_bytes: u64,
}

impl Default for Local {
    fn default() -> Self {
        Local {
            enabled: true,
            confidence: 0.4,
            max_workspace_mb: 64,
            max_file_bytes: 1_000_000,
        }
    }
}

/// `[context]`: pieces of the workspace that a route's prompt holds beside the text around the cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// `false`: prompts hold the current file alone, and no index of the workspace is kept for them.
    pub enabled: bool,
    /// Megabytes of memory that the index of files on disk may take; what is left out is said.
    pub max_memory_mb: u64,
    /// Milliseconds that a completion waits for its pieces at most; what is late is left out.
    pub patience_ms: u64,
}

impl Default for Context {
    fn default() -> Self {
        Context {
            enabled: true,
            max_memory_mb: 128,
            patience_ms: 25,
        }
    }
}

/// `[models."PATTERN"]`: US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Price {
    /// Of input that the provider read anew.
    pub input_usd: Option<f64>,
    /// Of output.
    pub output_usd: Option<f64>,
    /// Of input from the provider's cache; absent = as other input.
    pub cached_usd: Option<f64>,
}

/// `[ledger]`: the list of every request that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ledger {
    /// `false` writes nothing down; budgets are not kept then.
    pub enabled: bool,
    /// `true` keeps what was sent; else only its length, hash and sources are kept.
    pub bodies: bool,
    /// Days after which a row is deleted.
    pub keep_days: u32,
    /// Megabytes above which the oldest rows are deleted.
    pub max_mb: u32,
}

impl Default for Ledger {
    fn default() -> Self {
        Ledger {
            enabled: true,
            bodies: false,
            keep_days: 90,
            max_mb: 64,
        }
    }
}

/// `[policy]`: what may leave the machine. Every layer may only narrow what the layers below it say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Globs of files of which nothing is used, as in a `.gitignore` of their workspace folder.
    pub exclude: Vec<String>,
    /// Patterns of paths: only files at or below one of them are used; `None` = any.
    pub allow_paths: Option<Vec<String>>,
    /// Patterns of repositories' names (`github.com/owner/name`): only their files are used; `None` = any.
    pub allow_repositories: Option<Vec<String>>,
    /// Filters of repositories in Cody's form; each of them must let a repository in.
    pub context_filters: Vec<ContextFilters>,
    /// Patterns of providers' names that may be asked; `None` = any.
    pub allow_providers: Option<Vec<String>>,
    /// Patterns of origins (`https://host`, with a port that is not the usual one) that may be asked; `None` = any.
    pub allow_origins: Option<Vec<String>>,
    /// Patterns of models' names that may be asked; `None` = any.
    pub allow_models: Option<Vec<String>>,
    /// Patterns of regions that may answer, of providers that have such; `None` = any.
    pub allow_regions: Option<Vec<String>>,
    /// `true`: nothing beyond this machine is asked.
    pub offline: bool,
    /// Who said it, by the last name of the key; filled by the merge.
    #[serde(skip)]
    pub said_by: BTreeMap<String, Origin>,
}

/// Which repositories may be used, in the form of Cody's context filters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContextFilters {
    /// One of these must match; empty = every repository does.
    pub include: Vec<ContextFilter>,
    /// None of these may match.
    pub exclude: Vec<ContextFilter>,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextFilter {
    /// A regular expression that matches anywhere in the repository's name (`github.com/owner/name`), in either case.
    #[serde(rename = "repoNamePattern")]
    pub repo_name_pattern: String,
}

/// `[budget]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// In all.
    #[serde(flatten)]
    pub all: Limit,
    /// The route that is asked when a budget is spent.
    pub degrade_to: Option<String>,
    /// By the name of a route.
    pub route: BTreeMap<String, Limit>,
    /// By `completion`, `edit` or `chat`.
    pub purpose: BTreeMap<String, Limit>,
    /// By the path of a repository's folder, or its last name.
    pub repository: BTreeMap<String, Limit>,
}

/// What may be spent in one day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Limit {
    /// US dollars.
    pub daily_usd: Option<f64>,
    /// Tokens, input and output.
    pub daily_tokens: Option<u64>,
}

/// `[log]`: to stderr or to a file; never source text, never keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// What is worth a line.
    pub level: LogLevel,
    /// Path of the file that is written instead of stderr.
    pub file: Option<String>,
}

/// `log.level`, from few lines to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What needs attention.
    #[default]
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}
