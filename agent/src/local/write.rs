//! From probabilities to text: the most probable tokens, one after the other, while they are sure enough together.

use std::cmp::Reverse;
use std::time::Instant;

use super::cursor::{Cursor, First};
use super::library::Library;
use super::mix::{Mixed, Place};
use super::rank::{self, Scene};
use super::sheet::Sheet;
use super::words::{OPAQUE, Token, Words, is_break};
use super::{LocalAsk, LocalSuggestion, Silence};

/// Tokens of one suggestion at most.
const LENGTH: usize = 40;
/// Names looked at for one unfinished word at most: a single letter can begin thousands.
const NAMES: usize = 4096;
/// Characters that a token counts at least: a bracket is soon typed, but a call without its end looks unfinished.
const LEAST: usize = 4;
/// Names that no context has and that are weighed with the others.
const TOP: usize = 8;

/// All that a suggestion is written from.
pub struct Writer<'a> {
    /// Streams to count in.
    pub places: Vec<Place<'a>>,
    /// The vocabulary.
    pub words: &'a Words,
    /// Names of the workspace.
    pub library: &'a Library,
    /// The current file.
    pub sheet: &'a Sheet,
}

impl Writer<'_> {
    /// Writes on from the cursor, while the confidence does not fall under what is asked for and until the line ends, as far as is
    /// worth most; up to `most` suggestions that begin differently, likeliest first.
    ///
    /// Errors: `Unsure` if there is nothing of two characters to show, `Late` past the deadline.
    pub fn write(
        &self,
        cursor: &Cursor,
        ask: &LocalAsk<'_>,
        most: usize,
    ) -> Result<Vec<LocalSuggestion>, Silence> {
        let mut mixed = Mixed::default();
        self.first(cursor, &cursor.context, &mut mixed);
        let starts = self.weigh(cursor, &cursor.context, 0, &mut mixed);
        let mut written: Vec<LocalSuggestion> = Vec::new();
        for start in starts {
            if written.len() == most || start.1 < ask.confidence {
                break;
            }
            match self.follow(cursor, start, ask, &mut mixed) {
                Ok(s) if written.iter().all(|w| w.text != s.text) => written.push(s),
                Err(Silence::Late) if written.is_empty() => return Err(Silence::Late),
                _ => {}
            }
        }
        if written.is_empty() {
            return Err(Silence::Unsure);
        }
        Ok(written)
    }

    fn weigh(
        &self,
        cursor: &Cursor,
        context: &[Token],
        step: usize,
        mixed: &mut Mixed,
    ) -> Vec<(Token, f64)> {
        rank::weigh(&rank::facts(&self.scene(cursor, context, step), mixed))
    }

    /// Follows the likeliest tokens from a first one.
    fn follow(
        &self,
        cursor: &Cursor,
        start: (Token, f64),
        ask: &LocalAsk<'_>,
        mixed: &mut Mixed,
    ) -> Result<LocalSuggestion, Silence> {
        let mut context = cursor.context.clone();
        let mut text = String::new();
        let mut confidence = 1.0;
        let mut next = Some(start);
        let mut best = None;
        let (mut length, mut most) = (0, 0.0);
        for step in 0..LENGTH {
            if ask.deadline.is_some_and(|d| Instant::now() > d) {
                return best.ok_or(Silence::Late);
            }
            if step > 0 {
                mixed.read(&self.places, &context, false, |_| true);
                next = self.weigh(cursor, &context, step, mixed).first().copied();
            }
            let Some((token, p)) = next else { break };
            let word = self.words.of(token);
            if confidence * p < ask.confidence || token >> 1 == OPAQUE >> 1 || word.contains(hard) {
                break;
            }
            confidence *= p;
            let typed = if step == 0 { cursor.typed.len() } else { 0 };
            // What stands after the cursor is never written a second time.
            if !cursor.next.is_empty() && typed == 0 && word == cursor.next {
                break;
            }
            if is_break(token) {
                if !cursor.next.is_empty() {
                    return Err(Silence::Unsure);
                }
                break;
            }
            let before = text.chars().count();
            if token & 1 == 1 && (step > 0 || cursor.first == First::Any) {
                text.push(' ');
            }
            text.push_str(&word[typed..]);
            context.push(token);
            length += (text.chars().count() - before).max(LEAST);
            if let Some(worth) = worth(&text, length, confidence).filter(|worth| *worth > most) {
                most = worth;
                let text = text.clone();
                best = Some(LocalSuggestion { text, confidence });
            }
        }
        best.ok_or(Silence::Unsure)
    }

    /// The candidates at the cursor itself, which have to fit what is typed.
    pub fn first(&self, cursor: &Cursor, context: &[Token], mixed: &mut Mixed) {
        let typed = cursor.typed.as_str();
        match cursor.first {
            First::Any => mixed.read(&self.places, context, false, |_| true),
            First::Line => mixed.read(&self.places, context, false, |t| t & 1 == 0 && !is_break(t)),
            First::Blank => mixed.read(&self.places, context, false, |t| t & 1 == 1 || is_break(t)),
            First::Word(blank) => {
                let blank = u32::from(blank);
                mixed.read(&self.places, context, true, |t| {
                    t & 1 == blank && self.words.of(t).starts_with(typed)
                });
                self.names(typed, blank, mixed);
            }
        }
    }

    /// The place that second thoughts look at.
    pub fn scene<'a>(&'a self, cursor: &'a Cursor, context: &'a [Token], step: usize) -> Scene<'a> {
        Scene {
            words: self.words,
            context,
            on_line: cursor.on_line + step,
            after: &cursor.after,
            typed: if step == 0 { &cursor.typed } else { "" },
            first: if step == 0 { cursor.first } else { First::Any },
            step,
            known: &self.library.known,
            own: self.sheet.names(),
        }
    }

    /// Gives what no context accounts for to the names that begin as typed, and to names never seen.
    fn names(&self, typed: &str, blank: u32, mixed: &mut Mixed) {
        let all = &self.library.names;
        let from = all.partition_point(|n| self.words.text(n.0) < typed);
        let known = all[from..]
            .iter()
            .take(NAMES)
            .take_while(|n| self.words.text(n.0).starts_with(typed));
        let own = self.sheet.names().iter();
        let own = own.filter(|(w, _)| self.words.text(**w).starts_with(typed));
        let mut names: Vec<(u32, u32)> = known.copied().collect();
        // The unfinished word itself stands once in the document.
        names.extend(own.map(|(w, n)| (*w, 4 * (n - u32::from(self.words.text(*w) == typed)))));
        names.sort_unstable();
        names.dedup_by(|b, a| {
            let same = a.0 == b.0;
            if same {
                a.1 += b.1;
            }
            same
        });
        let sum: u32 = names.iter().map(|n| n.1).sum();
        let scale = mixed.rest / (f64::from(sum) + 2.0 + 0.3 * names.len() as f64);
        for c in &mut mixed.candidates {
            if let Ok(i) = names.binary_search_by_key(&(c.token >> 1), |n| n.0) {
                c.p += scale * f64::from(names[i].1);
                names[i].1 = 0;
            }
        }
        names.sort_unstable_by_key(|n| (Reverse(n.1), n.0));
        for (word, n) in names.into_iter().take(TOP).filter(|n| n.1 > 0) {
            let token = word << 1 | blank;
            if !mixed.has(token) {
                mixed.add(token, scale * f64::from(n));
            }
        }
    }
}

/// What showing a suggestion is worth: its length by the square of its probability, so that a doubtful end is left to the next key,
/// unless much follows from it. Nothing if there is too little to show.
fn worth(text: &str, length: usize, confidence: f64) -> Option<f64> {
    let shown = text.chars().filter(|c| !c.is_whitespace()).count();
    (shown >= 2).then_some(length as f64 * confidence * confidence)
}

/// Characters that editors take for line breaks, or that nobody can see.
fn hard(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubtful_end_is_left_out_unless_much_follows() {
        // The probability of each piece, given those before; how much of it is shown.
        for (pieces, shown) in [
            (&[("return", 0.95), (";", 0.6)][..], "return"),
            (&[("return", 0.95), (";", 0.95)], "return;"),
            (
                &[("self", 0.9), (".items", 0.7), (".len()", 0.98)],
                "self.items.len()",
            ),
            (&[("self", 0.9), (".x", 0.7)], "self"),
            (&[("x", 0.9)], ""),
            (&[("x", 0.9), (" ", 1.0)], ""),
        ] {
            let (mut text, mut length, mut confidence) = (String::new(), 0, 1.0);
            let mut best = (0.0, String::new());
            for (piece, p) in pieces {
                text.push_str(piece);
                length += piece.len().max(LEAST);
                confidence *= p;
                match worth(&text, length, confidence) {
                    Some(worth) if worth > best.0 => best = (worth, text.clone()),
                    _ => {}
                }
            }
            assert_eq!(best.1, shown, "{pieces:?}");
        }
    }
}
