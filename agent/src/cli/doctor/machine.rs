//! What the machine is like: clock, file watches, state directory, editors. Read here, judged in `doctor.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// An editor and how to join it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Editor {
    /// What it is called.
    pub name: &'static str,
    /// Its program.
    program: &'static str,
    /// How to join it to the agent.
    pub hint: &'static str,
}

/// The editors that are looked for. A new one is a row.
const EDITORS: &[Editor] = &[
    Editor {
        name: "Neovim",
        program: "nvim",
        hint: "add `editors/neovim` to its runtimepath, then `:checkhealth nextline`",
    },
    Editor {
        name: "Helix",
        program: "hx",
        hint: "take the rows of `editors/helix/languages.toml` into its own, then `hx --health`",
    },
];

/// What was seen of the machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Seconds since 1970, as the clock says.
    pub now: u64,
    /// Watches that one user may have, where the system has such a limit.
    pub watches: Option<u64>,
    /// The state directory if it can be written, else why not.
    pub state: Result<PathBuf, String>,
    /// Editors on the search path, each with its program's place.
    pub editors: Vec<(Editor, PathBuf)>,
}

impl Machine {
    /// Looks at this machine. `state` is the directory that should be writable; runs nothing.
    pub fn look(state: Option<&Path>) -> Machine {
        let watches = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok();
        Machine {
            now: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            watches: watches.and_then(|text| text.trim().parse().ok()),
            state: match state {
                Some(path) => writable(path).map(|()| path.to_path_buf()),
                None => Err("no home directory".into()),
            },
            editors: EDITORS
                .iter()
                .filter_map(|editor| Some((*editor, on_path(editor.program)?)))
                .collect(),
        }
    }
}

// Asking the system for permissions misses read-only mounts and full disks: one small file is written and removed.
fn writable(path: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let absent = !path.exists();
    fs::create_dir_all(path).map_err(failed)?;
    let probe = path.join(format!("doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"x").map_err(failed);
    // Only parents stay behind; what cannot be removed does no harm.
    let _ = fs::remove_file(&probe);
    if absent {
        let _ = fs::remove_dir(path);
    }
    written
}

fn on_path(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    // Relative entries would find what lies in the project that happens to be open.
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_nothing_behind_and_says_why_it_failed() {
        let root = std::env::temp_dir().join(format!("nextline-doctor-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        let state = root.join("state");
        assert_eq!(writable(&state), Ok(()));
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
        fs::write(&state, "a file in its place").unwrap();
        let error = writable(&state).unwrap_err();
        assert!(error.contains("state"), "{error}");
        fs::remove_dir_all(root).unwrap();
    }
}
