//! The binary: arguments, logs, runtime, exit code.

use std::path::Path;
use std::process::exit;
use std::time::Duration;

use nextline::cli::{self, Start};
use nextline::ledger::{self, Ledger};
use nextline::settings::{self, Layers};
use nextline::tape::{self, Hearing, Tape};

/// What the ledger gets to write its last rows.
const FAREWELL: Duration = Duration::from_millis(500);

/// Gives the memory of closed documents back; its options are in `.cargo/config.toml`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    cli::log::hook_panics();
    if let Some(folder) = settings::state_dir() {
        ledger::open(&folder);
    }
    let code = match cli::read(std::env::args_os().collect()) {
        Start::Serve(options) => match &options.record {
            None => serve(options.logged(), async |layers| {
                let (reader, writer) = (cli::stdio::reader(), cli::stdio::writer());
                nextline::shared::serve(reader, writer, layers, &options.of_host()).await
            }),
            Some(file) => recorded(file, options.logged()),
        },
        Start::Acp(options) => serve(options.logged(), async |layers| {
            nextline::serve_acp(cli::stdio::reader(), cli::stdio::writer(), layers).await
        }),
        Start::Host(arguments, options) => cli::host::run(&arguments, &options),
        Start::Run(command, options) => cli::run(command, &options),
        Start::Done(code) => code,
    };
    Ledger::of_process().flush(FAREWELL);
    // Standard input may be blocked in a read for ever: nothing waits for it.
    exit(i32::from(code))
}

/// Serves, and writes the session down at the end.
fn recorded(file: &Path, layers: Layers) -> u8 {
    let tape = tape::put_in(Tape::Hearing(Hearing::new(file, &layers)));
    let code = serve(layers, async |layers| {
        nextline::serve(cli::stdio::reader(), cli::stdio::writer(), layers).await
    });
    if let Tape::Hearing(hearing) = tape
        && let Err(error) = hearing.finish()
    {
        let file = file.display();
        eprintln!("nextline: the session cannot be written to {file}: {error}");
        return cli::code::FAILED;
    }
    code
}

fn serve(layers: Layers, face: impl AsyncFnOnce(Layers) -> u8) -> u8 {
    // One thread: a keystroke's path has no hop between threads. What computes goes to the blocking pool, where a thread without work keeps
    // the pages of its stack and of the allocator's cache for nothing.
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_keep_alive(Duration::from_millis(300))
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("nextline: the runtime did not start: {error}");
            return cli::code::FAILED;
        }
    };
    let code = runtime.block_on(face(layers));
    runtime.shutdown_background();
    code
}
