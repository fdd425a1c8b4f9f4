//! Accounts that prove themselves: a service by its private key, a person by a token that gcloud keeps.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::exchange::{Call, safe_address};
use super::super::jwt::{Algorithm, Signer};
use super::super::surroundings::Surroundings;
use super::adc::Document;
use super::granted;

const TOKENS: &str = "https://oauth2.googleapis.com/token";
const EXTERNAL_TOKENS: &str = "https://sts.googleapis.com/v1/oauthtoken";
/// Seconds that an assertion holds; no more are allowed.
const ASSERTED: u64 = 3600;
const SIGN_IN: &str = "run `gcloud auth application-default login`";

/// A service, by its private key.
pub fn service<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    async move {
        let email = document.needed("client_email")?;
        let signer = Signer::of(document.needed("private_key")?, &document.place)?;
        let head = match document.text("private_key_id") {
            Some(id) => json!({"kid": id}),
            None => json!({}),
        };
        // The audience is the same wherever the token is asked for.
        let claims = json!({"iss": email, "scope": scope, "aud": TOKENS});
        let assertion = signer.assertion(Algorithm::Rs256, head, claims, ASSERTED)?;
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion.as_str()),
        ];
        let url = safe_address(
            document.text("token_uri").unwrap_or(TOKENS),
            &place(document, "token_uri"),
        )?;
        let said = around.ask(Call::form(url, &fields)).await?;
        let who = format!("the service account {email}");
        granted(
            &said,
            &who,
            "check that its key still exists, and this machine's clock",
        )
    }
    .boxed()
}

/// A person, by the token that gcloud keeps.
pub fn user<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    _scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    async move {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", document.needed("client_id")?),
            ("client_secret", document.needed("client_secret")?),
            ("refresh_token", document.needed("refresh_token")?),
        ];
        let url = safe_address(
            document.text("token_uri").unwrap_or(TOKENS),
            &place(document, "token_uri"),
        )?;
        let said = around.ask(Call::form(url, &fields)).await?;
        granted(&said, "the sign-in of gcloud", SIGN_IN)
    }
    .boxed()
}

/// A person of another organization, by the token that gcloud keeps.
pub fn external_user<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    _scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    async move {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", document.needed("refresh_token")?),
        ];
        let address = document.text("token_url").unwrap_or(EXTERNAL_TOKENS);
        let url = safe_address(address, &place(document, "token_url"))?;
        let basic = basic(
            document.needed("client_id")?,
            document.needed("client_secret")?,
        );
        let call = Call::form(url, &fields).with("authorization", &basic);
        granted(&around.ask(call).await?, "the sign-in of gcloud", SIGN_IN)
    }
    .boxed()
}

/// A name and a password, as a header has them.
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// How errors name an address in a file.
pub fn place(document: &Document, key: &str) -> String {
    format!("`{key}` in {}", document.place)
}
