//! Edits asked of a chat model: rules, material, the lines in question, and the instruction last.

use nextline_protocol::edit::verb;

use super::talk::{Account, Item, fence_for, tokens, with_instructions};
use super::{Body, Message, Prompt, Role, Source};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// An instruction on some lines.
    Edit,
    /// A documentation comment.
    Doc,
    /// Unit tests.
    Test,
    /// A mend of what a tool complains about.
    Fix,
    /// New text behind some lines.
    Insert,
}

/// A verb's name and rules.
const VERBS: &[(Verb, &str, &str)] = &[
    (
        Verb::Edit,
        verb::EDIT,
        include_str!("../../prompts/edit-1.md"),
    ),
    (Verb::Doc, verb::DOC, include_str!("../../prompts/doc-1.md")),
    (
        Verb::Test,
        verb::TEST,
        include_str!("../../prompts/test-1.md"),
    ),
    (Verb::Fix, verb::FIX, include_str!("../../prompts/fix-1.md")),
    (
        Verb::Insert,
        verb::INSERT,
        include_str!("../../prompts/insert-1.md"),
    ),
];

impl Verb {
    /// Its name in commands and methods.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The verb of a name.
    pub fn named(name: &str) -> Option<Verb> {
        VERBS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Verb, &'static str, &'static str) {
        VERBS.iter().find(|row| row.0 == self).unwrap_or(&VERBS[0])
    }
}

/// The question of an explanation (`prompts/explain-1.md`).
pub const EXPLAIN: &str = include_str!("../../prompts/explain-1.md");
/// The rules of a commit message (`prompts/commit-1.md`).
pub const COMMIT: &str = include_str!("../../prompts/commit-1.md");

/// What an edit asks.
#[derive(Debug, Clone, Copy)]
pub struct EditAsk<'a> {
    /// What is asked for.
    pub verb: Verb,
    /// The file, relative to its workspace.
    pub path: &'a str,
    /// LSP language identifier; empty if it has none.
    pub language: &'a str,
    /// Everything before the lines in question; cut here.
    pub before: &'a str,
    /// The lines in question.
    pub selection: &'a str,
    /// Everything after them; cut here.
    pub after: &'a str,
    /// What a person wants; empty where the verb says it all.
    pub instruction: &'a str,
    /// What tools complain about, one sentence each.
    pub complaints: &'a [String],
    /// What else helps, the most wanted first.
    pub items: &'a [Item],
    /// Instructions of the project, the most general first.
    pub instructions: &'a [Item],
    /// Most tokens of the question, by our own estimate.
    pub context_tokens: u32,
    /// The file on disk, else its URI. Never sent.
    pub file: &'a str,
    /// The workspace folder that the file is in. Never sent.
    pub folder: Option<&'a str>,
}

/// Lines on each side of the selection that are shown at most.
const AROUND: usize = 120;

/// The prompt of an edit and the account of it; `None` when the lines in question alone are more than may be asked.
pub fn edit(ask: &EditAsk<'_>) -> Option<(Prompt, Account)> {
    let limit = ask.context_tokens as usize;
    let rules = with_instructions(ask.verb.row().2.to_owned(), ask.instructions);
    let mut spent = tokens(&rules) + tokens(ask.selection) + tokens(ask.instruction);
    spent += ask
        .complaints
        .iter()
        .map(|line| tokens(line))
        .sum::<usize>();
    if spent > limit {
        return None;
    }
    let mut account = Account {
        limit,
        ..Account::default()
    };
    // What stands around comes first, then what is elsewhere.
    let side = (limit - spent) / 3;
    let before = tail(ask.before, side);
    let after = head(ask.after, side);
    spent += tokens(before) + tokens(after);
    let lines = |text: &str| u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
    let first = 1 + lines(ask.before) - lines(before);
    let mut sources = vec![Source {
        path: ask.file.to_owned(),
        lines: first..first + lines(before) + lines(ask.selection) + lines(after),
        bytes: (before.len() + ask.selection.len() + after.len()) as u64,
        rule: "edited".into(),
    }];
    sources.extend(ask.instructions.iter().filter_map(Item::source));
    let mut context = String::new();
    for item in ask.items {
        let text = block(&format!("`{}`:", item.name), &item.language, &item.text);
        let line = (item.name.clone(), tokens(&text));
        if spent + line.1 > limit {
            account.left_out.push(line);
            continue;
        }
        spent += line.1;
        context.push_str(&text);
        account.kept.push(line);
        sources.extend(item.source());
    }
    account.tokens = spent;
    let mut text = String::new();
    if !context.is_empty() {
        text = format!("Context:\n\n{context}");
    }
    let language = match ask.language {
        "" => String::new(),
        language => format!(" ({language})"),
    };
    text.push_str(&format!("File `{}`{language}.\n\n", ask.path));
    let parts = match ask.verb {
        Verb::Edit | Verb::Fix | Verb::Insert => [
            "Before the selection:",
            "The selection:",
            "After the selection:",
        ],
        Verb::Doc | Verb::Test => ["Before it:", "The definition:", "After it:"],
    };
    for (title, part) in parts.into_iter().zip([before, ask.selection, after]) {
        let shown = title == parts[1] || !part.trim().is_empty();
        if shown {
            text.push_str(&block(title, ask.language, part));
        }
    }
    if !ask.complaints.is_empty() {
        text.push_str("Complaints:\n");
        for line in ask.complaints {
            text.push_str(&format!("- {line}\n"));
        }
        text.push('\n');
    }
    if !ask.instruction.is_empty() {
        text.push_str(&format!("Instruction: {}\n", ask.instruction.trim()));
    }
    let prompt = Prompt {
        body: Body::Chat(vec![
            Message {
                role: Role::System,
                text: rules,
            },
            Message {
                role: Role::User,
                text,
            },
        ]),
        purpose: ask.verb.name(),
        folder: ask.folder.map(str::to_owned),
        sources,
        ..Prompt::default()
    };
    Some((prompt, account))
}

fn block(title: &str, language: &str, text: &str) -> String {
    let fence = fence_for(text);
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{title}\n{fence}{language}\n{text}{end}{fence}\n\n")
}

/// The last whole lines of a text within a number of tokens.
pub(super) fn tail(text: &str, most: usize) -> &str {
    let mut from = text.len();
    for (count, line) in text.split_inclusive('\n').rev().enumerate() {
        if count == AROUND || tokens(&text[from - line.len()..]) > most {
            break;
        }
        from -= line.len();
    }
    &text[from..]
}

/// The first whole lines of a text within a number of tokens.
pub(super) fn head(text: &str, most: usize) -> &str {
    let mut to = 0;
    for (count, line) in text.split_inclusive('\n').enumerate() {
        if count == AROUND || tokens(&text[..to + line.len()]) > most {
            break;
        }
        to += line.len();
    }
    &text[..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask<'a>(selection: &'a str, items: &'a [Item], context_tokens: u32) -> EditAsk<'a> {
        EditAsk {
            verb: Verb::Edit,
            path: "src/a.rs",
            language: "rust",
            before: "use a;\n\nfn first() {}\n",
            selection,
            after: "fn last() {}\n",
            instruction: "make it faster",
            complaints: &[],
            items,
            instructions: &[],
            context_tokens,
            file: "/w/src/a.rs",
            folder: None,
        }
    }

    #[test]
    fn the_lines_in_question_and_the_instruction_always_go_in() {
        let items = [Item {
            name: "b.rs".into(),
            language: "rust".into(),
            text: "x ".repeat(2000),
            ..Item::default()
        }];
        let (prompt, account) = edit(&ask("fn it() {}\n", &items, 600)).expect("it fits");
        let Body::Chat(messages) = &prompt.body else {
            panic!("{prompt:?}")
        };
        let text = &messages[1].text;
        assert!(text.ends_with("Instruction: make it faster\n"), "{text}");
        assert!(
            text.contains("The selection:\n```rust\nfn it() {}\n```\n"),
            "{text}"
        );
        assert!(
            text.contains("fn first() {}") && text.contains("fn last() {}"),
            "{text}"
        );
        assert_eq!(account.left_out.len(), 1);
        assert_eq!(
            (prompt.sources.len(), &prompt.sources[0].lines),
            (1, &(1..6))
        );
        assert!(account.tokens <= account.limit);
        assert!(edit(&ask(&"word ".repeat(4000), &[], 600)).is_none());
    }

    #[test]
    fn every_verb_has_rules_of_its_own() {
        for (verb, name, rules) in VERBS {
            assert_eq!(Verb::named(name), Some(*verb));
            assert!(rules.contains("one fenced code block"), "{name}");
            assert_eq!(VERBS.iter().filter(|row| row.2 == *rules).count(), 1);
        }
    }
}
