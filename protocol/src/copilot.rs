//! What Copilot's clients say and read beyond LSP: the documented additions, and the older family of `getCompletions`.
//!
//! Everything a client sends is optional: they leave out what they do not know, and pad params with junk.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agent::{Status, StatusKind};
use crate::document::{Identifier, Position, Range};
use crate::inline::InlineCompletionItem;

/// Params of the `getCompletions` family.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DocParams {
    /// The document and the cursor.
    pub doc: Doc,
    /// The document once more, from newer clients.
    pub text_document: Identifier,
    /// The cursor once more.
    pub position: Option<Position>,
    /// `getPanelCompletions`: comes back with every solution.
    pub panel_id: String,
}

/// A document as the older family names it. Columns are UTF-16 units, whatever was negotiated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Doc {
    /// Its URI as the client spells it.
    pub uri: String,
    /// The editor's own count of changes, which is not LSP's version: given back as it came.
    pub version: Value,
    /// The cursor.
    pub position: Option<Position>,
    /// The whole text, from clients that open no documents.
    pub source: Option<String>,
    /// LSP language identifier, beside `source`.
    pub language_id: Option<String>,
}

/// Result of `getCompletions` and `getCompletionsCycling`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CompletionsResult {
    /// Best first; empty for nothing, never `null`.
    pub completions: Vec<WholeLine>,
}

/// A completion that writes its whole line anew: older clients delete what stands behind the cursor whatever the range says.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeLine {
    /// Comes back in `notifyShown`, `notifyAccepted` and `notifyRejected`.
    pub uuid: String,
    /// The line from column 0 to its end, with the suggestion in it.
    pub text: String,
    /// What stands behind the cursor anew: the suggestion alone.
    pub display_text: String,
    /// The cursor, as it was asked.
    pub position: Position,
    /// The whole line.
    pub range: Range,
    /// `doc.version`, as it came.
    pub doc_version: Value,
}

/// Result of `getPanelCompletions`; the solutions follow as notifications.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelResult {
    /// Solutions at most.
    pub solution_count_target: usize,
}

/// Params of the notification `PanelSolution`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelSolutionParams {
    /// As the request named it.
    pub panel_id: String,
    /// Comes back in `notifyAccepted`.
    pub solution_id: String,
    /// Higher is better; orders the panel and nothing else.
    pub score: f64,
    /// What is shown: the whole line, for clients that put it in its place.
    pub display_text: String,
    /// What replaces `range`.
    pub completion_text: String,
    /// The whole line.
    pub range: Range,
}

/// Params of the notification `PanelSolutionsDone`: nothing more comes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelSolutionsDoneParams {
    /// As the request named it.
    pub panel_id: String,
    /// `OK`: that there is no solution is no failure.
    pub status: &'static str,
}

/// Params of `notifyShown`, `notifyAccepted` and `notifyRejected`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NotifyParams {
    /// The completion.
    pub uuid: Option<String>,
    /// UTF-16 units that were taken; absent = all.
    pub accepted_length: Option<f64>,
    /// The completions, where they are several.
    pub uuids: Vec<String>,
}

/// Params of `textDocument/copilotPanelCompletion`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PanelCompletionParams {
    /// The document.
    pub text_document: Identifier,
    /// The cursor.
    pub position: Position,
    /// Where items go as they come; absent = all of them are in the result.
    pub partial_result_token: Option<Value>,
}

/// Items of a panel: a part of them by `$/progress`, or the result.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PanelItems {
    /// Best first.
    pub items: Vec<InlineCompletionItem>,
}

/// Params of `textDocument/copilotInlineEdit`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InlineEditParams {
    /// The document.
    pub text_document: Identifier,
    /// The cursor.
    pub position: Position,
}

/// Result of `textDocument/copilotInlineEdit`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct InlineEditResult {
    /// Best first; empty for nothing, never `null`.
    pub edits: Vec<InlineEdit>,
}

/// One next edit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InlineEdit {
    /// Replaces `range`.
    pub text: String,
    /// May span lines, and be far from the cursor.
    pub range: Range,
    /// The document, with the version that was asked for.
    pub text_document: Identifier,
    /// Run by the client after the edit.
    pub command: crate::inline::Command,
}

/// A model that completes: one entry of the result of `copilot/models`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The route's name, or `local`.
    pub id: String,
    /// For people.
    pub model_name: String,
    /// The route's provider.
    pub model_family: String,
    /// What it is for.
    pub scopes: Vec<&'static str>,
    /// Whether it is the one that completes now.
    pub default: bool,
}

/// Params of the notification `didChangeStatus`.
#[derive(Debug, Clone, Serialize)]
pub struct DidChangeStatusParams {
    /// True while a route or the index is at work.
    pub busy: bool,
    /// One sentence for people; empty when all is well.
    pub message: String,
    /// `Normal`, `Warning`, `Error` or `Inactive`.
    pub kind: StatusKind,
}

impl From<&Status> for DidChangeStatusParams {
    fn from(status: &Status) -> Self {
        DidChangeStatusParams {
            busy: status.busy,
            message: status.message.clone(),
            kind: status.kind,
        }
    }
}

/// Params of the older notification `statusNotification`.
#[derive(Debug, Clone, Serialize)]
pub struct StatusNotificationParams {
    /// `Normal`, `InProgress`, `Warning`, or empty while nothing is completed.
    pub status: &'static str,
    /// One sentence for people; empty when all is well.
    pub message: String,
}

impl From<&Status> for StatusNotificationParams {
    fn from(status: &Status) -> Self {
        StatusNotificationParams {
            status: match status.kind {
                StatusKind::Normal if status.busy => "InProgress",
                StatusKind::Normal => "Normal",
                StatusKind::Warning | StatusKind::Error => "Warning",
                StatusKind::Inactive => "",
            },
            message: status.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::LocalStatus;

    #[test]
    fn every_status_has_a_word_that_older_clients_know() {
        for (kind, busy, word) in [
            (StatusKind::Normal, false, "Normal"),
            (StatusKind::Normal, true, "InProgress"),
            (StatusKind::Warning, true, "Warning"),
            (StatusKind::Error, false, "Warning"),
            (StatusKind::Inactive, false, ""),
        ] {
            let status = Status {
                route: "local".into(),
                busy,
                kind,
                message: "because".into(),
                in_flight: 0,
                snoozed_until: None,
                breaker: None,
                budget: None,
                local: LocalStatus::default(),
            };
            let told = StatusNotificationParams::from(&status);
            assert_eq!((told.status, told.message.as_str()), (word, "because"));
            assert_eq!(DidChangeStatusParams::from(&status).busy, busy);
        }
    }

    #[test]
    fn params_are_read_with_whatever_is_missing() {
        for json in [
            "{}",
            r#"{"_": true}"#,
            r#"{"doc": {"version": null, "position": null, "source": null}, "panelId": "1"}"#,
            r#"{"doc": {"version": 3.0}, "textDocument": {"uri": "file:///a", "version": 7}}"#,
        ] {
            assert!(serde_json::from_str::<DocParams>(json).is_ok(), "{json}");
        }
    }
}
