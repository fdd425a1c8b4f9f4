//! A server that is a program of this machine: started without a shell, outside of any workspace, with few variables; what it prints is
//! watched.

use std::io::Read;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStdin, ChildStdout};

use super::came::shown;
use crate::route;
use crate::settings::Mcp;

/// Bytes of one message at most.
pub const MESSAGE: usize = 8 << 20;
/// Bytes of the end of standard error that are kept.
const TAIL: usize = 2 << 10;
/// Bytes of a line that are kept where it is no message.
const HEAD: usize = 200;
/// How long a program has to end by itself once its pipes are closed.
const FAREWELL: Duration = Duration::from_millis(150);
/// How often it is looked after meanwhile.
const LOOK: Duration = Duration::from_millis(5);

/// Variables that every program needs; the others are ours.
const VARIABLES: &[&str] = &[
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    // Windows.
    "APPDATA",
    "COMSPEC",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "PATHEXT",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
];

/// A running program. Killed where nobody waits for its end.
pub struct Program {
    child: Child,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of a program.
#[derive(Default)]
struct Seen {
    /// The end of its standard error.
    tail: Vec<u8>,
    /// The start of the last line that is no message.
    odd: Vec<u8>,
    /// Its standard error is at its end.
    silent: bool,
    /// It printed a line beyond all measure.
    flood: bool,
}

impl Program {
    /// Starts the program of a server; its output and input are the transport's.
    ///
    /// # Errors
    ///
    /// Why it does not run, to follow the server's name.
    pub fn start(settings: &Mcp) -> Result<(Program, Watched, ChildStdin), String> {
        let argv = settings.command.as_deref().unwrap_or_default();
        let [name, arguments @ ..] = argv else {
            return Err("has no `command`; write one".into());
        };
        let Some(path) = route::program(name) else {
            return Err(format!(
                "cannot be started: there is no program `{name}` on the search path; install it, or write its whole path"
            ));
        };
        let mut command = Command::new(path);
        command
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let passed = settings.pass_env.iter().flatten().map(String::as_str);
        for name in VARIABLES.iter().copied().chain(passed) {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        if let Some(search) = search_path() {
            command.env("PATH", search);
        }
        command.envs(&settings.env);
        if let Ok(base) = etcetera::choose_base_strategy() {
            let home = etcetera::BaseStrategy::home_dir(&base);
            if home.is_dir() {
                command.current_dir(home);
            }
        }
        let cannot = |error| format!("cannot be started: `{name}`: {error}; look at its `command`");
        let mut child = command.spawn().map_err(cannot)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let seen = Arc::<Mutex<Seen>>::default();
        let program = Program {
            child,
            seen: seen.clone(),
        };
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err("cannot be started: it has no pipes".into());
        };
        let heard = seen.clone();
        std::thread::Builder::new()
            .name("mcp".into())
            .spawn(move || listen(errors, &heard))
            .map_err(cannot)?;
        let input = ChildStdin::from_std(input).map_err(cannot)?;
        let output = ChildStdout::from_std(output).map_err(cannot)?;
        Ok((
            program,
            Watched {
                output,
                seen,
                line: Line::default(),
            },
            input,
        ))
    }

    /// What is known of why it does not answer, as a clause; empty if nothing is.
    pub fn trouble(&mut self) -> String {
        // A program that ends says why just before.
        let ended = self.child.try_wait().ok().flatten();
        let seen = lock(&self.seen);
        if seen.flood {
            return format!(
                "it printed more than {} MB in one message; ask it for less",
                MESSAGE >> 20
            );
        }
        let tail = String::from_utf8_lossy(&seen.tail);
        let last = tail.lines().rfind(|line| !line.trim().is_empty());
        let last = last
            .map(|line| format!("; it said {:?}", shown(line)))
            .unwrap_or_default();
        match ended {
            Some(status) => format!("it ended ({status}){last}"),
            None if !seen.odd.is_empty() => format!(
                "it printed what is no message: {:?}; a server has to log to standard error",
                shown(&String::from_utf8_lossy(&seen.odd))
            ),
            None => String::new(),
        }
    }

    /// Whether it ended and all that it said is known.
    pub fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None)) && lock(&self.seen).silent
    }
}

/// Waits a little for the end of a program whose pipes are closed.
pub async fn settle(program: &Mutex<Program>) {
    let over = async {
        while !program
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_over()
        {
            tokio::time::sleep(LOOK).await;
        }
    };
    let _ = tokio::time::timeout(FAREWELL, over).await;
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The directories of `PATH` that are absolute: what is beside the current directory is nobody's program.
fn search_path() -> Option<std::ffi::OsString> {
    let search = std::env::var_os("PATH")?;
    let whole = std::env::split_paths(&search).filter(|folder| folder.is_absolute());
    std::env::join_paths(whole).ok()
}

fn listen(mut errors: impl Read, seen: &Mutex<Seen>) {
    let mut buffer = [0; 1024];
    while let Ok(read @ 1..) = errors.read(&mut buffer) {
        let tail = &mut lock(seen).tail;
        tail.extend_from_slice(&buffer[..read]);
        let over = tail.len().saturating_sub(TAIL);
        tail.drain(..over);
    }
    lock(seen).silent = true;
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program's output, looked over on its way: lines that are no messages, and one that never ends.
pub struct Watched {
    output: ChildStdout,
    seen: Arc<Mutex<Seen>>,
    line: Line,
}

/// The line that is being read.
#[derive(Default)]
struct Line {
    head: Vec<u8>,
    length: usize,
    last: u8,
}

impl Line {
    /// Takes bytes in; a line that is no message is kept by its start. False once a line is too long.
    fn read(&mut self, bytes: &[u8], odd: &mut Vec<u8>) -> bool {
        for &byte in bytes {
            if byte == b'\n' {
                let line = std::mem::take(self);
                let blank = line.head.iter().all(u8::is_ascii_whitespace);
                let whole = line.head.starts_with(b"{") && line.last == b'}';
                if !blank && !whole {
                    *odd = line.head;
                }
                continue;
            }
            self.length += 1;
            if self.head.len() < HEAD {
                self.head.push(byte);
            }
            if !byte.is_ascii_whitespace() {
                self.last = byte;
            }
        }
        self.length <= MESSAGE
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.output).poll_read(context, buffer))?;
        let this = &mut *self;
        let mut odd = Vec::new();
        let short = this.line.read(&buffer.filled()[before..], &mut odd);
        if !odd.is_empty() || !short {
            let mut seen = lock(&this.seen);
            seen.flood |= !short;
            if !odd.is_empty() {
                seen.odd = odd;
            }
        }
        Poll::Ready(match short {
            true => Ok(()),
            false => Err(std::io::Error::other("a line beyond all measure")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_messages_are_kept() {
        for (text, kept) in [
            ("{\"a\": 1}\n{}\r\n\n", ""),
            ("{}\nlistening on 1\n{}\n", "listening on 1"),
            ("{\"jsonrpc\": \n", "{\"jsonrpc\": "),
            ("no end", ""),
        ] {
            let (mut line, mut odd) = (Line::default(), Vec::new());
            for byte in text.as_bytes().chunks(3) {
                assert!(line.read(byte, &mut odd));
            }
            assert_eq!(String::from_utf8_lossy(&odd), kept, "{text}");
        }
        let (mut line, mut odd) = (Line::default(), Vec::new());
        assert!(line.read(&vec![b'x'; MESSAGE], &mut odd));
        assert!(!line.read(b"x", &mut odd));
    }
}
