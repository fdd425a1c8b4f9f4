//! The ledger through the built binary: what the scripted route received is what the rows say, whatever becomes of a request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

mod accounts;
use accounts::{State, counting};
mod routed;
use routed::{line, open, with_route};

fn bodies() -> Value {
    json!({ "ledger": { "bodies": true } })
}

fn status(server: &mut Server) -> String {
    let status = server.request("agent/status", Value::Null);
    status["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_row_says_what_the_route_received() {
    let state = State::new();
    let route = ScriptedRoute::new(counting("gauge(1);"));
    let mut server = state.launch(&route, bodies()).start();
    let doc = open(&mut server);
    assert!(line(&doc, &mut server).ends_with("gauge(1);"));
    let row = &state.rows(1)[0];
    let seen = &route.requests()[0];
    assert_eq!(row["bytes_out"], seen.body.len());
    assert_eq!(row["body"].as_str().unwrap().as_bytes(), seen.body);
    assert_eq!(row["origin"], route.url());
    assert_eq!(
        (&row["route"], &row["provider"], &row["model"]),
        (&json!("mock"), &json!("openai-compatible"), &json!("m"))
    );
    assert_eq!(
        (&row["purpose"], &row["try"]),
        (&json!("completion"), &json!(1))
    );
    assert_eq!(
        (&row["outcome"], &row["status"], &row["request_id"]),
        (&json!("answered"), &json!(200), &json!("req-7"))
    );
    assert_eq!(
        (
            &row["input_tokens"],
            &row["output_tokens"],
            &row["cached_tokens"]
        ),
        (&json!(1000), &json!(100), &json!(400))
    );
    assert!(row["bytes_in"].as_i64().unwrap() > 100 && row["total_ms"].as_f64().unwrap() > 0.0);
    assert!(row["cost_usd"].is_null(), "no price is known for `m`");
    let source = &row["sources"][0];
    let text = learnable();
    let at = text[..text.find("$0").unwrap()].matches('\n').count() as i64 + 1;
    assert_eq!(
        (&source["path"], &source["rule"]),
        (&json!("/route/lib.rs"), &json!("cursor"))
    );
    assert!(
        source["lines"][0].as_i64().unwrap() <= at && at <= source["lines"][1].as_i64().unwrap()
    );
    let sent = seen.prompt().len() + seen.suffix().len();
    assert_eq!(
        source["bytes"], sent,
        "every byte of the prompt is from that file"
    );
    // The hash is that of the body: the walk compares them.
    assert!(
        state
            .said(&["sent", "verify"])
            .starts_with("whole: 2 lines of 1 requests")
    );
}

#[test]
fn a_file_that_left_is_found_and_one_that_did_not_is_said_so() {
    let state = State::new();
    let never = state.said(&["sent", "--file", "/route/lib.rs"]);
    assert!(
        never.starts_with("no part of /route/lib.rs ever left"),
        "{never}"
    );
    let route = ScriptedRoute::instant("gauge(1);");
    let mut server = state.launch(&route, Value::Null).start();
    let doc = open(&mut server);
    line(&doc, &mut server);
    state.rows(1);
    let found = state.said(&["sent", "--file", "/route/lib.rs"]);
    assert!(
        found.contains("/route/lib.rs:1-") && found.contains("(cursor, "),
        "{found}"
    );
    assert_eq!(
        state
            .json(&["sent", "--file", "/route", "--json"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let other = state.said(&["sent", "--file", "/route/other.rs"]);
    assert!(
        other.starts_with("no part of /route/other.rs left in any of the 1 requests since"),
        "{other}"
    );
    assert_eq!(
        state.json(&["sent", "--file", "/route/other.rs", "--json"]),
        json!([])
    );
    let rows = state.json(&["sent", "--last", "--json"]);
    assert!(
        rows[0]["body"].is_null(),
        "no body is kept unless it is asked for: {rows}"
    );
}

#[test]
fn a_changed_row_is_noticed() {
    let state = State::new();
    let route = ScriptedRoute::instant("gauge(1);");
    let mut server = state.launch(&route, Value::Null).start();
    let mut doc = open(&mut server);
    for _ in 0..3 {
        doc.type_text(&mut server, "a");
        line(&doc, &mut server);
    }
    state.rows(3);
    assert!(
        state
            .said(&["sent", "verify"])
            .starts_with("whole: 6 lines")
    );
    let file = rusqlite::Connection::open(state.file()).unwrap();
    file.execute("UPDATE source SET path = '/else' WHERE sent = 3", [])
        .unwrap();
    let output = state.run(&["sent", "verify"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said,
        "not whole: line 3 was changed, or something before it was\n"
    );
    let output = state.run(&["doctor"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.code() == Some(1) && said.contains("line 3 was changed"),
        "{said}"
    );
    // Without the last requests, and without the mark that says that they were.
    for table in ["ended", "sent", "source"] {
        let key = if table == "source" { "sent" } else { "seq" };
        let gone = format!("DELETE FROM {table} WHERE {key} >= 3");
        file.execute(&gone, []).unwrap();
    }
    file.execute("DELETE FROM head WHERE key = 'last'", [])
        .unwrap();
    let output = state.run(&["sent", "verify"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("not whole: line 2 is the last one"),
        "{said}"
    );
}

#[test]
fn nothing_is_written_where_it_is_switched_off() {
    let state = State::new();
    let route = ScriptedRoute::instant("gauge(1);");
    let mut server = state
        .launch(&route, json!({ "ledger": { "enabled": false } }))
        .start();
    let doc = open(&mut server);
    assert_ne!(line(&doc, &mut server), "");
    drop(server);
    assert!(!state.file().exists());
    assert_eq!(
        state.said(&["sent"]),
        "nothing ever left: there is no ledger yet\n"
    );
}

#[test]
fn a_home_that_cannot_be_written_costs_the_ledger_and_nothing_else() {
    let place = Scratch::with(&[("state", "a file in the folder's place")]);
    let route = ScriptedRoute::instant("gauge(1);");
    let mut server = Launch::new()
        .env(
            "XDG_STATE_HOME",
            place.path().join("state").to_str().unwrap(),
        )
        .route(&route, Value::Null)
        .start();
    let mut doc = open(&mut server);
    assert_ne!(line(&doc, &mut server), "");
    let message = wait::until("the trouble should be said", || {
        Some(status(&mut server)).filter(|message| !message.is_empty())
    });
    assert!(
        message.contains("ledger") && message.contains("`ledger.enabled = false`"),
        "{message}"
    );
    doc.type_text(&mut server, "a");
    assert_ne!(line(&doc, &mut server), "");
    assert_eq!(route.count(), 2);
}

#[test]
fn two_servers_write_one_chain() {
    let state = State::new();
    let route = ScriptedRoute::instant("gauge(1);");
    let mut servers: Vec<Server> = (0..2)
        .map(|_| state.launch(&route, Value::Null).start())
        .collect();
    let mut docs: Vec<Doc> = servers.iter_mut().map(open).collect();
    for _ in 0..10 {
        for (server, doc) in servers.iter_mut().zip(&mut docs) {
            doc.type_text(server, "a");
            assert_ne!(line(doc, server), "");
        }
    }
    drop(servers);
    assert_eq!(state.rows(20).len(), route.count());
    assert!(
        state
            .said(&["sent", "verify"])
            .starts_with("whole: 40 lines of 20 requests")
    );
}

#[test]
fn every_try_has_its_row_and_a_cancelled_one_says_so() {
    let state = State::new();
    let (route, held) = ScriptedRoute::held();
    let mut server = state.launch(&route, Value::Null).start();
    let mut doc = open(&mut server);
    let id = doc.ask(&mut server, 1);
    let exchange = held.next();
    server.cancel(&id);
    assert_eq!(server.answer(&id).unwrap_err().code, -32800);
    route.wait_aborted(exchange.number);
    doc.type_text(&mut server, "a");
    let id = doc.ask(&mut server, 1);
    held.next().refuse("503 Service Unavailable", &[], "busy");
    held.next().answer("gauge(1);");
    server.answer(&id).unwrap();
    let rows = state.rows(3);
    let outcomes: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["outcome"].as_str().unwrap(),
                &row["status"],
                &row["try"],
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("cancelled", &Value::Null, &json!(1)),
            ("overloaded", &json!(503), &json!(1)),
            ("answered", &json!(200), &json!(2)),
        ]
    );
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let route = ScriptedRoute::instant("gauge(1);");
    let home = Scratch::new();
    let config = format!(
        "[completion]\nroute = \"mock\"\nfallback = \"none\"\nthrottle_ms = 0\n[routes.mock]\nprovider = \"openai-compatible\"\n\
         base_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\napi_key_env = \"THE_KEY\"\n",
        route.url()
    );
    home.write(".config/nextline/config.toml", config);
    let drawn = learnable();
    let at = drawn.find("$0").unwrap();
    let file = home.write("lib.rs", drawn.replace("$0", ""));
    let before = &drawn[..at];
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let place = format!(
        "{}:{}:{column}",
        file.display(),
        before.matches('\n').count() + 1
    );
    let run = |flags: &[&str]| {
        let mut command = binary::command(home.path());
        let output = command
            .env("THE_KEY", "sk-a-made-up-key")
            .args(["complete", &place])
            .args(flags)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = run(&["--dry-run"]);
    assert_eq!(route.count(), 0);
    assert!(!shown.contains("sk-a-made-up-key"), "{shown}");
    run(&[]);
    let seen = &route.requests()[0];
    let (head, body) = shown.split_once("\n\n").unwrap();
    assert_eq!(body.trim_end_matches('\n').as_bytes(), seen.body);
    assert!(
        head.starts_with(&format!("POST {}/v1/completions\n", route.url())),
        "{head}"
    );
    assert!(head.contains("authorization: ***"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let local = run(&["--dry-run", "--route", "local"]);
    assert_eq!(
        local,
        "nothing would be sent: the embedded model completes\n"
    );
}

#[test]
fn a_bundle_holds_no_key_and_no_text() {
    let state = State::new();
    let route = ScriptedRoute::instant("gauge(1);");
    let launch = state.launch(&route, with_route(json!({ "api_key_env": "THE_KEY" })));
    let mut server = launch.env("THE_KEY", "sk-a-made-up-key").start();
    let doc = open(&mut server);
    line(&doc, &mut server);
    drop(server);
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        "[routes.mine]\nprovider = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key_cmd = [\"pass\", \"show\", \"sk-word\"]\n\
         [routes.mine.headers]\nX-Team = \"sk-header\"\n[routes.mine.extra_body]\nuser = \"sk-body\"\n",
    );
    let file = home.path().join("bundle.json");
    let output = binary::command(home.path())
        .env("XDG_STATE_HOME", state.folder())
        .args(["doctor", "--bundle", file.to_str().unwrap()])
        .output()
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["ledger"]["requests"], 1);
    assert!(bundle["version"].as_str().unwrap().starts_with("nextline "));
    assert!(!bundle["settings"].as_array().unwrap().is_empty());
    for secret in [
        "sk-",
        "registry",
        "/route/lib.rs",
        home.path().to_str().unwrap(),
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
