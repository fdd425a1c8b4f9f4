//! Light Markdown for a terminal, as it streams in: bold, code, headings. Control characters of the model never reach the terminal.

const BOLD: &str = "\x1b[1m";
const CODE: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

/// A stream of Markdown on its way to a terminal.
#[derive(Debug)]
pub struct Paint {
    colours: bool,
    /// What may still turn out to be a mark: the start of a line, or a run of marks at the end of what came.
    held: String,
    /// Nothing of the line was printed yet.
    line_start: bool,
    /// The fence that closes the block of code.
    fence: Option<String>,
    /// The line is a fence or a heading: its end is a mark.
    whole_line: bool,
    /// What is left of the line is for renderers: the language of a fence.
    skipping: bool,
    bold: bool,
    code: bool,
}

impl Default for Paint {
    // Without colours where `NO_COLOR` says so (no-color.org).
    fn default() -> Self {
        let none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint::new(!none)
    }
}

impl Paint {
    fn new(colours: bool) -> Paint {
        Paint {
            colours,
            held: String::new(),
            line_start: true,
            fence: None,
            whole_line: false,
            skipping: false,
            bold: false,
            code: false,
        }
    }

    /// What can be printed after `text` came.
    pub fn feed(&mut self, text: &str) -> String {
        let printable = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
        self.held.extend(text.chars().filter(printable));
        self.pass(false)
    }

    /// What was held back, at the end.
    pub fn end(&mut self) -> String {
        let mut out = self.pass(true);
        if self.bold || self.code || self.whole_line || self.fence.is_some() {
            out.push_str(self.mark(PLAIN));
        }
        out
    }

    fn mark(&self, mark: &'static str) -> &'static str {
        if self.colours { mark } else { "" }
    }

    fn pass(&mut self, last: bool) -> String {
        let held = std::mem::take(&mut self.held);
        let mut out = String::new();
        let mut rest = held.as_str();
        while !rest.is_empty() {
            if self.line_start {
                match self.head(rest, last, &mut out) {
                    Some(after) => rest = after,
                    None => break,
                }
                continue;
            }
            if self.skipping {
                let Some(end) = rest.find('\n') else {
                    rest = "";
                    break;
                };
                self.skipping = false;
                rest = &rest[end..];
            }
            let end = rest.find(['\n', '*', '`']).unwrap_or(rest.len());
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            let run = run_of(rest);
            let (marks, after) = rest.split_at(run);
            match marks.as_bytes().first() {
                None => break,
                Some(b'\n') => self.line_end(&mut out),
                // More of the run may come.
                Some(_) if after.is_empty() && !last => break,
                Some(b'`') if self.fence.is_none() => {
                    self.code = !self.code;
                    self.bold &= !self.code;
                    out.push_str(self.mark(if self.code { CODE } else { PLAIN }));
                }
                Some(b'*') if run == 2 && self.fence.is_none() && !self.code => {
                    self.bold = !self.bold;
                    out.push_str(self.mark(if self.bold { BOLD } else { PLAIN }));
                }
                Some(_) => out.push_str(marks),
            }
            rest = after;
        }
        self.held = rest.to_owned();
        out
    }

    /// The start of a line, once it is known what it is; `None` while it is not.
    fn head<'t>(&mut self, rest: &'t str, last: bool, out: &mut String) -> Option<&'t str> {
        let content = rest.trim_start_matches([' ', '\t']);
        let mark = content.len() - content.trim_start_matches(['`', '~', '#']).len();
        let undecided = content.len() == mark && !content.contains('\n');
        if undecided && !last {
            return None;
        }
        let (run, after) = content.split_at(mark);
        let indent = &rest[..rest.len() - content.len()];
        self.line_start = false;
        let is_fence = run.len() >= 3 && !run.contains('#');
        if let Some(fence) = &self.fence {
            let closes = is_fence && run.starts_with(fence.as_str());
            if closes {
                self.fence = None;
                self.whole_line = true;
                return Some(after);
            }
            // Code stands in from its margin.
            out.push_str("    ");
            out.push_str(self.mark(CODE));
        } else if is_fence {
            self.fence = Some(run.to_owned());
            self.whole_line = true;
            self.skipping = true;
            return Some(after);
        } else if run.starts_with('#') && run.len() <= 6 && after.starts_with(' ') {
            self.whole_line = true;
            out.push_str(self.mark(BOLD));
            return Some(after.trim_start());
        }
        out.push_str(indent);
        Some(content)
    }

    fn line_end(&mut self, out: &mut String) {
        if self.fence.is_some() || self.whole_line {
            out.push_str(self.mark(PLAIN));
        }
        self.whole_line = false;
        self.line_start = true;
        out.push('\n');
    }
}

/// Bytes of the run of one mark at the start of a text; a line break is a run of its own.
fn run_of(text: &str) -> usize {
    match text.as_bytes().first() {
        None => 0,
        Some(b'\n') => 1,
        Some(first) => text.bytes().take_while(|byte| byte == first).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(text: &str, step: usize, colours: bool) -> String {
        let mut paint = Paint::new(colours);
        let letters: Vec<char> = text.chars().collect();
        let parts = letters
            .chunks(step)
            .map(|part| part.iter().collect::<String>());
        let mut out: String = parts.map(|part| paint.feed(&part)).collect();
        out += &paint.end();
        out
    }

    #[test]
    fn marks_are_painted_however_they_arrive() {
        for (text, plain, coloured) in [
            (
                "a **b** `c*` d\n",
                "a b c* d\n",
                "a \x1b[1mb\x1b[0m \x1b[36mc*\x1b[0m d\n",
            ),
            ("## Title\nx", "Title\nx", "\x1b[1mTitle\x1b[0m\nx"),
            (
                "```rust\nlet a = 2 ** 3;\n```\nafter\n",
                "\n    let a = 2 ** 3;\n\nafter\n",
                "\x1b[0m\n    \x1b[36mlet a = 2 ** 3;\x1b[0m\n\x1b[0m\nafter\n",
            ),
            (
                "* point\n  * inner\n",
                "* point\n  * inner\n",
                "* point\n  * inner\n",
            ),
            ("#define X\n", "#define X\n", "#define X\n"),
            ("\x1b[31mred\x07\n", "[31mred\n", "[31mred\n"),
        ] {
            for step in 1..=text.len() {
                assert_eq!(painted(text, step, false), plain, "{text:?} by {step}");
                assert_eq!(painted(text, step, true), coloured, "{text:?} by {step}");
            }
        }
    }
}
