//! What broke below HTTP, told from the chain of causes; nothing of an address is repeated.

use std::error::Error;
use std::io;

use super::client::Line;
use super::error::{Failure, Kind};
use super::tls::Distrust;

/// More than anybody should hold in memory.
pub const LARGE_HEADERS: &str =
    "an answer whose headers are too large; check `base_url` of this route";

/// A proxy that knows nobody.
pub const NO_PROXY_KEY: &str = "the proxy wants credentials; put a name and password into `proxy` of this route, or into the variable that names it";
const NO_TUNNEL: &str =
    "the proxy does not lead there; check the proxy and `base_url` of this route";

/// The failure of a request over `line` that got no answer.
pub fn failure(error: &reqwest::Error, line: &Line) -> Failure {
    let causes: Vec<&(dyn Error + 'static)> =
        std::iter::successors(Some(error as &(dyn Error + 'static)), |error| below(*error))
            .collect();
    if let Some(tls) = causes
        .iter()
        .find_map(|cause| cause.downcast_ref::<rustls::Error>())
    {
        return certificate(tls);
    }
    // What these libraries do not type.
    let says = |what: &str| causes.iter().any(|cause| cause.to_string().ends_with(what));
    if says("message head is too large") {
        return Failure::new(Kind::BadReply, LARGE_HEADERS);
    }
    if says("proxy authorization required") {
        return Failure::new(Kind::Auth, NO_PROXY_KEY);
    }
    if says("tunnel error: unsuccessful") {
        return Failure::new(Kind::Network, NO_TUNNEL).again();
    }
    let refused = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused);
    let unknown = || {
        causes
            .iter()
            .any(|cause| cause.to_string().starts_with("dns error"))
    };
    let proxy = || line.proxy_to(error.url()?);
    if error.is_connect()
        && let Some(proxy) = proxy()
    {
        let what = format!(
            "the proxy {proxy} cannot be reached; check `proxy` of this route, or the variable that names it"
        );
        return Failure::new(Kind::Network, what).again();
    }
    let what = if refused {
        "nothing listens there; start the server or check `base_url` of this route"
    } else if error.is_connect() && error.is_timeout() {
        "does not take connections in time; check the network and `base_url` of this route"
    } else if error.is_connect() && unknown() {
        "the name of the host is not known; check `base_url` of this route and the network"
    } else if error.is_connect() {
        "cannot be reached; check the network, the proxy and `base_url` of this route"
    } else {
        "the connection closed without an HTTP answer; check that `base_url` of this route names a model server"
    };
    Failure::new(Kind::Network, what).again()
}

/// The cause below `error`. An `io::Error` hides what it wraps from `source`.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    wrapped
        .map(|inner| inner as &(dyn Error + 'static))
        .or_else(|| error.source())
}

fn certificate(error: &rustls::Error) -> Failure {
    use rustls::CertificateError as Bad;
    let rustls::Error::InvalidCertificate(bad) = error else {
        let what = match error {
            rustls::Error::AlertReceived(_) => {
                "refuses the TLS connection; check whether it wants a `client_cert`, and `base_url` of this route"
            }
            _ => {
                "does not speak TLS as it should; check whether `base_url` of this route should begin with http"
            }
        };
        return Failure::new(Kind::Network, what);
    };
    let distrust = match bad {
        Bad::Other(other) => other.0.downcast_ref::<Distrust>(),
        _ => None,
    };
    let why = match distrust.map_or(bad, |distrust| &distrust.why) {
        Bad::UnknownIssuer => "name its issuer's certificate in `ca_bundle` of this route",
        Bad::Expired | Bad::ExpiredContext { .. } => {
            "it has expired; renew it, or set this machine's clock"
        }
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
            "it is not valid yet; set this machine's clock"
        }
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
            "it is for another name; check `base_url` of this route"
        }
        _ => "check `base_url` of this route, or name its issuer's certificate in `ca_bundle`",
    };
    let issuer = distrust.and_then(|distrust| distrust.issuer.as_deref());
    let issuer = issuer.map_or_else(String::new, |issuer| format!(" (issuer {issuer:?})"));
    Failure::new(
        Kind::Network,
        format!("its certificate is not trusted{issuer}: {why}"),
    )
}
