//! The heads of answers: what may hold text, what is remembered of a refusal, and what is never repeated.

use super::server::*;
use super::*;

/// The failure of one question to a server that answers like this.
async fn refused(acts: Vec<Act>, settings_of: impl Fn(&Server) -> Settings) -> RouteError {
    let server = Server::start(vec![acts]).await;
    let once = Settings {
        timeouts: Timeouts {
            total_ms: Some(60_000),
            ..Timeouts::default()
        },
        ..settings_of(&server)
    };
    failed(&route(&once), Surface::Completion).await
}

#[tokio::test]
async fn the_type_of_an_answer_says_how_it_is_read() {
    let whole = json!({"choices": [{"text": "ok", "finish_reason": "stop"}]}).to_string();
    let events = event("ok", Some("stop"));
    for (media, body, text) in [
        ("application/json", &whole, true),
        ("Application/JSON ; charset=utf-8", &whole, true),
        ("text/plain", &whole, true),
        ("application/octet-stream", &whole, true),
        ("text/plain", &events, true),
        ("application/octet-stream", &events, true),
        ("text/event-stream", &events, true),
        ("TEXT/EVENT-STREAM; x", &events, true),
        ("text/html", &whole, false),
        ("application/xhtml+xml", &whole, false),
        ("image/png", &whole, false),
        ("application/json", &events, false),
    ] {
        let server = Server::start(vec![vec![reply("200 OK", media, "", body)]]).await;
        let (found, _, failure) =
            asked(&route(&settings(&server)), hole(), Surface::Completion).await;
        assert_eq!(
            found == "ok" && failure.is_none(),
            text,
            "{media} {body}: {failure:?}"
        );
        if media.contains("html") {
            let failure = failure.expect("a page").to_string();
            assert!(
                failure.contains("a web page instead of a model's answer"),
                "{failure}"
            );
        }
    }
    // Lines of JSON, from a server that speaks in lines and says so or not.
    let lines = "{\"response\":\"ok\",\"done\":false}\n{\"response\":\"\",\"done\":true,\"done_reason\":\"stop\"}\n";
    for media in [
        "application/x-ndjson",
        "application/jsonl",
        "text/plain",
        "application/json",
    ] {
        let server = Server::start(vec![
            vec![reply(
                "200 OK",
                "application/json",
                "",
                r#"{"capabilities":["insert"]}"#,
            )],
            vec![reply("200 OK", media, "", lines)],
        ])
        .await;
        let ollama = Settings {
            provider: "ollama".into(),
            base_url: Some(server.url.clone()),
            ..settings(&server)
        };
        let found = asked(&route(&ollama), hole(), Surface::Completion).await;
        assert_eq!(found.0, "ok", "{media}: {:?}", found.2);
    }
    // Encodings that change nothing.
    let server = Server::start(vec![vec![reply(
        "200 OK",
        "application/json",
        "content-encoding: identity\r\n",
        &whole,
    )]])
    .await;
    assert_eq!(
        asked(&route(&settings(&server)), hole(), Surface::Completion)
            .await
            .0,
        "ok"
    );
}

#[tokio::test]
async fn headers_are_bounded_in_all() {
    let whole = json!({"choices": [{"text": "ok", "finish_reason": "stop"}]}).to_string();
    for (bytes, good) in [(60_000, true), (66_000, false)] {
        let more: String = (0..bytes / 1000)
            .map(|n| format!("x-{n}: {}\r\n", "a".repeat(990)))
            .collect();
        let server = Server::start(vec![vec![reply(
            "200 OK",
            "application/json",
            &more,
            &whole,
        )]])
        .await;
        let (text, _, failure) =
            asked(&route(&settings(&server)), hole(), Surface::Completion).await;
        assert_eq!(text == "ok", good, "{bytes}: {failure:?}");
    }
}

#[tokio::test]
async fn a_request_is_called_by_the_first_name_that_is_one() {
    let keyed = |server: &Server| Settings {
        headers: [
            ("x-key".to_owned(), "Bearer sk-123".to_owned()),
            ("x-team".to_owned(), "blue".to_owned()),
        ]
        .into(),
        ..settings(server)
    };
    let long = "a".repeat(128);
    for (more, id) in [
        ("x-request-id: r-1\r\n".to_owned(), Some("r-1")),
        (
            "request-id: r_2.a:b=c/d+e\r\n".into(),
            Some("r_2.a:b=c/d+e"),
        ),
        ("x-amzn-requestid: r3\r\n".into(), Some("r3")),
        ("apim-request-id: r4\r\n".into(), Some("r4")),
        ("x-trace: r5\r\n".into(), Some("r5")),
        ("request-id: r2\r\nx-request-id: r1\r\n".into(), Some("r1")),
        (
            "x-request-id: see there\r\nx-trace: r5\r\n".into(),
            Some("r5"),
        ),
        (format!("x-request-id: {long}\r\n"), Some(&*long)),
        (format!("x-request-id: {long}a\r\n"), None),
        ("x-request-id: \r\n".into(), None),
        ("x-request-id: a-SK-123-b\r\n".into(), None),
        ("x-request-id: a-sk-12-b\r\n".into(), Some("a-sk-12-b")),
        // Short words are no secrets.
        ("x-request-id: blue-7\r\n".into(), Some("blue-7")),
        (String::new(), None),
    ] {
        for (status, kind) in [("404 X", "application/json"), ("200 OK", "image/png")] {
            let error = refused(vec![reply(status, kind, &more, "{}")], keyed).await;
            assert_eq!(error.request_id(), id, "{status} {more}");
        }
    }
    // Of an answer that broke off after text as well.
    let begun = head(
        "200 OK",
        "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-request-id: r-9\r\n",
    );
    let acts = vec![
        Act::Send([begun, chunk(&event("a", None))].concat()),
        Act::Close,
    ];
    let error = refused(acts, keyed).await;
    assert_eq!((error.kind(), error.request_id()), (Kind::Cut, Some("r-9")));
}

#[tokio::test]
async fn a_refusal_says_when_to_come_back_and_what_stands_in_between() {
    let limited = |after| Kind::RateLimited { retry_after: after };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let page = "text/html; charset=utf-8";
    let json = "application/json";
    for (status, media, more, body, kind, after, says) in [
        (
            "429 X",
            json,
            "",
            "{}",
            limited(None),
            None,
            "too many requests; wait a moment",
        ),
        (
            "429 X",
            json,
            "retry-after: 90\r\n",
            "{}",
            limited(seconds(90)),
            seconds(90),
            "too many requests; the provider asks to wait 90 s",
        ),
        (
            "429 X",
            json,
            "retry-after-ms: 90500\r\n",
            "{}",
            limited(Some(Duration::from_millis(90_500))),
            Some(Duration::from_millis(90_500)),
            "asks to wait 91 s",
        ),
        (
            "429 X",
            json,
            "x-ratelimit-limit: 20\r\n",
            "{}",
            limited(None),
            None,
            "too many requests (the limit is 20); wait a moment",
        ),
        (
            "429 X",
            json,
            "x-ratelimit-limit: many\r\n",
            "{}",
            limited(None),
            None,
            "too many requests; wait",
        ),
        // By the provider's own clock, wherever ours stands.
        (
            "429 X",
            json,
            "date: Sun, 06 Nov 1994 08:49:00 GMT\r\nretry-after: Sun, 06 Nov 1994 08:50:30 GMT\r\n",
            "{}",
            limited(seconds(90)),
            seconds(90),
            "asks to wait 90 s",
        ),
        (
            "503 X",
            json,
            "retry-after: 90\r\n",
            "{}",
            Kind::Overloaded,
            seconds(90),
            "answered 503",
        ),
        (
            "503 X",
            json,
            "retry-after: 90\r\nx-should-retry: false\r\n",
            "{}",
            Kind::Overloaded,
            None,
            "answered 503",
        ),
        (
            "404 X",
            json,
            "retry-after: 90\r\nx-should-retry: true\r\n",
            "{}",
            Kind::Refused,
            seconds(90),
            "answered 404",
        ),
        (
            "404 X",
            json,
            "retry-after: 90\r\n",
            "{}",
            Kind::Refused,
            None,
            "answered 404",
        ),
        (
            "404 X",
            page,
            "",
            "<html>",
            Kind::Refused,
            None,
            "(the answer is a web page, perhaps of a proxy)",
        ),
        (
            "401 X",
            page,
            "x-corp-u2f-challenge: c\r\n",
            "<html>",
            Kind::Auth,
            None,
            "a proxy in front of it wants your security key; sign in with a browser",
        ),
        (
            "401 X",
            json,
            "x-corp-u2f: c\r\n",
            "{}",
            Kind::Auth,
            None,
            "the key was not accepted",
        ),
        (
            "401 X",
            json,
            "y-u2f-challenge: c\r\n",
            "{}",
            Kind::Auth,
            None,
            "the key was not accepted",
        ),
        (
            "403 X",
            json,
            "x-corp-u2f-challenge: c\r\n",
            "{}",
            Kind::Forbidden,
            None,
            "answered 403",
        ),
        (
            "302 X",
            page,
            "location: https://u:p@login.example:8443/x?key=1\r\n",
            "",
            Kind::BadReply,
            None,
            "a redirect to https://login.example:8443, which is not followed",
        ),
        (
            "302 X",
            json,
            "",
            "",
            Kind::BadReply,
            None,
            "a redirect to an unreadable address, which",
        ),
        (
            "302 X",
            json,
            "location: https://nextline.example/\r\n",
            "",
            Kind::BadReply,
            None,
            "a redirect to an unreadable address, which",
        ),
        (
            "400 X",
            json,
            "x-amzn-errortype: ValidationException:http://x\r\n",
            "{}",
            Kind::Refused,
            None,
            "answered 400",
        ),
        (
            "400 X",
            json,
            "x-amzn-errortype: ThrottlingException:http://x\r\n",
            "{}",
            limited(None),
            None,
            "too many requests",
        ),
    ] {
        let keyed = |server: &Server| Settings {
            api_key_env: Some("CARGO_PKG_NAME".into()),
            ..settings(server)
        };
        let error = refused(vec![reply(status, media, more, body)], keyed).await;
        let text = error.to_string();
        assert_eq!(
            (error.kind(), error.retry_after()),
            (kind, after),
            "{status} {more}: {text}"
        );
        assert!(text.contains(says), "{status} {more}: {text}");
    }
}

#[tokio::test]
async fn a_body_of_an_error_is_read_as_far_as_its_code_may_stand() {
    let code = r#"{"error":{"code":"insufficient_quota"}}"#;
    for (spaces, kind) in [
        ((64 << 10) - code.len(), true),
        ((64 << 10) - code.len() + 1, false),
    ] {
        let body = format!("{}{code}", " ".repeat(spaces));
        let error = refused(
            vec![reply("400 X", "application/json", "", &body)],
            settings,
        )
        .await;
        assert_eq!(error.kind() == Kind::Quota, kind, "{spaces}");
    }
    // What does not come is not waited for.
    let acts = vec![Act::Send(head("400 X", "content-length: 9\r\n")), Act::Hold];
    assert_eq!(refused(acts, settings).await.kind(), Kind::Refused);
}

#[tokio::test]
async fn an_answer_is_bounded_by_its_text_and_its_bytes() {
    let text = |length: usize| {
        let whole = json!({"choices": [{"text": "x".repeat(length), "finish_reason": "stop"}]});
        vec![reply("200 OK", "application/json", "", &whole.to_string())]
    };
    for (length, good) in [(4 << 20, true), ((4 << 20) + 1, false)] {
        let server = Server::start(vec![text(length)]).await;
        let (found, _, failure) = asked(&route(&settings(&server)), hole(), Surface::Chat).await;
        assert_eq!((found.len(), failure.is_none()), (length, good));
    }
    // As many bytes as may be, most of them no text.
    let whole = json!({"choices": [{"text": "ok", "finish_reason": "stop"}]}).to_string();
    for (length, good) in [(16 << 20, true), ((16 << 20) + 1, false)] {
        let body = format!("{whole}{}", " ".repeat(length - whole.len()));
        let server =
            Server::start(vec![vec![reply("200 OK", "application/json", "", &body)]]).await;
        let (found, _, failure) = asked(&route(&settings(&server)), hole(), Surface::Chat).await;
        assert_eq!(
            found == "ok" && failure.is_none(),
            good,
            "{length}: {failure:?}"
        );
    }
}

#[tokio::test]
async fn only_a_server_that_says_so_is_asked_in_the_models_own_words() {
    let no = |status: &str| vec![reply(status, "application/json", "", "{}")];
    let end = "data: {\"content\":\"7\",\"stop\":true,\"stop_type\":\"eos\"}\n\n";
    for (status, model, body, templated) in [
        ("501 X", "qwen2.5-coder", hole(), true),
        ("400 X", "qwen2.5-coder", hole(), false),
        ("501 X", "some-model", hole(), false),
        ("501 X", "qwen2.5-coder", chat(), false),
    ] {
        let server = Server::start(vec![no(status), vec![stream(end)]]).await;
        let llama = Settings {
            provider: "llama-cpp".into(),
            model: model.into(),
            fim: "infill".into(),
            base_url: Some(server.url.clone()),
            ..settings(&server)
        };
        let (text, ..) = asked(&route(&llama), body, Surface::Completion).await;
        assert_eq!(text == "7", templated, "{status} {model}");
        assert_eq!(
            server.requests().len(),
            1 + usize::from(templated),
            "{status} {model}"
        );
    }
    let lines = "{\"response\":\"7\",\"done\":true,\"done_reason\":\"stop\"}\n";
    for (capabilities, templated) in [
        (r#"{"capabilities":["completion"]}"#, true),
        (r#"{"capabilities":["completion","insert"]}"#, false),
        ("{}", false),
        ("<", false),
    ] {
        let server = Server::start(vec![
            vec![reply("200 OK", "application/json", "", capabilities)],
            vec![reply("200 OK", "application/x-ndjson", "", lines)],
        ])
        .await;
        let ollama = Settings {
            provider: "ollama".into(),
            model: "qwen2.5-coder".into(),
            base_url: Some(server.url.clone()),
            ..settings(&server)
        };
        let route = route(&ollama);
        for _ in 0..2 {
            assert_eq!(asked(&route, hole(), Surface::Completion).await.0, "7");
        }
        let requests = server.requests();
        // Asked once.
        assert_eq!(requests.len(), 3, "{capabilities}");
        assert_eq!(requests[0].1, json!({"model": "qwen2.5-coder"}));
        let prompt = requests[1].1["prompt"].as_str().unwrap_or_default();
        assert_eq!(
            prompt.contains("fim_prefix"),
            templated,
            "{capabilities}: {prompt}"
        );
    }
}
