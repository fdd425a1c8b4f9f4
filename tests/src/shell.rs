//! What a command of ours left behind when it ended: its code, its output, and a way to feed it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::{Scratch, ScriptedRoute, binary};

/// The exit code.
///
/// # Panics
/// When a signal ended it.
#[must_use]
pub fn code(output: &Output) -> i32 {
    output
        .status
        .code()
        .unwrap_or_else(|| panic!("ended by a signal: {output:?}"))
}

/// Standard output.
#[must_use]
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error.
#[must_use]
pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs a command with `input` on its standard input.
#[must_use]
pub fn fed(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // Who reads nothing of it may have ended already.
    let _ = pipe.write_all(input.as_bytes());
    drop(pipe);
    child.wait_with_output().unwrap()
}

/// A home whose routes `mock` (used for chat) and `other` are the script's.
#[must_use]
pub fn chat_home(route: &ScriptedRoute) -> Scratch {
    let home = Scratch::new();
    let table = |name: &str| {
        format!(
            "[routes.{name}]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m-{name}\"\n\
             timeouts = {{ connect_ms = 2000, first_byte_ms = 400, idle_ms = 400 }}\n",
            route.url()
        )
    };
    let text = format!(
        "[chat]\nroute = \"mock\"\n\n{}\n{}",
        table("mock"),
        table("other")
    );
    home.write(".config/nextline/config.toml", text);
    home
}

/// `nextline chat` with nothing on its standard input.
#[must_use]
pub fn chat(home: &Scratch, args: &[&str]) -> Command {
    let mut command = binary::command(home.path());
    command.arg("chat").args(args).stdin(Stdio::null());
    command
}

/// The last message of the last request.
#[must_use]
pub fn last_message(route: &ScriptedRoute) -> String {
    let body = route.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().clone();
    messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Runs to a good end, and gives what was printed.
///
/// # Panics
/// When it failed.
#[must_use]
pub fn fine(args: &[&str], config: Option<&str>) -> String {
    let output = binary::run(args, config);
    assert_eq!(code(&output), 0, "{args:?}: {output:?}");
    out(&output)
}
