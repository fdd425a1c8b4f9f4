//! `nextline completions` and `man`: what packages ship beside the binary, made of the command line itself.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Arguments, code};

/// The script that completes `nextline` in a shell.
pub fn completions(shell: Shell, out: &mut dyn Write) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "nextline", &mut script);
    done(out.write_all(&script))
}

/// The manual page: of `nextline`, then of each of its commands.
pub fn man(out: &mut dyn Write) -> u8 {
    let mut command = Arguments::command();
    command.build();
    done(pages(&command, out))
}

fn pages(command: &clap::Command, out: &mut dyn Write) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(out)?;
    for below in command.get_subcommands() {
        if !below.is_hide_set() && below.get_name() != "help" {
            pages(below, out)?;
        }
    }
    Ok(())
}

fn done(written: io::Result<()>) -> u8 {
    match written {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}
