//! The roads to models: a prompt out, a stream of deltas in. The only room that opens a network connection.
//!
//! `answer` drives one ask; `client`, `key`, `retry`, `deadline`, `breaker` and `error` are the policy that every provider shares;
//! `shape` is the seam to the files that hold nothing but what one wire family looks like; `routes.toml` has one row for each vendor.

mod answer;
mod breaker;
mod classify;
mod client;
mod deadline;
mod delta;
mod error;
mod key;
mod llama_cpp;
mod network;
mod ollama;
mod openai;
mod reply;
mod retry;
mod setup;
mod shape;
mod sse;
#[cfg(test)]
mod tests;
mod vendors;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap};

pub use answer::Answer;
pub use client::Http;
pub use delta::{Delta, StopReason, Usage};
pub use error::{Kind, RouteError};

use breaker::Breaker;
use client::Line;
use error::{Failure, Place};
use key::Key;
use reply::Reply;
use setup::Setup;
use shape::Asked;
use vendors::Vendor;

use crate::prompt::fim::{self, Mode};
use crate::prompt::{Body, Prompt};
use crate::settings::Route as Settings;

/// What a route's answer is for; decides its patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Ghost text, while someone types.
    Completion,
    /// An edit that someone asked for.
    Edit,
    /// A conversation.
    Chat,
}

/// A configured route. Clones share its key, its breaker and its connections; settings that change make a new one.
#[derive(Clone)]
pub struct Route(Arc<Inner>);

struct Inner {
    place: Place,
    vendor: &'static Vendor,
    base: Url,
    headers: HeaderMap,
    key: Key,
    settings: Settings,
    mode: Mode,
    http: Http,
    breaker: Breaker,
    /// Set when the provider turned out not to fill holes with this model.
    no_holes: AtomicBool,
}

impl Route {
    /// The route `name` as `settings` describe it. Opens no connection, reads no key and no file; whatever is wrong with the settings is
    /// said here, in one sentence.
    pub fn new(name: &str, settings: &Settings, http: &Http) -> Result<Route, RouteError> {
        let Setup {
            place,
            vendor,
            base,
            source,
            headers,
            mode,
        } = setup::check(name, settings)?;
        Ok(Route(Arc::new(Inner {
            place,
            vendor,
            base,
            headers,
            key: Key::new(source),
            settings: settings.clone(),
            mode,
            http: http.clone(),
            breaker: Breaker::default(),
            no_holes: AtomicBool::new(false),
        })))
    }

    /// The name under `[routes]`.
    pub fn name(&self) -> &str {
        &self.0.place.route
    }

    /// The model, as the settings spell it.
    pub fn model(&self) -> &str {
        &self.0.place.model
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.0.vendor.name
    }

    /// Host and port of the route's origin.
    pub fn host(&self) -> &str {
        &self.0.place.host
    }

    /// How the route fills holes: what `prompt::completion` needs to know.
    pub fn mode(&self) -> &Mode {
        &self.0.mode
    }

    /// Tokens of context that a prompt may have, as the settings say.
    pub fn context_tokens(&self) -> Option<u32> {
        self.0.settings.context_tokens
    }

    /// Why completions are paused until the route's settings change, in one clause; `None` when they are not.
    pub fn paused(&self) -> Option<&'static str> {
        self.0.breaker.paused()
    }

    /// Asks `prompt`. Nothing is sent before the answer is polled; see [`Answer`] for how it ends.
    pub fn stream(&self, prompt: Prompt, surface: Surface) -> Answer {
        answer::ask(self.0.clone(), prompt, surface)
    }
}

impl Inner {
    /// One request, up to the headers of its answer.
    async fn send(&self, prompt: &Prompt, connect: Duration) -> Result<Reply, Failure> {
        let templated = match &self.mode {
            _ if !self.no_holes.load(Ordering::Relaxed) => None,
            Mode::Native => {
                fim::row_of_model(&self.settings.model).map(|row| fim::as_text(prompt, row))
            }
            _ => None,
        };
        let prompt = templated.as_ref().unwrap_or(prompt);
        let vendor = self.vendor;
        let impossible = || {
            let what = format!(
                "provider `{}` has no request for this; use another route",
                vendor.name
            );
            Failure::new(Kind::Unsupported, what)
        };
        let kind = vendor.kind(&prompt.body).ok_or_else(impossible)?;
        let shape = shape::named(&kind.shape).ok_or_else(impossible)?;
        let url = format!("{}/{}", self.base.as_str().trim_end_matches('/'), kind.path);

        let key = self.key.get().await?;
        let mut headers = self.headers.clone();
        if let Some(key) = &key {
            headers.insert(AUTHORIZATION, key.header());
        }
        let settings = &self.settings;
        let max_tokens = match (prompt.max_tokens, settings.max_output_tokens) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (asked, most) => asked.or(most),
        };
        let mut body = shape.body(&Asked {
            model: &settings.model,
            prompt,
            max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            chat_limit: &vendor.chat_limit,
            usage_option: vendor.usage_option,
            own: &settings.own,
        });
        body.extend(settings.extra_body.clone());
        let body = serde_json::Value::Object(body).to_string();

        let client = self.http.client(&self.line(connect))?;
        let response = client
            .post(url)
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| network::failure(&error))?;
        Reply::open(response, shape, &self.http, key.as_deref()).await
    }

    fn line(&self, connect: Duration) -> Line {
        Line {
            tls: self.base.scheme() == "https",
            loopback: vendors::is_loopback(&self.base),
            connect,
            proxy: self.settings.proxy.clone(),
            ca_bundle: self.settings.ca_bundle.clone(),
            client_cert: self.settings.client_cert.clone(),
        }
    }

    /// Whether `failure` says that this model fills no holes here and its own template can be used instead, from now on.
    fn hole_refused(&self, prompt: &Prompt, failure: &Failure) -> bool {
        matches!(prompt.body, Body::Hole(_))
            && failure.status.is_some()
            && failure.status == self.vendor.hole_refused
            && self.vendor.text.is_some()
            && fim::row_of_model(&self.settings.model).is_some()
            && !self.no_holes.swap(true, Ordering::Relaxed)
    }
}
