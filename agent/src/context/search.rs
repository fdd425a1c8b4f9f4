//! Chunks that speak of what the query speaks of: BM25 over the shelf and over the far parts of the current file.

use std::ops::Range;
use std::sync::Arc;

use super::here::{self, Far};
use super::query::Query;
use super::{Candidate, ContextAsk, Source};
use crate::index::library::Part;
use crate::index::library::lines::{self, Line, Sort};
use crate::index::library::names::{Name, NameMap, names};
use crate::index::library::page::Page;

/// How soon repetitions of a name stop counting.
const K1: f32 = 1.2;
/// How much a long chunk is held against it.
const B: f32 = 0.75;
/// What a file in the same folder is favoured by.
const NEARBY: f32 = 0.3;
/// What the newest place is favoured by; the next ones less.
const LATELY: f32 = 0.5;
/// Places read of the recent ones.
const PLACES: usize = 16;
/// Chunks whose file and place are weighed, so that a large workspace takes little longer than a small one.
const FAVOURED: usize = 512;
/// Chunks of other files that are looked at closer: one for so many bytes of room, and at least and at most so many.
const CLOSER: (usize, usize, usize) = (128, 16, 96);
/// Chunks that are looked at closer even when time is up: some tens of microseconds each, and all the searching was for them.
const LAST: usize = 12;
/// Lines like the last ones that are followed, and lines that are shown of each.
const MATCHES: usize = 8;
const FOLLOWING: u32 = 13;
/// Postings that one search reads at most: rare names first, so that those left out say least.
const POSTINGS: usize = 100_000;

/// What a search found, each best first.
#[derive(Default)]
pub struct Found {
    /// Chunks of other files.
    pub others: Vec<Candidate>,
    /// Chunks of the current file.
    pub here: Vec<Candidate>,
    /// What follows lines like the last ones.
    pub matches: Vec<Candidate>,
    /// Chunks that were edited or viewed lately and speak of the same.
    pub recent: Vec<Candidate>,
    /// Weights of names: query weight times rarity.
    pub weights: NameMap<f32>,
    /// Time was up.
    pub late: bool,
}

/// Searches.
pub fn search(ask: &ContextAsk<'_>, query: &Query) -> Found {
    let far = here::far(ask);
    let parts: Vec<&Part> = ask.shelf.parts().collect();
    let scale = Scale::new(&parts, &far);
    let mut rows: Vec<(Name, f32, usize)> = query
        .names
        .iter()
        .map(|(name, weight)| {
            let here = far
                .iter()
                .filter(|far| far.counts.contains_key(name))
                .count();
            let spread = ask.shelf.spread(*name) + here;
            (*name, weight * scale.rarity(spread), spread)
        })
        .collect();
    let mut found = Found {
        weights: rows
            .iter()
            .map(|(name, weight, _)| (*name, *weight))
            .collect(),
        ..Found::default()
    };
    found.here = here_by_score(ask, &far, &found.weights, &scale);
    rows.sort_by_key(|(name, _, spread)| (*spread, *name));
    let mut scores: Vec<Vec<f32>> = parts
        .iter()
        .map(|part| vec![0.0; part.segment().chunks()])
        .collect();
    let mut touched: Vec<(usize, u32)> = Vec::new();
    let mut read = 0;
    for (name, weight, spread) in rows {
        read += spread;
        if read > POSTINGS || (ask.late)() {
            found.late = (ask.late)();
            break;
        }
        for (number, part) in parts.iter().enumerate() {
            for posting in part.segment().find(name) {
                let score = &mut scores[number][posting.chunk as usize];
                if *score == 0.0 {
                    touched.push((number, posting.chunk));
                }
                let size = f32::from(part.segment().size(posting.chunk));
                *score += weight * scale.saturated(posting.times as f32, size);
            }
        }
    }
    let raw = touched
        .into_iter()
        .map(|(number, chunk)| (scores[number][chunk as usize], number, chunk));
    let favoured =
        best(raw.collect(), FAVOURED)
            .into_iter()
            .filter_map(|(score, number, chunk)| {
                let segment = parts[number].segment();
                let page = segment.page_of(chunk);
                let key = &*segment.pages[page].key;
                if key == ask.key || !parts[number].answers(page) {
                    return None;
                }
                let lines = segment.lines(chunk);
                let nearby = 1.0 + NEARBY / (1.0 + distance(ask.key, key) as f32);
                let prior = (nearby + lately(ask, key, &lines)) * ask.constancy(key, &lines);
                Some((score * prior, number, chunk))
            });
    let (bytes, least, most) = CLOSER;
    let closer = best(favoured.collect(), (ask.room / bytes).clamp(least, most));
    look_closer(ask, query, &parts, closer, &mut found);
    found
}

/// Reads the text of the best chunks, and in it the lines like the last ones.
fn look_closer(
    ask: &ContextAsk<'_>,
    query: &Query,
    parts: &[&Part],
    closer: Vec<(f32, usize, u32)>,
    found: &mut Found,
) {
    let mut alike: Vec<(f32, &Arc<Page>, u32)> = Vec::new();
    for (rank, (score, number, chunk)) in closer.into_iter().enumerate() {
        found.late |= (ask.late)();
        if found.late && rank >= LAST {
            break;
        }
        let segment = parts[number].segment();
        let page = &segment.pages[segment.page_of(chunk)];
        let range = segment.lines(chunk);
        let text = page.text.text(range.clone());
        let all = lines::lines(&text, page.language);
        if let Some((score, at)) = most_alike(&all, query, &found.weights) {
            alike.push((score, page, range.start + at as u32));
        }
        let text = lines::bare(&all);
        let candidate = Candidate {
            key: Arc::clone(&page.key),
            names: distinct(&text),
            text,
            lines: range,
            source: Source::Bm25,
            score,
        };
        if touches(ask, &page.key, &candidate.lines) {
            found.recent.push(Candidate {
                source: Source::Recent,
                ..candidate.clone()
            });
        }
        found.others.push(candidate);
    }
    alike.sort_by(|left, right| {
        let order = right.0.total_cmp(&left.0);
        order.then_with(|| (&left.1.key, left.2).cmp(&(&right.1.key, right.2)))
    });
    for (score, page, at) in alike.into_iter().take(MATCHES) {
        let range = at..(at + FOLLOWING).min(page.text.lines());
        let text = page.text.text(range.clone());
        let text = lines::bare(&lines::lines(&text, page.language));
        found.matches.push(Candidate {
            key: Arc::clone(&page.key),
            names: distinct(&text),
            text,
            lines: range,
            source: Source::Match,
            score,
        });
    }
}

/// The best of the rows, best first.
fn best(mut rows: Vec<(f32, usize, u32)>, most: usize) -> Vec<(f32, usize, u32)> {
    let order = |left: &(f32, usize, u32), right: &(f32, usize, u32)| {
        let ties = (left.1, left.2).cmp(&(right.1, right.2));
        right.0.total_cmp(&left.0).then(ties)
    };
    if rows.len() > most {
        rows.select_nth_unstable_by(most, order);
        rows.truncate(most);
    }
    rows.sort_unstable_by(order);
    rows
}

/// The line of a chunk that shares most with the last line before the cursor's, if it shares two names.
fn most_alike(all: &[Line<'_>], query: &Query, weights: &NameMap<f32>) -> Option<(f32, usize)> {
    let last = query.last.first()?;
    let mut best: Option<(f32, usize)> = None;
    let mut before = 0.0;
    for (at, line) in all.iter().enumerate() {
        if line.sort != Sort::Code {
            continue;
        }
        let mut shared: Vec<Name> = names(line.text)
            .filter(|name| last.contains(name))
            .collect();
        shared.sort_unstable();
        shared.dedup();
        let own: f32 = shared.iter().filter_map(|name| weights.get(name)).sum();
        let score = own + before;
        if shared.len() >= 2 && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, at));
        }
        let earlier = query.last.get(1);
        let held = names(line.text).filter(|name| earlier.is_some_and(|line| line.contains(name)));
        before = held
            .filter_map(|name| weights.get(&name))
            .fold(0.0, |sum, weight| sum + weight / 2.0);
    }
    best
}

/// Whether another file holds a name.
pub fn is_elsewhere(ask: &ContextAsk<'_>, name: Name) -> bool {
    ask.shelf.parts().any(|part| {
        part.segment().find(name).any(|posting| {
            let page = part.segment().page_of(posting.chunk);
            part.answers(page) && *part.segment().pages[page].key != *ask.key
        })
    })
}

/// How BM25 counts in these chunks.
struct Scale {
    chunks: f32,
    average: f32,
}

impl Scale {
    fn new(parts: &[&Part], far: &[Far]) -> Scale {
        let chunks: usize = parts
            .iter()
            .map(|part| part.segment().chunks())
            .sum::<usize>()
            + far.len();
        let total: u64 = parts.iter().map(|part| part.segment().total()).sum();
        let total = total + far.iter().map(|far| u64::from(far.size)).sum::<u64>();
        Scale {
            chunks: chunks as f32,
            average: (total as f32 / chunks.max(1) as f32).max(1.0),
        }
    }

    /// How much a name says that so many chunks hold.
    fn rarity(&self, spread: usize) -> f32 {
        let spread = spread as f32;
        (1.0 + (self.chunks - spread + 0.5).max(0.0) / (spread + 0.5)).ln()
    }

    fn saturated(&self, times: f32, size: f32) -> f32 {
        times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * size / self.average))
    }
}

fn here_by_score(
    ask: &ContextAsk<'_>,
    far: &[Far],
    weights: &NameMap<f32>,
    scale: &Scale,
) -> Vec<Candidate> {
    let mut here: Vec<Candidate> = far
        .iter()
        .map(|far| {
            let size = far.size as f32;
            let counts = far.counts.iter();
            let known = counts.filter_map(|(name, times)| Some((weights.get(name)?, *times)));
            // Summed in the order of a sorted list: sums of floats depend on it.
            let mut terms: Vec<f32> = known
                .map(|(weight, times)| weight * scale.saturated(times as f32, size))
                .collect();
            terms.sort_by(f32::total_cmp);
            let mut names: Vec<Name> = far.counts.keys().copied().collect();
            names.sort_unstable();
            Candidate {
                key: Arc::clone(&far.key),
                lines: far.lines.clone(),
                text: far.text.clone(),
                names,
                source: Source::Current,
                score: terms.iter().sum::<f32>() * ask.constancy(&far.key, &far.lines),
            }
        })
        .collect();
    here.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then(left.lines.start.cmp(&right.lines.start))
    });
    here
}

/// Folders between two files: 0 for neighbours.
pub fn distance(left: &str, right: &str) -> usize {
    let folders = |key: &str| key.matches('/').count();
    let alike = left
        .bytes()
        .zip(right.bytes())
        .take_while(|(left, right)| left == right);
    let shared = alike.filter(|(byte, _)| *byte == b'/').count();
    folders(left) + folders(right) - 2 * shared
}

/// What a chunk is favoured by because it was edited or viewed lately; its file by half of that.
fn lately(ask: &ContextAsk<'_>, key: &str, lines: &Range<u32>) -> f32 {
    let places = ask.recent.iter().take(PLACES).enumerate();
    let ours = places
        .filter(|(_, place)| place.key == key)
        .map(|(age, place)| {
            let part = if overlap(&place.lines, lines) {
                1.0
            } else {
                0.5
            };
            LATELY * part / (1.0 + age as f32 / 4.0)
        });
    ours.fold(0.0, f32::max)
}

fn touches(ask: &ContextAsk<'_>, key: &str, lines: &Range<u32>) -> bool {
    let mut places = ask.recent.iter().take(PLACES);
    places.any(|place| place.key == key && overlap(&place.lines, lines))
}

fn overlap(left: &Range<u32>, right: &Range<u32>) -> bool {
    left.start < right.end && right.start < left.end
}

/// Names of a text, each once.
pub fn distinct(text: &str) -> Vec<Name> {
    let mut all: Vec<Name> = names(text).collect();
    all.sort_unstable();
    all.dedup();
    all
}
