//! When the same request is sent again: the tries of a surface, the provider's own wishes, and the back-off between.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::Surface;
use super::date::{at, days};
use super::error::{Failure, Retry};

/// Longest wait that is sat out; a longer one is shown instead.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest wait that a completion sits out: a later keystroke asks again anyway.
const HASTE: Duration = Duration::from_secs(1);
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(8);

/// Most requests that one ask may cost, the first one included.
pub fn tries(surface: Surface) -> u32 {
    match surface {
        Surface::Completion => 2,
        Surface::Edit | Surface::Chat => 3,
    }
}

/// How long to wait before another try; `None` when there is none. `sent` counts the requests so far.
pub fn wait(surface: Surface, sent: u32, failure: &Failure) -> Option<Duration> {
    if sent >= tries(surface) {
        return None;
    }
    let patience = match surface {
        Surface::Completion => HASTE,
        Surface::Edit | Surface::Chat => PATIENCE,
    };
    match failure.retry {
        Retry::Never => None,
        Retry::Soon => Some(back_off(sent, jitter())),
        Retry::After(wish) => (wish <= patience).then_some(wish),
    }
}

/// Tries that a burst may cost beyond the tenth; what is left unused is not saved up.
const RESERVE: u64 = 10 * TRY;
/// What each request earns.
const SHARE: u64 = TRY / 10;
/// One further try, in the unit that a millisecond earns.
const TRY: u64 = 1000;

/// How many further tries a route may cost: a tenth of its requests and one a second, so that a provider in trouble is not asked twice
/// for everything.
#[derive(Debug)]
pub struct Budget(Mutex<(u64, Option<Instant>)>);

impl Default for Budget {
    fn default() -> Self {
        Budget(Mutex::new((RESERVE, None)))
    }
}

impl Budget {
    /// A request that is no further try.
    pub fn deposit(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = (state.0 + SHARE).min(RESERVE);
    }

    /// Whether there may be a further try now; takes it.
    pub fn withdraw(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = state
            .1
            .map_or(0, |then| now.duration_since(then).as_millis() as u64);
        *state = ((state.0 + since).min(RESERVE), Some(now));
        if state.0 < TRY {
            return false;
        }
        state.0 -= TRY;
        true
    }
}

/// The doubled step, less up to a quarter: clients that failed together do not return together, and each wait is longer than the last.
fn back_off(sent: u32, jitter: f64) -> Duration {
    let step = FIRST_BACK_OFF * 2u32.saturating_pow(sent.saturating_sub(1));
    step.min(LONGEST_BACK_OFF).mul_f64(1.0 - jitter / 4.0)
}

/// A number from 0 to 1. The clock's finest digits are random enough to spread clients.
fn jitter() -> f64 {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    f64::from(now.subsec_nanos() % 1_000_003) / 1_000_003.0
}

/// What the provider says about coming back: `x-should-retry`, `retry-after-ms`, `Retry-After` as seconds or as a date.
pub fn wish(headers: &HeaderMap, now: SystemTime) -> (Option<bool>, Option<Duration>) {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let seconds = |text: &str, scale: f64| {
        let seconds = text.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds * scale).ok()
    };
    let should = match text("x-should-retry") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    };
    let after = text("retry-after-ms")
        .and_then(|ms| seconds(ms, 0.001))
        .or_else(|| {
            let after = text("retry-after")?;
            seconds(after, 1.0)
                .or_else(|| Some(date(after)?.duration_since(now).unwrap_or_default()))
        });
    (should, after)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The moment that an HTTP date names, in any of its three forms (RFC 9110, 5.6.7). The name of the day is not looked at.
pub fn date(text: &str) -> Option<SystemTime> {
    let words: Vec<&str> = text
        .split([' ', ',', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let (day, month, year, clock) = match words[..] {
        [_, day, month, year, clock, "GMT"] => (day, month, year, clock),
        [_, month, day, clock, year] => (day, month, year, clock),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let number = |text: &str| text.parse::<u64>().ok();
    let (day, year) = (number(day)?, number(year)?);
    // Two figures mean a year from 1970 on.
    let year = match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        _ => year,
    };
    let mut clock = clock.split(':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let sane = (1970..=9999).contains(&year)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    let seconds = || days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    sane.then(seconds).and_then(at)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::super::error::Kind;
    use super::*;

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (headers, should, after) in [
            (&[][..], None, None),
            (&[("retry-after", "3")], None, Some(3000)),
            (&[("retry-after", "0.5")], None, Some(500)),
            (
                &[("retry-after-ms", "250"), ("retry-after", "3")],
                None,
                Some(250),
            ),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")],
                None,
                Some(10_000),
            ),
            (
                &[("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT")],
                None,
                Some(0),
            ),
            (&[("retry-after", "soon")], None, None),
            (&[("retry-after", "-3")], None, None),
            (&[("retry-after", "1e99")], None, None),
            (&[("retry-after", "NaN")], None, None),
            (&[("x-should-retry", "false")], Some(false), None),
            (
                &[("x-should-retry", "true"), ("retry-after", "1")],
                Some(true),
                Some(1000),
            ),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    (
                        HeaderName::from_static(name),
                        HeaderValue::from_static(value),
                    )
                })
                .collect();
            let wanted = (should, after.map(Duration::from_millis));
            assert_eq!(wish(&map, now), wanted, "{headers:?}");
        }
    }

    #[test]
    fn dates_have_three_forms() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Thursday, 29-Feb-24 23:59:59 GMT", Some(1_709_251_199)),
            ("Fri, 31 Dec 2999 00:00:00 GMT", Some(32_503_593_600)),
            ("06 Nov 1994", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:60:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 23:59:60 GMT", Some(784_166_400)),
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49:61 GMT", None),
            ("Sun, 00 Nov 1994 08:49:37 GMT", None),
            ("Sun, 32 Nov 1994 08:49:37 GMT", None),
            ("Wed, 31 Dec 1969 23:59:59 GMT", None),
            ("Thursday, 01-Jan-70 00:00:00 GMT", Some(0)),
            ("Wednesday, 31-Dec-69 00:00:00 GMT", Some(3_155_673_600)),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("", None),
        ] {
            let wanted =
                seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(date(text), wanted, "{text}");
        }
    }

    #[test]
    fn tries_end_by_surface_and_by_patience() {
        let failure = |retry| Failure {
            retry,
            ..Failure::new(Kind::Overloaded, "")
        };
        let after = |s| Retry::After(Duration::from_secs(s));
        for (surface, sent, retry, again) in [
            (Surface::Completion, 1, Retry::Soon, true),
            (Surface::Completion, 2, Retry::Soon, false),
            (Surface::Chat, 2, Retry::Soon, true),
            (Surface::Edit, 3, Retry::Soon, false),
            (Surface::Chat, 1, Retry::Never, false),
            (Surface::Chat, 1, after(60), true),
            (Surface::Chat, 1, after(61), false),
            (Surface::Completion, 1, after(1), true),
            (Surface::Completion, 1, after(2), false),
        ] {
            let found = wait(surface, sent, &failure(retry)).is_some();
            assert_eq!(found, again, "{surface:?} {sent} {retry:?}");
        }
        assert_eq!(back_off(1, 0.0), Duration::from_millis(500));
        assert_eq!(back_off(1, 1.0), Duration::from_millis(375));
        assert_eq!(back_off(2, 1.0), Duration::from_millis(750));
        assert_eq!(back_off(30, 0.0), LONGEST_BACK_OFF);
    }

    #[test]
    fn a_tenth_and_one_a_second_are_tried_again() {
        let (budget, start) = (Budget::default(), Instant::now());
        let burst = |n: usize, at| {
            let tries = (0..n).filter(|_| {
                budget.deposit();
                budget.withdraw(at)
            });
            tries.count()
        };
        assert_eq!(burst(1000, start), 109, "the reserve, then a tenth");
        let later = start + Duration::from_secs(5);
        assert_eq!(burst(10, later), 6, "five seconds and a tenth of ten");
        assert_eq!(
            burst(20, later + Duration::from_secs(3600)),
            11,
            "no more than the reserve is saved"
        );
    }
}
