//! Where shims and the shared process meet: a Unix domain socket in a folder that only this user can enter.
//!
//! Beside the socket lies a lock. Who holds it may put a socket in place or take it away; the system frees it when its holder dies.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::net::UnixStream;

use super::identity;
use crate::settings::state_dir;

/// The command of the shared process; nobody types it.
pub const COMMAND: &str = "share-host";

/// A meeting place.
pub struct Meeting {
    binary: PathBuf,
    arguments: Vec<OsString>,
    /// `PATH` without what lies below the working directory: no workspace supplies a program to another one's client.
    path: OsString,
    socket: PathBuf,
}

impl Meeting {
    /// The one for clients with these arguments.
    pub fn new(arguments: &[OsString]) -> Result<Meeting> {
        let binary = std::env::current_exe()?;
        let path = safe_path();
        let others = std::env::vars_os().filter(|(name, _)| name != "PATH");
        let variables = others.chain([("PATH".into(), path.clone())]);
        let name = identity::name(&binary, arguments, variables);
        Ok(Meeting {
            socket: folder()?.join(format!("{name}.sock")),
            binary,
            arguments: arguments.to_vec(),
            path,
        })
    }

    /// Attaches to the shared process, and starts it first where there is none.
    pub async fn attach(&self) -> Result<UnixStream> {
        if let Some(stream) = self.connect().await? {
            return Ok(stream);
        }
        let lock = lock(&self.socket)?;
        // Somebody else may have started it meanwhile.
        if let Some(stream) = self.connect().await? {
            return Ok(stream);
        }
        self.start()?;
        drop(lock);
        let stream = self.connect().await?;
        stream.ok_or_else(|| Error::other("the shared process did not start"))
    }

    /// `None` where nobody listens.
    async fn connect(&self) -> Result<Option<UnixStream>> {
        match std::fs::symlink_metadata(&self.socket) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
            Ok(about) if !about.file_type().is_socket() || about.uid() != user()? => {
                return Err(not_ours(&self.socket));
            }
            Ok(_) => {}
        }
        match UnixStream::connect(&self.socket).await {
            Ok(stream) if is_ours(&stream)? => Ok(Some(stream)),
            Ok(_) => Err(not_ours(&self.socket)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::NotFound
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Puts a socket in place and starts the process behind it. It listens from here on: who connects waits until that process is there.
    fn start(&self) -> Result<()> {
        // What a killed process left behind.
        match std::fs::remove_file(&self.socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&self.socket)?;
        std::fs::set_permissions(&self.socket, Permissions::from_mode(0o600))?;
        let mut log = OpenOptions::new();
        log.create(true).write(true).truncate(true).mode(0o600);
        let log = log.open(log_of(&self.socket))?;
        let started = Command::new(&self.binary)
            .arg(COMMAND)
            .arg("--socket")
            .arg(&self.socket)
            .arg("--detach")
            .args(&self.arguments)
            .env("PATH", &self.path)
            .current_dir(self.socket.parent().unwrap_or(Path::new("/")))
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(log))
            // Ctrl-C in the first editor's terminal is not for it.
            .process_group(0)
            .status();
        match started {
            Ok(status) if status.success() => Ok(()),
            failed => {
                let _ = std::fs::remove_file(&self.socket);
                Err(failed
                    .err()
                    .unwrap_or_else(|| Error::other("the shared process could not be started")))
            }
        }
    }
}

/// What the shared process says on its standard error.
pub fn log_of(socket: &Path) -> PathBuf {
    socket.with_extension("log")
}

/// Waits for the right to put a socket in place or to take it away.
pub fn lock(socket: &Path) -> Result<File> {
    let file = lock_file(socket)?;
    file.lock()?;
    Ok(file)
}

/// The same without waiting. A folder that is gone holds nobody back.
///
/// # Errors
/// Somebody else has the right.
pub fn try_lock(socket: &Path) -> std::result::Result<Option<File>, Taken> {
    let Ok(file) = lock_file(socket) else {
        return Ok(None);
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Taken),
        _ => Ok(Some(file)),
    }
}

/// Somebody is about to attach.
pub struct Taken;

fn lock_file(socket: &Path) -> Result<File> {
    let mut file = OpenOptions::new();
    file.create(true).write(true).truncate(false).mode(0o600);
    file.open(socket.with_file_name("lock"))
}

/// Whether the process at the other end is this user's.
pub fn is_ours(stream: &UnixStream) -> Result<bool> {
    Ok(stream.peer_cred()?.uid() == user()?)
}

/// This process's user, as the system tells the other end of a socket.
fn user() -> Result<u32> {
    Ok(UnixStream::pair()?.0.peer_cred()?.uid())
}

/// The folder of all meeting places of this user.
fn folder() -> Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
    let folder = match runtime {
        Some(runtime) => runtime.join("nextline"),
        None => state_dir()
            .ok_or_else(|| Error::other("there is no home directory"))?
            .join("run"),
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)?;
    let about = std::fs::symlink_metadata(&folder)?;
    if about.is_dir() && about.uid() == user()? && about.mode() & 0o077 == 0 {
        return Ok(folder);
    }
    Err(not_ours(&folder))
}

fn not_ours(path: &Path) -> Error {
    Error::other(format!(
        "others than you may reach {}, and it is not used; remove it, or `chmod 700` its folder",
        path.display()
    ))
}

/// The absolute folders of `PATH`, those below the working directory aside, unless that holds the home directory.
fn safe_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::home_dir();
    let here = std::env::current_dir().ok();
    let here = here.filter(|here| home.is_none_or(|home| !home.starts_with(here)));
    let outside = |folder: &PathBuf| {
        folder.is_absolute() && here.as_ref().is_none_or(|here| !folder.starts_with(here))
    };
    std::env::join_paths(std::env::split_paths(OsStr::new(&path)).filter(outside))
        .unwrap_or_default()
}
