//! What only TOML files have: lines and columns, and values of its own kinds.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use toml::de::DeValue;

/// A file's text with the beginnings of its lines.
pub(super) struct Text<'a> {
    pub(super) file: Arc<Path>,
    text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Text<'a> {
    pub(super) fn new(file: &Arc<Path>, text: &'a str) -> Text<'a> {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Text {
            file: Arc::clone(file),
            text,
            lines,
        }
    }

    /// Line and column of a byte, from 1; the column in characters.
    pub(super) fn place(&self, at: usize) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        let column = self
            .text
            .get(start..at)
            .map_or(0, |before| before.chars().count());
        (line as u32, column as u32 + 1)
    }
}

/// A TOML value as the JSON that all layers share.
pub(super) fn to_json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Integer(number) => {
            // A number that cannot be held is a wrong value, not an absent one: its text says which.
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().into(), Value::from)
        }
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(value) if value.is_finite() => Value::from(value),
            _ => Value::from(number.as_str()),
        },
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(list) => list.iter().map(|item| to_json(item.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), to_json(value.get_ref())))
            .collect(),
    }
}
