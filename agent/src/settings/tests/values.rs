//! One file: wrong values, broken syntax, routes that cannot be asked.

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;

#[test]
fn no_layer_is_the_defaults() {
    let loaded = Layers::default().load();
    assert_eq!(loaded.settings, Settings::default());
    assert!(loaded.origins.is_empty() && loaded.notices.is_empty());
}

#[test]
fn a_good_file_says_nothing_and_lands_whole() {
    let text = r#"
[completion]
route = "fast"
throttle_ms = 0
languages = { markdown = false }
[edit]
route = "smart"
[routes.fast]
provider = "openai-compatible"
base_url = "http://127.0.0.1:8080/v1"
model = "m"
headers = { X-Team = "a" }
timeouts = { connect_ms = 1000, total_ms = 7000 }
extra_body = { seed = 1, deep = { on = true } }
[routes.smart]
provider = "bedrock"
region = "eu-central-1"
profile = "work"
api = "invoke"
model = "eu.m-v1:0"
[budget]
daily_usd = 5
"#;
    let loaded = user(text).load();
    assert_eq!(said(&loaded), "");
    let Settings {
        completion,
        edit,
        routes,
        budget,
        ..
    } = &loaded.settings;
    assert_eq!(
        (
            completion.route.as_str(),
            completion.throttle_ms,
            completion.max_tokens
        ),
        ("fast", 0, 128)
    );
    assert_eq!(completion.languages.get("markdown"), Some(&false));
    assert_eq!(edit.route.as_deref(), Some("smart"));
    assert_eq!(routes["fast"].headers["X-Team"], "a");
    assert_eq!(routes["fast"].timeouts.total_ms, Some(7000));
    assert_eq!(routes["fast"].extra_body["deep"], json!({"on": true}));
    assert_eq!(routes["fast"].fim, "auto");
    assert_eq!(routes["smart"].own["region"], "eu-central-1");
    assert_eq!(routes["smart"].own.len(), 3);
    assert_eq!(budget.all.daily_usd, Some(5.0));
    assert_eq!(
        loaded.origin("completion.throttle_ms").to_string(),
        "u.toml:4:1"
    );
    assert_eq!(loaded.origin("completion.max_tokens").layer, Layer::BuiltIn);
}

fn bad(text: &str, expected: Expect) {
    let loaded = user(text).load();
    expected.assert_eq(&said(&loaded));
}

#[test]
fn wrong_values_are_named_with_place_and_mend() {
    bad(
        "[completion]\nthrottel_ms = 1",
        expect![[r#"
        u.toml:2:1: error: completion.throttel_ms: unknown key `completion.throttel_ms`; did you mean `throttle_ms`?
    "#]],
    );
    bad(
        "[completion]\nthrottle_ms = \"40\"",
        expect![[r#"
        u.toml:2:1: error: completion.throttle_ms: expected a whole number from 0 to 10000, found a text; write for example `throttle_ms = 1`
    "#]],
    );
    bad(
        "completion.throttle_ms = 60000",
        expect![[r#"
        u.toml:1:12: error: completion.throttle_ms: 60000 is not a whole number from 0 to 10000
    "#]],
    );
    bad(
        "completion.throttle_ms = 99999999999999999999",
        expect![[r#"
        u.toml:1:12: error: completion.throttle_ms: expected a whole number from 0 to 10000, found a text; write for example `throttle_ms = 1`
    "#]],
    );
    bad(
        "completion.throttle_ms = 1.5",
        expect![[r#"
        u.toml:1:12: error: completion.throttle_ms: 1.5 is not a whole number from 0 to 10000
    "#]],
    );
    bad(
        "local.confidence = 2",
        expect![[r#"
        u.toml:1:7: error: local.confidence: 2 is not a number from 0 to 1
    "#]],
    );
    bad(
        "local.confidence = nan",
        expect![[r#"
        u.toml:1:7: error: local.confidence: expected a number from 0 to 1, found a text; write for example `confidence = 0.5`
    "#]],
    );
    bad(
        "completion.enabled = \"yes\"",
        expect![[r#"
        u.toml:1:12: error: completion.enabled: expected true or false, found a text; write for example `enabled = true`
    "#]],
    );
    bad(
        "completion.enabled = 2020-01-01",
        expect![[r#"
        u.toml:1:12: error: completion.enabled: expected true or false, found a text; write for example `enabled = true`
    "#]],
    );
    bad(
        "completion.multiline = \"alway\"",
        expect![[r#"
        u.toml:1:12: error: completion.multiline: unknown word `alway`; did you mean `always`?
    "#]],
    );
    bad(
        "completion.multiline = \"sometimes\"",
        expect![[r#"
            u.toml:1:12: error: completion.multiline: unknown word `sometimes`; write one of `auto`, `never`, `always`
        "#]],
    );
    bad(
        "completion = 3",
        expect![[r#"
        u.toml:1:1: error: completion: expected a table, found a number; write its keys under `[completion]`
    "#]],
    );
    bad(
        "throttle_ms = 3",
        expect![[r#"
        u.toml:1:1: error: throttle_ms: unknown key `throttle_ms`; there is `completion.throttle_ms`
    "#]],
    );
    bad(
        "nonsense = 3\n[more]\na = 1",
        expect![[r#"
        u.toml:1:1: error: nonsense: unknown key `nonsense`; remove it; `nextline config schema` lists the known keys
        u.toml:2:2: error: more: unknown key `more`; remove it; `nextline config schema` lists the known keys
    "#]],
    );
    bad(
        "completion.languages.\"c++\" = 1",
        expect![[r#"
        u.toml:1:22: error: completion.languages."c++": expected true or false, found a number
    "#]],
    );
    bad(
        "[[routes]]\nprovider = \"ollama\"",
        expect![[r#"
        u.toml:1:3: error: routes: expected a table, found a list; write its keys under `[routes]`
    "#]],
    );
}

#[test]
fn broken_toml_is_named_and_the_rest_is_used() {
    bad(
        "[completion\nroute = \"x\"\n[local]\nenabled = false",
        expect![[r#"
        u.toml:1:12: error: not valid TOML: unclosed table, expected `]`
    "#]],
    );
    bad(
        "[completion]\nroute = local\nthrottle_ms = 7",
        expect![[r#"
        u.toml:2:9: error: not valid TOML: string values must be quoted, expected literal string
    "#]],
    );
    bad(
        "[completion]\nroute =\nthrottle_ms = 7",
        expect![[r#"
        u.toml:2:8: error: not valid TOML: string values must be quoted, expected literal string
    "#]],
    );
    bad(
        "[local]\nenabled = false\n[local]\nconfidence = 0.9",
        expect![[r#"
        u.toml:3:2: error: `local` stands here a second time; keep one of the two
    "#]],
    );
    bad(
        "[local]\nenabled = false\nenabled = true",
        expect![[r#"
        u.toml:3:1: error: `enabled` stands here a second time; keep one of the two
    "#]],
    );
    let loaded =
        user("[completion]\nroute = local\nthrottle_ms = 7\n[local]\nenabled = false").load();
    assert_eq!(
        (
            loaded.settings.completion.throttle_ms,
            loaded.settings.local.enabled
        ),
        (7, false)
    );
    assert_eq!(loaded.settings.completion.route, "local");
    let loaded = user("\u{feff}[local]\r\nenabled = false\r\nconfidance = 1\r\n").load();
    assert!(!loaded.settings.local.enabled);
    assert_eq!(loaded.notices[0].origin.to_string(), "u.toml:3:1");
}

#[test]
fn wrong_routes_are_named_once() {
    bad(
        "completion.route = \"fst\"\n[routes.fast]\nprovider = \"opnai\"\nmodel = \"m\"",
        expect![[r#"
        u.toml:3:1: error: routes.fast.provider: unknown word `opnai`; did you mean `openai`?
        u.toml:1:12: error: completion.route: no route is named `fst`; define it under `[routes.fst]`
    "#]],
    );
    bad(
        "completion.route = \"fast\"\n[routes.fast]\nprovider = \"opnai\"",
        expect![[r#"
            u.toml:3:1: error: routes.fast.provider: unknown word `opnai`; did you mean `openai`?
        "#]],
    );
    bad(
        "[routes.fast]\nmodel = \"m\"",
        expect![[r#"
        u.toml:2:1: error: routes.fast.provider: a route without provider is left out; write for example `provider = "openai-compatible"`
    "#]],
    );
    bad(
        "[routes.fast]\nprovider = \"openai-compatible\"",
        expect![[r#"
        u.toml:2:1: error: routes.fast.base_url: openai-compatible cannot be asked without `base_url`; add it to the route
    "#]],
    );
    bad(
        "[routes.fast]\nprovider = \"openai\"\nmodel = \"m\"\nregion = \"x\"",
        expect![[r#"
        u.toml:4:1: error: routes.fast.region: openai has no such key, it belongs to bedrock; remove it
    "#]],
    );
    bad(
        "[routes.fast]\nprovider = \"openai\"\nmodel = \"m\"\napi = \"invoke\"",
        expect![[r#"
            u.toml:4:1: error: routes.fast.api: unknown word `invoke`; write one of `chat`, `responses`
        "#]],
    );
    bad(
        "[routes.fast]\nprovider = \"bedrock\"\nmodel = \"m\"\nregion = \"evil.example/#\"",
        expect![[r#"
        u.toml:4:1: error: routes.fast.region: `evil.example/#` is not a name of letters, digits, `-`, `_` and `.`
    "#]],
    );
    bad(
        "[routes.local]\nprovider = \"ollama\"\nmodel = \"m\"",
        expect![[r#"
        u.toml:3:1: error: routes.local.provider: `local` has a meaning of its own; give this route another name
    "#]],
    );
    bad(
        &format!("completion.route = \"fats\"\n{FAST}"),
        expect![[r#"
        u.toml:1:12: error: completion.route: no route is named `fats`; did you mean `fast`?
    "#]],
    );
    bad(
        "chat.route = \"smart\"",
        expect![[r#"
        u.toml:1:6: error: chat.route: no route is named `smart`; define it under `[routes.smart]`
    "#]],
    );
    bad(
        &format!("{FAST}api_key = \"sk-not-a-real-key\""),
        expect![[r#"
        u.toml:4:1: warning: routes.fast.api_key: a key in plain text is not read; remove it and use `api_key_env`, `api_key_cmd` or `nextline login fast`
    "#]],
    );
    bad(
        &format!("{FAST}headers = {{ Authorization = \"Bearer nope\" }}"),
        expect![[r#"
        u.toml:4:13: warning: routes.fast.headers.Authorization: a key in plain text; use `api_key_env`, `api_key_cmd` or `nextline login` instead
    "#]],
    );
    bad(
        &format!("{FAST}api_key_cmd = \"pass show x\""),
        expect![[r#"
        u.toml:4:1: error: routes.fast.api_key_cmd: expected a list of texts with at least one entry, found a text; write for example `api_key_cmd = ["text"]`
    "#]],
    );
    for address in [
        "127.0.0.1:8080",
        "http://u:p@h/v1",
        "http://",
        "http://h:99999",
        "http://a b",
        "http://h/v1?k=1",
    ] {
        let text =
            format!("[routes.fast]\nprovider = \"openai-compatible\"\nbase_url = \"{address}\"");
        let loaded = user(&text).load();
        assert_eq!(loaded.notices.len(), 1, "{address}: {}", said(&loaded));
        assert!(
            loaded.notices[0].key == "routes.fast.base_url" && loaded.notices[0].origin.line == 3,
            "{address}"
        );
    }
}

#[test]
fn a_route_that_would_lead_elsewhere_is_left_out() {
    for (line, kept) in [
        ("base_url = \"127.0.0.1:8080\"", false),
        ("proxy = \"127.0.0.1:8080\"", false),
        ("api = \"chats\"", false),
        ("api_key_cmd = \"pass show x\"", false),
        ("temperature = 9.0", true),
        ("timeouts = { idle_ms = -1 }", true),
        ("region = \"x\"", true),
        ("modell = \"x\"", true),
    ] {
        let text = format!("[routes.fast]\nprovider = \"openai\"\nmodel = \"m\"\n{line}\n");
        let loaded = user(&text).load();
        assert_eq!(loaded.notices.len(), 1, "{line}: {}", said(&loaded));
        let found = loaded.settings.routes.contains_key("fast");
        assert_eq!(found, kept, "{line}");
    }
}

#[test]
fn unreadable_files_are_named() {
    for (error, words) in [
        (Unreadable::Missing, "no such file"),
        (Unreadable::Directory, "a directory"),
        (Unreadable::Denied, "no permission"),
        (Unreadable::NotUtf8 { line: 2, byte: 5 }, "UTF-8"),
    ] {
        let user = ConfigFile {
            path: Path::new("u.toml").into(),
            text: Err(error),
        };
        let loaded = Layers {
            user: Some(user),
            ..Layers::default()
        }
        .load();
        let said = said(&loaded);
        assert!(
            said.starts_with("u.toml") && said.contains(words) && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(loaded.settings, Settings::default());
    }
}

#[test]
fn a_file_of_something_else_is_not_repeated_in_full() {
    let junk: String = (0..500)
        .map(|line| format!("key{line} = 1\nword\n"))
        .collect();
    let loaded = user(&format!("{junk}[local]\nenabled = false\n")).load();
    assert_eq!(loaded.notices.len(), 20);
    assert!(!loaded.settings.local.enabled);
}

#[test]
fn a_message_is_one_line_whatever_the_file_says() {
    let text = "completion.multiline = \"a\\u001b[2J\\nb\"\nchat.route = \"x\\ny\"\n\"\\n\" = 1\n";
    let loaded = user(text).load();
    assert_eq!(loaded.notices.len(), 3);
    assert!(said(&loaded).chars().all(|c| c == '\n' || !c.is_control()));
    assert_eq!(said(&loaded).lines().count(), 3);
}
