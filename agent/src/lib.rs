//! One native coding agent that every editor can use.
//!
//! The code map; nothing points upward:
//!
//! ```text
//! main → wire → door → desk → {complete, next, chat, edit} → {prompt, local, route} → {index, document, text}
//! ```
//!
//! - `wire`: bytes to messages and back, in frames or lines; survives bad ones; one bounded outbox
//! - `door`: messages in wire order; snapshot, cancel, exit; nothing else
//! - `world`: what is true now, with one owner; snapshots for everybody else
//! - `text`: rope and byte offsets; the only UTF-8/16/32 arithmetic
//! - `document`: text, version, lazily parsed tree, recent edits
//! - `desk`: one handler a file: params to an ask, outcome to a reply
//! - `complete`: the completion, stage by stage, and why there was none
//! - `next`: the next edit: what follows from what was just done
//! - `chat`: conversations: which route is asked, and what comes of it
//! - `edit`: an instruction to a patch that is checked against the text it was made for
//! - `mcp`: servers of the Model Context Protocol that a message asks, after a yes for each call
//! - `project`: what a project says to the agent, once a person has said yes to it
//! - `context`: a cursor to ranked pieces of the workspace; pure
//! - `local`: the embedded model: learns from the workspace; no network, no download
//! - `index`: the workspace on disk: walk and ignore rules
//! - `prompt`: context to prompt; pure
//! - `tape`: a session as a file, and the same session once more
//! - `fuzz`: of tests only: every reader of bytes from outside and what nobody would write to it
//! - `policy`: which files may be used, and what may leave the machine
//! - `route`: prompt to a stream of deltas; the only room that opens a network connection
//! - `ledger`: what left, byte for byte, and what it cost
//! - `settings`: layered configuration with the origin of every value
//! - `secret`: keys, never in logs, errors or Debug
//! - `serve`: the HTTP face on loopback
//! - `shared`: one process for several editors, and the shim by which each of them speaks to it
//! - `cli`: the commands that people type

pub mod chat;
pub mod cli;
pub mod complete;
pub mod context;
pub mod desk;
pub mod document;
pub mod door;
pub mod edit;
#[cfg(test)]
mod fuzz;
pub mod index;
pub mod ledger;
pub mod local;
pub mod mcp;
pub mod next;
pub mod policy;
pub mod project;
pub mod prompt;
pub mod route;
pub mod secret;
pub mod serve;
pub mod settings;
pub mod shared;
pub mod tape;
pub mod text;
pub mod wire;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use complete::{Commons, Engine};
use door::acp::AcpDoor;
use door::{Door, Flow, Parent};
use settings::{Layers, Severity};
use wire::{Frame, FrameReader, Framing, LineReader, Outbox};
use world::World;

/// How often the client's process is looked for.
const WATCH: Duration = Duration::from_secs(2);
/// How often a session on tape looks whether its workspace is read.
const READING: Duration = Duration::from_millis(2);
/// What may still be written after the end was decided.
const FAREWELL: Duration = Duration::from_millis(250);

/// Serves one client until it says `exit`, closes its end or dies. Returns the process's exit code: 0 after `shutdown`, 1 without it
/// and after input that is no LSP.
pub async fn serve<R, W>(reader: R, writer: W, layers: Layers) -> u8
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    serve_among(reader, writer, layers, None).await
}

/// The same, for one of several clients of this process: `commons` is what they have together. Which process started this one says
/// nothing of any of them.
pub async fn serve_among<R, W>(
    reader: R,
    writer: W,
    layers: Layers,
    commons: Option<Arc<Commons>>,
) -> u8
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (outbox, written) = Outbox::start(writer);
    let parent = match &commons {
        None => Parent::new(),
        Some(_) => Parent::unknown(),
    };
    let engine = Arc::new(Engine::among(commons));
    // What comes of a workspace that is half read hangs on the machine: a session on tape waits until it is read.
    let reading = || tape::is_in() && engine.walks().untold();
    let world = World::new(Arc::new(layers.load()), engine.clone());
    let (mut door, mut events) = Door::new(world, layers, outbox.clone(), parent);
    let mut frames = FrameReader::new(reader);
    let mut stop = std::pin::pin!(terminated());
    let mut watch = tokio::time::interval(WATCH);
    let mut written = std::pin::pin!(written);
    let code = loop {
        tokio::select! {
            biased;
            // Nobody reads our answers any more: that is no failure of ours.
            _ = &mut written => return 0,
            () = &mut stop => break 0,
            Some(event) = events.recv() => door.apply(event),
            () = tokio::time::sleep(READING), if reading() => {}
            frame = async { outbox.room().await; frames.next().await }, if !reading() => match frame {
                Ok(Some(frame)) => {
                    if let Frame::Body(body) = &frame {
                        tape::client_said(body);
                    }
                    if let Flow::Exit(code) = door.accept(frame) {
                        break code;
                    }
                }
                Ok(None) => {
                    // A script may close its end and still read the answers.
                    let _ = tokio::time::timeout(FAREWELL, door.idle()).await;
                    break door.code();
                }
                Err(broken) => {
                    eprintln!("nextline: {broken}");
                    break 1;
                }
            },
            _ = watch.tick() => {
                if !door.client_alive() {
                    break door.code();
                }
                door.chores();
            }
        }
    };
    let _ = tokio::time::timeout(FAREWELL, async {
        door.close().await;
        written.await
    })
    .await;
    code
}

/// Serves one ACP client until it closes its end or dies. Returns the process's exit code: 0, or 1 where the input broke.
pub async fn serve_acp<R, W>(reader: R, writer: W, layers: Layers) -> u8
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    for notice in &layers.load().notices {
        // There is no word of the protocol for it before a session; editors keep what stands here.
        if notice.severity != Severity::Info {
            eprintln!("nextline: {notice}");
        }
    }
    let (outbox, written) = Outbox::framed(writer, Framing::Lines);
    let mut door = AcpDoor::new(layers, outbox.clone());
    let mut lines = LineReader::new(reader);
    let mut stop = std::pin::pin!(terminated());
    let mut watch = tokio::time::interval(WATCH);
    let mut written = std::pin::pin!(written);
    let code = loop {
        tokio::select! {
            biased;
            // Nobody reads our answers any more: that is no failure of ours.
            _ = &mut written => return 0,
            () = &mut stop => break 0,
            line = async { outbox.room().await; lines.next().await } => match line {
                Ok(Some(line)) => door.accept(line),
                Ok(None) => {
                    // A script may close its end and still read the answers.
                    let _ = tokio::time::timeout(FAREWELL, door.idle()).await;
                    break 0;
                }
                Err(broken) => {
                    eprintln!("nextline: reading the input failed: {broken}");
                    break 1;
                }
            },
            _ = watch.tick() => {
                if !door.client_alive() {
                    break 0;
                }
                door.chores();
            }
        }
    };
    let _ = tokio::time::timeout(FAREWELL, async {
        door.close().await;
        written.await
    })
    .await;
    code
}

/// Resolves when the system asks the process to end.
pub(crate) async fn terminated() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut term), Ok(mut interrupt)) = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        ) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
