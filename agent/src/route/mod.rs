//! The roads to models: a prompt out, a stream of deltas in. The only room that opens a network connection.
//!
//! `answer` drives one ask; `client`, `key`, `retry`, `deadline`, `breaker` and `error` are the policy that every provider shares;
//! `shape` is the seam to the files that hold nothing but what one wire family looks like; `routes.toml` has one row for each vendor.

mod answer;
mod breaker;
mod client;
mod deadline;
mod error;
mod key;
mod llama_cpp;
mod network;
mod ollama;
mod openai;
mod reply;
mod retry;
mod shape;
mod sse;
#[cfg(test)]
mod tests;
mod vendors;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};

pub use answer::Answer;
pub use client::Http;
pub use error::{Kind, RouteError};

use breaker::Breaker;
use client::Line;
use error::{Failure, Place};
use key::{Key, Source};
use reply::Reply;
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

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// More text; never empty.
    Text(String),
    /// The model's words for declining; never part of the text.
    Refusal(String),
    /// What the provider counted, as far as it says.
    Usage(Usage),
    /// The provider's own end mark.
    Done {
        /// Why the answer ended.
        stop: StopReason,
        /// The provider's own word for it.
        raw: Option<String>,
    },
}

/// Tokens, as the provider counted them; `None` = not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Of the question, cached ones included.
    pub input: Option<u64>,
    /// Of the answer.
    pub output: Option<u64>,
    /// Of the question, read from the provider's cache.
    pub cached: Option<u64>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The model came to its end, or to a stop string where the provider does not tell the two apart.
    End,
    /// The limit of tokens.
    Length,
    /// A stop string.
    Stop,
    /// The model wants a tool.
    Tool,
    /// The model declined.
    Refusal,
    /// The provider's content filter.
    Filter,
    /// The provider gave up.
    Cut,
}

impl StopReason {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            StopReason::End => "end",
            StopReason::Length => "length",
            StopReason::Stop => "stop",
            StopReason::Tool => "tool",
            StopReason::Refusal => "refusal",
            StopReason::Filter => "filter",
            StopReason::Cut => "cut",
        }
    }
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
        let mut place = Place {
            route: name.to_owned(),
            model: settings.model.clone(),
            host: String::new(),
        };
        let wrong = |what: String, place: &Place| Failure::new(Kind::Settings, what).at(place);
        let vendor = vendors::named(&settings.provider).ok_or_else(|| {
            wrong(
                format!(
                    "has an unknown provider `{}`; known are {}",
                    settings.provider,
                    list(|_| true)
                ),
                &place,
            )
        })?;
        if !vendor.is_spoken() {
            let what = format!(
                "provider `{}` is not supported by this version; it can use {}",
                vendor.name,
                list(Vendor::is_spoken)
            );
            return Err(Failure::new(Kind::Unsupported, what).at(&place));
        }
        let base = base(vendor, settings).map_err(|what| wrong(what, &place))?;
        place.host = host(&base);
        let source = source(vendor, settings, &base).map_err(|what| wrong(what, &place))?;
        let headers = headers(vendor, settings).map_err(|what| wrong(what, &place))?;
        let mode = mode(vendor, settings).map_err(|what| wrong(what, &place))?;
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
            .map_err(|error| network::failure(&error, &self.place.host))?;
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

fn list(wanted: impl Fn(&Vendor) -> bool) -> String {
    let names: Vec<_> = vendors::all()
        .iter()
        .filter(|vendor| wanted(vendor))
        .map(|vendor| vendor.name.as_str())
        .collect();
    names.join(", ")
}

fn base(vendor: &Vendor, settings: &Settings) -> Result<Url, String> {
    let text = settings.base_url.as_ref().or(vendor.base.as_ref());
    let text =
        text.ok_or_else(|| format!("has no `base_url`, which provider `{}` needs", vendor.name))?;
    // The address itself is not repeated: a key may stand in it.
    let url = Url::parse(text).map_err(|_| {
        "has a `base_url` that is no address; write it like http://127.0.0.1:8080/v1".to_owned()
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("has a `base_url` that is neither http nor https; correct it".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a key or password in `base_url`; take it out and set `api_key_env` or `api_key_cmd`".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a `base_url` with a query; give only the base address, and keys by `api_key_env` or `api_key_cmd`".to_owned());
    }
    Ok(url)
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn source(vendor: &'static Vendor, settings: &Settings, base: &Url) -> Result<Source, String> {
    let foreign = |name: &str| vendors::foreign_key(name, base);
    if let Some(name) = &settings.api_key_env {
        return match foreign(name) {
            Some((owner, place)) => Err(format!(
                "would send the key of {} (`{name}`) to {}; set `api_key_env` to a variable with the key of {}",
                owner.name, place.name, place.name
            )),
            None => Ok(Source::Variable(name.clone())),
        };
    }
    if let Some(argv) = settings
        .api_key_cmd
        .as_ref()
        .or(settings.token_command.as_ref())
    {
        return Ok(Source::Command(argv.clone()));
    }
    Ok(
        match vendor.keys.iter().any(|name| foreign(name).is_some()) || vendor.keys.is_empty() {
            true => Source::Nothing,
            false => Source::Usual(&vendor.keys),
        },
    )
}

/// Headers that belong to HTTP itself.
const FRAMING: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "upgrade",
    "expect",
];

fn headers(vendor: &Vendor, settings: &Settings) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("text/event-stream, application/x-ndjson, application/json"),
    );
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let own = vendor
        .own_headers
        .iter()
        .filter_map(|(key, header)| Some((header, settings.own.get(key)?.as_str()?)));
    let set = settings
        .headers
        .iter()
        .map(|(name, value)| (name, value.as_str()));
    for (name, value) in own.chain(set) {
        let header = name
            .parse::<HeaderName>()
            .ok()
            .filter(|header| !FRAMING.contains(&header.as_str()));
        let (Some(header), Ok(mut value)) = (header, HeaderValue::from_str(value)) else {
            return Err(format!(
                "has a header `{name}` that cannot be sent; correct `headers`"
            ));
        };
        // Keys are put into headers of any name.
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

fn mode(vendor: &Vendor, settings: &Settings) -> Result<Mode, String> {
    let row = fim::row_of_model(&settings.model).filter(|_| vendor.text.is_some());
    let native = |path: &str| match &vendor.hole {
        Some(hole) if path.is_empty() || hole.path.ends_with(path) => Ok(Mode::Native),
        _ => Err(format!(
            "has `fim = \"{}\"`, which provider `{}` does not offer; leave `fim` out",
            settings.fim, vendor.name
        )),
    };
    match settings.fim.as_str() {
        "" | "auto" if vendor.hole_auto => Ok(Mode::Native),
        "" | "auto" => Ok(row.map_or(Mode::Chat, Mode::Template)),
        "suffix" => native(""),
        "infill" => native("infill"),
        "chat" => Ok(Mode::Chat),
        "none" => Ok(Mode::Off),
        name => match fim::row(name) {
            Some(row) if vendor.text.is_some() => Ok(Mode::Template(row)),
            Some(_) => Err(format!(
                "has `fim = \"{name}\"`, but provider `{}` takes no raw text; leave `fim` out",
                vendor.name
            )),
            None => {
                let names: Vec<_> = fim::rows().iter().map(|row| row.name.as_str()).collect();
                Err(format!(
                    "has an unknown `fim = \"{name}\"`; known are auto, suffix, infill, chat, none, {}",
                    names.join(", ")
                ))
            }
        },
    }
}
