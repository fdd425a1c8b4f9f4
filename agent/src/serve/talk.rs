//! `/v1/chat/completions`: somebody else's conversation, answered by the route of chats, past the same policy, budget and ledger.
//!
//! The messages are asked as they came. The answer is Markdown for a renderer that is not known here: images and HTML outside of code
//! are escaped as in every chat.

use std::future::Future;
use std::pin::Pin;

use futures_util::stream::unfold;
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::answer::{self, Body, created};
use crate::chat::harmless::Harmless;
use crate::chat::outcome::Class;
use crate::chat::{Outcome, Road, Trouble};
use crate::prompt::{self, MAX_STOPS, Message, Prompt, Role};
use crate::route::{Kind, StopReason};

/// The prompt of a body, or one sentence why there is none.
pub fn prompt(body: &Value, folder: Option<String>) -> Result<Prompt, String> {
    let said = body["messages"]
        .as_array()
        .filter(|said| !said.is_empty())
        .ok_or("`messages` is no list of messages")?;
    let mut rules: Vec<String> = Vec::new();
    let mut turns = Vec::new();
    for message in said {
        let text = text(&message["content"])?;
        match message["role"].as_str().unwrap_or_default() {
            "system" | "developer" => rules.push(text),
            "user" => turns.push(Message {
                role: Role::User,
                text,
            }),
            "assistant" => turns.push(Message {
                role: Role::Assistant,
                text,
            }),
            other => {
                return Err(format!(
                    "messages of the role {other:?} are not taken: system, developer, user and assistant are"
                ));
            }
        }
    }
    if turns.is_empty() {
        return Err("`messages` holds no question".into());
    }
    let rules = (!rules.is_empty()).then(|| Message {
        role: Role::System,
        text: rules.join("\n\n"),
    });
    let limit = ["max_completion_tokens", "max_tokens"];
    let limit = limit.iter().find_map(|name| body[name].as_u64());
    let stops = match &body["stop"] {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    Ok(Prompt {
        body: prompt::Body::Chat(rules.into_iter().chain(turns).collect()),
        stops: stops.into_iter().take(MAX_STOPS).collect(),
        max_tokens: limit.and_then(|limit| u32::try_from(limit).ok()),
        folder,
        ..Prompt::default()
    })
}

/// The text of a message's content: a string, or a list of parts that are text.
fn text(content: &Value) -> Result<String, String> {
    match content {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => parts
            .iter()
            .map(
                |part| match (part["type"].as_str(), part["text"].as_str()) {
                    (Some("text"), Some(text)) => Ok(text),
                    (kind, _) => Err(format!(
                        "a part of the type {:?} is not taken: only text is",
                        kind.unwrap_or_default()
                    )),
                },
            )
            .collect(),
        _ => Err("the content of a message is no text".into()),
    }
}

/// Asks, and answers as the body wants it. What goes wrong before any text is an error with a status of its own.
pub async fn answer(road: Road, prompt: Prompt, body: &Value) -> Response<Body> {
    let model = road.route.model().to_owned();
    let mut telling = Telling::of(road, prompt);
    if body["stream"] != true {
        while telling.piece().await.is_some() {}
        let Telling { outcome, text, .. } = telling;
        return match &outcome.error {
            Some(trouble) => refusal(trouble),
            None => answer::json(&whole(&text, &model, &outcome)),
        };
    }
    let first = telling.piece().await;
    if let (None, Some(trouble)) = (&first, &telling.outcome.error) {
        return refusal(trouble);
    }
    let head = chunk(&model, json!({ "role": "assistant", "content": "" }), None);
    let usage = body["stream_options"]["include_usage"] == true;
    let told = Told {
        telling,
        model,
        usage,
        waiting: first,
        ended: false,
    };
    let rest = unfold(told, |mut told| async move {
        let event = told.next().await?;
        Some((event, told))
    });
    answer::stream(futures_util::StreamExt::chain(
        futures_util::stream::iter([event(&head)]),
        rest,
    ))
}

/// An answer on its way. Dropped, its connection is closed.
struct Telling {
    asking: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    come: UnboundedReceiver<String>,
    /// What was told so far.
    text: String,
    outcome: Outcome,
}

impl Telling {
    fn of(road: Road, prompt: Prompt) -> Telling {
        let (pieces, come) = unbounded_channel();
        let asking = async move {
            let (mut outcome, mut harmless) = (Outcome::default(), Harmless::default());
            let say = |text: &str| {
                let text = harmless.feed(text);
                text.is_empty() || pieces.send(text).is_ok()
            };
            outcome.hear(&road.route, prompt, road.surface, say).await;
            let rest = harmless.end();
            if !rest.is_empty() {
                // Fails only when nobody listens any more.
                let _ = pieces.send(rest);
            }
            outcome
        };
        Telling {
            asking: Some(Box::pin(asking)),
            come,
            text: String::new(),
            outcome: Outcome::default(),
        }
    }

    /// More of the text; `None` at its end.
    async fn piece(&mut self) -> Option<String> {
        let piece = loop {
            let Some(asking) = &mut self.asking else {
                break self.come.try_recv().ok();
            };
            tokio::select! {
                biased;
                Some(piece) = self.come.recv() => break Some(piece),
                outcome = asking => {
                    self.outcome = outcome;
                    self.asking = None;
                }
            }
        };
        self.text.push_str(piece.as_deref().unwrap_or_default());
        piece
    }
}

/// A stream of events.
struct Told {
    telling: Telling,
    model: String,
    usage: bool,
    waiting: Option<String>,
    ended: bool,
}

impl Told {
    async fn next(&mut self) -> Option<String> {
        if self.ended {
            return None;
        }
        let piece = match self.waiting.take() {
            Some(piece) => Some(piece),
            None => self.telling.piece().await,
        };
        if let Some(piece) = piece {
            return Some(event(&chunk(
                &self.model,
                json!({ "content": piece }),
                None,
            )));
        }
        self.ended = true;
        let outcome = &self.telling.outcome;
        if let Some(trouble) = &outcome.error {
            // No end mark: what came is not the whole answer.
            return Some(event(&answer::error(
                &trouble.message,
                &trouble.class.word().into(),
            )));
        }
        let mut end = event(&chunk(&self.model, json!({}), Some(finish(outcome))));
        if self.usage {
            let mut last = chunk(&self.model, Value::Null, None);
            last["choices"] = json!([]);
            last["usage"] = usage(outcome);
            end += &event(&last);
        }
        Some(end + "data: [DONE]\n\n")
    }
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn chunk(model: &str, delta: Value, finish: Option<&str>) -> Value {
    json!({
        "id": "chatcmpl-nextline", "object": "chat.completion.chunk", "created": created(), "model": model,
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    })
}

fn whole(text: &str, model: &str, outcome: &Outcome) -> Value {
    json!({
        "id": "chatcmpl-nextline", "object": "chat.completion", "created": created(), "model": model,
        "choices": [{
            "index": 0, "message": { "role": "assistant", "content": text }, "logprobs": null, "finish_reason": finish(outcome),
        }],
        "usage": usage(outcome),
    })
}

fn finish(outcome: &Outcome) -> &'static str {
    match outcome.stop {
        Some(StopReason::Length) => "length",
        Some(StopReason::Filter) => "content_filter",
        _ => "stop",
    }
}

/// What the provider counted; `null` where it did not.
fn usage(outcome: &Outcome) -> Value {
    let counted = &outcome.usage;
    let total = counted.input.zip(counted.output);
    json!({
        "prompt_tokens": counted.input, "completion_tokens": counted.output,
        "total_tokens": total.map(|(input, output)| input + output),
        "prompt_tokens_details": { "cached_tokens": counted.cached }, "cost_usd": outcome.cost_usd,
    })
}

/// A trouble before any text.
pub fn refusal(trouble: &Trouble) -> Response<Body> {
    let status = match trouble.class {
        Class::NoRoute | Class::Input | Class::Usage | Class::Declined => StatusCode::BAD_REQUEST,
        Class::Policy => StatusCode::FORBIDDEN,
        Class::Interrupted | Class::Useless => StatusCode::BAD_GATEWAY,
        Class::Route(Kind::TooLong | Kind::Refused | Kind::Filtered | Kind::Settings) => {
            StatusCode::BAD_REQUEST
        }
        Class::Route(Kind::RateLimited { .. } | Kind::Quota | Kind::Budget) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Class::Route(Kind::Timeout) => StatusCode::GATEWAY_TIMEOUT,
        Class::Route(Kind::Overloaded | Kind::Resting { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        // The route's key is not this client's: 401 would say that its token is wrong.
        Class::Route(_) => StatusCode::BAD_GATEWAY,
    };
    let code = match trouble.class {
        // What clients look for before they shorten a conversation.
        Class::Route(Kind::TooLong) => "context_length_exceeded",
        class => class.word(),
    };
    answer::refused(status, &trouble.message, code.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_to_prompts() {
        let body = json!({ "messages": [
            { "role": "system", "content": "Be brief." }, { "role": "developer", "content": [{ "type": "text", "text": "In verse." }] },
            { "role": "user", "content": "one" }, { "role": "assistant", "content": null }, { "role": "user", "content": [{ "type": "text", "text": "t" }, { "type": "text", "text": "wo" }] },
        ], "max_tokens": 9, "stop": ["a", "b", "c", "d", "e"] });
        let prompt = prompt(&body, None).unwrap();
        let prompt::Body::Chat(said) = &prompt.body else {
            panic!("no chat")
        };
        let said: Vec<_> = said
            .iter()
            .map(|one| (one.role, one.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (Role::System, "Be brief.\n\nIn verse."),
                (Role::User, "one"),
                (Role::Assistant, ""),
                (Role::User, "two")
            ]
        );
        assert_eq!(
            (prompt.max_tokens, prompt.stops.len()),
            (Some(9), MAX_STOPS)
        );
    }

    #[test]
    fn what_is_no_conversation_is_said_in_a_sentence() {
        for (messages, word) in [
            (json!(null), "list"),
            (json!([]), "list"),
            (json!([{ "role": "system", "content": "x" }]), "question"),
            (json!([{ "role": "tool", "content": "x" }]), "tool"),
            (
                json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "x" } }] }]),
                "image_url",
            ),
            (json!([{ "role": "user", "content": 3 }]), "text"),
        ] {
            let why = prompt(&json!({ "messages": messages }), None).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
