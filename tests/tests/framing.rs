//! Frames that are broken, cut, merged or huge, and a client that does not read: the server recovers, or says one clear
//! line and exits with 1.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::random::Random;
use nextline_tests::{Doc, Launch, Server, frame, wait};
use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Then {
    /// The stream goes on, and the probe behind the bad bytes must be answered.
    Recovers,
    /// It may recover or end; the probe is sent behind the bad bytes.
    Either,
    /// It can only end; the probe is sent all the same.
    Ends,
    /// The client closes stdin behind the bad bytes.
    AtEnd,
}
use Then::{AtEnd, Either, Ends, Recovers};

const STATUS: &str = r#"{"jsonrpc":"2.0","method":"$/nothing"}"#;

fn headed(header: &str) -> Vec<u8> {
    format!("{header}\r\n\r\n{STATUS}").into_bytes()
}

fn broken() -> Vec<(&'static str, Vec<u8>, Then)> {
    let n = STATUS.len();
    let long = |bytes: usize| format!("X-Long: {}\r\nContent-Length: {n}", "x".repeat(bytes));
    let many: String = (0..4000).map(|i| format!("X-{i}: y\r\n")).collect();
    let over = (64 << 20) + 1;
    let mut huge = format!("Content-Length: {over}\r\n\r\n").into_bytes();
    huge.resize(huge.len() + over, b' ');
    vec![
        ("no Content-Length", headed("Content-Type: x"), Ends),
        (
            "nothing but a blank header block",
            b"\r\n\r\n".to_vec(),
            Either,
        ),
        ("negative", headed("Content-Length: -5"), Ends),
        (
            "plus sign",
            headed(&format!("Content-Length: +{n}")),
            Either,
        ),
        (
            "u64 max",
            headed("Content-Length: 18446744073709551615"),
            Ends,
        ),
        (
            "over u64",
            headed("Content-Length: 184467440737095516150"),
            Ends,
        ),
        ("10 GB", headed("Content-Length: 10000000000"), Ends),
        ("letters", headed("Content-Length: abc"), Ends),
        ("hexadecimal", headed("Content-Length: 0x26"), Ends),
        ("a fraction", headed("Content-Length: 38.0"), Ends),
        ("nothing behind the colon", headed("Content-Length:"), Ends),
        ("no colon", headed(&format!("Content-Length {n}")), Ends),
        (
            "two that agree",
            headed(&format!("Content-Length: {n}\r\nContent-Length: {n}")),
            Either,
        ),
        (
            "two that disagree",
            headed(&format!("Content-Length: {n}\r\nContent-Length: 3")),
            Ends,
        ),
        ("a list", headed(&format!("Content-Length: {n}, {n}")), Ends),
        ("header of 20 KB", headed(&long(20_000)), Ends),
        ("header of 8 KB", headed(&long(8_000)), Recovers),
        (
            "4,000 headers",
            headed(&format!("{many}Content-Length: {n}")),
            Ends,
        ),
        ("header without an end", vec![b'x'; 40_000], Ends),
        (
            "line feeds only",
            format!("Content-Length: {n}\n\n{STATUS}").into_bytes(),
            Either,
        ),
        (
            "lower case",
            headed(&format!("content-length: {n}")),
            Recovers,
        ),
        (
            "spaces around",
            headed(&format!("Content-Length:   {n}  ")),
            Either,
        ),
        (
            "Content-Type as the standard has it",
            headed(&format!(
                "Content-Length: {n}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8"
            )),
            Recovers,
        ),
        (
            "charset utf8 of old clients",
            headed(&format!(
                "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: {n}"
            )),
            Recovers,
        ),
        (
            "an odd charset",
            headed(&format!(
                "Content-Type: text/plain; charset=klingon\r\nContent-Length: {n}"
            )),
            Either,
        ),
        (
            "a header with bytes that are no text",
            [
                b"X-\xff\xfe: \x00\r\n".to_vec(),
                headed(&format!("Content-Length: {n}")),
            ]
            .concat(),
            Either,
        ),
        (
            "length zero",
            b"Content-Length: 0\r\n\r\n".to_vec(),
            Recovers,
        ),
        (
            "too short a length",
            headed(&format!("Content-Length: {}", n - 5)),
            Either,
        ),
        ("64 MB and one byte, all there", huge, Either),
        (
            "64 MB and one byte, never there",
            format!("Content-Length: {over}\r\n\r\n{{").into_bytes(),
            AtEnd,
        ),
        (
            "too long a length",
            headed(&format!("Content-Length: {}", n + 50)),
            AtEnd,
        ),
        ("the end inside of a header", b"Content-Le".to_vec(), AtEnd),
        (
            "the end behind a header",
            format!("Content-Length: {n}\r\n").into_bytes(),
            AtEnd,
        ),
        (
            "the end before a body",
            format!("Content-Length: {n}\r\n\r\n").into_bytes(),
            AtEnd,
        ),
        (
            "the end inside of a body",
            format!("Content-Length: {n}\r\n\r\n{}", &STATUS[..10]).into_bytes(),
            AtEnd,
        ),
        (
            "plain text",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            Ends,
        ),
    ]
}

/// True when the probe was answered, false when the process ended.
fn outcome(server: &mut Server, name: &str, probe: &Value) -> bool {
    wait::until(&format!("{name}: neither an answer nor an end"), || {
        if server.answered(probe) {
            return Some(true);
        }
        server.ended().map(|_| false)
    })
}

#[test]
fn broken_frames() {
    let rows = broken();
    assert!(rows.len() >= 21);
    let mut wrong = Vec::new();
    for (name, bytes, then) in rows {
        let mut server = Launch::new().start();
        server.request("agent/status", json!({}));
        let said_before = server.stderr().lines().count();
        server.send_bytes(bytes);
        let probe = json!("probe");
        if then == AtEnd {
            server.close_stdin();
        } else {
            server.ask_as(&probe, "agent/status", json!({}));
        }
        if let Err(why) = judge(&mut server, name, then, &probe, said_before) {
            wrong.push(format!("{name}: {why}"));
            server.kill();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(
    server: &mut Server,
    name: &str,
    then: Then,
    probe: &Value,
    said_before: usize,
) -> Result<(), String> {
    if then != AtEnd && outcome(server, name, probe) {
        let _ = server.answer(probe);
        server.forget_faults_without_id();
        return if then == Ends {
            Err("it read on, from where?".into())
        } else {
            Ok(())
        };
    }
    let code = server.wait_exit().code();
    let said = wait::until(&format!("{name}: a line on stderr"), || {
        let lines: Vec<_> = server
            .stderr()
            .lines()
            .skip(said_before)
            .map(str::to_owned)
            .collect();
        (!lines.is_empty()).then_some(lines)
    });
    match () {
        () if then == Recovers => Err(format!("it ended: {said:?}")),
        () if code != Some(1) => Err(format!("exit code {code:?}: {said:?}")),
        () if said.len() != 1 => Err(format!("one line on stderr, not {said:?}")),
        () => Ok(()),
    }
}

fn opened() -> (Server, Doc) {
    let mut server = Launch::new().start();
    let doc = Doc::open(
        &mut server,
        "file:///frames/lib.rs",
        "rust",
        "fn main() {$0}\n",
    );
    (server, doc)
}

#[test]
fn one_byte_a_write() {
    let (mut server, doc) = opened();
    for number in 0..5 {
        let id = json!(format!("slow {number}"));
        server.expect_answer(&id);
        let params = doc.assert_params();
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": "agent/debug/assertText", "params": params });
        server.send_dribble(frame::message(&message));
        assert_eq!(server.answer(&id), Ok(Value::Null));
    }
}

#[test]
fn two_hundred_messages_in_one_write() {
    let (mut server, doc) = opened();
    let mut bytes = Vec::new();
    for id in 0..200 {
        let id = json!(format!("many {id}"));
        server.expect_answer(&id);
        let params = doc.assert_params();
        bytes.extend(frame::message(&json!({ "jsonrpc": "2.0", "id": id, "method": "agent/debug/assertText", "params": params })));
    }
    server.send_bytes(bytes);
    for id in 0..200 {
        assert_eq!(server.answer(&json!(format!("many {id}"))), Ok(Value::Null));
    }
}

#[test]
fn a_client_that_does_not_read_for_a_while() {
    let (mut server, mut doc) = opened();
    server.request("agent/status", json!({}));
    server.hold();
    let mut ids = Vec::new();
    for number in 0..4000 {
        if number % 10 == 0 {
            doc.type_text(&mut server, "x");
        }
        ids.push(server.ask("agent/debug/assertText", doc.assert_params()));
    }
    // Until everything is taken, or the server has stopped taking: its outbox is bounded.
    let (mut before, mut still) = (usize::MAX, 0);
    wait::until("stdin comes to rest", || {
        let now = server.written();
        still = if now == before { still + 1 } else { 0 };
        before = now;
        (still > 100).then_some(())
    });
    server.resume();
    for id in ids {
        assert_eq!(
            server.answer(&id),
            Ok(Value::Null),
            "every request sees its own text"
        );
    }
    doc.assert_text(&mut server);
}

#[test]
fn ten_thousand_changes_in_one_notification() {
    let (mut server, mut doc) = opened();
    let changes: Vec<Value> = (0..10_000)
        .map(|n| {
            let at = json!({ "line": 0, "character": 11 });
            json!({ "range": { "start": at, "end": at }, "text": if n % 3 == 0 { "ab" } else { "c" } })
        })
        .collect();
    let inserted: String = (0..10_000)
        .rev()
        .map(|n| if n % 3 == 0 { "ab" } else { "c" })
        .collect();
    doc.text.insert_str(11, &inserted);
    doc.change(&mut server, Value::Array(changes));
    doc.assert_text(&mut server);
}

/// Good and bad messages in any order: every id that was accepted has exactly one answer, the others none. The count is
/// checked when the server is dropped.
#[test]
fn exactly_one_answer_an_id_in_any_order() {
    let (mut server, mut doc) = opened();
    let seed = 11;
    let mut random = Random::new(seed);
    let mut due = Vec::new();
    for _ in 0..2_000 {
        match random.below(8) {
            0 => doc.type_text(
                &mut server,
                random.pick::<&str>(&["a", "(", ";\n", "é", "\u{1f600}"]),
            ),
            1 => due.push(server.ask("agent/debug/assertText", doc.assert_params())),
            2 => due.push(server.ask("textDocument/fly", json!({ "n": random.below(9) }))),
            3 => due.push(server.ask("agent/why", json!({}))),
            4 => {
                let id = doc.ask(&mut server, 2);
                if random.one_in(2) {
                    server.cancel(&id);
                }
                due.push(id);
            }
            5 => server.cancel(&json!(random.below(3_000))),
            6 => server.notify("$/nothing", json!([random.below(9)])),
            _ => {
                server.expect_answer(&Value::Null);
                due.push(Value::Null);
                server.send_bytes(frame::around(random.pick::<&[u8]>(&[
                    &b"{"[..],
                    b"[]",
                    b"7",
                    b"\xff",
                ])));
            }
        }
    }
    for id in due {
        let _ = server.answer_message(&id);
    }
    doc.assert_text(&mut server);
}
