//! What is missing or wrong on the way to a token, and the sentences that say so.

use super::super::super::error::Kind;
use super::*;

#[tokio::test]
async fn what_is_wrong_is_said_with_its_mend() {
    let plain = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "token_uri": "http://a.example/"});
    let program = external(json!({"executable": {"command": "true"}}));
    let allowed = &[("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")][..];
    for (name, document, variables, answers, says) in [
        (
            "nothing",
            Value::Null,
            &[][..],
            vec![],
            "run `gcloud auth application-default login`",
        ),
        (
            "no-metadata",
            Value::Null,
            &[("NO_GCE_CHECK", "0"), ("GCE_METADATA_HOST", "{host}")],
            vec![],
            "no metadata service answers",
        ),
        (
            "no-file",
            Value::Null,
            &[("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/x")],
            vec![],
            "`GOOGLE_APPLICATION_CREDENTIALS` (/nowhere/x) does not exist",
        ),
        (
            "type",
            json!({"type": "gdch_service_account"}),
            &[],
            vec![],
            "no `type` that is known here",
        ),
        ("list", json!([1]), &[], vec![], "no JSON of credentials"),
        (
            "half",
            json!({"type": "authorized_user"}),
            &[],
            vec![],
            "has no `client_id`",
        ),
        (
            "plain",
            plain,
            &[],
            vec![],
            "http address, which a secret must not go to",
        ),
        (
            "revoked",
            user(),
            &[],
            vec![answer(
                "400 X",
                r#"{"error":"invalid_grant","error_description":"k"}"#,
            )],
            "was refused (400 invalid_grant); run `gcloud auth",
        ),
        (
            "busy",
            user(),
            &[],
            vec![answer("503 X", "")],
            "got 503; try again",
        ),
        (
            "no-program",
            program.clone(),
            &[],
            vec![],
            "only run where GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1",
        ),
        (
            "silent-program",
            program,
            allowed,
            vec![],
            "says that it failed",
        ),
        (
            "no-source",
            external(json!({"certificate": {}})),
            &[],
            vec![],
            "of no known kind",
        ),
        (
            "no-url",
            external(json!({"url": "{url}/id"})),
            &[],
            vec![answer("404 X", "")],
            "answered 404",
        ),
        (
            "no-field",
            external(
                json!({"file": "{dir}/json", "format": {"type": "json", "subject_token_field_name": "b"}}),
            ),
            &[],
            vec![],
            "is empty or not where it should be",
        ),
    ] {
        let found = found(name, &document, variables, answers).await;
        let failure = found.token.expect_err(name);
        assert!(failure.what.contains(says), "{name}: {}", failure.what);
        let kind = match name {
            "busy" => Kind::Overloaded,
            "plain" => Kind::Settings,
            _ => Kind::Auth,
        };
        assert_eq!(failure.kind, kind, "{name}");
    }
}
