//! The door: messages in wire order. Text changes the world there and then; everything else gets a snapshot and leaves.
//!
//! Exactly one answer goes out for each request: whoever claims the pending entry first sends it.

pub mod acp;
mod dialect;
mod edits;
mod lifecycle;
#[cfg(test)]
mod model;
mod parent;
mod pending;
mod turn;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nextline_protocol::Fault;
use nextline_protocol::document::{DidOpenParams, DocumentParams, Item};
use nextline_protocol::fault::{
    INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, SERVER_NOT_INITIALIZED,
};
use nextline_protocol::methods;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::complete;
use crate::desk::{AgentDesk, LspDesk, copilot};
use crate::document::Misfit;
use crate::index;
use crate::settings::{Layers, Notice};
use crate::wire::{Envelope, Frame, Id, Incoming, Outbox};
use crate::world::{Snapshot, World};
use pending::Pending;

pub use parent::Parent;
pub use turn::Turn;

/// What a request comes to, once it is awaited.
type Work = BoxFuture<'static, Result<Value, Fault>>;

/// Requests under way at once at most; more are told that the server is overloaded.
const IN_FLIGHT: usize = 10_000;

/// Runs what blocks or computes off the wire's task; `None` if it panicked.
///
/// The work begins at once and goes on when its answer is not awaited.
pub fn off_wire<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = Option<T>> {
    let task = tokio::task::spawn_blocking(work);
    async move { task.await.ok() }
}

/// Whether to read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Read the next message.
    On,
    /// The client said `exit`: end with this code.
    Exit(u8),
}

/// What happened beside the wire and must change the world in order.
pub enum Event {
    /// The client answered our question for its configuration.
    Configuration(Value),
    /// A lost document was saved: this is its text on disk.
    Found(String, String),
    /// Somebody needs the world as it is now.
    Look(oneshot::Sender<Snapshot>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Fresh,
    Running,
    Down,
}

/// Everything that one connection needs.
pub struct Door {
    world: World,
    layers: Layers,
    outbox: Outbox,
    lsp: LspDesk,
    agent: Arc<AgentDesk>,
    pending: Pending,
    phase: Phase,
    turns: u64,
    events: mpsc::UnboundedSender<Event>,
    client: Parent,
}

#[derive(Deserialize)]
struct CancelParams<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
}

impl Door {
    /// A door before `initialize`, and the end of its events that [`Door::apply`] takes.
    pub fn new(
        world: World,
        layers: Layers,
        outbox: Outbox,
        client: Parent,
    ) -> (Door, mpsc::UnboundedReceiver<Event>) {
        let (events, happened) = mpsc::unbounded_channel();
        let door = Door {
            world,
            layers,
            outbox,
            lsp: LspDesk::default(),
            agent: Arc::new(AgentDesk::default()),
            pending: Pending::default(),
            phase: Phase::Fresh,
            turns: 0,
            events,
            client,
        };
        (door, happened)
    }

    /// False once the process that started us, or the one that `initialize` named, is gone.
    pub fn client_alive(&self) -> bool {
        self.client.alive()
    }

    /// Resolves when every request is answered.
    pub async fn idle(&self) {
        self.pending.idle().await;
    }

    /// Ends the connection: nobody waits for what is under way, and what is written already goes out.
    pub async fn close(self) {
        self.pending.cancel_all();
        self.world.snapshot().chats.servers.close().await;
        self.world
            .snapshot()
            .engine
            .settle(std::time::Duration::ZERO);
        complete::chores(&self.world.snapshot());
        self.outbox.end().await;
    }

    /// The exit code of a client that went away without `exit`.
    pub fn code(&self) -> u8 {
        u8::from(self.phase != Phase::Down)
    }

    /// Takes one frame.
    pub fn accept(&mut self, frame: Frame) -> Flow {
        let body = match frame {
            Frame::Body(body) => body,
            Frame::Skipped { head, length } => {
                self.skipped(&head, length);
                return Flow::On;
            }
        };
        match Incoming::read(&body) {
            Ok(Incoming::Request(id, envelope)) => self.request(id, &envelope),
            Ok(Incoming::Notification(envelope)) => return self.notification(&envelope),
            Ok(Incoming::Response { id, outcome }) => self.outbox.answered(id, outcome),
            Err((id, fault)) => self.outbox.reply_now(&id, Err(fault)),
        }
        Flow::On
    }

    /// Takes what happened beside the wire.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Configuration(value) => self.configure(value),
            Event::Found(uri, text) => self.world.found(&uri, &text),
            // Whoever asked may have gone.
            Event::Look(sender) => drop(sender.send(self.world.snapshot())),
        }
    }

    fn request(&mut self, id: Id, envelope: &Envelope<'_>) {
        let refused = match (self.phase, &*envelope.method) {
            (Phase::Fresh, "initialize") => return self.initialize(id, envelope.params),
            (Phase::Fresh, _) => Some((SERVER_NOT_INITIALIZED, "`initialize` comes first")),
            (Phase::Running, "initialize") => {
                Some((INVALID_REQUEST, "`initialize` was answered already"))
            }
            (Phase::Down, _) => Some((
                INVALID_REQUEST,
                "the server was shut down: only `exit` may follow",
            )),
            _ if self.pending.len() >= IN_FLIGHT => Some((
                INTERNAL_ERROR,
                "overloaded: too many requests are under way",
            )),
            _ => None,
        };
        if let Some((code, why)) = refused {
            return self.outbox.reply_now(&id, Err(Fault::new(code, why)));
        }
        if envelope.method == "shutdown" {
            self.phase = Phase::Down;
        }
        self.recognise(&envelope.method, envelope.params);
        let turn = self.turn();
        self.turns += 1;
        tracing::debug!(turn = self.turns, method = %envelope.method, "request");
        let work = match self.work(turn.clone(), envelope) {
            Ok(work) => work,
            Err(fault) => return self.outbox.reply_now(&id, Err(fault)),
        };
        self.serve(id, turn, work);
    }

    /// What the desk of a method does for a request.
    fn work(&mut self, turn: Turn, envelope: &Envelope<'_>) -> Result<Work, Fault> {
        if let Some(handler) = copilot::handler(&envelope.method) {
            return Ok(handler(turn, read(envelope.params).unwrap_or_default()));
        }
        if envelope.method.starts_with("agent/") {
            let agent = self.agent.clone();
            let (method, params) = (
                envelope.method.to_string(),
                envelope.params.map(ToOwned::to_owned),
            );
            return Ok(async move { agent.call(turn, &method, params.as_deref()).await }.boxed());
        }
        // Some clients send params with it, which the service would refuse.
        let params = envelope.params.filter(|_| envelope.method != "shutdown");
        let params = params
            .map(|params| serde_json::from_str::<Value>(params.get()))
            .transpose();
        let params = params.map_err(|error| {
            let unreadable = format!("the params could not be read: {error}");
            Fault::new(INVALID_PARAMS, unreadable)
        })?;
        Ok(self.lsp.call(turn, self.turns, &envelope.method, params))
    }

    /// Runs a request off the wire's task.
    fn serve(&mut self, id: Id, turn: Turn, work: Work) {
        let entry = self
            .pending
            .enter(self.turns, id.clone(), turn.cancel.clone());
        tokio::spawn(async move {
            if let Some(outcome) = entry.outcome(work).await {
                turn.outbox.reply(&id, outcome).await;
            }
        });
    }

    fn notification(&mut self, envelope: &Envelope<'_>) -> Flow {
        if envelope.method == "exit" {
            return Flow::Exit(self.code());
        }
        if self.phase != Phase::Running {
            return Flow::On;
        }
        match &*envelope.method {
            methods::DID_CHANGE => self.did_change(envelope.params),
            methods::DID_OPEN => match read::<DidOpenParams>(envelope.params) {
                Ok(params) => {
                    let uri = params.text_document.uri.clone();
                    if self.world.open(params.text_document) {
                        complete::tell_status(&self.turn());
                    }
                    index::refresh(&self.world.snapshot().engine);
                    self.adopt(&uri);
                }
                Err(error) => self.unreadable(methods::DID_OPEN, envelope.params, &error),
            },
            methods::DID_CLOSE => match read::<DocumentParams>(envelope.params) {
                Ok(params) => {
                    self.world.close(&params.text_document.uri);
                    index::refresh(&self.world.snapshot().engine);
                }
                Err(error) => self.unreadable(methods::DID_CLOSE, envelope.params, &error),
            },
            methods::DID_SAVE => self.did_save(envelope.params),
            "$/cancelRequest" => self.cancel(envelope.params),
            "initialized" => self.initialized(),
            "workspace/didChangeConfiguration" => self.did_change_configuration(envelope.params),
            "workspace/didChangeWorkspaceFolders" => self.did_change_folders(envelope.params),
            "workspace/didChangeWatchedFiles" => self.did_change_files(envelope.params),
            methods::DID_SHOW | methods::DID_PARTIALLY_ACCEPT => {
                let engine = &self.world.snapshot().engine;
                engine.told(&envelope.method, envelope.params.map(RawValue::get));
            }
            methods::DID_SHOW_INLINE_EDIT => self.did_show_inline_edit(envelope.params),
            methods::PROGRESS_CANCEL => {
                let token = read::<Value>(envelope.params).unwrap_or_default();
                let token = token["token"].as_str().unwrap_or_default();
                self.world.snapshot().edits.cancel(token);
            }
            // The client's other notifications are its own business.
            _ => self.unanswered(envelope),
        }
        Flow::On
    }

    fn cancel(&mut self, params: Option<&RawValue>) {
        let Some(params) =
            params.and_then(|params| serde_json::from_str::<CancelParams<'_>>(params.get()).ok())
        else {
            return;
        };
        if let Some((turn, id)) = self.pending.cancel(params.id.get()) {
            self.outbox.reply_now(&id, Err(Fault::cancelled()));
            self.lsp.abandon(turn);
        }
    }

    /// A message over the cap was read past: say which, answer it if it asked, and know that its document is unknown.
    fn skipped(&mut self, head: &[u8], length: u64) {
        let head = String::from_utf8_lossy(head);
        let method = quoted_after(&head, "\"method\"").unwrap_or_else(|| "unknown".into());
        let uri = quoted_after(&head, "\"uri\"");
        let place = uri.as_deref().unwrap_or("no document");
        let (megabytes, cap) = (length >> 20, crate::wire::FRAME_CAP >> 20);
        self.log(2, &format!("a message of {megabytes} MB ({method}, {place}) is over {cap} MB and was not read: no completion there"));
        if let Some(uri) = uri {
            self.world.open(Item {
                uri: uri.clone(),
                ..Item::default()
            });
            self.world.lose(&uri, Misfit::TooLarge(cap));
        }
        if let Some(id) = id_after(&head) {
            self.outbox.reply_now(
                &id,
                Err(Fault::new(
                    INVALID_REQUEST,
                    format!("the request is over {cap} MB"),
                )),
            );
        }
    }

    fn unreadable(&self, method: &str, params: Option<&RawValue>, error: &str) {
        let place = uri_in(params)
            .map(|uri| format!(" for {uri}"))
            .unwrap_or_default();
        self.log(
            2,
            &format!("{method}{place} could not be read and was ignored: {error}"),
        );
    }

    /// `window/logMessage`; `kind` is LSP's `MessageType`: 1 error, 2 warning, 3 info.
    fn log(&self, kind: u8, message: &str) {
        tracing::info!("{message}");
        self.outbox.notify(
            "window/logMessage",
            json!({"type": kind, "message": format!("nextline: {message}")}),
        );
        self.log_to_older_clients(kind, message);
    }

    fn tell<'a>(&self, notices: impl Iterator<Item = &'a Notice>) {
        for notice in notices {
            self.log(notice.severity.message_type(), &notice.to_string());
        }
    }

    fn turn(&self) -> Turn {
        Turn {
            snapshot: self.world.snapshot(),
            cancel: CancellationToken::new(),
            outbox: self.outbox.clone(),
            events: self.events.clone(),
        }
    }
}

fn read<T: DeserializeOwned>(params: Option<&RawValue>) -> Result<T, String> {
    let params = params.ok_or("it has no params")?;
    serde_json::from_str(params.get()).map_err(|error| error.to_string())
}

/// The URI in params whose other parts cannot be read.
fn uri_in(params: Option<&RawValue>) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Only {
        text_document: OnlyUri,
    }
    #[derive(Deserialize)]
    struct OnlyUri {
        uri: String,
    }
    read::<Only>(params).ok().map(|only| only.text_document.uri)
}

/// The JSON string that follows a member's name in the head of a message that was cut.
fn quoted_after(head: &str, name: &str) -> Option<String> {
    let rest = head
        .split_once(name)?
        .1
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    serde_json::Deserializer::from_str(rest)
        .into_iter::<String>()
        .next()?
        .ok()
}

/// The id in the head of a message that was cut, where it comes before the params.
fn id_after(head: &str) -> Option<Id> {
    let before = head.split("\"params\"").next()?;
    let rest = before
        .split_once("\"id\"")?
        .1
        .trim_start()
        .strip_prefix(':')?
        .trim_start();
    let raw = serde_json::Deserializer::from_str(rest)
        .into_iter::<&RawValue>()
        .next()?
        .ok()?;
    Id::read(raw)
}
