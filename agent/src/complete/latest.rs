//! The newest request of each document: what was asked elsewhere before it is no longer waited for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{Ask, Trigger};
use crate::text::Byte;

/// The newest place of each document.
#[derive(Default)]
pub struct Latest(Mutex<HashMap<String, Newest>>);

struct Newest {
    place: (Byte, Option<i64>, Trigger),
    token: CancellationToken,
    since: Instant,
    answered: Arc<AtomicBool>,
}

/// Whether a request is still the newest of its document.
pub struct Standing {
    token: CancellationToken,
    answered: Arc<AtomicBool>,
    /// How old the request was whose place it took before that was answered.
    pub overtook: Option<Duration>,
}

impl Latest {
    /// Notes a request. Requests for the same place stand beside each other; others before it are overtaken.
    pub fn enter(&self, key: &str, ask: &Ask) -> Standing {
        // A popup and ghost text are asked for the same keystroke; neither overtakes the other.
        let lane = format!("{key}\0{}", u8::from(ask.trigger == Trigger::Popup));
        let place = (ask.at, ask.document.version, ask.trigger);
        let mut table = self.table();
        match table.get(&lane) {
            Some(newest) if newest.place == place && !newest.token.is_cancelled() => Standing {
                token: newest.token.clone(),
                answered: newest.answered.clone(),
                overtook: None,
            },
            _ => {
                let token = CancellationToken::new();
                let answered = Arc::<AtomicBool>::default();
                let newest = Newest {
                    place,
                    token: token.clone(),
                    since: Instant::now(),
                    answered: answered.clone(),
                };
                let overtook = table.insert(lane, newest).and_then(|before| {
                    before.token.cancel();
                    let late = before.answered.load(Ordering::Relaxed);
                    (!late).then(|| before.since.elapsed())
                });
                Standing {
                    token,
                    answered,
                    overtook,
                }
            }
        }
    }

    /// A document was closed.
    pub fn forget(&self, key: &str) {
        let mut table = self.table();
        for lane in 0..2 {
            table.remove(&format!("{key}\0{lane}"));
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Newest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing {
    /// The request has its answer.
    pub fn answered(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Resolves when a newer request took this one's place.
    pub async fn superseded(&self) {
        self.token.cancelled().await;
    }
}
