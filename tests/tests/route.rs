//! The `openai-compatible` route with a model that behaves: what is asked, where the key goes, what is made of the answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::accepted;
use nextline_tests::samples::learnable;
use nextline_tests::scripted::event;
use nextline_tests::{Doc, Encoding, Launch, ScriptedRoute, wait};
use serde_json::{Value, json};

mod routed;
use routed::{line, no_dialog, open, with_route};

#[test]
fn a_streamed_answer_with_the_text_on_both_sides() {
    let route = ScriptedRoute::instant("gauge(\"depth\");");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server);
    assert_eq!(
        line(&doc, &mut server),
        "    let counter = registry.gauge(\"depth\");"
    );
    let seen = &route.requests()[0];
    assert_eq!(
        (seen.method.as_str(), seen.target.as_str()),
        ("POST", "/v1/completions")
    );
    assert!(
        seen.prompt().ends_with("let counter = registry."),
        "{:?}",
        seen.prompt()
    );
    assert!(seen.suffix().starts_with("\n}"), "{:?}", seen.suffix());
    let body = seen.json();
    assert_eq!(
        (&body["model"], &body["stream"]),
        (&json!("m"), &json!(true))
    );
    assert_eq!(body["max_tokens"], 128);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert!(
        seen.header("authorization").is_none(),
        "no key, no header: {:?}",
        seen.headers
    );
    no_dialog(&server);
}

#[test]
fn one_connection_serves_many_requests() {
    let route = ScriptedRoute::instant("gauge(1);");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    for _ in 0..20 {
        doc.type_text(&mut server, "a");
        assert_ne!(line(&doc, &mut server), "");
    }
    // An answer is whole before its connection is free again, so a quick next request may open a second one.
    assert_eq!(route.count(), 20);
    assert!(
        route.connections() <= 10,
        "{} connections for 20 requests",
        route.connections()
    );
}

#[test]
fn a_quick_route_is_asked_for_lines_in_one_piece_until_one_fails() {
    let route = ScriptedRoute::new(|exchange| match exchange.seen.json()["stream"] == false {
        true => exchange.cut(),
        false => exchange.answer("gauge(3);"),
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let asked = || -> Vec<Value> {
        let requests = route.requests();
        requests
            .iter()
            .map(|seen| seen.json()["stream"].clone())
            .collect()
    };
    // A busy machine may need some answers until one comes in less time than a key.
    for _ in 0..100 {
        let line = line(&doc, &mut server);
        assert!(line.ends_with("gauge(3);"), "{line:?}");
        if asked().contains(&json!(false)) {
            break;
        }
        doc.type_text(&mut server, "a");
    }
    let asked = asked();
    assert_eq!(asked[0], true, "nothing is known of a route before");
    assert_eq!(asked[asked.len() - 2..], [json!(false), json!(true)]);
}

#[test]
fn a_plain_answer_is_read_too() {
    let route = ScriptedRoute::new(|exchange| {
        let body =
            json!({ "choices": [{ "index": 0, "text": "gauge(2);", "finish_reason": "stop" }] })
                .to_string();
        exchange.reply(
            "200 OK",
            &[("Content-Type", "application/json")],
            body.as_bytes(),
        );
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = open(&mut server);
    assert_eq!(
        line(&doc, &mut server),
        "    let counter = registry.gauge(2);"
    );
}

#[test]
fn a_chat_model_fills_the_hole() {
    let route = ScriptedRoute::instant("gauge(3);");
    let mut server = Launch::new()
        .route(&route, with_route(json!({ "fim": "chat" })))
        .start();
    let doc = open(&mut server);
    assert_eq!(
        line(&doc, &mut server),
        "    let counter = registry.gauge(3);"
    );
    let seen = &route.requests()[0];
    assert_eq!(seen.target, "/v1/chat/completions");
    let messages = seen.json()["messages"].as_array().cloned().unwrap();
    assert_eq!(
        messages.last().unwrap()["role"],
        "user",
        "no text is put into the model's mouth"
    );
}

#[test]
fn a_family_by_its_name_gets_its_tokens() {
    let route = ScriptedRoute::instant("gauge(4);");
    let extra = with_route(json!({ "fim": "auto", "model": "qwen2.5-coder-1.5b" }));
    let mut server = Launch::new().route(&route, extra).start();
    let drawn = learnable().replace(
        "pub fn handle_new",
        "// <|fim_middle|> typed by hand\npub fn handle_new",
    );
    let doc = Doc::open(&mut server, "file:///route/lib.rs", "rust", &drawn);
    assert_eq!(
        line(&doc, &mut server),
        "    let counter = registry.gauge(4);"
    );
    let seen = &route.requests()[0];
    let prompt = seen.prompt();
    assert_eq!(seen.target, "/v1/completions");
    assert!(
        prompt.contains("<|fim_prefix|>") && prompt.contains("<|fim_suffix|>"),
        "{prompt:?}"
    );
    assert!(prompt.ends_with("<|fim_middle|>"), "{prompt:?}");
    assert_eq!(
        prompt.matches("<|fim_middle|>").count(),
        1,
        "the user's own text holds no control tokens"
    );
    assert_eq!(seen.json()["suffix"], Value::Null);
}

/// A good stream with oddities that the standard allows.
fn odd_stream() -> Vec<u8> {
    let target = "/v1/completions";
    let events = [
        "\u{feff}: a comment\r\n\r\n".to_owned(),
        event(target, "gauge(\"", None).replace("\n\n", "\r\n\r\n"),
        "event: message\nid: 7\nretry: 10\n".to_owned() + &event(target, "grün \u{1d4b3}", None),
        event(target, "\u{1f600}\", ", None).replace("data: ", "data:"),
        ": keep-alive\n\n".to_owned(),
        event(target, "5);", None),
        event(target, "", Some("stop")),
        "data: [DONE]\n\n".to_owned(),
    ];
    events.concat().into_bytes()
}

#[test]
fn a_stream_split_at_every_byte_is_the_same_text() {
    let stream = odd_stream();
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let start = doc.cursor;
    for at in 0..=stream.len() {
        doc.replace(&mut server, start, doc.cursor, &format!("v{at}.")[..]);
        let id = doc.ask(&mut server, 1);
        let mut exchange = held.next();
        exchange.stream_head();
        let (one, two) = stream.split_at(at);
        for part in [one, two].into_iter().filter(|part| !part.is_empty()) {
            exchange.chunk(part);
        }
        exchange.end_chunks();
        let found = nextline_tests::doc::items(server.answer(&id).unwrap());
        let read = found
            .first()
            .map(|item| accepted(&doc, item))
            .unwrap_or_default();
        let expected =
            format!("    let counter = registry.v{at}.gauge(\"grün \u{1d4b3}\u{1f600}\", 5);");
        assert_eq!(read, expected, "split at byte {at} of {}", stream.len());
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let other = ScriptedRoute::instant("stolen();");
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let target = format!("{}/v1/completions", other.url());
        let route = ScriptedRoute::new(move |e| e.reply(status, &[("Location", &target)], b""));
        let launch = Launch::new()
            .env("THE_KEY", "sk-a-made-up-key")
            .route(&route, with_route(json!({ "api_key_env": "THE_KEY" })));
        let mut server = launch.start();
        let doc = open(&mut server);
        assert_eq!(line(&doc, &mut server), "", "{status}");
        let why = doc.why(&mut server);
        let port = other.port().to_string();
        assert!(
            why["detail"].as_str().unwrap().contains(&port),
            "the target is named: {why}"
        );
    }
    assert_eq!(other.connections(), 0, "not one byte there");
}

#[test]
fn a_key_goes_to_its_own_origin_only() {
    let (one, two) = (
        ScriptedRoute::instant("gauge(1);"),
        ScriptedRoute::instant("gauge(2);"),
    );
    let key = "sk-a-made-up-key";
    let routes = json!({
        "completion": { "route": "one" },
        "routes": {
            "one": { "provider": "openai-compatible", "base_url": format!("{}/v1", one.url()), "model": "m", "fim": "suffix",
                     "api_key_env": "THE_KEY" },
            "two": { "provider": "openai-compatible", "base_url": format!("{}/v1", two.url()), "model": "m", "fim": "suffix" },
        },
    });
    let foreign = "sk-of-another-vendor";
    let launch = Launch::new()
        .env("THE_KEY", key)
        .env("OPENAI_API_KEY", foreign)
        .env("NEXTLINE_LOG", "trace");
    let mut server = launch.route(&one, routes.clone()).start();
    let doc = open(&mut server);
    assert_ne!(line(&doc, &mut server), "");
    assert_eq!(
        one.requests()[0].header("authorization"),
        Some("Bearer sk-a-made-up-key")
    );
    let mut moved = routes;
    moved["completion"]["route"] = json!("two");
    server.configure(moved);
    wait::until("the other route is asked", || {
        let _ = line(&doc, &mut server);
        (two.count() > 0).then_some(())
    });
    for seen in two.requests() {
        assert!(seen.header("authorization").is_none(), "{:?}", seen.headers);
    }
    for seen in one.requests().iter().chain(&two.requests()) {
        assert!(!seen.everything().contains(foreign));
    }
    let said = server.stderr() + &format!("{:?}", server.taken("window/logMessage"));
    assert!(
        !said.contains(key) && !said.contains(foreign),
        "a key in the log"
    );
}

#[test]
fn what_the_model_says_too_much_is_trimmed() {
    let answers = [
        ("```rust\ngauge(1);\n```", "gauge(1);"),
        ("gauge(1);\n}\n\nfn next() {\n", "gauge(1);"),
        ("gauge(1);<|endoftext|>", "gauge(1);"),
    ];
    let mut wrong = Vec::new();
    for (said, expected) in answers {
        let route = ScriptedRoute::instant(said);
        let model = json!({ "fim": "auto", "model": "qwen2.5-coder-7b" });
        let extra = json!({ "completion": { "multiline": "never" }, "routes": { "mock": model } });
        let mut server = Launch::new().route(&route, extra).start();
        let doc = open(&mut server);
        let read = line(&doc, &mut server);
        if read != format!("    let counter = registry.{expected}") {
            wrong.push(format!("{said:?} gave {read:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_line_that_is_whole_is_not_waited_for() {
    let (route, held) = ScriptedRoute::held();
    let mut server = Launch::new()
        .route(&route, json!({ "completion": { "multiline": "never" } }))
        .start();
    let doc = open(&mut server);
    let id = doc.ask(&mut server, 1);
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("gauge(1);\n    let more");
    let found = nextline_tests::doc::items(server.answer(&id).unwrap());
    assert_eq!(
        accepted(&doc, &found[0]),
        "    let counter = registry.gauge(1);"
    );
    route.wait_aborted(exchange.number);
}

#[test]
fn positions_in_every_encoding() {
    for encoding in Encoding::ALL {
        let route = ScriptedRoute::instant("gauge(1);");
        let mut server = Launch::new()
            .encoding(encoding)
            .route(&route, Value::Null)
            .start();
        let drawn = "fn f() {\n    /* \u{1f600}é中 */ let c = registry.$0\n}\n";
        let doc = Doc::open_in(
            &mut server,
            encoding,
            "file:///route/wide.rs",
            "rust",
            drawn,
        );
        let read = line(&doc, &mut server);
        assert_eq!(
            read, "    /* \u{1f600}é中 */ let c = registry.gauge(1);",
            "{encoding:?}"
        );
        assert!(
            route.requests()[0]
                .prompt()
                .ends_with("中 */ let c = registry."),
            "{encoding:?}"
        );
    }
}
