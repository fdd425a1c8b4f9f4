//! What was changed lately, as a person sees it: keystrokes that go on from each other are one revision, kept with the text before it.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use super::Document;

/// Revisions that are remembered.
const KEPT: usize = 8;
/// Bytes that one revision may take away or bring; more is no edit that others follow from.
const CAP: usize = 16 << 10;
/// Bytes at the end of an insertion in which it is gone on with: an editor's own pairs.
const TIP: usize = 8;
/// Bytes on one line that may stand between two revisions of one deed.
const NEAR: usize = 80;

/// One change of the text, and the document before it.
#[derive(Debug, Clone)]
struct Revision {
    before: Arc<Document>,
    /// What went, in bytes of the text before.
    old: Range<usize>,
    /// Where what came ends, in bytes of the text after; it starts where `old` does.
    new_end: usize,
    /// Where somebody who goes on with it works: the end of what came last.
    tip: Range<usize>,
    at: Instant,
}

/// The last revisions of a document, the newest last. A clone costs a few reference counts.
#[derive(Debug, Clone, Default)]
pub struct History(VecDeque<Revision>);

/// Something that was done: one revision, or several that stand on one line.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The document before it.
    pub before: Arc<Document>,
    /// The document right after it.
    pub after: Arc<Document>,
    /// What went, in bytes of the text before.
    pub old: Range<usize>,
    /// What came, in bytes of the text after.
    pub new: Range<usize>,
    /// Where that is in the text of now.
    pub now: Range<usize>,
    /// When it was last worked on.
    pub at: Instant,
}

impl Deed {
    /// The text that went.
    pub fn went(&self) -> String {
        self.before.text.bytes(self.old.clone())
    }

    /// The text that came.
    pub fn came(&self) -> String {
        self.after.text.bytes(self.new.clone())
    }
}

impl History {
    /// The text is about to change: `old` goes and `width` bytes come. `before` gives the document as it is.
    pub fn note(&mut self, old: Range<usize>, width: usize, before: impl FnOnce() -> Document) {
        if old.len() > CAP || width > CAP {
            self.0.clear();
            return;
        }
        let now = Instant::now();
        let new_end = old.start + width;
        let tip = old.start.max(new_end.saturating_sub(TIP))..new_end;
        if let Some(last) = self.0.back_mut()
            && old.start <= last.tip.end
            && old.end >= last.tip.start
        {
            let (over, under) = (
                old.end.saturating_sub(last.new_end),
                last.old.start.saturating_sub(old.start),
            );
            last.old = last.old.start - under..last.old.end + over;
            last.new_end = last.new_end.max(old.end) - old.len() + width;
            last.tip = tip;
            last.at = now;
            return;
        }
        self.0.push_back(Revision {
            before: Arc::new(before()),
            old,
            new_end,
            tip,
            at: now,
        });
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// The trees of the texts before go; they are made anew when somebody asks.
    pub fn forget_trees(&mut self) {
        for revision in &mut self.0 {
            Arc::make_mut(&mut revision.before).syntax = Arc::default();
        }
    }

    /// What was done, the newest first; what came to nothing is left out. `now` is the document that this history is of.
    pub fn deeds(&self, now: &Arc<Document>) -> Vec<Deed> {
        let mut deeds: Vec<Deed> = Vec::new();
        for (index, revision) in self.0.iter().enumerate() {
            let later = self.0.range(index + 1..);
            let after = later.clone().next().map_or(now, |next| &next.before);
            let new = revision.old.start..revision.new_end;
            deeds.push(Deed {
                before: revision.before.clone(),
                after: after.clone(),
                old: revision.old.clone(),
                now: later.fold(new.clone(), |span, next| next.moved(&span)),
                new,
                at: revision.at,
            });
        }
        deeds.retain(|deed| deed.went() != deed.came());
        deeds.reverse();
        deeds
    }

    /// The same, but what was done on one line, piece by piece, is one deed.
    pub fn gathered(&self, now: &Arc<Document>) -> Vec<Deed> {
        let mut gathered: Vec<Deed> = Vec::new();
        for deed in self.deeds(now) {
            // `deed` is the older one: what came by it, as the newer one found it.
            match gathered.last_mut() {
                Some(newer)
                    if Arc::ptr_eq(&deed.after, &newer.before)
                        && near(&newer.before, &deed.new, &newer.old) =>
                {
                    *newer = joined(&deed, newer);
                }
                _ => gathered.push(deed),
            }
        }
        gathered.retain(|deed| deed.went() != deed.came());
        gathered
    }
}

/// Two deeds in a row as one.
fn joined(older: &Deed, newer: &Deed) -> Deed {
    // All in the text between them, then carried to both sides.
    let middle = older.new.start.min(newer.old.start)..older.new.end.max(newer.old.end);
    let old = middle.start..middle.end - older.new.len() + older.old.len();
    let new = middle.start..middle.end - newer.old.len() + newer.new.len();
    let (start, end) = (
        older.now.start.min(newer.now.start),
        older.now.end.max(newer.now.end),
    );
    Deed {
        before: older.before.clone(),
        after: newer.after.clone(),
        old,
        new,
        now: start..end,
        at: newer.at,
    }
}

/// Whether two spans of a text stand on one line, close to each other.
fn near(document: &Document, one: &Range<usize>, other: &Range<usize>) -> bool {
    let gap = one
        .start
        .max(other.start)
        .saturating_sub(one.end.min(other.end));
    let whole = one.start.min(other.start)..one.end.max(other.end);
    gap <= NEAR && whole.len() <= 4 * NEAR && !document.text.bytes(whole).contains('\n')
}

impl Revision {
    /// Where a span of the text before this revision is after it; one that it meets holds what came.
    fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let moved = |at: usize| at - self.old.len() + (self.new_end - self.old.start);
        if span.end <= self.old.start {
            span.clone()
        } else if span.start >= self.old.end {
            moved(span.start)..moved(span.end)
        } else {
            span.start.min(self.old.start)..moved(span.end.max(self.old.end))
        }
    }
}

#[cfg(test)]
mod tests {
    use nextline_protocol::document::{Change, Item, Position, Range as LspRange};

    use super::*;
    use crate::text::Encoding;

    fn check(
        text: &str,
        edits: &[(usize, usize, &str)],
        wanted: &[(&str, &str, &str)],
        gathered: usize,
    ) {
        let mut document = Document::new(Item {
            text: text.into(),
            ..Item::default()
        });
        for (start, end, with) in edits {
            let at = |byte: &usize| {
                let (line, character) = document.text.row_column(crate::text::Byte(*byte));
                Position {
                    line: line as u32,
                    character: character as u32,
                }
            };
            let range = Some(LspRange {
                start: at(start),
                end: at(end),
            });
            let change = Change {
                range,
                text: (*with).into(),
            };
            document.change(None, &[change], Encoding::Utf8).unwrap();
        }
        let document = Arc::new(document);
        let deeds = document.history.deeds(&document);
        let found: Vec<_> = deeds
            .iter()
            .map(|deed| {
                (
                    deed.went(),
                    deed.came(),
                    document.text.bytes(deed.now.clone()),
                )
            })
            .collect();
        let wanted: Vec<_> = wanted
            .iter()
            .map(|(old, new, now)| ((*old).to_owned(), (*new).to_owned(), (*now).to_owned()))
            .collect();
        assert_eq!(found, wanted, "{text:?} {edits:?}");
        assert_eq!(
            document.history.gathered(&document).len(),
            gathered,
            "{edits:?}"
        );
    }

    #[test]
    fn keystrokes_are_one_deed_and_places_follow_the_text() {
        // Typed letter by letter over a word that was taken away.
        check(
            "let abc = 1;\n",
            &[(4, 7, ""), (4, 4, "x"), (5, 5, "y")],
            &[("abc", "xy", "xy")],
            1,
        );
        // Backspace beyond what was typed.
        check(
            "let abc = 1;\n",
            &[(7, 7, "d"), (6, 8, "")],
            &[("c", "", "")],
            1,
        );
        // What was undone is no deed.
        check("let abc = 1;\n", &[(7, 7, "d"), (7, 8, "")], &[], 0);
        // Inside of what was just pasted.
        let block = "let one = 1;\nlet two = one;\n";
        check(
            "",
            &[(0, 0, block), (4, 7, "a")],
            &[
                ("one", "a", "a"),
                ("", block, "let a = 1;\nlet two = one;\n"),
            ],
            2,
        );
        // Two places; the first moves.
        check(
            "a\nb\n",
            &[(2, 3, "B"), (0, 1, "AAA")],
            &[("a", "AAA", "AAA"), ("b", "B", "B")],
            2,
        );
        // Two places of one line are one deed when gathered.
        check(
            "assert(a == b)\n",
            &[(6, 6, "_eq"), (11, 14, ",")],
            &[(" ==", ",", ","), ("", "_eq", "_eq")],
            1,
        );
        check("abc", &[(0, 3, &"x".repeat(CAP + 1))], &[], 0);
    }

    #[test]
    fn gathered_deeds_span_what_was_done() {
        let mut document = Document::new(Item {
            text: "assert(a == b)\n".into(),
            ..Item::default()
        });
        for (start, end, with) in [(6, 6, "_eq"), (11, 14, ","), (0, 0, "debug_")] {
            let at = |character| Position { line: 0, character };
            let range = Some(LspRange {
                start: at(start),
                end: at(end),
            });
            document
                .change(
                    None,
                    &[Change {
                        range,
                        text: with.into(),
                    }],
                    Encoding::Utf8,
                )
                .unwrap();
        }
        let document = Arc::new(document);
        let deeds = document.history.gathered(&document);
        assert_eq!(deeds.len(), 1);
        assert_eq!(
            (deeds[0].went().as_str(), deeds[0].came().as_str()),
            ("assert(a ==", "debug_assert_eq(a,")
        );
        assert_eq!(
            document.text.bytes(deeds[0].now.clone()),
            "debug_assert_eq(a,"
        );
    }
}
