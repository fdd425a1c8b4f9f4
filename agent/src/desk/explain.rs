//! An explanation of what is around a place, for editors that know no more than LSP.

use serde_json::{Value, json};

use super::command::{INFO, Named, Progress, say};
use super::edit;
use crate::chat::excerpt::excerpt;
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Trouble};
use crate::door::Turn;
use crate::prompt::edit::EXPLAIN;
use crate::prompt::talk::{Talk, talk};
use crate::prompt::{Message, Role};
use crate::route::Surface;

/// An explanation, as Markdown in the result and in a message.
pub async fn explain(turn: &Turn, named: &Named) -> Result<Value, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let snapshot = &turn.snapshot;
    let settings = &snapshot.settings.settings;
    let road = snapshot
        .chats
        .roads
        .find(settings, Surface::Chat, None, snapshot.engine.http())?;
    let (seen, uri, lines) = (
        snapshot.clone(),
        named.uri.clone(),
        edit::lines(named.range),
    );
    let limit = road.context_tokens();
    let question = crate::door::off_wire(move || {
        let item = excerpt(&seen, &uri, lines)?;
        let turns = [Message {
            role: Role::User,
            text: EXPLAIN.to_owned(),
        }];
        Ok(talk(&Talk {
            items: &[item],
            turns: &turns,
            context_tokens: limit,
            purpose: "explain",
            ..Talk::default()
        }))
    });
    let failed = || wrong("the question failed here; the log says where".into());
    let (prompt, _) = question.await.unwrap_or_else(|| Err(failed()))?;
    let _progress = Progress::begin(
        turn,
        &format!("explain-{}", named.range.start.line),
        "explain",
    );
    let mut outcome = Outcome::default();
    outcome
        .hear(&road.route, prompt, road.surface, |_| true)
        .await;
    match outcome.error {
        Some(trouble) => Err(trouble),
        None => {
            let text = crate::chat::harmless::whole(&outcome.text);
            say(turn, INFO, &text);
            Ok(json!(text))
        }
    }
}
