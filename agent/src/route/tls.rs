//! TLS as companies have it: the system's certificates, further authorities, a client's own certificate; and who issued what is not trusted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InconsistentKeys, OtherError,
    RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use super::client::Line;
use super::der;
use super::error::{Failure, Kind};
use super::surroundings::below_home;

/// Variables that name a PEM file of further certificate authorities. A file that cannot be read is passed over, as its other readers do.
const AUTHORITIES: &[&str] = &[
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
];

/// Variables that stand in for the system's authorities where these are files.
const INSTEAD: &[&str] = &["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What stands in the head of a PEM key that a passphrase locks.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

/// Why a certificate was not trusted, and who issued it.
#[derive(Debug)]
pub struct Distrust {
    /// The verifier's own reason.
    pub why: CertificateError,
    /// The name of who issued the last certificate of the chain, if it has one.
    pub issuer: Option<String>,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.why.fmt(f)
    }
}

impl std::error::Error for Distrust {}

/// The version of TLS that the last handshake of a client came to.
#[derive(Debug, Default)]
pub struct Spoken(AtomicU8);

impl Spoken {
    /// Its name; `None` before the first handshake, and where an earlier session was resumed.
    pub fn version(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Relaxed) {
            2 => Some("TLS 1.2"),
            3 => Some("TLS 1.3"),
            _ => None,
        }
    }
}

/// What `line` needs to speak TLS; `spoken` learns which version it came to.
pub fn config(line: &Line, spoken: Arc<Spoken>) -> Result<ClientConfig, Failure> {
    // Fails only when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let broken = |_| Failure::new(Kind::Network, no_authorities());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner =
        Verifier::new_with_extra_roots(authorities(line)?, provider.clone()).map_err(broken)?;
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(broken)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness { inner, spoken }));
    let mut config = match &line.client_cert {
        None => builder.with_no_client_auth(),
        Some(path) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(
            own_certificate(path, &provider)?,
        ))),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Why nobody's certificate could be judged.
fn no_authorities() -> String {
    let set = INSTEAD.iter().find(|name| std::env::var_os(name).is_some());
    let why = set.map_or_else(
        || "check the machine's certificate store".to_owned(),
        |name| format!("`{name}` names none that can be read: correct it or take it out"),
    );
    format!(
        "no certificate authorities were found; {why}, or name some in `ca_bundle` of this route"
    )
}

/// The certificate and the key of `client_cert`. What a certificate says of itself is for the server to judge.
fn own_certificate(path: &str, provider: &CryptoProvider) -> Result<CertifiedKey, Failure> {
    let wrong = |why| unusable("client_cert", why);
    let pem = file("client_cert", path)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    if chain.is_empty() {
        return Err(wrong("holds no certificate in PEM"));
    }
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let locked = pem.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED);
        wrong(match locked {
            true => "holds a key with a passphrase, which nobody could be asked for",
            false => "holds no key; put that of its certificate into the same file",
        })
    })?;
    let key = provider.key_provider.load_private_key(key);
    let key = key.map_err(|_| wrong("holds a key of a kind that is not known"))?;
    let own = CertifiedKey::new(chain, key);
    match own.keys_match() {
        Err(Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(wrong("holds a key that is not that of its certificate"))
        }
        _ => Ok(own),
    }
}

fn authorities(line: &Line) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let mut found = Vec::new();
    if let Some(path) = &line.ca_bundle {
        found = certificates(file("ca_bundle", path)?);
        if found.is_empty() {
            return Err(unusable("ca_bundle", "holds no certificates"));
        }
    }
    for name in AUTHORITIES {
        let Some(path) = std::env::var_os(name).filter(|path| !path.is_empty()) else {
            continue;
        };
        match std::fs::read(&path) {
            Ok(bytes) => found.extend(certificates(bytes)),
            Err(error) => tracing::warn!("`{name}` names a file that cannot be read: {error}"),
        }
    }
    Ok(found)
}

/// Those of a file, in PEM or one in DER, that can vouch for somebody: one that nobody can read must not shut out the others.
fn certificates(bytes: Vec<u8>) -> Vec<CertificateDer<'static>> {
    let mut found: Vec<_> = CertificateDer::pem_slice_iter(&bytes).flatten().collect();
    if found.is_empty() {
        found.push(CertificateDer::from(bytes));
    }
    found.retain(|one| RootCertStore::empty().add(one.clone()).is_ok());
    found
}

fn file(key: &str, path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(below_home(path, std::env::home_dir()))
        .map_err(|_| unusable(key, &format!("names a file that cannot be read, {path:?}")))
}

fn unusable(key: &str, why: &str) -> Failure {
    Failure::new(
        Kind::Settings,
        format!("has a `{key}` that {why}; correct it in the settings of this route"),
    )
}

/// The system's verifier, and what it saw.
#[derive(Debug)]
struct Witness {
    inner: Verifier,
    spoken: Arc<Spoken>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        verified.map_err(|error| match error {
            Error::InvalidCertificate(why) => {
                let last = intermediates.last().unwrap_or(end_entity);
                let issuer = der::issuer(last);
                let distrust = Arc::new(Distrust { why, issuer });
                Error::InvalidCertificate(CertificateError::Other(OtherError(distrust)))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.spoken.0.store(2, Ordering::Relaxed);
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.spoken.0.store(3, Ordering::Relaxed);
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
