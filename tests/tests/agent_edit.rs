//! `agent/edit/*` and the commands of plain LSP: edits as transactions over what is typed meanwhile.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::edits::{self, event, lines, obey};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server};
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

fn start(server: &mut Server, doc: &Doc, range: Value) -> String {
    edits::start(server, doc, &range, json!({}))
}

fn edited(text: &str) -> String {
    text.replace("    2\n", "    1 + 1\n")
}

#[test]
fn an_edit_is_previewed_accepted_and_undone() {
    let route = ScriptedRoute::instant(TWO);
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(7, 7));
    let ready = event(&mut server, &id, "ready");
    let hunks = ready["preview"]["hunks"].as_array().unwrap();
    assert_eq!(hunks.len(), 1);
    assert_eq!(
        (&hunks[0]["oldText"], &hunks[0]["newText"]),
        (&json!("    2\n"), &json!("    1 + 1\n"))
    );
    assert_eq!(hunks[0]["range"], lines(7, 8));
    assert!(
        ready["preview"]["diff"]
            .as_str()
            .unwrap()
            .contains("+    1 + 1\n")
    );
    doc.assert_text(&mut server);
    let result = server.request("agent/edit/accept", json!({ "id": id }));
    assert_eq!(result, json!({ "applied": true, "reason": null }));
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, edited(LIB));
    let state = server.request("agent/edit/get", json!({ "id": id }));
    assert_eq!(state["state"], "applied");
    // Typed elsewhere since: what was typed stays.
    doc.replace(&mut server, 0, 0, "// typed\n");
    let result = server.request("agent/edit/undo", json!({ "id": id }));
    assert_eq!(result["applied"], true, "{result}");
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, format!("// typed\n{LIB}"));
    assert!(
        server
            .try_request("agent/edit/undo", json!({ "id": id }))
            .is_err()
    );
}

#[test]
fn a_stopped_edit_hangs_up_and_changes_nothing() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("```rust\nfn");
    server.request("agent/edit/cancel", json!({ "id": id }));
    event(&mut server, &id, "cancelled");
    route.wait_aborted(0);
    assert!(
        server
            .try_request("agent/edit/accept", json!({ "id": id }))
            .is_err()
    );
    doc.assert_text(&mut server);
    drop(exchange);
}

#[test]
fn hunks_are_accepted_one_by_one_and_others_retried() {
    let both = "```rust\nfn one() -> u8 {\n    11\n}\n\nfn two() -> u8 {\n    22\n}\n```";
    let route = ScriptedRoute::instant(both);
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(2, 9));
    let ready = event(&mut server, &id, "ready");
    assert_eq!(ready["preview"]["hunks"].as_array().unwrap().len(), 2);
    let result = server.request("agent/edit/accept", json!({ "id": id, "hunks": [1] }));
    assert_eq!(result["applied"], true);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB.replace("    2\n", "    22\n"));
    let again = server.request(
        "agent/edit/retry",
        json!({ "id": id, "instruction": "otherwise" }),
    );
    // The undo comes first.
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB);
    let again = again["id"].as_str().unwrap().to_owned();
    event(&mut server, &again, "ready");
    let asked = route.requests().last().unwrap().json();
    assert!(asked.to_string().contains("otherwise"), "{asked}");
    server.request("agent/edit/reject", json!({ "id": again }));
    event(&mut server, &again, "rejected");
}

#[test]
fn a_block_from_a_chat_goes_where_it_belongs() {
    let mut server = Launch::new().start();
    let mut doc = open(&mut server, LIB);
    let block = "fn two() -> u8 {\n    1 + 1\n}\n";
    let params = json!({ "textDocument": doc.id(), "text": block });
    let id = server.request("agent/edit/apply", params)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ready = event(&mut server, &id, "ready");
    assert_eq!(ready["preview"]["hunks"][0]["newText"], "    1 + 1\n");
    server.request("agent/edit/accept", json!({ "id": id }));
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, edited(LIB));
    for (block, says) in [
        ("fn nowhere() {}\n", "not plain"),
        (
            "fn two() -> u8 {\n    // ... existing code ...\n    3\n}\n",
            "leaves code out",
        ),
        (
            "fn two() -> u8 {\n    3\n}\n\nstart!(two);\n",
            "where `start!(two);` of this block belongs is not plain",
        ),
    ] {
        let astray = json!({ "textDocument": doc.id(), "text": block });
        let fault = server.try_request("agent/edit/apply", astray).unwrap_err();
        assert!(fault.message.contains(says), "{fault:?}");
    }
    let block = "use std::fs::read;\n\nfn two() -> u8 {\n    read(2)\n}\n";
    let params = json!({ "textDocument": doc.id(), "text": block });
    let id = server.request("agent/edit/apply", params)["id"].clone();
    server.request("agent/edit/accept", json!({ "id": id }));
    obey(&mut server, &mut doc);
    let wanted = edited(LIB).replace("use std::fmt;\n", "use std::fmt;\nuse std::fs::read;\n");
    assert_eq!(doc.text, wanted.replace("1 + 1", "read(2)"));
}

#[test]
fn without_an_instruction_nobody_is_asked() {
    let route = ScriptedRoute::instant(TWO);
    let mut server = launch(&route).start();
    let doc = open(&mut server, LIB);
    let params = json!({ "textDocument": doc.id(), "range": lines(6, 9), "instruction": " " });
    let fault = server.try_request("agent/edit/start", params).unwrap_err();
    assert!(fault.message.contains("no instruction"), "{fault:?}");
    assert_eq!(route.count(), 0);
}

#[test]
fn who_has_no_route_is_told_how() {
    let mut server = Launch::new().start();
    let doc = open(&mut server, LIB);
    let params = json!({ "textDocument": doc.id(), "range": lines(6, 9), "instruction": "x" });
    let fault = server.try_request("agent/edit/start", params).unwrap_err();
    assert!(
        fault.message.contains("[routes.NAME]") && fault.message.contains("[edit]"),
        "{fault:?}"
    );
    let result = server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.doc", "arguments": [doc.uri, lines(7, 7)] }),
    );
    assert_eq!(result, Value::Null);
    let shown = server.notification("window/showMessage", |_| true);
    assert!(
        shown["message"].as_str().unwrap().contains("[routes.NAME]"),
        "{shown}"
    );
}

#[test]
fn new_tests_go_into_a_file_of_their_own() {
    let work = Scratch::with(&[
        ("package.json", "{\"devDependencies\":{\"vitest\":\"1\"}}"),
        ("src/a.ts", "export function f() {\n  return 1\n}\n"),
    ]);
    let route = ScriptedRoute::instant("```ts\nimport { it } from 'vitest'\n```");
    let mut server = launch(&route).workspace(work.path()).start();
    let doc = Doc::open(
        &mut server,
        &work.uri("src/a.ts"),
        "typescript",
        "export function f() {\n  return 1\n}\n",
    );
    let params = json!({ "textDocument": doc.id(), "range": lines(1, 1), "verb": "test" });
    let id = server.request("agent/edit/start", params)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ready = event(&mut server, &id, "ready");
    assert_eq!(
        ready["preview"]["textDocument"]["uri"],
        work.uri("src/a.test.ts")
    );
    server.request("agent/edit/accept", json!({ "id": id }));
    let asked = server.client().asked;
    let (_, params) = asked
        .iter()
        .rfind(|(method, _)| method == "workspace/applyEdit")
        .unwrap();
    let changes = params["edit"]["documentChanges"].as_array().unwrap();
    assert_eq!(
        (&changes[0]["kind"], &changes[0]["uri"]),
        (&json!("create"), &json!(work.uri("src/a.test.ts")))
    );
    assert_eq!(
        changes[1]["edits"][0]["newText"],
        "import { it } from 'vitest'\n"
    );
}

#[test]
fn what_steers_a_tool_is_asked_about() {
    let work = Scratch::with(&[(".vscode/settings.json", "{}\n")]);
    let route = ScriptedRoute::instant("```json\n{ \"a\": 1 }\n```");
    let mut server = launch(&route).workspace(work.path()).start();
    let doc = Doc::open(
        &mut server,
        &work.uri(".vscode/settings.json"),
        "jsonc",
        "{}\n",
    );
    let id = start(&mut server, &doc, lines(0, 1));
    event(&mut server, &id, "ready");
    let result = server.request("agent/edit/accept", json!({ "id": id }));
    assert_eq!(result["applied"], false, "nobody said yes");
    assert!(
        server
            .client()
            .dialogs()
            .contains(&"window/showMessageRequest")
    );
    assert!(
        !server
            .client()
            .asked
            .iter()
            .any(|(method, _)| method == "workspace/applyEdit")
    );
}

#[test]
fn a_long_answer_to_an_edit_is_told_of_now_and_then() {
    let line = "    let value = compute(index);\n";
    let body = line.repeat(100_000 / line.len());
    let answer = format!("```rust\nfn two() -> u8 {{\n{body}    2\n}}\n```");
    let route = ScriptedRoute::new(move |mut exchange| {
        exchange.stream_head();
        for part in answer.as_bytes().chunks(60) {
            exchange.feed(std::str::from_utf8(part).unwrap());
        }
        exchange.finish();
    });
    let mut server = launch(&route).start();
    let doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let told = server.notification("agent/edit/event", |event| event["kind"] == "progress");
    assert!(
        told["received"].as_u64().unwrap() < 100,
        "the first at once: {told}"
    );
    event(&mut server, &id, "ready");
    let told = server.taken("agent/edit/event");
    let bytes: usize = told.iter().map(|event| event.to_string().len()).sum();
    assert!(
        bytes * 5 < 100_000,
        "{bytes} bytes in {} events",
        told.len()
    );
}
