//! `nextline mcp`: the servers of the Model Context Protocol and what they offer. And how a chat in a shell asks them.

use std::io::{BufRead, IsTerminal, Write};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::signal;

use super::{Options, code, complain};
use crate::mcp::{Call, Hub, Listed, fulfil};
use crate::prompt::talk::Item;
use crate::route::Http;
use crate::settings::{Mcp, Settings};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A name under `[mcp]`; every server without it.
    name: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Starts the servers, and lists their tools and resources.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    let loaded = options.layers().load();
    for notice in &loaded.notices {
        if notice.key.starts_with("mcp") {
            complain(&notice.to_string());
        }
    }
    let settings = loaded.settings;
    let names: Vec<&String> = match &arguments.name {
        Some(name) => vec![name],
        None => settings.mcp.keys().collect(),
    };
    if names.is_empty() && !arguments.json {
        let how = "no MCP server is configured; `[mcp.NAME]` with `command` or `url` in your own configuration makes one";
        return print(out, how);
    }
    let Some(runtime) = runtime() else {
        return code::FAILED;
    };
    let hub = Hub::default();
    let (mut failed, mut all) = (false, Vec::new());
    for name in names {
        let server = settings.mcp.get(name);
        let off = server.is_some_and(|server| !server.enabled);
        let found = match off {
            true => Ok((Vec::new(), Vec::new())),
            false => runtime.block_on(offered(&hub, name, &settings)),
        };
        failed |= found.is_err();
        if arguments.json {
            all.push(object(name, off, &found));
            continue;
        }
        let shown = human(name, server, off, found);
        if print(out, shown.trim_end()) != code::OK {
            return code::FAILED;
        }
    }
    runtime.block_on(hub.close());
    if arguments.json && print(out, &Value::from(all).to_string()) != code::OK {
        return code::FAILED;
    }
    match failed {
        true => code::FAILED,
        false => code::OK,
    }
}

/// Tools and resources of one server.
type Offered = Result<(Vec<Listed>, Vec<Listed>), String>;

async fn offered(hub: &Hub, name: &str, settings: &Settings) -> Offered {
    let cell = hub.server(name, settings, &Http::default()).await?;
    match cell.get() {
        Some(server) => Ok((server.tools().await?, server.resources().await?)),
        None => Err(format!("MCP server `{name}` does not run; try again")),
    }
}

fn human(name: &str, server: Option<&Mcp>, off: bool, found: Offered) -> String {
    let way = server.map_or_else(String::new, |server| match (&server.url, &server.command) {
        (Some(url), _) => url.clone(),
        (None, command) => command
            .iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    });
    let mut text = format!("{name}  {way}\n");
    match found {
        _ if off => text.push_str("  switched off\n"),
        Err(why) => text.push_str(&format!("  {why}\n")),
        Ok((tools, resources)) => {
            if tools.is_empty() && resources.is_empty() {
                text.push_str("  it offers no tools and no resources\n");
            }
            for tool in tools {
                let arguments = tool.arguments.join(", ");
                text.push_str(&format!(
                    "  @{name}:{} {{{arguments}}}  {}\n",
                    tool.name, tool.about
                ));
            }
            for resource in resources {
                text.push_str(&format!(
                    "  @mcp:{name}/{}  {}\n",
                    resource.name, resource.about
                ));
            }
        }
    }
    text
}

fn object(name: &str, off: bool, found: &Offered) -> Value {
    let list = |all: &[Listed]| {
        let all = all
            .iter()
            .map(|one| json!({ "name": one.name, "about": one.about, "arguments": one.arguments }));
        all.collect::<Vec<_>>()
    };
    match found {
        Ok((tools, resources)) => {
            json!({ "name": name, "enabled": !off, "tools": list(tools), "resources": list(resources), "error": null })
        }
        Err(why) => {
            json!({ "name": name, "enabled": !off, "tools": [], "resources": [], "error": why })
        }
    }
}

fn print(out: &mut dyn Write, text: &str) -> u8 {
    match writeln!(out, "{text}") {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}

fn runtime() -> Option<Runtime> {
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    built
        .inspect_err(|error| {
            complain(&format!("the runtime did not start: {error}"));
        })
        .ok()
}

/// The servers of a chat in a shell, which run until it ends.
pub struct Servers {
    hub: Hub,
    runtime: Option<Runtime>,
    /// No question is asked.
    yes: bool,
}

impl Servers {
    /// None of them runs yet.
    pub fn new(yes: bool) -> Servers {
        Servers {
            hub: Hub::default(),
            runtime: None,
            yes,
        }
    }

    /// What the calls of a message bring; what does not go in is said on standard error. `None` when the person interrupted it.
    pub fn ask(&mut self, settings: &Settings, calls: &[Call]) -> Option<Vec<Item>> {
        if calls.is_empty() {
            return Some(Vec::new());
        }
        if self.runtime.is_none() {
            self.runtime = runtime();
        }
        let Some(runtime) = &self.runtime else {
            return Some(Vec::new());
        };
        let yes = self.yes;
        let ask = |text: String| async move {
            match yes {
                true => Ok(()),
                false => consent(&text),
            }
        };
        let (hub, http) = (&self.hub, Http::default());
        let found = runtime.block_on(async {
            tokio::select! {
                biased;
                // Only an interrupt that can be heard is waited for.
                Ok(()) = signal::ctrl_c() => None,
                found = fulfil(hub, settings, &http, calls, ask) => Some(found),
            }
        });
        if found.is_none() {
            // So that the server hears that nobody waits.
            runtime.block_on(hub.close());
        }
        let found = found?;
        for (name, why) in &found.refused {
            eprintln!("nextline: {name}: {why}");
        }
        Some(found.items)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some(runtime) = &self.runtime {
            runtime.block_on(self.hub.close());
        }
    }
}

/// The person's yes, where there is somebody to ask.
fn consent(question: &str) -> Result<(), String> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Err("there is nobody to ask whether it may be called; `--yes` allows it".into());
    }
    eprint!("{question} [y/N] ");
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
        true => Ok(()),
        false => Err("you did not say yes".into()),
    }
}
