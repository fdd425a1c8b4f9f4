//! The shared process: a thread for each client, and the end behind the last one.

use std::ffi::OsString;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until, timeout};

use super::meeting::{is_ours, log_of, try_lock};
use crate::complete::Commons;
use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::settings::Layers;

/// Stands behind the last byte for a client, which no message holds, with the exit code behind it.
pub const END: u8 = 0;
/// Clients at once at most; whoever comes after them serves himself.
const CLIENTS: usize = 48;
/// How long the first client is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the process stays behind the last client: an editor that starts its server anew finds what was learnt.
const STAY: Duration = Duration::from_secs(2);
/// What clients get to hear the end, when the system asks this process to end.
const FAREWELL: Duration = Duration::from_secs(1);
/// What a client's last rows get to reach the ledger.
const FLUSH: Duration = Duration::from_millis(500);

/// Starts this very command once more, without its last word, and does not wait for it: so it is no child of an editor's, and none of
/// them takes it along when it ends its own children.
pub fn detach(socket: &Path, arguments: &[OsString]) -> std::io::Result<()> {
    let listener = std::io::stdin().as_fd().try_clone_to_owned()?;
    Command::new(std::env::current_exe()?)
        .arg(super::meeting::COMMAND)
        .arg("--socket")
        .arg(socket)
        .args(arguments)
        .stdin(Stdio::from(listener))
        .spawn()
        .map(drop)
}

/// Serves whoever attaches at the socket on standard input, until the last one has left or the system asks for the end.
pub async fn run(socket: &Path, layers: impl Fn() -> Layers) -> std::io::Result<()> {
    let listener = UnixListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    listener.set_nonblocking(true)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    let commons = Arc::new(Commons::default());
    let (left, mut leaving) = unbounded_channel();
    let mut clients = 0_usize;
    let mut until = Instant::now() + PATIENCE;
    let mut stop = std::pin::pin!(crate::terminated());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(()) = leaving.recv() => {
                clients -= 1;
                until = Instant::now() + STAY;
                continue;
            }
            () = sleep_until(until), if clients == 0 => {
                let Ok(_lock) = try_lock(socket) else {
                    until = Instant::now() + STAY;
                    continue;
                };
                match listener.accept().now_or_never() {
                    Some(accepted) => accepted,
                    None => {
                        remove(socket);
                        return Ok(());
                    }
                }
            }
            () = &mut stop => {
                remove(socket);
                break;
            }
        };
        match accepted {
            Ok((stream, _)) if clients < CLIENTS && is_ours(&stream).unwrap_or(false) => {
                let taken = take_in(stream, &layers, &commons, &left);
                clients += usize::from(taken.is_ok());
            }
            Ok(_) => {}
            Err(error) => {
                // Those who are here are served on; whoever waits at the door may have better luck.
                tracing::warn!("nobody more can attach: {error}");
                tokio::time::sleep(STAY).await;
            }
        }
    }
    let all = async {
        while clients > 0 && leaving.recv().await.is_some() {
            clients -= 1;
        }
    };
    // Those who do not end in time are hung up on.
    let _ = timeout(FAREWELL, all).await;
    Ok(())
}

fn remove(socket: &Path) {
    // What is not there needs no removal.
    let _ = std::fs::remove_file(log_of(socket));
    let _ = std::fs::remove_file(socket);
}

/// Serves a client on a thread of its own.
fn take_in(
    stream: tokio::net::UnixStream,
    layers: &impl Fn() -> Layers,
    commons: &Arc<Commons>,
    left: &UnboundedSender<()>,
) -> std::io::Result<()> {
    let stream = stream.into_std()?;
    let (layers, commons) = (layers(), commons.clone());
    let gone = Gone(left.clone());
    let client = std::thread::Builder::new().name("client".into());
    client.spawn(move || {
        // Told at the end, also of a panic: that is this client's alone.
        let _gone = gone;
        if let Err(error) = serve(stream, layers, commons) {
            tracing::warn!("a client could not be served: {error}");
        }
    })?;
    Ok(())
}

struct Gone(UnboundedSender<()>);

impl Drop for Gone {
    fn drop(&mut self) {
        // Fails only when the process ends.
        let _ = self.0.send(());
    }
}

/// Serves one client to its end, with a policy and budgets of its own settings.
fn serve(stream: UnixStream, layers: Layers, commons: Arc<Commons>) -> std::io::Result<()> {
    let (policy, ledger) = (Arc::<Policy>::default(), Ledger::of_process().beside());
    let seat = {
        let ledger = ledger.clone();
        move || {
            policy.is_of_this_thread();
            ledger.is_of_this_thread();
        }
    };
    seat();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_start(seat)
        .build()?;
    let mut last = stream.try_clone()?;
    let code = runtime.block_on(async {
        let (reader, writer) = tokio::io::split(tokio::net::UnixStream::from_std(stream)?);
        let served = crate::serve_among(reader, writer, layers, Some(commons)).await;
        Ok::<u8, std::io::Error>(served)
    })?;
    runtime.shutdown_background();
    ledger.flush(FLUSH);
    last.set_nonblocking(false)?;
    last.set_write_timeout(Some(FLUSH))?;
    // A client that is gone needs no code.
    let _ = last.write_all(&[END, code]);
    let _ = last.shutdown(std::net::Shutdown::Both);
    Ok(())
}
