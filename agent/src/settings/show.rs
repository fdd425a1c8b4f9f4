//! The settings in force as a list of keys, secrets masked.

use serde_json::Value;

use super::merge::locking;
use super::origin::{Origin, dotted};
use super::table::{Kind, ROWS, Row, rows_of};
use super::{Layer, Loaded};

/// One value as it may be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The dotted key.
    pub key: String,
    /// The value; `***` for what is secret.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// Where the machine's policy keeps it from being set elsewhere, if it does.
    pub locked: Option<Origin>,
}

/// Every value that is set or built in, in the order of the key table; absent ones are left out.
pub fn shown(loaded: &Loaded) -> Vec<Shown> {
    let tree = serde_json::to_value(&loaded.settings).unwrap_or_default();
    let mut found = Vec::new();
    collect(&tree, &mut Vec::new(), loaded, &mut found);
    // Stable: the names under one row stay in the order of the alphabet.
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found.into_iter().map(|(_, shown)| shown).collect()
}

// A row's place in the table; a route's values stay together, at the place of the first row of routes.
type Ranked = ((usize, Option<String>, usize), Shown);

fn collect(value: &Value, path: &mut Vec<String>, loaded: &Loaded, out: &mut Vec<Ranked>) {
    let row = rows_of(path).next();
    match value {
        Value::Object(fields) if row.is_none_or(|row| row.kind != Kind::Object) => {
            for (name, inner) in fields {
                path.push(name.clone());
                collect(inner, path, loaded, out);
                path.pop();
            }
        }
        Value::Null => {}
        Value::Object(fields) if fields.is_empty() => {}
        Value::String(text) if text.is_empty() => {}
        _ => {
            let Some(row) = row else { return };
            let at = ROWS
                .iter()
                .position(|other| std::ptr::eq(other, row))
                .unwrap_or(ROWS.len());
            let routes = ROWS
                .iter()
                .position(|row| row.path.starts_with("routes."))
                .unwrap_or(at);
            let rank = match path.as_slice() {
                [first, name, ..] if first == "routes" => (routes, Some(name.clone()), at),
                _ => (at, None, 0),
            };
            let key = dotted(path);
            let origin = loaded
                .origins
                .get(&key)
                .cloned()
                .unwrap_or(Origin::of(Layer::BuiltIn));
            out.push((
                rank,
                Shown {
                    key,
                    value: masked(row, value),
                    origin,
                    locked: locking(&loaded.locks, path).cloned(),
                },
            ));
        }
    }
}

fn masked(row: &Row, value: &Value) -> Value {
    match value.as_str() {
        Some(text) if row.secret => match (text.split_once("://"), text.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) if matches!(row.kind, Kind::Url(_)) => {
                format!("{scheme}://***@{host}").into()
            }
            (Some(_), None) if matches!(row.kind, Kind::Url(_)) => value.clone(),
            _ => "***".into(),
        },
        _ => value.clone(),
    }
}
