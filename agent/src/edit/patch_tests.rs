//! Patches against a model of their own: every byte of a text has an identity, so that nothing can be lost or doubled unseen.

use proptest::prelude::*;

use super::*;

#[test]
fn a_diff_is_what_git_reads() {
    let base = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve";
    let new = "one\ntwo\n3\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\nzero\ntwelve!";
    let patch = Patch::between(base, 0..base.len(), new);
    assert_eq!(patch.apply(base), new);
    expect_test::expect![[r#"
        --- a/a.txt
        +++ b/a.txt
        @@ -1,6 +1,6 @@
         one
         two
        -three
        +3
         four
         five
         six
        @@ -9,4 +9,5 @@
         nine
         ten
         eleven
        -twelve
        \ No newline at end of file
        +zero
        +twelve!
        \ No newline at end of file
    "#]]
    .assert_eq(&patch.unified(base, "a.txt"));
    let inserted = Patch::between("", 0..0, "a\n");
    assert_eq!(
        inserted.unified("", "n"),
        "--- a/n\n+++ b/n\n@@ -0,0 +1 @@\n+a\n"
    );
}

fn change(start: usize, old_end: usize, new_end: usize, line_start: bool) -> Change {
    Change {
        start,
        old_end,
        new_end,
        line_start,
    }
}

#[test]
fn what_touches_a_hunk_is_a_conflict() {
    let base = "a\nbb\nc\n";
    // The hunk replaces the bytes 2..5.
    let patch = Patch::between(base, 0..base.len(), "a\nBB\nc\n");
    for (what, change, start) in [
        ("a letter above", change(0, 0, 1, false), Some(3)),
        ("the line above goes", change(0, 2, 0, true), Some(0)),
        ("a line is put between", change(2, 2, 4, true), Some(4)),
        ("typed at its start", change(2, 2, 3, false), None),
        ("joined with the line above", change(1, 2, 1, false), None),
        ("typed within", change(3, 3, 4, false), None),
        ("typed at its end", change(4, 4, 5, false), None),
        ("typed on the next line", change(5, 5, 6, false), Some(2)),
        ("all of it", change(0, 7, 3, true), None),
    ] {
        let moved = patch
            .rebase(base, &[change])
            .ok()
            .map(|patch| patch.hunks()[0].span.start);
        assert_eq!(moved, start, "{what}");
    }
    let open = Patch::between("a\nb", 0..3, "a\nB");
    assert_eq!(
        open.rebase("a\nb", &[change(3, 3, 4, false)]),
        Err(Conflict),
        "more of the last line"
    );
    let insertion = Patch::between("a\nb\n", 0..4, "a\nx\nb\n");
    assert_eq!(
        insertion.rebase("a\nb\n", &[change(2, 2, 4, true)]),
        Err(Conflict),
        "which comes first?"
    );
}

/// A text whose bytes know which of the first text's they are; what was typed later is none of them.
#[derive(Clone)]
struct Model {
    bytes: Vec<(u8, Option<usize>)>,
}

impl Model {
    fn of(text: &str) -> Model {
        let bytes = text.bytes().enumerate();
        Model {
            bytes: bytes.map(|(at, byte)| (byte, Some(at))).collect(),
        }
    }

    fn type_in(&mut self, start: usize, end: usize, text: &str) -> Change {
        let new = text.bytes().map(|byte| (byte, None));
        self.bytes.splice(start..end, new);
        let new_end = start + text.len();
        Change {
            start,
            old_end: end,
            new_end,
            line_start: new_end == 0 || self.bytes[new_end - 1].0 == b'\n',
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.iter().map(|(byte, _)| *byte).collect()).unwrap()
    }

    /// The text with each hunk in the place of its own bytes; `None` if those are not whole any more.
    fn patched(&self, patch: &Patch) -> Option<String> {
        let mut bytes = self.bytes.clone();
        for hunk in patch.hunks().iter().rev() {
            let at = match hunk.span.is_empty() {
                false => {
                    let at = bytes
                        .iter()
                        .position(|(_, id)| *id == Some(hunk.span.start))?;
                    let ids = bytes
                        .get(at..at + hunk.span.len())?
                        .iter()
                        .map(|(_, id)| *id);
                    ids.eq(hunk.span.clone().map(Some)).then_some(at)?
                }
                // Between its neighbours, and nowhere else.
                true => {
                    let before = |(_, id): &(u8, Option<usize>)| {
                        hunk.span.start > 0 && *id == Some(hunk.span.start - 1)
                    };
                    let at = bytes.iter().position(before).map_or(0, |at| at + 1);
                    let next = bytes.get(at).map(|(_, id)| *id);
                    let free = next.is_none() || next == Some(Some(hunk.span.start));
                    let found = hunk.span.start == 0 || at > 0;
                    (free && found).then_some(at)?
                }
            };
            bytes.splice(
                at..at + hunk.span.len(),
                hunk.text.bytes().map(|byte| (byte, None)),
            );
        }
        String::from_utf8(bytes.into_iter().map(|(byte, _)| byte).collect()).ok()
    }
}

fn lines(most: usize) -> impl Strategy<Value = String> {
    let line = prop_oneof![Just("}"), Just(""), Just("x"), Just("let y;"), Just("  x")];
    (prop::collection::vec(line, 0..most), any::<bool>()).prop_map(|(lines, closed)| {
        let mut text = lines.join("\n");
        if closed && !text.is_empty() {
            text.push('\n');
        }
        text
    })
}

/// Keystrokes, line breaks, deletions and pastes at random places.
fn typing() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, &'static str)>> {
    let text = prop::sample::select(vec!["", "", "a", "\n", "}\n", "x\nx\n", "  "]);
    prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize, text), 0..12)
}

proptest! {
    // Some six edits a case; `NEXTLINE_EDITS=100000` makes as many.
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("NEXTLINE_EDITS").ok().and_then(|n| n.parse::<u32>().ok()).map_or(500, |n| n / 6)
    ))]

    #[test]
    fn a_rebased_patch_loses_and_doubles_nothing(base in lines(12), new in lines(12), typed in typing()) {
        let patch = Patch::between(&base, 0..base.len(), &new);
        prop_assert_eq!(patch.apply(&base), new.clone());
        prop_assert_eq!(patch.inverse(&base).apply(&new), base.clone());
        let mut model = Model::of(&base);
        let mut changes = Vec::new();
        for (at, length, text) in typed {
            let length_now = model.bytes.len();
            let start = at.index(length_now + 1);
            let end = (start + length).min(length_now);
            changes.push(model.type_in(start, end, text));
        }
        if let Ok(moved) = patch.rebase(&base, &changes) {
            let text = model.text();
            prop_assert_eq!(Some(moved.apply(&text)), model.patched(&patch));
            // Hunks stand on whole lines of the text as it is.
            for hunk in moved.hunks() {
                let at_line = |at: usize| at == 0 || at == text.len() || text.as_bytes()[at - 1] == b'\n';
                prop_assert!(at_line(hunk.span.start) && at_line(hunk.span.end));
            }
            prop_assert_eq!(moved.inverse(&text).apply(&moved.apply(&text)), text);
        }
    }
}
