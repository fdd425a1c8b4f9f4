//! What completes: one for a client, with all that is known from one request to the next.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use nextline_protocol::agent::{ContextExplainResult, StatusKind, WhyResult};
use nextline_protocol::methods;
use serde_json::Value;

use super::LINES_TYPED;
use super::commons::{Commons, Stock};
use super::flight::Flights;
use super::gathered::Gathered;
use super::latest::Latest;
use super::offers::{Event, News, Offers};
use super::quiet::Quiet;
use super::routes::Routes;
use super::stats::Stats;
use super::stem::Place;
use super::why::{Silence, Why};
use super::withheld::Withheld;
use crate::document::Document;
use crate::document::place::key_of;
use crate::index::Walks;
use crate::ledger::Ledger;
use crate::local::Local;
use crate::policy::Policy;
use crate::settings::Settings;

/// What a status line shows: kind, message, and whether the workspace is being learnt.
type Told = (StatusKind, String, bool);

/// What completes. One for a client, shared by all snapshots.
pub struct Engine {
    /// What was read of the workspace.
    stock: Mutex<Arc<Stock>>,
    /// Where other clients' workspaces are found; `None` where there are no others.
    commons: Option<Arc<Commons>>,
    /// The embedded model.
    pub local: Arc<Local>,
    /// Which files may be used.
    pub policy: Arc<Policy>,
    pub(super) routes: Routes,
    pub(super) latest: Latest,
    pub(super) flights: Flights,
    pub(super) quiet: Quiet,
    pub(super) offers: Offers,
    pub(super) stats: Stats,
    /// The document in which something was taken by the last edit.
    pub(super) taken: Mutex<Option<String>>,
    /// A fingerprint of the settings in force that decide what is answered.
    pub(super) source: AtomicU64,
    pub(super) why: Why,
    pub(crate) withheld: Withheld,
    pub(super) in_flight: AtomicUsize,
    /// What the workspace offers for prompts.
    pub(crate) gathered: Gathered,
    pub(super) ids: AtomicU64,
    pub(super) told: Mutex<Option<Told>>,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Engine {
    /// An engine that has learnt nothing.
    pub fn new() -> Engine {
        Engine::among(None)
    }

    /// The same, beside those of other clients.
    pub fn among(commons: Option<Arc<Commons>>) -> Engine {
        let stock = Arc::new(Stock::new(None));
        Engine {
            local: Arc::new(Local::reading(stock.local.clone())),
            stock: Mutex::new(stock),
            commons,
            policy: Policy::of_process(),
            routes: Routes::default(),
            latest: Latest::default(),
            flights: Flights::default(),
            quiet: Quiet::default(),
            offers: Offers::default(),
            stats: Stats::default(),
            taken: Mutex::default(),
            source: AtomicU64::new(0),
            why: Why::default(),
            withheld: Withheld::default(),
            in_flight: AtomicUsize::new(0),
            gathered: Gathered::default(),
            ids: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    /// Keeps connections to routes open between answers; runs as long as the process.
    pub fn keep_connections(&self) -> impl Future<Output = ()> + Send + 'static {
        self.routes.keep_connections()
    }

    pub(super) fn stock(&self) -> Arc<Stock> {
        lock(&self.stock).clone()
    }

    /// Whether what was read of the workspace is not this client's alone.
    pub fn is_among_others(&self) -> bool {
        self.commons.is_some()
    }

    /// Walks of the workspace that are under way.
    pub(crate) fn walks(&self) -> Arc<Walks> {
        self.stock().walks.clone()
    }

    /// True for the one client that shall read the workspace for all who share it.
    pub fn wants_feeding(&self) -> bool {
        self.stock().wants_feeding()
    }

    /// Goes to where others read these folders under the same settings. True if that is another place than before: what is open must
    /// be told anew.
    pub fn gather_with_others(&self, folders: &[PathBuf], settings: &Settings) -> bool {
        let Some(commons) = &self.commons else {
            return false;
        };
        let stock = commons.stock(folders, settings);
        if Arc::ptr_eq(&stock, &self.stock()) {
            return false;
        }
        self.local.move_to(&stock.local);
        self.gathered.move_to(settings, stock.index.as_ref());
        *lock(&self.stock) = stock;
        true
    }

    /// Takes new settings: routes that changed are built anew when they are next asked. True if the index for prompts is new, so that
    /// the workspace must be walked for it.
    pub fn configure(&self, settings: &Settings) -> bool {
        self.policy.configure(settings);
        self.routes.configure(settings);
        Ledger::of_process().configure(settings);
        self.quiet.configure(&settings.completion);
        let mut hasher = DefaultHasher::new();
        let deciding = (&settings.completion, &settings.local, &settings.routes);
        format!("{deciding:?}").hash(&mut hasher);
        self.source.store(hasher.finish(), Ordering::Relaxed);
        self.commons.is_none() && self.gathered.configure(settings)
    }

    /// A document was changed. On the wire's task: what is under way for it is compared with what was typed.
    pub fn edited(&self, key: &str, document: &Document) {
        if let Some(last) = document.edits.last() {
            let place = LazyCell::new(|| {
                Place::new(document.serial, &document.text, last.end, LINES_TYPED)
            });
            if !self.withheld.holds(key) {
                self.gathered.edited(key, document, last.end);
            }
            self.flights.retest(key, || &place);
            let (news, taken) = self.offers.edited(key, || &place, last.at);
            self.note(news);
            if taken {
                *lock(&self.taken) = Some(key.to_owned());
            }
        }
    }

    /// The document in which the last edit took what was shown, once.
    pub fn take_taken(&self) -> Option<String> {
        lock(&self.taken).take()
    }

    /// Whether [`chores`] has something to do.
    pub fn has_chores(&self, now: Instant) -> bool {
        self.offers.is_due(now) || self.stats.is_due(now)
    }

    pub(super) fn note(&self, news: Vec<News>) {
        for (origin, event) in news {
            match event {
                Event::Accepted(_) | Event::PartlyAccepted => self.quiet.accepted(),
                Event::Dismissed(true) => self.quiet.dismissed(Instant::now()),
                _ => {}
            }
            self.stats.note(&origin, event);
        }
    }

    /// A document was closed.
    pub fn forget(&self, key: &str) {
        self.withheld.forget(key);
        self.latest.forget(key);
        self.flights.forget(key);
        self.note(self.offers.forget(key));
        self.why.forget(key);
    }

    /// Notes why a request for a document got nothing.
    pub fn refuse(&self, uri: &str, silence: Silence) {
        self.why.note(&key_of(uri), silence, BTreeMap::new());
    }

    /// Why the last answer for a document was empty.
    pub fn why(&self, uri: &str) -> WhyResult {
        self.why.last(&key_of(uri))
    }

    /// What of the workspace the last prompt of a document was offered.
    pub fn explain(&self, uri: &str) -> ContextExplainResult {
        self.gathered.explain(&key_of(uri))
    }

    /// A client told what became of an item: `method` is that of the notification.
    pub fn told(&self, method: &str, params: Option<&str>) {
        let params: Value = params
            .and_then(|params| serde_json::from_str(params).ok())
            .unwrap_or_default();
        let Some(id) = params["item"]["command"]["arguments"][0].as_str() else {
            return;
        };
        self.note(match method {
            methods::DID_SHOW => self.offers.shown(id),
            methods::DID_PARTIALLY_ACCEPT => self.offers.part(id),
            _ => Vec::new(),
        });
    }

    /// A client ran one of our commands. The key of the document in which it took something.
    pub fn commanded(&self, command: &str, arguments: &[Value]) -> Option<String> {
        let first = arguments.first();
        let id = first.and_then(Value::as_str).unwrap_or_default();
        match command {
            methods::SNOOZE => {
                let minutes = first.and_then(Value::as_u64).unwrap_or(SNOOZE_MINUTES);
                self.quiet.snooze(minutes, Instant::now());
                None
            }
            methods::DID_DISMISS => {
                self.note(self.offers.dismissed(id));
                None
            }
            _ => {
                let (news, key) = self.offers.accepted(id, Instant::now());
                self.note(news);
                key
            }
        }
    }

    pub(super) fn id(&self) -> String {
        format!(
            "nl-{}-{}",
            crate::tape::process(),
            self.ids.fetch_add(1, Ordering::Relaxed)
        )
    }
}

/// How long `nextline.snooze` lasts if it is not said.
const SNOOZE_MINUTES: u64 = 5;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
