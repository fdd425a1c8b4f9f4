//! A sign of life of a route: the smallest real answer, how long it took and over what.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::client::Line;
use super::credential::Unsent;
use super::deadline::Deadlines;
use super::error::Failure;
use super::fetch::fetch;
use super::names::{Names, Spot};
use super::{Delta, Kind, Route, RouteError, StopReason, Surface, request};
use crate::policy::Cleared;
use crate::prompt::fim::{self, Mode};
use crate::prompt::{Body, Hole, Message, Prompt, Role};

/// Tokens of the answer to a conversation: some interfaces refuse to do less.
const CHAT_TOKENS: u32 = 16;
/// How long a list of models is waited for.
const LIST_TIME: Duration = Duration::from_secs(5);
/// Names of models that are repeated.
const NAMED: usize = 12;

/// What a route answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Until the first text, thoughts not counted; `None` where the answer had none.
    pub first: Option<Duration>,
    /// In all.
    pub total: Duration,
    /// The version of TLS; `None` without TLS.
    pub tls: Option<&'static str>,
    /// Why the answer ended.
    pub stop: StopReason,
}

impl Route {
    /// Asks for the smallest real answer in the way that completions are asked, else for a word of conversation.
    pub async fn probe(&self) -> Result<Life, RouteError> {
        let started = Instant::now();
        let Some(cleared) = Cleared::of_no_file(self.smallest()) else {
            let what = "the question of the probe holds a file; this is a fault of the agent";
            return Err(Failure::new(Kind::Settings, what).at(&self.0.place));
        };
        let mut answer = self.stream(cleared, Surface::Chat);
        let (mut first, mut stop) = (None, StopReason::Cut);
        while let Some(delta) = answer.next().await {
            match delta? {
                Delta::Text(_) | Delta::Refusal(_) => {
                    first.get_or_insert_with(|| started.elapsed());
                }
                Delta::Done { stop: why, .. } => {
                    stop = why;
                    break;
                }
                Delta::Named(_) | Delta::Usage(_) => {}
            }
        }
        let tls = self.url().and_then(|url| {
            let limits = Deadlines::of(Surface::Chat, &self.0.settings.timeouts);
            let line = Line::to(&url, &self.0.settings, limits.connect);
            self.0.http.tls_version(&line)
        });
        Ok(Life {
            first,
            total: started.elapsed(),
            tls,
            stop,
        })
    }

    fn smallest(&self) -> Prompt {
        let inner = &self.0;
        let names = Names::of(inner.vendor, &inner.settings, Surface::Chat);
        let offers = |body: &Body| inner.vendor.kind(body, &names).is_some();
        let hole = Prompt {
            body: Body::Hole(Hole {
                prefix: "a = [1, 2, ".into(),
                suffix: "]\n".into(),
                ..Hole::default()
            }),
            max_tokens: Some(1),
            ..Prompt::default()
        };
        let chat = Prompt {
            body: Body::Chat(vec![Message {
                role: Role::User,
                text: "Say ok.".into(),
            }]),
            max_tokens: Some(CHAT_TOKENS),
            ..Prompt::default()
        };
        match &inner.mode {
            Mode::Native => hole,
            Mode::Template(row) => fim::as_text(&hole, row),
            Mode::Chat | Mode::Off if offers(&chat.body) => chat,
            Mode::Chat | Mode::Off => hole,
        }
    }

    /// The proxy that its requests go through, without its password; `None` = none.
    pub fn proxy(&self) -> Option<String> {
        let url = self.url()?;
        Line::to(&url, &self.0.settings, Duration::ZERO).proxy_to(&url)
    }

    /// Whether TLS is spoken.
    pub fn is_tls(&self) -> bool {
        self.0.base.starts_with("https:")
    }

    /// What the provider lists, if it can be asked: to be told where a model is not found. At most a dozen, those most like the route's.
    pub async fn listed(&self) -> Vec<String> {
        let inner = &self.0;
        let Some(list) = &inner.vendor.models else {
            return Vec::new();
        };
        let surface = request::used_for(&self.smallest(), Surface::Chat);
        let names = Names::of(inner.vendor, &inner.settings, surface);
        let path = names.fill(&list.path, Spot::Path).unwrap_or_default();
        let Ok(url) = Url::parse(&request::joined(&inner.base, &path)) else {
            return Vec::new();
        };
        let mut unsent = Unsent {
            method: Method::GET,
            url,
            headers: inner.headers.clone(),
            body: Vec::new(),
        };
        if inner.credential.sign(&mut unsent).await.is_err() {
            return Vec::new();
        }
        if inner.admitted(Some((&unsent.url, &names))).is_err() {
            return Vec::new();
        }
        let line = Line::to(&unsent.url, &inner.settings, LIST_TIME);
        let asked = fetch(&inner.http, &line, unsent, "the list of models", LIST_TIME);
        let said = match asked.await {
            Ok(said) if said.status == 200 => said.body,
            _ => return Vec::new(),
        };
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
        let rows = names.fill(&list.rows, Spot::Plain).unwrap_or_default();
        let rows = said.pointer(&format!("/{rows}"));
        let rows = rows.and_then(serde_json::Value::as_array).cloned();
        let rows = rows.unwrap_or_default();
        let mut found: Vec<String> = rows
            .iter()
            .filter_map(|row| row.as_str().or_else(|| row.get(&list.key)?.as_str()))
            .filter(|name| name.len() <= 128 && !name.chars().any(char::is_control))
            .map(str::to_owned)
            .collect();
        let model = self.model();
        found.sort_by_key(|name| std::cmp::Reverse(alike(name, model)));
        found.truncate(NAMED);
        found
    }

    /// Whether `error` says that the provider does not know the model.
    pub fn is_model_unknown(error: &RouteError) -> bool {
        error.kind() == Kind::Refused && (error.status() == Some(404) || error.is_of_model())
    }

    fn url(&self) -> Option<Url> {
        Url::parse(&self.0.base.replace(['{', '}'], "")).ok()
    }
}

/// Letters that two names begin alike with.
fn alike(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::super::classify::classify;
    use super::super::error::Place;
    use super::*;

    #[test]
    fn a_model_is_unknown_where_the_provider_says_so() {
        let named = r#"{"error":{"code":"model_not_found"}}"#;
        for (status, body, unknown) in [
            (404, "", true),
            (400, named, true),
            (400, "", false),
            (401, "", false),
        ] {
            let failure = classify(Some(status), None, body.as_bytes());
            let error = failure.at(&Place::default());
            assert_eq!(Route::is_model_unknown(&error), unknown, "{status} {body}");
        }
    }
}
