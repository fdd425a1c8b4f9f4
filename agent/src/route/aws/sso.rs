//! Sign-ins of the browser: the token that `aws sso login` left is renewed where that is possible, and exchanged for the keys of a role.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reqwest::Url;
use ring::digest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::credential::Fetched;
use super::super::date;
use super::super::error::{Failure, Kind};
use super::super::exchange::Call;
use super::super::surroundings::Surroundings;
use super::endpoint;
use super::keys::{Document, Keys, incomplete};
use super::profile::Sso;
use super::sign::hex;
use crate::secret::Secret;

/// A token that ends sooner than this is renewed.
const EARLY: Duration = Duration::from_secs(15 * 60);

/// The keys of the role that `sso` names.
pub async fn keys(around: &Surroundings, sso: &Sso) -> Fetched<Keys> {
    let token = token(around, sso).await?;
    let mut url = endpoint(around, "AWS_ENDPOINT_URL_SSO", "portal.sso", &sso.region)?;
    extend(&mut url, &["federation", "credentials"]);
    url.query_pairs_mut()
        .append_pair("role_name", &sso.role)
        .append_pair("account_id", &sso.account);
    let token = String::from_utf8_lossy(token.reveal()).into_owned();
    let call = Call::get(url).with("x-amz-sso_bearer_token", &token);
    let said = around.ask(call).await?;
    match said.status {
        200..300 => {}
        401 => return Err(again(sso, "is no longer accepted")),
        403 | 404 => {
            let what = format!(
                "has no AWS credentials: the sign-in of the profile `{}` may not use the role {} of account {} ({}); check `sso_role_name` and `sso_account_id`",
                sso.profile,
                sso.role,
                sso.account,
                said.code()
            );
            return Err(Failure::new(Kind::Auth, what));
        }
        _ => {
            let what = format!(
                "has no AWS credentials: the sign-in service of the profile `{}` answered {}; check `sso_region`, or try again",
                sso.profile,
                said.code()
            );
            return Err(Failure::new(Kind::Overloaded, what).again());
        }
    }
    #[derive(Deserialize)]
    struct Answer {
        #[serde(rename = "roleCredentials")]
        keys: Document,
    }
    let from = "the sign-in service";
    said.json::<Answer>()
        .ok_or_else(|| incomplete(from))?
        .keys
        .keys(from)
}

/// The kept token, renewed if it ends soon and can be.
async fn token(around: &Surroundings, sso: &Sso) -> Result<Secret, Failure> {
    let missing = || again(sso, "is missing");
    let path = around.home().ok_or_else(missing)?.join(kept(sso));
    let text = around
        .file(&path, "the kept sign-in")?
        .ok_or_else(missing)?;
    let kept: Value = serde_json::from_str(&text).map_err(|_| missing())?;
    let until = moment(&kept, "expiresAt").ok_or_else(missing)?;
    let now = SystemTime::now();
    if until < now + EARLY
        && sso.session.is_some()
        && let Some(renewed) = renewed(around, sso, &kept, &path).await
    {
        return Ok(renewed);
    }
    if until <= now {
        return Err(again(sso, "has ended"));
    }
    let token = kept["accessToken"].as_str().ok_or_else(missing)?;
    Ok(Secret::new(token.to_owned()))
}

/// A new token for the old one, kept in its place for every tool. `None` when there is none to be had: the old one may still do.
async fn renewed(around: &Surroundings, sso: &Sso, kept: &Value, path: &Path) -> Option<Secret> {
    if moment(kept, "registrationExpiresAt")? <= SystemTime::now() {
        return None;
    }
    let text = |key: &str| kept[key].as_str();
    let question = json!({
        "grantType": "refresh_token",
        "clientId": text("clientId")?,
        "clientSecret": text("clientSecret")?,
        "refreshToken": text("refreshToken")?,
    });
    let mut url = endpoint(around, "AWS_ENDPOINT_URL_SSO_OIDC", "oidc", &sso.region).ok()?;
    extend(&mut url, &["token"]);
    let now = SystemTime::now();
    let said = around.ask(Call::json(url, &question)).await.ok()?;
    let answer: Value = said.json().filter(|_| said.is_good())?;
    let token = answer["accessToken"].as_str()?;
    let until = now.checked_add(Duration::from_secs(answer["expiresIn"].as_u64()?))?;
    let mut new = kept.clone();
    new["accessToken"] = token.into();
    new["expiresAt"] = date::written(until).into();
    if let Some(refresh) = answer["refreshToken"].as_str() {
        new["refreshToken"] = refresh.into();
    }
    // Without it the other tools must sign in again, but this one need not.
    if keep(path, &new.to_string()).is_err() {
        tracing::warn!(
            profile = sso.profile,
            "the renewed sign-in cannot be kept; `aws sso login` may be needed soon"
        );
    }
    Some(Secret::new(token.to_owned()))
}

/// Writes beside the old file and puts it in its place, so that nobody reads half a token.
fn keep(path: &Path, text: &str) -> std::io::Result<()> {
    let beside: PathBuf = path.with_extension(format!("json.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&beside)
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn moment(kept: &Value, key: &str) -> Option<SystemTime> {
    date::parse(kept[key].as_str()?)
}

fn extend(url: &mut Url, segments: &[&str]) {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
}

/// Where tools keep the token of a sign-in: a file named by the hash of its session's name, or of its page.
fn kept(sso: &Sso) -> String {
    let name = sso.session.as_deref().unwrap_or(&sso.start_url);
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, name.as_bytes());
    format!(".aws/sso/cache/{}.json", hex(hash.as_ref()))
}

fn again(sso: &Sso, why: &str) -> Failure {
    let what = format!(
        "has no AWS credentials: the sign-in of the profile `{0}` {why}; run `aws sso login --profile {0}`",
        sso.profile
    );
    Failure::new(Kind::Auth, what)
}
