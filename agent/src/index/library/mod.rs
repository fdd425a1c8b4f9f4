//! The workspace in chunks, postings and definitions, for prompts: readers hold a [`Shelf`] and never wait.

mod chunks;
pub mod definitions;
pub mod lines;
pub mod names;
mod packed;
pub mod page;
pub mod postings;
mod shelf;
mod stock;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ropey::Rope;

pub use chunks::{by_indent, split};
pub use shelf::{Part, Shelf};
pub use stock::Stock;

use page::{Cut, Page};
use shelf::State;

/// Bytes a line on average from which on a text was made by a machine.
const MINIFIED: usize = 300;
/// Languages of prose: their words say nothing of what code comes next.
const PROSE: &[&str] = &["markdown"];

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

/// The chunks, postings and definitions of a workspace, as one client sees them: his open documents on top of the files on disk.
#[derive(Debug)]
pub struct Library {
    stock: Arc<Stock>,
    desk: Arc<Desk>,
}

/// The open documents of one client, and what answers him.
#[derive(Debug, Default)]
struct Desk {
    shelf: RwLock<Arc<Shelf>>,
    open: Mutex<HashMap<String, Open>>,
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
        Library::reading(&Arc::new(Stock::new(limits)))
    }

    /// A library without open documents. Waits while the stock settles.
    pub fn reading(stock: &Arc<Stock>) -> Library {
        let library = Library {
            stock: Arc::clone(stock),
            desk: Arc::default(),
        };
        stock.admit(&library.desk);
        library
    }

    /// What answers now.
    pub fn shelf(&self) -> Arc<Shelf> {
        self.desk.shelf()
    }

    /// Takes the text of a file on disk, in place of what was known of it. Takes tens of milliseconds a megabyte: for a
    /// background thread. What was refused is forgotten.
    pub fn learn(&self, key: &str, text: &str) -> Kept {
        self.stock.learn(key, text)
    }

    /// A file was deleted, or is none of ours any more.
    pub fn forget(&self, key: &str) {
        self.stock.forget(key);
    }

    /// A document is open, or has changed: after the next `settle` its text counts in place of its copy on disk. Cheap:
    /// nothing is read here.
    pub fn open(&self, key: &str, text: &Rope) {
        let open = Open {
            text: text.clone(),
            changed: true,
        };
        lock(&self.desk.open).insert(key.to_owned(), open);
    }

    /// A document was closed: its copy on disk counts again after the next `settle`.
    pub fn close(&self, key: &str) {
        lock(&self.desk.open).remove(key);
    }

    /// Whether `settle` would change what answers, the changes of one document left aside: while a document is being
    /// typed in, its own page is not asked.
    pub fn due(&self, but: &str) -> bool {
        let shelf = self.shelf();
        let open = lock(&self.desk.open);
        let closed = |part: &Part| part.alive().any(|page| !open.contains_key(&*page.key));
        self.stock.is_due()
            || shelf.open.iter().any(closed)
            || open.iter().any(|(key, open)| open.changed && key != but)
    }

    /// Makes what was learnt, forgotten, opened and closed count, for everybody who reads here. Takes milliseconds a megabyte of
    /// what is new: for a background thread.
    pub fn settle(&self) {
        self.stock.settle();
    }

    /// What is held now.
    pub fn stats(&self) -> Stats {
        let shelf = self.shelf();
        let count = |parts: &[Part]| parts.iter().map(|part| part.alive().count()).sum();
        let (held, refused) = self.stock.intake();
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
            held: shelf.parts().map(|part| part.segment.held()).sum::<usize>() + held,
            ..refused
        }
    }
}

impl Desk {
    fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the files on disk below the documents that are open now.
    fn settle(&self, disk: &[Part], max_file: usize) {
        let mut changed = Vec::new();
        let keys: HashSet<String> = {
            let mut open = lock(&self.open);
            for (key, open) in &mut *open {
                if std::mem::take(&mut open.changed) {
                    changed.push((key.clone(), open.text.clone()));
                }
            }
            open.keys().cloned().collect()
        };
        let before = self.shelf();
        let mut shelf = Shelf {
            disk: disk.to_vec(),
            open: before.open.clone(),
            edition: before.edition + 1,
        };
        let fresh: HashSet<&str> = changed.iter().map(|(key, _)| key.as_str()).collect();
        shelf.open.retain(|part| {
            let key = part.segment.pages.first().map(|page| &*page.key);
            key.is_some_and(|key| keys.contains(key) && !fresh.contains(key))
        });
        for (key, rope) in &changed {
            if rope.len_bytes() > max_file {
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
            keys.iter().for_each(|key| part.mark(key, State::Hidden));
        }
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shelf);
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
