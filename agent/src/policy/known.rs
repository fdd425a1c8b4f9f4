//! A decision that was made before, and whether it still counts.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::disk::{Sort, Stamp, View};
use super::verdict::Verdict;

/// How long what a request saw on the disk counts in its own next steps: a change meanwhile counts from the next request on.
const SEEN: Duration = Duration::from_millis(2);

/// A decision and what it hangs on.
pub struct Known {
    /// The workspace folders that were open.
    pub folders: Vec<PathBuf>,
    /// The decision.
    pub verdict: Verdict,
    watched: Vec<(PathBuf, Option<Stamp>)>,
    /// Whether all of it was old enough that an equal stamp means no change.
    settled: bool,
    /// When nothing of it was found changed last.
    seen: Mutex<Option<Instant>>,
}

impl Known {
    /// What was decided at `now` by what is watched.
    pub fn new(
        folders: Vec<PathBuf>,
        verdict: Verdict,
        watched: Vec<(PathBuf, Option<Stamp>)>,
        now: SystemTime,
    ) -> Known {
        let mut stamps = watched.iter().filter_map(|(_, stamp)| *stamp);
        Known {
            folders,
            verdict,
            // What a link leads to may change without it.
            settled: stamps.all(|stamp| stamp.sort != Sort::Link && stamp.is_settled(now)),
            watched,
            seen: Mutex::default(),
        }
    }

    /// Whether nothing changed, in a request that came at `since`.
    pub fn stands(&self, view: &dyn View, since: Instant) -> bool {
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.settled {
            return false;
        }
        if seen().is_some_and(|seen| seen >= since && seen.elapsed() < SEEN) {
            return true;
        }
        let looked = Instant::now();
        let same = |(path, stamp): &(PathBuf, Option<Stamp>)| view.look(path) == *stamp;
        let stands = self.watched.iter().all(same);
        if stands {
            *seen() = Some(looked);
        }
        stands
    }
}
