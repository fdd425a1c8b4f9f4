//! The chat page: a few files that stand in the binary. What they may do is said by the headers here.

use hyper::Response;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderValue};

use super::answer::{Body, headed, whole};

/// A file of the page: its path, its type, its text.
struct File(&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const FILES: &[File] = &[
    File("/", HTML, include_str!("page/index.html")),
    File("/style.css", CSS, include_str!("page/style.css")),
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

/// What the page may do besides running its own files: nothing but talk to its own socket, by both of the names that
/// browsers know it under. No text becomes HTML or a script (trusted types), nobody frames it, no form leaves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws://HOST; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The file of a path; `None` if there is none. The headers are those of a request that was let in.
pub fn file(path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let File(_, kind, text) = FILES.iter().find(|file| file.0 == path)?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok())?;
    let mut response = headed(hyper::StatusCode::OK, kind, whole(Bytes::from_static(text.as_bytes())));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set("content-security-policy", &POLICY.replace("HOST", host));
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    // Not even the name of a link's host is looked up before it is followed.
    set("x-dns-prefetch-control", "off");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    Some(response)
}
