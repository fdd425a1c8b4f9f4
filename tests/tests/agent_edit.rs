//! `agent/edit/*` and the commands of plain LSP: edits as transactions over what is typed meanwhile.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::byte_at;
use nextline_tests::random::Random;
use nextline_tests::{Doc, Encoding, Launch, Scratch, ScriptedRoute, Server};
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

/// A range of lines from 0, the last one excluded.
fn lines(first: u32, end: u32) -> Value {
    json!({ "start": { "line": first, "character": 0 }, "end": { "line": end, "character": 0 } })
}

fn start(server: &mut Server, doc: &Doc, range: Value) -> String {
    let params = json!({ "textDocument": doc.id(), "range": range, "instruction": "add up" });
    let result = server.request("agent/edit/start", params);
    result["id"].as_str().unwrap().to_owned()
}

fn event(server: &mut Server, id: &str, kind: &str) -> Value {
    server.notification("agent/edit/event", |event| {
        event["id"] == id && event["kind"] == kind
    })
}

/// What the last `workspace/applyEdit` does to a text, and the version that it names.
fn applied(server: &Server, text: &str) -> (String, Value) {
    let asked = server.client().asked;
    let (_, params) = asked
        .iter()
        .rfind(|(method, _)| method == "workspace/applyEdit")
        .unwrap();
    let change = params["edit"]["documentChanges"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    let byte = |position: &Value| {
        let (line, character) = (
            position["line"].as_u64().unwrap(),
            position["character"].as_u64().unwrap(),
        );
        byte_at(text, Encoding::Utf16, line as usize, character as usize).unwrap()
    };
    let mut edits: Vec<(usize, usize, &str)> = change["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            (
                byte(&edit["range"]["start"]),
                byte(&edit["range"]["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort();
    let mut out = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    (out, change["textDocument"]["version"].clone())
}

/// The client does what it was asked.
fn obey(server: &mut Server, doc: &mut Doc) {
    let (text, version) = applied(server, &doc.text);
    assert_eq!(
        version, doc.version,
        "the edit is for the version that is there"
    );
    doc.text = text;
    doc.resend(server);
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
fn what_is_typed_meanwhile_stays() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("```rust\nfn two()");
    doc.replace(&mut server, 0, 0, "// above\n");
    let end = doc.text.len();
    doc.replace(&mut server, end, end, "// below\n");
    doc.assert_text(&mut server);
    exchange.feed(" -> u8 {\n    1 + 1\n}\n```");
    exchange.finish();
    let ready = event(&mut server, &id, "ready");
    assert_eq!(ready["preview"]["hunks"][0]["range"], lines(8, 9));
    doc.replace(&mut server, 0, 0, "// more\n");
    let result = server.request("agent/edit/accept", json!({ "id": id }));
    assert_eq!(result["applied"], true, "{result}");
    obey(&mut server, &mut doc);
    assert_eq!(
        doc.text,
        format!("// more\n// above\n{}// below\n", edited(LIB))
    );
}

#[test]
fn what_is_typed_in_the_very_place_is_asked_about_again() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let first = held.next();
    let at = doc.text.find("    2\n").unwrap() + 5;
    doc.replace(&mut server, at, at, "2");
    doc.assert_text(&mut server);
    first.answer(TWO);
    event(&mut server, &id, "again");
    let second = held.next();
    let messages = second.seen.json()["messages"].as_array().unwrap().clone();
    assert!(
        messages.last().unwrap()["content"]
            .as_str()
            .unwrap()
            .contains("    22\n"),
        "{messages:?}"
    );
    let at = doc.text.find("22\n").unwrap();
    doc.replace(&mut server, at, at, "2");
    doc.assert_text(&mut server);
    second.answer(TWO);
    let failed = event(&mut server, &id, "failed");
    assert!(
        failed["message"].as_str().unwrap().contains("changed"),
        "{failed}"
    );
    doc.assert_text(&mut server);
    assert_eq!(
        server
            .client()
            .asked
            .iter()
            .filter(|(method, _)| method == "workspace/applyEdit")
            .count(),
        0
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
fn random_typing_never_loses_or_doubles_a_line() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut random = Random::new(7);
    let text: String = (0..40).map(|n| format!("line {n}\n")).collect();
    let answer = "```\nline 18\nnew nineteen\nnew twenty\nline 21\n```";
    let mut landed = 0;
    for round in 0..25 {
        let mut doc = Doc::open(
            &mut server,
            &format!("file:///edits/{round}.txt"),
            "plaintext",
            &text,
        );
        let id = start(&mut server, &doc, lines(18, 22));
        let mut exchange = held.next();
        exchange.stream_head();
        exchange.feed("```\nline 18\n");
        for number in 0..1 + random.below(6) {
            let at = random.below(doc.text.len() + 1);
            let end = (at + random.below(9)).min(doc.text.len());
            let typed = ["", "x", "\n", "typed line\n"][random.below(4)];
            let typed = if typed == "typed line\n" {
                format!("typed {number}\n")
            } else {
                typed.to_owned()
            };
            doc.replace(&mut server, at, end, &typed);
        }
        // The keys and the answer come by different ways: the keys first.
        doc.assert_text(&mut server);
        let rest = answer.strip_prefix("```\nline 18\n").unwrap();
        exchange.feed(rest);
        exchange.finish();
        // Lines of their own: what the edit replaces is there once, or not whole any more.
        let old = "line 19\nline 20\n";
        let whole = format!("\n{}", doc.text).contains(&format!("\n{old}"));
        let kind = server.notification("agent/edit/event", |event| {
            event["id"] == id.as_str() && (event["kind"] == "ready" || event["kind"] == "again")
        });
        if kind["kind"] == "again" {
            held.next().refuse("400 No", &[], "no");
            event(&mut server, &id, "failed");
            doc.assert_text(&mut server);
            continue;
        }
        assert!(whole, "round {round}: {:?}", doc.text);
        let wanted = doc.text.replacen(old, "new nineteen\nnew twenty\n", 1);
        let result = server.request("agent/edit/accept", json!({ "id": id }));
        assert_eq!(result["applied"], true, "{result}");
        obey(&mut server, &mut doc);
        assert_eq!(doc.text, wanted, "round {round}");
        landed += 1;
    }
    assert!(landed > 5, "{landed} of 25 landed");
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
    let astray = json!({ "textDocument": doc.id(), "text": "fn nowhere() {}\n" });
    let fault = server.try_request("agent/edit/apply", astray).unwrap_err();
    assert!(fault.message.contains("not plain"), "{fault:?}");
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
