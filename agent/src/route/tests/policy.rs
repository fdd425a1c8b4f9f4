//! What is tried again, what is paused, and whom the key is shown.

use super::server::*;
use super::*;

#[tokio::test]
async fn failures_that_pass_are_tried_again() {
    let error = |status: &str, more: &str| vec![reply(status, "application/json", more, "{}")];
    let now = "retry-after: 0\r\n";
    for (name, scripts, surface, requests) in [
        (
            "503, then good",
            vec![error("503 X", now), good("ok")],
            Surface::Completion,
            2,
        ),
        (
            "429 and 500, then good",
            vec![
                error("429 X", now),
                error("500 X", "retry-after-ms: 1\r\n"),
                good("ok"),
            ],
            Surface::Chat,
            3,
        ),
        (
            "no answer, then good",
            vec![vec![Act::Close], good("ok")],
            Surface::Edit,
            2,
        ),
        (
            "an error in the stream, then good",
            vec![
                vec![stream(
                    "data: {\"error\":{\"type\":\"overloaded_error\"}}\n\n",
                )],
                good("ok"),
            ],
            Surface::Chat,
            2,
        ),
    ] {
        let server = Server::start(scripts).await;
        let (text, end, failure) = asked(&route(&settings(&server)), hole(), surface).await;
        assert_eq!(
            (text.as_str(), end, failure),
            ("ok", Some(StopReason::End), None),
            "{name}"
        );
        assert_eq!(server.requests().len(), requests, "{name}");
    }
    for (name, scripts, surface, requests) in [
        (
            "completions give up after two",
            vec![error("503 X", now)],
            Surface::Completion,
            2,
        ),
        (
            "chat gives up after three",
            vec![error("503 X", now)],
            Surface::Chat,
            3,
        ),
        (
            "text was shown",
            vec![vec![begun(&event("a", None)), Act::Close]],
            Surface::Chat,
            1,
        ),
        ("401 is final", vec![error("401 X", now)], Surface::Chat, 1),
    ] {
        let server = Server::start(scripts).await;
        let error = failed(&route(&settings(&server)), surface).await;
        assert_eq!(server.requests().len(), requests, "{name}: {error}");
    }
}

#[tokio::test]
async fn a_key_is_sent_and_never_said() {
    let denied = reply(
        "401 X",
        "application/json",
        "x-request-id: nextline\r\n",
        r#"{"error":{"message":"bad key nextline"}}"#,
    );
    let server = Server::start(vec![good("a"), vec![denied]]).await;
    let keyed = Settings {
        api_key_env: Some("CARGO_PKG_NAME".into()),
        ..settings(&server)
    };
    let route = route(&keyed);
    assert_eq!(asked(&route, hole(), Surface::Completion).await.0, "a");
    assert!(
        server.requests()[0]
            .0
            .contains("authorization: bearer nextline")
    );
    let error = failed(&route, Surface::Completion).await;
    assert_eq!(
        (error.kind(), error.request_id()),
        (Kind::Auth, None),
        "an id that plays the key back is dropped"
    );

    // From here on completions rest, and what a person asks for does not.
    assert!(route.paused().is_some());
    assert_eq!(
        failed(&route, Surface::Completion).await.kind(),
        Kind::Resting { again_in: None }
    );
    assert_eq!(server.requests().len(), 2);
    assert_eq!(failed(&route, Surface::Chat).await.kind(), Kind::Auth);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn five_failures_open_the_breaker() {
    let server = Server::start(vec![vec![reply(
        "500 X",
        "text/plain",
        "x-should-retry: false\r\n",
        "",
    )]])
    .await;
    let route = route(&settings(&server));
    assert_eq!(route.breaker(), "closed");
    for _ in 0..100 {
        failed(&route, Surface::Completion).await;
    }
    assert_eq!((server.requests().len(), route.breaker()), (5, "open"));
    assert!(matches!(
        failed(&route, Surface::Completion).await.kind(),
        Kind::Resting { again_in: Some(_) }
    ));
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_once_and_a_static_key_never() {
    let denied = || vec![reply("401 X", "application/json", "", "{}")];
    let echo = |text: &str| Some(vec!["echo".to_owned(), text.to_owned()]);
    let token = r#"{"token":"t-123456","expires_in":3600}"#;
    for (name, token_command, api_key_cmd, scripts, requests, good_end) in [
        (
            "a token",
            echo(token),
            None,
            vec![denied(), good("ok")],
            2,
            true,
        ),
        (
            "a token for ever",
            echo(token),
            None,
            vec![denied()],
            2,
            false,
        ),
        (
            "a key",
            None,
            echo("k-123456"),
            vec![denied(), good("ok")],
            1,
            false,
        ),
    ] {
        let server = Server::start(scripts).await;
        let settings = Settings {
            token_command,
            api_key_cmd,
            ..settings(&server)
        };
        let (text, _, failure) = asked(&route(&settings), hole(), Surface::Chat).await;
        assert_eq!(
            (text.as_str() == "ok", failure.is_none()),
            (good_end, good_end),
            "{name}: {failure:?}"
        );
        assert_eq!(server.requests().len(), requests, "{name}");
    }
}

#[tokio::test]
async fn a_provider_in_trouble_is_not_asked_twice_for_everything() {
    let failing = vec![reply("503 X", "text/plain", "retry-after: 0\r\n", "")];
    let server = Server::start(vec![failing]).await;
    let route = route(&settings(&server));
    for _ in 0..1000 {
        failed(&route, Surface::Completion).await;
    }
    let requests = server.requests().len();
    assert!(
        requests <= 6,
        "{requests} requests: five failures and one further try"
    );
}
