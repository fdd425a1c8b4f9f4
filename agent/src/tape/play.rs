//! Gives the answers of a recorded session back: no key is asked for and no connection is opened.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use super::event::{Event, Recording};

/// A part of a recorded answer: a head, bytes, an end, or why there is none.
pub type Answered = mpsc::UnboundedReceiver<Event>;

/// A session that is played back.
pub struct Playing {
    asks: Mutex<Vec<Ask>>,
    feeds: Mutex<Vec<Option<mpsc::UnboundedSender<Event>>>>,
    asked: watch::Sender<usize>,
    /// Requests that were made in the recording up to what is played now.
    due: AtomicUsize,
    /// Nothing will come to those who asked before their turn.
    early: Mutex<Vec<mpsc::UnboundedSender<Event>>>,
    extra: AtomicUsize,
    clock: Mutex<VecDeque<u64>>,
    masks: Vec<(String, String)>,
    process: u32,
}

/// A recorded request, until it is asked again.
struct Ask {
    digest: String,
    answered: Option<Answered>,
}

impl Playing {
    /// Over a recording.
    pub fn new(recording: &Recording) -> Playing {
        let events = || recording.lines.iter().map(|line| &line.event);
        let (mut asks, mut feeds) = (Vec::new(), Vec::new());
        for event in events() {
            if let Event::Asked { digest, .. } = event {
                let (feed, answered) = mpsc::unbounded_channel();
                feeds.push(Some(feed));
                asks.push(Ask {
                    digest: digest.clone(),
                    answered: Some(answered),
                });
            }
        }
        let clock = events().filter_map(|event| match event {
            Event::Clock { now } => Some(*now),
            _ => None,
        });
        let masks = events().filter_map(|event| match event {
            Event::Mask { mask, stands_for } => Some((mask.clone(), stands_for.clone())),
            _ => None,
        });
        Playing {
            asks: Mutex::new(asks),
            feeds: Mutex::new(feeds),
            asked: watch::Sender::new(0),
            due: AtomicUsize::new(0),
            early: Mutex::default(),
            extra: AtomicUsize::new(0),
            clock: Mutex::new(clock.collect()),
            masks: masks.collect(),
            process: recording.process(),
        }
    }

    /// The answer to a request: that of the same request, else of the first one that was not asked yet. What is asked before that one's
    /// turn was guessed ahead of time, and waits until somebody hangs up. `None` for one too many.
    pub fn answer(&self, body: &[u8]) -> Option<Answered> {
        let digest = crate::ledger::sha256(body);
        let mut asks = lock(&self.asks);
        let open = |ask: &Ask| ask.answered.is_some();
        let same = asks
            .iter()
            .position(|ask| open(ask) && ask.digest == digest);
        let due = self.due.load(Ordering::Relaxed);
        let Some(at) = same.or_else(|| asks.iter().take(due).position(open)) else {
            if asks.iter().any(open) {
                let (nothing, answered) = mpsc::unbounded_channel();
                lock(&self.early).push(nothing);
                return Some(answered);
            }
            self.extra.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let answered = asks[at].answered.take();
        drop(asks);
        self.asked.send_modify(|asked| *asked += 1);
        answered
    }

    /// So many requests were made in the recording up to what is played now.
    pub fn reach(&self, due: usize) {
        self.due.store(due, Ordering::Relaxed);
    }

    /// How many requests were asked so far, to be waited for.
    pub fn asked(&self) -> watch::Receiver<usize> {
        self.asked.subscribe()
    }

    /// Requests that the recording does not have.
    pub fn too_many(&self) -> usize {
        self.extra.load(Ordering::Relaxed)
    }

    /// A part of a recorded answer is here.
    pub fn feed(&self, ask: usize, event: Event) {
        let last = matches!(event, Event::End { .. } | Event::Silent { .. });
        let mut feeds = lock(&self.feeds);
        let Some(place) = feeds.get_mut(ask) else {
            return;
        };
        if let Some(feed) = place {
            // Whoever asked may have hung up.
            let _ = feed.send(event);
        }
        if last {
            *place = None;
        }
    }

    /// What the clock shows next.
    pub(super) fn clock(&self) -> Option<u64> {
        lock(&self.clock).pop_front()
    }

    pub(super) fn process(&self) -> u32 {
        self.process
    }

    pub(super) fn masks(&self) -> &[(String, String)] {
        &self.masks
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
