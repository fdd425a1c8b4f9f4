//! One ask from the first request to the last delta: tries, deadlines and the breaker stand here, once for every provider.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt, unfold};
use tokio::time::{Instant, sleep, timeout_at};

use super::deadline::{Deadlines, Passed, Progress};
use super::error::{Failure, Kind, RouteError};
use super::reply::{Reply, Step};
use super::request::is_line;
use super::{Delta, Inner, Surface, record, retry};
use crate::ledger::Row;
use crate::prompt::Prompt;
use crate::tape;

/// The deltas of one ask. Dropping it before [`Delta::Done`] closes the connection to the provider; after it, the connection is kept.
///
/// Text may be followed by an error; after an error nothing comes. `Done` is the last delta of an answer, but for a `Usage` that some
/// providers send behind it: who needs that reads on to `None`, who needs only the text drops the stream at `Done`.
pub type Answer = BoxStream<'static, Result<Delta, RouteError>>;

/// Asks `prompt` of `route`. Nothing is sent before the answer is polled.
pub(super) fn ask(route: Arc<Inner>, prompt: Prompt, surface: Surface) -> Answer {
    let limits = Deadlines::of(surface, &route.settings.timeouts);
    let asking = Asking {
        route,
        prompt,
        surface,
        limits,
        progress: Progress::start(Instant::now()),
        sent: 0,
        row: Row::default(),
        signed: Instant::now(),
        renewed: false,
        shown: false,
        ready: VecDeque::new(),
        phase: Phase::Begin,
    };
    unfold(asking, |mut asking| async {
        asking.next().await.map(|delta| (delta, asking))
    })
    .boxed()
}

struct Asking {
    route: Arc<Inner>,
    prompt: Prompt,
    surface: Surface,
    limits: Deadlines,
    progress: Progress,
    sent: u32,
    /// The last request in the ledger.
    row: Row,
    /// When the last request was signed.
    signed: Instant,
    /// Whether a refused credential was renewed.
    renewed: bool,
    /// Whether text was given out: nothing is tried again then.
    shown: bool,
    ready: VecDeque<Delta>,
    phase: Phase,
}

enum Phase {
    Begin,
    Open,
    Read(Reply),
    /// Behind the end mark, until the given time.
    Rest(Reply, Instant),
    Fail(RouteError),
    End,
}

/// A line that comes in less time is here before the next key: fast typists press one in 60 ms and more.
const QUICK: Duration = Duration::from_millis(50);
/// How long usage behind the end mark is waited for, while somebody types.
const REST: Duration = Duration::from_millis(300);
/// The same where somebody reads.
const LONG_REST: Duration = Duration::from_secs(1);

impl Asking {
    async fn next(&mut self) -> Option<Result<Delta, RouteError>> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                self.shown |= matches!(delta, Delta::Text(_) | Delta::Refusal(_));
                return Some(Ok(delta));
            }
            let done = match &self.phase {
                Phase::Begin => self.begin(),
                Phase::Open => self.open().await,
                Phase::Read(_) => self.read().await,
                Phase::Rest(..) => {
                    self.rest().await;
                    Ok(())
                }
                Phase::Fail(_) | Phase::End => {
                    return match std::mem::replace(&mut self.phase, Phase::End) {
                        Phase::Fail(error) => Some(Err(error)),
                        _ => None,
                    };
                }
            };
            if let Err(failure) = done {
                self.phase = self.after(failure).await;
            }
        }
    }

    /// Only what nobody asked for by hand waits for the breaker.
    fn begin(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        self.progress = Progress::start(now);
        self.phase = Phase::Open;
        if let Some(why) = self.route.spent(&self.prompt, self.surface) {
            return Err(Failure::new(Kind::Budget, why));
        }
        match self.surface {
            Surface::Completion => self.route.breaker.admit(now),
            Surface::Edit | Surface::Chat => Ok(()),
        }
    }

    async fn open(&mut self) -> Result<(), Failure> {
        let (at, passed) = self.progress.limit(&self.limits);
        if self.sent == 0 {
            self.route.budget.deposit();
        }
        self.sent += 1;
        let (row, connect) = (OnceLock::new(), self.limits.connect);
        let opening = self.route.send(
            &self.prompt,
            self.surface,
            self.sent,
            connect,
            &mut self.signed,
            &row,
        );
        let reply = timeout_at(at, opening)
            .await
            .unwrap_or_else(|_| Err(late(passed)));
        self.row = row.into_inner().unwrap_or_default();
        let reply = reply?;
        let named = reply.request_id().map(str::to_owned);
        self.ready.extend(named.map(Delta::Named));
        self.phase = Phase::Read(reply);
        Ok(())
    }

    async fn read(&mut self) -> Result<(), Failure> {
        let Phase::Read(reply) = &mut self.phase else {
            return Ok(());
        };
        let (at, passed) = self.progress.limit(&self.limits);
        let mut found = Vec::new();
        let step = timeout_at(at, reply.step(&mut found))
            .await
            .unwrap_or_else(|_| Err(late(passed)));
        record::came(&self.row, &found);
        let texts = found.iter().any(|delta| !matches!(delta, Delta::Usage(_)));
        // What stood before a fault in the same packet is still what the model said.
        self.ready.extend(found);
        if texts {
            // Not first at the end mark: a reader who has what it needs never gets there.
            self.route.breaker.succeeded();
        }
        let now = Instant::now();
        match step? {
            // Thoughts are content to someone who waits for an answer, not to someone who types.
            Step::Content if texts || self.limits.lenient => self.progress.content(now),
            Step::Content | Step::Sign => self.progress.sign(now),
            Step::End => {}
        }
        if let Phase::Read(reply) = &self.phase
            && reply.is_done()
            && let Phase::Read(reply) = std::mem::replace(&mut self.phase, Phase::End)
        {
            if is_line(&self.prompt, self.surface) {
                // A recording has to ask the same when it is played.
                let quick = self.progress.tried_for(now) < QUICK && !tape::is_in();
                self.route.quick.store(quick, Ordering::Relaxed);
            }
            let rest = match self.surface {
                Surface::Completion => REST,
                Surface::Edit | Surface::Chat => LONG_REST,
            };
            self.phase = Phase::Rest(reply, now + rest);
        }
        Ok(())
    }

    /// Reads what comes behind the end mark, for the usage in it and to keep the connection; its faults concern nobody.
    async fn rest(&mut self) {
        let Phase::Rest(reply, until) = &mut self.phase else {
            return;
        };
        let mut found = Vec::new();
        let step = timeout_at(*until, reply.step(&mut found)).await;
        if !matches!(step, Ok(Ok(Step::Content | Step::Sign))) {
            self.phase = Phase::End;
        }
        record::came(&self.row, &found);
        self.ready.extend(found);
    }

    /// What follows a failure: another request, or the error.
    async fn after(&mut self, failure: Failure) -> Phase {
        record::failed(&std::mem::take(&mut self.row), &failure);
        self.route.quick.store(false, Ordering::Relaxed);
        if matches!(
            failure.kind,
            Kind::Resting { .. } | Kind::Budget | Kind::Policy
        ) {
            return Phase::Fail(failure.at(&self.route.place()));
        }
        let text = |delta: &Delta| !matches!(delta, Delta::Usage(_));
        if !self.shown && !self.ready.iter().any(text) {
            // What a failed try counted is not what the answer will cost.
            self.ready.clear();
            if self.route.hole_refused(&self.prompt, &failure) {
                return Phase::Open;
            }
            // What was forgotten is anew for the next ask, too, even where this one may not go on.
            if failure.status.is_some()
                && self.route.credential.refused(&failure, self.signed)
                && !std::mem::replace(&mut self.renewed, true)
            {
                return Phase::Open;
            }
            if let Some(wait) = retry::wait(self.surface, self.sent, &failure)
                && self.progress.allows(wait, &self.limits)
                && (self.surface != Surface::Completion || !self.route.breaker.is_failing())
                && self.route.budget.withdraw(Instant::now())
            {
                sleep(wait).await;
                self.progress.try_again(Instant::now());
                return Phase::Open;
            }
        }
        self.route.breaker.failed(&failure, Instant::now());
        Phase::Fail(failure.at(&self.route.place()))
    }
}

fn late(passed: Passed) -> Failure {
    let what = match passed {
        Passed::First(limit) => format!(
            "no text came within {} ms; try again, or raise `timeouts.first_byte_ms` of this route",
            limit.as_millis()
        ),
        Passed::Idle(limit) => format!(
            "the text stopped for {} ms; try again, or raise `timeouts.idle_ms` of this route",
            limit.as_millis()
        ),
        Passed::Total(limit) => format!(
            "the answer took longer than {} ms; lower `max_output_tokens` or raise `timeouts.total_ms` of this route",
            limit.as_millis()
        ),
    };
    Failure::new(Kind::Timeout, what)
}
