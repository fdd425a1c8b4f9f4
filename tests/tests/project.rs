//! What a project says to the model: instructions and commands, used only once a person has said yes to these very files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Output, Stdio};

use nextline_tests::edits::{lines, obey};
use nextline_tests::shell::{code, err, last_message, out};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary};
use serde_json::{Value, json};

const REVIEW: &str = "---\ndescription: Reviews the selection\ncontext: [src/b.rs]\nrun: echo from-the-shell\n---\nReview this carefully.\n";
const CODY: &str = r#"{"commands": {"double": {"prompt": "Double the number.", "mode": "edit", "context": {"selection": true}},
    "after": {"prompt": "Write one more.", "mode": "insert"}}}"#;
const LIB: &str = "fn one() -> u8 {\n    1\n}\n\nfn two() -> u8 {\n    2\n}\n";

/// A home with a project `p`, and the route `mock` for chat and edits.
fn home(route: &ScriptedRoute) -> Scratch {
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        format!(
            "[chat]\nroute = \"mock\"\n[edit]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n",
            route.url()
        ),
    );
    home.write("p/Cargo.toml", "[package]\nname = \"p\"\n");
    home.write("p/src/lib.rs", LIB);
    home.write("p/src/b.rs", "fn canary_b() {}\n");
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

fn fine(home: &Scratch, args: &[&str]) -> Output {
    let output = run(home, args);
    assert_eq!(code(&output), 0, "{args:?}: {output:?}");
    output
}

/// The rules of the last request.
fn rules(route: &ScriptedRoute) -> String {
    let body = route.requests().last().unwrap().json();
    assert_eq!(body["messages"][0]["role"], "system");
    body["messages"][0]["content"].as_str().unwrap().to_owned()
}

#[test]
fn instructions_go_in_once_they_are_trusted_and_only_as_they_were() {
    let route = ScriptedRoute::instant("ok");
    let home = home(&route);
    let text = "Always\u{200b} write \u{202e}tests.\u{e0041}\n";
    home.write("p/AGENTS.md", text);
    home.write(
        "p/.cursor/rules/web.mdc",
        "---\nglobs: src/*.rs\n---\nOnly for Rust.\n",
    );
    // Nobody is asked from a script, and nothing goes in.
    let output = fine(&home, &["chat", "-m", "hello"]);
    assert!(!rules(&route).contains("Always"));
    let said = err(&output);
    assert!(
        said.contains("AGENTS.md") && said.contains("nextline trust"),
        "{said}"
    );
    let refused = run(&home, &["trust"]);
    assert_eq!(code(&refused), 1, "{refused:?}");
    assert!(
        out(&refused).contains("Always write tests.") && out(&refused).contains("3 invisible"),
        "{refused:?}"
    );
    fine(&home, &["trust", "--yes"]);
    let output = fine(&home, &["chat", "-m", "hello"]);
    let asked = rules(&route);
    assert!(asked.starts_with("You are Nextline"), "{asked}");
    assert!(
        asked.contains("from `AGENTS.md`") && asked.contains("Always write tests."),
        "{asked}"
    );
    assert!(
        !asked.contains("Only for Rust") && !asked.contains('\u{200b}'),
        "{asked}"
    );
    assert!(err(&output).contains("3 invisible"), "{output:?}");
    // An edit of a file has what is for the file.
    route.script(|exchange| exchange.answer("```rust\nfn two() -> u8 {\n    22\n}\n```"));
    fine(&home, &["edit", "src/lib.rs:6", "-i", "more"]);
    let asked = rules(&route);
    assert!(
        asked.contains("Always write tests.") && asked.contains("Only for Rust."),
        "{asked}"
    );
    // One byte more is another text.
    home.write("p/AGENTS.md", format!("{text} "));
    let output = fine(&home, &["chat", "-m", "hello"]);
    assert!(!rules(&route).contains("Always"), "{}", rules(&route));
    assert!(err(&output).contains("changed since"), "{output:?}");
    fine(&home, &["trust", "--yes"]);
    fine(&home, &["chat", "-m", "hello"]);
    assert!(rules(&route).contains("Always"));
    fine(&home, &["trust", "--revoke"]);
    fine(&home, &["chat", "-m", "hello"]);
    assert!(!rules(&route).contains("Always"));
    let listed: Value = serde_json::from_str(&out(&fine(&home, &["trust", "--json"]))).unwrap();
    assert_eq!(listed["things"][0]["standing"], "unknown", "{listed}");
}

#[test]
fn nothing_from_outside_of_the_project_is_an_instruction() {
    let route = ScriptedRoute::instant("ok");
    let home = home(&route);
    home.write("outside.md", "canary-outside");
    home.write("p/.aiexclude", "CLAUDE.md\n");
    home.write("p/CLAUDE.md", "canary-excluded");
    home.write(
        ".config/nextline/more.toml",
        format!(
            "[instructions]\nfiles = [\"../outside.md\", \"linked.md\", \"CLAUDE.md\"]\n[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n",
            route.url()
        ),
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        home.path().join("outside.md"),
        home.path().join("p/linked.md"),
    )
    .unwrap();
    let config = home.path().join(".config/nextline/more.toml");
    let config = config.to_str().unwrap();
    let shown = run(&home, &["--config", config, "trust", "--yes"]);
    assert!(!out(&shown).contains("canary"), "{shown:?}");
    let output = fine(&home, &["--config", config, "chat", "-m", "x"]);
    assert!(!rules(&route).contains("canary"), "{}", rules(&route));
    assert!(err(&output).contains("CLAUDE.md"), "{output:?}");
}

#[test]
fn commands_are_listed_run_and_bound_to_a_yes() {
    let route = ScriptedRoute::instant("Looks good.");
    let home = home(&route);
    home.write("p/.nextline/commands/review.md", REVIEW);
    home.write("p/.cody/commands.json", CODY);
    home.write(
        ".config/nextline/commands/mine.md",
        "Say it as a pirate would.\n",
    );
    let output = fine(&home, &["commands"]);
    assert!(
        out(&output).contains("mine") && !out(&output).contains("review"),
        "{output:?}"
    );
    // A name that is none is a message like any other.
    let output = fine(&home, &["chat", "-m", "/review now"]);
    assert_eq!(last_message(&route), "/review now");
    // But why it is no command is said.
    let said = err(&output);
    assert!(
        said.contains("/review: there is no such command")
            && said.contains("review.md: it is not trusted"),
        "{said}"
    );
    let output = fine(&home, &["chat", "-m", "/usr/bin is what?"]);
    assert!(!err(&output).contains("command"), "{output:?}");
    let shown = fine(&home, &["trust", "--yes"]);
    assert!(out(&shown).contains("$ echo from-the-shell"), "{shown:?}");
    let listed: Value = serde_json::from_str(&out(&fine(&home, &["commands", "--json"]))).unwrap();
    let names: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["after", "double", "mine", "review", "smell"]);
    // What it wants to run needs a yes of its own.
    let output = fine(&home, &["chat", "-m", "/review now"]);
    let asked = last_message(&route);
    assert!(
        asked.contains("canary_b") && asked.ends_with("Review this carefully.\n\nnow"),
        "{asked}"
    );
    assert!(!asked.contains("from-the-shell\n"), "{asked}");
    assert!(
        err(&output).contains("$ echo from-the-shell") && err(&output).contains("--shell"),
        "{output:?}"
    );
    fine(&home, &["trust", "--yes", "--shell"]);
    fine(&home, &["chat", "-m", "/review now"]);
    assert!(
        last_message(&route).contains("from-the-shell\n"),
        "{}",
        last_message(&route)
    );
    // The same command under other words is another one.
    home.write(
        "p/.nextline/commands/review.md",
        REVIEW.replace("from-the-shell", "swapped"),
    );
    fine(&home, &["trust", "--yes"]);
    fine(&home, &["chat", "-m", "/review now"]);
    assert!(!last_message(&route).contains("swapped\n"));
    fine(&home, &["chat", "-m", "/mine hello"]);
    assert!(last_message(&route).contains("pirate") && last_message(&route).ends_with("hello"));
}

#[test]
fn commands_edit_from_a_shell() {
    let route = ScriptedRoute::instant("```rust\nfn two() -> u8 {\n    4\n}\n```");
    let home = home(&route);
    home.write("p/.cody/commands.json", CODY);
    fine(&home, &["trust", "--yes"]);
    let edit = ["edit", "src/lib.rs:6", "--command"];
    let output = fine(&home, &[&edit[..], &["double", "--apply"]].concat());
    assert!(out(&output).is_empty());
    let text = || std::fs::read_to_string(home.path().join("p/src/lib.rs")).unwrap();
    assert_eq!(text(), LIB.replace("    2\n", "    4\n"));
    assert!(last_message(&route).ends_with("Instruction: Double the number.\n"));
    fine(&home, &["undo"]);
    route.script(|exchange| exchange.answer("```rust\n\nfn three() -> u8 {\n    3\n}\n```"));
    fine(
        &home,
        &[&edit[..], &["after", "-i", "Three.", "--apply"]].concat(),
    );
    assert_eq!(text(), format!("{LIB}\nfn three() -> u8 {{\n    3\n}}\n"));
    assert!(
        last_message(&route).contains("Write one more.\n\nThree."),
        "{}",
        last_message(&route)
    );
    let unknown = run(&home, &[&edit[..], &["nothing"]].concat());
    assert_eq!(code(&unknown), 1);
    assert!(err(&unknown).contains("nextline commands"), "{unknown:?}");
    assert_eq!(code(&run(&home, &["edit", "src/lib.rs:6"])), 2);
}

fn server(route: &ScriptedRoute, work: &Scratch) -> Server {
    let options = json!({ "completion": { "route": "local" }, "edit": { "route": "mock" }, "chat": { "route": "mock" } });
    Launch::new()
        .route(route, options)
        .workspace(work.path())
        .start()
}

#[test]
fn an_editor_asks_for_the_yes_and_runs_the_commands() {
    let route = ScriptedRoute::instant("```rust\nfn two() -> u8 {\n    4\n}\n```");
    let work = Scratch::with(&[
        ("AGENTS.md", "Prefer short names.\n"),
        (".cody/commands.json", CODY),
        (".nextline/commands/review.md", REVIEW),
        ("src/b.rs", "fn canary_b() {}\n"),
    ]);
    let mut server = server(&route, &work);
    let mut doc = Doc::open(&mut server, &work.uri("src/lib.rs"), "rust", LIB);
    let chat = server.request("agent/chat/start", json!({}))["id"].clone();
    server.request("agent/chat/send", json!({ "id": chat, "text": "hello" }));
    let told = server.notification("agent/chat/event", |event| event["kind"] == "context");
    assert_eq!(told["account"]["leftOut"][0]["name"], "AGENTS.md", "{told}");
    let trust = json!({ "command": "nextline.trust" });
    let result = server.request("workspace/executeCommand", trust.clone());
    assert_eq!(result["trusted"], 0, "closed without an answer");
    server.choose("Trust them");
    let result = server.request("workspace/executeCommand", trust);
    assert_eq!(result["trusted"], 4, "{result}");
    let questions: Vec<String> = server
        .client()
        .asked
        .iter()
        .filter(|(method, _)| method == "window/showMessageRequest")
        .map(|(_, params)| params["message"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        questions.last().unwrap().contains("$ echo from-the-shell"),
        "what runs is asked about by itself: {questions:?}"
    );
    server.request("agent/chat/send", json!({ "id": chat, "text": "hello" }));
    assert!(rules(&route).contains("Prefer short names."));
    // Listed where the person asks for actions.
    let params = json!({ "textDocument": doc.id(), "range": lines(5, 5), "context": { "diagnostics": [], "triggerKind": 1 } });
    let actions = server.request("textDocument/codeAction", params);
    let double = actions
        .as_array()
        .unwrap()
        .iter()
        .find(|action| action["title"] == "Nextline: double")
        .unwrap_or_else(|| panic!("{actions}"))["command"]
        .clone();
    server.request("workspace/executeCommand", double);
    obey(&mut server, &mut doc);
    assert_eq!(doc.text, LIB.replace("    2\n", "    4\n"));
    assert!(rules(&route).contains("Prefer short names."));
    route.script(|exchange| exchange.answer("Looks **good**."));
    let arguments = json!([doc.uri, lines(5, 5), "review"]);
    let result = server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.command", "arguments": arguments }),
    );
    assert_eq!(result, "Looks **good**.");
    let asked = last_message(&route);
    assert!(
        asked.contains("canary_b") && asked.contains("from-the-shell\n"),
        "{asked}"
    );
    server.request(
        "agent/chat/send",
        json!({ "id": chat, "text": "/review it" }),
    );
    assert!(last_message(&route).contains("Review this carefully.\n\nit"));
}

#[test]
fn what_a_project_forbids_itself_stays_out() {
    let route = ScriptedRoute::instant("ok");
    let work = Scratch::with(&[
        ("AGENTS.md", "Prefer short names.\n"),
        (
            ".nextline/config.toml",
            "[instructions]\nenabled = false\nfiles = [\"x.md\"]\n",
        ),
    ]);
    let mut server = server(&route, &work);
    server.choose("Trust them");
    let trusted = server.request(
        "workspace/executeCommand",
        json!({ "command": "nextline.trust" }),
    );
    assert_eq!(trusted["trusted"], 0, "{trusted}");
}
