//! What of a workspace is read: what policy admits, without what no person wrote.

use std::fs::{FileType, ReadDir};
use std::path::{Path, PathBuf};

use crate::policy::{Folder, Policy, Rule};

/// Files that no person wrote. A `*` stands at an end of a name or at both.
const NEVER: &[&str] = &[
    "*.min.js",
    "*.min.css",
    "*.map",
    "*.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "go.sum",
];

/// Folders that are never entered.
const NEVER_IN: &[&str] = &["node_modules", "target", "__pycache__"];

/// Whether an entry is one of those, or hidden.
fn is_never(name: &str, is_folder: bool) -> bool {
    if name.starts_with('.') {
        return true;
    }
    if is_folder {
        return NEVER_IN.contains(&name);
    }
    NEVER.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(end) => name.ends_with(end),
        None => name == *pattern,
    })
}

/// Why a file that somebody named stays here all the same, with the way around it where there is one. `path` is a real path below
/// `folder`.
pub fn forbids(folder: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    if inside.components().any(|part| part.as_os_str() == ".git") {
        return Some("it belongs to git".into());
    }
    let verdict = Policy::of_process().verdict(&[folder.to_owned()], path);
    verdict.excluded().map(|why| match why.rule {
        Rule::List(_) => format!(
            "an ignore file excludes it: {why}; take it out there, or pass what is needed on standard input"
        ),
        _ => why.to_string(),
    })
}

/// Why a folder is no workspace, if it is none.
pub fn too_wide(folder: &Path) -> Option<&'static str> {
    let home = etcetera::home_dir().ok();
    if folder.parent().is_none() {
        return Some("it is the root of the file system; open a project's folder");
    }
    if home.as_deref() == Some(folder) {
        return Some("it is the home directory; open a project's folder");
    }
    if home.is_some_and(|home| home.starts_with(folder)) {
        return Some("it holds the home directory; open a project's folder");
    }
    None
}

/// The files of a workspace that may be read, folder by folder; of what cannot be read, its path. Links are not followed.
pub struct Walk<'a> {
    policy: &'a Policy,
    open: Vec<(Folder, ReadDir)>,
    unreadable: Option<PathBuf>,
}

/// Walks a workspace folder.
pub fn walk<'a>(policy: &'a Policy, folder: &Path) -> Walk<'a> {
    let mut walk = Walk {
        policy,
        open: Vec::new(),
        unreadable: None,
    };
    walk.descend(policy.walk(folder));
    walk
}

impl Walk<'_> {
    fn descend(&mut self, folder: Folder) {
        match std::fs::read_dir(&folder.path) {
            Ok(entries) => self.open.push((folder, entries)),
            Err(_) => self.unreadable = Some(folder.path),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<PathBuf, PathBuf>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(path) = self.unreadable.take() {
                return Some(Err(path));
            }
            let (folder, entries) = self.open.last_mut()?;
            let Some(entry) = entries.next() else {
                self.open.pop();
                continue;
            };
            let Ok(entry) = entry else {
                return Some(Err(folder.path.clone()));
            };
            let Ok(kind) = entry.file_type() else {
                return Some(Err(entry.path()));
            };
            if is_never(&entry.file_name().to_string_lossy(), kind.is_dir()) {
                continue;
            }
            match Sort::of(kind) {
                Sort::Folder => {
                    if let Some(inner) = folder.enter(self.policy, &entry.path()) {
                        self.descend(inner);
                    }
                }
                Sort::File if folder.admits(&entry.path(), false) => return Some(Ok(entry.path())),
                _ => {}
            }
        }
    }
}

enum Sort {
    File,
    Folder,
    Other,
}

impl Sort {
    fn of(kind: FileType) -> Sort {
        if kind.is_dir() {
            Sort::Folder
        } else if kind.is_file() {
            Sort::File
        } else {
            Sort::Other
        }
    }
}

/// Whether a walk of the folder would come upon this path.
pub fn admits(policy: &Policy, folders: &[PathBuf], folder: &Path, path: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(folder) else {
        return false;
    };
    let count = inside.iter().count();
    let mut names = inside.iter().enumerate();
    let never = names.any(|(at, name)| is_never(&name.to_string_lossy(), at + 1 < count));
    let is_file = path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file());
    !never && is_file && policy.verdict(folders, path).is_allowed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_person_wrote_is_not_read() {
        let root = std::env::temp_dir().join(format!("nextline-rules-{}", std::process::id()));
        let write = |path: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        for path in [
            "src/kept.rs",
            "src/secrets.rs",
            "node_modules/a.js",
            "Cargo.lock",
            ".hidden/a.rs",
            "a.min.js",
            "src/id_rsa",
            "no/a.rs",
        ] {
            write(path);
        }
        std::fs::write(root.join(".gitignore"), "no/\n").unwrap();
        let policy = Policy::default();
        let mut kept: Vec<PathBuf> = walk(&policy, &root)
            .flatten()
            .map(|path| path.strip_prefix(&root).unwrap().to_owned())
            .collect();
        kept.sort();
        assert_eq!(kept, ["src/kept.rs", "src/secrets.rs"].map(PathBuf::from));
        let folders = [root.clone()];
        for (path, admitted) in [
            ("src/kept.rs", true),
            ("src/id_rsa", false),
            ("no/a.rs", false),
            ("Cargo.lock", false),
            ("node_modules/a.js", false),
            ("src/absent.rs", false),
        ] {
            let found = admits(&policy, &folders, &root, &root.join(path));
            assert_eq!(found, admitted, "{path}");
        }
        for (path, word) in [
            ("src/kept.rs", ""),
            ("Cargo.lock", ""),
            (".hidden/a.rs", ""),
            ("src/id_rsa", "secrets"),
            ("no/a.rs", "an ignore file"),
            (".git/config", "git"),
        ] {
            let why = forbids(&root, &root.join(path)).unwrap_or_default();
            assert!(
                why.is_empty() == word.is_empty() && why.contains(word),
                "{path}: {why}"
            );
        }
        std::fs::remove_dir_all(&root).unwrap();
        assert!(too_wide(Path::new("/")).is_some() && too_wide(&root).is_none());
    }
}
