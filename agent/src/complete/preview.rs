//! What a completion would send: the stages up to the request, and no request.

use nextline_protocol::agent::PreviewResult;

use super::extent::Extent;
use super::question::Question;
use super::routed::{fills_none, within_budget};
use super::site::Site;
use super::{Ask, Reason, Silence, skip, spot};
use crate::document::place::key_of;
use crate::door::Turn;
use crate::route::Surface;

/// The request of an ask, exactly as it would leave; nothing leaves.
pub async fn preview(turn: &Turn, ask: &Ask) -> Result<PreviewResult, Silence> {
    let snapshot = &turn.snapshot;
    skip::check(snapshot, ask)?;
    let (engine, settings) = (&snapshot.engine, &snapshot.settings.settings);
    let key = key_of(&ask.document.uri);
    let standing = engine.latest.enter(&key, ask);
    let spot = spot(turn, ask, key, &standing);
    let name = &settings.completion.route;
    if name == "local" {
        return Ok(PreviewResult {
            route: name.clone(),
            method: String::new(),
            url: String::new(),
            headers: Vec::new(),
            body: String::new(),
        });
    }
    let name = within_budget(snapshot, &ask.document.uri, name, "")?;
    let route = engine.routes.get(&name, settings)?;
    let question = Question {
        snapshot,
        ask,
        text: &spot.text,
        at: spot.at,
        route: &route,
        purpose: spot.purpose,
    };
    let found = question.look(&spot.place.stem());
    let site = Site::look(ask, &spot.text, spot.at, settings.completion.multiline).await;
    let found = found.await;
    let one_line = site.extent == Extent::Line;
    let prompt = question.prompt(found.as_deref(), one_line, question.budget());
    let prompt = prompt.ok_or_else(|| fills_none(&name))?;
    let preview = route.preview(&prompt, Surface::Completion).await;
    let preview = preview.map_err(|error| Reason::RouteFailed.because(error.to_string()))?;
    Ok(PreviewResult {
        route: name,
        method: preview.method,
        url: preview.url,
        headers: preview.headers,
        body: preview.body,
    })
}
