//! One request while it is under way: what is seen of its answer, until its end goes to the queue.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::entry::Ended;
use super::price::Counted;
use super::writer::Message;
use super::{ANSWERED, Inner, lock, now};

/// One request in the ledger. Clones are the same row; it ends, as cancelled if nothing else was said, when the last one is dropped.
#[derive(Clone, Default)]
pub struct Row(Option<Arc<Open>>);

struct Open {
    ledger: Arc<Inner>,
    number: u64,
    begun: Instant,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    outcome: Option<String>,
    status: Option<u16>,
    request_id: Option<String>,
    bytes_in: u64,
    first: Option<Duration>,
    /// Until the outcome was known.
    total: Option<Duration>,
    counted: Counted,
}

impl Row {
    /// A row that begins now, with so many bytes of body.
    pub(super) fn begun(ledger: Arc<Inner>, number: u64, bytes: usize) -> Row {
        Row(Some(Arc::new(Open {
            ledger,
            number,
            begun: Instant::now(),
            seen: Mutex::new(Seen {
                counted: Counted {
                    sent_bytes: bytes as u64,
                    ..Counted::default()
                },
                ..Seen::default()
            }),
        })))
    }

    fn see(&self, seen: impl FnOnce(&mut Seen, Duration)) {
        if let Some(open) = &self.0 {
            seen(&mut lock(&open.seen), open.begun.elapsed());
        }
    }

    /// The head of the answer came.
    pub fn answered(&self, status: u16, request_id: Option<&str>) {
        self.see(|seen, _| {
            seen.status = Some(status);
            seen.request_id = request_id.map(str::to_owned);
        });
    }

    /// Bytes of the answer's body came.
    pub fn received(&self, bytes: usize) {
        self.see(|seen, after| {
            seen.bytes_in += bytes as u64;
            seen.first.get_or_insert(after);
        });
    }

    /// Bytes of the model's text came.
    pub fn text(&self, bytes: usize) {
        self.see(|seen, _| seen.counted.text_bytes += bytes as u64);
    }

    /// The provider counted tokens; what it leaves open stays as it was.
    pub fn used(&self, input: Option<u64>, output: Option<u64>, cached: Option<u64>) {
        self.see(|seen, _| {
            let counted = &mut seen.counted;
            counted.input = input.or(counted.input);
            counted.output = output.or(counted.output);
            counted.cached = cached.or(counted.cached);
        });
    }

    /// The answer came to its end.
    pub fn done(&self) {
        self.see(|seen, after| {
            seen.outcome = Some(ANSWERED.into());
            seen.total.get_or_insert(after);
        });
    }

    /// It failed, in one word. The first failure counts, and none after the end.
    pub fn failed(&self, word: &str, status: Option<u16>, request_id: Option<&str>) {
        self.see(|seen, after| {
            seen.outcome.get_or_insert_with(|| word.into());
            seen.total.get_or_insert(after);
            seen.status = seen.status.or(status);
            if seen.request_id.is_none() {
                seen.request_id = request_id.map(str::to_owned);
            }
        });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let seen = std::mem::take(&mut *lock(&self.seen));
        let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let tokens = |count: Option<u64>| count.map(|count| count as i64);
        let ended = Ended {
            at: now(),
            outcome: seen.outcome.unwrap_or_else(|| "cancelled".into()),
            status: seen.status.map(i64::from),
            request_id: seen.request_id,
            bytes_in: seen.bytes_in as i64,
            input: tokens(seen.counted.input),
            output: tokens(seen.counted.output),
            cached: tokens(seen.counted.cached),
            first_ms: seen.first.map(ms),
            total_ms: ms(seen.total.unwrap_or_else(|| self.begun.elapsed())),
            ..Ended::default()
        };
        self.ledger
            .push(Message::Ended(self.number, Box::new(ended), seen.counted));
    }
}
