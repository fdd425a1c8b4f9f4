//! The completion, stage by stage: skip, throttle, embedded, routed, stop, trim, shape, and why there was none.

mod clock;
mod embedded;
mod extent;
mod latest;
mod routed;
mod shape;
mod site;
mod skip;
mod stop;
mod trim;
mod why;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nextline_protocol::agent::{LocalStatus, Status, StatusKind, WhyResult};
use nextline_protocol::methods;
use serde_json::Value;

use crate::document::Document;
use crate::document::place::key_of;
use crate::door::Turn;
use crate::index::Walks;
use crate::local::{Limits, Local};
use crate::settings::Settings;
use crate::text::Byte;
use crate::world::Snapshot;

pub use clock::Clock;
use latest::Latest;
pub use latest::Standing;
pub use routed::Routes;
pub use why::{Reason, Silence, remembered};

/// Where a completion is wanted.
#[derive(Debug)]
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
    pub clock: Clock,
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
    routes: Routes,
    latest: Latest,
    why: why::Why,
    in_flight: AtomicUsize,
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
            routes: Routes::default(),
            latest: Latest::default(),
            why: why::Why::default(),
            in_flight: AtomicUsize::new(0),
            walks: Walks::default(),
            ids: AtomicU64::new(0),
            told: Mutex::default(),
        }
    }

    /// Keeps connections to routes open between answers; runs as long as the process.
    pub fn keep_connections(&self) -> impl Future<Output = ()> + Send + 'static {
        self.routes.keep_connections()
    }

    /// Takes new settings: routes that changed are built anew when they are next asked.
    pub fn configure(&self, settings: &Settings) {
        self.routes.configure(settings);
    }

    /// A document was closed.
    pub fn forget(&self, key: &str) {
        self.latest.forget(key);
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

    /// A client told what became of a suggestion.
    pub fn told(&self, method: &str, params: Option<&str>) {
        tracing::debug!(method, bytes = params.map_or(0, str::len), "told");
        debug_assert!([methods::DID_SHOW, methods::DID_PARTIALLY_ACCEPT].contains(&method));
    }

    /// A client ran one of our commands.
    pub fn commanded(&self, command: &str, arguments: &[Value]) {
        tracing::debug!(command, arguments = arguments.len(), "commanded");
    }

    fn id(&self) -> String {
        format!(
            "nl-{}-{}",
            std::process::id(),
            self.ids.fetch_add(1, Ordering::Relaxed)
        )
    }
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

async fn stages(turn: &Turn, ask: &Ask) -> Result<Vec<Suggestion>, Silence> {
    skip::check(&turn.snapshot, ask)?;
    ask.clock.stage("skip");
    let standing = turn
        .snapshot
        .engine
        .latest
        .enter(&key_of(&ask.document.uri), ask);
    let (text, at) = shape::as_if_selected(ask);
    let answer = answer(turn, ask, &text, at);
    // Nobody waits for the answer to an older text or to an older cursor.
    let continuation = tokio::select! {
        biased;
        () = ask.document.stale.cancelled() => Err(Reason::Superseded.into()),
        () = standing.superseded() => Err(Reason::Superseded.into()),
        answer = answer => answer,
    }?;
    shape::suggestion(ask, &text, at, continuation, turn.snapshot.engine.id())
        .map(|suggestion| vec![suggestion])
}

/// Text that goes in at the cursor, before it is shaped to an item.
#[derive(Debug, Clone, PartialEq)]
struct Continuation {
    text: String,
    /// Bytes after the cursor, on its line, that `text` writes anew.
    over: usize,
    origin: Origin,
    confidence: Option<f64>,
}

async fn answer(
    turn: &Turn,
    ask: &Ask,
    text: &crate::text::Text,
    at: Byte,
) -> Result<Continuation, Silence> {
    let completion = &turn.snapshot.settings.settings.completion;
    if completion.route == "local" || ask.trigger == Trigger::Popup {
        return embedded::answer(turn, ask, text, at).await;
    }
    let routed = routed::answer(turn, ask, text, at, &completion.route).await;
    let silence = match routed {
        Err(silence) if silence.reason.falls_back() => silence,
        settled => return settled,
    };
    let second = match completion.fallback.as_str() {
        "none" => Err(silence.clone()),
        "local" => embedded::answer(turn, ask, text, at).await,
        name => routed::answer(turn, ask, text, at, name).await,
    };
    // The route's failure is what the person can mend.
    second.map_err(|_| silence)
}

/// How the agent does.
pub fn status(snapshot: &Snapshot) -> Status {
    let engine = &snapshot.engine;
    let settings = &snapshot.settings.settings;
    let learnt = engine.local.stats();
    let route = settings.completion.route.clone();
    let trouble = engine.routes.trouble(&route);
    let worst = snapshot
        .settings
        .notices
        .iter()
        .find(|notice| notice.severity.message_type() <= 2);
    let (kind, message) = if !settings.completion.enabled {
        (
            StatusKind::Inactive,
            "completion is switched off".to_owned(),
        )
    } else if let Some(trouble) = &trouble {
        let local = settings.completion.fallback != "none";
        (
            if local {
                StatusKind::Warning
            } else {
                StatusKind::Error
            },
            trouble.message.clone(),
        )
    } else if let Some(notice) = worst {
        (StatusKind::Warning, notice.to_string())
    } else {
        (StatusKind::Normal, String::new())
    };
    let in_flight = engine.in_flight.load(Ordering::Relaxed);
    Status {
        busy: in_flight > 0 || engine.walks.under_way(),
        route,
        kind,
        message,
        in_flight,
        breaker: trouble.map(|trouble| trouble.breaker),
        local: LocalStatus {
            enabled: settings.local.enabled,
            files: learnt.files as u64,
            tokens: learnt.tokens as u64,
            bytes: learnt.bytes as u64,
            left_out: (learnt.too_large + learnt.full + learnt.not_code) as u64,
        },
    }
}

/// One event for each change of the status line, none for a keystroke.
pub fn tell_status(turn: &Turn) {
    let status = status(&turn.snapshot);
    let walking = turn.snapshot.engine.walks.under_way();
    let now = (status.kind, status.message.clone(), walking);
    let mut told = turn
        .snapshot
        .engine
        .told
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let news = match &*told {
        Some(before) => *before != now,
        None => status.kind != StatusKind::Normal || walking,
    };
    if news {
        *told = Some(now);
        turn.outbox.notify(methods::AGENT_STATUS, status);
    }
}
