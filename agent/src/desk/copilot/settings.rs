//! Settings as Copilot's clients send them, in our own words: what has a meaning here is kept, the rest is theirs.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::settings::{self, table::ROWS};

/// The section `nextline` that an object of settings or `initializationOptions` comes to. Our own keys in it stand above what is
/// translated:
///
/// - `github.copilot.selectedCompletionModel` that names a route, or `local`, is `completion.route`;
/// - `disabledLanguages` are off in `completion.languages`.
///
/// `enableAutoCompletions` is not read: clients whose popup shows the suggestions send `false` and ask all the same.
pub fn section(theirs: &Value, routes: &BTreeMap<String, settings::Route>) -> Value {
    let mut ours = Map::new();
    let of_theirs = |pointer: &str| {
        theirs
            .pointer(pointer)
            .or_else(|| theirs.pointer(&format!("/editorConfiguration{pointer}")))
    };
    let model = of_theirs("/github/copilot/selectedCompletionModel").and_then(Value::as_str);
    let mut completion = Map::new();
    if let Some(model) = model.filter(|model| *model == "local" || routes.contains_key(*model)) {
        completion.insert("route".into(), json!(model));
    }
    let off = of_theirs("/disabledLanguages").and_then(Value::as_array);
    let off = off.map(Vec::as_slice).unwrap_or_default().iter();
    let off = off.filter_map(|entry| entry["languageId"].as_str().or(entry.as_str()));
    // `.` is the client's word for no language at all.
    let off: Map<String, Value> = off
        .filter(|language| !matches!(*language, "." | ""))
        .map(|language| (language.to_owned(), json!(false)))
        .collect();
    if !off.is_empty() {
        completion.insert("languages".into(), Value::Object(off));
    }
    if !completion.is_empty() {
        ours.insert("completion".into(), Value::Object(completion));
    }
    let named = theirs.get("nextline").and_then(Value::as_object);
    for (key, value) in named.or(theirs.as_object()).into_iter().flatten() {
        if named.is_some() || is_section(key) {
            lay(ours.entry(key).or_insert(Value::Null), value);
        }
    }
    Value::Object(ours)
}

/// Whether a key is one of the top level of our own settings.
fn is_section(key: &str) -> bool {
    let top = |path: &'static str| path.split('.').next();
    ROWS.iter().any(|row| top(row.path) == Some(key))
}

fn lay(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                lay(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_here_is_kept() {
        let routes = BTreeMap::from([("fast".to_owned(), settings::Route::default())]);
        let check =
            |theirs: Value, ours: Value| assert_eq!(section(&theirs, &routes), ours, "{theirs}");
        let model =
            |name: &str| json!({ "github": { "copilot": { "selectedCompletionModel": name } } });
        check(
            json!({ "http": { "proxy": null }, "telemetry": {}, "github-enterprise": { "uri": "x" } }),
            json!({}),
        );
        check(model("fast"), json!({ "completion": { "route": "fast" } }));
        check(
            model("local"),
            json!({ "completion": { "route": "local" } }),
        );
        check(model("elsewhere-1"), json!({}));
        check(model(""), json!({}));
        let off = json!([{ "languageId": "yaml" }, { "languageId": "." }, "help", 3]);
        let languages = json!({ "yaml": false, "help": false });
        check(
            json!({ "disabledLanguages": off, "enableAutoCompletions": false }),
            json!({ "completion": { "languages": languages } }),
        );
        check(
            json!({ "editorConfiguration": { "disabledLanguages": off } }),
            json!({ "completion": { "languages": languages } }),
        );
        check(
            json!({ "disabledLanguages": off, "nextline": { "completion": { "languages": { "yaml": true } }, "typo": 1 } }),
            json!({ "completion": { "languages": { "yaml": true, "help": false } }, "typo": 1 }),
        );
        check(
            json!({ "editorInfo": {}, "completion": { "throttle_ms": 0 } }),
            json!({ "completion": { "throttle_ms": 0 } }),
        );
        for junk in [
            json!(null),
            json!([]),
            json!(3),
            json!({ "disabledLanguages": 3, "github": [] }),
        ] {
            check(junk, json!({}));
        }
    }
}
