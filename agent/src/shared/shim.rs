//! The shim: copies bytes between an editor and the shared process, and serves by itself where there is none.

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::future::pending;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Notify;

use super::host::END;
use super::meeting::{HEARS_THE_END, Meeting, Stream};
use super::say;
use crate::door::Parent;
use crate::settings::Layers;

/// Bytes that are copied at once.
const AT_ONCE: usize = 64 << 10;
/// Bytes of a client that are kept until the first answer, so that another process can be told them again. More are not read before.
const KEPT: usize = 1 << 20;
/// Processes that are tried: one may leave just when it is found.
const TRIES: usize = 3;
/// What a host that does not hear the end of a client gets to hear of it otherwise.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often the client's process is looked for.
const WATCH: Duration = Duration::from_secs(2);

/// How a connection to the shared process ended.
enum Ended {
    /// The session is over.
    With(u8),
    /// It was closed before anything was answered.
    Unanswered,
}

/// Serves one client to its end.
pub async fn run<R, W>(mut reader: R, mut writer: W, layers: Layers, arguments: &[OsString]) -> u8
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let mut said = Vec::new();
    let mut why = "the shared process took nobody in".to_owned();
    for _ in 0..TRIES {
        let meeting = Meeting::new(arguments);
        let attached = match &meeting {
            Ok(meeting) => meeting.attach().await,
            Err(error) => Err(std::io::Error::other(error.to_string())),
        };
        match attached {
            Ok(stream) => match copy(stream, &mut reader, &mut writer, &mut said).await {
                Ended::With(code) => return code,
                Ended::Unanswered => {}
            },
            Err(error) => {
                why = format!("the shared process cannot be reached: {error}");
                break;
            }
        }
    }
    say(&why);
    let reader = std::io::Cursor::new(said).chain(reader);
    crate::serve(reader, writer, layers).await
}

/// Copies both ways until one side ends. `said` is what the client said while nothing was answered.
async fn copy<R, W>(stream: Stream, reader: &mut R, writer: &mut W, said: &mut Vec<u8>) -> Ended
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (from_host, to_host) = tokio::io::split(stream);
    let kept = RefCell::new(Some(std::mem::take(said)));
    let answered = Notify::new();
    let ended = tokio::select! {
        ended = down(from_host, writer, &kept, &answered) => ended,
        ended = up(reader, to_host, &kept, &answered) => ended,
        () = orphaned() => Ended::With(1),
        () = crate::terminated() => Ended::With(0),
    };
    *said = kept.take().unwrap_or_default();
    ended
}

/// What the client says, to the host. How it ended the host says, where it hears of the end.
async fn up<R: AsyncRead + Unpin>(
    reader: &mut R,
    mut host: WriteHalf<Stream>,
    kept: &RefCell<Option<Vec<u8>>>,
    answered: &Notify,
) -> Ended {
    let before = kept.borrow().clone().unwrap_or_default();
    let mut open = host.write_all(&before).await.is_ok();
    let mut bytes = vec![0; AT_ONCE];
    while open {
        if kept.borrow().as_ref().is_some_and(|kept| kept.len() > KEPT) {
            answered.notified().await;
        }
        let Ok(read @ 1..) = reader.read(&mut bytes).await else {
            break;
        };
        if let Some(kept) = &mut *kept.borrow_mut() {
            kept.extend_from_slice(&bytes[..read]);
        }
        open = host.write_all(&bytes[..read]).await.is_ok();
    }
    // The host has answers yet.
    let _ = host.shutdown().await;
    if HEARS_THE_END {
        return pending().await;
    }
    tokio::time::sleep(FAREWELL).await;
    Ended::With(1)
}

/// What the host says, to the client, up to its [`END`].
async fn down<W: AsyncWrite + Unpin>(
    mut host: ReadHalf<Stream>,
    writer: &mut W,
    kept: &RefCell<Option<Vec<u8>>>,
    answered: &Notify,
) -> Ended {
    let mut bytes = vec![0; AT_ONCE];
    let first = Cell::new(true);
    loop {
        let Ok(read @ 1..) = host.read(&mut bytes).await else {
            if first.get() {
                return Ended::Unanswered;
            }
            eprintln!("nextline: the shared process has ended; start the server once more");
            return Ended::With(1);
        };
        if first.replace(false) {
            kept.take();
            answered.notify_one();
        }
        let (said, code) = match bytes[..read].iter().position(|byte| *byte == END) {
            None => (read, None),
            Some(end) => match bytes[..read].get(end + 1) {
                Some(code) => (end, Some(*code)),
                None => (end, Some(host.read_u8().await.unwrap_or(1))),
            },
        };
        let told = writer.write_all(&bytes[..said]).await;
        if told.is_err() || writer.flush().await.is_err() {
            // Nobody reads our answers any more: that is no failure of ours.
            return Ended::With(0);
        }
        if let Some(code) = code {
            return Ended::With(code);
        }
    }
}

/// Resolves when the editor's process is gone, even if somebody else holds our standard input open.
async fn orphaned() {
    let parent = Parent::new();
    let mut watch = tokio::time::interval(WATCH);
    while parent.alive() {
        watch.tick().await;
    }
}
