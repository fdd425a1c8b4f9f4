//! `initialize` and `authenticate`: what the client can do, what we can, and how a key is given.

use std::sync::Arc;

use futures_util::FutureExt;
use nextline_protocol::Fault;
use nextline_protocol::acp;
use nextline_protocol::fault::INVALID_REQUEST;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{AcpDesk, Reply, Work, read, wrong};
use crate::chat::outcome::Class;
use crate::route::{Kind, Standing, Surface};

/// The method that runs in a terminal.
const LOGIN: &str = "login";
/// The method that takes what the configuration says.
const CONFIGURED: &str = "configured";
/// What follows `nextline acp` in a terminal.
const LOGIN_FLAG: &str = "--login";

/// What the client can do, as far as it matters here. Whatever is missing or misshapen it cannot.
#[derive(Debug, Clone, Copy, Default)]
pub struct Abilities {
    /// `fs/read_text_file`.
    pub reads: bool,
    /// `fs/write_text_file`.
    pub writes: bool,
    /// It runs us in a terminal for the person to sign in.
    pub terminal: bool,
    /// The same, as clients said it before the protocol had the word.
    pub terminal_meta: bool,
}

impl Abilities {
    fn of(params: &Value) -> Abilities {
        let capability = |pointer: &str| {
            let found = params.pointer(&format!("/clientCapabilities/{pointer}"));
            found.is_some_and(|value| value.as_bool().unwrap_or(value.is_object()))
        };
        Abilities {
            reads: capability("fs/readTextFile"),
            writes: capability("fs/writeTextFile"),
            terminal: capability("auth/terminal"),
            terminal_meta: capability("_meta/terminal-auth"),
        }
    }
}

pub fn initialize(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let params: Value = read(params)?;
    if !params["protocolVersion"].is_u64() {
        return Err(wrong("`protocolVersion` is missing"));
    }
    let abilities = Abilities::of(&params);
    if desk.client.set(abilities).is_err() {
        let what = "`initialize` was answered already";
        return Err(Fault::new(INVALID_REQUEST, what));
    }
    // Of any other version the client is told the one that there is; it goes on or leaves.
    let result = json!({
        "protocolVersion": acp::VERSION,
        "agentInfo": { "name": "nextline", "title": "Nextline", "version": env!("CARGO_PKG_VERSION") },
        "agentCapabilities": {
            "loadSession": true,
            "promptCapabilities": { "image": false, "audio": false, "embeddedContext": true },
            "mcpCapabilities": { "http": false, "sse": false },
            "sessionCapabilities": { "list": {}, "delete": {}, "resume": {}, "close": {}, "additionalDirectories": {} },
        },
        "authMethods": ways(abilities),
    });
    Ok(std::future::ready(Ok(Reply::from(result))).boxed())
}

/// How a key can be given: in a terminal, where the client has one, else by what the configuration names.
fn ways(client: Abilities) -> Vec<Value> {
    let mut ways = Vec::new();
    if client.terminal || client.terminal_meta {
        let mut login = json!({
            "id": LOGIN,
            "name": "Keep a key in the system's keyring",
            "description": "Asks in a terminal for the key of the route that answers chats.",
            "args": [LOGIN_FLAG],
        });
        if client.terminal {
            login["type"] = "terminal".into();
        }
        if let (true, Ok(own)) = (client.terminal_meta, std::env::current_exe()) {
            let own = own.to_string_lossy();
            let run =
                json!({ "command": own, "args": ["acp", LOGIN_FLAG], "label": "nextline login" });
            login["_meta"] = json!({ "terminal-auth": run });
        }
        ways.push(login);
    }
    ways.push(json!({
        "id": CONFIGURED,
        "name": "Use the configured route",
        "description": "Takes the route and the key that `config.toml` and the environment name.",
    }));
    ways
}

/// Looks for the key anew; says what to mend where there is none.
pub fn authenticate(desk: &Arc<AcpDesk>, params: Option<&RawValue>) -> Result<Work, Fault> {
    let acp::AuthenticateParams { method_id } = read(params)?;
    if ![LOGIN, CONFIGURED].contains(&method_id.as_str()) {
        let what = format!("there is no way {method_id:?} to sign in");
        return Err(wrong(what));
    }
    let desk = desk.clone();
    Ok(async move {
        let snapshot = desk.look(Vec::new()).await?;
        let chats = &snapshot.chats;
        chats.roads.forget();
        let http = snapshot.engine.http();
        let settings = &snapshot.settings.settings;
        let road = chats.roads.find(settings, Surface::Chat, None, http);
        let missing = match road {
            Err(trouble) => trouble.message,
            Ok(road) => match road.route.standing() {
                Standing::Missing(mend) => format!("route `{}`: {mend}", road.route.name()),
                _ => return Ok(json!({}).into()),
            },
        };
        Err(Fault::new(acp::AUTH_REQUIRED, missing))
    }
    .boxed())
}

/// Whether signing in may mend it.
pub fn wants_key(class: Class) -> bool {
    matches!(class, Class::Route(Kind::Auth))
}
