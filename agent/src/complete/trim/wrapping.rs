//! What a model puts around its answer: control tokens, fences, what stands before the cursor already.

use super::Draft;
use super::head::{self, FENCE};
use crate::complete::site::Site;

/// Every line break becomes LF.
pub fn line_ends(draft: &mut Draft, _: &Site, _: &[String]) {
    if draft.text.contains('\r') {
        draft.text = draft.text.replace("\r\n", "\n").replace('\r', "\n");
    }
}

/// What comes after a control token is no text. A token that the document itself writes nearby is.
pub fn control(draft: &mut Draft, site: &Site, tokens: &[String]) {
    let lines = || site.above.iter().chain(&site.below);
    let written = |token: &str| {
        site.before.contains(token)
            || site.after.contains(token)
            || lines().any(|line| line.contains(token))
    };
    let named = tokens.iter().map(String::as_str);
    let found = named.chain(UNNAMED.iter().copied());
    let end = found
        .filter_map(|token| draft.text.find(token).map(|at| (at, token)))
        .filter(|(_, token)| !written(token))
        .map(|(at, _)| at)
        .min();
    if let Some(end) = end {
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
