//! Keys in the system's keyring, bound to the origin that they are for.
//!
//! A small file in the state directory notes which routes have one, so that no route without one ever wakes the keyring.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::error::{Failure, Kind};
use crate::secret::Secret;
use crate::settings::state_dir;

/// The file of notes: one line for each key.
const NOTES: &str = "logins";

/// Whose key it is: a route and the origin that the key may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name under `[routes]`.
    pub route: String,
    /// Scheme, host and port.
    pub origin: String,
}

impl Owner {
    fn account(&self) -> String {
        format!("{} at {}", self.route, self.origin)
    }

    /// Whether a key of it was noted.
    pub fn is_noted(&self) -> bool {
        let account = self.account();
        notes().is_some_and(|notes| notes.lines().any(|line| line == account))
    }

    /// Puts `key` into the keyring.
    pub fn keep(&self, key: &Secret) -> Result<(), Failure> {
        store::put(&self.account(), key)?;
        self.note(true)
            .map_err(|error| unusable(&format!("the key is kept, but its note cannot be: {error}")))
    }

    /// Takes the key out of the keyring; `false` when there was none.
    pub fn discard(&self) -> Result<bool, Failure> {
        let noted = self.is_noted();
        let there = store::remove(&self.account())?;
        if noted {
            self.note(false).map_err(|error| {
                unusable(&format!("the key is gone, but its note stays: {error}"))
            })?;
        }
        Ok(there)
    }

    /// The key.
    pub fn key(&self) -> Result<Secret, Failure> {
        store::get(&self.account())?.ok_or_else(|| {
            let what = format!(
                "has no key: the keyring lost the one of `nextline login {0}`; log in again",
                self.route
            );
            Failure::new(Kind::Auth, what)
        })
    }

    fn note(&self, there: bool) -> io::Result<()> {
        let Some(path) = path() else { return Ok(()) };
        let account = self.account();
        let notes = notes().unwrap_or_default();
        let kept = notes.lines().filter(|line| *line != account);
        let lines: String = kept
            .chain(there.then_some(account.as_str()))
            .map(|line| format!("{line}\n"))
            .collect();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, lines)
    }
}

fn path() -> Option<PathBuf> {
    Some(state_dir()?.join(NOTES))
}

fn notes() -> Option<String> {
    fs::read_to_string(path()?).ok()
}

fn unusable(why: &str) -> Failure {
    let what = format!(
        "this machine's keyring cannot be used ({why}); set `api_key_env` or `api_key_cmd` of this route instead"
    );
    Failure::new(Kind::Auth, what)
}

#[cfg(feature = "keyring")]
mod store {
    use std::sync::Once;

    use keyring_core::{Entry, Error};

    use super::{Failure, Secret, unusable};

    const SERVICE: &str = "nextline";

    fn entry(account: &str) -> Result<Entry, Failure> {
        static READY: Once = Once::new();
        READY.call_once(|| {
            // Without one the entry says so.
            #[cfg(target_os = "linux")]
            let made = dbus_secret_service_keyring_store::Store::new();
            #[cfg(target_os = "macos")]
            let made = apple_native_keyring_store::keychain::Store::new();
            #[cfg(windows)]
            let made = windows_native_keyring_store::Store::new();
            if let Ok(store) = made {
                keyring_core::set_default_store(store);
            }
        });
        Entry::new(SERVICE, account).map_err(failure)
    }

    fn failure(error: Error) -> Failure {
        let why = match error {
            Error::NoDefaultStore => "none answers",
            Error::NoStorageAccess(_) => "it is locked, or refuses",
            Error::TooLong(..) => "it takes no key of that length",
            _ => "it failed",
        };
        unusable(why)
    }

    pub fn put(account: &str, key: &Secret) -> Result<(), Failure> {
        entry(account)?.set_secret(key.reveal()).map_err(failure)
    }

    pub fn get(account: &str) -> Result<Option<Secret>, Failure> {
        match entry(account)?.get_secret() {
            Ok(bytes) => Ok(String::from_utf8(bytes).ok().map(Secret::new)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    pub fn remove(account: &str) -> Result<bool, Failure> {
        match entry(account)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(error) => Err(failure(error)),
        }
    }
}

#[cfg(not(feature = "keyring"))]
mod store {
    use super::{Failure, Secret, unusable};

    const WITHOUT: &str = "this build was made without it";

    pub fn put(_: &str, _: &Secret) -> Result<(), Failure> {
        Err(unusable(WITHOUT))
    }

    pub fn get(_: &str) -> Result<Option<Secret>, Failure> {
        Err(unusable(WITHOUT))
    }

    pub fn remove(_: &str) -> Result<bool, Failure> {
        Err(unusable(WITHOUT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_by_route_and_origin() {
        let owner = Owner {
            route: "fast".into(),
            origin: "https://h:443".into(),
        };
        assert_eq!(owner.account(), "fast at https://h:443");
    }
}
