//! The files of the configuration: where they are, and their text if they can be read. The room's only IO.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use etcetera::BaseStrategy;

/// Bytes of a configuration file that are read at most: about a hundred times the longest that uses every key once.
const MAX_BYTES: u64 = 1 << 18;

/// A file of the configuration, read or not.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// Where it is.
    pub path: Arc<Path>,
    /// Its text, or why there is none.
    pub text: Result<String, Unreadable>,
}

/// Why a file that is there has no text. Each message holds the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A file that was asked for by name is not there.
    #[error("there is no such file; create it, or name another one")]
    Missing,
    /// A directory.
    #[error("this is a directory; put a file in its place")]
    Directory,
    /// A device, a pipe or a socket.
    #[error("this is not a regular file; put one in its place")]
    Special,
    /// No permission.
    #[error(
        "no permission to read it; `chmod u+r` the file, or make its owner the one who runs this"
    )]
    Denied,
    /// Beyond the cap.
    #[error("larger than 256 KB and not read; make it smaller")]
    TooLarge,
    /// Bytes that are no text.
    #[error("not UTF-8 at line {line}, byte {byte} of it; save the file as UTF-8")]
    NotUtf8 {
        /// Line from 1.
        line: u32,
        /// Byte in the line, from 1.
        byte: u32,
    },
    /// Anything else that the system says.
    #[error("cannot be read: {0}")]
    Other(String),
}

impl ConfigFile {
    /// Reads a file; `None` if it is not there.
    pub fn read(path: &Path) -> Option<ConfigFile> {
        match read(path) {
            Err(Unreadable::Missing) => None,
            text => Some(ConfigFile {
                path: path.into(),
                text,
            }),
        }
    }

    /// Reads a file that must be there.
    pub fn demand(path: &Path) -> ConfigFile {
        ConfigFile {
            path: path.into(),
            text: read(path),
        }
    }
}

fn read(path: &Path) -> Result<String, Unreadable> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unreadable::Missing,
        ErrorKind::PermissionDenied => Unreadable::Denied,
        _ => Unreadable::Other(error.to_string()),
    };
    // Asked before opening: opening a pipe would wait for its other end.
    let kind = std::fs::metadata(path).map_err(failed)?;
    if kind.is_dir() {
        return Err(Unreadable::Directory);
    }
    if !kind.is_file() {
        return Err(Unreadable::Special);
    }
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(failed)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u32 + 1;
        Unreadable::NotUtf8 {
            line,
            byte: (before.len() - start) as u32 + 1,
        }
    })
}

/// The machine's policy file. No variable moves it: a project could set one.
pub fn policy_path() -> PathBuf {
    PathBuf::from(if cfg!(windows) {
        r"C:\ProgramData\nextline\policy.toml"
    } else if cfg!(target_os = "macos") {
        "/Library/Application Support/nextline/policy.toml"
    } else {
        "/etc/nextline/policy.toml"
    })
}

/// The user's file where no flag or variable names another; `None` without a home directory.
pub fn user_path() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("nextline").join("config.toml"))
}

static STATELESS: AtomicBool = AtomicBool::new(false);

/// From now on this process keeps nothing.
pub fn keep_no_state() {
    STATELESS.store(true, Ordering::Relaxed);
}

/// Where the agent keeps what it may lose: `$XDG_STATE_HOME/nextline`, else `~/.local/state/nextline`;
/// the local application data on Windows. `None` without a home directory.
pub fn state_dir() -> Option<PathBuf> {
    if STATELESS.load(Ordering::Relaxed) {
        return None;
    }
    let base = etcetera::choose_base_strategy().ok()?;
    Some(
        base.state_dir()
            .unwrap_or_else(|| base.cache_dir())
            .join("nextline"),
    )
}

/// The untrusted file of a project, by its root.
pub fn project_path(root: &Path) -> PathBuf {
    root.join(".nextline").join("config.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_of_text_is_named() {
        let root = std::env::temp_dir().join(format!("nextline-files-{}", std::process::id()));
        std::fs::create_dir_all(root.join("dir")).unwrap();
        std::fs::write(root.join("latin"), b"a = 1\nb = \"\xe9\"").unwrap();
        std::fs::write(root.join("big"), vec![b'#'; MAX_BYTES as usize + 1]).unwrap();
        std::fs::write(root.join("good"), "a = 1").unwrap();
        for (name, expected) in [
            ("absent", Err(Unreadable::Missing)),
            ("good/below", Err(Unreadable::Missing)),
            ("dir", Err(Unreadable::Directory)),
            ("latin", Err(Unreadable::NotUtf8 { line: 2, byte: 6 })),
            ("big", Err(Unreadable::TooLarge)),
            ("good", Ok("a = 1".to_owned())),
        ] {
            let path = root.join(name);
            assert_eq!(ConfigFile::demand(&path).text, expected, "{name}");
            assert_eq!(
                ConfigFile::read(&path).is_none(),
                expected == Err(Unreadable::Missing),
                "{name}"
            );
        }
        #[cfg(unix)]
        assert_eq!(
            ConfigFile::demand(Path::new("/dev/null")).text,
            Err(Unreadable::Special)
        );
        std::fs::remove_dir_all(root).unwrap();
    }
}
