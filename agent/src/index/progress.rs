//! Work-done progress of a walk (LSP `$/progress`), for walks that a person would notice.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::door::Turn;

/// A walk that ends sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// Reports come this often at most.
const PAUSE: Duration = Duration::from_millis(200);

static TOKENS: AtomicU64 = AtomicU64::new(0);

/// One walk's progress.
pub struct Progress<'a> {
    turn: &'a Turn,
    title: String,
    token: Option<String>,
    last: Instant,
    pause: Duration,
}

impl<'a> Progress<'a> {
    /// A walk that begins now.
    pub fn new(turn: &'a Turn, folder: &Path) -> Progress<'a> {
        let name = folder
            .file_name()
            .unwrap_or(folder.as_os_str())
            .to_string_lossy();
        Progress {
            turn,
            title: format!("Nextline: learning {name}"),
            token: None,
            last: Instant::now(),
            pause: PATIENCE,
        }
    }

    /// So many files are learnt.
    pub fn report(&mut self, files: u64) {
        // How often it is told hangs on the machine, which nothing on tape may.
        let silent = !self.turn.snapshot.client.progress || crate::tape::is_in();
        if silent || self.last.elapsed() < self.pause {
            return;
        }
        self.last = Instant::now();
        self.pause = PAUSE;
        if self.token.is_none() {
            let token = format!("nextline-index-{}", TOKENS.fetch_add(1, Ordering::Relaxed));
            // A client that refuses the token ignores what is sent for it.
            drop(
                self.turn
                    .outbox
                    .request("window/workDoneProgress/create", json!({"token": token})),
            );
            self.token = Some(token);
            self.send(json!({"kind": "begin", "title": self.title, "cancellable": false}));
        }
        self.send(json!({"kind": "report", "message": format!("{files} files")}));
    }

    /// The walk ended.
    pub fn end(self, files: u64) {
        if self.token.is_some() {
            self.send(json!({"kind": "end", "message": format!("{files} files learnt")}));
        }
    }

    fn send(&self, value: Value) {
        self.turn
            .outbox
            .notify("$/progress", json!({"token": self.token, "value": value}));
    }
}
