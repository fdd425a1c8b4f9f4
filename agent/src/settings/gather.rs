//! One layer's text or JSON -> known keys with their places; whatever is wrong becomes a notice.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::{check, expected, found, nearest, quoted};
use super::origin::{Layer, Notice, Origin, Severity, dotted};
use super::table::{Kind, ROWS, Row, rows_of};
use super::toml_text::{Text, to_json};

/// One value with its key.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: Vec<String>,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What one layer says.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) found: Vec<Found>,
    /// Keys and tables that the machine's policy keeps from the layers above it.
    pub(super) locked: Vec<(String, Origin)>,
    pub(super) notices: Vec<Notice>,
}

/// A TOML file. What can be read of a broken file is used; a line with a syntax error is not.
pub(super) fn toml(layer: Layer, file: &Arc<Path>, text: &str) -> Gathered {
    let (mut table, mut errors) = DeTable::parse_recoverable(text);
    let patched = (!errors.is_empty()).then(|| without_bare_words(text, &errors));
    if let Some(patched) = &patched {
        let (again, more) = DeTable::parse_recoverable(patched);
        table = again;
        errors.extend(more);
    }
    let mut walk = Walk::new(layer, Some(Text::new(file, text)));
    for error in errors {
        let span = error.span().unwrap_or_default();
        let at = span.start;
        // What follows on the same line is most often the same slip.
        if !walk.broken.insert(walk.place(Some(at)).line) || walk.is_full() {
            continue;
        }
        let message = match (error.message(), text.get(span)) {
            ("duplicate key", Some(key)) if !key.is_empty() => {
                format!(
                    "{} stands here a second time; keep one of the two",
                    quoted(key)
                )
            }
            (message, _) => format!("not valid TOML: {message}"),
        };
        walk.say(Severity::Error, Some(at), message);
    }
    walk.table(
        &table
            .get_ref()
            .iter()
            .map(|(k, v)| (k.get_ref().as_ref(), k.span().start, v))
            .collect::<Vec<_>>(),
    );
    walk.out
        .notices
        .sort_by_key(|notice| (notice.origin.line, notice.origin.column));
    walk.out
}

// A line without `=` makes the parser swallow the next table's header: blanked, at the same length, it does not.
fn without_bare_words(text: &str, errors: &[toml::de::Error]) -> String {
    let mut patched = text.to_owned();
    for at in errors.iter().filter_map(|error| Some(error.span()?.start)) {
        let before = text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text
            .get(start..)
            .and_then(|rest| rest.split('\n').next())
            .unwrap_or_default();
        if !line.contains(['=', '[', ']', '"', '\'', '{', '}']) {
            patched.replace_range(start..start + line.len(), &" ".repeat(line.len()));
        }
    }
    patched
}

/// What an editor sent: the settings themselves, or an object that holds them under `nextline`.
pub(super) fn json(layer: Layer, value: &Value) -> Gathered {
    let mut walk = Walk::new(layer, None);
    match value.get("nextline").unwrap_or(value) {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk.path.push(name.clone());
                walk.json(value);
                walk.path.pop();
            }
        }
        other if is_empty(other) => {}
        other => walk.say(
            Severity::Error,
            None,
            format!("expected an object of settings, found {}", found(other)),
        ),
    }
    walk.out
}

/// One key with its value as a person types it on a command line or into a variable.
pub(super) fn word(layer: Layer, path: Vec<String>, text: &str) -> Gathered {
    let mut walk = Walk::new(layer, None);
    let Some(row) = rows_of(&path).next() else {
        walk.path = path;
        walk.unknown(None);
        return walk.out;
    };
    let value = match row.kind {
        Kind::Bool if text == "1" || text == "0" => Value::from(text == "1"),
        Kind::Bool
        | Kind::Integer(..)
        | Kind::Number(..)
        | Kind::Texts
        | Kind::Globs
        | Kind::Patterns
        | Kind::Filters
        | Kind::Object => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => Value::from(text),
    };
    walk.path = path;
    walk.leaf(&value, None);
    walk.out
}

fn is_empty(value: &Value) -> bool {
    // A Lua table without entries is sent as a list.
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

struct Walk<'a> {
    layer: Layer,
    text: Option<Text<'a>>,
    /// Lines with a syntax error, whose values are guesses.
    broken: HashSet<u32>,
    path: Vec<String>,
    out: Gathered,
}

impl<'a> Walk<'a> {
    fn new(layer: Layer, text: Option<Text<'a>>) -> Walk<'a> {
        Walk {
            layer,
            text,
            broken: HashSet::new(),
            path: Vec::new(),
            out: Gathered::default(),
        }
    }

    fn place(&self, at: Option<usize>) -> Origin {
        let Some(text) = &self.text else {
            return Origin::of(self.layer);
        };
        let (line, column) = at.map_or((0, 0), |at| text.place(at));
        Origin {
            layer: self.layer,
            file: Some(Arc::clone(&text.file)),
            line,
            column,
        }
    }

    // A file that is none of ours would fill the log with itself.
    fn is_full(&self) -> bool {
        const ENOUGH: usize = 20;
        self.out.notices.len() >= ENOUGH
    }

    fn say(&mut self, severity: Severity, at: Option<usize>, message: String) {
        if self.is_full() {
            return;
        }
        let origin = self.place(at);
        self.out.notices.push(Notice {
            severity,
            origin,
            key: dotted(&self.path),
            message,
        });
    }

    fn table(&mut self, entries: &[(&str, usize, &Spanned<DeValue<'_>>)]) {
        for (name, at, value) in entries {
            self.path.push((*name).to_owned());
            if self.layer == Layer::Machine && self.path == ["locked"] {
                self.locked(*at, value.get_ref());
            } else {
                self.toml(*at, value);
            }
            self.path.pop();
        }
    }

    fn toml(&mut self, at: usize, value: &Spanned<DeValue<'_>>) {
        if rows_of(&self.path).next().is_some() {
            if !self.broken.contains(&self.place(Some(at)).line) {
                self.leaf(&to_json(value.get_ref()), Some(at));
            }
            return;
        }
        match value.get_ref() {
            DeValue::Table(table) if self.is_section() => {
                let entries: Vec<_> = table
                    .iter()
                    .map(|(k, v)| (k.get_ref().as_ref(), k.span().start, v))
                    .collect();
                self.table(&entries);
            }
            other if self.is_section() => self.not_a_table(&to_json(other), Some(at)),
            _ => self.unknown(Some(at)),
        }
    }

    fn json(&mut self, value: &Value) {
        if is_empty(value) {
        } else if rows_of(&self.path).next().is_some() {
            self.leaf(value, None);
        } else if !self.is_section() {
            self.unknown(None);
        } else if let Value::Object(fields) = value {
            for (name, inner) in fields {
                self.path.push(name.clone());
                self.json(inner);
                self.path.pop();
            }
        } else {
            self.not_a_table(value, None);
        }
    }

    fn is_section(&self) -> bool {
        ROWS.iter().any(|row| row.begins_with(&self.path))
    }

    fn not_a_table(&mut self, value: &Value, at: Option<usize>) {
        let key = dotted(&self.path);
        self.say(
            Severity::Error,
            at,
            format!(
                "expected a table, found {}; write its keys under `[{key}]`",
                found(value)
            ),
        );
    }

    fn leaf(&mut self, value: &Value, at: Option<usize>) {
        let rows: Vec<&Row> = rows_of(&self.path).collect();
        let checked = match rows.as_slice() {
            [] => return,
            [row] => check(row, value),
            // Which of several rows is meant is known only when all layers have said who the provider is.
            rows => rows
                .iter()
                .find_map(|row| check(row, value).ok())
                .ok_or_else(|| either(rows)),
        };
        match checked {
            Ok(value) => {
                self.credential(rows[0], at);
                let origin = self.place(at);
                self.out.found.push(Found {
                    path: self.path.clone(),
                    value,
                    origin,
                });
            }
            Err(message) => self.say(Severity::Error, at, message),
        }
    }

    // A key in plain text works as a header, and is worth a word.
    fn credential(&mut self, row: &Row, at: Option<usize>) {
        const KEY_HEADERS: &[&str] = &[
            "authorization",
            "x-api-key",
            "api-key",
            "x-goog-api-key",
            "cookie",
        ];
        let header = self
            .path
            .last()
            .map(|name| name.to_lowercase())
            .unwrap_or_default();
        if row.path == "routes.*.headers.*" && KEY_HEADERS.contains(&header.as_str()) {
            self.say(
                Severity::Warning,
                at,
                "a key in plain text; use `api_key_env`, `api_key_cmd` or `nextline login` instead"
                    .into(),
            );
        }
    }

    fn unknown(&mut self, at: Option<usize>) {
        let Some((name, parents)) = self.path.split_last() else {
            return;
        };
        if self.is_full() {
            return;
        }
        let key = dotted(&self.path);
        if matches!(parents, [routes, _] if routes == "routes")
            && matches!(name.as_str(), "api_key" | "token" | "key")
        {
            let route = dotted(&parents[1..]);
            let message = format!(
                "a key in plain text is not read; remove it and use `api_key_env`, `api_key_cmd` or `nextline login {route}`"
            );
            return self.say(Severity::Warning, at, message);
        }
        let depth = parents.len();
        let known = ROWS
            .iter()
            .filter(|row| row.begins_with(parents))
            .filter_map(|row| row.path.split('.').nth(depth));
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            // Clients put settings of their own beside ours.
            None if parents.is_empty() && matches!(self.layer, Layer::Start | Layer::Editor) => {
                return self.say(
                    Severity::Info,
                    at,
                    format!("`{key}` is not a setting of this agent; ignored"),
                );
            }
            None => match elsewhere(name) {
                Some(path) => format!("there is `{path}`"),
                None => "remove it; `nextline config schema` lists the known keys".into(),
            },
        };
        self.say(Severity::Error, at, format!("unknown key `{key}`; {hint}"));
    }

    fn locked(&mut self, at: usize, value: &DeValue<'_>) {
        let DeValue::Array(list) = value else {
            let message = format!(
                "expected a list of keys, found {}; write for example `locked = [\"routes\"]`",
                found(&to_json(value))
            );
            return self.say(Severity::Error, Some(at), message);
        };
        for item in list {
            let at = Some(item.span().start);
            match item.get_ref().as_str() {
                Some(key)
                    if ROWS
                        .iter()
                        .any(|row| row.begins_with(&key.split('.').collect::<Vec<_>>())) =>
                {
                    let origin = self.place(at);
                    self.out.locked.push((key.to_owned(), origin));
                }
                Some(key) => self.say(
                    Severity::Error,
                    at,
                    format!("{} is no key or table that can be locked", quoted(key)),
                ),
                None => self.say(Severity::Error, at, "expected the name of a key".into()),
            }
        }
    }
}

fn either(rows: &[&Row]) -> String {
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| format!("{} ({})", expected(row.kind), row.providers.join(", ")))
        .collect();
    format!("expected {}", kinds.join(" or "))
}

// The same last name in another table: a key that was put in the wrong place.
fn elsewhere(name: &str) -> Option<&'static str> {
    let mut places = ROWS
        .iter()
        .map(|row| row.path)
        .filter(|path| path.rsplit('.').next() == Some(name));
    let first = places.next()?;
    places.all(|path| path == first).then_some(first)
}
