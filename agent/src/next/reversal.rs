//! What would take back what the person just did: never offered, whoever thought of it.

use std::sync::Arc;

use super::{Found, Scene};
use crate::document::Document;

/// Characters that are compared; more cannot be a second thought about one place.
const COMPARED: usize = 400;

/// Whether an edit brings a place more than half the way back to where it was before a deed.
pub fn takes_back(scene: &Scene, found: &Found) -> bool {
    let own = |document: &Arc<Document>| Arc::ptr_eq(document, &found.document);
    let mut deeds = scene.deeds.iter().filter(|done| own(&done.document));
    deeds.any(|done| {
        let (now, span) = (&done.deed.now, &found.span);
        let meets = now.start <= span.end && span.start <= now.end;
        meets && {
            let text = |bytes| found.document.text.bytes(bytes);
            let head = text(now.start..span.start.max(now.start));
            let tail = text(span.end.min(now.end)..now.end);
            let then = format!("{head}{}{tail}", found.text);
            goes_back(&done.deed.went(), &text(now.clone()), &then)
        }
    })
}

/// Whether `then` is less than half as far from `before` as `now` is.
fn goes_back(before: &str, now: &str, then: &str) -> bool {
    apart(before, then) * 2 < apart(before, now)
}

/// Characters that only one of two texts has.
fn apart(one: &str, other: &str) -> usize {
    let count = |text: &str| text.chars().take(COMPARED).count();
    count(one) + count(other) - 2 * common(one, other)
}

/// Characters that two texts hold in the same order, not in one piece.
fn common(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().take(COMPARED).collect();
    let other: Vec<char> = other.chars().take(COMPARED).collect();
    let mut row = vec![0; other.len() + 1];
    for a in &one {
        let mut diagonal = 0;
        for (at, b) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = match a == b {
                true => diagonal + 1,
                false => above.max(row[at]),
            };
            diagonal = above;
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_back_is_told_from_what_goes_on() {
        for (before, now, then, wanted) in [
            // Typed, and taken away again; taken away, and written again.
            ("", "abc", "", true),
            ("abc", "", "abc", true),
            ("abc", "xyz", "abc", true),
            ("foo(a)", "foo(a, b)", "foo(a)", true),
            // The greater part of it.
            ("", "abcdef", "ab", true),
            // Goes on from it.
            ("", "abc", "abcdef", false),
            ("", "fo", "for i in 0..n {", false),
            ("abc", "xyz", "xyz(1)", false),
            ("get", "fetch", "fetch_all", false),
            // Says it better, or says something else.
            ("", "retrun x", "return x", false),
            ("", "one", "two", false),
        ] {
            assert_eq!(
                goes_back(before, now, then),
                wanted,
                "{before:?} {now:?} {then:?}"
            );
        }
    }
}
