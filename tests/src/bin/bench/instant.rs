//! A route that answers at once, and never while the prompt holds a marker.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};

use nextline_tests::{http, scripted};
use serde_json::json;

use crate::floor;

/// A prompt with this in it is never answered.
pub const STUCK: &str = "stuck_for_ever";
/// What every other prompt is answered with.
pub const TEXT: &str = "/*m*/ 42;";

/// Starts it and gives its address.
pub fn route() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || talk(stream));
        }
    });
    address
}

fn talk(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Ok(Some(seen)) = http::read(&mut reader, 0) {
        let body = seen.json();
        if body["prompt"]
            .as_str()
            .is_some_and(|prompt| prompt.contains(STUCK))
        {
            return floor::drain(stream);
        }
        let (kind, answer) = if body["stream"] == json!(true) {
            let target = &seen.target;
            let events = [
                scripted::event(target, TEXT, None),
                scripted::event(target, "", Some("stop")),
                "data: [DONE]\n\n".into(),
            ];
            ("text/event-stream", events.concat())
        } else {
            (
                "application/json",
                json!({ "choices": [{ "index": 0, "text": TEXT, "finish_reason": "stop" }] })
                    .to_string(),
            )
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        );
        if stream.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}
