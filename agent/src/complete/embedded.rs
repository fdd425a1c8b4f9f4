//! The embedded answer: at once, off the wire's task, or a reason.

use std::time::{Duration, Instant};

use super::{Ask, Continuation, Origin, Reason, Silence, Trigger};
use crate::document::place::key_of;
use crate::door::{Turn, off_wire};
use crate::local::{self, LocalAsk, Shape};
use crate::text::{Byte, Text};

/// Time that an embedded answer may take; later it is of no use to a typist.
const PATIENCE: Duration = Duration::from_millis(200);
/// The same for a popup, which waits for its slowest server.
const POPUP_PATIENCE: Duration = Duration::from_millis(50);

/// Asks the embedded model.
pub async fn answer(
    turn: &Turn,
    ask: &Ask,
    text: &Text,
    at: Byte,
) -> Result<Continuation, Silence> {
    let settings = &turn.snapshot.settings.settings.local;
    if !settings.enabled {
        return Err(Reason::LocalOff.into());
    }
    let patience = if ask.trigger == Trigger::Popup {
        POPUP_PATIENCE
    } else {
        PATIENCE
    };
    let deadline = Instant::now() + patience;
    let (local, confidence) = (turn.snapshot.engine.local.clone(), settings.confidence);
    let (key, rope) = (key_of(&ask.document.uri), text.rope().clone());
    let answer = off_wire(move || {
        local.suggest(&LocalAsk {
            key: &key,
            text: &rope,
            at: at.0,
            confidence,
            shape: Shape::Words,
            deadline: Some(deadline),
        })
    })
    .await
    .ok_or(Reason::Failed)?;
    ask.clock.stage("local");
    let suggestion = answer.map_err(reason)?;
    Ok(Continuation {
        text: suggestion.text,
        over: 0,
        origin: Origin::Local,
        confidence: Some(suggestion.confidence),
    })
}

fn reason(silence: local::Silence) -> Silence {
    let table = [
        (local::Silence::Unsure, Reason::Unsure),
        (local::Silence::NothingLearnt, Reason::NothingLearnt),
        (local::Silence::InComment, Reason::InComment),
        (local::Silence::InString, Reason::InString),
        (local::Silence::InWord, Reason::InWord),
        (local::Silence::Prose, Reason::Prose),
        (local::Silence::TooLarge, Reason::TooLarge),
        (local::Silence::Late, Reason::Late),
    ];
    table
        .iter()
        .find(|(theirs, _)| *theirs == silence)
        .map_or(Reason::Failed, |(_, ours)| *ours)
        .into()
}
