//! Every way to a token, against an authority on loopback that follows a script.

use reqwest::Url;
use serde_json::json;

use super::super::error::{Failure, Kind};
use super::super::jwt::{FOR_TESTS, opened};
use super::super::surroundings::Surroundings;
use super::super::tests::server::*;
use super::{Wanted, ways};

const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"tok"}"#;

/// A directory that goes when it is dropped.
struct Dir(std::path::PathBuf);

impl Dir {
    fn new(name: &str) -> Dir {
        let dir =
            std::env::temp_dir().join(format!("nextline-entra-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("dir");
        Dir(dir)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn wanted(around: Surroundings, authority: &str) -> Wanted {
    let base = Url::parse("https://r.openai.azure.com").expect("an address");
    let text = |text: &str| Some(text.to_owned());
    Wanted::of(
        around,
        &base,
        false,
        Some(authority),
        text("ten"),
        text("cli"),
    )
    .expect("wanted")
}

fn answer(status: &str, body: &str) -> Vec<Act> {
    vec![reply(status, "application/json", "", body)]
}

/// The token and its life, or the failure; and the heads and forms of what was asked.
async fn found(
    name: &str,
    variables: &[(&str, &str)],
    answers: Vec<Vec<Act>>,
) -> (Result<(String, u64), Failure>, Vec<(String, String)>) {
    let dir = Dir::new(name);
    std::fs::write(dir.0.join("jwt"), "theirs\n").expect("write");
    std::fs::write(dir.0.join("pem"), FOR_TESTS).expect("write");
    #[cfg(unix)]
    for (tool, script) in [
        (
            "az",
            "#!/bin/sh\necho '{\"accessToken\":\"tok\",\"expires_on\":4070908800,\"expiresOn\":\"2099-01-01 00:00:00.000000\"}'\n",
        ),
        (
            "azd",
            "#!/bin/sh\necho '{\"token\":\"tok\",\"expiresOn\":\"2099-01-01T00:00:00Z\"}'\n",
        ),
    ] {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir_all(dir.0.join(tool)).expect("dir");
        let path = dir.0.join(tool).join(tool);
        std::fs::write(&path, script).expect("write");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("mode");
    }
    let nobody = vec![vec![Act::Close]];
    let server = Server::start(if answers.is_empty() { nobody } else { answers }).await;
    let filled: Vec<(&str, String)> = variables
        .iter()
        .map(|(name, value)| {
            let value = value.replace("{url}", &server.url);
            (*name, value.replace("{dir}", &dir.0.display().to_string()))
        })
        .collect();
    let mut variables = vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.url.as_str())];
    variables.extend(filled.iter().map(|(name, value)| (*name, value.as_str())));
    let token = ways::fetch(&wanted(Surroundings::of(&variables), &server.url)).await;
    let token = token.map(|fresh| {
        (
            fresh.value.token(),
            fresh.life.unwrap_or_default().as_secs(),
        )
    });
    let asked = server.requests().into_iter();
    let asked = asked.map(|(head, body)| (head, body.as_str().unwrap_or_default().to_owned()));
    (token, asked.collect())
}

#[tokio::test]
async fn every_way_leads_to_a_token() {
    let scope = "scope=https%3A%2F%2Fai.azure.com%2F.default";
    let own = "post /ten/oauth2/v2.0/token ";
    let machine = "get /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3a%2f%2fai.azure.com&client_id=cli ";
    for (name, variables, answers, head, form) in [
        (
            "secret",
            &[("AZURE_CLIENT_SECRET", "s&s")][..],
            vec![answer("200 OK", TOKEN)],
            own,
            "client_secret=s%26s",
        ),
        (
            "federated",
            &[("AZURE_FEDERATED_TOKEN_FILE", "{dir}/jwt")],
            vec![answer("200 OK", TOKEN)],
            own,
            "client_assertion=theirs",
        ),
        (
            "certificate",
            &[("AZURE_CLIENT_CERTIFICATE_PATH", "{dir}/pem")],
            vec![answer("200 OK", TOKEN)],
            own,
            "jwt-bearer",
        ),
        (
            "app-service",
            &[
                ("IDENTITY_ENDPOINT", "{url}/msi/token"),
                ("IDENTITY_HEADER", "h"),
            ],
            vec![answer(
                "200 OK",
                r#"{"access_token":"tok","expires_on":"4070908800"}"#,
            )],
            "get /msi/token?resource=https%3a%2f%2fai.azure.com&api-version=2019-08-01&client_id=cli ",
            "",
        ),
        (
            "machine",
            &[],
            vec![answer(
                "200 OK",
                r#"{"access_token":"tok","expires_in":"86399"}"#,
            )],
            machine,
            "",
        ),
        ("az", &[("PATH", "{dir}/az")], vec![], machine, ""),
        ("azd", &[("PATH", "{dir}/azd")], vec![], machine, ""),
        (
            "chosen",
            &[
                ("PATH", "{dir}/az:{dir}/azd"),
                ("AZURE_TOKEN_CREDENTIALS", "dev"),
            ],
            vec![],
            "",
            "",
        ),
    ] {
        let (token, asked) = found(name, variables, answers).await;
        let (token, life) = token.unwrap_or_else(|failure| panic!("{name}: {}", failure.what));
        assert_eq!(token, "tok", "{name}");
        assert!(life > 3000, "{name}: {life}");
        match head {
            "" => assert!(asked.is_empty(), "{name}"),
            _ => assert!(asked[0].0.starts_with(head), "{name}: {}", asked[0].0),
        }
        if !form.is_empty() {
            assert!(
                asked[0].1.contains(form) && asked[0].1.contains(scope),
                "{name}: {}",
                asked[0].1
            );
            assert!(
                asked[0].1.contains("client_id=cli") && asked[0].1.contains("client_credentials")
            );
        }
        match name {
            "app-service" => assert!(asked[0].0.contains("x-identity-header: h")),
            "machine" => assert!(asked[0].0.contains("metadata: true")),
            "certificate" => {
                let form = Url::parse(&format!("form:?{}", asked[0].1)).expect("a form");
                let find = |key: &str| form.query_pairs().find(|(name, _)| name == key);
                let (head, claims) =
                    opened(&find("client_assertion").expect("there").1).expect("signed");
                assert_eq!(
                    (&head["alg"], &head["x5t#S256"]),
                    (&json!("PS256"), &json!(THUMB))
                );
                assert_eq!(
                    (&claims["iss"], &claims["sub"]),
                    (&json!("cli"), &json!("cli"))
                );
                assert!(
                    claims["aud"]
                        .as_str()
                        .is_some_and(|aud| aud.ends_with("/ten/oauth2/v2.0/token"))
                );
                assert_eq!(
                    claims["exp"].as_u64().map(|exp| exp - 600),
                    claims["iat"].as_u64()
                );
            }
            _ => {}
        }
    }
}

/// Of the certificate for tests, as another program reckons it.
const THUMB: &str = "_gNfEv3J4MdJPlBWu6x2SnykvZaEt0MLSvIuuGW23Xo";

#[tokio::test]
async fn what_is_wrong_is_said_with_its_mend() {
    let secret = &[("AZURE_CLIENT_SECRET", "s")][..];
    let code = |code: u64| {
        let body =
            json!({"error": "invalid_client", "error_description": "s", "error_codes": [code]});
        vec![answer("401 X", &body.to_string())]
    };
    for (name, variables, answers, says) in [
        (
            "nothing",
            &[][..],
            vec![],
            "`AZURE_CLIENT_SECRET` is not set, `AZURE_FEDERATED_TOKEN_FILE` is not set, no identity service of a machine answers, `az` is not installed, `azd` is not installed; run `az login`",
        ),
        (
            "wrong-secret",
            secret,
            code(7_000_215),
            "was refused (401 invalid_client, AADSTS7000215): the client secret is wrong",
        ),
        (
            "wrong-tenant",
            secret,
            code(90_002),
            "there is no such directory; check `tenant_id`",
        ),
        ("other", secret, code(1), "AADSTS1): check `tenant_id`"),
        (
            "busy",
            secret,
            vec![answer("503 X", "")],
            "got 503; try again",
        ),
        (
            "odd",
            secret,
            vec![answer("200 OK", "<html>")],
            "an answer without a token",
        ),
        (
            "no-file",
            &[("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/jwt")],
            vec![],
            "does not exist",
        ),
        (
            "no-key",
            &[("AZURE_CLIENT_CERTIFICATE_PATH", "{dir}/jwt")],
            vec![],
            "holds no RSA key",
        ),
        (
            "no-identity",
            &[],
            vec![answer("400 X", r#"{"error":"invalid_request"}"#)],
            "the machine has no identity cli",
        ),
        (
            "half",
            &[("IDENTITY_ENDPOINT", "{url}")],
            vec![],
            "without `IDENTITY_HEADER`",
        ),
        (
            "choice",
            &[("AZURE_TOKEN_CREDENTIALS", "moon")],
            vec![],
            "known are prod, dev, EnvironmentCredential",
        ),
    ] {
        let (token, _) = found(name, variables, answers).await;
        let failure = token.expect_err(name);
        assert!(failure.what.contains(says), "{name}: {}", failure.what);
        assert_eq!(failure.kind == Kind::Overloaded, name == "busy");
    }
}

#[test]
fn scope_and_authority_go_by_cloud_and_version() {
    for (base, dated, scope, authority) in [
        (
            "https://r.openai.azure.com",
            false,
            "https://ai.azure.com/.default",
            "login.microsoftonline.com",
        ),
        (
            "https://r.openai.azure.com",
            true,
            "https://cognitiveservices.azure.com/.default",
            "login.microsoftonline.com",
        ),
        (
            "https://r.openai.azure.us",
            true,
            "https://cognitiveservices.azure.us/.default",
            "login.microsoftonline.us",
        ),
        (
            "https://r.openai.azure.cn",
            false,
            "https://ai.azure.cn/.default",
            "login.chinacloudapi.cn",
        ),
        (
            "http://127.0.0.1:9",
            false,
            "https://ai.azure.com/.default",
            "login.microsoftonline.com",
        ),
    ] {
        let base = Url::parse(base).expect("an address");
        let wanted =
            Wanted::of(Surroundings::of(&[]), &base, dated, None, None, None).expect("wanted");
        assert_eq!(wanted.scope, scope);
        assert_eq!(wanted.authority.host_str(), Some(authority));
    }
    let base = Url::parse("https://r.openai.azure.com").expect("an address");
    let plain = Wanted::of(
        Surroundings::of(&[]),
        &base,
        false,
        Some("http://login.example"),
        None,
        None,
    );
    assert!(plain.is_err_and(|failure| failure.what.contains("`authority_host`")));
}
