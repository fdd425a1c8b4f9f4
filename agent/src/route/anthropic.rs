//! Anthropic's Messages: the same events behind its own address, on Vertex, Foundry, Bedrock's invoke and Cody Gateway.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::classify::classify;
use super::error::{Failure, Kind};
use super::openai::unreadable;
use super::pictures::{self, Pictures};
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::talk::apart;
use super::told::{Told, stop_reason};
use super::{StopReason, Surface, Usage};
use crate::prompt::Body;

/// See the module.
pub struct Anthropic;

/// Most tokens of an answer where nobody says: the interface wants a number, and every model since 3.5 takes this one.
const MAX_TOKENS: u32 = 8192;
/// Turns at a conversation's end that are marked for the provider's cache: the new one, and the one that was new a turn ago.
const MARKED: usize = 2;

impl Shape for Anthropic {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".into(), asked.model.into());
        body.insert(
            "max_tokens".into(),
            asked.max_tokens.unwrap_or(MAX_TOKENS).into(),
        );
        if let Body::Chat(messages) = &asked.prompt.body {
            let talk = apart(messages);
            // Writing to the cache costs a quarter more than not: only a conversation comes back for it.
            let cached = asked.surface == Surface::Chat;
            if !talk.system.is_empty() {
                body.insert("system".into(), content(&talk.system, cached));
            }
            let users = talk.turns.iter().filter(|turn| !turn.model).count();
            let mut user = 0;
            let messages = talk.turns.iter().map(|turn| {
                user += usize::from(!turn.model);
                let marked = cached && !turn.model && user + MARKED > users;
                let role = if turn.model { "assistant" } else { "user" };
                json!({"role": role, "content": content(&turn.text, marked)})
            });
            body.insert("messages".into(), messages.collect());
        }
        // Blank stop sequences are refused; whoever asked for one cuts the answer there anyway.
        let stops: Vec<&String> = asked
            .prompt
            .stops
            .iter()
            .filter(|stop| !stop.trim().is_empty())
            .collect();
        if !stops.is_empty() {
            body.insert("stop_sequences".into(), json!(stops));
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                body.insert(name.into(), value.into());
            }
        }
        body.insert("stream".into(), true.into());
        body
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::ANTHROPIC)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        let said: Said = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        match said.kind.as_str() {
            "error" => return Err(classify(None, None, &event.data)),
            "message_start" => {
                if let Some(tokens) = said.message.and_then(|message| message.usage) {
                    told.usage(tokens.usage());
                }
            }
            "content_block_start" => {
                if let Some(block) = said.content_block {
                    block.read(told);
                }
            }
            "content_block_delta" => match said.delta {
                Some(Delta {
                    text: Some(text), ..
                }) => told.text(text),
                // Thoughts, their signatures, arguments of tools.
                _ => told.busy(),
            },
            "message_delta" => {
                if let Some(tokens) = said.usage {
                    told.usage(tokens.usage());
                }
                if let Some(raw) = said.delta.and_then(|delta| delta.stop_reason) {
                    stopped(raw, told)?;
                }
            }
            "message_stop" => told.end(),
            // A whole message, from something between that does not stream.
            "message" => {
                let blocks = said.content.ok_or_else(unreadable)?;
                for block in blocks {
                    block.read(told);
                }
                if let Some(tokens) = said.usage {
                    told.usage(tokens.usage());
                }
                stopped(said.stop_reason.ok_or_else(unreadable)?, told)?;
                told.end();
            }
            "" => return Err(unreadable()),
            // Pings, ends of blocks and whatever else will be thought of.
            _ => {}
        }
        Ok(())
    }
}

fn content(text: &str, marked: bool) -> Value {
    match marked {
        true => json!([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]),
        false => text.into(),
    }
}

/// Why messages end; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("max_tokens", StopReason::Length),
    ("model_context_window_exceeded", StopReason::Length),
    ("stop_sequence", StopReason::Stop),
    ("tool_use", StopReason::Tool),
    ("pause_turn", StopReason::Cut),
    ("refusal", StopReason::Refusal),
];

fn stopped(raw: String, told: &mut Told) -> Result<(), Failure> {
    if raw == "model_context_window_exceeded" && told.is_empty() {
        let what =
            "the prompt is longer than the model takes; lower `context_tokens` of this route";
        return Err(Failure::new(Kind::TooLong, what));
    }
    told.reason(stop_reason(REASONS, &raw), raw);
    Ok(())
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type", default)]
    kind: String,
    message: Option<Started>,
    content_block: Option<Block>,
    content: Option<Vec<Block>>,
    delta: Option<Delta>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Started {
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Block {
    text: Option<String>,
    #[serde(rename = "type")]
    kind: String,
}

impl Block {
    fn read(self, told: &mut Told) {
        match self.text {
            Some(text) if self.kind == "text" => told.text(text),
            _ => told.busy(),
        }
    }
}

#[derive(Deserialize)]
struct Delta {
    text: Option<String>,
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
}

impl Tokens {
    /// The provider counts what went through its cache apart from the rest.
    fn usage(&self) -> Usage {
        let through_cache = self.cache_creation_input_tokens.unwrap_or(0)
            + self.cache_read_input_tokens.unwrap_or(0);
        Usage {
            input: self.input_tokens.map(|tokens| tokens + through_cache),
            output: self.output_tokens,
            cached: self.cache_read_input_tokens,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::read;
    use super::super::{Delta, shape};
    use super::*;
    use crate::prompt::{Message, Prompt, Role};

    fn end(stop: StopReason, raw: &str) -> Delta {
        Delta::Done {
            stop,
            raw: Some(raw.into()),
        }
    }

    #[test]
    fn events_mean_what_the_provider_means() {
        let usage = |input, output, cached| {
            Delta::Usage(Usage {
                input,
                output,
                cached,
            })
        };
        let start = r#"{"type":"message_start","message":{"usage":{"input_tokens":3,"cache_creation_input_tokens":4,"cache_read_input_tokens":5,"output_tokens":1}}}"#;
        let over = |reason: &str| {
            format!(
                r#"{{"type":"message_delta","delta":{{"stop_reason":"{reason}","stop_sequence":null}},"usage":{{"output_tokens":9}}}}"#
            )
        };
        let stop = r#"{"type":"message_stop"}"#;
        for (events, deltas, busy) in [
            (
                vec![start, &over("end_turn"), stop],
                vec![
                    usage(Some(12), Some(1), Some(5)),
                    usage(Some(12), Some(9), Some(5)),
                    end(StopReason::End, "end_turn"),
                ],
                false,
            ),
            (
                vec![
                    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
                    r#"{"type":"ping"}"#,
                    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ä"}}"#,
                    r#"{"type":"content_block_stop","index":0}"#,
                    r#"{"type":"of_the_future","x":[1]}"#,
                ],
                vec![Delta::Text("ä".into())],
                false,
            ),
            (
                vec![
                    r#"{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"hm"}}"#,
                ],
                vec![],
                true,
            ),
            (
                vec![
                    r#"{"type":"content_block_start","content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#,
                ],
                vec![],
                true,
            ),
            (
                vec![
                    r#"{"type":"message","content":[{"type":"text","text":"w"}],"stop_reason":"max_tokens","usage":{"input_tokens":1,"output_tokens":2}}"#,
                ],
                vec![
                    Delta::Text("w".into()),
                    usage(Some(1), Some(2), None),
                    end(StopReason::Length, "max_tokens"),
                ],
                false,
            ),
        ] {
            let events: Vec<(&str, &str)> = events.into_iter().map(|data| ("", data)).collect();
            assert_eq!(read(&Anthropic, &events), Ok((deltas, busy)), "{events:?}");
        }
        for (raw, wanted) in [
            ("end_turn", StopReason::End),
            ("stop_sequence", StopReason::Stop),
            ("tool_use", StopReason::Tool),
            ("refusal", StopReason::Refusal),
            ("something_new", StopReason::End),
        ] {
            let found = read(&Anthropic, &[("", &over(raw)), ("", stop)]).expect(raw);
            assert_eq!(found.0.last(), Some(&end(wanted, raw)));
        }
        let early = read(&Anthropic, &[("", &over("end_turn"))]).expect("no end");
        assert!(
            !early
                .0
                .iter()
                .any(|delta| matches!(delta, Delta::Done { .. })),
            "only message_stop is the end"
        );
    }

    #[test]
    fn errors_are_typed() {
        for (data, kind) in [
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}}"#,
                Kind::TooLong,
            ),
            (
                r#"{"type":"message_delta","delta":{"stop_reason":"model_context_window_exceeded"}}"#,
                Kind::TooLong,
            ),
            (r#"{"choices":[]}"#, Kind::BadReply),
            ("[]", Kind::BadReply),
        ] {
            assert_eq!(read(&Anthropic, &[("", data)]), Err(kind), "{data}");
        }
    }

    #[test]
    fn bodies_are_exact() {
        let say = |role, text: &str| Message {
            role,
            text: text.into(),
        };
        let prompt = Prompt {
            body: Body::Chat(vec![
                say(Role::System, "rules"),
                say(Role::User, "a"),
                say(Role::Assistant, "b"),
                say(Role::User, "c"),
                say(Role::Assistant, "d"),
                say(Role::User, "e"),
            ]),
            stops: vec!["\n".into(), "</x>".into()],
            max_tokens: None,
            ..Prompt::default()
        };
        let own = Default::default();
        let asked = |surface| {
            Value::Object(Anthropic.body(&Asked {
                surface,
                ..shape::asked("m", &prompt, &own)
            }))
        };
        let mark = |text: &str| json!([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]);
        assert_eq!(
            asked(Surface::Edit),
            json!({"model": "m", "max_tokens": 8192, "system": "rules", "stop_sequences": ["</x>"], "stream": true, "messages": [
                {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"},
                {"role": "assistant", "content": "d"}, {"role": "user", "content": "e"}]})
        );
        assert_eq!(
            asked(Surface::Chat),
            json!({"model": "m", "max_tokens": 8192, "system": mark("rules"), "stop_sequences": ["</x>"], "stream": true, "messages": [
                {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": mark("c")},
                {"role": "assistant", "content": "d"}, {"role": "user", "content": mark("e")}]})
        );
    }
}
