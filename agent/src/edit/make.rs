//! From an answer to a patch: what the model wrote, in its place, with the file's habits; or why it is of no use.

use std::ops::Range;

use super::code::{code, without_echo};
use super::comment::documented;
use super::fit::{Habits, fit, line_break};
use super::patch::Patch;
use super::select::{DocPlace, Source};
use super::trials::tested;
use crate::prompt::edit::Verb;

/// What is to be changed, in one file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The lines that the question is about, and that the model is shown.
    pub shown: Range<usize>,
    /// Where the answer goes.
    pub place: Place,
}

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the place of these whole lines.
    Lines(Range<usize>),
    /// As the doc comment of a definition.
    Doc(DocPlace),
    /// As new tests at the end of the text, or inside its last block.
    Tests {
        /// They stand inside the last block.
        inside: bool,
    },
}

/// Lines of a file, from 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// None were named: the whole file.
    All,
    /// What stands around this line.
    Around(usize),
    /// These.
    These(usize, usize),
}

/// What lines mean for a verb; the error is a clause on why they mean nothing.
pub fn plan(verb: Verb, source: &Source<'_>, lines: Lines) -> Result<Plan, String> {
    let shown = span(source, lines)?;
    let cursor = match lines {
        Lines::Around(line) => line - 1,
        _ => source.line_of(shown.start),
    };
    let nothing = |what: &str| {
        format!(
            "line {} is in nothing that can be {what}; name a line of a function or type",
            cursor + 1
        )
    };
    Ok(match verb {
        Verb::Edit | Verb::Fix => Plan {
            place: Place::Lines(shown.clone()),
            shown,
        },
        Verb::Insert => Plan {
            place: Place::Lines(shown.end..shown.end),
            shown,
        },
        Verb::Doc => {
            let doc = source
                .documentable(cursor)
                .ok_or_else(|| nothing("documented"))?;
            let start = if doc.inside {
                doc.definition.start
            } else {
                doc.doc.start
            };
            Plan {
                shown: start..doc.definition.end,
                place: Place::Doc(doc),
            }
        }
        Verb::Test => {
            let named = match lines {
                Lines::These(..) => Some(shown),
                _ => source.testable(cursor),
            };
            Plan {
                shown: named.ok_or_else(|| nothing("tested"))?,
                place: Place::Tests { inside: true },
            }
        }
    })
}

/// The bytes of lines.
pub fn span(source: &Source<'_>, lines: Lines) -> Result<Range<usize>, String> {
    let all = source.lines();
    let last = match lines {
        Lines::All => return Ok(source.all()),
        Lines::Around(line) | Lines::These(_, line) => line,
    };
    if last > all {
        return Err(format!(
            "the file has {all} lines, and line {last} was named"
        ));
    }
    Ok(match lines {
        Lines::These(first, last) => source.selected(first - 1, last - 1),
        _ => source.around(last - 1),
    })
}

/// An answer that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Useless {
    /// No code in it.
    #[error("the answer holds no code: nothing was changed; ask in another way")]
    NoCode,
    /// Words where code is wanted.
    #[error("the answer is no code of this language: nothing was changed; ask in another way")]
    Prose,
    /// The model wrote a placeholder for code.
    #[error("the answer leaves code out ({0:?}): nothing was changed; select fewer lines")]
    Abridged(String),
    /// The same text again.
    #[error("the answer changes nothing")]
    Same,
}

/// The patch that an answer makes of `source`.
pub fn patch(plan: &Plan, source: &Source<'_>, answer: &str) -> Result<Patch, Useless> {
    let text = source.text;
    let markdown = source
        .language
        .is_some_and(|language| language.id() == "markdown");
    let found = code(answer, markdown).ok_or(Useless::NoCode)?;
    if let Some(line) = placeholder(found.text, text) {
        return Err(Useless::Abridged(line.to_owned()));
    }
    let (span, new) = match &plan.place {
        Place::Lines(span) => {
            let (before, old, after) =
                (&text[..span.start], &text[span.clone()], &text[span.end..]);
            let own = without_echo(found.text, before, old, after);
            let mut new = fit(own, &habits(source, old, indent_near(source, span)));
            if old.is_empty() && !before.is_empty() {
                let break_ = line_break(&habits(source, "", ""));
                // The blank line that the model sets it apart with.
                if own.starts_with(['\n', '\r']) {
                    new.insert_str(0, break_);
                }
                // Behind a last line without a line break.
                if !before.ends_with('\n') {
                    new = format!("{break_}{}", new.trim_end());
                }
            }
            (span.clone(), new)
        }
        Place::Doc(doc) => (doc.doc.clone(), documented(doc, source, found.text)?),
        Place::Tests { inside } => tested(source, found.text, *inside),
    };
    let patch = Patch::between(text, span, &new);
    if patch.is_empty() {
        return Err(Useless::Same);
    }
    // What did not come as code has to look like code in its place; a comment in the place of a comment always has to.
    let strict = !found.fenced || matches!(plan.place, Place::Doc(_));
    let after = patch.apply(text);
    let errors = |source: &Source<'_>| source.errors().unwrap_or(0);
    if strict && errors(&Source::new(&after, source.language)) > errors(source) {
        return Err(Useless::Prose);
    }
    Ok(patch)
}

/// How many more syntax errors a patch leaves than there were; `None` without a grammar.
pub fn new_errors(source: &Source<'_>, patch: &Patch) -> Option<usize> {
    let after = patch.apply(source.text);
    let after = Source::new(&after, source.language).errors()?;
    Some(after.saturating_sub(source.errors()?))
}

/// What an answer is fitted to in a file.
pub(super) fn habits<'a>(source: &Source<'a>, old: &'a str, indent: &'a str) -> Habits<'a> {
    Habits {
        file: source.text,
        old,
        indent,
        language: source.language,
    }
}

/// The indentation of an insertion: of the blank line itself, else of the line above it.
fn indent_near<'a>(source: &Source<'a>, span: &Range<usize>) -> &'a str {
    let own = source.margin(span.start);
    if !own.is_empty() || span.start == 0 {
        return own;
    }
    let above = source.line_of(span.start - 1);
    let above = (0..=above)
        .rev()
        .map(|line| source.span(line, line))
        .find(|line| !source.text[line.clone()].trim().is_empty());
    above.map_or("", |line| source.margin(line.start))
}

/// A line that stands for code that was left out, where the file has none such.
pub(super) fn placeholder<'t>(new: &'t str, file: &str) -> Option<&'t str> {
    let says = |line: &str| {
        let marks = ['/', '#', '*', '-', '<', '!', ';', ' ', '{', '}', '>'];
        let bare = line.trim_matches(marks).to_lowercase();
        // Of three dots alone only those in a comment: code of some languages has them.
        if bare.len() < line.len() && ["...", "…", "existing code", "unchanged"].contains(&&*bare)
        {
            return true;
        }
        let dots = bare.starts_with("...")
            || bare.starts_with('…')
            || bare.ends_with("...")
            || bare.ends_with('…');
        let words = [
            "existing",
            "unchanged",
            "rest of",
            "remaining",
            "same as before",
            "omitted",
            "other code",
            "previous code",
        ];
        dots && words.iter().any(|word| bare.contains(word))
    };
    let mut lines = new.lines().map(str::trim);
    lines.find(|line| says(line) && !file.contains(line))
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
