//! What the next edit borrows of the completion: its routes, its pieces of the workspace, its numbers.

use std::path::Path;
use std::sync::Arc;

use super::question::Question;
use super::routed::{Counted, folder_of};
use super::routes::trouble;
use super::stem::Place;
use super::{Ask, Engine, LINES_TYPED, News, Reason, Silence, Trigger};
use crate::document::Document;
use crate::document::place::path_of;
use crate::prompt::Piece;
use crate::route::{Kind, Route, RouteError};
use crate::text::Byte;
use crate::world::Snapshot;

impl Engine {
    /// Counts what became of suggestions.
    pub fn count(&self, news: Vec<News>) {
        for (origin, event) in news {
            self.stats.note(&origin, event);
        }
    }

    /// The route that the setting `key` names, if it can be asked now.
    pub fn lend_route(&self, snapshot: &Snapshot, key: &str, name: &str) -> Result<Route, Silence> {
        let settings = &snapshot.settings.settings;
        if !settings.routes.contains_key(name) {
            let detail = format!("`{key}` is {name:?}, and there is no `[routes.{name}]`");
            return Err(Reason::RouteUnknown.because(detail));
        }
        let route = self.routes.get(name, settings)?;
        match route.paused() {
            Some(why) => {
                Err(Reason::RoutePaused.because(format!("route `{name}` is paused: {why}")))
            }
            None => Ok(route),
        }
    }

    /// A route's answer ended; a failure becomes a silence.
    pub fn ended(&self, name: &str, error: Option<&RouteError>) -> Option<Silence> {
        self.routes.note(name, error.map(trouble));
        let error = error?;
        let reason = match error.kind() {
            Kind::Resting { .. } => Reason::RoutePaused,
            _ => Reason::RouteFailed,
        };
        Some(reason.because(error.to_string()))
    }

    /// A request is under way as long as this is kept.
    pub fn under_way(&self) -> Counted<'_> {
        Counted::new(&self.in_flight)
    }
}

/// What of the workspace helps at a place of a document; the cursor's own file left out.
pub async fn pieces(
    snapshot: &Snapshot,
    document: &Arc<Document>,
    at: Byte,
    route: &Route,
) -> Vec<Piece> {
    let ask = Ask {
        document: document.clone(),
        at,
        trigger: Trigger::Automatic,
        selected: None,
        clock: Arc::default(),
    };
    let question = Question {
        snapshot,
        ask: &ask,
        text: &document.text,
        at,
        route,
        purpose: "",
    };
    let place = Place::new(document.serial, &document.text, at, LINES_TYPED);
    let found = question.look(&place.stem()).await;
    found
        .map(|found| question.pieces(&found))
        .unwrap_or_default()
}

/// The workspace folder that a document is in, as ledger and policy name it.
pub fn folder_name(snapshot: &Snapshot, uri: &str) -> Option<String> {
    let file = path_of(uri)?;
    let folder = folder_of(snapshot, &file).and_then(Path::to_str);
    folder.map(str::to_owned)
}
