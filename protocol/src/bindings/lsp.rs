//! What clients without a library for LSP say and hear of LSP itself.

#![allow(dead_code)]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::schema::definitions_of;
use crate::document::{Identifier, Range};
use crate::methods::Direction::{self, ToClient, ToServer};
use crate::next::SuggestedEdit;
use crate::version::{OLDEST, VERSION, VersionAnswer};

/// The method, who sends it, its params and its result as in the method table.
pub const WORDS: &[(&str, Direction, &str, &str)] = &[
    (
        "initialize",
        ToServer,
        "InitializeParams",
        "InitializeResult",
    ),
    ("initialized", ToServer, "()", "-"),
    ("shutdown", ToServer, "()", "null"),
    ("exit", ToServer, "()", "-"),
    ("$/cancelRequest", ToServer, "CancelParams", "-"),
    ("client/registerCapability", ToClient, "()", "null"),
    // Not LSP's own: next edits that are shown are told by it.
    (
        "textDocument/didShowInlineEdit",
        ToServer,
        "DidShowInlineEditParams",
        "-",
    ),
    ("window/logMessage", ToClient, "ShowMessageParams", "-"),
    ("window/showMessage", ToClient, "ShowMessageParams", "-"),
    (
        "window/showMessageRequest",
        ToClient,
        "ShowMessageRequestParams",
        "MessageActionItem | null",
    ),
    ("window/workDoneProgress/create", ToClient, "()", "null"),
    (
        "workspace/applyEdit",
        ToClient,
        "ApplyWorkspaceEditParams",
        "ApplyWorkspaceEditResult",
    ),
    (
        "workspace/configuration",
        ToClient,
        "ConfigurationParams",
        "()",
    ),
    (
        "workspace/didChangeConfiguration",
        ToServer,
        "DidChangeConfigurationParams",
        "-",
    ),
    (
        "workspace/didChangeWatchedFiles",
        ToServer,
        "DidChangeWatchedFilesParams",
        "-",
    ),
    (
        "workspace/didChangeWorkspaceFolders",
        ToServer,
        "DidChangeWorkspaceFoldersParams",
        "-",
    ),
    (
        "workspace/executeCommand",
        ToServer,
        "ExecuteCommandParams",
        "()",
    ),
];

pub const SEVERITIES: &[(&str, i64)] = &[
    ("Error", 1),
    ("Warning", 2),
    ("Information", 3),
    ("Hint", 4),
];

pub const FILE_CHANGES: &[(&str, i64)] = &[("Created", 1), ("Changed", 2), ("Deleted", 3)];

/// What our own clients can do, and which versions of the `agent/*` methods they speak.
pub fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": { "inlineCompletion": {}, "synchronization": { "didSave": true } },
        "workspace": {
            "applyEdit": true,
            "configuration": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] },
            "workspaceFolders": true,
        },
        "experimental": { "nextline": { "oldest": OLDEST, "newest": VERSION } },
    })
}

macro_rules! types {
    ($($(#[$about:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$about])*
            #[derive(JsonSchema, Serialize)]
            #[serde(rename_all = "camelCase")]
            struct $name { $($(#[$of])* $field: $kind,)* }
        )*

        /// The schemas, by the names of their types.
        pub fn definitions() -> BTreeMap<String, Value> {
            definitions_of(|generator| { $(generator.subschema_for::<$name>();)* })
        }
    };
}

types! {
    /// LSP `InitializeParams`, as far as it is said.
    InitializeParams {
        /// The editor's process; the agent ends with it.
        process_id: i64,
        /// The editor.
        client_info: PeerInfo,
        /// The folders that are worked in.
        workspace_folders: Vec<WorkspaceFolder>,
        /// What the person set, by section and key as in `config.toml`.
        initialization_options: Value,
        /// `Client.Capabilities` as JSON.
        capabilities: Value,
    }
    /// LSP's `clientInfo` and `serverInfo`.
    PeerInfo {
        /// Its name.
        name: String,
        /// Its version.
        version: Option<String>,
    }
    /// LSP `WorkspaceFolder`.
    WorkspaceFolder {
        /// Where it is.
        uri: String,
        /// For people.
        name: String,
    }
    /// LSP `InitializeResult`, as far as it is read.
    InitializeResult {
        /// What the agent can do.
        capabilities: ServerCapabilities,
        /// The agent.
        server_info: Option<PeerInfo>,
    }
    /// LSP `ServerCapabilities`, as far as they are read.
    ServerCapabilities {
        /// Beyond LSP.
        experimental: Option<Experimental>,
    }
    /// LSP's `experimental`.
    Experimental {
        /// The version that both speak; absent from agents that are older than such answers.
        nextline: Option<VersionAnswer>,
    }
    /// LSP `CancelParams`.
    CancelParams {
        /// The request.
        id: i64,
    }
    /// Params of `textDocument/didShowInlineEdit`.
    DidShowInlineEditParams {
        /// As it came.
        item: SuggestedEdit,
    }
    /// LSP `ShowMessageParams` and `LogMessageParams`.
    ShowMessageParams {
        /// One of `Severities`.
        r#type: i32,
        /// For people.
        message: String,
    }
    /// LSP `ShowMessageRequestParams`.
    ShowMessageRequestParams {
        /// The question.
        message: String,
        /// The answers.
        actions: Option<Vec<MessageActionItem>>,
    }
    /// LSP `MessageActionItem`.
    MessageActionItem {
        /// What the person chooses.
        title: String,
    }
    /// LSP `ApplyWorkspaceEditParams`.
    ApplyWorkspaceEditParams {
        /// What is to be done.
        edit: WorkspaceEdit,
    }
    /// LSP `WorkspaceEdit`.
    WorkspaceEdit {
        /// One after the other.
        document_changes: Vec<DocumentChange>,
    }
    /// LSP `CreateFile` where there is a kind, else `TextDocumentEdit`.
    DocumentChange {
        /// What is done with the file.
        kind: Option<String>,
        /// The file.
        uri: Option<String>,
        /// The document, with the version that the edits are for.
        text_document: Option<Identifier>,
        /// All of them are of the text before any.
        edits: Option<Vec<TextEdit>>,
    }
    /// LSP `TextEdit`.
    TextEdit {
        /// What goes.
        range: Range,
        /// What comes.
        new_text: String,
    }
    /// LSP `ApplyWorkspaceEditResult`.
    ApplyWorkspaceEditResult {
        /// It was done.
        applied: bool,
        /// Why not.
        failure_reason: Option<String>,
    }
    /// LSP `ConfigurationParams`.
    ConfigurationParams {
        /// The answer has a value for each.
        items: Vec<ConfigurationItem>,
    }
    /// LSP `ConfigurationItem`.
    ConfigurationItem {
        /// `Client.Section` is ours.
        section: Option<String>,
    }
    /// LSP `DidChangeConfigurationParams`.
    DidChangeConfigurationParams {
        /// The settings.
        settings: Sections,
    }
    /// The settings by LSP's sections.
    Sections {
        /// By section and key as in `config.toml`.
        nextline: Value,
    }
    /// LSP `DidChangeWatchedFilesParams`.
    DidChangeWatchedFilesParams {
        /// What happened.
        changes: Vec<FileEvent>,
    }
    /// LSP `FileEvent`.
    FileEvent {
        /// The file.
        uri: String,
        /// One of `FileChanges`.
        r#type: i32,
    }
    /// LSP `DidChangeWorkspaceFoldersParams`.
    DidChangeWorkspaceFoldersParams {
        /// What changed.
        event: WorkspaceFoldersChangeEvent,
    }
    /// LSP `WorkspaceFoldersChangeEvent`.
    WorkspaceFoldersChangeEvent {
        /// New ones.
        added: Vec<WorkspaceFolder>,
        /// Those that are gone.
        removed: Vec<WorkspaceFolder>,
    }
    /// LSP `ExecuteCommandParams`.
    ExecuteCommandParams {
        /// One of `Commands`.
        command: String,
        /// Its arguments.
        arguments: Vec<Value>,
    }
}
