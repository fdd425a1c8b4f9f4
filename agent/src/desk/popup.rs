//! `textDocument/completion`: the same suggestion as a popup entry, for clients that know no ghost text.

use std::sync::Arc;

use nextline_protocol::document::{Position, Range};

use crate::complete::{self, Ask, Trigger};
use crate::door::Turn;
use crate::settings::Popup;

/// Clients that lack inline completion and whose users want the entry; matched in the client's name, lower case.
const WANTED_BY: &[&str] = &["helix", "kak", "kate", "sublime", "eglot"];

/// What the popup shows.
pub struct Entry {
    /// The first line.
    pub label: String,
    /// Takes the place of `range`.
    pub text: String,
    /// On the cursor's line.
    pub range: Range,
}

/// Answers one request at once or not at all, because a popup waits for its slowest server. The outer `None`: not wanted here.
pub async fn complete(turn: &Turn, uri: &str, position: Position) -> Option<Option<Entry>> {
    let client = &turn.snapshot.client;
    let wanted = match turn.snapshot.settings.settings.completion.popup {
        Popup::Always => true,
        Popup::Never => false,
        Popup::Auto => {
            !client.inline_completion && WANTED_BY.iter().any(|name| client.name.contains(name))
        }
    };
    if !wanted {
        return None;
    }
    let document = turn.snapshot.document(uri)?;
    let at = document.text.byte_near(position, client.encoding);
    let ask = Ask {
        document: document.clone(),
        at,
        trigger: Trigger::Popup,
        selected: None,
        clock: Arc::default(),
    };
    let suggestion = complete::complete(turn, ask).await.ok()?.into_iter().next();
    Some(suggestion.map(|suggestion| {
        Entry {
            label: suggestion
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
            range: Range {
                start: document
                    .text
                    .position(suggestion.replaced.start, client.encoding),
                end: document
                    .text
                    .position(suggestion.replaced.end, client.encoding),
            },
            text: suggestion.text,
        }
    }))
}
