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
mod stock;
mod syntax;
mod weights;
mod words;
mod write;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ropey::Rope;

pub use ask::{Learnt, Limits, LocalAsk, LocalSuggestion, Silence, Stats};
pub use stock::Stock;

use cursor::Cursor;
use desk::Desk;
use library::{Reader, Segment};
use mix::Place;
use sheet::Sheet;
use syntax::syntax_of;
use write::Writer;

/// The embedded model of one workspace, as one client sees it: what was learnt from disk, and his open documents on top.
///
/// Of locks see [`Stock`]; the seat's is taken after the desk's.
#[derive(Debug)]
pub struct Local {
    seat: RwLock<Seat>,
    desk: Arc<Mutex<Desk>>,
}

/// Where a client reads.
#[derive(Debug, Clone)]
struct Seat {
    stock: Arc<Stock>,
    reader: Reader,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Local {
    /// An empty model.
    pub fn new(limits: Limits) -> Local {
        Local::reading(Arc::new(Stock::new(limits)))
    }

    /// A model without open documents, in a stock that nobody else reads.
    pub fn reading(stock: Arc<Stock>) -> Local {
        let desk = Arc::default();
        let reader = stock.admit(&desk);
        Local {
            seat: RwLock::new(Seat { stock, reader }),
            desk,
        }
    }

    /// Reads in another stock from now on, with the same open documents. Waits while that one settles.
    pub fn move_to(&self, stock: &Arc<Stock>) {
        let _still = stock.still();
        let mut desk = lock(&self.desk);
        self.seat().stock.dismiss(&self.desk);
        desk.clear();
        let reader = stock.admit(&self.desk);
        let stock = Arc::clone(stock);
        *self.seat.write().unwrap_or_else(PoisonError::into_inner) = Seat { stock, reader };
    }

    /// Where it reads.
    pub fn stock(&self) -> Arc<Stock> {
        self.seat().stock
    }

    fn seat(&self) -> Seat {
        let seat = self.seat.read().unwrap_or_else(PoisonError::into_inner);
        seat.clone()
    }

    /// Takes the text of a file on disk, in place of what was known of it. It answers after `settle`.
    pub fn learn(&self, key: &str, text: &str) -> Learnt {
        self.seat().stock.learn(key, text)
    }

    /// A file was deleted.
    pub fn forget(&self, key: &str) {
        self.seat().stock.forget(key);
    }

    /// Makes what was learnt answer, and brings the other open documents up to date. Takes milliseconds a megabyte of
    /// what is new (and now and then of all): for a background thread.
    pub fn settle(&self) {
        self.seat().stock.settle();
    }

    /// A document is open, or has changed: its text counts before its copy on disk. Cheap: nothing is lexed here.
    pub fn open(&self, key: &str, text: &Rope) {
        lock(&self.desk).open(key, text);
    }

    /// A document was closed: its memory goes, its copy on disk counts again.
    pub fn close(&self, key: &str) {
        let mut desk = lock(&self.desk);
        desk.close(key);
        let seat = self.seat();
        seat.stock.library().show(key, seat.reader);
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
        let (library, seen, reader) = {
            let mut desk = lock(&self.desk);
            // The library cannot change its vocabulary while the desk is locked.
            let Seat { stock, reader } = self.seat();
            if ask.text.len_bytes() as u64 > stock.limits.max_file_bytes {
                return Err(Silence::TooLarge);
            }
            let library = stock.library();
            let seen = desk.see(ask.key, ask.text, &library, reader);
            (library, seen, reader)
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
        let mut places: Vec<Place<'_>> = segments.map(|s| of_segment(s, reader)).collect();
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
        let stock = self.seat().stock;
        let intake = lock(&stock.intake);
        let desk = lock(&self.desk);
        let library = stock.library();
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

fn of_segment(segment: &Segment, reader: Reader) -> Place<'_> {
    Place {
        tokens: &segment.tokens,
        sorted: &segment.sorted,
        masked: segment.masked(reader).then_some((segment, reader)),
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
