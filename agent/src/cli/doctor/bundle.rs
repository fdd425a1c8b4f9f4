//! What a report of a fault may hold: versions, settings without secrets, findings, reasons, numbers. No source text, no keys.

use serde_json::{Map, Value, json};

use super::{Finding, Patient};
use crate::settings::table::{Kind, rows_of};
use crate::settings::{shown, user_path};

/// Everything in one JSON object. `why` is the last silence, `stats` the counts of suggestions.
pub fn bundle(
    patient: &Patient<'_>,
    findings: &[Finding],
    why: Option<&Value>,
    stats: &Value,
) -> Value {
    let settings: Vec<Value> = shown(patient.loaded)
        .into_iter()
        .map(|one| json!({"key": one.key, "value": masked(&one.key, one.value), "origin": one.origin.to_string()}))
        .collect();
    let findings: Vec<Value> = findings.iter().map(Finding::to_json).collect();
    // The place of a silence is a path: its reason is enough.
    let why = why.map(
        |why| json!({"reason": why["reason"], "detail": why["detail"], "since": why["since"]}),
    );
    let ledger = patient.books.map(|books| {
        let facts = books.facts.as_ref().ok().cloned().flatten().unwrap_or_default();
        json!({
            "enabled": books.enabled, "bytes": facts.bytes, "requests": facts.requests, "oldest": facts.oldest,
            "bodies": facts.bodies, "chain": books.chain.as_ref().map(|walked| format!("{walked:?}")),
        })
    });
    let all = json!({
        "version": patient.version,
        "system": {"os": std::env::consts::OS, "arch": std::env::consts::ARCH},
        "languages": patient.languages,
        "settings": settings,
        "findings": findings,
        "last_silence": why,
        "stats": stats,
        "ledger": ledger,
    });
    without_home(all, home().as_deref())
}

/// Commands show their program, tables their keys.
fn masked(key: &str, value: Value) -> Value {
    let path: Vec<&str> = key.split('.').collect();
    let Some(row) = rows_of(&path).next() else {
        return match value {
            // A name with a dot in it: what kind of value it is cannot be told from here.
            Value::Bool(_) | Value::Number(_) => value,
            _ => "***".into(),
        };
    };
    match (row.kind, value) {
        (Kind::Texts, Value::Array(words)) if row.credential => {
            let program = words.first().cloned().unwrap_or_default();
            json!([program, "***"])
        }
        (Kind::Object, Value::Object(fields)) => {
            let keys = fields.into_iter().map(|(key, _)| (key, "***".into()));
            Value::Object(keys.collect::<Map<_, _>>())
        }
        (_, value) => value,
    }
}

/// The home directory, by the usual place of the user's file below it.
fn home() -> Option<String> {
    let file = user_path()?;
    let home = std::env::home_dir().filter(|home| file.starts_with(home))?;
    home.to_str()
        .filter(|home| home.len() > 1)
        .map(str::to_owned)
}

fn without_home(value: Value, home: Option<&str>) -> Value {
    match (value, home) {
        (Value::String(text), Some(home)) => text.replace(home, "~").into(),
        (Value::Array(list), _) => list
            .into_iter()
            .map(|one| without_home(one, home))
            .collect(),
        (Value::Object(fields), _) => {
            let fields = fields
                .into_iter()
                .map(|(key, one)| (key, without_home(one, home)));
            Value::Object(fields.collect())
        }
        (other, _) => other,
    }
}
