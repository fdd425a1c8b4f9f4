//! The HTTP face on loopback: what editors ask of a model server, and a chat page with its socket, answered by the same server that
//! stdio has.
//!
//! Nothing is answered here: a completion opens a document in the core, asks for ghost text at its hole and closes it; a socket is a
//! connection to the core; a conversation goes to the room of chats. The core is an LSP connection in this process, so that every rule,
//! cache and route of it holds.

mod answer;
pub mod gate;
mod hole;
mod lsp;
mod models;
mod page;
mod socket;
mod talk;

use std::cell::Cell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::ALLOW;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::chat::Road;
use crate::chat::road::Roads;
use crate::route::{Http, Surface};
use crate::settings::{Layers, Settings};
use answer::{Body, fault};
use gate::Gate;
use lsp::Core;

/// Bytes of a request's body at most.
const BODY_CAP: usize = 4 << 20;

/// Sockets at once at most: each is a connection with documents and chats of its own.
const SOCKETS: usize = 32;

/// Who may ask, and for what.
pub struct Invitation {
    /// What every request must carry.
    pub token: String,
    /// The origins of pages elsewhere that may ask, such as an editor in a browser.
    pub origins: Vec<String>,
    /// What is served: learnt by the core, and open to the page.
    pub folders: Vec<PathBuf>,
}

/// What every connection shares.
struct Face {
    core: Core,
    gate: Gate,
    models: Vec<Value>,
    layers: Layers,
    settings: Settings,
    folders: Vec<PathBuf>,
    roads: Roads,
    http: Http,
    sockets: Cell<usize>,
}

/// Serves until the process is asked to end or the future is dropped.
pub async fn run(
    listener: TcpListener,
    layers: Layers,
    invitation: Invitation,
) -> std::io::Result<()> {
    let here: SocketAddr = listener.local_addr()?;
    let Invitation {
        token,
        origins,
        folders,
    } = invitation;
    let mut narrowed = layers.clone();
    narrowed.read_projects(folders.iter().map(PathBuf::as_path));
    let settings = narrowed.load().settings;
    let (core, driven) = Core::start(layers.clone(), &folders);
    let face = Rc::new(Face {
        core,
        gate: Gate::new(here.port(), token, origins),
        models: models::list(&settings),
        layers,
        settings,
        folders,
        roads: Roads::default(),
        http: Http::default(),
        sockets: Cell::new(0),
    });
    let mut driven = std::pin::pin!(driven);
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            // The system asked the process to end.
            () = &mut driven => return Ok(()),
            accepted = listener.accept() => open.push(connection(accepted?.0, face.clone())),
            Some(()) = open.next() => {}
        }
    }
}

/// Serves one connection. A client that goes away drops the answer it waited for.
async fn connection(stream: TcpStream, face: Rc<Face>) {
    let upgraded = Rc::new(Cell::new(None));
    let service = service_fn(|request| {
        let (face, upgraded) = (face.clone(), upgraded.clone());
        async move { Ok::<_, Infallible>(face.answer(request, &upgraded).await) }
    });
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!("a connection ended: {error}");
    }
    let Some(upgrade) = upgraded.take() else {
        return;
    };
    face.sockets.update(|open| open + 1);
    match upgrade.await {
        Ok(stream) => {
            socket::run(TokioIo::new(stream), face.layers.clone(), &face.folders).await;
        }
        Err(error) => tracing::debug!("no socket came of a connection: {error}"),
    }
    face.sockets.update(|open| open - 1);
}

impl Face {
    /// Answers a request; one that asks for a socket is put aside for it.
    async fn answer(
        &self,
        request: Request<Incoming>,
        upgraded: &Cell<Option<OnUpgrade>>,
    ) -> Response<Body> {
        let headers = request.headers();
        let path = request.uri().path().to_owned();
        let get = request.method() == Method::GET;
        if path == "/socket" {
            return self.socket(request, upgraded);
        }
        if let Some(file) = page::file(&path, headers) {
            return match self.gate.admit_visitor(headers) {
                Err(refused) => fault(refused.status, refused.why),
                Ok(()) if get => file,
                Ok(()) => wrong_method("GET"),
            };
        }
        if let Err(refused) = self.gate.admit(headers) {
            return fault(refused.status, refused.why);
        }
        let asked = match (path.as_str(), request.method()) {
            ("/v1/models", &Method::GET) => {
                return answer::json(&json!({ "object": "list", "data": self.models }));
            }
            ("/health", &Method::GET) => return answer::json(&json!({ "status": "ok" })),
            ("/v1/completions" | "/v1/chat/completions" | "/infill", &Method::POST) => request,
            ("/v1/completions" | "/v1/chat/completions" | "/infill", _) => {
                return wrong_method("POST");
            }
            ("/v1/models" | "/health", _) => return wrong_method("GET"),
            _ => return fault(StatusCode::NOT_FOUND, "there is no such path here"),
        };
        let large = || fault(StatusCode::PAYLOAD_TOO_LARGE, "the body is over 4 MB");
        if asked.body().size_hint().lower() > BODY_CAP as u64 {
            return large();
        }
        let body = match Limited::new(asked.into_body(), BODY_CAP).collect().await {
            Ok(body) => body.to_bytes(),
            Err(_) => return large(),
        };
        let body: Value = match serde_json::from_slice(&body) {
            Ok(body @ Value::Object(_)) => body,
            _ => return fault(StatusCode::BAD_REQUEST, "the body is no JSON object"),
        };
        if path == "/v1/chat/completions" {
            return self.chat(&body).await;
        }
        let infill = path == "/infill";
        let found = if infill {
            hole::of_infill(&body)
        } else {
            hole::of_completion(&body)
        };
        let Some(hole) = found else {
            return fault(StatusCode::BAD_REQUEST, "`prompt` is no text");
        };
        // llama.vim warms a cache with requests for nothing.
        let text = match body["n_predict"].as_i64() {
            Some(0) => String::new(),
            _ => self.core.complete(&hole).await,
        };
        let stream = body["stream"] == true;
        if infill {
            answer::infill(&text, stream)
        } else {
            answer::completion(&text, body["model"].as_str().unwrap_or("auto"), stream)
        }
    }

    /// Somebody else's conversation. A model that is no route of ours is one that the client has by itself: the route of chats answers.
    async fn chat(&self, body: &Value) -> Response<Body> {
        let folder = self.folders.first();
        let folder = folder.map(|folder| folder.to_string_lossy().into_owned());
        let prompt = match talk::prompt(body, folder) {
            Ok(prompt) => prompt,
            Err(why) => return fault(StatusCode::BAD_REQUEST, &why),
        };
        let named = body["model"].as_str();
        let named = named.filter(|name| self.settings.routes.contains_key(*name));
        let road: Result<Road, _> =
            self.roads
                .find(&self.settings, Surface::Chat, named, &self.http);
        match road {
            Ok(road) => talk::answer(road, prompt, body).await,
            Err(trouble) => talk::refusal(&trouble),
        }
    }

    fn socket(
        &self,
        request: Request<Incoming>,
        upgraded: &Cell<Option<OnUpgrade>>,
    ) -> Response<Body> {
        if let Err(refused) = self.gate.admit_socket(request.headers()) {
            return fault(refused.status, refused.why);
        }
        if request.method() != Method::GET {
            return wrong_method("GET");
        }
        if self.sockets.get() >= SOCKETS {
            let why = "too many sockets are open: close some of the pages";
            return fault(StatusCode::SERVICE_UNAVAILABLE, why);
        }
        match socket::accept(request.headers()) {
            Ok(response) => {
                upgraded.set(Some(hyper::upgrade::on(request)));
                response
            }
            Err(why) => fault(StatusCode::BAD_REQUEST, why),
        }
    }
}

fn wrong_method(right: &'static str) -> Response<Body> {
    let mut response = fault(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path has another method",
    );
    response
        .headers_mut()
        .insert(ALLOW, hyper::header::HeaderValue::from_static(right));
    response
}
