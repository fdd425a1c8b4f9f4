//! An ACP client: JSON lines over stdio, with an editor's buffers, and a person who answers what the agent asks.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use serde_json::{Value, json};

use crate::{Scratch, ScriptedRoute, binary, wait};

mod project;

pub use project::{LIB, fenced, link, link_lines, project, question, start, text};

/// The configuration of one route named `mock`, of chats and edits.
#[must_use]
pub fn config(route: &ScriptedRoute) -> String {
    format!(
        "[chat]\nroute = \"mock\"\n[edit]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\n",
        route.url()
    )
}

/// What an editor that can do everything says of itself.
#[must_use]
pub fn able() -> Value {
    json!({ "fs": { "readTextFile": true, "writeTextFile": true }, "auth": { "terminal": true } })
}

/// The agent with a client around it.
#[derive(Debug)]
pub struct Acp {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    answers: HashMap<String, Value>,
    next: u64,
    /// Result of `initialize`.
    pub init: Value,
    /// Every `session/update` that came, in order: its params.
    pub updates: Vec<Value>,
    /// Every request of the agent that came, in order: method and params.
    pub asked: Vec<(String, Value)>,
    /// Unsaved text by path, in the place of what the disk has.
    pub buffers: HashMap<String, String>,
    /// Paths that the client does not give.
    pub denied: Vec<String>,
    /// What the person picks, one for each question, by the option's kind; without one the question stays open.
    pub verdicts: VecDeque<&'static str>,
    question: Value,
    /// What the agent wrote through the client: path and text.
    pub written: Vec<(String, String)>,
}

impl Acp {
    /// Starts the agent in a home with this configuration, for a client with these capabilities.
    #[must_use]
    pub fn start(home: &Scratch, config: &str, capabilities: Value) -> Acp {
        let mut acp = Acp::spawn(home, config);
        let params = json!({
            "protocolVersion": 1, "clientCapabilities": capabilities,
            "clientInfo": { "name": "test", "version": "1" },
        });
        acp.init = acp.request("initialize", params).unwrap();
        acp
    }

    /// The same before `initialize`.
    #[must_use]
    pub fn spawn(home: &Scratch, config: &str) -> Acp {
        home.write(".config/nextline/config.toml", config);
        let mut child = binary::command(home.path())
            .arg("acp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Acp {
            child,
            stdin,
            lines,
            answers: HashMap::new(),
            next: 0,
            init: Value::Null,
            updates: Vec::new(),
            asked: Vec::new(),
            buffers: HashMap::new(),
            denied: Vec::new(),
            verdicts: VecDeque::new(),
            question: Value::Null,
            written: Vec::new(),
        }
    }

    /// Puts bytes on the agent's stdin.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// A message.
    pub fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes());
    }

    /// A notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its id at once.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// The agent's own error answer.
    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    ///
    /// # Errors
    /// The agent's own error answer.
    pub fn answer(&mut self, id: u64) -> Result<Value, Value> {
        let message = self.message(&id.to_string());
        match message.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(message["result"].clone()),
        }
    }

    /// Waits for the answer with this id, as JSON text.
    pub fn message(&mut self, id: &str) -> Value {
        loop {
            if let Some(message) = self.answers.remove(id) {
                return message;
            }
            self.receive(&format!("an answer to {id}"));
        }
    }

    /// Waits until an update of this kind has come that `wanted` accepts; it stays.
    pub fn until(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let of_kind = self.kind(kind);
            if let Some(found) = of_kind.into_iter().find(&wanted) {
                return found;
            }
            self.receive(kind);
        }
    }

    /// Waits until the agent has asked for this.
    pub fn until_asked(&mut self, method: &str) -> Value {
        loop {
            if let Some((_, params)) = self.asked.iter().find(|(name, _)| name == method) {
                return params.clone();
            }
            self.receive(method);
        }
    }

    /// The id of the agent's last request, for a test that answers it by hand.
    #[must_use]
    pub fn open_question(&self) -> Value {
        self.question.clone()
    }

    /// The updates of one kind so far.
    #[must_use]
    pub fn kind(&self, kind: &str) -> Vec<Value> {
        let updates = self.updates.iter().map(|params| &params["update"]);
        let found = updates.filter(|update| update["sessionUpdate"] == kind);
        found.cloned().collect()
    }

    /// What the agent said so far.
    #[must_use]
    pub fn said(&self) -> String {
        let chunks = self.kind("agent_message_chunk");
        let texts = chunks.iter().map(|chunk| &chunk["content"]["text"]);
        texts.map(|text| text.as_str().unwrap()).collect()
    }

    /// A session in a folder.
    pub fn session(&mut self, folder: &Path) -> String {
        let params = json!({ "cwd": folder, "mcpServers": [] });
        let result = self.request("session/new", params).unwrap();
        result["sessionId"].as_str().unwrap().to_owned()
    }

    /// Says something and waits for the end of the turn.
    ///
    /// # Errors
    /// The agent's own error answer.
    pub fn prompt(&mut self, session: &str, text: &str) -> Result<String, Value> {
        self.prompt_with(session, json!([{ "type": "text", "text": text }]))
    }

    /// The same with any content.
    ///
    /// # Errors
    /// The agent's own error answer.
    pub fn prompt_with(&mut self, session: &str, prompt: Value) -> Result<String, Value> {
        let params = json!({ "sessionId": session, "prompt": prompt });
        let result = self.request("session/prompt", params)?;
        Ok(result["stopReason"].as_str().unwrap().to_owned())
    }

    /// Closes the agent's stdin and waits for its end.
    pub fn end(mut self) {
        drop(self.stdin.take());
        let status = wait::until("the agent should end with its input", || {
            self.child.try_wait().unwrap()
        });
        assert_eq!(status.code(), Some(0));
    }

    fn receive(&mut self, what: &str) {
        let line = match self.lines.recv_timeout(wait::guard()) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("waited in vain for {what}"),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the agent is gone, waiting for {what}")
            }
        };
        let message: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("stdout is not the wire any more: {error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        let Some(method) = message["method"].as_str() else {
            let old = self.answers.insert(message["id"].to_string(), message);
            assert_eq!(old, None, "two answers");
            return;
        };
        let params = message["params"].clone();
        if message.get("id").is_none() {
            assert_eq!(method, "session/update", "{line}");
            self.updates.push(params);
            return;
        }
        self.asked.push((method.to_owned(), params.clone()));
        self.question = message["id"].clone();
        if let Some(outcome) = self.outcome(method, &params) {
            let (name, value) = match outcome {
                Ok(result) => ("result", result),
                Err(error) => ("error", error),
            };
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], name: value }));
        }
    }

    /// What the client answers; nothing where the person has not.
    fn outcome(&mut self, method: &str, params: &Value) -> Option<Result<Value, Value>> {
        let path = params["path"].as_str().unwrap_or_default().to_owned();
        Some(match method {
            "fs/read_text_file" if self.denied.contains(&path) => {
                Err(json!({ "code": -32603, "message": "permission denied" }))
            }
            "fs/read_text_file" => {
                let text = self.buffers.get(&path).cloned();
                match text.or_else(|| std::fs::read_to_string(&path).ok()) {
                    Some(content) => Ok(json!({ "content": content })),
                    None => Err(json!({ "code": -32002, "message": "no such file" })),
                }
            }
            "fs/write_text_file" => {
                let content = params["content"].as_str().unwrap().to_owned();
                std::fs::write(&path, &content).unwrap();
                self.buffers.remove(&path);
                self.written.push((path, content));
                Ok(json!({}))
            }
            "session/request_permission" => {
                let kind = self.verdicts.pop_front()?;
                let options = params["options"].as_array().unwrap();
                let picked = options.iter().find(|option| option["kind"] == kind);
                Ok(match picked {
                    Some(option) => {
                        json!({ "outcome": { "outcome": "selected", "optionId": option["optionId"] } })
                    }
                    None => json!({ "outcome": { "outcome": "cancelled" } }),
                })
            }
            _ => Err(json!({ "code": -32601, "message": "no such method" })),
        })
    }
}

impl Drop for Acp {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
