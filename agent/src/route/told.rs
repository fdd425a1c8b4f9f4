//! What an answer has told so far: shapes report into it, and it makes deltas of that, the same way for every family.

use super::{Delta, StopReason, Usage};

/// One answer's memory. Nothing but usage is taken after the end mark.
#[derive(Debug, Default)]
pub struct Told {
    deltas: Vec<Delta>,
    /// Bytes of text so far.
    length: usize,
    usage: Usage,
    reason: Option<(StopReason, String)>,
    refused: bool,
    busy: bool,
    done: bool,
}

impl Told {
    /// More text.
    pub fn text(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() && !self.done {
            self.length += text.len();
            self.deltas.push(Delta::Text(text));
        }
    }

    /// All of the text up to now, from providers that repeat it.
    pub fn text_so_far(&mut self, whole: &str) {
        if let Some(more) = whole.get(self.length..) {
            self.text(more);
        }
    }

    /// The model's words for declining.
    pub fn refusal(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() && !self.done {
            self.refused = true;
            self.deltas.push(Delta::Refusal(words));
        }
    }

    /// The model is at work without anything to show: thoughts, calls of tools.
    pub fn busy(&mut self) {
        self.busy = true;
    }

    /// What the provider counted; what it leaves out stays as it was said before.
    pub fn usage(&mut self, usage: Usage) {
        let merged = Usage {
            input: usage.input.or(self.usage.input),
            output: usage.output.or(self.usage.output),
            cached: usage.cached.or(self.usage.cached),
        };
        if merged != self.usage {
            self.usage = merged;
            self.deltas.push(Delta::Usage(merged));
        }
    }

    /// Why the answer will end, with the provider's own word, from providers whose end mark comes later.
    pub fn reason(&mut self, stop: StopReason, raw: impl Into<String>) {
        self.reason = Some((stop, raw.into()));
    }

    /// The end mark.
    pub fn end(&mut self) {
        if std::mem::replace(&mut self.done, true) {
            return;
        }
        let (stop, raw) = match self.reason.take() {
            Some((stop, raw)) => (stop, Some(raw)),
            None => (StopReason::End, None),
        };
        let stop = match (self.refused, stop) {
            (true, StopReason::End) => StopReason::Refusal,
            _ => stop,
        };
        self.deltas.push(Delta::Done { stop, raw });
    }

    /// Bytes of text so far.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether no text came yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the end mark came.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Moves what was told since the last call to `out`; whether it was content (thoughts included).
    pub fn take(&mut self, out: &mut Vec<Delta>) -> bool {
        let content = std::mem::take(&mut self.busy) || !self.deltas.is_empty();
        out.append(&mut self.deltas);
        content
    }
}

/// The stop reason for the provider's word `raw`; what a table does not know is an ordinary end.
pub fn stop_reason(table: &[(&str, StopReason)], raw: &str) -> StopReason {
    table
        .iter()
        .find(|(known, _)| *known == raw)
        .map_or(StopReason::End, |(_, reason)| *reason)
}

/// What a shape makes of events: deltas, and whether the model was at work; or the class of the failure.
#[cfg(test)]
pub fn read(
    shape: &dyn super::shape::Shape,
    events: &[(&str, &str)],
) -> Result<(Vec<Delta>, bool), super::Kind> {
    let (mut told, mut out, mut busy) = (Told::default(), Vec::new(), false);
    for (name, data) in events {
        let event = super::sse::Event {
            name: (*name).to_owned(),
            data: data.as_bytes().to_vec(),
        };
        shape
            .read(&event, &mut told)
            .map_err(|failure| failure.kind)?;
        busy |= told.busy;
        told.take(&mut out);
    }
    Ok((out, busy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_merged_and_nothing_else_follows_the_end() {
        let mut told = Told::default();
        let tokens = |input, output| Usage {
            input,
            output,
            cached: None,
        };
        told.text("");
        told.text("a");
        told.text_so_far("ab");
        told.text_so_far("ab");
        told.text_so_far("aä");
        told.usage(tokens(Some(5), Some(1)));
        told.reason(StopReason::Length, "max");
        told.end();
        told.text("late");
        told.refusal("late");
        told.end();
        told.usage(tokens(None, Some(3)));
        told.usage(tokens(Some(5), Some(3)));
        let mut out = Vec::new();
        assert!(told.take(&mut out));
        assert_eq!(
            out,
            [
                Delta::Text("a".into()),
                Delta::Text("b".into()),
                Delta::Usage(tokens(Some(5), Some(1))),
                Delta::Done {
                    stop: StopReason::Length,
                    raw: Some("max".into())
                },
                Delta::Usage(tokens(Some(5), Some(3))),
            ]
        );
        assert!(!told.take(&mut out));
    }

    #[test]
    fn an_end_after_words_of_refusal_is_a_refusal() {
        let mut told = Told::default();
        told.refusal("no");
        told.reason(StopReason::End, "stop");
        told.end();
        let mut out = Vec::new();
        told.take(&mut out);
        let end = Delta::Done {
            stop: StopReason::Refusal,
            raw: Some("stop".into()),
        };
        assert_eq!(out.last(), Some(&end));
    }

    #[test]
    fn text_is_counted_in_bytes() {
        let mut told = Told::default();
        assert!(told.is_empty() && told.length() == 0);
        told.text("ä");
        assert!(!told.is_empty() && told.length() == 2);
    }
}
