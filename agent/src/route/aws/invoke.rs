//! Bedrock's InvokeModel for Claude: Anthropic's own messages and events, wrapped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::anthropic::Anthropic;
use super::super::error::Failure;
use super::super::openai::unreadable;
use super::super::pictures::Pictures;
use super::super::shape::{Asked, Framing, Shape};
use super::super::sse::Event;
use super::super::told::Told;
use super::converse::exception;
use super::frames::FRAMES;

/// See the module.
pub struct Invoke;

impl Shape for Invoke {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        Anthropic.body(asked)
    }

    fn pictures(&self) -> Option<Pictures> {
        Anthropic.pictures()
    }

    fn framing(&self) -> Framing {
        FRAMES
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Chunk {
            bytes: String,
        }
        if let Some(failure) = exception(event) {
            return Err(failure);
        }
        match event.name.as_str() {
            "chunk" => {
                let chunk: Chunk = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
                let data = STANDARD.decode(chunk.bytes).map_err(|_| unreadable())?;
                let event = Event {
                    name: String::new(),
                    data,
                };
                Anthropic.read(&event, told)
            }
            // A whole message, from something between that does not stream.
            "" => Anthropic.read(event, told),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::told::read;
    use super::super::super::{Delta, Kind, StopReason};
    use super::*;

    #[test]
    fn the_wrapped_events_are_anthropics() {
        let wrapped =
            |inner: &str| format!(r#"{{"bytes":"{}","p":"abc"}}"#, STANDARD.encode(inner));
        let text = wrapped(
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ok"}}"#,
        );
        let stop = wrapped(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#);
        let end = wrapped(
            r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#,
        );
        let (out, _) = read(
            &Invoke,
            &[("chunk", &text), ("chunk", &stop), ("chunk", &end)],
        )
        .expect("readable");
        assert_eq!(out[0], Delta::Text("ok".into()));
        assert!(matches!(
            &out[1],
            Delta::Done {
                stop: StopReason::End,
                ..
            }
        ));
        for (name, data, kind) in [
            ("chunk", r#"{"bytes":"???"}"#, Kind::BadReply),
            ("chunk", r#"{"type":"message_stop"}"#, Kind::BadReply),
            ("exception:modelTimeoutException", "{}", Kind::Overloaded),
        ] {
            assert_eq!(read(&Invoke, &[(name, data)]).err(), Some(kind), "{name}");
        }
    }
}
