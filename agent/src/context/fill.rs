//! Which candidates come in: quotas by source, nothing that is shown already, within the room.

use std::sync::Arc;

use super::cover::Cover;
use super::query::Query;
use super::search::{Found, distinct};
use super::{BYTES_PER_TOKEN, Candidate, Context, ContextAsk, QUIET, Ranked, SMALL, heads};
use crate::index::library::names::{Name, NameMap};

/// Parts of the room by source: for what was edited or viewed lately, for definitions, for what follows like lines. All else is for
/// the chunks that hold most of what may be named next.
const RECENT: f64 = 0.10;
const DEFINED: f64 = 0.15;
const MATCHED: f64 = 0.05;
/// Part of the room that is kept for what the cursor's own line names.
const OWN: f64 = 0.10;
/// Part of the room in which the beginning of the last prompt stays: a server has read it already, and from the first change on it reads
/// anew.
const HELD: f64 = 0.50;
/// Bytes for which a piece must bring one name that is not shown yet.
const PER_NAME: usize = 55 * 4;
/// Definitions that are rendered and weighed.
const DEFINITIONS: usize = 24;

/// Pieces while they come in.
pub struct Filling<'a> {
    ask: &'a ContextAsk<'a>,
    query: &'a Query,
    room: usize,
    spent: usize,
    shown: NameMap<()>,
    pieces: Vec<Ranked>,
    /// Pieces for the cursor's own line: they come last.
    own: Vec<Ranked>,
    quiet: bool,
    late: bool,
}

impl<'a> Filling<'a> {
    /// An empty one.
    pub fn new(ask: &'a ContextAsk<'a>, query: &'a Query) -> Filling<'a> {
        Filling {
            ask,
            query,
            room: ask.room,
            spent: 0,
            shown: query.shown.clone(),
            pieces: Vec::new(),
            own: Vec::new(),
            quiet: false,
            late: false,
        }
    }

    /// Keeps the room small.
    pub fn quiet(&mut self, quiet: bool) {
        self.quiet = quiet;
        if quiet {
            self.room = (self.ask.room as f64 * QUIET) as usize;
        }
    }

    /// Takes over what was found before.
    pub fn keep(&mut self, last: &Context) {
        self.quiet(last.found_nothing_new);
        for piece in &last.pieces {
            self.spent += piece.text.len() + self.ask.frame;
            self.shown
                .extend(distinct(&piece.text).into_iter().map(|name| (name, ())));
        }
        self.pieces = last.pieces.clone();
    }

    /// Fills the room.
    pub fn fill(&mut self, found: Found) {
        self.late = found.late;
        let room = self.room;
        let definitions = match room < SMALL {
            true => Vec::new(),
            false => self.definitions(&found.weights),
        };
        let total = found.weights.values().sum();
        let mut cover = Cover::new(found.others, found.here, total, self.query);
        self.hold(&mut cover);
        self.lane(&mut cover, found.recent, RECENT);
        let kept = (room as f64 * (DEFINED + MATCHED)) as usize;
        self.chunks(&mut cover, room.saturating_sub(kept));
        self.lane(&mut cover, definitions, DEFINED);
        self.lane(&mut cover, found.matches, MATCHED);
        self.chunks(&mut cover, room);
        // What stays keeps its place before what is new, so that prompts begin alike; what is new comes in the order in
        // which it came in, the best first, because that is what stays.
        self.pieces.sort_by_key(|piece| {
            let stood = self.ask.stood(&piece.key, &piece.lines);
            stood.unwrap_or(usize::MAX)
        });
    }

    /// Takes what the last prompt began with, as long as it is among the candidates and says something new.
    fn hold(&mut self, cover: &mut Cover) {
        let end = (self.room as f64 * HELD) as usize;
        for piece in self.ask.last.iter().flat_map(|last| &last.pieces) {
            let Some(candidate) = cover.find(&piece.key, &piece.lines) else {
                break;
            };
            let held = self.pieces.len();
            self.take(cover, &candidate, end);
            if self.pieces.len() == held {
                break;
            }
        }
    }

    /// Takes candidates of a part of the room, in their order.
    fn lane(&mut self, cover: &mut Cover, candidates: Vec<Candidate>, part: f64) {
        let end = (self.spent + (self.room as f64 * part) as usize).min(self.room);
        for candidate in candidates {
            self.take(cover, &candidate, end);
        }
    }

    /// Takes the best chunks until so many bytes are spent.
    fn chunks(&mut self, cover: &mut Cover, end: usize) {
        while let Some(most) = end.checked_sub(self.spent + self.ask.frame) {
            let Some(candidate) = cover.next(most) else {
                break;
            };
            self.take(cover, &candidate, end);
        }
    }

    fn take(&mut self, cover: &mut Cover, candidate: &Candidate, end: usize) {
        if let Some(piece) = self.offer(candidate, end) {
            self.pieces.push(piece);
            cover.shown(&candidate.names);
        }
    }

    fn offer(&mut self, candidate: &Candidate, end: usize) -> Option<Ranked> {
        let cost = candidate.text.len() + self.ask.frame;
        if candidate.text.is_empty() || self.spent + cost > end {
            return None;
        }
        let names = &candidate.names;
        let fresh = names
            .iter()
            .filter(|name| !self.shown.contains_key(name))
            .count();
        if fresh * PER_NAME < candidate.text.len() || fresh == 0 {
            return None;
        }
        let path = (self.ask.path)(&candidate.key)?;
        self.spent += cost;
        self.shown.extend(names.iter().map(|name| (*name, ())));
        Some(Ranked {
            key: Arc::clone(&candidate.key),
            path,
            lines: candidate.lines.clone(),
            text: candidate.text.clone(),
            source: candidate.source,
            score: candidate.score,
            tokens: (cost as f64 / BYTES_PER_TOKEN).ceil() as u32,
        })
    }

    fn definitions(&mut self, weights: &NameMap<f32>) -> Vec<Candidate> {
        let mut rows = Vec::new();
        let mut seen: NameMap<()> = NameMap::default();
        for name in &self.query.near {
            if seen.insert(*name, ()).is_some() || (self.ask.late)() {
                continue;
            }
            let weight = weights.get(name).copied().unwrap_or(0.0);
            let found = heads::definitions(self.ask, *name);
            rows.extend(
                found
                    .into_iter()
                    .map(|(score, page, at)| (score * weight, page, at)),
            );
        }
        rows.sort_by(|left, right| {
            right
                .0
                .total_cmp(&left.0)
                .then_with(|| (&left.1.key, left.2).cmp(&(&right.1.key, right.2)))
        });
        let rows = rows.into_iter().take(DEFINITIONS);
        rows.map(|(score, page, at)| heads::piece(&page, at, score))
            .collect()
    }

    /// Adds definitions of what the cursor's own line names, after all else.
    pub fn named_here(&mut self) {
        let limit = (self.ask.room as f64 * OWN) as usize;
        let end = (self.spent + limit).min(self.ask.room);
        let mut seen: Vec<Name> = Vec::new();
        for name in &self.query.own {
            if seen.contains(name) || (self.ask.late)() {
                continue;
            }
            seen.push(*name);
            let known = heads::definitions(self.ask, *name);
            if let Some((score, page, at)) = known.first() {
                let candidate = heads::piece(page, *at, *score);
                if let Some(piece) = self.offer(&candidate, end) {
                    self.own.push(piece);
                }
            }
        }
    }

    /// What came in.
    pub fn done(mut self, neighbourhood: u64) -> Context {
        self.pieces.append(&mut self.own);
        Context {
            pieces: self.pieces,
            found_nothing_new: self.quiet,
            late: self.late,
            neighbourhood,
        }
    }
}
