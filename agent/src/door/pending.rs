//! Requests that are not answered yet, and who may answer them.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use nextline_protocol::Fault;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::wire::Id;

#[derive(Default)]
struct Table {
    /// Requests by the turn that they came in, until somebody has the right to answer.
    asked: HashMap<u64, (Id, CancellationToken)>,
    /// Entries that live.
    entries: usize,
}

/// Requests that are not answered yet.
#[derive(Clone, Default)]
pub struct Pending {
    table: Arc<Mutex<Table>>,
    /// Told whenever an entry goes.
    left: Arc<Notify>,
}

/// One request's entry, held until its answer is in the outbox.
pub struct Entry {
    turn: u64,
    cancel: CancellationToken,
    table: Pending,
}

impl Pending {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.table().asked.len()
    }

    /// Notes a request.
    pub fn enter(&self, turn: u64, id: Id, cancel: CancellationToken) -> Entry {
        let mut table = self.table();
        table.asked.insert(turn, (id, cancel.clone()));
        table.entries += 1;
        Entry {
            turn,
            cancel,
            table: self.clone(),
        }
    }

    /// The client cancelled an id: the newest request that has it is nobody's to answer any more but the caller's.
    pub fn cancel(&self, id: &str) -> Option<(u64, Id)> {
        let mut table = self.table();
        let asked = &mut table.asked;
        let turn = asked
            .iter()
            .filter(|(_, (pending, _))| pending.json() == id)
            .map(|(turn, _)| *turn)
            .max()?;
        let (id, cancel) = asked.remove(&turn)?;
        cancel.cancel();
        Some((turn, id))
    }

    /// Nobody waits for any answer any more.
    pub fn cancel_all(&self) {
        self.table()
            .asked
            .drain()
            .for_each(|(_, (_, cancel))| cancel.cancel());
    }

    /// Resolves when every request is answered.
    pub async fn idle(&self) {
        while self.table().entries > 0 {
            self.left.notified().await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// What the work comes to, for the caller to answer; `None` after a cancel: that was answered. Work that panics is a fault.
    ///
    /// On a cancel the work is dropped, and with it what it waits for: a route's connection is closed at once.
    pub async fn outcome<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Option<Result<T, Fault>> {
        let outcome = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return None,
            outcome = AssertUnwindSafe(work).catch_unwind() => outcome,
        };
        let claimed = self.table.table().asked.remove(&self.turn).is_some();
        claimed.then(|| outcome.unwrap_or_else(|_| Err(Fault::failed())))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut table = self.table.table();
        table.asked.remove(&self.turn);
        table.entries -= 1;
        drop(table);
        self.table.left.notify_one();
    }
}
