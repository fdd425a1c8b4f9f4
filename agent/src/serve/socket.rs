//! One WebSocket: the same server that stdio has, one JSON-RPC message in each text.
//!
//! Each socket is a connection of its own within this process. A client without files (a browser) says so, and gets those of the folders
//! that are served (`disk`). Between the two ends no more waits than the pipes and the core's outbox hold: who does not read stops
//! the core's writing, not this process.

mod disk;
mod frame;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::{Response, StatusCode};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::answer::{self, Body};
use super::gate::PROTOCOL;
use crate::document::place::uri_of;
use crate::door::off_wire;
use crate::settings::Layers;
use crate::wire::{Frame, FrameReader, Id, Incoming, framed};
use disk::Disk;
use frame::{Message, Reader, Wrong};

/// Bytes that one side may be ahead of the other.
const AHEAD: usize = 64 << 10;
/// Messages that wait for one side.
const WAITING: usize = 16;

/// The answer that turns a connection into a socket, or the sentence why it is none.
pub fn accept(headers: &HeaderMap) -> Result<Response<Body>, &'static str> {
    let has = |name: HeaderName, wanted: &str| {
        let lists = headers.get_all(name).into_iter();
        let mut words = lists.flat_map(|list| list.to_str().unwrap_or_default().split(','));
        words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    if !(has(UPGRADE, "websocket") && has(CONNECTION, "upgrade")) {
        return Err("this path wants a WebSocket");
    }
    if !has(SEC_WEBSOCKET_VERSION, "13") {
        return Err("only version 13 of WebSocket is spoken here");
    }
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .ok_or("the WebSocket has no key")?;
    // RFC 6455, 1.3: it proves that the answer is one to this very request.
    let salted = [key.as_bytes(), b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    let proof = STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &salted));
    let mut response = Response::new(answer::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answered = response.headers_mut();
    answered.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answered.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    if let Ok(proof) = HeaderValue::from_str(&proof) {
        answered.insert(SEC_WEBSOCKET_ACCEPT, proof);
    }
    if has(SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        answered.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    }
    Ok(response)
}

/// Serves one socket to its end.
pub async fn run<S>(stream: S, layers: Layers, folders: &[PathBuf])
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (ours, theirs) = tokio::io::duplex(AHEAD);
    let (their_read, their_write) = tokio::io::split(theirs);
    let mut served = std::pin::pin!(crate::serve(their_read, their_write, layers));
    tokio::select! {
        // It ends by `exit`, and with the process.
        _ = &mut served => return,
        () = talk(stream, ours, folders) => {}
    }
    // Its end of the pipe is closed now: what is under way is hung up on.
    served.await;
}

/// Carries messages both ways until one side ends.
async fn talk<S, C>(stream: S, core: C, folders: &[PathBuf])
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: AsyncRead + AsyncWrite + Unpin,
{
    let (from_core, core) = tokio::io::split(core);
    let (from_client, mut client) = tokio::io::split(stream);
    let (to_core, for_core) = channel(WAITING);
    let (to_client, for_client) = channel(WAITING);
    let seat = Seat {
        folders: folders.to_vec(),
        disk: OnceLock::new(),
        to_core,
        to_client,
    };
    let wrong = tokio::select! {
        ended = seat.hear_client(Reader::new(from_client)) => ended.err(),
        () = seat.hear_core(FrameReader::new(from_core)) => None,
        () = pour(for_core, core) => None,
        () = pour(for_client, &mut client) => return,
    };
    let last = match wrong {
        None => frame::close(1000, ""),
        Some(wrong) => {
            tracing::debug!("a socket is closed: {wrong}");
            frame::close(wrong.code(), &wrong.to_string())
        }
    };
    // It may be gone already. Half a message may stand before this one: then it ends anyway.
    let _ = client.write_all(&last).await;
    let _ = client.shutdown().await;
}

async fn pour<W: AsyncWrite + Unpin>(mut waiting: Receiver<Vec<u8>>, mut writer: W) {
    while let Some(bytes) = waiting.recv().await {
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

/// What stands between the client and the core.
struct Seat {
    folders: Vec<PathBuf>,
    /// Of a client that has no files of its own.
    disk: OnceLock<Arc<Mutex<Disk>>>,
    to_core: Sender<Vec<u8>>,
    to_client: Sender<Vec<u8>>,
}

impl Seat {
    async fn hear_client<R: AsyncRead + Unpin>(&self, mut reader: Reader<R>) -> Result<(), Wrong> {
        while let Some(message) = reader.next().await? {
            match message {
                Message::Text(text) => self.pass_to_core(text).await,
                // Fails only when its writer ended, and the socket with it.
                Message::Ping(payload) => drop(self.to_client.send(frame::pong(&payload)).await),
                Message::Close => return Ok(()),
            }
        }
        Ok(())
    }

    async fn hear_core<R: AsyncRead + Unpin>(&self, mut frames: FrameReader<R>) {
        while let Ok(Some(frame)) = frames.next().await {
            let Frame::Body(body) = frame else { continue };
            self.pass_to_client(body).await;
        }
    }

    async fn pass_to_core(&self, text: Vec<u8>) {
        let Ok(Incoming::Request(id, envelope)) = Incoming::read(&text) else {
            return self.core(&text).await;
        };
        let disk = self.disk.get().cloned();
        let params = || -> Value {
            let params = envelope.params;
            params
                .and_then(|params| serde_json::from_str(params.get()).ok())
                .unwrap_or_default()
        };
        match (&*envelope.method, disk) {
            ("initialize", _) => {
                let params = self.introduced(params());
                self.core(&request(&id, "initialize", &params)).await;
            }
            (method, Some(disk)) if disk::names_a_file(method) => {
                let (mut params, method) = (params(), method.to_owned());
                let named = off_wire(move || {
                    let opened = lock(&disk).open_named(&mut params);
                    opened.map(|opened| (opened, params))
                });
                let named = named
                    .await
                    .unwrap_or_else(|| Err("the file could not be read".into()));
                match named {
                    Ok((opened, params)) => {
                        for notification in opened {
                            self.core(notification.to_string().as_bytes()).await;
                        }
                        self.core(&request(&id, &method, &params)).await;
                    }
                    Err(why) => self.refuse(&id, &why).await,
                }
            }
            _ => self.core(&text).await,
        }
    }

    /// `initialize` with what a client elsewhere cannot know: the folders, and that no process here is its own.
    fn introduced(&self, mut params: Value) -> Value {
        if !params.is_object() {
            params = json!({});
        }
        params["processId"] = Value::Null;
        let roots = ["workspaceFolders", "rootUri", "rootPath"];
        if roots.iter().all(|root| params[root].is_null()) {
            let folder = |path: &PathBuf| json!({ "uri": uri_of(path), "name": "workspace" });
            params["workspaceFolders"] = self.folders.iter().map(folder).collect();
        }
        if params.pointer("/capabilities/experimental/noFiles") == Some(&Value::Bool(true)) {
            let able = json!({ "applyEdit": true, "workspaceEdit": { "documentChanges": true } });
            params["capabilities"]["workspace"] = able;
            params["capabilities"]["general"] = json!({ "positionEncodings": ["utf-8"] });
            let disk = Disk::new(self.folders.clone());
            // A second `initialize` is refused by the core.
            let _ = self.disk.set(Arc::new(Mutex::new(disk)));
        }
        params
    }

    async fn pass_to_client(&self, body: Vec<u8>) {
        if let Some(disk) = self.disk.get()
            && let Ok(Incoming::Request(id, envelope)) = Incoming::read(&body)
            && envelope.method == nextline_protocol::methods::APPLY_EDIT
        {
            let params = envelope.params;
            let params: Value = params
                .and_then(|params| serde_json::from_str(params.get()).ok())
                .unwrap_or_default();
            let disk = disk.clone();
            let landed = off_wire(move || lock(&disk).land(&params)).await;
            let (outcome, told) =
                landed.unwrap_or_else(|| (Err("it could not be written".into()), Vec::new()));
            // The texts first, so that the core has them when it hears that the edit landed.
            for notification in told {
                self.core(notification.to_string().as_bytes()).await;
            }
            let result = match outcome {
                Ok(()) => json!({ "applied": true }),
                Err(why) => json!({ "applied": false, "failureReason": why }),
            };
            let answer = format!(
                r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#,
                id.json()
            );
            return self.core(answer.as_bytes()).await;
        }
        // Fails only when its writer ended, and the socket with it.
        let _ = self.to_client.send(frame::text(&body)).await;
    }

    async fn refuse(&self, id: &Id, why: &str) {
        let fault = nextline_protocol::Fault::new(nextline_protocol::fault::REQUEST_FAILED, why);
        let answer = format!(
            r#"{{"jsonrpc":"2.0","id":{},"error":{}}}"#,
            id.json(),
            json!(fault)
        );
        let _ = self.to_client.send(frame::text(answer.as_bytes())).await;
    }

    async fn core(&self, body: &[u8]) {
        let _ = self.to_core.send(framed(body)).await;
    }
}

fn lock(disk: &Mutex<Disk>) -> std::sync::MutexGuard<'_, Disk> {
    disk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn request(id: &Id, method: &str, params: &Value) -> Vec<u8> {
    let (id, method) = (id.json(), json!(method));
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":{method},"params":{params}}}"#).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake() {
        let headers = |all: &[(&'static str, &str)]| -> HeaderMap {
            let pair = |&(name, value): &(&'static str, &str)| {
                (HeaderName::from_static(name), value.parse().unwrap())
            };
            all.iter().map(pair).collect()
        };
        let good = [
            ("upgrade", "websocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "nextline, token.secret"),
        ];
        let answer = accept(&headers(&good)).unwrap();
        // RFC 6455, 1.3 has this very example.
        assert_eq!(
            answer.headers()["sec-websocket-accept"],
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
        assert_eq!(answer.headers()["sec-websocket-protocol"], "nextline");
        for missing in 0..4 {
            let mut less = good.to_vec();
            less.remove(missing);
            assert!(accept(&headers(&less)).is_err(), "{missing}");
        }
    }
}
