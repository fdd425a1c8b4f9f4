//! One answer to its end: the text, what the provider says of it, and what went wrong.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt;

use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::prompt::Prompt;
use crate::route::{Delta, Kind, Route, RouteError, StopReason, Surface, Usage};

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// The answer, as far as it came.
    pub text: String,
    /// The model's words for declining; never part of the text.
    pub refusal: String,
    /// The name under `[routes]`; `None` when none was found.
    pub route: Option<String>,
    /// The model, as the settings spell it.
    pub model: Option<String>,
    /// Why the answer ended; `None` when it came to no end.
    pub stop: Option<StopReason>,
    /// The provider's own word for it.
    pub stop_raw: Option<String>,
    /// Tokens, as the provider counted them.
    pub usage: Usage,
    /// US dollars; `None` without a price.
    pub cost_usd: Option<f64>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// What went wrong; the text that came before it stays.
    pub error: Option<Trouble>,
}

/// What went wrong with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What class it is of.
    pub class: Class,
    /// One sentence with the mend; names route, model and status where there are any.
    pub message: String,
    /// The status code of the provider's answer.
    pub status: Option<u16>,
    /// What the provider calls the request.
    pub request_id: Option<String>,
    /// When the provider wants to be asked again, in ms since 1970.
    pub retry_at: Option<u64>,
}

/// The class of a trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The route failed.
    Route(Kind),
    /// No route is configured, or none of that name.
    NoRoute,
    /// The command was called in a way that asks for nothing.
    Usage,
    /// The model declined.
    Declined,
    /// The person stopped it.
    Interrupted,
    /// What was asked for cannot be done here: nothing was sent.
    Input,
    /// A rule keeps a file from leaving or from being written: nothing was sent.
    Policy,
    /// The answer came and is of no use.
    Useless,
}

impl Class {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Route(kind) => kind.word(),
            Class::NoRoute => "no_route",
            Class::Usage => "usage",
            Class::Declined => "declined",
            Class::Interrupted => "interrupted",
            Class::Input => "input",
            Class::Policy => "policy",
            Class::Useless => "useless",
        }
    }
}

impl Trouble {
    /// A trouble of our own, before or beside any route.
    pub fn new(class: Class, message: impl Into<String>) -> Trouble {
        Trouble {
            class,
            message: message.into(),
            status: None,
            request_id: None,
            retry_at: None,
        }
    }
}

impl From<RouteError> for Trouble {
    fn from(error: RouteError) -> Trouble {
        let message = match error.kind() {
            Kind::Cut => format!("the answer was interrupted: {error}"),
            _ => error.to_string(),
        };
        Trouble {
            class: Class::Route(error.kind()),
            message,
            status: error.status(),
            request_id: error.request_id().map(str::to_owned),
            retry_at: error
                .retry_after()
                .and_then(|wait| unix_ms(SystemTime::now() + wait)),
        }
    }
}

fn unix_ms(at: SystemTime) -> Option<u64> {
    let since: Duration = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

impl From<Trouble> for Outcome {
    fn from(trouble: Trouble) -> Outcome {
        Outcome {
            request_id: trouble.request_id.clone(),
            error: Some(trouble),
            ..Outcome::default()
        }
    }
}

impl Outcome {
    /// Asks `prompt` and takes in the answer to its end; `say` gets the text piece by piece as it comes and answers whether to go on.
    /// Dropped in the middle, the connection is closed and what came so far stays.
    pub async fn hear(
        &mut self,
        route: &Route,
        prompt: Prompt,
        surface: Surface,
        mut say: impl FnMut(&str) -> bool,
    ) {
        self.route = Some(route.name().to_owned());
        self.model = Some(route.model().to_owned());
        let cleared = match Policy::of_process().clear_named(prompt) {
            Ok(cleared) => cleared,
            Err(why) => {
                self.error = Some(Trouble::new(Class::Policy, why.to_string()));
                return;
            }
        };
        let mut stream = route.stream(cleared, surface);
        while let Some(delta) = stream.next().await {
            match delta {
                Ok(Delta::Text(text)) => {
                    self.text.push_str(&text);
                    if !say(&text) {
                        return;
                    }
                }
                Ok(Delta::Named(id)) => self.request_id = Some(id),
                Ok(Delta::Refusal(text)) => self.refusal.push_str(&text),
                Ok(Delta::Usage(usage)) => self.usage = usage,
                Ok(Delta::Done { stop, raw }) => {
                    self.stop = Some(stop);
                    self.stop_raw = raw;
                }
                Err(error) => {
                    let trouble = Trouble::from(error);
                    self.request_id = trouble.request_id.clone().or(self.request_id.take());
                    self.error = Some(trouble);
                }
            }
        }
        let Usage {
            input,
            output,
            cached,
        } = self.usage;
        self.cost_usd = Ledger::of_process().cost(route.model(), input, output, cached);
        if self.error.is_none() {
            self.error = self.unwanted_end(route);
        }
    }

    /// An answer that ended in order and is none all the same.
    fn unwanted_end(&self, route: &Route) -> Option<Trouble> {
        let place = format!(
            "route `{}` ({} at {})",
            route.name(),
            route.model(),
            route.host()
        );
        let (class, what) = match self.stop {
            Some(StopReason::Refusal) if self.refusal.is_empty() => (
                Class::Declined,
                "the model declined to answer; ask in another way".to_owned(),
            ),
            _ if !self.refusal.is_empty() => (
                Class::Declined,
                format!("the model declined: {}", self.refusal.trim()),
            ),
            Some(StopReason::Filter) => (
                Class::Route(Kind::Filtered),
                "the provider's content filter stopped the answer; ask in another way".to_owned(),
            ),
            Some(StopReason::Cut) => (
                Class::Route(Kind::Cut),
                "the answer was interrupted by the provider; ask again".to_owned(),
            ),
            _ => return None,
        };
        Some(Trouble::new(class, format!("{place}: {what}")))
    }

    /// Whether the question was too long for the model and nothing of an answer came.
    pub fn was_too_long(&self) -> bool {
        let too_long = |trouble: &Trouble| trouble.class == Class::Route(Kind::TooLong);
        self.text.is_empty() && self.error.as_ref().is_some_and(too_long)
    }
}
