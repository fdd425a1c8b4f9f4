//! `nextline chat` from a shell: what is asked, what is printed, and the exit code of everything that can go wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

use nextline_tests::{Exchange, Scratch, ScriptedRoute, binary};
use serde_json::{Value, json};

/// A home whose routes `mock` (used for chat) and `other` are the script's.
fn home(route: &ScriptedRoute) -> Scratch {
    let home = Scratch::new();
    let table = |name: &str| {
        format!(
            "[routes.{name}]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m-{name}\"\n\
             timeouts = {{ connect_ms = 2000, first_byte_ms = 400, idle_ms = 400 }}\n",
            route.url()
        )
    };
    let text = format!(
        "[chat]\nroute = \"mock\"\n\n{}\n{}",
        table("mock"),
        table("other")
    );
    home.write(".config/nextline/config.toml", text);
    home
}

fn chat(home: &Scratch, args: &[&str]) -> Command {
    let mut command = binary::command(home.path());
    command.arg("chat").args(args).stdin(Stdio::null());
    command
}

fn fed(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn last_message(route: &ScriptedRoute) -> String {
    let body = route.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().clone();
    messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A stream with usage behind its end.
fn counted(mut exchange: Exchange, text: &str) {
    exchange.head(
        "200 OK",
        &[
            ("Content-Type", "text/event-stream"),
            ("x-request-id", "req-9"),
        ],
    );
    exchange.feed(text);
    let usage = json!({ "prompt_tokens": 120, "completion_tokens": 7, "prompt_tokens_details": { "cached_tokens": 100 } });
    let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let counts = json!({ "choices": [], "usage": usage });
    exchange.chunk(format!("data: {end}\n\ndata: {counts}\n\ndata: [DONE]\n\n").as_bytes());
    exchange.end_chunks();
}

const ODD: &str = "# Grüße \u{1f600}\n**bold** `a\\b`\r\n\n```rs\nlet a = 1;\n```";

#[test]
fn in_a_pipe_there_is_the_answer_alone() {
    let route = ScriptedRoute::instant(ODD);
    let home = home(&route);
    let output = chat(&home, &["-m", "hello"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(out(&output), format!("{ODD}\n"));
    assert!(err(&output).is_empty(), "{output:?}");
    let seen = &route.requests()[0];
    assert_eq!(seen.target, "/v1/chat/completions");
    let body = seen.json();
    assert_eq!(
        (&body["model"], &body["stream"]),
        (&json!("m-mock"), &json!(true))
    );
    assert_eq!(body["messages"][0]["role"], "system");
    assert_eq!(
        body["messages"][1],
        json!({ "role": "user", "content": "hello" })
    );
    assert_eq!(
        body["messages"].as_array().unwrap().len(),
        2,
        "no words in the model's mouth"
    );
    for absent in ["temperature", "top_p", "max_tokens"] {
        assert_eq!(body[absent], Value::Null, "{absent} is sent only if set");
    }
}

#[test]
fn standard_input_and_files_are_added() {
    let route = ScriptedRoute::instant("ok");
    let home = home(&route);
    home.write("src/a.rs", "fn a() {}\n");
    home.write("b.md", "```\ninner\n```\n");
    let args = ["-m", "why?", "--context-file", "src/a.rs", "b.md"];
    let output = fed(chat(&home, &args), "piped line\n");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let asked = last_message(&route);
    assert!(asked.ends_with("why?\n\npiped line\n"), "{asked}");
    assert!(
        asked.contains("`src/a.rs`:\n```rust\nfn a() {}\n```\n"),
        "{asked}"
    );
    assert!(
        asked.contains("`b.md`:\n````markdown\n```\ninner\n```\n````\n"),
        "{asked}"
    );
    let only = fed(chat(&home, &[]), "just this");
    assert_eq!(
        (only.status.code(), last_message(&route).as_str()),
        (Some(0), "just this")
    );
    let nothing = fed(chat(&home, &[]), " \n");
    assert_eq!(nothing.status.code(), Some(1));
    assert!(err(&nothing).contains("-m"), "{nothing:?}");
}

#[test]
fn the_result_object() {
    let route = ScriptedRoute::new(|exchange| counted(exchange, ODD));
    let home = home(&route);
    let args = ["-m", "x", "--route", "other", "--output-format", "json"];
    let output = chat(&home, &args).output().unwrap();
    let object: Value = serde_json::from_str(&out(&output)).unwrap();
    let wanted = json!({
        "text": ODD, "route": "other", "model": "m-other", "stop_reason": "end", "stop_reason_raw": "stop",
        "usage": { "input_tokens": 120, "output_tokens": 7, "cached_tokens": 100 },
        "cost_usd": null, "request_id": "req-9", "error": null,
    });
    assert_eq!((output.status.code(), object), (Some(0), wanted));
}

#[test]
fn a_stream_of_objects() {
    let route = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        for part in ["one ", "two\n", "three"] {
            exchange.feed(part);
        }
        exchange.finish();
    });
    let home = home(&route);
    let output = chat(&home, &["-m", "x", "--output-format", "stream-json"])
        .output()
        .unwrap();
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (object, deltas) = lines.split_last().unwrap();
    let text: String = deltas
        .iter()
        .map(|delta| delta["delta"].as_str().unwrap())
        .collect();
    assert_eq!(text, "one two\nthree");
    assert_eq!(
        (&object["text"], &object["usage"]["input_tokens"]),
        (&json!(text), &Value::Null)
    );
}

type Row = (
    &'static str,
    fn(Exchange),
    i32,
    &'static str,
    usize,
    &'static [&'static str],
);

/// What happens, how, the exit code, the kind of the error, how many requests, and what the message must name.
const FAULTS: &[Row] = &[
    (
        "401",
        |e| e.refuse("401 No", &[("x-request-id", "req-7")], "bad"),
        3,
        "auth",
        1,
        &["mock", "m-mock", "401", "req-7"],
    ),
    (
        "403",
        |e| e.refuse("403 No", &[], "no"),
        6,
        "forbidden",
        1,
        &["403"],
    ),
    (
        "404",
        |e| e.refuse("404 No", &[], "no"),
        6,
        "refused",
        1,
        &["404"],
    ),
    (
        "400",
        |e| e.refuse("400 No", &[], "no"),
        6,
        "refused",
        1,
        &["400"],
    ),
    (
        "429",
        |e| e.refuse("429 No", &[("Retry-After", "3600")], "no"),
        4,
        "rate_limited",
        1,
        &["429"],
    ),
    (
        "429 thrice",
        |e| e.refuse("429 No", &[("Retry-After", "0")], "no"),
        4,
        "rate_limited",
        3,
        &["429"],
    ),
    (
        "413",
        |e| e.refuse("413 No", &[], "no"),
        8,
        "too_long",
        1,
        &["413"],
    ),
    (
        "500 thrice",
        |e| e.refuse("500 No", &[], "no"),
        5,
        "overloaded",
        3,
        &["500"],
    ),
    (
        "cut",
        |mut e| {
            e.stream_head();
            e.feed("half");
            e.cut();
        },
        1,
        "cut",
        1,
        &["interrupted"],
    ),
    (
        "no end mark",
        |mut e| {
            e.stream_head();
            e.feed("half");
            e.end_chunks();
        },
        1,
        "cut",
        1,
        &["interrupted"],
    ),
    ("never", |e| e.stall(), 124, "timeout", 1, &["400 ms"]),
    (
        "stalled",
        |mut e| {
            e.stream_head();
            e.feed("half");
            e.stall();
        },
        124,
        "timeout",
        1,
        &["400 ms"],
    ),
    (
        "a page",
        |e| e.reply("200 OK", &[("Content-Type", "text/html")], b"<html>"),
        1,
        "bad_reply",
        1,
        &["page"],
    ),
];

#[test]
fn every_failure_has_its_exit_code_and_its_object() {
    for (name, script, code, kind, requests, words) in FAULTS {
        let route = ScriptedRoute::new(script);
        let home = home(&route);
        let output = chat(&home, &["-m", "x", "--output-format", "json"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(*code), "{name}: {output:?}");
        let object: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(object["error"]["kind"], *kind, "{name}: {object}");
        assert_eq!(route.count(), *requests, "{name}");
        let message = object["error"]["message"].as_str().unwrap();
        for word in *words {
            assert!(message.contains(word), "{name}: {message}");
        }
        let keys: Vec<&String> = object["error"].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["kind", "message", "request_id", "retry_at", "status"],
            "{name}"
        );
        assert_eq!(
            object["error"]["retry_at"].is_u64(),
            name.starts_with("429"),
            "{name}: {object}"
        );
        assert!(err(&output).contains(message), "{name}: {output:?}");
        let half = ["cut", "no end mark", "stalled"].contains(name);
        assert_eq!(object["text"], if half { "half" } else { "" }, "{name}");
        // The text that came stays on standard output as it is, and the trouble is on standard error.
        let plain = chat(&home, &["-m", "x"]).output().unwrap();
        assert_eq!(plain.status.code(), Some(*code), "{name}: {plain:?}");
        assert_eq!(out(&plain), if half { "half\n" } else { "" }, "{name}");
    }
}

#[test]
fn refused_connections_are_a_matter_of_the_network() {
    let home = Scratch::new();
    // Nobody listens there: a free port might be another test's a moment later.
    let closed = 1;
    let config = format!(
        "[chat]\nroute = \"r\"\n[routes.r]\nprovider = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:{closed}/v1\"\nmodel = \"m\"\n"
    );
    home.write(".config/nextline/config.toml", config);
    let output = chat(&home, &["-m", "x"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(err(&output).contains("route `r`"), "{output:?}");
}

#[test]
fn without_a_route_one_sentence_says_how() {
    let home = Scratch::new();
    for (args, code, words) in [
        (
            &["-m", "x"][..],
            2,
            &["[chat]", "routes.NAME", "config path"][..],
        ),
        (&["-m", "x", "--route", "none-such"], 2, &["none-such"]),
    ] {
        let output = chat(&home, args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(
            out(&output).is_empty() && err(&output).lines().count() == 1,
            "{output:?}"
        );
        for word in words {
            assert!(err(&output).contains(word), "{output:?}");
        }
        let output = chat(&home, &[args, &["--output-format", "json"]].concat())
            .output()
            .unwrap();
        let object: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(
            (&object["error"]["kind"], &object["route"]),
            (&json!("no_route"), &Value::Null)
        );
    }
}

#[test]
fn what_a_rule_keeps_here_does_not_leave() {
    let route = ScriptedRoute::instant("ok");
    let home = home(&route);
    home.write(".aiexclude", "private.rs\n");
    home.write("private.rs", "fn secret() {}");
    home.write(".env", "KEY=1");
    home.write("open.rs", "fn open() {}");
    for file in ["private.rs", ".env"] {
        let output = chat(&home, &["-m", "x", "--context-file", "open.rs", file])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(7), "{output:?}");
        assert!(err(&output).contains(file), "{output:?}");
    }
    assert_eq!(route.count(), 0);
}

#[test]
fn too_much_context_is_cut_and_asked_once_more() {
    let route = ScriptedRoute::new(|exchange| match exchange.number {
        0 => exchange.refuse("413 No", &[], "too long"),
        _ => exchange.answer("fits now"),
    });
    let home = home(&route);
    home.write("big.rs", "// a line of text\n".repeat(2000));
    home.write("small.rs", "fn small() {}\n");
    let args = ["-m", "x", "--context-file", "small.rs", "big.rs"];
    let output = chat(&home, &args).output().unwrap();
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(0), "fits now\n"),
        "{output:?}"
    );
    assert_eq!(route.count(), 2);
    assert!(
        last_message(&route).contains("fn small")
            && !last_message(&route).contains("a line of text")
    );
    assert!(err(&output).contains("big.rs was left out"), "{output:?}");
}

#[test]
#[cfg(unix)]
fn an_interrupt_hangs_up_and_keeps_what_came() {
    let (route, held) = ScriptedRoute::held();
    let home = home(&route);
    let mut child = chat(&home, &["-m", "x", "--output-format", "stream-json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("part");
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line, "{\"delta\":\"part\"}\n");
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let object: Value = serde_json::from_str(&rest).unwrap();
    assert_eq!(
        (&object["text"], &object["error"]["kind"]),
        (&json!("part"), &json!("interrupted"))
    );
    route.wait_aborted(0);
    drop(exchange);
}

#[test]
fn a_reader_that_leaves_ends_the_request() {
    let (route, held) = ScriptedRoute::held();
    let home = home(&route);
    let mut child = chat(&home, &["-m", "x"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut exchange = held.next();
    drop(child.stdout.take());
    exchange.stream_head();
    exchange.feed("nobody reads this");
    route.wait_aborted(0);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    drop(exchange);
}

#[test]
fn a_chat_is_gone_on_with() {
    let route = ScriptedRoute::instant("first answer");
    let home = home(&route);
    let none = chat(&home, &["-m", "x", "--resume"]).output().unwrap();
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    assert!(err(&none).contains("--resume"), "{none:?}");
    for args in [
        &["-m", "first question", "--route", "other"][..],
        &["-m", "second question", "--resume"],
    ] {
        let output = chat(&home, args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    let body = route.requests().last().unwrap().json();
    let said: Vec<&str> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .skip(1)
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["first question", "first answer", "second question"]);
    assert_eq!(body["model"], "m-other", "the chat keeps its route");
}

#[test]
fn a_dry_run_shows_what_is_sent_and_sends_nothing() {
    let route = ScriptedRoute::instant("ok");
    let home = home(&route);
    home.write("a.rs", "fn a() {}\n");
    let args = ["-m", "why?", "--context-file", "a.rs"];
    let dry = chat(&home, &[&args[..], &["--dry-run"]].concat())
        .output()
        .unwrap();
    assert_eq!(dry.status.code(), Some(0), "{dry:?}");
    assert_eq!(route.count(), 0);
    assert_eq!(chat(&home, &args).output().unwrap().status.code(), Some(0));
    let sent = String::from_utf8(route.requests()[0].body.clone()).unwrap();
    let shown = out(&dry);
    assert!(
        shown.starts_with(&format!("POST {}/v1/chat/completions\n", route.url())),
        "{shown}"
    );
    assert_eq!(shown.trim_end().lines().last(), Some(sent.as_str()));
    let json = chat(
        &home,
        &[&args[..], &["--dry-run", "--output-format", "json"]].concat(),
    );
    let mut json = json;
    let object: Value = serde_json::from_str(&out(&json.output().unwrap())).unwrap();
    assert_eq!(
        (&object["method"], &object["body"]),
        (&json!("POST"), &json!(sent))
    );
}
