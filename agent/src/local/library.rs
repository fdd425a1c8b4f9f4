//! What was learnt from disk: immutable segments of many files each, swapped whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::array;
use super::words::{START, Token, Words};

/// A file's tokens are current and may be counted.
pub const LIVE: u8 = 0;
/// An open document stands for the file.
pub const HIDDEN: u8 = 1;
/// Replaced or deleted; the next merge drops it.
pub const DEAD: u8 = 2;

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
    states: Vec<AtomicU8>,
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
        let states = starts.iter().map(|_| AtomicU8::new(LIVE)).collect();
        Segment {
            tokens,
            sorted,
            starts,
            keys,
            states,
        }
    }

    /// Whether a position's file may be counted.
    pub fn counts(&self, position: u32) -> bool {
        let file = self.starts.partition_point(|s| *s <= position) - 1;
        self.states[file].load(Ordering::Relaxed) == LIVE
    }

    /// Whether any file is hidden or dead.
    pub fn masked(&self) -> bool {
        self.states
            .iter()
            .any(|s| s.load(Ordering::Relaxed) != LIVE)
    }

    /// Sets one file's state; `DEAD` is for ever.
    pub fn mark(&self, file: usize, state: u8) {
        if self.states[file].load(Ordering::Relaxed) != DEAD {
            self.states[file].store(state, Ordering::Relaxed);
        }
    }

    /// The files that are not dead, with their tokens (without `START`).
    pub fn files(&self) -> impl Iterator<Item = (Arc<str>, &[Token])> {
        (0..self.keys.len())
            .filter(|i| self.states[*i].load(Ordering::Relaxed) != DEAD)
            .map(|i| {
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

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        4 * (self.tokens.capacity() + self.sorted.capacity() + self.starts.capacity())
            + self.keys.iter().map(|k| k.len() + 17).sum::<usize>()
    }
}

/// The segments, largest and oldest first, and the words in them by name.
#[derive(Debug, Default)]
pub struct Library {
    /// Segments; at most a handful, as settling merges those of like size.
    pub segments: Vec<Arc<Segment>>,
    /// Where a file stands: segment and index in it.
    pub places: HashMap<Arc<str>, (usize, usize)>,
    /// Word tokens with how often they occur, sorted by text, for unfinished words.
    pub names: Vec<(u32, u32)>,
    /// How often each word occurs, by number.
    pub known: Vec<u32>,
}

impl Library {
    /// A new library with `fresh` files added; segments under four times the newest one's size are merged into it.
    pub fn with(
        &self,
        fresh: Vec<(Arc<str>, Vec<Token>)>,
        words: &std::sync::RwLock<Words>,
    ) -> Library {
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
        let mut places = HashMap::new();
        for (s, segment) in segments.iter().enumerate() {
            for (f, key) in segment.keys.iter().enumerate() {
                if segment.states[f].load(Ordering::Relaxed) != DEAD {
                    places.insert(Arc::clone(key), (s, f));
                }
            }
        }
        let (names, known) = names(&segments, words);
        Library {
            segments,
            places,
            names,
            known,
        }
    }

    /// Sets the state of a file, if it is here.
    pub fn mark(&self, key: &str, state: u8) {
        if let Some((s, f)) = self.places.get(key) {
            self.segments[*s].mark(*f, state);
        }
    }

    /// How many tokens the segments hold.
    pub fn tokens(&self) -> usize {
        self.segments.iter().map(|s| s.tokens.len()).sum()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|s| s.bytes()).sum::<usize>()
            + 8 * self.names.capacity()
            + 4 * self.known.capacity()
            + self.places.capacity() * 40
    }
}

/// Every word that can be begun and finished, with its count, sorted by text.
fn names(
    segments: &[Arc<Segment>],
    words: &std::sync::RwLock<Words>,
) -> (Vec<(u32, u32)>, Vec<u32>) {
    let mut counts: Vec<u32> = Vec::new();
    for segment in segments {
        for t in &segment.tokens {
            let word = (t >> 1) as usize;
            if word >= counts.len() {
                counts.resize(word + 1, 0);
            }
            counts[word] += 1;
        }
    }
    let words = words
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    counts.shrink_to_fit();
    let mut names: Vec<(u32, u32)> = counts
        .iter()
        .enumerate()
        .map(|(w, n)| (w as u32, *n))
        .filter(|(w, n)| *n > 0 && words.text(*w).len() > 2)
        .collect();
    names.sort_unstable_by(|a, b| words.text(a.0).cmp(words.text(b.0)));
    (names, counts)
}
