//! One server while it runs: what it offers, and its answers. What goes wrong is one sentence that names it and the mend.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, Implementation,
    PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
};
use rmcp::service::{ClientInitializeError, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientHandler, RoleClient, ServiceError, ServiceExt};
use serde_json::{Map, Value};

use super::came::{Came, Listed, shown};
use super::content::{of_resource, of_tool};
use super::http::Wire;
use super::program::{MESSAGE, Program, settle};
use crate::ledger::{Ledger, MCP, Request};
use crate::policy::{Destination, Policy};
use crate::route::Http;
use crate::route::relay::Relay;
use crate::settings::Mcp;
use crate::tape;

/// Tools, and resources, of one server that are listed.
const LISTED: usize = 1000;
/// How long the end of a session may take.
const FAREWELL: Duration = Duration::from_millis(400);

/// What we are to a server: somebody who asks, and offers nothing.
struct Client;

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        let name = Implementation::new("nextline", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), name)
    }
}

/// A running server.
pub struct Server {
    name: String,
    settings: Mcp,
    service: RunningService<RoleClient, Client>,
    way: Way,
}

/// How a server is reached.
enum Way {
    Program(Mutex<Program>),
    Address(Wire),
}

impl Server {
    /// Starts a server, or opens a session with it.
    ///
    /// # Errors
    ///
    /// One sentence on why it cannot be asked.
    pub async fn start(name: &str, settings: &Mcp, http: &Http) -> Result<Server, String> {
        let told = |why: String| format!("MCP server `{name}` {why}");
        if tape::is_played() {
            return Err(told("is not asked while a recording is played".into()));
        }
        let patience = Duration::from_millis(settings.timeout_ms);
        let (started, way) = match &settings.url {
            Some(url) => {
                let relay =
                    Relay::new(http, name, url, &settings.headers, patience).map_err(told)?;
                admit(Some(relay.origin()), relay.is_here()).map_err(told)?;
                let wire = Wire::new(relay);
                let config = StreamableHttpClientTransportConfig::with_uri(url.as_str());
                let transport = StreamableHttpClientTransport::with_client(wire.clone(), config);
                let started = tokio::time::timeout(patience, Client.serve(transport)).await;
                (started, Way::Address(wire))
            }
            None => {
                // Nobody can say here whom a program asks.
                admit(None, false).map_err(told)?;
                let (program, output, input) = Program::start(settings).map_err(told)?;
                let transport = AsyncRwTransport::new(output, input).with_max_line_length(MESSAGE);
                let started = tokio::time::timeout(patience, Client.serve(transport)).await;
                (started, Way::Program(Mutex::new(program)))
            }
        };
        if matches!(started, Ok(Err(_))) {
            way.settle().await;
        }
        let known = way.trouble();
        let service = started
            .map_err(|_| told(late("start", settings, name, &known)))?
            .map_err(|error| told(unstarted(&error, &known)))?;
        Ok(Server {
            name: name.to_owned(),
            settings: settings.clone(),
            service,
            way,
        })
    }

    /// Whether it can be asked again.
    pub fn is_open(&self) -> bool {
        !self.service.is_transport_closed()
    }

    /// Calls a tool. Dropped, the server is told that nobody waits any more.
    ///
    /// # Errors
    ///
    /// One sentence on why there is nothing.
    pub async fn call(&self, tool: &str, arguments: &Map<String, Value>) -> Result<Came, String> {
        let row = self.row(tool, &Value::Object(arguments.clone()).to_string());
        let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments.clone());
        let answer = self
            .wait("answer", self.service.peer().call_tool_once(params))
            .await;
        let result = match answer {
            Ok(CallToolResponse::Complete(result)) => Ok(result),
            Ok(_) => Err(self.told(format!(
                "wants more than a call for `{tool}`, which is not answered here; use another tool"
            ))),
            Err(why) => Err(why),
        };
        row.end(&result);
        of_tool(result?, self.settings.max_tokens)
            .map_err(|why| self.told(format!("did not do `{tool}`: {why:?}; check its arguments")))
    }

    /// Reads a resource. Dropped, the server is told that nobody waits any more.
    ///
    /// # Errors
    ///
    /// One sentence on why there is nothing.
    pub async fn read(&self, uri: &str) -> Result<Came, String> {
        let row = self.row("resources/read", uri);
        let params = ReadResourceRequestParams::new(uri);
        let answer = self
            .wait("answer", self.service.peer().read_resource_once(params))
            .await;
        let result = match answer {
            Ok(ReadResourceResponse::Complete(result)) => Ok(result),
            Ok(_) => Err(self.told(format!(
                "wants more than a request for {uri}, which is not answered here"
            ))),
            Err(why) => Err(why),
        };
        row.end(&result);
        Ok(of_resource(result?, self.settings.max_tokens))
    }

    /// Its tools, none where it offers none.
    ///
    /// # Errors
    ///
    /// One sentence on why they are not known.
    pub async fn tools(&self) -> Result<Vec<Listed>, String> {
        let info = self.service.peer_info();
        if info.is_some_and(|info| info.capabilities.tools.is_none()) {
            return Ok(Vec::new());
        }
        let all = async {
            let (mut all, mut page) = (Vec::new(), None);
            while all.len() < LISTED {
                let params = PaginatedRequestParams::default().with_cursor(page);
                let found = self.service.peer().list_tools(Some(params)).await?;
                let empty = found.tools.is_empty();
                all.extend(found.tools);
                page = found.next_cursor;
                if page.is_none() || empty {
                    break;
                }
            }
            Ok(all)
        };
        let tools = self.wait("list its tools", all).await?;
        let listed = tools.into_iter().take(LISTED).map(|tool| Listed {
            name: shown(&tool.name),
            about: shown(tool.description.as_deref().unwrap_or_default()),
            arguments: arguments(&tool.input_schema),
        });
        Ok(listed.collect())
    }

    /// Its resources, none where it offers none.
    ///
    /// # Errors
    ///
    /// One sentence on why they are not known.
    pub async fn resources(&self) -> Result<Vec<Listed>, String> {
        let info = self.service.peer_info();
        if info.is_some_and(|info| info.capabilities.resources.is_none()) {
            return Ok(Vec::new());
        }
        let all = async {
            let (mut all, mut page) = (Vec::new(), None);
            while all.len() < LISTED {
                let params = PaginatedRequestParams::default().with_cursor(page);
                let found = self.service.peer().list_resources(Some(params)).await?;
                let empty = found.resources.is_empty();
                all.extend(found.resources);
                page = found.next_cursor;
                if page.is_none() || empty {
                    break;
                }
            }
            Ok(all)
        };
        let resources = self.wait("list its resources", all).await?;
        let listed = resources.into_iter().take(LISTED).map(|resource| Listed {
            about: shown(resource.description.as_deref().unwrap_or(&resource.name)),
            name: shown(&resource.uri),
            arguments: Vec::new(),
        });
        Ok(listed.collect())
    }

    /// Ends it in order: its input is closed, and it has a moment to end by itself.
    pub async fn close(mut self) {
        let _ = self.service.close_with_timeout(FAREWELL).await;
        if let Way::Program(program) = self.way {
            settle(&program).await;
        }
    }

    async fn wait<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, String> {
        let patience = Duration::from_millis(self.settings.timeout_ms);
        let why = match tokio::time::timeout(patience, answer).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(ServiceError::McpError(error))) => {
                format!(
                    "refused: {:?} (code {}); `nextline mcp {}` lists what it offers",
                    shown(&error.message),
                    error.code.0,
                    self.name
                )
            }
            Ok(Err(error)) => match self.way.settled().await {
                known if known.is_empty() => format!(
                    "broke off: {:?}; start it by hand to see why",
                    shown(&error.to_string())
                ),
                known => format!("gave no answer: {known}"),
            },
            Err(_) => late(what, &self.settings, &self.name, &self.way.trouble()),
        };
        Err(self.told(why))
    }

    fn told(&self, why: String) -> String {
        format!("MCP server `{}` {why}", self.name)
    }

    /// A row of the ledger for what a program is asked; what goes to an address has one for each of its requests.
    fn row(&self, purpose: &str, body: &str) -> Called {
        let Way::Program(_) = self.way else {
            return Called(None);
        };
        let row = Ledger::of_process().begin(&Request {
            route: &self.name,
            provider: MCP,
            origin: "program",
            model: purpose,
            surface: MCP,
            purpose: "",
            folder: None,
            tried: 1,
            sources: &[],
            body: body.as_bytes(),
        });
        // It costs no tokens.
        row.used(Some(0), Some(0), Some(0));
        Called(Some(row))
    }
}

/// The row of a call.
struct Called(Option<crate::ledger::Row>);

impl Called {
    fn end<T>(&self, result: &Result<T, String>) {
        match (&self.0, result) {
            (Some(row), Ok(_)) => row.done(),
            (Some(row), Err(_)) => row.failed("failed", None, None),
            (None, _) => {}
        }
    }
}

impl Way {
    /// Waits a little for the end of what broke off.
    async fn settle(&self) {
        if let Way::Program(program) = self {
            settle(program).await;
        }
    }

    /// What is known of why it broke off.
    async fn settled(&self) -> String {
        self.settle().await;
        self.trouble()
    }

    fn trouble(&self) -> String {
        match self {
            Way::Program(program) => program
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .trouble(),
            Way::Address(wire) => wire.trouble(),
        }
    }
}

/// Whether the policy in force lets a server be asked.
fn admit(origin: Option<String>, here: bool) -> Result<(), String> {
    Policy::of_process().admits(&Destination {
        provider: MCP,
        origin,
        here,
        models: Vec::new(),
        region: None,
    })
}

fn late(what: &str, settings: &Mcp, name: &str, known: &str) -> String {
    let ms = settings.timeout_ms;
    match known.is_empty() {
        true => format!(
            "did not {what} within {ms} ms; raise `mcp.{name}.timeout_ms`, or start it by hand to see why"
        ),
        false => format!("did not {what} within {ms} ms: {known}"),
    }
}

fn unstarted(error: &ClientInitializeError, known: &str) -> String {
    match (error, known) {
        (_, known) if !known.is_empty() => format!("did not start: {known}"),
        (ClientInitializeError::JsonRpcError(error), _) => {
            format!(
                "refused the session: {:?}; look at its settings",
                shown(&error.message)
            )
        }
        (error, _) => format!(
            "speaks no protocol that is known here: {:?}; check what its `command` or `url` names",
            shown(&error.to_string())
        ),
    }
}

fn arguments(schema: &Map<String, Value>) -> Vec<String> {
    let needed: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let all = schema.get("properties").and_then(Value::as_object);
    let mut names: Vec<&str> = all
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_by_key(|name| (!needed.contains(name), *name));
    let mark = |name: &str| match needed.contains(&name) {
        true => shown(name),
        false => format!("{}?", shown(name)),
    };
    names.into_iter().map(mark).collect()
}
