//! `nextline chat` from a shell when something goes wrong: the exit code, the object and the sentence of every failure.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::shell::{chat, chat_home, err, out};
use nextline_tests::{Exchange, Scratch, ScriptedRoute};
use serde_json::{Value, json};

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
        let home = chat_home(&route);
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
        let mut keys: Vec<&String> = object["error"].as_object().unwrap().keys().collect();
        keys.sort();
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

/// Prices for the two models of [`chat_home`]: a dollar for a thousand tokens.
fn priced(route: &ScriptedRoute) -> Scratch {
    let home = chat_home(route);
    let file = home.path().join(".config/nextline/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let prices = "[models.\"m-mock\"]\ninput_usd = 1000.0\noutput_usd = 1000.0\n";
    home.write(".config/nextline/config.toml", format!("{text}\n{prices}"));
    home
}

#[test]
fn what_would_cost_too_much_is_not_asked_or_hung_up_on() {
    let route = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        // The first one is more than a connection holds by itself: who hangs up is noticed.
        let words = if exchange.number == 0 { 400_000 } else { 4_000 };
        for _ in 0..words {
            exchange.feed("word ");
        }
        exchange.finish();
    });
    let home = priced(&route);
    let ask = |most: &str, more: &[&str]| {
        let args = [&["-m", "x", "--max-cost", most], more].concat();
        chat(&home, &args).output().unwrap()
    };
    let output = ask("0.001", &[]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(err(&output).contains("nothing was sent"), "{output:?}");
    assert_eq!(route.count(), 0);
    let output = ask("2", &["--output-format", "json"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let object: Value = serde_json::from_str(&out(&output)).unwrap();
    let text = object["text"].as_str().unwrap();
    assert!(!text.is_empty() && text.len() < 15_000, "{}", text.len());
    assert_eq!(object["error"]["kind"], "budget", "{object}");
    route.wait_aborted(0);
    let output = ask("100", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // What nobody knows the price of is not asked under a limit.
    let output = ask("100", &["--route", "other"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(err(&output).contains("[models.\"m-other\"]"), "{output:?}");
    assert_eq!(route.count(), 2);
}
