//! Which chunks are best together: those that hold most of what may be named next, for their length.
//!
//! A name is worth the more the more alike the chunks are that hold it. Chunks are taken one by one, each time the one whose names
//! that are not shown yet are worth most for its bytes: two chunks that say the same are not both worth their room.

use std::ops::Range;

use super::Candidate;
use super::query::Query;
use crate::index::library::names::{Name, NameMap};

/// Part of the current file against other files: what is written in one file is mostly about the same.
const HERE: f32 = 16.0;
/// Rank of a chunk of another file at which it counts half.
const HALF: f32 = 20.0;
/// Bytes that a chunk counts beside its own: many small ones read worse than few large ones.
const AROUND: usize = 60;

/// Chunks to choose from.
pub struct Cover {
    rows: Vec<Row>,
    /// What a name that is not shown yet is worth.
    worth: NameMap<f32>,
}

struct Row {
    candidate: Candidate,
    /// What it adds for each byte. It never grows, so what was counted once is a bound.
    gain: f32,
}

impl Cover {
    /// Of these, best first each. `total` is what a chunk of all that is asked for could score.
    pub fn new(others: Vec<Candidate>, here: Vec<Candidate>, total: f32, query: &Query) -> Cover {
        let mut worth: NameMap<f32> = NameMap::default();
        let mut add = |candidate: &Candidate, likeness: f32| {
            for name in &candidate.names {
                if !query.shown.contains_key(name) {
                    *worth.entry(*name).or_default() += likeness;
                }
            }
        };
        let square = |score: f32| (score / total.max(f32::MIN_POSITIVE)).powi(2);
        for (rank, candidate) in others.iter().enumerate() {
            add(
                candidate,
                square(candidate.score) / (1.0 + rank as f32 / HALF),
            );
        }
        here.iter()
            .for_each(|candidate| add(candidate, square(candidate.score) * HERE));
        let all = others.into_iter().chain(here);
        let row = |candidate| Row {
            candidate,
            gain: f32::INFINITY,
        };
        Cover {
            rows: all.map(row).collect(),
            worth,
        }
    }

    /// These are shown now.
    pub fn shown(&mut self, names: &[Name]) {
        for name in names {
            self.worth.remove(name);
        }
    }

    /// A certain chunk.
    pub fn find(&self, key: &str, lines: &Range<u32>) -> Option<Candidate> {
        let mut all = self.rows.iter().map(|row| &row.candidate);
        let found = all.find(|candidate| *candidate.key == *key && candidate.lines == *lines);
        found.cloned()
    }

    /// Takes the chunk out that adds most for its length, of those of so many bytes at most.
    pub fn next(&mut self, most: usize) -> Option<Candidate> {
        let mut best: Option<(f32, usize)> = None;
        for (at, row) in self.rows.iter_mut().enumerate() {
            let bytes = row.candidate.text.len();
            let known = best.map_or(0.0, |(gain, _)| gain);
            if bytes > most || row.gain <= known {
                continue;
            }
            let names = row.candidate.names.iter();
            let sum: f32 = names.filter_map(|name| self.worth.get(name)).sum();
            row.gain = sum / (bytes + AROUND) as f32;
            if row.gain > known {
                best = Some((row.gain, at));
            }
        }
        best.map(|(_, at)| self.rows.remove(at).candidate)
    }
}
