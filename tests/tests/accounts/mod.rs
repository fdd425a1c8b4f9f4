//! A state directory that servers and commands share, and a model that counts its tokens.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::process::Output;

use nextline_tests::{Exchange, Launch, Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

/// A state directory that servers and commands share.
pub struct State(pub Scratch);

impl State {
    pub fn new() -> State {
        State(Scratch::new())
    }

    pub fn folder(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    pub fn launch(&self, route: &ScriptedRoute, extra: Value) -> Launch {
        Launch::new()
            .env("XDG_STATE_HOME", self.folder())
            .route(route, extra)
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.0.path().join("nextline/ledger.sqlite")
    }

    pub fn run(&self, args: &[&str]) -> Output {
        let home = Scratch::new();
        binary::command(home.path())
            .env("XDG_STATE_HOME", self.folder())
            .args(args)
            .output()
            .unwrap()
    }

    pub fn said(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(args)).unwrap()
    }

    /// The rows, oldest first, once there are so many and all have ended.
    pub fn rows(&self, count: usize) -> Vec<Value> {
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

/// Answers with usage: a thousand tokens in, a hundred out.
pub fn counting(text: &'static str) -> impl Fn(Exchange) + Send + Sync + 'static {
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
