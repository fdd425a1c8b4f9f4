//! Servers of the Model Context Protocol as a source of context in chats: the reference server, which others wrote, over both transports.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use nextline_tests::mcp::{asked, home};
use nextline_tests::shell::{code, err, last_message, out};
use nextline_tests::{ScriptedRoute, binary};
use serde_json::{Value, json};

const FEATURES: &str = "demo://resource/static/document/features.md";

/// Where the reference server is; `None`, with the reason on stderr, where it cannot be had.
fn everything() -> Option<PathBuf> {
    static INSTALLED: OnceLock<String> = OnceLock::new();
    let said = INSTALLED.get_or_init(|| {
        let script = binary::root().join("tests/mcp/install.sh");
        let output = Command::new("sh").arg(script).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let file = binary::root()
        .join(".cache/mcp/node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    if file.is_file() {
        return Some(file);
    }
    eprintln!("skipped: the reference server is not here\n{said}");
    assert!(
        std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
        "NEXTLINE_REQUIRE_EDITORS is set, and the reference server is not here"
    );
    None
}

/// The reference server behind an address; ends when it is dropped.
struct Behind {
    child: Child,
    url: String,
}

impl Drop for Behind {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn behind(file: &PathBuf) -> Behind {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut child = Command::new("node")
        .arg(file)
        .arg("streamableHttp")
        .env("PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("listening on port"));
    assert!(ready, "the reference server did not start");
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Behind {
        child,
        url: format!("http://127.0.0.1:{port}/mcp"),
    }
}

/// The reference server over one transport: what it offers, a tool, a resource, and what it refuses.
fn is_served(table: &str, origin: &str) {
    let route = ScriptedRoute::instant("answer");
    let place = home(&route, table);
    let listed = binary::command(place.path())
        .args(["mcp", "everything"])
        .output()
        .unwrap();
    assert_eq!(code(&listed), 0, "{listed:?}");
    for wanted in [
        "@everything:echo {message}  Echoes back",
        &format!("@mcp:everything/{FEATURES}"),
    ] {
        assert!(out(&listed).contains(wanted), "{}", out(&listed));
    }
    let message = format!(
        "see @everything:echo {{\"message\": \"hé @src/a.rs\"}} and @mcp:everything/{FEATURES}."
    );
    let output = asked(&place, &message);
    assert_eq!(
        (code(&output), out(&output).as_str()),
        (0, "answer\n"),
        "{output:?}"
    );
    assert_eq!(err(&output), "", "{output:?}");
    let said = last_message(&route);
    assert!(said.contains("Echo: hé @src/a.rs"), "{said}");
    assert!(
        said.contains("`echo of the MCP server everything`:\n```"),
        "{said}"
    );
    assert!(said.contains("# Everything Server"), "{said}");
    assert!(said.ends_with(&message), "{said}");
    let output = asked(&place, "@everything:nothing and @mcp:everything/demo://no");
    assert_eq!(
        (code(&output), out(&output).as_str()),
        (0, "answer\n"),
        "{output:?}"
    );
    for line in [
        "@everything:nothing: MCP server `everything` ",
        "@mcp:everything/demo://no: MCP server `everything` refused: ",
    ] {
        assert!(err(&output).contains(line), "{}", err(&output));
    }
    let sent = binary::command(place.path())
        .args(["sent", "--json"])
        .output()
        .unwrap();
    let rows: Value = serde_json::from_str(&out(&sent)).unwrap();
    let rows = rows.as_array().unwrap();
    let of = |origin: &str| {
        rows.iter()
            .filter(|row| row["origin"].as_str().unwrap().starts_with(origin))
            .count()
    };
    assert!(of(origin) >= 4, "{rows:?}");
    let parts: Vec<(&str, &str)> = rows
        .iter()
        .flat_map(|row| row["sources"].as_array().unwrap())
        .map(|part| {
            (
                part["path"].as_str().unwrap(),
                part["rule"].as_str().unwrap(),
            )
        })
        .collect();
    for path in ["mcp:everything:echo", &format!("mcp:everything/{FEATURES}")] {
        assert!(parts.contains(&(path, "mcp everything")), "{parts:?}");
    }
}

#[test]
fn the_reference_server_answers_over_pipes() {
    let Some(file) = everything() else { return };
    is_served(
        &format!("[mcp.everything]\ncommand = {}\n", json!(["node", file])),
        "program",
    );
}

#[test]
fn the_reference_server_answers_over_http() {
    let Some(file) = everything() else { return };
    let server = behind(&file);
    let table = format!(
        "[mcp.everything]\nurl = \"{}\"\nheaders = {{ X-Team = \"a\" }}\n",
        server.url
    );
    is_served(&table, "http://127.0.0.1:");
}
