//! Answers in the shapes of OpenAI's completions and of llama.cpp's `/infill`, whole or as a stream of events.

use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// What is sent.
pub type Body = Full<Bytes>;

/// A JSON answer.
pub fn json(value: &Value) -> Response<Body> {
    with(StatusCode::OK, "application/json", value.to_string())
}

/// An error in the shape that clients of both know.
pub fn fault(status: StatusCode, why: &str) -> Response<Body> {
    let error = json!({ "error": { "message": why, "type": "invalid_request_error", "code": status.as_u16() } });
    with(status, "application/json", error.to_string())
}

/// OpenAI's `text_completion`. Tokens are not counted here: a route's own count is in the ledger of that route.
pub fn completion(text: &str, model: &str, stream: bool) -> Response<Body> {
    let created = SystemTime::now().duration_since(UNIX_EPOCH);
    let created = created.map_or(0, |since| since.as_secs());
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
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
