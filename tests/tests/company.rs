//! The machine's policy: what it forbids is not asked and not used, what it locks is said, and nobody above it widens it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::process::Output;

use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

/// Runs a command on a machine with this policy; `None` where the system cannot pretend to be one.
fn run(policy: &str, config: &str, folder: &Scratch, args: &[&str]) -> Option<Output> {
    let home = Scratch::new();
    home.write(".config/nextline/config.toml", config);
    let mut command = binary::under_policy(&home, policy)?;
    let command = command.args(args).current_dir(folder.path());
    Some(command.stdin(std::process::Stdio::null()).output().unwrap())
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn config(route: &ScriptedRoute, more: &str) -> String {
    format!(
        "[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m-1\"\n{more}",
        route.url()
    )
}

#[test]
fn a_destination_that_is_not_allowed_is_not_asked() {
    let route = ScriptedRoute::instant("hello");
    let here = Scratch::new();
    let config = config(&route, "");
    let port = route.port();
    // The policy, and the words of the refusal; none where the route is allowed.
    let rows = [
        (
            "allow_providers = [\"anthropic\", \"bedrock\"]".to_owned(),
            Some("provider `openai-compatible`"),
        ),
        (
            "allow_origins = [\"https://*.acme.example\"]".to_owned(),
            Some("origin `http://127.0.0.1"),
        ),
        (
            "allow_models = [\"claude-*\"]".to_owned(),
            Some("model `m-1`"),
        ),
        ("allow_models = []".to_owned(), Some("none at all")),
        ("allow_providers = [\"openai*\"]".to_owned(), None),
        (
            format!("allow_origins = [\"HTTP://127.0.0.1:{port}/\"]"),
            None,
        ),
        ("allow_models = [\"m-*\"]".to_owned(), None),
        // No region is known of it.
        ("allow_regions = [\"eu-*\"]".to_owned(), None),
        // This machine is not beyond it.
        ("offline = true".to_owned(), None),
    ];
    for (row, refusal) in rows {
        let before = route.count();
        let policy = format!("[policy]\n{row}\n");
        let Some(output) = run(&policy, &config, &here, &["chat", "-m", "hi"]) else {
            return;
        };
        match refusal {
            None => {
                assert_eq!(output.status.code(), Some(0), "{row}: {}", err(&output));
                assert_eq!(route.count(), before + 1, "{row}");
            }
            Some(words) => {
                let said = err(&output);
                assert_eq!(output.status.code(), Some(7), "{row}: {said}");
                assert!(
                    said.contains(words) && said.contains("/etc/nextline/policy.toml:2"),
                    "{row}: {said}"
                );
                assert_eq!(said.trim().lines().count(), 1, "{said}");
                assert_eq!(route.count(), before, "{row}: it was asked");
                let test = run(&policy, &config, &here, &["routes", "test"]).unwrap();
                assert_eq!(test.status.code(), Some(7), "{row}: {}", out(&test));
                let list = run(&policy, &config, &here, &["routes", "list"]).unwrap();
                assert!(out(&list).contains(words), "{}", out(&list));
            }
        }
    }
}

#[test]
fn offline_asks_nobody_beyond_this_machine_and_completes_all_the_same() {
    let here = Scratch::new();
    let user = "[chat]\nroute = \"far\"\n[routes.far]\nprovider = \"openai-compatible\"\nbase_url = \"http://192.0.2.1:9/v1\"\nmodel = \"m\"\n";
    let Some(output) = run("policy.offline = true", user, &here, &["chat", "-m", "hi"]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(7), "{}", err(&output));
    assert!(
        err(&output).contains("`policy.offline`"),
        "{}",
        err(&output)
    );
    // A proxy leads away from this machine, too; and the user's own `false` widens nothing.
    let proxied = user.replace("192.0.2.1", "127.0.0.1")
        + "proxy = \"http://192.0.2.1:3128\"\n[policy]\noffline = false\n";
    let output = run(
        "policy.offline = true",
        &proxied,
        &here,
        &["chat", "-m", "hi"],
    )
    .unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", err(&output));
    let check = run(
        "policy.offline = true",
        &proxied,
        &here,
        &["config", "check"],
    )
    .unwrap();
    assert!(
        out(&check).contains("policy.offline: stays true, as /etc/nextline/policy.toml:1"),
        "{}",
        out(&check)
    );

    // Ghost text says why, and the embedded model answers.
    let mut server = Launch::new()
        .policy("policy.offline = true")
        .options(json!({
            "completion": {"route": "far", "fallback": "none", "throttle_ms": 0},
            "routes": {"far": {"provider": "openai-compatible", "base_url": "http://192.0.2.1:9/v1", "model": "m", "fim": "suffix"}},
        }))
        .start();
    let uri = "file:///w/a.rs";
    let doc = Doc::open(&mut server, uri, "rust", "fn main() {\n    let a = $0\n}\n");
    assert!(doc.complete(&mut server, 1).is_empty());
    let why = server.request("agent/why", json!({"textDocument": {"uri": uri}}));
    assert_eq!(why["reason"], "route_forbidden", "{why}");
    assert!(
        why["detail"]
            .as_str()
            .unwrap()
            .contains("/etc/nextline/policy.toml:1"),
        "{why}"
    );
}

#[test]
fn what_is_locked_is_said_with_its_place() {
    let here = Scratch::new();
    let policy = "locked = [\"completion.max_tokens\", \"ledger\"]\n[ledger]\nkeep_days = 7\n";
    let user = "[completion]\nmax_tokens = 999\n[ledger]\nkeep_days = 3650\n";
    let Some(output) = run(policy, user, &here, &["config", "show", "--origin"]) else {
        return;
    };
    let shown = out(&output);
    let place = "/etc/nextline/policy.toml:1:";
    for (key, start) in [
        ("completion.max_tokens = 128", "  # built in, locked by "),
        (
            "ledger.keep_days = 7",
            "  # machine policy: /etc/nextline/policy.toml:3:1, locked by ",
        ),
        ("ledger.bodies = false", "  # built in, locked by "),
    ] {
        let line = shown
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap_or_else(|| panic!("{key}\n{shown}"));
        assert!(line.contains(start) && line.contains(place), "{line}");
    }
    assert!(
        shown.contains("completion.throttle_ms = 40  # built in\n"),
        "{shown}"
    );
    let output = run(
        policy,
        user,
        &here,
        &["config", "show", "--origin", "--json"],
    )
    .unwrap();
    let tree: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        tree["ledger.keep_days"]["locked"],
        json!({"file": "/etc/nextline/policy.toml", "line": 1})
    );
    let check = run(policy, user, &here, &["config", "check"]).unwrap();
    assert!(
        out(&check).contains("completion.max_tokens: locked by the machine's policy"),
        "{}",
        out(&check)
    );
}

#[test]
fn every_layer_above_only_narrows() {
    let route = ScriptedRoute::instant("hello");
    let here = Scratch::new();
    let policy = "[policy]\nallow_models = [\"m-*\", \"n-*\"]\n";
    for (own, shown) in [
        ("allow_models = [\"*\"]", "[\"m-*\", \"n-*\"]"),
        ("allow_models = [\"m-1\", \"other\"]", "[\"m-1\"]"),
        ("allow_models = [\"other\"]", "[]"),
    ] {
        let user = config(&route, &format!("[policy]\n{own}\n"));
        let Some(output) = run(policy, &user, &here, &["config", "show"]) else {
            return;
        };
        let line = format!("policy.allow_models = {shown}\n");
        assert!(out(&output).contains(&line), "{own}: {}", out(&output));
    }
}

#[test]
fn a_policy_that_cannot_be_read_shuts_every_way_out() {
    let here = Scratch::new();
    let user = "[chat]\nroute = \"far\"\n[routes.far]\nprovider = \"openai-compatible\"\nbase_url = \"http://192.0.2.1:9/v1\"\nmodel = \"m\"\n";
    for policy in [
        "[polcy]\noffline = true",
        "[policy\n",
        "policy.allow_models = \"m\"",
        "policy.context_filters = { include = [{ repoNamePattern = \"a(\" }] }",
        "policy.context_filters = { include = [{ repoNamePattern = \"a\", filePathPatterns = [\"x\"] }] }",
    ] {
        let Some(output) = run(policy, user, &here, &["chat", "-m", "hi"]) else {
            return;
        };
        assert_eq!(output.status.code(), Some(7), "{policy}: {}", err(&output));
        let check = run(policy, user, &here, &["config", "check"]).unwrap();
        assert!(
            out(&check).contains("cannot be followed in all its parts"),
            "{policy}: {}",
            out(&check)
        );
    }
}

/// Two repositories, one of them with a remote that no policy lets in, and a file beside them.
fn repositories() -> Scratch {
    let remote =
        |name: &str| format!("[remote \"origin\"]\n\turl = git@github.com:acme/{name}.git\n");
    Scratch::with(&[
        ("open/.git/config", &remote("open")),
        ("open/src/a.rs", ""),
        ("shut/.git/config", &remote("shut")),
        ("shut/src/b.rs", ""),
        ("loose/c.rs", ""),
    ])
}

#[test]
fn files_of_other_repositories_and_paths_are_not_used() {
    let here = repositories();
    let root = here.path().display();
    let files = ["open/src/a.rs", "shut/src/b.rs", "loose/c.rs"];
    for (policy, allowed) in [
        ("allow_repositories = [\"github.com/acme/op*\"]".to_owned(), [true, false, false]),
        (
            "context_filters = { include = [{ repoNamePattern = \"^github\\\\.com/acme/\" }], exclude = [{ repoNamePattern = \"shut$\" }] }".to_owned(),
            [true, false, false],
        ),
        ("context_filters = { exclude = [{ repoNamePattern = \"/OPEN\" }] }".to_owned(), [false, true, false]),
        (format!("allow_paths = [\"{root}/open\", \"{root}/loo*\"]"), [true, false, true]),
        ("allow_paths = [\"/elsewhere\"]".to_owned(), [false, false, false]),
    ] {
        for (file, allowed) in files.iter().zip(allowed) {
            let args = ["policy", "test", "--folder", ".", file];
            let Some(output) = run(&format!("[policy]\n{policy}\n"), "", &here, &args) else {
                return;
            };
            let code = if allowed { 0 } else { 7 };
            assert_eq!(output.status.code(), Some(code), "{policy}: {file}: {}", out(&output));
            let named = out(&output).contains("/etc/nextline/policy.toml, line 2");
            assert_eq!(named, !allowed, "{policy}: {}", out(&output));
        }
    }
}

#[test]
fn nothing_of_a_filtered_repository_is_in_a_prompt() {
    let here = repositories();
    here.write(
        "shut/src/b.rs",
        "pub fn canary_of_shut(gauge: u32) -> u32 {\n    gauge\n}\n",
    );
    here.write(
        "open/src/a.rs",
        "pub fn shown_of_open(gauge: u32) -> u32 {\n    gauge\n}\n",
    );
    let route = ScriptedRoute::instant("1;");
    let home = Scratch::new();
    if binary::under_policy(&home, "").is_none() {
        return;
    }
    let mut server = Launch::new()
        .policy("policy.allow_repositories = [\"github.com/acme/open\"]")
        .workspace(here.path())
        .route(&route, Value::Null)
        .start();
    wait::until("the workspace to be read", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false).then_some(())
    });
    let shut = here.uri("shut/src/new.rs");
    let doc = Doc::open(
        &mut server,
        &shut,
        "rust",
        "fn main() {\n    let gauge = $0\n}\n",
    );
    assert!(doc.complete(&mut server, 1).is_empty());
    let why = server.request("agent/why", json!({"textDocument": {"uri": shut}}));
    assert_eq!(why["reason"], "excluded", "{why}");
    assert!(
        why["detail"]
            .as_str()
            .unwrap()
            .contains("`github.com/acme/shut`"),
        "{why}"
    );
    assert_eq!(route.count(), 0);
    let text = "use crate::a::shown_of_open;\n\nfn main() {\n    let gauge = 1;\n    let x = shown_of_open($0\n}\n";
    let doc = Doc::open(&mut server, &here.uri("open/src/main.rs"), "rust", text);
    doc.complete(&mut server, 1);
    let sent: String = route
        .requests()
        .iter()
        .map(|seen| seen.everything())
        .collect();
    assert!(
        sent.contains("shown_of_open") && !sent.contains("canary_of_shut"),
        "{sent}"
    );
    // A name that nobody let in comes to the repository: it holds from the next request on.
    here.write(
        "open/.git/config",
        "[remote \"x\"]\n\turl = https://other.example/x/y\n",
    );
    let before = route.count();
    assert!(doc.complete(&mut server, 1).is_empty());
    assert_eq!(route.count(), before);
}
