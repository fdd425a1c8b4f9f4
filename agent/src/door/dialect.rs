//! Copilot's clients at the door: known by what they send, told how the agent does, and followed into their repositories.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use nextline_protocol::methods;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Door, read};
use crate::complete;
use crate::desk::copilot;
use crate::document::place::{path_of, repository_of};
use crate::index;
use crate::wire::Envelope;
use crate::world::Client;

/// Requests that some clients send without an id: they are done all the same.
const UNANSWERED: &[&str] = &[
    methods::EXECUTE_COMMAND,
    methods::NOTIFY_SHOWN,
    methods::NOTIFY_ACCEPTED,
    methods::NOTIFY_REJECTED,
];

impl Door {
    /// A request that only Copilot's clients send makes the client one of them.
    pub(super) fn recognise(&mut self, method: &str, params: Option<&RawValue>) {
        if !copilot::tells(method) {
            return;
        }
        let introduced = method == methods::SET_EDITOR_INFO;
        let known = self.world.client.copilot;
        if !known || introduced {
            let client = &*self.world.client;
            self.world.client = Arc::new(Client {
                copilot: true,
                introduced: client.introduced || introduced,
                ..client.clone()
            });
        }
        if !known {
            self.greet();
        }
        if introduced {
            let section = self.section(&read(params).unwrap_or_default());
            if section
                .as_object()
                .is_some_and(|section| !section.is_empty())
            {
                self.configure(section);
            }
        }
    }

    /// Our settings in an object of a client's: a Copilot client's holds much that is not for us.
    pub(super) fn section(&self, settings: &Value) -> Value {
        if self.world.client.copilot {
            return copilot::settings::section(settings, &self.world.settings.settings.routes);
        }
        settings.get("nextline").unwrap_or(settings).clone()
    }

    /// Their status lines show "starting" until they hear of a status.
    pub(super) fn greet(&mut self) {
        if !self.world.client.copilot {
            return;
        }
        complete::tell_copilot(&self.turn());
        let snapshot = self.world.snapshot();
        for (uri, _) in snapshot.documents() {
            self.adopt(uri);
        }
    }

    /// Learns the repository of a document that lies in no folder that the client named: copilot.vim names none.
    pub(super) fn adopt(&mut self, uri: &str) {
        let client = &self.world.client;
        if !client.copilot {
            return;
        }
        let Some(path) = path_of(uri) else { return };
        if client.folders.iter().any(|folder| path.starts_with(folder)) {
            return;
        }
        let Some(root) = repository_of(&path) else {
            return;
        };
        let mut client = (**client).clone();
        client.folders.push(root.clone());
        self.layers
            .read_projects(client.folders.iter().map(PathBuf::as_path));
        self.world.client = Arc::new(client);
        index::learn(&self.turn(), vec![root]);
    }

    /// A next edit is on the screen.
    pub(super) fn did_show_inline_edit(&self, params: Option<&RawValue>) {
        let snapshot = self.world.snapshot();
        let news = snapshot.next.shown(params.map(RawValue::get));
        snapshot.engine.count(news);
    }

    /// A notification that is none: copilot.el runs commands so.
    pub(super) fn unanswered(&mut self, envelope: &Envelope<'_>) {
        if !UNANSWERED.contains(&&*envelope.method) {
            return;
        }
        self.recognise(&envelope.method, envelope.params);
        self.turns += 1;
        if let Ok(work) = self.work(self.turn(), envelope) {
            // Nobody hears of a failure but the log, where a panic stands already.
            tokio::spawn(async move { drop(AssertUnwindSafe(work).catch_unwind().await) });
        }
    }

    /// `LogMessage`, for clients from before `window/logMessage`.
    pub(super) fn log_to_older_clients(&self, kind: u8, message: &str) {
        if self.world.client.introduced {
            let params = json!({ "level": kind, "message": message, "metadataStr": "[nextline]", "extra": [] });
            self.outbox.notify(methods::LOG_MESSAGE, params);
        }
    }
}
