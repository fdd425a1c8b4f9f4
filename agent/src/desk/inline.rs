//! `textDocument/inlineCompletion`: cursor to ask, suggestions to items.

use std::sync::Arc;

use nextline_protocol::Fault;
use nextline_protocol::agent::PreviewResult;
use nextline_protocol::document::Range;
use nextline_protocol::fault::REQUEST_FAILED;
use nextline_protocol::inline::{
    Command, INVOKED, InlineCompletionItem, InlineCompletionList, InlineCompletionParams, ItemData,
};
use nextline_protocol::methods;
use serde_json::json;

use crate::complete::{self, Ask, Selected, Suggestion, Trigger};
use crate::document::Document;
use crate::door::Turn;
use crate::text::Encoding;

/// Answers one request. A standard client hears `null` for nothing, which leaves on the screen what is there; Copilot's clients read
/// no `null`.
pub async fn complete(turn: &Turn, params: InlineCompletionParams) -> Option<InlineCompletionList> {
    let client = &turn.snapshot.client;
    let nothing = client.copilot.then(InlineCompletionList::default);
    let uri = &params.text_document.uri;
    let Some(document) = turn.snapshot.document(uri) else {
        turn.snapshot
            .engine
            .refuse(uri, complete::Reason::NotOpen.into());
        return nothing;
    };
    let encoding = client.encoding;
    let ask = ask(document, params, encoding);
    let Ok(suggestions) = complete::complete(turn, ask).await else {
        return nothing;
    };
    let items = suggestions
        .into_iter()
        .map(|suggestion| item(document, suggestion, encoding))
        .collect();
    Some(InlineCompletionList { items })
}

/// What the same request would send to a route.
pub async fn preview(turn: &Turn, params: InlineCompletionParams) -> Result<PreviewResult, Fault> {
    let refused = |silence: complete::Silence| Fault::new(REQUEST_FAILED, silence.detail);
    let document = turn.snapshot.document(&params.text_document.uri);
    let document = document.ok_or_else(|| refused(complete::Reason::NotOpen.into()))?;
    let ask = ask(document, params, turn.snapshot.client.encoding);
    complete::preview(turn, &ask).await.map_err(refused)
}

fn ask(document: &Arc<Document>, params: InlineCompletionParams, encoding: Encoding) -> Ask {
    let selected = params.context.selected_completion_info.and_then(|info| {
        let span = document
            .text
            .span(info.range.start, info.range.end, encoding)
            .ok()?;
        Some(Selected {
            span,
            text: info.text,
        })
    });
    Ask {
        document: document.clone(),
        at: document.text.byte_near(params.position, encoding),
        trigger: if params.context.trigger_kind == INVOKED {
            Trigger::Invoked
        } else {
            Trigger::Automatic
        },
        selected,
        clock: Arc::default(),
    }
}

fn item(document: &Document, suggestion: Suggestion, encoding: Encoding) -> InlineCompletionItem {
    let start = document.text.position(suggestion.replaced.start, encoding);
    let end = document.text.position(suggestion.replaced.end, encoding);
    InlineCompletionItem {
        insert_text: suggestion.text,
        range: Range { start, end },
        command: Command {
            title: "Accepted".into(),
            command: methods::DID_ACCEPT.into(),
            arguments: vec![json!(suggestion.id)],
        },
        data: ItemData {
            origin: suggestion.origin.to_string(),
            confidence: suggestion.confidence,
        },
    }
}
