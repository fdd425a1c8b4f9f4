//! A client's half of an edit: starts it, hears of it, and does to its buffer what the server asks.

use serde_json::{Value, json};

use crate::doc::byte_at;
use crate::{Doc, Encoding, Server};

/// A range of lines from 0, the last one excluded.
#[must_use]
pub fn lines(first: u32, end: u32) -> Value {
    json!({ "start": { "line": first, "character": 0 }, "end": { "line": end, "character": 0 } })
}

/// `agent/edit/start`; `more` goes over the params. The id of the edit.
pub fn start(server: &mut Server, doc: &Doc, range: &Value, more: Value) -> String {
    let mut params = json!({ "textDocument": doc.id(), "range": range, "instruction": "add up" });
    crate::launch::merge(&mut params, more);
    let result = server.request("agent/edit/start", params);
    result["id"].as_str().unwrap().to_owned()
}

/// The next event of a kind of an edit.
pub fn event(server: &mut Server, id: &str, kind: &str) -> Value {
    server.notification("agent/edit/event", |event| {
        event["id"] == id && event["kind"] == kind
    })
}

/// What the last `workspace/applyEdit` does to a text, and the version that it names.
#[must_use]
pub fn applied(server: &Server, text: &str) -> (String, Value) {
    let asked = server.client().asked;
    let (_, params) = asked
        .iter()
        .rfind(|(method, _)| method == "workspace/applyEdit")
        .unwrap();
    let changes = params["edit"]["documentChanges"].as_array().unwrap();
    let change = changes.last().unwrap();
    let byte = |position: &Value| {
        let number = |key: &str| position[key].as_u64().unwrap() as usize;
        byte_at(text, Encoding::Utf16, number("line"), number("character")).unwrap()
    };
    let edits = change["edits"].as_array().unwrap();
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            (
                byte(&edit["range"]["start"]),
                byte(&edit["range"]["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    (out, change["textDocument"]["version"].clone())
}

/// The client does what it was asked.
///
/// # Panics
/// When the edit is not for the version that is there.
pub fn obey(server: &mut Server, doc: &mut Doc) {
    let (text, version) = applied(server, &doc.text);
    assert_eq!(
        version, doc.version,
        "the edit is for the version that is there"
    );
    doc.text = text;
    doc.resend(server);
}
