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

const DATA: &[Capture] = &[
    Capture::Function,
    Capture::Class,
    Capture::Import,
    Capture::Documentable,
    Capture::Testable,
];

/// What a language does not have; everything else must be found in its fixture.
const LACKS: &[(&str, &[Capture])] = &[
    ("json", DATA),
    ("yaml", DATA),
    ("toml", DATA),
    ("html", DATA),
    ("markdown", DATA),
    (
        "css",
        &[Capture::Function, Capture::Class, Capture::Testable],
    ),
    ("bash", &[Capture::Class, Capture::Import]),
    ("lua", &[Capture::Class, Capture::Import]),
    ("ruby", &[Capture::Import]),
];

#[test]
fn fixtures_show_what_their_language_has() {
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
            let lacks =
                |(id, what_not): &(&str, &[Capture])| *id == row.id() && what_not.contains(&what);
            if found == LACKS.iter().any(lacks) {
                wrong.push(format!("{} {what:?}: {found}", row.id()));
            }
        }
        if syntax.outline(whole(&text)).is_empty() {
            wrong.push(format!("{} has no outline", row.id()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
