//! The routed answer: prompt, throttle, stream, stop, trim; what fails becomes a reason.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::StreamExt;

use super::cache::{self, Entry};
use super::extent::Extent;
use super::flight::{Flight, Landed, Outcome};
use super::question::Question;
use super::site::Site;
use super::stem::Place;
use super::stop::{End, Stop};
use super::{Ask, Continuation, Origin, Reason, Silence, trim};
use crate::document::place::path_of;
use crate::door::{Turn, off_wire};
use crate::ledger::Ledger;
use crate::prompt::chat::Unwrap;
use crate::prompt::{Mode, fim};
use crate::route::{Answer, Delta, Kind, Route, RouteError, StopReason, Surface};
use crate::text::{Byte, Text};
use crate::world::Snapshot;

/// Lines behind a shown answer that are kept for the next lines' requests.
const FOLLOWING: usize = 5;

/// A prompt that was too long is divided by this: a tokenizer may need three times as many tokens as was guessed.
const SHORTENED: u32 = 3;

/// A document's place that is to be completed.
pub struct Spot {
    /// The document's key.
    pub key: String,
    /// Its text, as if the popup's selected entry were taken.
    pub text: Text,
    /// The cursor in it.
    pub at: Byte,
    /// The same by what stands around it.
    pub place: Place,
    /// Of the settings in force.
    pub source: u64,
    /// Before this nothing goes out.
    pub go: Option<Instant>,
    /// What is asked, where that is finer than a completion: `ahead`.
    pub purpose: &'static str,
}

/// Asks a route, or waits for what it says already.
pub async fn answer(
    turn: &Turn,
    ask: &Ask,
    spot: &Spot,
    name: &str,
) -> Result<Continuation, Silence> {
    let flights = &turn.snapshot.engine.flights;
    loop {
        let flight = depart(&turn.snapshot, ask, spot, name)?;
        match flights.wait(&flight, &spot.place, &turn.cancel).await {
            Landed::Rest(entry, rest) => return Ok(Continuation::of(entry, rest)),
            Landed::Silence(silence) => return Err(silence),
            Landed::Anew => {}
        }
    }
}

/// The request for a spot: the one under way if it may serve, else a new one. It goes on without anybody who waits.
pub fn depart(
    snapshot: &Snapshot,
    ask: &Ask,
    spot: &Spot,
    name: &str,
) -> Result<Arc<Flight>, Silence> {
    let engine = &snapshot.engine;
    let name = &*within_budget(snapshot, &ask.document.uri, name, "")?;
    let route = engine.routes.get(name, &snapshot.settings.settings)?;
    if let Some(why) = route.paused() {
        return Err(Reason::RoutePaused.because(format!("route `{name}` is paused: {why}")));
    }
    let (flight, new) = engine.flights.board(&spot.key, &spot.place, spot.source);
    if new {
        let trip = Trip {
            snapshot: snapshot.clone(),
            ask: ask.clone(),
            text: spot.text.clone(),
            at: spot.at,
            go: spot.go,
            purpose: spot.purpose,
            route,
            flight: flight.clone(),
        };
        let work = async move {
            match trip.fly().await {
                Ok(entry) => Outcome::Answer(Arc::new(entry)),
                Err(silence) => Outcome::Silence(silence),
            }
        };
        cache::load(engine.clone(), flight.clone(), work);
    }
    Ok(flight)
}

/// The route that may be asked in the place of `name` today.
pub fn within_budget(
    snapshot: &Snapshot,
    uri: &str,
    name: &str,
    purpose: &str,
) -> Result<String, Silence> {
    let ledger = Ledger::of_process();
    let file = path_of(uri);
    let folder = file.as_ref().and_then(|file| folder_of(snapshot, file));
    let folder = folder.and_then(Path::to_str);
    let spend = ledger.spend(name, Surface::Completion.word(), purpose, folder);
    let steered = ledger.steer(&spend);
    steered.map_err(|why| Reason::BudgetSpent.because(why))
}

/// A route that does not complete.
pub fn fills_none(name: &str) -> Silence {
    Reason::RouteFailed.because(format!(
        "route `{name}` has `fim = \"none\"`: it does not complete"
    ))
}

/// One upstream request and what it needs.
struct Trip {
    snapshot: Snapshot,
    ask: Ask,
    text: Text,
    at: Byte,
    go: Option<Instant>,
    purpose: &'static str,
    route: Route,
    flight: Arc<Flight>,
}

impl Trip {
    async fn fly(self) -> Result<Entry, Silence> {
        let engine = &self.snapshot.engine;
        let settings = &self.snapshot.settings.settings;
        let (name, text, at) = (self.route.name(), &self.text, self.at);
        let multiline = settings.completion.multiline;
        let question = Question {
            snapshot: &self.snapshot,
            ask: &self.ask,
            text,
            at,
            route: &self.route,
            purpose: self.purpose,
        };
        let found = question.look(&self.flight.stem);
        let site = Arc::new(Site::look(&self.ask, text, at, multiline).await);
        self.ask.clock.stage("extent");
        let one_line = site.extent == Extent::Line;
        if let Some(go) = self.go {
            tokio::time::sleep_until(go.into()).await;
        }
        self.ask.clock.stage("throttle");
        let found = found.await;
        self.ask.clock.stage("context");
        let mut budget = question.budget();
        let mut prompt = question
            .prompt(found.as_deref(), one_line, budget)
            .ok_or_else(|| fills_none(name))?;
        self.ask.clock.stage("prompt");
        self.flight.send();
        let _under_way = Counted::new(&engine.in_flight);
        let chat = *self.route.mode() == Mode::Chat;
        let mut shortened = false;
        let answer = loop {
            let folders = &self.snapshot.client.folders;
            let since = self.ask.clock.begun();
            let cleared = engine.policy.clear_since(folders, prompt.clone(), since);
            let cleared = cleared.map_err(|why| Reason::Excluded.because(why.to_string()))?;
            let stream = self.route.stream(cleared, Surface::Completion);
            let answer = read(stream, chat, &site, &self.flight).await;
            let too_long = |error: &RouteError| matches!(error.kind(), Kind::TooLong);
            if !answer.as_ref().is_err_and(too_long) || shortened {
                break answer;
            }
            // Once more with a part of it, if there is something to leave out.
            budget.context_tokens /= SHORTENED;
            shortened = true;
            match question.prompt(found.as_deref(), one_line, budget) {
                Some(less) if less.body != prompt.body => prompt = less,
                _ => break answer,
            }
        };
        self.ask.clock.stage("route");
        let (answer, more, end) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                engine.routes.note(name, Some(error.to_string()));
                let reason = match error.kind() {
                    Kind::Resting { .. } => Reason::RoutePaused,
                    Kind::Policy => Reason::RouteForbidden,
                    _ => Reason::RouteFailed,
                };
                return Err(reason.because(error.to_string()));
            }
        };
        engine.routes.note(name, None);
        if shortened {
            engine.routes.narrow(name, budget.context_tokens);
        }
        let control = control(&self.route).to_vec();
        let raw = answer.clone();
        let trimmed = if trim::is_plain(&answer, &site) {
            site.judge_by_text();
            Some(trim::trim(answer, end, &site, &control))
        } else {
            off_wire(move || trim::trim(answer, end, &site, &control)).await
        };
        self.ask.clock.stage("trim");
        let draft = trimmed.ok_or(Reason::Failed)?.map_err(|rule| {
            tracing::debug!(rule, "nothing was left of an answer");
            Reason::Empty
        })?;
        let more = following(&raw, &draft.text, &more);
        let origin = Origin::Route(name.to_owned());
        let (stem, source) = (self.flight.stem.clone(), self.flight.source);
        let mut entry = Entry::new(stem, source, draft.text, origin, None);
        (entry.more, entry.over) = (more, draft.over);
        Ok(entry)
    }
}

/// Whole lines behind what is shown, if the model's own words are shown as they are.
fn following(answer: &str, shown: &str, more: &str) -> String {
    let Some(left) = answer.strip_prefix(shown) else {
        return String::new();
    };
    let more = format!("{left}{more}").replace('\r', "");
    let ends = more.match_indices('\n').map(|(at, _)| at);
    // The last line may be half a line; the first is the rest of what is shown.
    let end = ends.take(FOLLOWING + 1).last().unwrap_or(0);
    more[..end].to_owned()
}

/// Reads until the answer is complete: the answer, what came behind it with its last words, and how it ended. What is not read is hung
/// up on.
async fn read(
    mut stream: Answer,
    chat: bool,
    site: &Site,
    flight: &Flight,
) -> Result<(String, String, End), RouteError> {
    let mut unwrap = chat.then(Unwrap::default);
    let mut watch = Stop::new(site);
    let (mut answer, mut how) = (String::new(), End::Whole);
    while let Some(delta) = stream.next().await {
        match delta? {
            Delta::Text(text) => {
                let text = match &mut unwrap {
                    Some(unwrap) => unwrap.feed(&text),
                    None => text,
                };
                answer.push_str(&text);
                flight.say(&text);
            }
            Delta::Done { stop, .. } => {
                if matches!(stop, StopReason::Length | StopReason::Cut) {
                    how = End::Half;
                }
                break;
            }
            Delta::Named(_) | Delta::Refusal(_) | Delta::Usage(_) => {}
        }
        if let Some((end, how)) = watch.feed(&answer) {
            let more = answer.split_off(end);
            return Ok((answer, more, how));
        }
    }
    if let Some(unwrap) = &mut unwrap {
        answer.push_str(&unwrap.finish());
    }
    Ok((answer, String::new(), how))
}

/// Tokens that the route's model speaks to itself with.
fn control(route: &Route) -> &[String] {
    let row = match route.mode() {
        Mode::Template(row) => Some(*row),
        _ => fim::row_of_model(route.model()),
    };
    row.map_or(&[], |row| &row.control)
}

/// The workspace folder that a file is in.
pub fn folder_of<'a>(snapshot: &'a Snapshot, file: &Path) -> Option<&'a Path> {
    let mut folders = snapshot.client.folders.iter();
    folders
        .find(|folder| file.starts_with(folder))
        .map(PathBuf::as_path)
}

/// The path inside its workspace folder, else the file's name, with slashes.
pub fn relative_path(snapshot: &Snapshot, uri: &str) -> Option<String> {
    let path = path_of(uri)?;
    let inside = folder_of(snapshot, &path).and_then(|folder| path.strip_prefix(folder).ok());
    let inside = inside.unwrap_or_else(|| path.file_name().map(Path::new).unwrap_or(&path));
    Some(inside.to_string_lossy().replace('\\', "/"))
}

/// Counts a request while it is under way, however it ends.
pub struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    /// One more is under way.
    pub fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Counted(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
