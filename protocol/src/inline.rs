//! `textDocument/inlineCompletion` of LSP 3.18 (`language/inlineCompletion.md`), which lsp-types 0.94 does not have.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::{Identifier, Position, Range};

/// Params of the request. The standard's, and what Copilot's clients add to them.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InlineCompletionParams {
    /// The document.
    pub text_document: Identifier,
    /// The cursor.
    pub position: Position,
    /// Why it is asked; absent from some clients.
    #[serde(default)]
    pub context: InlineCompletionContext,
}

/// LSP `InlineCompletionContext`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InlineCompletionContext {
    /// 1 = invoked, 2 = automatic; anything else counts as automatic.
    pub trigger_kind: u32,
    /// The popup's selected entry, which items must extend.
    pub selected_completion_info: Option<SelectedCompletionInfo>,
}

/// LSP `InlineCompletionTriggerKind.Invoked`.
pub const INVOKED: u32 = 1;
/// LSP `InlineCompletionTriggerKind.Automatic`.
pub const AUTOMATIC: u32 = 2;

/// LSP `SelectedCompletionInfo`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Deserialize)]
pub struct SelectedCompletionInfo {
    /// What the popup's entry would replace.
    pub range: Range,
    /// What it would insert.
    pub text: String,
}

/// LSP `InlineCompletionList`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Default, Serialize)]
pub struct InlineCompletionList {
    /// Best first.
    pub items: Vec<InlineCompletionItem>,
}

/// LSP `InlineCompletionItem`, with a plain string and a range on one line.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InlineCompletionItem {
    /// Replaces `range`.
    pub insert_text: String,
    /// On the cursor's line; starts where the replaced word starts.
    pub range: Range,
    /// Run by the client after the insertion.
    pub command: Command,
    /// What a curious client may show.
    pub data: ItemData,
}

/// What is known of an item beside the standard's fields.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Serialize)]
pub struct ItemData {
    /// `local`, or the route's name.
    pub origin: String,
    /// The embedded model's own probability (0 to 1) that the text is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}

/// Params of `textDocument/didShowCompletion`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Serialize)]
pub struct DidShowParams {
    /// As it came; only its command's id is read.
    pub item: InlineCompletionItem,
}

/// Params of `textDocument/didPartiallyAcceptCompletion`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DidPartiallyAcceptParams {
    /// As it came; only its command's id is read.
    pub item: InlineCompletionItem,
    /// UTF-16 units of `insertText` that were taken, from its start.
    pub accepted_length: u32,
}

/// LSP `Command`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// For people.
    pub title: String,
    /// One of [`crate::methods::COMMANDS`].
    pub command: String,
    /// The suggestion's id.
    pub arguments: Vec<Value>,
}
