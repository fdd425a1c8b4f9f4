//! The next edit: `agent/edit/suggest`, and `textDocument/copilotInlineEdit` of Copilot's clients.

use nextline_protocol::Fault;
use nextline_protocol::agent::{NextSilence, WhyResult};
use nextline_protocol::copilot::{InlineEdit, InlineEditParams, InlineEditResult};
use nextline_protocol::document::{Identifier, Range};
use nextline_protocol::inline::Command;
use nextline_protocol::methods;
use nextline_protocol::next::{EditSuggestParams, EditSuggestResult, SuggestedEdit};
use serde_json::json;

use crate::complete::{Reason, Silence};
use crate::door::Turn;
use crate::next::{self, Ask, Complaint, Suggestion};
use crate::text::{Byte, Encoding};

/// `agent/edit/suggest`.
pub async fn suggest(turn: Turn, params: EditSuggestParams) -> Result<EditSuggestResult, Fault> {
    let encoding = turn.snapshot.client.encoding;
    Ok(match found(&turn, &params).await {
        Ok(found) => EditSuggestResult {
            edits: found.iter().map(|one| edit(one, encoding)).collect(),
            ..EditSuggestResult::default()
        },
        Err(silence) => EditSuggestResult {
            edits: Vec::new(),
            reason: Some(silence.reason.name().to_owned()),
            detail: silence.detail,
        },
    })
}

/// `textDocument/copilotInlineEdit`: the one edit that comes next, in the document that was asked about.
pub async fn inline_edits(turn: &Turn, params: InlineEditParams) -> InlineEditResult {
    let encoding = turn.snapshot.client.encoding;
    let params = EditSuggestParams {
        text_document: params.text_document,
        position: params.position,
        diagnostics: Vec::new(),
        invoked: false,
        others: false,
    };
    let found = found(turn, &params).await.unwrap_or_default();
    // These clients show the first one only, or take all of them with one key.
    let edits = found.iter().take(1).map(|one| {
        let edit = edit(one, encoding);
        InlineEdit {
            text: edit.text,
            range: edit.range,
            text_document: edit.text_document,
            command: edit.command,
        }
    });
    InlineEditResult {
        edits: edits.collect(),
    }
}

/// `agent/why`: of the completion, and of the next edit.
pub fn why(turn: &Turn, uri: &str) -> WhyResult {
    let silence = turn.snapshot.next.why(uri);
    WhyResult {
        next: silence.map(|silence| NextSilence {
            reason: silence.reason.name().to_owned(),
            detail: silence.detail,
        }),
        ..turn.snapshot.engine.why(uri)
    }
}

async fn found(turn: &Turn, params: &EditSuggestParams) -> Result<Vec<Suggestion>, Silence> {
    let encoding = turn.snapshot.client.encoding;
    let document = turn.snapshot.document(&params.text_document.uri);
    let document = document.ok_or(Reason::NotOpen)?;
    let complaints = params.diagnostics.iter().filter_map(|one| {
        let span = document.text.span(one.range.start, one.range.end, encoding);
        span.ok().map(|span| Complaint {
            span: span.start.0..span.end.0,
            message: one.message.clone(),
        })
    });
    let ask = Ask {
        document: document.clone(),
        at: document.text.byte_near(params.position, encoding),
        invoked: params.invoked,
        others: params.others,
        complaints: complaints.collect(),
    };
    next::suggest(turn, ask).await
}

fn edit(suggestion: &Suggestion, encoding: Encoding) -> SuggestedEdit {
    let found = &suggestion.found;
    let document = &found.document;
    let at = |byte: usize| document.text.position(Byte(byte), encoding);
    SuggestedEdit {
        id: suggestion.id.clone(),
        text_document: Identifier {
            uri: document.uri.to_string(),
            version: document.version,
        },
        range: Range {
            start: at(found.span.start),
            end: at(found.span.end),
        },
        text: found.text.clone(),
        kind: found.kind.name().to_owned(),
        origin: suggestion.origin.to_string(),
        command: Command {
            title: "Accepted".into(),
            command: methods::DID_ACCEPT.into(),
            arguments: vec![json!(suggestion.id)],
        },
    }
}
