//! Further ways to keys, and what is said where one of them leads nowhere.

use super::super::super::error::Kind;
use super::*;

/// The hash of `session`, under which `aws login` keeps what it brought.
const LOGIN: &str =
    ".aws/login/cache/3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175.json";

const MORE: &str = "
[profile login]
login_session = session
[profile by-environment]
role_arn = arn:aws:iam::1:role/a
credential_source = Environment
[profile by-instance]
role_arn = arn:aws:iam::1:role/a
credential_source = Ec2InstanceMetadata
[profile by-container]
role_arn = arn:aws:iam::1:role/a
credential_source = EcsContainer
duration_seconds = 900
[profile web]
role_arn = arn:aws:iam::1:role/w
web_identity_token_file = ~/t
role_session_name = mine
[profile open-quote]
credential_process = sh -c 'echo
[profile odd-process]
credential_process = echo no
[profile mfa]
role_arn = arn:aws:iam::1:role/a
source_profile = keys
mfa_serial = arn:aws:iam::1:mfa/me
[profile keys]
aws_access_key_id = K
aws_secret_access_key = k
";

fn login(until: &str) -> String {
    json!({"accessToken": {"accessKeyId": "LOGIN", "secretAccessKey": "s", "sessionToken": "t", "expiresAt": until}}).to_string()
}

#[tokio::test]
async fn every_base_of_a_profile_leads_to_its_keys() {
    let config = (".aws/config", MORE);
    let far = login("2099-01-01T00:00:00Z");
    let sts = ("AWS_ENDPOINT_URL_STS", "{url}");
    let metadata = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}/below/");
    let on = ("AWS_EC2_METADATA_DISABLED", "no");
    let keys = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "e")];
    for (name, files, variables, answers, key, asked) in [
        (
            "login",
            vec![config, (LOGIN, &*far)],
            vec![],
            vec![],
            "LOGIN",
            vec![],
        ),
        (
            "login",
            vec![
                config,
                (
                    "kept/3f3af1ecebbd1410ab417ec0d27bbfcb5d340e177ae159b59fc8626c2dfd9175.json",
                    &*far,
                ),
            ],
            vec![("AWS_LOGIN_CACHE_DIRECTORY", "~/kept")],
            vec![],
            "LOGIN",
            vec![],
        ),
        (
            "by-environment",
            vec![config],
            [&keys[..], &[sts]].concat(),
            vec![good(&taken("ROLE"))],
            "ROLE",
            vec!["post / "],
        ),
        (
            "by-instance",
            vec![config],
            vec![sts, metadata, on],
            vec![
                good(" token \n"),
                good("role-1\nrole-2"),
                good(HANDED),
                good(&taken("ROLE")),
            ],
            "ROLE",
            vec![
                "put /below/latest/api/token ",
                "get /below/latest/meta-data/iam/security-credentials/ ",
                "get /below/latest/meta-data/iam/security-credentials/role-1 ",
                "post / ",
            ],
        ),
        (
            "by-container",
            vec![config],
            vec![
                sts,
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/c"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "plain"),
            ],
            vec![good(HANDED), good(&taken("ROLE"))],
            "ROLE",
            vec!["get /c ", "post / "],
        ),
        (
            "web",
            vec![config, ("t", " jwt \n")],
            vec![sts],
            vec![good(&taken("WEB"))],
            "WEB",
            vec!["post / "],
        ),
    ] {
        let case = Case {
            name: &format!("base-{name}-{}", variables.len()),
            profile: Some(name),
            files: &files,
            variables: &variables,
            answers,
        };
        let (found, requests) = found(case).await;
        let (id, _) = found.unwrap_or_else(|failure| panic!("{name}: {}", failure.what));
        assert_eq!(id, key, "{name}");
        assert_eq!(requests.len(), asked.len(), "{name}");
        for ((head, _), start) in requests.iter().zip(asked) {
            assert!(head.starts_with(start), "{name}: {head}");
        }
        let body = |n: usize| requests[n].1.as_str().unwrap_or_default().to_owned();
        match name {
            "by-container" => {
                assert!(
                    requests[0].0.contains("authorization: plain"),
                    "{}",
                    requests[0].0
                );
                assert!(body(1).contains("DurationSeconds=900"), "{}", body(1));
                assert!(body(1).contains("RoleSessionName=nextline-"), "{}", body(1));
            }
            "web" => {
                for part in [
                    "Action=AssumeRoleWithWebIdentity",
                    "WebIdentityToken=jwt",
                    "RoleSessionName=mine",
                    "role%2Fw",
                ] {
                    assert!(body(0).contains(part), "{}", body(0));
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn where_a_way_ends_its_mend_is_said() {
    let config = (".aws/config", MORE);
    let over = login("2020-01-01T00:00:00Z");
    let missing = "missing or has ended; run `aws login`";
    let metadata = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}");
    let on = ("AWS_EC2_METADATA_DISABLED", "no");
    let sts = ("AWS_ENDPOINT_URL_STS", "{url}");
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/c");
    for (name, profile, files, variables, answers, says) in [
        (
            "no-login",
            Some("login"),
            vec![config],
            vec![],
            vec![],
            missing,
        ),
        (
            "old-login",
            Some("login"),
            vec![config, (LOGIN, &*over)],
            vec![],
            vec![],
            missing,
        ),
        (
            "odd-login",
            Some("login"),
            vec![config, (LOGIN, "<")],
            vec![],
            vec![],
            missing,
        ),
        (
            "half-login",
            Some("login"),
            vec![config, (LOGIN, r#"{"accessToken":7}"#)],
            vec![],
            vec![],
            missing,
        ),
        (
            "no-keys",
            Some("by-environment"),
            vec![config],
            vec![],
            vec![],
            "`AWS_ACCESS_KEY_ID` is not set",
        ),
        (
            "no-box",
            Some("by-container"),
            vec![config],
            vec![],
            vec![],
            "this is no such container",
        ),
        (
            "no-instance",
            Some("by-instance"),
            vec![config],
            vec![],
            vec![],
            "`AWS_EC2_METADATA_DISABLED` forbids it",
        ),
        (
            "quote",
            Some("open-quote"),
            vec![config],
            vec![("PATH", "/usr/bin:/bin")],
            vec![],
            "a quotation that has no end",
        ),
        (
            "no-json",
            Some("odd-process"),
            vec![config],
            vec![("PATH", "/usr/bin:/bin")],
            vec![],
            "without a complete pair",
        ),
        (
            "other-half",
            None,
            vec![],
            vec![("AWS_SECRET_ACCESS_KEY", "s")],
            vec![],
            "set `AWS_ACCESS_KEY_ID` too, or neither",
        ),
        // A service that answers says what there is to mend, one that does not is passed over.
        (
            "no-token",
            None,
            vec![],
            vec![metadata, on],
            vec![bad("403 X", "")],
            "gave no token (403); check the instance's metadata options",
        ),
        (
            "empty-token",
            None,
            vec![],
            vec![metadata, on],
            vec![good(" ")],
            "gave no token (200)",
        ),
        (
            "empty-role",
            None,
            vec![],
            vec![metadata, on],
            vec![good("t"), good("\n")],
            "knows no role of this instance (200); attach one",
        ),
        (
            "no-keys-there",
            None,
            vec![],
            vec![metadata, on],
            vec![good("t"), good("r"), bad("404 X", "")],
            "answered 404; try again, or check the role there",
        ),
        (
            "nobody",
            None,
            vec![],
            vec![
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9"),
                on,
            ],
            vec![],
            "no metadata service of a container or an instance answers; run `aws sso login`",
        ),
        (
            "off",
            None,
            vec![],
            vec![],
            vec![],
            "`AWS_ACCESS_KEY_ID` is not set, the profile `default` has none in",
        ),
        (
            "off-named",
            Some("mfa-less"),
            vec![config],
            vec![],
            vec![],
            "is in neither",
        ),
        (
            "odd-address",
            None,
            vec![],
            vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", "nothing")],
            vec![],
            "holds no http or https address",
        ),
        (
            "box-down",
            None,
            vec![],
            vec![container],
            vec![bad("500 X", "")],
            "answered 500; try again",
        ),
        (
            "box-refuses",
            None,
            vec![],
            vec![container],
            vec![bad("400 X", r#"{"code":"NoRole"}"#)],
            "answered 400 NoRole; try again",
        ),
        (
            "box-odd",
            None,
            vec![],
            vec![container],
            vec![good("<")],
            "without a complete pair",
        ),
        (
            "sts-over",
            Some("by-environment"),
            vec![config],
            vec![
                sts,
                ("AWS_ACCESS_KEY_ID", "A"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            vec![bad("400 X", "<Code>ExpiredToken</Code>")],
            "(400 ExpiredToken): the session that takes it has ended; sign in again",
        ),
        (
            "sts-keys",
            Some("by-environment"),
            vec![config],
            vec![
                sts,
                ("AWS_ACCESS_KEY_ID", "A"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            vec![bad("403 X", "<Code>InvalidClientTokenId</Code>")],
            "the keys that take it are not accepted; check them",
        ),
        (
            "sts-name",
            Some("by-environment"),
            vec![config],
            vec![
                sts,
                ("AWS_ACCESS_KEY_ID", "A"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            vec![bad("400 X", "")],
            "was refused (400): check its name and its region",
        ),
        (
            "sts-busy",
            Some("by-environment"),
            vec![config],
            vec![
                sts,
                ("AWS_ACCESS_KEY_ID", "A"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            vec![bad("429 X", "")],
            "cannot be had now (429); try again",
        ),
        (
            "sts-500",
            Some("by-environment"),
            vec![config],
            vec![
                sts,
                ("AWS_ACCESS_KEY_ID", "A"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ],
            vec![bad("500 X", "")],
            "cannot be had now (500); try again",
        ),
    ] {
        let case = Case {
            name,
            profile,
            files: &files,
            variables: &variables,
            answers,
        };
        let (found, _) = found(case).await;
        let failure = found.expect_err(name);
        assert!(failure.what.contains(says), "{name}: {}", failure.what);
        let kind = match name {
            "sts-busy" | "sts-500" => Kind::Overloaded,
            "odd-address" => Kind::Settings,
            _ => Kind::Auth,
        };
        assert_eq!(failure.kind, kind, "{name}");
        if name == "off" {
            assert!(
                failure
                    .what
                    .contains("the instance's metadata service is switched off")
            );
        }
    }
}
