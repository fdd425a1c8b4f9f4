//! One process for several editors: who shares it, what each has for himself, and how it begins and ends.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use nextline_tests::doc::accepted;
use nextline_tests::house::{House, clients, kill};
use nextline_tests::{Doc, Scratch, ScriptedRoute, Server, samples, wait};
use serde_json::{Value, json};

mod accounts;
use accounts::counting;

fn learnable(word: &str) -> String {
    samples::learnable().replace("requests", word)
}

fn wait_learnt(server: &mut Server) -> Value {
    wait::until("the workspace is learnt", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false && status["local"]["files"].as_u64() > Some(0)).then_some(status)
    })
}

/// The line that comes of the best suggestion at the cursor.
fn line(doc: &Doc, server: &mut Server) -> Option<String> {
    let items = doc.complete(server, 1);
    items.first().map(|item| accepted(doc, item))
}

#[test]
fn two_editors_share_what_one_has_learnt() {
    let house = House::new();
    let text = samples::regular_rust(12);
    let workspace = Scratch::with(&[("src/a.rs", text.as_str()), (".git/HEAD", "x")]);
    let mut first = house.editor().workspace(workspace.path()).start();
    let learnt = wait_learnt(&mut first);
    // What the second one knows of it, it can know from the first one alone.
    fs::remove_file(workspace.path().join("src/a.rs")).unwrap();
    let mut second = house
        .editor()
        .env("TERM", "other")
        .workspace(workspace.path())
        .start();
    house.host();
    let status = second.request("agent/status", Value::Null);
    assert_eq!(status["local"]["files"], learnt["local"]["files"]);
    let doc = Doc::open(
        &mut second,
        &workspace.uri("src/b.rs"),
        "rust",
        samples::NEXT_FUNCTION,
    );
    assert_eq!(line(&doc, &mut second).as_deref(), Some(samples::NEXT_LINE));
    // Another folder is another workspace.
    let elsewhere = Scratch::new();
    let mut third = house.editor().workspace(elsewhere.path()).start();
    house.host();
    let doc = Doc::open(
        &mut third,
        &elsewhere.uri("b.rs"),
        "rust",
        samples::NEXT_FUNCTION,
    );
    assert_eq!(line(&doc, &mut third), None);
    drop((first, second, third));
    house.wait_empty();
}

/// Requests of each client: 10,000 where somebody has the time.
fn requests() -> usize {
    let number = std::env::var("NEXTLINE_SHARED_REQUESTS").ok();
    number.map_or(1000, |number| number.parse().unwrap())
}

/// Types, asks and checks that every answer is for this client's text of the moment.
fn ask_much(server: &mut Server, word: &str) {
    let mut doc = Doc::open(server, "file:///same/lib.rs", "rust", &learnable(word));
    let mine = format!("\"{word}\"");
    for round in 0..requests() / 100 {
        let mut texts = Vec::new();
        let mut lines = Vec::new();
        for number in 0..100 {
            let id = json!(format!("{word}-{round}-{number}"));
            if number % 10 == 9 {
                server.ask_as(&id, "textDocument/inlineCompletion", doc.inline_params(1));
                lines.push((id, doc.clone()));
            } else {
                let at = doc.cursor;
                doc.replace(server, 0, 0, &format!("// {word} {round} {number}\n"));
                doc.cursor += at;
                server.ask_as(&id, "agent/debug/assertText", doc.assert_params());
                texts.push(id);
            }
        }
        let now = doc.version;
        for id in texts {
            assert_eq!(server.answer(&id), Ok(Value::Null), "{id}");
        }
        for (id, doc) in lines {
            let items = nextline_tests::doc::items(server.answer(&id).unwrap());
            for item in &items {
                assert!(accepted(&doc, item).contains(&mine), "{id}: {item}");
            }
            // Those before the last were overtaken by what was typed next.
            assert!(!items.is_empty() || doc.version < now, "{id}");
        }
        // The file stays small.
        let (start, end) = (0, doc.text.find("pub fn").unwrap());
        let at = doc.cursor - end;
        doc.replace(server, start, end, "");
        doc.cursor = at;
    }
}

#[test]
fn no_answer_goes_to_the_wrong_one() {
    let house = House::new();
    let mut first = house.editor().start();
    let mut second = house.editor().start();
    house.host();
    std::thread::scope(|scope| {
        scope.spawn(|| ask_much(&mut first, "alpha"));
        scope.spawn(|| ask_much(&mut second, "omega"));
    });
    house.host();
}

#[test]
fn each_has_settings_of_its_own() {
    let house = House::new();
    let route = ScriptedRoute::instant("far_away();");
    let excluded = json!({ "policy": { "exclude": ["*.rs"] } });
    let mut open = house.editor().start();
    let mut shut = house.editor().options(excluded.clone()).start();
    let mut routed = house.editor().route(&route, Value::Null).start();
    house.host();
    let text = learnable("requests");
    let ask = |server: &mut Server| {
        let doc = Doc::open(server, "file:///same/own.rs", "rust", &text);
        let line = line(&doc, server);
        (line, doc.why(server)["reason"].clone())
    };
    for _ in 0..2 {
        assert_eq!(ask(&mut shut).0, None);
        assert_eq!(ask(&mut shut).1, "excluded");
        assert_eq!(ask(&mut open).0.as_deref(), Some(samples::NEXT_LINE));
    }
    let asked = route.count();
    assert_eq!(asked, 0, "nobody but its own client asks a route");
    assert!(ask(&mut routed).0.unwrap().contains("far_away"));
    let asked = route.count();
    // Settings that come later are as much one's own.
    open.configure(excluded);
    shut.configure(json!({}));
    assert_eq!(ask(&mut open).0, None);
    assert!(ask(&mut routed).0.is_some());
    assert!(route.count() >= asked);
}

#[test]
fn a_budget_is_one_for_all() {
    let house = House::new();
    let route = ScriptedRoute::new(counting("gauge(1);"));
    let budget = json!({ "budget": { "daily_tokens": 1100 } });
    let mut first = house.editor().route(&route, budget.clone()).start();
    let mut second = house.editor().route(&route, budget).start();
    house.host();
    let ask = |server: &mut Server| {
        let doc = Doc::open(
            server,
            "file:///route/lib.rs",
            "rust",
            "fn f() {\n    let g = $0\n}\n",
        );
        (line(&doc, server), doc.why(server)["reason"].clone())
    };
    assert!(ask(&mut first).0.is_some());
    wait::until("the other one knows what was spent", || {
        let status = second.request("agent/status", Value::Null);
        let message = status["message"].as_str().unwrap_or_default();
        message.contains("1100 of 1100 tokens").then_some(())
    });
    assert_eq!(ask(&mut second), (None, json!("budget_spent")));
    assert_eq!(route.count(), 1);
}

#[test]
fn another_environment_is_another_process() {
    let house = House::new();
    let one = house.editor().env("SOME_KEY", "one").start();
    let same = house
        .editor()
        .env("SOME_KEY", "one")
        .env("WINDOWID", "7")
        .start();
    house.host();
    let other = house.editor().env("SOME_KEY", "two").start();
    assert_eq!(house.hosts().len(), 2, "a key is not lent");
    drop((one, same, other));
    house.wait_empty();
}

#[test]
fn a_killed_client_hurts_nobody() {
    let house = House::new();
    let mut first = house.editor().start();
    let mut second = house.editor().start();
    let host = house.host();
    let doc = Doc::open(
        &mut first,
        "file:///same/lib.rs",
        "rust",
        &learnable("alpha"),
    );
    let other = Doc::open(
        &mut second,
        "file:///same/lib.rs",
        "rust",
        &learnable("omega"),
    );
    other.assert_text(&mut second);
    wait::until("both are served", || (clients(host) == 2).then_some(()));
    // The one that started the process.
    first.kill();
    wait::until("what it had is let go", || {
        (clients(host) == 1).then_some(())
    });
    drop(doc);
    other.assert_text(&mut second);
    assert!(line(&other, &mut second).unwrap().contains("omega"));
    assert_eq!(house.host(), host);
    drop(second);
    house.wait_empty();
}

#[test]
fn a_killed_process_is_said_and_replaced() {
    let house = House::new();
    let mut first = house.editor().start();
    let mut second = house.editor().start();
    let host = house.host();
    kill(host);
    for server in [&mut first, &mut second] {
        assert_eq!(server.wait_exit().code(), Some(1));
        wait::until("it says why", || {
            let said = server.stderr().contains("the shared process has ended");
            said.then_some(())
        });
    }
    assert_eq!(house.socket_files().len(), 1, "its socket is left");
    // Editors start their servers anew.
    let mut again = house.editor().start();
    assert_ne!(house.host(), host);
    let doc = Doc::open(
        &mut again,
        "file:///same/lib.rs",
        "rust",
        &learnable("requests"),
    );
    doc.assert_text(&mut again);
    drop(again);
    house.wait_empty();
}

#[test]
fn those_who_come_at_once_start_one() {
    let house = House::new();
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| house.editor().start()))
            .collect();
        let servers: Vec<Server> = starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect();
        let host = house.host();
        wait::until("all are served", || (clients(host) == 6).then_some(()));
        drop(servers);
    });
    house.wait_empty();
}

#[test]
fn the_exit_code_is_the_clients_own() {
    let house = House::new();
    let mut server = house.editor().start();
    let _stays = house.editor().start();
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(1));
    let mut closed = house.editor().start();
    closed.request("shutdown", Value::Null);
    closed.close_stdin();
    assert_eq!(closed.wait_exit().code(), Some(0));
    let mut broken = house.editor().spawn();
    broken.send_bytes("Content-Length: x\r\n\r\n");
    assert_eq!(broken.wait_exit().code(), Some(1));
}

#[test]
fn settings_switch_it_on_and_flags_off() {
    let house = House::new();
    house
        .0
        .write(".config/nextline/config.toml", "[process]\nshared = true\n");
    let alone = house.with(&["lsp", "--alone"]).start();
    assert!(house.hosts().is_empty());
    let shared = house.with(&["--stdio"]).start();
    house.host();
    drop((alone, shared));
    house.wait_empty();
}
