//! When a request may go out: at once for clients that wait by themselves, else when the typist has had time for the next key.

use std::time::{Duration, Instant};

use super::latest::Standing;
use super::{Ask, Trigger};

/// Two requests so close to each other are not typed: the client sends what has piled up.
const PILED: Duration = Duration::from_millis(15);
/// How long the end of such a pile is waited for.
const SETTLED: Duration = Duration::from_millis(10);

/// Before this nothing goes out; `None` if it may at once. `throttle` counts from the last keystroke, so that a client that has waited
/// before it asked is not made to wait again.
pub fn go(ask: &Ask, standing: &Standing, throttle: Duration, now: Instant) -> Option<Instant> {
    let typed = ask.document.edits.last().map(|last| last.at);
    let due = typed
        .filter(|_| ask.trigger == Trigger::Automatic)
        .map(|at| at + throttle);
    let piled = standing
        .overtook
        .filter(|age| *age < PILED)
        .map(|_| now + SETTLED);
    due.max(piled).filter(|due| *due > now)
}
