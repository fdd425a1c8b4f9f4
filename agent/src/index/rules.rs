//! What of a workspace is read: the union of all ignore files excludes, and so do the built-in secrets.

use std::path::{Path, PathBuf};

use ignore::{DirEntry, Walk, WalkBuilder};

/// Ignore files in gitignore syntax beside `.gitignore` and `.ignore`, by the tools that read them.
const IGNORE_FILES: &[&str] = &[
    ".nextlineignore",
    ".aiexclude",
    ".aiignore",
    ".cursorignore",
    ".cursorindexingignore",
    ".codeiumignore",
    ".codyignore",
    ".continueignore",
    ".geminiignore",
    ".copilotignore",
];

/// Files that are never read, whatever the ignore files say. A `*` stands at an end of a name or at both.
const SECRET: &[&str] = &[
    ".env*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    "credentials.json",
    "secrets.*",
    "*.tfstate*",
];

/// Files that no person wrote: not read unless somebody names them.
const MADE: &[&str] = &[
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
const NEVER_IN: &[&str] = &[
    ".git",
    "node_modules",
    "target",
    ".venv",
    "__pycache__",
    ".cache",
];

/// Whether an entry is one of those. By hand: a set of globs costs a millisecond and half a megabyte at every start.
fn is_never(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return NEVER_IN.contains(&&*name);
    }
    is_one_of(&name, SECRET) || is_one_of(&name, MADE)
}

fn is_one_of(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(
        |pattern| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
            (Some(_), Some(_)) => name.contains(pattern.trim_matches('*')),
            (Some(end), None) => name.ends_with(end),
            (None, Some(start)) => name.starts_with(start),
            (None, None) => name == *pattern,
        },
    )
}

/// Why a file that somebody named stays here all the same, with the way around it where there is one. `path` is a real path below
/// `folder`.
pub fn forbids(folder: &Path, path: &Path) -> Option<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if is_one_of(&name, SECRET) {
        return Some("by its name it holds secrets".into());
    }
    let inside = path.strip_prefix(folder).unwrap_or(path);
    if inside.components().any(|part| part.as_os_str() == ".git") {
        return Some("it belongs to git".into());
    }
    let wanted = path.to_owned();
    let mut builder = builder(folder);
    builder
        .hidden(false)
        .filter_entry(move |entry| wanted.starts_with(entry.path()) && !excludes_all(entry.path()));
    let found = builder.build().flatten().any(|entry| entry.path() == path);
    (!found).then(|| {
        format!(
            "an ignore file of {} excludes it; take it out there, or pass what is needed on standard input",
            folder.display()
        )
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

/// The files of a workspace that may be read. Links are not followed.
pub fn walk(folder: &Path) -> Walk {
    builder(folder).build()
}

/// Whether a walk of the folder would come upon this path.
pub fn admits(folder: &Path, path: &Path) -> bool {
    let wanted = path.to_owned();
    let mut builder = builder(folder);
    builder.filter_entry(move |entry| wanted.starts_with(entry.path()) && admits_entry(entry));
    builder.build().flatten().any(|entry| entry.path() == path)
}

fn builder(folder: &Path) -> WalkBuilder {
    let mut builder = WalkBuilder::new(folder);
    builder
        .require_git(false)
        .hidden(true)
        .follow_links(false)
        .filter_entry(admits_entry);
    for name in IGNORE_FILES {
        builder.add_custom_ignore_filename(name);
    }
    // Sourcegraph's lies in a folder of its own; a missing one is no error.
    let _ = builder.add_ignore(folder.join(".cody").join("ignore"));
    builder
}

fn admits_entry(entry: &DirEntry) -> bool {
    !is_never(entry) && !excludes_all(entry.path())
}

/// An empty `.aiexclude` excludes its folder whole (Gemini Code Assist's rule).
fn excludes_all(path: &Path) -> bool {
    path.join(".aiexclude")
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

/// The path of a walk's error.
pub fn place(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place(err)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ignore_file_excludes() {
        let root = std::env::temp_dir().join(format!("nextline-rules-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for name in IGNORE_FILES.iter().chain(&[".gitignore", ".ignore"]) {
            let stem = name.trim_start_matches('.');
            write(name, &format!("{stem}.rs\n{stem}-folder/\n"));
            write(&format!("{stem}.rs"), "x");
            write(&format!("{stem}-folder/deep/a.rs"), "x");
        }
        write(".cody/ignore", "cody.rs\n");
        for out in [
            "cody.rs",
            ".env.local",
            "id_rsa",
            "node_modules/a.js",
            "all/inner/a.rs",
            "Cargo.lock",
            ".hidden/a.rs",
        ] {
            write(out, "x");
        }
        write("all/.aiexclude", "");
        write("src/kept.rs", "x");
        let mut kept: Vec<PathBuf> = walk(&root)
            .flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .map(|entry| entry.path().strip_prefix(&root).unwrap().to_owned())
            .collect();
        kept.sort();
        assert_eq!(kept, [PathBuf::from("src/kept.rs")]);
        for (path, admitted) in [
            ("src/kept.rs", true),
            ("cody.rs", false),
            ("gitignore-folder/deep/a.rs", false),
            ("all/inner/a.rs", false),
        ] {
            assert_eq!(admits(&root, &root.join(path)), admitted, "{path}");
        }
        write(".github/flow.yml", "x");
        for (path, forbidden) in [
            ("src/kept.rs", None),
            (".github/flow.yml", None),
            ("Cargo.lock", None),
            (".env.local", Some("secrets")),
            ("cody.rs", Some("ignore file")),
            ("aiexclude.rs", Some("ignore file")),
            ("gitignore-folder/deep/a.rs", Some("ignore file")),
            ("all/inner/a.rs", Some("ignore file")),
            (".git/config", Some("git")),
        ] {
            let why = forbids(&root, &root.join(path));
            let fits = match (&why, forbidden) {
                (None, None) => true,
                (Some(why), Some(word)) => why.contains(word),
                _ => false,
            };
            assert!(fits, "{path}: {why:?}");
        }
        std::fs::remove_dir_all(&root).unwrap();
        assert!(too_wide(Path::new("/")).is_some() && too_wide(&root).is_none());
    }
}
