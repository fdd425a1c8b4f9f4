//! What a driver inside an editor notes: one JSON object a line, `{check, want, got}` or `{failed}`, and `{done: true}` at its end.

use serde_json::Value;

/// The rows of a report; what is no JSON was said by something else.
#[must_use]
pub fn rows(text: &str) -> Vec<Value> {
    let rows = text
        .lines()
        .filter_map(|row| serde_json::from_str(row).ok());
    rows.collect()
}

/// Fails, with what the editor said, unless each check came out as wanted and the driver reached its end.
pub fn all_well(rows: &[Value], ended_well: bool, said: &str) {
    for row in rows {
        eprintln!("{row}");
    }
    let is_wrong = |row: &&Value| row["want"] != row["got"] || row["failed"].is_string();
    let wrong: Vec<String> = rows.iter().filter(is_wrong).map(Value::to_string).collect();
    assert!(wrong.is_empty(), "{}\n{said}", wrong.join("\n"));
    let done = rows.last().is_some_and(|row| row["done"] == true);
    assert!(ended_well && done, "{said}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_seen() {
        let fails = |text: &str, ended: bool| {
            std::panic::catch_unwind(|| all_well(&rows(text), ended, "")).is_err()
        };
        let good = "noise\n{\"check\":\"a\",\"want\":1,\"got\":1}\n{\"done\":true}\n";
        assert!(!fails(good, true));
        assert!(fails(good, false));
        assert!(fails("", true));
        assert!(fails(&good.replace("\"got\":1", "\"got\":2"), true));
        assert!(fails(&format!("{{\"failed\":\"x\"}}\n{good}"), true));
    }
}
