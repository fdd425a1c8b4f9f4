//! Sessions: begun, gone on with after a restart, listed, closed and forgotten. What was said in one is a chat, kept as every other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use nextline_protocol::Fault;
use nextline_protocol::acp;
use nextline_protocol::fault::INVALID_REQUEST;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::update::{MODEL, chunk, commands, options, wrapped};
use super::{AcpDesk, Reply, Work, absolute, read, wrong};
use crate::chat::harmless;
use crate::chat::history::Summary;
use crate::chat::transcript::Chat;
use crate::door::off_wire;
use crate::project::{self, commands::Mode};
use crate::prompt::Role;
use crate::route::date;
use crate::world::Snapshot;

/// Sessions on one page of the list.
const PAGE: usize = 50;

/// One session that is open.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// Its workspace folders, `cwd` first.
    pub folders: Vec<PathBuf>,
    /// The route that was picked.
    pub route: Option<String>,
    /// Edits are made without asking, but for what steers tools.
    pub trusted: bool,
    /// Stops the turn that is under way.
    busy: Option<CancellationToken>,
    /// US dollars so far, of what has a price.
    pub cost_usd: Option<f64>,
    /// Tool calls so far.
    calls: u64,
}

/// The sessions that are open, by their ids: those of their chats.
#[derive(Debug, Default)]
pub struct Sessions {
    open: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session as it is.
    pub fn get(&self, id: &str) -> Result<Session, Fault> {
        self.lock().get(id).cloned().ok_or_else(|| unknown(id))
    }

    /// Changes a session; one that was closed meanwhile stays closed.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.lock().get_mut(id) {
            change(session);
        }
    }

    /// A new id for a tool call.
    pub fn call(&self, id: &str, what: &str) -> String {
        let mut number = 0;
        self.change(id, |session| {
            session.calls += 1;
            number = session.calls;
        });
        format!("{what}-{number}")
    }

    /// The folders of all sessions.
    pub fn folders(&self) -> Vec<PathBuf> {
        let open = self.lock();
        let folders = open.values().flat_map(|session| &session.folders);
        folders.cloned().collect()
    }

    /// A turn begins: what stops it.
    pub fn begin(&self, id: &str) -> Result<CancellationToken, Fault> {
        let mut open = self.lock();
        let session = open.get_mut(id).ok_or_else(|| unknown(id))?;
        if session.busy.is_some() {
            let what = "the session is still answering; cancel it first";
            return Err(Fault::new(INVALID_REQUEST, what));
        }
        Ok(session.busy.insert(CancellationToken::new()).clone())
    }

    /// The turn ended.
    pub fn end(&self, id: &str) {
        self.change(id, |session| session.busy = None);
    }

    /// Stops the turn that is under way.
    pub fn stop(&self, id: &str) {
        if let Some(busy) = self
            .lock()
            .get(id)
            .and_then(|session| session.busy.as_ref())
        {
            busy.cancel();
        }
    }

    fn open(&self, id: &str, session: Session) -> Result<(), Fault> {
        let mut open = self.lock();
        if open.get(id).is_some_and(|session| session.busy.is_some()) {
            let what = "the session is still answering; cancel it first";
            return Err(Fault::new(INVALID_REQUEST, what));
        }
        open.insert(id.to_owned(), session);
        Ok(())
    }

    fn close(&self, id: &str) {
        self.stop(id);
        self.lock().remove(id);
    }
}

fn unknown(id: &str) -> Fault {
    Fault::new(
        acp::RESOURCE_NOT_FOUND,
        format!("there is no session {id:?}; `session/list` names those that there are"),
    )
}

/// The folders of a session.
fn folders(params: &acp::SetupParams) -> Result<Vec<PathBuf>, Fault> {
    let mut folders = Vec::new();
    for folder in std::iter::once(&params.cwd).chain(&params.additional_directories) {
        absolute(folder)?;
        if !folders.contains(folder) {
            folders.push(folder.clone());
        }
    }
    Ok(folders)
}

/// What the client is told of a session that is open now.
fn opened(id: &str, settings: &crate::settings::Settings, route: Option<&str>) -> Value {
    let mut result = json!({ "sessionId": id });
    if let Some(options) = options(settings, route) {
        result["configOptions"] = options;
    }
    result
}

/// The slash commands of a session.
async fn offered(snapshot: &Snapshot) -> Value {
    let folder = snapshot.client.folders.first().cloned().unwrap_or_default();
    let others = off_wire(move || project::commands::commands(&folder).commands);
    let mut others = others.await.unwrap_or_default();
    // What goes into the place of a selection needs one, and there is none here.
    others.retain(|command| command.mode == Mode::Ask);
    commands(&others)
}

pub fn new(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let params: acp::SetupParams = read(params)?;
    let folders = folders(&params)?;
    let desk = desk.clone();
    Ok(async move {
        let snapshot = desk.look(folders.clone()).await?;
        let folder = params.cwd.to_string_lossy().into_owned();
        let chat = Chat::new(None, Some(folder));
        let session = Session {
            folders,
            ..Session::default()
        };
        desk.sessions.open(&chat.id, session)?;
        let result = opened(&chat.id, &snapshot.settings.settings, None);
        let then = Some(wrapped(&chat.id, offered(&snapshot).await));
        snapshot.chats.open(chat);
        Ok(Reply { result, then })
    }
    .boxed())
}

pub fn load(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    reopen(desk, params, true)
}

pub fn resume(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    reopen(desk, params, false)
}

fn reopen(desk: &Arc<AcpDesk>, params: Option<&RawValue>, tell: bool) -> Result<Work, Fault> {
    let params: acp::SetupParams = read(params)?;
    let folders = folders(&params)?;
    let desk = desk.clone();
    Ok(async move {
        let id = params.session_id;
        let snapshot = desk.look(folders.clone()).await?;
        let (chats, wanted) = (snapshot.chats.clone(), id.clone());
        let found = off_wire(move || chats.find(&wanted)).await;
        let chat = found
            .ok_or_else(Fault::failed)?
            .ok_or_else(|| unknown(&id))?;
        let session = Session {
            folders,
            route: chat.route.clone(),
            ..Session::default()
        };
        desk.sessions.open(&id, session)?;
        for turn in chat.turns.iter().filter(|_| tell) {
            let update = match turn.role {
                Role::Assistant => chunk("agent_message_chunk", &harmless::whole(&turn.text)),
                _ => chunk("user_message_chunk", &turn.text),
            };
            desk.tell(&id, update).await;
        }
        let settings = &snapshot.settings.settings;
        let mut result = opened(&id, settings, chat.route.as_deref());
        if let Some(result) = result.as_object_mut() {
            result.remove("sessionId");
        }
        let then = Some(wrapped(&id, offered(&snapshot).await));
        Ok(Reply { result, then })
    }
    .boxed())
}

pub fn list(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let params: acp::ListParams = read(params)?;
    let from = match &params.cursor {
        None => 0,
        Some(cursor) => cursor
            .parse::<usize>()
            .map_err(|_| wrong(format!("{cursor:?} is no cursor of ours")))?,
    };
    let chats = desk.world.chats.clone();
    Ok(async move {
        let all = off_wire(move || chats.list("", 0)).await;
        let here = |summary: &Summary| match (&summary.folder, &params.cwd) {
            // A session has a folder to be opened in.
            (None, _) => false,
            (Some(folder), Some(wanted)) => Path::new(folder) == wanted,
            (Some(_), None) => true,
        };
        let mut rest = all
            .ok_or_else(Fault::failed)?
            .into_iter()
            .filter(here)
            .skip(from);
        let page: Vec<Value> = rest.by_ref().take(PAGE).map(|one| info(&one)).collect();
        let more = rest.next().map(|_| (from + PAGE).to_string());
        let mut result = json!({ "sessions": page });
        if let Some(more) = more {
            result["nextCursor"] = more.into();
        }
        Ok(result.into())
    }
    .boxed())
}

fn info(summary: &Summary) -> Value {
    let mut info =
        json!({ "sessionId": summary.id, "cwd": summary.folder, "title": summary.title });
    if let Some(updated) = date::at(summary.updated / 1000) {
        info["updatedAt"] = date::written(updated).into();
    }
    info
}

pub fn close(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let acp::SessionParams { session_id } = read(params)?;
    desk.sessions.get(&session_id)?;
    desk.sessions.close(&session_id);
    Ok(std::future::ready(Ok(json!({}).into())).boxed())
}

/// Forgets a session. One that is not there is forgotten already.
pub fn delete(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let acp::SessionParams { session_id } = read(params)?;
    desk.sessions.close(&session_id);
    let chats = desk.world.chats.clone();
    Ok(async move {
        let forgotten = off_wire(move || chats.delete(&session_id)).await;
        forgotten.ok_or_else(Fault::failed)?;
        Ok(json!({}).into())
    }
    .boxed())
}

pub fn set_option(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let params: acp::ConfigParams = read(params)?;
    let session = desk.sessions.get(&params.session_id)?;
    if params.config_id != MODEL {
        let what = format!(
            "there is no option {:?}: {MODEL:?} is known",
            params.config_id
        );
        return Err(wrong(what));
    }
    let desk = desk.clone();
    Ok(async move {
        let snapshot = desk.look(session.folders).await?;
        let settings = &snapshot.settings.settings;
        let route = params.value.as_str().unwrap_or_default();
        if !settings.routes.contains_key(route) {
            let known: Vec<&str> = settings.routes.keys().map(String::as_str).collect();
            let known = known.join(", ");
            return Err(wrong(format!(
                "there is no route {route:?}; configured: {known}"
            )));
        }
        desk.sessions.change(&params.session_id, |session| {
            session.route = Some(route.to_owned());
        });
        Ok(json!({ "configOptions": options(settings, Some(route)) }).into())
    }
    .boxed())
}
