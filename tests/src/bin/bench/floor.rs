//! The floor: the least server that can be. It frames, keeps text as lines and asks the route; it checks nothing.

use std::collections::HashMap;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;

use nextline_tests::{frame, http};
use serde_json::{Value, json};

/// Serves standard input until `exit`.
pub fn serve() {
    let mut reader = BufReader::new(std::io::stdin().lock());
    let mut documents: HashMap<String, Vec<String>> = HashMap::new();
    let mut route: Option<Route> = None;
    while let Ok(Some(body)) = frame::read(&mut reader) {
        let message: Value = serde_json::from_slice(&body).unwrap();
        let params = &message["params"];
        let uri = || {
            params["textDocument"]["uri"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => {
                let address =
                    params["initializationOptions"]["routes"]["mock"]["base_url"].as_str();
                route = address.map(Route::connect);
                json!({ "capabilities": { "textDocumentSync": 2, "inlineCompletionProvider": true } })
            }
            "textDocument/didOpen" => {
                let text = params["textDocument"]["text"].as_str().unwrap_or_default();
                documents.insert(uri(), text.split('\n').map(str::to_owned).collect());
                continue;
            }
            "textDocument/didClose" => {
                documents.remove(&uri());
                continue;
            }
            "textDocument/didChange" => {
                if let Some(lines) = documents.get_mut(&uri()) {
                    for change in params["contentChanges"]
                        .as_array()
                        .map_or(&[][..], |list| list)
                    {
                        apply(lines, change);
                    }
                }
                continue;
            }
            "textDocument/inlineCompletion" => {
                let lines = documents.get(&uri());
                match (&mut route, lines) {
                    (Some(route), Some(lines)) => route.ask(lines, &params["position"]),
                    _ => Value::Null,
                }
            }
            "exit" => return,
            _ => Value::Null,
        };
        if !message["id"].is_null() {
            let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
            let mut out = std::io::stdout().lock();
            out.write_all(&frame::message(&answer)).unwrap();
            out.flush().unwrap();
        }
    }
}

fn apply(lines: &mut Vec<String>, change: &Value) {
    let place =
        |end: &str, part: &str| change["range"][end][part].as_u64().unwrap_or_default() as usize;
    let (first, last) = (place("start", "line"), place("end", "line"));
    let head = lines[first][..place("start", "character")].to_owned();
    let tail = &lines[last][place("end", "character")..];
    let text = head + change["text"].as_str().unwrap_or_default() + tail;
    lines.splice(first..=last, text.split('\n').map(str::to_owned));
}

/// A keep-alive connection.
pub struct Route {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Route {
    /// Connects to `http://HOST:PORT/…`.
    pub fn connect(address: &str) -> Route {
        let host = address
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        Route {
            reader: BufReader::new(stream.try_clone().unwrap()),
            stream,
        }
    }

    fn ask(&mut self, lines: &[String], position: &Value) -> Value {
        let (line, column) = (
            position["line"].as_u64().unwrap() as usize,
            position["character"].as_u64().unwrap() as usize,
        );
        let mut prompt = lines[line.saturating_sub(100)..line].join("\n");
        prompt.push_str(&lines[line][..column]);
        let answer =
            self.post(&json!({ "model": "m", "prompt": prompt, "suffix": "", "max_tokens": 64 }));
        json!({ "items": [{ "insertText": answer["choices"][0]["text"] }] })
    }

    /// One request and its answer.
    pub fn post(&mut self, body: &Value) -> Value {
        let body = body.to_string();
        let head = format!(
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all((head + &body).as_bytes()).unwrap();
        let answer = http::read(&mut self.reader, 0).unwrap().unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }
}

/// Reads what is left of a stream; for the route's end of a connection that is given up.
pub fn drain(mut stream: TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}
