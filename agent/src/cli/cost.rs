//! `nextline cost`: what the requests cost, by day, route, model, repository or purpose.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use super::sent::{Trouble, unreadable};
use super::{code, complain};
use crate::ledger::{self, Cost, GROUPS, Since, budget::dollars};
use crate::settings::state_dir;

/// The words after `nextline cost`.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// day, route, model, repo or purpose.
    #[arg(long, default_value = "day", value_parser = ["day", "route", "model", "repo", "purpose"])]
    by: String,
    /// Only since then: `7d`, `12h`, `30m`, or a date as 2026-11-22.
    #[arg(long, value_name = "D")]
    since: Option<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Prints it.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> u8 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let since = match &arguments.since {
        None => Since::default(),
        Some(text) => match Since::read(text, now.as_millis() as i64) {
            Some(since) => since,
            None => {
                complain(&format!(
                    "{text:?} is no time: 7d, 12h, 30m or a date as 2026-11-22 is wanted"
                ));
                return code::USAGE;
            }
        },
    };
    let Some(folder) = state_dir() else {
        return complain("there is no home directory, so no ledger; set HOME");
    };
    let by = GROUPS
        .iter()
        .find(|group| group.0 == arguments.by)
        .unwrap_or(&GROUPS[0]);
    let said = ledger::costs(&folder, *by, &since)
        .map_err(Trouble::from)
        .and_then(|found| print(found, arguments, out));
    match said {
        Ok(()) => code::OK,
        Err(Trouble::Ledger(error)) => unreadable(&folder, &error),
        Err(Trouble::Output) => code::FAILED,
    }
}

fn print(
    found: Option<(Vec<Cost>, Cost)>,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Trouble> {
    let (groups, total) = found.unwrap_or_default();
    if arguments.json {
        let all = json!({"by": arguments.by, "groups": groups, "total": total});
        writeln!(out, "{all}")?;
    } else if groups.is_empty() {
        writeln!(out, "nothing left, so nothing was spent")?;
    } else {
        let width = groups
            .iter()
            .map(|group| group.key.chars().count())
            .max()
            .unwrap_or_default()
            .max(5);
        for one in groups.iter().chain([&total]) {
            writeln!(out, "{}", human(one, width))?;
        }
    }
    Ok(())
}

fn human(cost: &Cost, width: usize) -> String {
    let key = if cost.key.is_empty() {
        "none"
    } else {
        &cost.key
    };
    let mut line = format!(
        "{key:width$}  {} requests, {} tokens in ({} cached), {} out: ",
        cost.requests, cost.input_tokens, cost.cached_tokens, cost.output_tokens
    );
    line.push_str(&match (cost.cost_usd, cost.unpriced_requests) {
        (None, 0) => "nothing has ended yet".into(),
        (None, _) => "cost unknown, no price is known".into(),
        (Some(usd), 0) => dollars(usd),
        (Some(usd), unknown) => format!("{}, and {unknown} requests of unknown cost", dollars(usd)),
    });
    if cost.estimated_usd > 0.0 {
        line.push_str(&format!(
            " (about {} of it by estimated tokens)",
            dollars(cost.estimated_usd)
        ));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_cost_is_never_nothing() {
        for (cost_usd, unpriced_requests, estimated_usd, wanted) in [
            (None, 2, 0.0, "cost unknown, no price is known"),
            (Some(0.0), 0, 0.0, "$0.00"),
            (Some(1.5), 0, 0.0, "$1.50"),
            (
                Some(1.5),
                2,
                0.5,
                "$1.50, and 2 requests of unknown cost (about $0.50 of it by estimated tokens)",
            ),
        ] {
            let cost = Cost {
                cost_usd,
                unpriced_requests,
                estimated_usd,
                ..Cost::default()
            };
            let line = human(&cost, 5);
            assert!(line.ends_with(wanted), "{line}");
        }
    }
}
