//! A conversation with a model: rules first, then what it may read, then who said what. In this order the provider's prompt cache finds
//! the same beginning again at every turn.

use std::borrow::Cow;

use super::{Body, Image, Message, Prompt, Role, Source};

/// The rules of a conversation (`prompts/chat-1.md`).
pub const RULES: &str = include_str!("../../prompts/chat-1.md");

/// Bytes of a token, as a rule of thumb over the common tokenizers.
const BYTES_PER_TOKEN: f64 = 3.5;

/// Tokens of a text, by our own estimate.
pub fn tokens(text: &str) -> usize {
    (text.len() as f64 / BYTES_PER_TOKEN).ceil() as usize
}

/// Tokens of a picture, as a rule of thumb: what the common models take for one of a screen's size.
const PICTURE: usize = 1600;

/// Something that was added to a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// How the model and the person see it: a path, with lines where it is a part (`src/a.rs:10-20`).
    pub name: String,
    /// LSP language identifier, for the fence; empty if it has none.
    pub language: String,
    /// The text.
    pub text: String,
    /// The file on disk, else its URI; empty for what is no file. Never sent.
    pub file: String,
    /// The line of the file that the text begins with, counted from 1. Never sent.
    pub line: u32,
    /// Why it may be in a prompt, such as `named`. Never sent.
    pub rule: Cow<'static, str>,
    /// It is a picture, and its text is empty.
    pub image: Option<Image>,
}

impl Item {
    /// What the ledger keeps of it; `None` for what is no file.
    pub fn source(&self) -> Option<Source> {
        let lines = u32::try_from(self.text.lines().count()).unwrap_or(u32::MAX);
        let image = self.image.as_ref().map_or(0, |image| image.data.len());
        (!self.file.is_empty()).then(|| Source {
            path: self.file.clone(),
            lines: self.line..self.line.saturating_add(lines),
            bytes: (self.text.len() + image) as u64,
            rule: self.rule.clone(),
        })
    }
}

/// What a conversation says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Talk<'a> {
    /// Rules of what is asked for, after our own; empty for none.
    pub rules: &'a str,
    /// Instructions of the project, after the rules, the most general first.
    pub instructions: &'a [Item],
    /// What was added, the most wanted first.
    pub items: &'a [Item],
    /// Who said what, oldest first; the last one is the person's question.
    pub turns: &'a [Message],
    /// Most tokens of the question, by our own estimate.
    pub context_tokens: u32,
    /// What it is for, in a finer word than its surface's; empty where that says enough. Never sent.
    pub purpose: &'static str,
    /// The workspace folder that it belongs to. Never sent.
    pub folder: Option<&'a str>,
}

/// What went in, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Tokens of all that went in, by our own estimate.
    pub tokens: usize,
    /// The most that it may be.
    pub limit: usize,
    /// Items that went in: name and tokens.
    pub kept: Vec<(String, usize)>,
    /// Items that did not fit: name and tokens.
    pub left_out: Vec<(String, usize)>,
    /// Earlier turns that did not fit.
    pub forgotten: usize,
}

/// The prompt of a conversation, and the account of it. The last turn always goes in; items are left out whole, and of the turns the
/// oldest first.
pub fn talk(talk: &Talk<'_>) -> (Prompt, Account) {
    let limit = talk.context_tokens as usize;
    let rules = match talk.rules.is_empty() {
        true => RULES.to_owned(),
        false => format!("{RULES}\n{}", talk.rules),
    };
    let rules = with_instructions(rules, talk.instructions);
    let mut account = Account {
        limit,
        ..Account::default()
    };
    account.tokens = tokens(&rules) + talk.turns.last().map_or(0, |turn| tokens(&turn.text));
    let mut context = String::new();
    let mut images = Vec::new();
    let mut sources: Vec<Source> = talk.instructions.iter().filter_map(Item::source).collect();
    for item in talk.items {
        let text = shown(item);
        let cost = tokens(&text) + item.image.as_ref().map_or(0, |_| PICTURE);
        let line = (item.name.clone(), cost);
        if account.tokens + cost > limit {
            account.left_out.push(line);
            continue;
        }
        account.tokens += cost;
        account.kept.push(line);
        context.push_str(&text);
        images.extend(item.image.clone());
        sources.extend(item.source());
    }
    let (last, earlier) = match talk.turns.split_last() {
        Some((last, earlier)) => (Some(last), earlier),
        None => (None, talk.turns),
    };
    let mut kept = 0;
    for turn in earlier.iter().rev() {
        let cost = tokens(&turn.text);
        if account.tokens + cost > limit {
            break;
        }
        account.tokens += cost;
        kept += 1;
    }
    // A conversation begins with the person.
    while kept > 0 && earlier[earlier.len() - kept].role != Role::User {
        kept -= 1;
    }
    account.forgotten = earlier.len() - kept;
    let mut messages = vec![Message {
        role: Role::System,
        text: rules,
    }];
    let turns = earlier[account.forgotten..].iter().chain(last);
    for (index, turn) in turns.enumerate() {
        let mut turn = turn.clone();
        if index == 0 && !context.is_empty() {
            turn.text = format!("Context:\n\n{context}{}", turn.text);
        }
        messages.push(turn);
    }
    let prompt = Prompt {
        body: Body::Chat(messages),
        purpose: talk.purpose,
        folder: talk.folder.map(str::to_owned),
        sources,
        images,
        ..Prompt::default()
    };
    (prompt, account)
}

/// Rules with the instructions of a project behind them.
pub fn with_instructions(mut rules: String, instructions: &[Item]) -> String {
    for item in instructions {
        rules.push_str(&format!(
            "\n\nInstructions of this project, from `{}`. They do not change the rules above:\n\n{}\n",
            item.name, item.text
        ));
    }
    rules
}

/// An item as the model reads it.
fn shown(item: &Item) -> String {
    if item.image.is_some() {
        return format!(
            "The picture `{}` is shown with this message.\n\n",
            item.name
        );
    }
    let fence = fence_for(&item.text);
    let end = if item.text.ends_with('\n') { "" } else { "\n" };
    format!(
        "`{}`:\n{fence}{}\n{}{end}{fence}\n\n",
        item.name, item.language, item.text
    )
}

/// A fence that the text cannot close.
pub fn fence_for(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(3.max(longest + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: Role, text: &str) -> Message {
        Message {
            role,
            text: text.into(),
        }
    }

    fn item(name: &str, text: &str) -> Item {
        Item {
            name: name.into(),
            language: "rust".into(),
            text: text.into(),
            ..Item::default()
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole_and_said() {
        let items = [
            item("a.rs", "fn a() {}\n"),
            item("big.rs", &"word ".repeat(4000)),
            item("b.rs", "fn b() {}"),
        ];
        let turns = [
            said(Role::User, &"old ".repeat(4000)),
            said(Role::Assistant, "answer"),
            said(Role::User, "question"),
        ];
        let (prompt, account) = talk(&Talk {
            items: &items,
            turns: &turns,
            context_tokens: 1000,
            ..Talk::default()
        });
        let names = |list: &[(String, usize)]| {
            let names = list.iter().map(|(name, _)| name.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&account.kept), ["a.rs", "b.rs"]);
        assert_eq!(names(&account.left_out), ["big.rs"]);
        assert_eq!(
            account.forgotten, 2,
            "an answer without its question is none"
        );
        assert!(account.tokens <= account.limit);
        let Body::Chat(messages) = &prompt.body else {
            panic!("{prompt:?}")
        };
        assert_eq!(messages.len(), 2);
        let asked = &messages[1].text;
        assert!(asked.ends_with("question"), "{asked}");
        assert!(
            asked.contains("`a.rs`:\n```rust\nfn a() {}\n```\n"),
            "{asked}"
        );
    }

    #[test]
    fn the_question_goes_in_whatever_the_limit_is() {
        let question = "why? ".repeat(1000);
        let turns = [said(Role::User, &question)];
        let (prompt, account) = talk(&Talk {
            instructions: &[item("AGENTS.md", "Project rule.")],
            items: &[item("a.rs", "x")],
            turns: &turns,
            context_tokens: 10,
            ..Talk::default()
        });
        let Body::Chat(messages) = &prompt.body else {
            panic!("{prompt:?}")
        };
        assert_eq!(messages[1].text, question);
        assert!(messages[0].text.starts_with(RULES) && messages[0].text.contains("Project rule."));
        assert_eq!(
            prompt.sources.len(),
            0,
            "an item without a file is no source"
        );
        assert_eq!(account.left_out.len(), 1);
    }

    #[test]
    fn a_fence_is_longer_than_any_within() {
        for (text, fence) in [
            ("a", "```"),
            ("```rust\nx\n```", "````"),
            ("`````", "``````"),
        ] {
            assert_eq!(fence_for(text), fence);
        }
    }
}
