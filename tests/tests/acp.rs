//! `nextline acp`: who we are, turns, and files as the editor has them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::acp::{
    Acp, LIB, able, config, fenced, link, link_lines, project, question, start, text,
};
use nextline_tests::{Scratch, ScriptedRoute};
use serde_json::json;

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
    assert!(acp.said().starts_with("Because !\\[x]"), "{}", acp.said());
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
    acp.until_asked("fs/read_text_file");
    let exchange = std::iter::from_fn(|| Some(held.next()))
        .find(|exchange| exchange.seen.json().to_string().contains("return a u64"))
        .unwrap();
    exchange.answer(&fenced("fn two() -> u64 {\n    2\n}"));
    acp.until_asked("session/request_permission");
    acp.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(acp.answer(id).unwrap()["stopReason"], "cancelled");
    assert!(acp.written.is_empty());
    let updates = acp.kind("tool_call_update");
    assert_eq!(updates.last().unwrap()["status"], "failed", "{updates:?}");
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
