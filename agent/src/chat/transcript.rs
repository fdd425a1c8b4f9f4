//! One conversation: who said what, its title, and how it leaves as Markdown or JSON.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::prompt::{Message, Role};

/// Characters of a title at most.
const TITLE: usize = 60;

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Names it.
    pub id: String,
    /// One line; empty before the first turn.
    pub title: String,
    /// The route that answers; `None` for `chat.route`.
    pub route: Option<String>,
    /// The workspace folder that it was begun in, if there was one.
    pub folder: Option<String>,
    /// Oldest first: the person's words and the model's, as they were said.
    pub turns: Vec<Message>,
    /// When it was last spoken in, in ms since 1970.
    pub updated: u64,
}

impl Chat {
    /// An empty one.
    pub fn new(route: Option<String>, folder: Option<String>) -> Chat {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let now = now();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Chat {
            // Told apart from those of other processes and of this one.
            id: format!("{now:x}-{:x}-{number:x}", crate::tape::process()),
            title: String::new(),
            route,
            folder,
            turns: Vec::new(),
            updated: now,
        }
    }

    /// Adds a turn. The first one gives the title.
    pub fn say(&mut self, role: Role, text: &str) {
        if self.title.is_empty() {
            self.title = title(text);
        }
        self.turns.push(Message {
            role,
            text: text.to_owned(),
        });
        self.updated = now();
    }

    /// The whole as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n", self.title);
        for turn in &self.turns {
            let end = if turn.text.ends_with('\n') { "" } else { "\n" };
            out.push_str(&format!(
                "\n## {}\n\n{}{end}",
                speaker(turn.role),
                turn.text
            ));
        }
        out
    }

    /// The whole as JSON.
    pub fn json(&self) -> String {
        let turns = self
            .turns
            .iter()
            .map(|turn| json!({ "role": role(turn.role), "text": turn.text }));
        let whole = json!({
            "id": self.id,
            "title": self.title,
            "route": self.route,
            "updated": self.updated,
            "turns": turns.collect::<Vec<_>>(),
        });
        whole.to_string()
    }
}

/// Ms since 1970.
pub fn now() -> u64 {
    crate::tape::now_ms()
}

/// The word for a speaker on the wire and on disk.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn speaker(role: Role) -> &'static str {
    match role {
        Role::System => "Rules",
        Role::User => "You",
        Role::Assistant => "Nextline",
    }
}

/// The first line that says something, cut between words.
fn title(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if line.chars().count() <= TITLE {
        return line.to_owned();
    }
    let head: String = line.chars().take(TITLE).collect();
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", &head[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_tells_itself() {
        let mut chat = Chat::new(None, None);
        chat.say(Role::User, "\n  Why is this slow?\nmore");
        chat.say(Role::Assistant, "Because.\n");
        assert_eq!(chat.title, "Why is this slow?");
        assert_eq!(
            chat.markdown(),
            "# Why is this slow?\n\n## You\n\n\n  Why is this slow?\nmore\n\n## Nextline\n\nBecause.\n"
        );
        let json: serde_json::Value = serde_json::from_str(&chat.json()).unwrap();
        assert_eq!(
            json["turns"][1],
            json!({ "role": "assistant", "text": "Because.\n" })
        );
        assert_ne!(Chat::new(None, None).id, Chat::new(None, None).id);
        assert_eq!(title(&"word ".repeat(30)).chars().count(), 60);
    }
}
