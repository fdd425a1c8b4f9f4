//! What is missing or wrong on the way to keys, and the sentences that say so.

use super::super::super::error::Kind;
use super::*;

#[tokio::test]
async fn what_is_wrong_is_said_with_its_mend() {
    let config = (".aws/config", CONFIG);
    let sts = ("AWS_ENDPOINT_URL_STS", "{url}");
    let over = sso_token("2020-01-01T00:00:00Z");
    let far = sso_token("2098-01-01T00:00:00Z");
    let sso = ("AWS_ENDPOINT_URL_SSO", "{url}");
    let oidc = ("AWS_ENDPOINT_URL_SSO_OIDC", "{url}");
    for (case, says) in [
        (
            Case {
                name: "nothing",
                profile: None,
                files: &[],
                variables: &[],
                answers: vec![],
            },
            "run `aws sso login`, set `profile`",
        ),
        (
            Case {
                name: "half",
                profile: None,
                files: &[],
                variables: &[("AWS_ACCESS_KEY_ID", "A")],
                answers: vec![],
            },
            "set `AWS_SECRET_ACCESS_KEY` too",
        ),
        (
            Case {
                name: "absent",
                profile: Some("nobody"),
                files: &[config],
                variables: &[],
                answers: vec![],
            },
            "the profile `nobody` (of `profile` of this route) is in neither",
        ),
        (
            Case {
                name: "absent-env",
                profile: None,
                files: &[config],
                variables: &[("AWS_PROFILE", "nobody")],
                answers: vec![],
            },
            "(of `AWS_PROFILE`)",
        ),
        (
            Case {
                name: "denied",
                profile: Some("role"),
                files: &[config],
                variables: &[sts],
                answers: vec![bad(
                    "403 X",
                    "<E><Error><Code>AccessDenied</Code><Message>k</Message></Error></E>",
                )],
            },
            "the role arn:aws:iam::1:role/a of the profile `role` was refused (403 AccessDenied): it may not be taken",
        ),
        (
            Case {
                name: "sts-503",
                profile: Some("role"),
                files: &[config],
                variables: &[sts],
                answers: vec![bad("503 X", "")],
            },
            "cannot be had now (503); try again",
        ),
        (
            Case {
                name: "sts-odd",
                profile: Some("role"),
                files: &[config],
                variables: &[sts],
                answers: vec![good("<html>")],
            },
            "without a complete pair",
        ),
        (
            Case {
                name: "no-token",
                profile: None,
                files: &[],
                variables: &[
                    sts,
                    ("AWS_ROLE_ARN", "arn:w"),
                    ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/t"),
                ],
                answers: vec![],
            },
            "does not exist",
        ),
        (
            Case {
                name: "no-sso",
                profile: Some("sso"),
                files: &[config],
                variables: &[sso],
                answers: vec![],
            },
            "is missing; run `aws sso login --profile sso`",
        ),
        (
            Case {
                name: "over",
                profile: Some("sso"),
                files: &[config, (SSO_FILE, &over)],
                variables: &[sso, oidc],
                answers: vec![bad("400 X", r#"{"error":"invalid_grant"}"#)],
            },
            "has ended; run `aws sso login",
        ),
        (
            Case {
                name: "sso-401",
                profile: Some("sso"),
                files: &[config, (SSO_FILE, &far)],
                variables: &[sso],
                answers: vec![bad("401 X", "{}")],
            },
            "no longer accepted",
        ),
        (
            Case {
                name: "sso-403",
                profile: Some("sso"),
                files: &[config, (SSO_FILE, &far)],
                variables: &[sso],
                answers: vec![bad("403 X", r#"{"__type":"ForbiddenException"}"#)],
            },
            "may not use the role dev of account 123",
        ),
        (
            Case {
                name: "mfa",
                profile: Some("mfa"),
                files: &[config],
                variables: &[sts],
                answers: vec![],
            },
            "run `aws sts get-caller-identity --profile mfa`",
        ),
        (
            Case {
                name: "broken",
                profile: Some("broken"),
                files: &[config],
                variables: &[("PATH", "/usr/bin:/bin")],
                answers: vec![],
            },
            "`credential_process` that failed",
        ),
        (
            Case {
                name: "no-program",
                profile: Some("broken"),
                files: &[config],
                variables: &[("PATH", "/nowhere")],
                answers: vec![],
            },
            "`false` is not on the search path",
        ),
        (
            Case {
                name: "far-container",
                profile: None,
                files: &[],
                variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://a.example/x")],
                answers: vec![],
            },
            "must be https",
        ),
        (
            Case {
                name: "two-lines",
                profile: None,
                files: &[("t", "a\nb")],
                variables: &[
                    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/"),
                    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/t"),
                ],
                answers: vec![],
            },
            "more than one line",
        ),
        (
            Case {
                name: "no-role",
                profile: None,
                files: &[],
                variables: &[
                    ("AWS_EC2_METADATA_DISABLED", "false"),
                    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}"),
                ],
                answers: vec![good("secret"), bad("404 X", "")],
            },
            "knows no role of this instance",
        ),
    ] {
        let name = case.name;
        let (found, _) = found(case).await;
        let failure = found.expect_err(name);
        assert!(failure.what.contains(says), "{name}: {}", failure.what);
        let kind = if name == "sts-503" {
            Kind::Overloaded
        } else {
            Kind::Auth
        };
        assert_eq!(failure.kind, kind, "{name}");
    }
}
