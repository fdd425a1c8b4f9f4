//! `nextline acp`: the agent for editors that speak the Agent Client Protocol, and its sign-in in a terminal.

use std::io::Write;

use super::{Options, code, complain, login};

/// `nextline acp`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Arguments {
    /// Instead of serving, keep the key of a route in the system's keyring; the route that answers chats, if none is named. Editors run
    /// this in a terminal.
    #[arg(long, value_name = "ROUTE", num_args = 0..=1, default_missing_value = "")]
    pub login: Option<String>,
}

/// Keeps the key of a route.
pub fn sign_in(named: &str, options: &Options, out: &mut dyn Write) -> u8 {
    let settings = options.layers().load().settings;
    let route = match named {
        "" => settings.chat.route.or(settings.edit.route),
        named => Some(named.to_owned()),
    };
    match route {
        Some(route) => login::login(&route, options, out),
        None => {
            complain(
                "no route is configured for chat: describe one under `[routes.NAME]` (provider and model) in the file that `nextline config path` names and set `[chat] route = \"NAME\"`",
            );
            code::USAGE
        }
    }
}
