//! What became of suggestions, counted on this machine alone: numbers by origin in one small file of the state directory, no text.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::offers::Event;
use crate::settings::state_dir;

const FILE: &str = "stats.json";
const LOCK: &str = "stats.lock";
/// Bytes of the file that are read.
const CAP: u64 = 1 << 20;
/// The file is written this often at most, and at the end.
const PAUSE: Duration = Duration::from_secs(10);

/// The numbers of one origin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Suggestions that came on the screen.
    pub shown: i64,
    /// Taken whole, also by typing them.
    pub accepted: i64,
    /// Characters of those.
    pub accepted_characters: i64,
    /// Taken in part.
    pub partly_accepted: i64,
    /// Typed against, replaced or cleared.
    pub dismissed: i64,
    /// Accepted ones that were there after 30 s.
    pub retained_30s: i64,
    /// Accepted ones that were not.
    pub gone_30s: i64,
    /// Accepted ones that were there after 5 min.
    pub retained_5min: i64,
    /// Accepted ones that were not.
    pub gone_5min: i64,
}

/// By origin: `local`, or a route's name.
pub type Table = BTreeMap<String, Counts>;

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.shown += other.shown;
        self.accepted += other.accepted;
        self.accepted_characters += other.accepted_characters;
        self.partly_accepted += other.partly_accepted;
        self.dismissed += other.dismissed;
        self.retained_30s += other.retained_30s;
        self.gone_30s += other.gone_30s;
        self.retained_5min += other.retained_5min;
        self.gone_5min += other.gone_5min;
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Shown => self.shown += 1,
            Event::Accepted(characters) => {
                self.accepted += 1;
                self.accepted_characters += i64::try_from(characters).unwrap_or_default();
            }
            Event::PartlyAccepted => self.partly_accepted += 1,
            Event::Dismissed(_) => self.dismissed += 1,
            Event::NotDismissed => self.dismissed -= 1,
        }
    }
}

/// What was counted and is not written yet.
#[derive(Default)]
pub struct Stats {
    pending: Mutex<Table>,
    written: Mutex<Option<Instant>>,
}

impl Stats {
    fn pending(&self) -> MutexGuard<'_, Table> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an event.
    pub fn note(&self, origin: &str, event: Event) {
        self.pending()
            .entry(origin.to_owned())
            .or_default()
            .note(event);
    }

    /// Counts a look for accepted text: the first after 30 s, the second after 5 min.
    pub fn looked(&self, origin: &str, look: usize, there: bool) {
        let mut pending = self.pending();
        let counts = pending.entry(origin.to_owned()).or_default();
        let field = match (look, there) {
            (0, true) => &mut counts.retained_30s,
            (0, false) => &mut counts.gone_30s,
            (_, true) => &mut counts.retained_5min,
            (_, false) => &mut counts.gone_5min,
        };
        *field += 1;
    }

    /// Whether there is something to write, and time for it.
    pub fn is_due(&self, now: Instant) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let due = now.saturating_duration_since(*written.get_or_insert(now)) >= PAUSE;
        if due {
            *written = Some(now);
        }
        due && !self.pending().is_empty()
    }

    /// Adds what was counted to the file. Blocks. A home that cannot be written costs the numbers and nothing else.
    pub fn write(&self) {
        let pending = std::mem::take(&mut *self.pending());
        if let Some(folder) = state_dir().filter(|_| !pending.is_empty()) {
            let _ = add(&folder, &pending);
        }
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn add(folder: &Path, pending: &Table) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // Several servers of one user count into the same file.
    let lock: File = private().open(folder.join(LOCK))?;
    lock.lock()?;
    let mut all = read(&folder.join(FILE));
    for (origin, counts) in pending {
        all.entry(origin.clone()).or_default().add(counts);
    }
    let part = folder.join(format!("{FILE}.part"));
    let mut file = private().truncate(true).open(&part)?;
    file.write_all(serde_json::to_string(&all)?.as_bytes())?;
    std::fs::rename(part, folder.join(FILE))
}

fn read(path: &Path) -> Table {
    File::open(path)
        .ok()
        // A device in its place may have no end.
        .and_then(|file| serde_json::from_reader(BufReader::new(file.take(CAP))).ok())
        .unwrap_or_default()
}

/// What all servers of this user have counted.
pub fn counted() -> Table {
    state_dir()
        .map(|folder| read(&folder.join(FILE)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_in_the_file() {
        let folder = std::env::temp_dir().join(format!("nextline-stats-{}", std::process::id()));
        for _ in 0..2 {
            let stats = Stats::default();
            stats.note("local", Event::Shown);
            stats.note("local", Event::Accepted(7));
            stats.note("fast", Event::Dismissed(true));
            stats.looked("local", 0, true);
            stats.looked("local", 1, false);
            let pending = std::mem::take(&mut *stats.pending());
            add(&folder, &pending).unwrap();
        }
        let all = read(&folder.join(FILE));
        let local = &all["local"];
        assert_eq!(
            (local.shown, local.accepted, local.accepted_characters),
            (2, 2, 14)
        );
        assert_eq!((local.retained_30s, local.gone_5min), (2, 2));
        assert_eq!(all["fast"].dismissed, 2);
        #[cfg(unix)]
        {
            let mode = std::fs::metadata(folder.join(FILE)).unwrap().permissions();
            assert_eq!(
                std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
                0o600
            );
        }
        std::fs::write(folder.join(FILE), "no JSON").unwrap();
        assert!(read(&folder.join(FILE)).is_empty());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
