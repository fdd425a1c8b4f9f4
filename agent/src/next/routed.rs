//! The rewrite of the region around the cursor by a route: asked once for a text and a place, checked, and cut to the smallest edit.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use nextline_grammars::Syntax;

use super::repeat::smallest;
use super::scene::{Done, Scene};
use super::{Ask, Found, Kind, reversal};
use crate::complete::{self, Reason, Silence};
use crate::document::Document;
use crate::document::place::path_of;
use crate::door::{Turn, off_wire};
use crate::prompt::Source;
use crate::prompt::chat::Unwrap;
use crate::prompt::next::{self, NextAsk, Past, Row};
use crate::route::{Delta, Route, StopReason, Surface};
use crate::text::{Byte, Text};
use crate::world::Snapshot;

/// Lines of the region above the cursor's line.
const ABOVE: usize = 6;
/// Lines of it below.
const BELOW: usize = 10;
/// Lines around a change that its diff shows.
const CONTEXT: usize = 3;
/// Bytes around the region that are offered to the prompt, on either side.
const REACH: usize = 24 << 10;
/// Tokens of a question where the route's settings say nothing.
const CONTEXT_TOKENS: u32 = 4096;
/// An answer that is so many times the region, and this many bytes, is no rewrite of it.
const TIMES: usize = 4;
const BEYOND: usize = 2 << 10;
/// Time that a tree may take to be judged.
const JUDGING: Duration = Duration::from_millis(100);

/// Asks a route; `name` is what `next.route` says.
pub async fn ask(turn: &Turn, ask: &Ask, scene: &Scene, name: &str) -> Result<Found, Silence> {
    let snapshot = &turn.snapshot;
    let engine = &snapshot.engine;
    if scene.deeds.is_empty() && !ask.invoked {
        return Err(Reason::NoEdit.into());
    }
    if let Some(known) = snapshot.next.known(ask) {
        return fresh(scene, known, snapshot);
    }
    let name = complete::within_budget(snapshot, &ask.document.uri, name, "next")?;
    let route = engine.lend_route(snapshot, "next.route", &name)?;
    let throttle = snapshot.settings.settings.completion.throttle_ms;
    let pieces = complete::pieces(snapshot, &ask.document, ask.at, &route);
    // What is typed on meanwhile ends this request before it costs anything.
    let ((), pieces) = tokio::join!(tokio::time::sleep(Duration::from_millis(throttle)), pieces);
    let row = next::row_of_model(route.model());
    let region = Region::around(&ask.document.text, ask.at);
    let prompt =
        prompt(snapshot, ask, scene, &region, &pieces, &route, row).ok_or(Reason::LineTooLong)?;
    let cleared = engine.policy.clear(&snapshot.client.folders, prompt);
    let cleared = cleared.map_err(|why| Reason::Excluded.because(why.to_string()))?;
    let _under_way = engine.under_way();
    let mut stream = route.stream(cleared, Surface::Completion);
    let most = region.text.len() * TIMES + BEYOND;
    let answer = read(&mut stream, row.is_none(), most).await;
    drop(stream);
    let answer = match answer {
        Ok(answer) => {
            engine.ended(&name, None);
            answer
        }
        Err(error) => {
            return Err(engine
                .ended(&name, Some(&error))
                .unwrap_or(Reason::RouteFailed.into()));
        }
    };
    let found = match answer {
        Some(answer) => made(ask, &region, &answer, row).await?,
        None => None,
    };
    snapshot.next.learn(ask, found.clone());
    fresh(scene, found, snapshot)
}

/// What was answered, unless it says nothing, takes back what was done, or was dismissed before.
fn fresh(scene: &Scene, found: Option<Found>, snapshot: &Snapshot) -> Result<Found, Silence> {
    let found = found.ok_or(Reason::NothingFollows)?;
    if reversal::takes_back(scene, &found) {
        return Err(Reason::Reversal.into());
    }
    match snapshot.next.declined(&found) {
        true => Err(Reason::Dismissed.because("this very edit was dismissed before")),
        false => Ok(found),
    }
}

/// Whole lines around the cursor.
struct Region {
    span: std::ops::Range<usize>,
    text: String,
    first: usize,
}

impl Region {
    fn around(text: &Text, at: Byte) -> Region {
        let line = text.line_of(at);
        let first = line.saturating_sub(ABOVE);
        let start = text.line_span(first).start.0;
        let end = line_end(text, line + BELOW);
        Region {
            span: start..end,
            text: text.bytes(start..end),
            first,
        }
    }
}

/// Where a line ends with its line break.
fn line_end(text: &Text, line: usize) -> usize {
    let next = text.line_span(line + 1).start.0;
    next.max(text.line_span(line).end.0)
}

fn prompt(
    snapshot: &Snapshot,
    ask: &Ask,
    scene: &Scene,
    region: &Region,
    pieces: &[crate::prompt::Piece],
    route: &Route,
    row: Option<&Row>,
) -> Option<crate::prompt::Prompt> {
    let document = &ask.document;
    let text = &document.text;
    let own = complete::relative_path(snapshot, &document.uri).unwrap_or_default();
    let from = text
        .line_span(text.line_of(text.floor(Byte(region.span.start.saturating_sub(REACH)))))
        .start
        .0;
    let to = text
        .line_span(text.line_of(text.floor(Byte((region.span.end + REACH).min(text.len())))))
        .end
        .0;
    let history: Vec<Past> = scene
        .gathered
        .iter()
        .rev()
        .map(|done| past(snapshot, done))
        .collect();
    let complaints: Vec<String> = ask
        .complaints
        .iter()
        .filter(|complaint| {
            region.span.start <= complaint.span.end && complaint.span.start <= region.span.end
        })
        .map(|complaint| {
            format!(
                "line {}: {}",
                text.line_of(Byte(complaint.span.start)) + 1,
                complaint.message
            )
        })
        .collect();
    let original = scene.deeds.iter().find(|done| {
        Arc::ptr_eq(&done.document, document) && Arc::ptr_eq(&done.deed.after, document)
    });
    let original = original.map_or_else(|| region.text.clone(), |done| before(done, region));
    let file = on_disk(document);
    let folder = complete::folder_name(snapshot, &document.uri);
    next::next(
        &NextAsk {
            path: &own,
            language: &document.language_id,
            before: &text.bytes(from..region.span.start),
            region: &region.text,
            cursor: ask.at.0.saturating_sub(region.span.start),
            after: &text.bytes(region.span.end..to.max(region.span.end)),
            from_start: from == 0,
            original: &original,
            first: u32::try_from(region.first + 1).unwrap_or(u32::MAX),
            history: &history,
            complaints: &complaints,
            pieces,
            context_tokens: route.context_tokens().unwrap_or(CONTEXT_TOKENS),
            file: &file,
            folder: folder.as_deref(),
        },
        row,
    )
}

/// The region before the newest deed.
fn before(done: &Done, region: &Region) -> String {
    let deed = &done.deed;
    let (start, end) = (region.span.start, region.span.end);
    if deed.new.end < start || end < deed.new.start {
        return region.text.clone();
    }
    let head = deed
        .before
        .text
        .bytes(start.min(deed.old.start)..deed.old.start);
    let tail = done
        .document
        .text
        .bytes(deed.new.end..end.max(deed.new.end));
    format!("{head}{}{tail}", deed.went())
}

/// A deed as models see it: whole lines, and a hunk of a unified diff.
fn past(snapshot: &Snapshot, done: &Done) -> Past {
    let deed = &done.deed;
    let (old, new) = (&deed.before.text, &deed.after.text);
    let lines = |text: &Text, span: &std::ops::Range<usize>| {
        text.line_of(Byte(span.start))..text.line_of(Byte(span.end)) + 1
    };
    let (olds, news) = (lines(old, &deed.old), lines(new, &deed.new));
    let read = |text: &Text, lines: std::ops::Range<usize>| {
        text.bytes(text.line_span(lines.start).start.0..line_end(text, lines.end.max(1) - 1))
    };
    let above = olds.start.saturating_sub(CONTEXT)..olds.start;
    let below = news.end..(news.end + CONTEXT).min(new.line_of(new.end()) + 1);
    let mark = |text: String, mark: &str| {
        text.lines()
            .map(|line| format!("{mark}{line}\n"))
            .collect::<String>()
    };
    let context = |text: &Text, lines: std::ops::Range<usize>| match lines.is_empty() {
        true => String::new(),
        false => mark(read(text, lines), " "),
    };
    let (went, came) = (read(old, olds.clone()), read(new, news.clone()));
    let around = above.len() + below.len();
    let diff = format!(
        "@@ -{},{} +{},{} @@\n{}{}{}{}",
        above.start + 1,
        olds.len() + around,
        above.start + 1,
        news.len() + around,
        context(old, above),
        mark(went.clone(), "-"),
        mark(came.clone(), "+"),
        context(new, below)
    );
    let first = u32::try_from(news.start + 1).unwrap_or(u32::MAX);
    Past {
        path: complete::relative_path(snapshot, &done.document.uri).unwrap_or_default(),
        source: Some(Source {
            path: on_disk(&done.document),
            lines: first..first + u32::try_from(news.len()).unwrap_or(u32::MAX),
            bytes: diff.len() as u64,
            rule: "edited".into(),
        }),
        old: went,
        new: came,
        diff,
    }
}

fn on_disk(document: &Document) -> String {
    path_of(&document.uri).map_or_else(
        || document.uri.to_string(),
        |file| file.display().to_string(),
    )
}

/// Reads the answer; `None` where it was cut or is too long to be a rewrite.
async fn read(
    stream: &mut crate::route::Answer,
    chat: bool,
    most: usize,
) -> Result<Option<String>, crate::route::RouteError> {
    let mut unwrap = chat.then(Unwrap::default);
    let mut answer = String::new();
    while let Some(delta) = stream.next().await {
        match delta? {
            Delta::Text(text) => {
                answer.push_str(&match &mut unwrap {
                    Some(unwrap) => unwrap.feed(&text),
                    None => text,
                });
                if answer.len() > most {
                    return Ok(None);
                }
            }
            Delta::Done { stop, .. } => {
                if matches!(
                    stop,
                    StopReason::Length | StopReason::Cut | StopReason::Refusal | StopReason::Filter
                ) {
                    return Ok(None);
                }
                break;
            }
            Delta::Named(_) | Delta::Refusal(_) | Delta::Usage(_) => {}
        }
    }
    if let Some(unwrap) = &mut unwrap {
        answer.push_str(&unwrap.finish());
    }
    Ok(Some(answer))
}

/// The smallest edit that an answer is; `None` where it changes nothing or breaks what was sound.
async fn made(
    ask: &Ask,
    region: &Region,
    answer: &str,
    row: Option<&Row>,
) -> Result<Option<Found>, Silence> {
    let new = next::region(answer, &region.text, row);
    if new.trim().is_empty() {
        return Ok(None);
    }
    let Some(found) = smallest(
        &ask.document,
        region.span.clone(),
        &region.text,
        &new,
        Kind::Rewrite,
    ) else {
        return Ok(None);
    };
    let judged = found.clone();
    let sound = off_wire(move || is_sound(&judged))
        .await
        .ok_or(Reason::Failed)?;
    Ok(sound.then_some(found))
}

/// Whether a text without syntax errors stays so.
fn is_sound(found: &Found) -> bool {
    let document = &found.document;
    let Some(before) = document.syntax().filter(|syntax| syntax.errors() == 0) else {
        return true;
    };
    let mut text = document.text.clone();
    text.replace(Byte(found.span.start)..Byte(found.span.end), &found.text);
    let after = Syntax::parse(before.language(), crate::document::pieces(&text), JUDGING);
    after.is_none_or(|after| after.errors() == 0)
}
