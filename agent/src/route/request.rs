//! One question as the exact bytes that will be sent: address, headers and body, but for what proves who asks.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::client::Line;
use super::credential::{Fresh, Unsent};
use super::error::{Failure, Kind};
use super::exchange::host;
use super::fetch::fetch;
use super::names::{Names, Spot, Unfilled};
use super::reply::Reply;
use super::shape::{self, Asked, Shape};
use super::{Inner, Surface, network, vendors};
use crate::ledger::Row;
use crate::prompt::fim::{self, Mode};
use crate::prompt::{Body, Prompt};

impl Inner {
    /// One request, up to the headers of its answer; when it was signed is put into `signed`, and `row` is its row in the ledger as soon as
    /// it leaves.
    pub(super) async fn send(
        &self,
        prompt: &Prompt,
        surface: Surface,
        tried: u32,
        connect: Duration,
        signed: &mut Instant,
        row: &OnceLock<Row>,
    ) -> Result<Reply, Failure> {
        self.learn_of_holes(prompt, connect).await;
        let (mut unsent, shape) = self.unsent(prompt, surface).await?;
        self.credential.sign(&mut unsent).await?;
        *signed = Instant::now();
        let secrets: Vec<HeaderValue> = unsent
            .headers
            .values()
            .filter(|value| value.is_sensitive())
            .cloned()
            .collect();
        let line = Line::to(&unsent.url, &self.settings, connect);
        let client = self.http.client(&line)?;
        let row = row.get_or_init(|| self.record(&unsent, prompt, surface, tried));
        let response = client
            .request(unsent.method, unsent.url)
            .headers(unsent.headers)
            .body(unsent.body)
            .send()
            .await
            .map_err(|error| network::failure(&error, &line))?;
        Reply::open(response, shape, &self.http, &secrets, row).await
    }

    /// The request that asks `prompt`, not yet signed, and the shape of its answer.
    pub(super) async fn unsent(
        &self,
        prompt: &Prompt,
        surface: Surface,
    ) -> Result<(Unsent, &'static dyn Shape), Failure> {
        let templated = match &self.mode {
            _ if !self.no_holes.load(Ordering::Relaxed) => None,
            Mode::Native => {
                fim::row_of_model(&self.settings.model).map(|row| fim::as_text(prompt, row))
            }
            _ => None,
        };
        let prompt = templated.as_ref().unwrap_or(prompt);
        let mut names = Names::of(self.vendor, &self.settings, used_for(prompt, surface));
        let impossible = || {
            let what = format!(
                "provider `{}` has no request for this; use another route",
                self.vendor.name
            );
            Failure::new(Kind::Unsupported, what)
        };
        let kind = self
            .vendor
            .kind(&prompt.body, &names)
            .ok_or_else(impossible)?;
        let shape = shape::named(&kind.shape).ok_or_else(impossible)?;
        self.fill_blanks(kind, &mut names).await?;
        let mut headers = self.headers.clone();
        for (name, template) in self.vendor.headers.iter().chain(&kind.headers) {
            let value = names.fill(template, Spot::Plain).ok();
            if let (Ok(name), Some(Ok(value))) = (
                name.parse::<HeaderName>(),
                value.map(|value| HeaderValue::from_str(&value)),
            ) && !self.settings.headers.keys().any(|own| name == own.as_str())
            {
                headers.insert(name, value);
            }
        }
        let unsent = Unsent {
            method: Method::POST,
            url: self.address(kind, &names)?,
            headers,
            body: self.body(kind, shape, prompt, surface, &names).into_bytes(),
        };
        Ok((unsent, shape))
    }

    fn body(
        &self,
        kind: &vendors::Kind,
        shape: &dyn Shape,
        prompt: &Prompt,
        surface: Surface,
        names: &Names,
    ) -> String {
        let settings = &self.settings;
        let max_tokens = match (prompt.max_tokens, settings.max_output_tokens) {
            (Some(asked), Some(most)) => Some(asked.min(most)),
            (asked, most) => asked.or(most),
        };
        let mut body = shape.body(&Asked {
            model: names.get("model").unwrap_or_default(),
            prompt,
            surface,
            max_tokens,
            temperature: settings.temperature,
            top_p: settings.top_p,
            chat_limit: &self.vendor.chat_limit,
            usage_option: self.vendor.usage_option,
            own: &settings.own,
        });
        for (key, value) in &kind.with {
            let text = value.as_str().map(|text| names.fill(text, Spot::Plain));
            let value = match text {
                Some(Ok(text)) => text.into(),
                _ => value.clone(),
            };
            body.insert(key.clone(), value);
        }
        body.retain(|key, _| !kind.without.contains(key));
        body.extend(settings.extra_body.clone());
        serde_json::Value::Object(body).to_string()
    }

    /// Asks the credential for what the settings leave open of the address.
    async fn fill_blanks(&self, kind: &vendors::Kind, names: &mut Names) -> Result<(), Failure> {
        let templates = [self.base.as_str(), &kind.path];
        let blanks: Vec<&str> = templates
            .into_iter()
            .chain(kind.query.values().map(String::as_str))
            .flat_map(|template| names.blanks(template))
            .collect();
        for name in blanks {
            if let Some(value) = self.credential.blank(name).await? {
                names.set(name, &value);
            }
        }
        Ok(())
    }

    fn address(&self, kind: &vendors::Kind, names: &Names) -> Result<Url, Failure> {
        let wrong = |unfilled| {
            let what = match unfilled {
                Unfilled::Blank(name) => {
                    format!("has no `{name}`; add it to the settings of this route")
                }
                Unfilled::Unfit(name) => format!(
                    "has a `{name}` that cannot be part of an address; correct it in the settings of this route"
                ),
            };
            Failure::new(Kind::Settings, what)
        };
        let base = names.fill(&self.base, Spot::Host).map_err(wrong)?;
        let path = names.fill(&kind.path, Spot::Path).map_err(wrong)?;
        let mut url = Url::parse(&joined(&base, &path)).map_err(|_| {
            Failure::new(
                Kind::Settings,
                "has no usable address; check `base_url` of this route",
            )
        })?;
        for (name, template) in &kind.query {
            let value = names.fill(template, Spot::Plain).map_err(wrong)?;
            url.query_pairs_mut().append_pair(name, &value);
        }
        if self.place.host.contains('{') {
            self.asked.get_or_init(|| host(&url));
        }
        Ok(url)
    }

    /// Asks the server once whether the model fills holes, where it can be asked. Without an answer it is tried.
    async fn learn_of_holes(&self, prompt: &Prompt, connect: Duration) {
        let (Some(probe), Body::Hole(_)) = (&self.vendor.hole_probe, &prompt.body) else {
            return;
        };
        let Ok(url) = Url::parse(&joined(&self.base, &probe.path)) else {
            return;
        };
        let unsent = Unsent {
            method: Method::POST,
            headers: self.headers.clone(),
            body: serde_json::json!({"model": self.settings.model})
                .to_string()
                .into_bytes(),
            url,
        };
        let (http, needs) = (self.http.clone(), probe.needs.clone());
        let line = Line::to(&unsent.url, &self.settings, connect);
        let asked = self.holes.get(|| {
            let asking = async move {
                let said = fetch(&http, &line, unsent, "the server", connect).await?;
                let said: serde_json::Value =
                    serde_json::from_slice(&said.body).unwrap_or_default();
                let known = said["capabilities"].as_array();
                let value = known.is_none_or(|known| known.iter().any(|one| *one == *needs));
                Ok(Fresh::lasting(value))
            };
            asking.boxed()
        });
        if asked.await.is_ok_and(|holes| !*holes) {
            self.no_holes.store(true, Ordering::Relaxed);
        }
    }

    /// Whether `failure` says that this model fills no holes here and its own template can be used instead, from now on.
    pub(super) fn hole_refused(&self, prompt: &Prompt, failure: &Failure) -> bool {
        matches!(prompt.body, Body::Hole(_))
            && failure.status.is_some()
            && failure.status == self.vendor.hole_refused
            && !self.vendor.text.is_empty()
            && fim::row_of_model(&self.settings.model).is_some()
            && !self.no_holes.swap(true, Ordering::Relaxed)
    }
}

/// What the provider is told that `prompt` is for: holes and raw text are completions, whoever waits for them.
pub fn used_for(prompt: &Prompt, surface: Surface) -> Surface {
    match prompt.body {
        Body::Chat(_) => surface,
        Body::Hole(_) | Body::Text(_) => Surface::Completion,
    }
}

/// `path` below `base`. What stands at the end of one and at the start of the other stands there once: an address that already holds the
/// vendor's `/v1` means the same as one that does not.
pub fn joined(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    let twice = path.match_indices('/').map(|(at, _)| &path[..at]);
    let mut twice = twice.filter(|head| {
        base.strip_suffix(head).is_some_and(|rest| {
            rest.ends_with('/') && rest.contains("://") && !rest.ends_with("://")
        })
    });
    let rest = twice
        .next_back()
        .map_or(path, |head| &path[head.len() + 1..]);
    format!("{base}/{rest}")
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_base_may_hold_the_start_of_the_path() {
        for (base, path, wanted) in [
            ("http://h", "v1/messages", "http://h/v1/messages"),
            ("http://h/", "v1/messages", "http://h/v1/messages"),
            ("http://h/v1", "v1/messages", "http://h/v1/messages"),
            ("http://h/v1/", "chat/x", "http://h/v1/chat/x"),
            ("http://h/a", "v1/messages", "http://h/a/v1/messages"),
            ("http://h/openai/v1", "openai/v1/x", "http://h/openai/v1/x"),
            ("http://h/openai", "openai/v1/x", "http://h/openai/v1/x"),
            ("http://v1", "v1/x", "http://v1/v1/x"),
            ("http://h/av1", "v1/x", "http://h/av1/v1/x"),
            ("http://h", "x", "http://h/x"),
        ] {
            assert_eq!(joined(base, path), wanted, "{base} {path}");
        }
    }
}
