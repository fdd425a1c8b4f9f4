//! What comes next: counts of all context lengths, mixed from short to long, the workspace first and the current file
//! on top.

use super::array::{self, Range};
use super::library::{Reader, Segment};
use super::weights::{BLEND, DISTINCT, TOTAL};
use super::words::{START, Token, TokenMap};

/// The context lengths that are mixed (tokens).
pub const ORDERS: [usize; 9] = [1, 2, 3, 4, 5, 7, 10, 14, 20];
/// Levels: the orders of the workspace, then those of the current file.
pub const LEVELS: usize = 2 * ORDERS.len();
/// Positions read of one part of a range at most; larger parts are sampled evenly.
const SAMPLES: u32 = 300;

/// One sorted stream to count in.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The stream.
    pub tokens: &'a [Token],
    /// Its sorted array.
    pub sorted: &'a [u32],
    /// The segment with files that do not count for this reader; none for a document.
    pub masked: Option<(&'a Segment, Reader)>,
    /// Positions that do not count: the cursor's own surroundings.
    pub hole: (u32, u32),
    /// 0: the workspace; 1: the current file.
    pub group: usize,
}

/// A token that may come next.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// The token.
    pub token: Token,
    /// Its probability, given that the true next token is one of those counted or an unseen one.
    pub p: f64,
    /// Counts by level; afterwards of all longer levels of the group too.
    pub counts: [f32; LEVELS],
}

/// What a distribution rests on.
#[derive(Debug, Default)]
pub struct Mixed {
    /// Every token that was seen after any of the contexts.
    pub candidates: Vec<Candidate>,
    /// The mass that goes to tokens seen after none of them.
    pub rest: f64,
    /// Continuations by level.
    pub totals: [f32; LEVELS],
    /// Distinct ones by level, those of longer levels included.
    pub distinct: [u32; LEVELS],
    index: TokenMap<u32>,
}

impl Mixed {
    /// Reads the counts after `context` (nearest token last) in all places and mixes them.
    ///
    /// `unfinished`: the next token is an unfinished word, for which other weights were learnt.
    pub fn read(
        &mut self,
        places: &[Place<'_>],
        context: &[Token],
        unfinished: bool,
        allowed: impl Fn(Token) -> bool,
    ) {
        self.candidates.clear();
        self.index.clear();
        self.totals = [0.0; LEVELS];
        self.distinct = [0; LEVELS];
        let ranges: Vec<[Range; 9]> = places.iter().map(|p| ranges(p, context)).collect();
        for group in 0..2 {
            let mut seen = 0;
            let mut total = 0.0;
            for o in (0..ORDERS.len()).rev() {
                let level = group * ORDERS.len() + o;
                for (place, r) in places.iter().zip(&ranges).filter(|(p, _)| p.group == group) {
                    let inner = if o + 1 < ORDERS.len() {
                        r[o + 1]
                    } else {
                        (0, 0)
                    };
                    let (lo, hi) = r[o];
                    let parts = if inner.0 < inner.1 {
                        [(lo, inner.0), (inner.1, hi)]
                    } else {
                        [(lo, hi), (hi, hi)]
                    };
                    for part in parts {
                        let (new, sum) = self.part(place, part, level, &allowed);
                        seen += new;
                        total += sum;
                    }
                }
                self.distinct[level] = seen;
                self.totals[level] = total;
            }
        }
        self.blend(usize::from(unfinished) * LEVELS);
    }

    /// Whether the token is a candidate.
    pub fn has(&self, token: Token) -> bool {
        self.index.contains_key(&token)
    }

    /// Adds a candidate that no context has.
    pub fn add(&mut self, token: Token, p: f64) {
        self.index.insert(token, self.candidates.len() as u32);
        self.candidates.push(Candidate {
            token,
            p,
            counts: [0.0; LEVELS],
        });
    }

    fn part(
        &mut self,
        place: &Place<'_>,
        (lo, hi): Range,
        level: usize,
        allowed: &impl Fn(Token) -> bool,
    ) -> (u32, f32) {
        let (mut new, mut sum) = (0, 0.0);
        let take = (hi - lo).min(SAMPLES);
        if take == 0 {
            return (new, sum);
        }
        let weight = (hi - lo) as f32 / take as f32;
        let first = level / ORDERS.len() * ORDERS.len();
        for i in 0..take {
            let at = lo + (u64::from(i) * u64::from(hi - lo) / u64::from(take)) as u32;
            let p = place.sorted[at as usize];
            if (p >= place.hole.0 && p < place.hole.1)
                || place
                    .masked
                    .is_some_and(|(segment, reader)| !segment.counts(p, reader))
            {
                continue;
            }
            let token = place.tokens[p as usize];
            if !allowed(token) {
                continue;
            }
            let next = self.candidates.len() as u32;
            let i = *self.index.entry(token).or_insert(next) as usize;
            if i == next as usize {
                self.candidates.push(Candidate {
                    token,
                    p: 0.0,
                    counts: [0.0; LEVELS],
                });
            }
            let counts = &mut self.candidates[i].counts;
            if counts[first..first + ORDERS.len()]
                .iter()
                .all(|c| *c == 0.0)
            {
                new += 1;
            }
            counts[level] += weight;
            sum += weight;
        }
        (new, sum)
    }

    fn blend(&mut self, table: usize) {
        for c in &mut self.candidates {
            for level in (0..LEVELS - 1).rev() {
                if level % ORDERS.len() != ORDERS.len() - 1 {
                    c.counts[level] += c.counts[level + 1];
                }
            }
        }
        self.rest = 1.0;
        for level in 0..LEVELS {
            let total = self.totals[level];
            if total <= 0.0 {
                continue;
            }
            let keep = 1.0 - self.weight(level, table);
            let scale = (1.0 - keep) / f64::from(total);
            for c in &mut self.candidates {
                c.p = c.p * keep + f64::from(c.counts[level]) * scale;
            }
            self.rest *= keep;
        }
    }

    fn weight(&self, level: usize, table: usize) -> f64 {
        let (d, t) = buckets(self.distinct[level], self.totals[level]);
        f64::from(BLEND[((table + level) * DISTINCT.len() + d) * TOTAL.len() + t])
    }
}

/// Buckets of distinct continuations and of all continuations.
pub fn buckets(distinct: u32, total: f32) -> (usize, usize) {
    let d = DISTINCT.iter().rposition(|x| distinct >= *x).unwrap_or(0);
    let t = TOTAL.iter().rposition(|x| total >= *x).unwrap_or(0);
    (d, t)
}

fn ranges(place: &Place<'_>, context: &[Token]) -> [Range; 9] {
    let mut out = [(0, 0); 9];
    let mut range = (0, place.sorted.len() as u32);
    let mut level = 0;
    for (depth, token) in context.iter().rev().enumerate() {
        range = array::narrow(place.tokens, place.sorted, range, depth, *token);
        if range.0 >= range.1 {
            break;
        }
        if ORDERS[level] == depth + 1 {
            out[level] = range;
            level += 1;
        }
        if *token == START || level == ORDERS.len() {
            break;
        }
    }
    out
}
