//! Who may ask: programs of this machine that know the token, and no page in a browser.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};

/// The token of this face, and the names under which it is reached.
pub struct Gate {
    hosts: [String; 3],
    token: String,
}

/// Why somebody is not let in.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused {
    /// 401 or 403.
    pub status: StatusCode,
    /// One sentence.
    pub why: &'static str,
}

impl Gate {
    /// A gate at a port of loopback.
    pub fn new(port: u16, token: String) -> Gate {
        let host = |name: &str| format!("{name}:{port}");
        Gate {
            hosts: [host("127.0.0.1"), host("localhost"), host("[::1]")],
            token,
        }
    }

    /// Lets a request in by its headers. Another name that leads here (DNS rebinding), and a page of another origin, are refused
    /// before the token is looked at.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        let forbidden = |why| Refused {
            status: StatusCode::FORBIDDEN,
            why,
        };
        if !text(HOST).is_some_and(|host| self.is_own(host)) {
            return Err(forbidden(
                "this face is reached by its loopback address alone",
            ));
        }
        let own = |origin: &str| {
            origin
                .strip_prefix("http://")
                .is_some_and(|host| self.is_own(host))
        };
        if !text(ORIGIN).is_none_or(own) {
            return Err(forbidden("pages of other origins are not served"));
        }
        let bearer = text(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        if !bearer.is_some_and(|token| same(token.trim(), &self.token)) {
            return Err(Refused {
                status: StatusCode::UNAUTHORIZED,
                why: "the token is missing or wrong: `nextline serve` prints it",
            });
        }
        Ok(())
    }

    fn is_own(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }
}

/// Compares in a time that does not tell how far they agree.
fn same(theirs: &str, ours: &str) -> bool {
    let differing = |(a, b): (u8, u8)| a ^ b;
    theirs.len() == ours.len()
        && theirs
            .bytes()
            .zip(ours.bytes())
            .map(differing)
            .fold(0, |all, one| all | one)
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_let_in() {
        let gate = Gate::new(4000, "secret".into());
        let bearer = ("authorization", "Bearer secret");
        for (headers, expected) in [
            (vec![("host", "127.0.0.1:4000"), bearer], None),
            (vec![("host", "LOCALHOST:4000"), bearer], None),
            (
                vec![
                    ("host", "[::1]:4000"),
                    bearer,
                    ("origin", "http://127.0.0.1:4000"),
                ],
                None,
            ),
            (vec![bearer], Some(403)),
            (vec![("host", "127.0.0.1"), bearer], Some(403)),
            (vec![("host", "127.0.0.1:4001"), bearer], Some(403)),
            (vec![("host", "rebound.example:4000"), bearer], Some(403)),
            (
                vec![
                    ("host", "127.0.0.1:4000"),
                    bearer,
                    ("origin", "http://other.example"),
                ],
                Some(403),
            ),
            (
                vec![("host", "127.0.0.1:4000"), bearer, ("origin", "null")],
                Some(403),
            ),
            (vec![("host", "127.0.0.1:4000")], Some(401)),
            (
                vec![
                    ("host", "127.0.0.1:4000"),
                    ("authorization", "Bearer secre"),
                ],
                Some(401),
            ),
            (
                vec![
                    ("host", "127.0.0.1:4000"),
                    ("authorization", "Bearer secres"),
                ],
                Some(401),
            ),
            (
                vec![
                    ("host", "127.0.0.1:4000"),
                    ("authorization", "Basic secret"),
                ],
                Some(401),
            ),
        ] {
            let map = headers.iter().map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, value.parse().unwrap())
            });
            let answer = gate.admit(&map.collect()).err();
            assert_eq!(
                answer.map(|refused| refused.status.as_u16()),
                expected,
                "{headers:?}"
            );
        }
    }
}
