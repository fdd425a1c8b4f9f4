//! `nextline explain` and `commit-msg`: answers in words about code that is named.

use std::io::{IsTerminal, Write};

use nextline_grammars::Language;

use super::answer::{self, Format, Printer};
use super::ceiling::{Ceiling, dollars};
use super::place::Place;
use super::workplace::Workplace;
use super::{Options, chat, code, complain, project_of};
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble};
use crate::edit::make;
use crate::edit::select::Source;
use crate::project::changes::{Against, changes};
use crate::prompt::edit::{COMMIT, EXPLAIN};
use crate::prompt::talk::{Item, Talk, talk};
use crate::prompt::{Message, Role};
use crate::route::{Http, Surface};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file; with a line what stands around it, with FIRST-LAST these lines.
    #[arg(value_name = "FILE[:LINE|:FIRST-LAST]")]
    place: String,
    /// What you want to know of it.
    #[arg(long, short, value_name = "TEXT", default_value = "")]
    instruction: String,
    #[command(flatten)]
    how: How,
}

/// Arguments of `commit-msg`.
#[derive(Debug, clap::Args)]
pub struct CommitArguments {
    /// What else the message shall say.
    #[arg(long, short, value_name = "TEXT", default_value = "")]
    instruction: String,
    #[command(flatten)]
    how: How,
}

/// Whom to ask and how to print.
#[derive(Debug, clap::Args)]
struct How {
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
}

/// Runs `explain`.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    let place = match Place::read(&arguments.place) {
        Ok(place) => place,
        Err(why) => {
            complain(&why);
            return code::USAGE;
        }
    };
    let items = || {
        let (real, text) = chat::read(&place.file)?;
        let language = Language::by_path(&real);
        let source = Source::new(&text, language);
        let span = make::span(&source, place.lines).map_err(|why| {
            Trouble::new(Class::Input, format!("{}: {why}", place.file.display()))
        })?;
        let first = source.line_of(span.start) + 1;
        let last = source.line_of(span.end.saturating_sub(1).max(span.start)) + 1;
        Ok(vec![Item {
            name: format!(
                "{}:{first}-{last}",
                place.file.to_string_lossy().replace('\\', "/")
            ),
            language: language.map_or("", Language::id).to_owned(),
            text: text[span].to_owned(),
            file: real.to_string_lossy().into_owned(),
            line: u32::try_from(first).unwrap_or(u32::MAX),
            rule: "named".into(),
            image: None,
        }])
    };
    let question = match arguments.instruction.trim() {
        "" => EXPLAIN.to_owned(),
        wanted => format!("{EXPLAIN}\n{wanted}"),
    };
    say(
        "explain",
        "",
        &question,
        items,
        &arguments.how,
        options,
        out,
    )
}

/// Runs `commit-msg`.
pub fn commit(arguments: &CommitArguments, options: &Options, out: &mut dyn Write) -> u8 {
    let items = || {
        let piped = match std::io::stdin().is_terminal() {
            true => String::new(),
            false => chat::input()?,
        };
        match piped.trim().is_empty() {
            true => staged(),
            false => Ok(vec![Item {
                name: "staged changes".into(),
                language: "diff".into(),
                text: piped,
                ..Item::default()
            }]),
        }
    };
    let wanted = match arguments.instruction.trim() {
        "" => "Write the commit message of this diff.",
        wanted => wanted,
    };
    say(
        "commit",
        COMMIT,
        wanted,
        items,
        &arguments.how,
        options,
        out,
    )
}

/// What is staged; what may not leave is said.
fn staged() -> Result<Vec<Item>, Trouble> {
    let wrong = |why: String| Trouble::new(Class::Input, why);
    let here = std::env::current_dir().unwrap_or_default();
    let changes = changes(&project_of(&here.join("_")), Against::Staged)
        .map_err(|why| wrong(format!("{why}; pipe a diff into this command instead")))?;
    for (file, why) in &changes.refused {
        complain(&format!("{file} is left out: {why}"));
    }
    match (changes.items.is_empty(), changes.refused.is_empty()) {
        (false, _) => Ok(changes.items),
        (true, true) => Err(wrong("nothing is staged: `git add` what shall be committed, or pipe a diff into this command".into())),
        (true, false) => Err(Trouble::new(Class::Policy, "nothing that is staged may leave this machine".to_owned())),
    }
}

/// Asks about some items and prints the answer.
fn say(
    purpose: &'static str,
    rules: &str,
    question: &str,
    items: impl FnOnce() -> Result<Vec<Item>, Trouble>,
    how: &How,
    options: &Options,
    out: &mut dyn Write,
) -> u8 {
    let mut printer = Printer::new(how.output_format, out);
    let asked = || {
        let place = Workplace::of_here(options.layers().load());
        let road = Road::find(
            place.settings(),
            Surface::Chat,
            how.route.as_deref(),
            &Http::default(),
        )?;
        let items = items()?;
        let (prompt, account) = talk(&Talk {
            rules,
            instructions: &place.instructions(None).items,
            items: &items,
            turns: &[Message {
                role: Role::User,
                text: question.to_owned(),
            }],
            context_tokens: road.context_tokens(),
            purpose,
            ..Talk::default()
        });
        if let Some((name, tokens)) = account.left_out.first() {
            let what = format!(
                "{name} has {tokens} tokens, and a question may have {}; name less, or raise `context_tokens` of the route",
                account.limit
            );
            return Err(Trouble::new(
                Class::Route(crate::route::Kind::TooLong),
                what,
            ));
        }
        if how.dry_run {
            let json = how.output_format != Format::Text;
            answer::preview(&road, &prompt, json, printer.out())?;
            return Ok(None);
        }
        let ceiling = Ceiling::over(&road, account.tokens, how.max_cost)?;
        let say = |text: &str| printer.say(text);
        Ok(Some(answer::ask(&road, prompt, &ceiling, say)))
    };
    match asked() {
        Ok(None) => code::OK,
        Ok(Some(outcome)) => printer.end(&outcome),
        Err(trouble) => printer.end(&Outcome::from(trouble)),
    }
}
