//! What answers at one moment: segments and which of their pages count.

use std::ops::Range;
use std::sync::Arc;

use super::names::Name;
use super::page::{Counts, Page};
use super::postings::{MOST_CHUNKS, Segment};

/// Segments over this many bytes of source are not merged any more: a merge holds both twice.
const MERGED: usize = 32 << 20;

/// A segment and which of its pages answer.
#[derive(Debug, Clone)]
pub struct Part {
    pub(super) segment: Arc<Segment>,
    /// Each page's state, in the order of the pages.
    pub(super) states: Vec<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Alive,
    /// An open document takes its place.
    Hidden,
    /// Replaced or forgotten.
    Dead,
}

/// What answers at one moment. It never changes.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    pub(super) disk: Vec<Part>,
    pub(super) open: Vec<Part>,
    pub(super) edition: u64,
}

impl Part {
    pub(super) fn new(files: Vec<(Arc<Page>, Counts)>) -> Part {
        let segment = Segment::new(files);
        Part {
            states: vec![State::Alive; segment.pages.len()],
            segment: Arc::new(segment),
        }
    }

    /// The segment.
    pub fn segment(&self) -> &Segment {
        &self.segment
    }

    /// Whether a page answers.
    pub fn answers(&self, page: usize) -> bool {
        self.states[page] == State::Alive
    }

    pub(super) fn mark(&mut self, key: &str, state: State) {
        if let Ok(page) = self.segment.find_page(key)
            && self.states[page] != State::Dead
        {
            self.states[page] = state;
        }
    }

    pub(super) fn alive(&self) -> impl Iterator<Item = &Arc<Page>> {
        let pages = self.segment.pages.iter().zip(&self.states);
        pages
            .filter(|(_, state)| **state == State::Alive)
            .map(|(page, _)| page)
    }

    fn bytes(&self) -> usize {
        let pages = self.segment.pages.iter().zip(&self.states);
        let kept = pages.filter(|(_, state)| **state != State::Dead);
        kept.map(|(page, _)| page.bytes).sum()
    }

    /// What still counts, to be put into another segment.
    fn files(&self) -> impl Iterator<Item = (Arc<Page>, Counts)> {
        let counts = self.segment.counts();
        let pages = self.segment.pages.iter().cloned().zip(counts);
        let kept = pages
            .zip(&self.states)
            .filter(|(_, state)| **state != State::Dead);
        kept.map(|(file, _)| file)
    }
}

impl Shelf {
    /// Everything there is to search.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.open.iter().chain(&self.disk)
    }

    /// A number that is another one for every other state of the library.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// How many chunks hold a name.
    pub fn spread(&self, name: Name) -> usize {
        self.parts().map(|part| part.segment.spread(name)).sum()
    }

    /// The page of a file.
    pub fn page(&self, key: &str) -> Option<&Arc<Page>> {
        self.parts().find_map(|part| {
            let page = part.segment.find_page(key).ok()?;
            part.answers(page).then(|| &part.segment.pages[page])
        })
    }

    /// Lines of a file's text.
    pub fn text(&self, key: &str, lines: Range<u32>) -> Option<String> {
        Some(self.page(key)?.text.text(lines))
    }
}

/// Bytes that parts take.
pub(super) fn held(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|part| part.segment.held() + part.states.len())
        .sum()
}

/// Joins segments of like size, so that there are few, and rewrites those that are half dead.
pub(super) fn merge(parts: &mut Vec<Part>) {
    let chunks = |part: &Part| part.segment.chunks();
    parts.retain(|part| part.states.iter().any(|state| *state != State::Dead));
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes()));
    for part in parts.iter_mut() {
        let whole: usize = part.segment.pages.iter().map(|page| page.bytes).sum();
        if part.bytes() * 2 < whole {
            *part = Part::new(part.files().collect());
        }
    }
    while let [.., large, small] = parts.as_slice() {
        let (left, right) = (large.bytes(), small.bytes());
        if left > right * 3 || left + right > MERGED || chunks(large) + chunks(small) > MOST_CHUNKS
        {
            break;
        }
        let both = Part::new(large.files().chain(small.files()).collect());
        parts.truncate(parts.len() - 2);
        parts.push(both);
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes()));
    }
}
