//! The token of somebody else that a workload shows: from a file, an address, a program, or signed with the keys of AWS.

use std::time::{Duration, SystemTime};

use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::super::aws::keys::{Document as Handed, Keys};
use super::super::aws::sign::Scope;
use super::super::date;
use super::super::error::Failure;
use super::super::exchange::{Call, address};
use super::super::program;
use super::super::surroundings::Surroundings;
use super::adc::Document;
use super::external::encoded;
use super::none;

/// How long a program may take, where the file says nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// The token.
pub async fn token(around: &Surroundings, document: &Document) -> Result<String, Failure> {
    let source = &document.value["credential_source"];
    let is = |key: &str| !source[key].is_null();
    if is("environment_id") {
        return aws(around, document, source).await;
    }
    if is("file") {
        let path = around.at_home(needed(document, source, "file")?);
        let text = around.needed_file(
            &path,
            &format!("`credential_source.file` in {}", document.place),
        )?;
        return pick(document, source, &text);
    }
    if is("url") {
        let url = address(
            needed(document, source, "url")?,
            &format!("`credential_source.url` in {}", document.place),
        )?;
        let said = around.ask(with_headers(Call::get(url), source)).await?;
        let Some(text) = said.text().filter(|_| said.is_good()) else {
            return Err(none(&format!(
                "`credential_source.url` in {} answered {}; check the workload's identity",
                document.place,
                said.code()
            )));
        };
        return pick(document, source, text);
    }
    if is("executable") {
        return executable(around, document, &source["executable"]).await;
    }
    Err(none(&format!(
        "{} has a `credential_source` of no known kind; known are file, url, executable and AWS",
        document.place
    )))
}

fn needed<'a>(document: &Document, source: &'a Value, key: &str) -> Result<&'a str, Failure> {
    source[key].as_str().ok_or_else(|| {
        none(&format!(
            "{} has no `credential_source.{key}`; get a new one",
            document.place
        ))
    })
}

fn with_headers(mut call: Call, source: &Value) -> Call {
    for (name, value) in source["headers"].as_object().into_iter().flatten() {
        let name = name.parse::<reqwest::header::HeaderName>();
        if let (Ok(name), Some(Ok(mut value))) = (
            name,
            value
                .as_str()
                .map(str::parse::<reqwest::header::HeaderValue>),
        ) {
            value.set_sensitive(true);
            call.headers.insert(name, value);
        }
    }
    call
}

/// The token in a text: all of it, or a field of JSON.
fn pick(document: &Document, source: &Value, text: &str) -> Result<String, Failure> {
    let format = &source["format"];
    let found = match format["type"].as_str() {
        Some("json") => {
            let field = format["subject_token_field_name"]
                .as_str()
                .unwrap_or_default();
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            value[field].as_str().map(str::to_owned)
        }
        _ => Some(text.trim().to_owned()),
    };
    found
        .filter(|token| !token.is_empty())
        .ok_or_else(|| none(&format!("the workload's token that {} names is empty or not where it should be; check `credential_source`", document.place)))
}

/// By a program: only where the person allows it, as the file may come from elsewhere.
async fn executable(
    around: &Surroundings,
    document: &Document,
    source: &Value,
) -> Result<String, Failure> {
    if around
        .variable("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES")
        .as_deref()
        != Some("1")
    {
        return Err(none(&format!(
            "{} names a program, which is only run where GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1",
            document.place
        )));
    }
    let kept = source["output_file"]
        .as_str()
        .map(|path| around.at_home(path));
    if let Some(path) = &kept
        && let Some(text) = around.file(path, "the kept answer of the program")?
        && let Ok(answer) = serde_json::from_str::<Value>(&text)
        && answer["expiration_time"].as_u64().is_some()
        && let Ok(token) = answered(document, &answer)
    {
        return Ok(token);
    }
    let command = source["command"].as_str().unwrap_or_default();
    let argv = program::words(command).unwrap_or_default();
    let patience = source["timeout_millis"]
        .as_u64()
        .map_or(PATIENCE, Duration::from_millis);
    let mut more = vec![
        (
            "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE",
            document.needed("audience")?.to_owned(),
        ),
        (
            "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE",
            document.needed("subject_token_type")?.to_owned(),
        ),
        ("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", "0".to_owned()),
    ];
    if let Some(path) = &kept {
        more.push((
            "GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE",
            path.display().to_string(),
        ));
    }
    let email = document
        .text("service_account_impersonation_url")
        .and_then(|url| url.rsplit('/').next()?.split(':').next());
    if let Some(email) = email {
        more.push((
            "GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL",
            email.to_owned(),
        ));
    }
    let printed = around
        .run(&argv, &more, patience)
        .await
        .map_err(|failure| {
            none(&format!(
                "the program that {} names: {}",
                document.place, failure.what
            ))
        })?;
    let answer: Value = serde_json::from_str(&printed.text).unwrap_or_default();
    if !printed.good {
        return Err(none(&format!(
            "the program that {} names failed; run it by hand to see why",
            document.place
        )));
    }
    answered(document, &answer)
}

/// The token in a program's answer, unless it has ended.
fn answered(document: &Document, answer: &Value) -> Result<String, Failure> {
    let wrong = |why: &str| {
        none(&format!(
            "the program that {} names {why}; run it by hand to see why",
            document.place
        ))
    };
    if answer["success"].as_bool() != Some(true) {
        return Err(wrong("says that it failed"));
    }
    let ended = answer["expiration_time"]
        .as_u64()
        .is_some_and(|until| until <= date::since_1970(SystemTime::now()));
    if ended {
        return Err(wrong("gave a token that has ended"));
    }
    let field = match answer["token_type"].as_str() {
        Some("urn:ietf:params:oauth:token-type:saml2") => "saml_response",
        _ => "id_token",
    };
    let token = answer[field].as_str().filter(|token| !token.is_empty());
    token
        .map(str::to_owned)
        .ok_or_else(|| wrong("gave no token"))
}

/// The token of a workload on AWS: a question to its security token service, signed and not sent.
async fn aws(
    around: &Surroundings,
    document: &Document,
    source: &Value,
) -> Result<String, Failure> {
    if source["environment_id"].as_str() != Some("aws1") {
        return Err(none(&format!(
            "{} has a `credential_source.environment_id` of a version that is not known here",
            document.place
        )));
    }
    let metadata = Metadata::open(around, source, document).await?;
    let region = match around.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        Some(region) => region,
        None => {
            let zone = metadata.ask("region_url", "").await?;
            // A zone is its region and a letter.
            let mut region = zone.trim().to_owned();
            region.pop();
            region
        }
    };
    let keys = match Keys::of(
        around.variable("AWS_ACCESS_KEY_ID"),
        around.variable("AWS_SECRET_ACCESS_KEY"),
        around.variable("AWS_SESSION_TOKEN"),
    ) {
        Some(keys) => keys,
        None => {
            let role = metadata.ask("url", "").await?;
            let keys = metadata.ask("url", role.trim()).await?;
            let handed: Handed = serde_json::from_str(&keys).map_err(|_| {
                none("the instance's metadata service answered without keys; check its role")
            })?;
            handed.keys("the instance's metadata service")?.value
        }
    };
    let url =
        needed(document, source, "regional_cred_verification_url")?.replace("{region}", &region);
    let url = address(&url, "`credential_source.regional_cred_verification_url`")?;
    signed(&url, &region, &keys, document.needed("audience")?)
}

fn signed(url: &Url, region: &str, keys: &Keys, audience: &str) -> Result<String, Failure> {
    let mut call = Call {
        method: Method::POST,
        ..Call::get(url.clone())
    }
    .with("x-goog-cloud-target-resource", audience);
    let scope = Scope {
        region,
        service: "sts",
        moment: SystemTime::now(),
    };
    scope.sign(keys, &call.method, &call.url, &mut call.headers, &call.body)?;
    let header = |name: &str, value: &str| json!({"key": name, "value": value});
    let mut headers = vec![header("host", &call.host())];
    headers.extend(
        call.headers
            .iter()
            .map(|(name, value)| header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))),
    );
    let question = json!({"url": call.url.as_str(), "method": "POST", "headers": headers});
    Ok(encoded(&question.to_string()))
}

/// The instance's metadata service, at the addresses that the file has.
struct Metadata<'a> {
    around: &'a Surroundings,
    source: &'a Value,
    document: &'a Document,
    session: Option<String>,
}

impl<'a> Metadata<'a> {
    async fn open(
        around: &'a Surroundings,
        source: &'a Value,
        document: &'a Document,
    ) -> Result<Self, Failure> {
        let mut metadata = Metadata {
            around,
            source,
            document,
            session: None,
        };
        let has = |names: &[&str]| around.first(names).is_some();
        let needed = !has(&["AWS_REGION", "AWS_DEFAULT_REGION"])
            || !has(&["AWS_ACCESS_KEY_ID"])
            || !has(&["AWS_SECRET_ACCESS_KEY"]);
        if needed && source["imdsv2_session_token_url"].is_string() {
            metadata.session = Some(metadata.ask("imdsv2_session_token_url", "").await?);
        }
        Ok(metadata)
    }

    async fn ask(&self, key: &str, below: &str) -> Result<String, Failure> {
        let mut text = super::subject::needed(self.document, self.source, key)?.to_owned();
        if !below.is_empty() {
            text = format!("{}/{below}", text.trim_end_matches('/'));
        }
        let url = address(
            &text,
            &format!("`credential_source.{key}` in {}", self.document.place),
        )?;
        let mut call = Call::get(url).near();
        match &self.session {
            Some(session) => call = call.with("x-aws-ec2-metadata-token", session),
            None if key.starts_with("imdsv2") => {
                call.method = Method::PUT;
                call = call.with("x-aws-ec2-metadata-token-ttl-seconds", "300");
            }
            None => {}
        }
        let said = self.around.ask(call).await?;
        match said.text().filter(|_| said.is_good()) {
            Some(text) => Ok(text.to_owned()),
            None => Err(none(&format!(
                "the instance's metadata service answered {} to `{key}`; check its role",
                said.status
            ))),
        }
    }
}
