//! A real llama.cpp server with a real model: streaming, a prompt cache that serves the next keystroke, cancel by disconnect, a window
//! that overflows, and a model that fills no holes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use nextline_tests::{Doc, Launch, Server, binary, wait};
use serde_json::{Value, json};

/// Tokens of the server's window.
const WINDOW: usize = 2048;

/// Where server and model are; `None`, with the reason on stderr, where they cannot be had.
fn home() -> Option<PathBuf> {
    static INSTALLED: OnceLock<String> = OnceLock::new();
    let said = INSTALLED.get_or_init(|| {
        let script = binary::root().join("tests/llama/install.sh");
        let output = Command::new("sh").arg(script).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let home = binary::root().join(".cache/llama");
    if home.join("llama-server").is_file() && home.join("model.gguf").is_file() {
        return Some(home);
    }
    eprintln!("skipped: no llama.cpp server here\n{said}");
    assert!(
        std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
        "NEXTLINE_REQUIRE_EDITORS is set, and the llama.cpp server is not here"
    );
    None
}

/// A running server; dropped, it stops.
struct Llama {
    child: Child,
    port: u16,
}

impl Drop for Llama {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Llama {
    fn start() -> Option<Llama> {
        let home = home()?;
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let program = home.join("llama-server").canonicalize().unwrap();
        let child = Command::new(&program)
            .env("LD_LIBRARY_PATH", program.parent().unwrap())
            .arg("-m")
            .arg(home.join("model.gguf"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["-c", &WINDOW.to_string(), "-np", "1", "-t", "2", "--slots"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let llama = Llama { child, port };
        wait::until("the llama.cpp server", || {
            llama.get("/health").filter(|said| said.contains("ok"))
        });
        Some(llama)
    }

    /// The body of an answer.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.contains(" 200 ").then(|| body.to_owned())
    }

    fn is_working(&self) -> bool {
        let slots = self.get("/slots").unwrap_or_default();
        let slots: Value = serde_json::from_str(&slots).unwrap_or_default();
        slots[0]["is_processing"] == true
    }

    /// A server of ours whose route leads here; `extra` goes over the route's settings.
    fn ours(&self, extra: Value) -> Server {
        let mut route = json!({
            "provider": "llama-cpp",
            "base_url": format!("http://127.0.0.1:{}", self.port),
            "model": "smollm2",
            "fim": "qwen-coder",
            "temperature": 0.0,
            "timeouts": {"first_byte_ms": 60_000, "idle_ms": 60_000, "total_ms": 60_000},
        });
        for (key, value) in extra.as_object().unwrap() {
            route[key] = value.clone();
        }
        let options = json!({
            "completion": {"route": "mock", "fallback": "none", "throttle_ms": 0, "max_tokens": 24, "multiline": "always"},
            "routes": {"mock": route},
        });
        Launch::new().options(options).start()
    }
}

/// Code of about so many lines, all different.
fn code(lines: usize) -> String {
    let line =
        |number: usize| format!("def total_{number}(a, b):\n    return a + b * {number}\n\n");
    (0..lines / 3).map(line).collect()
}

fn open(server: &mut Server, drawn: &str) -> Doc {
    Doc::open(server, "file:///llama/a.py", "python", drawn)
}

/// The last row of the ledger that came to an answer.
fn row(server: &Server) -> Value {
    wait::until("a row of the ledger", || {
        let output = binary::command(server.home().path())
            .args(["sent", "--last", "--json"])
            .output()
            .unwrap();
        let rows: Value = serde_json::from_slice(&output.stdout).ok()?;
        let row = rows.get(0).unwrap_or(&rows).clone();
        row["input_tokens"].is_u64().then_some(row)
    })
}

#[test]
fn the_next_keystroke_is_served_from_the_prompt_cache() {
    let Some(llama) = Llama::start() else { return };
    let mut server = llama.ours(json!({"context_tokens": 1024}));
    let mut doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    retur$0\n", code(60)),
    );
    doc.complete(&mut server, 1);
    let first = row(&server);
    doc.type_text(&mut server, "n");
    doc.complete(&mut server, 1);
    let second = wait::until("the second row", || {
        Some(row(&server)).filter(|second| second != &first)
    });
    let tokens = |row: &Value, key: &str| row[key].as_u64().unwrap_or_default();
    let (input, cached) = (
        tokens(&second, "input_tokens"),
        tokens(&second, "cached_tokens"),
    );
    println!("{cached} of {input} tokens of the second prompt came from the cache");
    assert!(input > 200, "{second}");
    assert!(cached * 10 >= input * 8, "{cached} of {input}: {second}");
}

#[test]
fn a_cancelled_request_stops_the_model() {
    let Some(llama) = Llama::start() else { return };
    let mut server = llama.ours(json!({"max_output_tokens": 1500}));
    server.configure(json!({"completion": {"max_tokens": 1500}}));
    let doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    $0\n", code(30)),
    );
    let asked = doc.ask(&mut server, 1);
    wait::until("the model to work", || llama.is_working().then_some(()));
    server.cancel(&asked);
    assert_eq!(server.answer(&asked).unwrap_err().code, -32800);
    wait::until("the model to rest", || (!llama.is_working()).then_some(()));
}

#[test]
fn a_window_that_overflows_is_asked_once_more_with_less() {
    let Some(llama) = Llama::start() else { return };
    // A third of it fits, and all of it does not.
    let mut server = llama.ours(json!({"context_tokens": WINDOW * 3 / 2}));
    let doc = open(
        &mut server,
        &format!("{}def total_new(a, b):\n    return $0\n", code(600)),
    );
    doc.complete(&mut server, 1);
    let why = doc.why(&mut server);
    assert_ne!(why["reason"], "route_failed", "{why}");
    assert!(row(&server)["input_tokens"].as_u64().unwrap() > 200);
}

#[test]
fn a_model_that_fills_no_holes_says_so_with_the_mend() {
    let Some(llama) = Llama::start() else { return };
    let mut server = llama.ours(json!({"fim": "auto"}));
    let doc = open(&mut server, "def total(a, b):\n    return $0\n");
    assert!(doc.complete(&mut server, 1).is_empty());
    let why = doc.why(&mut server);
    assert_eq!(why["reason"], "route_failed", "{why}");
    let detail = why["detail"].as_str().unwrap();
    assert!(detail.contains("fim"), "{detail}");
}
