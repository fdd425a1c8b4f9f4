//! The process on whose behalf we run: when it is gone, so are we, even if somebody else holds our standard input open.

use std::path::PathBuf;

/// What is watched.
pub struct Parent {
    /// The process that started us, where it is the client's.
    started: Option<u32>,
    /// `/proc` entry of the process that `initialize` named, where the system has them.
    named: Option<PathBuf>,
}

impl Default for Parent {
    fn default() -> Self {
        Parent::new()
    }
}

impl Parent {
    /// Watches the process that started us.
    pub fn new() -> Parent {
        Parent {
            started: Some(parent_id()),
            named: None,
        }
    }

    /// Watches nobody yet: the client has not started this process.
    pub fn unknown() -> Parent {
        Parent {
            started: None,
            named: None,
        }
    }

    /// Watches the client's `processId` too. A process that we cannot see (another namespace) is not watched.
    pub fn named(&mut self, pid: Option<u32>) {
        let entry = pid.map(|pid| PathBuf::from(format!("/proc/{pid}/stat")));
        self.named = entry.filter(runs);
    }

    /// False once one of them is gone.
    pub fn alive(&self) -> bool {
        let started = self.started.is_none_or(|started| parent_id() == started);
        started && self.named.as_ref().is_none_or(runs)
    }
}

/// A process that has ended and waits to be reaped is `Z` in `/proc/PID/stat`, behind its name in brackets.
fn runs(entry: &PathBuf) -> bool {
    let stat = std::fs::read_to_string(entry).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

#[cfg(unix)]
fn parent_id() -> u32 {
    std::os::unix::process::parent_id()
}

/// Elsewhere the end of standard input has to tell.
#[cfg(not(unix))]
fn parent_id() -> u32 {
    0
}
