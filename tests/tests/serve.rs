//! `nextline serve`: what editors send to a model server, and who is not let in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::Shutdown;

use nextline_tests::face::routed;
use nextline_tests::samples::{NEXT_FUNCTION, NEXT_LINE, regular_rust};
use nextline_tests::doc::accepted;
use nextline_tests::{Doc, Face, Launch, Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

/// Zed's body, as its edit predictions send it.
fn zed(prefix: &str, suffix: &str) -> Value {
    json!({ "model": "auto", "prompt": format!("<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"),
        "max_tokens": 128, "temperature": 0.2, "stop": ["<|endoftext|>", "<|file_sep|>"] })
}

/// llama.vim's body: the line of the cursor stands in `prompt`.
fn llama(prefix: &str, line: &str, suffix: &str) -> Value {
    json!({ "input_prefix": prefix, "input_suffix": suffix, "input_extra": [{ "filename": "b.rs", "text": "fn b() {}", "time": 1 }], "prompt": line,
        "n_predict": 128, "n_indent": 4, "top_k": 40, "top_p": 0.9, "samplers": ["top_k", "infill"], "t_max_prompt_ms": 500, "t_max_predict_ms": 500,
        "stream": false, "cache_prompt": true, "response_fields": ["content", "timings/predicted_n"] })
}

#[test]
fn what_editors_send_is_answered_by_the_route() {
    let route = ScriptedRoute::instant("foo_bar_baz(1, 2);");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let (prefix, line, suffix) = ("fn main() {\n", "    let first = ", "\n}\n");
    let answer = face.post("/v1/completions", &zed(&format!("{prefix}{line}"), suffix));
    assert_eq!(answer["choices"][0]["text"], "foo_bar_baz(1, 2);");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert!(answer["id"].is_string() && answer["created"].is_u64() && answer["usage"].is_object());
    let prompt = route.requests()[0].prompt();
    assert!(
        prompt.ends_with(line) && !prompt.contains("<|fim"),
        "{prompt}"
    );
    let answer = face.post("/infill", &llama(prefix, line, suffix));
    assert_eq!(answer["content"], "foo_bar_baz(1, 2);");
    let plain = json!({ "prompt": format!("{prefix}{line}"), "suffix": suffix, "stream": true });
    let (status, body) = face.send("POST /v1/completions", &[], &plain.to_string());
    assert_eq!(status, 200);
    assert!(
        body.contains("foo_bar_baz(1, 2);") && body.ends_with("data: [DONE]\n\n"),
        "{body}"
    );
    // A cache is warmed with a request for nothing.
    let mut warm = llama(prefix, line, suffix);
    warm["n_predict"] = json!(0);
    let before = route.count();
    assert_eq!(face.post("/infill", &warm)["content"], "");
    assert_eq!(route.count(), before);
    let (status, models) = face.send("GET /v1/models", &[], "");
    let models: Value = serde_json::from_str(&models).unwrap();
    let ids = models["data"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids.filter_map(|model| model["id"].as_str()).collect();
    assert_eq!((status, ids), (200, vec!["auto", "local", "mock"]));
}

#[test]
fn the_embedded_model_answers_without_configuration() {
    let lib = regular_rust(8);
    let folder = Scratch::with(&[("Cargo.toml", ""), ("src/lib.rs", &lib)]);
    let face = Face::start("", &folder);
    let (prefix, suffix) = NEXT_FUNCTION.split_once("$0").unwrap();
    let prompt = format!(
        "<|repo_name|>x\n<|file_sep|>src/lib.rs\n{}",
        zed(&format!("{lib}{prefix}"), suffix)["prompt"]
            .as_str()
            .unwrap()
    );
    let text = wait::until("the embedded model answers", || {
        let answer = face.post("/v1/completions", &json!({ "prompt": prompt }));
        let text = answer["choices"][0]["text"].as_str().unwrap().to_owned();
        (!text.is_empty()).then_some(text)
    });
    assert!(NEXT_LINE.ends_with(&text), "{text}");
}

#[test]
fn both_clients_get_what_an_editor_gets_at_the_same_cursor() {
    let lib = regular_rust(8);
    let folder = Scratch::with(&[("Cargo.toml", ""), ("src/lib.rs", &lib)]);
    let face = Face::start("", &folder);
    let mut server = Launch::new().workspace(folder.path()).start();
    let (prefix, suffix) = NEXT_FUNCTION.split_once("$0").unwrap();
    let start = prefix.rsplit_once('\n').unwrap().0;
    let mut shown = 0;
    for typed in ["let counter = registry.", "let c", "registry.get_", "let counter = reg", "Ok("] {
        let prefix = format!("{lib}{start}\n    {typed}");
        let drawn = format!("{prefix}$0{suffix}");
        let named = |template: &Value| {
            format!("<|repo_name|>x\n<|file_sep|>src/other.rs\n{}", template.as_str().unwrap())
        };
        let zed = json!({ "prompt": named(&zed(&prefix, suffix)["prompt"]) });
        let (before, current) = prefix.rsplit_once('\n').unwrap();
        let llama = llama(&format!("{before}\n"), current, suffix);
        // llama.vim does not say what the file is.
        for (language, path, body, at) in [
            ("rust", "/v1/completions", &zed, "/choices/0/text"),
            ("", "/infill", &llama, "/content"),
        ] {
            let uri = format!("untitled:{}-{}", language, typed.len());
            let doc = Doc::open(&mut server, &uri, language, &drawn);
            // Both learn the folder in the background.
            let (ours, theirs) = wait::until("both answer alike", || {
                let items = doc.complete(&mut server, 2);
                let theirs = items.first().map(|item| accepted(&doc, item));
                let answer = face.post(path, body);
                let text = answer.pointer(at).unwrap().as_str().unwrap();
                let ours = (!text.is_empty()).then(|| format!("{current}{text}"));
                (ours == theirs).then_some((ours, theirs))
            });
            assert_eq!(ours, theirs);
            shown += usize::from(ours.is_some());
            doc.close(&mut server);
        }
    }
    assert!(shown >= 4, "{shown} of 10 cursors got a suggestion");
}

#[test]
fn who_is_not_let_in() {
    let route = ScriptedRoute::instant("x(1)");
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let body = zed("a = ", "\n").to_string();
    let port = face.address.rsplit(':').next().unwrap();
    let rebound = format!("rebound.example:{port}");
    for (headers, expected) in [
        (vec![("Authorization", "")], 401),
        (vec![("Authorization", "Bearer wrong")], 401),
        (vec![("Host", rebound.as_str())], 403),
        (vec![("Origin", "https://page.example")], 403),
        (vec![("Origin", "null")], 403),
    ] {
        let (status, answer) = face.send("POST /v1/completions", &headers, &body);
        assert_eq!(status, expected, "{headers:?}");
        assert!(!answer.contains(&face.token));
    }
    for (head, body, expected) in [
        ("POST /v1/completions", "no json", 400),
        ("POST /v1/completions", "[]", 400),
        ("POST /v1/completions", "{}", 400),
        ("GET /v1/completions", "", 405),
        ("GET /elsewhere", "", 404),
    ] {
        assert_eq!(face.send(head, &[], body).0, expected, "{head} {body}");
    }
    assert_eq!(route.count(), 0);
    // What is too large is not waited for.
    let large = [("Content-Length", "5242880")];
    assert_eq!(face.send("POST /v1/completions", &large, "").0, 413);
    assert_eq!(face.send("GET /health", &[], "").0, 200, "it goes on");
    let output = binary::run(&["serve", "--listen", "0.0.0.0:0"], None);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
#[cfg(unix)]
fn the_token_is_its_owners_and_stays() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Scratch::new();
    let face = Face::start("", &folder);
    let file = std::process::Command::new("find")
        .arg(face.home())
        .args(["-name", "serve-token"])
        .output()
        .unwrap();
    let file = String::from_utf8(file.stdout).unwrap();
    let mode = std::fs::metadata(file.trim()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = face.token.clone();
    assert!(face.page.ends_with(&format!("/#token={token}")));
    let again = Face::start_in(face.stop(), "", &folder, &[]);
    assert_eq!(again.token, token);
    // One that others could read is not used again.
    std::fs::set_permissions(file.trim(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let other = Face::start_in(again.stop(), "", &folder, &[]);
    assert_ne!(other.token, token);
}

#[test]
fn a_client_that_goes_away_ends_the_routes_request() {
    let (route, held) = ScriptedRoute::held();
    let folder = Scratch::new();
    let face = Face::start(&routed(&route), &folder);
    let stream = face.begin(
        "POST /v1/completions",
        &[],
        &zed("fn f() {\n    let a = ", "\n}\n").to_string(),
    );
    let exchange = held.next();
    stream.shutdown(Shutdown::Both).unwrap();
    drop(stream);
    route.wait_aborted(0);
    drop(exchange);
}
