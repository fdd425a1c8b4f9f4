//! Where an answer ends: its line or block, a whole line, the first round of a loop; and answers not worth showing.

use super::Draft;
use crate::complete::extent::Extent;
use crate::complete::site::Site;
use crate::complete::stop::{self, End};

/// Fewest characters of a passage whose repetition is noticed.
const PASSAGE: usize = 8;
/// Most of it.
const PASSAGE_CAP: usize = 80;
/// Times that a passage comes, one after the other, in a loop.
const TIMES: usize = 6;
/// Fewest letters and digits of a deletion that an answer may not bring back.
const DELETED: usize = 3;

/// Nothing after the end of the line or block.
pub fn extent(draft: &mut Draft, site: &Site, _: &[String]) {
    if let Some((end, how)) = stop::whole(&draft.text, site) {
        draft.text.truncate(end);
        draft.end = how;
    }
}

/// The last line of an answer that was cut off, where others stand before it.
pub fn half_line(draft: &mut Draft, _: &Site, _: &[String]) {
    if draft.end == End::Half
        && let Some(end) = draft.text.rfind('\n')
        && !draft.text[..end].trim().is_empty()
    {
        draft.text.truncate(end);
    }
}

/// A passage at the end that comes again and again within a line: its first time is kept.
pub fn repeated_words(draft: &mut Draft, _: &Site, _: &[String]) {
    let line = draft.text.rfind('\n').map_or(0, |at| at + 1);
    let bytes = &draft.text.as_bytes()[line..];
    for period in PASSAGE..=PASSAGE_CAP.min(bytes.len() / TIMES) {
        let equal = bytes.iter().rev().zip(bytes.iter().rev().skip(period));
        let run = equal.take_while(|(a, b)| a == b).count();
        let passage = &bytes[bytes.len() - period..];
        let words = passage.split(|byte| !byte.is_ascii_alphabetic());
        if run + period >= period * TIMES && words.filter(|word| word.len() > 2).count() > 1 {
            let end = line + bytes.len() - run;
            draft.text.truncate(stop::floor(&draft.text, end));
            return;
        }
    }
}

/// Blanks at the end, and line breaks.
pub fn trailing(draft: &mut Draft, site: &Site, _: &[String]) {
    if site.extent == Extent::Line {
        let blank = site.before.trim().is_empty();
        let text = if blank {
            draft.text.trim_start_matches('\n')
        } else {
            &draft.text
        };
        let text = text.split('\n').next().unwrap_or_default();
        // A blank that parts the answer from the rest of the line is part of it.
        let parts = !site.after.trim().is_empty() && !site.after.starts_with(char::is_whitespace);
        let kept = text.trim_end();
        let space = parts && text[kept.len()..].starts_with(' ');
        draft.text = format!("{kept}{}", if space { " " } else { "" });
        return;
    }
    draft.text.truncate(draft.text.trim_end().len());
}

/// What the person just deleted here does not come back.
pub fn reversal(draft: &mut Draft, site: &Site, _: &[String]) {
    let Some(deleted) = &site.deleted else {
        return;
    };
    let (deleted, text) = (deleted.trim(), draft.text.trim());
    let letters = deleted.chars().filter(|c| c.is_alphanumeric()).count();
    if letters >= DELETED && (deleted.starts_with(text) || text.starts_with(deleted)) {
        draft.text.clear();
    }
}

/// One character is typed sooner than it is read.
pub fn one_character(draft: &mut Draft, site: &Site, _: &[String]) {
    if !site.fixed && draft.text.trim().chars().count() < 2 {
        draft.text.clear();
    }
}
