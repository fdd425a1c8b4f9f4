//! OpenAI's Responses: what its newest models want instead of chat completions.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::classify::classify;
use super::error::Failure;
use super::openai::unreadable;
use super::pictures::{self, Pictures};
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::talk::apart;
use super::told::{Told, stop_reason};
use super::{StopReason, Usage};
use crate::prompt::Body;

/// See the module.
pub struct Responses;

impl Shape for Responses {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".into(), asked.model.into());
        if let Body::Chat(messages) = &asked.prompt.body {
            let talk = apart(messages);
            if !talk.system.is_empty() {
                body.insert("instructions".into(), talk.system.into());
            }
            let turns = talk.turns.iter().map(|turn| {
                let role = if turn.model { "assistant" } else { "user" };
                json!({"role": role, "content": turn.text})
            });
            body.insert("input".into(), turns.collect());
        }
        // There are no stop strings here: whoever asked for one cuts the answer there anyway.
        if let Some(tokens) = asked.max_tokens {
            body.insert("max_output_tokens".into(), tokens.into());
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                body.insert(name.into(), value.into());
            }
        }
        // Nothing is left with the provider for a later turn.
        body.insert("store".into(), false.into());
        body.insert("stream".into(), true.into());
        body
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::RESPONSES)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        if event.data.trim_ascii() == b"[DONE]" {
            return Ok(());
        }
        let said: Said = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        match said.kind.as_deref().or(said.object.as_deref()) {
            Some("response.output_text.delta") => told.text(said.delta.unwrap_or_default()),
            Some("response.refusal.delta") => told.refusal(said.delta.unwrap_or_default()),
            Some("error" | "response.failed") => {
                return Err(classify(None, None, failed(&event.data).as_bytes()));
            }
            Some("response.completed" | "response.incomplete") => {
                said.response.ok_or_else(unreadable)?.end(told);
            }
            // A whole answer, from something between that does not stream.
            Some("response") => {
                let whole: Response =
                    serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
                for part in whole.output.iter().flat_map(|item| &item.content) {
                    told.text(part.text.clone().unwrap_or_default());
                    told.refusal(part.refusal.clone().unwrap_or_default());
                }
                whole.end(told);
            }
            // Thoughts and calls of tools.
            Some(kind) if kind.ends_with(".delta") => told.busy(),
            Some(_) => {}
            None if said.error.is_some_and(|error| !error.is_null()) => {
                return Err(classify(None, None, &event.data));
            }
            None => return Err(unreadable()),
        }
        Ok(())
    }
}

/// The error of a failed response where everybody else has it.
fn failed(data: &[u8]) -> String {
    let said: Value = serde_json::from_slice(data).unwrap_or_default();
    match said.pointer("/response/error") {
        Some(error) => json!({ "error": error }).to_string(),
        None if said.get("error").is_some() => said.to_string(),
        None => json!({"error": {"code": said["code"], "message": said["message"]}}).to_string(),
    }
}

/// Why responses are incomplete; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("max_output_tokens", StopReason::Length),
    ("content_filter", StopReason::Filter),
    ("incomplete", StopReason::Cut),
];

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: Option<String>,
    object: Option<String>,
    delta: Option<String>,
    response: Option<Response>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Response {
    status: Option<String>,
    incomplete_details: Option<Details>,
    #[serde(default)]
    output: Vec<Item>,
    usage: Option<Tokens>,
}

impl Response {
    fn end(self, told: &mut Told) {
        if let Some(tokens) = self.usage {
            told.usage(Usage {
                input: tokens.input_tokens,
                output: tokens.output_tokens,
                cached: tokens
                    .input_tokens_details
                    .and_then(|details| details.cached_tokens),
            });
        }
        let calls = self.output.iter().any(|item| item.kind.ends_with("_call"));
        let why = self.incomplete_details.and_then(|details| details.reason);
        match why.or(self.status) {
            Some(raw) if raw == "completed" && calls => told.reason(StopReason::Tool, raw),
            Some(raw) => told.reason(stop_reason(REASONS, &raw), raw),
            None => {}
        }
        told.end();
    }
}

#[derive(Deserialize)]
struct Details {
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    content: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    input_tokens_details: Option<Cached>,
}

#[derive(Deserialize)]
struct Cached {
    cached_tokens: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::super::told::read;
    use super::super::{Delta, Kind, shape};
    use super::*;
    use crate::prompt::{Message, Prompt, Role};

    #[test]
    fn events_mean_what_the_provider_means() {
        let done = |stop, raw: &str| Delta::Done {
            stop,
            raw: Some(raw.into()),
        };
        let usage = Delta::Usage(Usage {
            input: Some(7),
            output: Some(2),
            cached: Some(3),
        });
        let tokens = r#"{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":2,"total_tokens":9}"#;
        for (data, deltas, busy) in [
            (
                r#"{"type":"response.created","response":{"status":"in_progress","output":[]}}"#.to_owned(),
                vec![],
                false,
            ),
            (
                r#"{"type":"response.output_text.delta","delta":"ä","item_id":"x"}"#.to_owned(),
                vec![Delta::Text("ä".into())],
                false,
            ),
            (
                r#"{"type":"response.refusal.delta","delta":"no"}"#.to_owned(),
                vec![Delta::Refusal("no".into())],
                false,
            ),
            (
                r#"{"type":"response.reasoning_summary_text.delta","delta":"hm"}"#.to_owned(),
                vec![],
                true,
            ),
            (
                format!(r#"{{"type":"response.completed","response":{{"status":"completed","output":[{{"type":"message","content":[{{"type":"output_text","text":"ä"}}]}}],"usage":{tokens}}}}}"#),
                vec![usage.clone(), done(StopReason::End, "completed")],
                false,
            ),
            (
                r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}"#.to_owned(),
                vec![done(StopReason::Length, "max_output_tokens")],
                false,
            ),
            (
                r#"{"type":"response.completed","response":{"status":"completed","output":[{"type":"function_call"}]}}"#.to_owned(),
                vec![done(StopReason::Tool, "completed")],
                false,
            ),
            (
                format!(r#"{{"object":"response","status":"completed","output":[{{"type":"message","content":[{{"type":"output_text","text":"w"}}]}}],"usage":{tokens},"error":null}}"#),
                vec![Delta::Text("w".into()), usage, done(StopReason::End, "completed")],
                false,
            ),
        ] {
            assert_eq!(read(&Responses, &[("", &data)]), Ok((deltas, busy)), "{data}");
        }
        for (data, kind) in [
            (
                r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"type":"error","code":"context_length_exceeded","message":"m","param":null}"#,
                Kind::TooLong,
            ),
            (
                r#"{"error":{"code":"model_not_found","message":"m"}}"#,
                Kind::Refused,
            ),
            ("{}", Kind::BadReply),
        ] {
            assert_eq!(read(&Responses, &[("", data)]), Err(kind), "{data}");
        }
    }

    #[test]
    fn bodies_are_exact() {
        let say = |role, text: &str| Message {
            role,
            text: text.into(),
        };
        let prompt = Prompt {
            body: Body::Chat(vec![say(Role::System, "rules"), say(Role::User, "a")]),
            stops: vec!["</x>".into()],
            max_tokens: Some(9),
            ..Prompt::default()
        };
        let own = Default::default();
        let asked = Asked {
            max_tokens: Some(9),
            ..shape::asked("m", &prompt, &own)
        };
        assert_eq!(
            Value::Object(Responses.body(&asked)),
            json!({"model": "m", "instructions": "rules", "input": [{"role": "user", "content": "a"}],
                "max_output_tokens": 9, "store": false, "stream": true})
        );
    }

    #[test]
    fn an_error_is_found_wherever_it_stands() {
        let wanted = r#"{"error":{"code":"c","message":"m"}}"#;
        for data in [
            r#"{"response":{"error":{"code":"c","message":"m"}}}"#,
            wanted,
            r#"{"code":"c","message":"m"}"#,
        ] {
            assert_eq!(failed(data.as_bytes()), wanted);
        }
    }
}
