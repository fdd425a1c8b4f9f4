//! Where shims and the shared process meet on Windows: a named pipe.
//!
//! Its name is made of the user's, of what makes clients equal, and of a secret in the user's own folder, so that nobody else can take it
//! before it is there. Windows itself keeps other users of this machine from writing to it, and it is none for other machines.

use std::ffi::OsString;
use std::fs::{OpenOptions, create_dir_all, read};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::windows::named_pipe::{
    ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions,
};

use super::identity;
use crate::settings::state_dir;

/// The command of the shared process; nobody types it.
pub const COMMAND: &str = "share-host";
/// The shim's end.
pub type Stream = NamedPipeClient;
/// Whether the host hears that the shim says no more, while it has answers yet.
pub const HEARS_THE_END: bool = false;

/// `ERROR_PIPE_BUSY`: between a client that was taken in and the next one that can be.
const BUSY: i32 = 231;
/// `DETACHED_PROCESS` and `CREATE_NEW_PROCESS_GROUP`: no console of an editor's, and none of its Ctrl-C.
const DETACHED: u32 = 0x0000_0208;
/// How long the pipe of a process that was started is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);
/// Bytes of the secret.
const SECRET: usize = 16;

/// A meeting place.
pub struct Meeting {
    arguments: Vec<OsString>,
    /// `PATH` without what lies below the working directory: no workspace supplies a program to another one's client.
    path: OsString,
    folder: PathBuf,
    pipe: String,
}

impl Meeting {
    /// The one for clients with these arguments.
    pub fn new(arguments: &[OsString]) -> Result<Meeting> {
        let folder = state_dir().ok_or_else(|| Error::other("there is no home directory"))?;
        create_dir_all(&folder)?;
        let path = identity::safe_path();
        let others = std::env::vars_os().filter(|(name, _)| !name.eq_ignore_ascii_case("PATH"));
        let secret = (OsString::new(), secret(&folder.join("pipe"))?.into());
        let variables = others.chain([("PATH".into(), path.clone()), secret]);
        let name = identity::name(&std::env::current_exe()?, arguments, variables);
        let user = std::env::var("USERNAME").unwrap_or_default();
        let user: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
        Ok(Meeting {
            arguments: arguments.to_vec(),
            path,
            folder,
            pipe: format!(r"\\.\pipe\nextline-{user}-{name}"),
        })
    }

    /// Attaches to the shared process, and starts it first where there is none.
    pub async fn attach(&self) -> Result<Stream> {
        let end = Instant::now() + PATIENCE;
        let mut started = false;
        loop {
            match ClientOptions::new().open(&self.pipe) {
                Err(error) if error.kind() == ErrorKind::NotFound && !started => {
                    self.start()?;
                    started = true;
                }
                Err(error)
                    if Instant::now() < end
                        && (error.kind() == ErrorKind::NotFound
                            || error.raw_os_error() == Some(BUSY)) => {}
                attached => return attached,
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Of several that are started at once the first one makes the pipe, and the others end.
    fn start(&self) -> Result<()> {
        Command::new(std::env::current_exe()?)
            .arg(COMMAND)
            .arg("--socket")
            .arg(&self.pipe)
            .args(&self.arguments)
            .env("PATH", &self.path)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .creation_flags(DETACHED)
            .spawn()
            .map(drop)
    }
}

/// What only this user knows, made once.
fn secret(place: &Path) -> Result<String> {
    let mut bytes = [0; SECRET];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| Error::other("there is no randomness"))?;
    let fresh: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match OpenOptions::new().write(true).create_new(true).open(place) {
        Ok(mut file) => file.write_all(fresh.as_bytes())?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(String::from_utf8_lossy(&read(place)?).into_owned())
}

/// The process stands on its own as it is started.
pub fn detach(_: &Path, _: &[OsString]) -> Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Where the shared process takes its clients in.
pub struct Listener {
    pipe: PathBuf,
    /// Who comes next is connected to it.
    next: NamedPipeServer,
}

impl Listener {
    /// The one at this pipe.
    ///
    /// # Errors
    /// Another process has it.
    pub fn new(pipe: &Path) -> Result<Listener> {
        Ok(Listener {
            pipe: pipe.to_owned(),
            next: made(pipe, true)?,
        })
    }

    /// The next client.
    pub async fn accept(&mut self) -> Result<Option<Guest>> {
        self.next.connect().await?;
        let next = made(&self.pipe, false)?;
        let guest = std::mem::replace(&mut self.next, next);
        Ok(Some(Guest(Arc::new(guest))))
    }

    /// Takes the meeting place away: who comes just then is hung up on, and tries once more.
    pub fn close(&mut self) -> bool {
        true
    }

    /// The system takes the pipe away with its process.
    pub fn abandon(&self) {}
}

fn made(pipe: &Path, first: bool) -> Result<NamedPipeServer> {
    ServerOptions::new()
        .first_pipe_instance(first)
        .reject_remote_clients(true)
        .create(pipe)
}

/// The host's end of a client's connection, or a half of it.
pub struct Guest(Arc<NamedPipeServer>);

impl Guest {
    /// What it says, what it is told, and its end.
    pub fn parts(self) -> Result<(Guest, Guest, Farewell)> {
        Ok((
            Guest(self.0.clone()),
            Guest(self.0.clone()),
            Farewell(self.0),
        ))
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(context))?;
            match self.0.try_read(into.initialize_unfilled()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(error)),
                Ok(read) => {
                    into.advance(read);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        loop {
            ready!(self.0.poll_write_ready(context))?;
            match self.0.try_write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What is said behind everything else.
pub struct Farewell(Arc<NamedPipeServer>);

impl Farewell {
    /// A client that is gone needs none.
    pub fn say(self, last: &[u8], patience: Duration) {
        let end = Instant::now() + patience;
        while let Err(error) = self.0.try_write(last) {
            if error.kind() != ErrorKind::WouldBlock || Instant::now() >= end {
                return;
            }
            std::thread::sleep(LOOK);
        }
    }
}
