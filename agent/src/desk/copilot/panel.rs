//! Several completions side by side: streamed by `$/progress`, or as notifications for older clients.

use std::time::Duration;

use nextline_protocol::copilot::{
    DocParams, PanelCompletionParams, PanelItems, PanelResult, PanelSolutionParams,
    PanelSolutionsDoneParams,
};
use nextline_protocol::inline::{INVOKED, InlineCompletionContext, InlineCompletionParams};
use nextline_protocol::methods;
use serde_json::json;

use super::legacy;
use crate::complete::Trigger;
use crate::desk::inline;
use crate::door::Turn;

/// What is asked for by hand has so many answers at most.
const SEVERAL: usize = 3;
/// A solution that comes with the answer to its request finds no panel yet in copilot.vim 1.26.
const OPENING: Duration = Duration::from_millis(100);

/// `getPanelCompletions`: answered at once, because the client stands still until then.
pub fn solutions(turn: &Turn, params: DocParams) -> PanelResult {
    let of = turn.clone();
    turn.beside(async move {
        let panel_id = params.panel_id.clone();
        let opened = tokio::time::sleep(OPENING);
        let (lines, ()) = tokio::join!(legacy::lines(&of, params, Trigger::Invoked), opened);
        for (place, line) in lines.into_iter().enumerate() {
            let solution = PanelSolutionParams {
                panel_id: panel_id.clone(),
                solution_id: line.uuid,
                score: 1.0 / (place + 1) as f64,
                display_text: line.text.clone(),
                completion_text: line.text,
                range: line.range,
            };
            of.outbox.notify(methods::PANEL_SOLUTION, solution);
        }
        let done = PanelSolutionsDoneParams {
            panel_id,
            status: "OK",
        };
        of.outbox.notify(methods::PANEL_SOLUTIONS_DONE, done);
    });
    PanelResult {
        solution_count_target: SEVERAL,
    }
}

/// `textDocument/copilotPanelCompletion`. What went out by the token is not in the result: a client adds both up.
pub async fn items(turn: &Turn, params: PanelCompletionParams) -> PanelItems {
    let ask = InlineCompletionParams {
        text_document: params.text_document,
        position: params.position,
        context: InlineCompletionContext {
            trigger_kind: INVOKED,
            selected_completion_info: None,
        },
    };
    let found = inline::complete(turn, ask).await;
    let found = PanelItems {
        items: found.map(|list| list.items).unwrap_or_default(),
    };
    match params.partial_result_token.filter(|token| !token.is_null()) {
        Some(token) if !found.items.is_empty() => {
            let progress = json!({ "token": token, "value": found });
            turn.outbox.notify("$/progress", progress);
            PanelItems::default()
        }
        _ => found,
    }
}
