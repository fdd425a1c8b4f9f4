//! Params and results of `agent/edit/suggest`: the next edit.

use serde::{Deserialize, Serialize};

use crate::document::{Identifier, Position, Range};
use crate::edit::Diagnostic;
use crate::inline::Command;

/// Params of `agent/edit/suggest`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditSuggestParams {
    /// The document; it must be open.
    pub text_document: Identifier,
    /// The cursor.
    pub position: Position,
    /// What tools complain about in the document.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    /// The person asked, and did not merely pause.
    #[serde(default)]
    pub invoked: bool,
    /// Edits in other open documents are wanted too; they come behind those of this one.
    #[serde(default)]
    pub others: bool,
}

/// Result of `agent/edit/suggest`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EditSuggestResult {
    /// In the order in which somebody at the cursor meets them; none overlaps another of its document.
    pub edits: Vec<SuggestedEdit>,
    /// Why there is none: a name that does not change; `null` while there is one.
    pub reason: Option<String>,
    /// The same as one sentence for people, with the mend where there is one; else empty.
    pub detail: String,
}

/// One suggested edit.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedEdit {
    /// Comes back in `textDocument/didShowInlineEdit` and in the commands `nextline.didAccept` and `nextline.didDismiss`.
    pub id: String,
    /// The document and the version that the range is of.
    pub text_document: Identifier,
    /// What goes; empty for an insertion.
    pub range: Range,
    /// What comes in its place.
    pub text: String,
    /// What it follows from: `rename`, `signature`, `repeat`, `import` or `rewrite`.
    pub kind: String,
    /// Who made it: `local`, or a route's name.
    pub origin: String,
    /// Run by the client after the edit.
    pub command: Command,
}
