//! `agent/context/*` and `agent/model/*`: what would go into a question, what the index finds, and who may be asked.

use nextline_protocol::Fault;
use nextline_protocol::chat::{
    ContextAccount, ContextPlace, ContextResolveParams, ContextSearchParams, ContextSearchResult,
    Model, ModelListResult,
};
use nextline_protocol::fault::REQUEST_FAILED;
use serde_json::Value;

use super::chat::{account, failed, here, question, road};
use crate::chat::lookup;
use crate::chat::transcript::Chat;
use crate::context::Ranked;
use crate::door::{Turn, off_wire};
use crate::mcp::LATER;
use crate::prompt::Role;
use crate::prompt::talk::{Talk, talk};
use crate::route::Route;

/// Bytes of what a search answers.
const SEARCHED: usize = 64 << 10;

pub async fn resolve(turn: Turn, params: ContextResolveParams) -> Result<ContextAccount, Fault> {
    let road = road(&turn.snapshot, None)?;
    let question = question(&turn, &road, params.text, here(params.place)).await?;
    let later = question
        .calls
        .iter()
        .map(|call| (call.name(), LATER.to_owned()));
    let refused = question
        .found
        .refused
        .iter()
        .cloned()
        .chain(later)
        .collect();
    let mut chat = Chat::new(None, None);
    chat.say(Role::User, &question.text);
    let (_, told) = talk(&Talk {
        instructions: &question.instructions,
        items: &question.found.items,
        turns: &chat.turns,
        context_tokens: road.context_tokens(),
        ..Talk::default()
    });
    Ok(account(told, refused))
}

pub async fn search(turn: Turn, params: ContextSearchParams) -> Result<ContextSearchResult, Fault> {
    let snapshot = turn.snapshot.clone();
    let found = off_wire(move || lookup::search(&snapshot, &params.query, SEARCHED)).await;
    let found = found
        .ok_or_else(failed)?
        .map_err(|why| Fault::new(REQUEST_FAILED, why))?;
    let most = match params.limit {
        0 => usize::MAX,
        limit => limit,
    };
    let place = |piece: &Ranked| ContextPlace {
        path: piece.path.clone(),
        uri: piece.key.to_string(),
        start_line: piece.lines.start + 1,
        end_line: piece.lines.end,
        text: piece.text.clone(),
        score: f64::from(piece.score),
        source: piece.source.name().to_owned(),
    };
    Ok(ContextSearchResult {
        places: found.iter().take(most).map(place).collect(),
    })
}

pub async fn models(turn: Turn, _: Option<Value>) -> Result<ModelListResult, Fault> {
    let settings = &turn.snapshot.settings.settings;
    let http = turn.snapshot.engine.http();
    let uses = [
        ("completion", Some(&settings.completion.route)),
        ("edit", settings.edit.route.as_ref()),
        ("chat", settings.chat.route.as_ref()),
    ];
    let model = |(name, route): (&String, &crate::settings::Route)| Model {
        route: name.clone(),
        provider: route.provider.clone(),
        model: route.model.clone(),
        used_for: uses
            .iter()
            .filter(|(_, used)| *used == Some(name))
            .map(|(what, _)| (*what).to_owned())
            .collect(),
        trouble: Route::new(name, route, http)
            .err()
            .map(|error| error.to_string()),
    };
    Ok(ModelListResult {
        models: settings.routes.iter().map(model).collect(),
    })
}
