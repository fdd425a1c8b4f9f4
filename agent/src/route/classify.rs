//! What a refusal means: tables from status codes, and from the codes and types of error bodies, to a class, a retry and a mend.

mod codes;

use std::time::Duration;

use serde_json::Value;

use super::error::{Failure, Kind, NO_KEY, Retry};
use super::network::NO_PROXY_KEY;
use codes::{CODES, NO_QUOTA, PHRASES, STREAMED, meaning};

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
    row(401, 401, Kind::Auth, Retry::Never, NO_KEY),
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
    row(407, 407, Kind::Auth, Retry::Never, NO_PROXY_KEY),
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

/// The failure that a status, the error's name in a header and the body stand for. `status` is `None` for an error inside of a stream.
pub fn classify(status: Option<u16>, code: Option<&str>, body: &[u8]) -> Failure {
    let typed = serde_json::from_slice::<Value>(body).unwrap_or_default();
    // Google wraps its errors into a list of one where a stream was asked for.
    let typed = match typed {
        Value::Array(mut list) if list.len() == 1 => list.remove(0),
        other => other,
    };
    let words = || code.into_iter().chain(words(&typed)).map(plain);
    let by_code = words().find_map(|word| meaning(CODES, word));
    let by_phrase = || {
        let message = message(&typed).or_else(|| sentence(body))?.to_lowercase();
        let row = PHRASES.iter().find(|(phrase, _)| message.contains(phrase));
        row.map(|(_, meaning)| *meaning)
    };
    let by_type = || {
        let mut words = words().filter(|_| status.is_none());
        words.find_map(|word| meaning(STREAMED, word))
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
    let (kind, retry, what) = by_code
        .or_else(by_phrase)
        .or_else(by_type)
        .unwrap_or_else(by_status);
    let mut failure = Failure {
        status,
        code: words().find(|code| is_name(code)).map(Into::into),
        retry,
        ..Failure::new(kind, what)
    };
    if let (Kind::RateLimited { .. }, Some(details)) = (kind, details(&typed)) {
        google(details, &mut failure);
    }
    failure
}

/// Longest wait that is a limit of the minute; a longer one is a quota.
const QUOTA: Duration = Duration::from_secs(3600);

/// Google says when to come back, and that there is nothing to come back for, in the details of an error.
fn google(details: &[Value], failure: &mut Failure) {
    let wish = details.iter().find_map(|detail| {
        let text = detail.get("retryDelay")?.as_str()?.strip_suffix('s')?;
        Duration::try_from_secs_f64(text.parse().ok()?).ok()
    });
    let none = details.iter().any(|detail| {
        let violations = detail.get("violations").and_then(Value::as_array);
        let mut limits = violations
            .into_iter()
            .flatten()
            .map(|one| one.get("quotaValue"));
        limits.any(|limit| limit.is_some_and(|limit| limit == "0" || limit == 0))
    });
    if none || wish.is_some_and(|wish| wish > QUOTA) {
        *failure = Failure {
            status: failure.status,
            code: failure.code.take(),
            ..Failure::new(Kind::Quota, NO_QUOTA)
        };
    } else if let Some(wish) = wish {
        failure.kind = Kind::RateLimited {
            retry_after: Some(wish),
        };
        failure.retry = Retry::After(wish);
    }
}

fn details(body: &Value) -> Option<&[Value]> {
    body.get("error")?
        .get("details")?
        .as_array()
        .map(Vec::as_slice)
}

/// Whether `code` is a name and not somebody's text.
fn is_name(code: &str) -> bool {
    code.len() <= 64
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// A name without the space of names that AWS puts in front of some.
fn plain(word: &str) -> &str {
    word.rsplit('#').next().unwrap_or(word)
}

/// The places where error bodies put their code, the most precise one first.
fn words(body: &Value) -> impl Iterator<Item = &str> {
    let details = details(body).unwrap_or_default();
    let reasons = details.iter().map(|detail| detail.get("reason"));
    let places = [
        "/error/details/error_code",
        "/error/code",
        "/error/type",
        "/error/status",
        "/error/innererror/code",
        "/code",
        "/type",
        "/error_type",
        "/__type",
    ];
    reasons
        .chain(places.map(|place| body.pointer(place)))
        .flatten()
        .filter_map(Value::as_str)
}

/// Longest body that may be nothing but a sentence.
const SENTENCE: usize = 1024;

/// A body that is a sentence, as some servers answer.
fn sentence(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    (text.len() <= SENTENCE && !text.starts_with(['<', '{', '['])).then_some(text)
}

fn message(body: &Value) -> Option<&str> {
    let error = body.get("error");
    error
        .and_then(|error| error.get("message"))
        .or(error)
        .or_else(|| body.get("message"))
        .and_then(Value::as_str)
}

/// A status code that some servers repeat in the body of an error event.
fn number(body: &Value) -> Option<u16> {
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
            (
                Some(400),
                r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[{"@type":"…ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
                Kind::Auth,
                false,
            ),
            (
                Some(429),
                r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"…QuotaFailure","violations":[{"quotaValue":"0"}]}]}}"#,
                Kind::Quota,
                false,
            ),
            (
                Some(429),
                r#"[{"error":{"code":429,"details":[{"violations":[{"quotaValue":0}]}]}}]"#,
                Kind::Quota,
                false,
            ),
            (
                Some(429),
                r#"{"error":{"code":429,"details":[{"violations":[{"quotaValue":"10"}]}]}}"#,
                RATE,
                true,
            ),
            (
                Some(429),
                r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"46.5s"}]}}"#,
                Kind::RateLimited {
                    retry_after: Some(Duration::from_millis(46_500)),
                },
                true,
            ),
            (
                Some(429),
                r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"36000s"}]}}"#,
                Kind::Quota,
                false,
            ),
            (
                Some(429),
                r#"{"type":"error","error":{"type":"rate_limit_error","details":{"error_code":"workspace_spend_limit_reached"}}}"#,
                Kind::Quota,
                false,
            ),
            (
                Some(404),
                r#"{"error":{"code":"DeploymentNotFound","message":"m"}}"#,
                Kind::Refused,
                false,
            ),
            (
                None,
                r#"{"error":{"type":"invalid_request_error","message":"m"}}"#,
                Kind::Refused,
                false,
            ),
            (
                Some(400),
                r#"{"error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
                Kind::TooLong,
                false,
            ),
            (
                Some(400),
                "model \"m\" is not allowed, allowed: [a b]",
                Kind::Refused,
                false,
            ),
            (
                Some(400),
                "prompt is too long: 9 tokens > 8 maximum\n",
                Kind::TooLong,
                false,
            ),
            (Some(400), "<p>prompt is too long</p>", Kind::Refused, false),
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
            let failure = classify(status, None, body.as_bytes());
            assert_eq!(failure.kind, kind, "{status:?} {body}");
            assert_eq!(failure.retry != Retry::Never, retry, "{status:?} {body}");
        }
    }

    #[test]
    fn a_code_is_told_where_it_is_a_name() {
        for (body, code) in [
            (
                r#"{"error":{"code":"content_filter"}}"#,
                Some("content_filter"),
            ),
            (r#"{"error":{"code":"some text, whose?"}}"#, None),
        ] {
            let failure = classify(Some(400), None, body.as_bytes());
            assert_eq!(failure.code.as_deref(), code, "{body}");
        }
    }
}
