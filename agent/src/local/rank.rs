//! Second thoughts: the likeliest candidates weighed again by what counts alone do not see — recency, brackets, the
//! rest of the line, what follows — with a small network learnt on public projects.

use super::analogy::{self, Alike, BEST};
use super::cursor::First;
use super::mix::{Candidate, LEVELS, Mixed, ORDERS};
use super::ranker::{GATE, HIDDEN, NET, SIDE};
use super::words::{KINDS, NAME, Token, TokenMap, Words, is_break};

/// Candidates that are weighed at most.
pub const MOST: usize = 12;
/// What is known of one candidate.
pub const OF_ONE: usize = 49;
/// What is known of the place.
pub const OF_ALL: usize = 37;
/// Tokens before the cursor that count as recent.
pub const RECENT: usize = 600;
/// Tokens before the cursor that are searched for places alike.
pub const FAR: usize = 1500;
/// Tokens after the cursor's line that are looked at.
pub const AFTER: usize = 48;
/// Recent names that are considered though no context speaks for them.
const ADDED: usize = 6;

/// Where a token is asked for.
pub struct Scene<'a> {
    /// The vocabulary.
    pub words: &'a Words,
    /// Tokens before, nearest last; up to `RECENT` and the line.
    pub context: &'a [Token],
    /// How many of them are on the cursor's line.
    pub on_line: usize,
    /// Tokens after the cursor's line.
    pub after: &'a [Token],
    /// The typed part of an unfinished word.
    pub typed: &'a str,
    /// What may come.
    pub first: First,
    /// Tokens suggested already.
    pub step: usize,
    /// How often each word occurs in the workspace, by number.
    pub known: &'a [u32],
    /// How often each word occurs in the document.
    pub own: &'a TokenMap<u32>,
}

impl Scene<'_> {
    /// Whether a token may stand at the cursor.
    fn fits(&self, token: Token) -> bool {
        if self.words.text_or_none(token).is_none() && !is_break(token) {
            return false;
        }
        let blank = token & 1 == 1;
        match self.first {
            First::Any => true,
            First::Line => !blank && !is_break(token),
            First::Blank => blank || is_break(token),
            First::Word(b) => b == blank && self.words.of(token).starts_with(self.typed),
        }
    }
}

/// The features of one question.
pub struct Facts {
    /// The candidates, likeliest by counts first.
    pub tokens: Vec<Token>,
    /// One row a candidate.
    pub one: Vec<[f32; OF_ONE]>,
    /// The place.
    pub all: [f32; OF_ALL],
}

fn bracket(words: &Words, token: Token) -> Option<u8> {
    let text = words.text_or_none(token)?.as_bytes();
    (text.len() == 1 && b"()[]{}".contains(&text[0])).then(|| text[0])
}

/// The innermost bracket that is open before the cursor, within the last 200 tokens.
fn innermost(scene: &Scene<'_>) -> Option<u8> {
    let mut depth = 0;
    for t in scene.context.iter().rev().take(200) {
        match bracket(scene.words, *t) {
            Some(b @ (b'(' | b'[' | b'{')) => {
                if depth == 0 {
                    return Some(b);
                }
                depth -= 1;
            }
            Some(_) => depth += 1,
            None => {}
        }
    }
    None
}

fn log(n: f32) -> f32 {
    (1.0 + n.max(0.0)).ln()
}

/// Keeps the likeliest candidates, adds recent names, and states the facts.
pub fn facts(scene: &Scene<'_>, mixed: &mut Mixed) -> Facts {
    let alike = analogy::alike(scene);
    add_alike(scene, mixed, &alike);
    add_recent(scene, mixed);
    let order = |a: &Candidate, b: &Candidate| b.p.total_cmp(&a.p).then(a.token.cmp(&b.token));
    if mixed.candidates.len() > MOST {
        mixed.candidates.select_nth_unstable_by(MOST - 1, order);
        mixed.candidates.truncate(MOST);
    }
    mixed.candidates.sort_unstable_by(order);
    let open = innermost(scene);
    let seen = sightings(scene, &mixed.candidates);
    let one = mixed.candidates.iter().enumerate();
    let one = one.map(|(i, c)| {
        let mut f = of_one(scene, mixed, c, i, open, seen[i]);
        likeness(scene, c.token, &alike, &mut f[34 + KINDS..]);
        f
    });
    Facts {
        tokens: mixed.candidates.iter().map(|c| c.token).collect(),
        one: one.collect(),
        all: of_all(scene, mixed, open, &alike),
    }
}

/// What the places alike have, as far as it fits what is typed.
fn add_alike(scene: &Scene<'_>, mixed: &mut Mixed, alike: &[Alike]) {
    for token in alike
        .iter()
        .flat_map(|a| [a.mirrored, Some(a.token)])
        .flatten()
    {
        if scene.fits(token) && !mixed.has(token) {
            mixed.add(token, mixed.rest * 0.03);
        }
    }
}

/// How much the places alike speak for a token: best score for it, by name exchange, its share of the scores, that of
/// its kind, and whether the best place has it.
fn likeness(scene: &Scene<'_>, token: Token, alike: &[Alike], f: &mut [f32]) {
    let all: u32 = alike.iter().map(|a| a.score).sum();
    let best = |of: &dyn Fn(&&Alike) -> bool| alike.iter().find(of).map_or(0, |a| a.score);
    let sum =
        |of: &dyn Fn(&&Alike) -> bool| -> u32 { alike.iter().filter(of).map(|a| a.score).sum() };
    let share = |n: u32| n as f32 / all.max(1) as f32;
    let kind = scene.words.kind(token);
    f[0] = best(&|a| a.token == token) as f32 / BEST;
    f[1] = best(&|a| a.mirrored == Some(token)) as f32 / BEST;
    f[2] = share(sum(&|a| a.token == token));
    f[3] = share(sum(&|a| a.mirrored == Some(token)));
    f[4] = share(sum(&|a| scene.words.kind(a.token) == kind));
    f[5] = f32::from(u8::from(
        alike
            .first()
            .is_some_and(|a| a.mirrored.unwrap_or(a.token) == token),
    ));
}

/// Recent names that no context has: what was just named is often used next.
fn add_recent(scene: &Scene<'_>, mixed: &mut Mixed) {
    let blank = match scene.first {
        First::Word(b) => b,
        First::Line => false,
        First::Blank => true,
        First::Any => {
            let mass = |blank: u32| -> f64 {
                let of = mixed.candidates.iter().filter(|c| c.token & 1 == blank);
                of.filter(|c| scene.words.kind(c.token) == NAME)
                    .map(|c| c.p)
                    .sum()
            };
            mass(1) > mass(0)
        }
    };
    let mut added = 0;
    for t in scene.context.iter().rev().take(100) {
        let token = t & !1 | u32::from(blank);
        if added == ADDED {
            break;
        }
        if scene.words.kind(token) == NAME && scene.fits(token) && !mixed.has(token) {
            mixed.add(token, mixed.rest * 0.02);
            added += 1;
        }
    }
}

/// Of a candidate's word: tokens since it was last seen, how often it was among the recent ones, whether it is on the
/// line, tokens until it is next seen after the line.
#[derive(Debug, Clone, Copy, Default)]
struct Sighting {
    since: Option<u32>,
    times: u32,
    on_line: bool,
    until: Option<u32>,
}

fn sightings(scene: &Scene<'_>, candidates: &[Candidate]) -> Vec<Sighting> {
    let mut out = vec![Sighting::default(); candidates.len()];
    for (i, t) in scene.context.iter().rev().take(RECENT).enumerate() {
        for (c, s) in candidates.iter().zip(&mut out) {
            if c.token >> 1 == t >> 1 {
                s.since.get_or_insert(i as u32);
                s.times += 1;
                s.on_line |= i < scene.on_line;
            }
        }
    }
    for (i, t) in scene.after.iter().enumerate() {
        for (c, s) in candidates.iter().zip(&mut out) {
            if c.token >> 1 == t >> 1 {
                s.until.get_or_insert(i as u32);
            }
        }
    }
    out
}

fn of_one(
    scene: &Scene<'_>,
    mixed: &Mixed,
    c: &Candidate,
    rank: usize,
    open: Option<u8>,
    seen: Sighting,
) -> [f32; OF_ONE] {
    let mut f = [0.0; OF_ONE];
    f[0] = (c.p.max(1e-6).ln() / 4.0) as f32;
    f[1] = c.p as f32;
    f[2] = rank as f32 / 8.0;
    f[3] = f32::from(u8::from(rank == 0));
    for group in 0..2 {
        let first = group * ORDERS.len();
        let longest = (first..first + ORDERS.len())
            .rev()
            .find(|l| c.counts[*l] > 0.0);
        if let Some(l) = longest {
            f[4 + 3 * group] = (l - first + 1) as f32 / 9.0;
            f[5 + 3 * group] = c.counts[l] / mixed.totals[l];
            f[6 + 3 * group] = log(c.counts[l]) / 4.0;
        }
        for (i, o) in [0, 1, 2, 4].into_iter().enumerate() {
            let total = mixed.totals[first + o];
            if total > 0.0 {
                f[10 + 4 * group + i] = c.counts[first + o] / total;
            }
        }
    }
    let word = c.token >> 1;
    if let Some(since) = seen.since {
        f[18] = 1.0;
        f[19] = log(since as f32) / 6.4;
        f[20] = log(seen.times as f32) / 4.0;
    }
    f[21] = f32::from(u8::from(seen.on_line));
    let back = |n: usize| scene.context.iter().rev().nth(n).map(|t| t >> 1);
    f[22] = f32::from(u8::from(back(0) == Some(word)));
    f[23] = f32::from(u8::from(back(1) == Some(word)));
    if let Some(until) = seen.until {
        f[24] = 1.0;
        f[25] = 1.0 / (1.0 + until as f32);
    }
    f[26] = log(scene.known.get(word as usize).map_or(0.0, |n| *n as f32)) / 10.0;
    f[27] = log(scene.own.get(&word).map_or(0.0, |n| *n as f32)) / 6.0;
    if let Some(b) = bracket(scene.words, c.token) {
        let opener = match b {
            b')' => Some(b'('),
            b']' => Some(b'['),
            b'}' => Some(b'{'),
            _ => None,
        };
        f[28] = f32::from(u8::from(opener.is_some() && opener == open));
        f[29] = f32::from(u8::from(opener.is_some() && opener != open));
    }
    let text = scene.words.of(c.token);
    let left = text.len().saturating_sub(scene.typed.len());
    f[30] = log(left as f32) / 3.0;
    f[31] = f32::from(u8::from(left == 0));
    f[32 + usize::from(scene.words.kind(c.token))] = 1.0;
    f[32 + KINDS] = (c.token & 1) as f32;
    f[33 + KINDS] = f32::from(u8::from(word_is_type(text)));
    f
}

fn word_is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
}

fn of_all(scene: &Scene<'_>, mixed: &Mixed, open: Option<u8>, alike: &[Alike]) -> [f32; OF_ALL] {
    let mut f = [0.0; OF_ALL];
    let p = |i: usize| mixed.candidates.get(i).map_or(0.0, |c| c.p as f32);
    f[0] = p(0);
    f[1] = p(1);
    f[2] = mixed.rest as f32;
    for group in 0..2 {
        let first = group * ORDERS.len();
        let longest = (first..first + ORDERS.len())
            .rev()
            .find(|l| mixed.totals[*l] > 0.0);
        if let Some(l) = longest {
            f[3 + group] = (l - first + 1) as f32 / 9.0;
            f[11 + group] = log(mixed.distinct[l] as f32) / 4.0;
        }
        for o in 0..3 {
            f[5 + 3 * group + o] = log(mixed.totals[first + o]) / 8.0;
        }
    }
    let first = match scene.first {
        First::Any => 13,
        First::Line => 14,
        First::Blank => 15,
        First::Word(_) => 16,
    };
    f[first] = 1.0;
    f[17] = scene.typed.len().min(16) as f32 / 8.0;
    f[18] = f32::from(u8::from(scene.step > 0));
    f[19] = log(scene.on_line as f32) / 3.0;
    f[20] = f32::from(u8::from(!scene.after.is_empty()));
    f[21] = f32::from(u8::from(open.is_some()));
    if let Some(last) = scene.context.last() {
        f[22 + usize::from(scene.words.kind(*last))] = 1.0;
    }
    f[31] = log(scene.own.len() as f32) / 8.0;
    f[32] = log(scene.known.len() as f32) / 12.0;
    f[33] = log(mixed.candidates.len() as f32) / 3.0;
    if let Some(top) = alike.first() {
        f[34] = top.score as f32 / BEST;
        f[35] = f32::from(u8::from(top.mirrored.is_some()));
        let same = alike.iter().filter(|a| a.token == top.token).count();
        f[36] = same as f32 / alike.len() as f32;
    }
    f
}

/// The candidates with their probability after second thoughts, likeliest first. What is missing to one goes to all
/// tokens that are not among them.
pub fn weigh(facts: &Facts) -> Vec<(Token, f64)> {
    let mut base = [0.0f32; HIDDEN];
    base.copy_from_slice(&SIDE[OF_ALL * HIDDEN..(OF_ALL + 1) * HIDDEN]);
    dense(&mut base, &facts.all, &SIDE);
    let logit = |row: &[f32; OF_ONE]| {
        let mut h = base;
        dense(&mut h, row, &NET);
        let out = &NET[OF_ONE * HIDDEN..];
        let deep: f32 = h.iter().zip(out).map(|(h, w)| h.max(0.0) * w).sum();
        4.0 * row[0] + deep
    };
    let mut gate = [0.0f32; HIDDEN];
    gate.copy_from_slice(&GATE[OF_ALL * HIDDEN..(OF_ALL + 1) * HIDDEN]);
    dense(&mut gate, &facts.all, &GATE);
    let out = &GATE[(OF_ALL + 1) * HIDDEN..];
    let deep: f32 = gate.iter().zip(out).map(|(h, w)| h.max(0.0) * w).sum();
    let other = f64::from(facts.all[2].max(1e-6).ln() + deep);
    let logits: Vec<f64> = facts.one.iter().map(|r| f64::from(logit(r))).collect();
    let most = logits.iter().copied().fold(other, f64::max);
    let sum: f64 = (other - most).exp() + logits.iter().map(|l| (l - most).exp()).sum::<f64>();
    let probability = |l: &f64| (l - most).exp() / sum;
    let mut out: Vec<(Token, f64)> = facts
        .tokens
        .iter()
        .copied()
        .zip(logits.iter().map(probability))
        .collect();
    out.sort_by(|a, b| b.1.total_cmp(&a.1));
    out
}

/// Adds a row times a matrix (row-major, one row of `HIDDEN` an input); most inputs are zero.
fn dense(h: &mut [f32; HIDDEN], row: &[f32], matrix: &[f32]) {
    for (x, w) in row.iter().zip(matrix.chunks_exact(HIDDEN)) {
        if *x != 0.0 {
            for (h, w) in h.iter_mut().zip(w) {
                *h += x * w;
            }
        }
    }
}

const _: () = assert!(OF_ONE == 40 + KINDS && LEVELS == 18);
