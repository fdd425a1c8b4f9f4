//! What an answer is made of, the same for every provider.

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    /// What the provider calls the request, where it says so; before everything else.
    Named(String),
    /// More text; never empty.
    Text(String),
    /// The model's words for declining; never part of the text.
    Refusal(String),
    /// What the provider counted, as far as it says.
    Usage(Usage),
    /// The provider's own end mark.
    Done {
        /// Why the answer ended.
        stop: StopReason,
        /// The provider's own word for it.
        raw: Option<String>,
    },
}

/// Tokens, as the provider counted them; `None` = not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Of the question, cached ones included.
    pub input: Option<u64>,
    /// Of the answer.
    pub output: Option<u64>,
    /// Of the question, read from the provider's cache.
    pub cached: Option<u64>,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The model came to its end, or to a stop string where the provider does not tell the two apart.
    End,
    /// The limit of tokens.
    Length,
    /// A stop string.
    Stop,
    /// The model wants a tool.
    Tool,
    /// The model declined.
    Refusal,
    /// The provider's content filter.
    Filter,
    /// The provider gave up.
    Cut,
}

impl StopReason {
    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            StopReason::End => "end",
            StopReason::Length => "length",
            StopReason::Stop => "stop",
            StopReason::Tool => "tool",
            StopReason::Refusal => "refusal",
            StopReason::Filter => "filter",
            StopReason::Cut => "cut",
        }
    }
}
