//! Params and results of the `agent/*` methods.

use serde::{Deserialize, Serialize};

/// Result of `agent/why`: why the last answer for the document was empty.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyResult {
    /// A name that does not change; `null` while nothing was refused.
    pub reason: Option<String>,
    /// One sentence for people, with the mend where there is one.
    pub detail: String,
    /// When, in ms since 1970; `null` while nothing was refused.
    pub since: Option<u64>,
    /// Milliseconds by stage of the document's last request.
    #[serde(default)]
    pub timings: std::collections::BTreeMap<String, f64>,
    /// Why there was no next edit the last time that one was asked for; absent while there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextSilence>,
}

/// Why no next edit was suggested.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextSilence {
    /// A name that does not change.
    pub reason: String,
    /// One sentence for people, with the mend where there is one.
    pub detail: String,
}

/// Result of `agent/context/explain`: what the last prompt of a document was offered of the workspace.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextExplainResult {
    /// The pieces, in their order in the prompt; those that did not fit come last and are left out.
    pub pieces: Vec<ContextPiece>,
    /// The text around the cursor defines nearly all that it names: only a part of the room was used.
    pub found_nothing_new: bool,
    /// Time was up before everything was looked at.
    pub late: bool,
}

/// A piece of a file in a prompt.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextPiece {
    /// Relative to its workspace folder.
    pub path: String,
    /// Its first line, counted from 1.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// `bm25`, `current`, `definition`, `match` or `recent`.
    pub source: String,
    /// How well it fits; comparable within one source.
    pub score: f64,
    /// Tokens that it costs, its path included: an estimate.
    pub tokens: u32,
}

/// Result of `agent/completion/preview`: the request that a completion would make.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewResult {
    /// The route that would be asked; `local` asks nobody, and the rest is empty.
    pub route: String,
    /// `POST`.
    pub method: String,
    /// Where it would go, query included.
    pub url: String,
    /// Names and values in the order of the alphabet; `***` for what is secret.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// How the agent does: result of `agent/status` and params of its notification.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `completion.route`.
    pub route: String,
    /// True while a route or the index is at work; in the notification while the index is.
    pub busy: bool,
    /// `Normal`, `Warning`, `Error` or `Inactive`.
    pub kind: StatusKind,
    /// One sentence for people; empty when all is well.
    pub message: String,
    /// Requests to routes that are under way; 0 in the notification, which does not come for each of them.
    pub in_flight: usize,
    /// When ghost text comes back by itself, in ms since 1970; absent unless it is snoozed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<u64>,
    /// `closed`, `open` or `probing`; absent without a route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<String>,
    /// What there is to say about today's budgets; absent when they have room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// What the embedded model has learnt.
    pub local: LocalStatus,
}

/// The colour of a status line.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusKind {
    /// All is well.
    Normal,
    /// Something degraded; completions go on.
    Warning,
    /// The configured route does not answer.
    Error,
    /// Nothing is completed here.
    Inactive,
}

/// What the embedded model holds.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalStatus {
    /// `local.enabled`.
    pub enabled: bool,
    /// Workspace files learnt.
    pub files: u64,
    /// Their tokens.
    pub tokens: u64,
    /// Bytes of memory held.
    pub bytes: u64,
    /// Files that a limit or a rule left out.
    pub left_out: u64,
}

/// Params of the notification `agent/document/resync`: the client's buffer and ours may differ.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResyncParams {
    /// The document.
    pub uri: String,
    /// What did not fit.
    pub reason: String,
}

/// Params of `agent/debug/assertText`: the client's buffer as the truth.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertTextParams {
    /// The document.
    pub text_document: crate::document::Identifier,
    /// Its whole text.
    pub text: String,
}
