//! Every reader of what comes from outside, fed with what nobody writes: seeds of each form, cut, repeated, spliced and flipped.
//!
//! `cargo test -p nextline --lib fuzz::` feeds each a few thousand; `NEXTLINE_FUZZ_SECONDS=60` as many as there is time for, and
//! `NEXTLINE_FUZZ_TARGET=wire` one of them alone. What fails is
//! printed as bytes: it goes into `saved` of its target and is fed first from then on.

mod targets;

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use targets::TARGETS;

/// Inputs of each target without a time.
const FEW: u64 = 3_000;
/// Bytes of an input at most.
const MOST: usize = 1 << 14;

/// One reader.
pub struct Target {
    name: &'static str,
    /// What it is made to read, one of each form.
    seeds: &'static [&'static [u8]],
    /// What it once fell over.
    saved: &'static [&'static [u8]],
    read: fn(&[u8]),
}

/// Seeded numbers (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % end.max(1)
    }
}

/// What is odd everywhere.
const ODD: &[&[u8]] = &[
    b"",
    b"\0",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    "\u{2028}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"-1",
    b"18446744073709551616",
    b"1e999",
    b"\"",
    b"\\",
    b"\\ud800",
    b"[[[[[[[[",
    b"{{{{",
    b"}",
    b"*",
    b"**/",
    b"!",
    b"=",
    b":",
    b"#",
];

fn mutated(numbers: &mut Numbers, seeds: &[&[u8]]) -> Vec<u8> {
    let mut input = seeds[numbers.below(seeds.len())].to_vec();
    for _ in 0..=numbers.below(8) {
        let at = numbers.below(input.len() + 1);
        let end = at + numbers.below(input.len() - at + 1);
        match numbers.below(8) {
            0 => input.truncate(at),
            1 => drop(input.drain(at..end)),
            2 => {
                let again = input[at..end].to_vec();
                let times = numbers.below(20);
                input.splice(at..at, again.repeat(times));
            }
            3 => {
                let other = seeds[numbers.below(seeds.len())];
                let from = numbers.below(other.len() + 1);
                input.splice(at..end, other[from..].iter().copied());
            }
            4 | 5 => {
                let odd = ODD[numbers.below(ODD.len())];
                input.splice(at..at, odd.iter().copied());
            }
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = numbers.below(256) as u8;
                }
            }
        }
        input.truncate(MOST);
    }
    input
}

/// Feeds a target; returns how many inputs it read.
fn feed(target: &Target, seconds: Option<u64>) -> u64 {
    let begun = Instant::now();
    let mut numbers = Numbers(target.name.len() as u64);
    let first = target.seeds.iter().chain(target.saved);
    let first = first.map(|seed| seed.to_vec());
    let rest = std::iter::from_fn(|| Some(mutated(&mut numbers, target.seeds)));
    let mut count = 0;
    for input in first.chain(rest) {
        let read = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
        assert!(
            read.is_ok(),
            "{} falls over b\"{}\"",
            target.name,
            input.escape_ascii()
        );
        count += 1;
        let enough = match seconds {
            None => count >= FEW,
            Some(seconds) => begun.elapsed() >= Duration::from_secs(seconds),
        };
        if enough {
            break;
        }
    }
    count
}

#[test]
fn nothing_falls_over_what_nobody_writes() {
    let seconds = std::env::var("NEXTLINE_FUZZ_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    let only = std::env::var("NEXTLINE_FUZZ_TARGET").ok();
    let wanted = |target: &&Target| only.as_deref().is_none_or(|only| only == target.name);
    let targets: Vec<_> = TARGETS.iter().filter(wanted).collect();
    assert!(!targets.is_empty(), "no target is named {only:?}");
    let (next, cores) = (AtomicUsize::new(0), std::thread::available_parallelism());
    std::thread::scope(|scope| {
        for _ in 0..cores.map_or(1, NonZero::get) {
            scope.spawn(|| {
                while let Some(target) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    eprintln!("{}: {}", target.name, feed(target, seconds));
                }
            });
        }
    });
}

#[test]
fn a_reader_that_falls_over_is_noticed() {
    let target = Target {
        name: "planted",
        seeds: &[b"ab"],
        saved: &[],
        read: |input| assert!(!input.contains(&b'\\')),
    };
    assert!(catch_unwind(|| feed(&target, None)).is_err());
}
