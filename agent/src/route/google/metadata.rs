//! The metadata service of Google's own machines.

use reqwest::Url;

use super::super::bearer::Bearer;
use super::super::credential::Fetched;
use super::super::error::{Failure, Kind};
use super::super::exchange::{Call, Said, address};
use super::super::surroundings::Surroundings;
use super::{granted, none};

const HOST: &str = "metadata.google.internal";

/// A token of the machine's account.
pub async fn token(around: &Surroundings) -> Fetched<Bearer> {
    let said = ask(around, "instance/service-accounts/default/token").await?;
    let Some(said) = said else {
        return Err(none(
            "`GOOGLE_APPLICATION_CREDENTIALS` is not set, gcloud left no application default credentials, and no metadata service answers; run `gcloud auth application-default login`",
        ));
    };
    granted(
        &said,
        "the account of this machine",
        "attach a service account to it, with the scope cloud-platform",
    )
}

/// The machine's project.
pub async fn project(around: &Surroundings) -> Result<Option<String>, Failure> {
    let said = ask(around, "project/project-id").await?;
    let said = said.filter(Said::is_good);
    Ok(said.and_then(|said| said.text().map(|text| text.trim().to_owned())))
}

/// `None` where there is no such service.
async fn ask(around: &Surroundings, path: &str) -> Result<Option<Said>, Failure> {
    if around.says_yes("NO_GCE_CHECK") {
        return Ok(None);
    }
    let given = around.first(&["GCE_METADATA_HOST", "GCE_METADATA_ROOT"]);
    let host = given.as_deref().unwrap_or(HOST);
    let url: Url = address(
        &format!("http://{host}/computeMetadata/v1/{path}"),
        "`GCE_METADATA_HOST`",
    )?;
    let call = Call::get(url).near().with("metadata-flavor", "Google");
    match around.ask(call).await {
        // Somebody else's service on that address is none.
        Ok(said)
            if said
                .headers
                .get("metadata-flavor")
                .is_none_or(|flavor| flavor != "Google") =>
        {
            Ok(None)
        }
        Ok(said) => Ok(Some(said)),
        Err(failure) if failure.kind == Kind::Network => Ok(None),
        Err(failure) => Err(failure),
    }
}
