//! One HTTP answer, read piece by piece: its kind is checked first, then its bytes become deltas.

use std::time::{Duration, SystemTime};

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION};
use tokio::time::timeout;

use super::Delta;
use super::classify::classify;
use super::client::Http;
use super::error::{Failure, Kind, Retry};
use super::network::LARGE_HEADERS;
use super::retry;
use super::shape::{Cutter, Framing, Shape};
use super::sse::{Event, Lines, Sse, TooLarge, too_large};
use super::told::Told;
use crate::ledger::Row;

/// Most bytes of one answer.
const MAX_BODY: usize = 16 << 20;
/// Most bytes of its text: more than any model says.
const MAX_TEXT: usize = 4 << 20;
/// Most bytes of an answer's headers.
const MAX_HEADERS: usize = 64 << 10;
/// Bytes of an error's body that are read to find its code.
const MAX_ERROR: usize = 64 << 10;
/// How long an error's body is waited for.
const ERROR_TIME: Duration = Duration::from_secs(1);
/// Fewest characters of a secret.
const SECRET: usize = 6;
/// Where providers put their name of a request.
const REQUEST_IDS: &[&str] = &[
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "apim-request-id",
    "x-trace",
];

/// An answer that may hold deltas.
pub struct Reply {
    response: Option<reqwest::Response>,
    http: Http,
    shape: &'static dyn Shape,
    parser: Parser,
    events: Vec<Event>,
    told: Told,
    request_id: Option<Box<str>>,
    row: Row,
    /// Bytes of the body, where the server said so.
    length: Option<u64>,
    read: usize,
}

/// How the bytes are cut into events.
enum Parser {
    /// Not known before the first byte.
    Unknown,
    Events(Box<dyn Cutter>),
    /// One JSON value that is complete at the end.
    Whole(Vec<u8>),
}

/// What a read brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Deltas, or the model is at work.
    Content,
    /// Bytes without content.
    Sign,
    /// The end.
    End,
}

impl Reply {
    /// What the provider calls the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Takes `response` if it can hold an answer; says what it is otherwise.
    pub async fn open(
        response: reqwest::Response,
        shape: &'static dyn Shape,
        http: &Http,
        secrets: &[HeaderValue],
        row: &Row,
    ) -> Result<Reply, Failure> {
        let headers = response.headers();
        let request_id = request_id(headers, secrets);
        row.answered(response.status().as_u16(), request_id.as_deref());
        let size: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        let refused = |what: &str| Failure {
            request_id: request_id.clone(),
            ..Failure::new(Kind::BadReply, what)
        };
        if size > MAX_HEADERS {
            return Err(refused(LARGE_HEADERS));
        }
        let status = response.status().as_u16();
        if status != 200 {
            return Err(Failure {
                request_id,
                ..refusal(response, row, secrets).await
            });
        }
        if headers
            .get(CONTENT_ENCODING)
            .is_some_and(|coding| coding != "identity")
        {
            return Err(refused("a compressed answer, which was not asked for"));
        }
        let (media, framing) = (media_type(headers), shape.framing());
        let parser = match (media.as_str(), framing) {
            (own, Framing::Frames { media, cutter }) if own == media => Parser::Events(cutter()),
            ("text/event-stream", _) => Parser::Events(Box::new(Sse::default())),
            ("application/x-ndjson" | "application/jsonl", _) => {
                Parser::Events(Box::new(Lines::default()))
            }
            ("text/html" | "application/xhtml+xml", _) => return Err(refused(WEB_PAGE)),
            ("application/json", Framing::Sse | Framing::Frames { .. }) => {
                Parser::Whole(Vec::new())
            }
            ("application/json" | "text/plain" | "application/octet-stream" | "", _) => {
                Parser::Unknown
            }
            _ => {
                return Err(refused(
                    "an answer that is neither JSON nor a stream of events; check `base_url` of this route",
                ));
            }
        };
        Ok(Reply {
            length: response.content_length(),
            response: Some(response),
            http: http.clone(),
            shape,
            parser,
            events: Vec::new(),
            told: Told::default(),
            request_id,
            row: row.clone(),
            read: 0,
        })
    }

    /// Waits for the next bytes and appends the deltas in them to `out`. After the end mark only usage is still taken.
    pub async fn step(&mut self, out: &mut Vec<Delta>) -> Result<Step, Failure> {
        let chunk = match &mut self.response {
            Some(response) => response.chunk().await.map_err(|_| cut()),
            None => Ok(None),
        };
        let step = match chunk {
            Ok(Some(chunk)) => self.take(&chunk, out),
            Ok(None) => self.close(out),
            Err(failure) => Err(failure),
        };
        if !matches!(step, Ok(Step::Content | Step::Sign)) {
            // Nothing more is wanted from here; an answer that is broken closes its connection.
            self.response = None;
        }
        step.map_err(|failure| Failure {
            request_id: self.request_id.clone(),
            ..failure
        })
    }

    /// Whether the provider's end mark came.
    pub fn is_done(&self) -> bool {
        self.told.is_done()
    }

    fn take(&mut self, chunk: &[u8], out: &mut Vec<Delta>) -> Result<Step, Failure> {
        self.read += chunk.len();
        self.row.received(chunk.len());
        if self.read > MAX_BODY {
            return Err(too_large(TooLarge));
        }
        if let (Parser::Unknown, Some(first)) = (
            &self.parser,
            chunk.iter().find(|byte| !byte.is_ascii_whitespace()),
        ) {
            self.parser = match (first, self.shape.framing()) {
                (b'<', _) => return Err(Failure::new(Kind::BadReply, WEB_PAGE)),
                (b'{' | b'[', Framing::Sse | Framing::Frames { .. }) => Parser::Whole(Vec::new()),
                (_, Framing::Sse) => Parser::Events(Box::new(Sse::default())),
                (_, Framing::Lines) => Parser::Events(Box::new(Lines::default())),
                (_, Framing::Frames { cutter, .. }) => Parser::Events(cutter()),
            };
        }
        match &mut self.parser {
            Parser::Unknown => {}
            Parser::Events(cutter) => {
                // What stood before a broken frame is still what the model said.
                let cut = cutter.feed(chunk, &mut self.events);
                let step = self.understand(out)?;
                return cut.map(|()| step);
            }
            Parser::Whole(body) => {
                body.extend_from_slice(chunk);
                if self.length == Some(self.read as u64) {
                    // The end is known without waiting for it; the connection learns it a moment later.
                    return self.close(out).map(|_| Step::Content);
                }
            }
        }
        Ok(Step::Sign)
    }

    fn close(&mut self, out: &mut Vec<Delta>) -> Result<Step, Failure> {
        let last = match &mut self.parser {
            Parser::Unknown => None,
            Parser::Events(cutter) => cutter.finish(),
            Parser::Whole(body) => Some(Event {
                name: String::new(),
                data: std::mem::take(body),
            }),
        };
        let whole = matches!(self.parser, Parser::Whole(_));
        self.events.extend(last);
        match self.understand(out) {
            // Half an event at the end is a cut, not a riddle; a whole answer came with its length.
            Err(failure) if !whole && failure.kind == Kind::BadReply && !self.is_done() => {
                Err(cut())
            }
            Err(failure) => Err(failure),
            Ok(_) if self.is_done() => Ok(Step::End),
            Ok(_) => Err(cut()),
        }
    }

    fn understand(&mut self, out: &mut Vec<Delta>) -> Result<Step, Failure> {
        let mut content = false;
        for event in self.events.drain(..) {
            let read = self.shape.read(&event, &mut self.told);
            content |= self.told.take(out);
            match read {
                // What a server says behind its end mark changes nothing.
                Err(failure) if !self.told.is_done() => return Err(failure),
                _ if self.told.length() > MAX_TEXT => return Err(too_large(TooLarge)),
                _ => {}
            }
        }
        Ok(if content { Step::Content } else { Step::Sign })
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // An answer that came to its end mark leaves a connection that is worth keeping; any other drop is a cancellation and closes it.
        if let (true, Some(response)) = (self.told.is_done(), self.response.take()) {
            self.http.leave(response);
        }
    }
}

const WEB_PAGE: &str = "answered with a web page instead of a model's answer; check `base_url` of this route, and whether a proxy wants a sign-in";

fn cut() -> Failure {
    Failure::new(Kind::Cut, "the answer broke off before its end; try again").again()
}

/// The failure that an answer other than 200 stands for.
async fn refusal(mut response: reqwest::Response, row: &Row, secrets: &[HeaderValue]) -> Failure {
    let status = response.status();
    let page = media_type(response.headers()) == "text/html";
    let text = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let date = text(DATE.as_str()).and_then(retry::date);
    // A date to come back at is of the same clock as the answer's own.
    let now = date.unwrap_or_else(SystemTime::now);
    let (should, after) = retry::wish(response.headers(), now);
    // Sourcegraph and its gateway say here how many requests a person may make.
    let limit: Option<u32> = text("x-ratelimit-limit").and_then(|limit| limit.parse().ok());
    // AWS puts the name of the error here, with an address behind a colon.
    let code = text("x-amzn-errortype").and_then(|code| code.split(':').next());
    let code = code.map(str::to_owned);
    let challenge = response.headers().keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-") && name.ends_with("-u2f-challenge")
    });
    let target = response
        .headers()
        .get(LOCATION)
        .and_then(|to| to.to_str().ok())
        .and_then(|to| response.url().join(to).ok());
    let mut body = Vec::new();
    // A body that does not come in time says nothing; the status is enough.
    let _ = timeout(ERROR_TIME, async {
        while let Ok(Some(chunk)) = response.chunk().await {
            row.received(chunk.len());
            body.extend_from_slice(&chunk[..chunk.len().min(MAX_ERROR - body.len())]);
            if body.len() == MAX_ERROR {
                break;
            }
        }
    })
    .await;

    let mut failure = classify(Some(status.as_u16()), code.as_deref(), &body);
    failure.date = date;
    match (should, failure.retry) {
        (Some(false), _) => failure.retry = Retry::Never,
        (Some(true), Retry::Never) => failure.retry = after.map_or(Retry::Soon, Retry::After),
        (_, Retry::Soon | Retry::After(_)) => {
            failure.retry = after.map_or(failure.retry, Retry::After);
        }
        _ => {}
    }
    if let Kind::RateLimited { retry_after } = &mut failure.kind {
        *retry_after = after.or(*retry_after);
        let limit = limit.map_or_else(String::new, |limit| format!(" (the limit is {limit})"));
        failure.what = match *retry_after {
            Some(after) => format!(
                "too many requests{limit}; the provider asks to wait {} s",
                after.as_secs_f64().ceil()
            ),
            None => format!("too many requests{limit}; wait a moment"),
        };
    }
    if status.is_redirection() {
        let target = target.map(|to| origin(&to));
        let target = target.filter(|to| !plays_back(secrets, to));
        let target = target.unwrap_or_else(|| "an unreadable address".to_owned());
        failure.what = format!(
            "a redirect to {target}, which is not followed; set `base_url` of this route to it if you trust it"
        );
    } else if challenge && status == 401 {
        failure.what = "a proxy in front of it wants your security key; sign in with a browser, then try again".to_owned();
    } else if page {
        failure
            .what
            .push_str(" (the answer is a web page, perhaps of a proxy)");
    }
    failure
}

/// Scheme, host and port; the rest of a redirect may hold what nobody should read in a message.
fn origin(url: &reqwest::Url) -> String {
    match url.host_str() {
        Some(host) => format!(
            "{}://{host}{}",
            url.scheme(),
            url.port()
                .map(|port| format!(":{port}"))
                .unwrap_or_default()
        ),
        None => format!("a {}: address", url.scheme()),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The provider's name of the request, if it looks like one and plays no secret back.
fn request_id(headers: &HeaderMap, secrets: &[HeaderValue]) -> Option<Box<str>> {
    let plain = |id: &&str| {
        id.len() <= 128
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:=/+".contains(&byte))
    };
    let mut ids = REQUEST_IDS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok());
    let id = ids.find(plain)?;
    (!id.is_empty() && !plays_back(secrets, id)).then(|| id.into())
}

/// Whether `text` holds a secret of the request, in letters of any size. Shorter words than a key's are no secrets: people put names into
/// headers, too.
fn plays_back(secrets: &[HeaderValue], text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    secrets
        .iter()
        .filter_map(|value| value.to_str().ok()?.split_whitespace().last())
        .any(|secret| secret.len() >= SECRET && text.contains(&secret.to_ascii_lowercase()))
}
