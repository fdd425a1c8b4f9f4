//! The one way out: replies, notifications and our own requests, bounded.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nextline_protocol::Fault;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Id, framed};
use crate::tape;

/// Messages that may wait for a client that does not read; who has more to say waits.
const WAITING: u32 = 1024;
/// Answers of the wire's task, which must not wait, that may wait beside those: then it reads no further.
const BESIDE: usize = 1 << 16;
/// Bytes written at once at most.
const BATCH: usize = 256 << 10;
/// Our own requests that may wait for the client's answer; the oldest give way.
const ASKED: usize = 256;

type Answer = Result<Value, Fault>;

/// How messages are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length` headers (LSP).
    Headers,
    /// One message a line (ACP).
    Lines,
}

/// A message on its way, with the place that it takes; empty, it is the end.
struct Waiting {
    bytes: Vec<u8>,
    _place: Option<OwnedSemaphorePermit>,
}

/// A handle to the outbox; clones share it.
#[derive(Clone)]
pub struct Outbox {
    framing: Framing,
    /// In the order of going out; [`Waiting`]'s places bound it.
    queue: mpsc::UnboundedSender<Waiting>,
    places: Arc<Semaphore>,
    /// How many places there are.
    all: u32,
    beside: Arc<Semaphore>,
    asked: Arc<Mutex<HashMap<u64, oneshot::Sender<Answer>>>>,
    next: Arc<AtomicU64>,
}

#[derive(Serialize)]
struct Reply<'a, T> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    #[serde(flatten)]
    outcome: Outcome<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome<T> {
    Result(T),
    Error(Fault),
}

#[derive(Serialize)]
struct Call<'a, T> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    method: &'a str,
    params: T,
}

impl Outbox {
    /// An outbox that a task of its own empties into `writer`. The task resolves after [`Outbox::end`], or with an error when nobody
    /// reads any more.
    pub fn start<W>(writer: W) -> (Outbox, JoinHandle<std::io::Result<()>>)
    where
        W: AsyncWrite + Unpin + Send + 'static,
    {
        Outbox::framed(writer, Framing::Headers)
    }

    /// As [`Outbox::start`], with another framing.
    pub fn framed<W>(writer: W, framing: Framing) -> (Outbox, JoinHandle<std::io::Result<()>>)
    where
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let (outbox, written) = Outbox::bounded(writer, framing, WAITING, BESIDE);
        (outbox, tokio::spawn(written))
    }

    /// As [`Outbox::framed`], with bounds of its own and the emptying as a future.
    pub fn bounded<W: AsyncWrite + Unpin>(
        writer: W,
        framing: Framing,
        places: u32,
        beside: usize,
    ) -> (Outbox, impl Future<Output = std::io::Result<()>>) {
        let (queue, waiting) = mpsc::unbounded_channel();
        let outbox = Outbox {
            framing,
            queue,
            places: Arc::new(Semaphore::new(places as usize)),
            all: places,
            beside: Arc::new(Semaphore::new(beside)),
            asked: Arc::default(),
            next: Arc::default(),
        };
        (outbox, write_out(writer, waiting))
    }

    /// Nothing is written after what waits now: whoever was given a place must have put something there, so it takes all places.
    pub async fn end(&self) {
        let all = self.places.clone().acquire_many_owned(self.all).await;
        self.put(Vec::new(), all.ok());
    }

    /// Resolves while the wire's task may read on: what it answers has room.
    pub async fn room(&self) {
        // Nobody closes it.
        let _ = self.beside.acquire().await;
    }

    /// Answers a request; waits while the client does not read.
    pub async fn reply<T: Serialize>(&self, id: &Id, outcome: Result<T, Fault>) {
        self.send(self.reply_bytes(id, outcome)).await;
    }

    /// Answers a request from the wire's task, which must not wait here but in [`Outbox::room`], before it reads on.
    pub fn reply_now(&self, id: &Id, outcome: Result<Value, Fault>) {
        let place = [&self.places, &self.beside]
            .into_iter()
            .find_map(|places| places.clone().try_acquire_owned().ok());
        self.put(self.reply_bytes(id, outcome), place);
    }

    /// Tells the client something that may be lost: dropped while the client does not read.
    pub fn notify<T: Serialize>(&self, method: &str, params: T) {
        let call = Call {
            jsonrpc: "2.0",
            id: None,
            method,
            params,
        };
        // A notification is told again with the next change; what it says is never the only copy.
        self.put_if_room(&call);
    }

    /// Tells the client something that must not be lost; waits while the client does not read.
    pub async fn tell<T: Serialize>(&self, method: &str, params: T) {
        let call = Call {
            jsonrpc: "2.0",
            id: None,
            method,
            params,
        };
        self.send(self.bytes(&call)).await;
    }

    /// Asks the client something. The receiver fails if the client never answers and others ask after it.
    pub fn request<T: Serialize>(&self, method: &str, params: T) -> oneshot::Receiver<Answer> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, waiting| !waiting.is_closed());
        if asked.len() >= ASKED
            && let Some(oldest) = asked.keys().min().copied()
        {
            asked.remove(&oldest);
        }
        let call = Call {
            jsonrpc: "2.0",
            id: Some(id),
            method,
            params,
        };
        if self.put_if_room(&call) {
            asked.insert(id, sender);
        }
        receiver
    }

    /// Hands the client's answer to whoever asked; an unknown id is nobody's.
    pub fn answered(&self, id: &RawValue, outcome: Result<&RawValue, &RawValue>) {
        let Ok(id) = id.get().parse::<u64>() else {
            return;
        };
        let waiting = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
        let Some(waiting) = waiting else { return };
        let answer = match outcome {
            Ok(result) => Ok(serde_json::from_str(result.get()).unwrap_or_default()),
            Err(error) => Err(serde_json::from_str(error.get()).unwrap_or_else(|_| {
                Fault::new(nextline_protocol::fault::INTERNAL_ERROR, error.get())
            })),
        };
        // Whoever asked may have gone.
        let _ = waiting.send(answer);
    }

    async fn send(&self, bytes: Vec<u8>) {
        self.put(bytes, self.places.clone().acquire_owned().await.ok());
    }

    fn put_if_room<T: Serialize>(&self, message: &T) -> bool {
        let place = self.places.clone().try_acquire_owned();
        place.is_ok_and(|place| self.put(self.bytes(message), Some(place)))
    }

    /// False after the writer ended, and the process with it.
    fn put(&self, bytes: Vec<u8>, place: Option<OwnedSemaphorePermit>) -> bool {
        let _place = place;
        self.queue.send(Waiting { bytes, _place }).is_ok()
    }

    fn reply_bytes<T: Serialize>(&self, id: &Id, outcome: Result<T, Fault>) -> Vec<u8> {
        let outcome = match outcome {
            Ok(result) => Outcome::Result(result),
            Err(fault) => Outcome::Error(fault),
        };
        // An `Id` is JSON text that came out of a parser.
        let id = RawValue::from_string(id.json().to_owned()).unwrap_or_default();
        self.bytes(&Reply {
            jsonrpc: "2.0",
            id: &id,
            outcome,
        })
    }

    /// A message in its frame.
    fn bytes<T: Serialize>(&self, message: &T) -> Vec<u8> {
        let mut body = serde_json::to_vec(message).unwrap_or_else(|error| {
            format!("{{\"jsonrpc\":\"2.0\",\"method\":\"window/logMessage\",\"params\":{{\"type\":1,\"message\":{:?}}}}}", error.to_string())
                .into_bytes()
        });
        match self.framing {
            Framing::Headers => framed(&body),
            // Inside of JSON text a line break is written `\n`.
            Framing::Lines => {
                body.push(b'\n');
                body
            }
        }
    }
}

/// Writes what the outbox holds until its end, an empty message.
async fn write_out<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
) -> std::io::Result<()> {
    let mut ended = false;
    while !ended && let Some(Waiting { bytes, .. }) = waiting.recv().await {
        let mut batch = bytes;
        ended = batch.is_empty();
        while !ended
            && batch.len() < BATCH
            && let Ok(more) = waiting.try_recv()
        {
            ended = more.bytes.is_empty();
            batch.extend_from_slice(&more.bytes);
        }
        tape::client_is_told(&batch);
        writer.write_all(&batch).await?;
        writer.flush().await?;
    }
    Ok(())
}
