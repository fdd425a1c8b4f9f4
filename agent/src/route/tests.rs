//! Routes against a server on loopback that follows a script: what it sends, where it stalls, where it cuts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::*;
use crate::prompt::{Hole, Message, Role};
use crate::settings::Timeouts;

/// What the server does for one request, in order.
#[derive(Clone)]
enum Act {
    Send(Vec<u8>),
    /// One write and flush for each byte.
    Drip(Vec<u8>),
    /// Waits until the client hangs up.
    Hold,
    Close,
}

struct Server {
    url: String,
    log: Arc<Log>,
    closed: watch::Receiver<usize>,
}

#[derive(Default)]
struct Log {
    requests: Mutex<Vec<(String, Value)>>,
    connections: AtomicUsize,
}

impl Server {
    /// Answers the n-th request by the n-th script, and further ones by the last.
    async fn start(scripts: Vec<Vec<Act>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let log = Arc::new(Log::default());
        let (hung_up, closed) = watch::channel(0);
        let (scripts, kept) = (Arc::new(scripts), log.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.connections.fetch_add(1, Ordering::SeqCst);
                let (scripts, log, hung_up) = (scripts.clone(), kept.clone(), hung_up.clone());
                tokio::spawn(async move {
                    serve(stream, &scripts, &log).await;
                    hung_up.send_modify(|n| *n += 1);
                });
            }
        });
        Server { url, log, closed }
    }

    fn requests(&self) -> Vec<(String, Value)> {
        self.log.requests.lock().expect("log").clone()
    }

    fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    async fn hung_up(&mut self) {
        self.closed
            .wait_for(|n| *n > 0)
            .await
            .expect("the client hangs up");
    }
}

async fn serve(mut stream: TcpStream, scripts: &[Vec<Act>], log: &Log) {
    let _ = stream.set_nodelay(true);
    while let Some(request) = request(&mut stream).await {
        let n = {
            let mut requests = log.requests.lock().expect("log");
            requests.push(request);
            requests.len() - 1
        };
        for act in &scripts[n.min(scripts.len() - 1)] {
            let going = match act {
                Act::Send(bytes) => stream.write_all(bytes).await.is_ok(),
                Act::Drip(bytes) => {
                    let mut going = true;
                    for byte in bytes {
                        going &= stream.write_all(&[*byte]).await.is_ok();
                        tokio::task::yield_now().await;
                    }
                    going
                }
                Act::Hold => {
                    let mut byte = [0];
                    while matches!(stream.read(&mut byte).await, Ok(n) if n > 0) {}
                    false
                }
                Act::Close => false,
            };
            if !going {
                return;
            }
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap_or("0").trim().parse().ok()?;
        if bytes.len() >= end + 4 + length {
            let body =
                serde_json::from_slice(&bytes[end + 4..end + 4 + length]).unwrap_or_default();
            return Some((head, body));
        }
    }
}

fn head(status: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{more}\r\n").into_bytes()
}

/// A complete answer with its length.
fn reply(status: &str, kind: &str, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let mut bytes = head(
        status,
        &format!("content-type: {kind}\r\ncontent-length: {length}\r\n{more}"),
    );
    bytes.extend_from_slice(body.as_bytes());
    bytes
}

/// The head of a chunked stream of events.
fn streaming() -> Vec<u8> {
    head(
        "200 OK",
        "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n",
    )
}

fn chunk(data: &str) -> Vec<u8> {
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

fn event(text: &str, finish: Option<&str>) -> String {
    format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "text": text, "finish_reason": finish}]})
    )
}

/// A whole good stream of `text`.
fn good(text: &str) -> Vec<Act> {
    let events = event(text, None) + &event("", Some("stop")) + "data: [DONE]\n\n";
    vec![Act::Send([streaming(), chunk(&events), chunk("")].concat())]
}

fn settings(server: &Server) -> Settings {
    Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some(format!("{}/v1", server.url)),
        timeouts: Timeouts {
            first_byte_ms: Some(5000),
            idle_ms: Some(5000),
            ..Timeouts::default()
        },
        ..Settings::default()
    }
}

fn hole() -> Prompt {
    let hole = Hole {
        prefix: "let a = ".into(),
        suffix: ";".into(),
        ..Hole::default()
    };
    Prompt {
        body: Body::Hole(hole),
        stops: vec!["\n".into()],
        max_tokens: Some(16),
    }
}

fn chat() -> Prompt {
    let message = Message {
        role: Role::User,
        text: "hi".into(),
    };
    Prompt {
        body: Body::Chat(vec![message]),
        stops: vec![],
        max_tokens: None,
    }
}

fn route(settings: &Settings) -> Route {
    Route::new("fast", settings, &Http::default()).expect("good settings")
}

/// The text, the reason of its end, and the failure of one ask.
async fn asked(
    route: &Route,
    prompt: Prompt,
    surface: Surface,
) -> (String, Option<StopReason>, Option<RouteError>) {
    let mut answer = route.stream(prompt, surface);
    let (mut text, mut end, mut failure) = (String::new(), None, None);
    while let Some(delta) = answer.next().await {
        match delta {
            Ok(Delta::Text(more)) => text.push_str(&more),
            Ok(Delta::Done { stop, .. }) => end = Some(stop),
            Ok(Delta::Usage(_) | Delta::Refusal(_)) => {}
            Err(error) => failure = Some(error),
        }
    }
    (text, end, failure)
}

async fn failed(route: &Route, surface: Surface) -> RouteError {
    asked(route, hole(), surface).await.2.expect("a failure")
}

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
    let spelled: String = events.bytes().map(|_| "").collect();
    assert!(spelled.is_empty());
    for (name, acts) in [
        (
            "one packet",
            vec![Act::Send([streaming(), chunk(&events), chunk("")].concat())],
        ),
        (
            "byte by byte",
            vec![
                Act::Send(streaming()),
                Act::Drip([chunk(&events), chunk("")].concat()),
            ],
        ),
        (
            "crlf, mark, no space",
            vec![Act::Send([streaming(), chunk(&crlf), chunk("")].concat())],
        ),
        (
            "plain json",
            vec![Act::Send(reply("200 OK", "application/json", "", &plain))],
        ),
        (
            "plain json in drips",
            vec![Act::Drip(reply(
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
    let whole = [
        streaming(),
        chunk(&event("let ä", None)),
        chunk(&event(" = 1;", None)),
    ]
    .concat();
    let end = chunk(&event("", Some("stop")));
    for k in 0..whole.len() + end.len() {
        let bytes: Vec<u8> = whole.iter().chain(&end).copied().take(k).collect();
        let server = Server::start(vec![vec![Act::Send(bytes), Act::Close]]).await;
        let slow = Settings {
            timeouts: Timeouts {
                total_ms: Some(1),
                ..Timeouts::default()
            },
            ..settings(&server)
        };
        // With no time for a second try, the first one is what is seen.
        let patient = Settings {
            timeouts: Timeouts {
                total_ms: Some(5000),
                ..slow.timeouts
            },
            ..slow
        };
        let mut answer = route(&patient).stream(hole(), Surface::Completion);
        let mut text = String::new();
        let mut failure = None;
        while let Some(delta) = answer.next().await {
            match delta {
                Ok(Delta::Text(more)) => text.push_str(&more),
                Ok(other) => panic!("{other:?} after {k} bytes"),
                Err(error) => failure = Some(error.kind()),
            }
            if !text.is_empty() && failure.is_some() {
                break;
            }
            if server.requests().len() > 1 {
                break;
            }
        }
        assert!(
            ["", "let ä", "let ä = 1;"].contains(&text.as_str()),
            "{text:?} after {k} bytes"
        );
        if !text.is_empty() {
            assert_eq!(failure, Some(Kind::Cut), "after {k} bytes");
        }
    }
}

#[tokio::test]
async fn answers_without_a_completion_are_told_apart() {
    let body = |text: &str| Act::Send(reply("200 OK", "application/json", "", text));
    let events = |text: &str| Act::Send([streaming(), chunk(text), chunk("")].concat());
    for (name, acts, kind, says) in [
        (
            "web page",
            vec![Act::Send(reply(
                "200 OK",
                "text/html",
                "",
                "<html>login sk-x</html>",
            ))],
            Kind::BadReply,
            "web page",
        ),
        (
            "web page in disguise",
            vec![Act::Send(reply("200 OK", "text/plain", "", "\n<html>"))],
            Kind::BadReply,
            "web page",
        ),
        (
            "picture",
            vec![Act::Send(reply("200 OK", "image/png", "", "x"))],
            Kind::BadReply,
            "neither JSON",
        ),
        (
            "compressed",
            vec![Act::Send(reply(
                "200 OK",
                "text/event-stream",
                "content-encoding: gzip\r\n",
                "x",
            ))],
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
            vec![Act::Send(reply(
                "200 OK",
                "application/json",
                &format!("x-a: {}\r\n", "a".repeat(70_000)),
                "{}",
            ))],
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
            vec![Act::Send(reply(
                "200 OK",
                "application/json",
                "",
                &"x".repeat((16 << 20) + 1),
            ))],
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
            vec![Act::Send(reply(
                "400 Bad Request",
                "application/json",
                "",
                "{}",
            ))],
            Kind::Refused,
            "answered 400",
        ),
        (
            "403 page",
            vec![Act::Send(reply("403 Forbidden", "text/html", "", "<html>"))],
            Kind::Forbidden,
            "web page",
        ),
        (
            "404",
            vec![Act::Send(reply(
                "404 Not Found",
                "application/json",
                "x-request-id: r-7\r\n",
                "{}",
            ))],
            Kind::Refused,
            "(request r-7)",
        ),
        (
            "429 for an hour",
            vec![Act::Send(reply(
                "429 Too Many",
                "text/plain",
                "retry-after: 3600\r\n",
                "",
            ))],
            Kind::RateLimited {
                retry_after: Some(Duration::from_secs(3600)),
            },
            "3600 s",
        ),
        (
            "quota",
            vec![Act::Send(reply(
                "429 Too Many",
                "application/json",
                "",
                r#"{"error":{"code":"insufficient_quota"}}"#,
            ))],
            Kind::Quota,
            "quota",
        ),
        (
            "told not to try again",
            vec![Act::Send(reply(
                "500 X",
                "text/plain",
                "x-should-retry: false\r\n",
                "",
            ))],
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
        assert!(!text.contains("sk-x"), "{text}");
        assert_eq!(server.requests().len(), 1, "{name} is not tried again");
    }
}

#[tokio::test]
async fn failures_that_pass_are_tried_again() {
    let error =
        |status: &str, more: &str| vec![Act::Send(reply(status, "application/json", more, "{}"))];
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
                vec![Act::Send(
                    [
                        streaming(),
                        chunk("data: {\"error\":{\"type\":\"overloaded_error\"}}\n\n"),
                        chunk(""),
                    ]
                    .concat(),
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
            vec![vec![
                Act::Send([streaming(), chunk(&event("a", None))].concat()),
                Act::Close,
            ]],
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
    let text = || Act::Send([streaming(), chunk(&event("a", None))].concat());
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
        let mut answer = route(&settings(&server)).stream(hole(), Surface::Completion);
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
        let mut answer = route.stream(hole(), Surface::Completion);
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
        let server = Server::start(vec![vec![Act::Send(reply(
            "307 Temporary Redirect",
            "text/plain",
            &more,
            "",
        ))]])
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
async fn a_key_is_sent_and_never_said() {
    let denied = reply(
        "401 X",
        "application/json",
        "x-request-id: nextline\r\n",
        r#"{"error":{"message":"bad key nextline"}}"#,
    );
    let server = Server::start(vec![good("a"), vec![Act::Send(denied)]]).await;
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
    let server = Server::start(vec![vec![Act::Send(reply(
        "500 X",
        "text/plain",
        "x-should-retry: false\r\n",
        "",
    ))]])
    .await;
    let route = route(&settings(&server));
    for _ in 0..100 {
        failed(&route, Surface::Completion).await;
    }
    assert_eq!(server.requests().len(), 5);
    assert!(matches!(
        failed(&route, Surface::Completion).await.kind(),
        Kind::Resting { again_in: Some(_) }
    ));
}

#[tokio::test]
async fn unreachable_hosts_are_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let closed = listener.local_addr().expect("address");
    drop(listener);
    let nothing = Server::start(vec![good("")]).await;
    let base = |url: String| Settings {
        base_url: Some(url),
        ..settings(&nothing)
    };
    for (settings, says) in [
        (
            base(format!("http://{closed}/v1")),
            format!("nothing listens at {closed}"),
        ),
        (
            base("http://no-such-host.invalid/v1".into()),
            "no-such-host.invalid".into(),
        ),
        (base(nothing.url.replace("http", "https")), "TLS".into()),
    ] {
        let error = failed(&route(&settings), Surface::Completion).await;
        assert_eq!(error.kind(), Kind::Network, "{error}");
        assert!(error.to_string().contains(&says), "{error}");
    }
}

#[tokio::test]
async fn chat_goes_to_its_own_path() {
    let said = r#"data: {"choices":[{"delta":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}"#;
    let server = Server::start(vec![vec![Act::Send(
        [streaming(), chunk(&format!("{said}\n\n")), chunk("")].concat(),
    )]])
    .await;
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
async fn a_server_that_fills_no_holes_gets_the_template() {
    let no = reply(
        "501 X",
        "application/json",
        "",
        r#"{"error":{"code":501,"type":"not_supported_error"}}"#,
    );
    let yes = "data: {\"content\":\"7\",\"stop\":false}\n\ndata: {\"content\":\"\",\"stop\":true,\"stop_type\":\"eos\"}\n\n";
    let yes = vec![Act::Send([streaming(), chunk(yes), chunk("")].concat())];
    let server = Server::start(vec![vec![Act::Send(no)], yes]).await;
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

#[test]
fn wrong_settings_are_said_in_one_sentence() {
    let base = || Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some("http://127.0.0.1:9/v1".into()),
        ..Settings::default()
    };
    let url = |url: &str| Settings {
        base_url: Some(url.into()),
        ..base()
    };
    let provider = |name: &str| Settings {
        provider: name.into(),
        base_url: None,
        ..base()
    };
    for (settings, kind, says) in [
        (
            provider("openal"),
            Kind::Settings,
            "unknown provider `openal`",
        ),
        (
            provider("bedrock"),
            Kind::Unsupported,
            "not supported by this version; it can use openai-compatible, openai",
        ),
        (
            provider("openai-compatible"),
            Kind::Settings,
            "has no `base_url`",
        ),
        (url("127.0.0.1:8080"), Kind::Settings, "no address"),
        (
            url("ftp://127.0.0.1/"),
            Kind::Settings,
            "neither http nor https",
        ),
        (
            url("http://user:sk-x@127.0.0.1/"),
            Kind::Settings,
            "take it out",
        ),
        (
            url("http://127.0.0.1/v1?key=sk-x"),
            Kind::Settings,
            "with a query",
        ),
        (
            Settings {
                fim: "qwen".into(),
                ..base()
            },
            Kind::Settings,
            "known are auto, suffix, infill, chat, none, qwen-coder",
        ),
        (
            Settings {
                fim: "infill".into(),
                ..base()
            },
            Kind::Settings,
            "does not offer",
        ),
        (
            Settings {
                fim: "codestral".into(),
                ..provider("mistral")
            },
            Kind::Settings,
            "takes no raw text",
        ),
        (
            Settings {
                api_key_env: Some("OPENAI_API_KEY".into()),
                ..provider("mistral")
            },
            Kind::Settings,
            "would send the key of openai",
        ),
        (
            Settings {
                headers: [("a b".to_owned(), "c".to_owned())].into(),
                ..base()
            },
            Kind::Settings,
            "`a b`",
        ),
        (
            Settings {
                headers: [("Host".to_owned(), "c".to_owned())].into(),
                ..base()
            },
            Kind::Settings,
            "`Host`",
        ),
    ] {
        let error = Route::new("fast", &settings, &Http::default())
            .err()
            .expect(says);
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!format!("{error} {error:?}").contains("sk-x"), "{error}");
    }
}

#[test]
fn the_way_to_fill_holes_goes_by_provider_then_model() {
    let http = Http::default();
    for (provider, model, fim, mode) in [
        ("openai-compatible", "qwen2.5-coder-7b", "", "qwen-coder"),
        (
            "openai-compatible",
            "qwen2.5-coder-7b",
            "auto",
            "qwen-coder",
        ),
        ("openai-compatible", "some-model", "auto", "chat"),
        ("openai-compatible", "some-model", "suffix", "native"),
        (
            "openai-compatible",
            "some-model",
            "starcoder2",
            "starcoder2",
        ),
        ("openai-compatible", "qwen2.5-coder-7b", "none", "off"),
        ("openai-compatible", "qwen2.5-coder-7b", "chat", "chat"),
        ("openai", "gpt-4.1", "auto", "chat"),
        (
            "fireworks",
            "accounts/fireworks/models/starcoder2-16b",
            "auto",
            "starcoder2",
        ),
        ("mistral", "codestral-latest", "auto", "native"),
        ("deepseek", "deepseek-chat", "auto", "native"),
        ("llama-cpp", "anything", "infill", "native"),
        ("ollama", "qwen2.5-coder:7b", "auto", "native"),
    ] {
        let settings = Settings {
            provider: provider.into(),
            model: model.into(),
            fim: fim.into(),
            base_url: (provider == "openai-compatible").then(|| "http://127.0.0.1:9/v1".into()),
            ..Settings::default()
        };
        let route = Route::new("r", &settings, &http).expect("good settings");
        let found = match route.mode() {
            Mode::Native => "native",
            Mode::Template(row) => &row.name,
            Mode::Chat => "chat",
            Mode::Off => "off",
        };
        assert_eq!(found, mode, "{provider} {model} {fim:?}");
    }
}
