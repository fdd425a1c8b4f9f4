//! The log: to standard error or a file, never to standard output, and never in the way.

use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{LazyLock, Mutex};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::complain;
use crate::settings::{self, LogLevel};

/// Lines that may wait for a slow reader; more are dropped, so that an editor that never reads our standard error stops nothing.
const WAITING: usize = 1024;

const LEVELS: &[(LogLevel, LevelFilter)] = &[
    (LogLevel::Error, LevelFilter::ERROR),
    (LogLevel::Warn, LevelFilter::WARN),
    (LogLevel::Info, LevelFilter::INFO),
    (LogLevel::Debug, LevelFilter::DEBUG),
    (LogLevel::Trace, LevelFilter::TRACE),
];

/// Starts the log.
pub fn start(settings: &settings::Log) {
    let level = LEVELS.iter().find(|(level, _)| *level == settings.level);
    let level = level.map_or(LevelFilter::WARN, |(_, filter)| *filter);
    let format = tracing_subscriber::fmt::layer().with_ansi(false);
    // Other crates' events may hold text of documents.
    let registry =
        tracing_subscriber::registry().with(Targets::new().with_target("nextline", level));
    let started = match &settings.file {
        Some(path) => match open(Path::new(path)) {
            Ok(file) => registry
                .with(format.with_writer(Mutex::new(file)))
                .try_init(),
            Err(error) => {
                complain(&format!("the log file {path} cannot be written: {error}"));
                return;
            }
        },
        None => registry.with(format.with_writer(to_stderr)).try_init(),
    };
    // Only a second start in one process fails.
    debug_assert!(started.is_ok());
}

/// A panic is one line: where, not what, because the message may hold source text.
pub fn hook_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()))
            .unwrap_or_default();
        let _ = writeln!(
            std::io::stderr(),
            "nextline: a request failed at {place}; please report this line"
        );
    }));
}

fn open(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

struct Queue(SyncSender<Vec<u8>>);

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        // A full queue loses the line.
        let _ = self.0.try_send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The way to standard error; its thread starts with the first line.
fn to_stderr() -> Queue {
    static LINES: LazyLock<SyncSender<Vec<u8>>> =
        LazyLock::new(|| writer(Box::new(std::io::stderr())));
    Queue(LINES.clone())
}

fn writer(mut out: Box<dyn Write + Send>) -> SyncSender<Vec<u8>> {
    let (sender, lines) = sync_channel::<Vec<u8>>(WAITING);
    // Without the thread lines are dropped.
    let _ = std::thread::Builder::new()
        .name("log".into())
        .spawn(move || {
            for line in lines {
                if out.write_all(&line).is_err() {
                    break;
                }
            }
        });
    sender
}
