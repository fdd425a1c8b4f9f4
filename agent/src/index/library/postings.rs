//! Which chunks hold a name, and where it is defined: an immutable segment over some pages.

use std::ops::Range;
use std::sync::Arc;

use super::names::Name;
use super::page::{Counts, Page};

/// Bits of a posting that count; the rest is the chunk's number.
const COUNT_BITS: u32 = 6;
/// Most chunks of a segment.
pub const MOST_CHUNKS: usize = 1 << (32 - COUNT_BITS);

/// Some pages and where their names are.
#[derive(Debug, Default)]
pub struct Segment {
    /// The pages, by key.
    pub pages: Box<[Arc<Page>]>,
    /// Number of the first chunk of each page, and at the end the number of chunks.
    firsts: Box<[u32]>,
    /// Names in each chunk, repetitions counted.
    sizes: Box<[u16]>,
    names: Box<[Name]>,
    /// Where each name's postings end.
    ends: Box<[u32]>,
    postings: Box<[u32]>,
    /// (name, page, which of its definitions), sorted.
    defined: Box<[(Name, u32, u32)]>,
    total: u64,
    /// Bytes of the pages: asked for each file that is learnt, so counted once.
    paged: usize,
}

/// A name's occurrence: how often it is in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The chunk's number in its segment.
    pub chunk: u32,
    /// Times, 63 at most.
    pub times: u32,
}

impl Segment {
    /// A segment of these pages.
    pub fn new(mut files: Vec<(Arc<Page>, Counts)>) -> Segment {
        files.sort_by(|left, right| left.0.key.cmp(&right.0.key));
        let mut firsts = Vec::with_capacity(files.len() + 1);
        let mut all: Vec<(Name, u32)> =
            Vec::with_capacity(files.iter().map(|file| file.1.len()).sum());
        let mut sizes: Vec<u16> = Vec::new();
        let mut defined = Vec::new();
        let mut pages = Vec::with_capacity(files.len());
        for (number, (page, counts)) in files.into_iter().enumerate() {
            let first = sizes.len() as u32;
            firsts.push(first);
            sizes.resize(sizes.len() + page.chunks.len(), 0);
            for (name, chunk, times) in counts {
                let size = &mut sizes[(first + chunk) as usize];
                *size = size.saturating_add(u16::from(times));
                let times = u32::from(times).min((1 << COUNT_BITS) - 1);
                all.push((name, (first + chunk) << COUNT_BITS | times));
            }
            let rows = page.definitions.iter().zip(0..);
            defined.extend(rows.map(|(row, at)| (row.name, number as u32, at)));
            pages.push(page);
        }
        firsts.push(sizes.len() as u32);
        all.sort_unstable();
        defined.sort_unstable();
        let mut names = Vec::new();
        let mut ends = Vec::new();
        for run in all.chunk_by(|left, right| left.0 == right.0) {
            names.push(run[0].0);
            ends.push(ends.last().copied().unwrap_or(0) + run.len() as u32);
        }
        Segment {
            paged: pages.iter().map(|page: &Arc<Page>| page.held()).sum(),
            total: sizes.iter().map(|size| u64::from(*size)).sum(),
            pages: pages.into(),
            firsts: firsts.into(),
            sizes: sizes.into(),
            names: names.into(),
            ends: ends.into(),
            postings: all.into_iter().map(|(_, posting)| posting).collect(),
            defined: defined.into(),
        }
    }

    /// The number of the page of a file.
    ///
    /// Errors: where it would be.
    pub fn find_page(&self, key: &str) -> Result<usize, usize> {
        self.pages.binary_search_by(|page| (*page.key).cmp(key))
    }

    /// How many chunks it has.
    pub fn chunks(&self) -> usize {
        self.sizes.len()
    }

    /// Names in all chunks, repetitions counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Names in a chunk, repetitions counted.
    pub fn size(&self, chunk: u32) -> u16 {
        self.sizes[chunk as usize]
    }

    /// How many chunks hold a name.
    pub fn spread(&self, name: Name) -> usize {
        self.range(name).len()
    }

    /// The chunks that hold a name, in order.
    pub fn find(&self, name: Name) -> impl Iterator<Item = Posting> {
        self.postings[self.range(name)]
            .iter()
            .map(|posting| Posting {
                chunk: posting >> COUNT_BITS,
                times: posting & ((1 << COUNT_BITS) - 1),
            })
    }

    fn range(&self, name: Name) -> Range<usize> {
        match self.names.binary_search(&name) {
            Ok(0) => 0..self.ends[0] as usize,
            Ok(at) => self.ends[at - 1] as usize..self.ends[at] as usize,
            Err(_) => 0..0,
        }
    }

    /// Where a name is defined: (page, which of its definitions).
    pub fn definitions(&self, name: Name) -> impl Iterator<Item = (usize, usize)> {
        let from = self.defined.partition_point(|row| row.0 < name);
        let rows = self.defined[from..]
            .iter()
            .take_while(move |row| row.0 == name);
        rows.map(|(_, page, at)| (*page as usize, *at as usize))
    }

    /// The page that a chunk is of.
    pub fn page_of(&self, chunk: u32) -> usize {
        // A page without chunks shares its first with the next one, which comes last.
        self.firsts.partition_point(|first| *first <= chunk) - 1
    }

    /// The lines of a chunk.
    pub fn lines(&self, chunk: u32) -> Range<u32> {
        let page = self.page_of(chunk);
        self.pages[page].chunks[(chunk - self.firsts[page]) as usize].clone()
    }

    /// The numbers of a page's chunks.
    pub fn chunks_of(&self, page: usize) -> Range<u32> {
        self.firsts[page]..self.firsts[page + 1]
    }

    /// What its pages counted: for a new segment of some of them.
    pub fn counts(&self) -> Vec<Counts> {
        let mut counts: Vec<Counts> = self.pages.iter().map(|_| Vec::new()).collect();
        let mut from = 0;
        for (name, end) in self.names.iter().zip(&self.ends) {
            for posting in &self.postings[from..*end as usize] {
                let chunk = posting >> COUNT_BITS;
                let page = self.page_of(chunk);
                let times = (posting & ((1 << COUNT_BITS) - 1)) as u8;
                counts[page].push((*name, chunk - self.firsts[page], times));
            }
            from = *end as usize;
        }
        counts
    }

    /// Bytes held, pages included.
    pub fn held(&self) -> usize {
        self.paged
            + size_of_val(&*self.pages)
            + size_of_val(&*self.firsts)
            + size_of_val(&*self.sizes)
            + size_of_val(&*self.names)
            + size_of_val(&*self.ends)
            + size_of_val(&*self.postings)
            + size_of_val(&*self.defined)
    }
}
