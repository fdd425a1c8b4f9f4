//! An explanation of what is around a place, for editors that know no more than LSP.

use serde_json::{Value, json};

use super::command::{INFO, Named, Progress, say};
use super::edit;
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Trouble};
use crate::document::place::path_of;
use crate::door::Turn;
use crate::edit::make;
use crate::edit::select::Source;
use crate::edit::work;
use crate::prompt::edit::EXPLAIN;
use crate::prompt::talk::{Item, Talk, talk};
use crate::prompt::{Message, Role};
use crate::route::Surface;
use crate::text::Byte;

/// An explanation, as Markdown in the result and in a message.
pub async fn explain(turn: &Turn, named: &Named) -> Result<Value, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let snapshot = &turn.snapshot;
    let settings = &snapshot.settings.settings;
    let road = snapshot
        .chats
        .roads
        .find(settings, Surface::Chat, None, snapshot.engine.http())?;
    let document = snapshot
        .document(&named.uri)
        .ok_or_else(|| wrong(format!("{} is not open", named.uri)))?
        .clone();
    let path = path_of(&document.uri);
    let (forbids, lines) = (snapshot.clone(), edit::lines(named.range));
    let limit = road.context_tokens();
    let question = crate::door::off_wire(move || {
        if let Some(trouble) = path
            .as_deref()
            .and_then(|path| work::forbidden(&forbids, path))
        {
            return Err(trouble);
        }
        let text = document.text.slice(Byte(0)..document.text.end());
        let source = Source::new(&text, document.language);
        let span = make::span(&source, lines).map_err(wrong)?;
        let first = source.line_of(span.start) + 1;
        let name = path.as_deref().map_or_else(
            || document.uri.to_string(),
            |path| path.to_string_lossy().into_owned(),
        );
        let item = Item {
            name: format!("{name}:{first}"),
            language: document.language_id.to_string(),
            text: text[span].to_owned(),
            file: name,
            line: u32::try_from(first).unwrap_or(u32::MAX),
            rule: "selected".into(),
            image: None,
        };
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
