//! One question to its end: asked, once more with less where it was too long, and told as it comes.

use tokio::sync::mpsc;

use super::harmless::Harmless;
use super::mentions::Found;
use super::pace::pace;
use super::{Outcome, Road};
use crate::prompt::Message;
use crate::prompt::talk::{Account, Item, Talk, talk};

/// What is asked.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Whom.
    pub road: &'a Road,
    /// Who said what, oldest first; the last one is the person's question.
    pub turns: &'a [Message],
    /// Instructions of the project, the most general first.
    pub instructions: &'a [Item],
    /// What was mentioned.
    pub found: &'a Found,
    /// The workspace folder that it belongs to. Never sent.
    pub folder: Option<&'a str>,
    /// What it is for, in a finer word than its surface's; empty where that says enough. Never sent.
    pub purpose: &'static str,
}

/// What is told while the answer comes.
pub enum Told {
    /// What went in and what did not, where something was mentioned or forgotten.
    Account(Account),
    /// More of the answer, as a renderer may see it.
    Text(String),
}

/// Asks, and tells the text as it comes. Dropped, the connection is closed and what came so far stays in `outcome`.
pub async fn ask<T: Future<Output = ()>>(
    asked: Ask<'_>,
    outcome: &mut Outcome,
    tell: impl Fn(Told) -> T,
) {
    let Ask {
        road, turns, found, ..
    } = asked;
    let mut limit = road.context_tokens();
    loop {
        let (prompt, account) = talk(&Talk {
            instructions: asked.instructions,
            items: &found.items,
            turns,
            context_tokens: limit,
            folder: asked.folder,
            purpose: asked.purpose,
            ..Talk::default()
        });
        let (tokens, cut) = (
            account.tokens,
            !account.kept.is_empty() || account.forgotten + 1 < turns.len(),
        );
        if !account.kept.is_empty()
            || !account.left_out.is_empty()
            || !found.refused.is_empty()
            || account.forgotten > 0
        {
            tell(Told::Account(account)).await;
        }
        let (pieces, come) = mpsc::unbounded_channel();
        let mut harmless = Harmless::default();
        let hear = async {
            let say = |text: &str| {
                let text = harmless.feed(text);
                text.is_empty() || pieces.send(text).is_ok()
            };
            outcome.hear(&road.route, prompt, road.surface, say).await;
            let rest = harmless.end();
            if !rest.is_empty() {
                // The other end is polled beside this one.
                let _ = pieces.send(rest);
            }
            drop(pieces);
        };
        let told = pace(come, |text| tell(Told::Text(text)));
        tokio::join!(hear, told);
        if !(limit == road.context_tokens() && cut && outcome.was_too_long()) {
            return;
        }
        *outcome = Outcome::default();
        limit = u32::try_from(tokens / 2).unwrap_or(u32::MAX);
    }
}
