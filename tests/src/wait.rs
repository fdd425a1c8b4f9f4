//! The hang guard: how long a test waits for something that must come, and polling for what sends no message.

use std::time::{Duration, Instant};

/// Longest wait for anything that must happen. A guard against hangs, not a measure: it is far above every bar, so that a
/// loaded machine does not turn it into a time test. `NEXTLINE_TEST_WAIT` overrides it, in seconds.
#[must_use]
pub fn guard() -> Duration {
    let seconds = std::env::var("NEXTLINE_TEST_WAIT")
        .ok()
        .and_then(|s| s.parse().ok());
    Duration::from_secs(seconds.unwrap_or(30))
}

/// Asks `ready` until it gives a value.
///
/// # Panics
/// With `what` when the guard passes first.
pub fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + guard();
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < end, "waited {:?} in vain: {what}", guard());
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
