//! Applications that sign in by themselves: with a secret, with a certificate, or with a token that somebody else vouches for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Url;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::error::Failure;
use super::super::exchange::Call;
use super::super::jwt::{Algorithm, Signer};
use super::ways::Tried;
use super::{Wanted, granted, none};

/// Seconds that an assertion holds.
const ASSERTED: u64 = 600;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// With a secret or a certificate from the variables of the process.
pub fn own(wanted: &Wanted) -> BoxFuture<'_, Tried> {
    async {
        let around = &wanted.around;
        let secret = around.variable("AZURE_CLIENT_SECRET");
        let certificate = around.variable("AZURE_CLIENT_CERTIFICATE_PATH");
        match (secret, certificate) {
            (Some(secret), _) => {
                let proof = [("client_secret", secret.as_str())];
                Tried::Here(sign_in(wanted, &proof, "the application with its secret").await)
            }
            (None, Some(path)) => Tried::Here(with_certificate(wanted, &path).await),
            (None, None) => Tried::Absent("`AZURE_CLIENT_SECRET` is not set"),
        }
    }
    .boxed()
}

/// With a token from a file, as clusters put it there.
pub fn federated(wanted: &Wanted) -> BoxFuture<'_, Tried> {
    async {
        match wanted.around.variable("AZURE_FEDERATED_TOKEN_FILE") {
            Some(path) => Tried::Here(with_token(wanted, &path).await),
            None => Tried::Absent("`AZURE_FEDERATED_TOKEN_FILE` is not set"),
        }
    }
    .boxed()
}

async fn with_token(wanted: &Wanted, path: &str) -> Fetched<Bearer> {
    let path = wanted.around.at_home(path);
    let token = wanted
        .around
        .needed_file(&path, "the file `AZURE_FEDERATED_TOKEN_FILE`")?;
    let proof = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", token.trim()),
    ];
    sign_in(wanted, &proof, "the application with its federated token").await
}

async fn with_certificate(wanted: &Wanted, path: &str) -> Fetched<Bearer> {
    let place = "the file `AZURE_CLIENT_CERTIFICATE_PATH`";
    let path = wanted.around.at_home(path);
    let pem = wanted.around.needed_file(&path, place)?;
    let (url, client) = address(wanted)?;
    let signer = Signer::of(&pem, place)?;
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
        none(&format!(
            "{place} holds no certificate beside the key; add it"
        ))
    })?;
    let thumb = digest::digest(&digest::SHA256, &certificate);
    let mut once = [0; 16];
    SystemRandom::new()
        .fill(&mut once)
        .map_err(|_| none("this machine gives no random numbers"))?;
    let claims = json!({
        "aud": url.as_str(), "iss": client, "sub": client, "jti": URL_SAFE_NO_PAD.encode(once),
    });
    let head = json!({"x5t#S256": URL_SAFE_NO_PAD.encode(thumb)});
    let assertion = signer.assertion(Algorithm::Ps256, head, claims, ASSERTED)?;
    let proof = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    sign_in(wanted, &proof, "the application with its certificate").await
}

/// Where the directory signs in, and the application.
fn address(wanted: &Wanted) -> Result<(Url, &str), Failure> {
    let (Some(tenant), Some(client)) = (&wanted.tenant, &wanted.client) else {
        return Err(none(
            "an application signs in to a directory; set `tenant_id` and `client_id` of this route, or AZURE_TENANT_ID and AZURE_CLIENT_ID",
        ));
    };
    let mut url = wanted.authority.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend([tenant.as_str(), "oauth2", "v2.0", "token"]);
    }
    Ok((url, client))
}

async fn sign_in(wanted: &Wanted, proof: &[(&str, &str)], who: &str) -> Fetched<Bearer> {
    let (url, client) = address(wanted)?;
    let mut fields = vec![
        ("client_id", client),
        ("grant_type", "client_credentials"),
        ("scope", wanted.scope.as_str()),
    ];
    fields.extend_from_slice(proof);
    let said = wanted.around.ask(Call::form(url, &fields)).await?;
    granted(&said, who)
}
