//! The chain of credentials against services on loopback that follow a script.

mod faults;
mod renewal;
mod ways;

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::date;
use super::super::error::Failure;
use super::super::surroundings::Surroundings;
use super::super::tests::server::*;
use super::chain::{Search, find};

/// A home directory that goes when it is dropped.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, files: &[(&str, &str)]) -> Home {
        let dir = std::env::temp_dir().join(format!("nextline-aws-{name}-{}", std::process::id()));
        for (path, text) in files {
            let path = dir.join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("dir");
            std::fs::write(path, text).expect("write");
        }
        std::fs::create_dir_all(&dir).expect("dir");
        Home(dir)
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Case<'a> {
    name: &'a str,
    profile: Option<&'a str>,
    files: &'a [(&'a str, &'a str)],
    /// `{url}` stands for the server, `{home}` for the directory.
    variables: &'a [(&'a str, &'a str)],
    answers: Vec<Vec<Act>>,
}

/// The key that is found with its life in seconds, or the failure; and what was asked.
async fn found(case: Case<'_>) -> (Result<(String, Option<u64>), Failure>, Vec<(String, Value)>) {
    let home = Home::new(case.name, case.files);
    let none = vec![vec![reply("404 None", "text/plain", "", "")]];
    let server = Server::start(if case.answers.is_empty() {
        none
    } else {
        case.answers
    })
    .await;
    let filled: Vec<(&str, String)> = case
        .variables
        .iter()
        .map(|(name, value)| {
            let value = value
                .replace("{url}", &server.url)
                .replace("{home}", &home.path());
            (*name, value)
        })
        .collect();
    let mut variables: Vec<(&str, &str)> = vec![("AWS_EC2_METADATA_DISABLED", "true")];
    let path = home.path();
    variables.push(("HOME", &path));
    variables.extend(filled.iter().map(|(name, value)| (*name, value.as_str())));
    let search = Search {
        around: Surroundings::of(&variables),
        profile: case.profile.map(str::to_owned),
        region: "eu-west-1".into(),
    };
    let keys = find(search).await;
    let keys = keys.map(|fresh| {
        (
            fresh.value.id.clone(),
            fresh.life.map(|life| life.as_secs()),
        )
    });
    (keys, server.requests())
}

fn good(body: &str) -> Vec<Act> {
    vec![reply("200 OK", "application/json", "", body)]
}

fn bad(status: &str, body: &str) -> Vec<Act> {
    vec![reply(status, "application/json", "", body)]
}

const HANDED: &str = r#"{"AccessKeyId":"HANDED","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#;

fn taken(id: &str) -> String {
    format!(
        "<R><AssumeRoleResult><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></R>"
    )
}

const CONFIG: &str = "
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = d
[profile role]
role_arn = arn:aws:iam::1:role/a
source_profile = default
external_id = x y
[profile chain]
role_arn = arn:aws:iam::1:role/b
role_session_name = me
source_profile = role
[profile mfa]
role_arn = arn:aws:iam::1:role/a
source_profile = default
mfa_serial = arn:aws:iam::1:mfa/me
[profile sso]
sso_session = s
sso_account_id = 123
sso_role_name = dev
[profile process]
credential_process = sh -c \"echo '{\\\"AccessKeyId\\\":\\\"RUN\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}'\"
[profile broken]
credential_process = false
[profile region-only]
region = eu-west-1
[sso-session s]
sso_region = eu-north-1
sso_start_url = https://s
";

fn sso_token(until: &str) -> String {
    json!({
        "accessToken": "old", "expiresAt": until, "refreshToken": "again", "clientId": "c", "clientSecret": "cs",
        "registrationExpiresAt": "2099-01-01T00:00:00Z", "startUrl": "https://s", "region": "eu-north-1",
    })
    .to_string()
}

/// Named by the hash of `s`.
const SSO_FILE: &str = ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";
const ROLE_KEYS: &str = r#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}"#;

#[tokio::test]
async fn keys_are_found_where_the_command_line_finds_them() {
    let config = (".aws/config", CONFIG);
    let env = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "e")];
    let sts = ("AWS_ENDPOINT_URL_STS", "{url}");
    let far = sso_token("2098-01-01T00:00:00Z");
    for (case, key, ends, asked) in [
        (
            Case {
                name: "env",
                profile: None,
                files: &[config],
                variables: &env,
                answers: vec![],
            },
            "ENV",
            false,
            0,
        ),
        (
            Case {
                name: "named",
                profile: Some("default"),
                files: &[config],
                variables: &env,
                answers: vec![],
            },
            "DEFAULT",
            false,
            0,
        ),
        (
            Case {
                name: "default",
                profile: None,
                files: &[config],
                variables: &[],
                answers: vec![],
            },
            "DEFAULT",
            false,
            0,
        ),
        (
            Case {
                name: "file",
                profile: None,
                files: &[("c", "[p]\naws_access_key_id=C\naws_secret_access_key=c\n")],
                variables: &[("AWS_SHARED_CREDENTIALS_FILE", "~/c"), ("AWS_PROFILE", "p")],
                answers: vec![],
            },
            "C",
            false,
            0,
        ),
        (
            Case {
                name: "role",
                profile: Some("role"),
                files: &[config],
                variables: &[sts],
                answers: vec![good(&taken("ROLE"))],
            },
            "ROLE",
            true,
            1,
        ),
        (
            Case {
                name: "roles",
                profile: Some("chain"),
                files: &[config],
                variables: &[sts],
                answers: vec![good(&taken("ROLE")), good(&taken("SECOND"))],
            },
            "SECOND",
            true,
            2,
        ),
        (
            Case {
                name: "web",
                profile: None,
                files: &[config, ("token", "jwt\n")],
                variables: &[
                    sts,
                    ("AWS_ROLE_ARN", "arn:w"),
                    ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
                ],
                answers: vec![good(&taken("WEB"))],
            },
            "WEB",
            true,
            1,
        ),
        (
            Case {
                name: "sso",
                profile: Some("sso"),
                files: &[config, (SSO_FILE, &far)],
                variables: &[("AWS_ENDPOINT_URL_SSO", "{url}")],
                answers: vec![good(ROLE_KEYS)],
            },
            "SSO",
            true,
            1,
        ),
        (
            Case {
                name: "process",
                profile: Some("process"),
                files: &[config],
                variables: &[("PATH", "/usr/bin:/bin")],
                answers: vec![],
            },
            "RUN",
            false,
            0,
        ),
        (
            Case {
                name: "container",
                profile: None,
                files: &[("token", "Basic x\n")],
                variables: &[
                    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/creds?id=1"),
                    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/token"),
                ],
                answers: vec![good(HANDED)],
            },
            "HANDED",
            true,
            1,
        ),
        (
            Case {
                name: "instance",
                profile: Some("region-only"),
                files: &[config],
                variables: &[
                    ("AWS_EC2_METADATA_DISABLED", "false"),
                    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}"),
                ],
                answers: vec![good("secret"), good("role-1\n"), good(HANDED)],
            },
            "HANDED",
            true,
            3,
        ),
    ] {
        let name = case.name;
        let (found, requests) = found(case).await;
        let (id, life) = found.unwrap_or_else(|failure| panic!("{name}: {}", failure.what));
        assert_eq!(
            (id.as_str(), life.is_some(), requests.len()),
            (key, ends, asked),
            "{name}"
        );
        let text = |n: usize| requests[n].1.as_str().unwrap_or_default().to_owned();
        let head = |n: usize| requests[n].0.clone();
        match name {
            "role" => {
                assert!(
                    text(0).contains("ExternalId=x+y&") || text(0).ends_with("ExternalId=x+y"),
                    "{}",
                    text(0)
                );
                assert!(
                    head(0).contains("credential=default/")
                        && head(0).contains("/eu-west-1/sts/aws4_request")
                );
            }
            "roles" => {
                assert!(
                    head(1).contains("credential=role/")
                        && head(1).contains("x-amz-security-token: t")
                );
                assert!(text(1).contains("RoleSessionName=me"));
            }
            "web" => {
                assert!(
                    text(0).contains("WebIdentityToken=jwt") && !head(0).contains("authorization")
                );
            }
            "sso" => {
                assert!(
                    head(0)
                        .starts_with("get /federation/credentials?role_name=dev&account_id=123 ")
                );
                assert!(head(0).contains("x-amz-sso_bearer_token: old"));
            }
            "container" => assert!(
                head(0).starts_with("get /creds?id=1 ")
                    && head(0).contains("authorization: basic x")
            ),
            "instance" => {
                assert!(
                    head(0).starts_with("put /latest/api/token ")
                        && head(0).contains("token-ttl-seconds: 21600")
                );
                assert!(
                    head(2).contains("/security-credentials/role-1 ")
                        && head(2).contains("metadata-token: secret")
                );
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_ends_is_renewed_and_kept_for_the_other_tools() {
    let over = sso_token("2020-01-01T00:00:00Z");
    let home = Home::new("renew", &[(".aws/config", CONFIG), (SSO_FILE, &over)]);
    let renewed = r#"{"accessToken":"new","expiresIn":3600,"refreshToken":"next"}"#;
    let server = Server::start(vec![good(renewed), good(ROLE_KEYS)]).await;
    let path = home.path();
    let around = Surroundings::of(&[
        ("HOME", &path),
        ("AWS_ENDPOINT_URL_SSO", &server.url),
        ("AWS_ENDPOINT_URL_SSO_OIDC", &server.url),
    ]);
    let search = Search {
        around,
        profile: Some("sso".into()),
        region: "eu-west-1".into(),
    };
    let keys = find(search)
        .await
        .unwrap_or_else(|failure| panic!("{}", failure.what))
        .value;
    assert_eq!(keys.id, "SSO");
    let requests = server.requests();
    assert_eq!(requests[0].1["refreshToken"], "again");
    assert_eq!(requests[0].1["grantType"], "refresh_token");
    assert!(requests[1].0.contains("x-amz-sso_bearer_token: new"));
    let text = std::fs::read_to_string(home.0.join(SSO_FILE)).expect("kept");
    let kept: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&kept["accessToken"], &kept["refreshToken"]),
        (&json!("new"), &json!("next"))
    );
    assert!(date::parse(kept["expiresAt"].as_str().expect("text")).is_some());
    assert_eq!(kept["clientId"], "c", "what else stood there stays");
}
