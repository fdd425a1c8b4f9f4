//! Edits that are under way, ready or done: what each was made for, and how it stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::make::Lines;
use super::patch::Patch;
use crate::prompt::edit::Verb;
use crate::prompt::talk::Item;
use crate::route::Usage;
use crate::text::Text;

/// Edits that are remembered; the oldest that are not under way are forgotten.
const REMEMBERED: usize = 64;

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The document, as the client spells it.
    pub uri: String,
    /// What is asked for.
    pub verb: Verb,
    /// Which lines.
    pub lines: Lines,
    /// In words; empty where the verb says it all.
    pub instruction: String,
    /// What tools complain about there.
    pub complaints: Vec<String>,
    /// What goes in with it.
    pub items: Vec<Item>,
    /// A route for this edit alone.
    pub route: Option<String>,
}

/// The text that a patch was made for.
#[derive(Debug, Clone)]
pub struct Base {
    /// The document, as the client spells it.
    pub uri: String,
    /// Which opening of it; `None` for a file that is not open.
    pub serial: Option<u64>,
    /// Its journal's mark then.
    pub mark: u64,
    /// The text then; empty for a file that does not exist.
    pub text: Text,
    /// The file is not there yet.
    pub new_file: bool,
}

/// What the model made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Of which text.
    pub base: Base,
    /// What changes.
    pub patch: Patch,
    /// Syntax errors that it adds.
    pub new_errors: usize,
    /// Tokens of the question and the answer, as the provider counted them.
    pub usage: Usage,
    /// US dollars; `None` without a price.
    pub cost_usd: Option<f64>,
}

/// What went into the client's buffer.
#[derive(Debug, Clone)]
pub struct Landed {
    /// The text before.
    pub before: Text,
    /// The patch of it.
    pub patch: Patch,
    /// The document's or the file's URI.
    pub uri: String,
}

/// How an edit stands.
#[derive(Debug, Clone)]
pub enum State {
    /// The model is at work.
    Working,
    /// It can be accepted.
    Ready(Arc<Made>),
    /// It is in the buffer.
    Applied(Arc<Landed>),
    /// It was taken back.
    Undone,
    /// It was declined.
    Rejected,
    /// It was stopped.
    Cancelled,
    /// It came to nothing.
    Failed,
}

impl State {
    /// The word for it on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            State::Working => "working",
            State::Ready(_) => "ready",
            State::Applied(_) => "applied",
            State::Undone => "undone",
            State::Rejected => "rejected",
            State::Cancelled => "cancelled",
            State::Failed => "failed",
        }
    }
}

/// One edit.
#[derive(Debug, Clone)]
pub struct Task {
    /// What is wanted.
    pub wanted: Arc<Wanted>,
    /// How it stands.
    pub state: State,
    /// Stops it.
    pub cancel: CancellationToken,
}

/// The edits of one connection.
#[derive(Debug, Default)]
pub struct Tasks {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    last: u64,
    tasks: BTreeMap<u64, Task>,
}

/// The mark of our ids; what follows it is a number.
const MARK: &str = "edit-";

fn number(id: &str) -> Option<u64> {
    id.strip_prefix(MARK)?.parse().ok()
}

impl Tasks {
    /// A new edit at work: its id, and what stops it.
    pub fn begin(&self, wanted: Wanted) -> (String, CancellationToken) {
        let mut known = self.known();
        known.last += 1;
        let cancel = CancellationToken::new();
        let number = known.last;
        known.tasks.insert(
            number,
            Task {
                wanted: Arc::new(wanted),
                state: State::Working,
                cancel: cancel.clone(),
            },
        );
        if known.tasks.len() > REMEMBERED {
            let idle = known
                .tasks
                .iter()
                .find(|(_, task)| !matches!(task.state, State::Working));
            if let Some(oldest) = idle.map(|(number, _)| *number) {
                known.tasks.remove(&oldest);
            }
        }
        (format!("{MARK}{number}"), cancel)
    }

    /// How an edit stands.
    pub fn get(&self, id: &str) -> Option<Task> {
        self.known().tasks.get(&number(id)?).cloned()
    }

    /// The edit stands so from now on, unless it was stopped: answers whether.
    pub fn set(&self, id: &str, state: State) -> bool {
        let mut known = self.known();
        let task = number(id).and_then(|number| known.tasks.get_mut(&number));
        let Some(task) = task.filter(|task| !matches!(task.state, State::Cancelled)) else {
            return false;
        };
        task.state = state;
        true
    }

    /// Stops an edit that is under way or waits to be accepted: answers whether there was one.
    pub fn cancel(&self, id: &str) -> bool {
        let mut known = self.known();
        let Some(task) = number(id).and_then(|number| known.tasks.get_mut(&number)) else {
            return false;
        };
        let stops = matches!(task.state, State::Working | State::Ready(_));
        if stops {
            task.cancel.cancel();
            task.state = State::Cancelled;
        }
        stops
    }

    /// The edits that are under way.
    pub fn working(&self) -> Vec<String> {
        self.ids(|state| matches!(state, State::Working))
    }

    /// The edit that was applied last.
    pub fn last_applied(&self) -> Option<String> {
        self.ids(|state| matches!(state, State::Applied(_))).pop()
    }

    /// The edit that was applied to a document last, and the line (from 0) that it begins at.
    pub fn applied_to(&self, uri: &str) -> Option<(String, usize)> {
        let known = self.known();
        let mut applied = known.tasks.iter().rev();
        applied.find_map(|(number, task)| match &task.state {
            State::Applied(landed) if landed.uri == uri => {
                let first = landed.patch.hunks().first()?.span.start;
                let line = landed.before.line_of(crate::text::Byte(first));
                Some((format!("{MARK}{number}"), line))
            }
            _ => None,
        })
    }

    fn ids(&self, wanted: impl Fn(&State) -> bool) -> Vec<String> {
        let known = self.known();
        let found = known.tasks.iter().filter(|(_, task)| wanted(&task.state));
        found.map(|(number, _)| format!("{MARK}{number}")).collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            uri: "file:///a".into(),
            verb: Verb::Edit,
            lines: Lines::All,
            instruction: String::new(),
            complaints: Vec::new(),
            items: Vec::new(),
            route: None,
        }
    }

    #[test]
    fn what_was_stopped_stays_stopped() {
        let tasks = Tasks::default();
        let (id, cancel) = tasks.begin(wanted());
        assert_eq!(tasks.working(), std::slice::from_ref(&id));
        assert!(tasks.cancel(&id) && cancel.is_cancelled());
        assert!(!tasks.set(&id, State::Failed) && !tasks.cancel(&id));
        assert_eq!(
            tasks.get(&id).map(|task| task.state.word()),
            Some("cancelled")
        );
        assert!(tasks.get("edit-99").is_none() && tasks.get("x").is_none());
    }

    #[test]
    fn old_edits_are_forgotten_and_those_at_work_are_not() {
        let tasks = Tasks::default();
        let (first, _) = tasks.begin(wanted());
        for _ in 0..2 * REMEMBERED {
            let (id, _) = tasks.begin(wanted());
            tasks.set(&id, State::Rejected);
        }
        assert!(tasks.get(&first).is_some());
        assert!(tasks.known().tasks.len() <= REMEMBERED + 1);
    }
}
