//! What was learnt from disk: immutable segments of many files each, swapped whole.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::array;
use super::words::{START, Token, Words};

/// One who reads a library, as a bit of each file's state: what he has open is hidden from him alone.
pub type Reader = u64;

/// Readers of one library at most.
pub const READERS: u32 = 63;
/// Replaced or deleted: hidden from everybody for ever; the next merge drops it.
const DEAD: u64 = 1 << READERS;
/// Words of no use that are borne before the vocabulary is numbered anew.
const WASTE: usize = 20_000;

/// Some files' tokens with their sorted array.
#[derive(Debug)]
pub struct Segment {
    /// The stream; every file begins with `START`.
    pub tokens: Vec<Token>,
    /// Positions sorted by what stands before them.
    pub sorted: Vec<u32>,
    /// First position of each file, ascending.
    starts: Vec<u32>,
    keys: Vec<Arc<str>>,
    /// [`DEAD`], and the bits of those from whom the file is hidden.
    states: Vec<AtomicU64>,
}

impl Segment {
    /// Sorts the files' tokens (each without its `START`).
    pub fn build(files: Vec<(Arc<str>, Vec<Token>)>) -> Segment {
        let mut tokens = Vec::with_capacity(files.iter().map(|f| f.1.len() + 1).sum());
        let mut starts = Vec::with_capacity(files.len());
        let mut keys = Vec::with_capacity(files.len());
        for (key, file) in files {
            starts.push(tokens.len() as u32);
            keys.push(key);
            tokens.push(START);
            tokens.extend_from_slice(&file);
        }
        let sorted = array::build(&tokens);
        let states = starts.iter().map(|_| AtomicU64::new(0)).collect();
        Segment {
            tokens,
            sorted,
            starts,
            keys,
            states,
        }
    }

    /// Whether a position's file may be counted by a reader.
    pub fn counts(&self, position: u32, reader: Reader) -> bool {
        let file = self.starts.partition_point(|s| *s <= position) - 1;
        self.states[file].load(Ordering::Relaxed) & (DEAD | reader) == 0
    }

    /// Whether any file is dead or hidden from a reader.
    pub fn masked(&self, reader: Reader) -> bool {
        let mut states = self.states.iter();
        states.any(|s| s.load(Ordering::Relaxed) & (DEAD | reader) != 0)
    }

    fn is_dead(&self, file: usize) -> bool {
        self.states[file].load(Ordering::Relaxed) & DEAD != 0
    }

    /// The files that are not dead, with their tokens (without `START`).
    pub fn files(&self) -> impl Iterator<Item = (Arc<str>, &[Token])> {
        (0..self.keys.len()).filter(|i| !self.is_dead(*i)).map(|i| {
            let end = self
                .starts
                .get(i + 1)
                .map_or(self.tokens.len(), |e| *e as usize);
            (
                Arc::clone(&self.keys[i]),
                &self.tokens[self.starts[i] as usize + 1..end],
            )
        })
    }

    /// How many files are not dead. Looks at one word for each: it is asked for whenever the status is.
    fn live(&self) -> usize {
        let files = 0..self.states.len();
        files.filter(|file| !self.is_dead(*file)).count()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * (self.tokens.capacity() + self.sorted.capacity() + self.starts.capacity())
            + self.keys.iter().map(|k| k.len() + 17).sum::<usize>()
    }
}

/// The segments, largest and oldest first, and the words in them by name.
#[derive(Debug, Default)]
pub struct Library {
    /// The vocabulary of all tokens, here and on the desk.
    pub words: Arc<RwLock<Words>>,
    /// Segments; at most a handful, as settling merges those of like size.
    pub segments: Vec<Arc<Segment>>,
    /// Word numbers with how often they occur, sorted by text, for unfinished words.
    pub names: Vec<(u32, u32)>,
    /// How often each word occurs, by number.
    pub known: Vec<u32>,
    /// Where a file stands: segment and index in it.
    places: HashMap<Arc<str>, (usize, usize)>,
}

impl Library {
    /// An empty library in a vocabulary.
    pub fn of(words: Arc<RwLock<Words>>) -> Library {
        Library {
            words,
            ..Library::default()
        }
    }

    /// A new library with `fresh` files added; segments under four times the newest one's size are merged into it.
    pub fn with(&self, fresh: Vec<(Arc<str>, Vec<Token>)>) -> Library {
        let mut segments = self.segments.clone();
        let mut newest = fresh;
        let mut size: usize = newest.iter().map(|f| f.1.len()).sum();
        while let Some(last) = segments.last() {
            let live: usize = last.files().map(|f| f.1.len()).sum();
            let wasted = live * 4 < last.tokens.len() * 3;
            if live >= 4 * size && !wasted {
                break;
            }
            let mut older: Vec<_> = last.files().map(|(k, t)| (k, t.to_vec())).collect();
            older.append(&mut newest);
            newest = older;
            size += live;
            segments.pop();
        }
        if !newest.is_empty() {
            segments.push(Arc::new(Segment::build(newest)));
        }
        self.shelve(segments, Arc::clone(&self.words))
    }

    fn shelve(&self, segments: Vec<Arc<Segment>>, words: Arc<RwLock<Words>>) -> Library {
        let mut places = HashMap::new();
        for (s, segment) in segments.iter().enumerate() {
            for (f, key) in segment.keys.iter().enumerate() {
                if !segment.is_dead(f) {
                    places.insert(Arc::clone(key), (s, f));
                }
            }
        }
        let known = counts(&segments);
        let names = names(&known, &words);
        Library {
            words,
            segments,
            names,
            known,
            places,
        }
    }

    /// Whether most of the vocabulary is of no use any more: unfinished words that were typed, files that are gone.
    pub fn wasteful(&self) -> bool {
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        let used = self.known.iter().filter(|n| **n > 0).count();
        words.len() > 2 * used + WASTE
    }

    /// The same library in a vocabulary of the words that it uses, and of those that `waiting` uses. Numbers keep
    /// their order, so sorted arrays stay sorted.
    pub fn compacted<'a>(&self, waiting: impl Iterator<Item = &'a mut Vec<Token>>) -> Library {
        let old = copy(&self.words);
        let mut used = vec![false; old.len()];
        let mut waiting: Vec<_> = waiting.collect();
        let streams = self.segments.iter().map(|s| &s.tokens);
        for stream in streams.chain(waiting.iter().map(|t| &**t)) {
            for t in stream {
                used[(t >> 1) as usize] = true;
            }
        }
        let (words, numbers) = old.keep(&used);
        let renumber = |t: &Token| numbers[(t >> 1) as usize] << 1 | t & 1;
        for tokens in &mut waiting {
            for t in tokens.iter_mut() {
                *t = renumber(t);
            }
        }
        let segments = self.segments.iter().map(|s| {
            Arc::new(Segment {
                tokens: s.tokens.iter().map(renumber).collect(),
                sorted: s.sorted.clone(),
                starts: s.starts.clone(),
                keys: s.keys.clone(),
                states: s
                    .states
                    .iter()
                    .map(|s| AtomicU64::new(s.load(Ordering::Relaxed)))
                    .collect(),
            })
        });
        let segments = segments.collect();
        self.shelve(segments, Arc::new(RwLock::new(words)))
    }

    /// A file was replaced or deleted.
    pub fn kill(&self, key: &str) {
        if let Some(state) = self.state(key) {
            state.fetch_or(DEAD, Ordering::Relaxed);
        }
    }

    /// Somebody's open document stands for a file, for him.
    pub fn hide(&self, key: &str, reader: Reader) {
        if let Some(state) = self.state(key) {
            state.fetch_or(reader, Ordering::Relaxed);
        }
    }

    /// The file stands for itself again.
    pub fn show(&self, key: &str, reader: Reader) {
        if let Some(state) = self.state(key) {
            state.fetch_and(!reader, Ordering::Relaxed);
        }
    }

    /// Nothing is hidden from a reader.
    pub fn show_all(&self, reader: Reader) {
        for state in self.segments.iter().flat_map(|segment| &segment.states) {
            state.fetch_and(!reader, Ordering::Relaxed);
        }
    }

    fn state(&self, key: &str) -> Option<&AtomicU64> {
        let (segment, file) = self.places.get(key)?;
        Some(&self.segments[*segment].states[*file])
    }

    /// How many files answer or are hidden.
    pub fn files(&self) -> usize {
        self.segments.iter().map(|s| s.live()).sum()
    }

    /// How many tokens the segments hold.
    pub fn tokens(&self) -> usize {
        self.segments.iter().map(|s| s.tokens.len()).sum()
    }

    /// Bytes held, the vocabulary included.
    pub fn bytes(&self) -> usize {
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        words.bytes()
            + self.segments.iter().map(|s| s.bytes()).sum::<usize>()
            + 8 * self.names.capacity()
            + 4 * self.known.capacity()
            + self.places.capacity() * 40
    }
}

fn copy(words: &RwLock<Words>) -> Words {
    let words = words.read().unwrap_or_else(PoisonError::into_inner);
    words.clone()
}

/// How often each word occurs, by number.
fn counts(segments: &[Arc<Segment>]) -> Vec<u32> {
    let mut counts: Vec<u32> = Vec::new();
    for t in segments.iter().flat_map(|s| &s.tokens) {
        let word = (t >> 1) as usize;
        if word >= counts.len() {
            counts.resize(word + 1, 0);
        }
        counts[word] += 1;
    }
    counts.shrink_to_fit();
    counts
}

/// Every word that can be begun and finished, with its count, sorted by text.
fn names(known: &[u32], words: &RwLock<Words>) -> Vec<(u32, u32)> {
    // A copy: questions are not kept waiting while it is sorted.
    let words = copy(words);
    let mut names: Vec<(u32, u32)> = (0..)
        .zip(known)
        .map(|(w, n)| (w, *n))
        .filter(|(w, n)| *n > 0 && words.text(*w).len() > 2)
        .collect();
    names.sort_unstable_by(|a, b| words.text(a.0).cmp(words.text(b.0)));
    names
}
