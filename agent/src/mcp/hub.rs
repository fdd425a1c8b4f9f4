//! The servers of one connection: started when first needed, asked again while they run, ended when nobody asks or with the connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use super::server::Server;
use crate::policy::Policy;
use crate::route::Http;
use crate::settings::{Mcp, Settings};

/// How long a server runs on without a question.
const IDLE: Duration = Duration::from_secs(600);

/// The servers that run.
#[derive(Default)]
pub struct Hub {
    running: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    settings: Mcp,
    /// Empty while it starts.
    server: Arc<OnceCell<Server>>,
    asked: Instant,
}

impl Hub {
    /// The server of a name, started if it does not run as it is configured now.
    ///
    /// # Errors
    ///
    /// One sentence on why it cannot be asked.
    pub async fn server(
        &self,
        name: &str,
        settings: &Settings,
        http: &Http,
    ) -> Result<Arc<OnceCell<Server>>, String> {
        let Some(wanted) = settings.mcp.get(name) else {
            let known: Vec<&str> = settings.mcp.keys().map(String::as_str).collect();
            let known = match known.is_empty() {
                true => "none is configured".to_owned(),
                false => format!("configured: {}", known.join(", ")),
            };
            return Err(format!(
                "there is no MCP server `{name}` ({known}; `[mcp.{name}]` in your own configuration makes one)"
            ));
        };
        if !wanted.enabled {
            return Err(format!(
                "MCP server `{name}` is switched off; set `mcp.{name}.enabled`"
            ));
        }
        // Every question is measured by the policy in force, also one to a server that runs already.
        Policy::of_process().configure(settings);
        let cell = self.cell(name, wanted);
        let started = cell
            .get_or_try_init(|| Server::start(name, wanted, http))
            .await;
        started.map(|_| cell.clone())
    }

    fn cell(&self, name: &str, wanted: &Mcp) -> Arc<OnceCell<Server>> {
        let mut running = self.lock();
        let known = running.get_mut(name).filter(|entry| {
            let ended = entry.server.get().is_some_and(|server| !server.is_open());
            entry.settings == *wanted && !ended
        });
        if let Some(entry) = known {
            entry.asked = Instant::now();
            return entry.server.clone();
        }
        let server = Arc::<OnceCell<Server>>::default();
        let entry = Entry {
            settings: wanted.clone(),
            server: server.clone(),
            asked: Instant::now(),
        };
        running.insert(name.to_owned(), entry);
        server
    }

    /// Ends what nobody asked for long.
    pub fn sweep(&self) {
        let idle =
            |entry: &Entry| Arc::strong_count(&entry.server) == 1 && entry.asked.elapsed() >= IDLE;
        self.lock().retain(|_, entry| !idle(entry));
    }

    /// Ends every server.
    pub async fn close(&self) {
        let running = std::mem::take(&mut *self.lock());
        let servers = running
            .into_values()
            .filter_map(|entry| Arc::into_inner(entry.server)?.into_inner());
        futures_util::future::join_all(servers.map(Server::close)).await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
