//! The seam between what all routes share and what one wire family looks like: a request's body out, an event's meaning in.

use serde_json::{Map, Value};

use super::Delta;
use super::error::Failure;
use super::sse::Event;
use super::{llama_cpp, ollama, openai};
use crate::prompt::Prompt;

/// One family of providers that exchange the same shapes. Holds no state: everything is in the event.
pub trait Shape: Send + Sync {
    /// The JSON body that asks `asked`.
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value>;

    /// How events are told apart in a stream.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// Appends what `event` says to `out`. `true` when the model is at work without text to show (thoughts, tool calls).
    ///
    /// A whole JSON answer that is no stream comes here as one event without a name.
    fn read(&self, event: &Event, out: &mut Vec<Delta>) -> Result<bool, Failure>;
}

/// How events are told apart in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    Lines,
}

/// What a body is made of.
pub struct Asked<'a> {
    /// The model, as the provider spells it.
    pub model: &'a str,
    /// The question.
    pub prompt: &'a Prompt,
    /// Most tokens of the answer, the route's own limit included.
    pub max_tokens: Option<u32>,
    /// Only if set.
    pub temperature: Option<f64>,
    /// Only if set.
    pub top_p: Option<f64>,
    /// What a conversation calls the limit of its answer.
    pub chat_limit: &'a str,
    /// Whether usage must be asked for.
    pub usage_option: bool,
    /// The provider's own keys of the route.
    pub own: &'a std::collections::BTreeMap<String, Value>,
}

/// The families by the names that `routes.toml` uses.
const SHAPES: &[(&str, &dyn Shape)] = &[
    ("openai", &openai::OpenAi),
    ("llama-cpp", &llama_cpp::LlamaCpp),
    ("ollama", &ollama::Ollama),
];

/// The family that is called `name`.
pub fn named(name: &str) -> Option<&'static dyn Shape> {
    SHAPES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, shape)| *shape)
}
