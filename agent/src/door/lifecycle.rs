//! What the client says of itself and of its workspace: initialize, configuration, folders, saves and file events.

use std::path::PathBuf;
use std::sync::Arc;

use nextline_protocol::document::DocumentParams;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Door, Event, Phase, read};
use crate::complete;
use crate::desk::hello;
use crate::document::place::path_of;
use crate::index;
use crate::wire::Id;

impl Door {
    /// What has waited since the last time and concerns no request.
    pub fn chores(&self) {
        let snapshot = self.world.snapshot();
        snapshot.chats.servers.sweep();
        // Others may have begun or ended to learn.
        if snapshot.engine.is_among_others() {
            complete::tell_status(&self.turn());
        }
        if snapshot.engine.has_chores(std::time::Instant::now()) {
            tokio::task::spawn_blocking(move || complete::chores(&snapshot));
        }
    }

    pub(super) fn initialize(&mut self, id: Id, params: Option<&RawValue>) {
        let params: Value = params
            .and_then(|params| serde_json::from_str(params.get()).ok())
            .unwrap_or_default();
        let client = hello::client(&params);
        self.client.named(hello::parent(&params));
        self.layers
            .read_projects(client.folders.iter().map(PathBuf::as_path));
        let result = hello::result(&client);
        let copilot = client.copilot;
        self.world.client = Arc::new(client);
        if let Some(options) = params
            .get("initializationOptions")
            .filter(|options| options.is_object())
        {
            self.layers.start = Some(if copilot {
                self.section(options)
            } else {
                options.clone()
            });
        }
        self.reload();
        self.phase = Phase::Running;
        self.outbox.reply_now(&id, Ok(result));
    }

    pub(super) fn initialized(&mut self) {
        self.tell(self.world.settings.notices.iter());
        self.ask_configuration();
        if self.world.client.watches_files {
            let watchers = json!([{"globPattern": "**/*"}]);
            let registration = json!({"id": "nextline-files", "method": "workspace/didChangeWatchedFiles", "registerOptions": {"watchers": watchers}});
            // A client that refuses keeps us on saves alone.
            drop(self.outbox.request(
                "client/registerCapability",
                json!({"registrations": [registration]}),
            ));
        }
        let turn = self.turn();
        tokio::spawn(turn.snapshot.engine.keep_connections());
        self.feed();
        self.greet();
    }

    /// Asks for the section `nextline`; the answer comes back as an event.
    fn ask_configuration(&mut self) {
        if !self.world.client.configuration {
            return;
        }
        let answer = self.outbox.request(
            "workspace/configuration",
            json!({"items": [{"section": "nextline"}]}),
        );
        let events = self.events.clone();
        tokio::spawn(async move {
            if let Ok(Ok(Value::Array(mut sections))) = answer.await
                && let Some(section) = sections.pop().filter(Value::is_object)
            {
                // Fails only when the door is gone.
                let _ = events.send(Event::Configuration(section));
            }
        });
    }

    pub(super) fn did_change_configuration(&mut self, params: Option<&RawValue>) {
        let params: Value = read(params).unwrap_or_default();
        match params.get("settings") {
            Some(settings) if settings.is_object() => {
                let section = self.section(settings);
                self.configure(section);
            }
            _ => self.ask_configuration(),
        }
    }

    pub(super) fn configure(&mut self, section: Value) {
        self.layers.editor = Some(section);
        let before = self.world.settings.clone();
        let hungry = self.reload();
        let now = self.world.settings.clone();
        self.tell(now.news(&before));
        if hungry || before.settings.local != self.world.settings.settings.local {
            self.feed();
        }
    }

    /// Has the workspace read, unless somebody else has.
    fn feed(&self) {
        let turn = self.turn();
        let engine = &turn.snapshot.engine;
        if engine.wants_feeding() || !engine.is_among_others() {
            index::learn(&turn, self.world.client.folders.clone());
        } else {
            index::join(&turn);
        }
    }

    /// True if there is something new that must be fed with the workspace.
    fn reload(&mut self) -> bool {
        let loaded = Arc::new(self.layers.load());
        let hungry = self.world.snapshot().engine.configure(&loaded.settings);
        self.world.settings = loaded;
        self.gather() || hungry
    }

    /// Among several clients: goes to those who read the same under the same rules. True if that is another place than before.
    fn gather(&self) -> bool {
        let (settings, folders) = (&self.world.settings.settings, &self.world.client.folders);
        let engine = &self.world.snapshot().engine;
        engine.gather_with_others(folders, settings)
    }

    pub(super) fn did_change_folders(&mut self, params: Option<&RawValue>) {
        let params: Value = read(params).unwrap_or_default();
        let folders = |which: &str| hello::folders(&params["event"][which]);
        let (added, removed) = (folders("added"), folders("removed"));
        let mut client = (*self.world.client).clone();
        client.folders.retain(|folder| !removed.contains(folder));
        let new: Vec<PathBuf> = added
            .into_iter()
            .filter(|folder| !client.folders.contains(folder))
            .collect();
        client.folders.extend(new.iter().cloned());
        self.layers
            .read_projects(client.folders.iter().map(PathBuf::as_path));
        self.world.client = Arc::new(client);
        if self.gather() {
            return self.feed();
        }
        let turn = self.turn();
        index::forget(&turn, removed);
        index::learn(&turn, new);
    }

    pub(super) fn did_save(&mut self, params: Option<&RawValue>) {
        let Ok(DocumentParams {
            text_document: document,
        }) = read(params)
        else {
            return;
        };
        let turn = self.turn();
        let Some(path) = path_of(&document.uri) else {
            return;
        };
        if turn
            .snapshot
            .document(&document.uri)
            .is_some_and(|document| document.lost.is_some())
        {
            let events = self.events.clone();
            tokio::task::spawn_blocking(move || {
                if let Ok(text) = std::fs::read_to_string(&path) {
                    // Fails only when the door is gone.
                    let _ = events.send(Event::Found(document.uri, text));
                }
            });
        } else {
            index::relearn(&turn, vec![path]);
        }
    }

    pub(super) fn did_change_files(&mut self, params: Option<&RawValue>) {
        let params: Value = read(params).unwrap_or_default();
        let changes = params["changes"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let paths = changes
            .iter()
            .filter_map(|change| path_of(change["uri"].as_str()?))
            .collect();
        index::relearn(&self.turn(), paths);
    }
}
