//! `nextline config`: what is shown, checked and described, and where it comes from.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::learnable;
use nextline_tests::shell::{code, err, fine, out};
use nextline_tests::{Doc, Launch, Scratch, binary};
use serde_json::Value;

fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text:?}"))
}

const GOOD: &str = "[completion]\nthrottle_ms = 70\n\n[routes.fast]\nprovider = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:8080/v1\"\nmodel = \"m\"\napi_key_env = \"MY_KEY\"\n";

#[test]
fn config_show_says_value_and_origin() {
    let shown = fine(&["config", "show", "--origin"], Some(GOOD));
    let line = |key: &str| {
        let found = shown.lines().find(|line| line.starts_with(key));
        found
            .unwrap_or_else(|| panic!("no {key} in\n{shown}"))
            .to_owned()
    };
    let own = line("completion.throttle_ms");
    assert!(own.contains("70") && own.contains("config.toml"), "{own}");
    let built_in = line("completion.route");
    assert!(
        built_in.contains("local") && !built_in.contains("config.toml"),
        "{built_in}"
    );
    assert!(line("routes.fast.base_url").contains("http://127.0.0.1:8080/v1"));
    assert!(fine(&["config", "show"], None).contains("completion.enabled"));
}

#[test]
fn config_path_and_other_places() {
    let path = fine(&["config", "path"], None);
    assert!(path.trim_end().ends_with("nextline/config.toml"), "{path}");
    let place = Scratch::with(&[("mine.toml", "[completion]\nthrottle_ms = 123\n")]);
    let mine = place.path().join("mine.toml");
    let mine = mine.to_str().unwrap();
    assert!(fine(&["--config", mine, "config", "show"], Some(GOOD)).contains("123"));
    assert!(fine(&["config", "show", "--config", mine], Some(GOOD)).contains("123"));
    let home = Scratch::new();
    let output = binary::command(home.path())
        .env("NEXTLINE_CONFIG", mine)
        .args(["config", "show"])
        .output()
        .unwrap();
    assert!(out(&output).contains("123"), "{output:?}");
    let output = binary::command(home.path())
        .env("NEXTLINE_COMPLETION__THROTTLE_MS", "9")
        .args(["config", "show", "--origin"])
        .output()
        .unwrap();
    let line = out(&output)
        .lines()
        .find(|line| line.contains("throttle_ms"))
        .map(str::to_owned)
        .unwrap();
    assert!(line.contains('9') && line.contains("environment"), "{line}");
}

#[test]
fn config_schema_is_a_schema() {
    let schema = as_json(&fine(&["config", "schema"], None));
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(
        schema
            .pointer("/properties/completion/properties/throttle_ms")
            .is_some(),
        "{schema}"
    );
}

#[test]
fn config_check_names_place_and_mend() {
    assert_eq!(code(&binary::run(&["config", "check"], Some(GOOD))), 0);
    assert_eq!(code(&binary::run(&["config", "check"], None)), 0);
    // Line, and what the message must name.
    let rows: &[(&str, usize, &[&str])] = &[
        (
            "[completion]\nthrottel_ms = 5\n",
            2,
            &["throttel_ms", "throttle_ms"],
        ),
        ("[completion]\nthrottle_ms = \"x\"\n", 2, &["throttle_ms"]),
        ("[completion]\nthrottle_ms = -4\n", 2, &["throttle_ms"]),
        (
            "[completion]\nmultiline = \"sometimes\"\n",
            2,
            &["multiline", "auto"],
        ),
        ("[completion]\nroute = \"nowhere\"\n", 2, &["nowhere"]),
        ("[completion\n", 1, &[]),
        ("[completion]\nthrottle_ms = 1\nthrottle_ms = 2\n", 3, &[]),
        (
            "[routes.x]\nprovider = \"opnai\"\nmodel = \"m\"\n",
            2,
            &["opnai", "openai"],
        ),
        ("[local]\nconfidence = 3.0\n", 2, &["confidence"]),
        (
            "[complexion]\nroute = \"local\"\n",
            1,
            &["complexion", "completion"],
        ),
    ];
    for (text, line, names) in rows {
        let output = binary::run(&["config", "check"], Some(text));
        let said = out(&output);
        assert_eq!(code(&output), 1, "{text:?}: {output:?}");
        let place = format!("config.toml:{line}:");
        let found = said.lines().find(|said| said.contains(&place));
        let found = found.unwrap_or_else(|| panic!("{text:?}: no {place} in\n{said}"));
        assert!(
            names.iter().all(|name| found.contains(name)),
            "{text:?}: {found}"
        );
        assert_eq!(
            said.lines().filter(|line| line.contains("error")).count(),
            1,
            "one clear message: {said}"
        );
    }
}

#[test]
fn a_config_file_that_is_none() {
    let home = Scratch::new();
    home.write("latin1.toml", b"# caf\xe9\n[completion]\n");
    home.write("folder/inside", "");
    for name in ["latin1.toml", "folder", "missing.toml"] {
        let path = home.path().join(name);
        let output = binary::command(home.path())
            .args(["config", "check"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(code(&output), 1, "{name}: {output:?}");
        assert!(
            (out(&output) + &err(&output)).contains(name),
            "{name}: {output:?}"
        );
        let mut server = Launch::new()
            .args(&["--stdio", "--config", path.to_str().unwrap()])
            .start();
        let doc = Doc::open(&mut server, "file:///config/lib.rs", "rust", &learnable());
        assert_eq!(
            doc.complete(&mut server, 2).len(),
            1,
            "{name}: editing goes on"
        );
    }
}
