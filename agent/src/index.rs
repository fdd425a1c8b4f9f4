//! The workspace on disk: walked in the background, past every ignore file, into the embedded model.

pub mod library;
mod progress;
mod rules;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::complete::{Engine, tell_status};
use crate::document::place::uri_of;
use crate::door::Turn;
use crate::local::Learnt;
use progress::Progress;

/// Bytes that are learnt before they first answer; the rest answers when the walk ends.
const FIRST: u64 = 4 << 20;

/// The walks of one process.
#[derive(Default)]
pub struct Walks {
    under_way: AtomicUsize,
    /// Keys of what was learnt, by the folder that they are in.
    keys: Mutex<HashMap<PathBuf, Vec<String>>>,
}

impl Walks {
    /// True while a workspace is being learnt.
    pub fn under_way(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) > 0
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<PathBuf, Vec<String>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a walk came to.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    bytes: u64,
    too_large: u64,
    full: u64,
    not_text: u64,
    unreadable: Vec<PathBuf>,
}

/// Learns folders on a thread of their own. Nothing waits for it.
pub fn learn(turn: &Turn, folders: Vec<PathBuf>) {
    let settings = turn.snapshot.settings.settings.local.clone();
    if !settings.enabled || folders.is_empty() {
        return;
    }
    let turn = turn.clone();
    turn.snapshot
        .engine
        .walks
        .under_way
        .fetch_add(1, Ordering::Relaxed);
    let spawned = std::thread::Builder::new().name("index".into()).spawn({
        let turn = turn.clone();
        move || {
            tell_status(&turn);
            for folder in folders {
                walk(&turn, &folder);
            }
            turn.snapshot
                .engine
                .walks
                .under_way
                .fetch_sub(1, Ordering::Relaxed);
            tell_status(&turn);
        }
    });
    if let Err(error) = spawned {
        turn.snapshot
            .engine
            .walks
            .under_way
            .fetch_sub(1, Ordering::Relaxed);
        tracing::warn!("the workspace is not learnt: {error}");
    }
}

fn walk(turn: &Turn, folder: &Path) {
    let engine = &turn.snapshot.engine;
    let settings = &turn.snapshot.settings.settings.local;
    if let Some(why) = rules::too_wide(folder) {
        return say(turn, &format!("{} is not learnt: {why}", folder.display()));
    }
    let mut progress = Progress::new(turn, folder);
    let mut tally = Tally::default();
    let mut keys = Vec::new();
    let mut settled = false;
    for entry in rules::walk(folder) {
        let path = match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => entry.into_path(),
            Ok(_) => continue,
            Err(error) => {
                tally.unreadable.extend(rules::place(&error));
                continue;
            }
        };
        if let Some(key) = read(
            engine,
            &path,
            settings.max_file_bytes,
            settings.max_workspace_mb << 20,
            &mut tally,
        ) {
            keys.push(key);
        }
        progress.report(tally.files);
        if !settled && tally.bytes > FIRST {
            settled = true;
            engine.local.settle();
        }
    }
    engine.local.settle();
    progress.end(tally.files);
    engine.walks.keys().insert(folder.to_owned(), keys);
    report(turn, folder, &tally);
}

/// Learns one file, if it is text within the limits.
fn read(
    engine: &Engine,
    path: &Path,
    file_cap: u64,
    workspace_cap: u64,
    tally: &mut Tally,
) -> Option<String> {
    let size = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(_) => {
            tally.unreadable.push(path.to_owned());
            return None;
        }
    };
    if size > file_cap {
        tally.too_large += 1;
        return None;
    }
    if tally.bytes + size > workspace_cap {
        tally.full += 1;
        return None;
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(_) => {
            tally.unreadable.push(path.to_owned());
            return None;
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        tally.not_text += 1;
        return None;
    };
    let key = uri_of(path);
    match engine.local.learn(&key, &text) {
        Learnt::Taken => {
            tally.files += 1;
            tally.bytes += size;
            Some(key)
        }
        Learnt::TooLarge => {
            tally.too_large += 1;
            None
        }
        Learnt::Full => {
            tally.full += 1;
            None
        }
        Learnt::Binary | Learnt::Minified | Learnt::Prose => {
            tally.not_text += 1;
            None
        }
    }
}

/// Learns files again that were saved or changed on disk; forgets those that are gone.
pub fn relearn(turn: &Turn, paths: Vec<PathBuf>) {
    let settings = turn.snapshot.settings.settings.local.clone();
    if !settings.enabled || paths.is_empty() {
        return;
    }
    let turn = turn.clone();
    tokio::task::spawn_blocking(move || {
        let engine = &turn.snapshot.engine;
        let mut tally = Tally {
            bytes: engine.local.stats().bytes as u64,
            ..Tally::default()
        };
        for path in paths {
            let folder = turn
                .snapshot
                .client
                .folders
                .iter()
                .find(|folder| path.starts_with(folder));
            let Some(folder) = folder.filter(|folder| rules::too_wide(folder).is_none()) else {
                continue;
            };
            if !path.exists() || !rules::admits(folder, &path) {
                engine.local.forget(&uri_of(&path));
            } else {
                read(engine, &path, settings.max_file_bytes, u64::MAX, &mut tally);
            }
        }
        engine.local.settle();
    });
}

/// Forgets folders that left the workspace.
pub fn forget(turn: &Turn, folders: Vec<PathBuf>) {
    let mut learnt = turn.snapshot.engine.walks.keys();
    let keys: Vec<String> = folders
        .iter()
        .filter_map(|folder| learnt.remove(folder))
        .flatten()
        .collect();
    drop(learnt);
    if keys.is_empty() {
        return;
    }
    let local = turn.snapshot.engine.local.clone();
    tokio::task::spawn_blocking(move || {
        keys.iter().for_each(|key| local.forget(key));
        local.settle();
    });
}

/// One line on what was learnt; what was left out is said with the mend.
fn report(turn: &Turn, folder: &Path, tally: &Tally) {
    tracing::info!(files = tally.files, bytes = tally.bytes, folder = %folder.display(), "learnt");
    let mut left_out = Vec::new();
    if tally.full > 0 {
        left_out.push(format!(
            "{} files over `local.max_workspace_mb`",
            tally.full
        ));
    }
    if tally.too_large > 0 {
        left_out.push(format!("{} over `local.max_file_bytes`", tally.too_large));
    }
    if let Some(first) = tally.unreadable.first() {
        left_out.push(format!(
            "{} that could not be read ({}: check its permissions)",
            tally.unreadable.len(),
            first.display()
        ));
    }
    if !left_out.is_empty() {
        say(
            turn,
            &format!(
                "{}: {} files learnt, left out: {}",
                folder.display(),
                tally.files,
                left_out.join(", ")
            ),
        );
    }
}

fn say(turn: &Turn, message: &str) {
    tracing::info!("{message}");
    let params = serde_json::json!({"type": 3, "message": format!("nextline: {message}")});
    turn.outbox.notify("window/logMessage", params);
}
