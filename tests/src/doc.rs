//! An open document on the client's side, and the reference model of LSP positions that the server is compared with.

use serde_json::{Value, json};

use crate::Server;

/// How positions count the characters of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 units.
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// All three.
    pub const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    /// LSP's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf32 => "utf-32",
        }
    }

    /// Units that one character takes.
    #[must_use]
    pub fn width(self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 => c.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }

    /// Units that a text takes.
    #[must_use]
    pub fn length(self, text: &str) -> usize {
        text.chars().map(|c| self.width(c)).sum()
    }
}

/// (start, end without its line break) of every line, in bytes. Only LF, CRLF and CR end lines.
#[must_use]
pub fn lines(text: &str) -> Vec<(usize, usize)> {
    let (mut found, mut start, bytes) = (Vec::new(), 0, text.as_bytes());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\n' => {
                found.push((start, at));
                start = at + 1;
            }
            b'\r' => {
                found.push((start, at));
                at += usize::from(bytes.get(at + 1) == Some(&b'\n'));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push((start, text.len()));
    found
}

/// The byte that a position means: past the end of a line is its end, past the last line is the end of the text.
/// `None` when it points into the middle of a character.
#[must_use]
pub fn byte_at(text: &str, encoding: Encoding, line: usize, character: usize) -> Option<usize> {
    let Some(&(start, end)) = lines(text).get(line) else {
        return Some(text.len());
    };
    let mut units = 0;
    for (offset, c) in text[start..end].char_indices() {
        if units == character {
            return Some(start + offset);
        }
        units += encoding.width(c);
        if units > character {
            return None;
        }
    }
    Some(end)
}

/// The position of a byte that stands between two characters.
#[must_use]
pub fn position_at(text: &str, encoding: Encoding, byte: usize) -> (usize, usize) {
    let lines = lines(text);
    let line = lines
        .iter()
        .rposition(|&(start, _)| start <= byte)
        .unwrap_or(0);
    let (start, end) = lines[line];
    (line, encoding.length(&text[start..byte.min(end)]))
}

/// A document that this client has open: its text, version and cursor.
#[derive(Debug, Clone)]
pub struct Doc {
    /// Its URI as the client spells it.
    pub uri: String,
    /// The last version sent.
    pub version: i64,
    /// The text as the client sees it.
    pub text: String,
    /// The cursor, in bytes of `text`.
    pub cursor: usize,
    encoding: Encoding,
}

impl Doc {
    /// Opens a document whose cursor is drawn as `$0` (at the end without one), in UTF-16.
    pub fn open(server: &mut Server, uri: &str, language: &str, drawn: &str) -> Doc {
        Doc::open_in(server, Encoding::Utf16, uri, language, drawn)
    }

    /// The same in another encoding.
    pub fn open_in(
        server: &mut Server,
        encoding: Encoding,
        uri: &str,
        language: &str,
        drawn: &str,
    ) -> Doc {
        let cursor = drawn.find("$0");
        let text = drawn.replacen("$0", "", 1);
        let cursor = cursor.unwrap_or(text.len());
        let doc = Doc {
            uri: uri.into(),
            version: 1,
            text,
            cursor,
            encoding,
        };
        server.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": doc.uri, "languageId": language, "version": 1, "text": doc.text } }),
        );
        doc
    }

    /// `{"uri"}`.
    #[must_use]
    pub fn id(&self) -> Value {
        json!({ "uri": self.uri })
    }

    /// The LSP position of a byte.
    #[must_use]
    pub fn position_of(&self, byte: usize) -> Value {
        let (line, character) = position_at(&self.text, self.encoding, byte);
        json!({ "line": line, "character": character })
    }

    /// The cursor's position.
    #[must_use]
    pub fn position(&self) -> Value {
        self.position_of(self.cursor)
    }

    /// Replaces bytes `start..end` by one incremental change; the cursor goes behind what was inserted.
    pub fn replace(&mut self, server: &mut Server, start: usize, end: usize, with: &str) {
        let range = json!({ "start": self.position_of(start), "end": self.position_of(end) });
        self.text.replace_range(start..end, with);
        self.cursor = start + with.len();
        self.change(server, json!([{ "range": range, "text": with }]));
    }

    /// Types at the cursor.
    pub fn type_text(&mut self, server: &mut Server, text: &str) {
        self.replace(server, self.cursor, self.cursor, text);
    }

    /// Sends changes that the caller has already made to `text`, under the next version.
    pub fn change(&mut self, server: &mut Server, changes: Value) {
        self.version += 1;
        server.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": self.uri, "version": self.version }, "contentChanges": changes }),
        );
    }

    /// Sends the whole text.
    pub fn resend(&mut self, server: &mut Server) {
        let text = self.text.clone();
        self.change(server, json!([{ "text": text }]));
    }

    /// `didClose`.
    pub fn close(&self, server: &mut Server) {
        server.notify(
            "textDocument/didClose",
            json!({ "textDocument": self.id() }),
        );
    }

    /// Sends `textDocument/inlineCompletion` at the cursor and returns its id. `trigger` 1 is invoked, 2 automatic.
    pub fn ask(&self, server: &mut Server, trigger: u8) -> Value {
        server.ask("textDocument/inlineCompletion", self.inline_params(trigger))
    }

    /// The params of that request.
    #[must_use]
    pub fn inline_params(&self, trigger: u8) -> Value {
        json!({ "textDocument": self.id(), "position": self.position(), "context": { "triggerKind": trigger } })
    }

    /// Asks, waits, and gives the items.
    pub fn complete(&self, server: &mut Server, trigger: u8) -> Vec<Value> {
        let id = self.ask(server, trigger);
        items(
            server
                .answer(&id)
                .unwrap_or_else(|fault| panic!("a completion answered {fault:?}")),
        )
    }

    /// The params of `agent/debug/assertText` for what this client has.
    #[must_use]
    pub fn assert_params(&self) -> Value {
        json!({ "textDocument": self.id(), "text": self.text })
    }

    /// Asks the server to compare its text with ours.
    ///
    /// # Panics
    /// With the server's diff when they differ.
    pub fn assert_text(&self, server: &mut Server) {
        let answer = server.try_request("agent/debug/assertText", self.assert_params());
        let known = !matches!(&answer, Err(fault) if fault.code == -32601);
        assert!(
            known,
            "this binary does not compare texts: these tests need a debug build"
        );
        assert_eq!(
            answer,
            Ok(Value::Null),
            "the server has another text for {}",
            self.uri
        );
    }

    /// Why the last answer for this document was empty: `{reason, detail, since}`.
    pub fn why(&self, server: &mut Server) -> Value {
        server.request("agent/why", json!({ "textDocument": self.id() }))
    }
}

/// The items of an inline completion answer, in any of the three shapes.
#[must_use]
pub fn items(result: Value) -> Vec<Value> {
    match result {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        mut object => serde_json::from_value(object["items"].take()).unwrap(),
    }
}

/// Checks what every item must be, and gives the line as it would read after accepting.
///
/// # Panics
/// When an item breaks a rule of the interface.
#[must_use]
pub fn accepted(doc: &Doc, item: &Value) -> String {
    let text = item["insertText"]
        .as_str()
        .unwrap_or_else(|| panic!("insertText is no plain string: {item}"));
    assert!(!text.is_empty(), "an item that inserts nothing: {item}");
    let (start, end) = (&item["range"]["start"], &item["range"]["end"]);
    assert!(
        start.is_object() && end.is_object(),
        "an item without a range: {item}"
    );
    assert_eq!(start["line"], end["line"], "a range on two lines: {item}");
    let byte = |p: &Value| {
        let number = |key: &str| {
            p[key]
                .as_u64()
                .unwrap_or_else(|| panic!("no {key} in {item}")) as usize
        };
        byte_at(&doc.text, doc.encoding, number("line"), number("character")).unwrap()
    };
    let (start, end) = (byte(start), byte(end));
    assert!(
        start <= doc.cursor && doc.cursor <= end,
        "the cursor is outside of the range: {item}"
    );
    assert!(
        text.starts_with(&doc.text[start..doc.cursor]),
        "the text before the cursor would change: {item}"
    );
    assert_eq!(item["command"]["command"], "nextline.didAccept", "{item}");
    let id = &item["command"]["arguments"][0];
    assert!(
        id.is_string() || id.is_number(),
        "no id in the command's arguments: {item}"
    );
    let line_start = doc.text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line_end = doc.text[end..]
        .find(['\n', '\r'])
        .map_or(doc.text.len(), |at| end + at);
    format!(
        "{}{text}{}",
        &doc.text[line_start..start],
        &doc.text[end..line_end]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_by_hand() {
        let text = "a\u{10400}b\r\ncd\re\u{2028}f\n";
        assert_eq!(lines(text), [(0, 6), (8, 10), (11, 16), (17, 17)]);
        let rows = [
            (Encoding::Utf16, 0, 3, Some(5)),
            (Encoding::Utf16, 0, 2, None),
            (Encoding::Utf8, 0, 5, Some(5)),
            (Encoding::Utf8, 0, 3, None),
            (Encoding::Utf32, 0, 2, Some(5)),
            (Encoding::Utf32, 0, 99, Some(6)),
            (Encoding::Utf16, 1, 2, Some(10)),
            (Encoding::Utf16, 2, 2, Some(15)),
            (Encoding::Utf16, 3, 7, Some(17)),
            (Encoding::Utf16, 4, 0, Some(17)),
        ];
        for (encoding, line, character, byte) in rows {
            assert_eq!(
                byte_at(text, encoding, line, character),
                byte,
                "{encoding:?} {line}:{character}"
            );
        }
        assert_eq!(position_at(text, Encoding::Utf16, 5), (0, 3));
        assert_eq!(position_at(text, Encoding::Utf16, 17), (3, 0));
    }
}
