//! When automatic ghost text is better left out: after edits that say no, after dismissals, while it is snoozed or switched off.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Ask, Engine, Reason, Silence};
use crate::document::edits::EditKind;
use crate::policy::list::{GIT, List};
use crate::settings::Completion;

/// Dismissals in a row that are taken as a wish for silence.
const DISMISSALS: u32 = 3;
/// The first silence; each further dismissal doubles it.
const REST: Duration = Duration::from_secs(2);
/// The longest.
const LONGEST: Duration = Duration::from_secs(64);

/// What was learnt about silence. One for the process.
#[derive(Default)]
pub struct Quiet(Mutex<State>);

#[derive(Default)]
struct State {
    off: Option<List>,
    /// Until when it is snoozed, for us and in ms since 1970.
    snoozed: Option<(Instant, u64)>,
    dismissed: u32,
    resting: Option<Instant>,
}

impl Quiet {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes `completion.off_globs`.
    pub fn configure(&self, completion: &Completion) {
        let list = List::read(completion.off_globs.join("\n").as_bytes(), GIT);
        self.state().off = (!list.is_empty()).then_some(list);
    }

    /// Whether a glob switches completion off for a path inside its workspace folder.
    pub fn off(&self, relative: &str) -> bool {
        let state = self.state();
        let globs = state.off.as_ref();
        globs.is_some_and(|globs| globs.excludes(relative.trim_start_matches('/')))
    }

    /// Whether the person wants no automatic ghost text now.
    pub fn check(&self, now: Instant) -> Result<(), Silence> {
        let state = self.state();
        if state.snoozed.is_some_and(|(until, _)| now < until) {
            return Err(Reason::Snoozed.into());
        }
        if state.resting.is_some_and(|until| now < until) {
            return Err(Reason::Dismissed.into());
        }
        Ok(())
    }

    /// No automatic ghost text for so many minutes; none ends it.
    pub fn snooze(&self, minutes: u64, now: Instant) {
        let span = Duration::from_secs(minutes.saturating_mul(60));
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let until = now
            .checked_add(span)
            .map(|until| (until, crate::tape::now_ms().saturating_add(ms)));
        self.state().snoozed = until.filter(|_| minutes > 0);
    }

    /// Until when it is snoozed, in ms since 1970.
    pub fn snoozed(&self, now: Instant) -> Option<u64> {
        let snoozed = self.state().snoozed;
        snoozed.filter(|(until, _)| now < *until).map(|(_, ms)| ms)
    }

    /// What was shown was not wanted.
    pub fn dismissed(&self, now: Instant) {
        let mut state = self.state();
        state.dismissed = state.dismissed.saturating_add(1);
        if let Some(further) = state.dismissed.checked_sub(DISMISSALS) {
            let rest = REST.saturating_mul(1 << further.min(16));
            state.resting = Some(now + rest.min(LONGEST));
        }
    }

    /// What was shown was taken.
    pub fn accepted(&self) {
        let mut state = self.state();
        state.dismissed = 0;
        state.resting = None;
    }
}

/// Whether the last edit was none that a suggestion should follow.
pub fn after_edit(engine: &Engine, key: &str, ask: &Ask) -> Result<(), Silence> {
    let table = [
        (EditKind::Deleted, Reason::AfterDelete),
        (EditKind::Undone, Reason::AfterUndo),
        (EditKind::Pasted, Reason::AfterPaste),
        (EditKind::Scattered, Reason::ManyCursors),
    ];
    let Some(last) = ask.document.edits.last() else {
        return Ok(());
    };
    match table.iter().find(|(kind, _)| *kind == last.kind) {
        // What was taken from the screen came all at once too.
        Some((_, reason)) if !engine.offers.took(key, last.at) => Err((*reason).into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dismissals_in_a_row_bring_silence() {
        let quiet = Quiet::default();
        let now = Instant::now();
        let silent = |after: u64| quiet.check(now + Duration::from_secs(after)).is_err();
        quiet.dismissed(now);
        quiet.dismissed(now);
        assert!(!silent(0));
        quiet.dismissed(now);
        assert!(silent(0) && silent(1) && !silent(2));
        quiet.dismissed(now);
        assert!(silent(3) && !silent(4));
        for _ in 0..40 {
            quiet.dismissed(now);
        }
        assert!(silent(63) && !silent(64));
        quiet.accepted();
        assert!(!silent(0));
        quiet.dismissed(now);
        assert!(!silent(0), "counted anew");
    }

    #[test]
    fn snoozed_until() {
        let quiet = Quiet::default();
        let now = Instant::now();
        quiet.snooze(5, now);
        let reason = quiet
            .check(now + Duration::from_secs(299))
            .map_err(|silence| silence.reason);
        assert_eq!(reason, Err(Reason::Snoozed));
        assert!(quiet.snoozed(now).is_some());
        assert!(quiet.check(now + Duration::from_secs(300)).is_ok());
        quiet.snooze(5, now);
        quiet.snooze(0, now);
        assert!(quiet.check(now).is_ok() && quiet.snoozed(now).is_none());
        quiet.snooze(u64::MAX, now);
    }

    #[test]
    fn globs_switch_off() {
        let quiet = Quiet::default();
        let globs = ["*.env", "vendor/", "/gen/**/*.rs"];
        quiet.configure(&Completion {
            off_globs: globs.map(str::to_owned).into(),
            ..Completion::default()
        });
        for (path, off) in [
            ("a.env", true),
            ("x/b.env", true),
            ("x/vendor/c.rs", true),
            ("gen/x/d.rs", true),
            ("x/gen/d.rs", false),
            ("src/a.rs", false),
            ("/odd", false),
        ] {
            assert_eq!(quiet.off(path), off, "{path}");
        }
    }
}
