//! Lines that a model repeats without end.

use std::hash::{BuildHasher, RandomState};

/// Lines of the longest passage whose repetition is noticed.
const PERIOD: usize = 12;
/// Fewest repeated lines that are a loop; code repeats itself too.
const LINES: usize = 8;
/// Fewest times that a passage of several lines comes again.
const TIMES: usize = 3;

/// Reads lines in their order.
#[derive(Debug, Default)]
pub struct Loops {
    hasher: RandomState,
    seen: Vec<u64>,
    /// For each period, how many of the last lines equal the one a period before.
    runs: [usize; PERIOD],
    /// For each period, whether a line of the run has a word in it.
    words: [bool; PERIOD],
}

impl Loops {
    /// Takes a line. Once the lines go round, how many of them come before the repetition.
    pub fn line(&mut self, line: &str) -> Option<usize> {
        let line = line.trim();
        let hash = self.hasher.hash_one(line);
        let word = line.chars().filter(|c| c.is_alphanumeric()).count() > 2;
        self.seen.push(hash);
        let now = self.seen.len();
        for period in 1..=PERIOD {
            let (run, words) = (&mut self.runs[period - 1], &mut self.words[period - 1]);
            let before = now.checked_sub(period + 1).map(|at| self.seen[at]);
            if before == Some(hash) {
                *run += 1;
                *words |= word;
            } else {
                (*run, *words) = (0, false);
            }
            if *words && *run >= LINES.max(period * TIMES) {
                return Some(now - *run);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&str]) -> Option<usize> {
        let mut loops = Loops::default();
        lines.iter().find_map(|line| loops.line(line))
    }

    #[test]
    fn loops_are_found_and_code_is_not() {
        assert_eq!(kept(&["foo();"; 9]), Some(1));
        assert_eq!(kept(&["foo();"; 8]), None);
        assert_eq!(kept(&["}"; 20]), None);
        assert_eq!(kept(&["a", "foo();", "bar();"].repeat(4)), Some(3));
        assert_eq!(kept(&["a", "foo();", "bar();"].repeat(3)), None);
        let long: Vec<String> = (0..200).map(|n| format!("line {n}")).collect();
        assert_eq!(
            kept(&long.iter().map(String::as_str).collect::<Vec<_>>()),
            None
        );
    }
}
