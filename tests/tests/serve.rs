//! `nextline serve`: what editors send to a model server, and who is not let in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Stdio};

use nextline_tests::samples::{NEXT_FUNCTION, NEXT_LINE, regular_rust};
use nextline_tests::{Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

struct Face {
    child: Child,
    address: String,
    token: String,
    home: Scratch,
}

impl Drop for Face {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(config: &str, folder: &Scratch) -> Face {
    start_in(Scratch::new(), config, folder)
}

fn start_in(home: Scratch, config: &str, folder: &Scratch) -> Face {
    home.write(".config/nextline/config.toml", config);
    let mut child = binary::command(home.path())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = |start: &str| {
        let line = lines.next().unwrap().unwrap();
        line.strip_prefix(start)
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned()
    };
    let (address, token) = (line("http://"), line("token: "));
    Face {
        child,
        address,
        token,
        home,
    }
}

impl Face {
    /// One exchange: status and body. `headers` stand in the place of the usual ones where they name them.
    fn send(&self, head: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = self.begin(head, headers, body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer[9..12].parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, body.to_owned())
    }

    fn begin(&self, head: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(wait::guard())).unwrap();
        let bearer = format!("Bearer {}", self.token);
        let length = body.len().to_string();
        let usual = [
            ("Host", self.address.as_str()),
            ("Authorization", &bearer),
            ("Content-Length", &length),
        ];
        let mut all = usual.to_vec();
        all.retain(|(name, _)| headers.iter().all(|(other, _)| other != name));
        all.extend(headers.iter().filter(|(_, value)| !value.is_empty()));
        let all: String = all
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        write!(
            stream,
            "{head} HTTP/1.1\r\n{all}Connection: close\r\n\r\n{body}"
        )
        .unwrap();
        stream
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let (status, body) = self.send(&format!("POST {path}"), &[], &body.to_string());
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }
}

fn routed(route: &ScriptedRoute) -> String {
    format!(
        "[completion]\nroute = \"mock\"\nfallback = \"none\"\nthrottle_ms = 0\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    )
}

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
    let face = start(&routed(&route), &folder);
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
    let face = start("", &folder);
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
fn who_is_not_let_in() {
    let route = ScriptedRoute::instant("x(1)");
    let folder = Scratch::new();
    let face = start(&routed(&route), &folder);
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
    let mut face = start("", &folder);
    let file = std::process::Command::new("find")
        .arg(face.home.path())
        .args(["-name", "serve-token"])
        .output()
        .unwrap();
    let file = String::from_utf8(file.stdout).unwrap();
    let mode = std::fs::metadata(file.trim()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = face.token.clone();
    let home = std::mem::replace(&mut face.home, Scratch::new());
    drop(face);
    let again = start_in(home, "", &folder);
    assert_eq!(again.token, token);
    // One that others could read is not used again.
    std::fs::set_permissions(file.trim(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let mut again = again;
    let home = std::mem::replace(&mut again.home, Scratch::new());
    drop(again);
    assert_ne!(start_in(home, "", &folder).token, token);
}

#[test]
fn a_client_that_goes_away_ends_the_routes_request() {
    let (route, held) = ScriptedRoute::held();
    let folder = Scratch::new();
    let face = start(&routed(&route), &folder);
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
