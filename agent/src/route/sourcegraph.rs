//! A Sourcegraph instance: its chat stream and its code completions share one exchange.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::classify::classify;
use super::error::Failure;
use super::openai::unreadable;
use super::shape::{Asked, Shape};
use super::sse::Event;
use super::talk::apart;
use super::told::{Told, stop_reason};
use super::{StopReason, Usage};
use crate::prompt::Body;

/// See the module.
pub struct Sourcegraph;

/// What the instance takes for "as the model's vendor says".
const UNSET: i64 = -1;

impl Shape for Sourcegraph {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        if !asked.model.is_empty() {
            body.insert("model".into(), asked.model.into());
        }
        let say = |speaker: &str, text: &str| json!({"speaker": speaker, "text": text});
        let messages: Value = match &asked.prompt.body {
            Body::Chat(messages) => {
                let talk = apart(messages);
                let rules = (!talk.system.is_empty()).then(|| say("system", &talk.system));
                let turns = talk.turns.iter().map(|turn| {
                    let speaker = if turn.model { "assistant" } else { "human" };
                    say(speaker, &turn.text)
                });
                rules.into_iter().chain(turns).collect()
            }
            Body::Text(text) => json!([say("human", text)]),
            // No row of `routes.toml` sends a hole here.
            Body::Hole(_) => json!([]),
        };
        body.insert("messages".into(), messages);
        if let Some(tokens) = asked.max_tokens {
            body.insert("maxTokensToSample".into(), tokens.into());
        }
        if let Some(value) = asked.temperature {
            body.insert("temperature".into(), value.into());
        }
        let top_p = asked.top_p.map_or(UNSET.into(), Value::from);
        body.insert("topP".into(), top_p);
        body.insert("topK".into(), UNSET.into());
        if !asked.prompt.stops.is_empty() {
            body.insert("stopSequences".into(), asked.prompt.stops.as_slice().into());
        }
        body.insert("stream".into(), true.into());
        body
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        match event.name.as_str() {
            "done" => {
                told.end();
                return Ok(());
            }
            "error" => return Err(classify(None, None, &event.data)),
            "completion" | "" => {}
            // Attributions, and whatever else will be thought of.
            _ => return Ok(()),
        }
        let said: Said = serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
        if said.error.is_some() {
            return Err(classify(None, None, &event.data));
        }
        if said.delta_text.is_none() && said.completion.is_none() && event.name.is_empty() {
            return Err(unreadable());
        }
        match (said.delta_text, said.completion) {
            (Some(more), _) => told.text(more),
            (None, Some(whole)) => told.text_so_far(&whole),
            (None, None) => {}
        }
        let thoughts = [said.delta_thinking, said.delta_tool_calls];
        if thoughts.iter().flatten().any(|value| !value.is_null()) {
            told.busy();
        }
        if let Some(tokens) = said.usage {
            told.usage(Usage {
                input: tokens.prompt_tokens,
                output: tokens.completion_tokens,
                cached: tokens
                    .prompt_tokens_details
                    .and_then(|details| details.cached_tokens),
            });
        }
        if let Some(raw) = said.stop_reason.filter(|raw| !raw.is_empty()) {
            told.reason(stop_reason(REASONS, &raw), raw);
        }
        if event.name.is_empty() {
            // A whole answer has no end mark but its own.
            told.end();
        }
        Ok(())
    }
}

/// The instance passes its upstreams' own words on; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("length", StopReason::Length),
    ("max_tokens", StopReason::Length),
    ("MAX_TOKENS", StopReason::Length),
    ("stop_sequence", StopReason::Stop),
    ("tool_calls", StopReason::Tool),
    ("tool_use", StopReason::Tool),
    ("content_filter", StopReason::Filter),
    ("SAFETY", StopReason::Filter),
    ("refusal", StopReason::Refusal),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    delta_text: Option<String>,
    completion: Option<String>,
    #[serde(rename = "delta_thinking")]
    delta_thinking: Option<Value>,
    #[serde(rename = "delta_tool_calls")]
    delta_tool_calls: Option<Value>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(alias = "promptTokens")]
    prompt_tokens: Option<u64>,
    #[serde(alias = "completionTokens")]
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::super::told::read;
    use super::super::{Delta, Kind, shape};
    use super::*;
    use crate::prompt::{Message, Prompt, Role};

    #[test]
    fn events_mean_what_the_instance_means() {
        let text = |text: &str| Delta::Text(text.into());
        let end = |stop, raw: Option<&str>| Delta::Done {
            stop,
            raw: raw.map(str::to_owned),
        };
        for (events, deltas) in [
            (
                vec![
                    ("completion", r#"{"deltaText":"a"}"#),
                    (
                        "completion",
                        r#"{"deltaText":"b","stopReason":"max_tokens"}"#,
                    ),
                    ("done", "{}"),
                ],
                vec![
                    text("a"),
                    text("b"),
                    end(StopReason::Length, Some("max_tokens")),
                ],
            ),
            (
                vec![
                    ("completion", r#"{"completion":"a","stopReason":""}"#),
                    ("completion", r#"{"completion":"aä","stopReason":""}"#),
                    ("attribution-error", "x"),
                    ("done", "{}"),
                ],
                vec![text("a"), text("ä"), end(StopReason::End, None)],
            ),
            (
                vec![(
                    "completion",
                    r#"{"stopReason":"end_turn","usage":{"prompt_tokens":3,"completion_tokens":1}}"#,
                )],
                vec![Delta::Usage(Usage {
                    input: Some(3),
                    output: Some(1),
                    cached: None,
                })],
            ),
            (
                vec![("", r#"{"completion":"w","stopReason":"stop_sequence"}"#)],
                vec![text("w"), end(StopReason::Stop, Some("stop_sequence"))],
            ),
        ] {
            assert_eq!(
                read(&Sourcegraph, &events),
                Ok((deltas, false)),
                "{events:?}"
            );
        }
        for (name, data, kind) in [
            ("error", r#"{"error":"upstream"}"#, Kind::Overloaded),
            (
                "error",
                r#"{"error":"prompt is too long: 3"}"#,
                Kind::TooLong,
            ),
            ("", "{}", Kind::BadReply),
            ("completion", "x", Kind::BadReply),
        ] {
            assert_eq!(read(&Sourcegraph, &[(name, data)]), Err(kind), "{data}");
        }
    }

    #[test]
    fn bodies_are_exact() {
        let say = |role, text: &str| Message {
            role,
            text: text.into(),
        };
        let own = Default::default();
        let ask = |model, body, stops: &[&str]| {
            let prompt = Prompt {
                body,
                stops: stops.iter().map(|stop| (*stop).to_owned()).collect(),
                max_tokens: Some(9),
                ..Prompt::default()
            };
            Value::Object(Sourcegraph.body(&Asked {
                max_tokens: prompt.max_tokens,
                ..shape::asked(model, &prompt, &own)
            }))
        };
        let talk = vec![
            say(Role::System, "rules"),
            say(Role::User, "a"),
            say(Role::Assistant, "b"),
            say(Role::User, "c"),
        ];
        assert_eq!(
            ask("anthropic::2024-10-22::x", Body::Chat(talk), &[]),
            json!({"model": "anthropic::2024-10-22::x", "messages": [
                {"speaker": "system", "text": "rules"}, {"speaker": "human", "text": "a"},
                {"speaker": "assistant", "text": "b"}, {"speaker": "human", "text": "c"}],
                "maxTokensToSample": 9, "topP": -1, "topK": -1, "stream": true})
        );
        assert_eq!(
            ask("", Body::Text("<fim>".into()), &["\n"]),
            json!({"messages": [{"speaker": "human", "text": "<fim>"}], "maxTokensToSample": 9, "topP": -1, "topK": -1,
                "stopSequences": ["\n"], "stream": true})
        );
    }
}
