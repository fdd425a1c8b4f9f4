//! The completion, stage by stage: skip, reuse, quiet, embedded, throttle, routed, stop, trim, shape, and why there was none.

mod ahead;
mod cache;
mod clock;
mod commons;
mod continuation;
mod embedded;
mod engine;
mod extent;
mod flight;
mod gathered;
mod lanes;
mod latest;
mod lend;
mod offers;
mod preview;
mod question;
mod quiet;
mod routed;
mod routes;
mod shape;
mod site;
mod skip;
mod stats;
mod status;
mod stem;
mod stop;
mod throttle;
mod trim;
mod why;
mod withheld;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::document::Document;
use crate::document::place::key_of;
use crate::door::Turn;
use crate::text::Byte;

pub use ahead::{ahead, chores};
use cache::Entry;
pub use clock::Clock;
pub use commons::Commons;
use continuation::Continuation;
pub use engine::Engine;
use latest::Standing;
pub use lend::{folder_name, pieces};
pub use offers::{Event, News};
pub use preview::preview;
use routed::Spot;
pub use routed::{relative_path, within_budget};
pub use skip::may_suggest;
pub use stats::{Counts, counted};
pub use status::{status, tell_copilot, tell_status};
use stem::Place;
pub use why::{Reason, Silence, remembered};

/// Where a completion is wanted.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The document as it was when it was asked.
    pub document: Arc<Document>,
    /// The cursor.
    pub at: Byte,
    /// Why it is asked.
    pub trigger: Trigger,
    /// The popup's selected entry, which the answer must extend.
    pub selected: Option<Selected>,
    /// Runs since it was asked.
    pub clock: Arc<Clock>,
}

/// Why a completion is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The person typed.
    Automatic,
    /// The person asked.
    Invoked,
    /// A popup is being filled: an answer at once or none.
    Popup,
}

/// A popup's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// What it would replace.
    pub span: Range<Byte>,
    /// What it would insert.
    pub text: String,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Comes back when it is shown or accepted.
    pub id: String,
    /// Takes the place of `replaced`.
    pub text: String,
    /// On the cursor's line.
    pub replaced: Range<Byte>,
    /// Who wrote it.
    pub origin: Origin,
    /// The embedded model's own probability that it is right.
    pub confidence: Option<f64>,
}

/// Who wrote a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The embedded model.
    Local,
    /// A route, by the user's name for it.
    Route(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Local => f.write_str("local"),
            Origin::Route(name) => f.write_str(name),
        }
    }
}

/// Answers an ask: best first, and never empty; else why there is nothing.
pub async fn complete(turn: &Turn, ask: Ask) -> Result<Vec<Suggestion>, Silence> {
    let engine = &turn.snapshot.engine;
    let outcome = stages(turn, &ask).await;
    match &outcome {
        Ok(_) => engine
            .why
            .shown(&key_of(&ask.document.uri), ask.clock.stages()),
        Err(silence) => {
            tracing::debug!(reason = silence.reason.name(), "nothing to show");
            engine.why.note(
                &key_of(&ask.document.uri),
                silence.clone(),
                ask.clock.stages(),
            );
        }
    }
    tell_status(turn);
    outcome
}

/// Lines into which an answer may be typed between two requests.
const LINES_TYPED: usize = 8;

async fn stages(turn: &Turn, ask: &Ask) -> Result<Vec<Suggestion>, Silence> {
    skip::check(&turn.snapshot, ask)?;
    ask.clock.stage("skip");
    let key = key_of(&ask.document.uri);
    let standing = turn.snapshot.engine.latest.enter(&key, ask);
    let spot = spot(turn, ask, key, &standing);
    // Nobody waits for the answer to an older text or to an older cursor.
    let found = tokio::select! {
        biased;
        () = ask.document.stale.cancelled() => return Err(Reason::Superseded.into()),
        () = standing.superseded() => return Err(Reason::Superseded.into()),
        found = lanes::answer(turn, ask, &spot) => found,
    };
    standing.answered();
    show(turn, ask, &spot, found?)
}

fn spot(turn: &Turn, ask: &Ask, key: String, standing: &Standing) -> Spot {
    let (text, at) = shape::as_if_selected(ask);
    let now = Instant::now();
    let throttle = turn.snapshot.settings.settings.completion.throttle_ms;
    Spot {
        place: Place::new(ask.document.serial, &text, at, LINES_TYPED),
        source: turn.snapshot.engine.source.load(Ordering::Relaxed),
        go: throttle::go(ask, standing, Duration::from_millis(throttle), now),
        key,
        text,
        at,
        purpose: "",
    }
}

/// Shapes what was found, and remembers that it is shown.
fn show(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    found: Vec<Continuation>,
) -> Result<Vec<Suggestion>, Silence> {
    let engine = &turn.snapshot.engine;
    let mut shown = Vec::new();
    let mut items = Vec::new();
    let mut refused = None;
    for one in found {
        let entry = one.entry.clone().unwrap_or_else(|| {
            let (text, origin) = (one.text.clone(), one.origin.clone());
            let stem = spot.place.stem();
            let entry = Entry::new(stem, spot.source, text, origin, one.confidence);
            Arc::new(entry)
        });
        let fresh = one.entry.is_none();
        match shape::suggestion(ask, &spot.text, spot.at, one, engine.id()) {
            Ok(suggestion) => {
                if fresh {
                    engine.stock().memory.keep(entry.clone());
                }
                items.push((suggestion.id.clone(), entry));
                shown.push(suggestion);
            }
            Err(silence) => refused = refused.or(Some(silence)),
        }
    }
    let Some((_, first)) = items.first() else {
        return Err(refused.unwrap_or(Reason::Empty.into()));
    };
    if ask.trigger != Trigger::Popup {
        engine.stock().memory.show(first);
        engine.note(engine.offers.offer(&spot.key, items, Instant::now()));
    }
    Ok(shown)
}
