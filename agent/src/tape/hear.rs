//! Takes a session down, in memory: nothing is written before its secrets are out of it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::event::{Event, Line, Recording, letters};
use crate::settings::Layers;

/// Bytes of a session that are kept; what comes after them is not a part of the recording.
const MOST: usize = 256 << 20;
/// The headers of an answer that it is read by.
const HEADERS: &[&str] = &[
    "content-type",
    "content-encoding",
    "location",
    "date",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-amzn-errortype",
    "apim-request-id",
    "x-trace",
];

/// A session that is taken down.
pub struct Hearing {
    path: PathBuf,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    recording: Recording,
    asks: usize,
    bytes: usize,
    /// The files that were read, with what they held last.
    files: HashMap<PathBuf, String>,
}

impl Hearing {
    /// Begins; `path` is written at the end.
    pub fn new(path: &Path, layers: &Layers) -> Hearing {
        let state = State {
            recording: Recording::of(layers),
            asks: 0,
            bytes: 0,
            files: HashMap::new(),
        };
        Hearing {
            path: path.to_owned(),
            began: Instant::now(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened.
    pub fn add(&self, event: Event) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let size = match &event {
            Event::Client { body } | Event::Server { body } => body.len(),
            Event::Bytes { bytes, .. } => bytes.len(),
            Event::File { text, .. } => text.len(),
            _ => 0,
        };
        let mut state = self.state();
        state.bytes += size + 64;
        if state.bytes < MOST {
            state.recording.lines.push(Line { ms, event });
        }
    }

    /// A file was read.
    pub fn file(&self, path: &Path, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let before = self.state().files.insert(path.to_owned(), text.to_owned());
        if before.as_deref() != Some(text) {
            self.add(Event::File {
                path: path.to_owned(),
                text: text.to_owned(),
            });
        }
    }

    /// A request leaves; says which one it is.
    pub fn asked(&self, body: &[u8]) -> usize {
        let ask = {
            let mut state = self.state();
            state.asks += 1;
            state.asks - 1
        };
        let digest = crate::ledger::sha256(body);
        self.add(Event::Asked { ask, digest });
        ask
    }

    /// Its answer begins.
    pub fn answered(
        &self,
        ask: usize,
        status: u16,
        headers: impl Iterator<Item = (String, String)>,
    ) {
        let headers = headers.filter(|(name, _)| HEADERS.contains(&name.as_str()));
        self.add(Event::Head {
            ask,
            status,
            headers: headers.collect(),
        });
    }

    /// Bytes of it came.
    pub fn came(&self, ask: usize, bytes: &[u8]) {
        let bytes = letters(bytes);
        self.add(Event::Bytes { ask, bytes });
    }

    /// Writes the session down, without its secrets; readable by its owner alone.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn finish(&self) -> std::io::Result<()> {
        use std::io::Write;
        let mut recording = std::mem::take(&mut self.state().recording);
        super::clean::clean(&mut recording);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = super::clean::checked(recording.text());
        options.open(&self.path)?.write_all(text.as_bytes())
    }
}
