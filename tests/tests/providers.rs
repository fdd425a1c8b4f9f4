//! The routes against model servers that others wrote: aimock streams as the vendors do, llmock breaks answers and grades the client.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use nextline_tests::{Scratch, binary, wait};
use serde_json::{Value, json};

/// What the servers of aimock are made to say: several chunks with letters of two, three and four bytes.
const TEXT: &str = "let ä = \"€😀\";\nfn after() -> bool { true } // and more than one chunk of it";

/// Where the servers are installed; `None`, with the reason on stderr, where they cannot be had.
fn home() -> Option<PathBuf> {
    static INSTALLED: OnceLock<String> = OnceLock::new();
    let said = INSTALLED.get_or_init(|| {
        let script = binary::root().join("tests/providers/install.sh");
        let output = Command::new("sh").arg(script).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let home = binary::root().join(".cache/providers");
    let found = home.join("node_modules/@copilotkit/aimock").is_dir()
        && home.join("python/bin/llmock").is_file();
    if found {
        return Some(home);
    }
    eprintln!("skipped: the model servers are not here\n{said}");
    assert!(
        std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
        "NEXTLINE_REQUIRE_EDITORS is set, and the model servers are not here"
    );
    None
}

/// A server that is stopped when it is dropped.
struct Mock {
    child: Child,
    url: String,
    _files: Scratch,
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts `command` and waits until a line of its output or log ends with an address.
fn started(mut command: Command, files: Scratch) -> Mock {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    drop(command);
    let mut lines = BufReader::new(reader).lines();
    let mut said = String::new();
    let url = lines.by_ref().map_while(Result::ok).find_map(|line| {
        said.push_str(&line);
        said.push('\n');
        let url = &line[line.find("http://127.0.0.1:")?..];
        Some(url.split_whitespace().next()?.to_owned())
    });
    // The rest is read so that the server never waits for a reader.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let Some(url) = url else {
        let _ = child.kill();
        panic!("the server did not start: {said}");
    };
    Mock {
        child,
        url,
        _files: files,
    }
}

fn aimock() -> Option<Mock> {
    let home = home()?;
    let files = Scratch::new();
    let fixture =
        json!({"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": TEXT}}]});
    let path = files.write("fixtures.json", fixture.to_string());
    let mut command = Command::new("node");
    command
        .arg(home.join("node_modules/@copilotkit/aimock/dist/cli.js"))
        .args(["--port", "0", "--chunk-size", "7", "--fixtures"])
        .arg(path);
    Some(started(command, files))
}

fn llmock() -> Option<Mock> {
    let home = home()?;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(home.join("python/bin/llmock"));
    command.args(["serve", "--port", &port.to_string()]);
    let mock = started(command, Scratch::new());
    // It says its address before it listens there.
    wait::until("llmock should listen", || {
        TcpStream::connect(("127.0.0.1", port)).ok()
    });
    Some(mock)
}

/// One exchange with the server's own interface. The request is one write and a GET has no body: a server that closes on bytes that it
/// has not read resets the connection, and its answer is lost.
fn http(mock: &Mock, method: &str, path: &str, body: &Value) -> Value {
    let address = mock.url.trim_start_matches("http://").trim_end_matches('/');
    let body = if method == "GET" {
        String::new()
    } else {
        body.to_string()
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// What `nextline chat` says to "hello" over a route with these settings.
fn chat(settings: &str) -> (Output, Value) {
    let files = Scratch::new();
    files.write(
        ".config/nextline/config.toml",
        format!("[routes.r]\n{settings}"),
    );
    let output = binary::command(files.path())
        .args([
            "chat",
            "-m",
            "hello",
            "--route",
            "r",
            "--output-format",
            "json",
        ])
        .env("KEY", "some-key-of-nobody")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let result = serde_json::from_str(text.trim())
        .unwrap_or_else(|error| panic!("{error}: {settings}: {output:?}"));
    (output, result)
}

#[test]
fn the_same_text_through_every_family_of_aimock() {
    let Some(mock) = aimock() else { return };
    for (provider, base, more) in [
        ("openai", "/v1", ""),
        ("openai", "/v1", "api = \"responses\""),
        ("openai-compatible", "/v1", ""),
        ("anthropic", "", ""),
        ("gemini", "", ""),
        ("azure-openai", "", "deployment = \"d\""),
        (
            "azure-openai",
            "",
            "deployment = \"d\"\napi_version = \"2024-10-21\"",
        ),
        ("ollama", "", ""),
    ] {
        let settings = format!(
            "provider = \"{provider}\"\nmodel = \"m\"\nbase_url = \"{}{base}\"\napi_key_env = \"KEY\"\n{more}\n",
            mock.url
        );
        let (output, result) = chat(&settings);
        assert!(output.status.success(), "{provider} {more}: {output:?}");
        assert_eq!(result["text"], TEXT, "{provider} {more}");
        assert_eq!(result["stop_reason"], "end", "{provider} {more}: {result}");
        assert_eq!(result["error"], Value::Null, "{provider} {more}");
    }
}

#[test]
fn llmock_has_nothing_to_say_against_us() {
    let Some(mock) = llmock() else { return };
    let families = [
        ("openai", "/v1", ""),
        ("openai", "/v1", "api = \"responses\""),
        ("anthropic", "/anthropic", ""),
        ("gemini", "/gemini", ""),
        ("mistral", "/mistral/v1", ""),
    ];
    let fail = |status, times| json!({"type": "fail", "status": status, "times": times});
    let fault = |kind: &str| json!({"type": "stream_fault", "kind": kind, "after_chunks": 0, "stall_seconds": 30});
    for (name, behaviors, answered) in [
        ("good", json!([]), true),
        (
            "429, then good",
            json!([{"type": "fail", "status": 429, "retry_after": 1, "times": 1}]),
            true,
        ),
        ("503 twice, then good", json!([fail(503, 2)]), true),
        ("400", json!([fail(400, 1)]), false),
        ("401", json!([fail(401, 1)]), false),
        ("truncated, then good", json!([fault("truncate")]), true),
        (
            "disconnected, then good",
            json!([fault("disconnect")]),
            true,
        ),
        ("stalled", json!([fault("stall")]), false),
    ] {
        for (provider, base, more) in families {
            http(&mock, "POST", "/_llmock/reset", &json!({}));
            if behaviors != json!([]) {
                let scenario = json!({ "behaviors": behaviors });
                http(&mock, "POST", "/_llmock/scenario", &scenario);
            }
            let settings = format!(
                "provider = \"{provider}\"\nmodel = \"m\"\nbase_url = \"{}{base}\"\napi_key_env = \"KEY\"\ntimeouts = {{ first_byte_ms = 500, idle_ms = 500 }}\n{more}\n",
                mock.url.trim_end_matches('/')
            );
            let (output, result) = chat(&settings);
            assert_eq!(
                output.status.success(),
                answered,
                "{provider} {more}, {name}: {output:?}"
            );
            assert_eq!(
                result["error"].is_null(),
                answered,
                "{provider} {more}, {name}: {result}"
            );
            let verdict = http(&mock, "GET", "/_llmock/verdict", &Value::Null);
            assert_eq!(
                verdict["findings"].as_array().map_or(0, Vec::len),
                0,
                "{provider} {more}, {name}: {verdict}"
            );
        }
    }
}

/// Where text was shown, llmock would have it asked again; people would read it twice.
#[test]
fn what_breaks_after_text_is_an_interruption() {
    let Some(mock) = llmock() else { return };
    for kind in ["truncate", "disconnect"] {
        for (provider, base) in [
            ("openai", "/v1"),
            ("anthropic", "/anthropic"),
            ("gemini", "/gemini"),
        ] {
            http(&mock, "POST", "/_llmock/reset", &json!({}));
            let fault = json!({"type": "stream_fault", "kind": kind, "after_chunks": 6});
            http(
                &mock,
                "POST",
                "/_llmock/scenario",
                &json!({"behaviors": [fault]}),
            );
            let (output, result) = chat(&format!(
                "provider = \"{provider}\"\nmodel = \"m\"\nbase_url = \"{}{base}\"\napi_key_env = \"KEY\"\n",
                mock.url.trim_end_matches('/')
            ));
            assert_eq!(
                output.status.code(),
                Some(1),
                "{provider}, {kind}: {output:?}"
            );
            assert_eq!(
                result["error"]["kind"], "cut",
                "{provider}, {kind}: {result}"
            );
            assert_eq!(result["stop_reason"], "cut", "{provider}, {kind}: {result}");
            assert_ne!(result["text"], "", "{provider}, {kind}: {result}");
        }
    }
}
