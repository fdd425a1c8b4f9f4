//! Bedrock's Converse: one form for the chat models of every vendor there.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::classify::classify;
use super::super::error::Failure;
use super::super::openai::unreadable;
use super::super::pictures::{self, Pictures};
use super::super::shape::{Asked, Framing, Shape};
use super::super::sse::Event;
use super::super::talk::apart;
use super::super::told::{Told, stop_reason};
use super::super::{StopReason, Usage};
use super::frames::{EXCEPTION, FRAMES};
use crate::prompt::Body;

/// See the module.
pub struct Converse;

impl Shape for Converse {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        if let Body::Chat(messages) = &asked.prompt.body {
            let talk = apart(messages);
            if !talk.system.is_empty() {
                body.insert("system".into(), json!([{"text": talk.system}]));
            }
            let messages = talk.turns.iter().map(|turn| {
                let role = if turn.model { "assistant" } else { "user" };
                json!({"role": role, "content": [{"text": turn.text}]})
            });
            body.insert("messages".into(), messages.collect());
        }
        let mut limits = Map::new();
        if let Some(tokens) = asked.max_tokens {
            limits.insert("maxTokens".into(), tokens.into());
        }
        for (name, value) in [("temperature", asked.temperature), ("topP", asked.top_p)] {
            if let Some(value) = value {
                limits.insert(name.into(), value.into());
            }
        }
        // Blank ones are refused; whoever asked for one cuts the answer there anyway.
        let stops = asked.prompt.stops.iter();
        let stops: Vec<&String> = stops.filter(|stop| !stop.trim().is_empty()).collect();
        if !stops.is_empty() {
            limits.insert("stopSequences".into(), json!(stops));
        }
        if !limits.is_empty() {
            body.insert("inferenceConfig".into(), limits.into());
        }
        body
    }

    fn framing(&self) -> Framing {
        FRAMES
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::CONVERSE)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        if let Some(failure) = exception(event) {
            return Err(failure);
        }
        let said = || serde_json::from_slice::<Said>(&event.data).map_err(|_| unreadable());
        match event.name.as_str() {
            "contentBlockDelta" => match said()?.delta {
                Some(Delta { text: Some(text) }) => told.text(text),
                // Thoughts, arguments of tools.
                _ => told.busy(),
            },
            "contentBlockStart" => told.busy(),
            "messageStop" => {
                let raw = said()?.stop_reason.ok_or_else(unreadable)?;
                told.reason(stop_reason(REASONS, &raw), raw);
                told.end();
            }
            "metadata" => {
                if let Some(tokens) = said()?.usage {
                    told.usage(tokens.usage());
                }
            }
            // A whole answer, from something between that does not stream.
            "" => {
                let said = said()?;
                let message = said.output.ok_or_else(unreadable)?.message;
                for block in message.content {
                    told.text(block.text.unwrap_or_default());
                }
                if let Some(tokens) = said.usage {
                    told.usage(tokens.usage());
                }
                let raw = said.stop_reason.ok_or_else(unreadable)?;
                told.reason(stop_reason(REASONS, &raw), raw);
                told.end();
            }
            // Starts and ends of messages and blocks, and whatever else will be thought of.
            _ => {}
        }
        Ok(())
    }
}

/// The failure that an exception or an error of the stream stands for.
pub fn exception(event: &Event) -> Option<Failure> {
    let name = event.name.strip_prefix(EXCEPTION)?;
    Some(classify(None, Some(name), &event.data))
}

/// Why answers end; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("max_tokens", StopReason::Length),
    ("model_context_window_exceeded", StopReason::Length),
    ("stop_sequence", StopReason::Stop),
    ("tool_use", StopReason::Tool),
    ("refusal", StopReason::Refusal),
    ("guardrail_intervened", StopReason::Filter),
    ("content_filtered", StopReason::Filter),
    ("malformed_model_output", StopReason::Cut),
    ("malformed_tool_use", StopReason::Cut),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    delta: Option<Delta>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
    output: Option<Output>,
}

#[derive(Deserialize)]
struct Delta {
    text: Option<String>,
}

#[derive(Deserialize)]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    content: Vec<Delta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl Tokens {
    /// What is read from and written to the cache is counted apart there.
    fn usage(&self) -> Usage {
        let cache =
            self.cache_read_input_tokens.unwrap_or(0) + self.cache_write_input_tokens.unwrap_or(0);
        Usage {
            input: self.input_tokens.map(|tokens| tokens + cache),
            output: self.output_tokens,
            cached: self.cache_read_input_tokens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Delta as Out;
    use super::super::super::Kind;
    use super::super::super::shape::asked;
    use super::super::super::told::read;
    use super::*;
    use crate::prompt::{Message as Turn, Prompt, Role};

    #[test]
    fn a_conversation_becomes_blocks() {
        let turn = |role, text: &str| Turn {
            role,
            text: text.into(),
        };
        let prompt = Prompt {
            body: Body::Chat(vec![
                turn(Role::System, "rules"),
                turn(Role::User, "a"),
                turn(Role::Assistant, "b"),
                turn(Role::User, "c"),
            ]),
            stops: vec!["\n".into(), "END".into()],
            ..Prompt::default()
        };
        let own = Default::default();
        let body = Converse.body(&Asked {
            max_tokens: Some(9),
            top_p: Some(0.5),
            ..asked("m", &prompt, &own)
        });
        let wanted = json!({
            "system": [{"text": "rules"}],
            "messages": [
                {"role": "user", "content": [{"text": "a"}]},
                {"role": "assistant", "content": [{"text": "b"}]},
                {"role": "user", "content": [{"text": "c"}]},
            ],
            "inferenceConfig": {"maxTokens": 9, "topP": 0.5, "stopSequences": ["END"]},
        });
        assert_eq!(Value::Object(body), wanted);
    }

    #[test]
    fn events_become_text_usage_and_an_end() {
        let (out, _) = read(
            &Converse,
            &[
                ("messageStart", r#"{"role":"assistant","p":"ab"}"#),
                ("contentBlockDelta", r#"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}}"#),
                ("contentBlockDelta", r#"{"contentBlockIndex":1,"delta":{"text":"ok"},"p":"a"}"#),
                ("contentBlockStop", r#"{"contentBlockIndex":1}"#),
                ("later", "?"),
                ("messageStop", r#"{"stopReason":"max_tokens"}"#),
                ("metadata", r#"{"usage":{"inputTokens":5,"outputTokens":2,"totalTokens":17,"cacheReadInputTokens":7,"cacheWriteInputTokens":3},"metrics":{"latencyMs":1}}"#),
            ],
        )
        .expect("readable");
        let usage = Usage {
            input: Some(15),
            output: Some(2),
            cached: Some(7),
        };
        let end = Out::Done {
            stop: StopReason::Length,
            raw: Some("max_tokens".into()),
        };
        assert_eq!(out, [Out::Text("ok".into()), end, Out::Usage(usage)]);
    }

    #[test]
    fn exceptions_are_typed_by_their_name() {
        for (event, data, kind) in [
            (
                "exception:throttlingException",
                r#"{"message":"x"}"#,
                Kind::RateLimited { retry_after: None },
            ),
            (
                "exception:modelStreamErrorException",
                "{}",
                Kind::Overloaded,
            ),
            ("exception:internalServerException", "{}", Kind::Overloaded),
            ("exception:validationException", "{}", Kind::Refused),
            (
                "exception:validationException",
                r#"{"message":"Input is too long for requested model."}"#,
                Kind::TooLong,
            ),
            ("exception:InternalError", "words", Kind::Overloaded),
            ("contentBlockDelta", "{", Kind::BadReply),
            ("messageStop", "{}", Kind::BadReply),
            ("", r#"{"a":1}"#, Kind::BadReply),
        ] {
            assert_eq!(
                read(&Converse, &[(event, data)]).err(),
                Some(kind),
                "{event} {data}"
            );
        }
    }
}
