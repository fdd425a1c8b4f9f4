//! `nextline edit`, `doc`, `test`, `fix`, `explain`, `commit-msg` and `undo` from a shell, against a scripted model.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::process::{Output, Stdio};

use nextline_tests::shell::{err, last_message, out};
use nextline_tests::{Scratch, ScriptedRoute, binary};
use serde_json::{Value, json};

/// A home with a project `p` in it and the route `mock` for edits and chat.
fn home(route: &ScriptedRoute, files: &[(&str, &str)]) -> Scratch {
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        format!(
            "[chat]\nroute = \"mock\"\n[edit]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n",
            route.url()
        ),
    );
    home.write("p/Cargo.toml", "[package]\nname = \"p\"\n");
    for (name, text) in files {
        home.write(&format!("p/{name}"), text);
    }
    home
}

fn run(home: &Scratch, args: &[&str]) -> Output {
    let mut command = binary::command(home.path());
    command
        .args(args)
        .current_dir(home.path().join("p"))
        .stdin(Stdio::null());
    command.output().unwrap()
}

fn text(home: &Scratch, name: &str) -> String {
    fs::read_to_string(home.path().join("p").join(name)).unwrap()
}

const LIB: &str = "use std::fmt;\n\nfn one() -> u8 {\n    1\n}\n\nfn two() -> u8 {\n    2\n}\n";
const TWO: &str = "Here you are:\n```rust\nfn two() -> u8 {\n    1 + 1\n}\n```\nThat is all.";

#[test]
fn a_diff_is_printed_and_nothing_is_written() {
    let route = ScriptedRoute::instant(TWO);
    let home = home(&route, &[("src/lib.rs", LIB)]);
    for args in [
        &["edit", "src/lib.rs:8", "-i", "add up"][..],
        &["edit", "src/lib.rs:7-9", "-i", "add up", "--diff"],
    ] {
        let output = run(&home, args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(
            out(&output),
            "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -5,5 +5,5 @@\n }\n \n fn two() -> u8 {\n-    2\n+    1 + 1\n }\n"
        );
        assert_eq!(text(&home, "src/lib.rs"), LIB);
    }
    let asked = last_message(&route);
    assert!(
        asked.contains("The selection:\n```rust\nfn two() -> u8 {\n    2\n}\n```"),
        "{asked}"
    );
    assert!(asked.ends_with("Instruction: add up\n"), "{asked}");
}

#[test]
fn an_edit_is_applied_and_undone_to_the_byte() {
    let route = ScriptedRoute::instant(TWO);
    // Carriage returns, tabs and no final newline are the file's own.
    let odd = LIB.replace("    ", "\t").replace('\n', "\r\n");
    let odd = odd.trim_end().to_owned();
    let home = home(&route, &[("src/lib.rs", &odd)]);
    let path = home.path().join("p/src/lib.rs");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let output = run(&home, &["edit", "src/lib.rs:8", "-i", "add up", "--apply"]);
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    assert_eq!(text(&home, "src/lib.rs"), odd.replace("\t2", "\t1 + 1"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o755
        );
    }
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(run(&home, &["undo"]).status.code(), Some(0));
    assert_eq!(text(&home, "src/lib.rs"), odd);
    assert_eq!(run(&home, &["undo"]).status.code(), Some(1));
}

/// The mark belongs to the file, whatever becomes of its first line.
#[test]
fn a_byte_order_mark_stays_where_it_is() {
    let route = ScriptedRoute::instant("```rust\nfn one() -> u8 {\n    3\n}\n```");
    let marked = "\u{feff}fn one() -> u8 {\n    1\n}\n";
    for (args, wanted) in [
        (
            &["edit", "a.rs:1", "-i", "three", "--apply"][..],
            "\u{feff}fn one() -> u8 {\n    3\n}\n",
        ),
        (
            &["edit", "a.rs", "-i", "three", "--apply"],
            "\u{feff}fn one() -> u8 {\n    3\n}\n",
        ),
    ] {
        let home = home(&route, &[("a.rs", marked)]);
        let output = run(&home, args);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(text(&home, "a.rs"), wanted, "{args:?}");
        run(&home, &["undo"]);
        assert_eq!(text(&home, "a.rs"), marked);
    }
    let route = ScriptedRoute::instant("```rust\n/// One.\n```");
    let home = home(&route, &[("a.rs", marked)]);
    let output = run(&home, &["doc", "a.rs:1", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        text(&home, "a.rs"),
        "\u{feff}/// One.\nfn one() -> u8 {\n    1\n}\n"
    );
}

#[test]
fn the_result_object_holds_the_diff() {
    let route = ScriptedRoute::instant(TWO);
    let home = home(&route, &[("src/lib.rs", LIB)]);
    let output = run(
        &home,
        &["edit", "src/lib.rs:8", "-i", "x", "--json", "--apply"],
    );
    let object: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(
        (&object["text"], &object["route"], &object["model"]),
        (&json!(TWO), &json!("mock"), &json!("m"))
    );
    assert_eq!(
        (&object["file"], &object["applied"], &object["error"]),
        (&json!("src/lib.rs"), &json!(true), &Value::Null)
    );
    assert!(
        object["diff"].as_str().unwrap().contains("+    1 + 1\n"),
        "{object}"
    );
    assert!(text(&home, "src/lib.rs").contains("1 + 1"));
}

#[test]
fn answers_of_no_use_change_nothing() {
    for (answer, word) in [
        ("I would rather not do that today.", "no code"),
        ("", "no code"),
        (
            "```rust\nfn two() -> u8 {\n    2\n}\n```",
            "changes nothing",
        ),
        (
            "```rust\nfn two() -> u8 {\n    // ... rest of the code unchanged ...\n}\n```",
            "leaves code out",
        ),
    ] {
        let route = ScriptedRoute::instant(answer);
        let home = home(&route, &[("src/lib.rs", LIB)]);
        let output = run(
            &home,
            &["edit", "src/lib.rs:8", "-i", "x", "--apply", "--json"],
        );
        let object: Value = serde_json::from_str(&out(&output)).unwrap();
        assert_eq!(output.status.code(), Some(1), "{answer}: {output:?}");
        assert!(err(&output).contains(word), "{answer}: {output:?}");
        assert_eq!(
            (&object["applied"], &object["diff"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(text(&home, "src/lib.rs"), LIB);
    }
    let cut = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        exchange.feed("```rust\nfn two() {");
        exchange.cut();
    });
    let home = home(&cut, &[("src/lib.rs", LIB)]);
    let output = run(&home, &["edit", "src/lib.rs:8", "-i", "x", "--apply"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("interrupted"), "{output:?}");
    assert_eq!(text(&home, "src/lib.rs"), LIB);
}

#[test]
fn a_doc_comment_leaves_the_code_alone() {
    let route = ScriptedRoute::instant("```rust\n/// Two.\nfn two() -> u8 {\n    22\n}\n```");
    let home = home(&route, &[("src/lib.rs", LIB)]);
    let output = run(&home, &["doc", "src/lib.rs:8", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        text(&home, "src/lib.rs"),
        LIB.replace("fn two", "/// Two.\nfn two")
    );
    let nothing = run(&home, &["doc", "src/lib.rs:1", "--apply"]);
    assert_eq!(nothing.status.code(), Some(1), "{nothing:?}");
    assert!(err(&nothing).contains("documented"), "{nothing:?}");
}

#[test]
fn tests_go_where_the_project_has_them() {
    let rust = ScriptedRoute::instant(
        "```rust\n#[test]\nfn two_is_two() {\n    assert_eq!(two(), 2);\n}\n```",
    );
    let place = home(&rust, &[("src/lib.rs", LIB)]);
    assert_eq!(
        run(&place, &["test", "src/lib.rs:8", "--apply"])
            .status
            .code(),
        Some(0)
    );
    let after = text(&place, "src/lib.rs");
    assert!(after.starts_with(LIB) && after.contains("#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn two_is_two() {\n"), "{after}");
    let code =
        "import { expect, it } from 'vitest'\n\nit('adds', () => {\n  expect(1).toBe(1)\n})\n";
    let node = ScriptedRoute::instant(&format!("```ts\n{code}```"));
    let place = home(
        &node,
        &[
            ("src/a.ts", "export function f() {\n  return 1\n}\n"),
            ("package.json", "{\"devDependencies\":{\"vitest\":\"1\"}}"),
        ],
    );
    let output = run(&place, &["test", "src/a.ts:2", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(text(&place, "src/a.test.ts"), code);
    assert!(
        last_message(&node).contains("Vitest"),
        "{}",
        last_message(&node)
    );
    assert_eq!(run(&place, &["undo"]).status.code(), Some(0));
    assert!(!place.path().join("p/src/a.test.ts").exists());
}

#[test]
fn what_steers_a_tool_needs_a_yes_and_outside_is_never_written() {
    let route = ScriptedRoute::instant("```\nnew\n```");
    let home = home(
        &route,
        &[
            (".vscode/settings.json", "{}\n"),
            ("AGENTS.md", "old\n"),
            (".env", "K=1\n"),
        ],
    );
    home.write("outside.txt", "old\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        home.path().join("outside.txt"),
        home.path().join("p/link.txt"),
    )
    .unwrap();
    let apply = |file: &str, yes: bool| {
        let mut args = vec!["edit", file, "-i", "x", "--apply"];
        args.extend(yes.then_some("--yes"));
        run(&home, &args).status.code()
    };
    assert_eq!(apply(".vscode/settings.json", false), Some(7));
    assert_eq!(apply("AGENTS.md", false), Some(7));
    assert_eq!(apply(".env", true), Some(7));
    #[cfg(unix)]
    assert_eq!(apply("link.txt", true), Some(7));
    assert_eq!(route.count(), 0, "what cannot be written is not asked for");
    assert_eq!(text(&home, "AGENTS.md"), "old\n");
    assert_eq!(
        fs::read_to_string(home.path().join("outside.txt")).unwrap(),
        "old\n"
    );
    assert_eq!(apply("AGENTS.md", true), Some(0));
    assert_eq!(text(&home, "AGENTS.md"), "new\n");
}

#[test]
fn complaints_and_explanations() {
    let route = ScriptedRoute::instant("```rust\nfn two() -> u8 {\n    3\n}\n```");
    let home = home(&route, &[("src/lib.rs", LIB)]);
    let output = run(
        &home,
        &[
            "fix",
            "src/lib.rs:8",
            "-i",
            "error: expected 3\n\nhelp: try 3",
            "--diff",
        ],
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        last_message(&route).contains("Complaints:\n- error: expected 3\n- help: try 3\n"),
        "{}",
        last_message(&route)
    );
    route.script(|exchange| exchange.answer("It is *two*."));
    let output = run(&home, &["explain", "src/lib.rs:8"]);
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(0), "It is *two*.\n"),
        "{output:?}"
    );
    assert!(
        last_message(&route)
            .contains("`src/lib.rs:7-9`:\n```rust\nfn two() -> u8 {\n    2\n}\n```"),
        "{}",
        last_message(&route)
    );
}

#[test]
fn without_an_instruction_nobody_is_asked() {
    let route = ScriptedRoute::instant(TWO);
    let home = home(&route, &[("src/lib.rs", LIB)]);
    for said in ["", " ", "-"] {
        let output = run(&home, &["edit", "src/lib.rs:8", "-i", said]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(err(&output).contains("no instruction"), "{output:?}");
    }
    assert_eq!(route.count(), 0);
}

#[test]
fn wrong_places_are_said() {
    let route = ScriptedRoute::instant(TWO);
    let home = home(&route, &[("src/lib.rs", LIB)]);
    for (args, code, word) in [
        (&["edit", "src/lib.rs:0", "-i", "x"][..], 2, "lines from 1"),
        (&["edit", "src/lib.rs:3-2", "-i", "x"], 2, "lines from 1"),
        (&["edit", "src/lib.rs:99", "-i", "x"], 1, "has 9 lines"),
        (&["edit", "none.rs", "-i", "x"], 1, "cannot be read"),
        (&["edit", "src", "-i", "x"], 1, "folder"),
        (&["edit", "src/lib.rs"], 2, "--instruction"),
        (&["explain", "src/lib.rs", "--route", "none"], 2, "none"),
    ] {
        let output = run(&home, args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        assert!(err(&output).contains(word), "{args:?}: {output:?}");
    }
    assert_eq!(route.count(), 0);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let route = ScriptedRoute::instant(TWO);
    let home = home(&route, &[("src/lib.rs", LIB)]);
    for args in [
        &["edit", "src/lib.rs:8", "-i", "x", "--apply", "--dry-run"][..],
        &["doc", "src/lib.rs:8", "--dry-run"],
        &["explain", "src/lib.rs:8", "--dry-run"],
    ] {
        let output = run(&home, args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        assert!(
            out(&output).starts_with("POST http://127.0.0.1:"),
            "{args:?}: {output:?}"
        );
        assert!(
            out(&output).contains("fn two() -> u8"),
            "{args:?}: {output:?}"
        );
    }
    assert_eq!(route.count(), 0);
    assert_eq!(text(&home, "src/lib.rs"), LIB);
}
