//! What the tests of routes share.

#![allow(dead_code, reason = "each test file uses its part")]

use nextline_tests::doc::accepted;
use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Server};
use serde_json::{Value, json};

/// Deadlines that let a stalled route fail soon.
pub fn hasty() -> Value {
    json!({ "timeouts": { "connect_ms": 300, "first_byte_ms": 200, "idle_ms": 200, "total_ms": 600 } })
}

/// Options that change the route `mock`.
pub fn with_route(extra: Value) -> Value {
    json!({ "routes": { "mock": extra } })
}

/// Hasty, and with the embedded model behind it.
pub fn backed() -> Value {
    json!({ "completion": { "fallback": "local" }, "routes": { "mock": hasty() } })
}

/// A document in which the embedded model has an answer too.
pub fn open(server: &mut Server) -> Doc {
    Doc::open(server, "file:///route/lib.rs", "rust", &learnable())
}

/// One invoked completion, and the line as it would read; empty when there is none.
pub fn line(doc: &Doc, server: &mut Server) -> String {
    doc.complete(server, 1)
        .first()
        .map(|item| accepted(doc, item))
        .unwrap_or_default()
}

/// No request of the server shows a dialog in any editor.
pub fn no_dialog(server: &Server) {
    assert!(
        server.client().dialogs().is_empty(),
        "{:?}",
        server.client().asked
    );
}
