//! The door of ACP: messages in wire order, one answer for each request, and what follows an answer after it.

use std::sync::Arc;

use nextline_protocol::Fault;
use nextline_protocol::acp;
use nextline_protocol::fault::{INTERNAL_ERROR, INVALID_REQUEST};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::IN_FLIGHT;
use super::parent::Parent;
use super::pending::Pending;
use crate::desk::acp::{AcpDesk, Work};
use crate::settings::Layers;
use crate::wire::{Envelope, FRAME_CAP, Frame, Id, Incoming, Outbox};

/// Everything that one ACP connection needs.
pub struct AcpDoor {
    desk: Arc<AcpDesk>,
    outbox: Outbox,
    pending: Pending,
    turns: u64,
    client: Parent,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CancelParams<'a> {
    #[serde(borrow)]
    request_id: &'a RawValue,
}

impl AcpDoor {
    /// A door before `initialize`.
    pub fn new(layers: Layers, outbox: Outbox) -> AcpDoor {
        AcpDoor {
            desk: Arc::new(AcpDesk::new(layers, outbox.clone())),
            outbox,
            pending: Pending::default(),
            turns: 0,
            client: Parent::new(),
        }
    }

    /// False once the process that started us is gone.
    pub fn client_alive(&self) -> bool {
        self.client.alive()
    }

    /// What is to be done now and then and concerns no request.
    pub fn chores(&self) {
        self.desk.servers().sweep();
    }

    /// Resolves when every request is answered.
    pub async fn idle(&self) {
        self.pending.idle().await;
    }

    /// Ends the connection: nobody waits for what is under way, and what is written already goes out.
    pub async fn close(self) {
        self.pending.cancel_all();
        self.desk.servers().close().await;
        self.outbox.end().await;
    }

    /// Takes one message.
    pub fn accept(&mut self, frame: Frame) {
        let body = match frame {
            Frame::Body(body) => body,
            Frame::Skipped { length, .. } => {
                let (megabytes, cap) = (length >> 20, FRAME_CAP >> 20);
                let what = format!("a message of {megabytes} MB is over {cap} MB and was not read");
                let fault = Fault::new(INVALID_REQUEST, what);
                return self.outbox.reply_now(&Id::null(), Err(fault));
            }
        };
        match Incoming::read(&body) {
            Ok(Incoming::Request(id, envelope)) => self.request(id, &envelope),
            Ok(Incoming::Notification(envelope)) => self.notification(&envelope),
            Ok(Incoming::Response { id, outcome }) => self.outbox.answered(id, outcome),
            Err((id, fault)) => self.outbox.reply_now(&id, Err(fault)),
        }
    }

    fn notification(&self, envelope: &Envelope<'_>) {
        let params = envelope.params.map_or("null", RawValue::get);
        match &*envelope.method {
            acp::SESSION_CANCEL => self.desk.stop(params),
            acp::CANCEL_REQUEST => {
                if let Ok(params) = serde_json::from_str::<CancelParams<'_>>(params)
                    && let Some((_, id)) = self.pending.cancel(params.request_id.get())
                {
                    self.outbox.reply_now(&id, Err(Fault::cancelled()));
                }
            }
            // What a later version tells is its own business.
            _ => {}
        }
    }

    fn request(&mut self, id: Id, envelope: &Envelope<'_>) {
        self.turns += 1;
        tracing::debug!(turn = self.turns, method = %envelope.method, "request");
        let work = match self.pending.len() >= IN_FLIGHT {
            true => Err(Fault::new(
                INTERNAL_ERROR,
                "overloaded: too many requests are under way",
            )),
            false => self.desk.begin(&envelope.method, envelope.params),
        };
        match work {
            Ok(work) => self.serve(id, work),
            Err(fault) => self.outbox.reply_now(&id, Err(fault)),
        }
    }

    /// Runs a request off the wire's task.
    fn serve(&self, id: Id, work: Work) {
        let cancel = CancellationToken::new();
        let entry = self.pending.enter(self.turns, id.clone(), cancel);
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            let (outcome, then) = match entry.outcome(work).await {
                Some(Ok(reply)) => (Ok(reply.result), reply.then),
                Some(Err(fault)) => (Err(fault), None),
                None => return,
            };
            outbox.reply(&id, outcome).await;
            if let Some(update) = then {
                outbox.tell(acp::SESSION_UPDATE, update).await;
            }
        });
    }
}
