//! The completion, stage by stage: skip, reuse, quiet, embedded, throttle, routed, stop, trim, shape, and why there was none.

mod ahead;
mod cache;
mod clock;
mod continuation;
mod embedded;
mod extent;
mod flight;
mod gathered;
mod lanes;
mod latest;
mod lend;
mod offers;
mod preview;
mod question;
mod quiet;
mod routed;
mod routes;
mod shape;
mod site;
mod skip;
mod stats;
mod status;
mod stem;
mod stop;
mod throttle;
mod trim;
mod why;
mod withheld;

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nextline_protocol::agent::{ContextExplainResult, StatusKind, WhyResult};
use nextline_protocol::methods;
use serde_json::Value;

use crate::document::Document;
use crate::document::place::key_of;
use crate::door::Turn;
use crate::index::Walks;
use crate::ledger::Ledger;
use crate::local::{Limits, Local};
use crate::policy::Policy;
use crate::settings::Settings;
use crate::text::Byte;

pub use ahead::{ahead, chores};
use cache::{Entry, Memory};
pub use clock::Clock;
use continuation::Continuation;
use flight::Flights;
use gathered::Gathered;
use latest::{Latest, Standing};
pub use lend::{folder_name, pieces};
use offers::Offers;
pub use offers::{Event, News};
pub use preview::preview;
use quiet::Quiet;
use routed::Spot;
pub use routed::{relative_path, within_budget};
use routes::Routes;
pub use skip::may_suggest;
use stats::Stats;
pub use stats::{Counts, counted};
pub use status::{status, tell_copilot, tell_status};
use stem::Place;
pub use why::{Reason, Silence, remembered};
use withheld::Withheld;

/// Where a completion is wanted.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The document as it was when it was asked.
    pub document: Arc<Document>,
    /// The cursor.
    pub at: Byte,
    /// Why it is asked.
    pub trigger: Trigger,
    /// The popup's selected entry, which the answer must extend.
    pub selected: Option<Selected>,
    /// Runs since it was asked.
    pub clock: Arc<Clock>,
}

/// Why a completion is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The person typed.
    Automatic,
    /// The person asked.
    Invoked,
    /// A popup is being filled: an answer at once or none.
    Popup,
}

/// A popup's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// What it would replace.
    pub span: Range<Byte>,
    /// What it would insert.
    pub text: String,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Comes back when it is shown or accepted.
    pub id: String,
    /// Takes the place of `replaced`.
    pub text: String,
    /// On the cursor's line.
    pub replaced: Range<Byte>,
    /// Who wrote it.
    pub origin: Origin,
    /// The embedded model's own probability that it is right.
    pub confidence: Option<f64>,
}

/// Who wrote a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The embedded model.
    Local,
    /// A route, by the user's name for it.
    Route(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Local => f.write_str("local"),
            Origin::Route(name) => f.write_str(name),
        }
    }
}

/// What a status line shows: kind, message, and whether the workspace is being learnt.
type Told = (StatusKind, String, bool);

/// What completes. One for the process, shared by all snapshots.
pub struct Engine {
    /// The embedded model.
    pub local: Arc<Local>,
    /// Which files may be used.
    pub policy: Arc<Policy>,
    routes: Routes,
    latest: Latest,
    flights: Flights,
    memory: Memory,
    quiet: Quiet,
    offers: Offers,
    stats: Stats,
    /// The document in which something was taken by the last edit.
    taken: Mutex<Option<String>>,
    /// A fingerprint of the settings in force that decide what is answered.
    source: AtomicU64,
    why: why::Why,
    pub(crate) withheld: Withheld,
    in_flight: AtomicUsize,
    /// What the workspace offers for prompts.
    pub(crate) gathered: Gathered,
    /// Walks of the workspace that are under way.
    pub(crate) walks: Walks,
    ids: AtomicU64,
    told: Mutex<Option<Told>>,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Engine {
    /// An engine that has learnt nothing. What is over a limit never reaches it: `index` holds the settings' limits.
    pub fn new() -> Engine {
        Engine {
            local: Arc::new(Local::new(Limits {
                max_workspace_bytes: u64::MAX,
                max_file_bytes: crate::document::COMPLETED_CAP as u64,
            })),
            policy: Policy::of_process(),
            routes: Routes::default(),
            latest: Latest::default(),
            flights: Flights::default(),
            memory: Memory::default(),
            quiet: Quiet::default(),
            offers: Offers::default(),
            stats: Stats::default(),
            taken: Mutex::default(),
            source: AtomicU64::new(0),
            why: why::Why::default(),
            withheld: Withheld::default(),
            in_flight: AtomicUsize::new(0),
            gathered: Gathered::default(),
            walks: Walks::default(),
            ids: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    /// Keeps connections to routes open between answers; runs as long as the process.
    pub fn keep_connections(&self) -> impl Future<Output = ()> + Send + 'static {
        self.routes.keep_connections()
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
        self.gathered.configure(settings)
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

    fn note(&self, news: Vec<News>) {
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

    fn id(&self) -> String {
        format!(
            "nl-{}-{}",
            std::process::id(),
            self.ids.fetch_add(1, Ordering::Relaxed)
        )
    }
}

/// How long `nextline.snooze` lasts if it is not said.
const SNOOZE_MINUTES: u64 = 5;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers an ask: best first, and never empty; else why there is nothing.
pub async fn complete(turn: &Turn, ask: Ask) -> Result<Vec<Suggestion>, Silence> {
    let engine = &turn.snapshot.engine;
    let outcome = stages(turn, &ask).await;
    match &outcome {
        Ok(_) => engine
            .why
            .shown(&key_of(&ask.document.uri), ask.clock.stages()),
        Err(silence) => {
            tracing::debug!(reason = silence.reason.name(), "nothing to show");
            engine.why.note(
                &key_of(&ask.document.uri),
                silence.clone(),
                ask.clock.stages(),
            );
        }
    }
    tell_status(turn);
    outcome
}

/// Lines into which an answer may be typed between two requests.
const LINES_TYPED: usize = 8;

async fn stages(turn: &Turn, ask: &Ask) -> Result<Vec<Suggestion>, Silence> {
    skip::check(&turn.snapshot, ask)?;
    ask.clock.stage("skip");
    let key = key_of(&ask.document.uri);
    let standing = turn.snapshot.engine.latest.enter(&key, ask);
    let spot = spot(turn, ask, key, &standing);
    // Nobody waits for the answer to an older text or to an older cursor.
    let found = tokio::select! {
        biased;
        () = ask.document.stale.cancelled() => return Err(Reason::Superseded.into()),
        () = standing.superseded() => return Err(Reason::Superseded.into()),
        found = lanes::answer(turn, ask, &spot) => found,
    };
    standing.answered();
    show(turn, ask, &spot, found?)
}

fn spot(turn: &Turn, ask: &Ask, key: String, standing: &Standing) -> Spot {
    let (text, at) = shape::as_if_selected(ask);
    let now = Instant::now();
    let throttle = turn.snapshot.settings.settings.completion.throttle_ms;
    Spot {
        place: Place::new(ask.document.serial, &text, at, LINES_TYPED),
        source: turn.snapshot.engine.source.load(Ordering::Relaxed),
        go: throttle::go(ask, standing, Duration::from_millis(throttle), now),
        key,
        text,
        at,
        purpose: "",
    }
}

/// Shapes what was found, and remembers that it is shown.
fn show(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    found: Vec<Continuation>,
) -> Result<Vec<Suggestion>, Silence> {
    let engine = &turn.snapshot.engine;
    let mut shown = Vec::new();
    let mut items = Vec::new();
    let mut refused = None;
    for one in found {
        let entry = one.entry.clone().unwrap_or_else(|| {
            let (text, origin) = (one.text.clone(), one.origin.clone());
            let stem = spot.place.stem();
            let entry = Entry::new(stem, spot.source, text, origin, one.confidence);
            Arc::new(entry)
        });
        let fresh = one.entry.is_none();
        match shape::suggestion(ask, &spot.text, spot.at, one, engine.id()) {
            Ok(suggestion) => {
                if fresh {
                    engine.memory.keep(entry.clone());
                }
                items.push((suggestion.id.clone(), entry));
                shown.push(suggestion);
            }
            Err(silence) => refused = refused.or(Some(silence)),
        }
    }
    let Some((_, first)) = items.first() else {
        return Err(refused.unwrap_or(Reason::Empty.into()));
    };
    if ask.trigger != Trigger::Popup {
        engine.memory.show(first);
        engine.note(engine.offers.offer(&spot.key, items, Instant::now()));
    }
    Ok(shown)
}
