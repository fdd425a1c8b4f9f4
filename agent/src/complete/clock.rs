//! How long each stage of one completion took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Started when the ask was made.
#[derive(Debug)]
pub struct Clock {
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last: Instant,
    stages: BTreeMap<String, f64>,
}

impl Default for Clock {
    fn default() -> Self {
        let begun = Instant::now();
        Clock {
            begun,
            state: Mutex::new(State {
                last: begun,
                stages: BTreeMap::new(),
            }),
        }
    }
}

impl Clock {
    /// When the ask was made.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// A stage ended now; it began when the one before it ended.
    pub fn stage(&self, name: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let ms = milliseconds(now - state.last);
        *state.stages.entry(name.to_owned()).or_default() += ms;
        state.last = now;
    }

    /// Milliseconds by stage, and in all.
    pub fn stages(&self) -> BTreeMap<String, f64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stages = state.stages.clone();
        stages.insert("total".into(), milliseconds(self.begun.elapsed()));
        stages
    }
}

/// To the microsecond.
fn milliseconds(time: std::time::Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
