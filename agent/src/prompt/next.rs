//! Next edits asked of a model: what was changed lately, and a region of the file that is to be written anew.
//!
//! One row of `prompts/next.toml` is one family that was trained for it; any other model is asked in words (`prompts/next-1.md`).

mod row;

use super::talk::tokens;
use super::{Body, MAX_STOPS, Message, Piece, Prompt, Role, Source};

pub use row::{Row, row_of_model, rows};

/// Where the cursor of the question in words stands.
const CURSOR: &str = "{{CURSOR}}";
/// What closes the answer to it.
const CLOSE: &str = "</COMPLETION>";
/// Tokens of an answer beside those of the region.
const MORE: usize = 256;

/// An edit of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The file, relative to its workspace.
    pub path: String,
    /// Whole lines as they were.
    pub old: String,
    /// Whole lines as they became.
    pub new: String,
    /// Both as one hunk of a unified diff.
    pub diff: String,
    /// What the ledger keeps of it.
    pub source: Option<Source>,
}

/// What a next edit asks.
#[derive(Debug, Clone, Default)]
pub struct NextAsk<'a> {
    /// The file, relative to its workspace.
    pub path: &'a str,
    /// LSP language identifier.
    pub language: &'a str,
    /// Whole lines before the region; cut here.
    pub before: &'a str,
    /// The region: whole lines.
    pub region: &'a str,
    /// The cursor, in bytes of the region.
    pub cursor: usize,
    /// Whole lines behind the region; cut here.
    pub after: &'a str,
    /// `before` begins at the start of the file.
    pub from_start: bool,
    /// The region before the last edit.
    pub original: &'a str,
    /// The region's first line, counted from 1.
    pub first: u32,
    /// What was changed lately, the oldest first.
    pub history: &'a [Past],
    /// What tools complain about, one sentence each.
    pub complaints: &'a [String],
    /// Other places worth seeing, the best one first.
    pub pieces: &'a [Piece],
    /// Most tokens of the question, by our own estimate.
    pub context_tokens: u32,
    /// The file on disk, else its URI. Never sent.
    pub file: &'a str,
    /// The workspace folder that the file is in. Never sent.
    pub folder: Option<&'a str>,
}

/// What of an ask fits.
struct Cut<'a> {
    before: &'a str,
    after: &'a str,
    history: &'a [Past],
    pieces: Vec<&'a Piece>,
}

/// The question; `None` when the region alone is more than may be asked.
pub fn next(ask: &NextAsk<'_>, row: Option<&Row>) -> Option<Prompt> {
    let cut = cut(ask, row)?;
    let (body, stops) = match row {
        Some(row) => (
            Body::Text(rendered(ask, &cut, row)),
            row.stops.iter().take(MAX_STOPS).cloned().collect(),
        ),
        None => (Body::Chat(in_words(ask, &cut)), vec![CLOSE.to_owned()]),
    };
    let lines = |text: &str| u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let start = ask.first.saturating_sub(lines(cut.before));
    let mut sources = vec![Source {
        path: ask.file.to_owned(),
        lines: start..ask.first + lines(ask.region) + lines(cut.after),
        bytes: (cut.before.len() + ask.region.len() + cut.after.len()) as u64,
        rule: "cursor".into(),
    }];
    sources.extend(cut.history.iter().filter_map(|past| past.source.clone()));
    sources.extend(cut.pieces.iter().map(|piece| Source::from(*piece)));
    let room = tokens(ask.region) * 2 + MORE;
    Some(Prompt {
        body,
        stops,
        max_tokens: Some(u32::try_from(room).unwrap_or(u32::MAX)),
        purpose: "next",
        folder: ask.folder.map(str::to_owned),
        sources,
        ..Prompt::default()
    })
}

/// The region first, then the edits from the newest back, then what stands around, then what is elsewhere.
fn cut<'a>(ask: &NextAsk<'a>, row: Option<&Row>) -> Option<Cut<'a>> {
    let limit = ask.context_tokens as usize;
    // The original region is a second one.
    let mut spent = tokens(ask.region) * 2;
    spent += ask
        .complaints
        .iter()
        .map(|line| tokens(line))
        .sum::<usize>();
    if spent > limit {
        return None;
    }
    let mut from = ask.history.len();
    while from > 0 {
        let past = &ask.history[from - 1];
        let more = tokens(&past.diff).max(tokens(&past.old) + tokens(&past.new));
        if spent + more > limit {
            break;
        }
        (spent, from) = (spent + more, from - 1);
    }
    let side = (limit - spent) / 3;
    let before = super::edit::tail(ask.before, side);
    let after = super::edit::head(ask.after, side);
    spent += tokens(before) + tokens(after);
    let wanted = row.is_none_or(|row| !row.piece.is_empty());
    let mut pieces = Vec::new();
    for piece in ask.pieces.iter().filter(|_| wanted) {
        let more = tokens(&piece.text) + tokens(&piece.path);
        if spent + more <= limit {
            spent += more;
            pieces.push(piece);
        }
    }
    Some(Cut {
        before,
        after,
        history: &ask.history[from..],
        pieces,
    })
}

fn rendered(ask: &NextAsk<'_>, cut: &Cut<'_>, row: &Row) -> String {
    let clean = |text: &str| {
        row.control.iter().fold(text.to_owned(), |text, mark| {
            text.replace(mark.as_str(), "")
        })
    };
    let line = |text: &str| closed(&clean(text));
    let (head, tail) = ask.region.split_at(ask.cursor.min(ask.region.len()));
    let current = closed(&format!("{}{}{}", clean(head), row.cursor, clean(tail)));
    let history: String = cut
        .history
        .iter()
        .map(|past| {
            fill(
                &row.past,
                &[
                    ("path", &clean(&past.path)),
                    ("diff", &line(&past.diff)),
                    ("old", &line(&past.old)),
                    ("new", &line(&past.new)),
                ],
            )
        })
        .collect();
    let pieces: String = cut
        .pieces
        .iter()
        .map(|piece| {
            fill(
                &row.piece,
                &[("path", &clean(&piece.path)), ("text", &line(&piece.text))],
            )
        })
        .collect();
    let whole = cut.before.len() == ask.before.len() && ask.from_start;
    let last = ask.first
        + u32::try_from(ask.region.lines().count())
            .unwrap_or(1)
            .max(1)
        - 1;
    let around = format!(
        "{}{}{}",
        line(cut.before),
        line(ask.region),
        line(cut.after)
    );
    fill(
        &row.template,
        &[
            ("path", &clean(ask.path)),
            ("start", if whole { &row.start } else { "" }),
            ("around", &around),
            ("before", &line(cut.before)),
            ("current", &current),
            ("after", &line(cut.after)),
            ("original", &line(ask.original)),
            ("first", &ask.first.to_string()),
            ("last", &last.to_string()),
            ("history", &history),
            ("pieces", &pieces),
        ],
    )
}

/// A text that ends with a line break, unless there is nothing in it.
fn closed(text: &str) -> String {
    match text {
        "" => String::new(),
        text if text.ends_with('\n') => text.to_owned(),
        text => format!("{text}\n"),
    }
}

/// A template with its blanks filled, in one pass: what is filled in is not read again.
fn fill(template: &str, blanks: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::new(), template);
    while let Some(open) = rest.find('{') {
        let blank = blanks.iter().find(|(name, _)| {
            rest[open + 1..]
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('}'))
        });
        text.push_str(&rest[..open]);
        match blank {
            Some((name, with)) => {
                text.push_str(with);
                rest = &rest[open + name.len() + 2..];
            }
            None => {
                text.push('{');
                rest = &rest[open + 1..];
            }
        }
    }
    text + rest
}

fn in_words(ask: &NextAsk<'_>, cut: &Cut<'_>) -> Vec<Message> {
    let clean = |text: &str| text.replace(CURSOR, "");
    let mut text = String::new();
    for piece in &cut.pieces {
        text.push_str(&format!("From `{}`:\n{}\n\n", piece.path, piece.text));
    }
    if !cut.history.is_empty() {
        text.push_str("They have changed, the latest last:\n\n");
        for past in cut.history {
            text.push_str(&format!("--- {}\n{}\n", past.path, closed(&past.diff)));
        }
    }
    for line in ask.complaints {
        text.push_str(&format!("A tool complains: {line}\n"));
    }
    let (head, tail) = ask.region.split_at(ask.cursor.min(ask.region.len()));
    let region = closed(&format!("{}{CURSOR}{}", clean(head), clean(tail)));
    text.push_str(&format!(
        "The file `{}` ({}):\n\n{}<REGION>\n{region}</REGION>\n{}",
        ask.path,
        ask.language,
        closed(&clean(cut.before)),
        clean(cut.after)
    ));
    let rules = Message {
        role: Role::System,
        text: include_str!("../../prompts/next-1.md").to_owned(),
    };
    vec![
        rules,
        Message {
            role: Role::User,
            text,
        },
    ]
}

/// The region that an answer holds: without marks and cursor, with the region's own end of line.
pub fn region(answer: &str, region: &str, row: Option<&Row>) -> String {
    let mut text = answer;
    if let Some(row) = row {
        if let Some((_, rest)) = text
            .split_once(row.open.as_str())
            .filter(|_| !row.open.is_empty())
        {
            text = rest;
        }
        if !row.close.is_empty() {
            text = text.split(row.close.as_str()).next().unwrap_or(text);
        }
    }
    let marks = row.map_or_else(
        || vec![CURSOR, "<REGION>\n", "</REGION>"],
        |row| row.control.iter().map(String::as_str).collect(),
    );
    let mut text = marks
        .iter()
        .fold(text.to_owned(), |text, mark| text.replace(mark, ""));
    if row.is_none() {
        // In words the answer often begins on a line of its own.
        text = text
            .strip_prefix("\r\n")
            .or(text.strip_prefix('\n'))
            .map_or(text.clone(), str::to_owned);
    }
    let breaks = if region.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut text = text.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    let ends = region.len() - region.trim_end_matches(['\n', '\r']).len();
    text = text.replace('\n', breaks);
    text + &region[region.len() - ends..]
}

#[cfg(test)]
mod tests;
