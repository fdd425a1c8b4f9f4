//! JSON Schema and the bindings of the editors' languages, written from the method table and the types that it names.
//!
//! They are committed; `cargo test -p nextline-protocol bindings` fails when one is stale, and with `NEXTLINE_WRITE=1` writes it.

use std::collections::BTreeSet;
use std::path::Path;

mod csharp;
mod groups;
mod java;
mod kotlin;
mod lsp;
mod model;
mod schema;
mod typescript;
mod words;

use model::{Api, Shape};

/// Writes one of them.
type Writer = fn(&Api) -> String;

/// Where each is committed, from the repository's root, and what writes it.
const BINDINGS: &[(&str, Writer)] = &[
    ("protocol/schema.json", schema::text),
    ("editors/vscode/src/protocol.ts", typescript::text),
    (
        "editors/jetbrains/core/src/main/kotlin/dev/nextline/protocol/Protocol.kt",
        kotlin::text,
    ),
    ("editors/visualstudio/core/Protocol.cs", csharp::text),
    (
        "editors/eclipse/src/dev/nextline/protocol/Protocol.java",
        java::text,
    ),
];

/// What each of them begins with, behind its language's mark of a comment.
const HEAD: &str = "Written by `NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings` from protocol/src; not to be changed by hand.";

/// What an extension may not spell itself: it has a constant or a type for each.
fn words(api: &Api) -> BTreeSet<String> {
    let constants = api.groups.iter().flat_map(|group| &group.constants);
    let mut words: BTreeSet<String> = constants
        .filter_map(|constant| constant.value.as_str().map(str::to_owned))
        .collect();
    for kind in &api.types {
        let members: Vec<_> = match &kind.shape {
            Shape::Names(names) => {
                words.extend(names.iter().map(|(name, _)| name.clone()));
                Vec::new()
            }
            Shape::Record(fields) => fields.iter().collect(),
            Shape::Union(shared, cases) => {
                words.extend(cases.iter().map(|case| case.kind.clone()));
                let own = cases.iter().flat_map(|case| &case.fields);
                shared.iter().chain(own).collect()
            }
        };
        // Those of one word mean other things elsewhere.
        let members = members.into_iter().map(|field| field.name.clone());
        words.extend(members.filter(|name| name.contains(char::is_uppercase)));
    }
    words
}

/// What a word means beside what it is on the wire, and the files in which it does.
const ELSEWHERE: &[(&str, &str, &[&str])] = &[
    (
        "nextline",
        "the binary's name, and that of the page's element",
        &[
            "agent.ts",
            "src/chat.ts",
            "Bridge.java",
            "ChatView.java",
            "Setup.kt",
        ],
    ),
    (
        "none",
        "a word of content policies",
        &["src/chat.ts", "ChatView.java", "Page.kt"],
    ),
    (
        "ready",
        "the page's first word to its window",
        &["Chat.java", "Chat.kt", "ChatPort.cs"],
    ),
];

/// The words that a text has in quotes.
fn spelled<'a>(text: &str, words: &'a BTreeSet<String>) -> Vec<&'a str> {
    const NAMESPACES: &[&str] = &["textDocument/", "window/", "workspace/", "client/", "$/"];
    let code: String = (text.lines())
        .filter(|line| {
            !["//", "/*", "*"]
                .iter()
                .any(|mark| line.trim().starts_with(mark))
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let text = code.as_str();
    let quoted = |word: &str, whole: bool| {
        ['"', '\'', '`'].iter().any(|mark| {
            let begun = format!("{mark}{word}");
            let found = text.match_indices(&begun);
            let mut behind = found.map(|(at, found)| text[at + found.len()..].chars().next());
            behind.any(|next| match next {
                Some(next) if whole => next == *mark,
                Some(next) => word.ends_with('/') || !next.is_alphanumeric(),
                None => false,
            })
        })
    };
    let names = NAMESPACES.iter().filter(|name| quoted(name, false));
    let own = words.iter().map(String::as_str);
    // What has several parts is found at the start of a sentence as well.
    let own = own.filter(|word| quoted(word, !word.contains(['/', '.'])));
    names.copied().chain(own).collect()
}

/// The sources below a folder, those that are built or generated aside.
fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    const OTHERS: &[&str] = &["node_modules", "dist", "build", "out"];
    const KINDS: &[&str] = &["ts", "js", "kt", "cs", "java"];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !OTHERS.contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if KINDS.iter().any(|kind| name.ends_with(&format!(".{kind}"))) {
            found.push(path);
        }
    }
}

#[test]
fn extensions_spell_no_word_of_the_wire_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let api = model::api();
    let mut found = Vec::new();
    for editor in ["vscode", "jetbrains", "visualstudio", "eclipse"] {
        sources(&root.join("editors").join(editor), &mut found);
    }
    let written: Vec<_> = BINDINGS.iter().map(|(path, _)| root.join(path)).collect();
    found.retain(|path| !written.contains(path));
    assert!(found.len() > 60, "{found:?}");
    let words = words(&api);
    let mut wrong = Vec::new();
    let mut elsewhere = BTreeSet::new();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in spelled(&text, &words) {
            let rows = ELSEWHERE.iter().filter(|row| row.0 == word);
            let mut files = rows.flat_map(|row| row.2);
            match files.find(|file| path.ends_with(file)) {
                Some(file) => {
                    elsewhere.insert((word, file));
                }
                None => wrong.push(format!("{}: {word}", path.display())),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "constants or types of the bindings say this: {wrong:#?}"
    );
    for (word, _, files) in ELSEWHERE {
        for file in *files {
            assert!(
                elsewhere.contains(&(*word, file)),
                "{file} does not say {word} any more"
            );
        }
    }
}

#[test]
fn a_word_in_quotes_is_found() {
    let words = ["agent/edit/start", "edit", "newText"].map(str::to_owned);
    let words = BTreeSet::from(words);
    for (text, wanted) in [
        ("ask(\"agent/edit/start\")", vec!["agent/edit/start"]),
        ("ask('edit', x['newText'])", vec!["edit", "newText"]),
        ("ask(`textDocument/${name}`)", vec!["textDocument/"]),
        ("say(\"edit this\"); edit(newText)", vec![]),
        ("// `textDocument/hover`\n/** 'edit' */", vec![]),
        (
            "say(\"agent/edit/start: it began\")",
            vec!["agent/edit/start"],
        ),
        ("run('agent/edit/started')", vec![]),
    ] {
        assert_eq!(spelled(text, &words), wanted, "{text}");
    }
}

#[test]
fn bindings_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let api = model::api();
    let mut stale = Vec::new();
    for (path, write) in BINDINGS {
        let text = write(&api);
        let place = root.join(path);
        if std::env::var_os("NEXTLINE_WRITE").is_some() {
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(&place, text).unwrap();
        } else if std::fs::read_to_string(&place).ok().as_deref() != Some(text.as_str()) {
            stale.push(*path);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?} do not say what protocol/src says: NEXTLINE_WRITE=1 cargo test -p nextline-protocol bindings"
    );
}
