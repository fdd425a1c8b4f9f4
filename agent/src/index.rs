//! The workspace on disk: walked in the background, past every ignore file, into the embedded model.

pub mod library;
mod progress;
mod rules;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::complete::{Engine, tell_status};
use crate::document::place::uri_of;
use crate::door::Turn;
use crate::ledger::Ledger;
use crate::local::{self, Learnt};
use crate::policy::{Policy, is_rules};
use crate::settings::Local as Settings;
use library::{Kept, Library};
use progress::Progress;

pub use rules::forbids;

/// Bytes that are learnt before they first answer; the rest answers when the walk ends.
const FIRST: u64 = 4 << 20;

/// The files below a folder that may be read.
pub fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let policy = Policy::of_process();
    let found: Vec<PathBuf> = rules::walk(&policy, folder).flatten().collect();
    found.into_iter()
}

/// The walks of one workspace.
#[derive(Default)]
pub struct Walks {
    under_way: AtomicUsize,
    /// Those whose end was not told yet.
    untold: AtomicUsize,
    /// Keys of what was learnt, by the folder that they are in.
    keys: Mutex<HashMap<PathBuf, Vec<String>>>,
    /// How often a refresh was asked for since none was under way.
    refreshing: AtomicUsize,
}

impl Walks {
    /// True while a workspace is being learnt.
    pub fn under_way(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) > 0
    }

    /// The keys of the files that were learnt.
    pub fn learnt(&self) -> Vec<String> {
        self.keys().values().flatten().cloned().collect()
    }

    /// True until the client was told that it is learnt.
    pub fn untold(&self) -> bool {
        self.untold.load(Ordering::Relaxed) > 0
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
    /// Files for which the index for prompts has no room.
    unshelved: u64,
    not_text: u64,
    unreadable: Vec<PathBuf>,
}

/// Who wants the workspace's files. A walk feeds those that it began with, wherever its client reads meanwhile.
#[derive(Clone)]
struct Feed {
    local: Arc<local::Stock>,
    /// The index for prompts.
    library: Option<Arc<Library>>,
    walks: Arc<Walks>,
}

impl Feed {
    /// `None` if nobody wants them.
    fn of(turn: &Turn) -> Option<Feed> {
        let engine = &turn.snapshot.engine;
        let library = engine.gathered.library();
        let learns = turn.snapshot.settings.settings.local.enabled;
        (learns || library.is_some()).then(|| Feed {
            local: engine.local.stock(),
            library,
            walks: engine.walks(),
        })
    }

    /// Makes what was read, opened and closed count.
    fn settle(&self) {
        self.local.settle();
        if let Some(library) = &self.library {
            library.settle();
        }
    }

    fn forget(&self, key: &str) {
        self.local.forget(key);
        if let Some(library) = &self.library {
            library.forget(key);
        }
    }
}

/// Learns folders on a thread of their own. Nothing waits for it.
pub fn learn(turn: &Turn, folders: Vec<PathBuf>) {
    let Some(feed) = Feed::of(turn).filter(|_| !folders.is_empty()) else {
        return;
    };
    let turn = turn.clone();
    let walks = feed.walks.clone();
    walks.under_way.fetch_add(1, Ordering::Relaxed);
    walks.untold.fetch_add(1, Ordering::Relaxed);
    let ledger = Ledger::of_process();
    let spawned = std::thread::Builder::new()
        .name("index".into())
        .spawn(move || {
            ledger.is_of_this_thread();
            tell_status(&turn);
            reopen(&turn, &feed);
            for folder in folders {
                walk(&turn, &feed, &folder);
            }
            feed.walks.under_way.fetch_sub(1, Ordering::Relaxed);
            tell_status(&turn);
            feed.walks.untold.fetch_sub(1, Ordering::Relaxed);
        });
    if let Err(error) = spawned {
        walks.under_way.fetch_sub(1, Ordering::Relaxed);
        walks.untold.fetch_sub(1, Ordering::Relaxed);
        tracing::warn!("the workspace is not learnt: {error}");
    }
}

/// Reads with others what they have learnt; what is open here counts on top of it.
pub fn join(turn: &Turn) {
    if let Some(feed) = Feed::of(turn) {
        reopen(turn, &feed);
        tokio::task::spawn_blocking(move || feed.settle());
    }
}

fn reopen(turn: &Turn, feed: &Feed) {
    let Some(library) = &feed.library else { return };
    let engine = &turn.snapshot.engine;
    let documents = turn.snapshot.documents();
    for (key, document) in documents.filter(|(key, _)| !engine.withheld.holds(key)) {
        library.open(key, document.text.rope());
    }
}

/// Makes what was opened, changed and closed count for prompts, in the background. Asked again while it works, however often, it does so
/// once more: never on more than one thread.
pub fn refresh(engine: &Arc<Engine>) {
    let Some(library) = engine.gathered.library() else {
        return;
    };
    let walks = engine.walks();
    if walks.refreshing.fetch_add(1, Ordering::AcqRel) > 0 {
        return;
    }
    tokio::task::spawn_blocking(move || {
        let asked = Asked(&walks.refreshing);
        loop {
            let before = asked.0.load(Ordering::Acquire);
            library.settle();
            let none_since =
                asked
                    .0
                    .compare_exchange(before, 0, Ordering::AcqRel, Ordering::Acquire);
            if none_since.is_ok() {
                return;
            }
        }
    });
}

/// How often a refresh was asked for. One that panics is no longer under way.
struct Asked<'a>(&'a AtomicUsize);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(0, Ordering::Release);
        }
    }
}

fn walk(turn: &Turn, feed: &Feed, folder: &Path) {
    let engine = &turn.snapshot.engine;
    let settings = &turn.snapshot.settings.settings.local;
    if let Some(why) = rules::too_wide(folder) {
        return say(turn, &format!("{} is not learnt: {why}", folder.display()));
    }
    let mut progress = Progress::new(turn, folder);
    let mut tally = Tally::default();
    let mut keys = Vec::new();
    let mut settled = false;
    for entry in rules::walk(&engine.policy, folder) {
        let path = match entry {
            Ok(path) => path,
            Err(path) => {
                tally.unreadable.push(path);
                continue;
            }
        };
        keys.extend(read(feed, &path, settings, &mut tally));
        progress.report(tally.files);
        if !settled && tally.bytes > FIRST {
            settled = true;
            feed.settle();
        }
    }
    feed.settle();
    progress.end(tally.files);
    feed.walks.keys().insert(folder.to_owned(), keys);
    report(turn, folder, &tally);
}

/// Reads one file for whoever wants it, if it is text within the limits.
fn read(feed: &Feed, path: &Path, settings: &Settings, tally: &mut Tally) -> Option<String> {
    let size = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(_) => {
            tally.unreadable.push(path.to_owned());
            return None;
        }
    };
    if size > settings.max_file_bytes {
        tally.too_large += 1;
        return None;
    }
    let library = feed.library.as_deref();
    let learns = settings.enabled && tally.bytes + size <= settings.max_workspace_mb << 20;
    if !learns && library.is_none() {
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
    crate::tape::was_read(path, &bytes);
    let Ok(text) = String::from_utf8(bytes) else {
        tally.not_text += 1;
        return None;
    };
    let key = uri_of(path);
    let shelved = library.map(|library| library.learn(&key, &text));
    tally.unshelved += u64::from(shelved == Some(Kept::Full));
    let learnt = match (learns, settings.enabled) {
        (true, _) => feed.local.learn(&key, &text),
        (false, true) => Learnt::Full,
        // Nobody but the index wants it.
        (false, false) => Learnt::Taken,
    };
    match learnt {
        Learnt::Taken => {
            tally.files += 1;
            tally.bytes += size;
        }
        Learnt::TooLarge => tally.too_large += 1,
        Learnt::Full => tally.full += 1,
        Learnt::Binary | Learnt::Minified | Learnt::Prose => tally.not_text += 1,
    }
    (learnt == Learnt::Taken || shelved == Some(Kept::Taken)).then_some(key)
}

/// Learns files again that were saved or changed on disk; forgets those that are gone. Where rules changed, everything is judged anew.
pub fn relearn(turn: &Turn, paths: Vec<PathBuf>) {
    let Some(feed) = Feed::of(turn).filter(|_| !paths.is_empty()) else {
        return;
    };
    if paths.iter().any(|path| is_rules(path)) {
        rejudge(turn);
    }
    let turn = turn.clone();
    tokio::task::spawn_blocking(move || {
        let engine = &turn.snapshot.engine;
        let settings = Settings {
            max_workspace_mb: u64::MAX >> 20,
            ..turn.snapshot.settings.settings.local.clone()
        };
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
            let folders = &turn.snapshot.client.folders;
            if !rules::admits(&engine.policy, folders, folder, &path) {
                feed.forget(&uri_of(&path));
            } else {
                read(&feed, &path, &settings, &mut tally);
            }
        }
        feed.settle();
    });
}

/// Forgets what the rules of now exclude, and learns what they let in.
fn rejudge(turn: &Turn) {
    let turn = turn.clone();
    tokio::task::spawn_blocking(move || {
        let (engine, folders) = (&turn.snapshot.engine, &turn.snapshot.client.folders);
        engine.rejudge(&turn.snapshot);
        let feed = Feed::of(&turn);
        for key in engine.walks().learnt() {
            if let Some(feed) = &feed
                && !engine.policy.verdict_of(folders, &key).is_allowed()
            {
                feed.forget(&key);
            }
        }
        learn(&turn, folders.clone());
    });
}

/// Forgets folders that left the workspace.
pub fn forget(turn: &Turn, folders: Vec<PathBuf>) {
    let walks = turn.snapshot.engine.walks();
    let mut learnt = walks.keys();
    let keys: Vec<String> = folders
        .iter()
        .filter_map(|folder| learnt.remove(folder))
        .flatten()
        .collect();
    drop(learnt);
    let Some(feed) = Feed::of(turn).filter(|_| !keys.is_empty()) else {
        return;
    };
    tokio::task::spawn_blocking(move || {
        keys.iter().for_each(|key| feed.forget(key));
        feed.settle();
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
    if tally.unshelved > 0 {
        left_out.push(format!(
            "{} over `context.max_memory_mb`, of the index for prompts",
            tally.unshelved
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
