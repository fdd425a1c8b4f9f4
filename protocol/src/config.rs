//! Keys of `config.toml` that extensions name, and what may be chosen there. The agent's own schema has all of it, and more.

/// The settings' section in `workspace/configuration`, and the member of `capabilities.experimental`.
pub const SECTION: &str = "nextline";

/// What the names of our own methods begin with.
pub const OURS: &str = "agent/";

/// The route that asks nobody: the embedded model.
pub const LOCAL: &str = "local";

/// A regular expression: the names under which an extension keeps keys of routes. They become variables of the agent's process.
pub const KEY_NAME: &str = "[A-Z][A-Z0-9_]*(KEY|TOKEN)[A-Z0-9_]*";

/// What an extension's own page of settings shows; all else is in the file.
pub const SETTINGS: &[&str] = &[
    "completion.enabled",
    "completion.route",
    "completion.fallback",
    "completion.mode",
    "completion.multiline",
    "local.confidence",
    "edit.route",
    "chat.route",
];

/// What may be chosen for those that are no free text.
pub const CHOICES: &[&str] = &[
    "none", "eager", "subtle", "manual", "auto", "never", "always",
];
