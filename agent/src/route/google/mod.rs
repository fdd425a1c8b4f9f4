//! Google: who asks Vertex, by the application default credentials in all their forms.

mod account;
mod adc;
mod external;
mod impersonation;
mod metadata;
mod subject;
#[cfg(test)]
mod tests;
mod vertex;

pub use vertex::make;

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::bearer::Bearer;
use super::credential::{Fetched, Fresh};
use super::date;
use super::error::{Failure, Kind};
use super::exchange::Said;

/// What tokens are asked to be good for.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// What a request to Google carries.
pub struct Pass {
    /// The token.
    pub token: Bearer,
    /// The project that pays for requests, if the credentials name one.
    pub quota_project: Option<String>,
}

/// A token as Google writes it.
#[derive(Deserialize)]
struct Granted {
    #[serde(alias = "accessToken")]
    access_token: String,
    /// Seconds; a number or a text.
    expires_in: Option<Value>,
    /// The end, from the service that takes roles.
    #[serde(rename = "expireTime")]
    ends: Option<String>,
}

/// A token whose end is not told is asked for anew after this time.
const SHORT: Duration = Duration::from_secs(600);

/// The token in an answer, or what is wrong. `who` names what asked, `mend` what helps when it is refused.
fn granted(said: &Said, who: &str, mend: &str) -> Fetched<Bearer> {
    if !said.is_good() {
        if said.status >= 500 || said.status == 429 {
            let what = format!("has no Google token: {who} got {}; try again", said.code());
            return Err(Failure::new(Kind::Overloaded, what).again());
        }
        return Err(none(&format!(
            "{who} was refused ({}); {mend}",
            said.code()
        )));
    }
    let granted = said
        .json::<Granted>()
        .ok_or_else(|| none(&format!("{who} got an answer without a token; try again")))?;
    let seconds = granted
        .expires_in
        .and_then(|life| life.as_u64().or_else(|| life.as_str()?.parse().ok()));
    let until = granted.ends.and_then(|text| date::parse(&text));
    let life = seconds
        .map(Duration::from_secs)
        .or_else(|| until.map(date::left));
    Ok(Fresh {
        value: Bearer::new(granted.access_token)?,
        life: Some(life.unwrap_or(SHORT)),
    })
}

/// The sentence that there is no token.
fn none(why: &str) -> Failure {
    Failure::new(Kind::Auth, format!("has no Google token: {why}"))
}
