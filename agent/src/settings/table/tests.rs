//! The key table holds together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::check::check;
use super::*;
use crate::settings::{Route, Settings};

fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
    if !rows_of(path).any(|row| row.kind == Kind::Object)
        && let Value::Object(fields) = value
    {
        for (name, inner) in fields {
            path.push(name.clone());
            leaves(inner, path, found);
            path.pop();
        }
    } else {
        found.push((path.clone(), value.clone()));
    }
}

#[test]
fn every_field_has_a_row_and_every_row_a_field() {
    let mut settings = Settings::default();
    let route = Route {
        headers: [("x-team".into(), "a".into())].into(),
        ..Route::default()
    };
    settings.routes.insert("some".into(), route);
    let server = crate::settings::Mcp {
        env: [("TOKEN".into(), "a".into())].into(),
        headers: [("x-team".into(), "a".into())].into(),
        ..Default::default()
    };
    settings.mcp.insert("some".into(), server);
    settings.completion.languages.insert("rust".into(), true);
    settings.models.insert("some".into(), Default::default());
    let budget = &mut settings.budget;
    for limits in [
        &mut budget.route,
        &mut budget.purpose,
        &mut budget.repository,
    ] {
        limits.insert("some".into(), Default::default());
    }
    let mut found = Vec::new();
    leaves(
        &serde_json::to_value(&settings).unwrap(),
        &mut Vec::new(),
        &mut found,
    );

    let mut seen = BTreeSet::new();
    for (path, value) in found {
        let row = rows_of(&path)
            .next()
            .unwrap_or_else(|| panic!("no row for the field {path:?}"));
        assert!(
            row.providers.is_empty(),
            "{} is a field and some providers' own",
            row.path
        );
        // A route without provider or model is refused elsewhere.
        if !value.is_null() && value != "" {
            check(row, &value).unwrap_or_else(|error| panic!("default of {}: {error}", row.path));
        }
        seen.insert(row.path);
    }
    for row in ROWS.iter().filter(|row| row.providers.is_empty()) {
        assert!(seen.contains(row.path), "no field for the row {}", row.path);
    }
}

#[test]
fn a_path_matches_whole_parts_only() {
    for (path, rows, within) in [
        ("completion.route", 1, true),
        ("completion", 0, true),
        ("complet", 0, false),
        ("completion.rout", 0, false),
        ("completion.route.", 0, false),
        ("completion.route.x", 0, false),
        ("completion.", 0, false),
        ("routes.a", 0, true),
        ("routes.a.api", 2, true),
        ("routes.a.headers.b", 1, true),
        ("", 0, false),
    ] {
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(rows_of(&path).count(), rows, "{path:?}");
        assert_eq!(
            ROWS.iter().any(|row| row.begins_with(&path)),
            within,
            "{path:?}"
        );
    }
}

#[test]
fn rows_name_known_providers_and_share_a_path_only_between_providers() {
    for (i, row) in ROWS.iter().enumerate() {
        for name in row.providers {
            assert!(
                PROVIDERS.iter().any(|p| p.name == *name),
                "{}: {name}",
                row.path
            );
        }
        for other in &ROWS[..i] {
            let shared = row.providers.iter().any(|p| other.providers.contains(p));
            let common = row.providers.is_empty() || other.providers.is_empty();
            assert!(
                row.path != other.path || !(shared || common),
                "{} twice",
                row.path
            );
        }
    }
}

#[test]
fn nothing_that_moves_or_finds_a_key_comes_from_a_project_or_a_variable() {
    for row in ROWS.iter().filter(|row| row.moves || row.credential) {
        assert_eq!(row.project, Narrowing::Refused, "{}", row.path);
        assert!(!row.environment, "{}", row.path);
    }
    assert!(
        ROWS.iter()
            .filter(|row| row.path.starts_with("routes."))
            .all(|r| r.project == Narrowing::Refused)
    );
}
