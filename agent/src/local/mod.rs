//! The embedded model: learns tokens from the workspace and the open documents, and writes on from the cursor.
//!
//! No network, no download, no GPU: nested counts of what followed the same tokens before, of every length, mixed by
//! learned weights. It knows text and keys only: no editor, no JSON, no syntax trees.

mod array;
mod cursor;
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

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use ropey::Rope;

use cursor::Cursor;
use library::{DEAD, HIDDEN, LIVE, Library, Segment};
use mix::Place;
use sheet::Sheet;
use syntax::syntax_of;
use words::{Token, Words};
use write::Writer;

/// Other documents that are counted as they are now; the rest counts as of the last `settle`.
const NEIGHBOURS: usize = 6;

/// What is learnt at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Text of the workspace in all (bytes).
    pub max_workspace_bytes: u64,
    /// Text of one file or document (bytes).
    pub max_file_bytes: u64,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    /// Taken; `settle` makes it answer.
    Taken,
    /// Over `max_file_bytes`.
    TooLarge,
    /// The workspace's bytes are used up.
    Full,
    /// Not text.
    Binary,
    /// Lines that nobody types.
    Minified,
    /// Prose: there is nothing to learn for code.
    Prose,
}

/// What a suggestion may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// As many words as are sure enough.
    Words,
    /// The whole rest of the line or nothing.
    Line,
}

/// A question.
#[derive(Debug)]
pub struct LocalAsk<'a> {
    /// The document's key, as given to `open`.
    pub key: &'a str,
    /// Its text now.
    pub text: &'a Rope,
    /// The cursor (byte offset).
    pub at: usize,
    /// The least probability (0 to 1) that all of what is shown is right.
    pub confidence: f64,
    /// What may be suggested.
    pub shape: Shape,
    /// When an answer is of no use any more.
    pub deadline: Option<Instant>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalSuggestion {
    /// Goes in at the cursor; never holds a line break.
    pub text: String,
    /// The probability (0 to 1) that all of it is right.
    pub confidence: f64,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// Nothing is as probable as asked for.
    Unsure,
    /// Neither the workspace nor the document holds anything yet.
    NothingLearnt,
    /// The cursor is in a comment.
    InComment,
    /// The cursor is in a string that began on another line.
    InString,
    /// Word characters follow the cursor.
    InWord,
    /// The document is prose.
    Prose,
    /// The document or the line is over its limit.
    TooLarge,
    /// The cursor is not in the text or inside a character.
    Nowhere,
    /// The deadline passed.
    Late,
}

/// What is held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files of the workspace that answer.
    pub files: usize,
    /// Files that wait for `settle`.
    pub waiting: usize,
    /// Documents that are open.
    pub open: usize,
    /// Tokens that answer.
    pub tokens: usize,
    /// Bytes held, estimated from capacities.
    pub bytes: usize,
    /// Files left out as too large.
    pub too_large: usize,
    /// Files left out for want of room.
    pub full: usize,
    /// Files left out as binary or minified.
    pub not_code: usize,
}

#[derive(Debug)]
struct Open {
    rope: Rope,
    sheet: Option<Arc<Mutex<Arc<Sheet>>>>,
    used: u64,
}

#[derive(Debug, Default)]
struct Desk {
    open: HashMap<String, Open>,
    clock: u64,
    /// Open documents that have no sheet of their own, as of the last `settle`.
    shelf: Arc<Library>,
    shelved: HashMap<String, Rope>,
}

#[derive(Debug, Default)]
struct Intake {
    waiting: HashMap<String, Vec<Token>>,
    sizes: HashMap<String, u64>,
    total: u64,
    left_out: HashMap<String, Learnt>,
}

/// The embedded model of one workspace.
#[derive(Debug)]
pub struct Local {
    limits: Limits,
    words: RwLock<Words>,
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
            words: RwLock::default(),
            library: RwLock::default(),
            intake: Mutex::default(),
            desk: Mutex::default(),
            settling: Mutex::default(),
        }
    }

    /// Takes the text of a file on disk, in place of what was known of it. It answers after `settle`.
    pub fn learn(&self, key: &str, text: &str) -> Learnt {
        let size = text.len() as u64;
        let fate = self.fate(key, text);
        if fate != Learnt::Taken {
            self.forget(key);
            lock(&self.intake).left_out.insert(key.to_owned(), fate);
            return fate;
        }
        {
            let mut intake = lock(&self.intake);
            let had = intake.sizes.get(key).copied().unwrap_or(0);
            if intake.total - had + size > self.limits.max_workspace_bytes {
                intake.left_out.insert(key.to_owned(), Learnt::Full);
                drop(intake);
                self.forget(key);
                lock(&self.intake)
                    .left_out
                    .insert(key.to_owned(), Learnt::Full);
                return Learnt::Full;
            }
            intake.total = intake.total - had + size;
            intake.sizes.insert(key.to_owned(), size);
            intake.left_out.remove(key);
        }
        let tokens = {
            let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
            sheet::tokens_of(text, syntax_of(key), &mut words)
        };
        lock(&self.intake).waiting.insert(key.to_owned(), tokens);
        Learnt::Taken
    }

    fn fate(&self, key: &str, text: &str) -> Learnt {
        if text.len() as u64 > self.limits.max_file_bytes {
            return Learnt::TooLarge;
        }
        if syntax_of(key).prose {
            return Learnt::Prose;
        }
        if text.bytes().take(8192).any(|b| b == 0) {
            return Learnt::Binary;
        }
        // Hand-written code has 30 to 40 bytes a line.
        let lines = text.bytes().filter(|b| *b == b'\n').count() + 1;
        if text.len() > 4096 && text.len() / lines > 250 {
            return Learnt::Minified;
        }
        Learnt::Taken
    }

    /// A file was deleted.
    pub fn forget(&self, key: &str) {
        let mut intake = lock(&self.intake);
        intake.waiting.remove(key);
        intake.left_out.remove(key);
        if let Some(size) = intake.sizes.remove(key) {
            intake.total -= size;
        }
        drop(intake);
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
        let waiting = std::mem::take(&mut lock(&self.intake).waiting);
        let mut library = self.library();
        if !waiting.is_empty() {
            for key in waiting.keys() {
                library.mark(key, DEAD);
            }
            let mut fresh: Vec<(Arc<str>, Vec<Token>)> =
                waiting.into_iter().map(|(k, t)| (k.into(), t)).collect();
            fresh.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            library = Arc::new(library.with(fresh, &self.words));
        }
        self.shelve();
        let desk = lock(&self.desk);
        for (key, open) in &desk.open {
            let known = open.sheet.is_some() || desk.shelved.contains_key(key);
            library.mark(key, if known { HIDDEN } else { LIVE });
        }
        *self.library.write().unwrap_or_else(PoisonError::into_inner) = library;
    }

    /// Puts the open documents that nobody asks about on the shelf: tokens only, in one segment.
    fn shelve(&self) {
        let mut due = HashMap::new();
        {
            let mut desk = lock(&self.desk);
            let mut used: Vec<u64> = desk.open.values().map(|o| o.used).collect();
            used.sort_unstable_by(|a, b| b.cmp(a));
            let least = used.get(NEIGHBOURS + 1).copied().unwrap_or(0);
            for (key, open) in &mut desk.open {
                if open.used <= least {
                    open.sheet = None;
                }
                if open.sheet.is_none() && !syntax_of(key).prose {
                    due.insert(key.clone(), open.rope.clone());
                }
            }
            let same = due.len() == desk.shelved.len()
                && due
                    .iter()
                    .all(|(k, r)| desk.shelved.get(k).is_some_and(|s| s.is_instance(r)));
            if same {
                return;
            }
        }
        let mut files = Vec::new();
        for (key, rope) in &due {
            if rope.len_bytes() as u64 <= self.limits.max_file_bytes {
                let text = std::borrow::Cow::from(rope.slice(..));
                let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
                let tokens = sheet::tokens_of(&text, syntax_of(key), &mut words);
                files.push((Arc::from(key.as_str()), tokens));
            }
        }
        files.sort_unstable_by(|a: &(Arc<str>, Vec<Token>), b| a.0.cmp(&b.0));
        let shelf = Arc::new(Library::default().with(files, &self.words));
        let mut desk = lock(&self.desk);
        for key in due.keys() {
            match desk.open.get(key) {
                None => shelf.mark(key, DEAD),
                Some(open) if open.sheet.is_some() => shelf.mark(key, HIDDEN),
                Some(_) => {}
            }
        }
        desk.shelf = shelf;
        desk.shelved = due;
    }

    /// A document is open, or has changed: its text counts before its copy on disk. Cheap: nothing is lexed here.
    pub fn open(&self, key: &str, text: &Rope) {
        let mut desk = lock(&self.desk);
        match desk.open.get_mut(key) {
            Some(open) => open.rope = text.clone(),
            None => {
                let open = Open {
                    rope: text.clone(),
                    sheet: None,
                    used: 0,
                };
                desk.open.insert(key.to_owned(), open);
            }
        }
    }

    /// A document was closed: its memory goes, its copy on disk counts again.
    pub fn close(&self, key: &str) {
        let mut desk = lock(&self.desk);
        desk.open.remove(key);
        desk.shelf.mark(key, DEAD);
        desk.shelved.remove(key);
        if desk.open.is_empty() {
            *desk = Desk::default();
        }
        drop(desk);
        self.library().mark(key, LIVE);
    }

    /// Writes on from the cursor.
    ///
    /// Errors: the reason of the silence.
    pub fn suggest(&self, ask: &LocalAsk<'_>) -> Result<LocalSuggestion, Silence> {
        let syntax = syntax_of(ask.key);
        if syntax.prose {
            return Err(Silence::Prose);
        }
        if ask.text.len_bytes() as u64 > self.limits.max_file_bytes {
            return Err(Silence::TooLarge);
        }
        let (sheet, others, shelf) = self.sheets(ask);
        let library = self.library();
        library.mark(ask.key, HIDDEN);
        shelf.mark(ask.key, HIDDEN);
        if library.segments.is_empty() && others.is_empty() && sheet.tokens().len() < 2 {
            return Err(Silence::NothingLearnt);
        }
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        let cursor = Cursor::read(ask.text, &sheet, ask.at, syntax, &words)?;
        let segments = library.segments.iter().chain(&shelf.segments);
        let mut places: Vec<Place<'_>> = segments.map(|s| of_segment(s)).collect();
        places.extend(others.iter().map(|s| of_sheet(s, (0, 0), 0)));
        places.push(of_sheet(&sheet, cursor.hole, 1));
        let writer = Writer {
            places,
            words: &words,
            library: &library,
            sheet: &sheet,
        };
        writer.write(&cursor, ask.confidence, ask.shape, ask.deadline)
    }

    /// The asked document's tokens, brought up to date; those of the documents used last; the shelf.
    fn sheets(&self, ask: &LocalAsk<'_>) -> (Arc<Sheet>, Vec<Arc<Sheet>>, Arc<Library>) {
        let fresh = || Arc::new(Mutex::new(Arc::new(Sheet::new(syntax_of(ask.key)))));
        let (own, others, shelf) = {
            let mut desk = lock(&self.desk);
            desk.clock += 1;
            let clock = desk.clock;
            // A document that was never opened is answered all the same, but not kept.
            let own = desk.open.get_mut(ask.key).map_or_else(fresh, |open| {
                open.used = clock;
                open.rope = ask.text.clone();
                Arc::clone(open.sheet.get_or_insert_with(fresh))
            });
            let mut others: Vec<_> = desk
                .open
                .iter()
                .filter(|(k, _)| *k != ask.key)
                .filter_map(|(k, o)| {
                    Some((
                        o.used,
                        k.clone(),
                        o.rope.clone(),
                        Arc::clone(o.sheet.as_ref()?),
                    ))
                })
                .collect();
            others.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            others.truncate(NEIGHBOURS);
            (own, others, Arc::clone(&desk.shelf))
        };
        let others = others
            .iter()
            .map(|(_, _, rope, sheet)| self.synced(sheet, rope));
        let others = others.collect();
        (self.synced(&own, ask.text), others, shelf)
    }

    fn synced(&self, sheet: &Mutex<Arc<Sheet>>, rope: &Rope) -> Arc<Sheet> {
        let mut sheet = lock(sheet);
        if !sheet.is_of(rope) {
            let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
            Arc::make_mut(&mut sheet).sync(rope, &mut words);
        }
        Arc::clone(&sheet)
    }

    /// What is held now.
    pub fn stats(&self) -> Stats {
        let library = self.library();
        let intake = lock(&self.intake);
        let desk = lock(&self.desk);
        let sheets = desk.open.values().filter_map(|o| o.sheet.as_ref());
        let (mut tokens, mut bytes) = (library.tokens() + desk.shelf.tokens(), 0);
        for sheet in sheets {
            let sheet = lock(sheet);
            tokens += sheet.tokens().len();
            bytes += sheet.bytes();
        }
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        bytes += library.bytes() + desk.shelf.bytes() + words.bytes();
        bytes += intake
            .waiting
            .values()
            .map(|t| 4 * t.capacity())
            .sum::<usize>();
        let left_out =
            |why: &[Learnt]| intake.left_out.values().filter(|l| why.contains(l)).count();
        Stats {
            files: library.places.len(),
            waiting: intake.waiting.len(),
            open: desk.open.len(),
            tokens,
            bytes,
            too_large: left_out(&[Learnt::TooLarge]),
            full: left_out(&[Learnt::Full]),
            not_code: left_out(&[Learnt::Binary, Learnt::Minified, Learnt::Prose]),
        }
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
