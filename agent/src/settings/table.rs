//! The key table: one row per key that a person or an editor may write.
//!
//! Checking, `config show`, `config schema` and the report of unknown keys all walk these rows; the defaults are those
//! of `model.rs`, so that they stand in one place. A key of a route that only some providers know has their names in
//! its row and lands in [`super::Route::own`].

mod providers;

pub use providers::PROVIDERS;

use providers::PROVIDER_WORDS;

/// One key.
#[derive(Debug)]
pub struct Row {
    /// Dotted path; `*` stands for a name that the user chooses.
    pub path: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// One line for people, with the unit.
    pub doc: &'static str,
    /// The providers that know the key; empty = all.
    pub providers: &'static [&'static str],
    /// What a project's untrusted file may do with it.
    pub project: Narrowing,
    /// Whether `NEXTLINE_…` variables may set it.
    pub environment: bool,
    /// Whether it decides who receives a route's requests.
    pub moves: bool,
    /// Whether it is, finds or carries a key of a route.
    pub credential: bool,
    /// Whether its value is masked where settings are shown.
    pub secret: bool,
    /// Whether every layer, not only a project's file, may do no more than that with it.
    pub binding: bool,
    /// Whether nobody but the files of machine and user may set it: no editor passes on what a project says.
    pub own: bool,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number, both ends included.
    Integer(i64, i64),
    /// A number, both ends included.
    Number(f64, f64),
    /// Any text that is not empty.
    Text,
    /// Letters, digits, `-`, `_` and `.`: what may become a part of a host or path.
    Name,
    /// An `http` or `https` address; `true` if it may carry a user name and password.
    Url(bool),
    /// One of some words.
    Word(&'static [&'static str]),
    /// The name of a route, or one of some words.
    Route(&'static [&'static str]),
    /// A list of texts with at least one entry.
    Texts,
    /// A list of globs as in a `.gitignore`; it may be empty.
    Globs,
    /// A list of names in which `*` stands for any letters; it may be empty.
    Patterns,
    /// Filters of repositories in Cody's form, one table or a list of them.
    Filters,
    /// A table that is passed on as it is.
    Object,
}

/// What a project's file may do with a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Narrowing {
    /// Nothing.
    Refused,
    /// Say `false`.
    Off,
    /// Lower the number.
    Lower,
    /// Raise the number.
    Raise,
    /// Add to the list.
    More,
    /// Say this word.
    Only(&'static str),
    /// Name more; what was named before stays.
    Add,
    /// Name less: what both lists describe is left.
    Within,
    /// Say `true`.
    On,
}

const fn row(path: &'static str, kind: Kind, doc: &'static str) -> Row {
    Row {
        path,
        kind,
        doc,
        providers: &[],
        project: Narrowing::Refused,
        environment: true,
        moves: false,
        credential: false,
        secret: false,
        binding: false,
        own: false,
    }
}

impl Row {
    const fn project(mut self, narrowing: Narrowing) -> Row {
        self.project = narrowing;
        self
    }

    const fn binding(mut self, narrowing: Narrowing) -> Row {
        self.binding = true;
        self.project(narrowing)
    }

    const fn of(mut self, providers: &'static [&'static str]) -> Row {
        self.providers = providers;
        self
    }

    const fn file_only(mut self) -> Row {
        self.environment = false;
        self
    }

    const fn moves(mut self) -> Row {
        self.moves = true;
        self.file_only()
    }

    const fn credential(mut self) -> Row {
        self.credential = true;
        self.file_only()
    }

    const fn own(mut self) -> Row {
        self.own = true;
        self.file_only()
    }

    const fn secret(mut self) -> Row {
        self.secret = true;
        self
    }

    /// Whether `path` is this row's key.
    pub fn matches<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.below(path) == Some("")
    }

    /// Whether `path` is this row's key or a table above it.
    pub fn begins_with<S: AsRef<str>>(&self, path: &[S]) -> bool {
        self.below(path).is_some()
    }

    // What of the pattern is left below `path`; most rows differ in their first letters.
    fn below<S: AsRef<str>>(&self, path: &[S]) -> Option<&'static str> {
        path.iter().try_fold(self.path, |rest, part| {
            if rest.is_empty() {
                return None;
            }
            let after = match rest.strip_prefix('*') {
                Some(after) => after,
                None => rest.strip_prefix(part.as_ref())?,
            };
            match after.strip_prefix('.') {
                Some(after) => Some(after),
                None => after.is_empty().then_some(""),
            }
        })
    }
}

/// The rows of one key: none if it is unknown, several if providers share its name.
pub fn rows_of<S: AsRef<str>>(path: &[S]) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.matches(path))
}

const OPENAI_FAMILY: &[&str] = &[
    "openai",
    "fireworks",
    "mistral",
    "deepseek",
    "openai-compatible",
];
const OPENAI_FAMILY_AND_VERTEX: &[&str] = &[
    "openai",
    "fireworks",
    "mistral",
    "deepseek",
    "openai-compatible",
    "vertex",
];
const LOCAL_SERVERS: &[&str] = &["llama-cpp", "ollama"];

// The ends of these ranges catch slips of the pen; no provider's limit is meant.
const DEADLINE: Kind = Kind::Integer(1, 3_600_000);
const TOKENS: Kind = Kind::Integer(1, 2_000_000);
const DAILY_TOKENS: Kind = Kind::Integer(0, 1_000_000_000_000);
const USD: Kind = Kind::Number(0.0, 1_000_000.0);

/// Every key, in the order in which they are shown.
pub static ROWS: &[Row] = &[
    row("completion.route", Kind::Route(&["local"]), "what answers: `local` (the embedded model) or a route's name"),
    row(
        "completion.fallback",
        Kind::Route(&["local", "none"]),
        "what answers when the route fails or is slow: `local`, a route's name, or `none`",
    )
    .project(Narrowing::Only("none")),
    row("completion.enabled", Kind::Bool, "ghost text on or off").project(Narrowing::Off),
    row(
        "completion.throttle_ms",
        Kind::Integer(0, 10_000),
        "milliseconds to wait for the next keystroke before a route is asked; 0 asks at once",
    )
    .project(Narrowing::Raise),
    row("completion.max_tokens", Kind::Integer(1, 4096), "most tokens that a route may answer with")
        .project(Narrowing::Lower),
    row(
        "completion.multiline",
        Kind::Word(&["auto", "never", "always"]),
        "several lines: when the syntax tree allows it, never, or whatever the model answers",
    )
    .project(Narrowing::Only("never")),
    row("completion.languages.*", Kind::Bool, "on or off for one LSP language identifier").project(Narrowing::Off),
    row(
        "completion.popup",
        Kind::Word(&["auto", "always", "never"]),
        "offer completions in the popup menu of clients without ghost text",
    )
    .project(Narrowing::Only("never")),
    row(
        "completion.mode",
        Kind::Word(&["eager", "subtle", "manual"]),
        "whatever there is to show; only sure ones at ends of lines; only what is asked for by hand",
    )
    .project(Narrowing::Only("manual")),
    row("completion.off_globs", Kind::Globs, "files in which nothing is completed, as in a `.gitignore`")
        .project(Narrowing::More)
        .file_only(),
    row("next.enabled", Kind::Bool, "next-edit suggestions on or off").project(Narrowing::Off),
    row("next.route", Kind::Route(&[]), "the route that rewrites around the cursor where nothing surer follows"),
    row("edit.route", Kind::Route(&[]), "the route of edit commands"),
    row("edit.lenses", Kind::Bool, "commands above functions, in editors that show code lenses").project(Narrowing::Off),
    row("edit.preview", Kind::Bool, "an edit by a command of the editor is shown and asked about before it is made"),
    row("chat.route", Kind::Route(&[]), "the route of chat"),
    row("instructions.enabled", Kind::Bool, "texts of a project in questions of chat and edits, once they are trusted")
        .project(Narrowing::Off),
    row(
        "instructions.files",
        Kind::Texts,
        "files and folders with them, from the project's folder; a bare name counts in every folder on the way to the file",
    )
    .file_only(),
    row("local.enabled", Kind::Bool, "the embedded model on or off; off learns nothing and keeps nothing")
        .project(Narrowing::Off),
    row(
        "local.confidence",
        Kind::Number(0.0, 1.0),
        "the embedded model is silent below this product of its token probabilities",
    )
    .project(Narrowing::Raise),
    row("local.max_workspace_mb", Kind::Integer(0, 4096), "megabytes of workspace source that are learnt at most")
        .project(Narrowing::Lower),
    row("local.max_file_bytes", Kind::Integer(0, 104_857_600), "bytes of a file above which it is not learnt")
        .project(Narrowing::Lower),
    row("context.enabled", Kind::Bool, "pieces of the workspace in a route's prompts; off keeps no index for them")
        .project(Narrowing::Off),
    row("context.max_memory_mb", Kind::Integer(1, 4096), "megabytes of memory that the index for prompts may take")
        .project(Narrowing::Lower),
    row("context.patience_ms", Kind::Integer(0, 1000), "milliseconds that a completion waits for its pieces at most")
        .project(Narrowing::Lower),
    row("routes.*.provider", Kind::Word(PROVIDER_WORDS), "who answers on this route").moves(),
    row("routes.*.model", Kind::Text, "the model, as the provider spells it"),
    row("routes.*.base_url", Kind::Url(false), "the vendor's documented base address, or your own server's").moves(),
    row(
        "routes.*.fim",
        Kind::Text,
        "how a hole is filled: `auto`, `suffix`, `infill`, `chat`, `none`, or the name of a template",
    ),
    row("routes.*.context_tokens", TOKENS, "tokens of context that a prompt may have"),
    row("routes.*.max_output_tokens", TOKENS, "most tokens of an answer"),
    row("routes.*.api_key_env", Kind::Text, "the environment variable that holds the key").credential(),
    row("routes.*.api_key_cmd", Kind::Texts, "a command (list of words, no shell) that prints the key").credential(),
    row(
        "routes.*.token_command",
        Kind::Texts,
        "a command (list of words, no shell) that prints a token, or JSON with `token` and `expires_in` in seconds",
    )
    .credential(),
    row("routes.*.headers.*", Kind::Text, "a further request header").credential().secret(),
    row("routes.*.timeouts.connect_ms", DEADLINE, "milliseconds until the connection stands"),
    row("routes.*.timeouts.first_byte_ms", DEADLINE, "milliseconds until the first content"),
    row("routes.*.timeouts.idle_ms", DEADLINE, "milliseconds between two pieces of content"),
    row("routes.*.timeouts.total_ms", DEADLINE, "milliseconds in all"),
    row("routes.*.temperature", Kind::Number(0.0, 2.0), "sampling temperature, sent only if set"),
    row("routes.*.top_p", Kind::Number(0.0, 1.0), "nucleus sampling, sent only if set"),
    row("routes.*.extra_body", Kind::Object, "merged into the request's body").file_only(),
    row("routes.*.ca_bundle", Kind::Text, "PEM file of further certificate authorities").moves(),
    row("routes.*.client_cert", Kind::Text, "PEM file with a client certificate and its key").credential(),
    row("routes.*.proxy", Kind::Url(true), "proxy address").moves().secret(),
    row("routes.*.organization", Kind::Text, "sent as the organisation").of(OPENAI_FAMILY),
    row("routes.*.project", Kind::Text, "the project that pays").of(OPENAI_FAMILY_AND_VERTEX),
    row("routes.*.api", Kind::Word(&["chat", "responses"]), "which interface of the vendor").of(&["openai", "azure-openai"]),
    row("routes.*.api", Kind::Word(&["converse", "invoke"]), "which interface of the vendor").of(&["bedrock"]),
    row("routes.*.anthropic_version", Kind::Text, "the `anthropic-version` header").of(&["anthropic"]),
    row("routes.*.betas", Kind::Texts, "names of beta features").of(&["anthropic"]).file_only(),
    row("routes.*.api_version", Kind::Name, "the version in path or query; absent is the newest that the vendor documents")
        .of(&["gemini", "azure-openai", "sourcegraph"]),
    row("routes.*.deployment", Kind::Name, "the deployment that answers, used in path and body")
        .of(&["azure-openai"]),
    row("routes.*.auth", Kind::Word(&["key", "entra"]), "how requests are signed").of(&["azure-openai"]).file_only(),
    row("routes.*.auth", Kind::Word(&["sigv4", "bearer"]), "how requests are signed").of(&["bedrock"]).file_only(),
    row("routes.*.tenant_id", Kind::Name, "the directory that signs in").of(&["azure-openai"]).file_only(),
    row("routes.*.client_id", Kind::Name, "the application that signs in").of(&["azure-openai"]).file_only(),
    row("routes.*.authority_host", Kind::Url(false), "where tokens are asked for").of(&["azure-openai"]).moves(),
    row("routes.*.region", Kind::Name, "the region that answers").of(&["bedrock"]).moves(),
    row("routes.*.profile", Kind::Text, "the profile of the shared credentials files").of(&["bedrock"]).credential(),
    row("routes.*.location", Kind::Name, "the region that answers, or `global`").of(&["vertex"]).moves(),
    row("routes.*.publisher", Kind::Word(&["anthropic", "google", "mistralai"]), "whose model it is").of(&["vertex"]),
    row("routes.*.slot", Kind::Integer(-1, 1024), "the server's slot; -1 lets it choose").of(LOCAL_SERVERS),
    row("routes.*.keep_alive", Kind::Text, "how long the model stays loaded, with a unit: `5m`").of(LOCAL_SERVERS),
    row("routes.*.num_ctx", TOKENS, "tokens of context that the server allocates").of(LOCAL_SERVERS),
    row("routes.*.client_name", Kind::Text, "the client's name as told to the instance").of(&["sourcegraph"]),
    row("routes.*.client_version", Kind::Text, "the client's version as told to the instance").of(&["sourcegraph"]),
    row("routes.*.upstream", Kind::Word(&["fireworks", "anthropic", "openai", "google"]), "who answers in the end")
        .of(&["cody-gateway"]),
    row("mcp.*.enabled", Kind::Bool, "a server of the Model Context Protocol on or off").own().project(Narrowing::Off),
    row("mcp.*.command", Kind::Texts, "the program (list of words, no shell) that speaks the protocol over its pipes").own(),
    row("mcp.*.env.*", Kind::Text, "a variable of the program").own().secret(),
    row("mcp.*.pass_env", Kind::Texts, "variables of our own environment that the program gets").own(),
    row("mcp.*.url", Kind::Url(false), "the address of a server that speaks the protocol over streamable HTTP").own(),
    row("mcp.*.headers.*", Kind::Text, "a header of every request to that address").own().secret(),
    row("mcp.*.timeout_ms", DEADLINE, "milliseconds that it has to start, and for each answer").own(),
    row("mcp.*.max_tokens", TOKENS, "tokens of one answer that go into a question; the rest is cut off").own(),
    row("models.*.input_usd", USD, "US dollars for a million tokens of input; `*` in the name stands for any letters").file_only(),
    row("models.*.output_usd", USD, "US dollars for a million tokens of output").file_only(),
    row("models.*.cached_usd", USD, "US dollars for a million tokens of input from the provider's cache; absent: as input")
        .file_only(),
    row("ledger.enabled", Kind::Bool, "every request that leaves is written down on this machine; budgets need it")
        .file_only(),
    row("ledger.bodies", Kind::Bool, "keep what was sent, byte for byte; else only its length, hash and sources")
        .file_only(),
    row("ledger.keep_days", Kind::Integer(1, 3650), "days after which a row is deleted")
        .file_only(),
    row("ledger.max_mb", Kind::Integer(1, 4096), "megabytes above which the oldest rows are deleted")
        .file_only(),
    row(
        "budget.daily_usd",
        USD,
        "US dollars a day in all; said at 80 %; reached: `degrade_to`, then the embedded model; chat and edit refuse",
    )
    .project(Narrowing::Lower),
    row(
        "budget.daily_tokens",
        DAILY_TOKENS,
        "tokens a day in all, input and output: holds models without a price too",
    )
    .project(Narrowing::Lower),
    row(
        "budget.degrade_to",
        Kind::Route(&[]),
        "a cheaper route that answers when a budget is spent; only `budget.route.NAME` of its own stops it",
    ),
    row("budget.route.*.daily_usd", USD, "US dollars a day on this route").project(Narrowing::Lower),
    row("budget.route.*.daily_tokens", DAILY_TOKENS, "tokens a day on this route").project(Narrowing::Lower),
    row("budget.purpose.*.daily_usd", USD, "US dollars a day for `completion`, `edit` or `chat`")
        .project(Narrowing::Lower),
    row("budget.purpose.*.daily_tokens", DAILY_TOKENS, "tokens a day for `completion`, `edit` or `chat`")
        .project(Narrowing::Lower),
    row("budget.repository.*.daily_usd", USD, "US dollars a day for a repository, by its folder's path or name")
        .project(Narrowing::Lower),
    row("budget.repository.*.daily_tokens", DAILY_TOKENS, "tokens a day for a repository, by its folder's path or name")
        .project(Narrowing::Lower),
    row("policy.exclude", Kind::Globs, "files of which nothing is used, as in a `.gitignore`; every layer adds to it")
        .binding(Narrowing::Add)
        .file_only(),
    row("policy.allow_paths", Kind::Patterns, "only files at or below these paths are used; `*` stands for any letters")
        .binding(Narrowing::Within)
        .file_only(),
    row(
        "policy.allow_repositories",
        Kind::Patterns,
        "only files of these repositories are used, by the names of their remotes: `github.com/owner/*`",
    )
    .binding(Narrowing::Within)
    .file_only(),
    row(
        "policy.context_filters",
        Kind::Filters,
        "repositories in Cody's form: { include = [{ repoNamePattern = \"…\" }], exclude = […] }",
    )
    .binding(Narrowing::Add)
    .file_only(),
    row("policy.allow_providers", Kind::Patterns, "only these providers are asked")
        .binding(Narrowing::Within)
        .file_only(),
    row("policy.allow_origins", Kind::Patterns, "only these origins are asked: `https://*.example.com`")
        .binding(Narrowing::Within)
        .file_only(),
    row("policy.allow_models", Kind::Patterns, "only these models are asked; `*` stands for any letters")
        .binding(Narrowing::Within)
        .file_only(),
    row("policy.allow_regions", Kind::Patterns, "only these regions answer, of providers that have regions: `eu-*`")
        .binding(Narrowing::Within)
        .file_only(),
    row("policy.offline", Kind::Bool, "nothing beyond this machine is asked").binding(Narrowing::On),
    row(
        "process.shared",
        Kind::Bool,
        "one process for all editors with the same environment; from your own file, a variable or a flag, before an editor speaks",
    ),
    row("log.level", Kind::Word(&["error", "warn", "info", "debug", "trace"]), "what is worth a line"),
    row("log.file", Kind::Text, "the file that is written instead of stderr").file_only(),
];

#[cfg(test)]
mod tests;
