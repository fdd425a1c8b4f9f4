//! Open documents of which nothing may be used: they are in no memory, and while one is worked on the status says so.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ropey::Rope;

use super::{Engine, Reason, Silence};
use crate::document::Document;
use crate::document::place::key_of;
use crate::policy::Excluded;
use crate::world::Snapshot;

/// Which they are. One for the process.
#[derive(Default)]
pub struct Withheld(Mutex<State>);

#[derive(Default)]
struct State {
    keys: HashSet<String>,
    /// The document that was opened or asked about last, if it is one of them, and why it is.
    active: Option<(String, String)>,
}

impl Withheld {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing of a document may be used, as of the last time that it was opened or asked about.
    pub fn holds(&self, key: &str) -> bool {
        self.state().keys.contains(key)
    }

    /// Why the document that is worked on is left alone, if it is.
    pub fn active(&self) -> Option<String> {
        self.state().active.as_ref().map(|(_, why)| why.clone())
    }

    /// The document is worked on.
    fn visit(&self, key: &str, why: Option<&Excluded>) {
        self.state().active = why.map(|why| (key.to_owned(), why.to_string()));
    }

    /// Notes a decision; true if it is another than before.
    fn note(&self, key: &str, why: Option<&Excluded>) -> bool {
        let mut state = self.state();
        match why {
            Some(_) => state.keys.insert(key.to_owned()),
            None => state.keys.remove(key),
        }
    }

    /// A document was closed.
    pub fn forget(&self, key: &str) {
        let mut state = self.state();
        state.keys.remove(key);
        state.active.take_if(|(active, _)| active == key);
    }
}

impl Engine {
    /// A document was opened: it is remembered if it may be used. True if the status line changes by that.
    pub fn opened(&self, folders: &[PathBuf], uri: &str, text: &Rope) -> bool {
        let key = key_of(uri);
        let before = self.withheld.active();
        let why = self.policy.verdict_of(folders, uri).excluded();
        self.withheld.visit(&key, why.as_ref());
        self.withheld.note(&key, why.as_ref());
        if why.is_none() {
            self.remember(&key, text);
        }
        self.withheld.active() != before
    }

    /// Whether a document may be used now, in a request that came at `since`. What that changes is made good at once: it is remembered, or
    /// forgotten.
    pub(super) fn may_use(
        &self,
        folders: &[PathBuf],
        document: &Document,
        since: Instant,
    ) -> Result<(), Silence> {
        let why = self.judge(folders, document, since);
        self.withheld.visit(&key_of(&document.uri), why.as_ref());
        match why {
            Some(why) => Err(Reason::Excluded.because(why.to_string())),
            None => Ok(()),
        }
    }

    /// Rules changed: every open document is judged anew.
    pub(crate) fn rejudge(&self, snapshot: &Snapshot) {
        for (_, document) in snapshot.documents() {
            self.judge(&snapshot.client.folders, document, Instant::now());
        }
    }

    fn judge(&self, folders: &[PathBuf], document: &Document, since: Instant) -> Option<Excluded> {
        let verdict = self.policy.verdict_of_since(folders, &document.uri, since);
        let why = verdict.excluded();
        let key = key_of(&document.uri);
        if self.withheld.note(&key, why.as_ref()) {
            match why {
                Some(_) => self.unlearn(&key),
                None => self.remember(&key, document.text.rope()),
            }
        }
        why
    }

    fn remember(&self, key: &str, text: &Rope) {
        self.local.open(key, text);
        self.gathered.opened(key, text);
    }

    /// Forgets what was learnt of a document, open or not.
    pub(crate) fn unlearn(&self, key: &str) {
        self.local.close(key);
        self.local.forget(key);
        self.gathered.closed(key);
        if let Some(library) = self.gathered.library() {
            library.forget(key);
        }
    }
}
