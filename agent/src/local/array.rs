//! Positions of a token stream sorted by what stands before them, nearest first: the matches of a context of any
//! length are one range.

use std::cmp::Ordering;

use super::words::{START, Token};

/// How many tokens before a position are compared; the longest order that is asked for.
pub const DEPTH: usize = 20;

/// A range of the sorted array: first and one past the last index.
pub type Range = (u32, u32);

/// Sorts two positions by the tokens before them, then by place: a total order, so an array kept up to date is equal
/// to one built from nothing.
pub fn order(tokens: &[Token], a: u32, b: u32) -> Ordering {
    let (mut i, mut j) = (a as usize, b as usize);
    for _ in 0..DEPTH {
        i -= 1;
        j -= 1;
        let (x, y) = (tokens[i], tokens[j]);
        if x != y {
            return x.cmp(&y);
        }
        if x == START {
            break;
        }
    }
    a.cmp(&b)
}

/// The sorted array of a stream. Every file of the stream begins with `START`, and so does the stream.
///
/// Distributed by the nearest token first, then sorted part by part: little more memory than the result.
pub fn build(tokens: &[Token]) -> Vec<u32> {
    let most = tokens.iter().max().map_or(0, |t| *t as usize);
    let mut ends = vec![0u32; most + 2];
    let counted = || (1..tokens.len()).filter(|p| tokens[*p] != START);
    for p in counted() {
        ends[tokens[p - 1] as usize + 1] += 1;
    }
    for t in 1..ends.len() {
        ends[t] += ends[t - 1];
    }
    let mut sorted = vec![0u32; ends[most + 1] as usize];
    for p in counted() {
        let end = &mut ends[tokens[p - 1] as usize];
        sorted[*end as usize] = p as u32;
        *end += 1;
    }
    let mut keyed = Vec::new();
    let mut start = 0;
    for end in ends {
        let part = &mut sorted[start as usize..end.max(start) as usize];
        start = end.max(start);
        sort(tokens, part, &mut keyed);
    }
    sorted
}

/// Sorts positions that have the nearest token in common.
fn sort(tokens: &[Token], part: &mut [u32], keyed: &mut Vec<(u64, u32)>) {
    // After `START` nothing more is compared, and positions are in place already.
    if part.len() < 2 || tokens[part[0] as usize - 1] == START {
        return;
    }
    // The next two tokens packed into one number settle most comparisons without touching the stream.
    keyed.clear();
    keyed.extend(part.iter().map(|p| (next_two(tokens, *p as usize), *p)));
    keyed.sort_unstable();
    for ties in keyed.chunk_by_mut(|a, b| a.0 == b.0) {
        if ties.len() > 1 {
            ties.sort_unstable_by(|a, b| order(tokens, a.1, b.1));
        }
    }
    for (p, k) in part.iter_mut().zip(keyed) {
        *p = k.1;
    }
}

fn next_two(tokens: &[Token], at: usize) -> u64 {
    let first = tokens[at - 2];
    let second = if first == START {
        START
    } else {
        tokens[at - 3]
    };
    u64::from(first) << 32 | u64::from(second)
}

/// Narrows a range of positions which agree on the last `depth` tokens to those which have `token` before these.
pub fn narrow(tokens: &[Token], sorted: &[u32], range: Range, depth: usize, token: Token) -> Range {
    let (lo, hi) = (range.0 as usize, range.1 as usize);
    let before = |p: &u32| tokens[*p as usize - 1 - depth];
    let part = &sorted[lo..hi];
    // Long matches are few: a look at both ends settles most ranges.
    if let (Some(first), Some(last)) = (part.first(), part.last())
        && before(first) == token
        && before(last) == token
    {
        return range;
    }
    let start = part.partition_point(|p| before(p) < token);
    let len = part[start..].partition_point(|p| before(p) == token);
    ((lo + start) as u32, (lo + start + len) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_exactly_the_matches() {
        let mut seed = 1u32;
        let mut tokens = vec![START];
        for _ in 0..3000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            tokens.push(if seed >> 24 == 0 {
                START
            } else {
                2 * (1 + (seed >> 28) % 3)
            });
        }
        let sorted = build(&tokens);
        assert!(
            sorted
                .windows(2)
                .all(|w| order(&tokens, w[0], w[1]).is_lt())
        );
        for at in (30..3000).step_by(7) {
            let mut range = (0, sorted.len() as u32);
            for depth in 0..DEPTH {
                let token = tokens[at - 1 - depth];
                range = narrow(&tokens, &sorted, range, depth, token);
                let want = (depth + 1..tokens.len())
                    .filter(|p| tokens[*p] != START)
                    .filter(|p| tokens[p - depth - 1..*p] == tokens[at - depth - 1..at])
                    .count();
                assert_eq!((range.1 - range.0) as usize, want, "at {at} depth {depth}");
                if token == START {
                    break;
                }
            }
        }
    }
}
