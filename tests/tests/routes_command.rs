//! `nextline routes` and `nextline login`: what they say of a route, and their exit codes; proxies of the environment.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Output, Stdio};

use nextline_tests::{Exchange, Scratch, ScriptedRoute, binary};
use serde_json::{Value, json};

const KEY: &str = "sk-nobody-knows-this-key";

/// Runs the binary with a configuration and variables of its own, and something to read.
fn run(args: &[&str], config: &str, variables: &[(&str, &str)], input: &str) -> Output {
    let home = Scratch::new();
    home.write(".config/nextline/config.toml", config);
    let mut child = binary::command(home.path())
        .args(args)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let all = format!("{output:?}");
    assert!(!all.contains(KEY), "the key is shown: {all}");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn config(base: &str, more: &str) -> String {
    format!(
        "[routes.r]\nprovider = \"openai-compatible\"\nbase_url = \"{base}\"\nmodel = \"m\"\napi_key_env = \"KEY\"\n{more}\n"
    )
}

#[test]
fn list_says_where_routes_lead_and_whether_there_is_a_key() {
    let text = format!(
        "{}\n[completion]\nroute = \"r\"\n[routes.a]\nprovider = \"anthropic\"\nmodel = \"c\"\n[routes.none]\nprovider = \"ollama\"\nmodel = \"q\"\n",
        config("http://127.0.0.1:9/v1", "")
    )
    .replace("[routes.none]", "[routes.o]");
    let plain = run(&["routes", "list"], &text, &[("KEY", KEY)], "");
    assert_eq!(plain.status.code(), Some(0));
    let plain = out(&plain);
    for said in [
        "r: openai-compatible m at 127.0.0.1:9, key from the environment (KEY) [completion]",
        "a: anthropic c at api.anthropic.com, no key found: set the variable `ANTHROPIC_API_KEY`",
        "o: ollama q at 127.0.0.1:11434, no key",
    ] {
        assert!(plain.contains(said), "{said} is not in\n{plain}");
    }
    let rows = out(&run(
        &["routes", "list", "--json"],
        &text,
        &[("KEY", KEY)],
        "",
    ));
    let rows: Value = serde_json::from_str(&rows).unwrap();
    let states: Vec<&Value> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["credential"]["state"])
        .collect();
    assert_eq!(states, ["missing", "none", "found"], "{rows:#}");
}

#[test]
fn test_asks_for_a_real_answer() {
    let route = ScriptedRoute::instant("ok");
    let text = config(&format!("{}/v1", route.url()), "");
    let output = run(
        &["routes", "test", "r", "--json"],
        &text,
        &[("KEY", KEY)],
        "",
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let rows: Value = serde_json::from_str(&out(&output)).unwrap();
    let row = &rows[0];
    assert_eq!(
        (&row["ok"], &row["model_found"], &row["tls"], &row["proxy"]),
        (&json!(true), &json!(true), &Value::Null, &Value::Null),
        "{row:#}"
    );
    assert!(
        row["first_text_ms"].is_u64() && row["total_ms"].is_u64(),
        "{row:#}"
    );
    let seen = &route.requests()[0];
    assert_eq!(
        seen.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    assert!(
        seen.json()["max_tokens"]
            .as_u64()
            .is_some_and(|most| most <= 16)
    );
    assert_eq!(route.count(), 1);
}

#[test]
fn failures_have_their_exit_codes_and_name_the_mend() {
    let refuse = |status: &'static str, body: &'static str| {
        ScriptedRoute::new(move |exchange: Exchange| {
            let headers = [("Content-Type", "application/json"), ("Retry-After", "0")];
            exchange.reply(status, &headers, body.as_bytes());
        })
    };
    for (status, body, code, says) in [
        ("401 X", "{}", 3, "the key was not accepted"),
        ("403 X", "{}", 6, "may not use this model"),
        ("404 X", "{}", 6, "no such model"),
        (
            "429 X",
            r#"{"error":{"code":"insufficient_quota"}}"#,
            4,
            "quota is used up",
        ),
        ("500 X", "{}", 5, "has trouble"),
        (
            "400 X",
            r#"{"error":{"code":"context_length_exceeded"}}"#,
            8,
            "longer than the model takes",
        ),
        ("302 X", "{}", 1, "redirect"),
    ] {
        let route = refuse(status, body);
        let text = config(&format!("{}/v1", route.url()), "");
        let output = run(&["routes", "test"], &text, &[("KEY", KEY)], "");
        assert_eq!(output.status.code(), Some(code), "{status}: {output:?}");
        let said = out(&output);
        assert!(
            said.contains(says) && said.contains("route `r` (m at "),
            "{status}: {said}"
        );
    }
    let text = config("http://127.0.0.1:1/v1", "");
    for (args, variables, code) in [
        (&["routes", "test", "r"][..], &[("KEY", KEY)][..], 5),
        (&["routes", "test", "r"], &[], 3),
        (&["routes", "test", "x"], &[], 2),
        (&["login", "x"], &[], 2),
    ] {
        let output = run(args, &text, variables, "");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
    }
}

#[test]
fn a_model_that_is_not_there_is_answered_with_those_that_are() {
    let route = ScriptedRoute::new(|exchange: Exchange| {
        let headers = [("Content-Type", "application/json")];
        match exchange.seen.target.as_str() {
            "/v1/models" => exchange.reply(
                "200 OK",
                &headers,
                br#"{"data":[{"id":"other"},{"id":"m-large"}]}"#,
            ),
            _ => exchange.reply(
                "404 Not Found",
                &headers,
                br#"{"error":{"message":"no m"}}"#,
            ),
        }
    });
    let text = config(&format!("{}/v1", route.url()), "");
    let said = out(&run(&["routes", "test"], &text, &[("KEY", KEY)], ""));
    assert!(said.contains("the provider lists m-large, other"), "{said}");
}

#[test]
fn proxies_are_those_of_the_environment_or_of_the_route() {
    let proxy = ScriptedRoute::instant("ok");
    let with_password = proxy.url().replace("//", "//me:pass%20word@");
    let far = "http://model.invalid/v1";
    for (name, variables, more, through, password) in [
        (
            "HTTP_PROXY",
            vec![("HTTP_PROXY", proxy.url())],
            String::new(),
            true,
            false,
        ),
        (
            "http_proxy",
            vec![("http_proxy", proxy.url())],
            String::new(),
            true,
            false,
        ),
        (
            "ALL_PROXY",
            vec![("ALL_PROXY", proxy.url())],
            String::new(),
            true,
            false,
        ),
        (
            "with a password",
            vec![("HTTP_PROXY", with_password.clone())],
            String::new(),
            true,
            true,
        ),
        (
            "NO_PROXY",
            vec![
                ("HTTP_PROXY", proxy.url()),
                ("NO_PROXY", "model.invalid".to_owned()),
            ],
            String::new(),
            false,
            false,
        ),
        (
            "the route's",
            vec![],
            format!("proxy = \"{with_password}\""),
            true,
            true,
        ),
        (
            "the route's goes before",
            vec![("HTTP_PROXY", "http://127.0.0.1:1".to_owned())],
            format!("proxy = \"{}\"", proxy.url()),
            true,
            false,
        ),
    ] {
        let before = proxy.count();
        let mut all: Vec<(&str, &str)> = vec![("KEY", KEY)];
        all.extend(
            variables
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let output = run(&["routes", "test", "--json"], &config(far, &more), &all, "");
        let requests = proxy.requests();
        assert_eq!(
            requests.len() - before,
            usize::from(through),
            "{name}: {output:?}"
        );
        if through {
            assert_eq!(output.status.code(), Some(0), "{name}: {output:?}");
            let seen = requests.last().unwrap();
            assert_eq!(
                seen.target, "http://model.invalid/v1/chat/completions",
                "{name}"
            );
            assert_eq!(
                seen.header("proxy-authorization").is_some(),
                password,
                "{name}"
            );
            let rows: Value = serde_json::from_str(&out(&output)).unwrap();
            assert_eq!(
                rows[0]["proxy"],
                format!("127.0.0.1:{}", proxy.port()),
                "{name}"
            );
            assert!(!out(&output).contains("pass"), "{name}");
        }
    }
    // This machine itself is asked directly.
    let near = ScriptedRoute::instant("ok");
    let text = config(&format!("{}/v1", near.url()), "");
    let variables = [("KEY", KEY), ("HTTP_PROXY", "http://127.0.0.1:1")];
    let output = run(&["routes", "test"], &text, &variables, "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn without_a_keyring_login_says_what_else_there_is() {
    let text = config("http://127.0.0.1:9/v1", "");
    for input in ["", "\n"] {
        let output = run(&["login", "r"], &text, &[], input);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(format!("{output:?}").contains("no key was given"));
    }
    // With no session bus there is none, whether the feature is linked or not.
    let output = run(&["login", "r"], &text, &[], &format!("{KEY}\n"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("keyring cannot be used") && said.contains("`api_key_env` or `api_key_cmd`"),
        "{said}"
    );
}

#[test]
fn a_key_that_was_kept_is_looked_for_in_the_keyring_of_its_route_and_origin_alone() {
    let text = "[routes.r]\nprovider = \"openai\"\nmodel = \"m\"\n[routes.s]\nprovider = \"openai\"\nmodel = \"m\"\n";
    let home = Scratch::new();
    home.write(".config/nextline/config.toml", text);
    let listed = |notes: &str, variables: &[(&str, &str)]| {
        home.write(".local/state/nextline/logins", notes);
        let output = binary::command(home.path())
            .args(["routes", "list"])
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        out(&output)
    };
    let kept = "r at https://api.openai.com";
    for (notes, variables, r, s) in [
        ("", &[][..], "no key found", "no key found"),
        (kept, &[], "key from the keyring", "no key found"),
        (
            &format!("x\n{kept}\n"),
            &[],
            "key from the keyring",
            "no key found",
        ),
        (
            "r at https://other.example",
            &[],
            "no key found",
            "no key found",
        ),
        // A variable goes before it.
        (
            kept,
            &[("OPENAI_API_KEY", KEY)],
            "key from the environment",
            "key from the environment",
        ),
    ] {
        let found = listed(notes, variables);
        for (route, said) in [("r", r), ("s", s)] {
            let line = format!("{route}: openai m at api.openai.com, {said}");
            assert!(
                found.contains(&line),
                "{notes:?}: {line} is not in\n{found}"
            );
        }
    }
}

#[test]
fn keys_for_one_instance_are_used_at_its_address_alone() {
    let text = "[routes.r]\nprovider = \"sourcegraph\"\nbase_url = \"https://sg.example/in\"\nmodel = \"m\"\n";
    let elsewhere = "no key found: `SRC_ACCESS_TOKEN` is used only where `SRC_ENDPOINT` is the `base_url` of this route";
    for (endpoint, said) in [
        (
            Some("https://sg.example/in"),
            "key from the environment (SRC_ACCESS_TOKEN)",
        ),
        (
            Some(" https://sg.example:443/in/ "),
            "key from the environment (SRC_ACCESS_TOKEN)",
        ),
        (Some("https://sg.example"), elsewhere),
        (Some("https://other.example/in"), elsewhere),
        (Some("http://sg.example/in"), elsewhere),
        (Some("nothing"), elsewhere),
        (None, elsewhere),
    ] {
        let mut variables = vec![("SRC_ACCESS_TOKEN", KEY)];
        variables.extend(endpoint.map(|endpoint| ("SRC_ENDPOINT", endpoint)));
        let found = out(&run(&["routes", "list"], text, &variables, ""));
        assert!(
            found.contains(said),
            "{endpoint:?}: {said} is not in\n{found}"
        );
    }
}
