//! Answers on their way: one upstream request for each document, which outlives the keystroke that began it as long as what is typed
//! agrees with what it says.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::cache::Entry;
use super::stem::{Place, Rest, Stem, Typed};
use super::{Reason, Silence};

/// How long a flight that everyone cancelled waits for somebody new: editors cancel before each keystroke.
const LINGER: Duration = Duration::from_millis(30);
/// A route that has said nothing for so many times its best recent time is stuck, and a newer text is worth a new request.
const STUCK: u32 = 4;
/// Never stuck before.
const STUCK_LEAST: Duration = Duration::from_millis(150);
/// Taken for the best time of a route that has not answered yet.
const UNKNOWN: Duration = Duration::from_millis(250);
/// Answers whose time is remembered.
const TIMES: usize = 16;

/// How a flight ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// With an answer.
    Answer(Arc<Entry>),
    /// With none.
    Silence(Silence),
    /// Nobody wanted it any more.
    HungUp,
}

/// One upstream request.
#[derive(Debug)]
pub struct Flight {
    /// The document's key.
    key: String,
    /// Where its answer belongs.
    pub stem: Stem,
    /// Of the settings under which it began.
    pub source: u64,
    state: Mutex<State>,
    /// Counts what happened.
    news: watch::Sender<u64>,
    hangup: CancellationToken,
    /// Told when the last one who waits cancels.
    alone: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// When it was sent; `None` while it is held back.
    sent: Option<Instant>,
    said: String,
    /// What was typed by the last edit.
    typed: Option<Typed>,
    waiting: usize,
    outcome: Option<Outcome>,
}

impl Flight {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request goes out now.
    pub fn send(&self) {
        self.state().sent = Some(Instant::now());
    }

    /// The model has said more.
    pub fn say(&self, more: &str) {
        let mut state = self.state();
        state.said.push_str(more);
        let wrong = |typed: &Typed| typed.contradicts(&state.said, self.stem.line());
        if state.typed.as_ref().is_some_and(wrong) {
            self.hang_up();
        }
        drop(state);
        self.news.send_modify(|count| *count += 1);
    }

    /// Closes the connection.
    pub fn hang_up(&self) {
        self.hangup.cancel();
    }

    /// Resolves when nobody wants the answer.
    pub async fn unwanted(&self) {
        loop {
            tokio::select! {
                () = self.hangup.cancelled() => return,
                () = self.alone.notified() => {}
            }
            tokio::select! {
                () = self.hangup.cancelled() => return,
                () = tokio::time::sleep(LINGER) => {}
            }
            if self.state().waiting == 0 {
                return;
            }
        }
    }

    fn wait(self: &Arc<Self>, cancel: &CancellationToken) -> Waiting {
        self.state().waiting += 1;
        Waiting {
            flight: self.clone(),
            cancel: cancel.clone(),
        }
    }

    /// What was typed since it began, while that may still be what it says; `None` if it is of no use here.
    fn typed(&self, place: &Place) -> Option<Typed> {
        let typed = place.typed(&self.stem)?;
        let state = self.state();
        let held = state.sent.is_none() && !typed.text.is_empty();
        let wrong = typed.contradicts(&state.said, self.stem.line());
        (!held && !wrong).then_some(typed)
    }
}

/// Somebody who waits for a flight. Dropped by a cancel it may end the flight; dropped because the text moved on it does not.
struct Waiting {
    flight: Arc<Flight>,
    cancel: CancellationToken,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.flight.state();
        state.waiting -= 1;
        if state.waiting == 0 && self.cancel.is_cancelled() {
            self.flight.alone.notify_one();
        }
    }
}

/// What a flight has for somebody who waits.
pub enum Landed {
    /// The answer's rest at the place.
    Rest(Arc<Entry>, Rest),
    /// Nothing, and asking again would not help.
    Silence(Silence),
    /// Nothing for this place: ask anew.
    Anew,
}

/// The flights of all documents.
#[derive(Default)]
pub struct Flights {
    table: Mutex<HashMap<String, Arc<Flight>>>,
    times: Mutex<VecDeque<Duration>>,
}

impl Flights {
    fn table(&self) -> MutexGuard<'_, HashMap<String, Arc<Flight>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The flight that may answer here, or a new one in the place of what is under way; `true` if it is new.
    pub fn board(&self, key: &str, place: &Place, source: u64) -> (Arc<Flight>, bool) {
        let mut table = self.table();
        if let Some(flight) = table.get(key) {
            if !flight.hangup.is_cancelled() && flight.typed(place).is_some() {
                return (flight.clone(), false);
            }
            flight.hang_up();
        }
        let flight = Arc::new(Flight {
            key: key.to_owned(),
            stem: place.stem(),
            source,
            state: Mutex::default(),
            news: watch::Sender::new(0),
            hangup: CancellationToken::new(),
            alone: Notify::new(),
        });
        table.insert(key.to_owned(), flight.clone());
        (flight, true)
    }

    /// The text was changed: what contradicts its flight ends it. Cheap, for the wire's task.
    pub fn retest<'p>(&self, key: &str, place: impl FnOnce() -> &'p Place) {
        let mut table = self.table();
        let Some(flight) = table.get(key) else { return };
        let typed = place().typed(&flight.stem);
        let mut state = flight.state();
        let wrong = |typed: &Typed| typed.contradicts(&state.said, flight.stem.line());
        if typed.as_ref().is_some_and(wrong) {
            drop(state);
            flight.hang_up();
            table.remove(key);
        } else {
            state.typed = typed;
        }
    }

    /// Nobody will ask for this document.
    pub fn forget(&self, key: &str) {
        if let Some(flight) = self.table().remove(key) {
            flight.hang_up();
        }
    }

    /// A flight has ended.
    pub fn land(&self, flight: &Arc<Flight>, outcome: Outcome) {
        {
            let mut table = self.table();
            if table
                .get(&flight.key)
                .is_some_and(|now| Arc::ptr_eq(now, flight))
            {
                table.remove(&flight.key);
            }
        }
        let mut state = flight.state();
        if let (Some(sent), Outcome::Answer(_)) = (state.sent, &outcome) {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.push_front(sent.elapsed());
            times.truncate(TIMES);
        }
        state.outcome = Some(outcome);
        drop(state);
        flight.news.send_modify(|count| *count += 1);
    }

    /// How long a silent flight is waited for by somebody who has typed on.
    fn stuck(&self) -> Duration {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let best = times.iter().min().copied().unwrap_or(UNKNOWN);
        (best * STUCK).max(STUCK_LEAST)
    }

    /// Waits for a flight at a place. One that is stuck is given up for a newer text at once: a route that hangs holds no keystroke back.
    pub async fn wait(
        &self,
        flight: &Arc<Flight>,
        place: &Place,
        cancel: &CancellationToken,
    ) -> Landed {
        let Some(typed) = place.typed(&flight.stem) else {
            return Landed::Anew;
        };
        let mut news = flight.news.subscribe();
        let _waiting = flight.wait(cancel);
        loop {
            let (silent, sent) = {
                let state = flight.state();
                match &state.outcome {
                    Some(Outcome::Answer(entry)) => {
                        return match entry.rest(place) {
                            Some(rest) => Landed::Rest(entry.clone(), rest),
                            // Asked again it would be the same.
                            None if typed.text.is_empty() => Landed::Silence(Reason::Empty.into()),
                            None => Landed::Anew,
                        };
                    }
                    Some(Outcome::Silence(silence))
                        if typed.text.is_empty() || silence.reason != Reason::Empty =>
                    {
                        return Landed::Silence(silence.clone());
                    }
                    Some(_) => return Landed::Anew,
                    None => {}
                }
                if typed.contradicts(&state.said, flight.stem.line()) {
                    return Landed::Anew;
                }
                (state.said.is_empty(), state.sent)
            };
            let give_up = match sent {
                Some(sent) if silent && !typed.text.is_empty() => Some(sent + self.stuck()),
                _ => None,
            };
            let stuck = async {
                match give_up {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // Fails only with the flight gone, and we hold it.
                _ = news.changed() => {}
                () = stuck => {
                    flight.hang_up();
                    return Landed::Anew;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    fn place(drawn: &str) -> Place {
        let text = Text::from(drawn);
        Place::new(1, &text, text.end(), 4)
    }

    fn here(drawn: &str) -> &'static Place {
        Box::leak(Box::new(place(drawn)))
    }

    #[test]
    fn one_flight_for_a_document() {
        let flights = Flights::default();
        let (first, new) = flights.board("a", &place("let a = "), 1);
        assert!(new);
        // Held back: only the same place may join.
        assert!(!flights.board("a", &place("let a = "), 1).1);
        first.send();
        let (same, new) = flights.board("a", &place("let a = f"), 1);
        assert!(!new && Arc::ptr_eq(&first, &same));
        first.say("foo");
        assert!(!flights.board("a", &place("let a = fo"), 1).1);
        assert!(!first.hangup.is_cancelled());
        let (other, new) = flights.board("a", &place("let a = x"), 1);
        assert!(new && first.hangup.is_cancelled());
        assert!(!other.hangup.is_cancelled());
    }

    #[test]
    fn typing_against_it_hangs_up() {
        let flights = Flights::default();
        let (flight, _) = flights.board("a", &place("let a = "), 1);
        flight.send();
        flights.retest("a", || here("let a = f"));
        flight.say("foo(");
        flights.retest("a", || here("somewhere else"));
        flights.retest("a", || here("let a = fo"));
        assert!(!flight.hangup.is_cancelled());
        flights.retest("a", || here("let a = fx"));
        assert!(flight.hangup.is_cancelled());
        let (silent, _) = flights.board("a", &place("let b = "), 1);
        silent.send();
        flights.retest("a", || here("let b = x"));
        assert!(!silent.hangup.is_cancelled(), "it has said nothing yet");
        silent.say("foo(");
        assert!(silent.hangup.is_cancelled());
    }

    #[tokio::test]
    async fn a_failure_is_everyones_and_an_empty_answer_only_its_own() {
        for (reason, typed, anew) in [
            (Reason::RouteFailed, "let a = f", false),
            (Reason::Empty, "let a = f", true),
            (Reason::Empty, "let a = ", false),
        ] {
            let flights = Flights::default();
            let (flight, _) = flights.board("a", &place("let a = "), 1);
            flight.send();
            flights.land(&flight, Outcome::Silence(reason.into()));
            let landed = flights
                .wait(&flight, &place(typed), &CancellationToken::new())
                .await;
            assert_eq!(matches!(landed, Landed::Anew), anew, "{reason:?} {typed:?}");
        }
    }
}
