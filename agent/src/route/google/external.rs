//! Workload identity: a token of somebody else, exchanged for one of Google's.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::exchange::{Call, safe_address};
use super::super::surroundings::Surroundings;
use super::account::{basic, place};
use super::adc::Document;
use super::{SCOPE, granted, impersonation, subject};

const EXCHANGE: &str = "https://sts.googleapis.com/v1/token";

/// The account that a file of this kind names.
pub fn account<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    async move {
        let acts = document.text("service_account_impersonation_url").is_some();
        let theirs = subject::token(around, document).await?;
        let mut fields = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("audience", document.needed("audience")?),
            ("scope", if acts { SCOPE } else { scope }),
            ("subject_token", theirs.as_str()),
            ("subject_token_type", document.needed("subject_token_type")?),
        ];
        let client = document.text("client_id");
        // Whoever signs in as a client is known by it, and needs no project.
        let project = document
            .text("workforce_pool_user_project")
            .filter(|_| client.is_none());
        let options = project.map(|project| encoded(&json!({"userProject": project}).to_string()));
        fields.extend(options.as_deref().map(|options| ("options", options)));
        let address = document.text("token_url").unwrap_or(EXCHANGE);
        let mut call = Call::form(
            safe_address(address, &place(document, "token_url"))?,
            &fields,
        );
        if let Some(client) = client {
            let secret = document.text("client_secret").unwrap_or_default();
            call = call.with("authorization", &basic(client, secret));
        }
        let said = around.ask(call).await?;
        let mend = "check the workload identity pool, its provider and their conditions";
        let fresh = granted(&said, "the exchange of the workload's token", mend)?;
        match acts {
            true => impersonation::act(around, document, &fresh.value, scope).await,
            false => Ok(fresh),
        }
    }
    .boxed()
}

/// JSON that stands encoded in a form's field, which is encoded once more.
pub fn encoded(text: &str) -> String {
    super::super::aws::sign::encoded(text)
}
