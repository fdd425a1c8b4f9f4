//! `nextline edit`, `doc`, `test` and `fix`: an instruction on lines of a file, and the diff or the changed file.

use std::io::Write;
use std::path::Path;

use nextline_grammars::Language;

use super::ceiling::{Ceiling, dollars};
use super::change::{Change, apply, changed, report};
use super::place::Place as Named;
use super::workplace::Workplace;
use super::{Options, answer, chat, code, complain, project_of};
use crate::chat::mentions::Here;
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble, asked};
use crate::document::place::uri_of;
use crate::edit::layout::{Layout, layout};
use crate::edit::make::{self, Place, Plan};
use crate::edit::select::Source;
use crate::edit::target;
use crate::index;
use crate::project::commands::{Mode, commands};
use crate::prompt::edit::{EditAsk, Verb, edit};
use crate::prompt::talk::Item;
use crate::route::{Http, StopReason, Surface};

/// Arguments of `edit`.
#[derive(Debug, clap::Args)]
pub struct EditArguments {
    /// What is to be done; `-` reads it from standard input.
    #[arg(
        long,
        short,
        value_name = "TEXT",
        required_unless_present = "command",
        default_value = "",
        hide_default_value = true
    )]
    instruction: String,
    /// Do what a command of your own or of the project says (`nextline commands`); the instruction is added to it.
    #[arg(long, value_name = "NAME")]
    command: Option<String>,
    #[command(flatten)]
    common: Arguments,
}

/// Arguments of `doc`, `test` and `fix`.
#[derive(Debug, clap::Args)]
pub struct VerbArguments {
    /// What else is to be known; for `fix` what a tool says; `-` reads it from standard input.
    #[arg(long, short, value_name = "TEXT", default_value = "")]
    instruction: String,
    #[command(flatten)]
    common: Arguments,
}

/// Arguments of all four.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file; with a line what stands around it, with FIRST-LAST these lines.
    #[arg(value_name = "FILE[:LINE|:FIRST-LAST]")]
    place: String,
    /// Print the change as a unified diff (this is the default).
    #[arg(long)]
    pub diff: bool,
    /// Change the file; `nextline undo` takes it back.
    #[arg(long)]
    pub apply: bool,
    /// Print the result object with the diff in it.
    #[arg(long)]
    pub json: bool,
    /// Ask this route instead of `edit.route`.
    #[arg(long, value_name = "R")]
    route: Option<String>,
    /// Print exactly what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Ask only what costs no more than this, and hang up on an answer that would.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    max_cost: Option<f64>,
    /// Yes, change this file although it steers a tool, such as an editor's settings.
    #[arg(long)]
    pub yes: bool,
}

/// What is asked for.
struct Wish<'a> {
    verb: Verb,
    instruction: &'a str,
    /// The name of a command whose words it is.
    command: Option<&'a str>,
}

/// Runs `edit`.
pub fn run_edit(arguments: &EditArguments, options: &Options, out: &mut dyn Write) -> u8 {
    let wish = Wish {
        verb: Verb::Edit,
        instruction: &arguments.instruction,
        command: arguments.command.as_deref(),
    };
    run(&wish, &arguments.common, options, out)
}

/// Runs `doc`, `test` or `fix`.
pub fn run_verb(
    verb: Verb,
    arguments: &VerbArguments,
    options: &Options,
    out: &mut dyn Write,
) -> u8 {
    let wish = Wish {
        verb,
        instruction: &arguments.instruction,
        command: None,
    };
    run(&wish, &arguments.common, options, out)
}

fn run(wish: &Wish<'_>, arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    let named = match Named::read(&arguments.place) {
        Ok(named) => named,
        Err(why) => {
            complain(&why);
            return code::USAGE;
        }
    };
    let mut outcome = Outcome::default();
    let made = make(wish, &named, arguments, options, &mut outcome, out);
    let made = match made {
        Ok(None) => return code::OK,
        Ok(change) => change,
        Err(trouble) => {
            outcome.error.get_or_insert(trouble);
            None
        }
    };
    let applied = match &made {
        Some(change) if arguments.apply => match apply(change) {
            Ok(()) => true,
            Err(trouble) => {
                outcome.error = Some(trouble);
                false
            }
        },
        _ => false,
    };
    report(made.as_ref(), applied, &outcome, arguments, out)
}

pub fn input_trouble(why: impl Into<String>) -> Trouble {
    Trouble::new(Class::Input, why)
}

pub fn policy(refusal: &target::Refusal) -> Trouble {
    let class = match refusal {
        target::Refusal::Missing(..) => Class::Input,
        _ => Class::Policy,
    };
    Trouble::new(class, refusal.to_string())
}

/// Everything up to the patch; `None` when only the request was shown. What the route said is in `outcome`.
fn make(
    wish: &Wish<'_>,
    named: &Named,
    arguments: &Arguments,
    options: &Options,
    outcome: &mut Outcome,
    out: &mut dyn Write,
) -> Result<Option<Change>, Trouble> {
    let mut place = Workplace::of_here(options.layers().load());
    let road = Road::find(
        place.settings(),
        Surface::Edit,
        arguments.route.as_deref(),
        &Http::default(),
    )?;
    let (real, text) = chat::read(&named.file)?;
    // The workspace of the name, not of what a link leads to.
    let given =
        std::path::absolute(&named.file).map_err(|error| input_trouble(error.to_string()))?;
    let folder = project_of(&given);
    place.folder = folder.clone();
    let (verb, instruction, brought) = words(wish, &mut place, &given)?;
    if verb == Verb::Edit && instruction.trim().is_empty() {
        let how = "there is no instruction: say what is to be done with -i \"…\"";
        return Err(Trouble::new(Class::Usage, how));
    }
    if arguments.apply {
        // Said before anything is asked, where it is known already.
        target::admitted(&folder, &given, arguments.yes).map_err(|refusal| policy(&refusal))?;
    }
    let language = Language::by_path(&real);
    let source = Source::new(&text, language);
    let plan = make::plan(verb, &source, named.lines)
        .map_err(|why| input_trouble(format!("{}: {why}", named.file.display())))?;
    let relative = relative(&folder, &given);
    let tests = match verb {
        Verb::Test => Some(tests_of(&folder, &relative, language)?),
        _ => None,
    };
    let tests_there = tests.iter().flat_map(|layout| layout.items(&folder));
    let items: Vec<Item> = brought.into_iter().chain(tests_there).collect();
    let instructions = place.instructions(Some(&given));
    let (complaints, instruction) = match verb {
        Verb::Fix => (
            instruction
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            String::new(),
        ),
        _ => (Vec::new(), instruction),
    };
    let instruction = match &tests {
        Some(layout) => layout.instruction(&instruction),
        None => instruction,
    };
    let mut limit = road.context_tokens();
    loop {
        let ask = EditAsk {
            verb,
            path: &relative,
            language: language.map_or("", Language::id),
            before: &text[..plan.shown.start],
            selection: &text[plan.shown.clone()],
            after: &text[plan.shown.end..],
            instruction: &instruction,
            complaints: &complaints,
            items: &items,
            instructions: &instructions.items,
            context_tokens: limit,
            file: &real.to_string_lossy(),
            folder: Some(&folder.to_string_lossy()),
        };
        let Some((prompt, account)) = edit(&ask) else {
            let what = format!(
                "the selected lines are more than the {limit} tokens of a question; select fewer, or raise `context_tokens` of the route"
            );
            return Err(Trouble::new(
                Class::Route(crate::route::Kind::TooLong),
                what,
            ));
        };
        if arguments.dry_run {
            answer::preview(&road, &prompt, arguments.json, out)?;
            return Ok(None);
        }
        let ceiling = Ceiling::over(&road, account.tokens, arguments.max_cost)?;
        *outcome = answer::ask(&road, prompt, &ceiling, |_| true);
        // Once more with less around it.
        let once = limit == road.context_tokens();
        if !(once && outcome.was_too_long() && account.tokens > 0) {
            break;
        }
        limit = u32::try_from(account.tokens / 2).unwrap_or(u32::MAX);
    }
    if let Some(trouble) = outcome.error.clone() {
        return Err(trouble);
    }
    if outcome.stop == Some(StopReason::Length) {
        let what = "the answer was cut at the limit of tokens: nothing was changed; select fewer lines, or raise `max_output_tokens` of the route";
        return Err(Trouble::new(Class::Useless, what));
    }
    let shown = named.file.to_string_lossy().replace('\\', "/");
    let change = match tests.and_then(|layout| Some((layout.file.clone()?, layout))) {
        Some((file, layout)) => {
            let path = folder.join(&file);
            let before = path.exists().then_some(layout.text);
            let shown = file.to_string_lossy().replace('\\', "/");
            let plan = Plan {
                shown: 0..0,
                place: Place::Tests {
                    inside: layout.inside,
                },
            };
            changed(
                &plan,
                before,
                &outcome.text,
                path,
                shown,
                arguments,
                &folder,
            )
        }
        None => changed(
            &plan,
            Some(text.clone()),
            &outcome.text,
            real,
            shown,
            arguments,
            &folder,
        ),
    };
    change.map(Some)
}

/// What is to be done, in words, with what a command brings along.
fn words(
    wish: &Wish<'_>,
    place: &mut Workplace,
    file: &Path,
) -> Result<(Verb, String, Vec<Item>), Trouble> {
    let said = match wish.instruction {
        "-" => chat::input()?,
        text => text.to_owned(),
    };
    let Some(name) = wish.command else {
        return Ok((wish.verb, said, Vec::new()));
    };
    let known = commands(&place.folder);
    let Some(command) = known.named(name) else {
        let told = known.told.first();
        let why = told.map_or_else(String::new, |(file, why)| format!(" ({file}: {why})"));
        return Err(input_trouble(format!(
            "there is no command `{name}`{why}; `nextline commands` lists them"
        )));
    };
    let verb = match command.mode {
        Mode::Edit => Verb::Edit,
        Mode::Insert => Verb::Insert,
        Mode::Ask => {
            return Err(input_trouble(format!(
                "`{name}` answers in words: `nextline chat -m /{name}`"
            )));
        }
    };
    let here = Here {
        uri: Some(uri_of(file)),
        ..Here::default()
    };
    let folder = place.folder.clone();
    let found = asked::brought(place.snapshot(), command, &here, Some(&folder));
    for (name, why) in &found.refused {
        eprintln!("nextline: {name}: {why}");
    }
    Ok((verb, asked::words(command, &said), found.items))
}

/// The path inside the project, with slashes.
fn relative(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder)
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/")
}

fn tests_of(
    folder: &Path,
    relative: &str,
    language: Option<&'static Language>,
) -> Result<Layout, Trouble> {
    let read = |path: &str| {
        let file = folder.join(path);
        if path.ends_with('/') {
            return file.is_dir().then(String::new);
        }
        // What may not leave does not count as there.
        let real = file.canonicalize().ok()?;
        index::forbids(folder, &real)
            .is_none()
            .then(|| std::fs::read_to_string(&real).ok())?
    };
    let found = language.and_then(|language| layout(language.id(), relative, &read));
    found.ok_or_else(|| input_trouble(format!("where tests of {relative} go is not known: this language has no row; use `nextline edit` on a test file")))
}
