//! A real llama.cpp server with a real model: streaming, a prompt cache that serves the next keystroke, cancel by disconnect, a window
//! that overflows, and a model that fills no holes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::llama::WINDOW;
use nextline_tests::{Doc, Launch, Llama, Server, binary, wait};
use serde_json::{Value, json};

/// A server of ours whose route leads here; `extra` goes over the route's settings.
fn ours(llama: &Llama, extra: Value) -> Server {
    let mut route = json!({
        "provider": "llama-cpp",
        "base_url": llama.url(),
        "model": "smollm2",
        "fim": "qwen-coder",
        "temperature": 0.0,
        "timeouts": {"first_byte_ms": 60_000, "idle_ms": 60_000, "total_ms": 60_000},
    });
    for (key, value) in extra.as_object().unwrap() {
        route[key] = value.clone();
    }
    let options = json!({
        "completion": {"route": "mock", "fallback": "none", "throttle_ms": 0, "max_tokens": 24, "multiline": "always"},
        "routes": {"mock": route},
    });
    Launch::new().options(options).start()
}

/// Code of about so many lines, all different.
fn code(lines: usize) -> String {
    let line =
        |number: usize| format!("def total_{number}(a, b):\n    return a + b * {number}\n\n");
    (0..lines / 3).map(line).collect()
}

fn open(server: &mut Server, drawn: &str) -> Doc {
    Doc::open(server, "file:///llama/a.py", "python", drawn)
}

/// The last row of the ledger that came to an answer.
fn row(server: &Server) -> Value {
    wait::until("a row of the ledger", || {
        let output = binary::command(server.home().path())
            .args(["sent", "--last", "--json"])
            .output()
            .unwrap();
        let rows: Value = serde_json::from_slice(&output.stdout).ok()?;
        let row = rows.get(0).unwrap_or(&rows).clone();
        row["input_tokens"].is_u64().then_some(row)
    })
}

#[test]
fn the_next_keystroke_is_served_from_the_prompt_cache() {
    let Some(llama) = Llama::start() else { return };
    let mut server = ours(&llama, json!({"context_tokens": 1024}));
    let mut doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    retur$0\n", code(60)),
    );
    doc.complete(&mut server, 1);
    let first = row(&server);
    doc.type_text(&mut server, "n");
    doc.complete(&mut server, 1);
    let second = wait::until("the second row", || {
        Some(row(&server)).filter(|second| second != &first)
    });
    let tokens = |row: &Value, key: &str| row[key].as_u64().unwrap_or_default();
    let (input, cached) = (
        tokens(&second, "input_tokens"),
        tokens(&second, "cached_tokens"),
    );
    println!("{cached} of {input} tokens of the second prompt came from the cache");
    assert!(input > 200, "{second}");
    assert!(cached * 10 >= input * 8, "{cached} of {input}: {second}");
}

#[test]
fn a_cancelled_request_stops_the_model() {
    let Some(llama) = Llama::start() else { return };
    let mut server = ours(&llama, json!({"max_output_tokens": 1500}));
    server.configure(json!({"completion": {"max_tokens": 1500}}));
    let doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    $0\n", code(30)),
    );
    let asked = doc.ask(&mut server, 1);
    llama.wait_working();
    server.cancel(&asked);
    assert_eq!(server.answer(&asked).unwrap_err().code, -32800);
    llama.wait_resting();
}

#[test]
fn a_window_that_overflows_is_asked_once_more_with_less() {
    let Some(llama) = Llama::start() else { return };
    // A third of it fits, and all of it does not.
    let mut server = ours(&llama, json!({"context_tokens": WINDOW * 3 / 2}));
    let doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    return $0\n", code(600)),
    );
    doc.complete(&mut server, 1);
    let why = doc.why(&mut server);
    assert_ne!(why["reason"], "route_failed", "{why}");
    assert!(row(&server)["input_tokens"].as_u64().unwrap() > 200);
}

#[test]
fn a_model_that_fills_no_holes_says_so_with_the_mend() {
    let Some(llama) = Llama::start() else { return };
    let mut server = ours(&llama, json!({"fim": "auto"}));
    let doc = open(&mut server, "def total(a, b):\n    return $0\n");
    assert!(doc.complete(&mut server, 1).is_empty());
    let why = doc.why(&mut server);
    assert_eq!(why["reason"], "route_failed", "{why}");
    let detail = why["detail"].as_str().unwrap();
    assert!(detail.contains("fim"), "{detail}");
}
