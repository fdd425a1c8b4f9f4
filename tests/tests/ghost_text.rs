//! Ghost text from the embedded model, end to end and with no configuration: what an item is, and why there is none.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::{accepted, items};
use nextline_tests::samples::{NEXT_FUNCTION, NEXT_LINE, learnable, regular_rust};
use nextline_tests::{Doc, Launch, Scratch, Server, wait};
use serde_json::{Value, json};

fn reason(doc: &Doc, server: &mut Server) -> String {
    let why = doc.why(server);
    assert!(
        why["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty()),
        "a reason without a sentence: {why}"
    );
    assert!(
        why["since"].as_u64().is_some_and(|since| since > 0),
        "a reason without its time: {why}"
    );
    why["reason"]
        .as_str()
        .unwrap_or_else(|| panic!("no reason: {why}"))
        .to_owned()
}

#[test]
fn the_capability_is_announced() {
    let server = Launch::new().start();
    let capabilities = &server.init["capabilities"];
    let inline = &capabilities["inlineCompletionProvider"];
    assert!(
        inline == &json!(true) || inline.is_object(),
        "{capabilities}"
    );
    let commands = capabilities["executeCommandProvider"]["commands"]
        .as_array()
        .unwrap();
    assert!(
        commands.contains(&json!("nextline.didAccept")),
        "{capabilities}"
    );
    assert_eq!(server.init["serverInfo"]["name"], "nextline");
    assert!(server.init["serverInfo"]["version"].is_string());
}

#[test]
fn an_open_document_teaches_at_once() {
    let mut server = Launch::new().start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let found = doc.complete(&mut server, 2);
    assert_eq!(found.len(), 1, "automatic: one item, got {found:?}");
    let line = accepted(&doc, &found[0]);
    assert!(
        NEXT_LINE.starts_with(&line) && line.len() > "    let counter = registry.".len() + 1,
        "{line:?}"
    );
    let why = doc.why(&mut server);
    assert_eq!(why["reason"], Value::Null, "it was answered: {why}");
}

#[test]
fn an_invoked_request_gives_at_most_three_different_items() {
    let mut server = Launch::new().start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let found = doc.complete(&mut server, 1);
    assert!((1..=3).contains(&found.len()), "{found:?}");
    let mut lines: Vec<_> = found.iter().map(|item| accepted(&doc, item)).collect();
    lines.dedup();
    assert_eq!(lines.len(), found.len(), "{lines:?}");
}

#[test]
fn typed_letter_by_letter_and_accepted_it_is_the_line() {
    let mut server = Launch::new().start();
    let drawn = regular_rust(8)
        + "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n$0\n}\n";
    let mut doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &drawn);
    let mut right = 0;
    for letter in NEXT_LINE.chars() {
        doc.type_text(&mut server, &letter.to_string());
        for item in doc.complete(&mut server, 2) {
            let line = accepted(&doc, &item);
            right += usize::from(NEXT_LINE.starts_with(&line));
        }
        doc.assert_text(&mut server);
    }
    assert!(
        right > NEXT_LINE.len() / 2,
        "right at {right} of {} places",
        NEXT_LINE.len()
    );
}

#[test]
fn an_accepted_item_runs_its_command() {
    let mut server = Launch::new().start();
    let mut doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let item = doc.complete(&mut server, 2).remove(0);
    server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    server.notify(
        "textDocument/didPartiallyAcceptCompletion",
        json!({ "item": item, "acceptedLength": 3 }),
    );
    let text = item["insertText"].as_str().unwrap();
    let typed = doc.text[..doc.cursor]
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |at| doc.cursor - at - 1);
    doc.type_text(&mut server, text.get(typed..).unwrap_or(text));
    let command = &item["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    server.request("workspace/executeCommand", params.clone());
    server.notify("workspace/executeCommand", params);
    doc.assert_text(&mut server);
    let strange = json!({ "command": "nextline.didAccept", "arguments": [{ "not": "an id" }, 7] });
    let _ = server.try_request("workspace/executeCommand", strange);
    assert!(
        server
            .try_request(
                "workspace/executeCommand",
                json!({ "command": "nobody.knows" })
            )
            .is_err()
    );
}

/// Asks until the background has learnt enough: there is no message to wait for when the client shows no progress.
fn soon(doc: &Doc, server: &mut Server) -> Vec<Value> {
    wait::until("the workspace is learnt", || {
        Some(doc.complete(server, 2)).filter(|found| !found.is_empty())
    })
}

#[test]
fn the_workspace_teaches_in_the_background() {
    let workspace = Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/handlers.rs", &regular_rust(12)),
        (
            "src/other.rs",
            "pub struct Other {\n    pub name: String,\n}\n",
        ),
    ]);
    workspace.write("src/latin1.rs", b"// caf\xe9\nfn latin() {}\n");
    workspace.write("logo.rs", b"\x00\x01\x02\xff\xfe".repeat(100));
    let mut server = Launch::new().workspace(workspace.path()).start();
    let doc = Doc::open(
        &mut server,
        &workspace.uri("src/new.rs"),
        "rust",
        NEXT_FUNCTION,
    );
    let found = soon(&doc, &mut server);
    assert!(
        NEXT_LINE.starts_with(&accepted(&doc, &found[0])),
        "{found:?}"
    );
}

#[test]
fn ignored_files_teach_nothing() {
    let secret =
        "fn token() {\n    let swordfish_value = vault.open(\"swordfish\");\n}\n".repeat(9);
    let workspace = Scratch::with(&[
        (".gitignore", "private/\n*.gen.rs\n"),
        ("src/handlers.rs", &regular_rust(12)),
        ("private/keys.rs", &secret),
        ("src/a.gen.rs", &secret),
    ]);
    std::fs::create_dir(workspace.path().join(".git")).unwrap();
    let mut server = Launch::new().workspace(workspace.path()).start();
    let learnt = Doc::open(
        &mut server,
        &workspace.uri("src/new.rs"),
        "rust",
        NEXT_FUNCTION,
    );
    soon(&learnt, &mut server);
    for drawn in [
        "fn f() {\n    let swordfish_$0",
        "fn f() {\n    let x = vault.$0",
        "fn f() {\n    let swordfish_value = vault.open($0",
    ] {
        let doc = Doc::open(&mut server, &workspace.uri("src/asks.rs"), "rust", drawn);
        for item in doc.complete(&mut server, 1) {
            let line = accepted(&doc, &item);
            assert!(
                !line.contains("open(\"swordfish") && !line.contains("swordfish_value ="),
                "{line:?}"
            );
        }
        doc.close(&mut server);
    }
}

#[test]
fn a_language_that_nobody_knows() {
    let mut server = Launch::new().start();
    let line = "assign counter of registry to visible panel\n";
    let drawn = format!("{}assign counter of $0\n", line.repeat(10));
    let doc = Doc::open(&mut server, "file:///ghost/text.frob", "frobnicate", &drawn);
    let found = doc.complete(&mut server, 2);
    assert_eq!(found.len(), 1, "{:?}", doc.why(&mut server));
    assert!(
        line.trim_end().starts_with(&accepted(&doc, &found[0])),
        "{found:?}"
    );
}

fn refused(launch: &Launch, language: &str, drawn: &str, expected: &str) {
    let mut server = launch.start();
    let doc = Doc::open(&mut server, "file:///refused/file.rs", language, drawn);
    let id = doc.ask(&mut server, 2);
    assert_eq!(
        server.answer(&id),
        Ok(Value::Null),
        "{expected}: a standard client hears null"
    );
    assert_eq!(reason(&doc, &mut server), expected);
    doc.assert_text(&mut server);
}

#[test]
fn every_silence_has_a_name() {
    let code = learnable();
    let off = |settings: Value| Launch::new().options(settings);
    refused(
        &off(json!({ "completion": { "enabled": false } })),
        "rust",
        &code,
        "disabled",
    );
    refused(
        &off(json!({ "completion": { "languages": { "rust": false } } })),
        "rust",
        &code,
        "language_off",
    );
    refused(
        &off(json!({ "local": { "enabled": false } })),
        "rust",
        &code,
        "local_off",
    );
    refused(&Launch::new(), "markdown", &code, "language_off");
    refused(
        &Launch::new(),
        "rust",
        &format!("{}\0{code}", "\0\u{1}".repeat(50)),
        "binary",
    );
    refused(
        &Launch::new(),
        "rust",
        &code.replace("registry.$0", "reg$0istry."),
        "in_word",
    );
    refused(
        &Launch::new(),
        "rust",
        &format!("// {}$0", "x".repeat(40_000)),
        "line_too_long",
    );
    let large = "let value = compute(value);\n".repeat(12 << 20 >> 5) + "let va$0";
    assert!(large.len() > 10 << 20);
    refused(&Launch::new(), "rust", &large, "too_large");
}

#[test]
fn a_document_that_is_not_open_has_a_reason_too() {
    let mut server = Launch::new().start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    doc.close(&mut server);
    let id = doc.ask(&mut server, 2);
    assert_eq!(server.answer(&id), Ok(Value::Null));
    assert_eq!(reason(&doc, &mut server), "not_open");
}

#[test]
fn a_copilot_client_hears_an_empty_list() {
    let plugin = json!({ "name": "copilot.vim", "version": "1" });
    let mut server = Launch::new()
        .options(json!({ "editorPluginInfo": plugin, "completion": { "enabled": false } }))
        .start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let id = doc.ask(&mut server, 2);
    assert_eq!(server.answer(&id), Ok(json!({ "items": [] })));
    let id = server.ask(
        "workspace/executeCommand",
        json!({ "command": "nextline.didAccept", "arguments": ["x"] }),
    );
    assert_ne!(
        server.answer(&id),
        Ok(Value::Null),
        "Copilot's clients read no null"
    );
}

#[test]
fn a_setting_changed_in_the_middle() {
    let mut server = Launch::new().start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    assert_eq!(doc.complete(&mut server, 2).len(), 1);
    server.configure(json!({ "completion": { "enabled": false } }));
    wait::until("it is off", || {
        doc.complete(&mut server, 2).is_empty().then_some(())
    });
    assert_eq!(reason(&doc, &mut server), "disabled");
    server.configure(json!({ "completion": { "enabled": true } }));
    wait::until("it is on", || {
        (!doc.complete(&mut server, 2).is_empty()).then_some(())
    });
}

#[test]
fn the_popup_for_clients_without_ghost_text() {
    let launch = Launch::new()
        .without_inline()
        .options(json!({ "completion": { "popup": "always" } }));
    let mut server = launch.start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let params = json!({ "textDocument": doc.id(), "position": doc.position(), "context": { "triggerKind": 1 } });
    // A popup is not kept waiting: on a busy machine its first answer may be none.
    let found = wait::until("the popup has an entry", || {
        let found = items(server.request("textDocument/completion", params.clone()));
        (!found.is_empty()).then_some(found)
    });
    assert_eq!(found.len(), 1, "{found:?}");
    let item = &found[0];
    let edit = &item["textEdit"];
    assert_eq!(edit["range"]["start"]["line"], edit["range"]["end"]["line"]);
    let start = edit["range"]["start"]["character"].as_u64().unwrap() as usize;
    let line =
        "    let counter = registry."[..start].to_owned() + edit["newText"].as_str().unwrap();
    assert!(NEXT_LINE.starts_with(&line), "{line:?}");
    assert!(
        item["label"]
            .as_str()
            .is_some_and(|label| !label.is_empty() && !label.contains('\n')),
        "{item}"
    );
    drop(server);

    let mut server = Launch::new()
        .options(json!({ "completion": { "popup": "never" } }))
        .start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    assert_eq!(
        items(server.request("textDocument/completion", params)),
        Vec::<Value>::new()
    );
    drop(doc);
}

#[test]
fn the_popups_selected_entry_is_extended_or_nothing_is_shown() {
    let mut server = Launch::new().start();
    let drawn = learnable().replace("registry.$0", "registry.cou$0");
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &drawn);
    let mut params = doc.inline_params(2);
    let start = doc.position_of(doc.cursor - 3);
    let range = json!({ "start": start, "end": doc.position() });
    for (text, extends) in [("counter", true), ("council", false)] {
        params["context"]["selectedCompletionInfo"] = json!({ "range": range, "text": text });
        let found = items(server.request("textDocument/inlineCompletion", params.clone()));
        for item in &found {
            assert!(
                item["insertText"].as_str().unwrap().starts_with(text),
                "{item}"
            );
            assert_eq!(item["range"], range, "{item}");
        }
        assert_eq!(
            !found.is_empty(),
            extends,
            "{text}: {found:?} {}",
            doc.why(&mut server)
        );
    }
}

#[test]
fn nothing_is_said_over_the_users_head() {
    let mut server = Launch::new()
        .config("[completion]\nthrottel_ms = 5\nroute = \"nowhere\"\n")
        .start();
    let doc = Doc::open(&mut server, "file:///ghost/lib.rs", "rust", &learnable());
    let found = doc.complete(&mut server, 2);
    assert_eq!(
        found.len(),
        1,
        "a bad setting costs nobody the embedded model: {}",
        doc.why(&mut server)
    );
    assert!(
        server.client().dialogs().is_empty(),
        "{:?}",
        server.client().asked
    );
}

#[test]
fn other_line_ends_are_no_part_of_an_item() {
    for end in ["\r\n", "\r"] {
        let mut server = Launch::new().start();
        let doc = Doc::open(
            &mut server,
            "file:///ghost/ends.rs",
            "rust",
            &learnable().replace('\n', end),
        );
        let found = doc.complete(&mut server, 2);
        assert_eq!(found.len(), 1, "{end:?}: {}", doc.why(&mut server));
        let line = accepted(&doc, &found[0]);
        assert!(NEXT_LINE.starts_with(&line), "{end:?}: {line:?}");
        assert!(
            !found[0]["insertText"].as_str().unwrap().contains('\r'),
            "{found:?}"
        );
    }
}
