//! Vertex, and Azure with Entra: where tokens are asked for, where questions go, and that one token serves many requests.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nextline_tests::{Exchange, Launch, ScriptedRoute};
use serde_json::{Value, json};

mod routed;
use routed::{line, no_dialog, open};

const COMPLETED: &str = "    let counter = registry.gauge(1);";

struct Cloud {
    name: &'static str,
    /// Keys of the route, as TOML; `{url}` stands for the server.
    route: &'static str,
    env: &'static [(&'static str, &'static str)],
    /// Where its token is asked for, and what is said there.
    token: &'static str,
    form: &'static str,
    /// Where questions go.
    question: &'static str,
    /// Whose events it answers with.
    family: &'static str,
}

fn gemini() -> Vec<Value> {
    let part = |text: &str, end: Option<&str>| json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": end}]});
    vec![part("gauge", None), part("(1);", Some("STOP"))]
}

fn anthropic() -> Vec<Value> {
    vec![
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 1}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "gauge(1);"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ]
}

fn openai() -> Vec<Value> {
    vec![
        json!({"choices": [], "prompt_filter_results": []}),
        json!({"choices": [{"index": 0, "delta": {"content": "gauge(1);"}, "finish_reason": null}]}),
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
    ]
}

const GOOGLE: &[(&str, &str)] = &[("GOOGLE_APPLICATION_CREDENTIALS", "{file}")];
const ENTRA: &[(&str, &str)] = &[
    ("AZURE_CLIENT_SECRET", "the-client-secret"),
    ("AZURE_TENANT_ID", "ten"),
    ("AZURE_CLIENT_ID", "cli"),
];

const CLOUDS: &[Cloud] = &[
    Cloud {
        name: "gemini on vertex",
        route: "provider = \"vertex\"\nmodel = \"gemini-2.5-flash\"\nlocation = \"europe-west1\"\nproject = \"p1\"",
        env: GOOGLE,
        token: "/token",
        form: "refresh_token=the-refresh-token",
        question: "/v1/projects/p1/locations/europe-west1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        family: "gemini",
    },
    Cloud {
        name: "claude on vertex, by its name, the project from the credentials",
        route: "provider = \"vertex\"\nmodel = \"claude-sonnet-4-5@20250929\"",
        env: GOOGLE,
        token: "/token",
        form: "refresh_token=the-refresh-token",
        question: "/v1/projects/pays/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict",
        family: "anthropic",
    },
    Cloud {
        name: "codestral on vertex",
        route: "provider = \"vertex\"\nmodel = \"codestral-2\"\npublisher = \"mistralai\"\nlocation = \"us-central1\"\nproject = \"p1\"",
        env: GOOGLE,
        token: "/token",
        form: "refresh_token=the-refresh-token",
        question: "/v1/projects/p1/locations/us-central1/publishers/mistralai/models/codestral-2:streamRawPredict",
        family: "openai",
    },
    Cloud {
        name: "azure, v1",
        route: "provider = \"azure-openai\"\ndeployment = \"dep\"\nauth = \"entra\"\nauthority_host = \"{url}\"",
        env: ENTRA,
        token: "/ten/oauth2/v2.0/token",
        form: "scope=https%3A%2F%2Fai.azure.com%2F.default",
        question: "/openai/v1/chat/completions",
        family: "openai",
    },
    Cloud {
        name: "azure, dated, the directory from the settings",
        route: "provider = \"azure-openai\"\ndeployment = \"dep\"\napi_version = \"2024-10-21\"\nauthority_host = \"{url}\"\ntenant_id = \"other\"",
        env: ENTRA,
        token: "/other/oauth2/v2.0/token",
        form: "scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default",
        question: "/openai/deployments/dep/chat/completions?api-version=2024-10-21",
        family: "openai",
    },
];

/// Hands out a new token each time; takes every question but those with a token of `refused`.
fn serve(exchange: Exchange, cloud: &Cloud, handed: &AtomicUsize, refused: &str) {
    let json = [("Content-Type", "application/json")];
    if exchange.seen.target == cloud.token {
        let token = format!("token-{}", handed.fetch_add(1, Ordering::SeqCst));
        let body = json!({"access_token": token, "expires_in": 3600}).to_string();
        exchange.reply("200 OK", &json, body.as_bytes());
        return;
    }
    if exchange.seen.header("authorization") == Some(refused) {
        exchange.reply("401 Unauthorized", &json, b"{}");
        return;
    }
    let events = match cloud.family {
        "gemini" => gemini(),
        "anthropic" => anthropic(),
        _ => openai(),
    };
    let mut body: String = events
        .iter()
        .map(|event| format!("data: {event}\r\n\r\n"))
        .collect();
    if cloud.family == "openai" {
        body.push_str("data: [DONE]\r\n\r\n");
    }
    exchange.reply(
        "200 OK",
        &[("Content-Type", "text/event-stream")],
        body.as_bytes(),
    );
}

fn run(cloud: &'static Cloud, refused: &'static str) -> (Vec<String>, ScriptedRoute, String) {
    let handed = Arc::new(AtomicUsize::new(0));
    let route = ScriptedRoute::new(move |exchange| serve(exchange, cloud, &handed, refused));
    let scratch = nextline_tests::Scratch::new();
    let credentials = json!({
        "type": "authorized_user", "client_id": "c", "client_secret": "the-client-secret", "refresh_token": "the-refresh-token",
        "token_uri": format!("{}/token", route.url()), "quota_project_id": "pays",
    });
    let file = scratch.write("adc.json", credentials.to_string());
    let config = format!(
        "[completion]\nroute = \"cloud\"\nfallback = \"none\"\nthrottle_ms = 0\n[routes.cloud]\nbase_url = \"{}\"\n{}\n",
        route.url(),
        cloud.route.replace("{url}", &route.url())
    );
    let mut launch = Launch::new()
        .args(&["--stdio", "--log-level", "trace"])
        .config(&config);
    for (name, value) in cloud.env {
        launch = launch.env(name, &value.replace("{file}", file.to_str().unwrap()));
    }
    let mut server = launch.start();
    let mut doc = open(&mut server);
    let mut lines = vec![line(&doc, &mut server)];
    if lines[0].is_empty() {
        lines.push(doc.why(&mut server).to_string());
    }
    for _ in 0..2 {
        doc.type_text(&mut server, "a");
        line(&doc, &mut server);
    }
    no_dialog(&server);
    let log = server.stderr();
    (lines, route, log)
}

#[test]
fn one_token_serves_many_questions() {
    for cloud in CLOUDS {
        let name = cloud.name;
        let (lines, route, log) = run(cloud, "");
        assert_eq!(lines, [COMPLETED], "{name}");
        let requests = route.requests();
        let tokens: Vec<_> = requests
            .iter()
            .filter(|seen| seen.target == cloud.token)
            .collect();
        assert_eq!(tokens.len(), 1, "{name}");
        let form = String::from_utf8_lossy(&tokens[0].body).into_owned();
        assert!(form.contains(cloud.form), "{name}: {form}");
        let questions: Vec<_> = requests
            .iter()
            .filter(|seen| seen.target != cloud.token)
            .collect();
        assert_eq!(questions.len(), 3, "{name}");
        for question in &questions {
            assert_eq!(question.target, cloud.question, "{name}");
            assert_eq!(
                question.header("authorization"),
                Some("Bearer token-0"),
                "{name}"
            );
            let google = cloud.env == GOOGLE;
            assert_eq!(
                question.header("x-goog-user-project"),
                google.then_some("pays"),
                "{name}"
            );
        }
        let body = questions[0].json();
        match cloud.family {
            "anthropic" => {
                assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
                assert!(body.get("model").is_none() && body["stream"] == true);
            }
            _ if name.starts_with("codestral") => {
                assert!(questions[0].prompt().ends_with("let counter = registry."));
                assert!(questions[0].suffix().starts_with("\n}"));
            }
            _ => {}
        }
        for secret in ["token-0", "the-refresh-token", "the-client-secret"] {
            assert!(!log.contains(secret), "{name}: a secret in the log");
        }
    }
}

#[test]
fn a_token_that_is_refused_is_asked_for_anew_once() {
    for cloud in CLOUDS {
        let (lines, route, _) = run(cloud, "Bearer token-0");
        assert_eq!(lines, [COMPLETED], "{}", cloud.name);
        let tokens = route
            .requests()
            .into_iter()
            .filter(|seen| seen.target == cloud.token);
        assert_eq!(tokens.count(), 2, "{}", cloud.name);
    }
}

#[test]
fn without_credentials_the_reason_says_what_to_do() {
    for (route, env, says) in [
        (
            "provider = \"vertex\"\nmodel = \"gemini-2.5-flash\"\nproject = \"p\"",
            ("NO_GCE_CHECK", "true"),
            "gcloud auth application-default login",
        ),
        (
            "provider = \"vertex\"\nmodel = \"gemini-2.5-flash\"",
            ("NO_GCE_CHECK", "true"),
            "has no `project`",
        ),
        (
            "provider = \"azure-openai\"\ndeployment = \"d\"\nauth = \"entra\"",
            ("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"),
            "`AZURE_CLIENT_SECRET` is not set",
        ),
    ] {
        let config = format!(
            "[completion]\nroute = \"cloud\"\nfallback = \"none\"\nthrottle_ms = 0\n[routes.cloud]\nbase_url = \"http://127.0.0.1:9\"\n{route}\n"
        );
        let mut server = Launch::new().config(&config).env(env.0, env.1).start();
        let doc = open(&mut server);
        assert_eq!(line(&doc, &mut server), "");
        let why = doc.why(&mut server).to_string();
        assert!(why.contains(says), "{why}");
    }
}
