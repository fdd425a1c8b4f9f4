//! A server behind an address: streamable HTTP over our own connections, so that its requests meet the same rules as any other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use hyper::http::{HeaderName, HeaderValue};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
};
use sse_stream::{Error as SseError, Sse, SseStream};

use super::came::shown;
use super::program::MESSAGE;
use crate::route::relay::{Heard, Relay};

/// Bytes of an error's body that are read.
const ERROR: usize = 64 << 10;
/// The header that names a session.
const SESSION: &str = "mcp-session-id";

/// The transport's way out. Clones are the same one.
#[derive(Clone)]
pub struct Wire {
    relay: Relay,
    trouble: Arc<Mutex<String>>,
}

/// Why there is no answer, to follow the server's name.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(String);

/// What a message asks for.
#[derive(Default, serde::Deserialize)]
struct What<'a> {
    method: Option<&'a str>,
}

/// What ends an exchange.
#[derive(serde::Deserialize)]
struct End {
    result: Option<serde::de::IgnoredAny>,
    error: Option<serde::de::IgnoredAny>,
}

impl End {
    fn is_there(&self) -> bool {
        self.result.is_some() || self.error.is_some()
    }
}

type Failure = StreamableHttpError<Broken>;

impl Wire {
    /// A way out over `relay`.
    pub fn new(relay: Relay) -> Wire {
        Wire {
            relay,
            trouble: Arc::default(),
        }
    }

    /// What went wrong last, to follow the server's name; empty if nothing did.
    pub fn trouble(&self) -> String {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn broken(&self, why: String) -> Failure {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone_from(&why);
        StreamableHttpError::Client(Broken(why))
    }

    async fn send(
        &self,
        method: &str,
        session: Option<&str>,
        custom: &HashMap<HeaderName, HeaderValue>,
        body: Vec<u8>,
    ) -> Result<Heard, Failure> {
        let mut headers = vec![("accept", "application/json, text/event-stream")];
        if method == "POST" {
            headers.push(("content-type", "application/json"));
        }
        headers.extend(session.map(|session| (SESSION, session)));
        let custom = custom.iter();
        headers
            .extend(custom.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))));
        let what = serde_json::from_slice::<What>(&body).unwrap_or_default();
        let what = what.method.unwrap_or(method);
        let sent = self.relay.send(method, what, &headers, body.clone()).await;
        sent.map_err(|why| self.broken(why))
    }

    async fn post(
        &self,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        custom: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let asks = matches!(message, ClientJsonRpcMessage::Request(_));
        let body = serde_json::to_vec(&message)?;
        let heard = self.send("POST", session.as_deref(), &custom, body).await?;
        let status = heard.status();
        if status == 404 && session.is_some() {
            return Err(StreamableHttpError::SessionExpired);
        }
        if !(200..300).contains(&status) {
            let said = heard.whole(ERROR).await.unwrap_or_default();
            return Err(self.broken(refusal(status, &said)));
        }
        let kind = heard.header("content-type").unwrap_or_default().to_owned();
        let session = heard.header(SESSION).map(str::to_owned);
        if !asks || matches!(status, 202 | 204) {
            heard.row().done();
            return Ok(StreamableHttpPostResponse::Accepted);
        }
        if kind.starts_with("text/event-stream") {
            return Ok(StreamableHttpPostResponse::Sse(self.events(heard), session));
        }
        if !kind.starts_with("application/json") {
            let what = format!(
                "answered {:?} instead of JSON; check its `url`",
                shown(&kind)
            );
            return Err(self.broken(what));
        }
        let body = heard.whole(MESSAGE).await.map_err(|why| self.broken(why))?;
        let message = serde_json::from_slice::<ServerJsonRpcMessage>(&body).map_err(|error| {
            self.broken(format!(
                "answered what is no message of the protocol ({error})"
            ))
        })?;
        Ok(StreamableHttpPostResponse::Json(message, session))
    }

    fn events(&self, heard: Heard) -> BoxStream<'static, Result<Sse, SseError>> {
        let wire = self.clone();
        let row = heard.row();
        let pieces = heard.pieces(MESSAGE).map(move |piece| {
            piece.inspect_err(|error| {
                let _ = wire.broken(error.to_string());
            })
        });
        let events = SseStream::from_bytes_stream(Box::pin(pieces));
        // The transport hangs up once it has its answer.
        let ended = move |event: &Sse| {
            let data = event.data.as_deref().unwrap_or_default();
            if serde_json::from_str::<End>(data).is_ok_and(|end| end.is_there()) {
                row.done();
            }
        };
        events.inspect_ok(ended).boxed()
    }
}

/// What a status says, to follow the server's name.
fn refusal(status: u16, said: &[u8]) -> String {
    let mend = match status {
        401 | 403 => "; set a header of `headers` that it accepts",
        404 | 405 => "; check its `url`",
        300..=399 => "; redirects are not followed, write where it leads as its `url`",
        _ => "",
    };
    match shown(&String::from_utf8_lossy(said)) {
        said if said.is_empty() => format!("answered {status}{mend}"),
        said => format!("answered {status}: {said:?}{mend}"),
    }
}

impl StreamableHttpClient for Wire {
    type Error = Broken;

    async fn post_message(
        &self,
        _: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _: Option<String>,
        custom: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        self.post(message, session, custom).await
    }

    async fn delete_session(
        &self,
        _: Arc<str>,
        session: Arc<str>,
        _: Option<String>,
        custom: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Failure> {
        let sent = self.send("DELETE", Some(&session), &custom, Vec::new());
        sent.await.map(|heard| heard.row().done())
    }

    async fn get_stream(
        &self,
        _: Arc<str>,
        session: Option<Arc<str>>,
        last: Option<String>,
        _: Option<String>,
        mut custom: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        // What a server says unasked concerns nobody here: only an answer that broke off is fetched further.
        let Some(last) = last else {
            return Err(StreamableHttpError::ServerDoesNotSupportSse);
        };
        if let Ok(last) = HeaderValue::try_from(last) {
            custom.insert(HeaderName::from_static("last-event-id"), last);
        }
        let heard = self
            .send("GET", session.as_deref(), &custom, Vec::new())
            .await?;
        match heard.status() {
            200 => Ok(self.events(heard)),
            status => Err(self.broken(refusal(status, &[]))),
        }
    }
}
