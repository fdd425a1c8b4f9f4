//! The commands that people type.

mod acp;
mod answer;
mod ceiling;
mod change;
mod chat;
mod client;
mod complete;
mod config;
mod cost;
mod doctor;
mod edit;
mod examination;
mod explain;
pub mod host;
pub mod log;
mod login;
mod mcp;
mod packaging;
mod paint;
mod place;
mod policy;
mod rehearsal;
mod replay;
mod routes;
mod sent;
mod serve;
mod stats;
pub mod stdio;
mod trust;
mod undo;
mod why;
mod workplace;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::json;

use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::prompt::edit::Verb;
use crate::settings::{Layers, Severity};

/// What a command waits for today's sums where there is a budget.
const SUMS: Duration = Duration::from_millis(500);

/// Exit codes (`interface.md`, Commands).
pub mod code {
    /// It worked.
    pub const OK: u8 = 0;
    /// It failed.
    pub const FAILED: u8 = 1;
    /// The command line is wrong, or names a route that is not configured.
    pub const USAGE: u8 = 2;
    /// A key is missing or not accepted.
    pub const NO_KEY: u8 = 3;
    /// The quota or a budget is used up, or too much was asked at once.
    pub const QUOTA: u8 = 4;
    /// No connection, or a provider in trouble.
    pub const NETWORK: u8 = 5;
    /// The provider refused.
    pub const REFUSED: u8 = 6;
    /// A policy or an ignore rule forbids it.
    pub const POLICY: u8 = 7;
    /// The question is longer than the model takes.
    pub const TOO_LONG: u8 = 8;
    /// A deadline passed.
    pub const TIMEOUT: u8 = 124;
    /// The person interrupted it.
    pub const INTERRUPTED: u8 = 130;
}

/// The name under which the binary serves whatever its arguments are.
const ALIAS: &str = "copilot-language-server";

/// What the command line asks for.
pub enum Start {
    /// The stdio server.
    Serve(Options),
    /// The ACP agent.
    Acp(Options),
    /// The process that several editors share.
    Host(host::Arguments, Options),
    /// A command.
    Run(Command, Options),
    /// Nothing more: help or an error was printed.
    Done(u8),
}

/// One native coding agent that every editor can use.
///
/// Without a command it is the stdio server that editors start.
#[derive(Debug, Parser)]
#[command(name = "nextline", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
    /// Print the version.
    #[arg(long, short = 'V')]
    version: bool,
    /// With --version: as JSON.
    #[arg(long, requires = "version")]
    json: bool,
}

/// Options of every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// The configuration file instead of the usual one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write the log there instead of to standard error.
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// error, warn, info, debug or trace.
    #[arg(long, global = true, value_name = "LEVEL", value_parser = ["error", "warn", "info", "debug", "trace"])]
    pub log_level: Option<String>,
    /// Of the server: write the session there at its end, without its secrets, for `nextline replay`.
    #[arg(long, global = true, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Of the server: one process for all editors, as `process.shared = true` says it.
    #[arg(long, global = true, conflicts_with = "alone")]
    shared: bool,
    /// Of the server: a process of its own, whatever the settings say.
    #[arg(long, global = true)]
    alone: bool,
    /// Accepted anywhere and without effect: the server always speaks over standard input and output.
    #[arg(long, global = true, hide = true)]
    stdio: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The stdio server (the same as no command).
    Lsp,
    /// The main job in a terminal: types a file as an editor would and shows the ghost text.
    Try {
        /// The file to type; a bundled sample without one.
        file: Option<PathBuf>,
    },
    /// One completion, through the server.
    Complete(complete::Arguments),
    /// A question and its answer; standard input is added to the message.
    Chat(chat::Arguments),
    /// Changes lines of a file as an instruction says; prints the change as a diff, or makes it.
    Edit(edit::EditArguments),
    /// Writes the doc comment of what is around a line.
    Doc(edit::VerbArguments),
    /// Writes unit tests for what is around a line, where the project has its tests.
    Test(edit::VerbArguments),
    /// Mends what is around a line.
    Fix(edit::VerbArguments),
    /// Explains a file, some of its lines, or what is around one.
    Explain(explain::Arguments),
    /// Writes a commit message for what is staged, or for the diff on standard input.
    CommitMsg(explain::CommitArguments),
    /// Takes the last applied edit back.
    Undo,
    /// The commands of your own and of the project, for `chat` and `edit`.
    Commands {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows what a project says to the model, and keeps your yes to it.
    Trust(trust::Arguments),
    /// Shows and checks the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: config::ConfigCommand,
    },
    /// Looks for what keeps Nextline from working here.
    Doctor(doctor::DoctorArgs),
    /// Keeps the key of a route in the system's keyring; reads it from the terminal, or from standard input.
    Login {
        /// A name under `[routes]`.
        route: String,
    },
    /// Takes the key of a route out of the system's keyring.
    Logout {
        /// A name under `[routes]`.
        route: String,
    },
    /// Lists the routes, or asks them for a sign of life.
    Routes {
        /// What to do with them.
        #[command(subcommand)]
        command: routes::RoutesCommand,
    },
    /// What the requests cost.
    Cost(cost::Arguments),
    /// What left, from which file, and whether the list of it is whole.
    Sent(sent::Arguments),
    /// The servers of the Model Context Protocol that chats may ask, and what one of them offers.
    Mcp(mcp::Arguments),
    /// The agent for editors that speak the Agent Client Protocol.
    Acp(acp::Arguments),
    /// Answers editors that speak to a model server over HTTP, on loopback.
    Serve(serve::Arguments),
    /// What may leave the machine, and which rule decides.
    Policy {
        /// What to do with it.
        #[command(subcommand)]
        command: policy::PolicyCommand,
    },
    /// Plays a recorded session without keys and network: the same bytes come out, or the first message that differs is named.
    Replay {
        /// What `nextline --record FILE` wrote.
        file: PathBuf,
    },
    /// What became of the suggestions, counted on this machine alone.
    Stats {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The reason for the last silence.
    Why {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The process behind `--shared`, which starts it.
    #[command(name = "share-host", hide = true)]
    Host(host::Arguments),
    /// Prints the script that completes this command line in a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Prints the manual page.
    Man,
}

impl Options {
    /// The configuration of this machine and of these flags.
    pub fn layers(&self) -> Layers {
        let mut layers = Layers::of_machine(self.config.as_deref());
        if let Some(level) = &self.log_level {
            layers.flags.push(("log.level".into(), level.clone()));
        }
        if let Some(file) = &self.log_file {
            layers
                .flags
                .push(("log.file".into(), file.to_string_lossy().into_owned()));
        }
        if self.shared || self.alone {
            let shared = ("process.shared".into(), self.shared.to_string());
            layers.flags.push(shared);
        }
        layers
    }
}

impl Options {
    /// The same, and the log as they want it.
    pub fn logged(&self) -> Layers {
        let layers = self.layers();
        log::start(&layers.load().settings.log);
        layers
    }
}

/// Reads the command line.
pub fn read(arguments: Vec<OsString>) -> Start {
    let name = arguments.first().map(PathBuf::from).unwrap_or_default();
    let plain = arguments
        .iter()
        .skip(1)
        .all(|argument| argument == "lsp" || argument == "--stdio");
    let alias = name.file_stem().is_some_and(|stem| stem == ALIAS);
    // Clients look at the version before they start it, and wait for the end.
    if alias && arguments.iter().any(|argument| argument == "--version") {
        return Start::Done(version(false));
    }
    // The way that editors take costs no parsing; the alias takes whatever its clients pass.
    if plain || alias {
        return Start::Serve(Options::default());
    }
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let code = if error.use_stderr() {
                code::USAGE
            } else {
                code::OK
            };
            // A closed pipe is the reader's choice.
            let _ = error.print();
            return Start::Done(code);
        }
    };
    if parsed.version {
        return Start::Done(version(parsed.json));
    }
    match parsed.command {
        None | Some(Command::Lsp) => Start::Serve(parsed.options),
        Some(Command::Acp(acp::Arguments { login: None })) => Start::Acp(parsed.options),
        Some(Command::Host(arguments)) => Start::Host(arguments, parsed.options),
        Some(command) => Start::Run(command, parsed.options),
    }
}

/// Runs a command; returns the exit code. What is wrong with the configuration is said first, where the command does not
/// say it itself.
pub fn run(command: Command, options: &Options) -> u8 {
    if matches!(
        command,
        Command::Try { .. }
            | Command::Complete(_)
            | Command::Chat(_)
            | Command::Edit(_)
            | Command::Doc(_)
            | Command::Test(_)
            | Command::Fix(_)
            | Command::Explain(_)
            | Command::CommitMsg(_)
    ) {
        for notice in &options.layers().load().notices {
            if notice.severity != Severity::Info {
                complain(&notice.to_string());
            }
        }
    }
    let ledger = Ledger::of_process();
    let settings = options.layers().load().settings;
    ledger.configure(&settings);
    Policy::of_process().configure(&settings);
    ledger.wait(SUMS);
    let mut out = std::io::stdout().lock();
    match command {
        Command::Lsp | Command::Host(_) => code::OK,
        Command::Acp(arguments) => {
            acp::sign_in(&arguments.login.unwrap_or_default(), options, &mut out)
        }
        Command::Try { file } => rehearsal::run(file.as_deref(), options, &mut out),
        Command::Complete(arguments) => complete::run(&arguments, options, &mut out),
        Command::Chat(arguments) => chat::run(&arguments, options, &mut out),
        Command::Edit(arguments) => edit::run_edit(&arguments, options, &mut out),
        Command::Doc(arguments) => edit::run_verb(Verb::Doc, &arguments, options, &mut out),
        Command::Test(arguments) => edit::run_verb(Verb::Test, &arguments, options, &mut out),
        Command::Fix(arguments) => edit::run_verb(Verb::Fix, &arguments, options, &mut out),
        Command::Explain(arguments) => explain::run(&arguments, options, &mut out),
        Command::CommitMsg(arguments) => explain::commit(&arguments, options, &mut out),
        Command::Undo => undo::run(),
        Command::Config { command } => done(config::run(&command, &options.layers(), &mut out)),
        Command::Doctor(arguments) => {
            done(examination::run(arguments, &options.layers(), &mut out))
        }
        Command::Login { route } => login::login(&route, options, &mut out),
        Command::Logout { route } => login::logout(&route, options, &mut out),
        Command::Routes { command } => routes::run(&command, options, &mut out),
        Command::Cost(arguments) => cost::run(&arguments, &mut out),
        Command::Mcp(arguments) => mcp::run(&arguments, options, &mut out),
        Command::Sent(arguments) => sent::run(&arguments, &mut out),
        Command::Serve(arguments) => serve::run(&arguments, options, &mut out),
        Command::Replay { file } => replay::run(&file, &mut out),
        Command::Policy { command } => policy::run(&command, options, &mut out),
        Command::Stats { json } => stats::run(json, &mut out),
        Command::Why { json } => why::run(json, &mut out),
        Command::Commands { json } => trust::list(json, options, &mut out),
        Command::Trust(arguments) => trust::run(&arguments, options, &mut out),
        Command::Completions { shell } => packaging::completions(shell, &mut out),
        Command::Man => packaging::man(&mut out),
    }
}

fn version(as_json: bool) -> u8 {
    let version = env!("CARGO_PKG_VERSION");
    let line = if as_json {
        let languages: Vec<&str> = nextline_grammars::Language::all()
            .iter()
            .filter(|language| language.has_grammar())
            .map(nextline_grammars::Language::id)
            .collect();
        json!({
            "name": "nextline",
            "version": version,
            "commit": option_env!("NEXTLINE_COMMIT"),
            "languages": languages,
            "protocols": { "lsp": "3.18", "agent": nextline_protocol::VERSION },
        })
        .to_string()
    } else {
        format!("nextline {version}")
    };
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}

/// The exit code of a command that only its output can fail.
fn done(outcome: std::io::Result<u8>) -> u8 {
    outcome.unwrap_or(code::FAILED)
}

/// Says on standard error what went wrong.
fn complain(message: &str) -> u8 {
    eprintln!("nextline: {message}");
    code::FAILED
}

/// Why a file stays here under the name it was given by, if it does: a link has a place of its own beside what it points to.
fn forbids(file: &Path) -> Option<String> {
    let given = std::path::absolute(file).ok()?;
    crate::index::forbids(&project_of(&given), &given)
}

/// The folder that a file's project begins at: the nearest one above with a mark of version control or of a build, else its own.
fn project_of(file: &Path) -> PathBuf {
    const MARKS: &[&str] = &[
        ".git",
        ".hg",
        ".jj",
        "Cargo.toml",
        "package.json",
        "go.mod",
        "pyproject.toml",
        "pom.xml",
        "build.gradle",
    ];
    let own = file.parent().unwrap_or(file);
    let marked = own
        .ancestors()
        .find(|folder| MARKS.iter().any(|mark| folder.join(mark).exists()));
    marked.unwrap_or(own).to_owned()
}
