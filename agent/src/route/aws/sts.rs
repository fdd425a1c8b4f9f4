//! Roles: taken with keys or with a token from a file, at the security token service.

use std::time::SystemTime;

use reqwest::header::ACCEPT;
use ring::digest;

use super::super::credential::{Fetched, Fresh};
use super::super::date;
use super::super::error::{Failure, Kind};
use super::super::exchange::{Call, Said, element};
use super::super::surroundings::Surroundings;
use super::endpoint;
use super::keys::{Document, Keys, incomplete};
use super::profile::{Role, WebIdentity};
use super::sign::{Scope, hex};

/// What moves the service.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_STS";
/// The version of the service's interface.
const VERSION: (&str, &str) = ("Version", "2011-06-15");

/// Takes `role` with `keys`.
pub async fn assume(
    around: &Surroundings,
    region: &str,
    keys: &Keys,
    role: &Role,
) -> Fetched<Keys> {
    if let Some(serial) = &role.mfa {
        return with_device(around, role, serial);
    }
    let session = session(role.session.as_deref());
    let mut fields = vec![
        ("Action", "AssumeRole"),
        VERSION,
        ("RoleArn", &role.arn),
        ("RoleSessionName", &session),
    ];
    fields.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    fields.extend(
        role.duration
            .as_deref()
            .map(|seconds| ("DurationSeconds", seconds)),
    );
    let mut call = Call::form(endpoint(around, ENDPOINT, "sts", region)?, &fields);
    let scope = Scope {
        region,
        service: "sts",
        moment: SystemTime::now(),
    };
    scope.sign(keys, &call.method, &call.url, &mut call.headers, &call.body)?;
    let who = format!("the role {} of the profile `{}`", role.arn, role.profile);
    read(&around.ask(call).await?, &who)
}

/// Takes a role with the token in a file.
pub async fn web_identity(
    around: &Surroundings,
    region: &str,
    identity: &WebIdentity,
) -> Fetched<Keys> {
    let file = around.at_home(&identity.file);
    let token = around.needed_file(&file, "the file of the web identity")?;
    let session = session(identity.session.as_deref());
    let fields = [
        ("Action", "AssumeRoleWithWebIdentity"),
        VERSION,
        ("RoleArn", &identity.arn),
        ("RoleSessionName", &session),
        ("WebIdentityToken", token.trim()),
    ];
    let call = Call::form(endpoint(around, ENDPOINT, "sts", region)?, &fields)
        .with(ACCEPT.as_str(), "*/*");
    let who = format!(
        "the role {} with the token in {}",
        identity.arn,
        file.display()
    );
    read(&around.ask(call).await?, &who)
}

fn session(name: Option<&str>) -> String {
    let usual = || format!("nextline-{}", date::since_1970(SystemTime::now()));
    name.map_or_else(usual, str::to_owned)
}

fn read(said: &Said, who: &str) -> Fetched<Keys> {
    if !said.is_good() {
        let code = said.code();
        let mend = match code.rsplit(' ').next() {
            Some("ExpiredToken" | "ExpiredTokenException" | "ExpiredIdentityToken") => {
                "the session that takes it has ended; sign in again"
            }
            Some("AccessDenied") => {
                "it may not be taken; check its trust policy and your permissions"
            }
            Some("InvalidClientTokenId" | "SignatureDoesNotMatch" | "InvalidIdentityToken") => {
                "the keys that take it are not accepted; check them"
            }
            _ if said.status >= 500 || said.status == 429 => {
                let what =
                    format!("has no AWS credentials: {who} cannot be had now ({code}); try again");
                return Err(Failure::new(Kind::Overloaded, what).again());
            }
            _ => "check its name and its region",
        };
        let what = format!("has no AWS credentials: {who} was refused ({code}): {mend}");
        return Err(Failure::new(Kind::Auth, what));
    }
    let keys = said.text().and_then(|xml| {
        let get = |name| element(xml, name).map(str::to_owned);
        let value = Keys::of(
            get("AccessKeyId"),
            get("SecretAccessKey"),
            get("SessionToken"),
        )?;
        let until = date::parse(element(xml, "Expiration")?)?;
        Some(Fresh {
            value,
            life: Some(date::left(until)),
        })
    });
    keys.ok_or_else(|| incomplete("the security token service"))
}

/// A role that wants the code of a device: nobody can be asked here, so the session that the aws command line keeps is used.
fn with_device(around: &Surroundings, role: &Role, serial: &str) -> Fetched<Keys> {
    let mend = || {
        let what = format!(
            "has no AWS credentials: the role {} wants the code of the device {serial}; run `aws sts get-caller-identity --profile {}`, and ask again",
            role.arn, role.profile
        );
        Failure::new(Kind::Auth, what)
    };
    let path = around.home().ok_or_else(mend)?.join(kept(role, serial));
    let text = around
        .file(&path, "the session of the aws command line")?
        .ok_or_else(mend)?;
    let mut kept: serde_json::Value = serde_json::from_str(&text).map_err(|_| mend())?;
    let document: Document =
        serde_json::from_value(kept["Credentials"].take()).map_err(|_| mend())?;
    let fresh = document.keys("the aws command line")?;
    match fresh.life {
        Some(life) if !life.is_zero() => Ok(fresh),
        _ => Err(mend()),
    }
}

/// Where the aws command line keeps the session of a role: a file named by the hash of what it asks for.
fn kept(role: &Role, serial: &str) -> String {
    let text = |value: &str| serde_json::Value::from(value).to_string();
    let mut asked = Vec::new();
    // In the order of the alphabet.
    if let Some(seconds) = role
        .duration
        .as_deref()
        .filter(|text| text.parse::<u32>().is_ok())
    {
        asked.push(format!("\"DurationSeconds\": {seconds}"));
    }
    asked.extend(
        role.external_id
            .as_deref()
            .map(|id| format!("\"ExternalId\": {}", text(id))),
    );
    asked.push(format!("\"RoleArn\": {}", text(&role.arn)));
    asked.extend(
        role.session
            .as_deref()
            .map(|name| format!("\"RoleSessionName\": {}", text(name))),
    );
    asked.push(format!("\"SerialNumber\": {}", text(serial)));
    let asked = format!("{{{}}}", asked.join(", "));
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, asked.as_bytes());
    format!(".aws/cli/cache/{}.json", hex(hash.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_session_is_found_where_the_command_line_puts_it() {
        let role = |session: Option<&str>, external: Option<&str>, duration: Option<&str>| Role {
            arn: "arn:aws:iam::123456789012:role/dev".into(),
            session: session.map(str::to_owned),
            external_id: external.map(str::to_owned),
            duration: duration.map(str::to_owned),
            mfa: None,
            profile: "p".into(),
        };
        // Names as botocore makes them.
        for (role, name) in [
            (
                role(None, None, None),
                "a5fd2ff06f2acd0ca65018e2175875ad57c924cb",
            ),
            (
                role(Some("me"), Some("x\"y"), Some("900")),
                "91beb2fce37f2a6480f86537df5f627babaa9232",
            ),
        ] {
            let serial = "arn:aws:iam::123456789012:mfa/me";
            assert_eq!(kept(&role, serial), format!(".aws/cli/cache/{name}.json"));
        }
    }
}
