//! From text at the cursor to an item: the range that it replaces, and the popup's entry that it must extend.

use super::{Ask, Continuation, Reason, Silence, Suggestion};
use crate::text::{Byte, Text, is_word};

/// Fewest characters worth showing.
const SHOWN: usize = 2;

/// The text and the cursor as they would be if the popup's selected entry were taken.
pub fn as_if_selected(ask: &Ask) -> (Text, Byte) {
    let mut text = ask.document.text.clone();
    match &ask.selected {
        Some(selected) => {
            text.replace(selected.span.clone(), &selected.text);
            (text, selected.span.start + selected.text.len())
        }
        None => (text, ask.at),
    }
}

/// The suggestion for a continuation at `at` in `text`.
pub fn suggestion(
    ask: &Ask,
    text: &Text,
    at: Byte,
    answer: Continuation,
    id: String,
) -> Result<Suggestion, Silence> {
    let whole = |replaced, before: &str| Suggestion {
        id,
        text: format!("{before}{}", answer.text),
        replaced,
        origin: answer.origin.clone(),
        confidence: answer.confidence,
    };
    if let Some(selected) = &ask.selected {
        // LSP: items must extend the entry and use its range, or are not shown.
        return if answer.text.is_empty() {
            Err(Reason::PopupDisagrees.into())
        } else {
            Ok(whole(selected.span.clone(), &selected.text))
        };
    }
    // The last letter of what is on the screen stays there.
    let going_on = answer
        .entry
        .as_ref()
        .is_some_and(|entry| entry.shown().is_some());
    if !going_on && answer.text.trim().chars().count() < SHOWN {
        return Err(Reason::Empty.into());
    }
    let line = text.line_span(text.line_of(at));
    let before = text.slice(line.start..at);
    let start = before.trim_end_matches(is_word).len();
    // A word that is being typed is replaced by itself and its rest, so that a client may match it fuzzily.
    let word = &before[start..];
    Ok(whole(at - word.len()..at + answer.over, word))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nextline_protocol::document::Item;

    use super::*;
    use crate::complete::{Origin, Selected, Trigger};
    use crate::document::Document;

    fn check(
        fixture: &str,
        answer: &str,
        selected: Option<(usize, usize, &str)>,
        expected: Option<(&str, usize, usize)>,
    ) {
        let at = fixture.find("$0").unwrap();
        let item = Item {
            uri: "file:///a.rs".into(),
            text: fixture.replace("$0", ""),
            ..Item::default()
        };
        let selected = selected.map(|(start, end, text)| Selected {
            span: Byte(start)..Byte(end),
            text: text.into(),
        });
        let ask = Ask {
            document: Arc::new(Document::new(item)),
            at: Byte(at),
            trigger: Trigger::Automatic,
            selected,
            clock: Default::default(),
        };
        let (text, at) = as_if_selected(&ask);
        let answer = Continuation {
            text: answer.into(),
            over: 0,
            origin: Origin::Local,
            confidence: None,
            entry: None,
        };
        let got = suggestion(&ask, &text, at, answer, "1".into()).ok();
        let got = got
            .as_ref()
            .map(|got| (got.text.as_str(), got.replaced.start.0, got.replaced.end.0));
        assert_eq!(got, expected, "{fixture:?}");
    }

    #[test]
    fn items_replace_the_word_that_is_typed() {
        check("let a = par$0", "se(x);", None, Some(("parse(x);", 8, 11)));
        check("let a = $0;", "b + c", None, Some(("b + c", 8, 8)));
        check("\n    é$0", "té()", None, Some(("été()", 5, 7)));
        check("    $0", "return", None, Some(("return", 4, 4)));
        check("x$0", ";", None, None);
        check(
            "a.pu$0",
            "(1)",
            Some((2, 4, "push")),
            Some(("push(1)", 2, 4)),
        );
        check("a.pu$0", "", Some((2, 4, "push")), None);
    }
}
