//! The families that were trained for next edits, one row of `prompts/next.toml` each.

use std::sync::OnceLock;

use serde::Deserialize;

/// One family of models.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// For people.
    pub name: String,
    /// Lower-case parts of model names that belong to it.
    pub models: Vec<String>,
    /// Lower-case parts of model names that do not, although one of `models` occurs in them.
    #[serde(default)]
    pub not: Vec<String>,
    /// The whole question.
    pub template: String,
    /// What stands at the start of a file.
    #[serde(default)]
    pub start: String,
    /// One of the `{pieces}`; without it there are none.
    #[serde(default)]
    pub piece: String,
    /// One of the `{history}`.
    pub past: String,
    /// The cursor.
    pub cursor: String,
    /// What the model writes before its answer.
    #[serde(default)]
    pub open: String,
    /// What it writes behind it.
    #[serde(default)]
    pub close: String,
    /// What ends the answer.
    pub stops: Vec<String>,
    /// Every string that is a command to the model.
    pub control: Vec<String>,
    /// Full model names, for the test that no two rows claim one.
    pub examples: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// Every family, in the order of the file.
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        // The file is part of the binary and a test parses it: an error here cannot come from outside.
        toml::from_str::<Table>(include_str!("../../../prompts/next.toml"))
            .map_or_else(|_| Vec::new(), |table| table.row)
    })
}

/// The family that a model belongs to; `None` for one that is asked in words.
pub fn row_of_model(model: &str) -> Option<&'static Row> {
    let model = model.to_lowercase();
    let holds = |parts: &[String]| parts.iter().any(|part| model.contains(part.as_str()));
    rows()
        .iter()
        .find(|row| holds(&row.models) && !holds(&row.not))
}

#[cfg(test)]
mod tests {
    use super::super::MAX_STOPS;
    use super::*;

    #[test]
    fn rows_are_sound() {
        let wanted: Table = toml::from_str(include_str!("../../../prompts/next.toml")).unwrap();
        assert_eq!(wanted.row.len(), rows().len());
        for row in rows() {
            assert!(row.stops.len() <= MAX_STOPS, "{}", row.name);
            for example in &row.examples {
                assert_eq!(
                    row_of_model(example).map(|found| &found.name),
                    Some(&row.name),
                    "{example}"
                );
            }
            for mark in row.stops.iter().chain([&row.cursor]) {
                assert!(row.control.contains(mark), "{}: {mark}", row.name);
            }
        }
        assert_eq!(row_of_model("gpt-4.1-mini"), None);
    }
}
