//! Questions to the file: what left, from which file, what it cost, whether it is whole.

use std::path::Path;

use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, Row, params_from_iter};
use serde::Serialize;
use serde_json::{Value, json};

use super::store::{Outcome, Store};

/// Which rows of one request are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since(pub Option<i64>);

/// The latest requests, newest first: at most `most` of those in which a part of `file` was, or of a file below that folder. One JSON
/// object each. `None` if there is no ledger.
pub fn listed(folder: &Path, most: u32, file: Option<&[String]>) -> Outcome<Option<Vec<Value>>> {
    Store::read(folder)?
        .map(|store| store.listed(most, file))
        .transpose()
}

impl Store {
    fn listed(&self, most: u32, files: Option<&[String]>) -> Outcome<Vec<Value>> {
        let mut values: Vec<Sql> = Vec::new();
        let mut wanted = Vec::new();
        for file in files.unwrap_or_default() {
            values.extend([Sql::from(file.clone()), format!("{}%", like(file)).into()]);
            let at = values.len();
            wanted.push(format!("path = ?{} OR path LIKE ?{at} ESCAPE '\\'", at - 1));
        }
        let filter = match files {
            Some(_) => format!(
                "WHERE s.seq IN (SELECT sent FROM source WHERE {})",
                wanted.join(" OR ")
            ),
            None => String::new(),
        };
        let mut query = self.file.prepare(&format!(
            "SELECT s.*, e.*, strftime('%Y-%m-%dT%H:%M:%fZ', s.at / 1000.0, 'unixepoch') AS time,
                    strftime('%Y-%m-%d %H:%M:%S', s.at / 1000.0, 'unixepoch', 'localtime') AS local, body
             FROM sent s LEFT JOIN ended e ON e.sent = s.seq LEFT JOIN body b ON b.sent = s.seq
             {filter} ORDER BY s.seq DESC LIMIT {most}"
        ))?;
        let rows = query.query_map(params_from_iter(values), line)?;
        let mut found = rows.collect::<Outcome<Vec<Value>>>()?;
        for line in &mut found {
            line["sources"] = self.sources(line["seq"].as_i64().unwrap_or_default())?;
        }
        Ok(found)
    }

    fn sources(&self, sent: i64) -> Outcome<Value> {
        let mut query = self.file.prepare(
            "SELECT path, first, last, bytes, rule FROM source WHERE sent = ?1 ORDER BY place",
        )?;
        let rows = query.query_map([sent], |row| {
            Ok(json!({
                "path": row.get::<_, String>(0)?,
                "lines": [row.get::<_, i64>(1)?, row.get::<_, i64>(2)?],
                "bytes": row.get::<_, i64>(3)?,
                "rule": row.get::<_, String>(4)?,
            }))
        })?;
        Ok(Value::Array(rows.collect::<Outcome<_>>()?))
    }
}

fn line(row: &Row<'_>) -> Outcome<Value> {
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let whole = |at: usize| row.get::<_, Option<i64>>(at);
    let real = |at: usize| row.get::<_, Option<f64>>(at);
    let body: Option<Vec<u8>> = row.get("body")?;
    // Thirteen columns of the beginning, sixteen of the end.
    let mut line = json!({
        "seq": whole(0)?, "time": text(29)?, "local_time": text(30)?, "route": text(2)?, "provider": text(3)?,
        "origin": text(4)?, "model": text(5)?, "surface": text(6)?, "purpose": text(7)?, "repository": text(8)?,
        "try": whole(9)?, "bytes_out": whole(10)?, "sha256": text(11)?, "hash": text(12)?,
        "outcome": text(16)?, "status": whole(17)?, "request_id": text(18)?, "bytes_in": whole(19)?,
        "input_tokens": whole(20)?, "output_tokens": whole(21)?, "cached_tokens": whole(22)?,
        "first_byte_ms": real(24)?, "total_ms": real(25)?, "cost_usd": real(26)?,
        "estimated": row.get::<_, Option<bool>>(27)?,
    });
    if let Some(body) = body {
        line["body"] = String::from_utf8_lossy(&body).into();
    }
    Ok(line)
}

/// What stands below a folder, as a pattern.
fn like(folder: &str) -> String {
    let folder = folder.trim_end_matches(['/', '\\']);
    let mut pattern = String::new();
    for letter in folder.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push_str(if cfg!(windows) { "\\\\" } else { "/" });
    pattern
}

/// What costs can be grouped by: the word that people type, and its column.
pub const GROUPS: &[Group] = &[
    Group(
        "day",
        "strftime('%Y-%m-%d', s.at / 1000.0, 'unixepoch', 'localtime')",
    ),
    Group("route", "s.route"),
    Group("model", "s.model"),
    Group("repo", "coalesce(s.repository, '')"),
    Group("purpose", "s.purpose"),
];

/// One way of grouping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group(pub &'static str, &'static str);

/// What a group of requests cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cost {
    /// The day, route, model, repository or purpose; `total` for all.
    pub key: String,
    /// Requests that left, tokens of credentials aside.
    pub requests: i64,
    /// Tokens of questions, as providers counted.
    pub input_tokens: i64,
    /// Tokens of answers, as providers counted.
    pub output_tokens: i64,
    /// Tokens of questions from providers' caches.
    pub cached_tokens: i64,
    /// US dollars of the requests with a price; `None` if there is none.
    pub cost_usd: Option<f64>,
    /// The part of them that goes by tokens that were guessed.
    pub estimated_usd: f64,
    /// Requests without a price: they are in no sum.
    pub unpriced_requests: i64,
}

/// Costs since a time (milliseconds since 1970), by group, then all of them. `None` if there is no ledger.
pub fn costs(folder: &Path, by: Group, since: &Since) -> Outcome<Option<(Vec<Cost>, Cost)>> {
    let Some(store) = Store::read(folder)? else {
        return Ok(None);
    };
    let from = since.0.unwrap_or(0);
    let groups = store.costs(
        &format!("{} AS key", by.1),
        "GROUP BY key ORDER BY key",
        from,
    )?;
    let total = store
        .costs("'total' AS key", "", from)?
        .pop()
        .unwrap_or_default();
    Ok(Some((groups, total)))
}

impl Store {
    fn costs(&self, key: &str, group: &str, from: i64) -> Outcome<Vec<Cost>> {
        let mut query = self.file.prepare(&format!(
            "SELECT {key}, count(*), coalesce(sum(e.input), 0), coalesce(sum(e.output), 0), coalesce(sum(e.cached), 0),
                    sum(e.cost_usd), coalesce(sum(iif(e.estimated, e.cost_usd, 0)), 0.0), coalesce(sum(e.cost_usd IS NULL), 0)
             FROM sent s LEFT JOIN ended e ON e.sent = s.seq
             WHERE s.at >= ?1 AND s.surface NOT IN ('credential', 'listing') {group}"
        ))?;
        let rows = query.query_map([from], |row| {
            Ok(Cost {
                key: row.get(0)?,
                requests: row.get(1)?,
                input_tokens: row.get(2)?,
                output_tokens: row.get(3)?,
                cached_tokens: row.get(4)?,
                cost_usd: row.get(5)?,
                estimated_usd: row.get(6)?,
                unpriced_requests: row.get(7)?,
            })
        })?;
        rows.collect()
    }
}

impl Since {
    /// Reads `7d`, `12h`, `30m`, or a date `2026-11-22` (local midnight). `None` for anything else.
    pub fn read(text: &str, now: i64) -> Option<Since> {
        let unit = |letter| match letter {
            'd' => Some(86_400_000),
            'h' => Some(3_600_000),
            'm' => Some(60_000),
            _ => None,
        };
        if let Some(ms) = text.chars().next_back().and_then(unit) {
            let count: i64 = text[..text.len() - 1].parse().ok()?;
            return (count >= 0).then(|| Since(Some(now.saturating_sub(count.saturating_mul(ms)))));
        }
        let shape = text
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter });
        if shape.collect::<String>() != "0000-00-00" {
            return None;
        }
        let file = rusqlite::Connection::open_in_memory().ok()?;
        let at: Option<i64> = file
            .query_row("SELECT 1000 * unixepoch(?1, 'utc')", [text], |row| {
                row.get(0)
            })
            .optional()
            .ok()
            .flatten()?;
        at.map(|at| Since(Some(at)))
    }
}

/// What the doctor says of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Bytes in use.
    pub bytes: i64,
    /// Requests.
    pub requests: i64,
    /// The oldest one, in local time.
    pub oldest: Option<String>,
    /// Kept bodies.
    pub bodies: i64,
}

/// The ledger's size; `None` if there is none.
pub fn facts(folder: &Path) -> Outcome<Option<Facts>> {
    let Some(store) = Store::read(folder)? else {
        return Ok(None);
    };
    let (requests, oldest, bodies) = store.file.query_row(
        "SELECT count(*), strftime('%Y-%m-%d %H:%M', min(at) / 1000.0, 'unixepoch', 'localtime'), (SELECT count(*) FROM body) FROM sent",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    Ok(Some(Facts {
        bytes: store.bytes()?,
        requests,
        oldest,
        bodies,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = 1_800_000_000_000;
        for (text, wanted) in [
            ("1d", Some(now - 86_400_000)),
            ("12h", Some(now - 43_200_000)),
            ("0m", Some(now)),
            ("-1d", None),
            ("d", None),
            ("", None),
            ("tomorrow", None),
            ("2026-13-45", None),
        ] {
            let found = Since::read(text, now);
            assert_eq!(found.map(|since| since.0), wanted.map(Some), "{text}");
        }
        let day = Since::read("2026-11-22", now)
            .and_then(|since| since.0)
            .expect("a date");
        // Within a day of midnight in London, wherever this runs.
        assert!((day - 1_795_305_600_000).abs() <= 86_400_000, "{day}");
    }
}
