//! One turn: what the person said, the answer as it comes, and how it ended.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use nextline_protocol::Fault;
use nextline_protocol::acp;
use nextline_protocol::fault::INTERNAL_ERROR;
use serde_json::json;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::hello::wants_key;
use super::said::{GIVEN, Said};
use super::session::Session;
use super::update::{chunk, code, location, note};
use super::{AcpDesk, Reply, Work, read, servers, verb, wrong};
use crate::chat::ask::{Ask, Told, ask};
use crate::chat::asked::{self, Question};
use crate::chat::book::keep;
use crate::chat::excerpt::files;
use crate::chat::harmless;
use crate::chat::mentions::{Found, Here};
use crate::chat::outcome::Class;
use crate::chat::transcript::Chat;
use crate::chat::{Outcome, Road, Trouble};
use crate::door::off_wire;
use crate::prompt::Role;
use crate::prompt::talk::{Account, Item};
use crate::route::{StopReason, Surface, Usage, date};
use crate::world::Snapshot;

/// A turn's place at the desk: whatever becomes of the turn, the session is free after it.
pub struct Seat {
    pub desk: Arc<AcpDesk>,
    /// The session.
    pub id: String,
    pub cancel: CancellationToken,
    /// The chat waits for an answer.
    asked: AtomicBool,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.asked.load(Ordering::Relaxed) {
            self.desk.world.chats.end(&self.id, "");
        }
        self.desk.sessions.end(&self.id);
    }
}

/// How a turn ended.
type Ended = Result<(), Trouble>;

pub fn prompt(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let params: acp::PromptParams = read(params)?;
    let cancel = desk.sessions.begin(&params.session_id)?;
    let seat = Seat {
        desk: desk.clone(),
        id: params.session_id,
        cancel,
        asked: AtomicBool::new(false),
    };
    Ok(async move {
        let session = seat.desk.sessions.get(&seat.id)?;
        let snapshot = seat.desk.look(session.folders.clone()).await?;
        let seen = snapshot.clone();
        let said = off_wire(move || Said::read(&seen, params.prompt)).await;
        let said = said.ok_or_else(Fault::failed)?;
        if said.text.trim().is_empty() {
            return Err(wrong("there is no question"));
        }
        seat.take(snapshot, session, said).await
    }
    .boxed())
}

impl Seat {
    /// The chat of this session; a new one of its name where nothing was kept of it.
    async fn chat(&self, session: &Session) -> Result<Chat, Fault> {
        let (chats, id) = (self.desk.world.chats.clone(), self.id.clone());
        let found = off_wire(move || chats.find(&id))
            .await
            .ok_or_else(Fault::failed)?;
        let mut chat = found.unwrap_or_else(|| {
            let folder = session.folders.first();
            let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
            Chat {
                id: self.id.clone(),
                ..Chat::new(None, folder)
            }
        });
        chat.route = session.route.clone();
        Ok(chat)
    }

    async fn take(&self, snapshot: Snapshot, session: Session, said: Said) -> Result<Reply, Fault> {
        let mut chat = self.chat(&session).await?;
        let first = chat.turns.is_empty();
        chat.say(Role::User, &said.text);
        if snapshot.chats.begin(chat.clone()).is_none() {
            return Err(wrong("the session is still answering; cancel it first"));
        }
        self.asked.store(true, Ordering::Relaxed);
        if first {
            self.title(&chat).await;
        }
        let mut outcome = Outcome::default();
        let ended = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Trouble::new(Class::Interrupted, "the turn was stopped")),
            ended = self.answer(&snapshot, &chat, said, &mut outcome) => ended,
        };
        self.asked.store(false, Ordering::Relaxed);
        let answer = match outcome.text.is_empty() {
            true => &outcome.refusal,
            false => &outcome.text,
        };
        if let Some(chat) = snapshot.chats.end(&self.id, answer) {
            off_wire(move || keep(&chat)).await;
        }
        let stop = |reason: &str| Ok(json!({ "stopReason": reason }).into());
        match ended {
            Ok(()) if outcome.stop == Some(StopReason::Length) => stop("max_tokens"),
            Ok(()) => stop("end_turn"),
            Err(trouble) => match trouble.class {
                Class::Interrupted => stop("cancelled"),
                Class::Declined => {
                    self.say(&harmless::whole(&trouble.message)).await;
                    stop("refusal")
                }
                _ => Err(fault(trouble)),
            },
        }
    }

    async fn answer(
        &self,
        snapshot: &Snapshot,
        chat: &Chat,
        said: Said,
        outcome: &mut Outcome,
    ) -> Ended {
        let (seen, asked) = (snapshot.clone(), said.clone());
        let command = off_wire(move || asked.command(&seen)).await.flatten();
        match command {
            Some(command) => verb::run(self, snapshot, chat, command, outcome).await,
            None => self.converse(snapshot, chat, said, outcome).await,
        }
    }

    /// A question and its answer.
    async fn converse(
        &self,
        snapshot: &Snapshot,
        chat: &Chat,
        said: Said,
        outcome: &mut Outcome,
    ) -> Ended {
        let road = self.road(snapshot, chat, Surface::Chat)?;
        let (seen, text) = (snapshot.clone(), said.text.clone());
        let files = off_wire(move || files(&seen, &text)).await;
        let linked = said.places.iter().map(|place| place.path.clone());
        let files = files
            .unwrap_or_default()
            .into_iter()
            .chain(linked)
            .collect();
        let (seen, denied) = self.desk.fetch(&self.id, snapshot.clone(), files).await;
        let question = off_wire(move || {
            let mut question = asked::question(&seen, &said.text, &Here::default());
            let found = &mut question.found;
            let (items, refused) = said.resolve(&seen);
            found.items.extend(items);
            found.refused.extend(refused);
            for (path, why) in denied {
                let given = |item: &Item| Path::new(&item.file) != path || item.rule == GIVEN;
                let items = std::mem::take(&mut found.items).into_iter();
                let (kept, lost): (Vec<Item>, Vec<Item>) = items.partition(given);
                found.items = kept;
                let names = lost.into_iter().map(|item| (item.name, why.clone()));
                found.refused.extend(names);
            }
            question
        });
        let failed = "the question failed here; the log says where";
        let question = question.await;
        let mut question = question.ok_or_else(|| Trouble::new(Class::Input, failed))?;
        if !road.route.takes_pictures() {
            question.refuse_pictures(road.route.provider());
        }
        servers::fulfil(self, snapshot, &mut question).await;
        // A command of the project stands for what it asks.
        let mut turns = chat.turns.clone();
        if let Some(last) = turns.last_mut() {
            last.text.clone_from(&question.text);
        }
        self.ask(snapshot, &road, &turns, &question, "", outcome)
            .await
    }

    /// Asks, and tells the answer as it comes and what it took.
    pub async fn ask(
        &self,
        snapshot: &Snapshot,
        road: &Road,
        turns: &[crate::prompt::Message],
        question: &Question,
        purpose: &'static str,
        outcome: &mut Outcome,
    ) -> Ended {
        let folder = snapshot.client.folders.first();
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let found = &question.found;
        let asked = Ask {
            road,
            turns,
            instructions: &question.instructions,
            found,
            folder: folder.as_deref(),
            purpose,
        };
        let told = move |told| async move {
            match told {
                Told::Text(text) => self.say(&text).await,
                Told::Account(account) => self.account(&account, found).await,
            }
        };
        ask(asked, outcome, told).await;
        self.usage(road, outcome.usage, outcome.cost_usd).await;
        match outcome.error.take() {
            Some(trouble) => Err(trouble),
            None => Ok(()),
        }
    }

    /// The route that answers: the one that was picked, else that of the settings.
    pub fn road(
        &self,
        snapshot: &Snapshot,
        chat: &Chat,
        surface: Surface,
    ) -> Result<Road, Trouble> {
        let (settings, http) = (&snapshot.settings.settings, snapshot.engine.http());
        let picked = chat.route.as_deref();
        snapshot.chats.roads.find(settings, surface, picked, http)
    }

    /// Words of ours, or a model's that are harmless already.
    pub async fn say(&self, text: &str) {
        self.tell(chunk("agent_message_chunk", text)).await;
    }

    pub async fn tell(&self, update: serde_json::Value) {
        self.desk.tell(&self.id, update).await;
    }

    async fn title(&self, chat: &Chat) {
        let mut info = json!({ "sessionUpdate": "session_info_update", "title": chat.title });
        if let Some(now) = date::at(chat.updated / 1000) {
            info["updatedAt"] = date::written(now).into();
        }
        self.tell(info).await;
    }

    /// What went in and what did not: as a tool that read.
    async fn account(&self, account: &Account, found: &Found) {
        let mut lines = Vec::new();
        for (name, tokens) in &account.kept {
            lines.push(format!("- {}: {tokens} tokens", code(name)));
        }
        for (name, tokens) in &account.left_out {
            lines.push(format!(
                "- {} is left out: its {tokens} tokens do not fit into the {} of a question",
                code(name),
                account.limit
            ));
        }
        for (name, why) in &found.refused {
            lines.push(format!(
                "- {} is left out: {}",
                code(name),
                harmless::whole(why)
            ));
        }
        if account.forgotten > 0 {
            lines.push(format!(
                "- the first {} turns are left out",
                account.forgotten
            ));
        }
        let kept = found
            .items
            .iter()
            .filter(|item| account.kept.iter().any(|(name, _)| *name == item.name));
        let locations = kept
            .filter(|item| !item.file.is_empty())
            .map(|item| location(item.file.as_ref(), Some(item.line)));
        self.tell(json!({
            "sessionUpdate": "tool_call",
            "toolCallId": self.desk.sessions.call(&self.id, "context"),
            "title": format!("Context: {} of {} tokens", account.tokens, account.limit),
            "kind": "read", "status": "completed",
            "content": [note(&lines.join("\n"))],
            "locations": locations.collect::<Vec<_>>(),
        }))
        .await;
    }

    /// Tokens of the last question and answer, and what the session has cost.
    pub async fn usage(&self, road: &Road, usage: Usage, cost_usd: Option<f64>) {
        let mut spent = None;
        self.desk.sessions.change(&self.id, |session| {
            if let Some(cost) = cost_usd {
                *session.cost_usd.get_or_insert(0.0) += cost;
            }
            spent = session.cost_usd;
        });
        let Some(input) = usage.input else {
            return;
        };
        let used = input.saturating_add(usage.output.unwrap_or_default());
        let mut update = json!({
            "sessionUpdate": "usage_update", "used": used, "size": u64::from(road.context_tokens()).max(used),
        });
        if let Some(amount) = spent {
            update["cost"] = json!({ "amount": amount, "currency": "USD" });
        }
        self.tell(update).await;
    }
}

/// What went wrong, as the client shows it.
fn fault(trouble: Trouble) -> Fault {
    let code = match wants_key(trouble.class) {
        true => acp::AUTH_REQUIRED,
        false => INTERNAL_ERROR,
    };
    Fault {
        code,
        message: trouble.message,
        data: Some(json!({ "kind": trouble.class.word() })),
    }
}
