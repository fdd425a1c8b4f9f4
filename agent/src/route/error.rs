//! What goes wrong on a route: typed once, from status codes and typed bodies, said in one sentence with the mend.

use std::fmt;
use std::time::Duration;

/// What class a failure is of; decides what is shown, tried again, paused, and the exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No key, an empty key, or the provider does not know it (401, 407).
    Auth,
    /// The key is known and may not do this (403).
    Forbidden,
    /// Too many requests (429); the provider may say when to come back.
    RateLimited {
        /// How long the provider wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The money or the quota is used up: waiting does not help.
    Quota,
    /// The prompt is longer than the model takes.
    TooLong,
    /// The provider is there and cannot answer now (408, 425, 5xx, 529).
    Overloaded,
    /// No connection, no name, no trusted certificate, or the line broke before the answer began.
    Network,
    /// The provider will not do this, however often it is asked (400, 404, 422, …).
    Refused,
    /// The provider's content filter stopped the answer.
    Filtered,
    /// An answer that cannot be read: a web page, a redirect, wrong JSON, too large.
    BadReply,
    /// The answer stopped without the provider's own end mark.
    Cut,
    /// A deadline passed.
    Timeout,
    /// The route rests after failures; nothing was sent.
    Resting {
        /// When it may be asked again; `None` = after its settings changed.
        again_in: Option<Duration>,
    },
    /// This version does not speak the provider's protocol, or not this part of it.
    Unsupported,
    /// The route's settings are wrong; nothing was sent.
    Settings,
}

impl Kind {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Auth => "auth",
            Kind::Forbidden => "forbidden",
            Kind::RateLimited { .. } => "rate_limited",
            Kind::Quota => "quota",
            Kind::TooLong => "too_long",
            Kind::Overloaded => "overloaded",
            Kind::Network => "network",
            Kind::Refused => "refused",
            Kind::Filtered => "filtered",
            Kind::BadReply => "bad_reply",
            Kind::Cut => "cut",
            Kind::Timeout => "timeout",
            Kind::Resting { .. } => "resting",
            Kind::Unsupported => "unsupported",
            Kind::Settings => "settings",
        }
    }

    /// Whether the provider, not the question, is at fault: such failures in a row open the breaker.
    pub(super) fn is_outage(self) -> bool {
        matches!(
            self,
            Kind::Overloaded | Kind::Network | Kind::Timeout | Kind::Cut | Kind::BadReply
        )
    }
}

/// A failure of a route: what happened, where, and what to do about it. Holds no key, no prompt, no answer and no query of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteError(Box<Facts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    kind: Kind,
    place: Place,
    failure: Failure,
}

/// Which route failed, in the user's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The name under `[routes]`.
    pub route: String,
    /// The model, as the settings spell it.
    pub model: String,
    /// Host and port of the route's origin.
    pub host: String,
}

/// A failure before it is known which route it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub kind: Kind,
    /// What happened, to follow the route's name, with the mend.
    pub what: String,
    /// The status code of the answer, if there was one.
    pub status: Option<u16>,
    /// What the provider calls this request.
    pub request_id: Option<String>,
    /// Whether the same request may be sent again, and the provider's own wish about it.
    pub retry: Retry,
}

/// Whether the same request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail in the same way.
    Never,
    /// After a back-off of our own.
    Soon,
    /// After the time that the provider named.
    After(Duration),
}

impl Failure {
    /// A failure that is final.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Failure {
            kind,
            what: what.into(),
            status: None,
            request_id: None,
            retry: Retry::Never,
        }
    }

    /// The same, worth another try.
    pub fn again(self) -> Self {
        Failure {
            retry: Retry::Soon,
            ..self
        }
    }

    /// The failure as the user sees it.
    pub fn at(self, place: &Place) -> RouteError {
        RouteError(Box::new(Facts {
            kind: self.kind,
            place: place.clone(),
            failure: self,
        }))
    }
}

impl RouteError {
    /// The class.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The name under `[routes]`.
    pub fn route(&self) -> &str {
        &self.0.place.route
    }

    /// The model, as the settings spell it.
    pub fn model(&self) -> &str {
        &self.0.place.model
    }

    /// Host and port of the route's origin; empty when the settings hold no address.
    pub fn host(&self) -> &str {
        &self.0.place.host
    }

    /// The status code of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.failure.status
    }

    /// What the provider calls this request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.failure.request_id.as_deref()
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts {
            place: Place { route, model, host },
            failure,
            ..
        } = &*self.0;
        write!(f, "route `{route}`")?;
        match (model.is_empty(), host.is_empty()) {
            (false, false) => write!(f, " ({model} at {host})")?,
            (true, false) => write!(f, " ({host})")?,
            (false, true) => write!(f, " ({model})")?,
            (true, true) => {}
        }
        if let Some(status) = failure.status {
            write!(f, " answered {status}:")?;
        }
        write!(f, " {}", failure.what)?;
        if let Some(id) = &failure.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for RouteError {}

/// What a status code means, where the body says nothing more precise.
struct Row {
    from: u16,
    to: u16,
    kind: Kind,
    retry: Retry,
    what: &'static str,
}

const fn row(from: u16, to: u16, kind: Kind, retry: Retry, what: &'static str) -> Row {
    Row {
        from,
        to,
        kind,
        retry,
        what,
    }
}

const RATE: Kind = Kind::RateLimited { retry_after: None };

/// The first row that holds a status decides.
const STATUS: &[Row] = &[
    row(
        401,
        401,
        Kind::Auth,
        Retry::Never,
        "the key was not accepted; check the key setting of this route",
    ),
    row(
        402,
        402,
        Kind::Quota,
        Retry::Never,
        "the account has no credit left; check the provider's billing page",
    ),
    row(
        403,
        403,
        Kind::Forbidden,
        Retry::Never,
        "the key may not use this model or address; check its permissions",
    ),
    row(
        404,
        404,
        Kind::Refused,
        Retry::Never,
        "no such model or address; check `model` and `base_url` of this route",
    ),
    row(
        407,
        407,
        Kind::Auth,
        Retry::Never,
        "the proxy wants credentials; check `proxy` of this route",
    ),
    row(
        408,
        408,
        Kind::Overloaded,
        Retry::Soon,
        "the provider gave up waiting; try again",
    ),
    row(
        409,
        409,
        Kind::Overloaded,
        Retry::Soon,
        "the provider reports a conflict; try again",
    ),
    row(
        413,
        413,
        Kind::TooLong,
        Retry::Never,
        "the request is too large; lower `context_tokens` of this route",
    ),
    row(
        424,
        425,
        Kind::Overloaded,
        Retry::Soon,
        "the model is not ready; try again",
    ),
    row(
        429,
        429,
        RATE,
        Retry::Soon,
        "too many requests; wait a moment",
    ),
    row(
        501,
        501,
        Kind::Unsupported,
        Retry::Never,
        "the server cannot do this with this model; set `fim` of this route to another way",
    ),
    row(
        500,
        599,
        Kind::Overloaded,
        Retry::Soon,
        "the provider has trouble; try again later",
    ),
    row(
        400,
        499,
        Kind::Refused,
        Retry::Never,
        "the request was refused; check `model` and `extra_body` of this route",
    ),
    row(
        300,
        399,
        Kind::BadReply,
        Retry::Never,
        "a redirect, which is not followed; set `base_url` of this route to where it leads if you trust it",
    ),
    row(
        0,
        999,
        Kind::BadReply,
        Retry::Never,
        "an answer without a completion in it; check `base_url` of this route",
    ),
];

const NO_QUOTA: &str = "the quota is used up; check the provider's billing page";
const TOO_LONG: &str =
    "the prompt is longer than the model takes; lower `context_tokens` of this route";
const BUSY: &str = "the provider is overloaded; try again later";
const FILTERED: &str = "the provider's content filter stopped the request";
const NO_MODEL: &str = "the provider does not know this model; check `model` of this route";
const NO_KEY: &str = "the key was not accepted; check the key setting of this route";

/// Codes and types of error bodies that say more than the status does.
const CODES: &[(&str, Kind, Retry, &str)] = &[
    (
        "context_length_exceeded",
        Kind::TooLong,
        Retry::Never,
        TOO_LONG,
    ),
    (
        "exceed_context_size_error",
        Kind::TooLong,
        Retry::Never,
        TOO_LONG,
    ),
    (
        "string_above_max_length",
        Kind::TooLong,
        Retry::Never,
        TOO_LONG,
    ),
    ("insufficient_quota", Kind::Quota, Retry::Never, NO_QUOTA),
    (
        "billing_hard_limit_reached",
        Kind::Quota,
        Retry::Never,
        NO_QUOTA,
    ),
    ("content_filter", Kind::Filtered, Retry::Never, FILTERED),
    (
        "content_policy_violation",
        Kind::Filtered,
        Retry::Never,
        FILTERED,
    ),
    ("invalid_api_key", Kind::Auth, Retry::Never, NO_KEY),
    ("authentication_error", Kind::Auth, Retry::Never, NO_KEY),
    ("model_not_found", Kind::Refused, Retry::Never, NO_MODEL),
    (
        "rate_limit_exceeded",
        RATE,
        Retry::Soon,
        "too many requests; wait a moment",
    ),
    (
        "rate_limit_error",
        RATE,
        Retry::Soon,
        "too many requests; wait a moment",
    ),
    ("overloaded_error", Kind::Overloaded, Retry::Soon, BUSY),
    ("server_error", Kind::Overloaded, Retry::Soon, BUSY),
    ("unavailable_error", Kind::Overloaded, Retry::Soon, BUSY),
    (
        "not_supported_error",
        Kind::Unsupported,
        Retry::Never,
        "the server cannot do this with this model; set `fim` of this route to another way",
    ),
];

/// The only words of a message that are read: several servers have no code for this.
const TOO_LONG_PHRASES: &[&str] = &[
    "prompt is too long",
    "input is too long for requested model",
    "exceeds the maximum number of tokens allowed",
    "maximum context length is",
    "exceeds the available context size",
    "`inputs` tokens + `max_new_tokens` must be",
    "is longer than the maximum model length",
];

/// The failure that a status and its body stand for. `status` is `None` for an error inside of a stream.
pub fn classify(status: Option<u16>, body: &[u8]) -> Failure {
    let typed = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    let by_code = words(&typed).find_map(|word| {
        CODES
            .iter()
            .find(|(code, ..)| *code == word)
            .map(|&(_, kind, retry, what)| (kind, retry, what))
    });
    let by_phrase = || {
        let message = message(&typed)?.to_lowercase();
        let known = TOO_LONG_PHRASES
            .iter()
            .any(|phrase| message.contains(phrase));
        known.then_some((Kind::TooLong, Retry::Never, TOO_LONG))
    };
    let by_status = || {
        // An error inside of a stream came after a 200: the provider could not go on.
        let Some(status) = status.or_else(|| number(&typed)) else {
            return (
                Kind::Overloaded,
                Retry::Soon,
                "the provider broke off with an error; try again",
            );
        };
        STATUS
            .iter()
            .find(|row| (row.from..=row.to).contains(&status))
            .map_or((Kind::BadReply, Retry::Never, "an unknown status"), |row| {
                (row.kind, row.retry, row.what)
            })
    };
    let (kind, retry, what) = by_code.or_else(by_phrase).unwrap_or_else(by_status);
    Failure {
        kind,
        what: what.to_owned(),
        status,
        request_id: None,
        retry,
    }
}

/// The places where error bodies put their code: `error.code`, `error.type`, `code`, `type`, `error_type`.
fn words(body: &serde_json::Value) -> impl Iterator<Item = &str> {
    let error = body.get("error");
    [
        error.and_then(|error| error.get("code")),
        error.and_then(|error| error.get("type")),
        body.get("code"),
        body.get("type"),
        body.get("error_type"),
    ]
    .into_iter()
    .flatten()
    .filter_map(serde_json::Value::as_str)
}

fn message(body: &serde_json::Value) -> Option<&str> {
    let error = body.get("error");
    error
        .and_then(|error| error.get("message"))
        .or(error)
        .or_else(|| body.get("message"))
        .and_then(serde_json::Value::as_str)
}

/// A status code that some servers repeat in the body of an error event.
fn number(body: &serde_json::Value) -> Option<u16> {
    let code = body
        .get("error")
        .and_then(|error| error.get("code"))
        .or_else(|| body.get("code"))?;
    let code = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    u16::try_from(code)
        .ok()
        .filter(|code| (400..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_typed_by_code_then_status() {
        let quota = r#"{"error":{"message":"You exceeded","type":"insufficient_quota","code":"insufficient_quota"}}"#;
        let long = r#"{"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}"#;
        let slot = r#"{"error":{"code":400,"message":"…","type":"exceed_context_size_error","n_ctx":4096}}"#;
        let vllm = r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}"#;
        for (status, body, kind, retry) in [
            (Some(400), "", Kind::Refused, false),
            (Some(400), long, Kind::TooLong, false),
            (Some(400), slot, Kind::TooLong, false),
            (Some(400), vllm, Kind::TooLong, false),
            (Some(401), "<html>", Kind::Auth, false),
            (Some(402), "", Kind::Quota, false),
            (Some(403), "{}", Kind::Forbidden, false),
            (
                Some(404),
                r#"{"error":"model not found"}"#,
                Kind::Refused,
                false,
            ),
            (Some(407), "", Kind::Auth, false),
            (Some(408), "", Kind::Overloaded, true),
            (Some(413), "", Kind::TooLong, false),
            (
                Some(422),
                r#"{"detail":[{"loc":["body"]}]}"#,
                Kind::Refused,
                false,
            ),
            (Some(425), "", Kind::Overloaded, true),
            (Some(429), "", RATE, true),
            (Some(429), quota, Kind::Quota, false),
            (Some(500), "not json", Kind::Overloaded, true),
            (Some(501), "", Kind::Unsupported, false),
            (Some(503), "", Kind::Overloaded, true),
            (Some(529), "", Kind::Overloaded, true),
            (Some(302), "", Kind::BadReply, false),
            (Some(204), "", Kind::BadReply, false),
            (None, r#"{"error":{"message":"x"}}"#, Kind::Overloaded, true),
            (
                None,
                r#"{"error":{"message":"x","type":"overloaded_error"}}"#,
                Kind::Overloaded,
                true,
            ),
            (
                None,
                r#"{"error":{"message":"x","code":401}}"#,
                Kind::Auth,
                false,
            ),
            (
                None,
                r#"{"error":{"code":"content_filter"}}"#,
                Kind::Filtered,
                false,
            ),
        ] {
            let failure = classify(status, body.as_bytes());
            assert_eq!(failure.kind, kind, "{status:?} {body}");
            assert_eq!(failure.retry != Retry::Never, retry, "{status:?} {body}");
        }
    }

    #[test]
    fn a_message_names_place_status_and_mend_and_nothing_of_the_body() {
        let place = Place {
            route: "fast".into(),
            model: "m".into(),
            host: "127.0.0.1:8080".into(),
        };
        let mut failure = classify(Some(401), br#"{"error":{"message":"bad key sk-secret"}}"#);
        failure.request_id = Some("req_1".into());
        let error = failure.at(&place);
        assert_eq!(
            error.to_string(),
            "route `fast` (m at 127.0.0.1:8080) answered 401: the key was not accepted; check the key setting of this route (request req_1)"
        );
        assert!(!format!("{error:?}").contains("secret"));
    }
}
