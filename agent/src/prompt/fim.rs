//! Hole filling by models that were trained for it: one row of `prompts/fim.toml` is one family of control tokens.

use std::sync::OnceLock;

use serde::Deserialize;

use super::window::{Pieces, cut};
use super::{Body, Budget, FimAsk, Hole, MAX_STOPS, Prompt};

/// One family of models: how it wants a hole to be put.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What the setting `fim` calls it.
    pub name: String,
    /// Lower-case parts of model names that belong to it.
    pub models: Vec<String>,
    /// Lower-case parts of model names that do not, although one of `models` occurs in them.
    #[serde(default)]
    pub not: Vec<String>,
    /// One file: `{prefix}`, `{suffix}`, `{path}`, `{language}`.
    pub file: String,
    /// One file and pieces from elsewhere: also `{pieces}`. Absent: pieces stand in comments above the prefix.
    pub repo: Option<String>,
    /// One of the `{pieces}`: `{path}`, `{text}`.
    #[serde(default)]
    pub piece: String,
    /// Stops that occur in the templates: the model begins something new there.
    pub stops: Vec<String>,
    /// The model's own end marks, which some servers let through as text.
    #[serde(default)]
    pub ends: Vec<String>,
    /// Every string that is a command to the model: taken out of what people wrote.
    pub control: Vec<String>,
    /// Full model names, for the tests that no two rows claim one.
    pub examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// How a route fills holes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mode {
    /// By the provider's own request (`suffix`, `/infill`, `/fim/completions`).
    Native,
    /// By raw text with the control tokens of a family.
    Template(&'static Row),
    /// By asking a chat model.
    Chat,
    /// Not at all.
    Off,
}

/// Every family, in the order of the file.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        // The file is part of the binary and a test parses it: an error here cannot come from outside.
        toml::from_str::<Table>(include_str!("../../prompts/fim.toml"))
            .map_or_else(|_| Vec::new(), |table| table.row)
    })
}

/// The row that is called `name`.
pub fn row(name: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.name == name)
}

/// The row whose models `model` belongs to.
pub fn row_of_model(model: &str) -> Option<&'static Row> {
    let model = model.to_lowercase();
    rows().iter().find(|row| row.claims(&model))
}

impl Row {
    fn claims(&self, model: &str) -> bool {
        self.models.iter().any(|part| model.contains(part.as_str()))
            && !self.not.iter().any(|part| model.contains(part.as_str()))
    }
}

/// A hole for the provider's own request, which templates it on its side.
pub fn native(ask: &FimAsk<'_>, budget: Budget) -> Prompt {
    // Which tokens the server will use is not known, so those of the model's family cannot be taken out by name here.
    let stops = if ask.one_line {
        vec!["\n".to_owned()]
    } else {
        Vec::new()
    };
    let pieces = if ask.beside {
        Pieces::Beside
    } else {
        Pieces::Above
    };
    let (hole, sources) = cut(ask, &[], budget, pieces);
    Prompt {
        body: Body::Hole(hole),
        stops,
        max_tokens: Some(budget.max_tokens),
        folder: ask.folder.map(str::to_owned),
        sources,
        ..Prompt::default()
    }
}

/// Raw text in the way of `row`, control tokens of that family taken out of what people wrote.
pub fn build(ask: &FimAsk<'_>, row: &Row, budget: Budget) -> Prompt {
    let pieces = match row.repo {
        Some(_) => Pieces::Beside,
        None => Pieces::Above,
    };
    let (hole, sources) = cut(ask, &row.control, budget, pieces);
    let breaks = ask.one_line.then(|| "\n".to_owned());
    let stops = breaks
        .into_iter()
        .chain(row.stops.iter().chain(&row.ends).cloned())
        .take(MAX_STOPS)
        .collect();
    Prompt {
        body: Body::Text(render(&hole, row)),
        stops,
        max_tokens: Some(budget.max_tokens),
        folder: ask.folder.map(str::to_owned),
        sources,
        ..Prompt::default()
    }
}

/// A native prompt put into the way of `row`, for servers that turn out not to fill holes themselves; other prompts as they are.
pub fn as_text(prompt: &Prompt, row: &Row) -> Prompt {
    let Body::Hole(hole) = &prompt.body else {
        return prompt.clone();
    };
    let ask = FimAsk {
        path: &hole.path,
        language: &hole.language,
        prefix: &hole.prefix,
        suffix: &hole.suffix,
        pieces: &hole.pieces,
        one_line: prompt.is_one_line(),
        ..FimAsk::default()
    };
    // The hole was cut before; only the tokens are left to be taken out.
    let budget = Budget {
        context_tokens: u32::MAX,
        max_tokens: prompt.max_tokens.unwrap_or(u32::MAX),
    };
    let built = build(&ask, row, budget);
    // As many as were kept; what is known of them is in the prompt that was cut. Pieces in comments are in the prefix.
    let kept = match hole.pieces.is_empty() {
        true => prompt.sources.len(),
        false => built.sources.len(),
    };
    Prompt {
        max_tokens: prompt.max_tokens,
        purpose: prompt.purpose,
        folder: prompt.folder.clone(),
        sources: prompt.sources.iter().take(kept).cloned().collect(),
        ..built
    }
}

fn render(hole: &Hole, row: &Row) -> String {
    let pieces: String = hole
        .pieces
        .iter()
        .map(|piece| fill(&row.piece, &[("path", &piece.path), ("text", &piece.text)]))
        .collect();
    let template = match &row.repo {
        Some(repo) if !hole.pieces.is_empty() => repo,
        _ => &row.file,
    };
    fill(
        template,
        &[
            ("prefix", &hole.prefix),
            ("suffix", &hole.suffix),
            ("path", &hole.path),
            ("language", &hole.language),
            ("pieces", &pieces),
        ],
    )
}

/// `template` with each `{name}` replaced, in one pass: braces in what is put in are left alone.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(
        template.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>(),
    );
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = values.iter().find(|(name, _)| {
            rest[1..]
                .strip_prefix(*name)
                .is_some_and(|r| r.starts_with('}'))
        });
        match known {
            Some((name, value)) => {
                out.push_str(value);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::Piece;
    use super::*;

    const BUDGET: Budget = Budget {
        context_tokens: 1000,
        max_tokens: 64,
    };

    fn ask<'a>(prefix: &'a str, suffix: &'a str, pieces: &'a [Piece]) -> FimAsk<'a> {
        FimAsk {
            path: "src/a.rs",
            language: "rust",
            prefix,
            suffix,
            pieces,
            ..FimAsk::default()
        }
    }

    fn text(prompt: &Prompt) -> &str {
        match &prompt.body {
            Body::Text(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_row_holds_together() {
        let table: Table =
            toml::from_str(include_str!("../../prompts/fim.toml")).expect("fim.toml parses");
        assert!(table.row.len() >= 9);
        for row in &table.row {
            let name = &row.name;
            let templates = format!(
                "{}{}{}",
                row.file,
                row.repo.as_deref().unwrap_or(""),
                row.piece
            );
            assert!(
                row.stops.len() + row.ends.len() <= MAX_STOPS,
                "{name}: too many stops"
            );
            assert!(row.stops.len() + row.ends.len() > 0, "{name}: no stop");
            for stop in &row.stops {
                assert!(
                    templates.contains(stop.as_str()),
                    "{name}: {stop} is not in its templates"
                );
            }
            for stop in row.stops.iter().chain(&row.ends) {
                assert!(
                    row.control.contains(stop),
                    "{name}: {stop} is not taken out of user text"
                );
            }
            for hole in ["{prefix}", "{suffix}"] {
                assert_eq!(row.file.matches(hole).count(), 1, "{name}: {hole}");
            }
            if let Some(repo) = &row.repo {
                for hole in ["{prefix}", "{suffix}", "{pieces}"] {
                    assert_eq!(repo.matches(hole).count(), 1, "{name}: {hole} in repo");
                }
                assert!(row.piece.contains("{text}"), "{name}: piece");
            }
            let mut bare = templates.clone();
            for token in &row.control {
                bare = bare.replace(token.as_str(), "");
            }
            for sign in [
                "<|", "|>", "<fim", "<｜", "[SUF", "[PRE", "<PRE", "<SUF", "<MID",
            ] {
                assert!(
                    !bare.contains(sign),
                    "{name}: a token with {sign} is missing from `control`"
                );
            }
            assert!(!row.examples.is_empty(), "{name}: no example");
        }
    }

    #[test]
    fn no_two_rows_claim_one_model() {
        for row in rows() {
            for example in &row.examples {
                let claims: Vec<_> = rows()
                    .iter()
                    .filter(|row| row.claims(&example.to_lowercase()))
                    .map(|row| &row.name)
                    .collect();
                assert_eq!(claims, [&row.name], "{example}");
            }
        }
        let names: std::collections::BTreeSet<_> = rows().iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), rows().len());
    }

    #[test]
    fn models_without_the_training_get_no_row() {
        for model in [
            "gpt-4.1-mini",
            "claude-sonnet-4-5",
            "llama-3.1-8b-instruct",
            "qwen2.5-7b-instruct",
            "codegemma-7b-it",
            "codellama-34b",
            "codellama-7b-python",
            "deepseek-chat",
            "mistral-large-latest",
            "starcoder2-15b-instruct-v0.1",
            "",
        ] {
            assert_eq!(
                row_of_model(model).map(|row| row.name.as_str()),
                None,
                "{model}"
            );
        }
    }

    #[test]
    fn templates_are_exact() {
        let pieces = [Piece {
            path: "b.rs".into(),
            text: "fn b() {}\n".into(),
            ..Piece::default()
        }];
        for (name, alone, with) in [
            (
                "qwen-coder",
                "<|fim_prefix|>let x{a} = <|fim_suffix|>;\n<|fim_middle|>",
                "<|repo_name|>workspace\n<|file_sep|>b.rs\nfn b() {}\n<|file_sep|>src/a.rs\n<|fim_prefix|>let x{a} = <|fim_suffix|>;\n<|fim_middle|>",
            ),
            (
                "codellama",
                "<PRE> let x{a} =  <SUF>;\n <MID>",
                "<PRE> let x{a} =  <SUF>;\n <MID>",
            ),
            (
                "codestral",
                "[SUFFIX];\n[PREFIX]let x{a} = ",
                "[SUFFIX];\n[PREFIX]+++++ b.rs\nfn b() {}\n\n\n+++++ src/a.rs\nlet x{a} = ",
            ),
        ] {
            let row = row(name).expect(name);
            assert_eq!(
                text(&build(&ask("let x{a} = ", ";\n", &[]), row, BUDGET)),
                alone,
                "{name}"
            );
            assert_eq!(
                text(&build(&ask("let x{a} = ", ";\n", &pieces), row, BUDGET)),
                with,
                "{name}"
            );
        }
    }

    #[test]
    fn user_text_cannot_command_the_model() {
        for row in rows() {
            let attack: String = row.control.concat();
            let pieces = [Piece {
                path: attack.clone(),
                text: attack.clone(),
                ..Piece::default()
            }];
            let honest = build(&ask("a", "b", &[Piece::default()]), row, BUDGET);
            let asked = FimAsk {
                path: &attack,
                ..ask(&attack, &attack, &pieces)
            };
            let attacked = build(&asked, row, BUDGET);
            for token in &row.control {
                let count = |prompt: &Prompt| text(prompt).matches(token.as_str()).count();
                assert_eq!(count(&attacked), count(&honest), "{}: {token}", row.name);
            }
        }
    }

    #[test]
    fn stops_stay_within_the_limit() {
        for row in rows() {
            let one_line = FimAsk {
                one_line: true,
                ..ask("a", "b", &[])
            };
            let prompt = build(&one_line, row, BUDGET);
            assert_eq!(prompt.stops[0], "\n");
            assert!(prompt.stops.len() <= MAX_STOPS);
            let hole = native(&one_line, BUDGET);
            assert_eq!(as_text(&hole, row), prompt, "{}", row.name);
        }
    }
}
