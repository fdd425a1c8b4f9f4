//! A line to a server that is no model: a body out, the answer as it comes. Without redirects, bounded, and each request is a row of the
//! ledger.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use hyper::body::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::client::{Http, Line};
use super::credential::Unsent;
use super::error::Failure;
use super::vendors::is_loopback;
use super::{line_out, record};
use crate::ledger::{Ledger, MCP, Request, Row};
use crate::settings::Route as Settings;

/// A server, and how it is reached.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    http: Http,
    line: Line,
    url: Url,
    headers: HeaderMap,
    /// Its name in the ledger.
    who: String,
}

impl Relay {
    /// A line to `url` with these headers, that stands within `connect`; `who` is its name in the ledger. Opens no connection.
    ///
    /// # Errors
    ///
    /// What is wrong with the settings, to follow the server's name.
    pub fn new(
        http: &Http,
        who: &str,
        url: &str,
        headers: &BTreeMap<String, String>,
        connect: Duration,
    ) -> Result<Relay, String> {
        let url = Url::parse(url).map_err(|_| "has a `url` that is no address; correct it")?;
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let wrong = || format!("has a header `{name}` that cannot be sent; correct it");
            let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
            let mut value = HeaderValue::try_from(value.as_str()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            all.insert(name, value);
        }
        Ok(Relay(Arc::new(Inner {
            http: http.clone(),
            line: Line::to(&url, &Settings::default(), connect),
            url,
            headers: all,
            who: who.to_owned(),
        })))
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        record::origin(&self.0.url)
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        is_loopback(&self.0.url)
    }

    /// Sends a request with further headers, for `what` in the ledger; its answer is there with the head.
    ///
    /// # Errors
    ///
    /// Why there is none, to follow the server's name.
    pub async fn send(
        &self,
        method: &str,
        what: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Heard, String> {
        let inner = &self.0;
        let told = |failure: Failure| {
            // The network's sentences speak of routes, which have another key for their address.
            failure
                .what
                .replace("`base_url` of this route", "its `url`")
        };
        let client = inner.http.client(&inner.line).map_err(told)?;
        let mut all = inner.headers.clone();
        for (name, value) in headers {
            let unsendable = |_| format!("wants a header `{name}` that cannot be sent");
            let name = HeaderName::try_from(*name).map_err(|_| unsendable(()))?;
            all.insert(
                name,
                HeaderValue::try_from(*value).map_err(|_| unsendable(()))?,
            );
        }
        let unsent = Unsent {
            method: Method::from_bytes(method.as_bytes()).unwrap_or(Method::POST),
            url: inner.url.clone(),
            headers: all,
            body,
        };
        let row = Ledger::of_process().begin(&Request {
            route: &inner.who,
            provider: MCP,
            origin: &self.origin(),
            model: what,
            surface: MCP,
            purpose: "",
            folder: None,
            tried: 1,
            sources: &[],
            body: &unsent.body,
        });
        // It costs no tokens.
        row.used(Some(0), Some(0), Some(0));
        match line_out::send(&client, unsent, &inner.line).await {
            Ok(response) => {
                row.answered(response.status().as_u16(), None);
                Ok(Heard { response, row })
            }
            Err(failure) => {
                record::failed(&row, &failure);
                Err(told(failure))
            }
        }
    }
}

/// An answer whose head is there.
pub struct Heard {
    response: reqwest::Response,
    row: Row,
}

impl Heard {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The row of its request.
    pub fn row(&self) -> Row {
        self.row.clone()
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// It broke off, or has more than `most` bytes; to follow the server's name.
    pub async fn whole(mut self, most: usize) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            match self.response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= most => {
                    self.row.received(chunk.len());
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => return Err(too_large(most)),
                Ok(None) => {
                    self.row.done();
                    return Ok(body);
                }
                Err(_) => return Err("broke its answer off; try again".into()),
            }
        }
    }

    /// The body as it comes. Fails where it breaks off or has more than `most` bytes.
    pub fn pieces(self, most: usize) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        unfold(Some((self, most)), move |state| async move {
            let (mut heard, left) = state?;
            match heard.response.chunk().await {
                Ok(Some(chunk)) => match left.checked_sub(chunk.len()) {
                    Some(left) => {
                        heard.row.received(chunk.len());
                        Some((Ok(chunk), Some((heard, left))))
                    }
                    None => Some((Err(io::Error::other(too_large(most))), None)),
                },
                Ok(None) => {
                    heard.row.done();
                    None
                }
                Err(_) => Some((Err(io::Error::other("broke its answer off")), None)),
            }
        })
    }
}

/// The sentence for an answer beyond all measure, to follow the server's name.
pub fn too_large(most: usize) -> String {
    format!(
        "answered more than {} MB at once; ask it for less",
        most >> 20
    )
}
