//! How a document was last changed: typed, taken away, brought back, pasted, in many places. Ghost text is silent after some of these.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::text::Byte;

/// Steps that an undo may bring back.
const STEPS: usize = 16;
/// Bytes of a step above which it is not compared with others.
const STEP_CAP: usize = 4 << 10;
/// Bytes of one insertion above which nobody typed it.
const PASTED: usize = 200;
/// The same, if it has several lines.
const PASTED_LINES: usize = 80;

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// As fingers or an editor's own pairs do it.
    Typed,
    /// Text went and none came.
    Deleted,
    /// What a recent change did was taken back or done again.
    Undone,
    /// Too much at once to be typed.
    Pasted,
    /// Several places at once, as with many cursors.
    Scattered,
    /// The client sends whole texts: nothing is known.
    Whole,
}

/// The last `didChange`.
#[derive(Debug, Clone)]
pub struct LastEdit {
    /// How the text changed.
    pub kind: EditKind,
    /// When it came in.
    pub at: Instant,
    /// The end of what was inserted; the cursor of someone who types.
    pub end: Byte,
    /// What was inserted, if that is known.
    pub inserted: Arc<str>,
}

/// One ranged change.
#[derive(Debug, Clone)]
pub struct Step {
    /// Line of its start, as the client counted.
    pub line: u32,
    /// Where it began.
    pub start: Byte,
    /// What went; `None` if it was too long to be kept.
    pub removed: Option<Arc<str>>,
    /// What came; empty if it was too long to be kept.
    pub inserted: Arc<str>,
    /// Bytes that came.
    pub width: usize,
}

impl Step {
    /// A change that puts `inserted` in the place of `removed`, which is `None` if it is over what is kept.
    pub fn new(line: u32, start: Byte, removed: Option<Arc<str>>, inserted: &str) -> Step {
        let kept = if Step::keeps(inserted.len()) {
            inserted
        } else {
            ""
        };
        Step {
            line,
            start,
            removed,
            inserted: kept.into(),
            width: inserted.len(),
        }
    }

    /// True if a text of so many bytes is kept.
    pub fn keeps(bytes: usize) -> bool {
        bytes <= STEP_CAP
    }

    fn end(&self) -> Byte {
        self.start + self.width
    }

    fn takes_back(&self, other: &Step) -> bool {
        self.start == other.start
            && self.removed.as_deref() == Some(&*other.inserted)
            && other.removed.as_deref() == Some(&*self.inserted)
    }
}

/// The last changes of a document.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    last: Option<LastEdit>,
    steps: VecDeque<Step>,
}

impl Edits {
    /// The last change since the document was opened.
    pub fn last(&self) -> Option<&LastEdit> {
        self.last.as_ref()
    }

    /// Takes the steps of one `didChange`; `whole` if it replaced the whole text.
    pub fn take(&mut self, steps: Vec<Step>, whole: bool, now: Instant) {
        let last = steps.last();
        let kind = if whole || last.is_none() {
            EditKind::Whole
        } else if scattered(&steps) {
            EditKind::Scattered
        } else {
            self.kind(&steps)
        };
        self.last = Some(LastEdit {
            kind,
            at: now,
            end: last.map_or(Byte(0), Step::end),
            inserted: inserted(&steps).into(),
        });
        for step in steps {
            self.steps.push_front(step);
        }
        self.steps.truncate(STEPS);
    }

    fn kind(&self, steps: &[Step]) -> EditKind {
        let inserted = inserted(steps);
        let width: usize = steps.iter().map(|step| step.width).sum();
        let removed = steps
            .iter()
            .any(|step| step.removed.as_ref().is_none_or(|text| !text.is_empty()));
        // A letter typed again after a slip is no undo.
        let slip = !removed && inserted.chars().count() <= 1;
        let back = |step: &Step| !slip && self.steps.iter().any(|before| step.takes_back(before));
        let lines = inserted
            .trim()
            .lines()
            .filter(|line| !line.trim().is_empty());
        let several = lines.count() > 1;
        if width == 0 {
            EditKind::Deleted
        } else if steps.iter().all(back) {
            EditKind::Undone
        } else if width > PASTED || several && width > PASTED_LINES {
            EditKind::Pasted
        } else {
            EditKind::Typed
        }
    }
}

fn inserted(steps: &[Step]) -> String {
    steps.iter().map(|step| &*step.inserted).collect()
}

/// True if the steps are on several lines and do not go on from each other.
fn scattered(steps: &[Step]) -> bool {
    steps.windows(2).any(|pair| {
        let (one, next) = (&pair[0], &pair[1]);
        one.line != next.line && !(one.start <= next.start && next.start <= one.end())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(line: u32, start: usize, removed: &str, inserted: &str) -> Step {
        Step::new(line, Byte(start), Some(removed.into()), inserted)
    }

    #[test]
    fn kinds() {
        let long = "x".repeat(201);
        let block = "    let first = compute(1);\n    let second = compute(2);\n    let third = compute(3);\n";
        let cases: &[(&[Step], &[Step], EditKind)] = &[
            (&[], &[step(0, 0, "", "a")], EditKind::Typed),
            (&[], &[step(0, 0, "", "\n    ")], EditKind::Typed),
            (&[], &[step(0, 0, "pa", "parse")], EditKind::Typed),
            (&[], &[step(0, 4, "a", "")], EditKind::Deleted),
            (
                &[step(0, 4, "", "abc")],
                &[step(0, 4, "abc", "")],
                EditKind::Deleted,
            ),
            (
                &[step(0, 4, "abc", "")],
                &[step(0, 4, "", "abc")],
                EditKind::Undone,
            ),
            (
                &[step(0, 4, "ab", "cd")],
                &[step(0, 4, "cd", "ab")],
                EditKind::Undone,
            ),
            (
                &[step(0, 4, "a", "")],
                &[step(0, 4, "", "a")],
                EditKind::Typed,
            ),
            (&[], &[step(0, 4, "", &long)], EditKind::Pasted),
            (&[], &[step(0, 4, "", block)], EditKind::Pasted),
            (
                &[],
                &[step(3, 40, "", "x"), step(1, 10, "", "x")],
                EditKind::Scattered,
            ),
            (
                &[],
                &[
                    step(1, 10, "", "a"),
                    step(1, 11, "", "\n"),
                    step(2, 12, "", "b"),
                ],
                EditKind::Typed,
            ),
        ];
        for (before, now, expected) in cases {
            let mut edits = Edits::default();
            for one in *before {
                edits.take(vec![one.clone()], false, Instant::now());
            }
            edits.take(now.to_vec(), false, Instant::now());
            let kind = edits.last().map(|last| last.kind);
            assert_eq!(kind, Some(*expected), "{before:?} then {now:?}");
        }
    }
}
