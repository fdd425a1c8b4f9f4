//! Cancelling and being overtaken: answered at once, upstream closed at once, and nobody else waits.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::items;
use nextline_tests::{Doc, Launch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

const CODE: &str = "fn one() {\n    let first = $0\n}\n";

fn copilot() -> Value {
    json!({ "editorInfo": { "name": "vim", "version": "9" }, "editorPluginInfo": { "name": "copilot.vim", "version": "1" } })
}

fn open(server: &mut Server, name: &str) -> Doc {
    Doc::open(server, &format!("file:///cancel/{name}.rs"), "rust", CODE)
}

#[test]
fn cancelled_before_the_first_byte() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    let exchange = held.next();
    server.cancel(&id);
    assert_eq!(server.answer(&id).unwrap_err().code, -32800);
    route.wait_aborted(exchange.number);
}

#[test]
fn cancelled_in_the_middle_of_a_stream() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("compute");
    server.cancel(&id);
    assert_eq!(server.answer(&id).unwrap_err().code, -32800);
    route.wait_aborted(exchange.number);
}

#[test]
fn cancelled_ids_are_strings_too_and_late_cancels_are_nothing() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server, "a");
    let id = json!("a string");
    server.ask_as(&id, "textDocument/inlineCompletion", doc.inline_params(1));
    let exchange = held.next();
    server.cancel(&json!(1));
    server.cancel(&id);
    assert_eq!(server.answer(&id).unwrap_err().code, -32800);
    server.cancel(&id);
    route.wait_aborted(exchange.number);
    doc.assert_text(&mut server);
    server.cancel(&id);
}

#[test]
fn cancelled_in_the_same_write_as_asked() {
    let route = ScriptedRoute::instant("done();");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server, "a");
    let mut ids = Vec::new();
    for _ in 0..51 {
        doc.type_text(&mut server, "x");
        let id = doc.ask(&mut server, 1);
        server.cancel(&id);
        ids.push(id);
    }
    for id in ids {
        // Whoever was first wins: a cancel that came too late leaves the answer as it is.
        if let Err(fault) = server.answer(&id) {
            assert_eq!(fault.code, -32800, "{fault:?}");
        }
    }
    doc.assert_text(&mut server);
    wait::until("nothing is left in flight", || {
        let status = server.request("agent/status", json!({}));
        (status["inFlight"] == json!(0)).then_some(())
    });
}

#[test]
fn an_overtaken_request_answers_null() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server, "a");
    let old = doc.ask(&mut server, 1);
    let first = held.next();
    doc.type_text(&mut server, "c");
    let new = doc.ask(&mut server, 1);
    assert_eq!(server.answer(&old), Ok(Value::Null));
    route.wait_aborted(first.number);
    held.next().answer("ompute(1);");
    assert_eq!(items(server.answer(&new).unwrap()).len(), 1);
}

#[test]
fn an_overtaken_request_of_a_copilot_client_answers_an_empty_list() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, copilot()).start();
    let mut doc = open(&mut server, "a");
    let old = doc.ask(&mut server, 1);
    let first = held.next();
    doc.type_text(&mut server, "c");
    let new = doc.ask(&mut server, 1);
    assert_eq!(server.answer(&old), Ok(json!({ "items": [] })));
    route.wait_aborted(first.number);
    held.next().answer("ompute(1);");
    assert_eq!(items(server.answer(&new).unwrap()).len(), 1);
}

#[test]
fn a_keystroke_alone_overtakes() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    let mut exchange = held.next();
    doc.type_text(&mut server, "c");
    assert_eq!(server.answer(&id), Ok(Value::Null));
    // What it says may still fit; once it does not, it is hung up on.
    exchange.stream_head();
    exchange.feed("other(1)");
    doc.type_text(&mut server, "x");
    route.wait_aborted(exchange.number);
}

#[test]
fn closing_the_document_ends_its_request() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    let exchange = held.next();
    doc.close(&mut server);
    assert_eq!(server.answer(&id), Ok(Value::Null));
    route.wait_aborted(exchange.number);
}

#[test]
fn a_burst_ends_in_one_answer() {
    let route = ScriptedRoute::new(|exchange| {
        let last = exchange.seen.prompt().ends_with("abcdefghijklmnopqrst");
        if last {
            exchange.answer("(1);")
        } else {
            exchange.stall()
        }
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server, "a");
    let mut ids = Vec::new();
    for letter in "abcdefghijklmnopqrst".chars() {
        doc.type_text(&mut server, &letter.to_string());
        ids.push(doc.ask(&mut server, 1));
    }
    let last = ids.pop().unwrap();
    assert_eq!(items(server.answer(&last).unwrap()).len(), 1);
    for id in ids {
        assert_eq!(server.answer(&id), Ok(Value::Null));
    }
    let overtaken = route.count() - 1;
    for number in 0..overtaken {
        route.wait_aborted(number);
    }
}

#[test]
fn a_slow_route_holds_up_nobody_else() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let (one, mut other) = (open(&mut server, "a"), open(&mut server, "b"));
    let slow = one.ask(&mut server, 1);
    let stuck = held.next();
    for _ in 0..5 {
        other.type_text(&mut server, "v");
        let id = other.ask(&mut server, 1);
        held.next().answer("alue(2);");
        assert_eq!(items(server.answer(&id).unwrap()).len(), 1);
        other.assert_text(&mut server);
    }
    assert!(!server.answered(&slow), "its route has said nothing yet");
    stuck.answer("compute(1);");
    assert_eq!(items(server.answer(&slow).unwrap()).len(), 1);
}

#[test]
fn shutdown_answers_what_still_waits() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    let _exchange = held.next();
    server.cancel(&id);
    server.request("shutdown", Value::Null);
    assert_eq!(server.answer(&id).unwrap_err().code, -32800);
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(0));
}
