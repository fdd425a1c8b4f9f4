//! Params, results and events of `agent/chat/*`, `agent/context/*` and `agent/model/*`.

use serde::{Deserialize, Serialize};

use crate::document::{Identifier, Range};

/// Params of `agent/chat/start`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChatStartParams {
    /// Asks this route instead of `chat.route`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

/// Result of `agent/chat/start`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatStartResult {
    /// Names the chat.
    pub id: String,
    /// The route that answers.
    pub route: String,
    /// Its model.
    pub model: String,
}

/// Where the person is, for mentions such as `@selection`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChatPlace {
    /// The document in front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_document: Option<Identifier>,
    /// Its selection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Range>,
    /// Its diagnostics.
    pub diagnostics: Vec<crate::edit::Diagnostic>,
}

/// Params of `agent/chat/send`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatSendParams {
    /// The chat.
    pub id: String,
    /// What the person says; `@file`, `@file:10-20`, `@symbol`, `@dir/`, `@picture.png`, `@selection`, `@diagnostics`, `@diff` and `@repo`
    /// add what they name, and `/name` at the start is a command of the project or the user.
    pub text: String,
    /// Where the person is.
    #[serde(default)]
    pub place: ChatPlace,
    /// Asks this route from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Resends: the turn (from 0) that the text stands for; it and what follows it are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<usize>,
}

/// Result of `agent/chat/send`: the end of an answer whose text came by events.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatSendResult {
    /// The number of the answer's turn, from 0.
    pub turn: usize,
    /// `end`, `length`, `stop`, `tool`, `refusal`, `filter`, `cut`, or `null` when it came to no end.
    pub stop_reason: Option<String>,
    /// Tokens of all input, cached included; `null` if the provider does not say.
    pub input_tokens: Option<u64>,
    /// Tokens of the answer.
    pub output_tokens: Option<u64>,
    /// Tokens of the input that were read from the provider's cache.
    pub cached_tokens: Option<u64>,
    /// US dollars; `null` without a price.
    pub cost_usd: Option<f64>,
    /// What went wrong; the text that came stays.
    pub error: Option<ChatError>,
}

/// What went wrong.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatError {
    /// A name that does not change.
    pub kind: String,
    /// One sentence for people, with the mend.
    pub message: String,
    /// The provider's status code.
    pub status: Option<u16>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// When it may be asked again, in ms since 1970.
    pub retry_at: Option<u64>,
}

/// Params of the notification `agent/chat/event`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatEvent {
    /// The chat.
    pub id: String,
    /// What happened.
    #[serde(flatten)]
    pub what: ChatHappened,
}

/// What happened in a chat.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ChatHappened {
    /// More of the answer: Markdown without images and HTML.
    Delta {
        /// Never empty.
        text: String,
    },
    /// What goes in with the question, before it is asked.
    Context {
        /// The account.
        account: ContextAccount,
    },
    /// The chat has a title.
    Title {
        /// One line.
        title: String,
    },
}

/// What went in, and what did not.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextAccount {
    /// Tokens of all that went in, by our own estimate.
    pub tokens: usize,
    /// The most that it may be.
    pub limit: usize,
    /// What went in.
    pub kept: Vec<ContextItem>,
    /// What did not, and why.
    pub left_out: Vec<ContextItem>,
    /// Earlier turns that did not fit.
    pub forgotten: usize,
}

/// Something that was mentioned.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextItem {
    /// A path, with lines where it is a part; else what was mentioned.
    pub name: String,
    /// Tokens, by our own estimate; 0 for what was not read.
    pub tokens: usize,
    /// Why it was left out; empty for what went in.
    #[serde(default)]
    pub reason: String,
}

/// Params of `agent/chat/stop`, `get` and `delete`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatParams {
    /// The chat.
    pub id: String,
}

/// Params of `agent/chat/list`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatListParams {
    /// Only chats with these words in a turn or the title.
    pub query: String,
    /// Most chats; 0 for all.
    pub limit: usize,
}

/// Result of `agent/chat/list`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatListResult {
    /// The newest first.
    pub chats: Vec<ChatSummary>,
}

/// One chat in a list.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatSummary {
    /// Names the chat.
    pub id: String,
    /// One line.
    pub title: String,
    /// When it was last spoken in, in ms since 1970.
    pub updated: u64,
    /// How many turns it has.
    pub turns: usize,
}

/// Result of `agent/chat/get`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatGetResult {
    /// Names the chat.
    pub id: String,
    /// One line.
    pub title: String,
    /// Oldest first.
    pub turns: Vec<ChatTurn>,
}

/// One turn.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatTurn {
    /// `user` or `assistant`.
    pub role: String,
    /// Markdown without images and HTML.
    pub text: String,
}

/// Params of `agent/chat/export`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatExportParams {
    /// The chat.
    pub id: String,
    /// `markdown` or `json`.
    pub format: String,
}

/// Result of `agent/chat/export`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatExportResult {
    /// The whole chat.
    pub text: String,
}

/// Params of `agent/chat/import`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatImportParams {
    /// The file's text.
    pub text: String,
}

/// Result of `agent/chat/import`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatImportResult {
    /// The chats that were taken over.
    pub chats: Vec<ChatSummary>,
}

/// Params of `agent/context/search`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextSearchParams {
    /// Words that are looked for.
    pub query: String,
    /// Most places; 0 for all that were found.
    #[serde(default)]
    pub limit: usize,
}

/// Result of `agent/context/search`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextSearchResult {
    /// The best first.
    pub places: Vec<ContextPlace>,
}

/// A place that speaks of what was looked for.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextPlace {
    /// The file, inside its workspace folder.
    pub path: String,
    /// The same as a URI.
    pub uri: String,
    /// Its first line, from 1.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// What stands there.
    pub text: String,
    /// How well it fits; comparable within one answer.
    pub score: f64,
    /// How it was found: `bm25`, `definition`, `match`.
    pub source: String,
}

/// Params of `agent/context/resolve`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextResolveParams {
    /// A message with mentions.
    pub text: String,
    /// Where the person is.
    #[serde(default)]
    pub place: ChatPlace,
}

/// Params of `agent/context/suggest`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContextSuggestParams {
    /// What was typed behind the `@`: letters of a path, in their order; or the start of `NAME:TOOL` or `mcp:NAME/URI`.
    pub query: String,
    /// Most names; 0 for 20.
    pub limit: usize,
}

/// Result of `agent/context/suggest`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextSuggestResult {
    /// What may stand behind the `@`, the best first: tools and resources of MCP servers, files of the workspace folders.
    pub names: Vec<String>,
}

/// Result of `agent/model/list`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelListResult {
    /// The configured routes.
    pub models: Vec<Model>,
}

/// One route with its model.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The name under `[routes]`.
    pub route: String,
    /// The provider.
    pub provider: String,
    /// The model, as the provider spells it.
    pub model: String,
    /// The surfaces that use it: `completion`, `edit`, `chat`.
    pub used_for: Vec<String>,
    /// Why it cannot be asked, in one sentence; `null` when it can.
    pub trouble: Option<String>,
}
