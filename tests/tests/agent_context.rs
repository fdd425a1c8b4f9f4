//! What goes into a question beside its words: what the index finds, symbols, pictures, chats from elsewhere.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::shell::{chat, chat_home, code, err, last_message, out};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

/// The smallest PNG: one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\0IEND\xaeB`\x82";

fn work() -> Scratch {
    let work = Scratch::with(&[
        (
            "src/retry.rs",
            "/// Waits longer after every failure.\npub fn backoff_delay(failures: u32) -> u64 {\n    1 << failures\n}\n",
        ),
        (
            "src/paint.rs",
            "pub fn colour_of(word: &str) -> u8 {\n    word.len() as u8\n}\n",
        ),
        (
            "private/keys.rs",
            "pub fn backoff_delay_canary() {}\npub fn canary_definition() {}\n",
        ),
        (".aiexclude", "private/\n"),
    ]);
    work.write("shot.png", PNG);
    work.write("huge.png", [PNG, &vec![0; 6 << 20]].concat());
    work.write("fake.png", "no picture at all");
    work
}

fn server(route: &ScriptedRoute, work: &Scratch) -> Server {
    let options = json!({ "completion": { "route": "local" }, "edit": { "route": "mock" }, "chat": { "route": "mock" } });
    let mut server = Launch::new()
        .route(route, options)
        .workspace(work.path())
        .start();
    // The workspace is read in the background.
    wait::until("the index", || {
        let query = json!({ "query": "colour_of" });
        let found = server.try_request("agent/context/search", query).ok()?;
        (!found["places"].as_array()?.is_empty()).then_some(())
    });
    server
}

fn send(server: &mut Server, text: &str) -> Value {
    let id = server.request("agent/chat/start", json!({}))["id"].clone();
    let result = server.request("agent/chat/send", json!({ "id": id, "text": text }));
    assert_eq!(result["error"], Value::Null, "{result}");
    id
}

#[test]
fn the_index_is_searched_with_scores() {
    let route = ScriptedRoute::instant("ok");
    let work = work();
    let mut server = server(&route, &work);
    let found = server.request(
        "agent/context/search",
        json!({ "query": "where is the backoff_delay after failures", "limit": 3 }),
    );
    let best = &found["places"][0];
    assert_eq!(best["path"], "src/retry.rs", "{found}");
    assert_eq!(best["uri"], work.uri("src/retry.rs"));
    assert!(best["score"].as_f64().unwrap() > 0.0);
    assert!(best["text"].as_str().unwrap().contains("1 << failures"));
    assert!(!found.to_string().contains("canary"), "{found}");
    send(&mut server, "where is the backoff_delay? @repo");
    let asked = last_message(&route);
    assert!(
        asked.contains("`src/retry.rs:") && asked.contains("1 << failures"),
        "{asked}"
    );
    assert!(!asked.contains("canary"), "{asked}");
    // A definition of a file that nobody opened; what is excluded has none.
    send(&mut server, "explain @backoff_delay and @canary_definition");
    let asked = last_message(&route);
    assert!(asked.contains("pub fn backoff_delay("), "{asked}");
    assert!(!asked.contains("canary_definition() {}"), "{asked}");
}

#[test]
fn an_edit_is_asked_with_what_helps_and_tells_it() {
    let route = ScriptedRoute::instant("```rust\nfn wait() -> u64 {\n    backoff_delay(1)\n}\n```");
    let work = work();
    let mut server = server(&route, &work);
    let text = "fn wait() -> u64 {\n    backoff_delay(0)\n}\n";
    let doc = Doc::open(&mut server, &work.uri("src/wait.rs"), "rust", text);
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 3, "character": 0 } });
    server.request(
        "agent/edit/start",
        json!({ "textDocument": doc.id(), "range": range, "instruction": "one" }),
    );
    let told = server.notification("agent/edit/event", |event| event["kind"] == "context");
    let kept = told["account"]["kept"].to_string();
    assert!(kept.contains("src/retry.rs"), "{told}");
    server.notification("agent/edit/event", |event| event["kind"] == "ready");
    let asked = last_message(&route);
    assert!(asked.contains("pub fn backoff_delay("), "{asked}");
}

#[test]
fn pictures_are_shown_where_the_route_takes_them() {
    let route = ScriptedRoute::instant("ok");
    let work = work();
    let mut server = server(&route, &work);
    let id = send(
        &mut server,
        "what is on @shot.png and @huge.png and @fake.png ?",
    );
    let body = route.requests().last().unwrap().json();
    let parts = body["messages"][1]["content"].as_array().unwrap();
    assert_eq!(parts[0]["type"], "image_url", "{body}");
    let url = parts[0]["image_url"]["url"].as_str().unwrap();
    assert!(
        url.starts_with("data:image/png;base64,iVBORw0KGgo"),
        "{url}"
    );
    assert_eq!(parts.len(), 2, "one picture, one text");
    assert!(
        parts[1]["text"]
            .as_str()
            .unwrap()
            .contains("no picture at all"),
        "a name makes no picture"
    );
    let told = server.notification("agent/chat/event", |event| event["kind"] == "context");
    let left = told["account"]["leftOut"].to_string();
    assert!(left.contains("huge.png") && left.contains("5 MB"), "{told}");
    // It is shown once.
    server.request("agent/chat/send", json!({ "id": id, "text": "and now?" }));
    let again = route.requests().last().unwrap().json().to_string();
    assert!(!again.contains("image_url"), "{again}");
    let options = json!({ "chat": { "route": "source" },
        "routes": { "source": { "provider": "sourcegraph", "base_url": route.url(), "model": "m" } } });
    let mut other = Launch::new()
        .route(&route, options)
        .workspace(work.path())
        .env("SRC_ACCESS_TOKEN", "sgp_test")
        .start();
    let id = other.request("agent/chat/start", json!({}))["id"].clone();
    let request = other.ask(
        "agent/chat/send",
        json!({ "id": id, "text": "what is on @shot.png" }),
    );
    let told = other.notification("agent/chat/event", |event| event["kind"] == "context");
    assert!(told.to_string().contains("takes no pictures"), "{told}");
    let _ = other.answer(&request);
    assert!(
        !route
            .requests()
            .last()
            .unwrap()
            .everything()
            .contains("iVBORw0KGgo")
    );
}

const THEIRS: &str = r#"[{"chatID": "a", "transcript": {"id": "a", "chatTitle": "Slow parser", "lastInteractionTimestamp": "2025-07-01T12:00:00.000Z",
    "interactions": [{"humanMessage": {"speaker": "human", "text": "Why is it slow?"}, "assistantMessage": {"speaker": "assistant", "text": "It copies."}}]}}]"#;

#[test]
fn chats_of_codys_users_are_taken_over() {
    let route = ScriptedRoute::instant("Because it must.");
    let work = work();
    let mut server = server(&route, &work);
    let taken = server.request("agent/chat/import", json!({ "text": THEIRS }));
    let id = taken["chats"][0]["id"].clone();
    assert_eq!(taken["chats"][0]["title"], "Slow parser");
    server.request("agent/chat/send", json!({ "id": id, "text": "But why?" }));
    let body = route.requests().last().unwrap().json();
    assert_eq!(body["messages"][2]["content"], "It copies.", "{body}");
    let fault = server.try_request("agent/chat/import", json!({ "text": "{}" }));
    assert!(fault.unwrap_err().message.contains("no chat"));
    // The same from a shell.
    let home = chat_home(&route);
    home.write("cody.json", THEIRS);
    let output = chat(&home, &["--import", "cody.json"]).output().unwrap();
    assert_eq!(
        (code(&output), out(&output).contains("chats kept: 1")),
        (0, true)
    );
    let output = chat(&home, &["--resume", "-m", "But why?"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    let body = route.requests().last().unwrap().json();
    assert_eq!(body["messages"][1]["content"], "Why is it slow?");
    let output = chat(&home, &["--import", "nowhere.json"]).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("nowhere.json"));
}

#[test]
fn mentions_work_from_a_shell() {
    let route = ScriptedRoute::instant("ok");
    let home = chat_home(&route);
    home.write("Cargo.toml", "[package]\n");
    home.write("src/retry.rs", "pub fn backoff_delay() {}\n");
    home.write(".env", "CANARY=1\n");
    home.write("a b/c d.py", "X = 1\nY = 2\n");
    home.write("app/(shop)/[id].tsx", "let id;\n");
    for (said, wanted) in [
        (
            "look at @src/retry.rs",
            "`src/retry.rs`:\n```rust\npub fn backoff_delay",
        ),
        ("who calls @backoff_delay", "`src/retry.rs:1-1`"),
        ("where is backoff_delay defined @repo", "`src/retry.rs:1-1`"),
        ("@repo what is the backoff delay?", "`src/retry.rs:1-1`"),
        (
            "see @\"a b/c d.py\"",
            "`a b/c d.py`:\n```python\nX = 1\nY = 2\n",
        ),
        (
            "see @\"a b/c d.py:2\".",
            "`a b/c d.py:2-2`:\n```python\nY = 2\n",
        ),
        ("see (@app/(shop)/[id].tsx)", "`app/(shop)/[id].tsx`:"),
        ("see @src/retry.rs#L1-L1", "`src/retry.rs:1-1`"),
    ] {
        let output = chat(&home, &["-m", said]).output().unwrap();
        assert_eq!(code(&output), 0, "{output:?}");
        let asked = last_message(&route);
        assert!(asked.contains(wanted), "{said}: {asked}");
    }
    let output = chat(&home, &["-m", "and @.env ?"]).output().unwrap();
    assert!(err(&output).contains("@.env: "), "{output:?}");
    assert!(
        !route
            .requests()
            .last()
            .unwrap()
            .everything()
            .contains("CANARY")
    );
}
