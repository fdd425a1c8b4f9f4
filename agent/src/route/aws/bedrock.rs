//! Who asks Bedrock: keys and a region, found when they are needed, and a clock that the service corrects once.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Url;
use tokio::time::Instant;

use super::super::credential::{Credential, Fresh, Kept, Making, Standing, Unsent};
use super::super::date;
use super::super::error::{Failure, Kind};
use super::super::surroundings::Surroundings;
use super::chain::{self, Search};
use super::files::Files;
use super::keys::Keys;
use super::sign::Scope;
use super::{host_of, metadata};

/// The name of the service, in signatures.
const SERVICE: &str = "bedrock";
/// The front of its hosts.
const HOST: &str = "bedrock-runtime";
/// Seconds by which the clocks may differ; with less the refusal is about something else.
const SKEW: i64 = 60;
/// What the service calls keys that ended or are no longer known.
const ENDED: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
];
/// What it calls a signature of another time, and one that is simply wrong.
const SKEWED: &[&str] = &[
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "RequestExpired",
];

/// The credential of one route.
pub struct Bedrock {
    around: Surroundings,
    profile: Option<String>,
    /// As the settings or the model's ARN say.
    region: Option<String>,
    /// What is asked for, if it is an ARN of another region.
    elsewhere: Option<String>,
    keys: Kept<Keys>,
    found: Kept<String>,
    /// Seconds that the service's clock is before ours.
    skew: AtomicI64,
}

/// Makes one.
pub fn make(making: &Making<'_>) -> Arc<dyn Credential> {
    let own = |key: &str| making.own(key);
    let named = region_of(&making.settings.model);
    let region = own("region");
    Arc::new(Bedrock {
        around: Surroundings::new(making.http, making.settings),
        profile: own("profile"),
        elsewhere: named
            .clone()
            .filter(|named| region.as_ref().is_some_and(|region| region != named)),
        region: region.or(named),
        keys: Kept::default(),
        found: Kept::default(),
        skew: AtomicI64::new(0),
    })
}

/// The region that a model's ARN names.
fn region_of(model: &str) -> Option<String> {
    let mut parts = model.strip_prefix("arn:")?.split(':');
    let region = parts.nth(2)?;
    (!region.is_empty()).then(|| region.to_owned())
}

impl Bedrock {
    async fn region(&self) -> Result<String, Failure> {
        if let Some(named) = &self.elsewhere {
            let what = format!(
                "has a `model` of the region {named} and another `region`; correct one of them"
            );
            return Err(Failure::new(Kind::Settings, what));
        }
        if let Some(region) = &self.region {
            return Ok(region.clone());
        }
        let (around, profile) = (self.around.clone(), self.profile.clone());
        let fetch = move || {
            async move {
                region(&around, profile.as_deref())
                    .await
                    .map(Fresh::lasting)
            }
            .boxed()
        };
        self.found.get(fetch).await.map(|region| (*region).clone())
    }

    async fn put(&self, request: &mut Unsent) -> Result<(), Failure> {
        let region = self.region().await?;
        let search = Search {
            around: self.around.clone(),
            profile: self.profile.clone(),
            region: region.clone(),
        };
        let keys = self.keys.get(move || chain::find(search).boxed()).await?;
        settle(&mut request.url, &region);
        let skew = self.skew.load(Ordering::Relaxed);
        let now = SystemTime::now();
        let moment = match u64::try_from(skew) {
            Ok(ahead) => now + Duration::from_secs(ahead),
            Err(_) => now - Duration::from_secs(skew.unsigned_abs()),
        };
        let scope = Scope {
            region: &region,
            service: SERVICE,
            moment,
        };
        let Unsent {
            method,
            url,
            headers,
            body,
        } = request;
        scope.sign(&keys, method, url, headers, body)
    }

    /// Takes over the service's clock where it differs; `true` when it did.
    fn correct(&self, failure: &Failure) -> bool {
        let Some(theirs) = failure.date else {
            return false;
        };
        let seconds = |moment| i64::try_from(date::since_1970(moment)).unwrap_or_default();
        let skew = seconds(theirs) - seconds(SystemTime::now());
        let before = self.skew.swap(skew, Ordering::Relaxed);
        (skew - before).abs() > SKEW
    }
}

/// Partitions have domains of their own, which the table of vendors does not know.
fn settle(url: &mut Url, region: &str) {
    if url.host_str() == Some(&format!("{HOST}.{region}.amazonaws.com")) {
        // A name made of a region fits into an address; where it does not, the old one stays and says so.
        let _ = url.set_host(Some(&host_of(HOST, region)));
    }
}

/// The region: variables, the profile, the instance.
async fn region(around: &Surroundings, profile: Option<&str>) -> Result<String, Failure> {
    let fits = |region: &String| {
        let fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !region.is_empty() && region.bytes().all(fit)
    };
    if let Some(region) = around.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        return Some(region)
            .filter(fits)
            .ok_or_else(|| none("`AWS_REGION` holds no region"));
    }
    let (name, _) = chain::name(around, profile);
    let files = Files::read(around)?;
    let profile = files.profiles.get(&name);
    if let Some(region) = profile.and_then(|profile| profile.get("region")) {
        let region = Some(region.to_owned()).filter(fits);
        return region
            .ok_or_else(|| none(&format!("the profile `{name}` holds no region in `region`")));
    }
    let missing = || {
        none(&format!(
            "neither `AWS_REGION` nor the profile `{name}` names one"
        ))
    };
    let base = metadata::instance(around)?.ok_or_else(missing)?;
    let found = metadata::instance_region(around, &base).await.ok();
    found.filter(fits).ok_or_else(missing)
}

fn none(why: &str) -> Failure {
    Failure::new(
        Kind::Settings,
        format!("has no AWS region: {why}; set `region` of this route"),
    )
}

impl Credential for Bedrock {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.put(request).boxed()
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        let code = failure.code.as_deref().unwrap_or_default();
        if SKEWED.contains(&code) {
            return self.correct(failure);
        }
        if !ENDED.contains(&code) {
            return false;
        }
        // What a process was started with stays as it is.
        let fixed = self.keys.peek(|keys| !keys.may_change);
        self.keys.forget(signed);
        fixed != Some(true)
    }

    fn standing(&self) -> Standing {
        let variable = "AWS_ACCESS_KEY_ID";
        if self.profile.is_none() && self.around.variable(variable).is_some() {
            return Standing::Present(format!("the environment ({variable})"));
        }
        let (name, _) = chain::name(&self.around, self.profile.as_deref());
        Standing::Later(format!(
            "the AWS profile `{name}`, a container or an instance"
        ))
    }

    fn blank<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        async move {
            match name {
                "region" => self.region().await.map(Some),
                _ => Ok(None),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_go_by_partition_and_regions_by_arn() {
        for (region, host) in [
            ("eu-central-1", "bedrock-runtime.eu-central-1.amazonaws.com"),
            (
                "us-gov-west-1",
                "bedrock-runtime.us-gov-west-1.amazonaws.com",
            ),
            ("cn-north-1", "bedrock-runtime.cn-north-1.amazonaws.com.cn"),
            (
                "eusc-de-east-1",
                "bedrock-runtime.eusc-de-east-1.amazonaws.eu",
            ),
        ] {
            let text = format!("https://bedrock-runtime.{region}.amazonaws.com/x");
            let mut url = Url::parse(&text).expect("an address");
            settle(&mut url, region);
            assert_eq!(url.host_str(), Some(host));
        }
        let mut own = Url::parse("https://vpce.example/x").expect("an address");
        settle(&mut own, "cn-north-1");
        assert_eq!(own.host_str(), Some("vpce.example"));
        for (model, region) in [
            (
                "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x-v1:0",
                Some("eu-west-1"),
            ),
            ("arn:aws:bedrock:::x", None),
            ("eu.anthropic.claude-v1:0", None),
        ] {
            assert_eq!(region_of(model).as_deref(), region);
        }
    }

    fn bedrock(variables: &[(&str, &str)]) -> Bedrock {
        Bedrock {
            around: Surroundings::of(variables),
            profile: None,
            region: Some("eu-west-1".into()),
            elsewhere: None,
            keys: Kept::default(),
            found: Kept::default(),
            skew: AtomicI64::new(0),
        }
    }

    fn refusal(code: &str, date: Option<SystemTime>) -> Failure {
        let mut failure = Failure::new(Kind::Auth, "");
        failure.code = Some(code.into());
        failure.date = date;
        failure
    }

    #[tokio::test]
    async fn the_services_clock_is_taken_over_where_it_differs() {
        let hour = Duration::from_secs(3600);
        for ahead in [true, false] {
            let bedrock = bedrock(&[("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s")]);
            let theirs = || match ahead {
                true => SystemTime::now() + hour,
                false => SystemTime::now() - hour,
            };
            let now = Instant::now();
            assert!(!bedrock.refused(&refusal("SignatureDoesNotMatch", None), now));
            assert!(!bedrock.refused(
                &refusal("SignatureDoesNotMatch", Some(SystemTime::now())),
                now
            ));
            assert!(!bedrock.refused(&refusal("AccessDenied", Some(theirs())), now));
            for code in SKEWED {
                bedrock.skew.store(0, Ordering::Relaxed);
                assert!(
                    bedrock.refused(&refusal(code, Some(theirs())), now),
                    "{code}"
                );
                assert!(
                    !bedrock.refused(&refusal(code, Some(theirs())), now),
                    "{code}: known now"
                );
            }
            let mut request = Unsent {
                method: reqwest::Method::POST,
                url: Url::parse("https://bedrock-runtime.eu-west-1.amazonaws.com/x")
                    .expect("an address"),
                headers: Default::default(),
                body: Vec::new(),
            };
            bedrock.sign(&mut request).await.expect("signed");
            let sent = request.headers["x-amz-date"]
                .to_str()
                .expect("text")
                .to_owned();
            let day = |at: SystemTime| date::written(at).replace(['-', ':'], "")[..11].to_owned();
            let wanted = [
                theirs() - Duration::from_secs(30),
                theirs() + Duration::from_secs(30),
            ]
            .map(day);
            assert!(
                wanted.iter().any(|wanted| sent.starts_with(wanted)),
                "{sent} {wanted:?}"
            );
            // Keys of the process stay as they are.
            assert!(!bedrock.refused(&refusal("ExpiredToken", None), Instant::now()));
        }
    }

    #[tokio::test]
    async fn a_region_of_the_model_and_another_one_do_not_go_together() {
        let mut bedrock = bedrock(&[]);
        assert_eq!(bedrock.blank("region").await, Ok(Some("eu-west-1".into())));
        assert_eq!(bedrock.blank("project").await, Ok(None));
        bedrock.elsewhere = Some("us-east-1".into());
        let failure = bedrock.blank("region").await.expect_err("two regions");
        assert!(
            failure
                .what
                .contains("has a `model` of the region us-east-1 and another `region`")
        );
        bedrock.elsewhere = None;
        for (variables, wanted) in [
            (&[("AWS_REGION", "us-east-1")][..], Ok("us-east-1")),
            (&[("AWS_DEFAULT_REGION", "us-east-2")], Ok("us-east-2")),
            (
                &[("AWS_REGION", "us/east")],
                Err("`AWS_REGION` holds no region"),
            ),
            (
                &[("AWS_EC2_METADATA_DISABLED", "1")],
                Err(
                    "neither `AWS_REGION` nor the profile `default` names one; set `region` of this route",
                ),
            ),
        ] {
            bedrock.around = Surroundings::of(variables);
            bedrock.region = None;
            bedrock.found = Kept::default();
            let found = bedrock
                .blank("region")
                .await
                .map_err(|failure| failure.what);
            match wanted {
                Ok(wanted) => assert_eq!(found, Ok(Some(wanted.into()))),
                Err(says) => assert!(
                    found.as_ref().is_err_and(|what| what.contains(says)),
                    "{found:?}"
                ),
            }
        }
    }

    #[tokio::test]
    async fn a_region_is_asked_of_the_instance_last() {
        use super::super::super::tests::server::{Server, reply};
        for (said, wanted) in [
            ("eu-north-1\n", Some("eu-north-1")),
            ("eu north", None),
            ("", None),
        ] {
            let answer = |body: &str| vec![reply("200 OK", "text/plain", "", body)];
            let server = Server::start(vec![answer("token"), answer(said)]).await;
            let mut bedrock = bedrock(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url)]);
            bedrock.region = None;
            let found = bedrock.blank("region").await.ok().flatten();
            assert_eq!(found.as_deref(), wanted, "{said}");
            let (head, _) = server.requests().pop().expect("asked");
            assert!(
                head.starts_with("get /latest/meta-data/placement/region "),
                "{head}"
            );
        }
    }

    #[test]
    fn what_is_known_goes_by_profile_and_variables() {
        let mut bedrock = bedrock(&[("AWS_ACCESS_KEY_ID", "A"), ("AWS_PROFILE", "p")]);
        let here = Standing::Present("the environment (AWS_ACCESS_KEY_ID)".into());
        assert_eq!(bedrock.standing(), here);
        let later = |name: &str| {
            Standing::Later(format!(
                "the AWS profile `{name}`, a container or an instance"
            ))
        };
        bedrock.profile = Some("q".into());
        assert_eq!(bedrock.standing(), later("q"));
        bedrock.profile = None;
        bedrock.around = Surroundings::of(&[("AWS_PROFILE", "p")]);
        assert_eq!(bedrock.standing(), later("p"));
        // Keys that may change are looked for again.
        assert!(bedrock.refused(&refusal("ExpiredToken", None), Instant::now()));
    }
}
