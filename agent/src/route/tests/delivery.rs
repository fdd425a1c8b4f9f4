//! What arrives: the same text and the same end, however the server sends it.

use super::server::*;
use super::*;

#[tokio::test]
async fn a_hole_is_asked_and_its_text_arrives() {
    let server = Server::start(vec![good("42")]).await;
    let route = route(&settings(&server));
    let found = asked(&route, hole(), Surface::Completion).await;
    assert_eq!(found, ("42".into(), Some(StopReason::End), None));
    let (head, body) = &server.requests()[0];
    assert!(head.starts_with("post /v1/completions http/1.1"), "{head}");
    assert!(head.contains("accept-encoding: identity"), "{head}");
    for absent in ["authorization", "cookie", "referer"] {
        assert!(!head.contains(absent), "{head}");
    }
    assert_eq!(body["prompt"], "let a = ");
    assert_eq!(body["suffix"], ";");
    assert_eq!(body["stop"], json!(["\n"]));
}

#[tokio::test]
async fn the_text_is_the_same_however_it_is_delivered() {
    let text = "fn ä() -> &'static str { \"€😀\" }\n";
    let events = event(&text[..6], None)
        + ": ping\n\n"
        + &event(&text[6..], None)
        + &event("", Some("stop"));
    let crlf = format!(
        "\u{feff}{}",
        events.replace('\n', "\r\n").replace("data: ", "data:")
    );
    let plain = json!({"choices": [{"text": text, "finish_reason": "stop"}]}).to_string();
    for (name, acts) in [
        ("one packet", vec![stream(&events)]),
        (
            "byte by byte",
            vec![
                Act::Send(streaming()),
                Act::Drip([chunk(&events), chunk("")].concat()),
            ],
        ),
        ("crlf, mark, no space", vec![stream(&crlf)]),
        (
            "plain json",
            vec![reply("200 OK", "application/json", "", &plain)],
        ),
        (
            "plain json in drips",
            vec![drip(reply(
                "200 OK",
                "application/json; charset=utf-8",
                "",
                &plain,
            ))],
        ),
        (
            "no content type",
            vec![Act::Send(
                [
                    head("200 OK", "transfer-encoding: chunked\r\n"),
                    chunk(&events),
                    chunk(""),
                ]
                .concat(),
            )],
        ),
        (
            "until the close",
            vec![
                Act::Send(
                    [
                        head("200 OK", "content-type: text/event-stream\r\n"),
                        events.into_bytes(),
                    ]
                    .concat(),
                ),
                Act::Close,
            ],
        ),
    ] {
        let server = Server::start(vec![acts]).await;
        let found = asked(&route(&settings(&server)), hole(), Surface::Completion).await;
        assert_eq!(found, (text.into(), Some(StopReason::End), None), "{name}");
    }
}

#[tokio::test]
async fn a_cut_at_any_byte_is_never_success_and_never_wrong_text() {
    let (first, second) = (event("let ä", None), event(" = 1;", None));
    let mut whole = [streaming(), chunk(&first), chunk(&second)].concat();
    // The end mark is complete before the framing around it is.
    let texts = whole.len();
    whole.extend(chunk(&event("", Some("stop"))));
    let marked = whole.len() - "\r\n".len();
    // All at once, so that the back-offs before the second tries pass together.
    let cuts = (0..marked).map(|k| {
        let bytes = whole[..k].to_vec();
        async move {
            let server = Server::start(vec![vec![Act::Send(bytes), Act::Close]]).await;
            let (text, end, failure) =
                asked(&route(&settings(&server)), hole(), Surface::Completion).await;
            assert_eq!(end, None, "after {k} bytes");
            let failure = failure.expect("a failure").kind();
            if text.is_empty() {
                assert!(
                    [Kind::Cut, Kind::Network].contains(&failure),
                    "{failure:?} after {k} bytes"
                );
            } else {
                assert_eq!(failure, Kind::Cut, "after {k} bytes");
                assert_eq!(server.requests().len(), 1, "after {k} bytes");
            }
            text
        }
    });
    let found = futures_util::future::join_all(cuts).await;
    assert_eq!(found[texts - 1], "let ä = 1;");
    for (k, text) in found.iter().enumerate() {
        assert!(
            ["", "let ä", "let ä = 1;"].contains(&text.as_str()),
            "{text:?} after {k} bytes"
        );
    }
}

#[tokio::test]
async fn done_comes_at_once_and_the_connection_is_kept() {
    // The last bytes come only after the client has the end mark: a client that waited for them would hang here.
    let start = Act::Send([streaming(), chunk(&event("a", Some("length")))].concat());
    let usage = chunk("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3}}\n\ndata: [DONE]\n\n");
    let end = Act::Send([usage, chunk("")].concat());
    let server = Server::start(vec![vec![start, end]]).await;
    let http = Http::default();
    tokio::spawn(http.keep());
    let route = Route::new("fast", &settings(&server), &http).expect("good settings");
    for round in 0..3 {
        let mut answer = route.stream(hole().into(), Surface::Completion);
        assert_eq!(answer.next().await, Some(Ok(Delta::Text("a".into()))));
        assert!(matches!(
            answer.next().await,
            Some(Ok(Delta::Done {
                stop: StopReason::Length,
                ..
            }))
        ));
        if round == 1 {
            let usage = Usage {
                input: Some(3),
                ..Usage::default()
            };
            assert_eq!(answer.next().await, Some(Ok(Delta::Usage(usage))));
            assert_eq!(answer.next().await, None);
        }
        drop(answer);
        // The keeper's own turn: the rest is in the socket already.
        while http.waiting() > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn chat_goes_to_its_own_path() {
    let said = r#"data: {"choices":[{"delta":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}"#;
    let server = Server::start(vec![vec![stream(&format!("{said}\n\n"))]]).await;
    let settings = Settings {
        extra_body: [("seed".to_owned(), json!(7))].into_iter().collect(),
        headers: [("X-Team".to_owned(), "a".to_owned())].into(),
        max_output_tokens: Some(99),
        ..settings(&server)
    };
    assert_eq!(
        asked(&route(&settings), chat(), Surface::Chat).await.0,
        "hello"
    );
    let (head, body) = &server.requests()[0];
    assert!(
        head.starts_with("post /v1/chat/completions http/1.1"),
        "{head}"
    );
    assert!(head.contains("x-team: a"), "{head}");
    assert_eq!(
        (&body["seed"], &body["max_tokens"]),
        (&json!(7), &json!(99))
    );
}

#[tokio::test]
async fn a_refusal_is_no_text() {
    let said = |delta: serde_json::Value, finish: Option<&str>| {
        let choice = json!({"choices": [{"delta": delta, "finish_reason": finish}]});
        format!("data: {choice}\n\n")
    };
    let events = said(json!({"refusal": "I can't."}), None) + &said(json!({}), Some("stop"));
    let server = Server::start(vec![vec![stream(&events)]]).await;
    let found = asked(&route(&settings(&server)), chat(), Surface::Chat).await;
    assert_eq!(found, (String::new(), Some(StopReason::Refusal), None));
}

#[tokio::test]
async fn a_server_that_fills_no_holes_gets_the_template() {
    let no = reply(
        "501 X",
        "application/json",
        "",
        r#"{"error":{"code":501,"type":"not_supported_error"}}"#,
    );
    let yes = "data: {\"content\":\"7\",\"stop\":false}\n\ndata: {\"content\":\"\",\"stop\":true,\"stop_type\":\"eos\"}\n\n";
    let yes = vec![stream(yes)];
    let server = Server::start(vec![vec![no], yes]).await;
    let settings = Settings {
        provider: "llama-cpp".into(),
        model: "qwen2.5-coder-1.5b".into(),
        base_url: Some(server.url.clone()),
        ..settings(&server)
    };
    let route = route(&settings);
    assert_eq!(route.mode(), &Mode::Native);
    for _ in 0..2 {
        assert_eq!(asked(&route, hole(), Surface::Completion).await.0, "7");
    }
    let paths: Vec<_> = server
        .requests()
        .iter()
        .map(|(head, _)| head.split(' ').nth(1).unwrap_or_default().to_owned())
        .collect();
    assert_eq!(paths, ["/infill", "/completion", "/completion"]);
    assert_eq!(
        server.requests()[1].1["prompt"],
        "<|fim_prefix|>let a = <|fim_suffix|>;<|fim_middle|>"
    );
}
