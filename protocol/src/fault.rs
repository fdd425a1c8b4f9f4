//! Errors as JSON-RPC and LSP number them.

use serde::{Deserialize, Serialize};

/// The body was not JSON (JSON-RPC 2.0, section 5.1).
pub const PARSE_ERROR: i64 = -32700;
/// The body was JSON, but no request.
pub const INVALID_REQUEST: i64 = -32600;
/// No such method.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// The params have the wrong shape.
pub const INVALID_PARAMS: i64 = -32602;
/// The server failed.
pub const INTERNAL_ERROR: i64 = -32603;
/// A request came before `initialize` (LSP `ErrorCodes.ServerNotInitialized`).
pub const SERVER_NOT_INITIALIZED: i64 = -32002;
/// The client cancelled the request (LSP `ErrorCodes.RequestCancelled`).
pub const REQUEST_CANCELLED: i64 = -32800;
/// The request could not be served now (LSP `ErrorCodes.RequestFailed`).
pub const REQUEST_FAILED: i64 = -32803;

/// A JSON-RPC error object.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// One of this module's numbers.
    pub code: i64,
    /// One sentence for people.
    pub message: String,
    /// More, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

impl Fault {
    /// A fault without data.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Fault {
            code,
            message: message.into(),
            data: None,
        }
    }

    /// The answer to a request whose work panicked.
    pub fn failed() -> Self {
        let what = "the agent failed at this request; the log says where";
        Fault::new(INTERNAL_ERROR, what)
    }

    /// The answer to a cancelled request.
    pub fn cancelled() -> Self {
        Fault::new(REQUEST_CANCELLED, "the request was cancelled")
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}
