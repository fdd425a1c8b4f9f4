//! Decides on files. A decision is kept with all that it hangs on, and counts as long as none of that changed.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use super::bounds::Bounds;
use super::disk::{Disk, Stamp, View};
use super::kinds::{self, Kind};
use super::known::Known;
use super::list::{GIT, List};
use super::trail::{Kept, Sight, Trail, slashed};
use super::verdict::{Excluded, Rule, Verdict};
use super::ways::{below, is_disguised, plain, ways};
use crate::document::place::path_of;
use crate::settings::{self, Settings};

/// Decisions that are kept; then all are forgotten and made anew.
const KNOWN: usize = 8192;

thread_local! {
    static OF_THREAD: RefCell<Option<Arc<Policy>>> = const { RefCell::new(None) };
}

/// What decides which files may be used. One for the process, or for each of its clients.
pub struct Policy {
    view: Box<dyn View>,
    state: Mutex<State>,
}

/// The rules that hold everywhere.
#[derive(Clone, Default)]
pub struct Rules {
    /// `policy.exclude`.
    pub exclude: Arc<List>,
    /// The user's own lists.
    pub of_user: Arc<Vec<(&'static Kind, PathBuf)>>,
    /// What is let in at all.
    pub bounds: Arc<Bounds>,
}

#[derive(Default)]
struct State {
    rules: Rules,
    limits: Arc<settings::Policy>,
    known: HashMap<PathBuf, Arc<Known>>,
    kept: Kept,
    /// Rule files with a fault that was told.
    told: HashSet<String>,
}

impl Default for Policy {
    fn default() -> Self {
        let policy = Policy::over(Box::new(Disk));
        policy.state().rules.of_user = Arc::new(kinds::of_user());
        policy
    }
}

impl Policy {
    /// The one of this process, or of the client that this thread serves.
    pub fn of_process() -> Arc<Policy> {
        static POLICY: OnceLock<Arc<Policy>> = OnceLock::new();
        let of_thread = OF_THREAD.with_borrow(Clone::clone);
        of_thread.unwrap_or_else(|| POLICY.get_or_init(Arc::default).clone())
    }

    /// From now on this thread serves a client whose settings are these alone.
    pub fn is_of_this_thread(self: &Arc<Self>) {
        OF_THREAD.set(Some(self.clone()));
    }

    /// A policy over any view of a file system, without the user's own lists.
    pub fn over(view: Box<dyn View>) -> Policy {
        Policy {
            view,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes new settings.
    pub fn configure(&self, settings: &Settings) {
        if *self.limits() == settings.policy {
            return;
        }
        let text = settings.policy.exclude.join("\n");
        let list = Arc::new(List::read(text.as_bytes(), GIT));
        let bounds = Arc::new(Bounds::of(&settings.policy));
        let mut state = self.state();
        state.rules.exclude = list;
        state.rules.bounds = bounds;
        state.limits = Arc::new(settings.policy.clone());
        state.known.clear();
    }

    /// `[policy]` as it was taken last.
    pub(super) fn limits(&self) -> Arc<settings::Policy> {
        self.state().limits.clone()
    }

    /// Whether a file may be used, with the workspace folders that are open. Costs one look at each folder on the way and at each
    /// ignore file in them, as long as nothing changed there; blocks for so long.
    ///
    /// Without any workspace folder a file was opened by itself, which is the user's own act: then only ignore files and built-in
    /// secrets exclude it. A link must be allowed under each of its names.
    pub fn verdict(&self, folders: &[PathBuf], path: &Path) -> Verdict {
        self.verdict_since(folders, path, Instant::now())
    }

    /// The same in a request that came at `since`: what it saw itself, a moment ago, is not looked at again.
    fn verdict_since(&self, folders: &[PathBuf], path: &Path, since: Instant) -> Verdict {
        let known = self.state().known.get(path).cloned();
        let stands =
            |known: &Arc<Known>| known.folders == folders && known.stands(&*self.view, since);
        if let Some(known) = known.filter(stands) {
            return known.verdict.clone();
        }
        self.judge(folders, path)
    }

    /// The same for a document by its URI. What has no place on disk was written by the user and nowhere else.
    pub fn verdict_of(&self, folders: &[PathBuf], uri: &str) -> Verdict {
        self.verdict_of_since(folders, uri, Instant::now())
    }

    /// The same in a request that came at `since`: what it saw itself, a moment ago, is not looked at again.
    pub fn verdict_of_since(&self, folders: &[PathBuf], uri: &str, since: Instant) -> Verdict {
        match place(uri) {
            Place::Path(path) => self.verdict_since(folders, &path, since),
            Place::Nowhere => {
                let bounds = self.state().rules.bounds.clone();
                match bounds.unsaved(Path::new(uri)) {
                    Ok(()) => Verdict::Allowed { rule: "unsaved" },
                    Err(why) => why.into(),
                }
            }
            Place::Unreadable => excluded(Rule::Path, Path::new(uri)).into(),
        }
    }

    /// Opens a file that may be used. What is read is what was judged, even where somebody swaps links meanwhile.
    ///
    /// # Errors
    ///
    /// The rule that excludes it, or what the system says.
    pub fn open(
        &self,
        folders: &[PathBuf],
        path: &Path,
    ) -> Result<std::io::Result<std::fs::File>, Box<Excluded>> {
        if let Verdict::Excluded(why) = self.verdict(folders, path) {
            return Err(why);
        }
        // Asked before opening: opening a pipe would wait for its other end.
        match path.metadata() {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(Err(std::io::Error::other("it is not a regular file"))),
            Err(error) => return Ok(Err(error)),
        }
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        // Judged once more, by names that the open file still has.
        if let Verdict::Excluded(why) = self.judge(folders, path) {
            return Err(why);
        }
        let opened = file.metadata().map(|metadata| Stamp::of(&metadata).id);
        let named = path.metadata().map(|metadata| Stamp::of(&metadata).id);
        match (opened, named) {
            (Ok(opened), Ok(named)) if opened == named => Ok(Ok(file)),
            _ => Err(excluded(Rule::Path, path)),
        }
    }

    /// Begins a walk of a workspace folder: the rules in force in it.
    pub fn walk(&self, folder: &Path) -> Folder {
        let mut state = self.state();
        let rules = state.rules.clone();
        let mut sight = Sight {
            view: &*self.view,
            kept: &mut state.kept,
            now: SystemTime::now(),
            watched: Vec::new(),
        };
        let top = top_of(&*self.view, folder);
        let trail = Trail::begin(&mut sight, folder, &rules).and_then(|mut trail| {
            for entered in from(&top, folder) {
                trail.enter(&mut sight, &entered)?;
            }
            Ok(trail)
        });
        drop(state);
        Folder {
            base: folder.to_owned(),
            path: folder.to_owned(),
            trail: trail.map_err(|why| self.told(why)).ok(),
        }
    }

    fn judge(&self, folders: &[PathBuf], path: &Path) -> Verdict {
        let mut state = self.state();
        let rules = state.rules.clone();
        let mut sight = Sight {
            view: &*self.view,
            kept: &mut state.kept,
            now: SystemTime::now(),
            watched: Vec::new(),
        };
        let verdict = match pass(&mut sight, folders, path, &rules) {
            Ok(rule) => Verdict::Allowed { rule },
            Err(why) => why.into(),
        };
        let (watched, now) = (sight.watched, sight.now);
        let known = Known::new(folders.to_vec(), verdict.clone(), watched, now);
        if state.known.len() >= KNOWN {
            state.known.clear();
            state.kept.clear();
        }
        state.known.insert(path.to_owned(), Arc::new(known));
        drop(state);
        if let Verdict::Excluded(why) = &verdict {
            self.told(why.clone());
        }
        verdict
    }

    /// A rule file that cannot be followed is said once.
    fn told(&self, why: Box<Excluded>) -> Box<Excluded> {
        if why.fault.is_some() && self.state().told.insert(why.to_string()) {
            tracing::warn!("{why}");
        }
        why
    }
}

/// A folder of a walk and the rules in force in it.
#[derive(Debug, Clone)]
pub struct Folder {
    base: PathBuf,
    /// The folder.
    pub path: PathBuf,
    /// `None` if all of it is excluded.
    trail: Option<Trail>,
}

impl Folder {
    /// The folder below, if it may be entered. Links are not for walks: name them by their own names.
    pub fn enter(&self, policy: &Policy, path: &Path) -> Option<Folder> {
        if !self.admits(path, true) {
            return None;
        }
        let mut trail = self.trail.clone()?;
        let mut state = policy.state();
        let mut sight = Sight {
            view: &*policy.view,
            kept: &mut state.kept,
            now: SystemTime::now(),
            watched: Vec::new(),
        };
        let entered = trail.enter(&mut sight, path);
        drop(state);
        match entered {
            Ok(()) => Some(Folder {
                base: self.base.clone(),
                path: path.to_owned(),
                trail: Some(trail),
            }),
            Err(why) => {
                policy.told(why);
                None
            }
        }
    }

    /// Whether an entry of the folder may be used.
    pub fn admits(&self, path: &Path, is_folder: bool) -> bool {
        let Some(trail) = &self.trail else {
            return false;
        };
        is_not_secret(path, &self.base, is_folder).is_ok() && trail.pass(path, is_folder).is_ok()
    }
}

/// Every name of the path must be inside the workspace and excluded by no rule.
fn pass(
    sight: &mut Sight<'_>,
    folders: &[PathBuf],
    path: &Path,
    rules: &Rules,
) -> Result<&'static str, Box<Excluded>> {
    let no_path = || excluded(Rule::Path, path);
    if is_disguised(path) {
        return Err(no_path());
    }
    let names = ways(sight.view, path).ok_or_else(no_path)?;
    let homes: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| ways(sight.view, folder).unwrap_or_else(|| vec![plain(folder)]))
        .collect();
    for name in &names {
        // Rules of the outermost folder hold in those within.
        let inside = homes.iter().filter(|home| below(name, home).is_some());
        let home = inside.min_by_key(|home| home.components().count());
        let base = match home {
            Some(home) => home.as_path(),
            None if folders.is_empty() => name.parent().unwrap_or(name),
            None => return Err(excluded(Rule::Outside, name)),
        };
        let top = top_of(sight.view, base);
        let base = if folders.is_empty() { &top } else { base };
        is_not_secret(name, base, false)?;
        let mut trail = Trail::begin(sight, base, rules)?;
        for entered in from(&top, base) {
            trail.enter(sight, &entered)?;
        }
        let mut place = base.to_owned();
        let parts = below(name, base).unwrap_or_default();
        for (number, part) in parts.iter().enumerate() {
            place.push(part);
            let is_last = number + 1 == parts.len();
            trail.pass(&place, !is_last)?;
            if !is_last {
                trail.enter(sight, &place)?;
            }
        }
    }
    Ok(match folders {
        [] => "single file",
        _ => "workspace",
    })
}

fn excluded(rule: Rule, what: &Path) -> Box<Excluded> {
    Box::new(Excluded {
        rule,
        file: None,
        line: None,
        pattern: String::new(),
        what: what.to_owned(),
        fault: None,
    })
}

/// Built-in secrets: folders wherever they stand in the path, files and folders by name from the base down.
fn is_not_secret(path: &Path, base: &Path, is_folder: bool) -> Result<(), Box<Excluded>> {
    let told = |pattern: &str| {
        let mut why = excluded(Rule::Secret, path);
        why.pattern = pattern.to_owned();
        why
    };
    let root = path.ancestors().last().unwrap_or(path);
    for place in path.ancestors().filter(|place| *place != root) {
        let is_folder = is_folder || place != path;
        let relative = slashed(place.strip_prefix(root).unwrap_or(place));
        if let Some(line) = kinds::secret_folders().decides(&relative, is_folder) {
            return Err(told(&line.text));
        }
        if place != base
            && place.starts_with(base)
            && let Some(line) = kinds::secret().decides(&relative, is_folder)
        {
            return Err(told(&line.text));
        }
    }
    Ok(())
}

/// The root of the repository that a folder is in, else the folder itself.
fn top_of(view: &dyn View, folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    let root = above.find(|place| view.look(&place.join(".git")).is_some());
    root.unwrap_or(folder).to_owned()
}

/// Every folder from `top` down to `folder`, both included.
fn from(top: &Path, folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|place| place.starts_with(top))
        .map(Path::to_owned)
        .collect();
    all.reverse();
    all
}

/// Where a document is.
enum Place {
    Path(PathBuf),
    Nowhere,
    Unreadable,
}

/// The place of a URI, or of a path. Other schemes than `file:` that hold a whole path (a notebook's cells, a version of a file) are views of that file.
fn place(uri: &str) -> Place {
    // Windows has a colon in its paths.
    if Path::new(uri).is_absolute() {
        return Place::Path(PathBuf::from(uri));
    }
    if let Some(path) = path_of(uri) {
        return Place::Path(path);
    }
    let Some((scheme, rest)) = uri.split_once(':') else {
        return Place::Nowhere;
    };
    if scheme.eq_ignore_ascii_case("file") {
        return Place::Unreadable;
    }
    match path_of(&format!("file:{rest}")) {
        Some(path) if path.is_absolute() => Place::Path(path),
        Some(_) => Place::Nowhere,
        None if rest.starts_with('/') => Place::Unreadable,
        None => Place::Nowhere,
    }
}
