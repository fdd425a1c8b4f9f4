//! A project, a session in it and what a person says there.

use serde_json::{Value, json};

use super::{Acp, able, config};
use crate::{Scratch, ScriptedRoute};

/// The source of the project.
pub const LIB: &str = "fn one() -> u32 {\n    1\n}\n\nfn two() -> u32 {\n    2\n}\n";

/// A project of one file of source.
#[must_use]
pub fn project() -> Scratch {
    Scratch::with(&[
        ("src/lib.rs", LIB),
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
    ])
}

/// A session in a project, over a route.
#[must_use]
pub fn start(route: &ScriptedRoute, project: &Scratch) -> (Scratch, Acp, String) {
    let home = Scratch::new();
    let mut acp = Acp::start(&home, &config(route), able());
    let session = acp.session(project.path());
    (home, acp, session)
}

/// What a model answers to an edit.
#[must_use]
pub fn fenced(code: &str) -> String {
    format!("```rust\n{code}\n```\n")
}

/// The text of the last question.
#[must_use]
pub fn question(route: &ScriptedRoute) -> String {
    let body = route.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap();
    messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A file that a question points to.
#[must_use]
pub fn link(project: &Scratch, file: &str) -> Value {
    json!({ "type": "resource_link", "name": file, "uri": project.uri(file) })
}

/// Lines of it.
#[must_use]
pub fn link_lines(project: &Scratch, file: &str, lines: &str) -> Value {
    let uri = format!("{}#{lines}", project.uri(file));
    json!({ "type": "resource_link", "name": file, "uri": uri })
}

/// Words of a question.
#[must_use]
pub fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}
