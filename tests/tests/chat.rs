//! `nextline chat` from a shell: what is asked, what is printed, and the exit code of everything that can go wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use nextline_tests::shell::{chat, chat_home, err, fed, last_message, out};
use nextline_tests::{Exchange, ScriptedRoute};
use serde_json::{Value, json};

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
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("-m"), "{nothing:?}");
}

#[test]
fn the_result_object() {
    let route = ScriptedRoute::new(|exchange| counted(exchange, ODD));
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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

#[test]
fn what_a_rule_keeps_here_does_not_leave() {
    let route = ScriptedRoute::instant("ok");
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
    let home = chat_home(&route);
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
