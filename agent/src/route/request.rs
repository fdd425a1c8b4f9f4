//! One question as the exact bytes that will be sent: address, headers and body, but for what proves who asks.

use std::sync::atomic::Ordering;
use std::sync::{OnceLock, PoisonError};
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
use super::{Inner, Surface, json, line_out, record, vendors};
use crate::ledger::Row;
use crate::policy::{Destination, Policy};
use crate::prompt::fim::{self, Mode};
use crate::prompt::{Body, Prompt};
use crate::tape;

/// Bytes that most bodies have room in.
const BODY: usize = 16 << 10;

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
        self.learn_of_holes(prompt, connect).await?;
        let (mut unsent, shape) = self.unsent(prompt, surface).await?;
        if !tape::is_played() {
            self.credential.sign(&mut unsent).await?;
        }
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
        let response = line_out::send(&client, unsent, &line).await?;
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
        let url = self.address(kind, &names)?;
        self.admitted(Some((&url, &names)))?;
        let unsent = Unsent {
            method: Method::POST,
            url,
            headers,
            body: self.body(kind, shape, prompt, surface, &names),
        };
        Ok((unsent, shape))
    }

    /// Whether a policy lets this route be asked, as far as is known where it leads.
    ///
    /// # Errors
    ///
    /// What forbids it.
    pub(super) fn admitted(&self, known: Option<(&Url, &Names)>) -> Result<(), Failure> {
        let settled = || {
            Url::parse(&self.base)
                .ok()
                .filter(|_| !self.base.contains('{'))
        };
        let url = known.map(|(url, _)| url.clone()).or_else(settled);
        let region = |names: &Names| {
            names
                .get("region")
                .or(names.get("location"))
                .map(str::to_owned)
        };
        let of_settings = || {
            let names = Names::of(self.vendor, &self.settings, Surface::Completion);
            region(&names)
        };
        let text = |value: Option<&serde_json::Value>| {
            value
                .and_then(|it| it.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let deployment = text(self.settings.own.get("deployment"));
        let other = text(self.settings.extra_body.get("model"));
        let named = [&self.settings.model, &deployment, &other];
        let mut models: Vec<&str> = named.into_iter().map(String::as_str).collect();
        models.retain(|model| !model.is_empty());
        if models.is_empty() {
            models.push("");
        }
        let proxy = self.settings.proxy.as_deref().map(Url::parse);
        let through =
            proxy.is_none_or(|proxy| proxy.is_ok_and(|proxy| vendors::is_loopback(&proxy)));
        let to = Destination {
            provider: &self.vendor.name,
            origin: url.as_ref().map(record::origin),
            // What is not known yet leads to a vendor's cloud.
            here: through && url.as_ref().is_some_and(vendors::is_loopback),
            models,
            region: known.map_or_else(of_settings, |(_, names)| region(names)),
        };
        Policy::of_process()
            .admits(&to)
            .map_err(|what| Failure::new(Kind::Policy, what))
    }

    fn body(
        &self,
        kind: &vendors::Kind,
        shape: &dyn Shape,
        prompt: &Prompt,
        surface: Surface,
        names: &Names,
    ) -> Vec<u8> {
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
            whole: is_line(prompt, surface) && self.quick.load(Ordering::Relaxed),
            own: &settings.own,
        });
        if let Some(pictures) = shape.pictures().filter(|_| !prompt.images.is_empty()) {
            pictures.show(&mut body, &prompt.images);
        }
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
        let mut text = Vec::with_capacity(BODY);
        json::write(&mut text, &body);
        text
    }

    /// Asks the credential for what the settings leave open of the address, if the route may be asked at all.
    async fn fill_blanks(&self, kind: &vendors::Kind, names: &mut Names) -> Result<(), Failure> {
        let templates = [self.base.as_str(), &kind.path];
        let blanks: Vec<&str> = templates
            .into_iter()
            .chain(kind.query.values().map(String::as_str))
            .flat_map(|template| names.blanks(template))
            .collect();
        if !blanks.is_empty() {
            self.admitted(None)?;
        }
        for name in blanks {
            if tape::is_played() {
                names.set(name, "played");
            } else if let Some(value) = self.credential.blank(name).await? {
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
        let mut url = self.parsed(joined(&base, &path)).ok_or_else(|| {
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

    /// `address` as an URL: a route asks the same one again and again.
    fn parsed(&self, address: String) -> Option<Url> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, url)) if *known == address => Some(url.clone()),
            _ => {
                let url = Url::parse(&address).ok()?;
                *last = Some((address, url.clone()));
                Some(url)
            }
        }
    }

    /// Asks the server once whether the model fills holes, where it can be asked and may be. Without an answer it is tried.
    async fn learn_of_holes(&self, prompt: &Prompt, connect: Duration) -> Result<(), Failure> {
        let (Some(probe), Body::Hole(_)) = (&self.vendor.hole_probe, &prompt.body) else {
            return Ok(());
        };
        let Ok(url) = Url::parse(&joined(&self.base, &probe.path)) else {
            return Ok(());
        };
        self.admitted(None)?;
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
        Ok(())
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

/// Whether `prompt` asks for a line for somebody who types: it is shown when it is whole, and not before.
pub fn is_line(prompt: &Prompt, surface: Surface) -> bool {
    surface == Surface::Completion && prompt.is_one_line()
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
