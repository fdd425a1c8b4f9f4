//! `nextline acp`: turns, slash commands, permissions, files as the editor has them, and what is not let through.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::acp::{Acp, able, config};
use nextline_tests::{Scratch, ScriptedRoute, scratch};
use serde_json::{Value, json};

const LIB: &str = "fn one() -> u32 {\n    1\n}\n\nfn two() -> u32 {\n    2\n}\n";

fn project() -> Scratch {
    Scratch::with(&[
        ("src/lib.rs", LIB),
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
    ])
}

fn start(route: &ScriptedRoute, project: &Scratch) -> (Scratch, Acp, String) {
    let home = Scratch::new();
    let mut acp = Acp::start(&home, &config(route), able());
    let session = acp.session(project.path());
    (home, acp, session)
}

fn fenced(code: &str) -> String {
    format!("```rust\n{code}\n```\n")
}

/// The text of the last question.
fn question(route: &ScriptedRoute) -> String {
    let body = route.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap();
    messages.last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn link(project: &Scratch, file: &str) -> Value {
    json!({ "type": "resource_link", "name": file, "uri": project.uri(file) })
}

fn link_lines(project: &Scratch, file: &str, lines: &str) -> Value {
    let uri = format!("{}#{lines}", project.uri(file));
    json!({ "type": "resource_link", "name": file, "uri": uri })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

#[test]
fn who_we_are_and_what_we_can() {
    let home = Scratch::new();
    let route = ScriptedRoute::instant("");
    let acp = Acp::start(&home, &config(&route), able());
    assert_eq!(acp.init["protocolVersion"], 1);
    assert_eq!(acp.init["agentInfo"]["name"], "nextline");
    let can = &acp.init["agentCapabilities"];
    assert_eq!(can["loadSession"], true);
    assert_eq!(can["promptCapabilities"]["embeddedContext"], true);
    for session in ["list", "delete", "resume", "close", "additionalDirectories"] {
        assert!(can["sessionCapabilities"][session].is_object(), "{session}");
    }
    let ways = acp.init["authMethods"].as_array().unwrap();
    assert_eq!(
        (ways[0]["type"].as_str(), &ways[0]["args"]),
        (Some("terminal"), &json!(["--login"]))
    );
    acp.end();
    // A terminal is only offered to who has one; the registry's own check asks in the older way.
    let acp = Acp::start(&home, "", json!({}));
    let ways = acp.init["authMethods"].as_array().unwrap();
    assert!(ways.len() == 1 && ways[0].get("type").is_none(), "{ways:?}");
    let old = json!({ "terminal": true, "_meta": { "terminal-auth": true } });
    let acp = Acp::start(&home, "", old);
    let run = &acp.init["authMethods"][0]["_meta"]["terminal-auth"];
    assert_eq!(run["args"], json!(["acp", "--login"]));
}

#[test]
fn the_order_of_messages_is_held() {
    let home = Scratch::new();
    let mut acp = Acp::spawn(&home, "");
    let early = acp.request("session/new", json!({ "cwd": "/", "mcpServers": [] }));
    assert_eq!(early.unwrap_err()["code"], -32600);
    let wrong = acp.request("initialize", json!({}));
    assert_eq!(wrong.unwrap_err()["code"], -32602);
    acp.request("initialize", json!({ "protocolVersion": 7 }))
        .unwrap();
    let twice = acp.request("initialize", json!({ "protocolVersion": 1 }));
    assert_eq!(twice.unwrap_err()["code"], -32600);
    acp.send_bytes(b"{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\"\n\n[1]\n\xff\n");
    for _ in 0..3 {
        let code = acp.message("null")["error"]["code"].as_i64().unwrap();
        assert!([-32700, -32600].contains(&code), "{code}");
    }
    assert_eq!(
        acp.request("session/fork", json!({})).unwrap_err()["code"],
        -32601
    );
    assert_eq!(
        acp.request("session/prompt", json!({})).unwrap_err()["code"],
        -32602
    );
    let nobody = acp.request("session/prompt", json!({ "sessionId": "x", "prompt": [] }));
    assert_eq!(nobody.unwrap_err()["code"], -32002);
    let relative = acp.request("session/new", json!({ "cwd": "src", "mcpServers": [] }));
    assert!(
        relative.unwrap_err()["message"]
            .as_str()
            .unwrap()
            .contains("absolute")
    );
    acp.notify("session/later", json!({}));
    acp.notify("session/cancel", json!({ "sessionId": "x" }));
    acp.end();
}

#[test]
fn a_turn_is_streamed() {
    let (route, held) = ScriptedRoute::held();
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let commands = acp.until("available_commands_update", |_| true);
    let names: Vec<&str> = commands["availableCommands"]
        .as_array()
        .unwrap()
        .iter()
        .map(|command| command["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..5], ["edit", "doc", "test", "fix", "explain"]);
    assert!(names.contains(&"smell"), "{names:?}");
    let prompt = json!([text("why is this slow?")]);
    let id = acp.ask(
        "session/prompt",
        json!({ "sessionId": session, "prompt": prompt }),
    );
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("Because ![x](http://evil/?q=1) ");
    acp.until("agent_message_chunk", |_| true);
    assert!(acp.said().starts_with("Because \\!"), "{}", acp.said());
    exchange.feed("of that.");
    exchange.finish();
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "end_turn");
    assert!(acp.said().ends_with("of that."), "{}", acp.said());
    assert_eq!(
        acp.kind("session_info_update")[0]["title"],
        "why is this slow?"
    );
    // The next turn goes on with it.
    let id = acp.ask(
        "session/prompt",
        json!({ "sessionId": session, "prompt": [text("and?")] }),
    );
    let exchange = held.next();
    let messages = exchange.seen.json()["messages"].as_array().unwrap().len();
    assert_eq!(messages, 4);
    exchange.answer("so");
    acp.answer(id).unwrap();
    acp.end();
}

#[test]
fn what_is_mentioned_comes_from_the_editors_buffers() {
    let route = ScriptedRoute::instant("fine");
    let project = project();
    project.write(".env", "TOKEN=canary-one");
    let (_home, mut acp, session) = start(&route, &project);
    let lib = project.path().join("src/lib.rs");
    let unsaved = LIB.replace("2\n", "22 // unsaved\n");
    acp.buffers.insert(lib.to_str().unwrap().into(), unsaved);
    let outside = Scratch::with(&[("a.rs", "canary-two")]);
    let embedded = json!({ "type": "resource", "resource": {
        "uri": format!("{}#L1:3", project.uri("src/lib.rs")), "text": "fn one() -> u32 {\n    1 // embedded\n}" } });
    let secret = json!({ "type": "resource", "resource": { "uri": project.uri(".env"), "text": "TOKEN=canary-three" } });
    let prompt = json!([
        text("What is "), link_lines(&project, "src/lib.rs", "L5:7"), text(" beside "), embedded, text("?"),
        link(&project, ".env"), secret, link(&outside, "a.rs"), { "type": "image", "data": "", "mimeType": "image/png" },
    ]);
    assert_eq!(acp.prompt_with(&session, prompt).unwrap(), "end_turn");
    let asked = question(&route);
    assert!(
        asked.contains("`src/lib.rs:5-7`:\n```rust\nfn two() -> u32 {\n    22 // unsaved\n}"),
        "{asked}"
    );
    assert!(asked.contains("1 // embedded"), "{asked}");
    assert!(
        asked.contains("What is `src/lib.rs:5-7` beside `src/lib.rs:1-3`?"),
        "{asked}"
    );
    assert!(!asked.contains("canary"), "{asked}");
    let call = &acp.kind("tool_call")[0];
    assert_eq!(
        (&call["kind"], &call["status"]),
        (&json!("read"), &json!("completed"))
    );
    let account = call["content"][0]["content"]["text"].as_str().unwrap();
    for told in [
        "`src/lib.rs:5-7`: ",
        "`.env` is left out",
        "outside of the folders",
        "only text is read",
    ] {
        assert!(account.contains(told), "{told}: {account}");
    }
    assert_eq!(call["locations"][0], json!({ "path": lib, "line": 5 }));
    assert!(
        acp.asked
            .iter()
            .all(|(_, params)| params["path"] == json!(lib)),
        "{:?}",
        acp.asked
    );
    acp.end();
}

#[test]
fn what_the_editor_denies_is_not_read_past_it() {
    let route = ScriptedRoute::instant("fine");
    let project = Scratch::with(&[("a.rs", "fn canary() {}\n"), ("b.rs", "fn b() {}\n")]);
    let (_home, mut acp, session) = start(&route, &project);
    let denied = project.path().join("a.rs");
    acp.denied.push(denied.to_str().unwrap().into());
    acp.prompt(&session, "what do @a.rs and @b.rs do?").unwrap();
    let asked = question(&route);
    assert!(
        asked.contains("fn b()") && !asked.contains("canary"),
        "{asked}"
    );
    let account = acp.kind("tool_call")[0]["content"].to_string();
    assert!(account.contains("permission denied"), "{account}");
    for verb in ["/explain a.rs:1", "/edit a.rs:1-1 change it"] {
        acp.prompt(&session, verb).unwrap();
    }
    assert_eq!(route.count(), 1, "{}", acp.said());
    assert!(acp.said().contains("permission denied"), "{}", acp.said());
    acp.end();
}

#[test]
fn an_edit_is_shown_made_and_refused() {
    let route = ScriptedRoute::instant(&fenced("fn two() -> u64 {\n    2\n}"));
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let lib = project.path().join("src/lib.rs");
    // The editor's text differs from the disk's: what is asked about, shown and written is the editor's.
    let unsaved = format!("// unsaved\n{LIB}");
    let key = lib.to_str().unwrap().to_owned();
    acp.buffers.insert(key.clone(), unsaved.clone());
    acp.verdicts.push_back("reject_once");
    assert_eq!(
        acp.prompt(&session, "/edit src/lib.rs:6-8 return a u64")
            .unwrap(),
        "end_turn"
    );
    assert!(
        acp.written.is_empty() && acp.said().contains("left as it is"),
        "{}",
        acp.said()
    );
    acp.verdicts.push_back("allow_once");
    let prompt = json!([
        text("/edit "),
        link_lines(&project, "src/lib.rs", "L6-L8"),
        text(" return a u64")
    ]);
    assert_eq!(acp.prompt_with(&session, prompt).unwrap(), "end_turn");
    let after = unsaved.replace("fn two() -> u32", "fn two() -> u64");
    assert_eq!(acp.written, [(key, after.clone())]);
    assert!(question(&route).contains("return a u64"));
    let permissions: Vec<&Value> = acp
        .asked
        .iter()
        .filter(|(method, _)| method == "session/request_permission")
        .map(|(_, params)| params)
        .collect();
    assert_eq!(permissions.len(), 2);
    let shown = &permissions[1]["toolCall"];
    assert_eq!(
        shown["content"],
        json!([{ "type": "diff", "path": lib, "oldText": unsaved, "newText": after }])
    );
    assert_eq!(
        (&shown["kind"], &shown["locations"]),
        (&json!("edit"), &json!([{ "path": lib, "line": 6 }]))
    );
    let calls = acp.kind("tool_call");
    assert_eq!(
        (calls.len(), &calls[1]["title"]),
        (2, &json!("Edit `src/lib.rs:6-8`"))
    );
    let last = |id: &Value| {
        let updates = acp.kind("tool_call_update");
        updates
            .into_iter()
            .rfind(|update| update["toolCallId"] == *id)
            .unwrap()
    };
    assert_eq!(last(&calls[0]["toolCallId"])["status"], "failed");
    assert_eq!(last(&calls[1]["toolCallId"])["status"], "completed");
    assert!(
        acp.said()
            .contains("`src/lib.rs` was changed: 1 lines in, 1 out."),
        "{}",
        acp.said()
    );
    acp.end();
}

#[test]
fn what_was_typed_meanwhile_stays() {
    let (route, held) = ScriptedRoute::held();
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let lib = project.path().join("src/lib.rs");
    let key = lib.to_str().unwrap().to_owned();
    for (typed, lands) in [("// typed\n", true), ("", false)] {
        std::fs::write(&lib, LIB).unwrap();
        let params =
            json!({ "sessionId": session, "prompt": [text("/edit src/lib.rs:5-7 return a u64")] });
        let id = acp.ask("session/prompt", params);
        held.next().answer(&fenced("fn two() -> u64 {\n    2\n}"));
        acp.asked.clear();
        acp.until_asked("session/request_permission");
        let meanwhile = match lands {
            true => format!("{typed}{LIB}"),
            false => LIB.replace("u32 {\n    2", "i8 {\n    2"),
        };
        acp.buffers.insert(key.clone(), meanwhile.clone());
        acp.written.clear();
        // The person has seen the diff by now.
        let (_, params) = acp.asked.last().unwrap().clone();
        let option = params["options"][0]["optionId"].clone();
        acp.send(&json!({ "jsonrpc": "2.0", "id": acp.open_question(), "result": { "outcome": { "outcome": "selected", "optionId": option } } }));
        assert_eq!(acp.answer(id).unwrap()["stopReason"], "end_turn");
        let wanted = meanwhile.replace("fn two() -> u32", "fn two() -> u64");
        match lands {
            true => assert_eq!(acp.written, [(key.clone(), wanted)]),
            false => {
                assert!(acp.written.is_empty());
                assert!(
                    acp.said().contains("was changed where the edit changes it"),
                    "{}",
                    acp.said()
                );
            }
        }
    }
    acp.end();
}

#[test]
fn verbs_of_several_files_and_a_yes_for_all() {
    let project = Scratch::with(&[("a.rs", LIB), ("b.rs", LIB), ("AGENTS.md", "# Rules\n")]);
    let route = ScriptedRoute::instant(&fenced("/// Gives one."));
    let (_home, mut acp, session) = start(&route, &project);
    acp.verdicts.push_back("allow_always");
    let prompt = json!([
        text("/doc "),
        link_lines(&project, "a.rs", "L1"),
        link_lines(&project, "b.rs", "L1")
    ]);
    acp.prompt_with(&session, prompt).unwrap();
    let documented = format!("/// Gives one.\n{LIB}");
    let written: Vec<&String> = acp.written.iter().map(|(_, text)| text).collect();
    assert_eq!(written, [&documented, &documented]);
    // What steers a tool is asked for all the same.
    route.script(|exchange| exchange.answer("```markdown\n# Other rules\n```\n"));
    acp.verdicts.push_back("allow_once");
    acp.prompt(&session, "/edit AGENTS.md:1-1 other rules")
        .unwrap();
    let (_, question) = acp
        .asked
        .iter()
        .rfind(|(method, _)| method == "session/request_permission")
        .unwrap();
    let names: Vec<&str> = question["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["name"].as_str().unwrap())
        .collect();
    assert!(
        names.len() == 2 && names[0].contains("steers a tool (`agents.md`)"),
        "{names:?}"
    );
    assert_eq!(acp.written.len(), 3);
    acp.end();
}

#[test]
fn a_client_without_files_has_the_disk() {
    let project = project();
    let route = ScriptedRoute::instant(&fenced("fn two() -> u64 {\n    2\n}"));
    let home = Scratch::new();
    let mut acp = Acp::start(&home, &config(&route), json!({}));
    let session = acp.session(project.path());
    acp.verdicts.push_back("allow_once");
    acp.prompt(
        &session,
        "/fix src/lib.rs:5-7 error[E0308]: mismatched types",
    )
    .unwrap();
    let lib = project.path().join("src/lib.rs");
    assert_eq!(
        std::fs::read_to_string(&lib).unwrap(),
        LIB.replace("fn two() -> u32", "fn two() -> u64")
    );
    assert!(question(&route).contains("E0308"));
    acp.end();
    let undone = nextline_tests::binary::command(home.path())
        .arg("undo")
        .output()
        .unwrap();
    assert!(undone.status.success(), "{undone:?}");
    assert_eq!(std::fs::read_to_string(&lib).unwrap(), LIB);
}

#[test]
fn nothing_is_written_outside_or_of_what_is_excluded() {
    let outside = Scratch::with(&[("a.rs", LIB)]);
    let project = Scratch::with(&[
        ("src/lib.rs", LIB),
        (".nextlineignore", "hidden.rs\n"),
        ("hidden.rs", LIB),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        outside.path().join("a.rs"),
        project.path().join("way-out.rs"),
    )
    .unwrap();
    let route = ScriptedRoute::instant(&fenced("fn evil() {}"));
    let (_home, mut acp, session) = start(&route, &project);
    let mut prompts = vec![
        json!([text("/edit change it "), link(&outside, "a.rs")]),
        json!([text("/edit ../outside.rs change it")]),
        json!([text("/edit hidden.rs:1-3 change it")]),
        json!([
            text("/edit change it "),
            json!({ "type": "resource_link", "name": "x", "uri": scratch::uri_of(&project.path().join("../a.rs")) })
        ]),
        json!([text("/explain hidden.rs:1-3")]),
        json!([text("/edit")]),
        json!([text("/edit src/lib.rs")]),
    ];
    if cfg!(unix) {
        prompts.push(json!([
            text("/edit change it "),
            link(&project, "way-out.rs")
        ]));
    }
    for prompt in prompts {
        let said = acp.said().len();
        let ended = acp.prompt_with(&session, prompt.clone());
        assert_eq!(ended.unwrap(), "end_turn", "{prompt}");
        assert!(acp.said().len() > said + 10, "{prompt}");
    }
    assert_eq!(route.count(), 0, "{}", acp.said());
    assert!(acp.written.is_empty());
    assert!(
        acp.asked
            .iter()
            .all(|(method, _)| method != "session/request_permission")
    );
    assert_eq!(
        std::fs::read_to_string(outside.path().join("a.rs")).unwrap(),
        LIB
    );
    acp.end();
}

#[test]
fn a_turn_is_stopped() {
    let (route, held) = ScriptedRoute::held();
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let prompt = |words: &str| json!({ "sessionId": session, "prompt": [text(words)] });
    let id = acp.ask("session/prompt", prompt("why?"));
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("Beca");
    acp.until("agent_message_chunk", |_| true);
    let second = acp.request("session/prompt", prompt("more?"));
    assert!(
        second.unwrap_err()["message"]
            .as_str()
            .unwrap()
            .contains("still answering")
    );
    acp.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "cancelled");
    route.wait_aborted(0);
    // In one breath with its question.
    let id = acp.ask("session/prompt", prompt("why?"));
    acp.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "cancelled");
    // An edit that waits for the person.
    let id = acp.ask(
        "session/prompt",
        prompt("/edit src/lib.rs:5-7 return a u64"),
    );
    let exchange = std::iter::from_fn(|| Some(held.next()))
        .find(|exchange| exchange.seen.json().to_string().contains("return a u64"))
        .unwrap();
    exchange.answer(&fenced("fn two() -> u64 {\n    2\n}"));
    acp.until_asked("session/request_permission");
    acp.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "cancelled");
    assert!(acp.written.is_empty());
    // As a request that nobody waits for.
    let id = acp.ask("session/prompt", prompt("what?"));
    let exchange = held.next();
    let number = exchange.number;
    acp.notify("$/cancel_request", json!({ "requestId": id }));
    assert_eq!(acp.answer(id).unwrap_err()["code"], -32800);
    route.wait_aborted(number);
    drop(exchange);
    // The session is free again.
    let id = acp.ask("session/prompt", prompt("and now?"));
    held.next().answer("yes");
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "end_turn");
    acp.end();
}

#[test]
fn tests_go_where_the_project_has_them() {
    let project = Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", LIB),
    ]);
    let route = ScriptedRoute::instant(&fenced(
        "#[test]\nfn one_is_one() {\n    assert_eq!(one(), 1);\n}",
    ));
    let (_home, mut acp, session) = start(&route, &project);
    acp.verdicts.push_back("allow_once");
    acp.prompt(&session, "/test @src/lib.rs:1").unwrap();
    let (_, text) = acp
        .written
        .last()
        .unwrap_or_else(|| panic!("{}", acp.said()));
    assert!(
        text.starts_with(LIB) && text.contains("mod tests {") && text.contains("one_is_one"),
        "{text}"
    );
    acp.end();
}

#[test]
fn code_is_explained() {
    let route = ScriptedRoute::instant("It gives two.");
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    assert_eq!(
        acp.prompt(&session, "/explain src/lib.rs:6 in one sentence")
            .unwrap(),
        "end_turn"
    );
    let asked = question(&route);
    assert!(
        asked.contains("`src/lib.rs:5-7`:")
            && asked.contains("fn two()")
            && asked.contains("in one sentence"),
        "{asked}"
    );
    assert!(!asked.contains("fn one()"), "{asked}");
    assert!(acp.said().ends_with("It gives two."), "{}", acp.said());
    acp.end();
}
