//! JSON Schema and the bindings of the editors' languages, written from the method table and the types that it names.
//!
//! They are committed; `cargo test -p nextline-protocol bindings` fails when one is stale, and with `NEXTLINE_WRITE=1` writes it.

use std::path::Path;

mod csharp;
mod java;
mod kotlin;
mod model;
mod schema;
mod typescript;
mod words;

use model::Api;

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

/// What an extension may not spell itself: it has a constant for each.
fn words(api: &Api) -> Vec<&str> {
    let constants = api.groups.iter().flat_map(|group| &group.constants);
    let words = constants.filter_map(|constant| constant.value.as_str());
    // LSP's own member of that name, and a section of the settings.
    words.filter(|word| *word != "edit").collect()
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
    let mut spelled = Vec::new();
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in words(&api) {
            let quoted = ['"', '\''].map(|mark| format!("{mark}{word}{mark}"));
            if quoted.iter().any(|quoted| text.contains(quoted)) {
                spelled.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(
        spelled.is_empty(),
        "constants of the bindings say this: {spelled:#?}"
    );
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
