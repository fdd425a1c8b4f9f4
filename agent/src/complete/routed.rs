//! The routed answer: throttle, prompt, stream, stop, trim; what fails becomes a reason.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;

use super::extent::Extent;
use super::site::Site;
use super::stop::{End, Stop};
use super::{Ask, Continuation, Origin, Reason, Silence, Trigger, trim};
use crate::document::place::path_of;
use crate::door::{Turn, off_wire};
use crate::prompt::chat::Unwrap;
use crate::prompt::{self, Budget, FimAsk, Mode, Prompt, fim};
use crate::route::{Answer, Delta, Http, Kind, Route, RouteError, StopReason, Surface};
use crate::settings::{self, Settings};
use crate::text::{Byte, Text};

/// Tokens of a prompt where the route's settings say nothing.
const CONTEXT_TOKENS: u32 = 2048;
/// Bytes that are offered for each token of context; the prompt's own estimate cuts finer.
const BYTES_PER_TOKEN: usize = 4;

/// The configured routes, built when they are first asked.
#[derive(Default)]
pub struct Routes {
    http: Http,
    built: Mutex<HashMap<String, Built>>,
}

struct Built {
    settings: settings::Route,
    route: Result<Route, RouteError>,
    trouble: Option<Trouble>,
}

/// Why a route does not answer.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// One sentence with the mend.
    pub message: String,
    /// `open` while the route rests, else `closed`.
    pub breaker: String,
}

impl Routes {
    /// Reads what providers send behind their end mark, so that their connections serve again.
    pub fn keep_connections(&self) -> impl Future<Output = ()> + Send + 'static {
        self.http.keep()
    }

    /// Forgets the routes whose settings changed or went.
    pub fn configure(&self, settings: &Settings) {
        self.built()
            .retain(|name, built| settings.routes.get(name) == Some(&built.settings));
    }

    /// What was last wrong with a route, if its last answer was a failure.
    pub fn trouble(&self, name: &str) -> Option<Trouble> {
        self.built().get(name)?.trouble.clone()
    }

    fn get(&self, name: &str, settings: &Settings) -> Result<Route, Silence> {
        let Some(wanted) = settings.routes.get(name) else {
            let detail =
                format!("`completion.route` is {name:?}, and there is no `[routes.{name}]`");
            return Err(Reason::RouteUnknown.because(detail));
        };
        let mut built = self.built();
        let entry = built.entry(name.to_owned()).or_insert_with(|| {
            let route = Route::new(name, wanted, &self.http);
            let trouble = route.as_ref().err().map(trouble);
            Built {
                settings: wanted.clone(),
                route,
                trouble,
            }
        });
        entry
            .route
            .clone()
            .map_err(|error| Reason::RouteFailed.because(error.to_string()))
    }

    fn note(&self, name: &str, trouble: Option<Trouble>) {
        if let Some(built) = self.built().get_mut(name) {
            built.trouble = trouble;
        }
    }

    fn built(&self) -> MutexGuard<'_, HashMap<String, Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn trouble(error: &RouteError) -> Trouble {
    let open = matches!(
        error.kind(),
        Kind::Resting { .. } | Kind::Auth | Kind::Forbidden
    );
    Trouble {
        message: error.to_string(),
        breaker: if open { "open" } else { "closed" }.into(),
    }
}

/// Asks a route.
pub async fn answer(
    turn: &Turn,
    ask: &Ask,
    text: &Text,
    at: Byte,
    name: &str,
) -> Result<Continuation, Silence> {
    let engine = &turn.snapshot.engine;
    let settings = &turn.snapshot.settings.settings;
    let route = engine.routes.get(name, settings)?;
    if let Some(why) = route.paused() {
        return Err(Reason::RoutePaused.because(format!("route `{name}` is paused: {why}")));
    }
    if ask.trigger == Trigger::Automatic && settings.completion.throttle_ms > 0 {
        tokio::time::sleep(Duration::from_millis(settings.completion.throttle_ms)).await;
    }
    ask.clock.stage("throttle");
    let site = Arc::new(Site::look(ask, text, at, settings.completion.multiline).await);
    ask.clock.stage("extent");
    let one_line = site.extent == Extent::Line;
    let prompt = prompt(turn, ask, text, at, &route, one_line).ok_or_else(|| {
        Reason::RouteFailed.because(format!(
            "route `{name}` has `fim = \"none\"`: it does not complete"
        ))
    })?;
    ask.clock.stage("prompt");
    let _under_way = Counted::new(&engine.in_flight);
    let stream = route.stream(prompt, Surface::Completion);
    let answer = read(stream, *route.mode() == Mode::Chat, &site).await;
    ask.clock.stage("route");
    let (answer, end) = match answer {
        Ok(answer) => answer,
        Err(error) => {
            engine.routes.note(name, Some(trouble(&error)));
            let reason = if matches!(error.kind(), Kind::Resting { .. }) {
                Reason::RoutePaused
            } else {
                Reason::RouteFailed
            };
            return Err(reason.because(error.to_string()));
        }
    };
    engine.routes.note(name, None);
    let control = control(&route).to_vec();
    let trimmed = if trim::is_plain(&answer, &site) {
        site.judge_by_text();
        Some(trim::trim(answer, end, &site, &control))
    } else {
        off_wire(move || trim::trim(answer, end, &site, &control)).await
    };
    ask.clock.stage("trim");
    let draft = trimmed.ok_or(Reason::Failed)?.map_err(|rule| {
        tracing::debug!(rule, "nothing was left of an answer");
        Reason::Empty
    })?;
    Ok(Continuation {
        text: draft.text,
        over: draft.over,
        origin: Origin::Route(name.to_owned()),
        confidence: None,
    })
}

/// Reads until the answer is complete; what is not read is hung up on.
async fn read(mut stream: Answer, chat: bool, site: &Site) -> Result<(String, End), RouteError> {
    let mut unwrap = chat.then(Unwrap::default);
    let mut watch = Stop::new(site);
    let (mut answer, mut how) = (String::new(), End::Whole);
    while let Some(delta) = stream.next().await {
        match delta? {
            Delta::Text(text) => match &mut unwrap {
                Some(unwrap) => answer.push_str(&unwrap.feed(&text)),
                None => answer.push_str(&text),
            },
            Delta::Done { stop, .. } => {
                if matches!(stop, StopReason::Length | StopReason::Cut) {
                    how = End::Half;
                }
                break;
            }
            Delta::Refusal(_) | Delta::Usage(_) => {}
        }
        if let Some((end, how)) = watch.feed(&answer) {
            answer.truncate(end);
            return Ok((answer, how));
        }
    }
    if let Some(unwrap) = &mut unwrap {
        answer.push_str(&unwrap.finish());
    }
    Ok((answer, how))
}

/// Tokens that the route's model speaks to itself with.
fn control(route: &Route) -> &[String] {
    let row = match route.mode() {
        Mode::Template(row) => Some(*row),
        _ => fim::row_of_model(route.model()),
    };
    row.map_or(&[], |row| &row.control)
}

fn prompt(
    turn: &Turn,
    ask: &Ask,
    text: &Text,
    at: Byte,
    route: &Route,
    one_line: bool,
) -> Option<Prompt> {
    let context_tokens = route.context_tokens().unwrap_or(CONTEXT_TOKENS);
    let reach = context_tokens as usize * BYTES_PER_TOKEN;
    let path = path_of(&ask.document.uri);
    let folders = &turn.snapshot.client.folders;
    let relative = path.as_deref().map(|path| {
        let inside = folders
            .iter()
            .find_map(|folder| path.strip_prefix(folder).ok());
        inside
            .unwrap_or_else(|| path.file_name().map(std::path::Path::new).unwrap_or(path))
            .to_string_lossy()
            .replace('\\', "/")
    });
    let fim = FimAsk {
        path: relative.as_deref().unwrap_or_default(),
        language: &ask.document.language_id,
        prefix: &text.slice(at - reach..at),
        suffix: &text.slice(at..at + reach),
        pieces: &[],
        one_line,
    };
    let budget = Budget {
        context_tokens,
        max_tokens: turn.snapshot.settings.settings.completion.max_tokens,
    };
    prompt::completion(&fim, route.mode(), budget)
}

/// Counts a request while it is under way, however it ends.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Counted(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
