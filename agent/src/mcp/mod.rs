//! Servers of the Model Context Protocol as a source of context in chats: the user's own, started when a message needs them, asked only
//! after a yes for each call.
//!
//! `calls` is what a message wants of them, `fulfil` makes that of it, past the person; `hub` has the servers of a connection, each of
//! them a `server` over a `program`'s pipes or over `http`; `content` is what came, `came` that as a prompt may have it. `absent` stands for a server in
//! builds without the feature `mcp`.

mod calls;
mod came;
#[cfg(feature = "mcp")]
mod content;
mod fulfil;
#[cfg(feature = "mcp")]
mod http;
mod hub;
#[cfg(feature = "mcp")]
mod program;
#[cfg_attr(not(feature = "mcp"), path = "absent.rs")]
mod server;

pub use calls::{Call, Want, parse};
pub use came::Listed;
pub use fulfil::{LATER, No, fulfil};
pub use hub::Hub;
pub use server::Server;
