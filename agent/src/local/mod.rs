//! The embedded model: learns tokens from the workspace and the open documents, and writes on from the cursor.
//!
//! No network, no download, no GPU: nested counts of what followed the same tokens before, of every length, mixed by
//! learnt weights. It knows text and keys only: no editor, no JSON, no syntax trees.

mod analogy;
mod array;
mod ask;
mod cursor;
mod desk;
mod intake;
mod lex;
mod library;
mod mix;
mod rank;
mod ranker;
mod sheet;
mod syntax;
mod weights;
mod words;
mod write;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ropey::Rope;

pub use ask::{Learnt, Limits, LocalAsk, LocalSuggestion, Shape, Silence, Stats};

use cursor::Cursor;
use desk::Desk;
use intake::Intake;
use library::{DEAD, HIDDEN, LIVE, Library, Segment};
use mix::Place;
use sheet::Sheet;
use syntax::syntax_of;
use write::Writer;

/// The embedded model of one workspace.
///
/// Locks are taken in the order settling, intake, desk, library, words, and the last two for moments only.
#[derive(Debug)]
pub struct Local {
    limits: Limits,
    library: RwLock<Arc<Library>>,
    intake: Mutex<Intake>,
    desk: Mutex<Desk>,
    settling: Mutex<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Local {
    /// An empty model.
    pub fn new(limits: Limits) -> Local {
        Local {
            limits,
            library: RwLock::default(),
            intake: Mutex::default(),
            desk: Mutex::default(),
            settling: Mutex::default(),
        }
    }

    /// Takes the text of a file on disk, in place of what was known of it. It answers after `settle`.
    pub fn learn(&self, key: &str, text: &str) -> Learnt {
        let mut intake = lock(&self.intake);
        // Read under the intake's lock: a new vocabulary is begun under it too.
        let library = self.library();
        let fate = intake.take(key, text, &self.limits, &library.words);
        drop(intake);
        if fate != Learnt::Taken {
            self.library().mark(key, DEAD);
        }
        fate
    }

    /// A file was deleted.
    pub fn forget(&self, key: &str) {
        lock(&self.intake).forget(key);
        self.library().mark(key, DEAD);
    }

    fn library(&self) -> Arc<Library> {
        let library = self.library.read();
        Arc::clone(&library.unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes what was learnt answer, and brings the other open documents up to date. Takes milliseconds a megabyte of
    /// what is new (and now and then of all): for a background thread.
    pub fn settle(&self) {
        let _one = lock(&self.settling);
        let waiting = lock(&self.intake).waiting();
        let mut library = self.library();
        if !waiting.is_empty() {
            for (key, _) in &waiting {
                library.mark(key, DEAD);
            }
            library = Arc::new(library.with(waiting));
        }
        if library.wasteful() {
            // Whoever lexes holds one of these locks, so no token of the old vocabulary is on its way.
            let mut intake = lock(&self.intake);
            library = Arc::new(library.compacted(intake.tokens()));
            self.publish(&library, true);
        }
        let due = lock(&self.desk).due();
        if let Some(due) = due {
            let shelf = desk::shelf(&due, &library, self.limits.max_file_bytes);
            lock(&self.desk).put(shelf, due);
        }
        self.publish(&library, false);
    }

    /// Lets a library answer, the files that are open hidden; `anew`: in a vocabulary of its own.
    fn publish(&self, library: &Arc<Library>, anew: bool) {
        let mut desk = lock(&self.desk);
        if anew {
            desk.clear();
        }
        for (key, known) in desk.keys() {
            library.mark(key, if known { HIDDEN } else { LIVE });
        }
        *self.library.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(library);
    }

    /// A document is open, or has changed: its text counts before its copy on disk. Cheap: nothing is lexed here.
    pub fn open(&self, key: &str, text: &Rope) {
        lock(&self.desk).open(key, text);
    }

    /// A document was closed: its memory goes, its copy on disk counts again.
    pub fn close(&self, key: &str) {
        let mut desk = lock(&self.desk);
        desk.close(key);
        self.library().mark(key, LIVE);
    }

    /// Writes on from the cursor.
    ///
    /// Errors: the reason of the silence.
    pub fn suggest(&self, ask: &LocalAsk<'_>) -> Result<LocalSuggestion, Silence> {
        let mut one = self.suggest_many(ask, 1)?;
        one.pop().ok_or(Silence::Unsure)
    }

    /// Up to `most` suggestions that begin differently, likeliest first; at least one.
    ///
    /// Errors: the reason of the silence.
    pub fn suggest_many(
        &self,
        ask: &LocalAsk<'_>,
        most: usize,
    ) -> Result<Vec<LocalSuggestion>, Silence> {
        let syntax = syntax_of(ask.key);
        if syntax.prose {
            return Err(Silence::Prose);
        }
        if ask.text.len_bytes() as u64 > self.limits.max_file_bytes {
            return Err(Silence::TooLarge);
        }
        let (library, seen) = {
            let mut desk = lock(&self.desk);
            // The library cannot change its vocabulary while the desk is locked.
            let library = self.library();
            let seen = desk.see(ask.key, ask.text, &library);
            (library, seen)
        };
        let sheet = seen.own.read(ask.text, &library.words);
        let others: Vec<Arc<Sheet>> = seen
            .others
            .iter()
            .map(|(other, rope)| other.read(rope, &library.words))
            .collect();
        let learnt = !library.segments.is_empty() || !seen.shelf.segments.is_empty();
        if !learnt && others.is_empty() && sheet.tokens().len() < 2 {
            return Err(Silence::NothingLearnt);
        }
        let words = library.words.read().unwrap_or_else(PoisonError::into_inner);
        let cursor = Cursor::read(ask.text, &sheet, ask.at, syntax, &words)?;
        let segments = library.segments.iter().chain(&seen.shelf.segments);
        let mut places: Vec<Place<'_>> = segments.map(|s| of_segment(s)).collect();
        places.extend(others.iter().map(|s| of_sheet(s, (0, 0), 0)));
        places.push(of_sheet(&sheet, cursor.hole, 1));
        let writer = Writer {
            places,
            words: &words,
            library: &library,
            sheet: &sheet,
        };
        writer.write(&cursor, ask, most)
    }

    /// What is held now.
    pub fn stats(&self) -> Stats {
        let intake = lock(&self.intake);
        let desk = lock(&self.desk);
        let library = self.library();
        let (tokens, bytes) = desk.holds();
        let mut stats = Stats {
            files: library.files(),
            tokens: library.tokens() + tokens,
            bytes: library.bytes() + bytes,
            open: desk.keys().count(),
            ..Stats::default()
        };
        intake.tell(&mut stats);
        stats
    }
}

fn of_segment(segment: &Segment) -> Place<'_> {
    Place {
        tokens: &segment.tokens,
        sorted: &segment.sorted,
        masked: segment.masked().then_some(segment),
        hole: (0, 0),
        group: 0,
    }
}

fn of_sheet(sheet: &Sheet, hole: (u32, u32), group: usize) -> Place<'_> {
    Place {
        tokens: sheet.tokens(),
        sorted: sheet.sorted(),
        masked: None,
        hole,
        group,
    }
}
