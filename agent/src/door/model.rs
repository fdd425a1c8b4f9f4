//! A model of cancel against complete: every order in which the door's tasks may run, as shuttle draws it.
//!
//! The process computes on one thread, so tasks change places only where they wait: what is scheduled here is the door's own table,
//! entries and outbox, unchanged, around work and a client that wait as often as they like.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use nextline_protocol::Fault;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shuttle::future::{block_on, spawn, yield_now};
use shuttle::rand::{Rng, thread_rng};
use tokio::io::AsyncWrite;
use tokio_util::sync::CancellationToken;

use super::pending::Pending;
use crate::wire::{Framing, Id, Outbox};

/// Orders that are drawn.
const ORDERS: usize = 5_000;
/// Messages that the client sends at most, and places of the outbox: fewer, so that it is full now and then.
const MESSAGES: u32 = 8;
const PLACES: u32 = 2;

/// A client that reads when it likes.
#[derive(Clone, Default)]
struct Client(Arc<Mutex<Vec<u8>>>);

impl AsyncWrite for Client {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if thread_rng().gen_bool(0.5) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.0.lock().unwrap().extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn waits(most: u32) {
    for _ in 0..thread_rng().gen_range(0..=most) {
        yield_now().await;
    }
}

fn id(turn: u64) -> Id {
    Id::read(&RawValue::from_string(turn.to_string()).unwrap()).unwrap()
}

/// What a client must have been told, by its ids: the text of the answer, or the fault's code.
type Owed = BTreeMap<u64, Value>;

/// One connection from its first request to its end.
async fn connection() {
    let client = Client::default();
    let (outbox, written) = Outbox::bounded(client.clone(), Framing::Lines, PLACES, 2);
    let written = spawn(written);
    let pending = Pending::default();
    let mut owed = Owed::new();
    for turn in 1..=u64::from(thread_rng().gen_range(1..=MESSAGES)) {
        outbox.room().await;
        match thread_rng().gen_range(0..4) {
            // A request that is refused at once.
            0 => {
                outbox.reply_now(&id(turn), Err(Fault::new(-32600, "refused")));
                owed.insert(turn, json!(-32600));
            }
            // A cancel of an earlier one, answered or not or never asked.
            1 => {
                let which = thread_rng().gen_range(0..=turn);
                if let Some((_, cancelled)) = pending.cancel(&which.to_string()) {
                    outbox.reply_now(&cancelled, Err(Fault::cancelled()));
                    owed.insert(which, json!(Fault::cancelled().code));
                }
            }
            _ => {
                let entry = pending.enter(turn, id(turn), CancellationToken::new());
                let outbox = outbox.clone();
                owed.insert(turn, json!("done"));
                spawn(async move {
                    let work = async {
                        waits(3).await;
                        Ok::<_, Fault>("done")
                    };
                    if let Some(outcome) = entry.outcome(work).await {
                        outbox.reply(&id(turn), outcome).await;
                    }
                });
            }
        }
        waits(2).await;
    }
    pending.idle().await;
    assert_eq!(pending.len(), 0);
    outbox.end().await;
    written.await.unwrap().unwrap();

    let said = client.0.lock().unwrap().clone();
    let mut told = Owed::new();
    for line in String::from_utf8(said).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let told_before = told.insert(
            line["id"].as_u64().unwrap(),
            line.get("result").unwrap_or(&line["error"]["code"]).clone(),
        );
        assert_eq!(told_before, None, "two answers: {line}");
    }
    assert_eq!(told, owed);
}

#[test]
fn each_request_is_answered_once_in_whatever_order_tasks_run() {
    shuttle::check_random(|| block_on(connection()), ORDERS);
}
