//! Homes with servers of the Model Context Protocol.

use std::process::Output;

use serde_json::json;

use crate::shell::{chat, chat_home};
use crate::{Scratch, ScriptedRoute};

/// The table of a server `bad` that is this program with these words.
#[must_use]
pub fn table(program: &str, words: &[&str], more: &str) -> String {
    let command: Vec<&str> = [program].into_iter().chain(words.iter().copied()).collect();
    format!("[mcp.bad]\ncommand = {}\n{more}\n", json!(command))
}

/// A home whose chat is the script's and that has these servers.
#[must_use]
pub fn home(route: &ScriptedRoute, servers: &str) -> Scratch {
    let home = chat_home(route);
    let file = ".config/nextline/config.toml";
    let text = std::fs::read_to_string(home.path().join(file)).unwrap();
    home.write(file, format!("{text}\n{servers}"));
    home
}

/// `nextline chat` with this message and a yes for every call.
#[must_use]
pub fn asked(home: &Scratch, message: &str) -> Output {
    chat(home, &["--yes", "-m", message]).output().unwrap()
}
