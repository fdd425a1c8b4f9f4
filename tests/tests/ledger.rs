//! The ledger through the built binary: what the scripted route received is what the rows say, whatever becomes of a request.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Output;

use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Exchange, Launch, Scratch, ScriptedRoute, Server, binary, launch, wait};
use serde_json::{Value, json};

mod routed;
use routed::{line, open, with_route};

/// A state directory that servers and commands share.
struct State(Scratch);

impl State {
    fn new() -> State {
        State(Scratch::new())
    }

    fn folder(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    fn launch(&self, route: &ScriptedRoute, extra: Value) -> Launch {
        Launch::new()
            .env("XDG_STATE_HOME", self.folder())
            .route(route, extra)
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("nextline/ledger.sqlite")
    }

    fn run(&self, args: &[&str]) -> Output {
        let home = Scratch::new();
        binary::command(home.path())
            .env("XDG_STATE_HOME", self.folder())
            .args(args)
            .output()
            .unwrap()
    }

    fn said(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(args)).unwrap()
    }

    /// The rows, oldest first, once there are so many and all have ended.
    fn rows(&self, count: usize) -> Vec<Value> {
        wait::until("all requests should be in the ledger", || {
            let mut rows = self
                .json(&["sent", "--last", "100", "--json"])
                .as_array()
                .cloned()?;
            rows.reverse();
            let ended = rows.iter().all(|row| !row["outcome"].is_null());
            (rows.len() == count && ended).then_some(rows)
        })
    }
}

fn bodies() -> Value {
    json!({ "ledger": { "bodies": true } })
}

/// Answers with usage: a thousand tokens in, a hundred out.
fn counting(text: &'static str) -> impl Fn(Exchange) + Send + Sync + 'static {
    move |exchange| {
        let body = json!({
            "choices": [{ "index": 0, "text": text, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": { "cached_tokens": 400 } },
        });
        let headers = [
            ("Content-Type", "application/json"),
            ("x-request-id", "req-7"),
        ];
        exchange.reply("200 OK", &headers, body.to_string().as_bytes());
    }
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

/// A dollar a thousand tokens of input, nothing for output.
fn priced(budget: Value) -> Value {
    json!({ "models": { "m": { "input_usd": 1000.0, "output_usd": 0.0, "cached_usd": 1000.0 } }, "budget": budget })
}

fn wait_for(server: &mut Server, words: &str) {
    wait::until(&format!("the status should say {words:?}"), || {
        status(server).contains(words).then_some(())
    });
}

/// Three requests of a dollar each: said at 80 %, spent at 100 %.
fn spend(server: &mut Server, doc: &mut Doc) {
    for words in [
        "no words",
        "80 % of today's budget is spent: $2.00 of $2.50",
        "today's budget is spent: $3.00 of $2.50",
    ] {
        doc.type_text(server, "a");
        assert_ne!(line(doc, server), "");
        if words != "no words" {
            wait_for(server, words);
        }
    }
}

#[test]
fn a_spent_budget_leads_to_the_embedded_model() {
    let state = State::new();
    let route = ScriptedRoute::new(counting("gauge(1);"));
    let mut server = state
        .launch(&route, priced(json!({ "daily_usd": 2.5 })))
        .start();
    let mut doc = open(&mut server);
    spend(&mut server, &mut doc);
    doc.close(&mut server);
    let doc = Doc::open(&mut server, "file:///route/next.rs", "rust", &learnable());
    let found = doc.complete(&mut server, 1);
    assert_eq!(route.count(), 3, "nothing leaves over the budget");
    match found.first() {
        Some(item) => assert_eq!(item["data"]["origin"], "local"),
        None => assert_eq!(doc.why(&mut server)["reason"], "budget_spent"),
    }
    let cost = state.json(&["cost", "--by", "route", "--json"]);
    assert_eq!(cost["groups"][0]["key"], "mock");
    assert_eq!(
        (&cost["total"]["requests"], &cost["total"]["cost_usd"]),
        (&json!(3), &json!(3.0))
    );
}

#[test]
fn a_spent_budget_leads_to_the_cheaper_route_first() {
    let state = State::new();
    let route = ScriptedRoute::new(counting("gauge(1);"));
    let cheap = ScriptedRoute::instant("gauge(2);");
    let mut options = priced(json!({ "daily_usd": 2.5, "degrade_to": "cheap" }));
    let other = json!({ "provider": "openai-compatible", "base_url": format!("{}/v1", cheap.url()), "model": "c", "fim": "suffix" });
    launch::merge(&mut options, json!({ "routes": { "cheap": other } }));
    let mut server = state.launch(&route, options).start();
    let mut doc = open(&mut server);
    spend(&mut server, &mut doc);
    doc.type_text(&mut server, "b");
    assert!(line(&doc, &mut server).ends_with("gauge(2);"));
    assert_eq!((route.count(), cheap.count()), (3, 1));
}

#[test]
fn an_unknown_price_is_said_and_its_tokens_are_counted() {
    let state = State::new();
    let route = ScriptedRoute::new(counting("gauge(1);"));
    let options = json!({ "budget": { "daily_usd": 2.5, "daily_tokens": 1100 } });
    let mut server = state.launch(&route, options).start();
    let mut doc = open(&mut server);
    line(&doc, &mut server);
    wait_for(&mut server, "today's budget is spent: 1100 of 1100 tokens");
    doc.type_text(&mut server, "b");
    doc.complete(&mut server, 1);
    assert_eq!(route.count(), 1);
    let said = state.said(&["cost", "--by", "model"]);
    assert!(
        said.starts_with("m ") && said.contains("cost unknown, no price is known"),
        "{said}"
    );
    assert!(state.json(&["cost", "--json"])["total"]["cost_usd"].is_null());
    let usage = state.run(&["cost", "--since", "yesterday"]);
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn chat_costs_what_it_costs_and_refuses_over_its_budget() {
    let state = State::new();
    let route = ScriptedRoute::new(|exchange| {
        let body = json!({
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hello." }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 1000, "completion_tokens": 100 },
        });
        let headers = [("Content-Type", "application/json")];
        exchange.reply("200 OK", &headers, body.to_string().as_bytes());
    });
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        format!(
            "[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n\
             [models.m]\ninput_usd = 1000.0\noutput_usd = 1000.0\n[budget.purpose.chat]\ndaily_usd = 1.0\n",
            route.url()
        ),
    );
    let chat = || {
        binary::command(home.path())
            .env("XDG_STATE_HOME", state.folder())
            .args(["chat", "-m", "hi", "--output-format", "json"])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    };
    let first = chat();
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let said: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(
        (&said["text"], &said["cost_usd"]),
        (&json!("Hello."), &json!(1.1))
    );
    assert_eq!(state.rows(1)[0]["purpose"], "chat");
    let second = chat();
    assert_eq!(second.status.code(), Some(4), "{second:?}");
    let said: Value = serde_json::from_slice(&second.stdout).unwrap();
    assert_eq!(said["error"]["kind"], "budget");
    let message = said["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("today's budget of purpose `chat` is spent: $1.10 of $1.00"),
        "{message}"
    );
    assert_eq!(route.count(), 1);
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
