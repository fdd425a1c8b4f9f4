//! What the client answers to the server's own requests, and what it remembers of them.

use serde_json::{Value, json};

/// Requests that no completion may ever cause: each is a dialog in some editor.
pub const DIALOGS: &[&str] = &[
    "window/showMessageRequest",
    "window/showDocument",
    "window/showMessage",
];

/// Notifications that a test may leave unread.
pub const UNREAD_IS_FINE: &[&str] = &[
    "$/progress",
    "window/logMessage",
    "agent/status",
    "didChangeStatus",
    "statusNotification",
    "LogMessage",
    "telemetry/event",
    "agent/edit/event",
    "agent/chat/event",
    "window/showMessage",
];

/// The client's side of requests that the server sends.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The section `nextline` of `workspace/configuration`.
    pub configuration: Value,
    /// What the person answers to every question with buttons; null closes it.
    pub choice: Value,
    /// Every request of the server, in order: (method, params).
    pub asked: Vec<(String, Value)>,
}

impl Client {
    /// The answer to one request of the server; `Err` is the JSON-RPC error object of a method that no client knows.
    ///
    /// # Errors
    /// −32601 for methods outside LSP.
    pub fn answer(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.asked.push((method.to_owned(), params.clone()));
        match method {
            "workspace/configuration" => {
                let items = params["items"].as_array().map_or(&[][..], |items| items);
                Ok(items.iter().map(|item| self.section(item)).collect())
            }
            "workspace/workspaceFolders" => Ok(Value::Null),
            "workspace/applyEdit" => Ok(json!({ "applied": true })),
            "window/showDocument" => Ok(json!({ "success": true })),
            "window/workDoneProgress/create"
            | "client/registerCapability"
            | "client/unregisterCapability"
            | "workspace/codeLens/refresh"
            | "workspace/inlineCompletion/refresh" => Ok(Value::Null),
            "window/showMessageRequest" => Ok(self.choice.clone()),
            _ => Err(json!({ "code": -32601, "message": format!("no such method: {method}") })),
        }
    }

    fn section(&self, item: &Value) -> Value {
        match item["section"].as_str() {
            Some("nextline") => self.configuration.clone(),
            _ => Value::Null,
        }
    }

    /// Whether the server asked for something that shows a dialog.
    #[must_use]
    pub fn dialogs(&self) -> Vec<&str> {
        self.asked
            .iter()
            .map(|(method, _)| method.as_str())
            .filter(|m| DIALOGS.contains(m))
            .collect()
    }
}
