//! When a route is left alone: after a refused key until its settings change, after failures in a row or a wish of the provider for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::{Failure, Kind};

/// Failures in a row that open the breaker.
const FAILURES: u32 = 5;
const FIRST_REST: Duration = Duration::from_secs(2);
const LONGEST_REST: Duration = Duration::from_secs(30);
/// How long completions rest after a 429 that names no time.
const RATE_REST: Duration = Duration::from_secs(1);
/// The longest wish of a provider that is followed without asking it in between.
const LONGEST_WISH: Duration = Duration::from_secs(120);

/// The state of one route. A new one is made whenever the route's settings change.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Not before this; whoever comes first afterwards is the probe and moves it on.
    until: Option<Instant>,
    rest: Duration,
    /// Whether a probe is under way, or may be.
    probed: bool,
    paused: Option<&'static str>,
}

impl Breaker {
    /// Whether an automatic request may be sent now. What a person asks for is always sent.
    pub fn admit(&self, now: Instant) -> Result<(), Failure> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = state.paused {
            return Err(Failure::new(Kind::Resting { again_in: None }, why));
        }
        let Some(until) = state.until else {
            return Ok(());
        };
        if until <= now {
            state.until = Some(now + state.rest.max(RATE_REST));
            state.probed = true;
            return Ok(());
        }
        let again_in = until - now;
        let what = format!(
            "rests for {} s after failures; the next completion then tries again",
            again_in.as_secs() + 1
        );
        Err(Failure::new(
            Kind::Resting {
                again_in: Some(again_in),
            },
            what,
        ))
    }

    /// Why completions are paused until the settings change, if they are.
    pub fn paused(&self) -> Option<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).paused
    }

    /// Its word for people and for status lines: `closed`, `open` while completions rest, `probing` while one of them looks again.
    pub fn word(&self, now: Instant) -> &'static str {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.until {
            _ if state.paused.is_some() => "open",
            None => "closed",
            Some(until) if now < until && !state.probed => "open",
            Some(_) => "probing",
        }
    }

    /// Whether the last request was an outage: it is not the time to ask twice for what a later keystroke asks again.
    pub fn is_failing(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failures > 0
    }

    /// The provider answered with content: whatever kept the route resting is over.
    pub fn succeeded(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// A request failed for good.
    pub fn failed(&self, failure: &Failure, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.probed = false;
        match (failure.kind, failure.status) {
            (Kind::Auth, Some(_)) => {
                state.paused = Some(
                    "completions are paused: the key was not accepted; correct it in the settings of this route",
                )
            }
            (Kind::Forbidden, _) => {
                state.paused = Some(
                    "completions are paused: the key may not use this model; correct the settings of this route",
                )
            }
            (Kind::RateLimited { retry_after }, _) => {
                state.until = Some(now + retry_after.unwrap_or(RATE_REST).min(LONGEST_WISH));
            }
            (kind, _) if kind.is_outage() => {
                state.failures += 1;
                if state.failures >= FAILURES {
                    state.rest = (state.rest * 2).clamp(FIRST_REST, LONGEST_REST);
                    state.until = Some(now + state.rest);
                }
            }
            // Nothing was asked of the provider.
            (Kind::Auth | Kind::Settings | Kind::Budget | Kind::Unsupported, None) => {}
            // The provider answered: it is there.
            _ => {
                *state = State {
                    paused: state.paused,
                    ..State::default()
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn five_failures_open_it_one_probe_passes_and_success_closes_it() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        let outage = Failure::new(Kind::Network, "");
        for n in 0..5 {
            assert!(breaker.admit(start).is_ok(), "failure {n}");
            breaker.failed(&outage, start);
        }
        assert_eq!(breaker.word(start + after(1999)), "open");
        assert!(breaker.admit(start + after(1999)).is_err());
        assert!(breaker.admit(start + after(2000)).is_ok(), "the probe");
        assert_eq!(breaker.word(start + after(2001)), "probing");
        assert!(breaker.admit(start + after(2001)).is_err(), "no second one");
        breaker.failed(&outage, start + after(2100));
        assert_eq!(breaker.word(start + after(2101)), "open");
        assert!(
            breaker.admit(start + after(6099)).is_err(),
            "the rest is doubled"
        );
        assert!(breaker.admit(start + after(6100)).is_ok());
        breaker.succeeded();
        assert_eq!(breaker.word(start + after(6101)), "closed");
        assert!(breaker.admit(start + after(6101)).is_ok());
    }

    #[test]
    fn a_probe_that_is_refused_found_somebody() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed(&Failure::new(Kind::Network, ""), start);
        }
        assert!(breaker.admit(start + after(2000)).is_ok());
        let refused = Failure {
            status: Some(404),
            ..Failure::new(Kind::Refused, "")
        };
        breaker.failed(&refused, start + after(2001));
        assert_eq!(breaker.word(start + after(2002)), "closed");
        assert!(breaker.admit(start + after(2002)).is_ok());
    }

    #[test]
    fn refused_keys_pause_and_wishes_are_followed() {
        let start = Instant::now();
        let failed = |kind, status| {
            let breaker = Breaker::default();
            breaker.failed(
                &Failure {
                    status,
                    ..Failure::new(kind, "")
                },
                start,
            );
            move |ms| breaker.admit(start + after(ms)).is_ok()
        };
        let limited = |s| Kind::RateLimited {
            retry_after: Some(Duration::from_secs(s)),
        };
        for (kind, status, ms, admitted) in [
            (Kind::Auth, Some(401), 3_600_000, false),
            (Kind::Forbidden, Some(403), 3_600_000, false),
            (Kind::Auth, None, 0, true),
            (Kind::Refused, Some(404), 0, true),
            (Kind::Network, None, 0, true),
            (
                Kind::RateLimited { retry_after: None },
                Some(429),
                999,
                false,
            ),
            (
                Kind::RateLimited { retry_after: None },
                Some(429),
                1000,
                true,
            ),
            (limited(10), Some(429), 9_999, false),
            (limited(10), Some(429), 10_000, true),
            (limited(3600), Some(429), 119_999, false),
            (limited(3600), Some(429), 120_000, true),
        ] {
            assert_eq!(failed(kind, status)(ms), admitted, "{kind:?} after {ms} ms");
        }
    }

    #[test]
    fn what_was_not_asked_and_what_was_answered_leave_a_pause_as_it_is() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed(&Failure::new(Kind::Network, ""), start);
        }
        for kind in [Kind::Auth, Kind::Settings, Kind::Budget, Kind::Unsupported] {
            breaker.failed(&Failure::new(kind, ""), start);
            assert_eq!(breaker.word(start), "open", "{kind:?}");
            assert!(breaker.is_failing() && breaker.paused().is_none());
        }
        let answered = |kind, status| Failure {
            status: Some(status),
            ..Failure::new(kind, "")
        };
        breaker.failed(&answered(Kind::Auth, 401), start);
        breaker.failed(&answered(Kind::Refused, 404), start);
        assert!(breaker.paused().is_some() && !breaker.is_failing());
        assert_eq!(breaker.word(start), "open");
    }
}
