//! An answer as the person may read it: what was masked in the question stands in it again.

use std::collections::VecDeque;

use futures_util::stream::{StreamExt, unfold};

use super::Delta;
use super::answer::Answer;
use crate::policy::{Unveiling, Veil};

/// The same answer without masks.
pub(super) fn unveil(answer: Answer, veil: Veil) -> Answer {
    if veil.is_empty() {
        return answer;
    }
    let state = (answer.fuse(), Unveiling::new(veil), VecDeque::new());
    unfold(state, |(mut answer, mut unveiling, mut ready)| async move {
        while ready.is_empty() {
            let delta = answer.next().await;
            let text = match &delta {
                Some(Ok(Delta::Text(text))) => unveiling.feed(text),
                Some(Ok(Delta::Usage(_))) => String::new(),
                // What was held back comes before the end, and before a failure.
                _ => unveiling.finish(),
            };
            if !text.is_empty() {
                ready.push_back(Ok(Delta::Text(text)));
            }
            match delta {
                Some(Ok(Delta::Text(_))) => {}
                Some(other) => ready.push_back(other),
                None => break,
            }
        }
        let delta = ready.pop_front()?;
        Some((delta, (answer, unveiling, ready)))
    })
    .boxed()
}
