//! The code in a model's answer: what stands in its fence, without the words around it and without echoed lines of the file.

/// Lines of prose that may stand before bare code.
const PREAMBLE: usize = 2;

/// Letters and digits that repeated lines on one side have at least: less may be there twice by right.
const ECHO: usize = 8;

/// One fenced block of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<'t> {
    /// What stands behind the opening fence.
    pub info: &'t str,
    /// Its lines, line breaks included.
    pub text: &'t str,
    /// A closing fence was there.
    pub closed: bool,
    /// The last line with words before it.
    pub lead: &'t str,
}

/// The fenced blocks of an answer, in its order. A fence within a longer fence belongs to the text of the outer.
pub fn blocks(answer: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut open: Option<(&str, &str, usize, &str)> = None;
    let mut lead = "";
    let mut at = 0;
    for line in answer.split_inclusive('\n') {
        let next = at + line.len();
        let bare = line.trim();
        let run = fence(bare);
        match open {
            None => match run {
                Some((mark, info)) => open = Some((mark, info, next, lead)),
                None if !bare.is_empty() => lead = bare,
                None => {}
            },
            Some((mark, info, from, before)) => {
                if let Some((closing, "")) = run
                    && closing.starts_with(mark)
                {
                    found.push(Block {
                        info,
                        text: &answer[from..at],
                        closed: true,
                        lead: before,
                    });
                    (open, lead) = (None, "");
                }
            }
        }
        at = next;
    }
    if let Some((_, info, from, lead)) = open {
        found.push(Block {
            info,
            text: &answer[from..],
            closed: false,
            lead,
        });
    }
    found
}

/// The marks of a fence and what follows them.
fn fence(line: &str) -> Option<(&str, &str)> {
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let (mark, info) = line.split_at(line.len() - line.trim_start_matches(first).len());
    (mark.len() >= 3 && !(first == '`' && info.contains('`'))).then_some((mark, info.trim()))
}

/// Code that was found in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'t> {
    /// The code, whole lines.
    pub text: &'t str,
    /// It stood in a fence: the model meant it as code.
    pub fenced: bool,
}

/// The code of an answer to an edit of a file; `None` if there is none. `markdown` when the file's own text has fences.
pub fn code(answer: &str, markdown: bool) -> Option<Found<'_>> {
    if markdown && let Some(text) = wrapped(answer) {
        return Some(Found { text, fenced: true });
    }
    // The longest: smaller ones are parts that the model talks about.
    let blocks = if markdown { Vec::new() } else { blocks(answer) };
    if let Some(block) = blocks
        .iter()
        .rev()
        .max_by_key(|block| block.text.trim().len())
    {
        let text = block.text;
        return Some(Found { text, fenced: true });
    }
    let mut text = answer;
    for _ in 0..PREAMBLE {
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let bare = line.trim();
        let skipped = bare.is_empty() || is_prose(bare) && bare.ends_with(':');
        if !skipped {
            break;
        }
        text = rest;
    }
    let (text, fenced) = (text.trim_end(), false);
    (!text.trim().is_empty()).then_some(Found { text, fenced })
}

/// What one fence around the whole answer holds.
fn wrapped(answer: &str) -> Option<&str> {
    let answer = answer.trim();
    let (head, rest) = answer.split_once('\n')?;
    let (mark, info) = fence(head.trim_end())?;
    let (body, last) = rest.rsplit_once('\n').unwrap_or(("", rest));
    let inner = &rest[..(body.len() + 1).min(rest.len() - last.len())];
    // Without a sign of its own, a fence wraps only what has no fences.
    let outer = mark.len() > 3
        || ["markdown", "md"].contains(&info)
        || inner.lines().all(|line| fence(line.trim()).is_none());
    (outer && last.trim() == mark).then_some(inner)
}

/// Words rather than code: it starts with a capital and has several words.
fn is_prose(line: &str) -> bool {
    line.chars().next().is_some_and(char::is_uppercase) && line.split(' ').count() >= 2
}

/// Takes lines off the start and the end of `text` that only repeat what stands before and after the place of the edit. Lines that the
/// replaced text `old` itself begins or ends with are its own.
pub fn without_echo<'t>(text: &'t str, before: &str, old: &str, after: &str) -> &'t str {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let bare = |text: &'_ str| {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect::<Vec<_>>()
    };
    let (before, old, after, new) = (bare(before), bare(old), bare(after), bare(text));
    let most = before.len().min(new.len());
    let head = (1..=most).rev().find(|&count| {
        let echo = &new[..count];
        echo == &before[before.len() - count..] && !old.starts_with(echo)
    });
    let head = head.unwrap_or(0);
    let most = after.len().min(new.len() - head);
    let tail = (1..=most).rev().find(|&count| {
        let echo = &new[new.len() - count..];
        echo == &after[..count] && !old.ends_with(echo)
    });
    let tail = tail.unwrap_or(0);
    // A bracket alone says nothing of where it belongs; on both sides at once a word is enough.
    let words = |lines: &[String]| {
        lines
            .iter()
            .flat_map(|line| line.chars())
            .filter(|c| c.is_alphanumeric())
            .count()
    };
    let (above, below) = (words(&new[..head]), words(&new[new.len() - tail..]));
    let least = if above > 0 && below > 0 { 1 } else { ECHO };
    let head = if above >= least { head } else { 0 };
    let tail = if below >= least { tail } else { 0 };
    let end = lines.len() - tail;
    let bytes = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
    let from = bytes(&lines[..head]);
    &text[from..from + bytes(&lines[head..end])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_found_in_whatever_is_said() {
        for (answer, markdown, wanted) in [
            (
                "```rust\nfn a() {}\n```",
                false,
                Some(("fn a() {}\n", true)),
            ),
            (
                "Here it is:\n\n```rust\nfn a() {}\n```\nDone, and `b` too.",
                false,
                Some(("fn a() {}\n", true)),
            ),
            (
                "```\nx\n```\nor rather\n```\nlonger text\n```\n",
                false,
                Some(("longer text\n", true)),
            ),
            ("Use `x`:\n```py\na = 1\nb", false, Some(("a = 1\nb", true))),
            (
                "````md\n```\nx\n```\n````",
                true,
                Some(("```\nx\n```\n", true)),
            ),
            (
                "# Title\n\n```\nx\n```\n",
                true,
                Some(("# Title\n\n```\nx\n```", false)),
            ),
            ("```markdown\n# T\n```", true, Some(("# T\n", true))),
            (
                "Here is the code:\nlet a = 1;\n",
                false,
                Some(("let a = 1;", false)),
            ),
            ("    let a = 1;\n", false, Some(("    let a = 1;", false))),
            ("\n\nlet a = 1;", false, Some(("let a = 1;", false))),
            ("~~~js\na\n~~~", false, Some(("a\n", true))),
            ("   ", false, None),
            ("", false, None),
            ("```\n```", false, Some(("", true))),
        ] {
            let found = code(answer, markdown).map(|found| (found.text, found.fenced));
            assert_eq!(found, wanted, "{answer:?}");
        }
    }

    #[test]
    fn blocks_know_what_was_said_before_them() {
        let found = blocks("In `a.rs`:\n```rust\na\n```\n\n```\nb\n");
        let facts: Vec<_> = found
            .iter()
            .map(|block| (block.info, block.lead, block.closed))
            .collect();
        assert_eq!(facts, [("rust", "In `a.rs`:", true), ("", "", false)]);
    }

    #[test]
    fn echoed_lines_are_taken_off_and_own_lines_stay() {
        let before = "use std::fmt;\n\nfn first() {\n}\n";
        let after = "}\n\nfn last_of_them() {}\n";
        let old = "let a = 1;\n";
        for (text, wanted) in [
            ("let a = 2;\n", "let a = 2;\n"),
            (
                "use std::fmt;\n\nfn first() {\n}\nlet a = 2;\n",
                "let a = 2;\n",
            ),
            ("let a = 2;\n}\n\nfn last_of_them() {}\n", "let a = 2;\n"),
            (
                "fn first() {\n}\nlet a = 2;\n}\n\nfn last_of_them() {}\n",
                "let a = 2;\n",
            ),
            // A bracket alone says nothing of where it belongs.
            ("}\nlet a = 2;\n}\n", "}\nlet a = 2;\n}\n"),
        ] {
            assert_eq!(without_echo(text, before, old, after), wanted, "{text:?}");
        }
        let short = without_echo(
            "one();\ntwo(2);\nthree();\n",
            "one();\n",
            "two();\n",
            "three();\n",
        );
        assert_eq!(short, "two(2);\n");
        let doubled = "fn last_of_them() {}\n";
        assert_eq!(
            without_echo(doubled, "", doubled, doubled),
            doubled,
            "it was there already"
        );
    }
}
