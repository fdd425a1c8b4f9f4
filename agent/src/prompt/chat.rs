//! Hole filling by chat models: they were not trained for it, so it is asked in words, without speaking in their place.

use super::window::{Pieces, cut};
use super::{Body, Budget, FimAsk, Message, Prompt, Role};

const OPEN: &str = "<COMPLETION>";
const CLOSE: &str = "</COMPLETION>";
const FENCE: &str = "```";
const HOLE: &str = "{{FILL_HERE}}";

const RULES: &str = "You complete code. The user shows a file with one mark {{FILL_HERE}}. Answer with exactly the text that replaces \
the mark, between <COMPLETION> and </COMPLETION>: no explanation, no Markdown fence, nothing that stands before or after the mark. \
Keep the indentation and the style of the file. Answer with an empty <COMPLETION></COMPLETION> when nothing fits.";

/// Asks a chat model for the text at the cursor. The answer needs [`Unwrap`].
pub fn hole(ask: &FimAsk<'_>, budget: Budget) -> Prompt {
    let control = [OPEN, CLOSE, HOLE].map(str::to_owned);
    let (hole, sources) = cut(ask, &control, budget, Pieces::Beside);
    let mut text = String::new();
    for piece in &hole.pieces {
        text.push_str(&format!("From `{}`:\n{}\n\n", piece.path, piece.text));
    }
    let extent = if ask.one_line {
        " Complete only the rest of this line."
    } else {
        ""
    };
    text.push_str(&format!(
        "The file `{}` ({}).{extent}\n\n{}{HOLE}{}",
        hole.path, hole.language, hole.prefix, hole.suffix
    ));
    Prompt {
        body: Body::Chat(vec![
            Message {
                role: Role::System,
                text: RULES.to_owned(),
            },
            Message {
                role: Role::User,
                text,
            },
        ]),
        stops: vec![CLOSE.to_owned()],
        max_tokens: Some(budget.max_tokens),
        folder: ask.folder.map(str::to_owned),
        sources,
        ..Prompt::default()
    }
}

/// Takes what a chat model wraps around its answer off again, while the answer arrives.
#[derive(Debug, Default)]
pub struct Unwrap {
    held: String,
    inside: bool,
    closed: bool,
    fenced: bool,
}

impl Unwrap {
    /// The part of the text so far that is certain to be the answer's own. Once the answer was closed, nothing more comes.
    pub fn feed(&mut self, text: &str) -> String {
        if self.closed {
            return String::new();
        }
        self.held.push_str(text);
        if !self.inside && !self.opened(false) {
            return String::new();
        }
        self.pass(false)
    }

    /// What was held back, at the end of the stream.
    pub fn finish(&mut self) -> String {
        if self.closed || (!self.inside && !self.opened(true)) {
            return String::new();
        }
        self.pass(true)
    }

    /// Whether the start of the answer is known; drops what stands before it.
    fn opened(&mut self, last: bool) -> bool {
        loop {
            // White space before a tag or a fence is chatter, before bare code it is indentation.
            let start = self.held.trim_start();
            if let Some(rest) = start.strip_prefix(OPEN) {
                self.held = rest.to_owned();
            } else if start.starts_with(FENCE) && !self.fenced {
                let Some(end) = start.find('\n') else {
                    return false;
                };
                self.held = start[end + 1..].to_owned();
                self.fenced = true;
                continue;
            } else if !last && (OPEN.starts_with(start) || FENCE.starts_with(start)) {
                return false;
            }
            self.inside = true;
            return true;
        }
    }

    fn pass(&mut self, last: bool) -> String {
        let close = if self.fenced { "\n```" } else { CLOSE };
        if let Some(end) = [close, CLOSE]
            .iter()
            .filter_map(|mark| self.held.find(mark))
            .min()
        {
            self.closed = true;
            self.held.truncate(end);
            return std::mem::take(&mut self.held);
        }
        let keep = if last {
            0
        } else {
            [close, CLOSE]
                .iter()
                .map(|mark| overlap(&self.held, mark))
                .max()
                .unwrap_or(0)
        };
        let rest = self.held.split_off(self.held.len() - keep);
        std::mem::replace(&mut self.held, rest)
    }
}

/// Bytes at the end of `text` that may be the start of `mark`.
fn overlap(text: &str, mark: &str) -> usize {
    (1..mark.len())
        .rev()
        .find(|&n| text.as_bytes().ends_with(&mark.as_bytes()[..n]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(answer: &str, step: usize) -> String {
        let mut unwrap = Unwrap::default();
        let letters: Vec<char> = answer.chars().collect();
        let mut out = String::new();
        for part in letters.chunks(step) {
            out.push_str(&unwrap.feed(&part.iter().collect::<String>()));
        }
        out + &unwrap.finish()
    }

    #[test]
    fn wrapping_is_taken_off_however_it_arrives() {
        for (answer, wanted) in [
            ("<COMPLETION>a + b;</COMPLETION>", "a + b;"),
            ("<COMPLETION>a + b;", "a + b;"),
            ("\n<COMPLETION>\n  x</COMPLETION> and so on", "\n  x"),
            ("a + b;", "a + b;"),
            ("  indented", "  indented"),
            ("```rust\nlet a = 1;\n```\nDone.", "let a = 1;"),
            ("```\n<COMPLETION>z</COMPLETION>\n```", "z"),
            ("<COMPLETION></COMPLETION>", ""),
            ("<COMPLETION>Vec<COMP>", "Vec<COMP>"),
            ("a < b", "a < b"),
            ("`", "`"),
            ("", ""),
        ] {
            for step in 1..=answer.len().max(1) {
                assert_eq!(unwrapped(answer, step), wanted, "{answer:?} by {step}");
            }
        }
    }

    #[test]
    fn the_hole_is_asked_without_speaking_for_the_model() {
        let ask = FimAsk {
            path: "a.rs",
            language: "rust",
            prefix: "let x = {{FILL_HERE}}",
            suffix: ";",
            pieces: &[],
            one_line: true,
            ..FimAsk::default()
        };
        let prompt = hole(
            &ask,
            Budget {
                context_tokens: 100,
                max_tokens: 9,
            },
        );
        let Body::Chat(messages) = &prompt.body else {
            panic!("{prompt:?}")
        };
        assert_eq!(messages.last().map(|m| m.role), Some(Role::User));
        assert_eq!(
            messages[1].text.matches(HOLE).count(),
            1,
            "the mark of the user's own text is gone"
        );
        assert!(messages[1].text.ends_with("let x = {{FILL_HERE}};"));
        assert_eq!(prompt.stops, [CLOSE]);
    }
}
