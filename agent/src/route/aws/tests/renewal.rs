//! Sign-ins of the browser: which are renewed, and what the service has against them.

use super::super::super::error::Kind;
use super::*;

#[tokio::test]
async fn a_sign_in_is_renewed_only_where_it_can_be_and_the_old_one_does_meanwhile() {
    let soon = date::written(std::time::SystemTime::now() + std::time::Duration::from_secs(600));
    let later = date::written(std::time::SystemTime::now() + std::time::Duration::from_secs(1800));
    let with = |until: &str, change: fn(&mut Value)| {
        let mut kept: Value = serde_json::from_str(&sso_token(until)).expect("JSON");
        change(&mut kept);
        kept.to_string()
    };
    let past = "2020-01-01T00:00:00Z";
    let plain = |_: &mut Value| {};
    let renewed = good(r#"{"accessToken":"new","expiresIn":3600}"#);
    let sessionless = CONFIG.replace(
        "sso_session = s",
        "sso_region = eu-north-1\nsso_start_url = s",
    );
    for (name, config, kept, answers, token) in [
        ("later", CONFIG, with(&later, plain), vec![], Some("old")),
        (
            "soon",
            CONFIG,
            with(&soon, plain),
            vec![renewed.clone()],
            Some("new"),
        ),
        (
            "soon-refused",
            CONFIG,
            with(&soon, plain),
            vec![bad("400 X", "{}")],
            Some("old"),
        ),
        (
            "soon-odd",
            CONFIG,
            with(&soon, plain),
            vec![good("{}")],
            Some("old"),
        ),
        (
            "over",
            CONFIG,
            with(past, plain),
            vec![renewed.clone()],
            Some("new"),
        ),
        (
            "over-refused",
            CONFIG,
            with(past, plain),
            vec![bad("400 X", "{}")],
            None,
        ),
        (
            "no-refresh",
            CONFIG,
            with(&soon, |kept| kept["refreshToken"] = Value::Null),
            vec![],
            Some("old"),
        ),
        (
            "unregistered",
            CONFIG,
            with(&soon, |kept| {
                kept["registrationExpiresAt"] = "2020-01-01T00:00:00Z".into()
            }),
            vec![],
            Some("old"),
        ),
        (
            "unregistered-over",
            CONFIG,
            with(past, |kept| {
                kept["registrationExpiresAt"] = "2020-01-01T00:00:00Z".into()
            }),
            vec![],
            None,
        ),
        (
            "session-less",
            &sessionless,
            with(&soon, plain),
            vec![],
            Some("old"),
        ),
        (
            "tokenless",
            CONFIG,
            with(&later, |kept| kept["accessToken"] = 7.into()),
            vec![],
            None,
        ),
        (
            "timeless",
            CONFIG,
            with(&later, |kept| kept["expiresAt"] = "soon".into()),
            vec![],
            None,
        ),
    ] {
        let asked = answers.len();
        let case = Case {
            name: &format!("renew-{name}"),
            profile: Some("sso"),
            files: &[(".aws/config", config), (SSO_FILE, &kept)],
            variables: &[
                ("AWS_ENDPOINT_URL_SSO", "{url}"),
                ("AWS_ENDPOINT_URL_SSO_OIDC", "{url}/oidc/"),
            ],
            answers: [answers, vec![good(ROLE_KEYS)]].concat(),
        };
        let (found, requests) = found(case).await;
        let Some(token) = token else {
            let failure = found.expect_err(name);
            assert!(
                failure.what.contains("run `aws sso login --profile sso`"),
                "{name}: {}",
                failure.what
            );
            assert_eq!(requests.len(), asked, "{name}");
            continue;
        };
        assert_eq!(
            found.map(|(id, _)| id).ok().as_deref(),
            Some("SSO"),
            "{name}"
        );
        assert_eq!(requests.len(), asked + 1, "{name}");
        if asked > 0 {
            assert!(
                requests[0].0.starts_with("post /oidc/token "),
                "{}",
                requests[0].0
            );
        }
        let header = format!("x-amz-sso_bearer_token: {token}");
        assert!(
            requests[asked].0.contains(&header),
            "{name}: {}",
            requests[asked].0
        );
    }
    // What the sign-in's own service has against it.
    for (status, body, kind, says) in [
        (
            "404 X",
            "{}",
            Kind::Auth,
            "may not use the role dev of account 123 (404); check `sso_role_name` and `sso_account_id`",
        ),
        (
            "500 X",
            "{}",
            Kind::Overloaded,
            "the sign-in service of the profile `sso` answered 500; check `sso_region`, or try again",
        ),
        ("200 OK", "{}", Kind::Auth, "without a complete pair"),
    ] {
        let kept = with(&later, plain);
        let case = Case {
            name: &format!("role-{}", &status[..3]),
            profile: Some("sso"),
            files: &[(".aws/config", CONFIG), (SSO_FILE, &kept)],
            variables: &[("AWS_ENDPOINT_URL_SSO", "{url}")],
            answers: vec![bad(status, body)],
        };
        let failure = found(case).await.0.expect_err(status);
        assert!(failure.what.contains(says), "{status}: {}", failure.what);
        assert_eq!(failure.kind, kind, "{status}");
    }
}

#[tokio::test]
async fn a_role_behind_a_device_is_had_by_the_session_that_the_command_line_keeps() {
    let kept = ".aws/cli/cache/7203ac3eb15156c7478887a9c2b4f2ab1cfed346.json";
    let session = |until: &str| {
        json!({"Credentials": {"AccessKeyId": "CLI", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": until}}).to_string()
    };
    let endless =
        json!({"Credentials": {"AccessKeyId": "CLI", "SecretAccessKey": "s"}}).to_string();
    for (name, text, good) in [
        ("far", session("2099-01-01T00:00:00Z"), true),
        ("over", session("2020-01-01T00:00:00Z"), false),
        ("endless", endless, false),
        ("odd", "<".to_owned(), false),
        ("empty", "{}".to_owned(), false),
    ] {
        let case = Case {
            name: &format!("device-{name}"),
            profile: Some("mfa"),
            files: &[(".aws/config", CONFIG), (kept, &text)],
            variables: &[],
            answers: vec![],
        };
        let (found, _) = found(case).await;
        match good {
            true => assert_eq!(found.map(|(id, _)| id).ok().as_deref(), Some("CLI")),
            false => {
                let failure = found.expect_err(name);
                let mend = "run `aws sts get-caller-identity --profile mfa`, and ask again";
                assert!(
                    failure.what.contains(mend) || name == "empty",
                    "{name}: {}",
                    failure.what
                );
            }
        }
    }
}
