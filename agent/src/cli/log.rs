//! The log: to standard error or a file, never to standard output, and never in the way.

use std::io::Write;
use std::sync::mpsc::{SyncSender, sync_channel};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Options, complain};

/// Lines that may wait for a slow reader; more are dropped, so that an editor that never reads our standard error stops nothing.
const WAITING: usize = 1024;

/// Starts the log as flags and environment say; without a level only warnings are written.
pub fn start(options: &Options) {
    let variable = std::env::var("NEXTLINE_LOG").ok();
    let level = options
        .log_level
        .as_deref()
        .or(variable.as_deref())
        .unwrap_or("warn");
    let Ok(level) = level.parse::<LevelFilter>() else {
        complain(&format!(
            "NEXTLINE_LOG is {level:?}: one of error, warn, info, debug, trace is known"
        ));
        return;
    };
    let out: Box<dyn Write + Send> = match &options.log_file {
        Some(path) => match open(path) {
            Ok(file) => Box::new(file),
            Err(error) => {
                complain(&format!(
                    "the log file {} cannot be written: {error}",
                    path.display()
                ));
                return;
            }
        },
        None => Box::new(std::io::stderr()),
    };
    let queue = Queue(writer(out));
    let format = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || queue.clone());
    // Other crates' events may hold text of documents.
    let ours = Targets::new().with_target("nextline", level);
    let _ = tracing_subscriber::registry()
        .with(format)
        .with(ours)
        .try_init();
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

fn open(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[derive(Clone)]
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
