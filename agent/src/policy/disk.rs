//! What policy sees of the file system: a few questions, so that a decision is a function of their answers.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a rule file above which it is not read.
const RULES_CAP: u64 = 1 << 20;
/// How coarsely the clocks of file systems tick, at worst (FAT): what changed more recently may change again unseen.
const TICK: Duration = Duration::from_millis(2100);
/// The same where a time is told more finely than [`FINE`]: such file systems take the kernel's clock, which ticks every 1 to 10 ms.
const FINE_TICK: Duration = Duration::from_millis(50);
/// FAT tells when an entry was made to 10 ms and nothing else as finely.
const FINE: u32 = 10_000_000;

/// The questions.
pub trait View: Send + Sync {
    /// What is there, a link taken as itself; `None` if nothing is.
    fn look(&self, path: &Path) -> Option<Stamp>;

    /// Where a link leads.
    fn link(&self, path: &Path) -> Option<PathBuf>;

    /// The whole of a rule file.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in a clause with the mend.
    fn read(&self, path: &Path) -> Result<Vec<u8>, String>;

    /// The system's own name of what is there: case, short names and links resolved.
    fn real(&self, path: &Path) -> Option<PathBuf>;
}

/// What a thing on disk is, and when it last changed: equal stamps are the same thing unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// What it is.
    pub sort: Sort,
    /// Device and number, where the system has such.
    pub id: (u64, u64),
    /// Bytes.
    size: u64,
    /// The later one of content and entry.
    changed: Duration,
    modified: Duration,
}

/// What a thing on disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, or what the system has of that kind.
    Link,
    /// Anything else: a pipe, a socket, a device.
    Other,
}

impl Stamp {
    /// The stamp of what the system says.
    pub fn of(metadata: &Metadata) -> Stamp {
        let kind = metadata.file_type();
        let sort = if kind.is_symlink() {
            Sort::Link
        } else if kind.is_file() {
            Sort::File
        } else if kind.is_dir() {
            Sort::Folder
        } else {
            Sort::Other
        };
        let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
        let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (id, changed) = identity(metadata);
        Stamp {
            sort,
            id,
            size: metadata.len(),
            changed: changed.max(modified),
            modified,
        }
    }

    /// Whether it is older than a tick at `now`: then an equal stamp later means that nothing changed.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let is_fine = !self.changed.subsec_nanos().is_multiple_of(FINE);
        self.changed + if is_fine { FINE_TICK } else { TICK } < now
    }
}

/// Device and number, and the time of the last change of the entry, which no program sets back.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> ((u64, u64), Duration) {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).unwrap_or_default();
    let nanos = u32::try_from(metadata.ctime_nsec()).unwrap_or_default();
    let changed = Duration::new(seconds, nanos);
    ((metadata.dev(), metadata.ino()), changed)
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> ((u64, u64), Duration) {
    let created = metadata.created().unwrap_or(UNIX_EPOCH);
    let created = created.duration_since(UNIX_EPOCH).unwrap_or_default();
    ((0, created.as_nanos() as u64), Duration::ZERO)
}

/// The disk.
#[derive(Debug, Default)]
pub struct Disk;

impl View for Disk {
    fn look(&self, path: &Path) -> Option<Stamp> {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) => Some(Stamp::of(&metadata)),
            Err(_) => None,
        }
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        std::fs::read_link(path).ok()
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let told = |error: io::Error| match error.kind() {
            io::ErrorKind::PermissionDenied => "no permission to read it; allow it".to_owned(),
            io::ErrorKind::NotFound => "it leads nowhere; mend the link or remove it".to_owned(),
            _ => error.to_string(),
        };
        // Asked before opening: opening a pipe would wait for its other end.
        if !std::fs::metadata(path).map_err(told)?.is_file() {
            return Err("it is not a regular file; put one in its place or remove it".into());
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(told)?;
        file.take(RULES_CAP + 1)
            .read_to_end(&mut bytes)
            .map_err(told)?;
        if bytes.len() as u64 > RULES_CAP {
            return Err("it is larger than 1 MB; make it smaller".into());
        }
        crate::tape::was_read(path, &bytes);
        Ok(bytes)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_trusted_a_tick_after_its_change() {
        let day = Duration::from_secs(86_400);
        let fine = Duration::from_nanos(123_456_789);
        let coarse = Duration::from_millis(120);
        for (part, later, settled) in [
            (fine, FINE_TICK, false),
            (fine, FINE_TICK + Duration::from_nanos(1), true),
            (coarse, FINE_TICK * 2, false),
            (coarse, TICK, false),
            (coarse, TICK + Duration::from_nanos(1), true),
        ] {
            let stamp = Stamp {
                sort: Sort::File,
                id: (0, 0),
                size: 0,
                changed: day + part,
                modified: day,
            };
            let now = UNIX_EPOCH + day + part + later;
            assert_eq!(stamp.is_settled(now), settled, "{part:?} {later:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_mend() {
        let folder = std::env::temp_dir();
        let why = Disk.read(&folder.join("no-such-file-of-nextline"));
        assert!(why.unwrap_err().contains("leads nowhere"));
        assert!(
            Disk.read(&folder)
                .unwrap_err()
                .contains("not a regular file")
        );
    }

    #[cfg(unix)]
    #[test]
    fn things_are_told_apart_and_links_are_read() {
        let folder = std::env::temp_dir().join(format!("nextline-sorts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("file"), folder.join("link"));
        std::fs::write(&file, "a").unwrap();
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink("file", &link).unwrap();
        let (none, other) = (folder.join("none"), PathBuf::from("/dev/null"));
        let sorts = [&folder, &file, &link, &none, &other];
        let sorts = sorts.map(|path| Disk.look(path).map(|stamp| stamp.sort));
        let wanted = [
            Some(Sort::Folder),
            Some(Sort::File),
            Some(Sort::Link),
            None,
            Some(Sort::Other),
        ];
        let (leads, real) = (Disk.link(&link), Disk.real(&link));
        let whole = file.canonicalize().ok();
        let before = Disk.look(&file);
        std::fs::write(&file, "ab").unwrap();
        let after = Disk.look(&file);
        let large = folder.join("large");
        let most = usize::try_from(RULES_CAP).unwrap();
        std::fs::write(&large, vec![b'a'; most]).unwrap();
        let whole_file = Disk.read(&large).map(|bytes| bytes.len());
        std::fs::write(&large, vec![b'a'; most + 1]).unwrap();
        let too_large = Disk.read(&large);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(sorts, wanted);
        assert_eq!((leads, real), (Some(PathBuf::from("file")), whole));
        assert_ne!(before, after);
        assert_eq!(whole_file, Ok(most));
        assert_eq!(
            too_large,
            Err("it is larger than 1 MB; make it smaller".into())
        );
    }
}
