//! `nextline sent`: what left, from which file, and whether the list of it is whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{code, complain};
use crate::ledger::{self, Walked, budget::dollars};
use crate::settings::state_dir;

/// Requests that are shown where nothing else is asked for.
const SHOWN: u32 = 20;

/// The words after `nextline sent`.
#[derive(Debug, Clone, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Sub>,
    /// The last N requests; the last one without a number.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// Only requests in which a part of this file was, or of a file below this folder.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// As JSON, newest first.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Sub {
    /// Walks the chain of hashes: names the first line that does not fit, and ends with exit code 1 then.
    Verify {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Prints it.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> u8 {
    let Some(folder) = state_dir() else {
        return complain("there is no home directory, so no ledger; set HOME");
    };
    let said = match &arguments.command {
        Some(Sub::Verify { json }) => verify(&folder, *json, out),
        None => list(&folder, arguments, out),
    };
    match said {
        Ok(code) => code,
        Err(Trouble::Ledger(error)) => unreadable(&folder, &error),
        Err(Trouble::Output) => code::FAILED,
    }
}

/// What keeps a question to the ledger from its answer.
pub enum Trouble {
    /// The file, in the system's words.
    Ledger(String),
    /// Nobody reads.
    Output,
}

impl From<io::Error> for Trouble {
    fn from(_: io::Error) -> Self {
        Trouble::Output
    }
}

impl From<ledger::Error> for Trouble {
    fn from(error: ledger::Error) -> Self {
        Trouble::Ledger(error.to_string())
    }
}

/// Says that the file cannot be read.
pub fn unreadable(folder: &Path, error: &str) -> u8 {
    let file = ledger::file_in(folder);
    complain(&format!(
        "the ledger {} cannot be read: {error}; look at its permissions, or move it away to begin anew",
        file.display()
    ))
}

fn verify(folder: &Path, as_json: bool, out: &mut dyn Write) -> Result<u8, Trouble> {
    let walked = ledger::walk(folder)?;
    let (good, line, value) = match &walked {
        None => (
            true,
            "there is no ledger: nothing has left".to_owned(),
            json!({"whole": true, "lines": 0, "requests": 0}),
        ),
        Some(Walked::Whole { lines, requests }) => (
            true,
            format!("whole: {lines} lines of {requests} requests, each fits the one before it"),
            json!({"whole": true, "lines": lines, "requests": requests}),
        ),
        Some(Walked::Broken { seq, what }) => (
            false,
            format!("not whole: line {seq} {what}"),
            json!({"whole": false, "line": seq, "what": what}),
        ),
    };
    match as_json {
        true => writeln!(out, "{value}")?,
        false => writeln!(out, "{line}")?,
    }
    Ok(if good { code::OK } else { code::FAILED })
}

fn list(folder: &Path, arguments: &Arguments, out: &mut dyn Write) -> Result<u8, Trouble> {
    let files = arguments.file.as_deref().map(spellings);
    let most = arguments.last.unwrap_or(match files {
        Some(_) => u32::MAX,
        None => SHOWN,
    });
    let rows = ledger::listed(folder, most, files.as_deref())?;
    if arguments.json {
        writeln!(out, "{}", Value::from(rows.unwrap_or_default()))?;
        return Ok(code::OK);
    }
    match (&rows, &arguments.file) {
        (None, Some(file)) => writeln!(
            out,
            "no part of {} ever left: there is no ledger yet",
            file.display()
        )?,
        (None, None) => writeln!(out, "nothing ever left: there is no ledger yet")?,
        (Some(rows), Some(file)) if rows.is_empty() => {
            let facts = ledger::facts(folder)?.unwrap_or_default();
            let since = facts.oldest.unwrap_or_else(|| "it began".into());
            writeln!(
                out,
                "no part of {} left in any of the {} requests since {since}",
                file.display(),
                facts.requests
            )?;
        }
        (Some(rows), None) if rows.is_empty() => {
            writeln!(out, "nothing left: the ledger is empty")?
        }
        (Some(rows), _) => {
            for row in rows {
                write!(out, "{}", human(row))?;
            }
        }
    }
    Ok(code::OK)
}

/// How a file may be spelt in the ledger: as it is given, made absolute, and where it really is.
fn spellings(file: &Path) -> Vec<String> {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut found = vec![absolute.to_string_lossy().into_owned()];
    if let Ok(real) = file.canonicalize() {
        found.push(real.to_string_lossy().into_owned());
    }
    found.dedup();
    found
}

fn human(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let number = |key: &str| row[key].as_i64();
    let mut line = format!(
        "{}  {}  {} ({}) at {}: {} bytes out",
        text("local_time"),
        text("purpose"),
        text("route"),
        text("model"),
        text("origin"),
        number("bytes_out").unwrap_or_default()
    );
    match row["outcome"].as_str() {
        None => line.push_str(", no end is known: under way, or its process died"),
        Some(outcome) => {
            let status = number("status")
                .map(|status| format!(" {status}"))
                .unwrap_or_default();
            let ms = row["total_ms"].as_f64().unwrap_or_default();
            let bytes = number("bytes_in").unwrap_or_default();
            line.push_str(&format!(
                ", {outcome}{status} with {bytes} bytes in {ms:.0} ms"
            ));
        }
    }
    if let (Some(input), Some(output)) = (number("input_tokens"), number("output_tokens")) {
        line.push_str(&format!(", {input} + {output} tokens"));
    }
    line.push_str(&match row["cost_usd"].as_f64() {
        Some(usd) if row["estimated"] == true => format!(", about {}", dollars(usd)),
        Some(usd) => format!(", {}", dollars(usd)),
        None => ", cost unknown".into(),
    });
    line.push('\n');
    for source in row["sources"].as_array().into_iter().flatten() {
        line.push_str(&format!(
            "    {}:{}-{} ({}, {} bytes)\n",
            source["path"].as_str().unwrap_or_default(),
            source["lines"][0],
            source["lines"][1],
            source["rule"].as_str().unwrap_or_default(),
            source["bytes"]
        ));
    }
    line
}
