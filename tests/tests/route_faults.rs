//! The `openai-compatible` route against a model that does everything wrong that a model can do: ghost text is right, or
//! comes from the embedded model, or is absent with a reason; never a dialog, never a hang.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::NEXT_LINE;
use nextline_tests::scripted::event;
use nextline_tests::{Exchange, Launch, ScriptedRoute, wait};
use serde_json::{Value, json};

mod routed;
use routed::{backed, hasty, line, no_dialog, open, with_route};

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
