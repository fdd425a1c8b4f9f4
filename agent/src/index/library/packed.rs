//! A text held small: blocks of whole lines, each packed on its own, so that a few lines cost one block.
//!
//! Within a block, runs that were there before are told by distance and length, as in the LZ77 family.

use std::ops::Range;

/// Bytes after which a block ends at the next line.
const BLOCK: usize = 16 << 10;
/// The shortest run worth telling.
const SHORTEST: usize = 4;
const SLOTS: usize = 1 << 12;

/// A packed text of whole lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Box<[u8]>,
    blocks: Box<[Block]>,
    lines: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    line: u32,
    start: u32,
    length: u32,
}

impl Packed {
    /// Packs a text. The last line needs no line break.
    pub fn new(text: &str) -> Packed {
        let mut bytes = Vec::with_capacity(text.len() / 2);
        let mut blocks = Vec::new();
        let mut slots = vec![0u32; SLOTS];
        let (mut at, mut line) = (0, 0);
        while at < text.len() {
            let end = block_end(text, at);
            blocks.push(Block {
                line,
                start: bytes.len() as u32,
                length: (end - at) as u32,
            });
            let block = &text.as_bytes()[at..end];
            line += block.iter().filter(|byte| **byte == b'\n').count() as u32;
            pack(block, &mut slots, &mut bytes);
            at = end;
        }
        Packed {
            bytes: bytes.into(),
            blocks: blocks.into(),
            lines: line + u32::from(!text.is_empty() && !text.ends_with('\n')),
        }
    }

    /// How many lines there are.
    pub fn lines(&self) -> u32 {
        self.lines
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.bytes.len() + std::mem::size_of_val(&*self.blocks)
    }

    /// The text of some lines, counted from 0; what lies beyond the end is left out.
    pub fn text(&self, lines: Range<u32>) -> String {
        let first = self
            .blocks
            .partition_point(|block| block.line <= lines.start);
        let first = first.saturating_sub(1);
        let mut out = Vec::new();
        let mut skipped = 0;
        for (at, block) in self.blocks.iter().enumerate().skip(first) {
            if block.line >= lines.end {
                break;
            }
            let end = self
                .blocks
                .get(at + 1)
                .map_or(self.bytes.len(), |next| next.start as usize);
            let from = out.len();
            unpack(
                &self.bytes[block.start as usize..end],
                block.length as usize,
                &mut out,
            );
            if from == 0 {
                skipped = line_start(&out, lines.start.saturating_sub(block.line));
            }
        }
        let length = line_start(&out[skipped..], lines.end.saturating_sub(lines.start));
        out.truncate(skipped + length);
        out.drain(..skipped);
        // What was packed was text, cut at line breaks: this is never lossy.
        String::from_utf8(out).unwrap_or_default()
    }
}

/// Where the n-th line starts, or the end.
fn line_start(bytes: &[u8], n: u32) -> usize {
    if n == 0 {
        return 0;
    }
    let mut breaks = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    breaks
        .nth(n as usize - 1)
        .map_or(bytes.len(), |(at, _)| at + 1)
}

fn block_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let from = (start + BLOCK).min(bytes.len());
    match bytes[from..].iter().position(|byte| *byte == b'\n') {
        Some(rest) => from + rest + 1,
        None => bytes.len(),
    }
}

/// Tokens: a byte `n < 128` and then `n + 1` bytes as they are; or `128 + n`, a distance in two
/// bytes and the run of `n + 4` bytes from there; `n` of 127 goes on in a further byte.
fn pack(block: &[u8], slots: &mut [u32], out: &mut Vec<u8>) {
    slots.fill(u32::MAX);
    let (mut at, mut bare) = (0, 0);
    while at + SHORTEST <= block.len() {
        let key = u32::from_le_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]]);
        let slot = &mut slots[(key.wrapping_mul(0x9E37_79B1) >> 20) as usize & (SLOTS - 1)];
        let before = std::mem::replace(slot, at as u32) as usize;
        let run = match before < at && at - before <= usize::from(u16::MAX) {
            true => same(block, before, at),
            false => 0,
        };
        if run < SHORTEST {
            at += 1;
            continue;
        }
        literal(&block[bare..at], out);
        let long = run - SHORTEST;
        out.push(128 + long.min(127) as u8);
        out.extend_from_slice(&((at - before) as u16).to_le_bytes());
        if long >= 127 {
            out.push((long - 127) as u8);
        }
        at += run;
        bare = at;
    }
    literal(&block[bare..], out);
}

fn same(block: &[u8], before: usize, at: usize) -> usize {
    let most = (block.len() - at).min(SHORTEST + 127 + 255);
    let pairs = block[before..].iter().zip(&block[at..at + most]);
    pairs.take_while(|(old, new)| old == new).count()
}

fn literal(bytes: &[u8], out: &mut Vec<u8>) {
    for part in bytes.chunks(128) {
        out.push(part.len() as u8 - 1);
        out.extend_from_slice(part);
    }
}

fn unpack(bytes: &[u8], length: usize, out: &mut Vec<u8>) {
    out.reserve(length);
    let base = out.len();
    let mut at = 0;
    while at < bytes.len() {
        let head = usize::from(bytes[at]);
        at += 1;
        if head < 128 {
            out.extend_from_slice(&bytes[at..at + head + 1]);
            at += head + 1;
            continue;
        }
        let distance = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        at += 2;
        let mut run = head - 128 + SHORTEST;
        if head == 255 {
            run += usize::from(bytes[at]);
            at += 1;
        }
        let from = out.len() - distance;
        if distance >= run {
            out.extend_from_within(from..from + run);
        } else {
            for step in 0..run {
                out.push(out[from + step]);
            }
        }
    }
    debug_assert_eq!(out.len() - base, length);
}

#[cfg(test)]
#[allow(clippy::reversed_empty_ranges, reason = "a range that is none")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines_of(text: &str, lines: Range<u32>) -> String {
        let skip = lines.start as usize;
        let take = lines.end.saturating_sub(lines.start) as usize;
        text.split_inclusive('\n').skip(skip).take(take).collect()
    }

    fn check(text: &str) {
        let packed = Packed::new(text);
        let lines = text.split_inclusive('\n').count() as u32;
        assert_eq!(packed.lines(), lines);
        assert_eq!(packed.text(0..lines), text);
        assert_eq!(packed.text(0..u32::MAX), text);
        for range in [
            0..1,
            1..3,
            lines / 2..lines / 2 + 40,
            lines..lines + 9,
            3..1,
        ] {
            assert_eq!(
                packed.text(range.clone()),
                lines_of(text, range.clone()),
                "{range:?}"
            );
        }
    }

    #[test]
    fn texts_come_back() {
        let long = (0..9000).map(|n| format!("    let name_{n} = call({}, \"ä\");\n", n % 17));
        let long: String = long.collect();
        for text in [
            "",
            "\n",
            "a",
            "a\n\nb",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
            &"x".repeat(100_000),
            &"ab\n".repeat(30_000),
            &long,
        ] {
            check(text);
        }
        assert!(Packed::new(&long).held() * 3 < long.len());
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "[ab \n(ä]{0,400}", times in 1usize..200) {
            check(&text.repeat(times));
        }
    }
}
