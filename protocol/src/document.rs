//! Text synchronisation as it comes over the wire: lenient where clients differ, strict where a guess would corrupt a document.

use serde::{Deserialize, Serialize};

/// LSP `Position`: from 0, `character` in the negotiated encoding's unit.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0.
    pub character: u32,
}

/// LSP `Range`: half open.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Range {
    /// First place.
    pub start: Position,
    /// Place after the last.
    pub end: Position,
}

/// LSP `TextDocumentIdentifier`, with the version that some clients add.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identifier {
    /// The document's URI as the client spells it.
    pub uri: String,
    /// The version that the client speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Params that name one document: `didClose`, `didSave`, `agent/why`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentParams {
    /// The document.
    pub text_document: Identifier,
}

/// `textDocument/didOpen`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidOpenParams {
    /// The document with its text.
    pub text_document: Item,
}

/// LSP `TextDocumentItem`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The document's URI as the client spells it.
    pub uri: String,
    /// LSP language identifier; empty if the client knows none.
    #[serde(default)]
    pub language_id: String,
    /// Absent from some clients.
    #[serde(default)]
    pub version: Option<i64>,
    /// The whole text.
    pub text: String,
}

/// `textDocument/didChange`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DidChangeParams {
    /// The document, with its version after the change.
    pub text_document: Identifier,
    /// Applied one after the other.
    pub content_changes: Vec<Change>,
}

/// LSP `TextDocumentContentChangeEvent`: without a range it is the whole text.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// What is replaced.
    #[serde(default)]
    pub range: Option<Range>,
    /// What replaces it.
    pub text: String,
}

/// LSP `WorkDoneProgressCancelParams`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressParams {
    /// The progress, as the agent named it.
    pub token: String,
}
