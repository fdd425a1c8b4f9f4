//! The Agent Client Protocol, version 1: names, and what clients send. Members that are not used here are not read.

use std::path::PathBuf;

use serde::Deserialize;

/// The version that is spoken.
pub const VERSION: u16 = 1;

/// The first request: what the client can do, and what we can.
pub const INITIALIZE: &str = "initialize";
/// The person wants to sign in; of a terminal the client runs the agent anew instead.
pub const AUTHENTICATE: &str = "authenticate";
/// A new session in a folder.
pub const SESSION_NEW: &str = "session/new";
/// A kept session, with all that was said in it.
pub const SESSION_LOAD: &str = "session/load";
/// A kept session, without what was said.
pub const SESSION_RESUME: &str = "session/resume";
/// The kept sessions, the newest first.
pub const SESSION_LIST: &str = "session/list";
/// A session is looked at no more.
pub const SESSION_CLOSE: &str = "session/close";
/// A session is forgotten.
pub const SESSION_DELETE: &str = "session/delete";
/// An option of a session is set: the model.
pub const SESSION_SET_CONFIG: &str = "session/set_config_option";
/// The person says something; the answer ends the turn.
pub const SESSION_PROMPT: &str = "session/prompt";
/// Notification: the person stops the turn.
pub const SESSION_CANCEL: &str = "session/cancel";
/// Notification: a request is no longer waited for.
pub const CANCEL_REQUEST: &str = "$/cancel_request";
/// Notification of ours: something happened in a session.
pub const SESSION_UPDATE: &str = "session/update";
/// Request of ours: may a tool do this?
pub const REQUEST_PERMISSION: &str = "session/request_permission";
/// Request of ours: the text of a file as the editor has it, saved or not.
pub const READ_TEXT_FILE: &str = "fs/read_text_file";
/// Request of ours: the whole new text of a file.
pub const WRITE_TEXT_FILE: &str = "fs/write_text_file";

/// ACP `ErrorCode.AuthRequired`.
pub const AUTH_REQUIRED: i64 = -32000;
/// ACP `ErrorCode.ResourceNotFound`.
pub const RESOURCE_NOT_FOUND: i64 = -32002;

/// Params of `authenticate`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticateParams {
    /// One of `authMethods`.
    pub method_id: String,
}

/// Params of `session/new`, and with an id those of `session/load` and `session/resume`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetupParams {
    /// The session; empty for a new one.
    #[serde(default)]
    pub session_id: String,
    /// Its folder, an absolute path.
    pub cwd: PathBuf,
    /// More workspace folders, absolute paths.
    #[serde(default)]
    pub additional_directories: Vec<PathBuf>,
}

/// Params that name a session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionParams {
    /// The session.
    pub session_id: String,
}

/// Params of `session/list`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ListParams {
    /// Only sessions of this folder.
    pub cwd: Option<PathBuf>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// Params of `session/set_config_option`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigParams {
    /// The session.
    pub session_id: String,
    /// The option.
    pub config_id: String,
    /// The value that was picked.
    pub value: serde_json::Value,
}

/// Params of `session/prompt`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromptParams {
    /// The session.
    pub session_id: String,
    /// What the person says and adds, in order.
    pub prompt: Vec<Block>,
}

/// One part of what a person says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Words.
    Text {
        /// Markdown.
        text: String,
    },
    /// Something to be read, by its URI; a fragment such as `#L10:20` names lines.
    ResourceLink {
        /// Where it is.
        uri: String,
    },
    /// Something with its text.
    Resource {
        /// It.
        resource: Resource,
    },
    /// An image, a sound, or what a later version knows.
    #[serde(other)]
    Other,
}

/// Something with its text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Resource {
    /// Where it is from.
    pub uri: String,
    /// The text; absent for bytes.
    #[serde(default)]
    pub text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_read_whatever_they_hold() {
        let params = r#"{"sessionId": "s", "_meta": {}, "prompt": [
            {"type": "text", "text": "a", "annotations": null},
            {"type": "resource_link", "uri": "file:///a", "name": "a", "size": 3},
            {"type": "resource", "resource": {"uri": "file:///b", "text": "b", "mimeType": "text/x"}},
            {"type": "resource", "resource": {"uri": "file:///c", "blob": "AA=="}},
            {"type": "image", "data": "AA==", "mimeType": "image/png"}, {"type": "later"}]}"#;
        let params: PromptParams = serde_json::from_str(params).unwrap();
        assert_eq!(params.prompt.len(), 6);
        assert_eq!(params.prompt[4..], [Block::Other, Block::Other]);
    }
}
