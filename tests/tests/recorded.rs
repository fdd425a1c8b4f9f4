//! `--record` and `nextline replay`: the same bytes on another machine, without the route, without the workspace, without a key in them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use nextline_tests::samples::{NEXT_FUNCTION, regular_rust};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

const KEY: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6";

/// Ends a server as editors do.
fn end(mut server: Server) {
    server.request("shutdown", Value::Null);
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(0));
}

fn settled(server: &mut Server) {
    wait::until("the workspace to be read", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false).then_some(())
    });
}

/// Plays a file in a home and a folder of its own.
fn replay(file: &Path) -> Output {
    let home = Scratch::new();
    let mut command = binary::command(home.path());
    let output = command
        .arg("replay")
        .arg(file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let state = home.path().join(".local/state/nextline");
    let left = std::fs::read_dir(state).into_iter().flatten().flatten();
    let left: Vec<_> = left
        .map(|entry| entry.file_name())
        .filter(|name| !name.to_string_lossy().starts_with("ledger"))
        .collect();
    assert!(left.is_empty(), "what is played leaves traces: {left:?}");
    output
}

/// A session with a route, a workspace, a chat and a key that is typed letter by letter.
fn session(place: &Scratch) -> PathBuf {
    let file = place.path().join("session.jsonl");
    let workspace = Scratch::with(&[
        ("src/known.rs", &regular_rust(8)),
        (
            "src/plain.rs",
            "pub fn gauge_of(x: u32) -> u32 {\n    x\n}\n",
        ),
    ]);
    let route = ScriptedRoute::new(|exchange| {
        let asked = exchange.seen.everything();
        let text = match asked.find("SECRET_") {
            Some(at) => asked[at..].chars().take(19).collect::<String>() + "\";",
            None => "gauge_of(7);".to_owned(),
        };
        exchange.answer(&text);
    });
    let mut server = Launch::new()
        .args(&["--stdio", "--record", file.to_str().unwrap()])
        .workspace(workspace.path())
        .route(&route, json!({"chat": {"route": "mock"}}))
        .start();
    settled(&mut server);
    let mut doc = Doc::open(
        &mut server,
        &workspace.uri("src/main.rs"),
        "rust",
        "fn main() {\n    let gauge = $0\n}\n",
    );
    assert_eq!(
        doc.complete(&mut server, 1)[0]["insertText"],
        "gauge_of(7);"
    );
    doc.type_text(&mut server, "gauge_of(7);\n    let key = \"");
    for letter in KEY.chars() {
        doc.type_text(&mut server, &letter.to_string());
    }
    doc.type_text(&mut server, "\";\n    let again = \"");
    let found = doc.complete(&mut server, 1);
    assert!(
        found[0]["insertText"].as_str().unwrap().contains(KEY),
        "{found:?}"
    );
    let chat = server.request("agent/chat/start", json!({}));
    let said = json!({"id": chat["id"], "text": format!("what of {KEY} and @src/plain.rs?")});
    server.request("agent/chat/send", said);
    server.request(
        "workspace/executeCommand",
        json!({"command": "nextline.snooze", "arguments": [5]}),
    );
    // How quick an answer was decides nothing that is asked: it is another one when the session is played.
    let requests = route.requests();
    assert!(requests.len() > 2 && requests.iter().all(|seen| seen.json()["stream"] == true));
    end(server);
    file
}

#[test]
fn a_session_comes_out_again_byte_for_byte_without_its_keys() {
    let place = Scratch::new();
    let file = session(&place);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("ghp_"), "the key is in the recording");
    for start in [4, 12, 20] {
        assert!(
            !text.contains(&KEY[start..start + 8]),
            "a part of the key is in the recording"
        );
    }
    // Letter by letter it is not there either.
    let typed: String = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["event"] == "client")
        .filter_map(|line| serde_json::from_str::<Value>(line["body"].as_str()?).ok())
        .filter(|message| message["method"] == "textDocument/didChange")
        .map(|message| {
            message["params"]["contentChanges"][0]["text"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(
        typed.contains("let key = \"xxxx") && !typed.contains("ghp_"),
        "{typed}"
    );

    let output = replay(&file);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let recorded: String = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["event"] == "server")
        .map(|line| {
            let body = line["body"].as_str().unwrap();
            format!("Content-Length: {}\r\n\r\n{body}", body.len())
        })
        .collect();
    assert!(
        recorded.contains("gauge_of(7);") && recorded.contains("xxxxxxxx"),
        "{recorded}"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), recorded);
}

#[test]
fn what_the_embedded_model_says_comes_out_again() {
    let place = Scratch::new();
    let file = place.path().join("session.jsonl");
    let workspace = Scratch::with(&[("src/known.rs", &regular_rust(8))]);
    let mut server = Launch::new()
        .args(&["--stdio", "--record", file.to_str().unwrap()])
        .workspace(workspace.path())
        .start();
    settled(&mut server);
    let doc = Doc::open(
        &mut server,
        &workspace.uri("src/new.rs"),
        "rust",
        NEXT_FUNCTION,
    );
    let found = doc.complete(&mut server, 1);
    assert_eq!(found[0]["insertText"], "counter(\"requests\");");
    end(server);
    drop(workspace);
    let output = replay(&file);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("counter(\\\"requests\\\");"));
}

#[test]
fn a_changed_recording_is_no_longer_what_comes_out() {
    let place = Scratch::new();
    let file = session(&place);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        text.replace("gauge_of(7);\\\\\\\"", "gauge_of(8);\\\\\\\"")
            .replacen("gauge_of(7)", "gauge_of(9)", 1),
    )
    .unwrap();
    let output = replay(&file);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("differs at character"), "{said}");
}

#[test]
fn what_is_no_recording_is_named() {
    let place = Scratch::with(&[
        ("a.jsonl", "{}\n"),
        (
            "b.jsonl",
            "{\"nextline\":9,\"version\":\"9\",\"process\":1,\"policy\":null,\"user\":null,\"environment\":[],\"flags\":[]}\n",
        ),
    ]);
    for (name, words) in [
        ("a.jsonl", "line 1 is no part of a recording"),
        ("b.jsonl", "its form is 9"),
        ("c.jsonl", "c.jsonl"),
    ] {
        let output = replay(&place.path().join(name));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
