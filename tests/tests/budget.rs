//! Budgets through the built binary: said at 80 %, and what happens when they are spent.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Scratch, ScriptedRoute, Server, binary, launch, wait};
use serde_json::{Value, json};

mod accounts;
use accounts::{State, counting};
mod routed;
use routed::{line, open};

fn status(server: &mut Server) -> String {
    let status = server.request("agent/status", Value::Null);
    status["message"].as_str().unwrap_or_default().to_owned()
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

/// Who asks from a shell hears of it, too.
#[test]
fn a_shell_is_told_at_eighty_percent_and_when_another_route_answers() {
    let state = State::new();
    let route = ScriptedRoute::new(|exchange| {
        let body = json!({
            "choices": [{ "index": 0, "message": { "role": "assistant", "content": "Hello." }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 850, "completion_tokens": 0 },
        });
        let headers = [("Content-Type", "application/json")];
        exchange.reply("200 OK", &headers, body.to_string().as_bytes());
    });
    let home = Scratch::new();
    let url = route.url();
    home.write(
        ".config/nextline/config.toml",
        format!(
            "[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{url}/v1\"\nmodel = \"m\"\n\
             [routes.cheap]\nprovider = \"openai-compatible\"\nbase_url = \"{url}/cheap\"\nmodel = \"c\"\n\
             [budget]\ndaily_tokens = 1000\ndegrade_to = \"cheap\"\n"
        ),
    );
    for (told, target) in [
        ("", "/v1/"),
        (
            "85 % of today's budget is spent: 850 of 1000 tokens",
            "/v1/",
        ),
        (
            "is spent: 1700 of 1000 tokens; route `cheap` is asked instead",
            "/cheap/",
        ),
    ] {
        let output = binary::command(home.path())
            .env("XDG_STATE_HOME", state.folder())
            .args(["chat", "-m", "hi"])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains(told) && (!told.is_empty() || said.is_empty()),
            "{said}"
        );
        assert_eq!(output.stdout, b"Hello.\n");
        let asked = route.requests().last().unwrap().target.clone();
        assert!(asked.starts_with(target), "{asked}");
    }
}
