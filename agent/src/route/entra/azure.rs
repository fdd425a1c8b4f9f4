//! Who asks Azure with `auth = "entra"`: a token that all requests of a route share.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Url;
use tokio::time::Instant;

use super::super::bearer::Bearer;
use super::super::credential::{Credential, Fresh, Kept, Making, Standing, Unsent};
use super::super::error::{Failure, Kind};
use super::super::surroundings::Surroundings;
use super::{Wanted, ways};

/// The credential of one route.
pub struct Azure {
    wanted: Result<Wanted, Failure>,
    token: Kept<Bearer>,
}

/// Makes one.
pub fn make(making: &Making<'_>) -> Arc<dyn Credential> {
    Arc::new(Azure {
        wanted: wanted(making),
        token: Kept::default(),
    })
}

fn wanted(making: &Making<'_>) -> Result<Wanted, Failure> {
    let own = |key: &str| making.own(key);
    let base = making
        .settings
        .base_url
        .as_deref()
        .and_then(|base| Url::parse(base).ok());
    let base = base.ok_or_else(|| {
        Failure::new(
            Kind::Settings,
            "has no `base_url` with the address of the resource; set it",
        )
    })?;
    Wanted::of(
        Surroundings::new(making.http, making.settings),
        &base,
        own("api_version").is_some(),
        own("authority_host").as_deref(),
        own("tenant_id"),
        own("client_id"),
    )
}

impl Azure {
    async fn put(&self, request: &mut Unsent) -> Result<(), Failure> {
        let wanted = self.wanted.clone()?;
        let fetch = move || {
            async move {
                // A token that somebody made before.
                match wanted.around.variable("AZURE_OPENAI_AD_TOKEN") {
                    Some(token) => Ok(Fresh::lasting(Bearer::new(token)?)),
                    None => ways::fetch(&wanted).await,
                }
            }
            .boxed()
        };
        self.token.get(fetch).await?.put(&mut request.headers);
        Ok(())
    }
}

/// Variables that say how to sign in.
const VARIABLES: &[&str] = &[
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
];

impl Credential for Azure {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.put(request).boxed()
    }

    fn standing(&self) -> Standing {
        let around = match &self.wanted {
            Ok(wanted) => &wanted.around,
            Err(failure) => return Standing::Missing(failure.what.clone()),
        };
        let named = VARIABLES
            .iter()
            .find(|name| around.variable(name).is_some());
        Standing::Later(match named {
            Some(name) => format!("Entra, by the environment ({name})"),
            None => "Entra, by the machine's identity or `az`".to_owned(),
        })
    }

    fn unaccepted(&self) -> Option<String> {
        let fixed = "AZURE_OPENAI_AD_TOKEN";
        let around = self.wanted.as_ref().ok().map(|wanted| &wanted.around);
        let mend = match around.is_some_and(|around| around.variable(fixed).is_some()) {
            true => "renew `AZURE_OPENAI_AD_TOKEN`",
            false => {
                "check `tenant_id` and `client_id` of this route, or sign in anew (`az login`)"
            }
        };
        Some(format!("the Entra token was not accepted; {mend}"))
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        let fixed = self
            .wanted
            .as_ref()
            .is_ok_and(|wanted| wanted.around.variable("AZURE_OPENAI_AD_TOKEN").is_some());
        let refused = failure.status == Some(401) && !fixed;
        if refused {
            self.token.forget(signed);
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::client::Http;
    use super::*;
    use crate::settings::Route as Settings;

    fn azure(variables: &[(&str, &str)]) -> Azure {
        let base = Url::parse("https://r.openai.azure.com/").expect("an address");
        let around = Surroundings::of(variables);
        Azure {
            wanted: Wanted::of(around, &base, false, None, Some("t".into()), None),
            token: Kept::default(),
        }
    }

    #[test]
    fn what_is_known_and_what_mends_go_by_the_variables() {
        let token = "AZURE_OPENAI_AD_TOKEN";
        let anew = "check `tenant_id` and `client_id` of this route, or sign in anew (`az login`)";
        let by = |name: &str| format!("Entra, by the environment ({name})");
        for (name, standing, mend, again) in [
            (
                "",
                "Entra, by the machine's identity or `az`".to_owned(),
                anew,
                true,
            ),
            (token, by(token), "renew `AZURE_OPENAI_AD_TOKEN`", false),
            ("AZURE_CLIENT_SECRET", by("AZURE_CLIENT_SECRET"), anew, true),
            (
                "AZURE_FEDERATED_TOKEN_FILE",
                by("AZURE_FEDERATED_TOKEN_FILE"),
                anew,
                true,
            ),
        ] {
            let azure = azure(&[(name, "x")]);
            assert_eq!(azure.standing(), Standing::Later(standing));
            let told = format!("the Entra token was not accepted; {mend}");
            assert_eq!(azure.unaccepted(), Some(told));
            for (status, wanted) in [(Some(401), again), (Some(403), false), (None, false)] {
                let mut failure = Failure::new(Kind::Auth, "");
                failure.status = status;
                assert_eq!(
                    azure.refused(&failure, Instant::now()),
                    wanted,
                    "{name} {status:?}"
                );
            }
        }
    }

    #[test]
    fn without_an_address_nothing_can_be_signed() {
        let settings = Settings::default();
        let making = Making {
            settings: &settings,
            http: &Http::default(),
        };
        let made = make(&making);
        let missing = "has no `base_url` with the address of the resource; set it";
        assert_eq!(made.standing(), Standing::Missing(missing.into()));
        assert!(!made.refused(&Failure::new(Kind::Auth, ""), Instant::now()));
    }

    #[tokio::test]
    async fn a_token_that_was_made_before_is_sent_as_it_is() {
        let mut request = Unsent {
            method: reqwest::Method::POST,
            url: Url::parse("https://r.openai.azure.com/").expect("an address"),
            headers: Default::default(),
            body: Vec::new(),
        };
        let azure = azure(&[("AZURE_OPENAI_AD_TOKEN", "made")]);
        azure.sign(&mut request).await.expect("signed");
        let sent = &request.headers["authorization"];
        assert_eq!(
            (sent.as_bytes(), sent.is_sensitive()),
            (&b"Bearer made"[..], true)
        );
    }
}
