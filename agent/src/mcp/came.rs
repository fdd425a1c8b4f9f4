//! What came of a server: text as a person sees it, no more than was agreed, and what it offers.

use crate::project::invisible::visible;
use crate::prompt::talk::tokens;

/// What came.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// The text.
    pub text: String,
    /// Tokens of it before it was cut; `None` if it is whole.
    pub cut: Option<usize>,
    /// What else a person should know of it: what was taken out or left out.
    pub told: Vec<String>,
}

/// Something that a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The tool's name, or the resource's URI.
    pub name: String,
    /// What it is, in the server's words; one line.
    pub about: String,
    /// The names of a tool's arguments, those that it cannot do without first.
    pub arguments: Vec<String>,
}

/// Foreign words in a sentence of ours: one line, short, and as a person sees them.
pub fn shown(text: &str) -> String {
    const MOST: usize = 300;
    let (text, _) = visible(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Came {
    /// The same, without what nobody sees and within `most` tokens.
    pub fn within(mut self, most: u32) -> Came {
        let (mut text, hidden) = visible(&self.text);
        if hidden > 0 {
            let said = format!("{hidden} invisible characters were taken out");
            self.told.push(said);
        }
        let (all, most) = (tokens(&text), most as usize);
        if all > most {
            let share = text.len() as f64 * most as f64 / all as f64;
            let mut end = share as usize;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            // A whole line, if one ends near.
            end = match text[..end].rfind('\n') {
                Some(line) if line > end / 2 => line + 1,
                _ => end,
            };
            text.truncate(end);
            text.push_str("\n[cut here]\n");
            self.cut = Some(all);
        }
        Came { text, ..self }
    }
}
