//! The HTTP face on loopback: completion requests of editors that speak to a model server, answered by the same server that stdio has.
//!
//! Nothing is answered here: each request opens a document in the core, asks for ghost text at its hole and closes it. The core is
//! an LSP connection in this process, so that every rule, cache and route of it holds.

mod answer;
pub mod gate;
mod hole;
mod lsp;
mod models;

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
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::settings::Layers;
use answer::{Body, fault};
use gate::Gate;
use lsp::Core;

/// Bytes of a request's body at most.
const BODY_CAP: usize = 4 << 20;

/// What every connection shares.
struct Face {
    core: Core,
    gate: Gate,
    models: Vec<Value>,
}

/// Serves until the process is asked to end or the future is dropped. `token` is what every request must carry; `folders` are learnt.
pub async fn run(
    listener: TcpListener,
    token: String,
    layers: Layers,
    folders: &[PathBuf],
) -> std::io::Result<()> {
    let here: SocketAddr = listener.local_addr()?;
    let models = models::list(&layers.load().settings);
    let (core, driven) = Core::start(layers, folders);
    let face = Rc::new(Face {
        core,
        gate: Gate::new(here.port(), token),
        models,
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
    let service = service_fn(|request| {
        let face = face.clone();
        async move { Ok::<_, Infallible>(face.answer(request).await) }
    });
    let served = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!("a connection ended: {error}");
    }
}

impl Face {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        if let Err(refused) = self.gate.admit(request.headers()) {
            return fault(refused.status, refused.why);
        }
        let path = request.uri().path().to_owned();
        let asked = match (path.as_str(), request.method()) {
            ("/v1/models", &Method::GET) => {
                return answer::json(&json!({ "object": "list", "data": self.models }));
            }
            ("/health", &Method::GET) => return answer::json(&json!({ "status": "ok" })),
            ("/v1/completions" | "/infill", &Method::POST) => request,
            ("/v1/completions" | "/infill", _) => return wrong_method("POST"),
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
