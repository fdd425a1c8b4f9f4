//! Routes against a server on loopback that follows a script.

mod delivery;
mod families;
mod faults;
mod policy;
mod probed;
mod relayed;
mod replies;
pub mod server;

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;

use super::*;
use crate::prompt::Prompt;
use crate::prompt::{Body, Hole, Message, Role};
use crate::settings::Timeouts;
use server::Server;

fn settings(server: &Server) -> Settings {
    Settings {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some(format!("{}/v1", server.url)),
        timeouts: Timeouts {
            first_byte_ms: Some(5000),
            idle_ms: Some(5000),
            ..Timeouts::default()
        },
        ..Settings::default()
    }
}

fn hole() -> Prompt {
    let hole = Hole {
        prefix: "let a = ".into(),
        suffix: ";".into(),
        ..Hole::default()
    };
    Prompt {
        body: Body::Hole(hole),
        stops: vec!["\n".into()],
        max_tokens: Some(16),
        ..Prompt::default()
    }
}

fn chat() -> Prompt {
    let message = Message {
        role: Role::User,
        text: "hi".into(),
    };
    Prompt {
        body: Body::Chat(vec![message]),
        stops: vec![],
        ..Prompt::default()
    }
}

fn route(settings: &Settings) -> Route {
    Route::new("fast", settings, &Http::default()).expect("good settings")
}

/// The text, the reason of its end, and the failure of one ask.
async fn asked(
    route: &Route,
    prompt: Prompt,
    surface: Surface,
) -> (String, Option<StopReason>, Option<RouteError>) {
    let mut answer = route.stream(prompt.into(), surface);
    let (mut text, mut end, mut failure) = (String::new(), None, None);
    while let Some(delta) = answer.next().await {
        match delta {
            Ok(Delta::Text(more)) => text.push_str(&more),
            Ok(Delta::Done { stop, .. }) => end = Some(stop),
            Ok(Delta::Named(_) | Delta::Usage(_) | Delta::Refusal(_)) => {}
            Err(error) => failure = Some(error),
        }
    }
    (text, end, failure)
}

async fn failed(route: &Route, surface: Surface) -> RouteError {
    asked(route, hole(), surface).await.2.expect("a failure")
}
