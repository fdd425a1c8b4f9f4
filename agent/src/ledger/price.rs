//! What tokens cost: the rows of `models.toml`, the user's own before them, and an honest "unknown" for all else.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::settings;

/// Bytes a token, as a rule of thumb, where the provider counted nothing: answers that were hung up on bring no usage.
const BYTES_PER_TOKEN: f64 = 3.5;

/// One row of `models.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Pattern of the model's name in lower case; `*` stands for any letters, `[abc]` for one of them.
    pub model: String,
    /// US dollars for a million tokens of input.
    pub input: f64,
    /// US dollars for a million tokens of output.
    pub output: f64,
    /// US dollars for a million tokens of input from the provider's cache; absent = as other input.
    pub cached: Option<f64>,
    /// Tokens that the model's window holds.
    pub context: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// Every row, in the order of the file.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        // The file is part of the binary and a test parses it: an error here cannot come from outside.
        toml::from_str::<Table>(include_str!("../route/models.toml"))
            .map_or_else(|_| Vec::new(), |table| table.row)
    })
}

/// The built-in row of a model.
pub fn row_of(model: &str) -> Option<&'static Row> {
    let model = model.to_lowercase();
    best(rows().iter().map(|row| (row.model.as_str(), row)), &model)
}

/// What a million tokens of a model cost, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    input: f64,
    output: f64,
    cached: f64,
}

/// The rate of a model: the user's own rows first, what they leave open from the built-in ones. `None` = not known.
pub fn rate(model: &str, own: &BTreeMap<String, settings::Price>) -> Option<Rate> {
    let name = model.to_lowercase();
    let own: Vec<(String, &settings::Price)> = own
        .iter()
        .map(|(pattern, price)| (pattern.to_lowercase(), price))
        .collect();
    let own = best(
        own.iter()
            .map(|(pattern, price)| (pattern.as_str(), *price)),
        &name,
    );
    let own = own.copied().unwrap_or_default();
    let row = row_of(model);
    let input = own.input_usd.or(row.map(|row| row.input))?;
    let output = own.output_usd.or(row.map(|row| row.output))?;
    let cached = match own.input_usd {
        Some(_) => own.cached_usd,
        None => own.cached_usd.or(row.and_then(|row| row.cached)),
    };
    Some(Rate {
        input,
        output,
        cached: cached.unwrap_or(input),
    })
}

/// The value of the longest pattern that fits.
fn best<'a, T>(rows: impl Iterator<Item = (&'a str, T)>, name: &str) -> Option<T> {
    rows.filter(|(pattern, _)| fits(pattern.as_bytes(), name.as_bytes()))
        .max_by_key(|(pattern, _)| pattern.len())
        .map(|(_, value)| value)
}

/// Whether `name` is of the form `pattern`.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|skip| fits(rest, &name[skip..])),
        ([b'[', rest @ ..], [letter, after @ ..]) => {
            let end = rest.iter().position(|byte| *byte == b']');
            end.is_some_and(|end| rest[..end].contains(letter) && fits(&rest[end + 1..], after))
        }
        ([byte, rest @ ..], [letter, after @ ..]) => byte == letter && fits(rest, after),
        _ => false,
    }
}

/// Tokens of one request, as far as the provider counted them, and the bytes to go by where it did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Of the question, cached ones included.
    pub input: Option<u64>,
    /// Of the answer.
    pub output: Option<u64>,
    /// Of the question, from the provider's cache.
    pub cached: Option<u64>,
    /// Bytes of the request's body.
    pub sent_bytes: u64,
    /// Bytes of the text that came.
    pub text_bytes: u64,
}

impl Counted {
    /// Whether something is a guess by bytes.
    pub fn is_guess(&self) -> bool {
        self.input.is_none() || self.output.is_none()
    }

    /// Tokens in and out, guessed where the provider did not count.
    pub fn tokens(&self) -> (u64, u64) {
        let guess = |bytes: u64| (bytes as f64 / BYTES_PER_TOKEN).ceil() as u64;
        (
            self.input.unwrap_or_else(|| guess(self.sent_bytes)),
            self.output.unwrap_or_else(|| guess(self.text_bytes)),
        )
    }
}

impl Rate {
    /// What a request costs, in US dollars.
    pub fn cost(&self, counted: &Counted) -> f64 {
        let (input, output) = counted.tokens();
        let cached = counted.cached.unwrap_or_default().min(input);
        let anew = (input - cached) as f64 * self.input;
        (anew + cached as f64 * self.cached + output as f64 * self.output) / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_holds_together() {
        let table: Table =
            toml::from_str(include_str!("../route/models.toml")).expect("models.toml parses");
        for (at, row) in table.row.iter().enumerate() {
            assert_eq!(row.model, row.model.to_lowercase());
            assert!(row.output >= row.input && row.input > 0.0, "{}", row.model);
            assert!(
                row.cached.is_none_or(|cached| cached < row.input),
                "{}",
                row.model
            );
            let others = &table.row[at + 1..];
            assert!(
                others.iter().all(|other| other.model != row.model),
                "{} twice",
                row.model
            );
        }
    }

    #[test]
    fn a_model_has_one_price_or_none() {
        let none = BTreeMap::new();
        let own: BTreeMap<String, settings::Price> = [
            ("GPT-4.1-mini*", Some(1.0), None),
            ("my-*", Some(0.0), Some(0.0)),
            ("half", Some(2.0), None),
        ]
        .map(|(name, input_usd, output_usd)| {
            let price = settings::Price {
                input_usd,
                output_usd,
                cached_usd: None,
            };
            (name.to_owned(), price)
        })
        .into();
        for (model, own, wanted) in [
            ("gpt-4.1", &none, Some((2.0, 8.0, 0.5))),
            ("gpt-4.1-mini-2025-04-14", &none, Some((0.4, 1.6, 0.1))),
            ("GPT-4.1-mini", &own, Some((1.0, 1.6, 1.0))),
            (
                "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                &none,
                Some((3.0, 15.0, 0.3)),
            ),
            ("claude-opus-4-1-20250805", &none, Some((15.0, 75.0, 1.5))),
            ("claude-opus-4-5", &none, Some((5.0, 25.0, 0.5))),
            ("codestral-latest", &none, Some((0.3, 0.9, 0.3))),
            ("qwen2.5-coder-1.5b", &none, None),
            ("gpt-4.1x", &none, None),
            ("my-model", &own, Some((0.0, 0.0, 0.0))),
            ("half", &own, None),
            ("", &none, None),
        ] {
            let found = rate(model, own).map(|rate| (rate.input, rate.output, rate.cached));
            assert_eq!(found, wanted, "{model}");
        }
    }

    #[test]
    fn costs_are_exact_where_the_provider_counted_and_a_guess_elsewhere() {
        let rate = rate("gpt-4.1", &BTreeMap::new()).expect("known");
        for (input, output, cached, cost, guess) in [
            (Some(1000), Some(100), None, 0.0028, false),
            (Some(1000), Some(100), Some(500), 0.00205, false),
            (None, None, None, (1000.0 * 2.0 + 10.0 * 8.0) / 1e6, true),
            (
                Some(1000),
                None,
                None,
                (1000.0 * 2.0 + 10.0 * 8.0) / 1e6,
                true,
            ),
        ] {
            let counted = Counted {
                input,
                output,
                cached,
                sent_bytes: 3500,
                text_bytes: 35,
            };
            assert!((rate.cost(&counted) - cost).abs() < 1e-12, "{counted:?}");
            assert_eq!(counted.is_guess(), guess);
        }
    }
}
