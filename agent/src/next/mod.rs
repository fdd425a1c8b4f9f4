//! The next edit: what follows from what was just done, elsewhere in the open texts or around the cursor.
//!
//! What the trees say is tried first and asks nobody: a rename followed through, a signature followed through, the last edits repeated, an
//! import that is missing. Only where they have nothing to say is a route asked, if there is one. Whatever would take back what the person
//! just did is left out, and every silence has a reason.

mod calls;
mod complaint;
mod import;
mod offers;
mod owner;
mod rename;
mod repeat;
mod reversal;
mod routed;
mod scene;
mod shape;
mod signature;

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::complete::{self, Origin, Reason, Silence};
use crate::document::Document;
use crate::document::place::key_of;
use crate::door::{Turn, off_wire};
use crate::text::Byte;

pub use complaint::Complaint;
pub use offers::Offers;
use scene::Scene;

/// Where a next edit is wanted.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The document as it was when it was asked.
    pub document: Arc<Document>,
    /// The cursor.
    pub at: Byte,
    /// The person asked, and did not merely pause.
    pub invoked: bool,
    /// Edits in other open documents are wanted too.
    pub others: bool,
    /// What tools complain about in the document.
    pub complaints: Vec<Complaint>,
}

/// What an edit follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A name was changed where it is given.
    Rename,
    /// A parameter came, went or moved.
    Signature,
    /// The last edits, once more.
    Repeat,
    /// A name is used that is not imported.
    Import,
    /// A route has rewritten what stands around the cursor.
    Rewrite,
}

/// Kinds and their names on the wire.
const KINDS: &[(Kind, &str)] = &[
    (Kind::Rename, "rename"),
    (Kind::Signature, "signature"),
    (Kind::Repeat, "repeat"),
    (Kind::Import, "import"),
    (Kind::Rewrite, "rewrite"),
];

impl Kind {
    /// On the wire.
    pub fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }
}

/// An edit that follows.
#[derive(Debug, Clone)]
pub struct Found {
    /// The document that it changes, as it was when it was asked.
    pub document: Arc<Document>,
    /// What it follows from.
    pub kind: Kind,
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes in their place.
    pub text: String,
}

/// An edit that is offered.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// Comes back when it is shown, accepted or dismissed.
    pub id: String,
    /// The edit.
    pub found: Found,
    /// Who made it.
    pub origin: Origin,
}

/// What is found, and when that was last worked on which it follows from.
type Followed = (Vec<Found>, Instant);

/// Finds edits of one kind: none, some, or why there can be none.
type Finder = fn(&Scene) -> Result<Option<Followed>, Reason>;

/// All of them; of two that follow from the same deed the first counts.
const FINDERS: &[Finder] = &[rename::find, signature::find, repeat::find, import::find];

/// The edits that follow: the best first, never none; else why there is nothing.
pub async fn suggest(turn: &Turn, ask: Ask) -> Result<Vec<Suggestion>, Silence> {
    let snapshot = &turn.snapshot;
    let key = key_of(&ask.document.uri);
    let outcome = stages(turn, &key, &ask).await;
    match &outcome {
        Ok(_) => snapshot.next.speaks(&key),
        Err(silence) => {
            tracing::debug!(reason = silence.reason.name(), "no next edit");
            snapshot.next.is_silent(&key, silence);
        }
    }
    complete::tell_status(turn);
    outcome
}

async fn stages(turn: &Turn, key: &str, ask: &Ask) -> Result<Vec<Suggestion>, Silence> {
    let snapshot = &turn.snapshot;
    let settings = &snapshot.settings.settings.next;
    if !settings.enabled {
        return Err(Reason::NextOff.into());
    }
    complete::may_suggest(snapshot, &ask.document, ask.invoked)?;
    let standing = snapshot.next.enter(key);
    let found = tokio::select! {
        biased;
        () = ask.document.stale.cancelled() => return Err(Reason::Superseded.into()),
        () = standing.cancelled() => return Err(Reason::Superseded.into()),
        found = found(turn, ask) => found?,
    };
    Ok(snapshot.next.offer(found))
}

async fn found(turn: &Turn, ask: &Ask) -> Result<(Vec<Found>, Origin), Silence> {
    let scene = Scene::new(&turn.snapshot, ask, Instant::now());
    let offers = turn.snapshot.next.clone();
    let (scene, followed) = off_wire(move || {
        let followed = followed(&scene, &offers);
        (scene, followed)
    })
    .await
    .ok_or(Reason::Failed)?;
    let silence = match followed {
        Ok(found) => return Ok((found, Origin::Local)),
        Err(reason) => Silence::from(reason),
    };
    match &turn.snapshot.settings.settings.next.route {
        Some(name) => {
            let found = routed::ask(turn, ask, &scene, name).await?;
            Ok((vec![found], Origin::Route(name.clone())))
        }
        None => Err(silence),
    }
}

/// What the trees say.
fn followed(scene: &Scene, offers: &Offers) -> Result<Vec<Found>, Reason> {
    if scene.deeds.is_empty() && scene.complaints.is_empty() {
        return Err(Reason::NoEdit);
    }
    let mut refused = None;
    let mut best: Option<Followed> = None;
    for find in FINDERS {
        match find(scene) {
            Ok(Some((mut found, at))) => {
                let before = found.len();
                found.retain(|one| !reversal::takes_back(scene, one));
                if found.len() < before {
                    refused.get_or_insert(Reason::Reversal);
                }
                found.retain(|one| !offers.declined(one));
                if !found.is_empty() && best.as_ref().is_none_or(|(_, newest)| at > *newest) {
                    best = Some((found, at));
                }
            }
            Ok(None) => {}
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    let (mut found, _) = best.ok_or(refused.unwrap_or(Reason::NothingFollows))?;
    scene.order(&mut found);
    Ok(found)
}
