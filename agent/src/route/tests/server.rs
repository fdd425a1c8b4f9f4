//! A server on loopback that follows a script: what it sends, where it stalls, where it hangs up.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the server does for one request, in order.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    /// One write and flush for each byte.
    Drip(Vec<u8>),
    /// Waits until the client hangs up.
    Hold,
    Close,
}

pub struct Server {
    pub url: String,
    log: Arc<Log>,
    closed: watch::Receiver<usize>,
}

#[derive(Default)]
pub struct Log {
    requests: Mutex<Vec<(String, Value)>>,
    connections: AtomicUsize,
}

impl Server {
    /// Answers the n-th request by the n-th script, and further ones by the last.
    pub async fn start(scripts: Vec<Vec<Act>>) -> Server {
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

    pub fn requests(&self) -> Vec<(String, Value)> {
        self.log.requests.lock().expect("log").clone()
    }

    pub fn connections(&self) -> usize {
        self.log.connections.load(Ordering::SeqCst)
    }

    pub async fn hung_up(&mut self) {
        self.closed
            .wait_for(|n| *n > 0)
            .await
            .expect("the client hangs up");
    }
}

pub async fn serve(mut stream: TcpStream, scripts: &[Vec<Act>], log: &Log) {
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

pub async fn request(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        // A client that speaks TLS is answered as plain servers do.
        if !bytes[0].is_ascii_alphabetic() {
            stream.write_all(&head("400 Bad Request", "")).await.ok()?;
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
            let body = &bytes[end + 4..end + 4 + length];
            // What is no JSON stays as it is.
            let text = || String::from_utf8_lossy(body).into_owned();
            let body = match length {
                0 => Value::Null,
                _ => serde_json::from_slice(body).unwrap_or_else(|_| text().into()),
            };
            return Some((head, body));
        }
    }
}

pub fn head(status: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{more}\r\n").into_bytes()
}

/// A complete answer with its length.
pub fn reply(status: &str, kind: &str, more: &str, body: &str) -> Act {
    let length = body.len();
    let mut bytes = head(
        status,
        &format!("content-type: {kind}\r\ncontent-length: {length}\r\n{more}"),
    );
    bytes.extend_from_slice(body.as_bytes());
    Act::Send(bytes)
}

/// The same, byte by byte.
pub fn drip(act: Act) -> Act {
    match act {
        Act::Send(bytes) => Act::Drip(bytes),
        other => other,
    }
}

/// The head of a chunked stream of events.
pub fn streaming() -> Vec<u8> {
    head(
        "200 OK",
        "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n",
    )
}

pub fn chunk(data: &str) -> Vec<u8> {
    format!("{:x}\r\n{data}\r\n", data.len()).into_bytes()
}

/// A whole stream with these events.
pub fn stream(events: &str) -> Act {
    Act::Send([streaming(), chunk(events), chunk("")].concat())
}

/// A stream that began with these events and is not over.
pub fn begun(events: &str) -> Act {
    Act::Send([streaming(), chunk(events)].concat())
}

pub fn event(text: &str, finish: Option<&str>) -> String {
    format!(
        "data: {}\n\n",
        json!({"choices": [{"index": 0, "text": text, "finish_reason": finish}]})
    )
}

/// A whole good stream of `text`.
pub fn good(text: &str) -> Vec<Act> {
    let events = event(text, None) + &event("", Some("stop")) + "data: [DONE]\n\n";
    vec![stream(&events)]
}
