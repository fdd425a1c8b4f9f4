//! Every row of the language table against its fixture.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nextline_grammars::{Capture, Language, Node, Syntax, whole};

fn fixture(row: &Language) -> (PathBuf, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let extension = row.extensions()[0];
    let path = folder.join(format!("{}.{extension}", row.id()));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (path, text)
}

fn linked() -> impl Iterator<Item = &'static Language> {
    Language::all().iter().filter(|row| row.has_grammar())
}

fn first_error(node: Node<'_>) -> Option<Node<'_>> {
    if node.is_error() || node.is_missing() {
        return Some(node);
    }
    let mut cursor = node.walk();
    node.children(&mut cursor).find_map(first_error)
}

#[test]
fn fixtures_parse_without_an_error() {
    let mut failures = Vec::new();
    for row in linked() {
        let (path, text) = fixture(row);
        assert_eq!(Language::by_path(&path).map(Language::id), Some(row.id()));
        let syntax = Syntax::parse(row, whole(&text), Duration::MAX).expect("a tree");
        if let Some(error) = first_error(syntax.root()) {
            failures.push(format!(
                "{}:{}: {:?}",
                path.display(),
                error.start_position().row + 1,
                &text[error.byte_range()]
            ));
        }
        assert_eq!(syntax.errors() == 0, first_error(syntax.root()).is_none());
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn fixtures_show_what_their_language_has() {
    // Markdown has comments only as HTML blocks; TOML and JSON have no functions, and so on: what a language
    // lacks is named here, everything else must be found.
    let lacks = |id: &str| -> &[Capture] {
        match id {
            "json" | "yaml" | "toml" | "html" | "markdown" => &[
                Capture::Function,
                Capture::Class,
                Capture::Import,
                Capture::Documentable,
                Capture::Testable,
            ],
            "css" => &[Capture::Function, Capture::Class, Capture::Testable],
            "c" => &[],
            "bash" | "lua" => &[Capture::Class, Capture::Import],
            "ruby" => &[Capture::Import],
            _ => &[],
        }
    };
    let mut wrong = Vec::new();
    for row in linked() {
        let (_, text) = fixture(row);
        let syntax = Syntax::parse(row, whole(&text), Duration::MAX).expect("a tree");
        for what in [
            Capture::Comment,
            Capture::String,
            Capture::Block,
            Capture::Function,
            Capture::Class,
            Capture::Definition,
            Capture::Import,
            Capture::Documentable,
            Capture::Testable,
        ] {
            let found = !syntax.captured(what, 0..text.len()).is_empty();
            if found == lacks(row.id()).contains(&what) {
                wrong.push(format!("{} {what:?}: {found}", row.id()));
            }
        }
        if syntax.outline(whole(&text)).is_empty() {
            wrong.push(format!("{} has no outline", row.id()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
