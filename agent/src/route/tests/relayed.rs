//! A line to a server that is no model, and small questions beside the asking.

use std::collections::BTreeMap;

use reqwest::Method;

use super::super::client::Line;
use super::super::credential::Unsent;
use super::super::fetch::fetch;
use super::super::relay::{Relay, too_large};
use super::server::*;
use super::*;

const CONNECT: Duration = Duration::from_secs(5);

fn relay(url: &str, headers: &[(&str, &str)]) -> Result<Relay, String> {
    let headers: BTreeMap<String, String> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Relay::new(&Http::default(), "tools", url, &headers, CONNECT)
}

#[tokio::test]
async fn a_body_goes_out_with_its_headers_and_the_answer_comes_whole_or_in_pieces() {
    let answer = reply(
        "202 X",
        "text/plain",
        "x-a: 1\r\nx-odd: \u{fc}\r\n",
        "0123456789",
    );
    let server = Server::start(vec![vec![answer]]).await;
    let relay = relay(
        &format!("{}/mcp?x=1", server.url),
        &[("X-Own", "a"), ("X-Both", "a")],
    )
    .expect("good");
    assert_eq!(relay.origin(), server.url);
    assert!(relay.is_here());
    let send = |method: &'static str| {
        relay.send(
            method,
            "tools/list",
            &[("X-Both", "b"), ("X-New", "c")],
            b"\"in\"".to_vec(),
        )
    };
    for (method, sent) in [
        ("POST", "post"),
        ("DELETE", "delete"),
        ("no method", "post"),
    ] {
        let heard = send(method).await.expect("an answer");
        assert_eq!((heard.status(), heard.header("X-A")), (202, Some("1")));
        assert_eq!(
            (heard.header("x-odd"), heard.header("x-none")),
            (None, None)
        );
        assert_eq!(heard.whole(10).await.as_deref(), Ok(&b"0123456789"[..]));
        let (head, body) = server.requests().pop().expect("asked");
        assert!(
            head.starts_with(&format!("{sent} /mcp?x=1 http/1.1")),
            "{head}"
        );
        for line in ["x-own: a", "x-both: b", "x-new: c"] {
            assert!(head.lines().any(|it| it == line), "{line} in {head}");
        }
        assert_eq!(body, "in");
    }
    let why = send("POST").await.expect("an answer").whole(9).await;
    assert_eq!(
        why,
        Err("answered more than 0 MB at once; ask it for less".into())
    );
    for (most, wanted) in [(10, Ok("0123456789")), (9, Err("answered more than 0 MB"))] {
        let pieces = send("POST").await.expect("an answer").pieces(most);
        let pieces: Vec<_> = pieces.collect().await;
        let text: std::io::Result<Vec<u8>> = pieces
            .into_iter()
            .try_fold(Vec::new(), |all, piece| Ok([all, piece?.to_vec()].concat()));
        match (text, wanted) {
            (Ok(text), Ok(wanted)) => assert_eq!(text, wanted.as_bytes()),
            (Err(error), Err(wanted)) => assert!(error.to_string().starts_with(wanted), "{error}"),
            (text, _) => panic!("{most}: {text:?}"),
        }
    }
    assert_eq!(
        too_large(3 << 20),
        "answered more than 3 MB at once; ask it for less"
    );
}

#[tokio::test]
async fn an_answer_in_many_pieces_is_bounded_in_all_and_a_cut_is_told() {
    let parts = [streaming(), chunk("0123"), chunk("4567"), chunk("89")].concat();
    let (whole, cut) = ([parts.clone(), chunk("")].concat(), parts);
    let server = Server::start(vec![
        vec![Act::Drip(whole.clone())],
        vec![Act::Drip(whole.clone())],
        vec![Act::Drip(whole.clone())],
        vec![Act::Drip(whole)],
        vec![Act::Send(cut.clone()), Act::Close],
        vec![Act::Send(cut), Act::Close],
    ])
    .await;
    let relay = relay(&server.url, &[]).expect("good");
    let heard = async || {
        relay
            .send("POST", "x", &[], Vec::new())
            .await
            .expect("an answer")
    };
    assert_eq!(
        heard().await.whole(10).await.as_deref(),
        Ok(&b"0123456789"[..])
    );
    assert!(
        heard()
            .await
            .whole(9)
            .await
            .is_err_and(|why| why.contains("at once"))
    );
    let count = async |most: usize| {
        let pieces: Vec<_> = heard().await.pieces(most).collect().await;
        let good: usize = pieces.iter().flatten().map(|piece| piece.len()).sum();
        let error = pieces
            .into_iter()
            .find_map(Result::err)
            .map(|error| error.to_string());
        (good, error)
    };
    assert_eq!(count(10).await, (10, None));
    let (good, error) = count(9).await;
    assert!(good <= 9 && error.is_some_and(|error| error.contains("at once")));
    assert_eq!(count(10).await, (10, Some("broke its answer off".into())));
    let why = heard().await.whole(10).await;
    assert_eq!(why, Err("broke its answer off; try again".into()));
}

#[tokio::test]
async fn what_cannot_be_sent_is_said() {
    for (url, headers, says) in [
        (
            "nothing",
            &[][..],
            "has a `url` that is no address; correct it",
        ),
        (
            "http://127.0.0.1:9",
            &[("a b", "c")],
            "has a header `a b` that cannot be sent; correct it",
        ),
        (
            "http://127.0.0.1:9",
            &[("a", "\n")],
            "has a header `a` that cannot be sent; correct it",
        ),
    ] {
        assert_eq!(relay(url, headers).err().as_deref(), Some(says));
    }
    let far = relay("https://tools.example/x", &[]).expect("good");
    assert_eq!(
        (far.is_here(), far.origin().as_str()),
        (false, "https://tools.example:443")
    );
    // Bound, so that no other server gets the port, and not listened at.
    let socket = tokio::net::TcpSocket::new_v4().expect("socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("bind");
    let closed = relay(
        &format!("http://{}/", socket.local_addr().expect("address")),
        &[],
    )
    .expect("good");
    let send = async |headers: &[(&str, &str)]| {
        closed
            .send("POST", "x", headers, Vec::new())
            .await
            .err()
            .expect("a failure")
    };
    assert_eq!(
        send(&[("a b", "c")]).await,
        "wants a header `a b` that cannot be sent"
    );
    assert_eq!(
        send(&[("a", "\n")]).await,
        "wants a header `a` that cannot be sent"
    );
    let why = send(&[]).await;
    assert!(
        why.contains("nothing listens there") && why.contains("its `url`"),
        "{why}"
    );
    assert!(!why.contains("of this route"), "{why}");
}

#[tokio::test]
async fn a_small_question_is_bounded_in_bytes_and_time() {
    const MOST: usize = 4 << 20;
    let http = Http::default();
    let asked = async |acts: Vec<Act>, time: Duration| {
        let server = Server::start(vec![acts]).await;
        let url = Url::parse(&server.url).expect("an address");
        let unsent = Unsent {
            method: Method::GET,
            headers: Default::default(),
            body: Vec::new(),
            url,
        };
        let line = Line::to(&unsent.url, &Settings::default(), CONNECT);
        fetch(&http, &line, unsent, "the list", time).await
    };
    let long = Duration::from_secs(60);
    let body = |length: usize| vec![reply("404 X", "text/plain", "", &"x".repeat(length))];
    let said = asked(body(MOST), long).await.expect("as much as may be");
    assert_eq!((said.status, said.body.len()), (404, MOST));
    let short = head("200 OK", "content-length: 9\r\n");
    for (acts, time, kind, says) in [
        (
            body(MOST + 1),
            long,
            Kind::BadReply,
            "the list answered more than anybody should",
        ),
        (
            vec![Act::Send(short), Act::Close],
            long,
            Kind::Network,
            "the list broke its answer off; try again",
        ),
        (vec![Act::Close], long, Kind::Network, "the list: "),
        (
            vec![Act::Hold],
            Duration::from_millis(30),
            Kind::Timeout,
            "the list did not answer within 30 ms; try again",
        ),
    ] {
        let failure = asked(acts, time).await.expect_err(says);
        assert_eq!(failure.kind, kind, "{}", failure.what);
        assert!(failure.what.starts_with(says), "{}", failure.what);
    }
}
