//! ACP: sessions, turns and their updates for editors with a chat of their own. Chat and edits answer; here is what the protocol calls things.

mod files;
mod hello;
mod said;
mod servers;
mod session;
mod turn;
mod update;
mod verb;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use futures_util::future::BoxFuture;
use nextline_protocol::Fault;
use nextline_protocol::acp;
use nextline_protocol::fault::{INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::complete::Engine;
use crate::door::off_wire;
use crate::mcp::Hub;
use crate::settings::Layers;
use crate::wire::Outbox;
use crate::world::{Client, Snapshot, World};
use hello::Abilities;
use session::Sessions;

/// What a request comes to, and what is told right after it.
pub struct Reply {
    /// The result.
    pub result: Value,
    /// Params of one `session/update`.
    pub then: Option<Value>,
}

impl From<Value> for Reply {
    fn from(result: Value) -> Reply {
        Reply { result, then: None }
    }
}

/// A request under way.
pub type Work = BoxFuture<'static, Result<Reply, Fault>>;

/// What happens before the first await happens in wire order.
type Handler = fn(&Arc<AcpDesk>, Option<&RawValue>) -> Result<Work, Fault>;

/// Every request that is answered, by its name.
const HANDLERS: &[(&str, Handler)] = &[
    (acp::INITIALIZE, hello::initialize),
    (acp::AUTHENTICATE, hello::authenticate),
    (acp::SESSION_NEW, session::new),
    (acp::SESSION_LOAD, session::load),
    (acp::SESSION_RESUME, session::resume),
    (acp::SESSION_LIST, session::list),
    (acp::SESSION_CLOSE, session::close),
    (acp::SESSION_DELETE, session::delete),
    (acp::SESSION_SET_CONFIG, session::set_option),
    (acp::SESSION_PROMPT, turn::prompt),
];

/// The desk of one ACP connection.
pub struct AcpDesk {
    layers: Layers,
    world: Snapshot,
    outbox: Outbox,
    client: OnceLock<Abilities>,
    sessions: Sessions,
}

impl AcpDesk {
    /// The servers of the Model Context Protocol that run for this connection.
    pub fn servers(&self) -> &Hub {
        &self.world.chats.servers
    }

    /// A desk before `initialize`.
    pub fn new(layers: Layers, outbox: Outbox) -> AcpDesk {
        let world = World::new(Arc::new(layers.load()), Arc::new(Engine::new()));
        AcpDesk {
            layers,
            world: world.snapshot(),
            outbox,
            client: OnceLock::new(),
            sessions: Sessions::default(),
        }
    }

    /// Takes a request in, in wire order.
    ///
    /// # Errors
    ///
    /// There is no such method, its params cannot be read, or it comes at a wrong time.
    pub fn begin(self: &Arc<Self>, method: &str, params: Option<&RawValue>) -> Result<Work, Fault> {
        let Some((_, handler)) = HANDLERS.iter().find(|(name, _)| *name == method) else {
            let what = format!("no such method: {method}");
            return Err(Fault::new(METHOD_NOT_FOUND, what));
        };
        if self.client.get().is_none() && method != acp::INITIALIZE {
            return Err(Fault::new(INVALID_REQUEST, "`initialize` comes first"));
        }
        handler(self, params)
    }

    /// The person stops the turn of a session. Params that name none stop nothing.
    pub fn stop(&self, params: &str) {
        if let Ok(params) = serde_json::from_str::<acp::SessionParams>(params) {
            self.sessions.stop(&params.session_id);
        }
    }

    fn client(&self) -> Abilities {
        self.client.get().copied().unwrap_or_default()
    }

    /// The world for a session with these folders: the settings as they are now, narrowed by the projects of all sessions.
    async fn look(self: &Arc<Self>, folders: Vec<PathBuf>) -> Result<Snapshot, Fault> {
        let desk = self.clone();
        let seen = off_wire(move || {
            let mut layers = desk.layers.clone();
            layers.reread();
            let mut projects = desk.sessions.folders();
            projects.extend(folders.iter().cloned());
            projects.sort();
            projects.dedup();
            layers.read_projects(projects.iter().map(PathBuf::as_path));
            let mut snapshot = desk.world.clone();
            let loaded = layers.load();
            // The workspace is not walked for it: nothing is completed here.
            let _ = snapshot.engine.configure(&loaded.settings);
            snapshot.settings = Arc::new(loaded);
            snapshot.client = Arc::new(Client {
                folders,
                ..Client::default()
            });
            snapshot
        });
        seen.await.ok_or_else(Fault::failed)
    }
}

fn wrong(what: impl Into<String>) -> Fault {
    Fault::new(INVALID_PARAMS, what)
}

fn read<T: DeserializeOwned>(params: Option<&RawValue>) -> Result<T, Fault> {
    let params = params.map_or("{}", RawValue::get);
    serde_json::from_str(params).map_err(|error| wrong(error.to_string()))
}

/// A folder or file that a client names: an absolute path.
fn absolute(path: &Path) -> Result<(), Fault> {
    match path.is_absolute() {
        true => Ok(()),
        false => Err(wrong(format!("{} is no absolute path", path.display()))),
    }
}
