//! Signs of life, lists of models, and what a route tells of itself without being asked anything.

use super::server::*;
use super::*;
use crate::settings::Policy as Limits;

fn fim(server: &Server, fim: &str, model: &str) -> Settings {
    Settings {
        fim: fim.into(),
        model: model.into(),
        ..settings(server)
    }
}

#[tokio::test]
async fn the_smallest_real_answer_is_asked_for() {
    let said = r#"data: {"choices":[{"delta":{"content":"ok"},"finish_reason":"stop"}]}"#;
    let chat = || vec![stream(&format!("{said}\n\n"))];
    for (way, model, answer, path, fields) in [
        (
            "suffix",
            "m",
            good("3"),
            "/v1/completions",
            json!({"prompt": "a = [1, 2, ", "suffix": "]\n", "max_tokens": 1}),
        ),
        (
            "qwen-coder",
            "m",
            good("3"),
            "/v1/completions",
            json!({"prompt": "<|fim_prefix|>a = [1, 2, <|fim_suffix|>]\n<|fim_middle|>", "suffix": null, "max_tokens": 1}),
        ),
        (
            "chat",
            "m",
            chat(),
            "/v1/chat/completions",
            json!({"messages": [{"role": "user", "content": "Say ok."}], "max_tokens": 16}),
        ),
        (
            "none",
            "m",
            chat(),
            "/v1/chat/completions",
            json!({"messages": [{"role": "user", "content": "Say ok."}], "max_tokens": 16}),
        ),
    ] {
        let server = Server::start(vec![answer]).await;
        let route = route(&fim(&server, way, model));
        let life = route.probe().await.expect(way);
        assert_eq!((life.stop, life.tls), (StopReason::End, None), "{way}");
        let first = life.first.expect("text");
        assert!(first > Duration::ZERO && life.total >= first, "{way}");
        let (head, body) = &server.requests()[0];
        assert!(head.starts_with(&format!("post {path} ")), "{head}");
        for (key, value) in fields.as_object().expect("fields") {
            assert_eq!(&body[key], value, "{way} {key}");
        }
    }
    // A path and a language, where the server is told of them.
    let end = "data: {\"content\":\"3\",\"stop\":true,\"stop_type\":\"eos\"}\n\n";
    let server = Server::start(vec![vec![stream(end)]]).await;
    let settings = Settings {
        provider: "llama-cpp".into(),
        base_url: Some(server.url.clone()),
        ..fim(&server, "infill", "m")
    };
    route(&settings).probe().await.expect("an answer");
    let (head, body) = &server.requests()[0];
    assert!(head.starts_with("post /infill "), "{head}");
    assert_eq!(body["input_prefix"], "a = [1, 2, ");
    assert_eq!(body["input_suffix"], "]\n");
}

#[tokio::test]
async fn an_answer_without_text_has_no_first_word_and_a_failure_is_told() {
    let empty = event("", Some("length"));
    let refused = json!({"choices": [{"delta": {"refusal": "no"}, "finish_reason": "stop"}]});
    let refused = format!("data: {refused}\n\n");
    for (answer, way, first, stop) in [
        (empty, "suffix", false, StopReason::Length),
        (refused, "chat", true, StopReason::Refusal),
    ] {
        let server = Server::start(vec![vec![stream(&answer)]]).await;
        let life = route(&fim(&server, way, "m")).probe().await.expect(way);
        assert_eq!((life.first.is_some(), life.stop), (first, stop), "{way}");
    }
    let no = vec![reply("403 X", "application/json", "", "{}")];
    let server = Server::start(vec![no]).await;
    let error = route(&settings(&server)).probe().await.expect_err("403");
    assert_eq!((error.kind(), error.status()), (Kind::Forbidden, Some(403)));
}

#[tokio::test]
async fn the_models_most_like_the_routes_are_listed() {
    let named = |names: &[String]| {
        let rows: Vec<_> = names.iter().map(|name| json!({"id": name})).collect();
        json!({"object": "list", "data": rows}).to_string()
    };
    let list = |body: &str| vec![reply("200 OK", "application/json", "", body)];
    let many: Vec<String> = (0..20)
        .map(|n| format!("x{n:02}"))
        .chain(["model-b".into()])
        .collect();
    let long = [
        "m".repeat(128),
        "m".repeat(129),
        "m\u{7}".into(),
        "mo".into(),
    ];
    for (name, answer, wanted) in [
        (
            "a dozen",
            list(&named(&many)),
            [&["model-b".to_owned()], &many[..11]].concat(),
        ),
        (
            "names that are none",
            list(&named(&long)),
            vec!["mo".to_owned(), long[0].clone()],
        ),
        (
            "names alone",
            list(r#"{"data":["a","model-a",7,{"no":1}]}"#),
            vec!["model-a".into(), "a".into()],
        ),
        ("another list", list(r#"{"models":["a"]}"#), vec![]),
        ("no JSON", list("<"), vec![]),
        ("no list", list(r#"{"data":{"id":"a"}}"#), vec![]),
        (
            "a refusal",
            vec![reply("404 X", "application/json", "", &named(&many))],
            vec![],
        ),
        ("nothing", vec![Act::Close], vec![]),
    ] {
        let server = Server::start(vec![answer]).await;
        let keyed = Settings {
            api_key_env: Some("CARGO_PKG_NAME".into()),
            headers: [("X-Team".to_owned(), "a".to_owned())].into(),
            ..fim(&server, "", "model-c")
        };
        assert_eq!(route(&keyed).listed().await, wanted, "{name}");
        let (head, _) = &server.requests()[0];
        assert!(head.starts_with("get /v1/models http/1.1"), "{head}");
        assert!(head.contains("authorization: bearer nextline"), "{head}");
        assert!(head.contains("x-team: a"), "{head}");
    }
    // Without a key nothing is asked, nor where a provider has no list.
    let server = Server::start(vec![list(&named(&many))]).await;
    let unset = Settings {
        api_key_env: Some("NEXTLINE_NO_SUCH_KEY".into()),
        ..settings(&server)
    };
    assert!(route(&unset).listed().await.is_empty());
    let listless = Settings {
        provider: "tgi".into(),
        ..settings(&server)
    };
    assert!(route(&listless).listed().await.is_empty());
    assert!(server.requests().is_empty());
}

#[test]
fn a_route_tells_where_it_leads_and_what_it_takes() {
    let plain = Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some("http://127.0.0.1:8123/v1".into()),
        ..Settings::default()
    };
    let of = |provider: &str, model: &str| Settings {
        provider: provider.into(),
        model: model.into(),
        ..Settings::default()
    };
    for (settings, host, tls, pieces, pictures) in [
        (plain.clone(), "127.0.0.1:8123", false, false, true),
        (of("openai", "gpt-4.1"), "api.openai.com", true, false, true),
        (
            of("mistral", "codestral"),
            "api.mistral.ai",
            true,
            false,
            true,
        ),
        (
            of("anthropic", "claude"),
            "api.anthropic.com",
            true,
            false,
            true,
        ),
        (of("llama-cpp", "m"), "127.0.0.1:8080", false, true, true),
        (of("ollama", "m"), "127.0.0.1:11434", false, false, true),
    ] {
        let route = route(&settings);
        let found = (
            route.host(),
            route.is_tls(),
            route.takes_pieces(),
            route.takes_pictures(),
        );
        assert_eq!(
            found,
            (host, tls, pieces, pictures),
            "{}",
            settings.provider
        );
        assert_eq!(route.provider(), settings.provider);
        assert_eq!(
            (route.name(), route.model()),
            ("fast", settings.model.as_str())
        );
        assert_eq!(route.context_tokens(), None);
        assert_eq!(route.proxy().filter(|_| !tls), None);
        assert_eq!((route.paused(), route.breaker()), (None, "closed"));
    }
    let told = Settings {
        context_tokens: Some(4096),
        proxy: Some("http://me:secret@proxy.example:3128".into()),
        ..plain
    };
    let told = route(&told);
    assert_eq!(told.context_tokens(), Some(4096));
    assert_eq!(told.proxy().as_deref(), Some("proxy.example:3128"));
    let owner = told.key_owner();
    assert_eq!(
        (&*owner.route, &*owner.origin),
        ("fast", "http://127.0.0.1:8123")
    );
    assert_eq!(told.standing(), Standing::Unneeded);
    assert_eq!(program("/bin/sh"), Some("/bin/sh".into()));
    assert_eq!(program("no-such-program-anywhere"), None);
}

#[test]
fn every_family_but_three_takes_pictures() {
    for (name, takes) in [
        ("openai", true),
        ("responses", true),
        ("anthropic", true),
        ("gemini", true),
        ("bedrock-converse", true),
        ("bedrock-invoke", true),
        ("ollama", true),
        ("sourcegraph", false),
        ("tgi", false),
        ("llama-cpp", false),
    ] {
        let shape = shape::named(name).expect(name);
        assert_eq!(shape.pictures().is_some(), takes, "{name}");
    }
    let sourcegraph = Settings {
        provider: "sourcegraph".into(),
        model: "m".into(),
        base_url: Some("https://sg.example".into()),
        ..Settings::default()
    };
    assert!(!route(&sourcegraph).takes_pictures());
}

#[tokio::test]
async fn an_answer_names_its_request_and_a_header_of_the_settings_goes_before_the_vendors() {
    let acts = head(
        "200 OK",
        "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-request-id: r-7\r\n",
    );
    let acts = vec![Act::Send(
        [acts, chunk(&event("a", Some("stop"))), chunk("")].concat(),
    )];
    let server = Server::start(vec![acts]).await;
    let mut answer = route(&settings(&server)).stream(hole().into(), Surface::Completion);
    let mut named = None;
    while let Some(delta) = answer.next().await {
        if let Ok(Delta::Named(id)) = delta {
            named = Some(id.to_string());
        }
    }
    assert_eq!(named.as_deref(), Some("r-7"));
    for (headers, wanted) in [
        (vec![], vec!["2023-06-01"]),
        (
            vec![("Anthropic-Version".to_owned(), "2030".to_owned())],
            vec!["2030"],
        ),
    ] {
        let anthropic = Settings {
            provider: "anthropic".into(),
            model: "claude".into(),
            headers: headers.into_iter().collect(),
            ..Settings::default()
        };
        let preview = route(&anthropic)
            .preview(&chat(), Surface::Chat)
            .await
            .expect("a preview");
        let found: Vec<_> = preview
            .headers
            .iter()
            .filter(|(name, _)| name == "anthropic-version")
            .map(|(_, value)| value.as_str())
            .collect();
        let masked = wanted == ["2030"];
        assert_eq!(found, if masked { vec!["***"] } else { wanted });
    }
}

#[test]
fn what_a_policy_forbids_is_said_before_it_is_asked() {
    let settings = Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some("https://models.example/v1".into()),
        ..Settings::default()
    };
    // A client of its own, on a thread of its own.
    let told = std::thread::spawn(move || {
        let policy = std::sync::Arc::new(crate::policy::Policy::default());
        policy.is_of_this_thread();
        let route = route(&settings);
        assert_eq!(route.forbidden(), None);
        let mut all = crate::settings::Settings {
            policy: Limits {
                offline: true,
                ..Limits::default()
            },
            ..crate::settings::Settings::default()
        };
        policy.configure(&all);
        let offline = route.forbidden().expect("offline");
        all.policy = Limits {
            allow_models: Some(vec!["other".into()]),
            ..Limits::default()
        };
        policy.configure(&all);
        (offline, route.forbidden().expect("another model"))
    });
    let (offline, model) = told.join().expect("told");
    for (error, says) in [
        (
            offline,
            "route `fast` (m at models.example) may not be asked: nothing beyond this machine is asked (`policy.offline`)",
        ),
        (
            model,
            "route `fast` (m at models.example) may not be asked: its model `m` is none of `other` (`policy.allow_models`)",
        ),
    ] {
        assert_eq!(error.kind(), Kind::Policy);
        assert!(error.to_string().starts_with(says), "{error}");
    }
}

#[test]
fn a_breaker_stands_where_the_requests_before_left_it() {
    let settings = Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some("http://127.0.0.1:9/v1".into()),
        ..Settings::default()
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let at = now.map_or(0, |now| now.as_millis() as i64 - 1000);
    let end = |outcome: &str, status| Last {
        at,
        outcome: outcome.into(),
        status,
    };
    let many = |outcome: &str, status, number: usize| vec![end(outcome, status); number];
    for (ends, word) in [
        (vec![], "closed"),
        (many("overloaded", Some(503), 4), "closed"),
        (many("overloaded", Some(503), 5), "open"),
        (many("timeout", None, 5), "open"),
        (many("auth", Some(401), 9), "closed"),
        (many("forbidden", Some(403), 9), "closed"),
        (many("cancelled", None, 9), "closed"),
        (
            [
                many("network", None, 4),
                many(ledger::ANSWERED, Some(200), 1),
                many("network", None, 4),
            ]
            .concat(),
            "closed",
        ),
        (
            [
                many("network", None, 4),
                many("cancelled", None, 1),
                many("network", None, 1),
            ]
            .concat(),
            "open",
        ),
    ] {
        let route = route(&settings);
        route.replay(&ends);
        assert_eq!(route.breaker(), word, "{ends:?}");
    }
}
