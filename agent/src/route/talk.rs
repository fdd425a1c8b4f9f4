//! A conversation as most families want it: the rules apart, turns that take turns, the person's last.

use crate::prompt::{Message, Role};

/// A conversation, ready to be written down.
#[derive(Debug, PartialEq, Eq)]
pub struct Talk {
    /// The rules; empty when there are none.
    pub system: String,
    /// The turns: never two of the same speaker in a row, none empty, the first and the last are the person's.
    pub turns: Vec<Turn>,
}

/// One turn.
#[derive(Debug, PartialEq, Eq)]
pub struct Turn {
    /// Whether the model speaks.
    pub model: bool,
    /// What is said.
    pub text: String,
}

/// `messages` in that form. A last turn of the model's is left out: words put into its mouth are refused by newer models.
pub fn apart(messages: &[Message]) -> Talk {
    let mut talk = Talk {
        system: String::new(),
        turns: Vec::new(),
    };
    for message in messages
        .iter()
        .filter(|message| !message.text.trim().is_empty())
    {
        let model = match message.role {
            Role::System => {
                add(&mut talk.system, &message.text);
                continue;
            }
            Role::Assistant if talk.turns.is_empty() => continue,
            Role::Assistant => true,
            Role::User => false,
        };
        match talk.turns.last_mut().filter(|turn| turn.model == model) {
            Some(turn) => add(&mut turn.text, &message.text),
            None => talk.turns.push(Turn {
                model,
                text: message.text.clone(),
            }),
        }
    }
    if talk.turns.last().is_some_and(|turn| turn.model) {
        talk.turns.pop();
    }
    talk
}

fn add(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_take_turns_and_the_person_speaks_last() {
        for (said, system, turns) in [
            ("s:rules u:hi", "rules", "u:hi"),
            ("s:a u:hi s:b", "a\n\nb", "u:hi"),
            ("u:a u:b a:c u:d", "", "u:a\n\nb a:c u:d"),
            ("a:hello u:hi a:so", "", "u:hi"),
            ("u: u:x", "", "u:x"),
            ("", "", ""),
        ] {
            let messages = said.split_whitespace().map(|word| {
                let (who, text) = word.split_once(':').expect("who:what");
                let role = match who {
                    "s" => Role::System,
                    "a" => Role::Assistant,
                    _ => Role::User,
                };
                Message {
                    role,
                    text: text.to_owned(),
                }
            });
            let talk = apart(&messages.collect::<Vec<_>>());
            let found: Vec<String> = talk
                .turns
                .iter()
                .map(|turn| format!("{}:{}", if turn.model { "a" } else { "u" }, turn.text))
                .collect();
            assert_eq!(
                (talk.system.as_str(), found.join(" ").as_str()),
                (system, turns),
                "{said}"
            );
        }
    }
}
