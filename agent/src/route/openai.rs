//! The OpenAI family: `/completions` (raw text, `suffix`), `/chat/completions`, and Mistral's `/fim/completions` with chat-shaped chunks.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::classify::classify;
use super::error::{Failure, Kind};
use super::pictures::{self, Pictures};
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::told::{Told, stop_reason};
use super::{StopReason, Usage};
use crate::prompt::{Body, Message, Role};

/// See the module.
pub struct OpenAi;

impl Shape for OpenAi {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".into(), asked.model.into());
        let mut limit = "max_tokens";
        match &asked.prompt.body {
            Body::Text(text) => {
                body.insert("prompt".into(), text.as_str().into());
            }
            Body::Hole(hole) => {
                body.insert("prompt".into(), hole.prefix.as_str().into());
                body.insert("suffix".into(), hole.suffix.as_str().into());
            }
            Body::Chat(messages) => {
                limit = asked.chat_limit;
                body.insert("messages".into(), said(messages));
                if asked.usage_option && !asked.whole {
                    body.insert("stream_options".into(), json!({"include_usage": true}));
                }
            }
        }
        if let Some(tokens) = asked.max_tokens {
            body.insert(limit.into(), tokens.into());
        }
        if !asked.prompt.stops.is_empty() {
            body.insert("stop".into(), asked.prompt.stops.as_slice().into());
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                body.insert(name.into(), value.into());
            }
        }
        body.insert("stream".into(), (!asked.whole).into());
        body
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::CHAT)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        if event.data.trim_ascii() == b"[DONE]" {
            told.end();
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        if chunk.error.is_some()
            || chunk.object.as_deref() == Some("error")
            || event.name == "error"
        {
            return Err(classify(None, None, &event.data));
        }
        match chunk.choices {
            // Other answers than the first were not asked for.
            Some(choices) => {
                for choice in choices
                    .into_iter()
                    .filter(|choice| choice.index.unwrap_or(0) == 0)
                {
                    choice.read(told);
                }
            }
            None if chunk.usage.is_none() => return Err(unreadable()),
            None => {}
        }
        if let Some(tokens) = chunk.usage {
            told.usage(Usage {
                input: tokens.prompt_tokens,
                output: tokens.completion_tokens,
                cached: tokens
                    .prompt_tokens_details
                    .and_then(|details| details.cached_tokens),
            });
        }
        Ok(())
    }
}

/// An event that is not of the family's shape.
pub fn unreadable() -> Failure {
    Failure::new(
        Kind::BadReply,
        "an unreadable answer; check `provider` and `base_url` of this route",
    )
}

/// Messages as `{role, content}`.
pub fn said(messages: &[Message]) -> Value {
    let role = |role| match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    messages
        .iter()
        .map(|message| json!({"role": role(message.role), "content": message.text}))
        .collect()
}

#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<Value>,
    object: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u64>,
    text: Option<String>,
    #[serde(alias = "message")]
    delta: Option<Said>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Content>,
    refusal: Option<String>,
    #[serde(alias = "reasoning")]
    reasoning_content: Option<Value>,
    tool_calls: Option<Value>,
}

/// Text, or Mistral's list of typed parts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Choice {
    fn read(self, told: &mut Told) {
        let mut text = self.text.unwrap_or_default();
        if let Some(said) = self.delta {
            let thoughts = [said.reasoning_content, said.tool_calls];
            if thoughts.iter().flatten().any(|value| !value.is_null()) {
                told.busy();
            }
            match said.content {
                Some(Content::Text(content)) => text.push_str(&content),
                Some(Content::Parts(parts)) => {
                    text.extend(parts.into_iter().filter_map(|part| part.text))
                }
                None => {}
            }
            told.refusal(said.refusal.unwrap_or_default());
        }
        told.text(text);
        if let Some(raw) = self.finish_reason {
            told.reason(stop_reason(REASONS, &raw), raw);
            told.end();
        }
    }
}

/// Finish reasons of the family's members; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("length", StopReason::Length),
    ("model_length", StopReason::Length),
    ("max_tokens", StopReason::Length),
    ("tool_calls", StopReason::Tool),
    ("function_call", StopReason::Tool),
    ("content_filter", StopReason::Filter),
    ("insufficient_system_resource", StopReason::Cut),
    ("error", StopReason::Cut),
];

#[cfg(test)]
mod tests {
    use super::super::{Delta, shape, told};
    use super::*;
    use crate::prompt::{Hole, Prompt};

    fn read(data: &str) -> Result<(Vec<Delta>, bool), Kind> {
        told::read(&OpenAi, &[("", data)])
    }

    fn text(text: &str) -> Delta {
        Delta::Text(text.to_owned())
    }

    fn done(stop: StopReason, raw: &str) -> Delta {
        Delta::Done {
            stop,
            raw: Some(raw.to_owned()),
        }
    }

    #[test]
    fn events_mean_what_the_family_means() {
        for (data, deltas, busy) in [
            (
                r#"{"choices":[{"index":0,"text":"a"}]}"#,
                vec![text("a")],
                false,
            ),
            (
                r#"{"choices":[{"delta":{"content":"ä"}}]}"#,
                vec![text("ä")],
                false,
            ),
            (
                r#"{"choices":[{"message":{"content":"m"},"finish_reason":"stop"}]}"#,
                vec![text("m"), done(StopReason::End, "stop")],
                false,
            ),
            (
                r#"{"choices":[{"text":"x","finish_reason":"length"}]}"#,
                vec![text("x"), done(StopReason::Length, "length")],
                false,
            ),
            (r#"{"choices":[{"index":1,"text":"other"}]}"#, vec![], false),
            (
                r#"{"choices":[],"prompt_filter_results":[]}"#,
                vec![],
                false,
            ),
            (
                r#"{"choices":[{"delta":{"content":null,"role":"assistant"},"finish_reason":null}]}"#,
                vec![],
                false,
            ),
            (
                r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
                vec![],
                true,
            ),
            (
                r#"{"choices":[{"delta":{"refusal":"no"}}]}"#,
                vec![Delta::Refusal("no".into())],
                false,
            ),
            (
                r#"{"choices":[{"delta":{"content":[{"type":"text","text":"p"}]}}]}"#,
                vec![text("p")],
                false,
            ),
            (
                r#"{"choices":[{"text":"","finish_reason":"content_filter"}]}"#,
                vec![done(StopReason::Filter, "content_filter")],
                false,
            ),
            (
                r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":5}}}"#,
                vec![Delta::Usage(Usage {
                    input: Some(7),
                    output: Some(2),
                    cached: Some(5),
                })],
                false,
            ),
            (
                "[DONE]",
                vec![Delta::Done {
                    stop: StopReason::End,
                    raw: None,
                }],
                false,
            ),
        ] {
            assert_eq!(read(data), Ok((deltas, busy)), "{data}");
        }
    }

    #[test]
    fn what_is_not_of_the_family_is_refused() {
        for (data, kind) in [
            ("{", Kind::BadReply),
            ("{}", Kind::BadReply),
            ("[]", Kind::BadReply),
            (r#"{"text":"x"}"#, Kind::BadReply),
            (r#"{"choices":[{"text":7}]}"#, Kind::BadReply),
            (&"[".repeat(100_000), Kind::BadReply),
            (
                r#"{"error":{"message":"m","type":"server_error"}}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"object":"error","message":"m","code":404}"#,
                Kind::Refused,
            ),
            (r#"{"error":"plain words"}"#, Kind::Overloaded),
        ] {
            assert_eq!(read(data), Err(kind), "{}", &data[..data.len().min(60)]);
        }
        let invalid = Event {
            name: String::new(),
            data: b"{\"choices\":[{\"text\":\"\xff\"}]}".to_vec(),
        };
        assert!(OpenAi.read(&invalid, &mut Told::default()).is_err());
    }

    #[test]
    fn bodies_are_exact() {
        let own = Default::default();
        let ask = |body: Body, stops: &[&str], temperature| {
            let prompt = Prompt {
                body,
                stops: stops.iter().map(|s| (*s).to_owned()).collect(),
                max_tokens: Some(9),
                ..Prompt::default()
            };
            let asked = Asked {
                max_tokens: prompt.max_tokens,
                temperature,
                chat_limit: "max_completion_tokens",
                usage_option: true,
                ..shape::asked("m", &prompt, &own)
            };
            let body = Value::Object(OpenAi.body(&asked));
            let mut whole = OpenAi.body(&Asked {
                whole: true,
                ..asked
            });
            assert_eq!(
                whole.insert("stream".into(), true.into()),
                Some(json!(false))
            );
            whole.extend(
                body.get("stream_options")
                    .map(|value| ("stream_options".into(), value.clone())),
            );
            assert_eq!(Value::Object(whole), body);
            body
        };
        let hole = Hole {
            prefix: "a".into(),
            suffix: "b".into(),
            ..Hole::default()
        };
        assert_eq!(
            ask(Body::Hole(hole), &["\n"], None),
            json!({"model":"m","prompt":"a","suffix":"b","max_tokens":9,"stop":["\n"],"stream":true})
        );
        assert_eq!(
            ask(Body::Text("t".into()), &[], Some(0.5)),
            json!({"model":"m","prompt":"t","max_tokens":9,"temperature":0.5,"stream":true})
        );
        let message = Message {
            role: Role::User,
            text: "hi".into(),
        };
        assert_eq!(
            ask(Body::Chat(vec![message]), &[], None),
            json!({"model":"m","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":9,"stream":true,
                   "stream_options":{"include_usage":true}})
        );
    }
}
