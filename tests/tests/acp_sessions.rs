//! `nextline acp`: sessions that survive the process, the model that is picked, what a turn cost, and what goes wrong with a route.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::acp::{Acp, able, config};
use nextline_tests::{Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

fn ids(listed: &Value) -> Vec<&str> {
    let sessions = listed["sessions"].as_array().unwrap();
    sessions
        .iter()
        .map(|one| one["sessionId"].as_str().unwrap())
        .collect()
}

#[test]
fn a_session_survives_a_restart() {
    let route = ScriptedRoute::instant("first answer");
    let (home, project, other) = (Scratch::new(), Scratch::new(), Scratch::new());
    let mut acp = Acp::start(&home, &config(&route), able());
    let session = acp.session(project.path());
    acp.prompt(&session, "first question").unwrap();
    let elsewhere = acp.session(other.path());
    acp.prompt(&elsewhere, "elsewhere").unwrap();
    acp.session(project.path());
    acp.end();

    let mut acp = Acp::start(&home, &config(&route), able());
    let all = acp.request("session/list", json!({})).unwrap();
    assert_eq!(ids(&all), [elsewhere.as_str(), session.as_str()]);
    let here = acp
        .request("session/list", json!({ "cwd": project.path() }))
        .unwrap();
    assert_eq!(ids(&here), [session.as_str()]);
    let one = &here["sessions"][0];
    assert_eq!(
        (&one["title"], &one["cwd"]),
        (&json!("first question"), &json!(project.path()))
    );
    let updated = one["updatedAt"].as_str().unwrap();
    assert!(updated.len() == 20 && updated.ends_with('Z'), "{updated}");

    let params = json!({ "sessionId": session, "cwd": project.path(), "mcpServers": [] });
    let loaded = acp.request("session/load", params.clone()).unwrap();
    assert_eq!(loaded["configOptions"][0]["currentValue"], "mock");
    let replayed: Vec<(&Value, &Value)> = acp
        .updates
        .iter()
        .filter(|params| params["update"].get("content").is_some())
        .map(|params| {
            (
                &params["update"]["sessionUpdate"],
                &params["update"]["content"]["text"],
            )
        })
        .collect();
    let expected = [
        (&json!("user_message_chunk"), &json!("first question")),
        (&json!("agent_message_chunk"), &json!("first answer")),
    ];
    assert_eq!(replayed, expected);
    route.script(|exchange| exchange.answer("second answer"));
    acp.prompt(&session, "second question").unwrap();
    let body = route.requests().last().unwrap().json();
    assert_eq!(body["messages"].as_array().unwrap().len(), 4, "{body}");
    acp.end();

    // Resumed, nothing is told again; what was said is there all the same.
    let mut acp = Acp::start(&home, &config(&route), able());
    acp.request("session/resume", params.clone()).unwrap();
    assert!(acp.said().is_empty());
    acp.prompt(&session, "third question").unwrap();
    let body = route.requests().last().unwrap().json();
    assert_eq!(body["messages"].as_array().unwrap().len(), 6, "{body}");
    acp.request("session/close", json!({ "sessionId": session }))
        .unwrap();
    let closed = acp.prompt(&session, "more?").unwrap_err();
    assert_eq!(closed["code"], -32002);
    acp.request("session/delete", json!({ "sessionId": session }))
        .unwrap();
    acp.request("session/delete", json!({ "sessionId": session }))
        .unwrap();
    let gone = acp.request("session/load", params).unwrap_err();
    assert_eq!(gone["code"], -32002);
    let all = acp.request("session/list", json!({})).unwrap();
    assert_eq!(ids(&all), [elsewhere.as_str()]);
    acp.end();
}

#[test]
fn a_long_list_comes_in_pages() {
    let route = ScriptedRoute::instant("yes");
    let (home, project) = (Scratch::new(), Scratch::new());
    let mut acp = Acp::start(&home, &config(&route), able());
    for number in 0..55 {
        let session = acp.session(project.path());
        acp.prompt(&session, &format!("question {number}")).unwrap();
    }
    let first = acp.request("session/list", json!({})).unwrap();
    let cursor = first["nextCursor"].clone();
    let second = acp
        .request("session/list", json!({ "cursor": cursor }))
        .unwrap();
    assert_eq!((ids(&first).len(), ids(&second).len()), (50, 5));
    assert!(second.get("nextCursor").is_none());
    let wrong = acp.request("session/list", json!({ "cursor": "x" }));
    assert_eq!(wrong.unwrap_err()["code"], -32602);
    acp.end();
}

#[test]
fn the_model_is_picked() {
    let route = ScriptedRoute::instant("yes");
    let (home, project) = (Scratch::new(), Scratch::new());
    let more = format!(
        "{}[routes.other]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"o\"\n",
        config(&route),
        route.url()
    );
    let mut acp = Acp::start(&home, &more, able());
    let params = json!({ "cwd": project.path(), "mcpServers": [] });
    let new = acp.request("session/new", params).unwrap();
    let session = new["sessionId"].as_str().unwrap().to_owned();
    let picker = &new["configOptions"][0];
    assert_eq!(
        (
            &picker["category"],
            &picker["type"],
            &picker["currentValue"]
        ),
        (&json!("model"), &json!("select"), &json!("mock"))
    );
    let values: Vec<&Value> = picker["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| &option["value"])
        .collect();
    assert_eq!(values, ["mock", "other"]);
    acp.prompt(&session, "who?").unwrap();
    let pick = |value: &str| json!({ "sessionId": session, "configId": "model", "value": value });
    let set = acp
        .request("session/set_config_option", pick("other"))
        .unwrap();
    assert_eq!(set["configOptions"][0]["currentValue"], "other");
    acp.prompt(&session, "who?").unwrap();
    let asked: Vec<Value> = route
        .requests()
        .iter()
        .map(|seen| seen.json()["model"].clone())
        .collect();
    assert_eq!(asked, ["m", "o"]);
    let wrong = acp
        .request("session/set_config_option", pick("nobody"))
        .unwrap_err();
    assert!(
        wrong["message"]
            .as_str()
            .unwrap()
            .contains("configured: mock, other"),
        "{wrong}"
    );
    acp.end();
    // The pick is kept with the session.
    let mut acp = Acp::start(&home, &more, able());
    let params = json!({ "sessionId": session, "cwd": project.path(), "mcpServers": [] });
    let resumed = acp.request("session/resume", params).unwrap();
    assert_eq!(resumed["configOptions"][0]["currentValue"], "other");
    acp.end();
}

#[test]
fn usage_and_cost_add_up() {
    let route = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        exchange.feed("yes");
        let usage =
            json!({ "choices": [], "usage": { "prompt_tokens": 1000, "completion_tokens": 500 } });
        exchange.chunk(format!("data: {usage}\n\n").as_bytes());
        exchange.finish();
    });
    let (home, project) = (Scratch::new(), Scratch::new());
    let priced = format!(
        "{}[models.m]\ninput_usd = 2.0\noutput_usd = 4.0\n",
        config(&route)
    );
    let mut acp = Acp::start(&home, &priced, able());
    let session = acp.session(project.path());
    acp.prompt(&session, "one").unwrap();
    acp.prompt(&session, "two").unwrap();
    let usage = acp.kind("usage_update");
    let costs: Vec<f64> = usage
        .iter()
        .map(|one| one["cost"]["amount"].as_f64().unwrap())
        .collect();
    assert!(
        (costs[0] - 0.004).abs() < 1e-9 && (costs[1] - 0.008).abs() < 1e-9,
        "{usage:?}"
    );
    assert_eq!(
        (&usage[0]["used"], &usage[0]["cost"]["currency"]),
        (&json!(1500), &json!("USD"))
    );
    acp.end();
    let sent = binary::command(home.path())
        .args(["cost", "--by", "route"])
        .output()
        .unwrap();
    let sent = String::from_utf8_lossy(&sent.stdout).into_owned();
    assert!(sent.contains("mock"), "the ledger has it: {sent}");
}

#[test]
fn budgets_hold_here_too() {
    let route = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        exchange.feed("yes");
        let usage =
            json!({ "choices": [], "usage": { "prompt_tokens": 900, "completion_tokens": 200 } });
        exchange.chunk(format!("data: {usage}\n\n").as_bytes());
        exchange.finish();
    });
    let (home, project) = (Scratch::new(), Scratch::new());
    let spare = format!("{}[budget]\ndaily_tokens = 1000\n", config(&route));
    let mut acp = Acp::start(&home, &spare, able());
    let session = acp.session(project.path());
    acp.prompt(&session, "one").unwrap();
    // What an answer cost is added up beside the wire, a moment after it.
    let spent = wait::until("the budget is spent", || acp.prompt(&session, "two").err());
    assert_eq!(spent["data"]["kind"], "budget", "{spent}");
    acp.end();
}

#[test]
fn without_a_route_one_sentence_says_how() {
    let (home, project) = (Scratch::new(), Scratch::new());
    let mut acp = Acp::start(&home, "", able());
    let session = acp.session(project.path());
    for words in ["why?", "/edit x.rs do it", "/explain x.rs"] {
        project.write("x.rs", "fn x() {}\n");
        let error = acp.prompt(&session, words).unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("no route is configured") && message.contains("[routes.NAME]"),
            "{message}"
        );
        assert_eq!(error["data"]["kind"], "no_route");
    }
    let signed = acp.request("authenticate", json!({ "methodId": "configured" }));
    assert!(
        signed.unwrap_err()["message"]
            .as_str()
            .unwrap()
            .contains("no route")
    );
    // Configured while the editor runs, it answers.
    let route = ScriptedRoute::instant("here I am");
    home.write(".config/nextline/config.toml", config(&route));
    acp.prompt(&session, "why?").unwrap();
    assert_eq!(acp.said(), "here I am");
    acp.request("authenticate", json!({ "methodId": "configured" }))
        .unwrap();
    acp.end();
}

#[test]
fn a_key_that_is_missing_or_refused_asks_for_a_sign_in() {
    let route = ScriptedRoute::new(|exchange| exchange.refuse("401 Unauthorized", &[], "no"));
    let (home, project) = (Scratch::new(), Scratch::new());
    let mut acp = Acp::start(&home, &config(&route), able());
    let session = acp.session(project.path());
    let refused = acp.prompt(&session, "why?").unwrap_err();
    assert_eq!(
        (&refused["code"], &refused["data"]["kind"]),
        (&json!(-32000), &json!("auth"))
    );
    route.script(|exchange| exchange.refuse("400 Bad Request", &[], "no such thing"));
    let refused = acp.prompt(&session, "why?").unwrap_err();
    assert_eq!(
        (&refused["code"], &refused["data"]["kind"]),
        (&json!(-32603), &json!("refused"))
    );
    acp.end();
    let keyed = format!("{}api_key_env = \"NOT_THERE\"\n", config(&route));
    let mut acp = Acp::start(&home, &keyed, able());
    let signed = acp
        .request("authenticate", json!({ "methodId": "configured" }))
        .unwrap_err();
    assert!(
        signed["code"] == -32000 && signed["message"].as_str().unwrap().contains("NOT_THERE"),
        "{signed}"
    );
    let other = acp
        .request("authenticate", json!({ "methodId": "magic" }))
        .unwrap_err();
    assert_eq!(other["code"], -32602);
    acp.end();
    // What the client runs in a terminal is the sign-in of the route that answers chats.
    let run = |args: &[&str]| {
        let output = binary::command(home.path())
            .args(args)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), output.stderr)
    };
    assert_eq!(run(&["acp", "--login"]), run(&["login", "mock"]));
    assert_eq!(
        run(&["acp", "--login", "nobody"]),
        run(&["login", "nobody"])
    );
    home.write(".config/nextline/config.toml", "");
    let (code, said) = run(&["acp", "--login"]);
    assert!(code == Some(2) && String::from_utf8_lossy(&said).contains("[routes.NAME]"));
}

#[test]
fn a_cut_answer_stays_and_is_said() {
    let route = ScriptedRoute::new(|mut exchange| {
        exchange.stream_head();
        exchange.feed("half of it");
        exchange.cut();
    });
    let (home, project) = (Scratch::new(), Scratch::new());
    let mut acp = Acp::start(&home, &config(&route), able());
    let session = acp.session(project.path());
    let cut = acp.prompt(&session, "why?").unwrap_err();
    assert!(
        cut["message"].as_str().unwrap().contains("interrupted"),
        "{cut}"
    );
    assert_eq!(acp.said(), "half of it");
    acp.end();
}

#[test]
fn the_registrys_entry_is_whole() {
    let folder = binary::root().join("editors/acp");
    let entry = std::fs::read_to_string(folder.join("agent.json")).unwrap();
    let entry: Value = serde_json::from_str(&entry).unwrap();
    assert_eq!(entry["id"], "nextline");
    assert_eq!(entry["version"], env!("CARGO_PKG_VERSION"));
    let targets = entry["distribution"]["binary"].as_object().unwrap();
    for system in ["darwin", "linux", "windows"] {
        for machine in ["aarch64", "x86_64"] {
            let target = &targets[&format!("{system}-{machine}")];
            assert_eq!(target["args"], json!(["acp"]), "{system}-{machine}");
            let archive = target["archive"].as_str().unwrap();
            assert!(
                archive.starts_with("https://")
                    && archive.contains(&format!("v{}/", env!("CARGO_PKG_VERSION"))),
                "{archive}"
            );
        }
    }
    let icon = std::fs::read_to_string(folder.join("icon.svg")).unwrap();
    assert!(icon.contains("width=\"16\" height=\"16\"") && icon.contains("currentColor"));
}
