//! One process for several editors: the first client's shim starts it, later ones attach, and it leaves behind the last one.
//!
//! An editor starts `nextline` as ever. Where `process.shared` is set, that process is a shim: it copies bytes between the editor and a
//! process in the background, over a socket that only this user can reach. Only equals meet there: the socket's name is made of the
//! binary, its arguments and the environment, keys included, so nobody gets the answer that another one's key paid for. Each client
//! has a thread with a runtime, documents, settings, policy, routes and chats of its own; what is read from disk is shared by those who
//! would read the same ([`crate::complete::Commons`]), and so are the ledger's file and the budgets over it.
//!
//! A shim that cannot attach serves by itself.

pub mod host;
mod identity;
#[cfg(unix)]
pub mod meeting;
#[cfg(windows)]
#[path = "shared/pipe.rs"]
pub mod meeting;
mod shim;

use std::ffi::OsString;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::settings::Layers;

/// Serves one client: through the shared process if its settings want that, else by itself. `arguments` are those that decide about
/// the configuration. Returns the process's exit code.
pub async fn serve<R, W>(reader: R, writer: W, layers: Layers, arguments: &[OsString]) -> u8
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    if !layers.load().settings.process.shared {
        return crate::serve(reader, writer, layers).await;
    }
    shim::run(reader, writer, layers, arguments).await
}

/// Why this client is served by a process of its own.
fn say(why: &str) {
    eprintln!("nextline: {why}; this editor has a process of its own");
}
