//! What an edit changes, line by line, against the one text that it was made for; moved over what was typed meanwhile, or refused.

use std::fmt::Write;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::document::journal::Change;

/// Lines around a hunk in a unified diff.
const AROUND: usize = 3;

/// Whole lines that are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Bytes of the base text; both ends stand at the start of a line or at the end of the text. Empty for an insertion.
    pub span: Range<usize>,
    /// What stands there instead.
    pub text: String,
}

/// Hunks against one text, in its order, none touching another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch {
    hunks: Vec<Hunk>,
}

/// What was typed meanwhile meets what the edit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text was changed where the edit changes it")]
pub struct Conflict;

impl Patch {
    /// The hunks that make `text` of a span of `base`.
    pub fn between(base: &str, span: Range<usize>, text: &str) -> Patch {
        let old: Vec<&str> = base[span.clone()].split_inclusive('\n').collect();
        let new: Vec<&str> = text.split_inclusive('\n').collect();
        let mut input = InternedInput::default();
        input.update_before(old.iter().copied());
        input.update_after(new.iter().copied());
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        let starts = offsets(span.start, &old);
        let hunks = diff.hunks().map(|hunk| {
            let (from, to) = (hunk.before.start as usize, hunk.before.end as usize);
            let lines = &new[hunk.after.start as usize..hunk.after.end as usize];
            Hunk {
                span: starts[from]..starts[to],
                text: lines.concat(),
            }
        });
        Patch {
            hunks: hunks.collect(),
        }
    }

    /// True when nothing changes.
    pub fn is_empty(&self) -> bool {
        self.hunks.is_empty()
    }

    /// The hunks, in the text's order.
    pub fn hunks(&self) -> &[Hunk] {
        &self.hunks
    }

    /// The patch of some of its hunks, by their numbers from 0.
    pub fn only(&self, wanted: &[usize]) -> Patch {
        let hunks = self.hunks.iter().enumerate();
        let kept = hunks.filter(|(number, _)| wanted.contains(number));
        Patch {
            hunks: kept.map(|(_, hunk)| hunk.clone()).collect(),
        }
    }

    /// The text after the patch.
    pub fn apply(&self, base: &str) -> String {
        let mut out = String::with_capacity(base.len());
        let mut at = 0;
        for hunk in &self.hunks {
            out.push_str(&base[at..hunk.span.start]);
            out.push_str(&hunk.text);
            at = hunk.span.end;
        }
        out + &base[at..]
    }

    /// The patch that takes this one back, against the text after it.
    pub fn inverse(&self, base: &str) -> Patch {
        let mut shift = 0_isize;
        let back = |hunk: &Hunk| {
            let start = hunk.span.start.saturating_add_signed(shift);
            shift += hunk.text.len() as isize - hunk.span.len() as isize;
            Hunk {
                span: start..start + hunk.text.len(),
                text: base[hunk.span.clone()].to_owned(),
            }
        };
        Patch {
            hunks: self.hunks.iter().map(back).collect(),
        }
    }

    /// The same patch against `base` as it is after `changes`. A change that meets a hunk, or stands where it is not plain which of
    /// the two comes first, is a conflict.
    pub fn rebase(&self, base: &str, changes: &[Change]) -> Result<Patch, Conflict> {
        let mut hunks = self.hunks.clone();
        for hunk in &mut hunks {
            // At the end of a text without a last line break, more text is more of the last line.
            let closed = hunk.span.is_empty() || base.as_bytes()[hunk.span.end - 1] == b'\n';
            for change in changes {
                let Range { start, end } = hunk.span.clone();
                let before = change.old_end < start
                    || change.old_end == start && start < end && change.line_start;
                let after = change.start > end || change.start == end && start < end && closed;
                if before {
                    let moved = |at: usize| at - change.old_end + change.new_end;
                    hunk.span = moved(start)..moved(end);
                } else if !after {
                    return Err(Conflict);
                }
            }
        }
        Ok(Patch { hunks })
    }

    /// The patch as the changes that a person would have made, one after the other.
    pub fn as_changes(&self) -> Vec<Change> {
        let mut shift = 0_isize;
        let step = |hunk: &Hunk| {
            let start = hunk.span.start.saturating_add_signed(shift);
            shift += hunk.text.len() as isize - hunk.span.len() as isize;
            Change {
                start,
                old_end: start + hunk.span.len(),
                new_end: start + hunk.text.len(),
                // Hunks begin at lines.
                line_start: hunk.text.is_empty() || hunk.text.ends_with('\n'),
            }
        };
        self.hunks.iter().map(step).collect()
    }

    /// The patch as a unified diff, as `git apply` and `patch` read it; `path` stands in its head.
    pub fn unified(&self, base: &str, path: &str) -> String {
        let lines: Vec<&str> = base.split_inclusive('\n').collect();
        let starts = offsets(0, &lines);
        let line_of = |byte: usize| starts.partition_point(|start| *start < byte);
        let mut out = format!("--- a/{path}\n+++ b/{path}\n");
        let mut shift = 0_isize;
        let mut hunks = self.hunks.iter().peekable();
        while let Some(first) = hunks.next() {
            let mut group = vec![first];
            while let Some(next) = hunks.peek()
                && line_of(next.span.start) <= line_of(group[group.len() - 1].span.end) + 2 * AROUND
            {
                group.extend(hunks.next());
            }
            let from = line_of(first.span.start).saturating_sub(AROUND);
            let mut at = from;
            let (mut body, mut old, mut new) = (String::new(), 0_usize, 0_usize);
            for hunk in group {
                let (start, end) = (line_of(hunk.span.start), line_of(hunk.span.end));
                for (mark, lines) in [(' ', &lines[at..start]), ('-', &lines[start..end])] {
                    lines.iter().for_each(|line| row(&mut body, mark, line));
                    old += lines.len();
                }
                new += start - at;
                for line in hunk.text.split_inclusive('\n') {
                    row(&mut body, '+', line);
                    new += 1;
                }
                at = end;
            }
            let to = (at + AROUND).min(lines.len());
            lines[at..to]
                .iter()
                .for_each(|line| row(&mut body, ' ', line));
            (old, new) = (old + to - at, new + to - at);
            let place = |line: usize, count: usize| match count {
                // An empty side is named by the line before it.
                0 => format!("{line},0"),
                1 => format!("{}", line + 1),
                _ => format!("{},{count}", line + 1),
            };
            let there = from.saturating_add_signed(shift);
            // Writing to a string cannot fail.
            let _ = writeln!(out, "@@ -{} +{} @@", place(from, old), place(there, new));
            out.push_str(&body);
            shift += new as isize - old as isize;
        }
        out
    }
}

fn row(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// Where each line starts, and where the last one ends.
fn offsets(from: usize, lines: &[&str]) -> Vec<usize> {
    let mut at = from;
    let mut starts = vec![at];
    starts.extend(lines.iter().map(|line| {
        at += line.len();
        at
    }));
    starts
}

#[cfg(test)]
#[path = "patch_tests.rs"]
mod tests;
