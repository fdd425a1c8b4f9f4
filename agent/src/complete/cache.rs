//! Recent answers by the place that they were made for, and the loader that reads them from a route. The only room that names `moka`.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use rustc_hash::FxBuildHasher;

use super::flight::{Flight, Outcome};
use super::stem::{Place, Rest, Stem};
use super::{Engine, Origin, Reason};

/// Bytes that are kept in all.
const BYTES: u64 = 4 << 20;
/// How long an answer is worth something.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// The same for the embedded model's, which learns meanwhile.
const LOCAL_LIFE: Duration = Duration::from_secs(60);
/// Answers of one line that are kept, newest first.
const SHELF: usize = 24;
/// Fixed cost of an entry, for weighing.
const ENTRY: usize = 160;

/// One answer.
#[derive(Debug)]
pub struct Entry {
    /// Where it was made.
    pub stem: Stem,
    /// Of the settings under which it was made.
    pub source: u64,
    /// What goes in at the stem.
    pub text: String,
    /// What the model said behind it; serves the next lines.
    pub more: String,
    /// Bytes after the stem, on its line, that the text writes anew.
    pub over: usize,
    /// Who wrote it.
    pub origin: Origin,
    /// The embedded model's own probability.
    pub confidence: Option<f64>,
    born: Instant,
    /// When it was last shown, in the count of [`Memory::show`]; 0 if it never was.
    shown: AtomicU64,
}

impl Entry {
    /// An answer that was not shown yet.
    pub fn new(
        stem: Stem,
        source: u64,
        text: String,
        origin: Origin,
        confidence: Option<f64>,
    ) -> Entry {
        Entry {
            stem,
            source,
            text,
            more: String::new(),
            over: 0,
            origin,
            confidence,
            born: Instant::now(),
            shown: AtomicU64::new(0),
        }
    }

    /// When it was last shown, as a count; `None` if it never was.
    pub fn shown(&self) -> Option<u64> {
        Some(self.shown.load(Ordering::Relaxed)).filter(|count| *count > 0)
    }

    /// What is left of it at a place that was typed to.
    pub fn rest(&self, place: &Place) -> Option<Rest> {
        place
            .typed(&self.stem)?
            .rest(&self.text, &self.more, self.over)
    }

    fn same(&self, other: &Entry) -> bool {
        (&self.stem, self.source, &self.origin, &self.text)
            == (&other.stem, other.source, &other.origin, &other.text)
    }

    fn fresh(&self) -> bool {
        self.origin != Origin::Local || self.born.elapsed() < LOCAL_LIFE
    }
}

/// An entry that has something to show at a place.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The entry.
    pub entry: Arc<Entry>,
    /// What goes in at the place.
    pub rest: Rest,
}

type Shelf = Arc<Vec<Arc<Entry>>>;

/// Recent answers. Nothing is built before the first is kept.
#[derive(Default)]
pub struct Memory {
    cache: OnceLock<Cache<u64, Shelf, FxBuildHasher>>,
    shows: AtomicU64,
}

impl Memory {
    /// Keeps an answer, in the place of the same one.
    pub fn keep(&self, entry: Arc<Entry>) {
        let cache = self.cache.get_or_init(|| {
            Cache::builder()
                .max_capacity(BYTES)
                .weigher(|_, shelf: &Shelf| weight(shelf))
                .time_to_live(LIFE)
                // The default policy turns newcomers away from a full cache.
                .eviction_policy(EvictionPolicy::lru())
                .build_with_hasher(FxBuildHasher)
        });
        let bucket = entry.stem.bucket();
        let before = cache.get(&bucket).unwrap_or_default();
        let others = before.iter().filter(|other| !other.same(&entry));
        let shelf = std::iter::once(&entry).chain(others).take(SHELF);
        cache.insert(bucket, Arc::new(shelf.cloned().collect()));
    }

    /// What can be shown at a place, newest first.
    pub fn find(&self, place: &Place, source: u64) -> Vec<Hit> {
        let Some(cache) = self.cache.get() else {
            return Vec::new();
        };
        let shelves = place.buckets().filter_map(|bucket| cache.get(&bucket));
        let hit = |entry: &Arc<Entry>| {
            let rest = entry.rest(place)?;
            Some(Hit {
                entry: entry.clone(),
                rest,
            })
        };
        shelves
            .flat_map(|shelf| shelf.iter().filter_map(hit).collect::<Vec<_>>())
            .filter(|hit| hit.entry.source == source && hit.entry.fresh())
            .collect()
    }

    /// Whether what is kept goes on behind a place, if only on a later line.
    pub fn goes_on(&self, place: &Place, source: u64) -> bool {
        let Some(cache) = self.cache.get() else {
            return false;
        };
        let goes_on = |entry: &Arc<Entry>| {
            let typed = place.typed(&entry.stem);
            let goes_on = typed.is_some_and(|typed| typed.goes_on(&entry.text, &entry.more));
            goes_on && entry.source == source && entry.fresh()
        };
        let shelves = place.buckets().filter_map(|bucket| cache.get(&bucket));
        shelves.into_iter().any(|shelf| shelf.iter().any(goes_on))
    }

    /// An entry is shown now.
    pub fn show(&self, entry: &Entry) {
        let count = self.shows.fetch_add(1, Ordering::Relaxed) + 1;
        entry.shown.store(count, Ordering::Relaxed);
    }
}

fn weight(shelf: &Shelf) -> u32 {
    let bytes =
        |entry: &Arc<Entry>| ENTRY + entry.stem.bytes() + entry.text.len() + entry.more.len();
    let all: usize = shelf.iter().map(bytes).sum();
    u32::try_from(all).unwrap_or(u32::MAX)
}

/// Reads a flight to its end on a task of its own, so that it may outlive the request that began it. Whoever waits is told.
pub fn load(
    engine: Arc<Engine>,
    flight: Arc<Flight>,
    work: impl Future<Output = Outcome> + Send + 'static,
) {
    tokio::spawn(async move {
        let outcome = tokio::select! {
            biased;
            // Dropping the work closes the connection.
            () = flight.unwanted() => Outcome::HungUp,
            outcome = AssertUnwindSafe(work).catch_unwind() => outcome.unwrap_or(Outcome::Silence(Reason::Failed.into())),
        };
        if let Outcome::Answer(entry) = &outcome {
            engine.stock().memory.keep(entry.clone());
        }
        engine.flights.land(&flight, outcome);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Byte, Text};

    fn place(line: &str) -> Place {
        let text = Text::from(format!("fn f() {{\n{line}\n}}\n").as_str());
        Place::new(1, &text, Byte(9 + line.len()), 4)
    }

    fn entry(line: &str, text: &str, source: u64) -> Arc<Entry> {
        let origin = Origin::Route("r".into());
        let stem = place(line).stem();
        Arc::new(Entry::new(stem, source, text.into(), origin, None))
    }

    fn rests(memory: &Memory, line: &str, source: u64) -> Vec<String> {
        let hits = memory.find(&place(line), source);
        hits.into_iter().map(|hit| hit.rest.text).collect()
    }

    #[test]
    fn answers_come_back_where_they_fit() {
        let memory = Memory::default();
        assert!(rests(&memory, "let a = ", 1).is_empty());
        memory.keep(entry("let a = ", "foo(1);", 1));
        memory.keep(entry("let a = f", "ive(2);", 1));
        memory.keep(entry("let a = ", "foo(3);", 1));
        memory.keep(entry("let a = ", "foo(1);", 1));
        assert_eq!(rests(&memory, "let a = ", 1), ["foo(1);", "foo(3);"]);
        let both = ["oo(1);", "oo(3);", "ive(2);"];
        assert_eq!(rests(&memory, "let a = f", 1), both);
        assert_eq!(rests(&memory, "let a = fi", 1), ["ve(2);"]);
        assert!(rests(&memory, "let a = x", 1).is_empty());
        assert!(rests(&memory, "let b = ", 1).is_empty());
        assert!(rests(&memory, "let a = ", 2).is_empty(), "other settings");
    }

    #[test]
    fn it_is_bounded_and_admits_newcomers() {
        let memory = Memory::default();
        let long = "x".repeat(64 << 10);
        for number in 0..200 {
            let text = Text::from(format!("{}\nlet a = ", "y".repeat(number)).as_str());
            let stem = Place::new(1, &text, text.end(), 0).stem();
            let origin = Origin::Route("r".into());
            memory.keep(Arc::new(Entry::new(stem, 1, long.clone(), origin, None)));
        }
        let cache = memory.cache.get().unwrap();
        cache.run_pending_tasks();
        assert!(cache.weighted_size() <= BYTES);
        let newest = Text::from(format!("{}\nlet a = ", "y".repeat(199)).as_str());
        let place = Place::new(1, &newest, newest.end(), 0);
        assert_eq!(memory.find(&place, 1).len(), 1);
    }
}
