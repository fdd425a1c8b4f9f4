//! Silence that is wanted: after edits that say no, after dismissals, snoozed, by mode and by file; and the numbers of what became of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Stdio;

use nextline_tests::binary;
use nextline_tests::samples::{NEXT_LINE, learnable};
use nextline_tests::{Doc, Launch, ScriptedRoute, Server, scratch};
use serde_json::{Value, json};

const AUTOMATIC: u8 = 2;
const INVOKED: u8 = 1;

fn open(server: &mut Server) -> Doc {
    Doc::open(server, "file:///silence/lib.rs", "rust", &learnable())
}

fn reason(doc: &Doc, server: &mut Server) -> Value {
    assert!(doc.complete(server, AUTOMATIC).is_empty());
    doc.why(server)["reason"].clone()
}

fn run(server: &mut Server, command: &str, arguments: Value) {
    let params = json!({ "command": command, "arguments": arguments });
    server.request("workspace/executeCommand", params);
}

fn id_of(item: &Value) -> Value {
    item["command"]["arguments"][0].clone()
}

#[test]
fn after_edits_that_say_no() {
    let mut server = Launch::new().start();
    let mut doc = open(&mut server);
    let at = doc.cursor;
    doc.type_text(&mut server, "cx");
    doc.replace(&mut server, at + 1, at + 2, "");
    assert_eq!(reason(&doc, &mut server), "after_delete");
    assert!(
        !doc.complete(&mut server, INVOKED).is_empty(),
        "asked for by hand it comes"
    );
    doc.replace(&mut server, at, at + 1, "");
    doc.replace(&mut server, at - 9, at, "");
    doc.replace(&mut server, at - 9, at - 9, "registry.");
    assert_eq!(reason(&doc, &mut server), "after_undo");
    doc.type_text(&mut server, "c");
    assert!(!doc.complete(&mut server, AUTOMATIC).is_empty(), "typed on");
    let pasted = "counter(1);\n    let second = registry.gauge(\"a long name of a gauge\");\n    let third = registry.";
    doc.type_text(&mut server, pasted);
    assert_eq!(reason(&doc, &mut server), "after_paste");
    // Two cursors.
    let (one, two) = (doc.position_of(0), doc.position_of(doc.cursor));
    doc.text.insert(doc.cursor, 'c');
    doc.text.insert(0, 'c');
    doc.cursor += 2;
    let at =
        |position: &Value| json!({ "range": { "start": position, "end": position }, "text": "c" });
    doc.change(&mut server, json!([at(&two), at(&one)]));
    doc.assert_text(&mut server);
    assert_eq!(reason(&doc, &mut server), "many_cursors");
}

#[test]
fn modes() {
    for (mode, refused) in [
        ("eager", None),
        ("subtle", Some("subtle")),
        ("manual", Some("manual")),
    ] {
        let options = json!({ "completion": { "mode": mode } });
        let mut server = Launch::new().options(options).start();
        let drawn = learnable().replace("registry.$0", "registry.$0 // why");
        let doc = Doc::open(&mut server, "file:///silence/lib.rs", "rust", &drawn);
        match refused {
            None => assert!(!doc.complete(&mut server, AUTOMATIC).is_empty()),
            Some(name) => assert_eq!(reason(&doc, &mut server), name),
        }
        assert!(!doc.complete(&mut server, INVOKED).is_empty(), "{mode}");
    }
}

#[test]
fn files_by_glob() {
    let folder = nextline_tests::Scratch::new();
    let options = json!({ "completion": { "off_globs": ["vendor/", "*.gen.rs"] } });
    let mut server = Launch::new()
        .workspace(folder.path())
        .options(options)
        .start();
    for (name, off) in [
        ("src/lib.rs", false),
        ("vendor/lib.rs", true),
        ("src/a.gen.rs", true),
    ] {
        let uri = scratch::uri_of(&folder.path().join(name));
        let doc = Doc::open(&mut server, &uri, "rust", &learnable());
        if off {
            assert_eq!(reason(&doc, &mut server), "glob_off", "{name}");
            assert!(doc.complete(&mut server, INVOKED).is_empty(), "{name}");
        } else {
            assert!(!doc.complete(&mut server, AUTOMATIC).is_empty(), "{name}");
        }
    }
}

#[test]
fn snoozed_until_it_is_not() {
    let mut server = Launch::new().start();
    let doc = open(&mut server);
    run(&mut server, "nextline.snooze", json!([10]));
    assert_eq!(reason(&doc, &mut server), "snoozed");
    let status = server.request("agent/status", json!({}));
    assert_eq!(status["kind"], "Inactive");
    assert!(status["snoozedUntil"].as_u64().is_some(), "{status}");
    assert!(!doc.complete(&mut server, INVOKED).is_empty());
    run(&mut server, "nextline.snooze", json!([0]));
    assert!(!doc.complete(&mut server, AUTOMATIC).is_empty());
    let status = server.request("agent/status", json!({}));
    assert_eq!(
        (&status["kind"], &status["snoozedUntil"]),
        (&json!("Normal"), &Value::Null)
    );
}

#[test]
fn an_event_of_the_status_speaks_of_no_request() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server);
    let asked = doc.ask(&mut server, AUTOMATIC);
    let exchange = held.next();
    // No event comes when the request ends: a status line would show it for ever.
    run(&mut server, "nextline.snooze", json!([10]));
    let told = server.notification("agent/status", |status| status["kind"] == "Inactive");
    assert_eq!(told["busy"], json!(false), "{told}");
    let status = server.request("agent/status", json!({}));
    assert_eq!(status["busy"], json!(true), "{status}");
    exchange.answer("gauge(1);");
    server.answer(&asked).unwrap();
}

#[test]
fn dismissed_three_times_and_accepted_once() {
    let route = ScriptedRoute::new(|exchange| {
        let number = exchange.number;
        exchange.answer(&format!("gauge({number});"));
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let mut last = Value::Null;
    for _ in 0..3 {
        doc.type_text(&mut server, "x");
        last = id_of(&doc.complete(&mut server, AUTOMATIC)[0]);
        run(&mut server, "nextline.didDismiss", json!([last]));
    }
    doc.type_text(&mut server, "x");
    assert_eq!(reason(&doc, &mut server), "dismissed");
    assert_eq!(route.count(), 3);
    assert!(!doc.complete(&mut server, INVOKED).is_empty());
    run(&mut server, "nextline.didAccept", json!([last]));
    doc.type_text(&mut server, "x");
    assert!(!doc.complete(&mut server, AUTOMATIC).is_empty());
}

#[test]
fn after_accepting_the_next_is_asked_ahead() {
    let route = ScriptedRoute::new(|exchange| {
        let next = exchange.seen.prompt().ends_with("gauge(1)");
        exchange.answer(if next { ".labelled(2);" } else { "gauge(1)" });
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let item = doc.complete(&mut server, AUTOMATIC).remove(0);
    doc.type_text(&mut server, "gauge(1)");
    run(&mut server, "nextline.didAccept", json!([id_of(&item)]));
    nextline_tests::wait::until("the next is asked for", || {
        (route.count() == 2).then_some(())
    });
    assert_eq!(doc.complete(&mut server, AUTOMATIC).len(), 1);
    assert_eq!(route.count(), 2, "it was known");
}

#[test]
fn the_numbers() {
    let mut server = Launch::new().start();
    let mut doc = open(&mut server);
    let item = doc.complete(&mut server, AUTOMATIC).remove(0);
    server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    let part = json!({ "item": item, "acceptedLength": 3 });
    server.notify("textDocument/didPartiallyAcceptCompletion", part);
    // The item's text begins with the word that is typed, and none is.
    let text = item["insertText"].as_str().unwrap().to_owned();
    assert!(
        NEXT_LINE.ends_with(&text) || NEXT_LINE.contains(&text),
        "{text}"
    );
    doc.type_text(&mut server, &text);
    run(&mut server, "nextline.didAccept", json!([id_of(&item)]));
    let home = server.home().path().to_path_buf();
    server.request("shutdown", Value::Null);
    server.notify("exit", Value::Null);
    server.wait_exit();
    let output = binary::command(&home)
        .args(["stats", "--json"])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let local = &all["local"];
    let counted =
        ["shown", "accepted", "partly_accepted", "dismissed"].map(|name| local[name].as_i64());
    assert_eq!(counted, [Some(1), Some(1), Some(1), Some(0)], "{all}");
    assert_eq!(local["accepted_characters"], text.chars().count());
    let plain = binary::command(&home).args(["stats"]).output().unwrap();
    assert!(String::from_utf8_lossy(&plain.stdout).starts_with("local: 1 shown, 1 accepted"));
}
