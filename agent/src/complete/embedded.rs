//! The embedded answer: at once, off the wire's task, or a reason.

use std::time::{Duration, Instant};

use super::routed::Spot;
use super::{Ask, Continuation, Origin, Reason, Silence, Trigger};
use crate::door::{Turn, off_wire};
use crate::local::{self, LocalAsk};
use crate::settings::Mode;

/// Time that an embedded answer may take; later it is of no use to a typist.
const PATIENCE: Duration = Duration::from_millis(200);
/// The same for a popup, which waits for its slowest server.
const POPUP_PATIENCE: Duration = Duration::from_millis(50);

/// The least probability of an answer that is shown before the route's, or to someone who wants few.
const SURE: f64 = 0.7;

/// Asks the embedded model for up to `most` answers; at least one.
pub async fn answers(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    most: usize,
) -> Result<Vec<Continuation>, Silence> {
    let subtle = ask.trigger == Trigger::Automatic
        && turn.snapshot.settings.settings.completion.mode == Mode::Subtle;
    let least = if subtle { SURE } else { 0.0 };
    at_least(turn, ask, spot, most, least).await
}

/// Asks it for an answer that may be shown before the route's.
pub async fn sure(turn: &Turn, ask: &Ask, spot: &Spot) -> Option<Continuation> {
    let found = at_least(turn, ask, spot, 1, SURE).await;
    found.ok()?.into_iter().next()
}

async fn at_least(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    most: usize,
    least: f64,
) -> Result<Vec<Continuation>, Silence> {
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
    let confidence = settings.confidence.max(least);
    let local = turn.snapshot.engine.local.clone();
    let (key, rope, at) = (spot.key.clone(), spot.text.rope().clone(), spot.at);
    let answer = off_wire(move || {
        let ask = LocalAsk {
            key: &key,
            text: &rope,
            at: at.0,
            confidence,
            deadline: Some(deadline),
        };
        local.suggest_many(&ask, most)
    })
    .await
    .ok_or(Reason::Failed)?;
    ask.clock.stage("local");
    let continuation = |suggestion: local::LocalSuggestion| Continuation {
        text: suggestion.text,
        over: 0,
        origin: Origin::Local,
        confidence: Some(suggestion.confidence),
        entry: None,
    };
    let found = answer.map_err(reason)?;
    Ok(found.into_iter().map(continuation).collect())
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
