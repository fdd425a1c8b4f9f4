//! `initialize`: what the client says of itself, read leniently, and what we answer.

use std::path::PathBuf;

use nextline_protocol::methods::COMMANDS;
use nextline_protocol::version;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::document::place::path_of;
use crate::text::Encoding;
use crate::world::Client;

/// The facts in `initialize`'s params. Whatever is missing or misshapen is taken as not said.
pub fn client(params: &Value) -> Client {
    let capability = |pointer: &str| {
        params
            .pointer(pointer)
            .is_some_and(|value| value.as_bool().unwrap_or(value.is_object()))
    };
    let copilot = params
        .pointer("/initializationOptions/editorPluginInfo")
        .is_some();
    let offered = params
        .pointer("/capabilities/general/positionEncodings")
        .and_then(Value::as_array);
    let offered = offered
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str);
    Client {
        name: params
            .pointer("/clientInfo/name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase(),
        // Copilot's clients offer their editor's encodings and count in UTF-16 all the same.
        encoding: if copilot {
            Encoding::default()
        } else {
            Encoding::negotiate(offered)
        },
        inline_completion: capability("/capabilities/textDocument/inlineCompletion"),
        progress: capability("/capabilities/window/workDoneProgress"),
        configuration: capability("/capabilities/workspace/configuration"),
        watches_files: capability(
            "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration",
        ),
        applies_edits: capability("/capabilities/workspace/applyEdit"),
        versioned_edits: capability("/capabilities/workspace/workspaceEdit/documentChanges"),
        copilot,
        introduced: false,
        version: params
            .pointer("/capabilities/experimental/nextline")
            .and_then(|offer| version::VersionOffer::deserialize(offer).ok()),
        folders: roots(params),
    }
}

/// `processId`.
pub fn parent(params: &Value) -> Option<u32> {
    params
        .get("processId")
        .and_then(Value::as_u64)
        .and_then(|pid| u32::try_from(pid).ok())
}

/// Workspace folders of `initialize`, else its root.
fn roots(params: &Value) -> Vec<PathBuf> {
    let folders = folders(&params["workspaceFolders"]);
    if !folders.is_empty() {
        return folders;
    }
    let uri = params
        .get("rootUri")
        .and_then(Value::as_str)
        .and_then(path_of);
    uri.or_else(|| {
        params
            .get("rootPath")
            .and_then(Value::as_str)
            .map(PathBuf::from)
    })
    .into_iter()
    .collect()
}

/// The paths of an array of LSP `WorkspaceFolder`.
pub fn folders(value: &Value) -> Vec<PathBuf> {
    let folders = value.as_array().map(Vec::as_slice).unwrap_or_default();
    folders
        .iter()
        .filter_map(|folder| path_of(folder["uri"].as_str()?))
        .collect()
}

/// `InitializeResult`. Raw JSON: lsp-types 0.94 knows no inline completion.
pub fn result(client: &Client) -> Value {
    json!({
        "serverInfo": { "name": "nextline", "version": env!("CARGO_PKG_VERSION") },
        "capabilities": {
            "positionEncoding": client.encoding.name(),
            "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
            "inlineCompletionProvider": true,
            "completionProvider": { "resolveProvider": false },
            "codeActionProvider": { "codeActionKinds": ["quickfix", "refactor.rewrite", "source"], "resolveProvider": false },
            "executeCommandProvider": { "commands": COMMANDS, "workDoneProgress": true },
            "experimental": { "nextline": version::agree(client.version) },
            "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } }
        }
    })
}
