//! Service accounts that somebody else acts for.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::exchange::{Call, safe_address};
use super::super::surroundings::Surroundings;
use super::account::place;
use super::adc::{Document, token};
use super::{SCOPE, granted};

/// Seconds that a token shall live, where the file says nothing.
const LIFE: u64 = 3600;

/// The account that a file of its own kind names, by the credentials in that file.
pub fn account<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    async move {
        let source = Document {
            value: document.value["source_credentials"].clone(),
            place: format!("`source_credentials` in {}", document.place),
        };
        let bearer = token(around, &source, SCOPE).await?.value;
        act(around, document, &bearer, scope).await
    }
    .boxed()
}

/// A token of the account that `document` names, for the one who holds `bearer`.
pub async fn act(
    around: &Surroundings,
    document: &Document,
    bearer: &Bearer,
    scope: &str,
) -> Fetched<Bearer> {
    let key = "service_account_impersonation_url";
    let url = safe_address(document.needed(key)?, &place(document, key))?;
    let life = document.value["service_account_impersonation"]["token_lifetime_seconds"]
        .as_u64()
        .unwrap_or(LIFE);
    let delegates = match &document.value["delegates"] {
        Value::Array(delegates) => delegates.clone(),
        _ => Vec::new(),
    };
    let question =
        json!({"delegates": delegates, "scope": [scope], "lifetime": format!("{life}s")});
    let mut call = Call::json(url, &question);
    bearer.put(&mut call.headers);
    let said = around.ask(call).await?;
    granted(
        &said,
        "the service account that is acted for",
        "check that you are its token creator (roles/iam.serviceAccountTokenCreator)",
    )
}
