//! The harness: drives the built binary from outside, over stdio, with a scripted model on loopback.
//!
//! Nothing here links the agent. A test starts a [`Server`], speaks JSON-RPC to it and waits for messages, never for time;
//! when the server is dropped it is shut down, and the test fails if a message was left unread, a request unanswered, or
//! the exit code wrong. [`ScriptedRoute`] is the model: a test can hold, feed, stall and cut what it answers.
//!
//! | file | holds |
//! |---|---|
//! | `acp.rs`, `acp/` | an ACP client |
//! | `binary.rs` | where the binary is, its isolated environment |
//! | `scratch.rs` | throw-away directories and workspaces |
//! | `frame.rs` | Content-Length framing, good and bad |
//! | `launch.rs` | how a server is started |
//! | `server.rs` | the running server: requests, answers, the checks at its end |
//! | `pipes.rs` | the threads on its pipes |
//! | `client.rs` | what the client answers to the server's own requests |
//! | `copilot.rs` | what Copilot's clients send |
//! | `doc.rs` | an open document on the client's side, cursor fixtures, the reference model of positions |
//! | `face.rs` | a running `nextline serve` |
//! | `socket.rs` | a WebSocket client |
//! | `browser.rs` | headless Chromium, driven over its debugging protocol |
//! | `house.rs` | a machine on which several editors share a process |
//! | `http.rs`, `scripted.rs` | the scripted route |
//! | `edits.rs`, `next.rs` | a client's half of an edit, of a next edit |
//! | `mcp.rs` | homes with servers of the Model Context Protocol |
//! | `report.rs` | what a driver inside an editor noted |
//! | `shell.rs` | what a command that ended left behind |
//! | `llama.rs` | a real model server |
//! | `encodings.rs` | a text in the encodings that it may leave in |
//! | `families.rs` | every provider and how it speaks |
//! | `samples.rs` | source that the embedded model can learn |
//! | `random.rs` | seeded numbers, so that a failure can be repeated |
//! | `wait.rs` | the hang guard |

#![allow(
    clippy::unwrap_used,
    reason = "a harness fails by panicking, with the place in the message"
)]

pub mod acp;
pub mod binary;
pub mod browser;
pub mod client;
pub mod copilot;
pub mod doc;
pub mod edits;
pub mod encodings;
pub mod face;
pub mod families;
pub mod frame;
#[cfg(unix)]
pub mod house;
pub mod http;
pub mod launch;
pub mod llama;
pub mod mcp;
pub mod next;
mod pipes;
pub mod random;
pub mod report;
pub mod samples;
pub mod scratch;
pub mod scripted;
pub mod server;
pub mod shell;
pub mod socket;
pub mod wait;

pub use browser::Browser;
pub use doc::{Doc, Encoding};
pub use face::Face;
pub use launch::Launch;
pub use llama::Llama;
pub use scratch::Scratch;
pub use scripted::{Exchange, ScriptedRoute};
pub use server::{Fault, Server};
pub use socket::Socket;
