//! The next edit as clients and routes have it: the dialect's shape, what is taken and dismissed, settings, and a model that is asked.
#![allow(clippy::unwrap_used)]

use nextline_tests::copilot::{counted, plugin};
use nextline_tests::next::{applied, change, open, suggest};
use nextline_tests::{Doc, Launch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

#[test]
fn the_dialect_hears_one_edit_in_its_own_shape() {
    let mut server = Launch::new().options(plugin()).start();
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "fn f() {\n    let é𝒳 = 1;\n    g(\"𝒳\", é𝒳, é𝒳);\n}\n",
    );
    change(&mut server, &mut doc, "let", "é𝒳", "two");
    let asked = json!({ "textDocument": { "uri": doc.uri, "version": doc.version }, "position": doc.position(), "context": { "triggerKind": 2 } });
    let answer = server.request("textDocument/copilotInlineEdit", asked.clone());
    let edits = answer["edits"].as_array().unwrap();
    assert_eq!(edits.len(), 1, "{answer}");
    let edit = &edits[0];
    assert_eq!(edit["text"], "two");
    assert_eq!(
        edit["range"],
        json!({ "start": { "line": 2, "character": 12 }, "end": { "line": 2, "character": 15 } })
    );
    assert_eq!(
        edit["textDocument"],
        json!({ "uri": doc.uri, "version": doc.version })
    );
    assert_eq!(edit["command"]["command"], "nextline.didAccept");
    let id = edit["command"]["arguments"][0].as_str().unwrap().to_owned();
    // Nothing is an empty list, wherever it is asked.
    for params in [
        json!({}),
        json!({ "textDocument": { "uri": "file:///nowhere" } }),
        Value::Null,
    ] {
        assert_eq!(
            server.request("textDocument/copilotInlineEdit", params),
            json!({ "edits": [] })
        );
    }
    // Shown twice counts once; its command counts it as taken, and the change that it is does not again.
    let item = json!({ "item": { "command": { "arguments": [id] } } });
    server.notify("textDocument/didShowInlineEdit", item.clone());
    server.notify("textDocument/didShowInlineEdit", item);
    change(&mut server, &mut doc, "𝒳", "é𝒳", "two");
    server.notify(
        "workspace/executeCommand",
        json!({ "command": "nextline.didAccept", "arguments": [id] }),
    );
    assert_eq!(counted(server, "next local"), [1, 1, 0, 0]);
}

#[test]
fn what_is_taken_without_a_word_counts_and_what_is_dismissed_stays_away() {
    let mut server = Launch::new().start();
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "fn f() {\n    let one = 1;\n    g(one);\n    h(one);\n}\n",
    );
    change(&mut server, &mut doc, "let", "one", "two");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["edits"].as_array().unwrap().len(), 2);
    let second = answer["edits"][1]["id"].clone();
    server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.didDismiss", "arguments": [second] }),
    );
    // Some clients never run the command: the text says it.
    change(&mut server, &mut doc, "g(", "one", "two");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["edits"], json!([]), "{answer}");
    assert_eq!(counted(server, "next local"), [2, 1, 0, 1]);
}

#[test]
fn settings_and_rules_switch_it_off() {
    let renamed = |server: &mut Server, name: &str, language: &str| {
        let mut doc = open(
            server,
            name,
            language,
            "fn f() {\n    let one = 1;\n    g(one);\n}\n",
        );
        change(server, &mut doc, "let", "one", "two");
        suggest(server, &doc, json!({}))["reason"].clone()
    };
    let mut server = Launch::new()
        .options(json!({ "next": { "enabled": false } }))
        .start();
    assert_eq!(renamed(&mut server, "a.rs", "rust"), "next_off");
    let mut server = Launch::new()
        .options(json!({ "completion": { "enabled": false, "languages": { "rust": false } } }))
        .start();
    assert_eq!(renamed(&mut server, "a.rs", "rust"), "language_off");
    let mut server = Launch::new()
        .options(json!({ "completion": { "enabled": false } }))
        .start();
    assert_eq!(
        renamed(&mut server, "a.rs", "rust"),
        Value::Null,
        "ghost text has a switch of its own"
    );
    assert_eq!(renamed(&mut server, ".env", "rust"), "excluded");
    server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.snooze", "arguments": [1] }),
    );
    assert_eq!(renamed(&mut server, "b.rs", "rust"), "snoozed");
}

/// A server whose next edits a route writes.
fn routed(route: &ScriptedRoute, model: &str) -> Server {
    let options = json!({
        "completion": { "throttle_ms": 0 },
        "next": { "route": "mock" },
        "routes": { "mock": { "provider": "openai-compatible", "base_url": format!("{}/v1", route.url()), "model": model } },
    });
    Launch::new().options(options).start()
}

const REGION: &str = "fn f() {\n    let total = sum(1);\n    show(2);\n}\n";

#[test]
fn a_route_rewrites_the_region_around_the_cursor() {
    let whole = "fn f() {\n    let total = sum(1);\n    show(total);\n}\n";
    for (model, answer) in [
        ("gpt-4.1-mini", format!("<COMPLETION>{whole}</COMPLETION>")),
        ("zeta-2", whole.to_owned()),
        ("sweepai/sweep-next-edit-1.5b", whole.to_owned()),
        (
            "zed-industries/zeta",
            format!("<|editable_region_start|>\n{whole}"),
        ),
    ] {
        let route = ScriptedRoute::instant(&answer);
        let mut server = routed(&route, model);
        let mut doc = open(&mut server, "a.rs", "rust", &REGION.replace("total", "x"));
        change(&mut server, &mut doc, "let", "x", "total");
        let answer = suggest(&mut server, &doc, json!({}));
        assert_eq!(applied(&doc, &answer), whole, "{model}: {answer}");
        let edit = &answer["edits"][0];
        assert_eq!(
            (&edit["kind"], &edit["origin"], &edit["text"]),
            (&json!("rewrite"), &json!("mock"), &json!("total")),
            "{model}"
        );
        // The same text at the same place is asked once.
        suggest(&mut server, &doc, json!({}));
        assert_eq!(route.count(), 1, "{model}");
        let body = route.requests()[0].json().to_string();
        assert!(
            body.contains("let x") && body.contains("let total"),
            "{model}: {body}"
        );
    }
}

#[test]
fn what_a_route_must_not_say() {
    for (answer, reason) in [
        // Nothing new; what was there before; what breaks the file; nothing at all.
        (
            "fn f() {\n    let total = sum(1);\n    show(2);\n}\n",
            "nothing_follows",
        ),
        (
            "fn f() {\n    let x = sum(1);\n    show(2);\n}\n",
            "reversal",
        ),
        (
            "fn f() {\n    let total = sum(1;\n    show(2);\n}\n",
            "nothing_follows",
        ),
        ("", "nothing_follows"),
    ] {
        let route = ScriptedRoute::instant(answer);
        let mut server = routed(&route, "zeta-2");
        let mut doc = open(&mut server, "a.rs", "rust", &REGION.replace("total", "x"));
        change(&mut server, &mut doc, "let", "x", "total");
        let answer = suggest(&mut server, &doc, json!({}));
        assert_eq!(
            (&answer["edits"], &answer["reason"]),
            (&json!([]), &json!(reason)),
            "{answer}"
        );
    }
}

#[test]
fn who_cancels_or_asks_again_is_waited_for_no_more() {
    let (route, held) = ScriptedRoute::held();
    let mut server = routed(&route, "zeta-2");
    let mut doc = open(&mut server, "a.rs", "rust", &REGION.replace("total", "x"));
    change(&mut server, &mut doc, "let", "x", "total");
    let params = |doc: &Doc| json!({ "textDocument": doc.id(), "position": doc.position() });
    let cancelled = server.ask("agent/edit/suggest", params(&doc));
    let exchange = held.next();
    server.cancel(&cancelled);
    assert_eq!(server.answer(&cancelled).unwrap_err().code, -32800);
    route.wait_aborted(exchange.number);
    // A newer request, and then a newer text.
    let first = server.ask("agent/edit/suggest", params(&doc));
    let exchange = held.next();
    let second = server.ask("textDocument/copilotInlineEdit", params(&doc));
    assert_eq!(server.answer(&first).unwrap()["reason"], "superseded");
    route.wait_aborted(exchange.number);
    let exchange = held.next();
    doc.type_text(&mut server, "s");
    assert_eq!(server.answer(&second).unwrap(), json!({ "edits": [] }));
    route.wait_aborted(exchange.number);
}

#[test]
fn what_a_route_hears_is_in_the_ledger_and_what_fails_is_a_reason() {
    let route = ScriptedRoute::new(|exchange| exchange.refuse("401 Unauthorized", &[], "no"));
    let mut server = routed(&route, "zeta-2");
    let mut doc = open(&mut server, "a.rs", "rust", &REGION.replace("total", "x"));
    change(&mut server, &mut doc, "let", "x", "total");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["reason"], "route_failed", "{answer}");
    assert_eq!(
        suggest(&mut server, &doc, json!({}))["reason"],
        "route_paused"
    );
    assert!(server.client().dialogs().is_empty());
    let home = server.home().path().to_path_buf();
    let sent = wait::until("the ledger", || {
        let output = binary::command(&home)
            .args(["sent", "--last", "1", "--json"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains("\"purpose\":\"next\"").then_some(text)
    });
    assert!(sent.contains("a.rs"), "{sent}");
}
