//! Ollama's own requests: `/api/generate` for holes and raw text, `/api/chat` for conversations; one JSON value a line.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::classify::classify;
use super::error::Failure;
use super::openai::{said, unreadable};
use super::pictures::{self, Pictures};
use super::shape::{Asked, Framing, Shape};
use super::sse::Event;
use super::told::{Told, stop_reason};
use super::{StopReason, Usage};
use crate::prompt::Body;

/// See the module.
pub struct Ollama;

impl Shape for Ollama {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".into(), asked.model.into());
        match &asked.prompt.body {
            Body::Hole(hole) => {
                body.insert("prompt".into(), hole.prefix.as_str().into());
                body.insert("suffix".into(), hole.suffix.as_str().into());
            }
            Body::Text(text) => {
                body.insert("prompt".into(), text.as_str().into());
                body.insert("raw".into(), true.into());
            }
            Body::Chat(messages) => {
                body.insert("messages".into(), said(messages));
            }
        }
        let mut options = Map::new();
        if let Some(tokens) = asked.max_tokens {
            options.insert("num_predict".into(), tokens.into());
        }
        if !asked.prompt.stops.is_empty() {
            options.insert("stop".into(), asked.prompt.stops.as_slice().into());
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                options.insert(name.into(), value.into());
            }
        }
        if let Some(size) = asked.own.get("num_ctx") {
            options.insert("num_ctx".into(), size.clone());
        }
        if let Some(time) = asked.own.get("keep_alive") {
            body.insert("keep_alive".into(), time.clone());
        }
        body.insert("options".into(), options.into());
        body.insert("stream".into(), true.into());
        body
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::OLLAMA)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        let chunk: Chunk = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        if chunk.error.is_some() {
            return Err(classify(None, None, &event.data));
        }
        let said = chunk.message.unwrap_or_default();
        if chunk
            .thinking
            .or(said.thinking)
            .is_some_and(|thought| !thought.is_empty())
        {
            told.busy();
        }
        let text = chunk.response.or(said.content);
        if text.is_none() && chunk.done.is_none() {
            return Err(unreadable());
        }
        told.text(text.unwrap_or_default());
        if chunk.done == Some(true) {
            told.usage(Usage {
                input: chunk.prompt_eval_count,
                output: chunk.eval_count,
                cached: None,
            });
            if let Some(raw) = chunk.done_reason {
                told.reason(stop_reason(REASONS, &raw), raw);
            }
            told.end();
        }
        Ok(())
    }
}

/// Reasons of an end that is not an ordinary one.
const REASONS: &[(&str, StopReason)] = &[("length", StopReason::Length)];

#[derive(Deserialize)]
struct Chunk {
    response: Option<String>,
    thinking: Option<String>,
    message: Option<Said>,
    done: Option<bool>,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    error: Option<Value>,
}

#[derive(Deserialize, Default)]
struct Said {
    content: Option<String>,
    thinking: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::{Delta, Kind, told};
    use super::*;

    #[test]
    fn events_mean_what_the_server_means() {
        for (data, wanted) in [
            (
                r#"{"response":"a","done":false}"#,
                Ok((vec![Delta::Text("a".into())], false)),
            ),
            (
                r#"{"response":"a"}"#,
                Ok((vec![Delta::Text("a".into())], false)),
            ),
            (
                r#"{"message":{"role":"assistant","content":"c"},"done":false}"#,
                Ok((vec![Delta::Text("c".into())], false)),
            ),
            (
                r#"{"message":{"content":"","thinking":"hm"},"done":false}"#,
                Ok((vec![], true)),
            ),
            (
                r#"{"response":"","done":true,"done_reason":"length","prompt_eval_count":3,"eval_count":1}"#,
                Ok((
                    vec![
                        Delta::Usage(Usage {
                            input: Some(3),
                            output: Some(1),
                            cached: None,
                        }),
                        Delta::Done {
                            stop: StopReason::Length,
                            raw: Some("length".into()),
                        },
                    ],
                    false,
                )),
            ),
            (
                r#"{"error":"model runner has unexpectedly stopped"}"#,
                Err(Kind::Overloaded),
            ),
            ("{}", Err(Kind::BadReply)),
        ] {
            let found = told::read(&Ollama, &[("", data)]);
            assert_eq!(found, wanted, "{data}");
        }
    }
}
