//! The reason for every silence: named, kept for each document, and the last one left where `nextline why` finds it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nextline_protocol::agent::WhyResult;
use serde_json::{Value, json};

use crate::settings::state_dir;

/// The file in the state directory that holds the last silence: a place and a reason, never text.
const REMEMBERED: &str = "why.json";
/// Bytes of that file that are read.
const REMEMBERED_CAP: u64 = 64 << 10;
/// The file is written this often at most.
const PAUSE: Duration = Duration::from_millis(500);

/// Why nothing was shown, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Which of the reasons.
    pub reason: Reason,
    /// For people, with the mend where there is one.
    pub detail: String,
}

impl From<Reason> for Silence {
    fn from(reason: Reason) -> Self {
        Silence {
            reason,
            detail: reason.row().2.to_owned(),
        }
    }
}

macro_rules! reasons {
    ($($reason:ident $name:literal $falls_back:literal $detail:literal;)*) => {
        /// Every reason for a silence. Names do not change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $detail] $reason,)*
        }
        impl Reason {
            fn row(self) -> (&'static str, bool, &'static str) {
                match self { $(Reason::$reason => ($name, $falls_back, $detail),)* }
            }
        }
    };
}

// Name on the wire, whether the fallback is asked, what it means.
reasons! {
    Disabled "disabled" false "completion is switched off: `completion.enabled`";
    LanguageOff "language_off" false "completion is off for this language: `completion.languages`";
    GlobOff "glob_off" false "completion is off for this file: `completion.off_globs`";
    Excluded "excluded" false "nothing of this file may be used";
    Manual "manual" false "only what is asked for by hand is completed: `completion.mode`";
    Subtle "subtle" false "there is text behind the cursor: `completion.mode`";
    Snoozed "snoozed" false "completion is snoozed: `nextline.snooze` with 0 minutes ends it";
    Dismissed "dismissed" false "the last suggestions were dismissed: it is silent for a while, or until one is accepted";
    AfterUndo "after_undo" false "something was just undone or done again";
    AfterDelete "after_delete" false "something was just deleted";
    AfterPaste "after_paste" false "something was just pasted";
    ManyCursors "many_cursors" false "several places were edited at once";
    NotOpen "not_open" false "the document is not open in the agent";
    Lost "lost" false "the agent's text may differ from the editor's: save the file, or close and open it";
    TooLarge "too_large" false "the document is over 5 MB";
    LineTooLong "line_too_long" false "the line is too long to be typed by hand";
    Binary "binary" false "the document is binary";
    InWord "in_word" false "the cursor is inside a word";
    InComment "in_comment" false "the embedded model does not write comments";
    InString "in_string" false "the cursor is in a string that began on another line";
    Prose "prose" false "the embedded model does not write prose";
    Unsure "unsure" false "the embedded model is not sure enough: `local.confidence`";
    NothingLearnt "nothing_learnt" false "the embedded model has learnt nothing here yet";
    LocalOff "local_off" false "the embedded model is switched off: `local.enabled`";
    Late "late" false "the embedded model was not ready in time";
    PopupDisagrees "popup_disagrees" false "nothing extends the popup's selected entry";
    Superseded "superseded" false "a newer edit or request took its place";
    Empty "empty" true "the route answered nothing that could be shown";
    RouteUnknown "route_unknown" true "`completion.route` names no route that is configured";
    RouteForbidden "route_forbidden" true "a policy keeps the route from being asked: `[policy]`";
    RoutePaused "route_paused" true "the route is paused";
    BudgetSpent "budget_spent" true "today's budget is spent: `[budget]`";
    RouteFailed "route_failed" true "the route failed";
    NextOff "next_off" false "next edits are switched off: `next.enabled`";
    NoEdit "no_edit" false "nothing was edited yet that another edit could follow from";
    NothingFollows "nothing_follows" false "nothing else follows from the last edits";
    Ambiguous "ambiguous" false "what was changed has a name that other things have too";
    Reversal "reversal" false "what would follow takes back what was just done";
    Failed "failed" false "the agent failed; its log says where";
}

impl Reason {
    /// On the wire.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// True if the fallback may still answer.
    pub fn falls_back(self) -> bool {
        self.row().1
    }

    /// With a sentence of its own.
    pub fn because(self, detail: impl Into<String>) -> Silence {
        Silence {
            reason: self,
            detail: detail.into(),
        }
    }
}

struct Last {
    /// With its time in ms since 1970; `None` after something was shown.
    silence: Option<(Silence, u64)>,
    timings: BTreeMap<String, f64>,
}

/// What became of each document's last request.
#[derive(Default)]
pub struct Why {
    last: Mutex<HashMap<String, Last>>,
    written: Mutex<Option<Instant>>,
}

impl Why {
    /// Notes a silence. A request that was merely overtaken explains nothing.
    pub fn note(&self, key: &str, silence: Silence, timings: BTreeMap<String, f64>) {
        if silence.reason == Reason::Superseded {
            return;
        }
        let now = crate::tape::now_ms();
        let record = json!({"uri": key, "reason": silence.reason.name(), "detail": silence.detail, "since": now});
        lock(&self.last).insert(
            key.to_owned(),
            Last {
                silence: Some((silence, now)),
                timings,
            },
        );
        let mut written = lock(&self.written);
        if written.is_none_or(|at| at.elapsed() >= PAUSE) {
            *written = Some(Instant::now());
            // A home that cannot be written costs `nextline why` its memory and nobody else anything.
            let _ = write(&record);
        }
    }

    /// Something was shown.
    pub fn shown(&self, key: &str, timings: BTreeMap<String, f64>) {
        lock(&self.last).insert(
            key.to_owned(),
            Last {
                silence: None,
                timings,
            },
        );
    }

    /// The document was closed.
    pub fn forget(&self, key: &str) {
        lock(&self.last).remove(key);
    }

    /// The answer of `agent/why`.
    pub fn last(&self, key: &str) -> WhyResult {
        let last = lock(&self.last);
        let last = last.get(key);
        let timings = last.filter(|_| !crate::tape::is_in());
        let timings = timings.map(|last| last.timings.clone()).unwrap_or_default();
        match last.and_then(|last| last.silence.as_ref()) {
            Some((silence, since)) => WhyResult {
                reason: Some(silence.reason.name().to_owned()),
                detail: silence.detail.clone(),
                since: Some(*since),
                timings,
                next: None,
            },
            None => WhyResult {
                reason: None,
                detail: "the last request was answered, or there was none".into(),
                since: None,
                timings,
                next: None,
            },
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(record: &Value) -> std::io::Result<()> {
    let Some(folder) = state_dir() else {
        return Ok(());
    };
    std::fs::create_dir_all(&folder)?;
    let part = folder.join(format!("{REMEMBERED}.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(&part)?, record.to_string().as_bytes())?;
    std::fs::rename(part, folder.join(REMEMBERED))
}

/// The last silence of any server of this user: `{uri, reason, detail, since}`.
pub fn remembered() -> Option<Value> {
    let file = std::fs::File::open(state_dir()?.join(REMEMBERED)).ok()?;
    // A device in its place may have no end.
    let bounded = std::io::Read::take(file, REMEMBERED_CAP);
    serde_json::from_reader(std::io::BufReader::new(bounded)).ok()
}
