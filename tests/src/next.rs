//! What the tests of next edits share: edits on the client's side, and what the agent makes of them.

use serde_json::{Value, json};

use crate::{Doc, Encoding, Launch, Server, doc};

/// A document of a session.
pub fn open(server: &mut Server, name: &str, language: &str, text: &str) -> Doc {
    Doc::open(server, &format!("file:///w/{name}"), language, text)
}

/// Replaces the first `old` behind `after`.
pub fn change(server: &mut Server, doc: &mut Doc, after: &str, old: &str, new: &str) {
    let from = doc
        .text
        .find(after)
        .unwrap_or_else(|| panic!("{after:?} in {}", doc.text));
    let start = from
        + doc.text[from..]
            .find(old)
            .unwrap_or_else(|| panic!("{old:?} in {}", doc.text));
    doc.replace(server, start, start + old.len(), new);
}

/// The answer of `agent/edit/suggest` at the cursor.
pub fn suggest(server: &mut Server, doc: &Doc, extra: Value) -> Value {
    let mut params = json!({ "textDocument": doc.id(), "position": doc.position() });
    for (key, value) in extra.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    server.request("agent/edit/suggest", params)
}

/// The text after all edits of an answer, which are none of another document.
pub fn applied(doc: &Doc, answer: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = answer["edits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|edit| edit["textDocument"]["uri"] == doc.uri.as_str())
        .map(|edit| {
            let at = |end: &str| {
                let number = |name: &str| {
                    usize::try_from(edit["range"][end][name].as_u64().unwrap()).unwrap()
                };
                doc::byte_at(
                    &doc.text,
                    Encoding::Utf16,
                    number("line"),
                    number("character"),
                )
                .unwrap()
            };
            (at("start"), at("end"), edit["text"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = doc.text.clone();
    for (start, end, with) in edits.into_iter().rev() {
        text.replace_range(start..end, with);
    }
    text
}

/// Opens `before`, makes the changes (behind what, what, into what), and expects the text that all suggested edits make, of this kind.
pub fn follows(
    language: &str,
    before: &str,
    changes: &[(&str, &str, &str)],
    kind: &str,
    wanted: &str,
) {
    let mut server = Launch::new().start();
    let mut doc = open(&mut server, "a.x", language, before);
    for (after, old, new) in changes {
        change(&mut server, &mut doc, after, old, new);
    }
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(applied(&doc, &answer), wanted, "{answer}");
    for edit in answer["edits"].as_array().unwrap() {
        assert_eq!(edit["kind"], kind, "{answer}");
        assert_eq!(edit["origin"], "local");
    }
}

/// The same, and nothing follows, for this reason.
pub fn silent(language: &str, before: &str, changes: &[(&str, &str, &str)], reason: &str) {
    let mut server = Launch::new().start();
    let mut doc = open(&mut server, "a.x", language, before);
    for (after, old, new) in changes {
        change(&mut server, &mut doc, after, old, new);
    }
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["edits"], json!([]), "{}", doc.text);
    assert_eq!(answer["reason"], reason, "{answer}");
    let why = server.request("agent/why", json!({ "textDocument": doc.id() }));
    assert_eq!(why["next"]["reason"], reason);
    assert_eq!(
        why["reason"],
        Value::Null,
        "the completion's own reason is its own"
    );
}
