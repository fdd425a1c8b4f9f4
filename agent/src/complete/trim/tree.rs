//! Text that breaks a tree that was whole: cut to the largest part that does not, or rejected.

use super::Draft;
use crate::complete::site::Site;
use crate::complete::stop::lex::unmatched;

/// Most parts of an answer that are tried.
const TRIES: usize = 12;

/// An answer in a sound place leaves it sound. Brackets that it opens and does not close are closed for the test.
pub fn sound(draft: &mut Draft, site: &Site, _: &[String]) {
    if site.fenced || !site.is_sound() {
        return;
    }
    let (Some(before), Some(after)) = (site.errors(), errors(site, &draft.text, draft.over)) else {
        return;
    };
    if after <= before {
        return;
    }
    let ends: Vec<usize> = draft.text.match_indices('\n').map(|(at, _)| at).collect();
    let clean = ends.into_iter().rev().take(TRIES).find(|end| {
        let part = &draft.text[..*end];
        errors(site, part, draft.over).is_some_and(|errors| errors <= before)
    });
    draft.text.truncate(clean.unwrap_or(0));
}

fn errors(site: &Site, text: &str, over: usize) -> Option<usize> {
    let as_is = site.errors_with(text, over)?;
    let open = unmatched(site.language, text).1;
    if as_is == 0 || open == 0 || text.len() > 8 << 10 {
        return Some(as_is);
    }
    let closed = format!("{text}\n{}", closers(text, open));
    let closed = site.errors_with(&closed, over).unwrap_or(as_is);
    Some(as_is.min(closed))
}

/// The brackets that close the last `open` ones of a text, innermost first.
fn closers(text: &str, open: usize) -> String {
    let mut stack = Vec::new();
    for c in text.chars() {
        match c {
            '(' => stack.push(')'),
            '[' => stack.push(']'),
            '{' => stack.push('}'),
            ')' | ']' | '}' => {
                stack.pop();
            }
            _ => {}
        }
    }
    stack.iter().rev().take(open).collect()
}
