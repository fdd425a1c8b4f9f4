//! Keys from next door: the service of a container, and that of an EC2 instance (version 2 only, which asks for a token first).

use reqwest::{Method, Url};

use super::super::credential::Fetched;
use super::super::error::{Failure, Kind};
use super::super::exchange::{Call, Said, address, host};
use super::super::surroundings::Surroundings;
use super::super::vendors::is_loopback;
use super::keys::{Document, Keys, incomplete};

/// Where containers ask, without a full address.
const CONTAINER: &str = "http://169.254.170.2";
/// Where they may ask without TLS.
const CONTAINER_HOSTS: &[&str] = &["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
const INSTANCE: &str = "http://169.254.169.254";
const INSTANCE_V6: &str = "http://[fd00:ec2::254]";
/// Seconds that an instance's token lives.
const TOKEN_LIFE: &str = "21600";

/// Where the container's service is; `None` when this process is in none that has one.
pub fn container(around: &Surroundings) -> Result<Option<Url>, Failure> {
    if let Some(path) = around.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        let path = path.trim_start_matches('/');
        return address(
            &format!("{CONTAINER}/{path}"),
            "`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`",
        )
        .map(Some);
    }
    let Some(full) = around.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else {
        return Ok(None);
    };
    let url = address(&full, "`AWS_CONTAINER_CREDENTIALS_FULL_URI`")?;
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "https" || is_loopback(&url) || CONTAINER_HOSTS.contains(&host) {
        return Ok(Some(url));
    }
    let what = "has no AWS credentials: `AWS_CONTAINER_CREDENTIALS_FULL_URI` must be https, or lead to this machine or its container service";
    Err(Failure::new(Kind::Auth, what))
}

/// Keys of the container's service at `url`.
pub async fn container_keys(around: &Surroundings, url: Url) -> Fetched<Keys> {
    let who = format!("the container's credential service at {}", host(&url));
    let mut call = Call::get(url).near().with("accept", "application/json");
    if let Some(token) = container_token(around)? {
        call = call.with("authorization", &token);
    }
    let said = around.ask(call).await?;
    document(&said, &who)
}

fn container_token(around: &Surroundings) -> Result<Option<String>, Failure> {
    let Some(path) = around.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
        return Ok(around.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    };
    let path = around.at_home(&path);
    let token = around.needed_file(&path, "the file `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`")?;
    let token = token.trim();
    if token.contains(['\r', '\n']) {
        let what = "has no AWS credentials: the file `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` holds more than one line; correct it";
        return Err(Failure::new(Kind::Auth, what));
    }
    Ok(Some(token.to_owned()))
}

/// Where the instance's service is; `None` when the person wants it left alone.
pub fn instance(around: &Surroundings) -> Result<Option<Url>, Failure> {
    if around.says_yes("AWS_EC2_METADATA_DISABLED") {
        return Ok(None);
    }
    let v6 = around
        .variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        .is_some_and(|mode| mode.eq_ignore_ascii_case("ipv6"));
    let usual = if v6 { INSTANCE_V6 } else { INSTANCE };
    let given = around.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    address(
        given.as_deref().unwrap_or(usual),
        "`AWS_EC2_METADATA_SERVICE_ENDPOINT`",
    )
    .map(Some)
}

/// Keys of the role of the instance whose service is at `base`.
pub async fn instance_keys(around: &Surroundings, base: &Url) -> Fetched<Keys> {
    let who = format!("the instance's metadata service at {}", host(base));
    let token = instance_token(around, base, &who).await?;
    let path = "latest/meta-data/iam/security-credentials/";
    let said = instance_ask(around, base, path, &token).await?;
    let role = said
        .text()
        .and_then(|text| text.lines().next())
        .map(str::trim);
    let role = match role.filter(|role| said.is_good() && !role.is_empty()) {
        Some(role) => role.to_owned(),
        None => {
            let what = format!(
                "has no AWS credentials: {who} knows no role of this instance ({}); attach one",
                said.status
            );
            return Err(Failure::new(Kind::Auth, what));
        }
    };
    let said = instance_ask(around, base, &format!("{path}{role}"), &token).await?;
    document(&said, &who)
}

/// The region that the instance is in.
pub async fn instance_region(around: &Surroundings, base: &Url) -> Result<String, Failure> {
    let who = format!("the instance's metadata service at {}", host(base));
    let token = instance_token(around, base, &who).await?;
    let said = instance_ask(around, base, "latest/meta-data/placement/region", &token).await?;
    let region = said.text().filter(|_| said.is_good()).unwrap_or_default();
    Ok(region.trim().to_owned())
}

async fn instance_token(around: &Surroundings, base: &Url, who: &str) -> Result<String, Failure> {
    let call = Call {
        method: Method::PUT,
        ..Call::get(below(base, "latest/api/token"))
            .near()
            .with("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFE)
    };
    let said = around.ask(call).await?;
    match said.text().map(str::trim) {
        Some(token) if said.is_good() && !token.is_empty() => Ok(token.to_owned()),
        _ => {
            let what = format!(
                "has no AWS credentials: {who} gave no token ({}); check the instance's metadata options",
                said.status
            );
            Err(Failure::new(Kind::Auth, what))
        }
    }
}

async fn instance_ask(
    around: &Surroundings,
    base: &Url,
    path: &str,
    token: &str,
) -> Result<Said, Failure> {
    let call = Call::get(below(base, path))
        .near()
        .with("x-aws-ec2-metadata-token", token);
    around.ask(call).await
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn document(said: &Said, who: &str) -> Fetched<Keys> {
    if !said.is_good() {
        let what = format!(
            "has no AWS credentials: {who} answered {}; try again, or check the role there",
            said.code()
        );
        let failure = Failure::new(Kind::Auth, what);
        return Err(if said.status >= 500 {
            failure.again()
        } else {
            failure
        });
    }
    said.json::<Document>()
        .ok_or_else(|| incomplete(who))?
        .keys(who)
}
