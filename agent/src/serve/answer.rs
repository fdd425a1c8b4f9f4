//! Answers in the shapes of OpenAI and of llama.cpp's `/infill`, whole or as a stream of events.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::Stream;
use futures_util::StreamExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// What is sent.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Nothing.
pub fn empty() -> Body {
    whole(Bytes::new())
}

/// A body that is there already.
pub fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).boxed_unsync()
}

/// A JSON answer.
pub fn json(value: &Value) -> Response<Body> {
    with(StatusCode::OK, "application/json", value.to_string())
}

/// An error in the shape that clients of both know.
pub fn fault(status: StatusCode, why: &str) -> Response<Body> {
    refused(status, why, json!(status.as_u16()))
}

/// The same with a code of our own.
pub fn refused(status: StatusCode, why: &str, code: Value) -> Response<Body> {
    with(status, "application/json", error(why, &code).to_string())
}

/// What an error looks like, also within a stream.
pub fn error(why: &str, code: &Value) -> Value {
    json!({ "error": { "message": why, "type": "invalid_request_error", "code": code } })
}

/// Events that are sent as they come.
pub fn stream(events: impl Stream<Item = String> + Send + 'static) -> Response<Body> {
    let frames = events.map(|event| Ok(Frame::data(Bytes::from(event))));
    let body = StreamBody::new(frames).boxed_unsync();
    headed(StatusCode::OK, "text/event-stream", body)
}

/// Now, as OpenAI's answers have it: in seconds since 1970.
pub fn created() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// OpenAI's `text_completion`. Tokens are not counted here: a route's own count is in the ledger of that route.
pub fn completion(text: &str, model: &str, stream: bool) -> Response<Body> {
    let created = created();
    let whole = |text: &str, finish: Value| {
        json!({
            "id": "cmpl-nextline", "object": "text_completion", "created": created, "model": model,
            "choices": [{ "index": 0, "text": text, "logprobs": null, "finish_reason": finish }],
            "usage": { "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 },
        })
    };
    if stream {
        let parts = [whole(text, Value::Null), whole("", json!("stop"))];
        return events(&parts, "data: [DONE]\n\n");
    }
    json(&whole(text, json!("stop")))
}

/// llama.cpp's answer to `/infill`.
pub fn infill(text: &str, stream: bool) -> Response<Body> {
    let part = |content: &str, stop: bool| {
        json!({ "index": 0, "content": content, "stop": stop, "stop_type": if stop { "eos" } else { "none" }, "model": "nextline",
            "tokens_predicted": 0, "tokens_evaluated": 0, "truncated": false, "timings": {} })
    };
    if stream {
        return events(&[part(text, false), part("", true)], "");
    }
    json(&part(text, true))
}

fn events(parts: &[Value], end: &str) -> Response<Body> {
    let parts: String = parts
        .iter()
        .map(|part| format!("data: {part}\n\n"))
        .collect();
    with(StatusCode::OK, "text/event-stream", parts + end)
}

fn with(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    headed(status, kind, whole(Bytes::from(body)))
}

/// An answer that nobody keeps.
pub fn headed(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
