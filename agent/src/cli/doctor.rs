//! `nextline doctor`: one line per finding, with the mend.

mod bundle;
mod examine;
mod machine;
mod servers;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::ledger::{Facts, Walked};
use crate::settings::{Layers, Loaded, Route};

pub use bundle::bundle;
pub use examine::examine;
pub use machine::Machine;
pub use servers::{Server, found};

/// The words after `nextline doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Default, clap::Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Also write a report without secrets and source text there, for somebody who helps
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
}

/// What is seen of the ledger.
pub struct Books {
    /// Its file.
    pub path: PathBuf,
    /// Whether requests are written down.
    pub enabled: bool,
    /// What is in it; `None` if there is no file, an error if it cannot be read.
    pub facts: Result<Option<Facts>, String>,
    /// The walk of its chain.
    pub chain: Option<Walked>,
}

/// What the doctor is told; it looks at nothing itself.
pub struct Patient<'a> {
    /// Name and version of this program.
    pub version: &'a str,
    /// The layers as read.
    pub layers: &'a Layers,
    /// The same layers, merged.
    pub loaded: &'a Loaded,
    /// The languages whose grammars are linked.
    pub languages: &'a [&'a str],
    /// Whether a route has its key, by the route's name. Must not return the key.
    pub key: &'a dyn Fn(&str, &Route) -> Key,
    /// Asks a route for a sign of life: what it said, or what failed with the mend. Without it nothing is asked.
    pub probe: Option<Probe<'a>>,
    /// Model servers that answer on loopback.
    pub servers: &'a [Server],
    /// Clock, watches, state directory, editors.
    pub machine: &'a Machine,
    /// The ledger; `None` without a home directory.
    pub books: Option<&'a Books>,
}

/// What asks a route, by name, for a sign of life.
pub type Probe<'a> = &'a dyn Fn(&str, &Route) -> Result<String, String>;

/// The key of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It is there; where it was found.
    Present(String),
    /// It is missing; the mend.
    Missing(String),
    /// It shows when it is first needed; how it will be had.
    Later(String),
    /// None is needed and none is set.
    None,
    /// The route's settings are wrong; how.
    Unusable(String),
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Good,
    /// Works, but look at it.
    Weak,
    /// Does not work.
    Ill,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub health: Health,
    /// What was looked at.
    pub topic: String,
    /// What was seen.
    pub text: String,
    /// What to do about it; empty if nothing.
    pub mend: String,
}

/// Prints all findings and returns the exit code: 1 if anything is ill. `plain` keeps the text to ASCII marks.
///
/// # Errors
///
/// Only what `out` says.
pub fn run(
    args: &DoctorArgs,
    patient: &Patient<'_>,
    findings: &[Finding],
    plain: bool,
    out: &mut dyn Write,
) -> io::Result<u8> {
    let ill = findings.iter().any(|finding| finding.health == Health::Ill);
    if args.json {
        let list: Vec<_> = findings.iter().map(Finding::to_json).collect();
        writeln!(
            out,
            "{:#}",
            json!({"version": patient.version, "ok": !ill, "findings": list})
        )?;
    } else {
        for finding in findings {
            write!(
                out,
                "{} {}: {}",
                finding.health.mark(plain),
                finding.topic,
                finding.text
            )?;
            if !finding.mend.is_empty() {
                write!(out, " {} {}", if plain { "->" } else { "→" }, finding.mend)?;
            }
            writeln!(out)?;
        }
    }
    Ok(u8::from(ill))
}

/// Whether marks should be ASCII: standard output is no terminal, or `NO_COLOR` is set.
pub fn plain() -> bool {
    !io::stdout().is_terminal()
        || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

impl Finding {
    fn to_json(&self) -> Value {
        json!({"health": self.health.name(), "topic": self.topic, "text": self.text, "mend": self.mend})
    }
}

impl Health {
    fn name(self) -> &'static str {
        ["good", "weak", "ill"][self as usize]
    }

    fn mark(self, plain: bool) -> &'static str {
        if plain {
            ["ok", "!", "x"][self as usize]
        } else {
            ["✓", "!", "✗"][self as usize]
        }
    }
}
