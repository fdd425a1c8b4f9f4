//! What is done without anybody waiting: the next completion after one was taken, a second look at what was taken, the numbers.

use std::sync::Arc;
use std::time::Instant;

use super::offers::CLEARED;
use super::routed::{self, Spot};
use super::stem::Place;
use super::{Ask, LINES_TYPED, Trigger, skip};
use crate::world::Snapshot;

/// Something was taken in a document: asks the route for what comes next, and keeps it for whoever asks.
pub fn ahead(snapshot: &Snapshot, key: &str) {
    let engine = &snapshot.engine;
    let route = snapshot.settings.settings.completion.route.as_str();
    let Some(document) = snapshot.document(key).filter(|_| route != "local") else {
        return;
    };
    let taken = |at| engine.offers.took(key, at);
    let Some(last) = document.edits.last().filter(|last| taken(last.at)) else {
        return;
    };
    let ask = Ask {
        document: document.clone(),
        at: last.end,
        trigger: Trigger::Automatic,
        selected: None,
        clock: Arc::default(),
    };
    if skip::check(snapshot, &ask).is_err() {
        return;
    }
    let spot = Spot {
        place: Place::new(document.serial, &document.text, ask.at, LINES_TYPED),
        source: engine.source.load(std::sync::atomic::Ordering::Relaxed),
        go: None,
        purpose: "ahead",
        key: key.to_owned(),
        text: document.text.clone(),
        at: ask.at,
    };
    let memory = &engine.stock().memory;
    let known = memory.goes_on(&spot.place, spot.source)
        || !memory.find(&spot.place, spot.source).is_empty();
    if !known {
        // Whoever asks hears why it fails.
        let _ = routed::depart(snapshot, &ask, &spot, route);
    }
}

/// Looks whether accepted text is still there, and writes the numbers. Blocks.
pub fn chores(snapshot: &Snapshot) {
    let engine = &snapshot.engine;
    engine.settle(CLEARED);
    for (taken, look) in engine.offers.due(Instant::now()) {
        // Of a document that was closed nothing is known.
        if let Some(document) = snapshot.document(&taken.key) {
            let there = document.text.rope().to_string().contains(&taken.text);
            engine.stats.looked(&taken.origin, look, there);
        }
    }
    engine.stats.write();
}
