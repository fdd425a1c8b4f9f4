//! A small LSP client: commands ask our own server, over standard input and output, as an editor would.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Options;
use crate::document::place::uri_of;

/// Time that a workspace gets to be learnt before a command asks all the same.
const LEARNING: Duration = Duration::from_secs(20);

/// A server that belongs to one command. Dropped, it is asked to end.
pub struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: u64,
}

type Failure = String;

impl Client {
    /// Starts a server for a workspace, with settings on top of the user's own.
    pub fn start(folder: &Path, settings: Value, options: &Options) -> Result<Client, Failure> {
        let binary = std::env::current_exe()
            .map_err(|error| format!("our own binary is not to be found: {error}"))?;
        let mut command = std::process::Command::new(binary);
        command.arg("lsp");
        for (flag, value) in [
            ("--config", &options.config),
            ("--log-file", &options.log_file),
        ] {
            if let Some(value) = value {
                command.arg(flag).arg(value);
            }
        }
        if let Some(level) = &options.log_level {
            command.args(["--log-level", level]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the server did not start: {error}"))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the server has no standard input or output".into());
        };
        let mut client = Client {
            child,
            to,
            from: BufReader::new(from),
            next: 0,
        };
        let folder = json!({"uri": uri_of(folder), "name": "workspace"});
        client.request(
            "initialize",
            json!({
                "processId": std::process::id(),
                "clientInfo": {"name": "nextline-cli", "version": env!("CARGO_PKG_VERSION")},
                "workspaceFolders": [folder],
                "initializationOptions": settings,
                "capabilities": {"general": {"positionEncodings": ["utf-8"]}, "textDocument": {"inlineCompletion": {}}},
            }),
        )?;
        client.notify("initialized", json!({}))?;
        Ok(client)
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) -> Result<(), Failure> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Failure> {
        self.next += 1;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
        loop {
            let mut message = self.receive()?;
            if message["method"].is_string() {
                if !message["id"].is_null() {
                    self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}))?;
                }
                continue;
            }
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(format!(
                        "{method}: {}",
                        error["message"].as_str().unwrap_or("failed")
                    )),
                    None => Ok(message["result"].take()),
                };
            }
        }
    }

    /// Waits until the workspace is learnt; what takes too long is not waited for.
    pub fn learnt(&mut self) -> Result<(), Failure> {
        let end = Instant::now() + LEARNING;
        while self.request("agent/status", Value::Null)?["busy"] == true && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn send(&mut self, message: &Value) -> Result<(), Failure> {
        let body = message.to_string();
        let framed = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.to
            .write_all(framed.as_bytes())
            .and_then(|()| self.to.flush())
            .map_err(|error| format!("the server ended: {error}"))
    }

    fn receive(&mut self) -> Result<Value, Failure> {
        let ended = |error: std::io::Error| format!("the server ended: {error}");
        let mut length = None;
        loop {
            let mut line = String::new();
            if self.from.read_line(&mut line).map_err(ended)? == 0 {
                return Err("the server ended; its last words are above".into());
            }
            if let Some(value) = line.strip_prefix("Content-Length:") {
                length = value.trim().parse::<usize>().ok();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length.ok_or("the server sent no length")?];
        self.from.read_exact(&mut body).map_err(ended)?;
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.request("shutdown", Value::Null);
        let _ = self.notify("exit", Value::Null);
        let _ = self.child.wait();
    }
}
