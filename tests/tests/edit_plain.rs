//! Edits in editors that know no more than LSP: code actions, commands with progress, and what they say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::edits::{lines, obey};
use nextline_tests::{Doc, Launch, ScriptedRoute, Server};
use serde_json::{Value, json};

const LIB: &str = "use std::fmt;\n\nfn one() -> u8 {\n    1\n}\n\nfn two() -> u8 {\n    2\n}\n\nfn three() -> u8 {\n    3\n}\n";
const TWO: &str = "```rust\nfn two() -> u8 {\n    1 + 1\n}\n```";

fn launch(route: &ScriptedRoute) -> Launch {
    Launch::new().route(
        route,
        json!({ "completion": { "route": "local" }, "edit": { "route": "mock" }, "chat": { "route": "mock" } }),
    )
}

fn open(server: &mut Server, text: &str) -> Doc {
    Doc::open(server, "file:///edits/lib.rs", "rust", text)
}

fn edited(text: &str) -> String {
    text.replace("    2\n", "    1 + 1\n")
}

#[test]
fn plain_lsp_clients_edit_by_code_actions() {
    let route = ScriptedRoute::instant("```rust\n/// Two.\n```");
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let diagnostics =
        json!([{ "range": lines(7, 8), "message": "mismatched types", "severity": 1 }]);
    let params = json!({ "textDocument": doc.id(), "range": lines(7, 7), "context": { "diagnostics": diagnostics } });
    let actions = server.request("textDocument/codeAction", params);
    let actions = actions.as_array().unwrap();
    let kinds: Vec<&str> = actions
        .iter()
        .map(|action| action["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"quickfix") && kinds.contains(&"refactor.rewrite"),
        "{actions:?}"
    );
    let command = |name: &str| {
        actions
            .iter()
            .map(|action| &action["command"])
            .find(|command| command["command"] == name)
            .unwrap()
            .clone()
    };
    let doc_command = command("nextline.doc");
    server.request("workspace/executeCommand", doc_command);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB.replace("fn two", "/// Two.\nfn two"));
    let progress = server.taken("$/progress");
    let kinds: Vec<&Value> = progress
        .iter()
        .map(|one| &one["params"]["value"]["kind"])
        .filter(|kind| !kind.is_null())
        .collect();
    assert!(
        kinds.contains(&&json!("begin")) && kinds.contains(&&json!("end")),
        "{progress:?}"
    );
    server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.undoEdit" }),
    );
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB);
    route.script(|exchange| exchange.answer(TWO));
    let fix = command("nextline.fix");
    server.request("workspace/executeCommand", fix);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, edited(LIB));
    let asked = route.requests().last().unwrap().json().to_string();
    assert!(asked.contains("line 8: mismatched types"), "{asked}");
}

#[test]
fn a_command_is_stopped_by_its_progress() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let doc = open(&mut server, LIB);
    let arguments = json!([doc.uri, lines(6, 9), "add up"]);
    let request = server.ask(
        "workspace/executeCommand",
        json!({ "command": "nextline.edit", "arguments": arguments }),
    );
    let exchange = held.next();
    let begun = server.notification("$/progress", |progress| {
        progress["value"]["title"] == "Nextline: edit"
    });
    server.notify(
        "window/workDoneProgress/cancel",
        json!({ "token": begun["token"] }),
    );
    assert_eq!(server.answer(&request), Ok(Value::Null));
    route.wait_aborted(0);
    doc.assert_text(&mut server);
    drop(exchange);
}

#[test]
fn lenses_stand_above_functions_where_they_are_wanted() {
    let route = ScriptedRoute::instant("```rust\n/// Two.\n```");
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let params = json!({ "textDocument": doc.id() });
    let none = server.request("textDocument/codeLens", params.clone());
    assert_eq!(none, json!([]), "off unless the settings say so");
    server.configure(json!({ "edit": { "lenses": true } }));
    let lenses = server.request("textDocument/codeLens", params.clone());
    let lenses = lenses.as_array().unwrap();
    let places: Vec<(u64, &str)> = lenses
        .iter()
        .map(|lens| {
            let line = lens["range"]["start"]["line"].as_u64().unwrap();
            (line, lens["command"]["title"].as_str().unwrap())
        })
        .collect();
    let above = |line| [(line, "Document"), (line, "Test"), (line, "Explain")];
    assert_eq!(places, [above(2), above(6), above(10)].concat());
    // What it says is what it does.
    let second = lenses[3]["command"].clone();
    server.request("workspace/executeCommand", second);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB.replace("fn two", "/// Two.\nfn two"));
    let lenses = server.request("textDocument/codeLens", params);
    let undo = &lenses[0];
    assert_eq!(
        (&undo["command"]["title"], &undo["range"]["start"]["line"]),
        (&json!("Undo this edit"), &json!(6))
    );
    server.request("workspace/executeCommand", undo["command"].clone());
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB);
}

#[test]
fn an_edit_is_shown_and_asked_about_where_that_is_wanted() {
    let route = ScriptedRoute::instant("```rust\n/// Two.\n```");
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    server.configure(json!({ "edit": { "preview": true } }));
    let command = json!({ "command": "nextline.doc", "arguments": [doc.uri, lines(7, 7)] });
    server.request("workspace/executeCommand", command.clone());
    let asked = server.client().asked;
    let (_, question) = asked
        .iter()
        .find(|(method, _)| method == "window/showMessageRequest")
        .unwrap();
    let message = question["message"].as_str().unwrap();
    assert!(
        message.contains("lib.rs") && message.contains("+/// Two."),
        "{message}"
    );
    assert!(
        !asked
            .iter()
            .any(|(method, _)| method == "workspace/applyEdit")
    );
    doc.assert_text(&mut server);
    server.choose("Make the change");
    server.request("workspace/executeCommand", command);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB.replace("fn two", "/// Two.\nfn two"));
}
