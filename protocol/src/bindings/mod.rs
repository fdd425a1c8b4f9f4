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
