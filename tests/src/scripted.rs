//! The scripted route: an OpenAI-compatible model on loopback that a test can hold, feed, stall and cut at any byte.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::{self, Seen};
use crate::wait;

type Script = Arc<dyn Fn(Exchange) + Send + Sync>;

struct Inside {
    script: Mutex<Script>,
    seen: Mutex<Vec<Seen>>,
    /// Requests whose connection the client closed before the answer was whole, by their place in `seen`.
    aborted: Mutex<Vec<usize>>,
    connections: AtomicUsize,
    closed: AtomicBool,
}

/// A model that answers as the test says. It lives on a port of its own until it is dropped.
pub struct ScriptedRoute {
    port: u16,
    inside: Arc<Inside>,
}

impl std::fmt::Debug for ScriptedRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedRoute")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Its port is free again: a test may make thousands.
impl Drop for ScriptedRoute {
    fn drop(&mut self) {
        self.inside.closed.store(true, Ordering::SeqCst);
        // Whoever waits for the next connection looks again.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl ScriptedRoute {
    /// Answers every request by `script`, each connection on a thread of its own.
    #[must_use]
    pub fn new(script: impl Fn(Exchange) + Send + Sync + 'static) -> ScriptedRoute {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inside = Arc::new(Inside {
            script: Mutex::new(Arc::new(script)),
            seen: Mutex::new(Vec::new()),
            aborted: Mutex::new(Vec::new()),
            connections: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let shared = inside.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    break;
                }
                let shared = shared.clone();
                let number = shared.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || serve(&stream, &shared, number));
            }
        });
        ScriptedRoute { port, inside }
    }

    /// Answers every request with `text`, at once.
    #[must_use]
    pub fn instant(text: &str) -> ScriptedRoute {
        let text = text.to_owned();
        ScriptedRoute::new(move |exchange| exchange.answer(&text))
    }

    /// Hands every request to the test, which answers it when and how it likes.
    #[must_use]
    pub fn held() -> (ScriptedRoute, Held) {
        let (sender, receiver) = mpsc::channel();
        let sender = Mutex::new(sender);
        let route = ScriptedRoute::new(move |exchange| {
            let _ = sender.lock().unwrap().send(exchange);
        });
        (route, Held { receiver })
    }

    /// Answers by another script from the next request on.
    pub fn script(&self, script: impl Fn(Exchange) + Send + Sync + 'static) {
        *self.inside.script.lock().unwrap() = Arc::new(script);
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.inside.seen.lock().unwrap().clone()
    }

    /// How many requests came so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inside.seen.lock().unwrap().len()
    }

    /// How many connections were opened so far, also those that sent nothing.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inside.connections.load(Ordering::SeqCst)
    }

    /// Waits until the client has closed the connection of request `number` before its answer was whole.
    pub fn wait_aborted(&self, number: usize) {
        wait::until("the upstream connection should be closed", || {
            self.inside
                .aborted
                .lock()
                .unwrap()
                .contains(&number)
                .then_some(())
        });
    }
}

/// The test's end of a held route.
#[derive(Debug)]
pub struct Held {
    receiver: Receiver<Exchange>,
}

impl Held {
    /// Waits for the next request.
    #[must_use]
    pub fn next(&self) -> Exchange {
        self.receiver
            .recv_timeout(wait::guard())
            .expect("a request should reach the route")
    }

    /// A request that has already arrived.
    #[must_use]
    pub fn arrived(&self) -> Option<Exchange> {
        self.receiver.try_recv().ok()
    }
}

/// One request that waits for its answer. Dropped without one, its connection is closed.
#[derive(Debug)]
pub struct Exchange {
    /// What was asked.
    pub seen: Seen,
    /// Its place among the route's requests, from 0.
    pub number: usize,
    stream: TcpStream,
    whole: Arc<Mutex<bool>>,
    done: Sender<bool>,
    closed: Arc<Mutex<Receiver<()>>>,
}

impl Exchange {
    /// Writes any bytes; a client that is gone is no error here.
    pub fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Status line and headers of an answer in chunks.
    pub fn head(&mut self, status: &str, headers: &[(&str, &str)]) {
        let mut head = format!("HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(format!("{head}\r\n").as_bytes());
    }

    /// The head of an event stream.
    pub fn stream_head(&mut self) {
        self.head("200 OK", &[("Content-Type", "text/event-stream")]);
    }

    /// One chunk.
    pub fn chunk(&mut self, bytes: &[u8]) {
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.raw(&chunk);
    }

    /// One event with a piece of text, in the shape of the endpoint that was asked.
    pub fn feed(&mut self, text: &str) {
        let event = event(&self.seen.target, text, None);
        self.chunk(event.as_bytes());
    }

    /// The end mark, the last chunk, and the connection kept.
    pub fn finish(mut self) {
        *self.whole.lock().unwrap() = true;
        let end = event(&self.seen.target, "", Some("stop")) + "data: [DONE]\n\n";
        self.chunk(end.as_bytes());
        self.end_chunks();
    }

    /// The last chunk, without any end mark of the model, and the connection kept.
    pub fn end_chunks(mut self) {
        *self.whole.lock().unwrap() = true;
        self.raw(b"0\r\n\r\n");
        let _ = self.done.send(true);
    }

    /// A whole good answer, streamed or plain as the request asked.
    pub fn answer(mut self, text: &str) {
        if self.seen.json()["stream"] == json!(true) {
            self.stream_head();
            self.feed(text);
            self.finish();
        } else {
            let body = plain(&self.seen.target, text);
            self.reply(
                "200 OK",
                &[("Content-Type", "application/json")],
                body.to_string().as_bytes(),
            );
        }
    }

    /// Any whole answer.
    pub fn reply(mut self, status: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let bytes = [format!("{head}\r\n").as_bytes(), body].concat();
        *self.whole.lock().unwrap() = true;
        self.raw(&bytes);
        let _ = self.done.send(true);
    }

    /// An error answer in the vendor's shape.
    pub fn refuse(self, status: &str, headers: &[(&str, &str)], message: &str) {
        let body =
            json!({ "error": { "message": message, "type": "test", "code": null } }).to_string();
        let headers = [&[("Content-Type", "application/json")], headers].concat();
        self.reply(status, &headers, body.as_bytes());
    }

    /// Closes the connection in the middle.
    pub fn cut(self) {
        *self.whole.lock().unwrap() = true;
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Says nothing more until the client closes the connection, or the guard passes.
    pub fn stall(self) {
        let _ = self.closed.lock().unwrap().recv_timeout(wait::guard());
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // After a whole answer the connection's thread has already been told to keep it.
        let _ = self.done.send(false);
    }
}

/// One event of a stream, in the shape of the endpoint.
#[must_use]
pub fn event(target: &str, text: &str, finish: Option<&str>) -> String {
    let choice = if target.contains("/chat/") {
        let delta = if text.is_empty() {
            json!({})
        } else {
            json!({ "content": text })
        };
        json!({ "index": 0, "delta": delta, "finish_reason": finish })
    } else {
        json!({ "index": 0, "text": text, "finish_reason": finish })
    };
    format!(
        "data: {}\n\n",
        json!({ "id": "c", "object": "chunk", "model": "m", "choices": [choice] })
    )
}

fn plain(target: &str, text: &str) -> Value {
    let choice = if target.contains("/chat/") {
        json!({ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" })
    } else {
        json!({ "index": 0, "text": text, "finish_reason": "stop" })
    };
    json!({ "id": "c", "object": "whole", "model": "m", "choices": [choice] })
}

fn serve(stream: &TcpStream, inside: &Inside, connection: usize) {
    let _ = talk(stream, inside, connection);
    let _ = stream.shutdown(Shutdown::Both);
}

fn talk(stream: &TcpStream, inside: &Inside, connection: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(seen) = http::read(&mut reader, connection)? {
        let number = {
            let mut all = inside.seen.lock().unwrap();
            all.push(seen.clone());
            all.len() - 1
        };
        let (whole, (done, finished), (gone, closed)) = (
            Arc::new(Mutex::new(false)),
            mpsc::channel(),
            mpsc::channel(),
        );
        let watched = stream.try_clone()?;
        let exchange = Exchange {
            seen,
            number,
            stream: stream.try_clone()?,
            whole: whole.clone(),
            done,
            closed: Arc::new(Mutex::new(closed)),
        };
        let script = inside.script.lock().unwrap().clone();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Readable means the client hung up, or its next request is there: then this answer was whole.
                if !matches!(watched.peek(&mut [0]), Ok(1..)) && !*whole.lock().unwrap() {
                    inside.aborted.lock().unwrap().push(number);
                }
                let _ = gone.send(());
            });
            script(exchange);
            match finished.recv() {
                Ok(true) => Ok(()),
                _ => {
                    let _ = stream.shutdown(Shutdown::Both);
                    Err(io::Error::other("cut"))
                }
            }
        })?;
    }
    Ok(())
}
