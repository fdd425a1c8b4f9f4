//! Requests that are not answered yet, and who may answer them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::wire::Id;

type Table = HashMap<u64, (Id, CancellationToken)>;

/// Requests by the turn that they came in.
#[derive(Clone, Default)]
pub struct Pending {
    table: Arc<Mutex<Table>>,
    /// Told whenever an entry leaves.
    left: Arc<Notify>,
}

/// One request's entry. Dropped unclaimed, it leaves the table.
pub struct Entry {
    turn: u64,
    table: Pending,
}

impl Pending {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.table().len()
    }

    /// Notes a request.
    pub fn enter(&self, turn: u64, id: Id, cancel: CancellationToken) -> Entry {
        self.table().insert(turn, (id, cancel));
        Entry {
            turn,
            table: self.clone(),
        }
    }

    /// The client cancelled an id: the newest request that has it is nobody's to answer any more but the caller's.
    pub fn cancel(&self, id: &str) -> Option<(u64, Id)> {
        let mut table = self.table();
        let turn = table
            .iter()
            .filter(|(_, (pending, _))| pending.json() == id)
            .map(|(turn, _)| *turn)
            .max()?;
        let (id, cancel) = table.remove(&turn)?;
        cancel.cancel();
        Some((turn, id))
    }

    /// Nobody waits for any answer any more.
    pub fn cancel_all(&self) {
        self.table()
            .drain()
            .for_each(|(_, (_, cancel))| cancel.cancel());
    }

    /// Resolves when every request is answered.
    pub async fn idle(&self) {
        while self.len() > 0 {
            self.left.notified().await;
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// True once: the caller answers. False after a cancel: it was answered.
    pub fn claim(self) -> bool {
        self.table.table().remove(&self.turn).is_some()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.table.table().remove(&self.turn);
        self.table.left.notify_one();
    }
}
