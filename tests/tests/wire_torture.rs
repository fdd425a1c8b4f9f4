//! Bodies that no client should send, in good frames: each is survived, answered as JSON-RPC says, and the next request
//! is answered too.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_protocol::methods::{Direction, METHODS};
use nextline_tests::{Doc, Fault, Launch, Server, frame};
use serde_json::{Value, json};

mod torture;
use Expect::{Loose, Nameless, Own, Quiet, Result as Good};
use torture::{Expect, INVALID, Row, URI};

fn opened() -> (Server, Doc) {
    let mut server = Launch::new().start();
    let doc = Doc::open(
        &mut server,
        URI,
        "rust",
        "fn main() {\n    let x = 1;$0\n}\n",
    );
    (server, doc)
}

fn survive(rows: Vec<Row>) {
    let (mut server, doc) = opened();
    let mut wrong = Vec::new();
    for (number, Row(name, body, expect)) in rows.into_iter().enumerate() {
        let id = json!(100_000 + number);
        let body = match std::str::from_utf8(&body) {
            Ok(text) if text.len() < 10_000 => text.replace("ID", &id.to_string()).into_bytes(),
            Ok(text) => text.replacen("ID", &id.to_string(), 1).into_bytes(),
            Err(_) => body,
        };
        if matches!(expect, Own(_) | Good) {
            server.expect_answer(&id);
        }
        server.send_bytes(frame::around(&body));
        eprintln!("{name}");
        let mut check = |fault: Fault, codes: &[i64]| {
            if !codes.contains(&fault.code) || fault.message.is_empty() {
                wrong.push(format!("{name}: {fault:?}, not one of {codes:?}"));
            }
        };
        match expect {
            Nameless(codes) => check(server.fault_without_id(), codes),
            Own(codes) => match server.answer(&id) {
                Err(fault) => check(fault, codes),
                Ok(result) => wrong.push(format!("{name}: {result}, not one of {codes:?}")),
            },
            Good => {
                if let Err(fault) = server.answer(&id) {
                    wrong.push(format!("{name}: {fault:?}"));
                }
            }
            Quiet | Loose => {}
        }
        doc.assert_text(&mut server);
        if matches!(expect, Loose) {
            server.forget_faults_without_id();
        }
    }
    // What could not be applied may be asked for anew.
    drop(server.taken("agent/document/resync"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn bodies_that_are_not_json() {
    survive(torture::not_json());
}

#[test]
fn json_that_is_no_request() {
    survive(torture::not_a_request());
}

#[test]
fn requests_with_wrong_params() {
    survive(torture::wrong_params());
}

#[test]
fn notifications_that_make_no_sense() {
    survive(torture::notifications());
}

#[test]
fn depth_and_size_bombs() {
    survive(torture::bombs());
}

#[test]
fn ids_come_back_exactly() {
    let (mut server, _doc) = opened();
    let ids = [
        json!("word"),
        json!(""),
        json!("0"),
        json!("é\u{1f600}\n\"\\"),
        json!(0),
        json!(-1),
        json!(i64::from(i32::MAX)),
        json!(i64::from(i32::MIN)),
        json!(9_007_199_254_740_993_i64),
        json!("x".repeat(300)),
    ];
    for id in &ids {
        server.ask_as(id, "agent/status", json!({}));
    }
    for id in &ids {
        assert_eq!(server.answer_message(id)["id"], *id);
    }
}

#[test]
fn an_id_in_use_twice_gets_two_answers() {
    let (mut server, doc) = opened();
    for id in [json!(7), json!("seven")] {
        server.ask_as(&id, "agent/status", json!({}));
        server.ask_as(&id, "agent/debug/assertText", doc.assert_params());
        server.ask_as(&id, "textDocument/fly", json!({}));
        let faults = (0..3).filter(|_| server.answer(&id).is_err()).count();
        assert_eq!(faults, 1, "one of the three is unknown");
    }
}

#[test]
fn requests_before_initialize_are_refused_and_survived() {
    let mut server = Launch::new().spawn();
    let fault = server.try_request("agent/status", json!({})).unwrap_err();
    assert_eq!(fault.code, -32002, "{fault:?}");
    server.notify(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": URI, "languageId": "rust", "version": 1, "text": "" } }),
    );
    server.initialize(Launch::new().params());
    server.request("agent/status", json!({}));
}

#[test]
fn requests_after_shutdown_are_refused() {
    let (mut server, _doc) = opened();
    server.request("shutdown", Value::Null);
    let fault = server.try_request("agent/status", json!({})).unwrap_err();
    assert_eq!(fault.code, INVALID, "{fault:?}");
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(0));
}

/// Every method of the protocol's table with params of every wrong kind: requests have one answer each, notifications
/// none, and the document is as it was.
#[test]
fn every_method_survives_junk() {
    let (mut server, doc) = opened();
    let junk = [
        json!(null),
        json!({}),
        json!([]),
        json!([null]),
        json!({ "textDocument": null, "position": [], "item": 7, "text": {} }),
        json!({ "textDocument": { "uri": "file:///nowhere.rs" }, "_": true }),
    ];
    let to_server = METHODS
        .iter()
        .filter(|method| method.direction == Direction::ToServer);
    for method in to_server.filter(|method| method.name != "textDocument/didClose") {
        for params in &junk {
            if method.result == "-" {
                server.notify(method.name, params.clone());
            } else {
                let id = server.ask(method.name, params.clone());
                let _ = server.answer_message(&id);
            }
        }
        doc.assert_text(&mut server);
    }
    server.forget_faults_without_id();
    drop(server.taken("agent/document/resync"));
}
