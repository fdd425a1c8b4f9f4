//! What waits for the thread that writes. Whoever puts something in goes on at once: the thread is woken when they rest, and once for all
//! that comes while it gathers.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::lock;
use super::writer::Message;

/// Lines that wait for a slow disk; more are lost, counted and said.
const WAITING: usize = 512;
/// Lines that one transaction holds, about.
const BATCH: usize = 64;
/// How long the first one waits for others: a request's row is not written while its answer comes, and a quick answer goes in with it.
/// What is killed loses no more than that.
const GATHER: Duration = Duration::from_millis(20);

/// The queue between everybody and the one thread.
#[derive(Default)]
pub struct Queue {
    line: Mutex<Line>,
    called: Condvar,
}

#[derive(Default)]
struct Line {
    waiting: Vec<Message>,
    /// The thread looks here again by itself, or is called already.
    awake: bool,
    /// Somebody waits for an answer.
    hurried: bool,
    /// Nobody puts anything in any more.
    closed: bool,
    /// The thread has ended.
    gone: bool,
}

/// The thread's end of the queue.
pub struct Outlet(Arc<Queue>);

impl Queue {
    /// The end that the thread takes from.
    pub fn outlet(self: &Arc<Self>) -> Outlet {
        Outlet(self.clone())
    }

    /// Puts a message in.
    ///
    /// # Errors
    ///
    /// Why nobody will take it.
    pub fn push(self: &Arc<Self>, message: Message) -> Result<(), &'static str> {
        let mut line = lock(&self.line);
        if line.gone {
            return Err("its thread is gone");
        }
        if line.waiting.len() >= WAITING {
            return Err("the disk is too slow");
        }
        let hurried = matches!(message, Message::Flush(_) | Message::Today);
        line.hurried |= hurried;
        line.waiting.push(message);
        if hurried || line.waiting.len() == BATCH {
            line.awake = true;
            self.called.notify_one();
        } else if !std::mem::replace(&mut line.awake, true) {
            drop(line);
            self.call();
        }
        Ok(())
    }

    /// Wakes the thread: where tasks run, behind those that are ready, for waking another processor costs a request more than its row.
    fn call(self: &Arc<Self>) {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let queue = self.clone();
                runtime.spawn(async move {
                    tokio::task::yield_now().await;
                    queue.called.notify_one();
                });
            }
            Err(_) => self.called.notify_one(),
        }
    }

    /// What is in it is still taken.
    pub fn close(&self) {
        lock(&self.line).closed = true;
        self.called.notify_one();
    }
}

impl Outlet {
    /// The next messages, in their order; `None` at the end.
    pub fn take(&self) -> Option<Vec<Message>> {
        let mut line = lock(&self.0.line);
        while line.waiting.is_empty() {
            if line.closed {
                return None;
            }
            line.awake = false;
            let woken = self.0.called.wait(line);
            line = woken.unwrap_or_else(PoisonError::into_inner);
        }
        line.awake = true;
        let gathering =
            |line: &mut Line| !line.hurried && !line.closed && line.waiting.len() < BATCH;
        let gathered = self.0.called.wait_timeout_while(line, GATHER, gathering);
        let mut line = gathered.unwrap_or_else(PoisonError::into_inner).0;
        line.hurried = false;
        Some(std::mem::take(&mut line.waiting))
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let mut line = lock(&self.0.line);
        line.gone = true;
        // Whoever waits for an answer is told that there is none.
        line.waiting.clear();
    }
}
