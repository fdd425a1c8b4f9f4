//! Where shims and the shared process meet: a Unix domain socket in a folder that only this user can enter.
//!
//! Beside the socket lies a lock. Who holds it may put a socket in place or take it away; the system frees it when its holder dies.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::Write;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream as Connected};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::UnixStream;

use super::identity;
use crate::settings::state_dir;

/// The command of the shared process; nobody types it.
pub const COMMAND: &str = "share-host";

/// The shim's end.
pub type Stream = UnixStream;
/// Whether the host hears that the shim says no more, while it has answers yet.
pub const HEARS_THE_END: bool = true;

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
        let path = identity::safe_path();
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

/// Starts this very command once more, without its last word, and does not wait for it: so it is no child of an editor's, and none of
/// them takes it along when it ends its own children.
pub fn detach(socket: &Path, arguments: &[OsString]) -> Result<()> {
    let listener = std::io::stdin().as_fd().try_clone_to_owned()?;
    Command::new(std::env::current_exe()?)
        .arg(COMMAND)
        .arg("--socket")
        .arg(socket)
        .args(arguments)
        .stdin(Stdio::from(listener))
        .spawn()
        .map(drop)
}

/// Where the shared process takes its clients in: the socket on its standard input.
pub struct Listener {
    socket: PathBuf,
    listener: tokio::net::UnixListener,
    /// Who stood before the door when it was to be closed.
    waiting: Option<UnixStream>,
}

impl Listener {
    /// The one at this socket.
    pub fn new(socket: &Path) -> Result<Listener> {
        let listener = UnixListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
        listener.set_nonblocking(true)?;
        Ok(Listener {
            socket: socket.to_owned(),
            listener: tokio::net::UnixListener::from_std(listener)?,
            waiting: None,
        })
    }

    /// The next client; `None` for somebody else's.
    pub async fn accept(&mut self) -> Result<Option<Guest>> {
        let stream = match self.waiting.take() {
            Some(stream) => stream,
            None => self.listener.accept().await?.0,
        };
        match is_ours(&stream) {
            Ok(true) => Ok(Some(Guest(stream.into_std()?))),
            _ => Ok(None),
        }
    }

    /// Takes the meeting place away; false where somebody is about to come.
    pub fn close(&mut self) -> bool {
        let Ok(_lock) = try_lock(&self.socket) else {
            return false;
        };
        if let Some(Ok((stream, _))) = self.listener.accept().now_or_never() {
            self.waiting = Some(stream);
            return false;
        }
        self.abandon();
        true
    }

    /// Takes it away, whoever may come.
    pub fn abandon(&self) {
        // What is not there needs no removal.
        let _ = std::fs::remove_file(log_of(&self.socket));
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// The host's end of a client's connection.
pub struct Guest(Connected);

impl Guest {
    /// What it says, what it is told, and its end. In the runtime of the thread that serves it.
    pub fn parts(self) -> Result<(ReadHalf<UnixStream>, WriteHalf<UnixStream>, Farewell)> {
        let last = self.0.try_clone()?;
        let (reader, writer) = tokio::io::split(UnixStream::from_std(self.0)?);
        Ok((reader, writer, Farewell(last)))
    }
}

/// What is said behind everything else.
pub struct Farewell(Connected);

impl Farewell {
    /// A client that is gone needs none.
    pub fn say(mut self, last: &[u8], patience: Duration) {
        let _ = self.0.set_nonblocking(false);
        let _ = self.0.set_write_timeout(Some(patience));
        let _ = self.0.write_all(last);
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }
}

/// What the shared process says on its standard error.
fn log_of(socket: &Path) -> PathBuf {
    socket.with_extension("log")
}

/// Waits for the right to put a socket in place or to take it away.
fn lock(socket: &Path) -> Result<File> {
    let file = lock_file(socket)?;
    file.lock()?;
    Ok(file)
}

/// The same without waiting. A folder that is gone holds nobody back.
///
/// # Errors
/// Somebody else has the right.
fn try_lock(socket: &Path) -> std::result::Result<Option<File>, Taken> {
    let Ok(file) = lock_file(socket) else {
        return Ok(None);
    };
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Taken),
        _ => Ok(Some(file)),
    }
}

/// Somebody is about to attach.
struct Taken;

fn lock_file(socket: &Path) -> Result<File> {
    let mut file = OpenOptions::new();
    file.create(true).write(true).truncate(false).mode(0o600);
    file.open(socket.with_file_name("lock"))
}

/// Whether the process at the other end is this user's.
fn is_ours(stream: &UnixStream) -> Result<bool> {
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
