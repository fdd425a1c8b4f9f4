//! The `openai-compatible` route against a model that does everything wrong that a model can do: ghost text is right, or
//! comes from the embedded model, or is absent with a reason; never a dialog, never a hang.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::accepted;
use nextline_tests::samples::{NEXT_LINE, learnable};
use nextline_tests::scripted::event;
use nextline_tests::{Doc, Encoding, Exchange, Launch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

/// Deadlines that let a stalled route fail soon.
fn hasty() -> Value {
    json!({ "timeouts": { "connect_ms": 300, "first_byte_ms": 200, "idle_ms": 200, "total_ms": 600 } })
}

fn with_route(extra: Value) -> Value {
    json!({ "routes": { "mock": extra } })
}

fn backed() -> Value {
    json!({ "completion": { "fallback": "local" }, "routes": { "mock": hasty() } })
}

fn open(server: &mut Server) -> Doc {
    Doc::open(server, "file:///route/lib.rs", "rust", &learnable())
}

/// One invoked completion, and the line as it would read; empty when there is none.
fn line(doc: &Doc, server: &mut Server) -> String {
    doc.complete(server, 1)
        .first()
        .map(|item| accepted(doc, item))
        .unwrap_or_default()
}

fn no_dialog(server: &Server) {
    assert!(
        server.client().dialogs().is_empty(),
        "{:?}",
        server.client().asked
    );
}

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

/// What a bad model does; `Exchange` methods take it by value.
type Fault = (&'static str, fn(Exchange));

fn faults() -> Vec<Fault> {
    fn html(exchange: Exchange) {
        exchange.reply(
            "200 OK",
            &[("Content-Type", "text/html")],
            b"<html><body>Please log in</body></html>",
        );
    }
    fn json_reply(exchange: Exchange, body: &[u8]) {
        exchange.reply("200 OK", &[("Content-Type", "application/json")], body);
    }
    fn half_head(mut exchange: Exchange) {
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Ty");
        exchange.stall();
    }
    fn stalls_in_the_middle(mut exchange: Exchange) {
        exchange.stream_head();
        exchange.feed("gau");
        exchange.stall();
    }
    fn pings_for_ever(mut exchange: Exchange) {
        exchange.stream_head();
        for _ in 0..40 {
            exchange.chunk(b": ping\n\n");
        }
        exchange.stall();
    }
    fn cut_in_an_event(mut exchange: Exchange) {
        exchange.stream_head();
        exchange.chunk(b"data: {\"choices\":[{\"index\":0,\"te");
        exchange.cut();
    }
    fn ends_without_its_mark(mut exchange: Exchange) {
        exchange.stream_head();
        exchange.feed("wrong(");
        exchange.end_chunks();
    }
    fn error_in_the_stream(mut exchange: Exchange) {
        exchange.stream_head();
        exchange.chunk(b"data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n");
        exchange.end_chunks();
    }
    fn bad_chunk(mut exchange: Exchange) {
        exchange.stream_head();
        exchange.raw(b"zz\r\nnonsense\r\n");
        exchange.stall();
    }
    fn nonsense(mut exchange: Exchange) {
        exchange.raw(b"SSH-2.0-OpenSSH\r\n\r\n");
        exchange.cut();
    }
    fn header_bomb(mut exchange: Exchange) {
        exchange.raw(b"HTTP/1.1 200 OK\r\n");
        for n in 0..2_000 {
            exchange.raw(format!("X-{n}: {}\r\n", "y".repeat(500)).as_bytes());
        }
        exchange.stall();
    }
    fn one_endless_event(mut exchange: Exchange) {
        exchange.stream_head();
        for _ in 0..40 {
            exchange.chunk(&[b'x'; 1 << 16]);
        }
        exchange.stall();
    }
    vec![
        ("400", |e| e.refuse("400 Bad Request", &[], "no such thing")),
        ("403", |e| e.refuse("403 Forbidden", &[], "not you")),
        ("404", |e| e.refuse("404 Not Found", &[], "no model m")),
        ("413", |e| {
            e.refuse("413 Payload Too Large", &[], "too long")
        }),
        ("429 with a wait", |e| {
            e.refuse(
                "429 Too Many Requests",
                &[("Retry-After", "3600")],
                "slow down",
            )
        }),
        ("429 with nonsense", |e| {
            e.refuse(
                "429 Too Many Requests",
                &[("Retry-After", "soon")],
                "slow down",
            )
        }),
        ("500", |e| {
            e.refuse("500 Internal Server Error", &[], "oops")
        }),
        ("503", |e| e.refuse("503 Service Unavailable", &[], "busy")),
        ("204", |e| e.reply("204 No Content", &[], b"")),
        ("a web page", html),
        ("a web page as an error", |e| {
            e.reply(
                "502 Bad Gateway",
                &[("Content-Type", "text/html")],
                b"<html>bad</html>",
            )
        }),
        ("an empty body", |e| json_reply(e, b"")),
        ("half of a body", |e| json_reply(e, b"{\"choices\":[{\"te")),
        ("another shape", |e| json_reply(e, b"{\"answer\":42}")),
        ("no choices", |e| json_reply(e, b"{\"choices\":[]}")),
        ("text null", |e| {
            json_reply(
                e,
                b"{\"choices\":[{\"text\":null,\"finish_reason\":\"stop\"}]}",
            )
        }),
        ("bytes that are no UTF-8", |e| {
            json_reply(e, b"{\"choices\":[{\"text\":\"\xff\xfe\"}]}")
        }),
        ("an error with status 200", |e| {
            json_reply(e, b"{\"error\":{\"message\":\"no\"}}")
        }),
        ("closed at once", Exchange::cut),
        ("silent", Exchange::stall),
        ("half of a head", half_head),
        ("stalls in the middle", stalls_in_the_middle),
        ("pings for ever", pings_for_ever),
        ("cut in an event", cut_in_an_event),
        ("ends without its mark", ends_without_its_mark),
        ("an error in the stream", error_in_the_stream),
        ("a bad chunk", bad_chunk),
        ("not HTTP", nonsense),
        ("a header bomb", header_bomb),
        ("one endless event", one_endless_event),
    ]
}

#[test]
fn whatever_fails_the_embedded_model_answers() {
    for (name, fault) in faults() {
        let route = ScriptedRoute::new(fault);
        let mut server = Launch::new().route(&route, backed()).start();
        let doc = open(&mut server);
        eprintln!("{name}");
        let read = line(&doc, &mut server);
        assert!(
            read.len() > 20 && NEXT_LINE.starts_with(&read),
            "{name}: {read:?}, {}",
            doc.why(&mut server)
        );
        assert!(
            (1..=2).contains(&route.count()),
            "{name}: {} tries",
            route.count()
        );
        no_dialog(&server);
    }
}

#[test]
fn whatever_fails_has_a_reason_without_a_fallback() {
    for (name, fault) in faults() {
        let route = ScriptedRoute::new(fault);
        let mut server = Launch::new().route(&route, with_route(hasty())).start();
        let doc = open(&mut server);
        eprintln!("{name}");
        let id = doc.ask(&mut server, 1);
        assert_eq!(server.answer(&id), Ok(Value::Null), "{name}");
        let why = doc.why(&mut server);
        assert!(
            why["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{name}: {why}"
        );
        let detail = why["detail"].as_str().unwrap_or_default().to_owned();
        assert!(
            !detail.is_empty() && !detail.contains("<html"),
            "{name}: {why}"
        );
        no_dialog(&server);
    }
}

#[test]
fn nobody_listens() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut options = backed();
    options["routes"]["mock"]["base_url"] = json!(format!("http://127.0.0.1:{gone}/v1"));
    let unused = ScriptedRoute::instant("");
    let mut server = Launch::new().route(&unused, options).start();
    let doc = open(&mut server);
    let read = line(&doc, &mut server);
    assert!(read.len() > 20 && NEXT_LINE.starts_with(&read), "{read:?}");
    assert_eq!(unused.connections(), 0);
    no_dialog(&server);
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
fn after_401_the_route_rests_until_its_settings_change() {
    let route = ScriptedRoute::new(|e| e.refuse("401 Unauthorized", &[], "bad key"));
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    assert_eq!(line(&doc, &mut server), "");
    assert_eq!(route.count(), 1, "a key that is wrong is wrong twice too");
    for _ in 0..3 {
        doc.type_text(&mut server, "a");
        assert_eq!(line(&doc, &mut server), "");
    }
    assert_eq!(route.count(), 1, "it rests");
    let why = doc.why(&mut server);
    assert!(
        why["detail"].as_str().unwrap().contains("mock"),
        "the route is named: {why}"
    );
    let status = server.request("agent/status", json!({}));
    assert_ne!(status["kind"], "Normal", "{status}");
    assert_ne!(status["message"], "", "{status}");
    no_dialog(&server);

    route.script(|e| e.answer("gauge(1);"));
    let mut settings = json!({ "routes": { "mock": { "headers": { "X-Team": "a" } } } });
    nextline_tests::launch::merge(
        &mut settings,
        json!({ "routes": { "mock": {
        "provider": "openai-compatible", "base_url": format!("{}/v1", route.url()), "model": "m", "fim": "suffix" } },
        "completion": { "route": "mock", "fallback": "none", "throttle_ms": 0 } }),
    );
    server.configure(settings);
    wait::until("new settings wake it", || {
        (!line(&doc, &mut server).is_empty()).then_some(())
    });
    assert_eq!(route.requests().last().unwrap().header("x-team"), Some("a"));
}

#[test]
fn a_fallback_shows_while_the_route_rests() {
    let route = ScriptedRoute::new(|e| e.refuse("401 Unauthorized", &[], "bad key"));
    let mut server = Launch::new().route(&route, backed()).start();
    let doc = open(&mut server);
    for _ in 0..3 {
        let read = line(&doc, &mut server);
        assert!(read.len() > 20 && NEXT_LINE.starts_with(&read), "{read:?}");
    }
    assert_eq!(route.count(), 1);
    no_dialog(&server);
}

#[test]
fn the_breaker_spares_a_route_that_only_fails() {
    let route = ScriptedRoute::new(|e| e.refuse("500 Internal Server Error", &[], "oops"));
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    for _ in 0..60 {
        doc.type_text(&mut server, "a");
        assert_eq!(line(&doc, &mut server), "");
    }
    assert!(
        route.count() <= 20,
        "{} calls for 60 keystrokes to a route that always fails",
        route.count()
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

/// A whole HTTP answer, head and all, as bytes.
fn whole_answer() -> Vec<u8> {
    let target = "/v1/completions";
    let body = event(target, "gauge(\"grün\", ", None)
        + &event(target, "5);", None)
        + &event(target, "", Some("stop"));
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).into_bytes()
}

/// Cut anywhere, an answer is either the model's whole text or nothing; and the next good one is as good as ever.
/// A failed call is tried again after a pause, so that a usual run takes every seventh byte; with
/// `NEXTLINE_TEST_EDITS` set it takes all.
#[test]
fn an_answer_cut_at_every_byte_is_whole_or_nothing() {
    let answer = whole_answer();
    let (length, sent) = (answer.len(), answer.clone());
    let route = ScriptedRoute::new(move |mut exchange| {
        let prompt = exchange.seen.prompt();
        let place = prompt
            .rsplit("cut_at_")
            .next()
            .and_then(|rest| rest.strip_suffix('.')?.parse().ok());
        match place {
            Some(at) if prompt.ends_with(&format!("cut_at_{at}.")) => {
                exchange.raw(&sent[..at]);
                exchange.cut();
            }
            _ => exchange.answer("good();"),
        }
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let start = doc.cursor;
    let all = std::env::var_os("NEXTLINE_TEST_EDITS").is_some();
    for at in (0..length).step_by(if all { 1 } else { 7 }) {
        doc.replace(&mut server, start, doc.cursor, &format!("cut_at_{at}."));
        let read = line(&doc, &mut server);
        let whole = format!("    let counter = registry.cut_at_{at}.gauge(\"grün\", 5);");
        assert!(
            read.is_empty() || read == whole,
            "cut at byte {at} of {length}: {read:?}"
        );
        doc.replace(&mut server, start, doc.cursor, &format!("after_{at}."));
        let read = line(&doc, &mut server);
        assert_eq!(
            read,
            format!("    let counter = registry.after_{at}.good();"),
            "after a cut at byte {at}"
        );
    }
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
