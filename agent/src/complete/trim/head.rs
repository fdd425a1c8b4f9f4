//! Where an answer's own text begins: behind chatter, a fence, and what stands before the cursor already.

use crate::complete::site::Site;

/// What opens and closes a block of code in Markdown.
pub const FENCE: &str = "```";
/// Most bytes of a line that announces a block of code.
const CHATTER: usize = 200;
/// Fewest letters and digits of a repeated line that tell a repetition from chance.
const TELLING: usize = 3;
/// The same where a single whole line is all that is repeated.
const TELLING_LINE: usize = 8;

/// The start of an answer's own text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// In bytes of the answer.
    pub at: usize,
    /// A fence was opened before it.
    pub fenced: bool,
}

/// Where the answer's own text begins; `None` while more of the answer could change that. `whole`: no more will come.
pub fn head(answer: &str, site: &Site, whole: bool) -> Option<Start> {
    let wrapped = wrapping(answer, site, whole)?;
    let at = wrapped.at + echo(&answer[wrapped.at..], site, whole)?;
    Some(Start { at, ..wrapped })
}

fn wrapping(answer: &str, site: &Site, whole: bool) -> Option<Start> {
    let none = Start {
        at: 0,
        fenced: false,
    };
    if site.fenced {
        return (whole || !answer.is_empty()).then_some(none);
    }
    let mut text = answer.trim_start();
    if !whole && FENCE.starts_with(text) {
        return None;
    }
    match text.split_once('\n') {
        Some((line, rest)) if is_chatter(line) => {
            let rest = rest.trim_start();
            if !whole && FENCE.starts_with(rest) {
                return None;
            }
            if rest.starts_with(FENCE) {
                text = rest;
            }
        }
        None if !whole && text.len() < CHATTER && text.starts_with(char::is_uppercase) => {
            return None;
        }
        _ => {}
    }
    if !text.starts_with(FENCE) {
        return Some(none);
    }
    match text.find('\n') {
        Some(end) => Some(Start {
            at: answer.len() - text.len() + end + 1,
            fenced: true,
        }),
        None => whole.then_some(none),
    }
}

/// A line that announces what follows, as no line of code does: it begins with a capital letter and ends with a colon.
fn is_chatter(line: &str) -> bool {
    let line = line.trim_end();
    let spoken = line.contains(' ') && line.starts_with(|c: char| c.is_uppercase());
    spoken && line.len() < CHATTER && line.ends_with(':')
}

/// The length of what the answer repeats: the start of the cursor's line, with or without lines above it.
fn echo(text: &str, site: &Site, whole: bool) -> Option<usize> {
    let before = site.before.trim_start();
    let above: Vec<&str> = site.above.iter().map(|line| line.trim()).collect();
    let above: Vec<&str> = above.into_iter().filter(|line| !line.is_empty()).collect();
    // The places of the text above that the answer may have got to.
    let mut places: Vec<usize> = (0..=above.len()).collect();
    let (mut offset, mut repeated) = (0, 0);
    for line in text.split_inclusive('\n') {
        let complete = whole || line.ends_with('\n');
        let (content, start) = (line.trim(), offset);
        offset += line.len();
        if content.is_empty() {
            continue;
        }
        if places.contains(&above.len()) {
            let written = line.trim_start();
            if let Some(rest) = written.strip_prefix(before)
                && is_telling(site, before, &above, repeated)
            {
                // Where the cursor's line is blank, the answer's own line begins with its indentation.
                let blank = before.is_empty();
                return Some(if blank {
                    start
                } else {
                    start + line.len() - rest.len()
                });
            }
            if !complete && before.starts_with(written) {
                return None;
            }
        }
        if !complete {
            let open = places.iter().filter_map(|place| above.get(*place));
            return if open.clone().any(|line| line.starts_with(content)) {
                None
            } else {
                Some(0)
            };
        }
        places.retain(|place| above.get(*place) == Some(&content));
        places.iter_mut().for_each(|place| *place += 1);
        if places.is_empty() {
            return Some(0);
        }
        repeated += 1;
    }
    whole.then_some(0)
}

/// Whether the repeated text is long enough to be no coincidence: lists and tables repeat their beginnings too.
fn is_telling(site: &Site, before: &str, above: &[&str], repeated: usize) -> bool {
    let letters = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).count();
    let lines = &above[above.len() - repeated..];
    let most = lines.iter().map(|line| letters(line)).max().unwrap_or(0);
    let written = before.trim_end();
    match (repeated, written.is_empty()) {
        (0, true) => false,
        (0, false) => {
            let list = written.ends_with(',') && !written.contains(['=', '(', '[', '{', ':']);
            letters(written) >= TELLING && !list
        }
        (1, true) => {
            let usual = above.len() > 1 && above[above.len() - 2] == lines[0];
            most >= TELLING_LINE && !usual && site.before.trim().is_empty()
        }
        _ => most.max(letters(written)) >= TELLING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Multiline;

    #[test]
    fn what_is_not_the_answers_own() {
        let rows = [
            ("let a = $0", "b + 1;", "b + 1;"),
            ("let a = $0", "let a = 3;", "3;"),
            ("    let a = $0", "let a = 3;", "3;"),
            ("let a = $0", "```rust\nb;\n```\n", "b;\n```\n"),
            ("let a = $0", "```\nlet a = b;\n```", "b;\n```"),
            (
                "let a = $0",
                "Here is the code:\n\n```rust\nb;\n```",
                "b;\n```",
            ),
            ("let a = $0", "Some (b)", "Some (b)"),
            ("f(a);\nlet b = $0", "f(a);\nlet b = 3;", "3;"),
            (
                "call(a);\nb(c);\n\n    $0",
                "call(a);\nb(c);\n    h(c);",
                "    h(c);",
            ),
            ("long_call(a);\n$0", "long_call(a);\nh(c);", "h(c);"),
            ("f(a);\n$0", "f(a);\nh(c);", "f(a);\nh(c);"),
            ("v = (\n    None, $0", "None, None", "None, None"),
            ("    $0", "    return 1;", "    return 1;"),
            ("// ```\n// $0", "```", "```"),
        ];
        for (drawn, answer, expected) in rows {
            let site = Site::drawn("rust", drawn, Multiline::Auto);
            let start = head(answer, &site, true).unwrap();
            assert_eq!(&answer[start.at..], expected, "{drawn:?} {answer:?}");
            // What is said of a part must hold for the whole.
            for end in (0..answer.len()).filter(|end| answer.is_char_boundary(*end)) {
                if let Some(early) = head(&answer[..end], &site, false) {
                    assert_eq!(early, start, "{drawn:?} {:?}", &answer[..end]);
                }
            }
        }
    }
}
