//! The binary: arguments, logs, runtime, exit code.

use std::process::exit;

use nextline::cli::{self, Start};

fn main() {
    cli::log::hook_panics();
    let code = match cli::read(std::env::args_os().collect()) {
        Start::Serve(options) => {
            cli::log::start(&options);
            serve(&options)
        }
        Start::Run(command, options) => {
            cli::log::start(&options);
            cli::run(command, &options)
        }
        Start::Done(code) => code,
    };
    // Standard input may be blocked in a read for ever: nothing waits for it.
    exit(i32::from(code))
}

fn serve(options: &cli::Options) -> u8 {
    let layers = options.layers();
    // One thread: a keystroke's path has no hop between threads. What computes goes to the blocking pool.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(async {
                let (reader, writer) = (cli::stdio::reader(), cli::stdio::writer());
                nextline::serve(reader, writer, layers).await
            });
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("nextline: the runtime did not start: {error}");
            1
        }
    }
}
