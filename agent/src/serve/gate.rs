//! Who may ask: programs of this machine that know the token, the page that is served here, and no other page in a browser.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN, SEC_WEBSOCKET_PROTOCOL};

/// The protocol of the socket. A browser can put no token into a header of its own: it offers `token.TOKEN` as another one.
pub const PROTOCOL: &str = "nextline";

/// The token of this face, the names under which it is reached, and the pages elsewhere that may ask.
pub struct Gate {
    hosts: [String; 3],
    origins: Vec<String>,
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
    /// A gate at a port of loopback. `origins` are those of pages elsewhere that the person lets in.
    pub fn new(port: u16, token: String, origins: Vec<String>) -> Gate {
        let host = |name: &str| format!("{name}:{port}");
        Gate {
            hosts: [host("127.0.0.1"), host("localhost"), host("[::1]")],
            origins,
            token,
        }
    }

    /// Lets a request in by its headers. Another name that leads here (DNS rebinding), and a page of another origin, are refused
    /// before the token is looked at.
    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.admit_visitor(headers)?;
        let bearer = text(headers, AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        self.know(bearer)
    }

    /// The same for a socket, whose token may stand among its protocols.
    pub fn admit_socket(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.admit(headers).or_else(|refused| {
            self.admit_visitor(headers)?;
            let offered = text(headers, SEC_WEBSOCKET_PROTOCOL).unwrap_or_default();
            let mut words = offered.split(',').map(str::trim);
            match words.find_map(|word| word.strip_prefix("token.")) {
                Some(token) => self.know(Some(token)),
                None => Err(refused),
            }
        })
    }

    /// Lets in who wants what is no secret: the page itself.
    pub fn admit_visitor(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let forbidden = |why| Refused {
            status: StatusCode::FORBIDDEN,
            why,
        };
        if !text(headers, HOST).is_some_and(|host| self.is_own(host)) {
            return Err(forbidden(
                "this face is reached by its loopback address alone",
            ));
        }
        let own = |origin: &str| {
            origin
                .strip_prefix("http://")
                .is_some_and(|host| self.is_own(host))
                || self.origins.iter().any(|known| known == origin)
        };
        if !text(headers, ORIGIN).is_none_or(own) {
            return Err(forbidden("pages of other origins are not served"));
        }
        Ok(())
    }

    fn know(&self, token: Option<&str>) -> Result<(), Refused> {
        match token.is_some_and(|token| same(token.trim(), &self.token)) {
            true => Ok(()),
            false => Err(Refused {
                status: StatusCode::UNAUTHORIZED,
                why: "the token is missing or wrong: `nextline serve` prints it",
            }),
        }
    }

    fn is_own(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
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
        let gate = Gate::new(4000, "secret".into(), vec!["https://ide.example".into()]);
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
                    ("origin", "https://ide.example"),
                ],
                None,
            ),
            (
                vec![
                    ("host", "127.0.0.1:4000"),
                    bearer,
                    ("origin", "https://ide.example.evil"),
                ],
                Some(403),
            ),
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

    #[test]
    fn a_sockets_token_may_stand_among_its_protocols() {
        let gate = Gate::new(4000, "secret".into(), Vec::new());
        let status = |host: &str, more: &[(&'static str, &str)]| {
            let host = [("host", host)];
            let all = more.iter().chain(&host).map(|(name, value)| {
                let name = HeaderName::from_static(name);
                (name, value.parse().unwrap())
            });
            let refused = gate.admit_socket(&all.collect()).err();
            refused.map(|refused| refused.status.as_u16())
        };
        let own = "127.0.0.1:4000";
        let with = |protocol| [("sec-websocket-protocol", protocol)];
        assert_eq!(status(own, &with("nextline, token.secret")), None);
        assert_eq!(status(own, &[("authorization", "Bearer secret")]), None);
        assert_eq!(status(own, &with("nextline, token.secre")), Some(401));
        assert_eq!(status(own, &with("nextline")), Some(401));
        assert_eq!(status("evil:4000", &with("token.secret")), Some(403));
        let foreign = [with("token.secret")[0], ("origin", "http://evil:4000")];
        assert_eq!(status(own, &foreign), Some(403));
    }
}
