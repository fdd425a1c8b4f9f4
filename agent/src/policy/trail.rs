//! The rules in force in a folder: every list from the repository's root down to it. Entered folder by folder, by a walk or on the way
//! to one file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::bounds::Bounds;
use super::disk::{Sort, Stamp, View};
use super::judge::Rules;
use super::kinds::{self, EXCLUDE, KINDS, Kind};
use super::list::{List, Shut};
use super::{Excluded, Rule, remotes};

/// Lists that are kept between questions, by file.
pub type Kept = HashMap<PathBuf, (Stamp, Arc<List>)>;

/// One question's look at the disk: lists as they are now, and what was looked at for it.
pub struct Sight<'a> {
    /// The disk.
    pub view: &'a dyn View,
    /// Lists read before, and from now on those read here.
    pub kept: &'a mut Kept,
    /// When the question was asked.
    pub now: SystemTime,
    /// All that the answer hangs on.
    pub watched: Vec<(PathBuf, Option<Stamp>)>,
}

impl Sight<'_> {
    fn watch(&mut self, path: &Path) -> Option<Stamp> {
        let stamp = self.view.look(path);
        self.watched.push((path.to_owned(), stamp));
        stamp
    }

    /// The list that a file holds; `None` if there is no file.
    fn list(&mut self, file: &Path, kind: &Kind) -> Option<Arc<List>> {
        let stamp = self.watch(file)?;
        // What a link leads to may change without it.
        let same = |kept: &&(Stamp, Arc<List>)| {
            kept.0 == stamp && stamp.sort == Sort::File && stamp.is_settled(self.now)
        };
        if let Some((_, list)) = self.kept.get(file).filter(same) {
            return Some(list.clone());
        }
        let list = match self.view.read(file) {
            Ok(bytes) => List::read(&bytes, kind.reading),
            Err(fault) => List::shut(None, "", fault),
        };
        let list = Arc::new(list);
        self.kept.insert(file.to_owned(), (stamp, list.clone()));
        Some(list)
    }
}

/// The lists in force in a folder, the outermost first.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    held: Vec<Held>,
    bounds: Arc<Bounds>,
    /// Whether the repository that was entered last is let in; `None` outside of any.
    repository: Option<Result<(), Box<Excluded>>>,
}

#[derive(Debug, Clone)]
struct Held {
    kind: &'static Kind,
    list: Arc<List>,
    /// The file that holds it; `None` for a list of the settings.
    file: Option<Arc<Path>>,
    /// The folder that it speaks of.
    folder: Arc<Path>,
}

impl Trail {
    /// What holds before any folder is entered: the user's lists, which speak of `base`, and those of the settings.
    pub fn begin(
        sight: &mut Sight<'_>,
        base: &Path,
        rules: &Rules,
    ) -> Result<Trail, Box<Excluded>> {
        let mut trail = Trail {
            bounds: rules.bounds.clone(),
            ..Trail::default()
        };
        let base: Arc<Path> = base.into();
        if !rules.exclude.is_empty() {
            trail.held.push(Held {
                kind: &kinds::SETTING,
                list: rules.exclude.clone(),
                file: None,
                folder: base.clone(),
            });
        }
        for (kind, file) in rules.of_user.iter() {
            if let Some(list) = sight.list(file, kind) {
                trail.hold(kind, list, file, &base)?;
            }
        }
        Ok(trail)
    }

    /// The lists of a folder come in force.
    ///
    /// # Errors
    ///
    /// A list that excludes everything below the folder.
    pub fn enter(&mut self, sight: &mut Sight<'_>, folder: &Path) -> Result<(), Box<Excluded>> {
        // A new file in a folder changes the folder, an edited one itself.
        sight.watch(folder);
        let here: Arc<Path> = folder.into();
        if sight.view.look(&folder.join(".git")).is_some() {
            let git = git_folder(sight, folder);
            if self.bounds.asks_for_repository() {
                let config = git.join("config");
                sight.watch(&config);
                let text = sight.view.read(&config).unwrap_or_default();
                let names = remotes::names(&String::from_utf8_lossy(&text));
                self.repository = Some(self.bounds.repository(folder, &names));
            }
            let file = git.join("info").join("exclude");
            if let Some(list) = sight.list(&file, &EXCLUDE) {
                self.hold(&EXCLUDE, list, &file, &here)?;
            }
        }
        for kind in KINDS {
            let file = folder.join(kind.name);
            let Some((holder, _)) = kind.name.split_once('/') else {
                if sight.view.look(&file).is_some()
                    && let Some(list) = sight.list(&file, kind)
                {
                    self.hold(kind, list, &file, &here)?;
                }
                continue;
            };
            // Its own folder must be there, and is watched for it.
            if sight.view.look(&folder.join(holder)).is_some()
                && let Some(list) = sight.list(&file, kind)
            {
                self.hold(kind, list, &file, &here)?;
            }
        }
        Ok(())
    }

    fn hold(
        &mut self,
        kind: &'static Kind,
        list: Arc<List>,
        file: &Path,
        folder: &Arc<Path>,
    ) -> Result<(), Box<Excluded>> {
        if let Some(shut) = &list.shut {
            return Err(of_shut(kind, shut, file, folder));
        }
        if !list.is_empty() {
            self.held.push(Held {
                kind,
                list,
                file: Some(file.into()),
                folder: folder.clone(),
            });
        }
        Ok(())
    }

    /// Whether a list excludes something that lies in the entered folder.
    ///
    /// # Errors
    ///
    /// The line that does.
    pub fn pass(&self, path: &Path, is_folder: bool) -> Result<(), Box<Excluded>> {
        if !is_folder {
            self.bounds.path(path)?;
            if self.bounds.asks_for_repository() {
                let standing = self.repository.clone();
                standing.unwrap_or_else(|| self.bounds.repository(path, &[]))?;
            }
        }
        let mut settled: Vec<&'static Kind> = Vec::new();
        for held in self.held.iter().rev() {
            if settled.iter().any(|kind| std::ptr::eq(*kind, held.kind)) {
                continue;
            }
            let Ok(relative) = path.strip_prefix(&held.folder) else {
                continue;
            };
            let Some(line) = held.list.decides(&slashed(relative), is_folder) else {
                continue;
            };
            if !line.negated {
                return Err(Box::new(Excluded {
                    rule: Rule::List(held.kind.name),
                    file: held.file.as_deref().map(Path::to_owned),
                    line: Some(line.line),
                    pattern: line.text.clone(),
                    what: path.to_owned(),
                    fault: None,
                }));
            }
            settled.push(held.kind);
        }
        Ok(())
    }
}

fn of_shut(kind: &Kind, shut: &Shut, file: &Path, folder: &Path) -> Box<Excluded> {
    Box::new(Excluded {
        rule: Rule::List(kind.name),
        file: Some(file.to_owned()),
        line: shut.line,
        pattern: shut.pattern.clone(),
        what: folder.to_owned(),
        fault: shut.fault.clone(),
    })
}

/// Where a repository keeps what is its own: `.git` may be a file that names another place (work trees, submodules).
fn git_folder(sight: &Sight<'_>, folder: &Path) -> PathBuf {
    let git = folder.join(".git");
    let text = |path: &Path| {
        let bytes = sight.view.read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    let is_file = sight
        .view
        .look(&git)
        .is_some_and(|stamp| stamp.sort == Sort::File);
    let named = is_file.then(|| text(&git)).flatten();
    let place = named.and_then(|text| Some(folder.join(text.strip_prefix("gitdir:")?.trim())));
    let place = place.unwrap_or(git);
    let shared = text(&place.join("commondir")).map(|text| place.join(text));
    shared.unwrap_or(place)
}

/// A relative path as the lists read it: bytes, with slashes.
pub fn slashed(path: &Path) -> Cow<'_, [u8]> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if cfg!(windows) {
        let slashes = bytes
            .iter()
            .map(|byte| if *byte == b'\\' { b'/' } else { *byte });
        Cow::Owned(slashes.collect())
    } else {
        Cow::Borrowed(bytes)
    }
}
