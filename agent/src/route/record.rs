//! What the ledger is told of a request, and what a request would be if it were sent.

use reqwest::Url;

use super::credential::Unsent;
use super::error::Failure;
use super::{Delta, Inner, Surface};
use crate::ledger::{Ledger, Request, Row};
use crate::prompt::Prompt;

/// Exactly what would be sent, but for what proves who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// `POST`.
    pub method: String,
    /// Where it would go, query included.
    pub url: String,
    /// Headers in the order of the alphabet; `***` for what is secret.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What a secret is shown as.
pub const MASK: &str = "***";

impl Preview {
    /// `unsent` with its secrets masked.
    pub(super) fn of(unsent: &Unsent) -> Preview {
        let shown = |value: &reqwest::header::HeaderValue| match value.to_str() {
            Ok(text) if !value.is_sensitive() => text.to_owned(),
            _ => MASK.to_owned(),
        };
        let mut headers: Vec<(String, String)> = unsent
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), shown(value)))
            .collect();
        headers.sort();
        Preview {
            method: unsent.method.to_string(),
            url: unsent.url.to_string(),
            headers,
            body: String::from_utf8_lossy(&unsent.body).into_owned(),
        }
    }
}

impl Surface {
    /// Its word in the ledger and in budgets.
    pub fn word(self) -> &'static str {
        match self {
            Surface::Completion => "completion",
            Surface::Edit => "edit",
            Surface::Chat => "chat",
        }
    }
}

impl Inner {
    /// The row of a request that leaves now.
    pub(super) fn record(
        &self,
        unsent: &Unsent,
        prompt: &Prompt,
        surface: Surface,
        tried: u32,
    ) -> Row {
        Ledger::of_process().begin(&Request {
            route: &self.place.route,
            provider: &self.vendor.name,
            origin: &origin(&unsent.url),
            model: &self.place.model,
            surface: surface.word(),
            purpose: prompt.purpose,
            folder: prompt.folder.as_deref(),
            tried,
            sources: &prompt.sources,
            body: &unsent.body,
        })
    }

    /// Why today's budget has no room for `prompt`, to follow the route's name.
    pub(super) fn spent(&self, prompt: &Prompt, surface: Surface) -> Option<String> {
        let ledger = Ledger::of_process();
        let folder = prompt.folder.as_deref();
        let spend = ledger.spend(&self.place.route, surface.word(), prompt.purpose, folder);
        let why = ledger.spent(&spend)?;
        Some(format!("was not asked: {why}"))
    }
}

/// Tells the row of an answer what came.
pub fn came(row: &Row, found: &[Delta]) {
    for delta in found {
        match delta {
            Delta::Text(text) | Delta::Refusal(text) => row.text(text.len()),
            Delta::Usage(usage) => row.used(usage.input, usage.output, usage.cached),
            Delta::Done { .. } => row.done(),
            // Told by the headers already.
            Delta::Named(_) => {}
        }
    }
}

/// Ends the row of a request that failed.
pub fn failed(row: &Row, failure: &Failure) {
    row.failed(
        failure.kind.word(),
        failure.status,
        failure.request_id.as_deref(),
    );
}

/// Scheme, host and port of an address.
pub fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let mut origin = [url.scheme(), "://", host].concat();
    if let Some(port) = url.port_or_known_default() {
        origin.push(':');
        origin.push_str(&port.to_string());
    }
    origin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_what_was_asked_for_and_where() {
        let words = [Surface::Completion, Surface::Edit, Surface::Chat].map(Surface::word);
        assert_eq!(words, ["completion", "edit", "chat"]);
        for (url, wanted) in [
            ("https://h/v1?x", "https://h:443"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(origin(&url.parse().unwrap()), wanted);
        }
    }

    #[test]
    fn a_preview_shows_all_but_what_is_secret() {
        let mut headers = reqwest::header::HeaderMap::new();
        let mut secret = reqwest::header::HeaderValue::from_static("sk-1");
        secret.set_sensitive(true);
        headers.insert("x-key", secret);
        headers.insert("accept", reqwest::header::HeaderValue::from_static("a/b"));
        headers.insert(
            "x-odd",
            reqwest::header::HeaderValue::from_bytes(b"\xff").unwrap(),
        );
        let preview = Preview::of(&Unsent {
            method: reqwest::Method::POST,
            url: Url::parse("https://h/x?y=1").unwrap(),
            headers,
            body: b"{}".to_vec(),
        });
        assert_eq!(
            (&*preview.method, &*preview.url, &*preview.body),
            ("POST", "https://h/x?y=1", "{}")
        );
        let shown: Vec<_> = preview
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(shown, ["accept: a/b", "x-key: ***", "x-odd: ***"]);
    }
}
