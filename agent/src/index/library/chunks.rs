//! A file in chunks: runs of whole lines that belong together and are short enough for a prompt.

use std::ops::Range;

use super::lines::{Line, Sort};

/// Most code lines of a chunk.
pub const MOST: usize = 20;
/// Code lines that small neighbours are merged up to: with 15 and chunks of 30, the same room finds less.
const WANTED: usize = 10;
/// A chunk is cut no shorter than this, the last one excepted.
const LEAST: usize = 4;

/// Cuts the lines into chunks, each a range of line numbers that begins and ends with code; comments and blank lines
/// between chunks belong to none. `weight` tells how good it is to cut before a line: less is better, and a line that
/// must not begin a chunk has `u16::MAX`.
pub fn split(lines: &[Line<'_>], weight: impl Fn(usize) -> u16) -> Vec<Range<u32>> {
    let code: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].sort == Sort::Code)
        .collect();
    let mut chunks = Vec::with_capacity(code.len() / WANTED + 1);
    let mut start = 0;
    while start < code.len() {
        let rest = code.len() - start;
        let length = if rest <= WANTED {
            rest
        } else {
            let most = rest.min(MOST);
            (LEAST..=most)
                .min_by_key(|length| match code.get(start + length) {
                    Some(line) => (weight(*line), length.abs_diff(WANTED)),
                    None => (0, length.abs_diff(WANTED)),
                })
                .unwrap_or(most)
        };
        let last = code[start + length - 1];
        chunks.push(code[start] as u32..last as u32 + 1);
        start += length;
    }
    chunks
}

/// How good it is to cut before a line, by its looks alone: the less it is indented the better, and never before what
/// closes or goes on.
pub fn by_indent(lines: &[Line<'_>], at: usize) -> u16 {
    let line = &lines[at];
    if line.closes() || line.text.starts_with(['.', '?', '+', '&', '|']) {
        return u16::MAX;
    }
    let after_gap = at == 0 || lines[at - 1].sort != Sort::Code;
    line.indent
        .saturating_mul(2)
        .saturating_add(u16::from(!after_gap))
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one chunk is expected")]
mod tests {
    use super::super::lines::lines;
    use super::*;

    fn chunks(text: &str) -> Vec<Range<u32>> {
        let lines = lines(text, nextline_grammars::Language::by_id("rust"));
        split(&lines, |at| by_indent(&lines, at))
    }

    #[test]
    fn small_things_are_merged_and_long_ones_cut_where_they_end() {
        let small = "fn a() {\n    b();\n}\n\n";
        let long = format!("fn a() {{\n{}}}\n\n", "    b();\n".repeat(16));
        assert_eq!(chunks(&small.repeat(3)), [0..11]);
        assert_eq!(
            chunks(&small.repeat(12)),
            [0..11, 12..23, 24..35, 36..47],
            "three functions are nearest to the wanted size"
        );
        let both = format!("{}{long}", small.repeat(3));
        assert_eq!(chunks(&both), [0..11, 12..30]);
        let huge = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(200));
        assert!(chunks(&huge).iter().all(|chunk| chunk.len() <= MOST));
        assert_eq!(chunks(""), []);
        assert_eq!(chunks("// a\n\n"), []);
    }

    #[test]
    fn every_code_line_is_in_one_chunk() {
        for seed in 0..200u64 {
            let mut state = seed;
            let text: String = (0..300)
                .map(|_| {
                    state = state
                        .wrapping_mul(6364136223846793005)
                        .wrapping_add(1442695040888963407);
                    let sorts = ["a\n", "\n", "  b\n", "// c\n", "}\n", "        d\n"];
                    sorts[(state >> 33) as usize % sorts.len()]
                })
                .collect();
            let all = lines(&text, nextline_grammars::Language::by_id("rust"));
            let chunks = chunks(&text);
            for (at, line) in all.iter().enumerate() {
                let holds = chunks.iter().filter(|chunk| chunk.contains(&(at as u32)));
                let count = holds.count();
                assert!(
                    count <= 1 && (count == 1 || line.sort != Sort::Code),
                    "{seed} {at}"
                );
            }
            assert!(chunks.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
