//! The settings as the rest of the agent reads them: plain data with every default in one place.
//!
//! Names, shapes and defaults are those of the configuration file; `table.rs` describes the same keys for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that can be configured, after all layers were merged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Ghost text.
    pub completion: Completion,
    /// Next edits.
    pub next: Next,
    /// Edit commands.
    pub edit: Surface,
    /// Chat.
    pub chat: Surface,
    /// The embedded model and the walk that feeds it.
    pub local: Local,
    /// What of the workspace goes into prompts.
    pub context: Context,
    /// Routes by the user's own names.
    pub routes: BTreeMap<String, Route>,
    /// Prices of models, by a pattern of their names; these go before the built-in ones.
    pub models: BTreeMap<String, Price>,
    /// What left.
    pub ledger: Ledger,
    /// What may leave the machine.
    pub policy: Policy,
    /// Money.
    pub budget: Budget,
    /// What the agent says about itself.
    pub log: Log,
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

/// `[edit]` and `[chat]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Surface {
    /// A name under `[routes]`; absent = not configured.
    pub route: Option<String>,
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
            confidence: 0.5,
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

/// `[routes.NAME]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    /// The provider's name: `openai-compatible`, `anthropic`, …
    pub provider: String,
    /// The model, as the provider spells it.
    pub model: String,
    /// The vendor's documented base address.
    pub base_url: Option<String>,
    /// `auto | suffix | infill | chat | none` or the name of a row of `fim.toml`.
    pub fim: String,
    /// Tokens of context that a prompt may have.
    pub context_tokens: Option<u32>,
    /// Most tokens of an answer.
    pub max_output_tokens: Option<u32>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// A command (argv, no shell) that prints the key.
    pub api_key_cmd: Option<Vec<String>>,
    /// A command (argv, no shell) that prints a token, or JSON `{token, expires_in}`.
    pub token_command: Option<Vec<String>>,
    /// Extra request headers.
    pub headers: BTreeMap<String, String>,
    /// Deadlines; what is absent goes by surface.
    pub timeouts: Timeouts,
    /// Sent only if set.
    pub temperature: Option<f64>,
    /// Sent only if set.
    pub top_p: Option<f64>,
    /// Merged into the request's body.
    pub extra_body: serde_json::Map<String, serde_json::Value>,
    /// PEM file of further certificate authorities.
    pub ca_bundle: Option<String>,
    /// PEM file with a client certificate and its key.
    pub client_cert: Option<String>,
    /// Proxy address for this route.
    pub proxy: Option<String>,
    /// The provider's own keys (`region`, `deployment`, …), checked against its row of the key table.
    #[serde(flatten)]
    pub own: BTreeMap<String, serde_json::Value>,
    /// Set by the merge, never by a file: the editor moved the origin of a route that the user's file defines.
    /// No key of the user's may go there: not from a keyring, not from the vendor's own variables.
    #[serde(skip)]
    pub moved: bool,
}

impl Default for Route {
    fn default() -> Self {
        Route {
            provider: String::new(),
            model: String::new(),
            base_url: None,
            fim: "auto".into(),
            context_tokens: None,
            max_output_tokens: None,
            api_key_env: None,
            api_key_cmd: None,
            token_command: None,
            headers: BTreeMap::new(),
            timeouts: Timeouts::default(),
            temperature: None,
            top_p: None,
            extra_body: serde_json::Map::new(),
            ca_bundle: None,
            client_cert: None,
            proxy: None,
            own: BTreeMap::new(),
            moved: false,
        }
    }
}

/// `routes.NAME.timeouts`, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect_ms: Option<u64>,
    /// Until the first byte of content.
    pub first_byte_ms: Option<u64>,
    /// Between two pieces of content.
    pub idle_ms: Option<u64>,
    /// In all.
    pub total_ms: Option<u64>,
}
