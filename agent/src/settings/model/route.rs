//! `[routes]`: who may be asked, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `[routes.NAME]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    /// The provider's name: `openai-compatible`, `anthropic`, …
    pub provider: String,
    /// The model, as the provider spells it.
    pub model: String,
    /// The vendor's documented base address.
    pub base_url: Option<String>,
    /// `auto | suffix | infill | chat | none` or the name of a row of `fim.toml`.
    pub fim: String,
    /// Tokens of context that a prompt may have.
    pub context_tokens: Option<u32>,
    /// Most tokens of an answer.
    pub max_output_tokens: Option<u32>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// A command (argv, no shell) that prints the key.
    pub api_key_cmd: Option<Vec<String>>,
    /// A command (argv, no shell) that prints a token, or JSON `{token, expires_in}`.
    pub token_command: Option<Vec<String>>,
    /// Extra request headers.
    pub headers: BTreeMap<String, String>,
    /// Deadlines; what is absent goes by surface.
    pub timeouts: Timeouts,
    /// Sent only if set.
    pub temperature: Option<f64>,
    /// Sent only if set.
    pub top_p: Option<f64>,
    /// Merged into the request's body.
    pub extra_body: serde_json::Map<String, serde_json::Value>,
    /// PEM file of further certificate authorities.
    pub ca_bundle: Option<String>,
    /// PEM file with a client certificate and its key.
    pub client_cert: Option<String>,
    /// Proxy address for this route.
    pub proxy: Option<String>,
    /// The provider's own keys (`region`, `deployment`, …), checked against its row of the key table.
    #[serde(flatten)]
    pub own: BTreeMap<String, serde_json::Value>,
    /// Set by the merge, never by a file: the editor moved the origin of a route that the user's file defines.
    /// No key of the user's may go there: not from a keyring, not from the vendor's own variables.
    #[serde(skip)]
    pub moved: bool,
}

impl Default for Route {
    fn default() -> Self {
        Route {
            provider: String::new(),
            model: String::new(),
            base_url: None,
            fim: "auto".into(),
            context_tokens: None,
            max_output_tokens: None,
            api_key_env: None,
            api_key_cmd: None,
            token_command: None,
            headers: BTreeMap::new(),
            timeouts: Timeouts::default(),
            temperature: None,
            top_p: None,
            extra_body: serde_json::Map::new(),
            ca_bundle: None,
            client_cert: None,
            proxy: None,
            own: BTreeMap::new(),
            moved: false,
        }
    }
}

/// `routes.NAME.timeouts`, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect_ms: Option<u64>,
    /// Until the first byte of content.
    pub first_byte_ms: Option<u64>,
    /// Between two pieces of content.
    pub idle_ms: Option<u64>,
    /// In all.
    pub total_ms: Option<u64>,
}
