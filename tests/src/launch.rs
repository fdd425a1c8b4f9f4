//! How a server is started: arguments, environment, workspace, what the client says of itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::server::Server;
use crate::{Encoding, Scratch, ScriptedRoute, binary, scratch};

/// Everything about one start. Without any call it is a standard LSP client with an empty workspace.
#[derive(Debug)]
pub struct Launch {
    args: Vec<String>,
    env: Vec<(String, String)>,
    config: Option<String>,
    policy: Option<String>,
    options: Value,
    configuration: Value,
    root: Option<PathBuf>,
    encoding: Option<Encoding>,
    inline: bool,
    stderr_read: bool,
}

impl Default for Launch {
    fn default() -> Launch {
        Launch::new()
    }
}

impl Launch {
    /// `nextline --stdio` for a client that knows inline completion.
    #[must_use]
    pub fn new() -> Launch {
        Launch {
            args: vec!["--stdio".into()],
            env: Vec::new(),
            config: None,
            policy: None,
            options: Value::Null,
            configuration: Value::Null,
            root: None,
            encoding: None,
            inline: true,
            stderr_read: true,
        }
    }

    /// Other arguments.
    #[must_use]
    pub fn args(mut self, args: &[&str]) -> Launch {
        self.args = args.iter().map(|&a| a.to_owned()).collect();
        self
    }

    /// One more variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Launch {
        self.env.push((name.into(), value.into()));
        self
    }

    /// The user's configuration file.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Launch {
        self.config = Some(toml.into());
        self
    }

    /// The machine's policy. The system must have namespaces: ask [`binary::under_policy`].
    #[must_use]
    pub fn policy(mut self, toml: &str) -> Launch {
        self.policy = Some(toml.into());
        self
    }

    /// `initializationOptions`.
    #[must_use]
    pub fn options(mut self, options: Value) -> Launch {
        self.options = options;
        self
    }

    /// What the client answers to `workspace/configuration` for the section `nextline`.
    #[must_use]
    pub fn configuration(mut self, configuration: Value) -> Launch {
        self.configuration = configuration;
        self
    }

    /// `initializationOptions` for one `openai-compatible` route named `mock`, asked at once and with nothing behind it;
    /// `extra` is merged over it, key by key.
    #[must_use]
    pub fn route(self, route: &ScriptedRoute, extra: Value) -> Launch {
        let mut options = json!({
            "completion": { "route": "mock", "fallback": "none", "throttle_ms": 0 },
            "routes": { "mock": {
                "provider": "openai-compatible", "base_url": format!("{}/v1", route.url()), "model": "m", "fim": "suffix" } },
        });
        merge(&mut options, extra);
        self.options(options)
    }

    /// The workspace's folder.
    #[must_use]
    pub fn workspace(mut self, folder: &Path) -> Launch {
        self.root = Some(folder.to_path_buf());
        self
    }

    /// The one position encoding that the client offers.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Launch {
        self.encoding = Some(encoding);
        self
    }

    /// A client that knows no inline completion.
    #[must_use]
    pub fn without_inline(mut self) -> Launch {
        self.inline = false;
        self
    }

    /// A client that opens stderr and never reads it.
    #[must_use]
    pub fn stderr_unread(mut self) -> Launch {
        self.stderr_read = false;
        self
    }

    /// Starts the process and says nothing to it.
    #[must_use]
    pub fn spawn(&self) -> Server {
        let home = Scratch::new();
        let mut command = match &self.policy {
            None => binary::command(home.path()),
            Some(text) => binary::under_policy(&home, text).expect("namespaces"),
        };
        self.prepare(&mut command, &home);
        Server::new(command, home, self.stderr_read, self.configuration.clone())
    }

    /// Starts another program in the server's place (a shell that starts the server, say).
    #[must_use]
    pub fn spawn_through(&self, program: &str, args: &[&str]) -> Server {
        let home = Scratch::new();
        let mut command = binary::isolated(program, home.path());
        command.args(args);
        Launch {
            args: Vec::new(),
            ..Launch::new()
        }
        .prepare(&mut command, &home);
        Server::new(command, home, self.stderr_read, self.configuration.clone())
    }

    fn prepare(&self, command: &mut Command, home: &Scratch) {
        if let Some(text) = &self.config {
            home.write(".config/nextline/config.toml", text);
        }
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(k, v)| (k, v)));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// Starts the process and initializes it.
    #[must_use]
    pub fn start(&self) -> Server {
        let mut server = self.spawn();
        server.initialize(self.params());
        server
    }

    /// The params of `initialize`.
    #[must_use]
    pub fn params(&self) -> Value {
        let folder = self.root.as_deref().map(scratch::uri_of);
        let encodings = self
            .encoding
            .map_or(json!(["utf-16"]), |e| json!([e.name()]));
        let mut text_document = json!({
            "synchronization": { "didSave": true },
            "completion": { "completionItem": { "snippetSupport": false } },
        });
        if self.inline {
            text_document["inlineCompletion"] = json!({});
        }
        json!({
            "processId": std::process::id(),
            "clientInfo": { "name": "tests", "version": "1" },
            "rootUri": folder,
            "workspaceFolders": folder.as_ref().map(|uri| json!([{ "uri": uri, "name": "workspace" }])),
            "initializationOptions": self.options,
            "capabilities": {
                "general": { "positionEncodings": encodings },
                "workspace": {
                    "workspaceFolders": true, "configuration": true, "applyEdit": true,
                    "workspaceEdit": { "documentChanges": true },
                },
                "window": { "workDoneProgress": true },
                "textDocument": text_document,
            },
        })
    }
}

/// Lays `over` onto `base`: objects key by key, anything else whole.
pub fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (base, over) => *base = over,
    }
}
