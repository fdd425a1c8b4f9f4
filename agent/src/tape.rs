//! A session as a file: what the client said, what the routes answered and what the clock showed, in the order in which it happened; and
//! the same session once more, without keys and without a network.
//!
//! `event` is the file, `hear` takes a session down, `clean` takes the secrets out before anything is written, `play` gives the answers
//! back. Off, which is the rule, a hook costs one look at a pointer.

mod clean;
mod event;
mod hear;
mod play;

use std::path::Path;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

pub use event::{Event, Line, Recording, Unreadable, bytes};
pub use hear::Hearing;
pub use play::{Answered, Playing};

/// What is done with the session of this process.
pub enum Tape {
    /// It is taken down.
    Hearing(Hearing),
    /// It is played back.
    Playing(Playing),
}

static TAPE: OnceLock<Tape> = OnceLock::new();

/// The tape of this process; `None` where the session is neither taken down nor played back.
pub fn of_process() -> Option<&'static Tape> {
    TAPE.get()
}

/// Puts a tape in. Only the first one counts.
pub fn put_in(tape: Tape) -> &'static Tape {
    TAPE.get_or_init(|| tape)
}

/// Whether a session is played: nobody is asked for keys, and nothing is sent.
pub fn is_played() -> bool {
    matches!(TAPE.get(), Some(Tape::Playing(_)))
}

/// Reads anything as a recording and takes its secrets out, for the fuzzing of all readers.
#[cfg(test)]
pub fn fuzzed(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(mut recording) = Recording::of_text(&text) {
        clean::clean(&mut recording);
        clean::checked(recording.text());
    }
}

fn hearing() -> Option<&'static Hearing> {
    match TAPE.get()? {
        Tape::Hearing(hearing) => Some(hearing),
        Tape::Playing(_) => None,
    }
}

/// The client said this.
pub fn client_said(body: &[u8]) {
    if let Some(hearing) = hearing() {
        hearing.add(Event::Client {
            body: String::from_utf8_lossy(body).into_owned(),
        });
    }
}

/// The client is told this: one message or several, each in its frame.
pub fn client_is_told(framed: &[u8]) {
    if let Some(hearing) = hearing() {
        for body in event::bodies(framed) {
            let body = String::from_utf8_lossy(body).into_owned();
            hearing.add(Event::Server { body });
        }
    }
}

/// A file of the workspace was read.
pub fn was_read(path: &Path, bytes: &[u8]) {
    if let Some(hearing) = hearing() {
        hearing.file(path, bytes);
    }
}

/// A secret left as its mask.
pub fn was_masked(mask: &str, secret: &str) {
    if let Some(hearing) = hearing() {
        hearing.add(Event::Mask {
            mask: mask.to_owned(),
            stands_for: secret.to_owned(),
        });
    }
}

/// The number of the process, for names that a client is shown: recorded, or as it was.
pub fn process() -> u32 {
    match TAPE.get() {
        Some(Tape::Playing(playing)) => playing.process(),
        _ => {
            static OWN: OnceLock<u32> = OnceLock::new();
            *OWN.get_or_init(std::process::id)
        }
    }
}

/// Whether a session is taken down or played: what hangs on a stopwatch is not shown then, because it never comes out twice.
pub fn is_in() -> bool {
    TAPE.get().is_some()
}

/// The masks that stand in recorded answers and what is to stand there instead.
pub fn masks() -> &'static [(String, String)] {
    match TAPE.get() {
        Some(Tape::Playing(playing)) => playing.masks(),
        _ => &[],
    }
}

/// The time for whatever a client is shown, in ms since 1970: recorded, or as it was.
pub fn now_ms() -> u64 {
    if let Some(Tape::Playing(playing)) = TAPE.get()
        && let Some(then) = playing.clock()
    {
        return then;
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX);
    if let Some(hearing) = hearing() {
        hearing.add(Event::Clock { now });
    }
    now
}
