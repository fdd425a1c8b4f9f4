//! Text Generation Inference's own request for raw text; its chat is of the OpenAI family.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::classify::classify;
use super::error::Failure;
use super::openai::unreadable;
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::told::{Told, stop_reason};
use super::{StopReason, Usage};
use crate::prompt::Body;

/// See the module.
pub struct Tgi;

impl Shape for Tgi {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        // No row of `routes.toml` sends anything else here.
        if let Body::Text(text) = &asked.prompt.body {
            body.insert("inputs".into(), text.as_str().into());
        }
        let mut parameters = Map::new();
        if let Some(tokens) = asked.max_tokens {
            parameters.insert("max_new_tokens".into(), tokens.into());
        }
        if !asked.prompt.stops.is_empty() {
            parameters.insert("stop".into(), asked.prompt.stops.as_slice().into());
        }
        for (name, value) in [("temperature", asked.temperature), ("top_p", asked.top_p)] {
            if let Some(value) = value {
                parameters.insert(name.into(), value.into());
            }
        }
        body.insert("parameters".into(), parameters.into());
        body
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        let said: Said = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        if said.error.is_some() {
            return Err(classify(None, None, &event.data));
        }
        if said.token.is_none() && said.generated_text.is_none() {
            return Err(unreadable());
        }
        if let Some(token) = said.token
            && !token.special
        {
            told.text(token.text);
        }
        if said.generated_text.is_some() {
            if let Some(details) = said.details {
                told.usage(Usage {
                    input: details.input_length,
                    output: details.generated_tokens,
                    cached: None,
                });
                told.reason(
                    stop_reason(REASONS, &details.finish_reason),
                    details.finish_reason,
                );
            }
            told.end();
        }
        Ok(())
    }
}

const REASONS: &[(&str, StopReason)] = &[
    ("length", StopReason::Length),
    ("stop_sequence", StopReason::Stop),
];

#[derive(Deserialize)]
struct Said {
    token: Option<Token>,
    generated_text: Option<String>,
    details: Option<Details>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Token {
    text: String,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
struct Details {
    finish_reason: String,
    generated_tokens: Option<u64>,
    input_length: Option<u64>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::told::read;
    use super::super::{Delta, Kind, shape};
    use super::*;
    use crate::prompt::Prompt;

    #[test]
    fn events_mean_what_the_server_means() {
        let events = [
            (
                "",
                r#"{"index":1,"token":{"id":1,"text":"a","special":false},"generated_text":null,"details":null}"#,
            ),
            (
                "",
                r#"{"index":2,"token":{"id":0,"text":"</s>","special":true},"generated_text":"a","details":{"finish_reason":"eos_token","generated_tokens":2,"input_length":5}}"#,
            ),
        ];
        assert_eq!(
            read(&Tgi, &events),
            Ok((
                vec![
                    Delta::Text("a".into()),
                    Delta::Usage(Usage {
                        input: Some(5),
                        output: Some(2),
                        cached: None
                    }),
                    Delta::Done {
                        stop: StopReason::End,
                        raw: Some("eos_token".into())
                    },
                ],
                false
            ))
        );
        for (data, kind) in [
            (
                r#"{"error":"Model is overloaded","error_type":"overloaded"}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096","error_type":"validation"}"#,
                Kind::TooLong,
            ),
            ("{}", Kind::BadReply),
        ] {
            assert_eq!(read(&Tgi, &[("", data)]), Err(kind), "{data}");
        }
    }

    #[test]
    fn bodies_are_exact() {
        let prompt = Prompt {
            body: Body::Text("t".into()),
            stops: vec!["\n".into()],
            max_tokens: Some(9),
            ..Prompt::default()
        };
        let own = Default::default();
        let asked = Asked {
            max_tokens: Some(9),
            ..shape::asked("m", &prompt, &own)
        };
        assert_eq!(
            Value::Object(Tgi.body(&asked)),
            json!({"inputs": "t", "parameters": {"max_new_tokens": 9, "stop": ["\n"]}})
        );
    }
}
