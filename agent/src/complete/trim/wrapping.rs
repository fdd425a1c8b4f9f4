//! What a model puts around its answer: control tokens, fences, what stands before the cursor already.

use super::Draft;
use super::head::{self, FENCE};
use crate::complete::site::Site;
use crate::text::is_word;

/// Every line break becomes LF; other control characters, which nobody sees, go.
pub fn line_ends(draft: &mut Draft, _: &Site, _: &[String]) {
    if draft.text.contains('\r') {
        draft.text = draft.text.replace("\r\n", "\n").replace('\r', "\n");
    }
    draft.text.retain(|c| !c.is_control() || c.is_whitespace());
}

/// What comes after a control token is no text, but where the document speaks of such tokens itself.
pub fn control(draft: &mut Draft, site: &Site, tokens: &[String]) {
    let tokens = || {
        tokens
            .iter()
            .map(String::as_str)
            .chain(UNNAMED.iter().copied())
    };
    let find = |token: &str| memchr::memmem::find(draft.text.as_bytes(), token.as_bytes());
    let Some(end) = tokens().filter_map(find).min() else {
        return;
    };
    let lines = site.above().chain(site.below());
    let mut lines = lines.chain([site.before.as_str(), site.after.as_str()]);
    if !lines.any(|line| tokens().any(|token| line.contains(token))) {
        draft.text.truncate(end);
    }
}

/// Tokens of models whose name says nothing of their family.
const UNNAMED: &[&str] = &[
    "<|endoftext|>",
    "<|im_end|>",
    "<|im_start|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|file_separator|>",
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|cursor|>",
    "<｜end▁of▁sentence｜>",
    "</COMPLETION>",
    "{{FILL_HERE}}",
];

/// The fence around an answer goes, and so does what stands before the cursor already.
pub fn head(draft: &mut Draft, site: &Site, _: &[String]) {
    let Some(start) = head::head(&draft.text, site, true) else {
        return;
    };
    draft.text.drain(..start.at);
    short_echo(draft, site);
    if start.fenced {
        let close = draft
            .text
            .match_indices(FENCE)
            .map(|(at, _)| at)
            .find(|at| draft.text[..*at].ends_with('\n') || *at == 0);
        if let Some(close) = close {
            draft.text.truncate(close);
        }
        // The line break before the closing fence is the fence's.
        if draft.text.ends_with('\n') {
            draft.text.pop();
        }
    }
}

/// A repetition too short to be sure of: one that doubles a word, else the tree tells.
fn short_echo(draft: &mut Draft, site: &Site) {
    let before = site.before.trim_start();
    let rest = draft.text.trim_start().strip_prefix(before);
    let Some(rest) = rest.filter(|_| !before.is_empty()) else {
        return;
    };
    let doubled = before.len() > 1 && before.ends_with(is_word) && !rest.starts_with(is_word);
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let errors = |text: &str| site.errors_with(&first(text), 0);
    let mended = || Some(errors(rest)? < errors(&draft.text)?);
    if doubled || mended() == Some(true) {
        draft.text = rest.to_owned();
    }
}
