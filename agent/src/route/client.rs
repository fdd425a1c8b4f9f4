//! The HTTP clients: built when first needed, one for each way of connecting, and the keeper that saves connections after an answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use tokio::sync::mpsc;

use super::error::{Failure, Kind};
use super::tls::{self, Spoken};
use super::vendors::is_loopback;
use crate::settings::Route as Settings;

/// Bytes after the end mark that are read to keep a connection; a server that sends more is hung up on.
const REST_BYTES: usize = 64 << 10;
/// How long a server has for them.
const REST_TIME: Duration = Duration::from_millis(300);
/// Answers that may wait for their rest at once.
const RESTS: usize = 32;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(90);

/// How connections of a route are made. Routes that agree share a client and its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Whether TLS is spoken; without it no certificate is ever loaded.
    pub tls: bool,
    /// Whether the origin is this machine: no proxy is used then.
    pub loopback: bool,
    /// Until the connection stands.
    pub connect: Duration,
    /// Proxy address of the route; `None` = as the environment says.
    pub proxy: Option<String>,
    /// PEM file of further certificate authorities.
    pub ca_bundle: Option<String>,
    /// PEM file with a client certificate and its key.
    pub client_cert: Option<String>,
}

impl Line {
    /// How a route with `settings` connects to `url`.
    pub fn to(url: &Url, settings: &Settings, connect: Duration) -> Self {
        Line {
            tls: url.scheme() == "https",
            loopback: is_loopback(url),
            connect,
            proxy: settings.proxy.clone(),
            ca_bundle: settings.ca_bundle.clone(),
            client_cert: settings.client_cert.clone(),
        }
    }
}

impl Line {
    /// Host and port of the proxy that leads to `url`, without its password; `None` = none does.
    pub fn proxy_to(&self, url: &Url) -> Option<String> {
        let named = match &self.proxy {
            Some(proxy) => Url::parse(proxy).ok()?,
            None if self.loopback => return None,
            None => {
                let found = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
                Url::parse(&found.uri().to_string()).ok()?
            }
        };
        let port = named.port().map(|port| format!(":{port}"));
        let host = named.host_str()?;
        Some(format!("{host}{}", port.unwrap_or_default()))
    }
}

/// Every client of the process. Clones share them; making one costs nothing until the first request.
#[derive(Clone)]
pub struct Http(Arc<Shared>);

struct Shared {
    clients: Mutex<Vec<Made>>,
    rests: mpsc::Sender<reqwest::Response>,
    inbox: Mutex<Option<mpsc::Receiver<reqwest::Response>>>,
    kept: AtomicBool,
}

struct Made {
    line: Line,
    client: reqwest::Client,
    spoken: Arc<Spoken>,
}

impl Default for Http {
    fn default() -> Self {
        let (rests, inbox) = mpsc::channel(RESTS);
        Http(Arc::new(Shared {
            clients: Mutex::default(),
            rests,
            inbox: Mutex::new(Some(inbox)),
            kept: AtomicBool::new(false),
        }))
    }
}

impl Http {
    /// The client for `line`, built now if it is the first one of its kind.
    pub(super) fn client(&self, line: &Line) -> Result<reqwest::Client, Failure> {
        let mut clients = self.clients();
        if let Some(made) = clients.iter().find(|made| made.line == *line) {
            return Ok(made.client.clone());
        }
        let spoken = Arc::<Spoken>::default();
        let client = build(line, spoken.clone())?;
        clients.push(Made {
            line: line.clone(),
            client: client.clone(),
            spoken,
        });
        Ok(client)
    }

    /// The version of TLS that the last connection of this kind speaks.
    pub(super) fn tls_version(&self, line: &Line) -> Option<&'static str> {
        let clients = self.clients();
        let made = clients.iter().find(|made| made.line == *line)?;
        made.spoken.version()
    }

    fn clients(&self) -> MutexGuard<'_, Vec<Made>> {
        self.0
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads answers to their end after they were used, so that their connections can serve again. Runs until every `Http` is gone.
    ///
    /// One task of the process drives this; while none does, the connection of an answer that was left early is closed. A second call
    /// returns at once.
    pub fn keep(&self) -> impl Future<Output = ()> + Send + use<> {
        let inbox = self
            .0
            .inbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.0.kept.store(inbox.is_some(), Ordering::Relaxed);
        async move {
            let Some(mut inbox) = inbox else { return };
            let mut rests = FuturesUnordered::new();
            loop {
                tokio::select! {
                    rest = inbox.recv() => match rest {
                        Some(rest) => rests.push(tokio::time::timeout(REST_TIME, drain(rest))),
                        None => return,
                    },
                    Some(_) = rests.next(), if !rests.is_empty() => {}
                }
            }
        }
    }

    /// Answers that wait for their rest to be taken over.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.0.rests.max_capacity() - self.0.rests.capacity()
    }

    /// Hands over what is left of an answer that came to its end mark.
    pub(super) fn leave(&self, rest: reqwest::Response) {
        if self.0.kept.load(Ordering::Relaxed) {
            // With too many waiting the connection is closed instead: it is only worth a handshake.
            let _ = self.0.rests.try_send(rest);
        }
    }
}

async fn drain(mut rest: reqwest::Response) {
    let mut left = REST_BYTES;
    while let Ok(Some(chunk)) = rest.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

fn build(line: &Line, spoken: Arc<Spoken>) -> Result<reqwest::Client, Failure> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(line.connect)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        .referer(false)
        .user_agent(concat!("nextline/", env!("CARGO_PKG_VERSION")));
    if line.tls {
        builder = builder.tls_backend_preconfigured(tls::config(line, spoken)?);
    } else {
        // A client without certificates still has to be a client.
        let _ = rustls::crypto::ring::default_provider().install_default();
        builder = builder.tls_certs_only([]);
    }
    if line.loopback {
        builder = builder.no_proxy();
    }
    if let Some(proxy) = &line.proxy {
        let proxy = reqwest::Proxy::all(proxy).map_err(|_| {
            let what =
                "has a `proxy` that is no address of one; correct it in the settings of this route";
            Failure::new(Kind::Settings, what)
        })?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|_| {
        Failure::new(
            Kind::Network,
            "no TLS client can be made; check the machine's certificate store",
        )
    })
}
