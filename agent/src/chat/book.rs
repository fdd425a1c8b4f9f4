//! The chats of one connection: those that are open, in memory; all of them, in the history on disk.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::history::{History, Summary};
use super::road::Roads;
use super::transcript::Chat;
use crate::mcp::Hub;
use crate::prompt::Role;
use crate::settings::state_dir;

/// Chats that stay in memory; the others are read again.
const OPEN: usize = 32;

/// The chats of one connection.
#[derive(Default)]
pub struct Chats {
    /// The routes of chats and edits.
    pub roads: Roads,
    /// The servers of the Model Context Protocol.
    pub servers: Hub,
    open: Mutex<HashMap<String, Live>>,
}

struct Live {
    chat: Chat,
    /// Stops the answer that is under way.
    busy: Option<CancellationToken>,
}

impl Chats {
    /// Opens a chat.
    pub fn open(&self, chat: Chat) {
        let mut open = self.lock();
        if open.len() >= OPEN
            && let Some(oldest) = open
                .iter()
                .filter(|(_, live)| live.busy.is_none())
                .min_by_key(|(_, live)| live.chat.updated)
                .map(|(id, _)| id.clone())
        {
            open.remove(&oldest);
        }
        open.insert(chat.id.clone(), Live { chat, busy: None });
    }

    /// A chat, open or kept. Reads the disk: not for the wire's task.
    pub fn find(&self, id: &str) -> Option<Chat> {
        if let Some(live) = self.lock().get(id) {
            return Some(live.chat.clone());
        }
        let chat = history()?.load(id).ok().flatten()?;
        self.open(chat.clone());
        Some(chat)
    }

    /// The answer to a chat begins: what stops it. `None` while another one is under way.
    pub fn begin(&self, chat: Chat) -> Option<CancellationToken> {
        let mut open = self.lock();
        let busy = open.get(&chat.id).is_some_and(|live| live.busy.is_some());
        if busy {
            return None;
        }
        let cancel = CancellationToken::new();
        let busy = Some(cancel.clone());
        open.insert(chat.id.clone(), Live { chat, busy });
        Some(cancel)
    }

    /// The answer ended; what came of it is kept, also of one that was stopped. Answers the chat as it is then.
    pub fn end(&self, id: &str, answer: &str) -> Option<Chat> {
        let mut open = self.lock();
        let live = open.get_mut(id)?;
        live.busy = None;
        if answer.is_empty() {
            // A question without an answer is asked again, not gone on from.
            live.chat.turns.pop();
        } else {
            live.chat.say(Role::Assistant, answer);
        }
        Some(live.chat.clone())
    }

    /// Stops the answer that is under way.
    pub fn stop(&self, id: &str) {
        if let Some(busy) = self.lock().get(id).and_then(|live| live.busy.as_ref()) {
            busy.cancel();
        }
    }

    /// Forgets a chat; answers whether there was one. Writes the disk: not for the wire's task.
    pub fn delete(&self, id: &str) -> bool {
        self.stop(id);
        let open = self.lock().remove(id).is_some();
        let kept = history().is_some_and(|history| history.delete(id) == Ok(true));
        open || kept
    }

    /// The chats, the newest first. Reads the disk: not for the wire's task.
    pub fn list(&self, words: &str, limit: usize) -> Vec<Summary> {
        if let Some(history) = history()
            && let Ok(found) = history.list(words, limit)
        {
            return found;
        }
        // Without a history there is what is open.
        let open = self.lock();
        let words = words.to_lowercase();
        let says = |chat: &Chat| {
            words.is_empty()
                || chat.title.to_lowercase().contains(&words)
                || chat
                    .turns
                    .iter()
                    .any(|turn| turn.text.to_lowercase().contains(&words))
        };
        let found = open
            .values()
            .map(|live| &live.chat)
            .filter(|chat| !chat.turns.is_empty() && says(chat));
        let mut found: Vec<Summary> = found
            .map(|chat| Summary {
                id: chat.id.clone(),
                title: chat.title.clone(),
                updated: chat.updated,
                turns: chat.turns.len(),
                folder: chat.folder.clone(),
            })
            .collect();
        found.sort_by_key(|one| std::cmp::Reverse(one.updated));
        found.truncate(if limit == 0 { usize::MAX } else { limit });
        found
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Live>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The history on disk; `None` where none can be kept, which breaks no chat.
pub fn history() -> Option<History> {
    let opened = History::open(&state_dir()?);
    opened
        .inspect_err(|why| tracing::warn!("chats are not kept: {why}"))
        .ok()
}

/// Keeps a chat on disk, if it can be kept.
pub fn keep(chat: &Chat) {
    if let Some(mut history) = history()
        && let Err(why) = history.save(chat)
    {
        tracing::warn!("{why}");
    }
}
