//! `--max-cost`: a question that would cost more is not asked, and an answer that grows past it is hung up on.

use crate::chat::outcome::Class;
use crate::chat::{Road, Trouble};
use crate::ledger::Ledger;
use crate::route::Kind;

/// Bytes of a token, as a rule of thumb over the common tokenizers.
const BYTES_PER_TOKEN: usize = 3;

/// An amount as it is typed.
pub fn dollars(text: &str) -> Result<f64, String> {
    let amount = text.parse::<f64>().ok();
    let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "an amount of US dollars is wanted, such as 0.05".into())
}

/// What a question and its answer may cost.
#[derive(Debug, Clone, Copy)]
pub struct Ceiling {
    /// US dollars; `None` without a limit.
    most: Option<f64>,
    /// Of the question, by our own estimate.
    input: u64,
}

impl Ceiling {
    /// For a question of so many tokens by our own estimate.
    ///
    /// # Errors
    ///
    /// It alone costs more, or what it costs is not known.
    pub fn over(road: &Road, tokens: usize, most: Option<f64>) -> Result<Ceiling, Trouble> {
        let input = tokens as u64;
        let ceiling = Ceiling { most, input };
        let Some(most) = most else {
            return Ok(ceiling);
        };
        let model = road.route.model();
        let budget = |why: String| Trouble::new(Class::Route(Kind::Budget), why);
        let Some(cost) = ceiling.cost(road, 0) else {
            return Err(budget(format!(
                "what {model} costs is not known, so --max-cost cannot be kept: add `[models.\"{model}\"]` with input_usd and output_usd, or leave it out"
            )));
        };
        match cost > most {
            true => Err(budget(format!(
                "the question alone would cost about ${cost:.4}, and --max-cost is ${most}: nothing was sent"
            ))),
            false => Ok(ceiling),
        }
    }

    fn cost(&self, road: &Road, bytes: usize) -> Option<f64> {
        let output = bytes.div_ceil(BYTES_PER_TOKEN) as u64;
        Ledger::of_process().cost(road.route.model(), Some(self.input), Some(output), None)
    }

    /// Why an answer of so many bytes is not listened to any longer.
    pub fn stops(&self, road: &Road, bytes: usize) -> Option<Trouble> {
        let most = self.most?;
        let cost = self.cost(road, bytes).filter(|cost| *cost > most)?;
        Some(Trouble::new(
            Class::Route(Kind::Budget),
            format!("the answer was stopped at about ${cost:.4}: --max-cost is ${most}"),
        ))
    }
}
