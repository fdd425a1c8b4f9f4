//! The threads on the server's two pipes.

use std::io::{BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Condvar, Mutex};

use serde_json::{Value, json};

use crate::client::Client;
use crate::frame;

/// Open while stdout is read.
pub(crate) type Gate = (Mutex<bool>, Condvar);

/// What came out of the server.
#[derive(Debug)]
pub(crate) enum Event {
    /// An answer or a notification.
    Message(Value),
    /// Something on stdout that is no message.
    Broken(String),
    /// stdout was closed.
    End,
}

/// What goes into it.
#[derive(Debug)]
pub(crate) enum Feed {
    /// In as few writes as may be.
    Bytes(Vec<u8>),
    /// One `write` a byte.
    Dribble(Vec<u8>),
    /// Nothing more: stdin is closed.
    End,
}

/// Writes what it is fed, so that a test never blocks on a server that does not read.
pub(crate) fn write_all(mut stdin: ChildStdin, feed: &Receiver<Feed>, written: &AtomicUsize) {
    for next in feed {
        let (bytes, step) = match next {
            Feed::Bytes(bytes) => (bytes, 1 << 16),
            Feed::Dribble(bytes) => (bytes, 1),
            Feed::End => return,
        };
        for part in bytes.chunks(step) {
            if stdin.write_all(part).and_then(|()| stdin.flush()).is_err() {
                return;
            }
            written.fetch_add(part.len(), Ordering::Relaxed);
        }
    }
}

/// Reads messages while the gate is open, and answers the server's own requests.
pub(crate) fn read_all(
    stdout: ChildStdout,
    events: &Sender<Event>,
    client: &Mutex<Client>,
    gate: &Gate,
    feed: &Sender<Feed>,
) {
    let mut reader = BufReader::new(stdout);
    loop {
        drop(
            gate.1
                .wait_while(gate.0.lock().unwrap(), |open| !*open)
                .unwrap(),
        );
        let event = match frame::read(&mut reader) {
            Ok(Some(body)) => match serde_json::from_slice::<Value>(&body) {
                Ok(message) => Event::Message(message),
                Err(e) => Event::Broken(format!("{e}: {}", String::from_utf8_lossy(&body))),
            },
            Ok(None) => Event::End,
            Err(e) => Event::Broken(e.to_string()),
        };
        let last = !matches!(event, Event::Message(_));
        match event {
            Event::Message(message)
                if message.get("method").is_some() && message.get("id").is_some() =>
            {
                let method = message["method"].as_str().unwrap_or_default();
                let mut reply = json!({ "jsonrpc": "2.0", "id": message["id"] });
                match client.lock().unwrap().answer(method, &message["params"]) {
                    Ok(result) => reply["result"] = result,
                    Err(error) => reply["error"] = error,
                }
                let _ = feed.send(Feed::Bytes(frame::message(&reply)));
            }
            event => {
                let _ = events.send(event);
            }
        }
        if last {
            return;
        }
    }
}
