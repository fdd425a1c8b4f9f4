//! The server behind this face: an LSP connection within the process, and one document for each hole.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use nextline_protocol::methods;
use serde_json::{Value, json};

use super::hole::Hole;
use crate::document::place::uri_of;
use crate::settings::Layers;
use crate::text::{Byte, Encoding, Text};
use crate::wire::{Frame, FrameReader, Incoming, Outbox};

/// Bytes that one side may be ahead of the other.
const AHEAD: usize = 64 << 10;

/// The client's end of the connection.
pub struct Core {
    outbox: Outbox,
    asked: Cell<u64>,
}

/// A document that is open in the core. Closing it ends what is computed for it, a route's request too.
struct Opened<'c> {
    core: &'c Core,
    uri: String,
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        let params = json!({ "textDocument": { "uri": self.uri } });
        self.core.outbox.notify(methods::DID_CLOSE, params);
    }
}

impl Core {
    /// A core that learns `folders`, and the future that drives it.
    pub fn start(
        layers: Layers,
        folders: &[PathBuf],
    ) -> (Core, impl Future<Output = ()> + use<>) {
        let (ours, theirs) = tokio::io::duplex(AHEAD);
        let (read, write) = tokio::io::split(ours);
        let (their_read, their_write) = tokio::io::split(theirs);
        let (outbox, _written) = Outbox::start(write);
        let named = folders
            .iter()
            .map(|folder| json!({ "uri": uri_of(folder), "name": "workspace" }));
        let hello = json!({
            "processId": null, "clientInfo": { "name": "nextline serve" }, "workspaceFolders": named.collect::<Vec<_>>(),
            "capabilities": { "general": { "positionEncodings": ["utf-8"] }, "textDocument": { "inlineCompletion": {} } },
        });
        // Its answer holds nothing that is not known here.
        drop(outbox.request("initialize", hello));
        outbox.notify("initialized", json!({}));
        let core = Core {
            outbox: outbox.clone(),
            asked: Cell::new(0),
        };
        let served = crate::serve(their_read, their_write, layers);
        let driven = async move {
            tokio::select! {
                _ = served => {}
                () = read_answers(FrameReader::new(read), outbox) => {}
            }
        };
        (core, driven)
    }

    /// What goes into a hole; empty for nothing.
    pub async fn complete(&self, hole: &Hole) -> String {
        let text = format!("{}{}", hole.prefix, hole.suffix);
        let at = Byte(hole.prefix.len());
        let position = Text::from(text.as_str()).position(at, Encoding::Utf8);
        let opened = self.open(hole, text);
        let params = json!({
            "textDocument": { "uri": opened.uri }, "position": position, "context": { "triggerKind": 2 },
        });
        let answer = self
            .outbox
            .request(methods::INLINE_COMPLETION, params)
            .await;
        let Ok(Ok(result)) = answer else {
            return String::new();
        };
        inserted(&result["items"][0], hole, position.character as usize).unwrap_or_default()
    }

    fn open(&self, hole: &Hole, text: String) -> Opened<'_> {
        let number = self.asked.get();
        self.asked.set(number + 1);
        // Not by its path: two requests for one file stand beside each other.
        let uri = format!("untitled:serve-{number}");
        let language = hole
            .path
            .as_ref()
            .and_then(|path| Language::by_path(Path::new(path)));
        let language = language.map(Language::id).unwrap_or_default();
        let item = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.outbox
            .notify(methods::DID_OPEN, json!({ "textDocument": item }));
        Opened { core: self, uri }
    }
}

/// The text that an item puts at the cursor, for clients that can replace nothing.
fn inserted(item: &Value, hole: &Hole, column: usize) -> Option<String> {
    let text = item["insertText"].as_str()?;
    let at = |end: &str| {
        let character = item["range"][end]["character"].as_u64()?;
        usize::try_from(character).ok()
    };
    let (start, end) = (at("start")?, at("end")?);
    let word = hole.prefix.len().checked_sub(column.checked_sub(start)?)?;
    let typed = hole.prefix.get(word..)?;
    let text = text.strip_prefix(typed)?;
    let over = hole.suffix.get(..end.checked_sub(column)?)?;
    text.strip_suffix(over).map(ToOwned::to_owned)
}

/// Hands the core's answers to whoever waits for them; it asks nothing that a face could answer.
async fn read_answers<R: tokio::io::AsyncRead + Unpin>(mut frames: FrameReader<R>, outbox: Outbox) {
    while let Ok(Some(frame)) = frames.next().await {
        let Frame::Body(body) = frame else { continue };
        match Incoming::read(&body) {
            Ok(Incoming::Response { id, outcome }) => outbox.answered(id, outcome),
            Ok(Incoming::Request(id, _)) => outbox.reply_now(&id, Ok(Value::Null)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_to_insertions() {
        let check = |text: &str,
                     start: u32,
                     end: u32,
                     prefix: &str,
                     suffix: &str,
                     expected: Option<&str>| {
            let place = |character: u32| json!({ "line": 0, "character": character });
            let item = json!({ "insertText": text, "range": { "start": place(start), "end": place(end) } });
            let hole = Hole {
                prefix: prefix.into(),
                suffix: suffix.into(),
                path: None,
            };
            let found = inserted(&item, &hole, prefix.len());
            assert_eq!(found.as_deref(), expected, "{text:?}");
        };
        check("foo(1)", 8, 8, "let a = ", ";", Some("foo(1)"));
        check("foo(1)", 8, 10, "let a = fo", ";", Some("o(1)"));
        check("b, c)", 2, 3, "f(", ");", Some("b, c"));
        check("b) + (c", 2, 3, "f(", ");", None);
        assert_eq!(inserted(&Value::Null, &Hole::default(), 0), None);
    }
}
