//! Servers of the Model Context Protocol for a connection: the person's yes by a message with buttons, and what they offer.

use nextline_protocol::methods::SHOW_MESSAGE_REQUEST;
use serde_json::json;

use crate::chat::asked::Question;
use crate::chat::mentions::Found;
use crate::door::Turn;
use crate::mcp;

/// The answer that allows one call.
const YES: &str = "Yes, once";

/// Makes the calls that a question wants, and puts what came into it.
pub async fn fulfil(turn: &Turn, question: &mut Question) {
    if question.calls.is_empty() {
        return;
    }
    let snapshot = &turn.snapshot;
    let ask = |text: String| async move {
        let asked = json!({
            "type": 3,
            "message": format!("Nextline: {text}"),
            "actions": [{ "title": YES }, { "title": "No" }],
        });
        match turn.outbox.request(SHOW_MESSAGE_REQUEST, asked).await {
            Ok(Ok(answer)) if answer["title"] == YES => Ok(()),
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

/// What may stand behind an `@` for what was typed so far: names of servers, and what one of them offers once its name is there. That one
/// is started.
pub async fn names(turn: &Turn, query: &str) -> Vec<String> {
    let settings = &turn.snapshot.settings.settings;
    let on = settings.mcp.iter().filter(|(_, server)| server.enabled);
    let names: Vec<&str> = on.map(|(name, _)| name.as_str()).collect();
    let resource = query
        .strip_prefix("mcp:")
        .and_then(|rest| rest.split_once('/'));
    let tool = query.split_once(':');
    let named = |name: &str| names.contains(&name);
    match (resource, tool) {
        (Some((name, typed)), _) if named(name) => offered(turn, name, typed, true).await,
        (None, Some((name, typed))) if named(name) => offered(turn, name, typed, false).await,
        _ => {
            let both = names
                .iter()
                .flat_map(|name| [format!("mcp:{name}/"), format!("{name}:")]);
            both.filter(|name| !query.is_empty() && name.starts_with(query))
                .collect()
        }
    }
}

async fn offered(turn: &Turn, name: &str, typed: &str, resources: bool) -> Vec<String> {
    let snapshot = &turn.snapshot;
    let settings = &snapshot.settings.settings;
    let listed = async {
        let cell = snapshot
            .chats
            .servers
            .server(name, settings, snapshot.engine.http())
            .await?;
        let server = cell.get().ok_or("it does not run")?;
        match resources {
            true => server.resources().await,
            false => server.tools().await,
        }
    };
    let listed = listed.await.unwrap_or_else(|why: String| {
        tracing::warn!("{why}");
        Vec::new()
    });
    let begins = match resources {
        true => format!("mcp:{name}/"),
        false => format!("{name}:"),
    };
    let fits = listed
        .into_iter()
        .filter(|one| one.name.to_lowercase().contains(&typed.to_lowercase()));
    fits.map(|one| format!("{begins}{}", one.name)).collect()
}
