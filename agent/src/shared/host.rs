//! The shared process: a thread for each client, and the end behind the last one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until, timeout};

use super::meeting::{Guest, Listener};
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

/// Serves whoever attaches at a meeting place, until the last one has left or the system asks for the end.
pub async fn run(place: &Path, layers: impl Fn() -> Layers) -> std::io::Result<()> {
    let mut listener = Listener::new(place)?;
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
                if listener.close() {
                    return Ok(());
                }
                until = Instant::now() + STAY;
                continue;
            }
            () = &mut stop => {
                listener.abandon();
                break;
            }
        };
        match accepted {
            Ok(Some(guest)) if clients < CLIENTS => {
                let taken = take_in(guest, &layers, &commons, &left);
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

/// Serves a client on a thread of its own.
fn take_in(
    guest: Guest,
    layers: &impl Fn() -> Layers,
    commons: &Arc<Commons>,
    left: &UnboundedSender<()>,
) -> std::io::Result<()> {
    let (layers, commons) = (layers(), commons.clone());
    let gone = Gone(left.clone());
    let client = std::thread::Builder::new().name("client".into());
    client.spawn(move || {
        // Told at the end, also of a panic: that is this client's alone.
        let _gone = gone;
        if let Err(error) = serve(guest, layers, commons) {
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
fn serve(guest: Guest, layers: Layers, commons: Arc<Commons>) -> std::io::Result<()> {
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
    let (code, farewell) = runtime.block_on(async {
        let (reader, writer, farewell) = guest.parts()?;
        let served = crate::serve_among(reader, writer, layers, Some(commons)).await;
        Ok::<_, std::io::Error>((served, farewell))
    })?;
    runtime.shutdown_background();
    ledger.flush(FLUSH);
    farewell.say(&[END, code], FLUSH);
    Ok(())
}
