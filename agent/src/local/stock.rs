//! What was learnt from disk: one for all who read it, each with a desk of open documents of his own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use super::ask::{Learnt, Limits};
use super::desk::{self, Desk};
use super::intake::Intake;
use super::library::{Library, READERS, Reader};
use super::lock;

/// What was learnt from disk.
///
/// Locks are taken in the order settling, intake, desks, library, readers, and all but the first for moments only.
#[derive(Debug)]
pub struct Stock {
    pub(super) limits: Limits,
    library: RwLock<Arc<Library>>,
    pub(super) intake: Mutex<Intake>,
    settling: Mutex<()>,
    readers: Mutex<Vec<(Reader, Weak<Mutex<Desk>>)>>,
}

impl Stock {
    /// Nothing, yet.
    pub fn new(limits: Limits) -> Stock {
        Stock {
            limits,
            library: RwLock::default(),
            intake: Mutex::default(),
            settling: Mutex::default(),
            readers: Mutex::default(),
        }
    }

    /// What answers now.
    pub fn library(&self) -> Arc<Library> {
        let library = self.library.read();
        Arc::clone(&library.unwrap_or_else(PoisonError::into_inner))
    }

    /// A desk reads here from now on. Whoever calls this holds the desk, and [`Stock::still`].
    pub(super) fn admit(&self, desk: &Arc<Mutex<Desk>>) -> Reader {
        let mut readers = lock(&self.readers);
        readers.retain(|(_, desk)| desk.strong_count() > 0);
        let taken = readers.iter().fold(0, |taken, (reader, _)| taken | reader);
        let mut bits = (0..READERS).map(|bit| 1 << bit);
        // Those who come when all bits are taken have one together: what one of them has open is hidden from the others too.
        let reader = bits.find(|bit| taken & bit == 0).unwrap_or(1);
        if taken & reader == 0 {
            self.library().show_all(reader);
        }
        readers.push((reader, Arc::downgrade(desk)));
        reader
    }

    /// A desk reads elsewhere from now on. Whoever calls this holds the desk.
    pub(super) fn dismiss(&self, desk: &Arc<Mutex<Desk>>) {
        lock(&self.readers).retain(|(_, other)| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(desk)));
    }

    /// Until it is dropped nothing new is put in place.
    pub(super) fn still(&self) -> MutexGuard<'_, ()> {
        lock(&self.settling)
    }

    /// Those who read here, in an order that all stocks agree on.
    fn desks(&self) -> Vec<(Reader, Arc<Mutex<Desk>>)> {
        let readers = lock(&self.readers);
        let here = readers.iter();
        let mut desks: Vec<_> = here
            .filter_map(|(reader, desk)| Some((*reader, desk.upgrade()?)))
            .collect();
        desks.sort_by_key(|(_, desk)| Arc::as_ptr(desk).addr());
        desks
    }

    fn reads(&self, desk: &Arc<Mutex<Desk>>) -> bool {
        let readers = lock(&self.readers);
        readers
            .iter()
            .any(|(_, other)| std::ptr::eq(other.as_ptr(), Arc::as_ptr(desk)))
    }

    /// Takes the text of a file on disk, in place of what was known of it.
    pub fn learn(&self, key: &str, text: &str) -> Learnt {
        let mut intake = lock(&self.intake);
        // Read under the intake's lock: a new vocabulary is begun under it too.
        let library = self.library();
        let fate = intake.take(key, text, &self.limits, &library.words);
        drop(intake);
        if fate != Learnt::Taken {
            self.library().kill(key);
        }
        fate
    }

    /// A file was deleted.
    pub fn forget(&self, key: &str) {
        lock(&self.intake).forget(key);
        self.library().kill(key);
    }

    /// Makes what was learnt answer, and brings everybody's other open documents up to date.
    pub fn settle(&self) {
        let _one = self.still();
        let waiting = lock(&self.intake).waiting();
        let mut library = self.library();
        if !waiting.is_empty() {
            for (key, _) in &waiting {
                library.kill(key);
            }
            library = Arc::new(library.with(waiting));
        }
        if library.wasteful() {
            // Whoever lexes holds one of these locks, so no token of the old vocabulary is on its way.
            let mut intake = lock(&self.intake);
            library = Arc::new(library.compacted(intake.tokens()));
            self.publish(&library, true);
        }
        for (reader, desk) in self.desks() {
            let due = lock(&desk).due();
            if let Some(due) = due {
                let shelf = desk::shelf(&due, &library, self.limits.max_file_bytes);
                let mut held = lock(&desk);
                // It may have gone to another stock meanwhile, with another vocabulary.
                if self.reads(&desk) {
                    held.put(shelf, due, reader);
                }
            }
        }
        self.publish(&library, false);
    }

    /// Lets a library answer, the files that somebody has open hidden from him; `anew`: in a vocabulary of its own.
    fn publish(&self, library: &Arc<Library>, anew: bool) {
        let desks = self.desks();
        let mut held: Vec<_> = desks
            .iter()
            .map(|(reader, desk)| (*reader, lock(desk)))
            .collect();
        for (reader, desk) in &mut held {
            if anew {
                desk.clear();
            }
            for (key, known) in desk.keys() {
                if known {
                    library.hide(key, *reader);
                } else {
                    library.show(key, *reader);
                }
            }
        }
        *self.library.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(library);
    }
}
