//! Where an answer belongs: the text around a cursor, as far as it decides what comes next. Offsets do not matter, so that edits
//! elsewhere in the document do no harm.

use std::hash::Hasher;

use memchr::memrchr2_iter;
use rustc_hash::FxHasher;

use crate::text::{Byte, Text};

/// Bytes before the cursor's line that must be the same.
const BEFORE: usize = 768;
/// Bytes behind the cursor that must be the same.
const AFTER: usize = 256;
/// Bytes that may be typed into one answer.
const TYPED: usize = 2 << 10;
/// Characters that editors type by themselves behind the cursor.
const CLOSERS: &str = ")]}>\"'`";

/// The place that an answer was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stem {
    /// Of the document and of what stands before the cursor's line.
    bucket: u64,
    /// The cursor's line up to the cursor.
    line: String,
    /// What stands behind the cursor.
    after: String,
}

impl Stem {
    /// Where answers of this line are kept together.
    pub fn bucket(&self) -> u64 {
        self.bucket
    }

    /// The cursor's line up to the cursor.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Bytes of memory behind it.
    pub fn bytes(&self) -> usize {
        self.line.len() + self.after.len()
    }
}

/// A cursor that may have been typed to from a stem.
pub struct Place {
    /// For the cursor's line and those above it: the bucket, and where it starts in `written`.
    lines: Vec<(u64, usize)>,
    /// The text up to the cursor.
    written: String,
    after: String,
}

/// What was typed between a stem and a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The text.
    pub text: String,
    /// What the editor has put behind the cursor meanwhile.
    pub closers: String,
}

/// The rest of an answer at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// What goes in.
    pub text: String,
    /// Bytes after the cursor, on its line, that it writes anew.
    pub over: usize,
}

impl Place {
    /// The place of `at` in the document with the number `serial`, with `lines` lines above it into which an answer may have come.
    pub fn new(serial: u64, text: &Text, at: Byte, lines: usize) -> Place {
        let line = text.line_span(text.line_of(at)).start;
        // One look at the rope serves all lines.
        let begin = text.floor(line.min(at - TYPED) - BEFORE);
        let written = text.slice(begin..at);
        let bytes = written.as_bytes();
        let line = line.0 - begin.0;
        let above = memrchr2_iter(b'\n', b'\r', &bytes[..line.saturating_sub(1)])
            .map(|end| end + 1)
            .take_while(|start| bytes.len() - start <= TYPED)
            .filter(|start| starts_line(bytes, *start));
        let first = (begin.0 == 0 && bytes.len() <= TYPED && line > 0).then_some(0);
        let starts = std::iter::once(line).chain(above).chain(first);
        let lines = starts
            .take(lines + 1)
            .map(|start| {
                let mut hasher = FxHasher::default();
                hasher.write_u64(serial);
                hasher.write(&bytes[start.saturating_sub(BEFORE)..start]);
                (hasher.finish(), start)
            })
            .collect();
        Place {
            lines,
            written,
            after: text.slice(at..at + AFTER),
        }
    }

    /// The text from the start of one of the lines to the cursor.
    fn line(&self, start: usize) -> &str {
        self.written.get(start..).unwrap_or_default()
    }

    /// The stem of an answer that is made here.
    pub fn stem(&self) -> Stem {
        let (bucket, start) = self.lines.first().copied().unwrap_or_default();
        Stem {
            bucket,
            line: self.line(start).to_owned(),
            after: self.after.clone(),
        }
    }

    /// Where answers that reach here may be kept, the cursor's line first.
    pub fn buckets(&self) -> impl Iterator<Item = u64> {
        self.lines.iter().map(|(bucket, _)| *bucket)
    }

    /// What was typed since `stem`; `None` if this is somewhere else.
    pub fn typed(&self, stem: &Stem) -> Option<Typed> {
        let (_, start) = self
            .lines
            .iter()
            .find(|(bucket, _)| *bucket == stem.bucket)?;
        let text = self.line(*start).strip_prefix(stem.line.as_str())?;
        let typed = |closers: &str| Typed {
            text: match text.contains('\r') {
                true => text.replace("\r\n", "\n"),
                false => text.to_owned(),
            },
            closers: closers.to_owned(),
        };
        if self.after == stem.after {
            return Some(typed(""));
        }
        // Brackets and quotes come in pairs.
        let width = (1..=self.after.len().min(4)).find(|width| {
            let (closers, rest) = self.after.split_at_checked(*width).unwrap_or(("", ""));
            let same = if self.after.len() < AFTER {
                rest == stem.after
            } else {
                stem.after.starts_with(rest)
            };
            !closers.is_empty() && closers.chars().all(|c| CLOSERS.contains(c)) && same
        })?;
        (!text.is_empty()).then(|| typed(&self.after[..width]))
    }
}

/// Whether a line starts at `at`, which is not the start of the text.
fn starts_line(text: &[u8], at: usize) -> bool {
    match text[at - 1] {
        b'\n' => true,
        b'\r' => text.get(at) != Some(&b'\n'),
        _ => false,
    }
}

impl Typed {
    /// What is left of an answer (the shown text, then what follows it) behind what was typed; `None` if that is not how it begins, or
    /// if nothing is left that could be shown here. `over` bytes after its stem the answer writes anew.
    pub fn rest(&self, shown: &str, more: &str, over: usize) -> Option<Rest> {
        let typed = self.text.as_str();
        let rest = if let Some(rest) = shown.strip_prefix(typed) {
            rest
        } else {
            // Behind the shown text one line at a time.
            let rest = typed
                .strip_prefix(shown)
                .and_then(|beyond| more.strip_prefix(beyond))?;
            let first = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            &rest[..rest[first..]
                .find('\n')
                .map_or(rest.len(), |end| first + end)]
        };
        let closers = self.closers.as_str();
        let (rest, over) = match rest.strip_suffix(closers) {
            Some(rest) if over == 0 || closers.is_empty() => (rest, over),
            // What the editor has put there is written anew.
            _ if in_order(closers, rest) => (rest, over + closers.len()),
            _ => return None,
        };
        let several = rest.contains('\n') && !closers.is_empty();
        (!rest.trim().is_empty() && !several).then(|| Rest {
            text: rest.to_owned(),
            over,
        })
    }

    /// True if an answer says something on a later line, behind what was typed.
    pub fn goes_on(&self, shown: &str, more: &str) -> bool {
        let beyond = self.text.strip_prefix(shown);
        let rest = beyond.and_then(|beyond| more.strip_prefix(beyond));
        rest.is_some_and(|rest| rest.contains(char::is_alphanumeric))
    }

    /// True if a model that has said `said` so far cannot come to say what was typed. Fences, echoes of the line and line breaks before
    /// the answer proper are given the benefit of the doubt.
    pub fn contradicts(&self, said: &str, line: &str) -> bool {
        let (typed, said) = (self.text.trim_start(), said.trim_start());
        let agree = |said: &str| said.starts_with(typed) || typed.starts_with(said);
        let line = line.trim_start();
        let echo = !line.is_empty() && (line.starts_with(said) || said.starts_with(line));
        !(typed.is_empty() || said.starts_with(super::trim::head::FENCE) || echo || agree(said))
    }
}

/// True if the characters of `some` occur in `text` in their order.
fn in_order(some: &str, text: &str) -> bool {
    let mut left = text.chars();
    some.chars().all(|wanted| left.any(|c| c == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(drawn: &str) -> Place {
        let at = drawn.find("$0").unwrap();
        let text = Text::from(drawn.replacen("$0", "", 1).as_str());
        Place::new(1, &text, Byte(at), 8)
    }

    #[test]
    fn what_was_typed_since() {
        let typed = |text: &str, closers: &str| Some((text.to_owned(), closers.to_owned()));
        let cases = [
            ("let a = $0;\n", "let a = $0;\n", typed("", "")),
            ("let a = $0;\n", "let a = fo$0;\n", typed("fo", "")),
            ("let a = fo$0;\n", "let a = $0;\n", None),
            ("let a = $0\nb", "let b = x$0\nb", None),
            ("f$0\n", "f(g($0))\n", typed("(g(", "))")),
            ("f$0", "f(\"$0\")", typed("(\"", "\")")),
            ("f$0\n", "f(x$0 y)\n", None),
            (
                "    a {$0\n}",
                "    a {\n        b$0\n}",
                typed("\n        b", ""),
            ),
            ("a {$0\r\n}", "a {\r\n  b$0\r\n}", typed("\n  b", "")),
            ("x\nlet a = $0", "y\nlet a = $0", None),
        ];
        for (before, now, expected) in cases {
            let found = place(now).typed(&place(before).stem());
            let found = found.map(|typed| (typed.text, typed.closers));
            assert_eq!(found, expected, "{before:?} to {now:?}");
        }
    }

    #[test]
    fn the_rest_of_an_answer() {
        let cases = [
            ("", "", "foo(1);", "", Some(("foo(1);", 0))),
            ("foo", "", "foo(1);", "", Some(("(1);", 0))),
            ("foo(1);", "", "foo(1);", "", None),
            ("fox", "", "foo(1);", "", None),
            ("foo(", ")", "foo(1)", "", Some(("1", 0))),
            ("foo(", ")", "foo(1);", "", Some(("1);", 1))),
            ("foo(", "]", "foo(1);", "", None),
            ("a\n  ", "", "a\n  b\n  c", "", Some(("b\n  c", 0))),
            ("a", "", "a", "\n  b\n  c", None),
            ("a\n", "", "a", "\n  b\n  c", Some(("  b", 0))),
            ("a\n  b\n  ", "", "a", "\n  b\n  c\n", Some(("c", 0))),
            ("a\n  x", "", "a", "\n  b", None),
        ];
        for (typed, closers, shown, more, expected) in cases {
            let typed = Typed {
                text: typed.into(),
                closers: closers.into(),
            };
            let rest = typed.rest(shown, more, 0);
            let rest = rest.as_ref().map(|rest| (rest.text.as_str(), rest.over));
            assert_eq!(rest, expected, "{typed:?} {shown:?}");
        }
    }

    #[test]
    fn what_cannot_come_any_more() {
        let cases = [
            ("", "x", "let a = ", false),
            ("fo", "", "let a = ", false),
            ("fo", "f", "let a = ", false),
            ("fo", "foo(1)", "let a = ", false),
            ("fx", "foo(1)", "let a = ", true),
            ("fx", "```rust\nf", "let a = ", false),
            ("fx", "let", "let a = ", false),
            ("fx", "let a = f", "let a = ", false),
            ("fo", "\n    foo", "    ", false),
        ];
        for (typed, said, line, expected) in cases {
            let typed = Typed {
                text: typed.into(),
                closers: String::new(),
            };
            assert_eq!(
                typed.contradicts(said, line),
                expected,
                "{typed:?} {said:?}"
            );
        }
    }
}
