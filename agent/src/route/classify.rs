//! What a refusal means: tables from status codes, and from the codes and types of error bodies, to a class, a retry and a mend.

use super::error::{Failure, Kind, Retry};

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
}
