//! What must not leave does not: generated workspaces full of canaries, and every byte that reached the route searched for them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

mod canaries;
use canaries::{bytes, generate, workspaces};
use nextline_tests::encodings::holds;

fn why(server: &mut Server, uri: &str) -> Value {
    server.request("agent/why", json!({"textDocument": {"uri": uri}}))
}

#[test]
fn no_canary_leaves() {
    for seed in 0..workspaces() {
        let generated = generate(seed);
        let route = ScriptedRoute::instant("gauge;");
        let mut server = Launch::new()
            .workspace(&generated.scratch.path().join("ws"))
            .route(&route, Value::Null)
            .start();
        wait::until("the workspace to be read", || {
            let status = server.request("agent/status", Value::Null);
            (status["busy"] == false).then_some(())
        });
        // Open, edited lately and asked about: nothing of them may be used.
        for (path, text) in generated.kept.iter().take(4).chain(generated.kept.last()) {
            let uri = generated.scratch.uri(path);
            let mut doc = Doc::open(&mut server, &uri, "rust", &format!("{text}$0"));
            doc.type_text(&mut server, "let gauge = ");
            assert!(
                doc.complete(&mut server, 1).is_empty(),
                "seed {seed}: {path}"
            );
            let reason = why(&mut server, &uri);
            assert_eq!(
                reason["reason"], "excluded",
                "seed {seed}: {path}: {reason}"
            );
        }
        assert_eq!(
            route.count(),
            0,
            "seed {seed}: an excluded document was asked about"
        );
        let uri = generated.scratch.uri("ws/src/main.rs");
        let text = "use crate::plain::positive_control;\n\nfn main() {\n    let gauge = 7;\n    let other = positive_control($0\n}\n";
        let doc = Doc::open(&mut server, &uri, "rust", text);
        doc.complete(&mut server, 1);
        let requests = route.requests();
        assert!(!requests.is_empty(), "seed {seed}");
        let sent = bytes(&requests);
        assert!(
            holds(&sent, "positive_control"),
            "seed {seed}: the search finds nothing"
        );
        for word in &generated.words {
            assert!(!holds(&sent, word), "seed {seed}: {word} left");
        }
    }
}

#[test]
fn a_secret_leaves_as_a_mask_and_stands_in_the_answer() {
    let key = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6";
    let route = ScriptedRoute::new(|exchange| {
        let prompt = exchange.seen.prompt();
        let at = prompt.find("SECRET_").unwrap_or(0);
        let mask: String = prompt[at..].chars().take(19).collect();
        exchange.answer(&format!("\"{mask}\";"));
    });
    let mut server = Launch::new().route(&route, Value::Null).start();
    let text = format!("fn main() {{\n    let first = \"{key}\";\n    let again = $0\n}}\n");
    let doc = Doc::open(&mut server, "file:///w/a.rs", "rust", &text);
    let items = doc.complete(&mut server, 1);
    assert_eq!(items[0]["insertText"], format!("\"{key}\";"));
    assert!(!holds(&bytes(&route.requests()), key));
}

#[test]
fn a_rule_holds_from_the_next_request_on() {
    let scratch = Scratch::with(&[("src/main.rs", "")]);
    let route = ScriptedRoute::instant("1;");
    let mut server = Launch::new()
        .workspace(scratch.path())
        .route(&route, Value::Null)
        .start();
    let uri = scratch.uri("src/main.rs");
    let mut doc = Doc::open(
        &mut server,
        &uri,
        "rust",
        "fn main() {\n    let a = $0\n}\n",
    );
    assert_eq!(doc.complete(&mut server, 1).len(), 1);
    scratch.write(".cursorignore", "# none\nmain.rs\n");
    doc.type_text(&mut server, "x");
    assert!(doc.complete(&mut server, 1).is_empty());
    let reason = why(&mut server, &uri);
    assert_eq!(reason["reason"], "excluded");
    let detail = reason["detail"].as_str().unwrap();
    assert!(
        detail.contains("`main.rs`") && detail.contains(".cursorignore, line 2"),
        "{detail}"
    );
    let status = server.request("agent/status", Value::Null);
    assert_eq!(status["kind"], "Inactive");
    assert_eq!(route.count(), 1);
}

#[test]
fn the_persons_own_lists_hold_in_every_workspace() {
    let scratch = Scratch::with(&[
        ("src/main.rs", ""),
        ("src/own.rs", ""),
        ("src/all.rs", ""),
        ("src/named.rs", ""),
        ("src/other.rs", ""),
    ]);
    let home = Scratch::new();
    home.write("config/nextline/ignore", "own.rs\n");
    home.write("config/git/ignore", "all.rs\n");
    home.write("lists/mine", "named.rs\n");
    home.write("lists/first", "other.rs\n");
    // The last line counts.
    home.write(
        ".gitconfig",
        "[core]\n\texcludesFile = ~/lists/first\n\texcludesfile = \"~/lists/mine\"\n",
    );
    let route = ScriptedRoute::instant("1;");
    let mut server = Launch::new()
        .env("HOME", &home.path().display().to_string())
        .env(
            "XDG_CONFIG_HOME",
            &home.path().join("config").display().to_string(),
        )
        .workspace(scratch.path())
        .route(&route, Value::Null)
        .start();
    for (name, rule) in [
        ("own", Some("nextline/ignore, line 1")),
        ("all", Some("git/ignore, line 1")),
        ("named", Some("lists/mine, line 1")),
        ("other", None),
        ("main", None),
    ] {
        let uri = scratch.uri(&format!("src/{name}.rs"));
        let text = "fn main() {\n    let a = $0\n}\n";
        let doc = Doc::open(&mut server, &uri, "rust", text);
        let shown = doc.complete(&mut server, 1).len();
        assert_eq!(shown, usize::from(rule.is_none()), "{name}");
        if let Some(rule) = rule {
            let reason = why(&mut server, &uri);
            let detail = reason["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(rule), "{name}: {reason}");
        }
    }
}
