//! TLS as companies have it: the system's certificates, further authorities, a client's own certificate; and who issued what is not trusted.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use super::client::Line;
use super::der;
use super::error::{Failure, Kind};

/// Variables that name a PEM file of further certificate authorities. A file that cannot be read is passed over, as its other readers do.
const AUTHORITIES: &[&str] = &["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"];

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
    let broken = |_| {
        Failure::new(
            Kind::Network,
            "no TLS client can be made; check the machine's certificate store, or name authorities in `ca_bundle` of this route",
        )
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner =
        Verifier::new_with_extra_roots(authorities(line)?, provider.clone()).map_err(broken)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(broken)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness { inner, spoken }));
    let mut config = match &line.client_cert {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let wrong = || unusable("client_cert", "must hold a PEM certificate and its key");
            let pem = file("client_cert", path)?;
            let chain: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
            let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| wrong())?;
            if chain.is_empty() {
                return Err(wrong());
            }
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| wrong())?
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn authorities(line: &Line) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let mut found = Vec::new();
    if let Some(path) = &line.ca_bundle {
        let pem = file("ca_bundle", path)?;
        found.extend(CertificateDer::pem_slice_iter(&pem).flatten());
        if found.is_empty() {
            return Err(unusable("ca_bundle", "holds no PEM certificates"));
        }
    }
    for name in AUTHORITIES {
        let Some(path) = std::env::var_os(name).filter(|path| !path.is_empty()) else {
            continue;
        };
        match std::fs::read(&path) {
            Ok(pem) => found.extend(CertificateDer::pem_slice_iter(&pem).flatten()),
            Err(error) => tracing::warn!("`{name}` names a file that cannot be read: {error}"),
        }
    }
    Ok(found)
}

fn file(key: &str, path: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
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
