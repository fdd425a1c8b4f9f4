//! The server's text and the client's: encodings, and every oddity that clients send.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::regular_rust;
use nextline_tests::{Doc, Launch, ScriptedRoute};
use serde_json::{Value, json};

fn at(line: usize, character: usize) -> Value {
    json!({ "line": line, "character": character })
}

#[test]
fn the_encoding_that_is_agreed_on() {
    let offered = |encodings: Value, options: Value| {
        let launch = Launch::new().options(options);
        let mut params = launch.params();
        params["capabilities"]["general"]["positionEncodings"] = encodings;
        let mut server = launch.spawn();
        server.initialize(params);
        server.init["capabilities"]["positionEncoding"].clone()
    };
    let copilot = json!({ "editorPluginInfo": { "name": "copilot.lua", "version": "1" } });
    let rows = [
        (json!(["utf-16"]), Value::Null, "utf-16"),
        (json!(["utf-8"]), Value::Null, "utf-8"),
        (json!(["klingon", "utf-32"]), Value::Null, "utf-32"),
        (json!([]), Value::Null, "utf-16"),
        (json!(null), Value::Null, "utf-16"),
        (json!(["klingon"]), Value::Null, "utf-16"),
        (
            json!(["utf-8", "utf-16", "utf-32"]),
            copilot.clone(),
            "utf-16",
        ),
        (json!(["utf-8"]), copilot, "utf-16"),
    ];
    for (encodings, options, expected) in rows {
        let name = format!("{encodings} {options}");
        assert_eq!(offered(encodings, options), expected, "{name}");
    }
}

/// After what leaves the client and the server unsure of each other: the server must never say that it has a text that
/// it has not, and the whole text brings everything back.
fn recovers_after(name: &str, changes: Value) {
    let mut server = Launch::new().start();
    let mut doc = Doc::open(
        &mut server,
        "file:///odd/lib.rs",
        "rust",
        "let a = \"\u{1f600}\";\nlet b = 2;\n$0",
    );
    doc.change(&mut server, changes);
    server.request("agent/status", json!({}));
    let _ = server.try_request("textDocument/inlineCompletion", doc.inline_params(2));
    doc.text.push_str("// whole\n");
    doc.cursor = doc.text.len();
    doc.resend(&mut server);
    let answer = server.try_request("agent/debug/assertText", doc.assert_params());
    assert_eq!(
        answer,
        Ok(Value::Null),
        "{name}: the whole text should bring it back"
    );
    doc.type_text(&mut server, "let c");
    doc.assert_text(&mut server);
    drop(server.taken("agent/document/resync"));
}

fn range(start: (i64, i64), end: (i64, i64)) -> Value {
    let end = json!({ "line": end.0, "character": end.1 });
    json!([{ "range": { "start": { "line": start.0, "character": start.1 }, "end": end }, "text": "X" }])
}

#[test]
fn positions_that_mean_nothing() {
    let rows = [
        ("start in the middle of a pair", range((0, 10), (0, 11))),
        ("end in the middle of a pair", range((0, 9), (0, 10))),
        ("reversed on a line", range((0, 5), (0, 2))),
        ("reversed over lines", range((1, 0), (0, 2))),
        ("negative line", range((-1, 0), (0, 0))),
        ("negative character", range((0, -1), (0, 0))),
        ("over u32", range((0, 0), (4_294_967_296, 0))),
        ("character over u32", range((0, 0), (0, 4_294_967_296))),
        ("i64 max", range((0, 0), (i64::MAX, i64::MAX))),
        (
            "a fraction",
            json!([{ "range": { "start": at(0, 0), "end": { "line": 0.5, "character": 0 } }, "text": "X" }]),
        ),
        (
            "words",
            json!([{ "range": { "start": "here", "end": "there" }, "text": "X" }]),
        ),
        (
            "no end",
            json!([{ "range": { "start": at(0, 0) }, "text": "X" }]),
        ),
        (
            "no text",
            json!([{ "range": { "start": at(0, 0), "end": at(0, 0) } }]),
        ),
        ("text a number", json!([{ "text": 7 }])),
        (
            "a good change, then a bad one",
            json!([{ "text": "Q" }, { "range": { "start": at(0, 1), "end": at(0, 0) }, "text": "X" }]),
        ),
        ("changes no list", json!({ "text": "X" })),
        ("nothing", Value::Null),
    ];
    for (name, changes) in rows {
        recovers_after(name, changes);
    }
}

#[test]
fn a_document_in_doubt_completes_nothing() {
    let mut server = Launch::new().start();
    let mut doc = Doc::open(
        &mut server,
        "file:///doubt/lib.rs",
        "rust",
        "let abc = 1;\nlet abc = 1;\nlet abc = 1;\nlet a$0",
    );
    let before = doc.text.clone();
    doc.change(&mut server, range((2, 3), (1, 0)));
    doc.text = before;
    assert_eq!(doc.complete(&mut server, 2), Vec::<Value>::new());
    let why = doc.why(&mut server);
    assert!(
        why["reason"].as_str().is_some_and(|r| !r.is_empty()),
        "{why}"
    );
    let asked = server.notification("agent/document/resync", |_| true);
    assert_eq!(asked["uri"], json!(doc.uri), "{asked}");
}

#[test]
fn huge_positions_are_clamped() {
    let mut server = Launch::new().start();
    let mut doc = Doc::open(&mut server, "file:///clamp/lib.rs", "rust", "one\ntwo\n$0");
    let max = u32::MAX as usize;
    let rows = [
        (at(0, max), at(0, max), "1", "one1\ntwo\n"),
        (at(max, 0), at(max, max), "2", "one1\ntwo\n2"),
        (at(2, 99), at(77, 3), "3", "one1\ntwo\n23"),
        (at(0, 2), at(1, max), "-", "on-\n23"),
        (at(0, 0), at(max, max), "", ""),
        (at(5, 5), at(5, 5), "z", "z"),
    ];
    for (start, end, with, expected) in rows {
        doc.text = expected.into();
        doc.change(
            &mut server,
            json!([{ "range": { "start": start, "end": end }, "text": with }]),
        );
        doc.assert_text(&mut server);
    }
}

#[test]
fn whole_and_incremental_changes_in_one_notification() {
    let mut server = Launch::new().start();
    let mut doc = Doc::open(&mut server, "file:///mixed/lib.rs", "rust", "old\n$0");
    doc.text = "a1\r\nbc2\n".into();
    let changes = json!([
        { "range": { "start": at(0, 0), "end": at(1, 0) }, "text": "gone" },
        { "text": "a\r\nb\n" },
        { "range": { "start": at(0, 1), "end": at(0, 1) }, "text": "1" },
        { "range": { "start": at(1, 1), "end": at(1, 1) }, "text": "c2" },
    ]);
    doc.change(&mut server, changes);
    doc.assert_text(&mut server);
    doc.change(&mut server, json!([]));
    doc.assert_text(&mut server);
}

#[test]
fn versions_may_jump_and_documents_come_back() {
    let mut server = Launch::new().start();
    let uri = "file:///versions/lib.rs";
    server.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": [{ "text": "never opened" }] }),
    );
    let mut doc = Doc::open(&mut server, uri, "rust", "first\n$0");
    doc.assert_text(&mut server);
    doc.version = 40;
    doc.type_text(&mut server, "jumped");
    doc.resend(&mut server);
    doc.assert_text(&mut server);
    doc.close(&mut server);
    assert!(
        server
            .try_request("agent/debug/assertText", doc.assert_params())
            .is_err(),
        "it is closed"
    );
    let mut again = Doc::open(&mut server, uri, "rust", "second\n$0");
    again.type_text(&mut server, "x");
    again.assert_text(&mut server);
    let twice = Doc::open(&mut server, uri, "rust", "opened twice\n$0");
    twice.assert_text(&mut server);
    drop(server.taken("agent/document/resync"));
}

#[test]
fn one_file_under_two_spellings() {
    let mut server = Launch::new().start();
    let rows = [
        ("file:///d/a%20b.rs", "file:///d/a b.rs"),
        ("file:///c%3A/x.rs", "file:///c:/x.rs"),
        ("file:///d/%C3%A9.rs", "file:///d/%c3%a9.rs"),
    ];
    for (one, other) in rows {
        let mut doc = Doc::open(&mut server, one, "rust", "text\n$0");
        doc.uri = other.into();
        doc.type_text(&mut server, "more");
        let seen = server.try_request("agent/debug/assertText", doc.assert_params());
        doc.uri = one.into();
        let first = server.try_request("agent/debug/assertText", doc.assert_params());
        let same = seen == Ok(Value::Null) && first == Ok(Value::Null);
        let apart = seen.is_err() && first.is_err();
        assert!(
            same || apart,
            "{one} and {other} are neither one document nor two: {seen:?} {first:?}"
        );
        assert!(same, "{one} and {other} name one file");
        doc.close(&mut server);
    }
    drop(server.taken("agent/document/resync"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_burst_of_documents_takes_few_threads() {
    let route = ScriptedRoute::instant("x");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let text = regular_rust(100);
    for n in 0..200 {
        Doc::open(&mut server, &format!("file:///many/d{n}.rs"), "rust", &text);
    }
    server.request("agent/status", Value::Null);
    let threads = std::fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
    let threads = threads.count();
    assert!(threads < 16, "{threads} threads");
}
