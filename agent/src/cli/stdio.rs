//! Standard input and output as the wire reads and writes them.
//!
//! On Linux a pipe is opened once more, so that it can be read without blocking and without a thread between it and the wire; the
//! flag is set on our own file description, not on the one that the editor may share. Anything else goes through tokio's threads.

use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

/// Standard input.
pub fn reader() -> Pin<Box<dyn AsyncRead + Send>> {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_receiver("/proc/self/fd/0") {
        return Box::pin(pipe);
    }
    Box::pin(tokio::io::stdin())
}

/// Standard output.
pub fn writer() -> Pin<Box<dyn AsyncWrite + Send>> {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_sender("/proc/self/fd/1") {
        return Box::pin(pipe);
    }
    Box::pin(tokio::io::stdout())
}
