//! The key table as JSON Schema, draft 2020-12, for editors that check a file while it is written.

use serde_json::{Map, Value, json};

use super::Settings;
use super::table::{Kind, PROVIDERS, ROWS, Row};

/// The schema of the configuration file and of what an editor sends.
pub fn schema() -> Value {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let route = serde_json::to_value(super::Route::default()).unwrap_or_default();
    let mut root = table("Settings of the nextline coding agent");
    for row in ROWS {
        let default = match row.path.strip_prefix("routes.*.") {
            Some(key) => key
                .split('.')
                .try_fold(&route, |inner, part| inner.get(part)),
            None => row
                .path
                .split('.')
                .try_fold(&defaults, |inner, part| inner.get(part)),
        };
        let default =
            default.filter(|value| !(value.is_null() || *value == "" || *value == &json!({})));
        insert(&mut root, row, default);
    }
    let Value::Object(fields) = &mut root else {
        return root;
    };
    fields.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    fields.insert("title".into(), "nextline".into());
    if let Some(route) = root.pointer_mut("/properties/routes/additionalProperties")
        && let Value::Object(route) = route
    {
        route.insert("required".into(), json!(["provider"]));
        route.insert(
            "allOf".into(),
            PROVIDERS
                .iter()
                .map(|row| rule(row.name, row.needs))
                .collect(),
        );
    }
    root
}

fn table(doc: &str) -> Value {
    json!({"type": "object", "description": doc, "additionalProperties": false})
}

// What holds for one provider: the keys that it needs and those that it does not know.
fn rule(provider: &str, needs: &[&str]) -> Value {
    let mut own = Map::new();
    for row in ROWS.iter().filter(|row| !row.providers.is_empty()) {
        let Some(name) = row.path.rsplit('.').next() else {
            continue;
        };
        if row.providers.contains(&provider) {
            own.insert(name.into(), kind(row.kind));
        } else {
            own.entry(name).or_insert(Value::Bool(false));
        }
    }
    let then = match needs {
        [] => json!({"properties": own}),
        _ => json!({"properties": own, "required": needs}),
    };
    json!({"if": {"properties": {"provider": {"const": provider}}, "required": ["provider"]}, "then": then})
}

fn insert(root: &mut Value, row: &Row, default: Option<&Value>) {
    let mut place = root;
    let mut parts = row.path.split('.').peekable();
    while let Some(part) = parts.next() {
        let Value::Object(fields) = place else { return };
        let leaf = parts.peek().is_none();
        place = if part == "*" {
            let slot = fields.entry("additionalProperties").or_insert(Value::Null);
            if !slot.is_object() {
                *slot = table("by a name of your own");
            }
            slot
        } else {
            let properties = fields.entry("properties").or_insert_with(|| json!({}));
            let Value::Object(properties) = properties else {
                return;
            };
            properties.entry(part).or_insert_with(|| table(part))
        };
        if leaf {
            let shared = ROWS.iter().filter(|other| other.path == row.path).count() > 1;
            let mut leaf = if shared { json!({}) } else { kind(row.kind) };
            let doc = match row.providers {
                [] => row.doc.to_owned(),
                owners => format!("{} ({})", row.doc, owners.join(", ")),
            };
            leaf["description"] = match place
                .get("description")
                .filter(|_| shared && place["type"].is_null())
            {
                Some(Value::String(before)) => format!("{before}; {doc}").into(),
                _ => doc.into(),
            };
            if let Some(default) = default {
                leaf["default"] = default.clone();
            }
            *place = leaf;
            return;
        }
    }
}

fn kind(kind: Kind) -> Value {
    match kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Integer(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Kind::Number(low, high) => json!({"type": "number", "minimum": low, "maximum": high}),
        Kind::Text | Kind::Route(_) => json!({"type": "string", "minLength": 1}),
        Kind::Name => json!({"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}),
        Kind::Url(_) => json!({"type": "string", "pattern": "^https?://"}),
        Kind::Word(words) => json!({"type": "string", "enum": words}),
        Kind::Texts => {
            json!({"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}})
        }
        Kind::Globs => {
            json!({"type": "array", "items": {"type": "string", "minLength": 1}})
        }
        Kind::Patterns => json!({"type": "array", "items": {"type": "string", "minLength": 1}}),
        Kind::Filters => {
            let filter = json!({"type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["repoNamePattern"],
                "properties": {"repoNamePattern": {"type": "string"}}}});
            let filters = json!({"type": "object", "additionalProperties": false,
                "properties": {"include": filter, "exclude": filter}});
            json!({"anyOf": [filters, {"type": "array", "items": filters}]})
        }
        Kind::Object => json!({"type": "object"}),
    }
}
