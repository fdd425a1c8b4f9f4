//! Markdown of a model on its way to a renderer: images and HTML become text, code stays as it is, links stay links.
//!
//! A renderer fetches what an image names, and an address can carry away what the model has read. So `![` and the start of every tag get a
//! backslash, outside of code. What is code is decided more strictly than CommonMark does: a code span ends in its line, and a fence that
//! stands inside of a list is moved to the margin, where nothing but its own mark can end it.

/// Bytes of one line that are held back for the end of a code span; a longer one is taken for text.
const HELD: usize = 4096;

/// A stream of Markdown.
#[derive(Debug, Default)]
pub struct Harmless {
    /// What may still be the start of something.
    held: String,
    /// Within a line, so that no fence can begin.
    within: bool,
    fence: Option<Fence>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Fence {
    mark: char,
    length: usize,
    /// Columns by which the block is moved to the margin.
    indent: usize,
}

/// A whole text.
pub fn whole(text: &str) -> String {
    let mut harmless = Harmless::default();
    harmless.feed(text) + &harmless.end()
}

impl Harmless {
    /// What may be shown after `text` came.
    pub fn feed(&mut self, text: &str) -> String {
        self.held.push_str(text);
        self.pass(false)
    }

    /// What was held back, at the end.
    pub fn end(&mut self) -> String {
        self.pass(true)
    }

    fn pass(&mut self, last: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let mut out = String::with_capacity(held.len());
        let mut rest = held.as_str();
        while !rest.is_empty() {
            let line = rest.find('\n').map_or(rest, |end| &rest[..=end]);
            let ended = line.ends_with('\n');
            let taken = if !self.within && !self.starts(line, ended || last) {
                0
            } else if self.fence.is_some() {
                self.code(line, ended || last, &mut out)
            } else {
                self.text(line, ended || last, &mut out)
            };
            rest = &rest[taken..];
            // A line of which a part is held goes on when more of it comes.
            if taken < line.len() {
                break;
            }
            self.within = !ended;
        }
        self.held = rest.to_owned();
        out
    }

    /// Whether enough of a line is there to know what it is.
    fn starts(&self, line: &str, whole: bool) -> bool {
        let bare = line.trim_start_matches([' ', '\t']);
        let mark = match (&self.fence, bare.chars().next()) {
            (_, None) => return whole,
            (Some(fence), Some(_)) => fence.mark,
            (None, Some(first)) => first,
        };
        let run = bare.len() - bare.trim_start_matches(mark).len();
        let maybe = matches!(mark, '`' | '~') && run > 0 && (run >= 3 || run == bare.len());
        whole || !maybe
    }

    /// A line, or more of one, inside of a fence.
    fn code(&mut self, line: &str, whole: bool, out: &mut String) -> usize {
        let Some(fence) = &self.fence else {
            return 0;
        };
        if self.within {
            out.push_str(line);
            return line.len();
        }
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let moved = &line[spaces.min(fence.indent)..];
        let bare = moved.trim_start_matches(' ');
        let marks = bare.len() - bare.trim_start_matches(fence.mark).len();
        let closes = moved.len() - bare.len() <= 3
            && marks >= fence.length
            && bare[marks..].trim().is_empty();
        if closes && whole {
            self.fence = None;
        }
        out.push_str(moved);
        line.len()
    }

    /// A line, or more of one, outside of fences. Answers how much of it is done with.
    fn text(&mut self, line: &str, whole: bool, out: &mut String) -> usize {
        if !self.within
            && let Some((fence, from)) = opening(line)
        {
            out.push_str(&line[from..]);
            self.fence = Some(fence);
            return line.len();
        }
        let mut at = 0;
        while let Some(first) = line[at..].chars().next() {
            let after = &line[at + first.len_utf8()..];
            let next = after.chars().next();
            match first {
                // What follows decides, and it has not come yet.
                '!' | '<' | '\\' if next.is_none() && !whole => break,
                '\\' if next.is_some_and(|next| next.is_ascii_punctuation()) => {
                    out.push_str(&line[at..at + 2]);
                    at += 2;
                    continue;
                }
                '!' if next == Some('[') => {
                    out.push_str("!\\[");
                    at += 2;
                    continue;
                }
                '<' if next
                    .is_some_and(|next| next.is_ascii_alphabetic() || "/!?".contains(next)) =>
                {
                    out.push('\\')
                }
                '`' => {
                    let run = line[at..].len() - line[at..].trim_start_matches('`').len();
                    match span(line, at, run) {
                        Some(end) => out.push_str(&line[at..end]),
                        None if !whole && line.len() - at < HELD => break,
                        None => (0..run).for_each(|_| out.push_str("\\`")),
                    }
                    at = span(line, at, run).unwrap_or(at + run);
                    continue;
                }
                _ => {}
            }
            out.push(first);
            at += first.len_utf8();
        }
        // A part of a line was shown: no fence can begin in the rest of it.
        self.within |= at > 0;
        at
    }
}

/// The end of a code span that begins with a run of so many marks.
fn span(line: &str, at: usize, run: usize) -> Option<usize> {
    let mut from = at + run;
    while let Some(next) = line[from..].find('`') {
        let start = from + next;
        let length = line[start..].len() - line[start..].trim_start_matches('`').len();
        if length == run {
            return Some(start + run);
        }
        from = start + length;
    }
    None
}

/// A fence that a line opens, and where the line starts without its margin.
fn opening(line: &str) -> Option<(Fence, usize)> {
    let bare = line.trim_start_matches(' ');
    let mark = bare
        .chars()
        .next()
        .filter(|mark| matches!(mark, '`' | '~'))?;
    let length = bare.len() - bare.trim_start_matches(mark).len();
    let info = &bare[length..];
    let indent = line.len() - bare.len();
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((
        Fence {
            mark,
            length,
            indent,
        },
        indent,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streamed(text: &str, step: usize) -> String {
        let mut harmless = Harmless::default();
        let letters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        for part in letters.chunks(step) {
            out.push_str(&harmless.feed(&part.iter().collect::<String>()));
        }
        out + &harmless.end()
    }

    #[test]
    fn images_and_html_become_text_and_the_rest_stays() {
        for (text, wanted) in [
            (
                "plain *words* [a](https://x.y) and 1 < 2",
                "plain *words* [a](https://x.y) and 1 < 2",
            ),
            ("![a](https://evil/?q=1)", "!\\[a](https://evil/?q=1)"),
            (
                "![a][b]\n\n[b]: https://evil",
                "!\\[a][b]\n\n[b]: https://evil",
            ),
            (
                "[![x](https://evil)](https://y)",
                "[!\\[x](https://evil)](https://y)",
            ),
            ("<img src=https://evil>", "\\<img src=https://evil>"),
            ("a </b> <!-- c --> <?p ?>", "a \\</b> \\<!-- c --> \\<?p ?>"),
            ("<https://evil>", "\\<https://evil>"),
            (
                "use `Vec<T>` and ``a ` <b>``",
                "use `Vec<T>` and ``a ` <b>``",
            ),
            ("one ` and <img>", "one \\` and \\<img>"),
            ("`a\n` <img src=x> `", "\\`a\n` <img src=x> `"),
            ("\\<img> \\\\<img>", "\\<img> \\\\\\<img>"),
            ("\\![a](b)", "\\![a](b)"),
            (
                "```html\n<img src=x>\n![a](b)\n```\n<img>",
                "```html\n<img src=x>\n![a](b)\n```\n\\<img>",
            ),
            ("````\n```\n<a>\n````\n<b>", "````\n```\n<a>\n````\n\\<b>"),
            (
                "- x\n  ```\n<img src=x>\n  ```\n<b>",
                "- x\n```\n<img src=x>\n```\n\\<b>",
            ),
            ("> ```\n> <img>", "> \\`\\`\\`\n> \\<img>"),
            ("~~~\n<a>\n~~~ x\n~~~\n<b>", "~~~\n<a>\n~~~ x\n~~~\n\\<b>"),
            ("``` a`b\n<img>", "\\`\\`\\` a\\`b\n\\<img>"),
            ("    ```\n<img>\n```\n", "```\n<img>\n```\n"),
            ("text ```\n<img>", "text \\`\\`\\`\n\\<img>"),
            ("a <", "a <"),
            ("a !", "a !"),
            ("```", "```"),
        ] {
            for step in 1..=text.len() {
                assert_eq!(streamed(text, step), wanted, "{text:?} by {step}");
            }
            assert_eq!(whole(text), wanted);
        }
    }

    #[test]
    fn nothing_is_held_longer_than_it_needs() {
        let mut harmless = Harmless::default();
        assert_eq!(harmless.feed("word"), "word");
        assert_eq!(harmless.feed(" `co"), " ");
        assert_eq!(harmless.feed("de` x"), "`code` x");
        assert_eq!(harmless.feed("\n```rust\nlet a"), "\n```rust\nlet a");
        assert_eq!(harmless.feed(" = 1;"), " = 1;");
        let long = "x".repeat(2 * HELD);
        assert!(harmless.feed(&format!("\n```\n`{long}")).len() > HELD);
    }
}
