//! What a profile asks for, before anything is asked: where its keys begin, and the roles that are taken one after the other. Pure.

use super::super::error::{Failure, Kind};
use super::files::{Files, Profile};
use super::keys::Keys;

/// The way to a profile's keys.
pub struct Plan {
    /// Where they begin.
    pub base: Base,
    /// Roles, in the order in which they are taken.
    pub roles: Vec<Role>,
}

/// Where keys begin.
pub enum Base {
    /// In a file.
    Keys(Keys),
    /// In the variables of this process.
    Environment,
    /// With the container's own service.
    Container,
    /// With the machine's own service.
    Instance,
    /// With a token that stands in a file.
    WebIdentity(WebIdentity),
    /// With a sign-in of the browser.
    Sso(Sso),
    /// With a sign-in by `aws login`.
    Login(String),
    /// With a program: its command, as the file has it.
    Process(String),
}

/// A role that is taken with the keys of somebody else.
#[derive(Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// How its session is called.
    pub session: Option<String>,
    /// What its owner agreed upon with whoever takes it.
    pub external_id: Option<String>,
    /// Seconds.
    pub duration: Option<String>,
    /// The device whose code is asked for.
    pub mfa: Option<String>,
    /// The profile that names it.
    pub profile: String,
}

/// A role that is taken with a token from a file.
#[derive(Debug, PartialEq, Eq)]
pub struct WebIdentity {
    /// The role's ARN.
    pub arn: String,
    /// How its session is called.
    pub session: Option<String>,
    /// The token's file.
    pub file: String,
}

/// A role that a sign-in of the browser may use.
#[derive(Debug, PartialEq, Eq)]
pub struct Sso {
    /// The account's number.
    pub account: String,
    /// The role's name.
    pub role: String,
    /// Where the sign-in is.
    pub region: String,
    /// Its page.
    pub start_url: String,
    /// The name of the `sso-session`, where the profile has one: only those are renewed.
    pub session: Option<String>,
    /// The profile that asks for it.
    pub profile: String,
}

/// The way to the keys of the profile `name`; `None` when it has none.
pub fn plan(files: &Files, name: &str) -> Result<Option<Plan>, Failure> {
    let mut roles = Vec::new();
    let mut seen = vec![name.to_owned()];
    let base = loop {
        let name = seen.last().map_or(name, String::as_str);
        let Some(profile) = files.profiles.get(name) else {
            return match seen.len() {
                1 => Ok(None),
                n => Err(wrong(
                    &seen[n - 2],
                    &format!(
                        "names the source `{name}`, which is in neither {}; correct `source_profile`",
                        files.places
                    ),
                )),
            };
        };
        let Some(arn) = profile.get("role_arn") else {
            break base(files, name, profile)?;
        };
        if let Some(file) = profile.get("web_identity_token_file") {
            break Some(Base::WebIdentity(WebIdentity {
                arn: arn.to_owned(),
                session: text(profile, "role_session_name"),
                file: file.to_owned(),
            }));
        }
        roles.push(Role {
            arn: arn.to_owned(),
            session: text(profile, "role_session_name"),
            external_id: text(profile, "external_id"),
            duration: text(profile, "duration_seconds"),
            mfa: text(profile, "mfa_serial"),
            profile: name.to_owned(),
        });
        match (
            profile.get("source_profile"),
            profile.get("credential_source"),
        ) {
            (Some(_), Some(_)) => {
                return Err(wrong(
                    name,
                    "has both `source_profile` and `credential_source`; remove one of them",
                ));
            }
            (None, None) => {
                return Err(wrong(
                    name,
                    "has a `role_arn` and neither `source_profile` nor `credential_source`; add one of them",
                ));
            }
            (None, Some(source)) => break Some(source_of(name, source)?),
            // A profile that names itself takes its role with its own keys.
            (Some(source), None) if source == name => match profile.keys() {
                Some(keys) => break Some(Base::Keys(keys)),
                None => {
                    return Err(wrong(
                        name,
                        "names itself as `source_profile` and holds no keys; correct it",
                    ));
                }
            },
            (Some(source), None) if seen.iter().any(|known| known == source) => {
                return Err(wrong(
                    name,
                    &format!("leads back to `{source}` by its `source_profile`; break the circle"),
                ));
            }
            (Some(source), None) => seen.push(source.to_owned()),
        }
    };
    roles.reverse();
    match base {
        Some(base) => Ok(Some(Plan { base, roles })),
        None if seen.len() == 1 => Ok(None),
        None => Err(wrong(
            &seen[seen.len() - 2],
            &format!(
                "names the source `{}`, which has no keys; correct it",
                seen[seen.len() - 1]
            ),
        )),
    }
}

fn base(files: &Files, name: &str, profile: &Profile) -> Result<Option<Base>, Failure> {
    if profile.get("sso_session").is_some() || profile.get("sso_start_url").is_some() {
        return sso(files, name, profile).map(|sso| Some(Base::Sso(sso)));
    }
    if let Some(keys) = profile.keys() {
        return Ok(Some(Base::Keys(keys)));
    }
    if let Some(missing) = profile.half() {
        return Err(wrong(
            name,
            &format!("has half a pair of keys; add `{missing}`"),
        ));
    }
    if let Some(session) = profile.get("login_session") {
        return Ok(Some(Base::Login(session.to_owned())));
    }
    Ok(profile
        .get("credential_process")
        .map(|command| Base::Process(command.to_owned())))
}

fn source_of(name: &str, source: &str) -> Result<Base, Failure> {
    match source.to_ascii_lowercase().as_str() {
        "environment" => Ok(Base::Environment),
        "ec2instancemetadata" => Ok(Base::Instance),
        "ecscontainer" => Ok(Base::Container),
        _ => Err(wrong(
            name,
            "has an unknown `credential_source`; known are Environment, Ec2InstanceMetadata, EcsContainer",
        )),
    }
}

fn sso(files: &Files, name: &str, profile: &Profile) -> Result<Sso, Failure> {
    let session = match profile.get("sso_session") {
        None => None,
        Some(session) => Some(files.sessions.get(session).ok_or_else(|| {
            wrong(name, &format!("names the sign-in `{session}`, for which there is no section [sso-session {session}]; run `aws configure sso`"))
        })?),
    };
    let needed = |key: &str| {
        session
            .and_then(|session| session.get(key).cloned())
            .or_else(|| text(profile, key))
            .ok_or_else(|| {
                wrong(
                    name,
                    &format!("has no `{key}`, which a sign-in needs; run `aws configure sso`"),
                )
            })
    };
    Ok(Sso {
        account: needed("sso_account_id")?,
        role: needed("sso_role_name")?,
        region: needed("sso_region")?,
        start_url: needed("sso_start_url")?,
        session: text(profile, "sso_session"),
        profile: name.to_owned(),
    })
}

fn text(profile: &Profile, key: &str) -> Option<String> {
    profile.get(key).map(str::to_owned)
}

/// A sentence about the AWS profile `name`.
pub fn wrong(name: &str, why: &str) -> Failure {
    Failure::new(
        Kind::Auth,
        format!("has no AWS credentials: the profile `{name}` {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "
[default]
aws_access_key_id = D
aws_secret_access_key = d
[profile empty]
region = eu-west-1
[profile half]
aws_access_key_id = H
[profile one]
role_arn = arn:one
source_profile = default
external_id = x
[profile two]
role_arn = arn:two
role_session_name = me
duration_seconds = 900
source_profile = one
[profile itself]
role_arn = arn:itself
source_profile = itself
aws_access_key_id = I
aws_secret_access_key = i
[profile circle]
role_arn = arn:c
source_profile = circle2
[profile circle2]
role_arn = arn:c2
source_profile = circle
[profile astray]
role_arn = arn:a
source_profile = nowhere
[profile hungry]
role_arn = arn:a
source_profile = empty
[profile both]
role_arn = arn:b
source_profile = default
credential_source = Environment
[profile neither]
role_arn = arn:n
[profile instance]
role_arn = arn:e
credential_source = Ec2InstanceMetadata
[profile odd]
role_arn = arn:e
credential_source = Moon
[profile web]
role_arn = arn:w
web_identity_token_file = /t
[profile sso]
sso_session = s
sso_account_id = 1
sso_role_name = r
[profile old-sso]
sso_start_url = https://o
sso_region = eu-west-3
sso_account_id = 2
sso_role_name = r
[profile bad-sso]
sso_session = missing
[profile over-sso]
role_arn = arn:o
source_profile = sso
[profile process]
credential_process = tool --x
[profile login]
login_session = arn:login
[sso-session s]
sso_region = eu-north-1
sso_start_url = https://s
";

    fn told(name: &str) -> String {
        let files = Files::of(CONFIG);
        let plan = match plan(&files, name) {
            Err(failure) => return failure.what,
            Ok(None) => return "nothing".into(),
            Ok(Some(plan)) => plan,
        };
        let base = match plan.base {
            Base::Keys(keys) => keys.id,
            Base::Environment => "environment".into(),
            Base::Container => "container".into(),
            Base::Instance => "instance".into(),
            Base::WebIdentity(web) => format!("web {} {}", web.arn, web.file),
            Base::Sso(sso) => format!(
                "sso {} {} {} {} {:?}",
                sso.account, sso.role, sso.region, sso.start_url, sso.session
            ),
            Base::Login(session) => format!("login {session}"),
            Base::Process(command) => format!("process {command}"),
        };
        plan.roles
            .iter()
            .fold(base, |told, role| format!("{told} > {}", role.arn))
    }

    #[test]
    fn every_kind_of_profile_has_its_way() {
        for (name, way) in [
            ("default", "D"),
            ("absent", "nothing"),
            ("empty", "nothing"),
            ("half", "add `aws_secret_access_key`"),
            ("one", "D > arn:one"),
            ("two", "D > arn:one > arn:two"),
            ("itself", "I > arn:itself"),
            ("circle", "leads back to `circle`"),
            ("astray", "names the source `nowhere`"),
            ("hungry", "names the source `empty`, which has no keys"),
            ("both", "has both"),
            ("neither", "and neither"),
            ("instance", "instance > arn:e"),
            ("odd", "unknown `credential_source`"),
            ("web", "web arn:w /t"),
            ("sso", "sso 1 r eu-north-1 https://s Some(\"s\")"),
            ("old-sso", "sso 2 r eu-west-3 https://o None"),
            ("bad-sso", "no section [sso-session missing]"),
            (
                "over-sso",
                "sso 1 r eu-north-1 https://s Some(\"s\") > arn:o",
            ),
            ("process", "process tool --x"),
            ("login", "login arn:login"),
        ] {
            assert!(told(name).contains(way), "{name}: {}", told(name));
        }
        let plan = plan(&Files::of(CONFIG), "two")
            .ok()
            .flatten()
            .expect("a plan");
        assert_eq!(plan.roles[0].external_id.as_deref(), Some("x"));
        assert_eq!(plan.roles[1].session.as_deref(), Some("me"));
        assert_eq!(plan.roles[1].duration.as_deref(), Some("900"));
    }
}
