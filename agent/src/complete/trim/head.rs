//! Where an answer's own text begins: behind chatter, a fence, and what stands before the cursor already.

use crate::complete::site::Site;

/// What opens and closes a block of code in Markdown.
pub const FENCE: &str = "```";
/// Most bytes of a line that announces a block of code.
const CHATTER: usize = 200;
/// Fewest letters and digits of a repeated line that tell a repetition from chance.
const TELLING: usize = 3;
/// The same where a single whole line is all that is repeated.
const TELLING_LINE: usize = 5;

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
    let Some((line, code)) = text.split_once('\n') else {
        return whole.then_some(none);
    };
    if site.quoted {
        // A comment may hold a fence of its own: its next line goes on as comment.
        if !whole && !code.contains('\n') {
            return None;
        }
        let mark = site.before.split_whitespace().next();
        if code.trim().is_empty() || mark.is_some_and(|mark| code.trim_start().starts_with(mark)) {
            return Some(none);
        }
    }
    Some(Start {
        at: answer.len() - text.len() + line.len() + 1,
        fenced: true,
    })
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
    let above: Vec<(&str, &str)> = site.written_above().collect();
    let line_at = |place: &usize| above.get(*place).map(|(_, content)| *content);
    // The places of the text above that the answer may have got to, and the best end of its repetition so far.
    let mut places: Vec<usize> = (0..=above.len()).collect();
    let (mut offset, mut repeated, mut best) = (0, Repeated::default(), 0);
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
                && repeated.is_telling(site, before)
            {
                // Where the cursor's line is blank, the answer's own line begins with its indentation.
                let blank = before.is_empty();
                best = if blank { start } else { offset - rest.len() };
            } else if !complete && before.starts_with(written) {
                return None;
            }
        }
        if !complete {
            let mut open = places.iter().filter_map(line_at);
            return (!open.any(|line| line.starts_with(content))).then_some(best);
        }
        places.retain(|place| line_at(place) == Some(content));
        if places.is_empty() {
            return Some(best);
        }
        let same = places
            .iter()
            .any(|place| above[*place].0 == line.trim_end());
        repeated.line(content, same);
        places.iter_mut().for_each(|place| *place += 1);
    }
    whole.then_some(best)
}

/// Lines that an answer repeats.
#[derive(Default)]
struct Repeated {
    lines: usize,
    /// The most letters and digits of one.
    letters: usize,
    /// The last one has the same white space before it.
    same: bool,
}

impl Repeated {
    fn line(&mut self, content: &str, same: bool) {
        self.lines += 1;
        self.letters = self.letters.max(letters(content));
        self.same = same;
    }

    /// Whether it is no coincidence: lists and tables repeat their beginnings too.
    fn is_telling(&self, site: &Site, before: &str) -> bool {
        let written = before.trim_end();
        match (self.lines, written.is_empty()) {
            (0, true) => false,
            (0, false) => {
                let list = written.ends_with(',') && !written.contains(['=', '(', '[', '{', ':']);
                let mark = site.quoted && letters(written) == 0 && written.len() > 1;
                mark || (letters(written) >= TELLING && !list)
            }
            (1, true) => {
                let mut above = site.above().map(str::trim);
                let usual = above.next() == above.next();
                self.letters >= TELLING_LINE && !usual
            }
            (lines, _) => self.letters.max(letters(written)) >= TELLING || (lines > 1 && self.same),
        }
    }
}

fn letters(line: &str) -> usize {
    line.chars().filter(|c| c.is_alphanumeric()).count()
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
            ("// a\n// $0", "```\n// b\n// ```", "```\n// b\n// ```"),
            ("// a\n// $0", "```\nb\n```", "b\n```"),
            ("// a\n// $0", "// b", "b"),
            (
                "let a = 1;\nlet b = 2;\nlet $0",
                "let a = 1;\nlet b = 2;\nlet c = 3;",
                "c = 3;",
            ),
            ("{\n    }\n}\n$0", "    }\n}\nlet", "let"),
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
