//! What people and editors see of the settings.

use expect_test::expect;
use serde_json::json;

use super::*;

#[test]
fn secrets_are_masked_where_settings_are_shown() {
    let loaded = user(&format!(
        "{FAST}headers = {{ X-Key = \"hush\" }}\nproxy = \"http://u:hush@h:1\"\nmodel = \"m\""
    ))
    .load();
    let lines: String = shown(&loaded)
        .iter()
        .filter(|one| one.key.starts_with("routes"))
        .map(|one| format!("{} = {} # {}\n", one.key, one.value, one.origin))
        .collect();
    expect![[r#"
        routes.fast.provider = "openai-compatible" # u.toml:2:1
        routes.fast.model = "m" # u.toml:6:1
        routes.fast.base_url = "http://127.0.0.1:8080/v1" # u.toml:3:1
        routes.fast.fim = "auto" # built in
        routes.fast.headers.X-Key = "***" # u.toml:4:13
        routes.fast.proxy = "http://***@h:1" # u.toml:5:1
    "#]]
    .assert_eq(&lines);
}

#[test]
fn the_schema_knows_every_row() {
    let schema = schema();
    assert_eq!(
        schema["properties"]["completion"]["properties"]["throttle_ms"]["default"],
        40
    );
    let route = &schema["properties"]["routes"]["additionalProperties"];
    assert_eq!(
        route["properties"]["provider"]["enum"]
            .as_array()
            .map(Vec::len),
        Some(table::PROVIDERS.len())
    );
    assert_eq!(route["properties"]["fim"]["default"], "auto");
    let bedrock = route["allOf"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["if"]["properties"]["provider"]["const"] == "bedrock");
    let own = &bedrock.unwrap()["then"]["properties"];
    assert_eq!(
        (&own["api"]["enum"], &own["deployment"]),
        (&json!(["converse", "invoke"]), &json!(false))
    );
    for row in table::ROWS {
        let mut place = &schema;
        for part in row.path.split('.') {
            place = if part == "*" {
                &place["additionalProperties"]
            } else {
                &place["properties"][part]
            };
        }
        assert!(
            place["description"]
                .as_str()
                .is_some_and(|doc| doc.contains(row.doc)),
            "{}",
            row.path
        );
    }
}
