//! One value against its row: what is accepted, and what to say otherwise.

use serde_json::Value;

use super::ContextFilters;
use super::table::{Kind, Row};
use crate::policy::list::is_pattern;
use crate::policy::pattern_of_repository as pattern;

/// The value as it is kept (whole floats become integers), or a sentence with the mend.
pub(super) fn check(row: &Row, value: &Value) -> Result<Value, String> {
    let fits = match (row.kind, value) {
        (Kind::Bool, Value::Bool(_)) | (Kind::Object, Value::Object(_)) => true,
        (Kind::Integer(low, high), Value::Number(_)) => {
            return match whole(value) {
                Some(number) if (low..=high).contains(&number) => Ok(number.into()),
                _ => Err(format!("{value} is not {}", expected(row.kind))),
            };
        }
        (Kind::Number(low, high), Value::Number(number)) => {
            if !number.as_f64().is_some_and(|n| (low..=high).contains(&n)) {
                return Err(format!("{value} is not {}", expected(row.kind)));
            }
            true
        }
        (Kind::Text, Value::String(text)) => !text.is_empty(),
        (Kind::Texts, Value::Array(list)) => {
            !list.is_empty()
                && list
                    .iter()
                    .all(|item| item.as_str().is_some_and(|text| !text.is_empty()))
        }
        (Kind::Globs, Value::Array(list)) => list
            .iter()
            .all(|item| item.as_str().is_some_and(is_pattern)),
        (Kind::Patterns, Value::Array(list)) => list.iter().all(|item| {
            let text = item.as_str().unwrap_or_default();
            !text.trim().is_empty() && !text.contains(char::is_control)
        }),
        (Kind::Filters, Value::Array(_) | Value::Object(_)) => return filters(value),
        (kind, Value::String(text)) => match string(kind, text) {
            Some(result) => return result.map(|()| value.clone()),
            None => false,
        },
        _ => false,
    };
    if fits {
        return Ok(value.clone());
    }
    let name = row.path.rsplit('.').next().unwrap_or(row.path);
    let example = match name {
        "*" => String::new(),
        name => format!("; write for example `{name} = {}`", example(row.kind)),
    };
    Err(format!(
        "expected {}, found {}{example}",
        expected(row.kind),
        found(value)
    ))
}

/// Filters of repositories as a list of tables, each expression of which can be read.
fn filters(value: &Value) -> Result<Value, String> {
    let all = match value {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    for one in &all {
        let read: ContextFilters = serde_json::from_value(one.clone()).map_err(|error| {
            format!(
                "expected {}: {error}; files are excluded by `policy.exclude`",
                expected(Kind::Filters)
            )
        })?;
        for filter in read.include.iter().chain(&read.exclude) {
            pattern(&filter.repo_name_pattern).map_err(|why| {
                format!(
                    "{} is no regular expression: {why}",
                    quoted(&filter.repo_name_pattern)
                )
            })?;
        }
    }
    Ok(all.into())
}

/// `None` if strings are not what this kind wants.
fn string(kind: Kind, text: &str) -> Option<Result<(), String>> {
    let ok = match kind {
        Kind::Word(words) if words.contains(&text) => true,
        Kind::Word(words) => {
            let hint = match nearest(text, words.iter().copied()) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("write one of {}", list(words)),
            };
            return Some(Err(format!("unknown word {}; {hint}", quoted(text))));
        }
        Kind::Name => {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        }
        Kind::Url(login) => return Some(url(text, login)),
        Kind::Route(_) => !text.is_empty(),
        _ => return None,
    };
    Some(if ok {
        Ok(())
    } else {
        Err(format!("{} is not {}", quoted(text), expected(kind)))
    })
}

// The address itself is not repeated: it may hold a password.
fn url(text: &str, login: bool) -> Result<(), String> {
    let Some(rest) = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))
    else {
        return Err("expected an address that begins with http:// or https://".into());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !login && authority.contains('@') {
        return Err(
            "an address must not hold a user name or password; remove them and use `api_key_env` or `api_key_cmd`"
                .into(),
        );
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let port_ok = port.is_empty() || port.ends_with(']') || port.parse::<u16>().is_ok();
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if host.is_empty() || host.starts_with(':') || !port_ok || text.contains(odd) {
        return Err("expected an address with a host, a port up to 65535 and no spaces, such as `http://127.0.0.1:8080/v1`".into());
    }
    if text.contains(['?', '#']) {
        return Err("an address must end before `?` or `#`; remove the rest".into());
    }
    Ok(())
}

// Some editors know only one kind of number.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    })
}

/// The kind in words.
pub(super) fn expected(kind: Kind) -> String {
    match kind {
        Kind::Bool => "true or false".into(),
        Kind::Integer(low, high) => format!("a whole number from {low} to {high}"),
        Kind::Number(low, high) => format!("a number from {low} to {high}"),
        Kind::Text => "a text that is not empty".into(),
        Kind::Name => "a name of letters, digits, `-`, `_` and `.`".into(),
        Kind::Url(_) => "an http or https address".into(),
        Kind::Word(words) => format!("one of {}", list(words)),
        Kind::Route(&[]) => "the name of a route".into(),
        Kind::Route(words) => format!("the name of a route, or {}", list(words)),
        Kind::Texts => "a list of texts with at least one entry".into(),
        Kind::Globs => "a list of globs".into(),
        Kind::Patterns => "a list of names with `*` for any letters".into(),
        Kind::Filters => {
            "a table with lists `include` and `exclude` of `{ repoNamePattern = \"…\" }`".into()
        }
        Kind::Object => "a table".into(),
    }
}

fn example(kind: Kind) -> String {
    match kind {
        Kind::Bool => "true".into(),
        Kind::Integer(low, high) => 1.clamp(low, high).to_string(),
        Kind::Number(_, high) => format!("{:?}", high.min(0.5)),
        Kind::Text | Kind::Name => "\"text\"".into(),
        Kind::Url(_) => "\"http://127.0.0.1:8080\"".into(),
        Kind::Word(words) | Kind::Route(words) => {
            format!("{:?}", words.first().unwrap_or(&"my-route"))
        }
        Kind::Texts => "[\"text\"]".into(),
        Kind::Globs => "[\"*.env\"]".into(),
        Kind::Patterns => "[\"name-*\"]".into(),
        Kind::Filters => "{ include = [{ repoNamePattern = \"^github\\\\.com/owner/\" }] }".into(),
        Kind::Object => "{ key = 1 }".into(),
    }
}

/// A text from a file in a message: one line, no control characters, not endless.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let cut: String = text.chars().take(SHOWN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{more}`", cut.escape_debug())
}

/// What a value is, in words.
pub(super) fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(list) if list.is_empty() => "an empty list",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The known word that a slip of the pen away from `word`: a third of its letters at most.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A word of any length may come from a file; the table's words are short.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    known
        .map(|candidate| (distance(&lower, candidate), candidate))
        .filter(|(steps, candidate)| *steps <= (candidate.len().min(word.len()) / 3).max(1))
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, candidate)| candidate)
}

// Letters inserted, removed, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_a_slip_away_and_no_more() {
        let known = ["throttle_ms", "max_tokens", "api", "enabled"];
        for (word, near) in [
            ("throttel_ms", Some("throttle_ms")),
            ("throttle", None),
            ("Enabled", Some("enabled")),
            ("ap", Some("api")),
            ("xyz", None),
            ("", None),
            ("maxtokens", Some("max_tokens")),
        ] {
            assert_eq!(nearest(word, known.into_iter()), near, "{word}");
        }
    }
}
