//! llama.cpp's own requests: `/infill` for holes and `/completion` for raw text. Its chat is of the OpenAI family.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::classify::classify;
use super::error::Failure;
use super::openai::unreadable;
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::told::Told;
use super::{StopReason, Usage};
use crate::prompt::Body;

/// See the module.
pub struct LlamaCpp;

impl Shape for LlamaCpp {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        match &asked.prompt.body {
            Body::Hole(hole) => {
                let pieces = hole
                    .pieces
                    .iter()
                    .map(|piece| json!({"filename": piece.path, "text": piece.text}));
                body.insert("input_prefix".into(), hole.prefix.as_str().into());
                body.insert("input_suffix".into(), hole.suffix.as_str().into());
                body.insert("input_extra".into(), pieces.collect());
            }
            Body::Text(text) => {
                body.insert("prompt".into(), text.as_str().into());
            }
            // No row of `routes.toml` sends a conversation here.
            Body::Chat(_) => {}
        }
        if let Some(tokens) = asked.max_tokens {
            body.insert("n_predict".into(), tokens.into());
        }
        if !asked.prompt.stops.is_empty() {
            body.insert("stop".into(), asked.prompt.stops.as_slice().into());
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                body.insert(name.into(), value.into());
            }
        }
        if let Some(slot) = asked.own.get("slot") {
            body.insert("id_slot".into(), slot.clone());
        }
        body.insert("cache_prompt".into(), true.into());
        body.insert("stream".into(), true.into());
        body
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        let chunk: Chunk = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        if chunk.error.is_some() || event.name == "error" {
            return Err(classify(None, None, &event.data));
        }
        told.text(chunk.content.ok_or_else(unreadable)?);
        if chunk.stop {
            told.usage(Usage {
                input: chunk.tokens_evaluated,
                output: chunk.tokens_predicted,
                cached: chunk.timings.and_then(|timings| timings.cache_n),
            });
            let stop = match chunk.stop_type.as_deref() {
                Some("limit") => StopReason::Length,
                Some("word") => StopReason::Stop,
                _ if chunk.stopped_limit => StopReason::Length,
                _ if chunk.stopped_word => StopReason::Stop,
                _ => StopReason::End,
            };
            if let Some(raw) = chunk.stop_type {
                told.reason(stop, raw);
            } else if stop != StopReason::End {
                told.reason(stop, stop.word());
            }
            told.end();
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Chunk {
    content: Option<String>,
    #[serde(default)]
    stop: bool,
    stop_type: Option<String>,
    #[serde(default)]
    stopped_limit: bool,
    #[serde(default)]
    stopped_word: bool,
    tokens_evaluated: Option<u64>,
    tokens_predicted: Option<u64>,
    timings: Option<Timings>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Timings {
    /// Tokens of the prompt that its cache had already; `tokens_cached` beside it is all that the cache holds now.
    cache_n: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::super::{Delta, Kind, told};
    use super::*;

    #[test]
    fn events_mean_what_the_server_means() {
        for (data, wanted) in [
            (
                r#"{"content":"a","stop":false}"#,
                Ok(vec![Delta::Text("a".into())]),
            ),
            (
                r#"{"content":"","stop":true,"stop_type":"limit","tokens_evaluated":4,"tokens_predicted":2,"tokens_cached":6,"timings":{"cache_n":3}}"#,
                Ok(vec![
                    Delta::Usage(Usage {
                        input: Some(4),
                        output: Some(2),
                        cached: Some(3),
                    }),
                    Delta::Done {
                        stop: StopReason::Length,
                        raw: Some("limit".into()),
                    },
                ]),
            ),
            (
                r#"{"content":"x","stop":true}"#,
                Ok(vec![
                    Delta::Text("x".into()),
                    Delta::Done {
                        stop: StopReason::End,
                        raw: None,
                    },
                ]),
            ),
            (
                r#"{"error":{"code":400,"type":"exceed_context_size_error"}}"#,
                Err(Kind::TooLong),
            ),
            ("{}", Err(Kind::BadReply)),
        ] {
            let found = told::read(&LlamaCpp, &[("", data)]).map(|(deltas, _)| deltas);
            assert_eq!(found, wanted, "{data}");
        }
    }

    #[test]
    fn only_what_is_asked_for_is_written() {
        use super::super::shape;
        use crate::prompt::Prompt;
        let own = Default::default();
        for (stops, wanted) in [
            (vec![], None),
            (vec!["</x>".to_owned()], Some(json!(["</x>"]))),
        ] {
            let prompt = Prompt {
                body: Body::Text("a".into()),
                stops,
                ..Prompt::default()
            };
            let body = LlamaCpp.body(&shape::asked("m", &prompt, &own));
            assert_eq!(body.get("stop"), wanted.as_ref());
            assert_eq!(body.get("prompt"), Some(&json!("a")));
        }
    }
}
