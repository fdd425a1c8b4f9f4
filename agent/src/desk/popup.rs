//! `textDocument/completion`: the same suggestion as a popup entry, for clients that know no ghost text.

use tower_lsp::lsp_types::{
    self, CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, TextEdit,
};

use crate::complete::{self, Ask, Trigger};
use crate::door::Turn;
use crate::settings::Popup;
use crate::text::Byte;

/// Clients that lack inline completion and whose users want the entry; matched in the client's name, lower case.
const WANTED_BY: &[&str] = &["helix", "kak", "kate", "sublime", "eglot"];

/// Answers one request at once or not at all: a popup waits for its slowest server.
pub async fn complete(turn: &Turn, params: CompletionParams) -> Option<CompletionResponse> {
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
    let place = params.text_document_position;
    let document = turn.snapshot.document(place.text_document.uri.as_str())?;
    let position = nextline_protocol::document::Position {
        line: place.position.line,
        character: place.position.character,
    };
    let at = document.text.byte_near(position, client.encoding);
    let ask = Ask {
        document: document.clone(),
        at,
        trigger: Trigger::Popup,
        selected: None,
    };
    let suggestions = complete::complete(turn, ask).await.unwrap_or_default();
    let items = suggestions
        .into_iter()
        .take(1)
        .map(|suggestion| {
            let at = |byte: Byte| {
                let position = document.text.position(byte, client.encoding);
                lsp_types::Position {
                    line: position.line,
                    character: position.character,
                }
            };
            let range = lsp_types::Range {
                start: at(suggestion.replaced.start),
                end: at(suggestion.replaced.end),
            };
            let first = suggestion
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned();
            CompletionItem {
                label: first,
                kind: Some(CompletionItemKind::TEXT),
                detail: Some("Nextline".into()),
                documentation: Some(Documentation::String(suggestion.text.clone())),
                // After every other server's entries.
                sort_text: Some("\u{10ffff}".into()),
                filter_text: Some(suggestion.text.clone()),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                    range,
                    new_text: suggestion.text,
                })),
                ..CompletionItem::default()
            }
        })
        .collect();
    Some(CompletionResponse::List(CompletionList {
        is_incomplete: true,
        items,
    }))
}
