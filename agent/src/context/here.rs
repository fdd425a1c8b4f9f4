//! The far parts of the current file: what the prompt does not show of it, in chunks.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use nextline_grammars::Language;

use super::ContextAsk;
use super::query::boundary;
use crate::index::library::names::{NameMap, names};
use crate::index::library::{by_indent, lines, split};

/// Bytes of either side that are read, nearest first: reading takes about a millisecond for so much.
const SIDE: usize = 128 << 10;

/// A chunk of the current file.
pub struct Far {
    /// The file.
    pub key: Arc<str>,
    /// Its lines in the file.
    pub lines: Range<u32>,
    /// Its text without comment lines.
    pub text: String,
    /// How often each name is in it.
    pub counts: NameMap<u32>,
    /// Names, repetitions counted.
    pub size: u32,
}

/// The chunks before and after what is shown.
pub fn far(ask: &ContextAsk<'_>) -> Vec<Far> {
    let language = Language::by_path(Path::new(ask.key));
    let key: Arc<str> = ask.key.into();
    let mut out = Vec::new();
    let end = boundary(ask.before, ask.before.len().saturating_sub(ask.shown.0));
    // What is shown begins within a line: that line is not shown whole.
    let end = ask.before[end..]
        .find('\n')
        .map_or(ask.before.len(), |at| end + at + 1);
    let end = if ask.shown.0 >= ask.before.len() {
        0
    } else {
        end
    };
    let start = line_after(ask.before, end.saturating_sub(SIDE));
    if start < end {
        let first = ask.before[..start]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count();
        chunks(&ask.before[start..end], first, &key, language, &mut out);
    }
    let start = boundary(ask.after, ask.shown.1.min(ask.after.len()));
    let start = ask.after[..start].rfind('\n').map_or(start, |at| at + 1);
    let stop = line_after(ask.after, (start + SIDE).min(ask.after.len()));
    if start < stop && ask.shown.1 < ask.after.len() {
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        let first = lines(ask.before) + lines(&ask.after[..start]);
        chunks(&ask.after[start..stop], first, &key, language, &mut out);
    }
    out
}

/// The start of the first line at or after a byte.
fn line_after(text: &str, byte: usize) -> usize {
    let byte = boundary(text, byte);
    if byte == 0 || byte >= text.len() || text.as_bytes()[byte - 1] == b'\n' {
        return byte;
    }
    text[byte..]
        .find('\n')
        .map_or(text.len(), |at| byte + at + 1)
}

fn chunks(
    text: &str,
    first: usize,
    key: &Arc<str>,
    language: Option<&Language>,
    out: &mut Vec<Far>,
) {
    let all = lines::lines(text, language);
    for chunk in split(&all, |at| by_indent(&all, at)) {
        let text = lines::bare(&all[chunk.start as usize..chunk.end as usize]);
        let mut counts: NameMap<u32> = NameMap::default();
        names(&text).for_each(|name| *counts.entry(name).or_default() += 1);
        out.push(Far {
            key: Arc::clone(key),
            lines: chunk.start + first as u32..chunk.end + first as u32,
            size: counts.values().sum(),
            text,
            counts,
        });
    }
}
