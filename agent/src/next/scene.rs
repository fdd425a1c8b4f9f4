//! What edits are concluded from: the document in question, the other open ones, and what was done in all of them lately.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nextline_grammars::Name;

use super::{Ask, Complaint, Found};
use crate::document::history::Deed;
use crate::document::place::key_of;
use crate::document::{COMPLETED_CAP, Document};
use crate::world::Snapshot;

/// What was done longer ago is over.
const LATELY: Duration = Duration::from_secs(600);
/// Deeds of all documents that are looked at.
const DEEDS: usize = 8;
/// Other documents that are looked at.
const OTHERS: usize = 16;
/// Edits that are offered at once.
const FOUND: usize = 100;

/// Names that look odd enough and that things of standard libraries have, too.
const FAMILIAR: &str = "\
    as_bytes as_mut as_ptr as_ref as_slice as_str borrow_mut from_str get_mut into_inner into_iter is_empty is_err is_none is_ok \
    is_some iter_mut map_err ok_or or_else push_back push_str read_line size_hint split_at starts_with ends_with to_owned \
    to_string to_vec try_from try_into unwrap_or with_capacity write_all write_fmt write_str default append insert remove extend \
    contains length replace reverse values concat filter reduce resolve update indexOf forEach toString valueOf hashCode equals \
    isEmpty getName getValue setValue capacity collect source borrow unwrap expect Result Error Option String Formatter Iterator \
    Duration Instant PathBuf Ordering Display Default Context Config Builder Promise Object Number Boolean Exception Integer \
    Element";

/// Something that was done, and where.
#[derive(Debug, Clone)]
pub struct Done {
    /// The document as it is now.
    pub document: Arc<Document>,
    /// What was done.
    pub deed: Deed,
}

/// Everything that is looked at. Nothing in it changes.
pub struct Scene {
    /// The world, for what is on disk.
    pub snapshot: Snapshot,
    /// The document in question.
    pub target: Arc<Document>,
    /// The cursor in it.
    pub at: usize,
    /// Edits in other documents are wanted too.
    pub elsewhere: bool,
    /// The other open documents that may be used.
    pub others: Vec<Arc<Document>>,
    /// What was done, the newest first.
    pub deeds: Vec<Done>,
    /// The same, with what was done on one line as one deed.
    pub gathered: Vec<Done>,
    /// What tools complain about in the document.
    pub complaints: Vec<Complaint>,
}

impl Scene {
    /// The scene of an ask.
    pub fn new(snapshot: &Snapshot, ask: &Ask, now: Instant) -> Scene {
        let own = key_of(&ask.document.uri);
        let engine = &snapshot.engine;
        let usable =
            |document: &Document| document.lost.is_none() && document.text.len() <= COMPLETED_CAP;
        let open = snapshot
            .documents()
            .filter(|(key, document)| ***key != *own && usable(document));
        let mut others: Vec<Arc<Document>> = open
            .filter(|(key, _)| !engine.withheld.holds(key))
            .map(|(_, document)| document.clone())
            .collect();
        // Those that were worked on last come first; the rest in a fixed order.
        others.sort_by(|one, other| {
            let worked = |document: &Document| document.edits.last().map(|last| last.at);
            worked(other)
                .cmp(&worked(one))
                .then_with(|| one.uri.cmp(&other.uri))
        });
        others.truncate(OTHERS);
        let all = || std::iter::once(&ask.document).chain(&others);
        let mut deeds: Vec<Done> = all()
            .flat_map(|document| done(document, document.history.deeds(document)))
            .collect();
        let mut gathered: Vec<Done> = all()
            .flat_map(|document| done(document, document.history.gathered(document)))
            .collect();
        for list in [&mut deeds, &mut gathered] {
            list.retain(|done| now.saturating_duration_since(done.deed.at) <= LATELY);
            list.sort_by_key(|done| std::cmp::Reverse(done.deed.at));
            list.truncate(DEEDS);
        }
        Scene {
            snapshot: snapshot.clone(),
            target: ask.document.clone(),
            at: ask.at.0,
            elsewhere: ask.others,
            others,
            deeds,
            gathered,
            complaints: ask.complaints.clone(),
        }
    }

    /// The documents in which edits are wanted, the one in question first.
    pub fn targets(&self) -> impl Iterator<Item = &Arc<Document>> {
        let others = self.others.iter().filter(|_| self.elsewhere);
        std::iter::once(&self.target).chain(others)
    }

    /// Every document, the one in question first.
    pub fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        std::iter::once(&self.target).chain(&self.others)
    }

    /// Puts edits in the order in which somebody at the cursor meets them: on to the end, then from the start, then elsewhere. What
    /// overlaps an earlier one goes.
    pub fn order(&self, found: &mut Vec<Found>) {
        let own = |one: &Found| Arc::ptr_eq(&one.document, &self.target);
        let line = self.target.text.line_of(crate::text::Byte(self.at));
        let start = self.target.text.line_span(line).start.0;
        found.sort_by_key(|one| {
            (
                !own(one),
                own(one) && one.span.end < start,
                one.document.uri.clone(),
                one.span.start,
            )
        });
        let mut kept: Vec<Found> = Vec::new();
        for one in found.drain(..) {
            let meets = |other: &Found| {
                Arc::ptr_eq(&other.document, &one.document)
                    && other.span.start <= one.span.end
                    && one.span.start <= other.span.end
            };
            if kept.len() < FOUND && !kept.iter().any(meets) {
                kept.push(one);
            }
        }
        *found = kept;
    }
}

fn done(document: &Arc<Document>, deeds: Vec<Deed>) -> impl Iterator<Item = Done> + use<> {
    let document = document.clone();
    deeds.into_iter().map(move |deed| Done {
        document: document.clone(),
        deed,
    })
}

/// The names of a document within some bytes that read like this.
pub fn called<'d>(document: &'d Document, within: Range<usize>, text: &str) -> Vec<Name<'d>> {
    let Some(syntax) = document.syntax() else {
        return Vec::new();
    };
    syntax.names(within, |bytes| {
        bytes.len() == text.len() && document.text.bytes(bytes) == text
    })
}

/// Whether a name is long or odd enough that it means one thing.
pub fn is_distinctive(name: &str) -> bool {
    let inner = name.trim_matches('_');
    let odd =
        inner.len() >= 6 || inner.contains('_') || inner.chars().skip(1).any(char::is_uppercase);
    odd && !FAMILIAR.split(' ').any(|word| word == inner)
}
