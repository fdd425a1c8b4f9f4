//! What Copilot's clients send, for the tests of their dialect.

use serde_json::{Value, json};

use crate::{Doc, Encoding, Launch, ScriptedRoute, Server, binary, doc};

/// LSP's `Automatic`.
pub const AUTOMATIC: u8 = 2;
/// A line to complete.
pub const CODE: &str = "fn main() {\n    let first = $0\n}\n";
/// What a model makes of it.
pub const ANSWER: &str = "foo_bar_baz(1, 2);";

/// `initializationOptions` of one of them.
#[must_use]
pub fn plugin() -> Value {
    json!({ "editorInfo": { "name": "Vim", "version": "9.1" }, "editorPluginInfo": { "name": "copilot.vim", "version": "1.41.0" } })
}

/// A server for one of them, with a route behind it.
#[must_use]
pub fn start(route: &ScriptedRoute) -> Server {
    Launch::new().route(route, plugin()).start()
}

/// Opens a document whose cursor is drawn.
pub fn open(server: &mut Server, drawn: &str) -> Doc {
    Doc::open(server, "file:///copilot/a.rs", "rust", drawn)
}

/// Params of the older family at the cursor, with the editor's own count of changes.
#[must_use]
pub fn legacy(doc: &Doc) -> Value {
    let position = doc.position();
    json!({
        "doc": { "uri": doc.uri, "version": 9000, "relativePath": "a.rs", "insertSpaces": true, "tabSize": 4, "indentSize": 4, "position": position },
        "textDocument": { "uri": doc.uri, "version": 9000, "relativePath": "a.rs" },
        "position": position,
        "_": true,
    })
}

/// What `getCompletions` finds.
///
/// # Panics
/// When it answers no list.
pub fn completions(server: &mut Server, params: Value) -> Vec<Value> {
    let result = server.request("getCompletions", params);
    result["completions"]
        .as_array()
        .expect("a list, never null")
        .clone()
}

/// The line as it reads once a completion has replaced its range.
///
/// # Panics
/// When the range names no place of the text.
#[must_use]
pub fn replaced(doc: &Doc, found: &Value) -> String {
    let byte = |end: &str| {
        let place = &found["range"][end];
        let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
        doc::byte_at(
            &doc.text,
            Encoding::Utf16,
            number("line"),
            number("character"),
        )
        .unwrap()
    };
    let (start, end) = (byte("start"), byte("end"));
    let before = doc.text[..start].rfind('\n').map_or(0, |at| at + 1);
    let after = doc.text[end..]
        .find('\n')
        .map_or(doc.text.len(), |at| end + at);
    let text = found["text"].as_str().unwrap();
    format!(
        "{}{text}{}",
        &doc.text[before..start],
        &doc.text[end..after]
    )
}

/// Ends the server and reads what `nextline stats` has counted for an origin: shown, accepted, partly, dismissed.
///
/// # Panics
/// When the server does not end well.
#[must_use]
pub fn counted(mut server: Server, origin: &str) -> [i64; 4] {
    let home = server.home().path().to_path_buf();
    server.request("shutdown", json!({ "_": true }));
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(0));
    let output = binary::command(&home)
        .args(["stats", "--json"])
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    ["shown", "accepted", "partly_accepted", "dismissed"]
        .map(|name| all[origin][name].as_i64().unwrap_or_default())
}
