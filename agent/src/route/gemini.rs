//! Google's `streamGenerateContent`: behind Gemini's own address, on Vertex and Cody Gateway.

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
pub struct Gemini;

/// Most stop sequences that it takes.
const STOPS: usize = 5;

impl Shape for Gemini {
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        if let Body::Chat(messages) = &asked.prompt.body {
            let talk = apart(messages);
            if !talk.system.is_empty() {
                body.insert(
                    "systemInstruction".into(),
                    json!({"parts": [{"text": talk.system}]}),
                );
            }
            let contents = talk.turns.iter().map(|turn| {
                let role = if turn.model { "model" } else { "user" };
                json!({"role": role, "parts": [{"text": turn.text}]})
            });
            body.insert("contents".into(), contents.collect());
        }
        let mut config = Map::new();
        if let Some(tokens) = asked.max_tokens {
            config.insert("maxOutputTokens".into(), tokens.into());
        }
        let stops = &asked.prompt.stops[..asked.prompt.stops.len().min(STOPS)];
        if !stops.is_empty() {
            config.insert("stopSequences".into(), stops.into());
        }
        for (name, value) in [("temperature", asked.temperature), ("topP", asked.top_p)] {
            if let Some(value) = value {
                config.insert(name.into(), value.into());
            }
        }
        if let Some(thinking) = least_thinking(asked) {
            config.insert("thinkingConfig".into(), thinking);
        }
        if !config.is_empty() {
            body.insert("generationConfig".into(), config.into());
        }
        body
    }

    fn pictures(&self) -> Option<Pictures> {
        Some(pictures::GEMINI)
    }

    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure> {
        // One list of all, where something between does not know `alt=sse`.
        if event.data.trim_ascii_start().first() == Some(&b'[') {
            let parts: Vec<Value> =
                serde_json::from_slice(&event.data).map_err(|_| unreadable())?;
            return parts.into_iter().try_for_each(|part| chunk(part, told));
        }
        chunk(
            serde_json::from_slice(&event.data).map_err(|_| unreadable())?,
            told,
        )
    }
}

/// Thoughts count against the limit of a completion's answer and would eat it whole: as few of them as the model allows.
const THINKING: &[(&str, &str, i32)] = &[
    ("gemini-2.5-flash", "thinkingBudget", 0),
    ("gemini-2.5-pro", "thinkingBudget", 128),
];

fn least_thinking(asked: &Asked<'_>) -> Option<Value> {
    if asked.surface != Surface::Completion {
        return None;
    }
    let row = THINKING
        .iter()
        .find(|(model, ..)| asked.model.starts_with(model));
    match row {
        Some((_, key, budget)) => Some(json!({*key: budget})),
        None if asked.model.starts_with("gemini-3") => Some(json!({"thinkingLevel": "low"})),
        None => None,
    }
}

/// Why candidates end; what is unknown is an ordinary end.
const REASONS: &[(&str, StopReason)] = &[
    ("MAX_TOKENS", StopReason::Length),
    ("SAFETY", StopReason::Filter),
    ("RECITATION", StopReason::Filter),
    ("LANGUAGE", StopReason::Filter),
    ("BLOCKLIST", StopReason::Filter),
    ("PROHIBITED_CONTENT", StopReason::Filter),
    ("SPII", StopReason::Filter),
    ("IMAGE_SAFETY", StopReason::Filter),
    ("UNEXPECTED_TOOL_CALL", StopReason::Tool),
    ("TOO_MANY_TOOL_CALLS", StopReason::Tool),
    ("MALFORMED_FUNCTION_CALL", StopReason::Cut),
    ("MALFORMED_RESPONSE", StopReason::Cut),
    ("MISSING_THOUGHT_SIGNATURE", StopReason::Cut),
    ("OTHER", StopReason::Cut),
];

fn chunk(part: Value, told: &mut Told) -> Result<(), Failure> {
    if part.get("error").is_some() {
        return Err(classify(None, None, part.to_string().as_bytes()));
    }
    let chunk: Chunk = serde_json::from_value(part).map_err(|_| unreadable())?;
    let blocked = chunk.feedback.and_then(|feedback| feedback.reason);
    if chunk.candidates.is_none() && blocked.is_none() && chunk.usage.is_none() {
        return Err(unreadable());
    }
    if let Some(tokens) = chunk.usage {
        told.usage(tokens.usage());
    }
    if let Some(reason) = blocked {
        let what = "the provider's content filter stopped the request";
        return Err(Failure {
            code: Some(reason.into()),
            ..Failure::new(Kind::Filtered, what)
        });
    }
    let candidates = chunk.candidates.unwrap_or_default();
    // Other answers than the first were not asked for.
    for candidate in candidates
        .into_iter()
        .filter(|it| it.index.unwrap_or(0) == 0)
    {
        let parts = candidate.content.and_then(|content| content.parts);
        for part in parts.unwrap_or_default() {
            match part.text {
                Some(text) if !part.thought => told.text(text),
                _ => told.busy(),
            }
        }
        if let Some(raw) = candidate.reason {
            told.reason(stop_reason(REASONS, &raw), raw);
            told.end();
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk {
    candidates: Option<Vec<Candidate>>,
    #[serde(rename = "promptFeedback")]
    feedback: Option<Feedback>,
    #[serde(rename = "usageMetadata")]
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Feedback {
    #[serde(rename = "blockReason")]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Candidate {
    index: Option<u64>,
    content: Option<Content>,
    #[serde(rename = "finishReason")]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    parts: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    prompt_token_count: Option<u64>,
    candidates_token_count: Option<u64>,
    thoughts_token_count: Option<u64>,
    cached_content_token_count: Option<u64>,
    tool_use_prompt_token_count: Option<u64>,
}

impl Tokens {
    /// Thoughts are paid for as answer, results of tools as question.
    fn usage(&self) -> Usage {
        let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0) + b.unwrap_or(0)),
        };
        Usage {
            input: sum(self.prompt_token_count, self.tool_use_prompt_token_count),
            output: sum(self.candidates_token_count, self.thoughts_token_count),
            cached: self.cached_content_token_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::read;
    use super::super::{Delta, shape};
    use super::*;
    use crate::prompt::{Message, Prompt, Role};

    #[test]
    fn chunks_mean_what_the_provider_means() {
        let text = |text: &str| Delta::Text(text.into());
        let done = |stop, raw: &str| Delta::Done {
            stop,
            raw: Some(raw.into()),
        };
        let usage = |input, output, cached| {
            Delta::Usage(Usage {
                input,
                output,
                cached,
            })
        };
        for (data, deltas, busy) in [
            (
                r#"{"candidates":[{"content":{"parts":[{"text":"a"},{"text":"b"}],"role":"model"},"index":0}]}"#,
                vec![text("a"), text("b")],
                false,
            ),
            (
                r#"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}"#,
                vec![],
                true,
            ),
            (
                r#"{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3,"cachedContentTokenCount":4,"totalTokenCount":10}}"#,
                vec![
                    usage(Some(5), Some(5), Some(4)),
                    done(StopReason::End, "STOP"),
                ],
                false,
            ),
            (
                r#"{"candidates":[{"finishReason":"MAX_TOKENS"}]}"#,
                vec![done(StopReason::Length, "MAX_TOKENS")],
                false,
            ),
            (
                r#"{"candidates":[{"finishReason":"SAFETY"}]}"#,
                vec![done(StopReason::Filter, "SAFETY")],
                false,
            ),
            (
                r#"{"candidates":[{"finishReason":"NEWLY_INVENTED"}]}"#,
                vec![done(StopReason::End, "NEWLY_INVENTED")],
                false,
            ),
            (
                r#"{"usageMetadata":{"promptTokenCount":5}}"#,
                vec![usage(Some(5), None, None)],
                false,
            ),
            (
                r#"[{"candidates":[{"content":{"parts":[{"text":"x"}]}}]},{"candidates":[{"finishReason":"STOP"}]}]"#,
                vec![text("x"), done(StopReason::End, "STOP")],
                false,
            ),
        ] {
            assert_eq!(read(&Gemini, &[("", data)]), Ok((deltas, busy)), "{data}");
        }
        for (data, kind) in [
            (
                r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#,
                Kind::Filtered,
            ),
            (
                r#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#,
                Kind::Overloaded,
            ),
            (
                r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]"#,
                Kind::RateLimited { retry_after: None },
            ),
            ("{}", Kind::BadReply),
            ("[7]", Kind::BadReply),
        ] {
            assert_eq!(read(&Gemini, &[("", data)]), Err(kind), "{data}");
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
            ]),
            stops: vec!["</x>".into()],
            max_tokens: Some(9),
            ..Prompt::default()
        };
        let own = Default::default();
        let asked = |model, surface| {
            Value::Object(Gemini.body(&Asked {
                surface,
                max_tokens: prompt.max_tokens,
                ..shape::asked(model, &prompt, &own)
            }))
        };
        let mut wanted = json!({
            "systemInstruction": {"parts": [{"text": "rules"}]},
            "contents": [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]},
                {"role": "user", "parts": [{"text": "c"}]}],
            "generationConfig": {"maxOutputTokens": 9, "stopSequences": ["</x>"]}});
        assert_eq!(asked("gemini-2.5-flash", Surface::Chat), wanted);
        assert_eq!(asked("gemini-2.0-flash", Surface::Completion), wanted);
        wanted["generationConfig"]["thinkingConfig"] = json!({"thinkingBudget": 0});
        assert_eq!(asked("gemini-2.5-flash", Surface::Completion), wanted);
    }
}
