//! The seam between what all routes share and what one wire family looks like: a request's body out, an event's meaning in.

use serde_json::{Map, Value};

use super::error::Failure;
use super::pictures::Pictures;
use super::sse::Event;
use super::told::Told;
use super::{
    Surface, anthropic, aws, gemini, llama_cpp, ollama, openai, responses, sourcegraph, tgi,
};
use crate::prompt::Prompt;

/// One family of providers that exchange the same shapes. Holds no state: everything is in the event.
pub trait Shape: Send + Sync {
    /// The JSON body that asks `asked`.
    fn body(&self, asked: &Asked<'_>) -> Map<String, Value>;

    /// How events are told apart in a stream.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// How a question holds pictures; `None` in a family that takes none.
    fn pictures(&self) -> Option<Pictures> {
        None
    }

    /// Reports to `told` what `event` says.
    ///
    /// A whole JSON answer that is no stream comes here as one event without a name.
    fn read(&self, event: &Event, told: &mut Told) -> Result<(), Failure>;
}

/// How events are told apart in a stream.
#[derive(Clone, Copy)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    Lines,
    /// Frames of the family's own, under a media type of its own.
    Frames {
        /// The media type.
        media: &'static str,
        /// A new cutter, for one answer.
        cutter: fn() -> Box<dyn Cutter>,
    },
}

/// Cuts the bytes of one answer into events, however they arrive.
pub trait Cutter: Send {
    /// Appends to `out` the events that `chunk` completes.
    fn feed(&mut self, chunk: &[u8], out: &mut Vec<Event>) -> Result<(), Failure>;

    /// What the end of the bytes left unfinished, if it can be an event.
    fn finish(&mut self) -> Option<Event> {
        None
    }
}

/// What a body is made of.
pub struct Asked<'a> {
    /// The model, as the provider spells it.
    pub model: &'a str,
    /// The question.
    pub prompt: &'a Prompt,
    /// What the answer is for.
    pub surface: Surface,
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
    /// Whether the answer is wanted in one piece, where the family has such answers.
    pub whole: bool,
    /// The provider's own keys of the route.
    pub own: &'a std::collections::BTreeMap<String, Value>,
}

/// The families by the names that `routes.toml` uses.
const SHAPES: &[(&str, &dyn Shape)] = &[
    ("openai", &openai::OpenAi),
    ("responses", &responses::Responses),
    ("anthropic", &anthropic::Anthropic),
    ("gemini", &gemini::Gemini),
    ("bedrock-converse", &aws::Converse),
    ("bedrock-invoke", &aws::Invoke),
    ("sourcegraph", &sourcegraph::Sourcegraph),
    ("tgi", &tgi::Tgi),
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

/// The least that can be asked.
#[cfg(test)]
pub fn asked<'a>(
    model: &'a str,
    prompt: &'a Prompt,
    own: &'a std::collections::BTreeMap<String, Value>,
) -> Asked<'a> {
    Asked {
        model,
        prompt,
        surface: Surface::Chat,
        max_tokens: None,
        temperature: None,
        top_p: None,
        chat_limit: "max_tokens",
        usage_option: false,
        whole: false,
        own,
    }
}
