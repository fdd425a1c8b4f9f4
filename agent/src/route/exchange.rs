//! One question to an authority that hands out credentials: bounded, without redirects, within a deadline, through the clients of every route.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::client::Line;
use super::error::{Failure, Kind};
use super::surroundings::Surroundings;
use super::vendors::is_loopback;
use super::{network, record};
use crate::ledger::{CREDENTIAL, Ledger, Request};

/// Most bytes of an authority's answer.
const MAX_ANSWER: usize = 1 << 20;
/// Until an authority's answer is here.
const PATIENCE: Duration = Duration::from_secs(15);
/// Until the connection to it stands.
const CONNECT: Duration = Duration::from_secs(5);
/// The same for one on this machine or its host: where there is none, nothing answers at all.
const NEAR: Duration = Duration::from_secs(1);

/// A question.
pub struct Call {
    /// GET, PUT or POST.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// What it carries; values are marked as sensitive by those who put keys in.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether it goes to a service of this machine or its host, which no proxy leads to.
    pub near: bool,
}

/// An answer, whatever its status. Its bytes are overwritten when it is dropped.
pub struct Said {
    /// The status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    body: Vec<u8>,
}

impl Call {
    /// A question without a body.
    pub fn get(url: Url) -> Self {
        Call {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            near: false,
        }
    }

    /// A form.
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let mut form = Url::parse("form:").map(|mut form| {
            form.query_pairs_mut().extend_pairs(fields);
            form.query().unwrap_or_default().to_owned()
        });
        let body = form.as_mut().map(std::mem::take).unwrap_or_default();
        Call {
            method: Method::POST,
            body: body.into_bytes(),
            ..Call::get(url)
        }
        .with("content-type", "application/x-www-form-urlencoded")
    }

    /// A JSON value.
    pub fn json(url: Url, value: &serde_json::Value) -> Self {
        Call {
            method: Method::POST,
            body: value.to_string().into_bytes(),
            ..Call::get(url)
        }
        .with("content-type", "application/json")
    }

    /// The same with a header; one that cannot be sent is left out, and refused by whoever wants it.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(CONTENT_TYPE != name);
            self.headers.insert(name, value);
        }
        self
    }

    /// The same to somebody near.
    pub fn near(mut self) -> Self {
        self.near = true;
        self
    }

    /// Host and port, as errors name the authority.
    pub fn host(&self) -> String {
        host(&self.url)
    }
}

/// Host and port of an address, as errors name it.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `text` as an address, or the sentence that `what` holds none.
pub fn address(text: &str, what: &str) -> Result<Url, Failure> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            Failure::new(
                Kind::Settings,
                format!("{what} holds no http or https address; correct it"),
            )
        })
}

/// `text` as an address to which a secret may go: https, or this machine.
pub fn safe_address(text: &str, what: &str) -> Result<Url, Failure> {
    let url = address(text, what)?;
    if url.scheme() == "https" || is_loopback(&url) {
        return Ok(url);
    }
    Err(Failure::new(
        Kind::Settings,
        format!("{what} holds an http address, which a secret must not go to; write https"),
    ))
}

impl Surroundings {
    /// Asks. A status is no failure here; no answer is one, which names the authority.
    pub async fn ask(&self, mut call: Call) -> Result<Said, Failure> {
        let host = call.host();
        if crate::tape::is_played() {
            return Err(silent(&host, "a recording is played, which asks nobody"));
        }
        let near = call.near;
        let line = Line {
            tls: call.url.scheme() == "https",
            loopback: near || is_loopback(&call.url),
            connect: if near { NEAR } else { CONNECT },
            proxy: self.proxy.clone().filter(|_| !near),
            ca_bundle: self.ca_bundle.clone(),
            client_cert: None,
        };
        let client = self.http.client(&line)?;
        call.headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let row = Ledger::of_process().begin(&Request {
            route: &host,
            provider: "",
            origin: &record::origin(&call.url),
            model: "",
            surface: CREDENTIAL,
            purpose: "",
            folder: None,
            tried: 1,
            sources: &[],
            body: &call.body,
        });
        let asking = async {
            let mut response = client
                .request(call.method, call.url)
                .headers(call.headers)
                .body(call.body)
                .send()
                .await
                .map_err(|error| silent(&host, &network::failure(&error, &line).what))?;
            let mut said = Said {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: Vec::new(),
            };
            row.answered(said.status, None);
            while let Ok(Some(chunk)) = response.chunk().await {
                row.received(chunk.len());
                if said.body.len() + chunk.len() > MAX_ANSWER {
                    let what =
                        format!("the answer of {host}, which hands out credentials, is too large");
                    return Err(Failure::new(Kind::Auth, what));
                }
                said.body.extend_from_slice(&chunk);
            }
            Ok(said)
        };
        let asked = timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| Err(silent(&host, "it does not answer in time")));
        match &asked {
            Ok(_) => row.done(),
            Err(failure) => record::failed(&row, failure),
        }
        asked
    }
}

/// No answer. The words about a model's server do not fit an authority: only what stands before the mend is kept.
fn silent(host: &str, why: &str) -> Failure {
    let why = why.split("; ").next().unwrap_or_default();
    let what = format!(
        "no credentials from {host}: {why}; check the network, and `proxy` and `ca_bundle` of this route"
    );
    Failure::new(Kind::Network, what).again()
}

impl Said {
    /// Whether it is a 2xx.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, if it is JSON of this form.
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body, if it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// The status, and the code of a refusal if it looks like one: `400 invalid_grant`. Nothing else of a body is ever repeated.
    pub fn code(&self) -> String {
        let body: serde_json::Value = self.json().unwrap_or_default();
        let error = &body["error"];
        let code = [
            &error["status"],
            &error["code"],
            error,
            &body["code"],
            &body["__type"],
        ]
        .into_iter()
        .find_map(serde_json::Value::as_str)
        .map(|code| code.rsplit('#').next().unwrap_or_default())
        .or_else(|| element(self.text()?, "Code"));
        match code.filter(|code| is_code(code)) {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// What stands in the first element `name` of an XML text without attributes, as one authority answers.
pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("<{name}>");
    let from = xml.find(&begin)? + begin.len();
    let end = xml[from..].find(&format!("</{name}>"))?;
    Some(&xml[from..from + end])
}

impl Drop for Said {
    fn drop(&mut self) {
        self.body.fill(0);
        std::hint::black_box(&self.body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_refusal_only_its_code_is_told() {
        for (body, told) in [
            ("", "403"),
            ("<html>", "403"),
            (
                r#"{"error":"invalid_grant","error_description":"k"}"#,
                "403 invalid_grant",
            ),
            (
                r#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#,
                "403 PERMISSION_DENIED",
            ),
            (
                r#"{"__type":"com.x#UnauthorizedException"}"#,
                "403 UnauthorizedException",
            ),
            (r#"{"error":"a sentence with a key in it"}"#, "403"),
            (
                "<E><Error><Code>AccessDenied</Code></Error></E>",
                "403 AccessDenied",
            ),
        ] {
            let said = Said {
                status: 403,
                headers: HeaderMap::new(),
                body: body.into(),
            };
            assert_eq!(said.code(), told, "{body}");
        }
    }

    #[test]
    fn forms_are_encoded_and_secrets_go_to_safe_addresses() {
        let url = address("https://a.example/x", "it").expect("an address");
        let call = Call::form(url, &[("a", "1 2&3"), ("b", "ü/+")]);
        assert_eq!(call.body, b"a=1+2%263&b=%C3%BC%2F%2B");
        for (text, good) in [
            ("https://a.example/token", true),
            ("http://127.0.0.1:9/token", true),
            ("http://a.example/token", false),
            ("file:///etc/x", false),
            ("nothing", false),
        ] {
            assert_eq!(safe_address(text, "it").is_ok(), good, "{text}");
        }
    }
}
