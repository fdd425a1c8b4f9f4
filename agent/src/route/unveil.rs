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

#[cfg(test)]
mod tests {
    use futures_util::stream::iter;

    use super::*;
    use crate::prompt::{Body, Prompt};

    #[tokio::test]
    async fn text_is_told_as_it_comes() {
        let key = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6";
        let mut prompt = Prompt {
            body: Body::Text(key.into()),
            ..Prompt::default()
        };
        let veil = Veil::over(&mut prompt);
        let Body::Text(mask) = prompt.body else {
            panic!()
        };
        let (head, tail) = mask.split_at(9);
        let pieces = ["a", head, tail, "SECRET_"];
        let pieces = pieces.map(|text| Ok(Delta::Text(text.to_owned())));
        let told: Vec<_> = unveil(iter(pieces).boxed(), veil).collect().await;
        let told: Vec<_> = told.into_iter().map(|delta| delta.unwrap()).collect();
        let wanted = ["a", key, "SECRET_"].map(|text| Delta::Text(text.to_owned()));
        assert_eq!(told, wanted);
    }
}
