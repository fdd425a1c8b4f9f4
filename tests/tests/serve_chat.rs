//! `/v1/chat/completions` of `nextline serve`: somebody else's conversation, by our route.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};

use nextline_tests::face::routed;
use nextline_tests::{Face, Scratch, ScriptedRoute, wait};
use serde_json::{Value, json};

fn conversation(more: Value) -> Value {
    let mut body = json!({ "model": "gpt-4", "messages": [
        { "role": "system", "content": "Be brief." }, { "role": "user", "content": "one" }, { "role": "assistant", "content": "1" },
        { "role": "user", "content": [{ "type": "text", "text": "two" }] },
    ] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// A route that says what it counted: 7 tokens in, 3 out.
fn counted(text: &'static str) -> ScriptedRoute {
    ScriptedRoute::new(move |mut exchange| {
        exchange.stream_head();
        exchange.feed(text);
        let usage = json!({ "prompt_tokens": 7, "completion_tokens": 3 });
        let usage =
            json!({ "id": "c", "object": "chunk", "model": "m", "choices": [], "usage": usage });
        exchange.chunk(format!("data: {usage}\n\n").as_bytes());
        exchange.finish();
    })
}

/// The events of a stream, without their prefix.
fn events(body: &str) -> Vec<&str> {
    let events = body.split("\n\n").filter(|event| !event.is_empty());
    events
        .map(|event| event.strip_prefix("data: ").unwrap())
        .collect()
}

#[test]
fn a_whole_answer() {
    let route = counted("Two: ![x](http://evil.example) `<b>`");
    let folder = Scratch::new();
    let config = routed(&route) + "[models.m]\ninput_usd = 1000.0\noutput_usd = 1000.0\n";
    let face = Face::start(&config, &folder);
    let secret = format!("sk-{}", "a1B2c3D4".repeat(6));
    let mut body =
        conversation(json!({ "max_tokens": 5, "stop": ["END"], "temperature": 0.3, "tools": [] }));
    body["messages"][1]["content"] = format!("one, with {secret}").into();
    let answer = face.post("/v1/chat/completions", &body);
    assert_eq!(answer["object"], "chat.completion");
    let choice = &answer["choices"][0];
    assert_eq!(
        choice["message"],
        json!({ "role": "assistant", "content": "Two: !\\[x](http://evil.example) `<b>`" })
    );
    assert_eq!(
        (&choice["finish_reason"], &answer["model"]),
        (&json!("stop"), &json!("m"))
    );
    assert_eq!(answer["usage"]["total_tokens"], 10);
    assert_eq!(answer["usage"]["cost_usd"], 0.01);
    // The conversation goes out as it came, its secrets masked, and is a row of the ledger.
    let seen = route.requests().pop().unwrap();
    let asked = seen.json();
    let roles: Vec<&str> = asked["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["role"].as_str())
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(asked["messages"][0]["content"], "Be brief.");
    assert_eq!(
        (
            &asked["max_tokens"],
            &asked["stop"],
            asked.get("temperature")
        ),
        (&json!(5), &json!(["END"]), None)
    );
    assert!(!seen.everything().contains(&secret) && !seen.everything().contains(&face.token));
    // It is written when the answer is told.
    wait::until("the row of the ledger", || {
        let mut sent = nextline_tests::binary::command(face.home());
        let sent = sent.args(["sent", "--last"]).output().unwrap();
        let sent = String::from_utf8(sent.stdout).unwrap();
        let wanted = ["chat", "mock (m)", "7 + 3 tokens"];
        wanted.iter().all(|word| sent.contains(word)).then_some(())
    });
}

#[test]
fn a_stream_comes_as_it_is_made() {
    let (route, held) = ScriptedRoute::held();
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let body = conversation(json!({ "stream": true, "stream_options": { "include_usage": true } }));
    let stream = face.begin("POST /v1/chat/completions", &[], &body.to_string());
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("First");
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let found = lines.find(|line| line.contains("First"));
    assert!(
        found.is_some(),
        "the first piece is there before the answer ends"
    );
    exchange.feed(", second");
    exchange.finish();
    let rest: Vec<String> = lines.filter(|line| line.starts_with("data: ")).collect();
    assert_eq!(rest.last().unwrap(), "data: [DONE]");
    let event = |at: usize| -> Value { serde_json::from_str(&rest[at]["data: ".len()..]).unwrap() };
    assert_eq!(event(0)["choices"][0]["delta"]["content"], ", second");
    let end = event(rest.len() - 3);
    assert_eq!(
        (&end["object"], &end["choices"][0]["finish_reason"]),
        (&json!("chat.completion.chunk"), &json!("stop"))
    );
    assert_eq!(
        (
            &event(rest.len() - 2)["choices"],
            event(rest.len() - 2)["usage"].is_object()
        ),
        (&json!([]), true)
    );
    // Who goes away hangs up.
    let stream = face.begin("POST /v1/chat/completions", &[], &body.to_string());
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("a");
    drop(stream);
    route.wait_aborted(1);
    drop(exchange);
    // A stream that was cut has an error and no end mark.
    let stream = std::thread::scope(|scope| {
        let asked = scope.spawn(|| face.send("POST /v1/chat/completions", &[], &body.to_string()));
        let mut exchange = held.next();
        exchange.stream_head();
        exchange.feed("half");
        exchange.cut();
        asked.join().unwrap()
    });
    let events = events(&stream.1);
    assert!(events[1].contains("half"));
    let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
    assert_eq!((stream.0, &last["error"]["code"]), (200, &json!("cut")));
}

#[test]
fn what_goes_wrong_has_a_status_and_a_sentence() {
    let route = ScriptedRoute::instant("x");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let post = |face: &Face, body: &Value| {
        let (status, body) = face.send("POST /v1/chat/completions", &[], &body.to_string());
        let body: Value = serde_json::from_str(&body).unwrap();
        (
            status,
            body["error"]["code"].clone(),
            body["error"]["message"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    for (provider, status, code) in [
        ("401 Unauthorized", 502, "auth"),
        ("403 Forbidden", 502, "forbidden"),
        ("404 Not Found", 400, "refused"),
    ] {
        route.script(move |exchange| exchange.refuse(provider, &[], "no"));
        for stream in [false, true] {
            let (got, kind, why) = post(&face, &conversation(json!({ "stream": stream })));
            assert_eq!((got, kind), (status, json!(code)), "{provider}: {why}");
            assert!(why.contains("mock"), "{why}");
        }
    }
    for body in [
        json!({}),
        json!({ "messages": [] }),
        json!({ "messages": [{ "role": "tool", "content": "x" }] }),
    ] {
        assert_eq!(post(&face, &body).0, 400);
    }
    assert_eq!(face.send("GET /v1/chat/completions", &[], "").0, 405);
    assert_eq!(
        face.send("POST /v1/chat/completions", &[("Authorization", "")], "{}")
            .0,
        401
    );
    // Without a route: one sentence on how to have one.
    let face = Face::start("", &folder);
    let (status, kind, why) = post(&face, &conversation(json!({})));
    assert_eq!((status, kind), (400, json!("no_route")));
    assert!(why.contains("[routes.NAME]"), "{why}");
}

#[test]
fn a_model_that_is_a_route_is_asked_and_budgets_hold() {
    let (usual, other) = (counted("usual"), ScriptedRoute::instant("other"));
    let config = routed(&usual)
        + &format!(
            "[routes.other]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"n\"\n",
            other.url()
        );
    let folder = Scratch::new();
    let face = Face::start(&config, &folder);
    for (model, text) in [("other", "other"), ("auto", "usual"), ("gpt-4", "usual")] {
        let answer = face.post(
            "/v1/chat/completions",
            &conversation(json!({ "model": model })),
        );
        assert_eq!(answer["choices"][0]["message"]["content"], text);
    }
    let face = Face::start(&(config + "[budget]\ndaily_tokens = 1\n"), &folder);
    let body = conversation(json!({})).to_string();
    face.send("POST /v1/chat/completions", &[], &body);
    // What was spent is counted when its row is written.
    let said = wait::until("the budget is spent", || {
        let (status, said) = face.send("POST /v1/chat/completions", &[], &body);
        (status == 429).then_some(said)
    });
    let before = usual.count();
    let (status, _) = face.send("POST /v1/chat/completions", &[], &body);
    assert_eq!((status, usual.count()), (429, before), "{said}");
    assert!(said.contains("\"budget\""), "{said}");
}

#[test]
fn the_pages_files_say_what_they_may_do() {
    let folder = Scratch::new();
    let face = Face::start("", &folder);
    // They hold no secret, so they need no token.
    let (status, head, body) = face.exchange("GET /", &[("Authorization", "")], "");
    assert_eq!(status, 200);
    for wanted in [
        "default-src 'none'; script-src 'self'; style-src 'sha256-",
        "'; img-src 'self'; connect-src 'self' ws://127.0.0.1:",
        "require-trusted-types-for 'script'",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "x-dns-prefetch-control: off",
        "cache-control: no-store",
    ] {
        assert!(head.contains(wanted), "{wanted}: {head}");
    }
    assert!(
        !body.contains(&face.token) && !body.contains("http"),
        "{body}"
    );
    // The document names one script, and scripts name others.
    let mut files = vec!["main.js".to_owned()];
    let named = |text: &str| -> Vec<String> {
        let parts = text
            .split(['"', '\''])
            .filter(|part| part.ends_with(".js") && !part.contains(' ') || part.ends_with(".css"));
        parts
            .map(|part| part.trim_start_matches("./").to_owned())
            .collect()
    };
    assert_eq!(named(&body), files);
    let (mut bytes, mut at) = (body.len(), 0);
    while let Some(file) = files.get(at).cloned() {
        at += 1;
        let (status, text) = face.send(&format!("GET /{file}"), &[("Authorization", "")], "");
        assert_eq!(status, 200, "{file}");
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ] {
            assert!(!text.contains(word), "{file}: {word}");
        }
        bytes += text.len();
        let new = named(&text)
            .into_iter()
            .filter(|name| !files.contains(name));
        files.extend(new.collect::<std::collections::BTreeSet<_>>());
    }
    assert_eq!(files.len(), 9, "{files:?}");
    assert!(
        (20_000..80_000).contains(&bytes),
        "tens of kilobytes: {bytes}"
    );
    let port = face.address.rsplit(':').next().unwrap();
    let rebound = format!("rebound.example:{port}");
    for (headers, expected) in [
        ([("Host", rebound.as_str())], 403),
        ([("Origin", "https://page.example")], 403),
    ] {
        assert_eq!(face.send("GET /", &headers, "").0, expected, "{headers:?}");
    }
    assert_eq!(face.send("POST /", &[], "").0, 405);
    assert_eq!(face.send("GET /../etc/passwd", &[], "").0, 404);
}
