//! The socket of `nextline serve`: the same methods as over stdio, and who is not let in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::face::routed;
use nextline_tests::socket::{Came, frame};
use nextline_tests::{Face, Scratch, ScriptedRoute, Socket};
use serde_json::{Value, json};

/// A client at the other end of a socket.
struct Peer {
    socket: Socket,
    next: u64,
    /// What was told and not asked for.
    heard: Vec<Value>,
}

impl Peer {
    fn open(face: &Face) -> Peer {
        let protocols = format!("nextline, token.{}", face.token);
        let origin = format!("http://{}", face.address);
        let headers = [
            ("Sec-WebSocket-Protocol", protocols.as_str()),
            ("Origin", &origin),
        ];
        let socket = Socket::open(&face.address, "/socket", &headers).unwrap();
        Peer {
            socket,
            next: 1,
            heard: Vec::new(),
        }
    }

    /// The same after `initialize`, as a client without files of its own if `bare`.
    fn start(face: &Face, bare: bool) -> Peer {
        let mut peer = Peer::open(face);
        let params = json!({ "processId": 1, "capabilities": { "experimental": { "noFiles": bare } },
            "initializationOptions": { "local": { "enabled": false } } });
        let hello = peer.request("initialize", params).unwrap();
        assert_eq!(hello["serverInfo"]["name"], "nextline");
        peer.say(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
        peer
    }

    fn say(&mut self, message: &Value) {
        self.socket.send(&message.to_string());
    }

    fn ask(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    fn answer(&mut self, id: u64) -> Result<Value, Value> {
        loop {
            let message = self.message();
            if message["id"] == id && message["method"].is_null() {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
            self.heard.push(message);
        }
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    fn message(&mut self) -> Value {
        match self.socket.receive() {
            Came::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The next notification or request of this method.
    fn told(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let fits = |message: &Value| message["method"] == method && wanted(&message["params"]);
        loop {
            if let Some(at) = self.heard.iter().position(&fits) {
                return self.heard.remove(at);
            }
            let message = self.message();
            self.heard.push(message);
        }
    }
}

#[test]
fn a_chat_over_the_socket() {
    let (route, held) = ScriptedRoute::held();
    let folder = Scratch::with(&[("src/a.rs", "fn a() {}\n")]);
    let face = Face::start(&routed(&route), &folder);
    let mut peer = Peer::start(&face, true);
    let chat = peer.request("agent/chat/start", json!({})).unwrap();
    assert_eq!(
        (&chat["route"], &chat["model"]),
        (&json!("mock"), &json!("m"))
    );
    let params = json!({ "id": chat["id"], "text": "what does @src/a.rs do?" });
    let asked = peer.ask("agent/chat/send", params.clone());
    let mut exchange = held.next();
    let body = String::from_utf8_lossy(&exchange.seen.body).into_owned();
    assert!(
        body.contains("fn a() {}"),
        "the file of the served folder: {body}"
    );
    exchange.stream_head();
    exchange.feed("Noth");
    // Before the end of the answer: deltas are told as they come.
    let delta = |text: &'static str| {
        move |params: &Value| params["kind"] == "delta" && params["text"] == text
    };
    peer.told("agent/chat/event", delta("Noth"));
    exchange.feed("ing ![x](http://evil.example)");
    exchange.finish();
    let end = peer.answer(asked).unwrap();
    assert_eq!((&end["turn"], &end["error"]), (&json!(1), &Value::Null));
    let text: String = peer
        .heard
        .iter()
        .filter(|message| message["params"]["kind"] == "delta")
        .filter_map(|message| message["params"]["text"].as_str())
        .collect();
    assert_eq!(text, "ing !\\[x](http://evil.example)");
    // Cancelled, its connection is closed.
    let asked = peer.ask("agent/chat/send", params.clone());
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("a");
    peer.told("agent/chat/event", delta("a"));
    peer.say(&json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": asked } }));
    assert_eq!(peer.answer(asked).unwrap_err()["code"], -32800);
    route.wait_aborted(1);
    drop(exchange);
    // A client that goes away hangs up, too.
    peer.ask("agent/chat/send", params);
    let exchange = held.next();
    drop(peer);
    route.wait_aborted(2);
    drop(exchange);
}

#[test]
fn two_sockets_do_not_hear_each_other() {
    let route = ScriptedRoute::new(|exchange| {
        let word = if exchange.seen.everything().contains("apples") {
            "one"
        } else {
            "two"
        };
        exchange.answer(word);
    });
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let (mut first, mut second) = (Peer::start(&face, true), Peer::start(&face, true));
    for _ in 0..5 {
        let mut asked = Vec::new();
        for (peer, text) in [(&mut first, "apples"), (&mut second, "pears")] {
            let chat = peer.request("agent/chat/start", json!({})).unwrap();
            asked.push(peer.ask("agent/chat/send", json!({ "id": chat["id"], "text": text })));
        }
        for (peer, (asked, word)) in [&mut first, &mut second]
            .into_iter()
            .zip(asked.into_iter().zip(["one", "two"]))
        {
            assert_eq!(peer.answer(asked).unwrap()["error"], Value::Null);
            let text = &peer.told("agent/chat/event", |params| params["kind"] == "delta")["params"]
                ["text"];
            assert_eq!(text, word);
        }
    }
    drop(first);
    assert!(second.request("agent/model/list", json!({})).is_ok());
}

#[test]
fn files_of_a_client_that_has_none() {
    let route = ScriptedRoute::instant("```rust\nfn a() -> u32 {\n    1\n}\n```");
    let before = "// kept\r\nfn a() {}\r\n// kept, too: é\r\n";
    let folder = Scratch::with(&[
        ("src/a.rs", before),
        (".env", "KEY=1\n"),
        ("AGENTS.md", "# Rules\nfn a() {}\n"),
    ]);
    let outside = Scratch::with(&[("b.rs", "fn b() {}\n")]);
    let face = Face::start(&routed(&route), &folder);
    let mut peer = Peer::start(&face, true);
    let names = peer
        .request("agent/context/suggest", json!({ "query": "a" }))
        .unwrap();
    assert_eq!(names["names"], json!(["src/a.rs", "AGENTS.md"]));
    let start = |uri: &str| {
        let range =
            json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 0 } });
        json!({ "textDocument": { "uri": uri }, "range": range, "verb": "edit", "instruction": "return 1" })
    };
    let file = folder.path().join("src/a.rs");
    let text = || std::fs::read_to_string(&file).unwrap();
    let id = peer.request("agent/edit/start", start("src/a.rs")).unwrap()["id"].clone();
    let ready = peer.told("agent/edit/event", |params| params["kind"] == "ready");
    assert!(
        ready["params"]["preview"]["diff"]
            .as_str()
            .unwrap()
            .contains("+fn a() -> u32 {")
    );
    assert_eq!(text(), before, "nothing is written before it is accepted");
    let applied = peer
        .request("agent/edit/accept", json!({ "id": id }))
        .unwrap();
    assert_eq!(applied["applied"], true, "{applied}");
    let after = "// kept\r\nfn a() -> u32 {\r\n    1\r\n}\r\n// kept, too: é\r\n";
    assert_eq!(text(), after);
    let undone = peer
        .request("agent/edit/undo", json!({ "id": id }))
        .unwrap();
    assert_eq!(
        (undone["applied"].clone(), text()),
        (json!(true), before.to_owned())
    );
    // What somebody else wrote meanwhile stays.
    let id = peer.request("agent/edit/start", start("src/a.rs")).unwrap()["id"].clone();
    peer.told("agent/edit/event", |params| params["kind"] == "ready");
    std::fs::write(&file, "fn a() { 2 }\n").unwrap();
    let refused = peer
        .request("agent/edit/accept", json!({ "id": id }))
        .unwrap();
    assert_eq!(
        (refused["applied"].clone(), text()),
        (json!(false), "fn a() { 2 }\n".to_owned())
    );
    // Neither what is outside of the folders nor what may not leave is opened.
    let beyond = outside.uri("b.rs");
    for (uri, word) in [
        (beyond.as_str(), "outside"),
        ("../b.rs", ""),
        (".env", "does not leave"),
        ("none.rs", "no file"),
        ("src", "no file"),
    ] {
        let fault = peer.request("agent/edit/start", start(uri)).unwrap_err();
        assert!(
            fault["message"].as_str().unwrap().contains(word),
            "{uri}: {fault}"
        );
    }
    // What steers a tool is asked about; the client's answer counts.
    let id = peer
        .request("agent/edit/start", start("AGENTS.md"))
        .unwrap()["id"]
        .clone();
    peer.told("agent/edit/event", |params| params["kind"] == "ready");
    let asked = peer.ask("agent/edit/accept", json!({ "id": id }));
    let question = peer.told("window/showMessageRequest", |_| true);
    peer.say(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "title": "Leave it" } }));
    assert_eq!(peer.answer(asked).unwrap()["applied"], false);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("AGENTS.md")).unwrap(),
        "# Rules\nfn a() {}\n"
    );
}

#[test]
fn who_gets_no_socket() {
    let folder = Scratch::new();
    let face = Face::start_in(
        Scratch::new(),
        "",
        &folder,
        &["--origin", "https://ide.example"],
    );
    let port = face.address.rsplit(':').next().unwrap();
    let (own, rebound) = (
        format!("http://{}", face.address),
        format!("rebound.example:{port}"),
    );
    let good = format!("nextline, token.{}", face.token);
    let cut = &good[..good.len() - 1];
    let bearer = format!("Bearer {}", face.token);
    let protocol = |offered| ("Sec-WebSocket-Protocol", offered);
    for (headers, expected) in [
        (vec![protocol(good.as_str()), ("Origin", own.as_str())], 101),
        (
            vec![protocol(good.as_str()), ("Origin", "https://ide.example")],
            101,
        ),
        (vec![("Authorization", bearer.as_str())], 101),
        (vec![("Origin", own.as_str())], 401),
        (vec![protocol("nextline")], 401),
        (vec![protocol(cut)], 401),
        (vec![("Authorization", "Bearer wrong")], 401),
        (
            vec![protocol(good.as_str()), ("Origin", "https://page.example")],
            403,
        ),
        (vec![protocol(good.as_str()), ("Origin", "null")], 403),
        (
            vec![protocol(good.as_str()), ("Host", rebound.as_str())],
            403,
        ),
        (vec![protocol(good.as_str()), ("Upgrade", "")], 400),
        (
            vec![protocol(good.as_str()), ("Sec-WebSocket-Version", "8")],
            400,
        ),
    ] {
        let opened = Socket::open(&face.address, "/socket", &headers);
        let status = opened.as_ref().map_or_else(|refused| refused.0, |_| 101);
        assert_eq!(status, expected, "{headers:?}");
        let said = opened.err().map(|refused| refused.1).unwrap_or_default();
        assert!(!said.contains(&face.token));
    }
    // The token in an address is none: addresses are logged and copied.
    let path = format!("/socket?token={}", face.token);
    assert_eq!(Socket::open(&face.address, &path, &[]).unwrap_err().0, 401);
}

#[test]
fn bad_frames_close_their_socket_and_no_other() {
    let folder = Scratch::new();
    let face = Face::start("", &folder);
    let mut other = Peer::start(&face, true);
    let over = [&[0x81, 0xff][..], &(9_u64 << 20).to_be_bytes(), &[0; 4]].concat();
    for (bytes, code) in [
        (over, 1009),
        (frame(0x82, b"\0"), 1003),
        (frame(0x81, b"\xff"), 1007),
        (vec![0x81, 1, b'x'], 1002),
        (frame(0xc1, b"x"), 1002),
    ] {
        let mut peer = Peer::open(&face);
        peer.socket.send_bytes(&bytes);
        let came = peer.socket.receive();
        assert!(
            matches!(came, Came::Closed(closed, _) if closed == code),
            "{code}: {came:?}"
        );
        assert_eq!(peer.socket.receive(), Came::Ended);
    }
    // A text that is no JSON is answered, as over stdio; pings are, too, and a close.
    other.socket.send("{");
    assert_eq!(other.message()["error"]["code"], -32700);
    other.socket.send_bytes(&frame(0x89, b"there?"));
    assert_eq!(other.socket.receive(), Came::Pong(b"there?".to_vec()));
    assert!(other.request("agent/model/list", json!({})).is_ok());
    other.socket.send_bytes(&frame(0x88, &[3, 232]));
    assert!(matches!(other.socket.receive(), Came::Closed(1000, _)));
}
