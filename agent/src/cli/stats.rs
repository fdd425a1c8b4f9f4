//! `nextline stats`: what became of the suggestions of all servers of this user.

use std::io::Write;

use super::code;
use crate::complete::{Counts, counted};

/// Prints it.
pub fn run(json: bool, out: &mut dyn Write) -> u8 {
    let all = counted();
    let lines = if json {
        serde_json::to_string(&all).unwrap_or_default() + "\n"
    } else if all.is_empty() {
        "nothing was counted yet\n".into()
    } else {
        all.iter()
            .map(|(origin, counts)| line(origin, counts))
            .collect()
    };
    match out.write_all(lines.as_bytes()) {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}

fn line(origin: &str, counts: &Counts) -> String {
    let kept = |kept: i64, gone: i64| format!("{kept} of {}", kept + gone);
    format!(
        "{origin}: {} shown, {} accepted ({} characters), {} partly, {} dismissed; still there after 30 s {}, after 5 min {}\n",
        counts.shown,
        counts.accepted,
        counts.accepted_characters,
        counts.partly_accepted,
        counts.dismissed,
        kept(counts.retained_30s, counts.gone_30s),
        kept(counts.retained_5min, counts.gone_5min),
    )
}
