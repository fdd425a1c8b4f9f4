//! `nextline policy`: which rule of which file and line decides on a file.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Options, code, project_of};
use crate::policy::{Policy, Verdict};

/// The words after `nextline policy`.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum PolicyCommand {
    /// Say of each file whether anything of it may be used, and which rule decides; exit code 7 if one is excluded
    Test {
        /// The files; they need not be there.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The workspace folder instead of the project that each file is in.
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
        /// Print JSON, one object a line
        #[arg(long)]
        json: bool,
    },
}

/// Runs one command and returns its exit code: 0, or 7 when a rule excludes a file.
pub fn run(command: &PolicyCommand, options: &Options, out: &mut dyn Write) -> u8 {
    let PolicyCommand::Test {
        files,
        folder,
        json,
    } = command;
    let mut outcome = code::OK;
    for file in files {
        // By its own name: where a link leads is a part of the answer.
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let folder = folder
            .as_ref()
            .and_then(|folder| std::path::absolute(folder).ok());
        let folder = folder.unwrap_or_else(|| project_of(&file));
        let verdict = judged(&folder, &file, options);
        if !verdict.is_allowed() {
            outcome = code::POLICY;
        }
        let line = match json {
            true => as_json(&file, &verdict),
            false => match verdict {
                Verdict::Allowed { rule } => format!("{}: allowed ({rule})", file.display()),
                Verdict::Excluded(why) => format!("{}: excluded: {why}", file.display()),
            },
        };
        if writeln!(out, "{line}").is_err() {
            return code::FAILED;
        }
    }
    outcome
}

fn judged(folder: &Path, file: &Path, options: &Options) -> Verdict {
    let mut layers = options.layers();
    layers.read_projects([folder]);
    let policy = Policy::default();
    policy.configure(&layers.load().settings);
    policy.verdict(&[folder.to_owned()], file)
}

fn as_json(file: &Path, verdict: &Verdict) -> String {
    let file = file.to_string_lossy();
    match verdict {
        Verdict::Allowed { rule } => json!({
            "file": file, "allowed": true, "rule": rule,
            "rule_file": null, "line": null, "pattern": null, "reason": null,
        }),
        Verdict::Excluded(why) => json!({
            "file": file, "allowed": false, "rule": why.rule.name(),
            "rule_file": why.file.as_ref().map(|file| file.to_string_lossy()),
            "line": why.line, "pattern": why.pattern, "reason": why.to_string(),
        }),
    }
    .to_string()
}
