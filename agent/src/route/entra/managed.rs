//! The identity that Azure gives a machine: asked for at the app service, or at the metadata service of the host.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::error::Kind;
use super::super::exchange::{Call, address, safe_address};
use super::ways::Tried;
use super::{Wanted, granted, none};

const METADATA: &str = "http://169.254.169.254";

/// With the machine's identity.
pub fn identity(wanted: &Wanted) -> BoxFuture<'_, Tried> {
    async {
        let around = &wanted.around;
        let service = around.variable("IDENTITY_ENDPOINT");
        match (service, around.variable("IDENTITY_HEADER")) {
            (Some(service), Some(header)) => {
                return Tried::Here(app_service(wanted, &service, &header).await);
            }
            (Some(_), None) => {
                return Tried::Here(Err(none("`IDENTITY_ENDPOINT` is set without `IDENTITY_HEADER`; of machines with such a service only app services are known, use another way")));
            }
            _ => {}
        }
        match metadata(wanted).await {
            // Where nobody answers this is no machine of Azure; one without an identity says 400.
            Err(failure) if failure.kind == Kind::Network => {
                Tried::Absent("no identity service of a machine answers")
            }
            found => Tried::Here(found),
        }
    }
    .boxed()
}

async fn app_service(wanted: &Wanted, service: &str, header: &str) -> Fetched<Bearer> {
    let mut url = address(service, "`IDENTITY_ENDPOINT`")?;
    url.query_pairs_mut()
        .append_pair("resource", wanted.resource())
        .append_pair("api-version", "2019-08-01");
    if let Some(client) = &wanted.client {
        url.query_pairs_mut().append_pair("client_id", client);
    }
    let call = Call::get(url).near().with("x-identity-header", header);
    granted(
        &wanted.around.ask(call).await?,
        "the identity of the app service",
    )
}

async fn metadata(wanted: &Wanted) -> Fetched<Bearer> {
    let given = wanted.around.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let mut url = match &given {
        Some(host) => safe_address(host, "`AZURE_POD_IDENTITY_AUTHORITY_HOST`")?,
        None => address(METADATA, "the metadata service")?,
    };
    url.set_path("/metadata/identity/oauth2/token");
    url.query_pairs_mut()
        .append_pair("api-version", "2018-02-01")
        .append_pair("resource", wanted.resource());
    if let Some(client) = &wanted.client {
        url.query_pairs_mut().append_pair("client_id", client);
    }
    let call = Call::get(url).near().with("metadata", "true");
    let said = wanted.around.ask(call).await?;
    if said.status == 400 {
        let what = match &wanted.client {
            Some(client) => format!(
                "the machine has no identity {client}; assign it, or correct `client_id` of this route"
            ),
            None => "the machine has no identity; assign one, or set `client_id` of this route"
                .to_owned(),
        };
        return Err(none(&what));
    }
    granted(&said, "the identity of the machine")
}
