//! Params, results and events of `agent/edit/*`: an edit from its instruction to its undo.

use serde::{Deserialize, Serialize};

use crate::chat::ContextAccount;
use crate::document::{Identifier, Range};

/// What `agent/edit/start` can be told to do.
pub mod verb {
    /// An instruction on some lines; what is done if it is not said.
    pub const EDIT: &str = "edit";
    /// A documentation comment.
    pub const DOC: &str = "doc";
    /// Unit tests.
    pub const TEST: &str = "test";
    /// A mend of what a tool complains about.
    pub const FIX: &str = "fix";
    /// New text behind the selection.
    pub const INSERT: &str = "insert";

    /// All of them, with what they do.
    pub const ALL: &[(&str, &str)] = &[
        (EDIT, "An instruction on some lines."),
        (DOC, "A documentation comment."),
        (TEST, "Unit tests."),
        (FIX, "A mend of what a tool complains about."),
        (INSERT, "New text behind the selection."),
    ];
}

/// Params of `agent/edit/start`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditStartParams {
    /// The document; it must be open.
    pub text_document: Identifier,
    /// The selection; empty for what is around the cursor.
    pub range: Range,
    /// One of [`verb::ALL`]: `edit`, `doc`, `test`, `fix` or `insert` (behind the selection); `edit` if it is not said.
    #[serde(default = "edit_verb")]
    pub verb: String,
    /// What is to be done, in words.
    #[serde(default)]
    pub instruction: String,
    /// What tools complain about in the range.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
    /// Asks this route instead of `edit.route`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
}

fn edit_verb() -> String {
    verb::EDIT.into()
}

/// LSP `Diagnostic`, as far as it is read.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Where.
    pub range: Range,
    /// What.
    pub message: String,
    /// 1 error, 2 warning, 3 information, 4 hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<u8>,
    /// Which tool says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Result of `agent/edit/start` and `agent/edit/retry`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditStartResult {
    /// Names the edit in everything that follows.
    pub id: String,
}

/// Params of `agent/edit/apply`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditApplyParams {
    /// The document; it must be open.
    pub text_document: Identifier,
    /// A block of code, as it stands in a chat.
    pub text: String,
    /// The lines that it replaces; where it is absent, what the block defines says where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// Params of `agent/edit/accept`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditAcceptParams {
    /// The edit.
    pub id: String,
    /// The hunks that are wanted, by their numbers in the preview from 0; all if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hunks: Option<Vec<usize>>,
}

/// Params of `agent/edit/reject`, `undo`, `cancel` and `get`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditParams {
    /// The edit.
    pub id: String,
}

/// Params of `agent/edit/retry`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRetryParams {
    /// The edit.
    pub id: String,
    /// The changed instruction; the same one if it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
}

/// Result of `agent/edit/accept` and `agent/edit/undo`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditAppliedResult {
    /// The client has changed its buffer.
    pub applied: bool,
    /// Why not, in one sentence; `null` if it has.
    pub reason: Option<String>,
}

/// Result of `agent/edit/get`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditGetResult {
    /// The edit.
    pub id: String,
    /// `working`, `ready`, `applied`, `undone`, `rejected`, `cancelled` or `failed`.
    pub state: String,
    /// What was asked for.
    pub instruction: String,
    /// The preview, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<EditPreview>,
}

/// What an edit would change, in the text of one version.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditPreview {
    /// The document and the version that the ranges are of.
    pub text_document: Identifier,
    /// In the text's order.
    pub hunks: Vec<EditHunk>,
    /// The same as a unified diff.
    pub diff: String,
    /// Syntax errors that the text would have more than now.
    pub new_errors: usize,
}

/// Whole lines that are replaced.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditHunk {
    /// Where; empty for an insertion.
    pub range: Range,
    /// What stands there.
    pub old_text: String,
    /// What shall stand there.
    pub new_text: String,
}

/// Params of the notification `agent/edit/event`.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EditEvent {
    /// The edit.
    pub id: String,
    /// What happened.
    #[serde(flatten)]
    pub what: EditHappened,
}

/// What happened to an edit.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum EditHappened {
    /// The model is at work: bytes of its answer so far.
    Progress {
        /// Bytes.
        received: usize,
    },
    /// What goes in with the question, before it is asked.
    Context {
        /// The account.
        account: ContextAccount,
    },
    /// The text was changed where the edit is: it is asked once more.
    Again,
    /// It can be seen and accepted.
    Ready {
        /// What it changes.
        preview: EditPreview,
    },
    /// The client has it in its buffer.
    Applied,
    /// It was taken back.
    Undone,
    /// It was declined.
    Rejected,
    /// It was stopped.
    Cancelled,
    /// It came to nothing.
    Failed {
        /// A name that does not change.
        reason: String,
        /// One sentence for people, with the mend.
        message: String,
    },
}
