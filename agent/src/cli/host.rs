//! `nextline share-host`: the process behind `--shared`. Nobody types it.

use std::ffi::OsString;
use std::path::{PathBuf, absolute};

use super::{Options, code, complain};
use crate::shared::{host, meeting};

/// `nextline share-host`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The meeting place: the socket that standard input listens at; on Windows a pipe.
    #[arg(long)]
    socket: PathBuf,
    /// Start it in the background, and end.
    #[arg(long)]
    detach: bool,
}

impl Options {
    /// Those that decide about the configuration, for a process that starts in another folder.
    pub fn of_host(&self) -> Vec<OsString> {
        let files = [("--config", &self.config), ("--log-file", &self.log_file)];
        let mut arguments = Vec::new();
        for (name, file) in files {
            if let Some(file) = file {
                let file = absolute(file).unwrap_or_else(|_| file.clone());
                arguments.extend([name.into(), file.into()]);
            }
        }
        if let Some(level) = &self.log_level {
            arguments.extend(["--log-level".into(), level.into()]);
        }
        arguments
    }
}

/// Serves whoever attaches, until nobody is left.
pub fn run(arguments: &Arguments, options: &Options) -> u8 {
    if arguments.detach {
        let started = meeting::detach(&arguments.socket, &options.of_host());
        return started.map_or_else(|error| complain(&error.to_string()), |()| code::OK);
    }
    super::log::start(&options.layers().load().settings.log);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let served = runtime.and_then(|runtime| {
        let layers = || options.layers();
        runtime.block_on(host::run(&arguments.socket, layers))
    });
    served.map_or_else(|error| complain(&error.to_string()), |()| code::OK)
}
