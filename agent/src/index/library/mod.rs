//! The workspace in chunks, postings and definitions, for prompts: readers hold a [`Shelf`] and never wait.

mod chunks;
pub mod definitions;
pub mod lines;
pub mod names;
mod packed;
pub mod page;
pub mod postings;
mod shelf;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ropey::Rope;

pub use chunks::{by_indent, split};
pub use shelf::{Part, Shelf};

use page::{Counts, Cut, Page};
use shelf::State;

/// Bytes of source that wait at most before they become a segment, so that what waits stays small.
const BATCH: usize = 8 << 20;
/// Bytes a line on average from which on a text was made by a machine.
const MINIFIED: usize = 300;
/// Languages of prose: their words say nothing of what code comes next.
const PROSE: &[&str] = &["markdown"];
/// Bytes that a counted name or a definition takes in a segment at most: the name, its end and one posting.
const ROW: usize = 12;

/// What a library may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory of all files on disk together; open documents come on top.
    pub max_held: usize,
    /// Bytes of one file's text, open ones included.
    pub max_file: usize,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It answers after the next [`Library::settle`].
    Taken,
    /// It is over the limit of one file.
    TooLarge,
    /// There is no room left.
    Full,
    /// It is binary, made by a machine, or prose.
    NotCode,
}

/// What a library holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files that answer.
    pub files: usize,
    /// Open documents that answer in place of their copy on disk.
    pub open: usize,
    /// Chunks of both.
    pub chunks: usize,
    /// Bytes of their texts.
    pub source: usize,
    /// Bytes of memory, estimated from what is stored.
    pub held: usize,
    /// Texts refused since the start, each time counted: over the limit of one file.
    pub too_large: usize,
    /// No room left.
    pub full: usize,
    /// Binary, made by a machine, or prose.
    pub not_code: usize,
}

/// The chunks, postings and definitions of a workspace and of the open documents.
///
/// Locks are taken in the order settling, intake, shelf, and the last two for moments only.
#[derive(Debug)]
pub struct Library {
    limits: Limits,
    shelf: RwLock<Arc<Shelf>>,
    intake: Mutex<Intake>,
    settling: Mutex<()>,
}

#[derive(Debug, Default)]
struct Intake {
    /// Read, and not yet in a segment.
    waiting: HashMap<Arc<str>, (Arc<Page>, Counts)>,
    bytes: usize,
    held: usize,
    forgotten: HashSet<String>,
    open: HashMap<String, Open>,
    refused: Stats,
}

#[derive(Debug)]
struct Open {
    text: Rope,
    changed: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Library {
    /// An empty library.
    pub fn new(limits: Limits) -> Library {
        Library {
            limits,
            shelf: RwLock::default(),
            intake: Mutex::default(),
            settling: Mutex::default(),
        }
    }

    /// What answers now.
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the text of a file on disk, in place of what was known of it. Takes tens of milliseconds a megabyte: for a
    /// background thread. What was refused is forgotten.
    pub fn learn(&self, key: &str, text: &str) -> Kept {
        let kept = self.take(key, text);
        if kept != Kept::Taken {
            self.forget(key);
            let mut intake = lock(&self.intake);
            let refused = &mut intake.refused;
            *match kept {
                Kept::TooLarge => &mut refused.too_large,
                Kept::Full => &mut refused.full,
                Kept::NotCode | Kept::Taken => &mut refused.not_code,
            } += 1;
        }
        kept
    }

    fn take(&self, key: &str, text: &str) -> Kept {
        if text.len() > self.limits.max_file {
            return Kept::TooLarge;
        }
        if !is_code(key, text) {
            return Kept::NotCode;
        }
        // A full library is not worth the reading of a page that it cannot take.
        let shelved = self.shelf().held();
        if shelved + lock(&self.intake).held + text.len() > self.limits.max_held {
            return Kept::Full;
        }
        let (page, counts) = Page::read(key, text, Cut::Looks);
        let rows = counts.len() + page.definitions.len() + page.chunks.len() + 2;
        let held = page.held() + rows * ROW;
        // What is replaced counts until it is gone.
        let mut intake = lock(&self.intake);
        if shelved + intake.held + held > self.limits.max_held {
            return Kept::Full;
        }
        intake.forgotten.remove(key);
        intake.held += held;
        intake.bytes += text.len();
        intake.waiting.insert(key.into(), (Arc::new(page), counts));
        let batch = intake.bytes > BATCH;
        drop(intake);
        if batch {
            self.settle();
        }
        Kept::Taken
    }

    /// A file was deleted, or is none of ours any more.
    pub fn forget(&self, key: &str) {
        let mut intake = lock(&self.intake);
        intake.waiting.remove(key);
        intake.forgotten.insert(key.to_owned());
    }

    /// A document is open, or has changed: after the next `settle` its text counts in place of its copy on disk. Cheap:
    /// nothing is read here.
    pub fn open(&self, key: &str, text: &Rope) {
        let open = Open {
            text: text.clone(),
            changed: true,
        };
        lock(&self.intake).open.insert(key.to_owned(), open);
    }

    /// A document was closed: its copy on disk counts again after the next `settle`.
    pub fn close(&self, key: &str) {
        lock(&self.intake).open.remove(key);
    }

    /// Whether `settle` would change what answers, the changes of one document left aside: while a document is being
    /// typed in, its own page is not asked.
    pub fn due(&self, but: &str) -> bool {
        let shelf = self.shelf();
        let intake = lock(&self.intake);
        let closed = |part: &Part| {
            part.alive()
                .any(|page| !intake.open.contains_key(&*page.key))
        };
        !intake.waiting.is_empty()
            || !intake.forgotten.is_empty()
            || shelf.open.iter().any(closed)
            || intake
                .open
                .iter()
                .any(|(key, open)| open.changed && key != but)
    }

    /// Makes what was learnt, forgotten, opened and closed count. Takes milliseconds a megabyte of what is new: for a
    /// background thread.
    pub fn settle(&self) {
        let _one = lock(&self.settling);
        let (waiting, forgotten, changed, keys) = {
            let mut intake = lock(&self.intake);
            intake.bytes = 0;
            intake.held = 0;
            let mut changed = Vec::new();
            for (key, open) in &mut intake.open {
                if std::mem::take(&mut open.changed) {
                    changed.push((key.clone(), open.text.clone()));
                }
            }
            let keys: HashSet<String> = intake.open.keys().cloned().collect();
            let waiting = std::mem::take(&mut intake.waiting);
            (
                waiting,
                std::mem::take(&mut intake.forgotten),
                changed,
                keys,
            )
        };
        let mut shelf = Shelf::clone(&self.shelf());
        for key in waiting
            .keys()
            .map(|key| &**key)
            .chain(forgotten.iter().map(String::as_str))
        {
            shelf
                .disk
                .iter_mut()
                .for_each(|part| part.mark(key, State::Dead));
        }
        if !waiting.is_empty() {
            shelf.disk.push(Part::new(waiting.into_values().collect()));
        }
        shelf::merge(&mut shelf.disk);
        let fresh: HashSet<&str> = changed.iter().map(|(key, _)| key.as_str()).collect();
        shelf.open.retain(|part| {
            let key = part.segment.pages.first().map(|page| &*page.key);
            key.is_some_and(|key| keys.contains(key) && !fresh.contains(key))
        });
        for (key, rope) in &changed {
            if rope.len_bytes() > self.limits.max_file {
                continue;
            }
            let text = rope.to_string();
            if is_code(key, &text) {
                let (page, counts) = Page::read(key, &text, Cut::Tree);
                shelf.open.push(Part::new(vec![(Arc::new(page), counts)]));
            }
        }
        shelf
            .open
            .sort_by(|left, right| left.segment.pages[0].key.cmp(&right.segment.pages[0].key));
        for part in &mut shelf.disk {
            part.states.iter_mut().for_each(|state| {
                if *state == State::Hidden {
                    *state = State::Alive;
                }
            });
            keys.iter().for_each(|key| part.mark(key, State::Hidden));
        }
        shelf.edition += 1;
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shelf);
    }

    /// What is held now.
    pub fn stats(&self) -> Stats {
        let shelf = self.shelf();
        let count = |parts: &[Part]| parts.iter().map(|part| part.alive().count()).sum();
        let intake = lock(&self.intake);
        Stats {
            files: count(&shelf.disk),
            open: count(&shelf.open),
            chunks: shelf
                .parts()
                .flat_map(Part::alive)
                .map(|page| page.chunks.len())
                .sum(),
            source: shelf
                .parts()
                .flat_map(Part::alive)
                .map(|page| page.bytes)
                .sum(),
            held: shelf.parts().map(|part| part.segment.held()).sum::<usize>() + intake.held,
            ..intake.refused
        }
    }
}

fn is_code(key: &str, text: &str) -> bool {
    let language = nextline_grammars::Language::by_path(std::path::Path::new(key));
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let prose = language.is_some_and(|row| PROSE.contains(&row.id()));
    !prose && text.len() / lines < MINIFIED && !text.as_bytes().contains(&0)
}

#[cfg(test)]
mod tests;
