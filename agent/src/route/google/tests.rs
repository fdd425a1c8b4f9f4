//! Every form of credentials, against services on loopback that follow a script.

mod faults;
mod subjects;

use serde_json::{Value, json};

use super::super::date;
use super::super::error::Failure;
use super::super::jwt::{FOR_TESTS, opened};
use super::super::surroundings::Surroundings;
use super::super::tests::server::*;
use super::adc;

const TOKEN: &str = r#"{"access_token":"tok","expires_in":3599,"token_type":"Bearer"}"#;
const ACTED: &str = r#"{"accessToken":"acted","expireTime":"2099-01-01T00:00:00Z"}"#;

struct Found {
    token: Result<(String, Option<String>), Failure>,
    project: Option<String>,
    asked: Vec<(String, Value)>,
}

fn answer(status: &str, body: &str) -> Vec<Act> {
    vec![reply(
        status,
        "application/json",
        "metadata-flavor: Google\r\n",
        body,
    )]
}

/// With `document` as the file of credentials; `{url}` in it and in the variables stands for the server, `{dir}` for a directory with files.
async fn found(
    name: &str,
    document: &Value,
    variables: &[(&str, &str)],
    answers: Vec<Vec<Act>>,
) -> Found {
    let dir = std::env::temp_dir().join(format!("nextline-google-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("dir");
    let server = Server::start(if answers.is_empty() {
        vec![vec![Act::Close]]
    } else {
        answers
    })
    .await;
    let fill = |text: &str| {
        let text = text
            .replace("{url}", &server.url)
            .replace("{dir}", &dir.display().to_string());
        text.replace("{host}", server.url.trim_start_matches("http://"))
    };
    std::fs::write(dir.join("adc"), fill(&document.to_string())).expect("write");
    std::fs::write(dir.join("jwt"), "theirs\n").expect("write");
    std::fs::write(dir.join("json"), r#"{"a":"inner"}"#).expect("write");
    let end = date::since_1970(std::time::SystemTime::now()) + 600;
    let printed = json!({"version": 1, "success": true, "token_type": "urn:ietf:params:oauth:token-type:id_token", "id_token": "run", "expiration_time": end});
    std::fs::write(dir.join("printed"), printed.to_string()).expect("write");
    let file = dir.join("adc").display().to_string();
    let mut all = vec![
        ("HOME", "/nowhere".to_owned()),
        ("PATH", "/usr/bin:/bin".to_owned()),
    ];
    if !document.is_null() {
        all.push(("GOOGLE_APPLICATION_CREDENTIALS", file));
    }
    all.push(("NO_GCE_CHECK", "true".to_owned()));
    all.extend(variables.iter().map(|(name, value)| (*name, fill(value))));
    let all: Vec<(&str, &str)> = all
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let around = Surroundings::of(&all);
    let token = adc::fetch(around.clone()).await.map(|fresh| {
        assert!(
            fresh.life.is_some_and(|life| life.as_secs() > 3000),
            "{name}"
        );
        let pass = fresh.value;
        (pass.token.token(), pass.quota_project)
    });
    let asked = server.requests();
    let project = adc::project(&around).await.ok().flatten();
    let _ = std::fs::remove_dir_all(&dir);
    Found {
        token,
        project,
        asked,
    }
}

fn service() -> Value {
    json!({
        "type": "service_account", "client_email": "s@p.example", "private_key": FOR_TESTS, "private_key_id": "k1",
        "project_id": "proj", "token_uri": "{url}/token", "quota_project_id": "pays",
    })
}

fn user() -> Value {
    json!({"type": "authorized_user", "client_id": "c", "client_secret": "cs", "refresh_token": "r", "token_uri": "{url}/token"})
}

fn external(source: Value) -> Value {
    json!({
        "type": "external_account", "audience": "//aud", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "{url}/sts", "credential_source": source,
    })
}

fn field(form: &Value, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(&format!("form:?{}", form.as_str()?)).ok()?;
    let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

#[tokio::test]
async fn a_service_account_signs_for_itself() {
    let found = found("service", &service(), &[], vec![answer("200 OK", TOKEN)]).await;
    assert_eq!(found.token.ok(), Some(("tok".into(), Some("pays".into()))));
    assert_eq!(found.project.as_deref(), Some("proj"));
    let (head, form) = &found.asked[0];
    assert!(head.starts_with("post /token "));
    assert_eq!(
        field(form, "grant_type").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer")
    );
    let (head, claims) = opened(&field(form, "assertion").expect("there")).expect("signed");
    assert_eq!(
        (&head["alg"], &head["kid"]),
        (&json!("RS256"), &json!("k1"))
    );
    assert_eq!(claims["aud"], "https://oauth2.googleapis.com/token");
    assert_eq!(
        (&claims["iss"], &claims["scope"]),
        (
            &json!("s@p.example"),
            &json!("https://www.googleapis.com/auth/cloud-platform")
        )
    );
    assert_eq!(
        claims["exp"].as_u64().map(|exp| exp - 3600),
        claims["iat"].as_u64()
    );
}

#[tokio::test]
async fn people_and_machines_are_known_by_what_gcloud_and_the_host_keep() {
    let found_user = found(
        "user",
        &user(),
        &[("GOOGLE_CLOUD_QUOTA_PROJECT", "other")],
        vec![answer("200 OK", TOKEN)],
    )
    .await;
    assert_eq!(
        found_user.token.ok(),
        Some(("tok".into(), Some("other".into())))
    );
    assert_eq!(
        found_user.asked[0].1,
        "grant_type=refresh_token&client_id=c&client_secret=cs&refresh_token=r"
    );

    let external_user = json!({"type": "external_account_authorized_user", "client_id": "c", "client_secret": "cs", "refresh_token": "r", "token_url": "{url}/o"});
    let found_external = found(
        "external-user",
        &external_user,
        &[],
        vec![answer("200 OK", TOKEN)],
    )
    .await;
    assert!(found_external.token.is_ok());
    assert!(
        found_external.asked[0]
            .0
            .contains("authorization: basic yzpjcw==")
    );

    let gce = [("NO_GCE_CHECK", "false"), ("GCE_METADATA_HOST", "{host}")];
    let found_machine = found(
        "machine",
        &Value::Null,
        &gce,
        vec![answer("200 OK", TOKEN), answer("200 OK", "proj-2\n")],
    )
    .await;
    assert_eq!(found_machine.token.ok(), Some(("tok".into(), None)));
    assert_eq!(found_machine.project.as_deref(), Some("proj-2"));
    let head = &found_machine.asked[0].0;
    assert!(
        head.starts_with("get /computemetadata/v1/instance/service-accounts/default/token ")
            && head.contains("metadata-flavor: google")
    );
}

#[tokio::test]
async fn somebody_elses_token_is_exchanged() {
    let allowed = &[("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")][..];
    for (name, source, variables, before, subject) in [
        (
            "file",
            json!({"file": "{dir}/jwt"}),
            &[][..],
            vec![],
            "theirs",
        ),
        (
            "json",
            json!({"file": "{dir}/json", "format": {"type": "json", "subject_token_field_name": "a"}}),
            &[],
            vec![],
            "inner",
        ),
        (
            "url",
            json!({"url": "{url}/id", "headers": {"Metadata": "True"}}),
            &[],
            vec![answer("200 OK", "fetched")],
            "fetched",
        ),
        (
            "program",
            json!({"executable": {"command": "cat {dir}/printed"}}),
            allowed,
            vec![],
            "run",
        ),
        (
            "kept",
            json!({"executable": {"command": "false", "output_file": "{dir}/printed"}}),
            allowed,
            vec![],
            "run",
        ),
    ] {
        let first = before.len();
        let answers = [before, vec![answer("200 OK", TOKEN)]].concat();
        let found = found(name, &external(source), variables, answers).await;
        let token = found
            .token
            .unwrap_or_else(|failure| panic!("{name}: {}", failure.what));
        assert_eq!(token.0, "tok", "{name}");
        let (head, form) = &found.asked[first];
        assert!(head.starts_with("post /sts "), "{name}");
        assert_eq!(
            field(form, "subject_token").as_deref(),
            Some(subject),
            "{name}"
        );
        assert_eq!(field(form, "audience").as_deref(), Some("//aud"));
        if name == "url" {
            assert!(found.asked[0].0.contains("metadata: true"));
        }
    }
}

#[tokio::test]
async fn a_workload_on_aws_shows_a_signed_question() {
    let source = json!({
        "environment_id": "aws1", "region_url": "{url}/zone", "url": "{url}/roles",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        "imdsv2_session_token_url": "{url}/session",
    });
    let keys = r#"{"AccessKeyId":"AKID","SecretAccessKey":"s","Token":"t"}"#;
    let answers = vec![
        answer("200 OK", "imds"),
        answer("200 OK", "eu-west-1b"),
        answer("200 OK", "role-1"),
        answer("200 OK", keys),
        answer("200 OK", TOKEN),
    ];
    let mut document = external(source);
    document["service_account_impersonation_url"] = "{url}/acts:generateAccessToken".into();
    let answers = [answers, vec![answer("200 OK", ACTED)]].concat();
    let found = found("aws", &document, &[], answers).await;
    assert_eq!(
        found
            .token
            .unwrap_or_else(|failure| panic!("{}", failure.what))
            .0,
        "acted"
    );
    assert!(found.asked[0].0.starts_with("put /session "));
    assert!(
        found.asked[3].0.starts_with("get /roles/role-1 ")
            && found.asked[3].0.contains("metadata-token: imds")
    );
    let subject = field(&found.asked[4].1, "subject_token").expect("there");
    let pairs = reqwest::Url::parse(&format!("form:?x={subject}")).expect("encoded");
    let (_, subject) = pairs.query_pairs().next().expect("a pair");
    let subject: Value = serde_json::from_str(&subject).expect("JSON");
    assert_eq!(subject["method"], "POST");
    let headers = subject["headers"].as_array().expect("headers");
    let header = |name: &str| {
        headers
            .iter()
            .find(|header| header["key"] == name)
            .map(|header| &header["value"])
    };
    assert_eq!(header("host"), Some(&json!("sts.eu-west-1.amazonaws.com")));
    assert_eq!(
        header("x-goog-cloud-target-resource"),
        Some(&json!("//aud"))
    );
    let line = header("authorization")
        .and_then(Value::as_str)
        .expect("signed");
    assert!(line.contains("/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token;x-goog-cloud-target-resource,"));
    assert!(found.asked[5].0.contains("authorization: bearer tok"));
    assert_eq!(
        found.asked[5].1["scope"][0],
        "https://www.googleapis.com/auth/cloud-platform"
    );
}

#[tokio::test]
async fn an_account_is_acted_for() {
    let document = json!({
        "type": "impersonated_service_account", "source_credentials": user(), "delegates": ["d"],
        "service_account_impersonation_url": "{url}/acts:generateAccessToken",
    });
    let found = found(
        "acts",
        &document,
        &[],
        vec![answer("200 OK", TOKEN), answer("200 OK", ACTED)],
    )
    .await;
    assert_eq!(
        found.token.ok().map(|token| token.0).as_deref(),
        Some("acted")
    );
    assert_eq!(
        found.asked[1].1,
        json!({"delegates": ["d"], "scope": ["https://www.googleapis.com/auth/cloud-platform"], "lifetime": "3600s"})
    );
}
