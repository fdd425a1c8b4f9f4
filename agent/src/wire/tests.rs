//! Frames in every cut, and bodies that are none.

use super::*;

async fn frames(bytes: &[u8], cut: usize) -> Vec<String> {
    let (mut near, far) = tokio::io::duplex(cut);
    let bytes = bytes.to_vec();
    let feed = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        near.write_all(&bytes).await.ok();
    });
    let mut reader = FrameReader::new(far);
    let mut seen = Vec::new();
    loop {
        match reader.next().await {
            Ok(Some(Frame::Body(body))) => seen.push(String::from_utf8_lossy(&body).into_owned()),
            Ok(Some(Frame::Skipped { length, .. })) => seen.push(format!("skipped {length}")),
            Ok(None) => break,
            Err(error) => {
                seen.push(format!("! {error}"));
                break;
            }
        }
    }
    drop(reader);
    feed.await.unwrap();
    seen
}

#[tokio::test]
async fn frames_survive_every_cut() {
    let cases: &[(&str, &[&str])] = &[
        (
            "Content-Length: 2\r\n\r\n{}Content-Length: 3\r\n\r\n[1]",
            &["{}", "[1]"],
        ),
        (
            "content-LENGTH:2\nContent-Type: x; charset=utf-8\n\n{}",
            &["{}"],
        ),
        (
            "Content-Length: 0\r\n\r\nContent-Length: 1\r\n\r\n1",
            &["", "1"],
        ),
        ("\r\n\r\nContent-Length: 1\r\n\r\n1\r\n", &["1"]),
        ("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", &["{}"]),
        (
            "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            &["! the input is no LSP: two Content-Length headers disagree"],
        ),
        (
            "Content-Type: x\r\n\r\n{}",
            &["! the input is no LSP: a header block without Content-Length"],
        ),
        (
            "Content-Length: -1\r\n\r\n",
            &["! the input is no LSP: Content-Length is no length: \"-1\""],
        ),
        (
            "Content-Length: \r\n\r\n",
            &["! the input is no LSP: Content-Length is no length: \"\""],
        ),
        (
            "Content-Length: 18446744073709551615\r\n\r\n",
            &[
                "! the input is no LSP: Content-Length 18446744073709551615 is over the cap of 64 MB",
            ],
        ),
        (
            "{\"jsonrpc\":\"2.0\"}\n",
            &["! the input is no LSP: a header block without Content-Length"],
        ),
        (
            "hello\n",
            &["! the input is no LSP: a header line without a colon: \"hello\""],
        ),
        (
            "Content-Le",
            &["! the input is no LSP: it ended inside a header"],
        ),
        (
            "Content-Length: 5\r\n\r\n12",
            &["! the input ended inside a message: 2 of 5 bytes had come"],
        ),
        (
            "Content-Length: 67108865\r\n\r\n12345",
            &["! the input ended inside a message: 5 of 67108865 bytes had come"],
        ),
        // The most that is read past.
        (
            "Content-Length: 1073741824\r\n\r\n1",
            &["! the input ended inside a message: 1 of 1073741824 bytes had come"],
        ),
    ];
    for (bytes, expected) in cases {
        for cut in [1, 2, 3, 7, 4096] {
            let mut expected: Vec<String> = expected.iter().map(|text| text.to_string()).collect();
            let mut seen = frames(bytes.as_bytes(), cut).await;
            if bytes.starts_with('{') {
                // A JSON line has a colon: it only fails at the block's end, which here never comes.
                expected = vec!["!".into()];
                seen.iter_mut().for_each(|text| text.truncate(1));
            }
            assert_eq!(seen, expected, "{bytes:?} in pieces of {cut}");
        }
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_read_past() {
    let length = FRAME_CAP + 1;
    let mut bytes = format!("Content-Length: {length}\r\n\r\n").into_bytes();
    bytes.resize(bytes.len() + length, b' ');
    bytes.extend_from_slice(b"Content-Length: 2\r\n\r\n{}");
    assert_eq!(
        frames(&bytes, 1 << 16).await,
        [format!("skipped {length}"), "{}".into()]
    );
    let long = format!("X: {}\r\n", "a".repeat(HEADER_CAP));
    assert_eq!(
        frames(long.as_bytes(), 4096).await,
        ["! the input is no LSP: a header block over 16 KB"]
    );
}

#[test]
fn bodies_are_checked_before_any_handler() {
    let deep = |levels: usize| {
        format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{}{}}}",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    let cases = [
        ("{}".to_owned(), "null -32600"),
        ("[]".into(), "null -32600"),
        ("nul".into(), "null -32700"),
        ("".into(), "null -32700"),
        ("3".into(), "null -32600"),
        (
            r#"{"jsonrpc":"1.0","id":7,"method":"m"}"#.into(),
            "7 -32600",
        ),
        (r#"{"id":7,"method":"m"}"#.into(), "7 -32600"),
        (
            r#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#.into(),
            "null -32600",
        ),
        (
            r#"{"jsonrpc":"2.0","id":{},"method":"m"}"#.into(),
            "null -32600",
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#.into(),
            "null -32600",
        ),
        (
            r#"{"jsonrpc":"2.0","id":"a","method":4}"#.into(),
            "\"a\" -32600",
        ),
        (
            r#"{"jsonrpc":"2.0","id":-3,"method":"m","params":4}"#.into(),
            "-3 -32602",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#.into(),
            "null -32600",
        ),
        (
            r#"{"jsonrpc":"2.0","id":0,"method":"m","params":null}"#.into(),
            "request 0",
        ),
        (
            r#"{"jsonrpc":"2.0","id":"\u0041","method":"m"}"#.into(),
            r#"request "\u0041""#,
        ),
        (
            r#"{"jsonrpc":"2.0","method":"m","extra":[{}]}"#.into(),
            "notification",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":null}"#.into(),
            "response",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{}}"#.into(),
            "response error",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#.into(),
            "response error",
        ),
        // Only what is open at once is deep, and nothing in a string is.
        (
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":[{}0]}}"#,
                "[],".repeat(200)
            ),
            "request 1",
        ),
        (
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"m","params":["\"{}"]}}"#,
                "[".repeat(200)
            ),
            "request 1",
        ),
        (deep(127), "request 1"),
        (deep(128), "null -32700"),
        ("[".repeat(1_000_000), "null -32700"),
    ];
    for (body, expected) in cases {
        let got = match Incoming::read(body.as_bytes()) {
            Ok(Incoming::Request(id, _)) => format!("request {}", id.json()),
            Ok(Incoming::Notification(_)) => "notification".into(),
            Ok(Incoming::Response { outcome: Ok(_), .. }) => "response".into(),
            Ok(Incoming::Response {
                outcome: Err(_), ..
            }) => "response error".into(),
            Err((id, fault)) => format!("{} {}", id.json(), fault.code),
        };
        assert_eq!(got, expected, "{}", &body[..body.len().min(80)]);
    }
}

#[tokio::test]
async fn a_header_block_may_fill_its_cap() {
    use tokio::io::AsyncReadExt;
    let last = "Content-Length: 2";
    let rest = HEADER_CAP - last.len() - "X: \r\n".len();
    let block = format!("X: {}\r\n{last}", "a".repeat(rest));
    assert_eq!(block.len(), HEADER_CAP);
    let mut reader = FrameReader::new(block.as_bytes().chain(&b"\r\n\r\n{}"[..]));
    assert_eq!(
        reader.next().await.unwrap(),
        Some(Frame::Body(b"{}".to_vec()))
    );
    // One that is over it is refused, though all of it is there.
    let long = format!("X: {}\r\n{last}\r\n\r\n{{}}", "a".repeat(HEADER_CAP));
    assert_eq!(
        frames(long.as_bytes(), 1 << 20).await,
        ["! the input is no LSP: a header block over 16 KB"]
    );
}

#[tokio::test]
async fn the_first_bytes_of_a_body_over_the_cap_are_kept() {
    use tokio::io::AsyncReadExt;
    let body: Vec<u8> = (0..=FRAME_CAP).map(|at| (at % 251) as u8).collect();
    let head = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    // Little of it comes with its header.
    let input = (&head[..]).chain(&body[..100]).chain(&body[100..]);
    let input = input.chain(&b"Content-Length: 2\r\n\r\n{}"[..]);
    let mut reader = FrameReader::new(input);
    let skipped = Frame::Skipped {
        head: body[..frame::HEAD_KEPT].to_vec(),
        length: body.len() as u64,
    };
    assert!(reader.next().await.unwrap() == Some(skipped));
    let next = reader.next().await.unwrap();
    assert_eq!(next, Some(Frame::Body(b"{}".to_vec())));
    // One byte less is a body.
    let head = format!("Content-Length: {FRAME_CAP}\r\n\r\n").into_bytes();
    let mut reader = FrameReader::new((&head[..]).chain(&body[..FRAME_CAP]));
    let whole = reader.next().await.unwrap();
    assert!(whole == Some(Frame::Body(body[..FRAME_CAP].to_vec())));
}

/// What an outbox wrote, and what was done with it.
async fn written(framing: Framing, act: impl AsyncFnOnce(&Outbox)) -> String {
    use tokio::io::AsyncReadExt;
    let (near, mut far) = tokio::io::duplex(1 << 20);
    let (outbox, task) = Outbox::framed(near, framing);
    act(&outbox).await;
    outbox.end().await;
    task.await.unwrap().unwrap();
    let mut text = String::new();
    far.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn every_message_goes_out_in_order_and_in_its_frame() {
    use nextline_protocol::Fault;
    use serde_json::json;
    let act = async |outbox: &Outbox| {
        let id = Id::null();
        outbox.reply_now(&id, Ok(json!(1)));
        outbox.reply(&id, Err::<(), _>(Fault::new(-7, "why"))).await;
        outbox.notify("n", json!({}));
        outbox.tell("t", json!([])).await;
        drop(outbox.request("r", json!({})));
        drop(outbox.request("r", json!({})));
        outbox.end().await;
        outbox.notify("late", json!({}));
    };
    let bodies = [
        r#"{"jsonrpc":"2.0","id":null,"result":1}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-7,"message":"why"}}"#,
        r#"{"jsonrpc":"2.0","method":"n","params":{}}"#,
        r#"{"jsonrpc":"2.0","method":"t","params":[]}"#,
        r#"{"jsonrpc":"2.0","id":0,"method":"r","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"r","params":{}}"#,
    ];
    let lines: String = bodies.iter().map(|body| format!("{body}\n")).collect();
    assert_eq!(written(Framing::Lines, act).await, lines);
    let frames = bodies.map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    assert_eq!(written(Framing::Headers, act).await, frames.concat());
}

#[tokio::test]
async fn the_clients_answer_reaches_who_asked() {
    use serde_json::json;
    use serde_json::value::to_raw_value;
    let raw = |value: serde_json::Value| to_raw_value(&value).unwrap();
    written(Framing::Lines, async |outbox: &Outbox| {
        let (first, mut second) = (outbox.request("r", ()), outbox.request("r", ()));
        outbox.answered(&raw(json!("0")), Ok(&raw(json!("nobody's"))));
        outbox.answered(&raw(json!(0)), Ok(&raw(json!("mine"))));
        assert_eq!(first.await.unwrap().unwrap(), json!("mine"));
        assert!(second.try_recv().is_err());
        let error = raw(json!({"code": -5, "message": "no"}));
        outbox.answered(&raw(json!(1)), Err(&error));
        assert_eq!(second.await.unwrap().unwrap_err().code, -5);
        // The oldest gives way where too many wait; those who went are forgotten first.
        for _ in 0..300 {
            drop(outbox.request("r", ()));
        }
        let mut waiting: Vec<_> = (0..256).map(|_| outbox.request("r", ())).collect();
        assert!(waiting.iter_mut().all(|one| {
            one.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Empty)
        }));
        let _more = outbox.request("r", ());
        let gone = |one: &mut tokio::sync::oneshot::Receiver<_>| {
            one.try_recv() == Err(tokio::sync::oneshot::error::TryRecvError::Closed)
        };
        assert!(gone(&mut waiting[0]) && !gone(&mut waiting[1]));
    })
    .await;
}
