//! Servers of the Model Context Protocol as a source of context in chats: the user's own, started when a message needs them, asked only
//! after a yes for each call.
//!
//! `calls` is what a message wants of them, `fulfil` makes that of it, past the person; `hub` has the servers of a connection, each of
//! them a `server` over a `program`'s pipes or over `http`; `content` is what came, as a prompt may have it.

mod calls;
mod content;
mod fulfil;
mod http;
mod hub;
mod program;
mod server;

pub use calls::{Call, Want, parse};
pub use fulfil::{LATER, No, fulfil};
pub use hub::Hub;
pub use server::{Listed, Server};
