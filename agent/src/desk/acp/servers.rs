//! Servers of the Model Context Protocol in a turn: each call is a tool call that the person allows or not.

use nextline_protocol::acp::REQUEST_PERMISSION;
use serde_json::json;

use super::turn::Seat;
use crate::chat::asked::Question;
use crate::chat::mentions::Found;
use crate::mcp;
use crate::world::Snapshot;

/// The answer that allows one call.
const ALLOW: &str = "allow";

/// Makes the calls that a question wants, and puts what came into it.
pub async fn fulfil(seat: &Seat, snapshot: &Snapshot, question: &mut Question) {
    if question.calls.is_empty() {
        return;
    }
    let ask = |text: String| async move {
        let option = |id: &str, name: &str, kind: &str| json!({ "optionId": id, "name": name, "kind": kind });
        let params = json!({
            "sessionId": seat.id,
            "toolCall": {
                "toolCallId": seat.desk.sessions.call(&seat.id, "mcp"),
                "title": text, "kind": "fetch", "status": "pending",
            },
            "options": [option(ALLOW, "Yes, once", "allow_once"), option("reject", "No", "reject_once")],
        });
        match seat.desk.outbox.request(REQUEST_PERMISSION, params).await {
            Ok(Ok(answer)) if answer["outcome"]["optionId"] == ALLOW => Ok(()),
            Ok(Ok(_)) => Err("you did not say yes".to_owned()),
            Ok(Err(fault)) => Err(format!("the editor did not ask you: {}", fault.message)),
            Err(_) => Err("the connection ends".to_owned()),
        }
    };
    let Found { items, refused } = mcp::fulfil(
        &snapshot.chats.servers,
        &snapshot.settings.settings,
        snapshot.engine.http(),
        &question.calls,
        ask,
    )
    .await;
    question.found.items.extend(items);
    question.found.refused.extend(refused);
}
