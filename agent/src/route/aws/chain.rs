//! The places in which keys are looked for, one after the other, as the aws command line does: the first that has something decides.

use std::time::Duration;

use super::super::credential::{Fetched, Fresh};
use super::super::error::{Failure, Kind};
use super::super::program;
use super::super::surroundings::Surroundings;
use super::files::Files;
use super::keys::{Document, Keys, incomplete};
use super::profile::{Base, Plan, WebIdentity, plan, wrong};
use super::sign::hex;
use super::{metadata, sso, sts};

/// How long a program that prints keys may take: it may ask a person.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is looked for.
#[derive(Clone)]
pub struct Search {
    /// Where it is looked for.
    pub around: Surroundings,
    /// The profile that the route's settings name; the variables of the process do not count then.
    pub profile: Option<String>,
    /// The region that signs, for services that hand out keys.
    pub region: String,
}

/// The keys.
pub async fn find(search: Search) -> Fetched<Keys> {
    let Search {
        around,
        profile,
        region,
    } = &search;
    let own = profile.is_none();
    if own && let Some(keys) = environment(around)? {
        return Ok(Fresh::lasting(keys));
    }
    let files = Files::read(around)?;
    let (name, named) = name(around, profile.as_deref());
    let found = plan(&files, &name)?;
    if let Some(place) = &named
        && !files.profiles.contains_key(&name)
    {
        let why = format!(
            "(of {place}) is in neither {}; correct its name or run `aws configure sso`",
            files.places
        );
        return Err(wrong(&name, &why));
    }
    let has_role =
        |plan: &Plan| !plan.roles.is_empty() || matches!(plan.base, Base::WebIdentity(_));
    if own
        && !found.as_ref().is_some_and(has_role)
        && let Some(identity) = web_identity(around)
    {
        return sts::web_identity(around, region, &identity).await;
    }
    if let Some(plan) = found {
        return follow(around, region, plan, &name).await;
    }
    if let Some(url) = metadata::container(around)? {
        return metadata::container_keys(around, url).await;
    }
    let looked = match metadata::instance(around)? {
        None => "the instance's metadata service is switched off".to_owned(),
        Some(base) => match metadata::instance_keys(around, &base).await {
            Ok(keys) => return Ok(keys),
            // Somebody answers there: what it says is what there is to mend.
            Err(failure) if failure.kind != Kind::Network => return Err(failure),
            Err(_) => "no metadata service of a container or an instance answers".to_owned(),
        },
    };
    let variable = match own {
        true => "`AWS_ACCESS_KEY_ID` is not set, ",
        false => "",
    };
    let what = format!(
        "has no AWS credentials: {variable}the profile `{name}` has none in {}, and {looked}; run `aws sso login`, set `profile` of this route, or set AWS_BEARER_TOKEN_BEDROCK",
        if files.places.is_empty() {
            "any file"
        } else {
            &files.places
        }
    );
    Err(Failure::new(Kind::Auth, what))
}

/// The profile that counts, and who named it.
pub fn name(around: &Surroundings, setting: Option<&str>) -> (String, Option<String>) {
    if let Some(name) = setting {
        return (name.to_owned(), Some("`profile` of this route".to_owned()));
    }
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
        .into_iter()
        .find_map(|variable| Some((around.variable(variable)?, Some(format!("`{variable}`")))))
        .unwrap_or_else(|| ("default".to_owned(), None))
}

fn environment(around: &Surroundings) -> Result<Option<Keys>, Failure> {
    let id = around.variable("AWS_ACCESS_KEY_ID");
    let secret = around.variable("AWS_SECRET_ACCESS_KEY");
    let missing = match (&id, &secret) {
        (Some(_), None) => Some("AWS_SECRET_ACCESS_KEY"),
        (None, Some(_)) => Some("AWS_ACCESS_KEY_ID"),
        _ => None,
    };
    if let Some(missing) = missing {
        let what = format!(
            "has no AWS credentials: half a pair of keys is set; set `{missing}` too, or neither"
        );
        return Err(Failure::new(Kind::Auth, what));
    }
    let token = around.variable("AWS_SESSION_TOKEN");
    Ok(Keys::of(id, secret, token).map(|keys| Keys {
        may_change: false,
        ..keys
    }))
}

fn web_identity(around: &Surroundings) -> Option<WebIdentity> {
    Some(WebIdentity {
        file: around.variable("AWS_WEB_IDENTITY_TOKEN_FILE")?,
        arn: around.variable("AWS_ROLE_ARN")?,
        session: around.variable("AWS_ROLE_SESSION_NAME"),
    })
}

async fn follow(around: &Surroundings, region: &str, plan: Plan, name: &str) -> Fetched<Keys> {
    let mut fresh = match plan.base {
        Base::Keys(keys) => Fresh::lasting(keys),
        Base::Environment => Fresh::lasting(environment(around)?.ok_or_else(|| {
            wrong(name, "takes its role with `credential_source = Environment`, and `AWS_ACCESS_KEY_ID` is not set")
        })?),
        Base::Container => {
            let url = metadata::container(around)?.ok_or_else(|| {
                wrong(name, "takes its role with `credential_source = EcsContainer`, and this is no such container")
            })?;
            metadata::container_keys(around, url).await?
        }
        Base::Instance => {
            let base = metadata::instance(around)?.ok_or_else(|| {
                wrong(name, "takes its role with `credential_source = Ec2InstanceMetadata`, and `AWS_EC2_METADATA_DISABLED` forbids it")
            })?;
            metadata::instance_keys(around, &base).await?
        }
        Base::WebIdentity(identity) => sts::web_identity(around, region, &identity).await?,
        Base::Sso(sso) => sso::keys(around, &sso).await?,
        Base::Login(session) => login(around, name, &session)?,
        Base::Process(command) => process(around, name, &command).await?,
    };
    for role in &plan.roles {
        fresh = sts::assume(around, region, &fresh.value, role).await?;
    }
    Ok(fresh)
}

/// The keys that `aws login` left. They live for minutes and only that tool can renew them.
fn login(around: &Surroundings, name: &str, session: &str) -> Fetched<Keys> {
    let mend = || {
        wrong(
            name,
            "has a sign-in of `aws login` that is missing or has ended; run `aws login`, or set `credential_process = aws configure export-credentials --profile NAME` in a profile of its own",
        )
    };
    let hash = ring::digest::digest(&ring::digest::SHA256, session.trim().as_bytes());
    let directory = match around.variable("AWS_LOGIN_CACHE_DIRECTORY") {
        Some(directory) => around.at_home(&directory),
        None => around.home().ok_or_else(mend)?.join(".aws/login/cache"),
    };
    let path = directory.join(format!("{}.json", hex(hash.as_ref())));
    let text = around
        .file(&path, "the sign-in of `aws login`")?
        .ok_or_else(mend)?;
    let mut kept: serde_json::Value = serde_json::from_str(&text).map_err(|_| mend())?;
    let document: Document =
        serde_json::from_value(kept["accessToken"].take()).map_err(|_| mend())?;
    let fresh = document.keys("`aws login`")?;
    match fresh.life {
        Some(life) if life.is_zero() => Err(mend()),
        _ => Ok(fresh),
    }
}

async fn process(around: &Surroundings, name: &str, command: &str) -> Fetched<Keys> {
    let argv = program::words(command).ok_or_else(|| {
        wrong(
            name,
            "has a `credential_process` with a quotation that has no end",
        )
    })?;
    let printed = around.run(&argv, &[], PATIENCE).await.map_err(|failure| {
        wrong(
            name,
            &format!("cannot use its `credential_process`: {}", failure.what),
        )
    })?;
    if !printed.good {
        return Err(wrong(
            name,
            "has a `credential_process` that failed; run it by hand to see why",
        ));
    }
    let from = format!("the `credential_process` of the profile `{name}`");
    let text = printed.text;
    serde_json::from_str::<Document>(&text)
        .map_err(|_| incomplete(&from))?
        .keys(&from)
}
