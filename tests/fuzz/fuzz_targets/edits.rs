//! Any edits in any encoding: all or nothing, and places stay inside the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nextline::document::Document;
use nextline::text::{Byte, ENCODINGS};
use nextline_protocol::document::{Change, Item, Position, Range};

fuzz_target!(|input: (String, u8, Vec<(u8, u8, u8, u8, String)>)| {
    let (text, encoding, edits) = input;
    let encoding = ENCODINGS[usize::from(encoding) % ENCODINGS.len()].0;
    let item = Item { uri: "file:///a.rs".into(), language_id: "rust".into(), version: Some(0), text };
    let mut document = Document::new(item);
    for (number, (line, column, end_line, end_column, text)) in edits.into_iter().enumerate() {
        let at = |line: u8, column: u8| Position { line: line.into(), character: column.into() };
        let range = Range { start: at(line, column), end: at(end_line, end_column) };
        let before = document.text.clone();
        let change = Change { range: Some(range), text };
        if document.change(Some(number as i64 + 1), &[change], encoding).is_err() {
            assert!(document.text.rope() == before.rope(), "a misfit changed the text");
        }
        let byte = document.text.byte_near(range.start, encoding);
        assert!(byte <= document.text.end());
        assert_eq!(document.text.floor(byte), byte, "inside a character");
        assert!(document.text.line_of(Byte(byte.0)) <= document.text.rope().len_lines());
    }
    let _ = document.syntax();
});
