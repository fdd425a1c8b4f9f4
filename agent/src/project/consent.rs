//! What a person has said yes to, by folder and file, each bound to its content: a byte that changes is asked about again.
//!
//! The store lies in the state directory, where no workspace reaches it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Thing;
use crate::ledger::sha256;
use crate::settings::state_dir;

/// The file in the state directory.
const FILE: &str = "trust.json";

/// Whether something was said yes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Yes, as it is.
    Trusted,
    /// Yes, but it was changed since.
    Changed,
    /// No.
    Unknown,
}

impl Standing {
    /// Why it is not used, with the mend; `None` if it is.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Standing::Trusted => None,
            Standing::Changed => {
                Some("it was changed since it was trusted: `nextline trust` shows what it says now")
            }
            Standing::Unknown => Some("it is not trusted yet: `nextline trust` shows what it says"),
        }
    }
}

/// The yeses of one user.
#[derive(Debug, Default)]
pub struct Consents {
    file: Option<PathBuf>,
    known: Known,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    /// By folder, then by the name of the thing: the SHA-256 of its content.
    folders: BTreeMap<String, BTreeMap<String, String>>,
}

impl Consents {
    /// Those of the person who runs this. What cannot be read counts as no.
    pub fn of_user() -> Consents {
        state_dir().map_or_else(Consents::default, |state| Consents::read(&state))
    }

    fn read(state: &Path) -> Consents {
        let file = state.join(FILE);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Consents {
            known: serde_json::from_str(&text).unwrap_or_default(),
            file: Some(file),
        }
    }

    /// How a thing of a folder stands.
    pub fn standing(&self, folder: &Path, name: &str, bytes: &[u8]) -> Standing {
        let known = self.known.folders.get(&key(folder));
        match known.and_then(|known| known.get(name)) {
            Some(hash) if *hash == sha256(bytes) => Standing::Trusted,
            Some(_) => Standing::Changed,
            None => Standing::Unknown,
        }
    }

    /// Says yes to things as they were read.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn grant(&mut self, folder: &Path, things: &[Thing]) -> io::Result<()> {
        let known = self.known.folders.entry(key(folder)).or_default();
        for thing in things {
            known.insert(thing.name.clone(), sha256(&thing.bytes));
        }
        self.write()
    }

    /// Takes every yes of a folder back; answers whether there was one.
    ///
    /// # Errors
    ///
    /// The store cannot be written.
    pub fn revoke(&mut self, folder: &Path) -> io::Result<bool> {
        match self.known.folders.remove(&key(folder)) {
            Some(_) => self.write().map(|()| true),
            None => Ok(false),
        }
    }

    fn write(&self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Err(io::Error::other("there is no home directory to keep it in"));
        };
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = file.with_extension(format!("{}", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // Plain data always serialises.
        let text = serde_json::to_string_pretty(&self.known).unwrap_or_default();
        io::Write::write_all(&mut options.open(&part)?, text.as_bytes())?;
        std::fs::rename(part, file)
    }
}

/// The real folder: a yes follows no link to another one.
fn key(folder: &Path) -> String {
    let real = folder.canonicalize();
    real.as_deref()
        .unwrap_or(folder)
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_is_bound_to_folder_name_and_content() {
        let state = std::env::temp_dir().join(format!("nextline-trust-{}", std::process::id()));
        let thing = |bytes: &[u8]| Thing {
            name: "AGENTS.md".into(),
            text: String::new(),
            hidden: 0,
            standing: Standing::Unknown,
            bytes: bytes.to_vec(),
        };
        let (one, other) = (Path::new("/no/one"), Path::new("/no/other"));
        let mut consents = Consents::read(&state);
        assert_eq!(consents.standing(one, "AGENTS.md", b"a"), Standing::Unknown);
        consents.grant(one, &[thing(b"a")]).unwrap();
        let mut consents = Consents::read(&state);
        for (folder, name, bytes, wanted) in [
            (one, "AGENTS.md", b"a", Standing::Trusted),
            (one, "AGENTS.md", b"b", Standing::Changed),
            (one, "CLAUDE.md", b"a", Standing::Unknown),
            (other, "AGENTS.md", b"a", Standing::Unknown),
        ] {
            assert_eq!(consents.standing(folder, name, bytes), wanted, "{name}");
        }
        assert!(consents.revoke(one).unwrap() && !consents.revoke(one).unwrap());
        let consents = Consents::read(&state);
        assert_eq!(consents.standing(one, "AGENTS.md", b"a"), Standing::Unknown);
        std::fs::remove_dir_all(state).unwrap();
    }
}
