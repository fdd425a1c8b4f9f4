//! `nextline chat`: a question, with files and standard input added to it, and its answer.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use nextline_grammars::Language;

use super::answer::{self, Format, Printer};
use super::ceiling::{Ceiling, dollars};
use super::mcp::Servers;
use super::workplace::Workplace;
use super::{Options, code, complain, complete, forbids};
use crate::chat::book::keep;
use crate::chat::history::History;
use crate::chat::outcome::Class;
use crate::chat::transcript::Chat;
use crate::chat::{Outcome, Road, Trouble, cody};
use crate::mcp::{Call, LATER, parse};
use crate::prompt::talk::{Account, Item, Talk, talk};
use crate::prompt::{Prompt, Role};
use crate::route::{Http, Surface};
use crate::settings::state_dir;

/// Bytes of standard input that are taken.
const INPUT_CAP: u64 = 8 << 20;
/// How long standard input may be silent before that is said.
const SILENCE: Duration = Duration::from_secs(3);

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The message; standard input is added to it.
    #[arg(long, short, value_name = "MSG")]
    message: Option<String>,
    /// Files that the model shall see.
    #[arg(long, value_name = "F", num_args = 1..)]
    context_file: Vec<PathBuf>,
    /// Go on with the last chat.
    #[arg(long)]
    resume: bool,
    /// Ask this route instead of `chat.route`.
    #[arg(long, value_name = "R")]
    route: Option<String>,
    /// What is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// Print exactly what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Ask only what costs no more than this, and hang up on an answer that would.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    max_cost: Option<f64>,
    /// Make the calls of MCP servers that the message asks for without a question for each.
    #[arg(long)]
    yes: bool,
    /// Take chats over from a file: an export or the history of Cody, or our own export as JSON.
    #[arg(long, value_name = "FILE", exclusive = true)]
    import: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    if let Some(file) = &arguments.import {
        return import(file, out);
    }
    let seat = Seat::take(arguments, options);
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let typed = arguments.message.is_none() && arguments.output_format == Format::Text;
    match seat {
        Ok(mut seat) if terminal && typed && !arguments.dry_run => seat.converse(out),
        Ok(mut seat) if arguments.dry_run => {
            let asked = message(arguments.message.as_deref()).and_then(|question| {
                let (question, calls) = seat.question(&question);
                for call in calls {
                    eprintln!("nextline: {}: {LATER}", call.name());
                }
                seat.chat.say(Role::User, &question);
                let (prompt, account) = seat.prompt(seat.road.context_tokens());
                report(&account);
                answer::preview(
                    &seat.road,
                    &prompt,
                    arguments.output_format != Format::Text,
                    out,
                )
            });
            match asked {
                Ok(()) => code::OK,
                Err(trouble) => Printer::new(arguments.output_format, out).end(&trouble.into()),
            }
        }
        seat => {
            let mut printer = Printer::new(arguments.output_format, out);
            let asked = seat.and_then(|mut seat| {
                let question = message(arguments.message.as_deref())?;
                Ok(seat.ask(&question, &mut printer))
            });
            printer.end(&asked.unwrap_or_else(Outcome::from))
        }
    }
}

/// One person at one chat.
struct Seat {
    road: Road,
    chat: Chat,
    /// Files that were named by `--context-file`.
    named: Vec<Item>,
    /// Those, and what the last question mentions.
    items: Vec<Item>,
    instructions: Vec<Item>,
    place: Workplace,
    folder: Option<String>,
    max_cost: Option<f64>,
    servers: Servers,
    /// What may call servers: the words of `--message`, or whatever is typed.
    said: Option<String>,
}

impl Seat {
    /// Route, chat and files: before anything is typed, so that nobody types in vain.
    fn take(arguments: &Arguments, options: &Options) -> Result<Seat, Trouble> {
        let loaded = options.layers().load();
        let folder = std::env::current_dir().ok();
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let mut chat = match arguments.resume {
            true => last()?,
            false => Chat::new(None, folder.clone()),
        };
        chat.route = arguments.route.clone().or(chat.route);
        let named = chat.route.as_deref();
        let road = Road::find(&loaded.settings, Surface::Chat, named, &Http::default())?;
        let items = arguments.context_file.iter().map(|file| item(file));
        Ok(Seat {
            named: items.collect::<Result<Vec<Item>, Trouble>>()?,
            items: Vec::new(),
            instructions: Vec::new(),
            place: Workplace::of_here(loaded),
            max_cost: arguments.max_cost,
            servers: Servers::new(arguments.yes),
            said: arguments.message.clone(),
            folder,
            road,
            chat,
        })
    }

    /// What a message asks, with what it mentions and what goes with it.
    fn question(&mut self, said: &str) -> (String, Vec<Call>) {
        let mut question = self.place.question(said);
        if !self.road.route.takes_pictures() {
            let before = question.found.refused.len();
            question.refuse_pictures(self.road.route.provider());
            for (name, why) in &question.found.refused[before..] {
                eprintln!("nextline: {name}: {why}");
            }
        }
        let mut calls = question.calls;
        if !std::io::stdin().is_terminal() {
            // What is piped in is nobody's own words.
            let said = self.said.as_deref().unwrap_or_default();
            let (own, _) = parse(said, &self.place.settings().mcp);
            for call in calls.extract_if(.., |call| !own.contains(call)) {
                eprintln!(
                    "nextline: {}: only the words of --message call servers",
                    call.name()
                );
            }
        }
        self.items = self.named.clone();
        self.items.extend(question.found.items);
        self.instructions = question.instructions;
        (question.text, calls)
    }

    /// The prompt of the chat as it is.
    fn prompt(&self, context_tokens: u32) -> (Prompt, Account) {
        talk(&Talk {
            instructions: &self.instructions,
            items: &self.items,
            turns: &self.chat.turns,
            context_tokens,
            folder: self.folder.as_deref(),
            ..Talk::default()
        })
    }

    /// A question and its answer; both are kept if there is one.
    fn ask(&mut self, question: &str, printer: &mut Printer<'_>) -> Outcome {
        let (question, calls) = self.question(question);
        match self.servers.ask(self.place.settings(), &calls) {
            Some(items) => self.items.extend(items),
            None => return Trouble::new(Class::Interrupted, "interrupted").into(),
        }
        self.chat.say(Role::User, &question);
        let mut limit = self.road.context_tokens();
        loop {
            let (prompt, account) = self.prompt(limit);
            report(&account);
            let ceiling = match Ceiling::over(&self.road, account.tokens, self.max_cost) {
                Ok(ceiling) => ceiling,
                Err(trouble) => return self.unanswered(trouble),
            };
            let outcome = answer::ask(&self.road, prompt, &ceiling, |text| printer.say(text));
            // Asked once more where something can be left out.
            let once = limit == self.road.context_tokens();
            let less = !account.kept.is_empty() || account.forgotten + 1 < self.chat.turns.len();
            if once && less && outcome.was_too_long() {
                limit = u32::try_from(account.tokens / 2).unwrap_or(u32::MAX);
                continue;
            }
            if outcome.text.is_empty() {
                self.chat.turns.pop();
            } else {
                self.chat.say(Role::Assistant, &outcome.text);
                keep(&self.chat);
            }
            return outcome;
        }
    }

    fn unanswered(&mut self, trouble: Trouble) -> Outcome {
        self.chat.turns.pop();
        trouble.into()
    }

    /// Questions as they are typed, to the end of the input.
    fn converse(&mut self, out: &mut dyn Write) -> u8 {
        let mut code = code::OK;
        loop {
            eprint!("> ");
            let mut line = String::new();
            match std::io::stdin().read_line(&mut line) {
                Ok(0) | Err(_) => return code,
                Ok(_) if line.trim().is_empty() => continue,
                Ok(_) => {}
            }
            let mut printer = Printer::new(Format::Text, out);
            let outcome = self.ask(line.trim_end(), &mut printer);
            code = printer.end(&outcome);
        }
    }
}

/// Takes the chats of a file over.
fn import(file: &Path, out: &mut dyn Write) -> u8 {
    let read = complete::read(file).and_then(|text| cody::chats(&text));
    match read {
        Ok(chats) => {
            chats.iter().for_each(keep);
            let said = format!(
                "chats kept: {}; --resume goes on with the newest",
                chats.len()
            );
            match writeln!(out, "{said}") {
                Ok(()) => code::OK,
                Err(_) => code::FAILED,
            }
        }
        Err(why) => complain(&format!("{}: {why}", file.display())),
    }
}

/// The chat that was last spoken in.
fn last() -> Result<Chat, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let state = state_dir()
        .ok_or_else(|| wrong("there is no home directory, so no chat was kept".into()))?;
    let history = History::open(&state).map_err(wrong)?;
    let newest = history.list("", 1).map_err(wrong)?.pop();
    let chat = match newest {
        Some(newest) => history.load(&newest.id).map_err(wrong)?,
        None => None,
    };
    chat.ok_or_else(|| wrong("there is no chat to go on with; leave out --resume".into()))
}

/// What was left out, on standard error.
fn report(account: &Account) {
    for (name, tokens) in &account.left_out {
        eprintln!(
            "nextline: {name} was left out: its {tokens} tokens do not fit into the {} of this question; raise `context_tokens` of the route",
            account.limit
        );
    }
    if account.forgotten > 0 {
        eprintln!(
            "nextline: the first {} turns of the chat were left out",
            account.forgotten
        );
    }
}

/// The message and what standard input adds to it.
fn message(said: Option<&str>) -> Result<String, Trouble> {
    let piped = match std::io::stdin().is_terminal() {
        true => String::new(),
        false => input()?,
    };
    let parts = [said.unwrap_or_default(), &piped];
    let parts: Vec<&str> = parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect();
    if parts.is_empty() {
        let how = "there is no question: say it with -m \"…\", or on standard input";
        return Err(Trouble::new(Class::Usage, how));
    }
    Ok(parts.join("\n\n"))
}

/// Standard input to its end.
pub fn input() -> Result<String, Trouble> {
    let (done, ended) = mpsc::channel::<()>();
    // Whoever started us may have left it open by mistake; what comes late must not be lost.
    std::thread::spawn(move || {
        if ended.recv_timeout(SILENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!(
                "nextline: waiting for the end of standard input (`< /dev/null` when there is none)"
            );
        }
    });
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(INPUT_CAP + 1).read_to_end(&mut bytes);
    drop(done);
    read.map_err(|error| {
        Trouble::new(
            Class::Input,
            format!("standard input cannot be read: {error}"),
        )
    })?;
    if bytes.len() as u64 > INPUT_CAP {
        let what = format!(
            "standard input has more than {} MB; pass less of it",
            INPUT_CAP >> 20
        );
        return Err(Trouble::new(Class::Input, what));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file that shall be seen.
pub fn item(file: &Path) -> Result<Item, Trouble> {
    let (real, text) = read(file)?;
    Ok(Item {
        name: file.to_string_lossy().replace('\\', "/"),
        language: Language::by_path(file).map_or("", Language::id).to_owned(),
        text,
        file: real.to_string_lossy().into_owned(),
        line: 1,
        rule: "named".into(),
        image: None,
    })
}

/// The real path and the text of a file that may leave this machine.
pub fn read(file: &Path) -> Result<(PathBuf, String), Trouble> {
    let text = complete::read(file).map_err(|why| Trouble::new(Class::Input, why))?;
    let real = file.canonicalize().map_err(|error| {
        Trouble::new(
            Class::Input,
            format!("{} cannot be found: {error}", file.display()),
        )
    })?;
    match forbids(&real).or_else(|| forbids(file)) {
        Some(why) => Err(Trouble::new(
            Class::Policy,
            format!("{} does not leave this machine: {why}", file.display()),
        )),
        None => Ok((real, text)),
    }
}
