//! `nextline edit`, `doc`, `test` and `fix`: an instruction on lines of a file, and the diff or the changed file.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use nextline_grammars::Language;
use serde_json::{Value, json};

use super::place::Place as Named;
use super::{Options, answer, chat, code, complain, project_of};
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble};
use crate::edit::disk::{self, Written};
use crate::edit::layout::{Layout, layout};
use crate::edit::make::{self, Place, Plan};
use crate::edit::patch::Patch;
use crate::edit::select::Source;
use crate::edit::target;
use crate::index;
use crate::prompt::edit::{EditAsk, Verb, edit};
use crate::prompt::talk::Item;
use crate::route::{Http, StopReason, Surface};
use crate::settings::state_dir;

/// Arguments of `edit`.
#[derive(Debug, clap::Args)]
pub struct EditArguments {
    /// What is to be done; `-` reads it from standard input.
    #[arg(long, short, value_name = "TEXT")]
    instruction: String,
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
    diff: bool,
    /// Change the file; `nextline undo` takes it back.
    #[arg(long)]
    apply: bool,
    /// Print the result object with the diff in it.
    #[arg(long)]
    json: bool,
    /// Ask this route instead of `edit.route`.
    #[arg(long, value_name = "R")]
    route: Option<String>,
    /// Print exactly what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Yes, change this file although it steers a tool, such as an editor's settings.
    #[arg(long)]
    yes: bool,
}

/// A change that was made of an answer.
struct Change {
    /// As the user named it, or where the tests go.
    shown: String,
    path: PathBuf,
    /// `None` for a new file.
    before: Option<String>,
    patch: Patch,
    new_errors: usize,
}

/// Runs `edit`.
pub fn run_edit(arguments: &EditArguments, options: &Options, out: &mut dyn Write) -> u8 {
    run(
        Verb::Edit,
        &arguments.common,
        &arguments.instruction,
        options,
        out,
    )
}

/// Runs `doc`, `test` or `fix`.
pub fn run_verb(
    verb: Verb,
    arguments: &VerbArguments,
    options: &Options,
    out: &mut dyn Write,
) -> u8 {
    run(
        verb,
        &arguments.common,
        &arguments.instruction,
        options,
        out,
    )
}

fn run(
    verb: Verb,
    arguments: &Arguments,
    instruction: &str,
    options: &Options,
    out: &mut dyn Write,
) -> u8 {
    let named = match Named::read(&arguments.place) {
        Ok(named) => named,
        Err(why) => {
            complain(&why);
            return code::USAGE;
        }
    };
    let mut outcome = Outcome::default();
    let made = make(
        verb,
        &named,
        arguments,
        instruction,
        options,
        &mut outcome,
        out,
    );
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

fn report(
    change: Option<&Change>,
    applied: bool,
    outcome: &Outcome,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> u8 {
    let diff = change.map(|change| {
        change
            .patch
            .unified(change.before.as_deref().unwrap_or_default(), &change.shown)
    });
    let printed = if arguments.json {
        let mut object = answer::object(outcome);
        object["file"] = change.map_or(Value::Null, |change| json!(change.shown));
        object["diff"] = json!(diff);
        object["applied"] = json!(applied);
        Some(object.to_string() + "\n")
    } else {
        diff.filter(|_| arguments.diff || !arguments.apply)
            .map(shown)
    };
    let printed = printed.is_none_or(|text| {
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .is_ok()
    });
    if let Some(trouble) = &outcome.error {
        complain(&trouble.message);
        return answer::code_of(trouble);
    }
    if let Some(change) = change {
        if change.new_errors > 0 {
            eprintln!(
                "nextline: {} has {} syntax errors more after this edit than before",
                change.shown, change.new_errors
            );
        }
        if applied {
            eprintln!(
                "nextline: {} was changed; `nextline undo` takes it back",
                change.shown
            );
        }
    }
    if printed { code::OK } else { code::FAILED }
}

/// A diff as it is, and for a terminal without what could steer it.
fn shown(diff: String) -> String {
    if !std::io::stdout().is_terminal() {
        return diff;
    }
    let printable = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    diff.chars().filter(printable).collect()
}

fn input_trouble(why: impl Into<String>) -> Trouble {
    Trouble::new(Class::Input, why)
}

fn policy(refusal: &target::Refusal) -> Trouble {
    let class = match refusal {
        target::Refusal::Missing(..) => Class::Input,
        _ => Class::Policy,
    };
    Trouble::new(class, refusal.to_string())
}

/// Everything up to the patch; `None` when only the request was shown. What the route said is in `outcome`.
fn make(
    verb: Verb,
    named: &Named,
    arguments: &Arguments,
    instruction: &str,
    options: &Options,
    outcome: &mut Outcome,
    out: &mut dyn Write,
) -> Result<Option<Change>, Trouble> {
    let settings = options.layers().load().settings;
    let road = Road::find(
        &settings,
        Surface::Edit,
        arguments.route.as_deref(),
        &Http::default(),
    )?;
    let (real, text) = chat::read(&named.file)?;
    // The workspace of the name, not of what a link leads to.
    let given =
        std::path::absolute(&named.file).map_err(|error| input_trouble(error.to_string()))?;
    let folder = project_of(&given);
    if arguments.apply {
        // Said before anything is asked, where it is known already.
        target::admitted(&folder, &given, arguments.yes).map_err(|refusal| policy(&refusal))?;
    }
    let language = Language::by_path(&real);
    let source = Source::new(&text, language);
    let plan = make::plan(verb, &source, named.lines)
        .map_err(|why| input_trouble(format!("{}: {why}", named.file.display())))?;
    let relative = relative(&folder, &given);
    let instruction = match instruction {
        "-" => chat::input()?,
        text => text.to_owned(),
    };
    let tests = match verb {
        Verb::Test => Some(tests_of(&folder, &relative, language)?),
        _ => None,
    };
    let items: Vec<Item> = tests
        .iter()
        .flat_map(|layout| layout.items(&folder))
        .collect();
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
            project: "",
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
        *outcome = answer::ask(&road, prompt, |_| true);
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
            let language = Language::by_path(&path);
            let plan = Plan {
                shown: 0..0,
                place: Place::Tests {
                    inside: layout.inside,
                },
            };
            changed(
                &plan,
                before,
                language,
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
            language,
            &outcome.text,
            real,
            shown,
            arguments,
            &folder,
        ),
    };
    change.map(Some)
}

#[allow(
    clippy::too_many_arguments,
    reason = "the parts of one change, used once"
)]
fn changed(
    plan: &Plan,
    before: Option<String>,
    language: Option<&'static Language>,
    answer: &str,
    path: PathBuf,
    shown: String,
    arguments: &Arguments,
    folder: &Path,
) -> Result<Change, Trouble> {
    if arguments.apply {
        target::admitted(folder, &path, arguments.yes).map_err(|refusal| policy(&refusal))?;
    }
    let source = Source::new(before.as_deref().unwrap_or_default(), language);
    let patch = make::patch(plan, &source, answer)
        .map_err(|why| Trouble::new(Class::Useless, why.to_string()))?;
    let new_errors = make::new_errors(&source, &patch).unwrap_or(0);
    Ok(Change {
        shown,
        path,
        before,
        patch,
        new_errors,
    })
}

fn apply(change: &Change) -> Result<(), Trouble> {
    let before = change.before.as_deref();
    let written = Written {
        path: change.path.clone(),
        before: before.map(|text| text.as_bytes().to_vec()),
        after: change.patch.apply(before.unwrap_or_default()).into_bytes(),
    };
    let warning = disk::apply(state_dir().as_deref(), &[written]).map_err(input_trouble)?;
    if let Some(warning) = warning {
        eprintln!("nextline: {warning}");
    }
    Ok(())
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
