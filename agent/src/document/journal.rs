//! Where a document was changed, change by change, so that what was made for an older text can be moved to this one.

use std::sync::Arc;

use ropey::Rope;

/// Changes that are remembered at least, and at most twice as many.
const REMEMBERED: usize = 1024;

/// One change of a text, in bytes of the text that it found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Where it began.
    pub start: usize,
    /// Where what it took away ended.
    pub old_end: usize,
    /// Where what it brought ends.
    pub new_end: usize,
    /// A line (after `\n`) begins at `new_end`, in the text that it left.
    pub line_start: bool,
}

/// The changes of a document since it was opened; a clone costs two reference counts.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// How many there were.
    count: u64,
    recent: Chain,
    older: Chain,
}

/// Changes, the newest first.
#[derive(Debug, Clone, Default)]
struct Chain {
    head: Option<Arc<Node>>,
    length: usize,
}

#[derive(Debug)]
struct Node {
    change: Change,
    before: Option<Arc<Node>>,
}

impl Journal {
    /// How many changes there were: the mark of the text as it is.
    pub fn mark(&self) -> u64 {
        self.count
    }

    /// Notes a change.
    pub fn note(&mut self, change: Change) {
        if self.recent.length == REMEMBERED {
            self.older = std::mem::take(&mut self.recent);
        }
        self.count += 1;
        self.recent = Chain {
            head: Some(Arc::new(Node {
                change,
                before: self.recent.head.take(),
            })),
            length: self.recent.length + 1,
        };
    }

    /// The changes since a mark, oldest first; `None` when they are forgotten.
    pub fn since(&self, mark: u64) -> Option<Vec<Change>> {
        let wanted = usize::try_from(self.count.checked_sub(mark)?).ok()?;
        let mut found = Vec::with_capacity(wanted.min(2 * REMEMBERED));
        for chain in [&self.recent, &self.older] {
            let mut node = chain.head.as_deref();
            while let Some(here) = node.filter(|_| found.len() < wanted) {
                found.push(here.change);
                node = here.before.as_deref();
            }
        }
        found.reverse();
        (found.len() == wanted).then_some(found)
    }
}

impl Drop for Chain {
    // One after the other: a chain that drops itself goes as deep as it is long.
    fn drop(&mut self) {
        let mut node = self.head.take();
        while let Some(here) = node {
            node = Arc::into_inner(here).and_then(|mut here| here.before.take());
        }
    }
}

fn back(rope: &Rope) -> ropey::iter::Bytes<'_> {
    rope.bytes_at(rope.len_bytes()).reversed()
}

/// The one change that makes `new` of `old`: what differs between their common start and end. `None` when they are equal.
pub fn difference(old: &Rope, new: &Rope) -> Option<Change> {
    let same = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    if same == old.len_bytes() && same == new.len_bytes() {
        return None;
    }
    let floor = |rope: &Rope, at: usize| rope.char_to_byte(rope.byte_to_char(at));
    let start = floor(old, same).min(floor(new, same));
    let most = (old.len_bytes() - start).min(new.len_bytes() - start);
    let rest = back(old)
        .zip(back(new))
        .take(most)
        .take_while(|(one, other)| one == other)
        .count();
    // The end moves on to where a character begins in both.
    let ends = |rope: &Rope, rest: usize| {
        let at = rope.len_bytes() - rest;
        floor(rope, at) == at
    };
    let rest = (0..=rest)
        .rev()
        .find(|rest| ends(old, *rest) && ends(new, *rest))
        .unwrap_or(0);
    let new_end = new.len_bytes() - rest;
    Some(Change {
        start,
        old_end: old.len_bytes() - rest,
        new_end,
        line_start: new_end == 0 || new.byte(new_end - 1) == b'\n',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(start: usize) -> Change {
        Change {
            start,
            old_end: start,
            new_end: start + 1,
            line_start: false,
        }
    }

    #[test]
    fn changes_are_remembered_and_forgotten_in_order() {
        let mut journal = Journal::default();
        for start in 0..5000 {
            journal.note(change(start));
        }
        for back in [0, 1, 700, REMEMBERED as u64] {
            let found = journal.since(5000 - back).expect("remembered");
            let wanted: Vec<Change> = (5000 - back as usize..5000).map(change).collect();
            assert_eq!(found, wanted);
        }
        assert_eq!(journal.since(0), None);
        assert_eq!(journal.since(5001), None);
        let copy = journal.clone();
        drop(journal);
        assert!(copy.since(4900).is_some());
    }

    #[test]
    fn the_difference_is_small_and_whole_characters() {
        for (old, new, wanted) in [
            ("abc", "abc", None),
            ("abc", "axc", Some((1, 2, 2))),
            ("a", "aa", Some((1, 1, 2))),
            ("aa", "a", Some((1, 2, 1))),
            ("é", "è", Some((0, 2, 2))),
            ("xé", "x\u{a9}", Some((1, 3, 3))),
            ("", "x\n", Some((0, 0, 2))),
            ("a\nb\n", "b\n", Some((0, 2, 0))),
        ] {
            let found = difference(&Rope::from_str(old), &Rope::from_str(new));
            let found = found.map(|change| (change.start, change.old_end, change.new_end));
            assert_eq!(found, wanted, "{old:?} {new:?}");
        }
    }
}
