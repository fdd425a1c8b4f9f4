//! Signatures of AWS, version 4: a request, a region, a service and a moment, bound by a keyed hash.

use std::fmt::Write;
use std::time::SystemTime;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use ring::{digest, hmac};

use super::super::date;
use super::super::error::{Failure, Kind};
use super::super::exchange::host;
use super::keys::Keys;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// What a signature is for.
pub struct Scope<'a> {
    /// The region that answers.
    pub region: &'a str,
    /// The service, as signatures call it.
    pub service: &'a str,
    /// When; services accept five minutes of difference.
    pub moment: SystemTime,
}

impl Scope<'_> {
    /// Signs a request: `Authorization`, `x-amz-date` and the token of the session are put into `headers`.
    ///
    /// Signed are the host, the kind of body, what AWS and `x-goog` call their own, and the body; nothing that a proxy may change.
    pub fn sign(
        &self,
        keys: &Keys,
        method: &Method,
        url: &Url,
        headers: &mut HeaderMap,
        body: &[u8],
    ) -> Result<(), Failure> {
        let stamp = date::stamp(self.moment);
        let day = &stamp[..8];
        headers.insert(DATE, value(stamp.as_bytes(), false)?);
        headers.remove(TOKEN);
        if let Some(token) = &keys.token {
            headers.insert(TOKEN, value(token.reveal(), true)?);
        }

        let signed = signed_headers(url, headers);
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let mut request = format!("{method}\n{}\n{}\n", path(url), query(url));
        for (name, value) in &signed {
            let _ = writeln!(request, "{name}:{value}");
        }
        let _ = write!(request, "\n{names}\n{}", hash(body));

        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}",
            hash(request.as_bytes())
        );
        let first = [b"AWS4", keys.secret.reveal()].concat();
        let key = [day, self.region, self.service, "aws4_request"]
            .iter()
            .fold(first, |key, part| keyed(&key, part.as_bytes()));
        let signature = hex(&keyed(&key, text.as_bytes()));
        let line = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            keys.id
        );
        headers.insert(AUTHORIZATION, value(line.as_bytes(), true)?);
        Ok(())
    }
}

fn value(bytes: &[u8], sensitive: bool) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_bytes(bytes).map_err(|_| {
        let what = "the AWS credentials hold characters that no key has; get new ones";
        Failure::new(Kind::Auth, what)
    })?;
    value.set_sensitive(sensitive);
    Ok(value)
}

fn signed_headers(url: &Url, headers: &HeaderMap) -> Vec<(String, String)> {
    let ours = |name: &str| {
        // What lies between writes into the trace.
        (name.starts_with("x-amz") && name != "x-amzn-trace-id")
            || name == "content-type"
            || name.starts_with("x-goog-cloud")
    };
    let mut signed: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| ours(name.as_str()))
        .map(|(name, value)| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
            (name.as_str().to_owned(), words.join(" "))
        })
        .collect();
    signed.push(("host".to_owned(), host(url)));
    signed.sort();
    signed
}

/// The path with every segment encoded once more than on the wire.
fn path(url: &Url) -> String {
    let segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(&encoded(segment));
    }
    if path.is_empty() || url.path().ends_with('/') {
        path.push('/');
    }
    path
}

fn query(url: &Url) -> String {
    let mut pairs: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// Every byte percent-encoded but letters, digits and `-._~`.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
        .as_ref()
        .to_vec()
}

fn hash(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Bytes as small hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The cases are those of AWS's own published suite.
    fn signature(
        url: &str,
        headers: &[(&'static str, &str)],
        method: Method,
        body: &str,
    ) -> String {
        let keys = Keys::of(
            Some("AKIDEXAMPLE".into()),
            Some("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into()),
            None,
        );
        let scope = Scope {
            region: "us-east-1",
            service: "service",
            moment: date::at(1_440_938_160).expect("a moment"),
        };
        let mut map = HeaderMap::new();
        for (name, text) in headers {
            map.insert(*name, HeaderValue::from_str(text).expect("a value"));
        }
        let url = Url::parse(url).expect(url);
        scope
            .sign(
                &keys.expect("keys"),
                &method,
                &url,
                &mut map,
                body.as_bytes(),
            )
            .expect("signed");
        let line = map[AUTHORIZATION].to_str().expect("text");
        line.rsplit('=').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn signatures_are_those_of_the_published_suite() {
        for (url, headers, method, body, wanted) in [
            (
                "https://example.amazonaws.com/",
                &[][..],
                Method::GET,
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "https://example.amazonaws.com/?Param2=value2&Param1=value1",
                &[],
                Method::GET,
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "https://example.amazonaws.com/",
                &[("content-type", "application/x-www-form-urlencoded")],
                Method::POST,
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ] {
            assert_eq!(signature(url, headers, method, body), wanted, "{url}");
        }
    }

    #[test]
    fn a_path_is_encoded_once_more_than_on_the_wire() {
        for (url, wanted) in [
            (
                "https://h/model/a%3A0/converse-stream",
                "/model/a%253A0/converse-stream",
            ),
            ("https://h", "/"),
            ("https://h//a/", "/a/"),
        ] {
            assert_eq!(path(&Url::parse(url).expect(url)), wanted);
        }
        assert_eq!(encoded("arn:aws:x/y z~"), "arn%3Aaws%3Ax%2Fy%20z~");
    }
}
