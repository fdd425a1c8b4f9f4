//! How an answer reaches a terminal or a pipe: text as it comes, or the result object, and the exit code of its trouble.

use std::io::{IsTerminal, Write};

use serde_json::{Value, json};
use tokio::signal;

use super::ceiling::Ceiling;
use super::paint::Paint;
use super::{code, complain};
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble};
use crate::ledger::Ledger;
use crate::prompt::Prompt;
use crate::route::{Kind, StopReason};

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// The answer alone; on a terminal with light Markdown.
    #[default]
    Text,
    /// One object at the end.
    Json,
    /// One object a line: pieces of text, then the object.
    StreamJson,
}

/// Where an answer goes.
pub struct Printer<'a> {
    out: &'a mut dyn Write,
    format: Format,
    paint: Option<Paint>,
    /// The last thing printed was no line break.
    open_line: bool,
    broken: bool,
}

impl<'a> Printer<'a> {
    /// A printer to standard output, or to what stands for it.
    pub fn new(format: Format, out: &'a mut dyn Write) -> Printer<'a> {
        let paint = format == Format::Text && std::io::stdout().is_terminal();
        Printer {
            out,
            format,
            paint: paint.then(Paint::default),
            open_line: false,
            broken: false,
        }
    }

    /// Where it prints, for what is no answer.
    pub fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    /// A piece of the answer. False when nobody reads any more.
    pub fn say(&mut self, text: &str) -> bool {
        let shown = match (self.format, &mut self.paint) {
            (Format::Json, _) => return true,
            (Format::StreamJson, _) => json!({ "delta": text }).to_string() + "\n",
            (Format::Text, Some(paint)) => paint.feed(text),
            (Format::Text, None) => text.to_owned(),
        };
        if !shown.is_empty() {
            self.open_line = !shown.ends_with('\n');
        }
        self.print(&shown)
    }

    /// The end of the answer: the result object, or the end of the text and its trouble on standard error. Returns the exit code.
    pub fn end(mut self, outcome: &Outcome) -> u8 {
        match self.format {
            Format::Json | Format::StreamJson => {
                self.print(&(object(outcome).to_string() + "\n"));
            }
            Format::Text => {
                let rest = self.paint.as_mut().map(Paint::end).unwrap_or_default();
                self.print(&rest);
                if self.open_line {
                    self.print("\n");
                }
            }
        }
        if let Some(trouble) = &outcome.error {
            complain(&trouble.message);
            return code_of(trouble);
        }
        if outcome.stop == Some(StopReason::Length) {
            eprintln!(
                "nextline: the answer was cut at the limit of tokens; raise `max_output_tokens` of the route"
            );
        }
        if self.broken { code::FAILED } else { code::OK }
    }

    fn print(&mut self, text: &str) -> bool {
        let printed = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        self.broken |= printed.is_err();
        !self.broken
    }
}

/// Asks until the answer ends, costs too much, or the person interrupts it; `say` gets the pieces and answers whether anybody reads on.
pub fn ask(
    road: &Road,
    prompt: Prompt,
    ceiling: &Ceiling,
    mut say: impl FnMut(&str) -> bool,
) -> Outcome {
    if let Some(news) = Ledger::of_process().news() {
        complain(&news);
    }
    let (mut bytes, mut dear) = (0, None);
    let mut say = |text: &str| {
        bytes += text.len();
        dear = ceiling.stops(road, bytes);
        say(text) && dear.is_none()
    };
    let mut outcome = Outcome::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("the runtime did not start: {error}");
            return Trouble::new(Class::Input, message).into();
        }
    };
    let interrupted = runtime.block_on(async {
        let hear = outcome.hear(&road.route, prompt, road.surface, &mut say);
        tokio::select! {
            biased;
            // Only an interrupt that can be heard is waited for.
            Ok(()) = signal::ctrl_c() => true,
            () = hear => false,
        }
    });
    if interrupted {
        outcome.error = Some(Trouble::new(Class::Interrupted, "interrupted"));
    }
    if dear.is_some() {
        outcome.error = dear;
    }
    outcome
}

/// Prints exactly what would be asked, secrets masked, and sends nothing.
pub fn preview(
    road: &Road,
    prompt: &Prompt,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Trouble> {
    let wrong = |error: std::io::Error| Trouble::new(Class::Input, error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(wrong)?;
    let seen = runtime.block_on(road.route.preview(prompt, road.surface))?;
    let shown = if json {
        let object = json!({
            "route": road.route.name(),
            "method": seen.method,
            "url": seen.url,
            "headers": seen.headers,
            "body": seen.body,
        });
        object.to_string()
    } else {
        let headers = seen.headers.iter();
        let headers: String = headers
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect();
        format!("{} {}\n{headers}\n{}", seen.method, seen.url, seen.body)
    };
    writeln!(out, "{shown}").map_err(wrong)
}

/// The result object (`interface.md`).
pub fn object(outcome: &Outcome) -> Value {
    let cut = Class::Route(Kind::Cut);
    let stop = match (outcome.stop, &outcome.error) {
        (None, Some(trouble)) if trouble.class == cut => Some(StopReason::Cut),
        (stop, _) => stop,
    };
    json!({
        "text": outcome.text,
        "route": outcome.route,
        "model": outcome.model,
        "stop_reason": stop.map(StopReason::word),
        "stop_reason_raw": outcome.stop_raw,
        "usage": {
            "input_tokens": outcome.usage.input,
            "output_tokens": outcome.usage.output,
            "cached_tokens": outcome.usage.cached,
        },
        "cost_usd": outcome.cost_usd,
        "request_id": outcome.request_id,
        "error": outcome.error.as_ref().map(|trouble| json!({
            "kind": trouble.class.word(),
            "message": trouble.message,
            "status": trouble.status,
            "request_id": trouble.request_id,
            "retry_at": trouble.retry_at,
        })),
    })
}

/// The exit code of a route's failure, which may be a provider's answer.
pub fn route_code(kind: Kind, answered: bool) -> u8 {
    match kind {
        Kind::Auth => code::NO_KEY,
        Kind::RateLimited { .. } | Kind::Quota | Kind::Budget => code::QUOTA,
        Kind::Overloaded | Kind::Network | Kind::Resting { .. } => code::NETWORK,
        Kind::Forbidden | Kind::Refused | Kind::Filtered => code::REFUSED,
        Kind::Policy => code::POLICY,
        Kind::TooLong => code::TOO_LONG,
        Kind::Timeout => code::TIMEOUT,
        Kind::Unsupported if answered => code::REFUSED,
        Kind::Settings | Kind::Unsupported => code::USAGE,
        Kind::Cut | Kind::BadReply => code::FAILED,
    }
}

/// The exit code of a trouble (`interface.md`).
pub fn code_of(trouble: &Trouble) -> u8 {
    match trouble.class {
        Class::NoRoute | Class::Usage => code::USAGE,
        Class::Declined => code::REFUSED,
        Class::Interrupted => code::INTERRUPTED,
        Class::Policy => code::POLICY,
        Class::Input | Class::Useless => code::FAILED,
        Class::Route(kind) => route_code(kind, trouble.status.is_some()),
    }
}
