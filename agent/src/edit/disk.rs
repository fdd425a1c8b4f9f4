//! Edits on disk: written whole or not at all, kept so that the bytes can be brought back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Edits that can be undone; older ones are forgotten.
const KEPT: usize = 50;

/// A file's bytes before and after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The real path.
    pub path: PathBuf,
    /// `None` when the edit made the file.
    pub before: Option<Vec<u8>>,
    /// What the edit wrote.
    pub after: Vec<u8>,
}

/// What stands beside the bytes of a kept edit.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    files: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: PathBuf,
    made: bool,
}

/// Writes a file in one step: whoever reads it sees the old bytes or the new ones. Permissions stay.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.nextline-{}", std::process::id()));
    let done = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)?;
        file.write_all(bytes)?;
        if let Ok(old) = fs::metadata(path) {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if done.is_err() {
        // Nothing else has this name; what is left of it is of no use.
        let _ = fs::remove_file(&beside);
    }
    done
}

/// Applies an edit of several files: all of them, or none. Nothing is written when a file is no longer what the edit was made for. Answers
/// why it cannot be undone, where it cannot.
pub fn apply(state: Option<&Path>, files: &[Written]) -> Result<Option<String>, String> {
    for file in files {
        let now = read(&file.path).map_err(|error| failed("read", &file.path, &error))?;
        if now != file.before {
            return Err(format!(
                "{} was changed while the edit was made: nothing was written; run the command again",
                file.path.display()
            ));
        }
    }
    // Kept first, so that a crash in between leaves a way back.
    let lasting = match state.map(|state| keep(state, files)) {
        Some(Ok(())) => None,
        Some(Err(error)) => Some(format!("the edit cannot be undone by `nextline undo`: its old text cannot be kept: {error}")),
        None => Some("the edit cannot be undone by `nextline undo`: there is no home directory to keep its old text in".into()),
    };
    for (index, file) in files.iter().enumerate() {
        if let Err(error) = write(&file.path, &file.after) {
            for done in &files[..index] {
                // The first failure is the one to tell.
                let _ = restore(done);
            }
            return Err(failed("written", &file.path, &error));
        }
    }
    Ok(lasting)
}

fn failed(what: &str, path: &Path, error: &io::Error) -> String {
    format!("{} cannot be {what}: {error}", path.display())
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn restore(file: &Written) -> io::Result<()> {
    match &file.before {
        Some(bytes) => write(&file.path, bytes),
        None => fs::remove_file(&file.path),
    }
}

/// The folder of kept edits.
fn shelf(state: &Path) -> PathBuf {
    state.join("undo")
}

/// Kept edits, the oldest first.
fn kept(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(shelf(state)).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("edit.json").is_file())
        .collect();
    found.sort();
    found
}

/// A file that only its owner reads.
fn private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn keep(state: &Path, files: &[Written]) -> io::Result<()> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Names sort by time; the process tells two of one moment apart.
    let folder = shelf(state).join(format!("{:020}-{}", now.as_nanos(), std::process::id()));
    private_folder(&folder)?;
    let mut record = Record { files: Vec::new() };
    for (index, file) in files.iter().enumerate() {
        private(
            &folder.join(format!("{index}.before")),
            file.before.as_deref().unwrap_or_default(),
        )?;
        private(&folder.join(format!("{index}.after")), &file.after)?;
        record.files.push(Entry {
            path: file.path.clone(),
            made: file.before.is_none(),
        });
    }
    private(&folder.join("edit.json"), &serde_json::to_vec(&record)?)?;
    let kept = kept(state);
    for old in &kept[..kept.len().saturating_sub(KEPT)] {
        // Kept longer than promised is no failure.
        let _ = fs::remove_dir_all(old);
    }
    Ok(())
}

/// Takes the last kept edit back: every file gets its bytes again. Refused when a file has been changed since. `Ok(None)` when nothing is
/// kept, else the paths.
pub fn undo(state: &Path) -> Result<Option<Vec<PathBuf>>, String> {
    let Some(folder) = kept(state).pop() else {
        return Ok(None);
    };
    let unreadable = |error: io::Error| failed("read", &folder, &error);
    let record = fs::read(folder.join("edit.json")).map_err(unreadable)?;
    let record: Record =
        serde_json::from_slice(&record).map_err(|error| unreadable(error.into()))?;
    let mut files = Vec::new();
    for (index, entry) in record.files.iter().enumerate() {
        let side =
            |name: &str| fs::read(folder.join(format!("{index}.{name}"))).map_err(unreadable);
        let file = Written {
            path: entry.path.clone(),
            before: if entry.made {
                None
            } else {
                Some(side("before")?)
            },
            after: side("after")?,
        };
        let now = read(&file.path).map_err(|error| failed("read", &file.path, &error))?;
        if now.as_deref() != Some(&file.after) {
            return Err(format!(
                "{} was changed after the edit: nothing was undone; its text before the edit is in {}",
                file.path.display(),
                folder.join(format!("{index}.before")).display()
            ));
        }
        files.push(file);
    }
    for file in &files {
        restore(file).map_err(|error| failed("written", &file.path, &error))?;
    }
    fs::remove_dir_all(&folder).map_err(unreadable)?;
    Ok(Some(files.into_iter().map(|file| file.path).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_whole_and_can_be_taken_back() {
        let base = std::env::temp_dir().join(format!("nextline-disk-{}", std::process::id()));
        let state = base.join("state");
        fs::create_dir_all(&base).unwrap();
        let (old, new) = (base.join("old.rs"), base.join("deep/new.rs"));
        fs::write(&old, b"a\r\nb\xff").unwrap();
        #[cfg(unix)]
        fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let edit = |before: &[u8], after: &[u8]| {
            vec![
                Written {
                    path: old.clone(),
                    before: Some(before.to_vec()),
                    after: after.to_vec(),
                },
                Written {
                    path: new.clone(),
                    before: None,
                    after: b"new".to_vec(),
                },
            ]
        };
        assert!(
            apply(Some(&state), &edit(b"other", b"c"))
                .unwrap_err()
                .contains("was changed")
        );
        assert!(!new.exists());
        assert_eq!(apply(Some(&state), &edit(b"a\r\nb\xff", b"c")), Ok(None));
        assert_eq!(
            (fs::read(&old).unwrap(), fs::read(&new).unwrap()),
            (b"c".to_vec(), b"new".to_vec())
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&old).unwrap().permissions().mode() & 0o777,
                0o755
            );
            let record = kept(&state).pop().unwrap().join("0.before");
            assert_eq!(
                fs::metadata(record).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        fs::write(&old, b"d").unwrap();
        assert!(undo(&state).unwrap_err().contains("after the edit"));
        fs::write(&old, b"c").unwrap();
        assert_eq!(undo(&state).unwrap().map(|paths| paths.len()), Some(2));
        assert_eq!(fs::read(&old).unwrap(), b"a\r\nb\xff");
        assert!(!new.exists());
        assert_eq!(undo(&state), Ok(None));
        let left: Vec<_> = fs::read_dir(&base)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        assert!(
            left.iter()
                .all(|name| !name.to_string_lossy().contains("nextline-")),
            "{left:?}"
        );
        fs::remove_dir_all(base).unwrap();
    }
}
