//! Code lenses: commands above what can be documented and tested, and the way back of an edit. Off unless the settings say so.

use nextline_protocol::document::{Position, Range};
use nextline_protocol::methods::{DOC, EXPLAIN, TEST, UNDO_EDIT};
use serde_json::{Value, json};

use crate::door::{Turn, off_wire};
use crate::edit::select::Source;
use crate::text::Byte;

/// LSP: the client asks for its lenses again.
const REFRESH: &str = "workspace/codeLens/refresh";
/// Bytes of a document above which it has none.
const CAP: usize = 1 << 20;
/// Definitions that have them, from the top.
const MOST: usize = 300;

/// What stands above a definition.
const COMMANDS: &[(&str, &str)] = &[("Document", DOC), ("Test", TEST), ("Explain", EXPLAIN)];

/// The lenses of a document, as LSP has them.
pub async fn lenses(turn: &Turn, uri: &str) -> Vec<Value> {
    let document = turn.snapshot.document(uri);
    let wanted = turn.snapshot.settings.settings.edit.lenses;
    let document = document
        .filter(|document| wanted && document.lost.is_none() && document.text.end().0 <= CAP);
    let Some(document) = document.cloned() else {
        return Vec::new();
    };
    let uri = uri.to_owned();
    let edits = turn.snapshot.edits.clone();
    let found = off_wire(move || {
        let text = document.text.slice(Byte(0)..document.text.end());
        let source = Source::new(&text, document.language);
        let mut found = Vec::new();
        if let Some((id, line)) = edits.applied_to(&uri) {
            let line = line.min(source.lines() - 1);
            found.push(lens(line, "Undo this edit", UNDO_EDIT, json!([id])));
        }
        let lines = source.functions();
        for line in lines.into_iter().take(MOST) {
            for (title, command) in COMMANDS {
                let here = json!([uri, range(line)]);
                found.push(lens(line, title, command, here));
            }
        }
        found
    });
    found.await.unwrap_or_default()
}

fn range(line: usize) -> Range {
    let at = Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        character: 0,
    };
    Range { start: at, end: at }
}

fn lens(line: usize, title: &str, command: &str, arguments: Value) -> Value {
    json!({
        "range": range(line),
        "command": { "title": title, "command": command, "arguments": arguments },
    })
}

/// An edit came or went: the client looks at its lenses again, where it has any.
pub fn refresh(turn: &Turn) {
    if turn.snapshot.settings.settings.edit.lenses && turn.snapshot.client.refreshes_lenses {
        // Nothing depends on the answer.
        drop(turn.outbox.request(REFRESH, Value::Null));
    }
}
