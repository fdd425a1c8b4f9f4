//! The family of `getCompletions`: whole lines, columns in UTF-16 units whatever was negotiated, and events by id in requests.

use std::sync::Arc;

use nextline_protocol::copilot::{CompletionsResult, DocParams, NotifyParams, WholeLine};
use nextline_protocol::document::{Item, Position, Range};
use nextline_protocol::methods;
use serde_json::{Value, json};

use crate::complete::{self, Ask, Reason, Suggestion, Trigger};
use crate::document::Document;
use crate::door::Turn;
use crate::text::{Byte, Encoding, units};

/// What this family counts in: LSP's default.
const UNITS: fn() -> Encoding = Encoding::default;

/// Parts an id from the length of what is shown, which is needed when a part of it is taken.
const LENGTH: char = '.';

/// `getCompletions` and `getCompletionsCycling`.
pub async fn completions(turn: &Turn, params: DocParams, trigger: Trigger) -> CompletionsResult {
    CompletionsResult {
        completions: lines(turn, params, trigger).await,
    }
}

/// What is suggested at the cursor, as whole lines.
pub async fn lines(turn: &Turn, params: DocParams, trigger: Trigger) -> Vec<WholeLine> {
    let position = params.doc.position.or(params.position).unwrap_or_default();
    let Some(document) = document(turn, &params) else {
        let uri = uri(&params);
        turn.snapshot.engine.refuse(uri, Reason::NotOpen.into());
        return Vec::new();
    };
    let at = document.text.byte_near(position, UNITS());
    let ask = Ask {
        document: document.clone(),
        at,
        trigger,
        selected: None,
        clock: Arc::default(),
    };
    let suggestions = complete::complete(turn, ask).await.unwrap_or_default();
    let line = |suggestion| whole_line(&document, at, suggestion);
    let mut lines: Vec<WholeLine> = suggestions.into_iter().map(line).collect();
    for line in &mut lines {
        line.position = position;
        line.doc_version = params.doc.version.clone();
    }
    lines
}

fn uri(params: &DocParams) -> &str {
    let uris = [&params.doc.uri, &params.text_document.uri];
    let said = uris.into_iter().find(|uri| !uri.is_empty());
    said.map(String::as_str).unwrap_or_default()
}

/// The open document, else the text that came along: the oldest clients open none.
fn document(turn: &Turn, params: &DocParams) -> Option<Arc<Document>> {
    let uri = uri(params);
    let open = turn.snapshot.document(uri).cloned();
    open.or_else(|| {
        let text = params.doc.source.clone()?;
        Some(Arc::new(Document::new(Item {
            uri: uri.to_owned(),
            language_id: params.doc.language_id.clone().unwrap_or_default(),
            version: None,
            text,
        })))
    })
}

fn whole_line(document: &Document, at: Byte, suggestion: Suggestion) -> WholeLine {
    let text = &document.text;
    let replaced = suggestion.replaced;
    let line = text.line_span(text.line_of(replaced.start));
    let typed = text.slice(replaced.start..at);
    let shown = suggestion.text.strip_prefix(typed.as_str());
    let shown = shown.unwrap_or(&suggestion.text).to_owned();
    let before = text.slice(line.start..replaced.start);
    let after = text.slice(replaced.end..line.end);
    WholeLine {
        uuid: format!("{}{LENGTH}{}", suggestion.id, units(&shown)),
        text: format!("{before}{}{after}", suggestion.text),
        display_text: shown,
        position: Position::default(),
        range: Range {
            start: text.position(line.start, UNITS()),
            end: text.position(line.end, UNITS()),
        },
        doc_version: Value::Null,
    }
}

/// An id as we gave it to the core, and how many units were shown under it.
fn parts(uuid: &str) -> (&str, f64) {
    let parted = uuid.rsplit_once(LENGTH);
    let parted = parted.and_then(|(id, length)| Some((id, length.parse().ok()?)));
    parted.unwrap_or((uuid, 0.0))
}

/// `notifyShown`.
pub fn shown(turn: &Turn, params: &NotifyParams) -> &'static str {
    tell(turn, methods::DID_SHOW, params);
    "OK"
}

/// `notifyAccepted`. Clients count the units from the cursor or from the start of the line: fewer than were shown are a part.
pub fn accepted(turn: &Turn, params: &NotifyParams) -> &'static str {
    let Some(uuid) = &params.uuid else {
        return "OK";
    };
    let (id, shown) = parts(uuid);
    if params.accepted_length.is_some_and(|length| length < shown) {
        tell(turn, methods::DID_PARTIALLY_ACCEPT, params);
        return "OK";
    }
    let engine = &turn.snapshot.engine;
    if let Some(key) = engine.commanded(methods::DID_ACCEPT, &[json!(id)]) {
        complete::ahead(&turn.snapshot, &key);
    }
    complete::tell_status(turn);
    "OK"
}

/// `notifyRejected`. Clients send it at every keystroke, typed against what was shown or along it.
pub fn rejected(turn: &Turn, params: &NotifyParams) -> &'static str {
    for uuid in params.uuids.iter().chain(&params.uuid) {
        turn.snapshot.engine.cleared(parts(uuid).0);
    }
    "OK"
}

/// Tells the core of an item in the words of the standard's additions.
fn tell(turn: &Turn, method: &str, params: &NotifyParams) {
    if let Some(uuid) = &params.uuid {
        let item = json!({ "item": { "command": { "arguments": [parts(uuid).0] } } });
        turn.snapshot.engine.told(method, Some(&item.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::complete::Origin;

    fn check(drawn: &str, text: &str, word: usize, over: usize, line: &str, shown: &str, end: u32) {
        let at = drawn.find("$0").unwrap();
        let document = Document::new(Item {
            uri: "file:///a.rs".into(),
            text: drawn.replace("$0", ""),
            ..Item::default()
        });
        let suggestion = Suggestion {
            id: "nl-1-2".into(),
            text: text.into(),
            replaced: Byte(at - word)..Byte(at + over),
            origin: Origin::Local,
            confidence: None,
        };
        let found = whole_line(&document, Byte(at), suggestion);
        assert_eq!((found.text.as_str(), &*found.display_text), (line, shown));
        assert_eq!(
            (found.range.start.character, found.range.end.character),
            (0, end)
        );
        assert_eq!(parts(&found.uuid), ("nl-1-2", units(shown) as f64));
    }

    #[test]
    fn a_completion_writes_its_line_anew() {
        check("let a = $0", "foo();", 0, 0, "let a = foo();", "foo();", 8);
        check(
            "let a = fo$0;",
            "foo(b)",
            2,
            0,
            "let a = foo(b);",
            "o(b)",
            11,
        );
        check("a\n  f(𝒳$0)\nb", ", y)", 0, 1, "  f(𝒳, y)", ", y)", 7);
        check(
            "  $0\r\nb",
            "if x {\n  }",
            0,
            0,
            "  if x {\n  }",
            "if x {\n  }",
            2,
        );
    }

    #[test]
    fn ids_of_others_have_no_length() {
        assert_eq!(parts("nl-1-2"), ("nl-1-2", 0.0));
        assert_eq!(parts("a.b"), ("a.b", 0.0));
    }
}
