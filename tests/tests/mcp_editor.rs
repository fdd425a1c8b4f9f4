//! Servers of the Model Context Protocol from an editor: a question for each call, calls that are taken back, and who may name a server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::acp::{Acp, able, config};
use nextline_tests::mcp::table;
use nextline_tests::{Launch, Scratch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

const HOSTILE: &str = env!("CARGO_BIN_EXE_hostile-mcp");

fn hostile(words: &[&str], more: &str) -> String {
    table(HOSTILE, words, more)
}

fn server(route: &ScriptedRoute, table: &str) -> Server {
    let options = json!({ "completion": { "route": "local" }, "chat": { "route": "mock" } });
    Launch::new().route(route, options).config(table).start()
}

fn start(server: &mut Server) -> Value {
    server.request("agent/chat/start", json!({}))["id"].clone()
}

fn account(server: &mut Server) -> Value {
    server.notification("agent/chat/event", |event| event["kind"] == "context")["account"].clone()
}

#[test]
fn an_editor_asks_for_each_call() {
    let route = ScriptedRoute::instant("answer");
    let mut server = server(&route, &hostile(&["well"], ""));
    let id = start(&mut server);
    let message = json!({ "id": id, "text": "@bad:fine {\"a\": 1} @mcp:bad/note://one" });
    // Looked at, nothing is asked of anybody.
    let seen = server.request("agent/context/resolve", json!({ "text": message["text"] }));
    assert_eq!(seen["leftOut"].as_array().unwrap().len(), 2, "{seen}");
    server.request("agent/chat/send", message.clone());
    let told = account(&mut server);
    assert_eq!(
        told["leftOut"][0],
        json!({ "name": "@bad:fine", "tokens": 0, "reason": "you did not say yes" })
    );
    assert_eq!(told["kept"], json!([]));
    server.choose("Yes, once");
    server.request("agent/chat/send", message);
    let told = account(&mut server);
    let kept: Vec<&str> = told["kept"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        kept,
        [
            "fine of the MCP server bad",
            "note://one of the MCP server bad"
        ]
    );
    let questions: Vec<String> = server
        .client()
        .asked
        .iter()
        .filter(|(method, _)| method == "window/showMessageRequest")
        .map(|(_, params)| params["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(questions.len(), 4, "one for each call: {questions:?}");
    assert_eq!(
        questions[0],
        format!(
            "Nextline: Call the tool `fine` of the MCP server `bad` ({HOSTILE} well) with {{\"a\":1}}?"
        )
    );
    let said = route.requests().last().unwrap().json().to_string();
    assert!(
        said.contains("canary_fine") && said.contains("canary_resource"),
        "{said}"
    );
    for (query, name) in [
        ("ba", "bad:"),
        ("mcp:", "mcp:bad/"),
        ("bad:fi", "bad:fine"),
        ("mcp:bad/no", "mcp:bad/note://one"),
    ] {
        let found = server.request("agent/context/suggest", json!({ "query": query }));
        assert!(
            found["names"].as_array().unwrap().contains(&json!(name)),
            "{query}: {found}"
        );
    }
}

#[test]
fn an_acp_client_asks_as_for_a_permission() {
    let route = ScriptedRoute::instant("answer");
    let (home, project) = (Scratch::new(), Scratch::new());
    let config = config(&route) + &hostile(&["well"], "");
    let mut acp = Acp::start(&home, &config, able());
    let session = acp.session(project.path());
    for (verdict, came) in [("reject_once", false), ("allow_once", true)] {
        acp.verdicts.push_back(verdict);
        let ended = acp.prompt(&session, "@bad:fine {\"a\": 1}").unwrap();
        assert_eq!(ended, "end_turn");
        let said = route.requests().last().unwrap().json().to_string();
        assert_eq!(said.contains("canary_fine"), came, "{verdict}: {said}");
    }
    let (method, asked) = acp.asked.last().unwrap();
    assert_eq!(method, "session/request_permission");
    let title = asked["toolCall"]["title"].as_str().unwrap();
    assert!(
        title.starts_with("Call the tool `fine` of the MCP server `bad`"),
        "{title}"
    );
}

#[test]
fn a_call_that_nobody_waits_for_is_taken_back() {
    let route = ScriptedRoute::instant("answer");
    let work = Scratch::new();
    let log = work.path().join("log");
    let mut server = server(&route, &hostile(&["well", log.to_str().unwrap()], ""));
    server.choose("Yes, once");
    let id = start(&mut server);
    let told = |what: &str| {
        std::fs::read_to_string(&log)
            .unwrap_or_default()
            .matches(what)
            .count()
    };
    for (round, stop) in ["agent/chat/stop", "$/cancelRequest"]
        .into_iter()
        .enumerate()
    {
        let question = server.ask(
            "agent/chat/send",
            json!({ "id": id, "text": "@bad:silent" }),
        );
        wait::until("the call", || (told("tools/call") > round).then_some(()));
        if stop == "agent/chat/stop" {
            server.request(stop, json!({ "id": id }));
            let result = server.answer(&question).unwrap();
            assert_eq!(result["error"]["kind"], "interrupted", "{result}");
        } else {
            server.cancel(&question);
            assert_eq!(server.answer(&question).unwrap_err().code, -32800);
        }
        wait::until("the call taken back", || {
            (told("notifications/cancelled") > round).then_some(())
        });
    }
    assert_eq!(route.count(), 0, "nothing was asked of the route");
    // The same server answers on.
    server.request("agent/chat/send", json!({ "id": id, "text": "@bad:fine" }));
    assert_eq!(told("\"initialize\""), 1);
    assert!(
        route.requests()[0]
            .json()
            .to_string()
            .contains("canary_fine")
    );
}

#[test]
fn only_the_persons_own_file_names_servers() {
    let route = ScriptedRoute::instant("answer");
    let work = Scratch::new();
    let log = work.path().join("log");
    let table = hostile(&["well", log.to_str().unwrap()], "");
    work.write(".nextline/config.toml", &table);
    work.write(
        ".mcp.json",
        json!({ "mcpServers": { "bad": { "command": HOSTILE, "args": ["well", log] } } })
            .to_string(),
    );
    let bad = json!({ "command": [HOSTILE, "well", log] });
    let options = json!({ "chat": { "route": "mock" }, "mcp": { "bad": bad } });
    let mut server = Launch::new()
        .route(&route, options)
        .configuration(json!({ "mcp": { "bad": bad } }))
        .workspace(work.path())
        .start();
    server.choose("Yes, once");
    let id = start(&mut server);
    server.request("agent/chat/send", json!({ "id": id, "text": "@mcp:bad/x" }));
    let told = account(&mut server);
    let reason = told["leftOut"][0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("there is no MCP server `bad` (none is configured"),
        "{told}"
    );
    assert!(!log.exists(), "it was started");
    let logged = server.taken("window/logMessage");
    let said = |words: &str| logged.iter().any(|line| line.to_string().contains(words));
    assert!(said("may stand in your own file alone"), "{logged:?}");
}
