//! What was found for a spot, whoever found it.

use std::sync::Arc;

use super::Origin;
use super::cache::{Entry, Hit};
use super::stem::Rest;

/// Text that goes in at the cursor, before it is shaped to an item.
#[derive(Debug, Clone)]
pub(super) struct Continuation {
    pub(super) text: String,
    /// Bytes after the cursor, on its line, that `text` writes anew.
    pub(super) over: usize,
    pub(super) origin: Origin,
    pub(super) confidence: Option<f64>,
    /// The kept answer that it is the rest of.
    pub(super) entry: Option<Arc<Entry>>,
}

impl Continuation {
    pub(super) fn of(entry: Arc<Entry>, rest: Rest) -> Continuation {
        Continuation {
            text: rest.text,
            over: rest.over,
            origin: entry.origin.clone(),
            confidence: entry.confidence,
            entry: Some(entry),
        }
    }
}

impl From<Hit> for Continuation {
    fn from(hit: Hit) -> Self {
        Continuation::of(hit.entry, hit.rest)
    }
}
