//! What left, byte for byte, and what it cost: one file in the state directory that every process of this user appends to.
//!
//! `route` begins a [`Row`] before each request and drops it at the end; a thread writes both as lines of one chain of hashes. Whoever
//! asks a route never waits for the file, and a file that cannot be written is said, and stops nothing.

pub mod budget;
mod entry;
mod latest;
pub mod price;
mod queue;
mod report;
mod row;
mod store;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::prompt::Source;
use crate::settings::Settings;

pub use budget::{Spend, Spent};
pub use entry::sha256;
pub use latest::{Last, latest};
pub use report::{Cost, Facts, GROUPS, Group, Since, costs, facts, listed};
pub use row::Row;
/// What is wrong with the file, in the system's words.
pub use rusqlite::Error;
pub use store::file_in;
pub use verify::{Walked, walk};

use entry::{Part, Sent};
use price::Counted;
use queue::Queue;
use writer::Message;

/// What a request for a token is for.
pub const CREDENTIAL: &str = "credential";
/// What a question about models is for.
pub const LISTING: &str = "listing";
/// What a call of a server of the Model Context Protocol is for.
pub const MCP: &str = "mcp";
/// How a request ends that is answered to its end mark.
pub const ANSWERED: &str = "answered";

static OF_PROCESS: OnceLock<Ledger> = OnceLock::new();

thread_local! {
    static OF_THREAD: RefCell<Option<Ledger>> = const { RefCell::new(None) };
}

/// The ledger of a state directory. Clones share it; one that was never opened writes nothing.
#[derive(Clone, Default)]
pub struct Ledger(Option<Arc<Inner>>);

struct Inner {
    shared: Arc<Shared>,
    queue: OnceLock<Arc<Queue>>,
    numbers: AtomicU64,
}

/// What the thread and everybody else have in common.
struct Shared {
    folder: PathBuf,
    config: Mutex<Arc<Config>>,
    state: Mutex<State>,
    changed: Condvar,
    repositories: Mutex<HashMap<String, String>>,
    family: Family,
}

/// Those of one process over the same file.
type Family = Arc<Mutex<Vec<Weak<Shared>>>>;

#[derive(Default)]
struct Config {
    settings: Settings,
}

#[derive(Default)]
struct State {
    today: Option<Today>,
    trouble: Option<String>,
    lost: u64,
}

/// What was spent today.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Today {
    /// The end of the day, in milliseconds since 1970.
    pub until: i64,
    /// By what it was spent on.
    pub spent: Vec<Spent>,
}

/// A request that is about to leave.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The name under `[routes]`.
    pub route: &'a str,
    /// The provider's name.
    pub provider: &'a str,
    /// Scheme, host and port.
    pub origin: &'a str,
    /// The model, as the settings spell it.
    pub model: &'a str,
    /// `completion`, `edit`, `chat`, [`CREDENTIAL`], [`LISTING`] or [`MCP`].
    pub surface: &'a str,
    /// A finer word, or nothing.
    pub purpose: &'a str,
    /// The workspace folder that was worked in.
    pub folder: Option<&'a str>,
    /// Which try of one question it is, from 1.
    pub tried: u32,
    /// Which parts of which files are in the body.
    pub sources: &'a [Source],
    /// The body on the wire.
    pub body: &'a [u8],
}

/// Opens the ledger of this process. Touches no file before the first request leaves.
pub fn open(folder: &Path) {
    // A second call changes nothing.
    let _ = OF_PROCESS.set(Ledger::new(folder));
}

impl Ledger {
    /// The ledger in a state directory.
    pub fn new(folder: &Path) -> Ledger {
        Ledger::in_family(folder, Family::default())
    }

    fn in_family(folder: &Path, family: Family) -> Ledger {
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            config: Mutex::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
            repositories: Mutex::default(),
            family: family.clone(),
        });
        let mut family = lock(&family);
        family.retain(|other| other.strong_count() > 0);
        family.push(Arc::downgrade(&shared));
        Ledger(Some(Arc::new(Inner {
            shared,
            queue: OnceLock::new(),
            numbers: AtomicU64::new(1),
        })))
    }

    /// The ledger of this process, if it was opened, or of the client that this thread serves.
    pub fn of_process() -> Ledger {
        let of_thread = OF_THREAD.with_borrow(Clone::clone);
        of_thread.unwrap_or_else(|| OF_PROCESS.get().cloned().unwrap_or_default())
    }

    /// From now on this thread serves a client whose settings are these alone.
    pub fn is_of_this_thread(&self) {
        OF_THREAD.set(Some(self.clone()));
    }

    /// Another one over the same file with settings of its own; what either writes counts towards the budgets of both at once.
    #[must_use]
    pub fn beside(&self) -> Ledger {
        match &self.0 {
            Some(inner) => Ledger::in_family(&inner.shared.folder, inner.shared.family.clone()),
            None => Ledger::default(),
        }
    }

    /// Takes new settings: what is written down, prices and budgets.
    pub fn configure(&self, settings: &Settings) {
        let Some(inner) = &self.0 else { return };
        *lock(&inner.shared.config) = Arc::new(Config {
            settings: settings.clone(),
        });
        if settings.ledger.enabled && budget::is_set(&settings.budget) {
            inner.push(Message::Today);
        }
    }

    /// A request leaves now. The row ends when its last clone is dropped.
    pub fn begin(&self, request: &Request<'_>) -> Row {
        let inner = self
            .0
            .as_ref()
            .filter(|inner| inner.shared.config().settings.ledger.enabled);
        let Some(inner) = inner else {
            return Row::default();
        };
        let sent = Sent {
            at: now(),
            route: request.route.into(),
            provider: request.provider.into(),
            origin: request.origin.into(),
            model: request.model.into(),
            surface: request.surface.into(),
            purpose: match request.purpose {
                "" => request.surface.into(),
                finer => finer.into(),
            },
            repository: request.folder.map(|folder| inner.shared.repository(folder)),
            tried: i64::from(request.tried),
            bytes_out: request.body.len() as i64,
            sources: request.sources.iter().map(Part::from).collect(),
            ..Sent::default()
        };
        let number = inner.numbers.fetch_add(1, Ordering::Relaxed);
        // Of a credential's body nothing is kept, not even a hash.
        let body = match request.surface {
            CREDENTIAL => Vec::new(),
            _ => request.body.to_vec(),
        };
        inner.push(Message::Sent(number, Box::new(sent), body));
        Row::begun(inner.clone(), number, request.body.len())
    }

    /// What an answer cost, in US dollars, by the provider's own counts; `None` without them or without a price.
    pub fn cost(
        &self,
        model: &str,
        input: Option<u64>,
        output: Option<u64>,
        cached: Option<u64>,
    ) -> Option<f64> {
        let counted = Counted {
            input,
            output,
            cached,
            ..Counted::default()
        };
        let config = self.0.as_ref().map(|inner| inner.shared.config());
        let own = config.map(|config| config.settings.models.clone());
        let rate = price::rate(model, &own.unwrap_or_default())?;
        (!counted.is_guess()).then(|| rate.cost(&counted))
    }

    /// What a request in `folder` counts towards.
    pub fn spend(&self, route: &str, surface: &str, purpose: &str, folder: Option<&str>) -> Spend {
        let shared = self.0.as_ref().map(|inner| &inner.shared);
        Spend {
            route: route.into(),
            surface: surface.into(),
            purpose: if purpose.is_empty() { surface } else { purpose }.into(),
            repository: shared.and_then(|shared| Some(shared.repository(folder?))),
        }
    }

    /// Why a request may cost nothing more today, in one sentence; `None` if it may.
    pub fn spent(&self, on: &Spend) -> Option<String> {
        let (config, today) = self.budgets()?;
        budget::spent(&config.settings.budget, &today, on)
    }

    /// The route that should be asked in the place of `on.route`: itself, or the one that spent budgets lead to.
    ///
    /// # Errors
    /// The sentence that says which budget is spent, when no route may be asked.
    pub fn steer(&self, on: &Spend) -> Result<String, String> {
        match self.budgets() {
            Some((config, today)) => budget::steer(&config.settings, &today, on),
            None => Ok(on.route.clone()),
        }
    }

    /// Why the ledger cannot be written, in one sentence with the mend.
    pub fn trouble(&self) -> Option<String> {
        let inner = self.0.as_ref()?;
        let on = inner.shared.config().settings.ledger.enabled;
        lock(&inner.shared.state).trouble.clone().filter(|_| on)
    }

    /// What there is to say about today's budgets, in one sentence.
    pub fn news(&self) -> Option<String> {
        let inner = self.0.as_ref()?;
        let config = inner.shared.config();
        let set = budget::is_set(&config.settings.budget);
        if !config.settings.ledger.enabled {
            let off = "`[budget]` is not kept while `ledger.enabled` is false";
            return set.then(|| off.into());
        }
        let (config, today) = self.budgets()?;
        budget::news(&config.settings.budget, &today)
    }

    /// Waits until today's sums are known, where there is a budget. Blocks; for commands.
    pub fn wait(&self, limit: Duration) {
        let Some(inner) = &self.0 else { return };
        let config = inner.shared.config();
        if config.settings.ledger.enabled && budget::is_set(&config.settings.budget) {
            let state = lock(&inner.shared.state);
            let waited = inner
                .shared
                .changed
                .wait_timeout_while(state, limit, |state| {
                    state.today.is_none() && state.trouble.is_none()
                });
            // Sums that do not come in time hold nothing up.
            drop(waited);
        }
    }

    /// Waits until everything is in the file, at most for `limit`. Blocks; for the end of the process.
    pub fn flush(&self, limit: Duration) {
        let Some(inner) = &self.0 else { return };
        if let Some(queue) = inner.queue.get() {
            let (done, written) = sync_channel(1);
            if queue.push(Message::Flush(done)).is_ok() {
                // What is not written by then is lost with the process.
                let _ = written.recv_timeout(limit);
            }
        }
    }

    /// The settings and today's sums, where there is a budget and they are known.
    fn budgets(&self) -> Option<(Arc<Config>, Vec<Spent>)> {
        let inner = self.0.as_ref()?;
        let config = inner.shared.config();
        if !config.settings.ledger.enabled || !budget::is_set(&config.settings.budget) {
            return None;
        }
        let state = lock(&inner.shared.state);
        let today = state.today.as_ref()?;
        if today.until > now() {
            return Some((config, today.spent.clone()));
        }
        drop(state);
        // A new day: nothing is spent, and other processes' rows of it are looked for.
        inner.push(Message::Today);
        Some((config, Vec::new()))
    }
}

impl Inner {
    fn push(self: &Arc<Self>, message: Message) {
        let queue = self.queue.get_or_init(|| {
            let queue = Arc::<Queue>::default();
            let (shared, outlet) = (self.shared.clone(), queue.outlet());
            // Without the thread the queue's other end is gone, which is said below.
            let _ = std::thread::Builder::new()
                .name("ledger".into())
                .spawn(move || writer::run(shared, &outlet));
            queue
        });
        let leaving = u64::from(matches!(message, Message::Sent(..)));
        if let Err(why) = queue.push(message) {
            self.shared.troubled(why, leaving);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.get() {
            queue.close();
        }
    }
}

impl Shared {
    fn config(&self) -> Arc<Config> {
        lock(&self.config).clone()
    }

    /// Whether somebody in the family has a budget.
    fn counts(&self) -> bool {
        let family = lock(&self.family);
        let mut others = family.iter().filter_map(Weak::upgrade);
        others.any(|other| budget::is_set(&other.config().settings.budget))
    }

    /// Keeps today's sums, for the whole family.
    fn keep(&self, today: &Today) {
        let family: Vec<_> = lock(&self.family)
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for other in family {
            lock(&other.state).today = Some(today.clone());
            other.changed.notify_all();
        }
    }

    fn mended(&self) {
        lock(&self.state).trouble = None;
    }

    fn troubled(&self, why: &str, lost: u64) {
        let mut state = lock(&self.state);
        state.lost += lost;
        state.trouble = Some(format!(
            "the ledger {} cannot be written ({why}; {} requests are not in it); make its folder writable, or set `ledger.enabled = false`",
            file_in(&self.folder).display(),
            state.lost
        ));
        self.changed.notify_all();
    }

    fn repository(&self, folder: &str) -> String {
        let mut known = lock(&self.repositories);
        known
            .entry(folder.to_owned())
            .or_insert_with(|| writer::repository(Path::new(folder)))
            .clone()
    }
}

impl From<&Source> for Part {
    fn from(source: &Source) -> Self {
        Part {
            path: source.path.clone(),
            first: i64::from(source.lines.start),
            last: i64::from(source.lines.end.saturating_sub(1)),
            bytes: source.bytes as i64,
            rule: source.rule.clone().into_owned(),
        }
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
