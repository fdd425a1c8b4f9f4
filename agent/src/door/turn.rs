//! What a request sees and may do: the world at its place on the wire, the way out, and a look at the world as it is now.

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::Event;
use crate::wire::Outbox;
use crate::world::Snapshot;

/// One request's view: the world at its place on the wire, and when to give up.
#[derive(Clone)]
pub struct Turn {
    /// The world when the request came.
    pub snapshot: Snapshot,
    /// Cancelled when the client no longer wants the answer.
    pub cancel: CancellationToken,
    /// For notifications and questions to the client.
    pub outbox: Outbox,
    pub(super) events: mpsc::UnboundedSender<Event>,
}

impl Turn {
    /// The world as it is now; `None` when the connection is ending.
    pub async fn look(&self) -> Option<Snapshot> {
        let (sender, seen) = oneshot::channel();
        self.events.send(Event::Look(sender)).ok()?;
        seen.await.ok()
    }

    /// The same request as if it came now.
    pub async fn renewed(&self) -> Option<Turn> {
        let snapshot = self.look().await?;
        Some(Turn {
            snapshot,
            ..self.clone()
        })
    }

    /// Runs what goes on after the request was answered; it ends with the connection.
    pub fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(work);
    }
}
