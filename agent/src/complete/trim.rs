//! What a route answered to what is shown: a list of rules, in order. A clean answer passes all of them as it is.

mod ends;
pub mod head;
mod indent;
mod overlap;
mod tree;
mod wrapping;

#[cfg(test)]
mod corpus;

use super::site::Site;
use super::stop::End;
use super::stop::lex::unmatched;

/// An answer on its way through the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What goes in at the cursor. Its lines end in LF: editors that hold lines bring their own line ends, and a CR would be shown.
    pub text: String,
    /// Bytes after the cursor, on its line, that the text writes anew.
    pub over: usize,
    /// How the answer ended.
    end: End,
}

/// Changes a draft, or empties it.
type Rule = fn(&mut Draft, &Site, &[String]);

/// Every rule by its name, in order.
const RULES: &[(&str, Rule)] = &[
    ("line ends and control characters", wrapping::line_ends),
    ("control tokens", wrapping::control),
    ("extent", ends::extent),
    ("fence and echo", wrapping::head),
    ("half last line", ends::half_line),
    ("repeated words", ends::repeated_words),
    ("leading space", indent::leading),
    ("indentation", indent::style),
    ("missing indentation", indent::missing),
    ("trailing space", ends::trailing),
    ("lines below", overlap::below),
    ("rest of the line", overlap::rest),
    ("duplicated brackets", overlap::brackets),
    ("reversal", ends::reversal),
    ("tree", tree::sound),
    ("one character", ends::one_character),
];

/// Bytes of an answer above which nothing is done on the wire's task.
const PLAIN: usize = 400;

/// True for the rest of a line at its end whose brackets and quotes match: text alone can trim it, at once.
pub fn is_plain(answer: &str, site: &Site) -> bool {
    let line = answer.trim();
    site.is_plain()
        && site.after.trim().is_empty()
        && line.len() <= PLAIN
        && !line.contains(['\n', '\r', '`'])
        && unmatched(site.language, line) == (0, 0)
}

/// The answer as it may go in at the site, or the name of the rule that left nothing of it. `control`: the tokens that the model
/// speaks to itself with.
pub fn trim(
    answer: String,
    end: End,
    site: &Site,
    control: &[String],
) -> Result<Draft, &'static str> {
    let mut draft = Draft {
        text: answer,
        over: 0,
        end,
    };
    for (name, rule) in RULES {
        rule(&mut draft, site, control);
        if draft.text.trim().is_empty() {
            return Err(name);
        }
    }
    Ok(draft)
}

#[cfg(test)]
mod tests;
