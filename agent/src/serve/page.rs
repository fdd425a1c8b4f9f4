//! The chat page: a few files that stand in the binary. What they may do is said by the headers here.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use ring::digest::{SHA256, digest};

use super::answer::{Body, headed, whole};

/// A file of the page: its path, its type, its text.
struct File(&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const FILES: &[File] = &[
    File("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    File("/main.js", SCRIPT, include_str!("page/main.js")),
    File("/wire.js", SCRIPT, include_str!("page/wire.js")),
    File("/element.js", SCRIPT, include_str!("page/element.js")),
    File("/markdown.js", SCRIPT, include_str!("page/markdown.js")),
    File("/chat.js", SCRIPT, include_str!("page/chat.js")),
    File("/turn.js", SCRIPT, include_str!("page/turn.js")),
    File("/history.js", SCRIPT, include_str!("page/history.js")),
    File("/mentions.js", SCRIPT, include_str!("page/mentions.js")),
    File("/edits.js", SCRIPT, include_str!("page/edits.js")),
];

/// The style as browsers read it: the policy names it by its hash, and they know no other ends of lines.
static STYLE: LazyLock<String> =
    LazyLock::new(|| include_str!("page/style.css").replace("\r\n", "\n"));

/// The document. Its style stands in it, so that the first paint waits for this one answer.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let link = r#"<link rel="stylesheet" href="style.css">"#;
    include_str!("page/index.html").replace(link, &format!("<style>{}</style>", *STYLE))
});

/// What the page may do besides running its own files in its one style: nothing but talk to its own socket, by both of the names that
/// browsers know it under. No text becomes HTML or a script (trusted types), nobody frames it, no form leaves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'sha256-STYLE'; img-src 'self'; connect-src 'self' ws://HOST; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The policy with its blanks filled.
fn policy(host: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    POLICY.replace("HOST", host).replace("STYLE", &hash)
}

/// Whether a person came by the address itself, typed, kept or printed, and no page led here.
fn is_own_wish(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "none")
}

/// The file of a path; `None` if there is none. The headers are those of a request that was let in.
pub fn file(path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let (kind, text) = match path {
        "/" => (HTML, DOCUMENT.as_str()),
        _ => FILES
            .iter()
            .find(|file| file.0 == path)
            .map(|file| (file.1, file.2))?,
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok())?;
    let mut response = headed(
        hyper::StatusCode::OK,
        kind,
        whole(Bytes::from_static(text.as_bytes())),
    );
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set("content-security-policy", &policy(host));
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    // Not even the name of a link's host is looked up before it is followed.
    set("x-dns-prefetch-control", "off");
    set("cross-origin-resource-policy", "same-origin");
    // Cuts the page off from one that opened it. Browsers start another process for that, and paint so much later: not where no page led here.
    if !is_own_wish(headers) {
        set("cross-origin-opener-policy", "same-origin");
    }
    Some(response)
}
