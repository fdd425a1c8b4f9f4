//! What a server can do wrong, and what is said about it.

use tokio::net::TcpSocket;

use super::server::*;
use super::*;

#[tokio::test]
async fn answers_without_a_completion_are_told_apart() {
    let body = |text: &str| reply("200 OK", "application/json", "", text);
    let events = |text: &str| stream(text);
    for (name, acts, kind, says) in [
        (
            "web page",
            vec![reply("200 OK", "text/html", "", "<html>login sk-x</html>")],
            Kind::BadReply,
            "web page",
        ),
        (
            "web page in disguise",
            vec![reply("200 OK", "text/plain", "", "\n<html>")],
            Kind::BadReply,
            "web page",
        ),
        (
            "picture",
            vec![reply("200 OK", "image/png", "", "x")],
            Kind::BadReply,
            "neither JSON",
        ),
        (
            "compressed",
            vec![reply(
                "200 OK",
                "text/event-stream",
                "content-encoding: gzip\r\n",
                "x",
            )],
            Kind::BadReply,
            "compressed",
        ),
        (
            "nothing",
            vec![Act::Send(head("204 No Content", ""))],
            Kind::BadReply,
            "204",
        ),
        ("empty stream", vec![events("")], Kind::Cut, "broke off"),
        (
            "comments only",
            vec![events(": ping\n\n: ping\n\n")],
            Kind::Cut,
            "broke off",
        ),
        (
            "wrong json",
            vec![events("data: {]}\n\ndata: [DONE]\n\n")],
            Kind::BadReply,
            "unreadable",
        ),
        (
            "wrong shape",
            vec![body("{\"text\":\"x\"}")],
            Kind::BadReply,
            "unreadable",
        ),
        (
            "deep json",
            vec![body(&"[".repeat(50_000))],
            Kind::BadReply,
            "unreadable",
        ),
        (
            "headers",
            vec![reply(
                "200 OK",
                "application/json",
                &format!("x-a: {}\r\n", "a".repeat(70_000)),
                "{}",
            )],
            Kind::BadReply,
            "headers",
        ),
        (
            "huge event",
            vec![
                Act::Send(
                    [
                        streaming(),
                        chunk(&format!("data: {}", "x".repeat(3 << 20))),
                    ]
                    .concat(),
                ),
                Act::Hold,
            ],
            Kind::BadReply,
            "too large",
        ),
        (
            "huge body",
            vec![reply(
                "200 OK",
                "application/json",
                "",
                &"x".repeat((16 << 20) + 1),
            )],
            Kind::BadReply,
            "too large",
        ),
        (
            "error in 200",
            vec![body(
                r#"{"error":{"message":"m","code":"context_length_exceeded"}}"#,
            )],
            Kind::TooLong,
            "longer",
        ),
        (
            "400",
            vec![reply("400 Bad Request", "application/json", "", "{}")],
            Kind::Refused,
            "answered 400",
        ),
        (
            "403 page",
            vec![reply("403 Forbidden", "text/html", "", "<html>")],
            Kind::Forbidden,
            "web page",
        ),
        (
            "404",
            vec![reply(
                "404 Not Found",
                "application/json",
                "x-request-id: r-7\r\n",
                "{}",
            )],
            Kind::Refused,
            "(request r-7)",
        ),
        (
            "an id that is none",
            vec![reply(
                "404 X",
                "application/json",
                "x-request-id: see <here>\r\n",
                "{}",
            )],
            Kind::Refused,
            "`base_url` of this route",
        ),
        (
            "429 for an hour",
            vec![reply(
                "429 Too Many",
                "text/plain",
                "retry-after: 3600\r\n",
                "",
            )],
            Kind::RateLimited {
                retry_after: Some(Duration::from_secs(3600)),
            },
            "3600 s",
        ),
        (
            "quota",
            vec![reply(
                "429 Too Many",
                "application/json",
                "",
                r#"{"error":{"code":"insufficient_quota"}}"#,
            )],
            Kind::Quota,
            "quota",
        ),
        (
            "told not to try again",
            vec![reply(
                "500 X",
                "text/plain",
                "x-should-retry: false\r\n",
                "",
            )],
            Kind::Overloaded,
            "answered 500",
        ),
    ] {
        let server = Server::start(vec![acts, vec![Act::Hold]]).await;
        let once = Settings {
            timeouts: Timeouts {
                total_ms: Some(2000),
                ..Timeouts::default()
            },
            ..settings(&server)
        };
        let error = failed(&route(&once), Surface::Completion).await;
        let again = matches!(kind, Kind::Cut);
        if again {
            // A stream without text may be asked for again, and the second one stalls.
            assert!(
                [Kind::Cut, Kind::Timeout].contains(&error.kind()),
                "{name}: {error}"
            );
            continue;
        }
        assert_eq!(error.kind(), kind, "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(says), "{name}: {text}");
        assert!(text.starts_with("route `fast` (m at 127.0.0.1:"), "{text}");
        assert!(!text.contains("sk-x") && !text.contains("<here>"), "{text}");
        assert_eq!(server.requests().len(), 1, "{name} is not tried again");
    }
}

#[tokio::test]
async fn stalls_end_at_their_deadline() {
    let limits = Timeouts {
        first_byte_ms: Some(60),
        idle_ms: Some(60),
        total_ms: Some(5000),
        ..Timeouts::default()
    };
    let total = Timeouts {
        first_byte_ms: Some(5000),
        total_ms: Some(60),
        ..limits
    };
    let text = || begun(&event("a", None));
    let pings = [streaming(), chunk(": ping\n\n")].concat();
    for (name, acts, limits, surface, says) in [
        (
            "no headers",
            vec![Act::Hold],
            limits,
            Surface::Completion,
            "no text came within 60 ms",
        ),
        (
            "no body",
            vec![Act::Send(streaming()), Act::Hold],
            limits,
            Surface::Chat,
            "no text came within 60 ms",
        ),
        (
            "pings only",
            vec![Act::Send(pings), Act::Hold],
            limits,
            Surface::Completion,
            "no text came within 60 ms",
        ),
        (
            "half way",
            vec![text(), Act::Hold],
            limits,
            Surface::Completion,
            "stopped for 60 ms",
        ),
        (
            "half way in chat",
            vec![text(), Act::Hold],
            limits,
            Surface::Chat,
            "stopped for 60 ms",
        ),
        (
            "in all",
            vec![Act::Hold],
            total,
            Surface::Completion,
            "longer than 60 ms",
        ),
    ] {
        let mut server = Server::start(vec![acts]).await;
        let error = failed(
            &route(&Settings {
                timeouts: limits,
                ..settings(&server)
            }),
            surface,
        )
        .await;
        assert_eq!(error.kind(), Kind::Timeout, "{name}: {error}");
        assert!(error.to_string().contains(says), "{name}: {error}");
        server.hung_up().await;
        assert_eq!(server.requests().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn dropping_the_answer_hangs_up() {
    let text = [streaming(), chunk(&event("a", None))].concat();
    for (name, acts, deltas) in [
        ("before headers", vec![Act::Hold], 0),
        ("mid stream", vec![Act::Send(text), Act::Hold], 1),
    ] {
        let mut server = Server::start(vec![acts]).await;
        let mut answer = route(&settings(&server)).stream(hole().into(), Surface::Completion);
        for _ in 0..deltas {
            assert_eq!(
                answer.next().await,
                Some(Ok(Delta::Text("a".into()))),
                "{name}"
            );
        }
        if deltas == 0 {
            let polled = tokio::time::timeout(Duration::from_millis(100), answer.next()).await;
            assert!(polled.is_err(), "{name}");
        }
        drop(answer);
        server.hung_up().await;
    }
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let other = Server::start(vec![good("stolen")]).await;
    for (target, says) in [
        (
            format!("{}/v1/completions?key=sk-x", other.url),
            format!("a redirect to {},", other.url),
        ),
        (
            "file:///etc/passwd".into(),
            "a redirect to a file: address".into(),
        ),
        ("/loop".into(), "a redirect to http://127.0.0.1:".into()),
    ] {
        let more = format!("location: {target}\r\n");
        let server = Server::start(vec![vec![reply(
            "307 Temporary Redirect",
            "text/plain",
            &more,
            "",
        )]])
        .await;
        let error = failed(&route(&settings(&server)), Surface::Chat).await;
        assert_eq!((error.kind(), error.status()), (Kind::BadReply, Some(307)));
        assert!(error.to_string().contains(&says), "{error}");
        assert!(!error.to_string().contains("sk-x"), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn unreachable_hosts_are_named() {
    // Bound, so that no other server gets the port, and not listened at.
    let socket = TcpSocket::new_v4().expect("socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("bind");
    let closed = socket.local_addr().expect("address");
    let nothing = Server::start(vec![good("")]).await;
    let base = |url: String| Settings {
        base_url: Some(url),
        ..settings(&nothing)
    };
    for (settings, says) in [
        (
            base(format!("http://{closed}/v1")),
            format!("(m at {closed}) nothing listens there"),
        ),
        (
            base("http://no-such-host.invalid/v1".into()),
            "the name of the host is not known".into(),
        ),
        (base(nothing.url.replace("http", "https")), "TLS".into()),
    ] {
        let error = failed(&route(&settings), Surface::Completion).await;
        assert_eq!(error.kind(), Kind::Network, "{error}");
        assert!(error.to_string().contains(&says), "{error}");
    }
}
