//! A body to a message: JSON-RPC 2.0 as LSP uses it, checked before any handler sees it.

use std::borrow::Cow;

use nextline_protocol::Fault;
use nextline_protocol::fault::{INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Levels of arrays and objects at most (serde_json's own limit, held for what serde_json skips too).
const DEPTH_CAP: usize = 128;

/// A request's id exactly as the client wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id(Box<str>);

impl Id {
    /// The id of an answer to what had none.
    pub fn null() -> Id {
        Id("null".into())
    }

    /// JSON text.
    pub fn json(&self) -> &str {
        &self.0
    }

    /// Strings and whole numbers are ids; anything else is none.
    pub fn read(raw: &RawValue) -> Option<Id> {
        let text = raw.get();
        let whole = text
            .strip_prefix('-')
            .unwrap_or(text)
            .bytes()
            .all(|byte| byte.is_ascii_digit());
        // Half a surrogate pair is text that no reader of our answer could read.
        let string = || serde_json::from_str::<Cow<'_, str>>(text).is_ok();
        (whole || string()).then(|| Id(text.into()))
    }
}

/// What a body holds, borrowed from it.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The method's name.
    pub method: Cow<'a, str>,
    /// JSON text of the params; `None` for absent and `null`.
    pub params: Option<&'a RawValue>,
}

/// A message by kind.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// Wants an answer.
    Request(Id, Envelope<'a>),
    /// Wants none.
    Notification(Envelope<'a>),
    /// Answers a request of ours.
    Response {
        /// Our id.
        id: &'a RawValue,
        /// Its result or error.
        outcome: Result<&'a RawValue, &'a RawValue>,
    },
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// A `null` that is there is not an absent member.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl<'a> Incoming<'a> {
    /// Reads a body; the error is the answer to send, with the id that could be made out.
    pub fn read(body: &'a [u8]) -> Result<Incoming<'a>, (Id, Fault)> {
        let parse_error = |why: String| (Id::null(), Fault::new(PARSE_ERROR, why));
        if depth(body) > DEPTH_CAP {
            return Err(parse_error(format!(
                "the message nests more than {DEPTH_CAP} levels deep"
            )));
        }
        let text = std::str::from_utf8(body)
            .map_err(|error| parse_error(format!("the message is not UTF-8: {error}")))?;
        let body: Body<'a> = serde_json::from_str(text).map_err(|error| {
            if error.is_data() {
                let what = "the message is no JSON-RPC request";
                (
                    Id::null(),
                    Fault::new(INVALID_REQUEST, format!("{what}: {error}")),
                )
            } else {
                parse_error(format!("the message is not JSON: {error}"))
            }
        })?;
        let id = body.id.and_then(Id::read);
        let refuse = |why: &str| {
            Err((
                id.clone().unwrap_or_else(Id::null),
                Fault::new(INVALID_REQUEST, why),
            ))
        };
        if body.jsonrpc.as_deref() != Some("2.0") {
            return refuse("`jsonrpc` must be \"2.0\"");
        }
        let Some(method) = body.method else {
            return match (body.id, body.result, body.error) {
                (Some(id), _, Some(error)) => Ok(Incoming::Response {
                    id,
                    outcome: Err(error),
                }),
                (Some(id), Some(result), None) => Ok(Incoming::Response {
                    id,
                    outcome: Ok(result),
                }),
                _ => refuse("the message has neither method nor result"),
            };
        };
        let Ok(method) = serde_json::from_str::<Cow<'a, str>>(method.get()) else {
            return refuse("`method` must be a string");
        };
        if body.id.is_some() && id.is_none() {
            return refuse("`id` must be a string or a whole number");
        }
        let params = body.params.filter(|params| params.get() != "null");
        if params.is_some_and(|params| !params.get().starts_with(['{', '['])) {
            let fault = Fault::new(INVALID_PARAMS, "`params` must be an object or an array");
            return Err((id.unwrap_or_else(Id::null), fault));
        }
        let envelope = Envelope { method, params };
        Ok(match id {
            Some(id) => Incoming::Request(id, envelope),
            None => Incoming::Notification(envelope),
        })
    }
}

/// The deepest nesting of arrays and objects outside strings.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let mut bytes = body.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => loop {
                match bytes.next() {
                    Some(b'\\') => {
                        bytes.next();
                    }
                    Some(b'"') | None => break,
                    Some(_) => {}
                }
            },
            _ => {}
        }
    }
    deepest
}
