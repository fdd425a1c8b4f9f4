//! Trees made by increments equal trees made whole; misfits change nothing.

use nextline_protocol::document::{Position, Range as LspRange};
use proptest::prelude::*;

use super::*;

fn open(language: &str, text: &str) -> Document {
    Document::new(Item {
        uri: "file:///a".into(),
        language_id: language.into(),
        version: Some(1),
        text: text.into(),
    })
}

fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
    let at = |(line, character)| Position { line, character };
    Change {
        range: Some(LspRange {
            start: at(start),
            end: at(end),
        }),
        text: text.into(),
    }
}

const CODE: &str = "fn main() {\r\n    let a = \"x\";\n    if a.len() > 1 { call(a); }\n}\n\n/* c */ struct S { f: u8 }\n";

proptest! {
    #[test]
    fn incremental_trees_equal_full_trees(
        edits in prop::collection::vec(
            (0u32..8, 0u32..30, 0u32..2, 0u32..10, prop::sample::select(vec!["a", "{", "}", "\"", "\n", "\r\n", "/*", "*/", "", "fn f() {}", "漢"]), any::<bool>(), any::<bool>()),
            1..30,
        ),
    ) {
        let mut document = open("rust", CODE);
        let mut version = 1;
        for (line, character, lines, width, with, look, whole) in edits {
            version += 1;
            let edit = if whole {
                let text = document.text.slice(Byte(0)..document.text.end());
                Change { range: None, text: text.replacen('a', with, 1) }
            } else {
                change((line, character), (line + lines, character + width), with)
            };
            document.change(Some(version), &[edit], Encoding::Utf8).ok();
            if look {
                document.syntax();
            }
        }
        // In text with errors tree-sitter recovers differently by increments; the way back to sound text shows every edit that it was
        // told wrongly.
        let sound = Change { range: None, text: CODE.into() };
        document.change(Some(version + 1), &[sound], Encoding::Utf8).unwrap();
        let fresh = open("rust", CODE);
        let shape = |document: &Document| -> Vec<(String, Range<usize>)> {
            let syntax = document.syntax().unwrap();
            let mut nodes = Vec::new();
            let mut cursor = syntax.tree().walk();
            'walk: loop {
                nodes.push((cursor.node().kind().to_owned(), cursor.node().byte_range()));
                if cursor.goto_first_child() { continue; }
                while !cursor.goto_next_sibling() {
                    if !cursor.goto_parent() { break 'walk; }
                }
            }
            nodes
        };
        prop_assert_eq!(shape(&document), shape(&fresh));
    }
}

#[test]
fn a_misfit_changes_nothing() {
    let mut document = open("rust", "a😀b\nc");
    let text = |document: &Document| document.text.slice(Byte(0)..document.text.end());
    let good = change((1, 0), (1, 1), "d");
    let cases = [
        (Some(2), vec![good.clone(), change((0, 2), (0, 3), "x")]),
        (Some(2), vec![change((1, 0), (0, 0), "x")]),
        (Some(1), vec![good.clone()]),
        (Some(-4), vec![good.clone()]),
    ];
    for (version, changes) in cases {
        document
            .change(version, &changes, Encoding::Utf16)
            .unwrap_err();
        assert_eq!(text(&document), "a😀b\nc");
    }
    document.lost = Some(Misfit::Unknown);
    assert_eq!(
        document.change(Some(2), std::slice::from_ref(&good), Encoding::Utf16),
        Err(Misfit::Unknown)
    );
    let whole = Change {
        range: None,
        text: "new\nx".into(),
    };
    document
        .change(
            Some(9),
            &[good, whole, change((1, 0), (1, 9), "y")],
            Encoding::Utf16,
        )
        .unwrap();
    assert_eq!(
        (
            text(&document).as_str(),
            document.version,
            document.lost.is_none()
        ),
        ("new\ny", Some(9), true)
    );
}

#[test]
fn clones_share_one_tree_and_edits_outdate_it() {
    let mut document = open("rust", CODE);
    let snapshot = document.clone();
    let stale = snapshot.stale.clone();
    assert!(std::ptr::eq(
        document.syntax().unwrap(),
        snapshot.syntax().unwrap()
    ));
    document
        .change(Some(2), &[change((0, 3), (0, 7), "x")], Encoding::Utf16)
        .unwrap();
    assert!(stale.is_cancelled() && !document.stale.is_cancelled());
    assert_eq!(document.recent, [Byte(3)..Byte(4)]);
    assert!(snapshot.text == *CODE);
}

#[test]
fn what_was_deleted_here_is_known() {
    let mut document = open("rust", "let a = call(b);\nnext();\n");
    let mut version = 1;
    let mut edit = |document: &mut Document, start, end, text: &str| {
        version += 1;
        let changes = [change(start, end, text)];
        document
            .change(Some(version), &changes, Encoding::Utf16)
            .expect("an edit that fits");
    };
    edit(&mut document, (0, 15), (0, 16), "");
    edit(&mut document, (0, 12), (0, 15), "");
    assert_eq!(document.deleted_at(Byte(12)), Some("(b);"));
    assert_eq!(document.deleted_at(Byte(8)), None);
    edit(&mut document, (0, 12), (0, 12), "\n    ");
    assert_eq!(document.deleted_at(Byte(17)), Some("(b);"));
    edit(&mut document, (1, 4), (1, 4), "x");
    assert_eq!(document.deleted_at(Byte(18)), None);
}
