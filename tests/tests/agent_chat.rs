//! `agent/chat/*`: deltas, mentions, what goes in, stopping, history, and what a renderer may see.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server};
use serde_json::{Value, json};

fn launch(route: &ScriptedRoute) -> Launch {
    Launch::new().route(
        route,
        json!({ "completion": { "route": "local" }, "chat": { "route": "mock" },
                "routes": { "other": { "provider": "openai-compatible", "base_url": format!("{}/v1", route.url()), "model": "o" } } }),
    )
}

fn start(server: &mut Server) -> String {
    let result = server.request("agent/chat/start", json!({}));
    assert_eq!(
        (&result["route"], &result["model"]),
        (&json!("mock"), &json!("m"))
    );
    result["id"].as_str().unwrap().to_owned()
}

fn deltas(server: &mut Server) -> Vec<String> {
    let events = server.taken("agent/chat/event");
    let deltas = events
        .iter()
        .map(|event| &event["params"])
        .filter(|event| event["kind"] == "delta");
    deltas
        .map(|event| event["text"].as_str().unwrap().to_owned())
        .collect()
}

fn messages(route: &ScriptedRoute) -> Vec<(String, String)> {
    let body = route.requests().last().unwrap().json();
    let messages = body["messages"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    messages
        .iter()
        .map(|message| (text(&message["role"]), text(&message["content"])))
        .collect()
}

#[test]
fn turns_follow_each_other() {
    let route = ScriptedRoute::instant("first answer");
    let mut server = launch(&route).start();
    let id = start(&mut server);
    let result = server.request(
        "agent/chat/send",
        json!({ "id": id, "text": "first question" }),
    );
    assert_eq!(
        (&result["turn"], &result["stopReason"], &result["error"]),
        (&json!(1), &json!("end"), &Value::Null)
    );
    assert!(
        !result.to_string().contains("first answer"),
        "the text is told once: {result}"
    );
    assert_eq!(deltas(&mut server).concat(), "first answer");
    route.script(|exchange| exchange.answer("second answer"));
    server.request(
        "agent/chat/send",
        json!({ "id": id, "text": "second question", "route": "other" }),
    );
    let said = messages(&route);
    let roles: Vec<&str> = said.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(
        (said[1].1.as_str(), said[2].1.as_str(), said[3].1.as_str()),
        ("first question", "first answer", "second question")
    );
    assert_eq!(route.requests().last().unwrap().json()["model"], "o");
    // An earlier question is said in another way: what followed it is forgotten.
    server.request(
        "agent/chat/send",
        json!({ "id": id, "text": "instead", "turn": 0 }),
    );
    assert_eq!(messages(&route).len(), 2);
    let chat = server.request("agent/chat/get", json!({ "id": id }));
    assert_eq!(
        chat["turns"],
        json!([{ "role": "user", "text": "instead" }, { "role": "assistant", "text": "second answer" }])
    );
    assert_eq!(chat["title"], "first question");
}

#[test]
fn a_long_answer_costs_little_more_than_its_text() {
    let line = "let value = compute(index, \"name\");\n";
    let text = line.repeat(100_000 / line.len());
    let sent = text.clone();
    let route = ScriptedRoute::new(move |mut exchange| {
        exchange.stream_head();
        for part in sent.as_bytes().chunks(60) {
            exchange.feed(std::str::from_utf8(part).unwrap());
        }
        exchange.finish();
    });
    let mut server = launch(&route).start();
    let id = start(&mut server);
    server.request("agent/chat/send", json!({ "id": id, "text": "write" }));
    let events = server.taken("agent/chat/event");
    let bytes: usize = events
        .iter()
        .map(|event| event.to_string().len() + "Content-Length: 1000\r\n\r\n".len())
        .sum();
    let told: String = events
        .iter()
        .filter_map(|event| event["params"]["text"].as_str())
        .collect();
    assert_eq!(told, text);
    assert!(
        bytes * 10 <= text.len() * 12,
        "{bytes} bytes for {}",
        text.len()
    );
}

#[test]
fn a_renderer_sees_no_image_and_no_html() {
    let said = "See ![x](https://evil.example/?q=1) and <img src=y>:\n```html\n<img src=z>\n```\n";
    let route = ScriptedRoute::new(move |mut exchange| {
        exchange.stream_head();
        for letter in said.chars() {
            exchange.feed(&letter.to_string());
        }
        exchange.finish();
    });
    let mut server = launch(&route).start();
    let id = start(&mut server);
    server.request("agent/chat/send", json!({ "id": id, "text": "x" }));
    let wanted =
        "See !\\[x](https://evil.example/?q=1) and \\<img src=y>:\n```html\n<img src=z>\n```\n";
    assert_eq!(deltas(&mut server).concat(), wanted);
    let chat = server.request("agent/chat/get", json!({ "id": id }));
    assert_eq!(chat["turns"][1]["text"], wanted);
}

#[test]
fn mentions_go_in_and_what_may_not_leave_stays() {
    let work = Scratch::with(&[
        (".aiexclude", "private.rs\n"),
        ("private.rs", "fn canary_private() {}\n"),
        (".env", "CANARY_ENV=1\n"),
        ("src/a.rs", "fn on_disk() {}\n"),
        ("src/b.rs", "one\ntwo\nthree\nfour\n"),
    ]);
    let outside = Scratch::with(&[("c.rs", "fn canary_outside() {}\n")]);
    let route = ScriptedRoute::instant("ok");
    let mut server = launch(&route).workspace(work.path()).start();
    let doc = Doc::open(
        &mut server,
        &work.uri("src/a.rs"),
        "rust",
        "fn unsaved() {}\n\nfn other() {\n    1;\n}\n",
    );
    let id = start(&mut server);
    let escape = format!("@{}", outside.path().join("c.rs").display());
    let text = format!(
        "Look at @src/a.rs, @src/b.rs:2-3 @other @selection @diagnostics @src/ and @private.rs @.env {escape} @no_such"
    );
    let place = json!({
        "textDocument": doc.id(),
        "selection": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 5 } },
        "diagnostics": [{ "range": { "start": { "line": 3, "character": 0 }, "end": { "line": 3, "character": 1 } }, "message": "unused" }],
    });
    let params = json!({ "id": id, "text": text, "place": place });
    server.request("agent/chat/send", params);
    let asked = &messages(&route)[1].1;
    for part in [
        "`src/a.rs`:\n```rust\nfn unsaved() {}\n",
        "`src/b.rs:2-3`:\n```rust\ntwo\nthree\n```",
        "`src/a.rs:3-5`:\n```rust\nfn other() {\n    1;\n}\n```",
        "`src/a.rs:1-1`:\n```rust\nfn unsaved() {}\n```",
        "line 4: unused",
        "src/a.rs\nsrc/b.rs",
    ] {
        assert!(asked.contains(part), "{part:?} is not in {asked}");
    }
    for canary in ["canary_private", "CANARY_ENV", "canary_outside"] {
        assert!(
            !route.requests()[0].everything().contains(canary),
            "{canary}"
        );
    }
    let account = server.notification("agent/chat/event", |event| event["kind"] == "context");
    let names = |key: &str| -> Vec<String> {
        let list = account["account"][key].as_array().unwrap().clone();
        list.iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("kept").len(), 6, "{account}");
    assert_eq!(
        names("leftOut"),
        ["@private.rs", "@.env", escape.as_str(), "@no_such"],
        "{account}"
    );
    let shown = server.request("agent/context/resolve", json!({ "text": "@src/b.rs" }));
    assert!(
        shown["tokens"].as_u64().unwrap() > 0 && shown["kept"][0]["name"] == "src/b.rs",
        "{shown}"
    );
}

#[test]
fn an_answer_is_stopped_and_what_came_stays() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let id = start(&mut server);
    let request = server.ask("agent/chat/send", json!({ "id": id, "text": "long" }));
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("some of it ");
    server.notification("agent/chat/event", |event| event["kind"] == "delta");
    let busy = server.try_request("agent/chat/send", json!({ "id": id, "text": "at once" }));
    assert!(busy.unwrap_err().message.contains("still answering"));
    server.request("agent/chat/stop", json!({ "id": id }));
    let result = server.answer(&request).unwrap();
    assert_eq!(
        (&result["error"]["kind"], &result["stopReason"]),
        (&json!("interrupted"), &Value::Null)
    );
    route.wait_aborted(0);
    let chat = server.request("agent/chat/get", json!({ "id": id }));
    assert_eq!(chat["turns"][1]["text"], "some of it ");
    drop(exchange);
    let request = server.ask("agent/chat/send", json!({ "id": id, "text": "again" }));
    let exchange = held.next();
    server.cancel(&request);
    assert_eq!(server.answer(&request).unwrap_err().code, -32800);
    route.wait_aborted(1);
    drop(exchange);
    let chat = server.request("agent/chat/get", json!({ "id": id }));
    assert_eq!(
        chat["turns"].as_array().unwrap().len(),
        2,
        "a question without an answer is asked again"
    );
}

#[test]
fn chats_are_listed_found_exported_and_forgotten() {
    let route = ScriptedRoute::instant("The *answer*.");
    let mut server = launch(&route).start();
    let id = start(&mut server);
    server.request(
        "agent/chat/send",
        json!({ "id": id, "text": "Why is the parser slow?" }),
    );
    let other = start(&mut server);
    server.request(
        "agent/chat/send",
        json!({ "id": other, "text": "Something else" }),
    );
    let listed = server.request("agent/chat/list", json!({ "query": "PARSER" }));
    assert_eq!(listed["chats"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(
        (&listed["chats"][0]["id"], &listed["chats"][0]["turns"]),
        (&json!(id), &json!(2))
    );
    let file = server
        .home()
        .path()
        .join(".local/state/nextline/chats.sqlite");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let markdown = server.request(
        "agent/chat/export",
        json!({ "id": id, "format": "markdown" }),
    );
    assert_eq!(
        markdown["text"],
        "# Why is the parser slow?\n\n## You\n\nWhy is the parser slow?\n\n## Nextline\n\nThe *answer*.\n"
    );
    let whole = server.request("agent/chat/export", json!({ "id": id, "format": "json" }));
    let whole: Value = serde_json::from_str(whole["text"].as_str().unwrap()).unwrap();
    assert_eq!(whole["turns"][1]["text"], "The *answer*.");
    server.request("agent/chat/delete", json!({ "id": id }));
    assert!(
        server
            .try_request("agent/chat/get", json!({ "id": id }))
            .is_err()
    );
    assert!(
        server
            .try_request("agent/chat/delete", json!({ "id": id }))
            .is_err()
    );
    let listed = server.request("agent/chat/list", json!({}));
    assert_eq!(listed["chats"].as_array().unwrap().len(), 1);
}

#[test]
fn failures_are_said_with_the_mend() {
    let route = ScriptedRoute::new(|exchange| exchange.refuse("401 No", &[], "bad"));
    let mut server = launch(&route).start();
    let id = start(&mut server);
    let result = server.request("agent/chat/send", json!({ "id": id, "text": "x" }));
    assert_eq!(
        (&result["error"]["kind"], &result["error"]["status"]),
        (&json!("auth"), &json!(401)),
        "{result}"
    );
    let models = server.request("agent/model/list", json!({}));
    let mock = models["models"]
        .as_array()
        .unwrap()
        .iter()
        .find(|model| model["route"] == "mock")
        .unwrap()
        .clone();
    assert_eq!(
        (&mock["usedFor"], &mock["trouble"]),
        (&json!(["chat"]), &Value::Null)
    );
    let mut bare = Launch::new().start();
    let fault = bare.try_request("agent/chat/start", json!({})).unwrap_err();
    assert!(fault.message.contains("[routes.NAME]"), "{fault:?}");
    assert!(
        server
            .try_request("agent/chat/send", json!({ "id": "none", "text": "x" }))
            .is_err()
    );
}
