//! Microsoft Entra: who asks Azure, without a key of the resource. Tried in turn: an application's secret or certificate, a federated token,
//! the identity of the machine, the command line tools.

mod application;
mod azure;
mod managed;
#[cfg(test)]
mod tests;
mod tools;
mod ways;

pub use azure::make;

use reqwest::Url;
use serde::Deserialize;

use super::bearer::Bearer;
use super::credential::{Fetched, Fresh};
use super::error::{Failure, Kind};
use super::exchange::{Said, safe_address};
use super::surroundings::Surroundings;

/// What a token is asked for.
#[derive(Clone)]
pub struct Wanted {
    /// Where it is asked for.
    pub around: Surroundings,
    /// What it may be used for; ends in `/.default`.
    pub scope: String,
    /// The directory that signs in: an identifier or a domain.
    pub tenant: Option<String>,
    /// The application, or the identity of the machine.
    pub client: Option<String>,
    /// The authority that signs in.
    pub authority: Url,
}

/// A cloud: the end of its resources' hosts, its authority, the end of its scopes' hosts.
const CLOUDS: &[(&str, &str, &str)] = &[
    (".azure.us", "https://login.microsoftonline.us", "azure.us"),
    (".azure.cn", "https://login.chinacloudapi.cn", "azure.cn"),
    ("", "https://login.microsoftonline.com", "azure.com"),
];

impl Wanted {
    /// What the resource at `base` wants. `dated` = with a dated `api_version`, which has another scope. `authority` is the route's own.
    pub fn of(
        around: Surroundings,
        base: &Url,
        dated: bool,
        authority: Option<&str>,
        tenant: Option<String>,
        client: Option<String>,
    ) -> Result<Wanted, Failure> {
        let host = base.host_str().unwrap_or_default();
        let (_, usual, domain) = CLOUDS
            .iter()
            .find(|(end, ..)| host.ends_with(end))
            .unwrap_or(&CLOUDS[CLOUDS.len() - 1]);
        let scope = match dated {
            true => format!("https://cognitiveservices.{domain}/.default"),
            false => format!("https://ai.{domain}/.default"),
        };
        Ok(Wanted {
            scope,
            tenant: tenant.or_else(|| around.variable("AZURE_TENANT_ID")),
            client: client.or_else(|| around.variable("AZURE_CLIENT_ID")),
            authority: safe_address(authority.unwrap_or(usual), "`authority_host` of this route")?,
            around,
        })
    }

    /// What older interfaces call the scope.
    fn resource(&self) -> &str {
        self.scope.trim_end_matches("/.default")
    }
}

/// A token as Entra and its relatives write it.
#[derive(Deserialize)]
struct Granted {
    #[serde(alias = "accessToken", alias = "token")]
    access_token: String,
    /// Seconds; a number or a text.
    expires_in: Option<serde_json::Value>,
    /// Seconds since 1970; a number or a text.
    expires_on: Option<serde_json::Value>,
    /// The end as a text, from tools.
    #[serde(rename = "expiresOn")]
    ends: Option<String>,
}

/// A token whose end is not told is asked for anew after this many seconds.
const SHORT: u64 = 600;

impl Granted {
    fn fresh(self) -> Fetched<Bearer> {
        let number = |value: &Option<serde_json::Value>| {
            let value = value.as_ref()?;
            value.as_u64().or_else(|| value.as_str()?.parse().ok())
        };
        let until = number(&self.expires_on).and_then(super::date::at);
        let until = until.or_else(|| super::date::parse(self.ends.as_deref()?));
        let life = number(&self.expires_in)
            .map(std::time::Duration::from_secs)
            .or_else(|| until.map(super::date::left))
            .unwrap_or(std::time::Duration::from_secs(SHORT));
        Ok(Fresh {
            value: Bearer::new(self.access_token)?,
            life: Some(life),
        })
    }
}

/// The token in an answer, or what is wrong. `who` names what asked.
fn granted(said: &Said, who: &str) -> Fetched<Bearer> {
    if !said.is_good() {
        return Err(refused(said, who));
    }
    match said.json::<Granted>() {
        Some(granted) => granted.fresh(),
        None => Err(none(&format!(
            "{who} got an answer without a token; try again"
        ))),
    }
}

/// Entra's own numbers for what is wrong, and the mend.
const MENDS: &[(u64, &str)] = &[
    (
        7_000_215,
        "the client secret is wrong; set `AZURE_CLIENT_SECRET` to its value, not to its identifier",
    ),
    (
        7_000_222,
        "the client secret has expired; make a new one and set `AZURE_CLIENT_SECRET`",
    ),
    (
        700_016,
        "the directory does not know the application; check `client_id` and `tenant_id` of this route",
    ),
    (
        700_027,
        "the certificate is not one of the application's; check `AZURE_CLIENT_CERTIFICATE_PATH`",
    ),
    (
        900_023,
        "there is no such directory; check `tenant_id` of this route",
    ),
    (
        90_002,
        "there is no such directory; check `tenant_id` of this route",
    ),
    (
        70_021,
        "the federated credential of the application does not fit; check its issuer, subject and audience",
    ),
    (
        700_213,
        "the federated credential of the application does not fit; check its issuer, subject and audience",
    ),
    (
        500_011,
        "the directory does not know the resource; check `tenant_id` and `base_url` of this route",
    ),
    (
        65_001,
        "nobody has consented to this use; ask the directory's administrator",
    ),
];

fn refused(said: &Said, who: &str) -> Failure {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        error_codes: Vec<u64>,
    }
    let codes = said
        .json::<Refusal>()
        .map_or_else(Vec::new, |refusal| refusal.error_codes);
    let row = MENDS.iter().find(|(code, _)| codes.contains(code));
    if row.is_none() && (said.status >= 500 || said.status == 429) {
        let what = format!("has no Entra token: {who} got {}; try again", said.code());
        return Failure::new(Kind::Overloaded, what).again();
    }
    let number = codes
        .first()
        .map(|code| format!(", AADSTS{code}"))
        .unwrap_or_default();
    let mend = row.map_or(
        "check `tenant_id`, `client_id` and the credentials of this route",
        |(_, mend)| mend,
    );
    none(&format!(
        "{who} was refused ({}{number}): {mend}",
        said.code()
    ))
}

/// The sentence that there is no token.
fn none(why: &str) -> Failure {
    Failure::new(Kind::Auth, format!("has no Entra token: {why}"))
}
