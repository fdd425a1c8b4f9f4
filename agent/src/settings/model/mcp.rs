//! `[mcp]`: servers of the Model Context Protocol that chats may ask.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[mcp.NAME]`. It has a command or an address, never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mcp {
    /// `false`: it is neither started nor asked.
    pub enabled: bool,
    /// The program that speaks the protocol over its pipes, with its arguments (no shell).
    pub command: Option<Vec<String>>,
    /// Variables of the program, beside the few that every program needs.
    pub env: BTreeMap<String, String>,
    /// Variables of our own environment that the program gets as well.
    pub pass_env: Option<Vec<String>>,
    /// The address of a server that speaks the protocol over streamable HTTP.
    pub url: Option<String>,
    /// Headers of every request to that address.
    pub headers: BTreeMap<String, String>,
    /// Milliseconds that it has to start, and for each answer.
    pub timeout_ms: u64,
    /// Tokens of one answer that go into a question; the rest is cut off, and said.
    pub max_tokens: u32,
}

impl Default for Mcp {
    fn default() -> Self {
        Mcp {
            enabled: true,
            command: None,
            env: BTreeMap::new(),
            pass_env: None,
            url: None,
            headers: BTreeMap::new(),
            timeout_ms: 30_000,
            max_tokens: 8_000,
        }
    }
}
