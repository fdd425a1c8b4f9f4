//! `nextline why`: the reason for the last silence of any server of this user.

use std::io::Write;
use std::time::Duration;

use super::code;
use crate::complete::remembered;
use crate::document::place::path_of;

/// Prints it.
pub fn run(json: bool, out: &mut dyn Write) -> u8 {
    let record = remembered();
    let line = match (&record, json) {
        (Some(record), true) => record.to_string(),
        (None, true) => "null".into(),
        (None, false) => {
            "no silence is remembered: the last requests were answered, or no server has run".into()
        }
        (Some(record), false) => {
            let text = |key: &str| record[key].as_str().unwrap_or_default();
            let place = path_of(text("uri"))
                .map_or_else(|| text("uri").to_owned(), |path| path.display().to_string());
            format!(
                "{place}: {} ({}), {}",
                text("detail"),
                text("reason"),
                age(record["since"].as_u64())
            )
        }
    };
    match writeln!(out, "{line}") {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}

fn age(since: Option<u64>) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis() as u64;
    ago(Duration::from_millis(
        now.saturating_sub(since.unwrap_or(now)),
    ))
}

/// A time that has passed, in words.
pub fn ago(passed: Duration) -> String {
    let seconds = passed.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s ago"),
        120..=7199 => format!("{} min ago", seconds / 60),
        _ => format!("{} h ago", seconds / 3600),
    }
}
