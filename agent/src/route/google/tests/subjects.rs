//! Where the token of a workload comes from: what each form takes, what it asks, and what it says where it finds nothing.

use super::*;

const NO_PROGRAM: &[(&str, &str)] = &[("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")];

fn aws() -> Value {
    json!({
        "environment_id": "aws1", "region_url": "{url}/zone", "url": "{url}/roles/",
        "regional_cred_verification_url": "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        "imdsv2_session_token_url": "{url}/session",
    })
}

#[tokio::test]
async fn the_instance_is_asked_only_for_what_the_variables_leave_open() {
    let region = ("AWS_REGION", "us-east-2");
    let usual = ("AWS_DEFAULT_REGION", "us-east-2");
    let (id, secret) = (("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s"));
    let keys = r#"{"AccessKeyId":"AKID","SecretAccessKey":"s"}"#;
    let (session, zone, role) = (good("imds"), good("us-east-2a\n"), good("role-1\n"));
    let keys = good(keys);
    for (name, variables, answers, asked) in [
        ("all", vec![region, id, secret], vec![], vec![]),
        ("usual", vec![usual, id, secret], vec![], vec![]),
        (
            "keys",
            vec![id, secret],
            vec![session.clone(), zone.clone()],
            vec!["put /session ", "get /zone "],
        ),
        (
            "region",
            vec![region],
            vec![session.clone(), role.clone(), keys.clone()],
            vec!["put /session ", "get /roles/ ", "get /roles/role-1 "],
        ),
        (
            "half",
            vec![region, id],
            vec![session.clone(), role.clone(), keys.clone()],
            vec!["put /session ", "get /roles/ ", "get /roles/role-1 "],
        ),
        (
            "other-half",
            vec![region, secret],
            vec![session.clone(), role.clone(), keys.clone()],
            vec!["put /session ", "get /roles/ ", "get /roles/role-1 "],
        ),
        (
            "none",
            vec![],
            vec![session, zone, role, keys],
            vec![
                "put /session ",
                "get /zone ",
                "get /roles/ ",
                "get /roles/role-1 ",
            ],
        ),
    ] {
        let answers = [answers, vec![good(TOKEN)]].concat();
        let found = found(
            &format!("aws-{name}"),
            &external(aws()),
            &variables,
            answers,
        )
        .await;
        let token = found
            .token
            .unwrap_or_else(|failure| panic!("{name}: {}", failure.what));
        assert_eq!(token.0, "tok", "{name}");
        assert_eq!(found.asked.len(), asked.len() + 1, "{name}");
        for ((head, _), start) in found.asked.iter().zip(&asked) {
            assert!(head.starts_with(start), "{name}: {head}");
            let first = start.starts_with("put");
            assert_eq!(
                head.contains("x-aws-ec2-metadata-token-ttl-seconds: 300"),
                first,
                "{head}"
            );
            assert_eq!(
                head.contains("x-aws-ec2-metadata-token: imds"),
                !first,
                "{head}"
            );
        }
        let subject = field(&found.asked[asked.len()].1, "subject_token").expect("there");
        assert!(
            subject.contains("sts.us-east-2.amazonaws.com"),
            "{name}: {subject}"
        );
    }
    // An instance of the older kind is asked without a session.
    let mut old = aws();
    old["imdsv2_session_token_url"] = Value::Null;
    let answers = vec![good("us-east-2a"), good(TOKEN)];
    let found = found("aws-old", &external(old), &[id, secret], answers).await;
    assert!(found.token.is_ok());
    assert!(
        !found.asked[0].0.contains("metadata-token"),
        "{}",
        found.asked[0].0
    );
}

fn good(body: &str) -> Vec<Act> {
    answer("200 OK", body)
}

#[tokio::test]
async fn what_a_workload_lacks_is_named() {
    let run = |program: Value| external(json!({"executable": program}));
    let printed = |answer: Value| run(json!({"command": format!("echo '{answer}'")}));
    let none = |key: &str| {
        let mut source = aws();
        source[key] = Value::Null;
        external(source)
    };
    let mut version = aws();
    version["environment_id"] = "aws2".into();
    let (id, secret) = (("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s"));
    let region = ("AWS_REGION", "us-east-2");
    let over = json!({"success": true, "id_token": "t", "expiration_time": 1});
    for (name, document, variables, answers, says) in [
        (
            "file-kind",
            external(json!({"file": 7})),
            &[][..],
            vec![],
            "has no `credential_source.file`; get a new one",
        ),
        (
            "file-gone",
            external(json!({"file": "{dir}/none"})),
            &[],
            vec![],
            "`credential_source.file` in the file",
        ),
        (
            "url-odd",
            external(json!({"url": "nothing"})),
            &[],
            vec![],
            "`credential_source.url` in",
        ),
        (
            "url-empty",
            external(json!({"url": "{url}/id"})),
            &[],
            vec![good(" \n")],
            "is empty or not where it should be",
        ),
        (
            "not-json",
            external(json!({"file": "{dir}/jwt", "format": {"type": "json"}})),
            &[],
            vec![],
            "is empty or not where it should be",
        ),
        (
            "version",
            external(version),
            &[],
            vec![],
            "of a version that is not known here",
        ),
        (
            "no-zone",
            none("region_url"),
            &[id, secret],
            vec![good("imds")],
            "has no `credential_source.region_url`",
        ),
        (
            "no-check",
            none("regional_cred_verification_url"),
            &[region, id, secret],
            vec![],
            "has no `credential_source.regional_cred_verification_url`",
        ),
        (
            "zone-404",
            external(aws()),
            &[id, secret],
            vec![good("imds"), answer("404 X", "")],
            "answered 404 to `region_url`; check its role",
        ),
        (
            "keys-odd",
            external(aws()),
            &[region],
            vec![good("imds"), good("r"), good("<")],
            "answered without keys; check its role",
        ),
        (
            "failed",
            printed(json!({"success": false})),
            NO_PROGRAM,
            vec![],
            "says that it failed; run it by hand to see why",
        ),
        (
            "over",
            printed(over),
            NO_PROGRAM,
            vec![],
            "gave a token that has ended",
        ),
        (
            "no-token",
            printed(json!({"success": true})),
            NO_PROGRAM,
            vec![],
            "gave no token",
        ),
        (
            "empty-token",
            printed(json!({"success": true, "id_token": ""})),
            NO_PROGRAM,
            vec![],
            "gave no token",
        ),
        (
            "other-token",
            printed(
                json!({"success": true, "token_type": "urn:ietf:params:oauth:token-type:saml2", "id_token": "t"}),
            ),
            NO_PROGRAM,
            vec![],
            "gave no token",
        ),
        (
            "false",
            run(json!({"command": "false"})),
            NO_PROGRAM,
            vec![],
            "failed; run it by hand to see why",
        ),
        (
            "no-command",
            run(json!({})),
            NO_PROGRAM,
            vec![],
            "the command is empty",
        ),
        (
            "slow",
            run(json!({"command": "sleep 60", "timeout_millis": 1})),
            NO_PROGRAM,
            vec![],
            "did not end within 0 s",
        ),
    ] {
        let found = found(&format!("lacks-{name}"), &document, variables, answers).await;
        let failure = found.token.expect_err(name);
        assert!(failure.what.contains(says), "{name}: {}", failure.what);
    }
}

#[tokio::test]
async fn a_program_learns_whom_it_is_asked_for_and_its_kept_answer_does_while_it_holds() {
    let run = |program: Value| {
        let mut document = external(json!({"executable": program}));
        document["service_account_impersonation_url"] =
            "{url}/v1/projects/-/serviceAccounts/me@p.example:generateAccessToken".into();
        document
    };
    let names = [
        "AUDIENCE",
        "TOKEN_TYPE",
        "INTERACTIVE",
        "OUTPUT_FILE",
        "IMPERSONATED_EMAIL",
    ];
    let echoed: Vec<String> = names
        .iter()
        .map(|name| format!("$GOOGLE_EXTERNAL_ACCOUNT_{name}"))
        .collect();
    let script = format!(
        r#"sh -c "printf '{{\"success\":true,\"id_token\":\"%s\"}}' \"{}\"""#,
        echoed.join("|")
    );
    let script = script.replace("\\\\", "\\");
    let document = run(json!({"command": script, "output_file": "{dir}/none"}));
    let found_named = found(
        "program-names",
        &document,
        NO_PROGRAM,
        vec![good(TOKEN), good(ACTED)],
    )
    .await;
    assert!(
        found_named.token.is_ok(),
        "{:?}",
        found_named.token.err().map(|failure| failure.what)
    );
    let subject = field(&found_named.asked[0].1, "subject_token").expect("there");
    let parts: Vec<&str> = subject.split('|').collect();
    assert_eq!(
        parts[..3],
        ["//aud", "urn:ietf:params:oauth:token-type:jwt", "0"],
        "{subject}"
    );
    assert!(parts[3].ends_with("/none"), "{subject}");
    assert_eq!(parts[4], "me@p.example", "{subject}");

    // A kept answer without an end is not taken, nor one that is not there or cannot be read.
    for kept in ["{dir}/json", "{dir}/jwt", "{dir}/none"] {
        let document = run(json!({"command": "cat {dir}/printed", "output_file": kept}));
        let found = found(
            "program-kept",
            &document,
            NO_PROGRAM,
            vec![good(TOKEN), good(ACTED)],
        )
        .await;
        let subject = field(&found.asked[0].1, "subject_token");
        assert_eq!(subject.as_deref(), Some("run"), "{kept}");
    }
    let saml = json!({"success": true, "token_type": "urn:ietf:params:oauth:token-type:saml2", "saml_response": "saml"});
    let document = run(json!({"command": format!("echo '{saml}'")}));
    let found_saml = found(
        "program-saml",
        &document,
        NO_PROGRAM,
        vec![good(TOKEN), good(ACTED)],
    )
    .await;
    assert_eq!(
        field(&found_saml.asked[0].1, "subject_token").as_deref(),
        Some("saml")
    );
}

#[tokio::test]
async fn headers_of_an_address_that_can_be_sent_are() {
    let headers = json!({"x-a": "1", "a b": "2", "x-c": 3, "x-d": "\n"});
    let document = external(json!({"url": "{url}/id", "headers": headers}));
    let found = found("headers", &document, &[], vec![good("t"), good(TOKEN)]).await;
    assert!(found.token.is_ok());
    let head = &found.asked[0].0;
    assert!(
        head.contains("x-a: 1") && !head.contains("x-c") && !head.contains("x-d"),
        "{head}"
    );
}

#[tokio::test]
async fn what_gcloud_left_is_found_in_its_own_folder() {
    let folder = std::env::temp_dir().join(format!("nextline-gcloud-{}", std::process::id()));
    let server = Server::start(vec![good(TOKEN)]).await;
    let document = user().to_string().replace("{url}", &server.url);
    for (place, variable) in [
        ("home/.config/gcloud", "HOME"),
        ("moved", "CLOUDSDK_CONFIG"),
    ] {
        let place = folder.join(place);
        std::fs::create_dir_all(&place).expect("a folder");
        std::fs::write(
            place.join("application_default_credentials.json"),
            &document,
        )
        .expect("write");
        let value = match variable {
            "HOME" => folder.join("home").display().to_string(),
            _ => place.display().to_string(),
        };
        let around = Surroundings::of(&[(variable, &value), ("NO_GCE_CHECK", "true")]);
        let fresh = adc::fetch(around).await.map_err(|failure| failure.what);
        assert_eq!(
            fresh.map(|fresh| fresh.value.token.token()),
            Ok("tok".into()),
            "{variable}"
        );
    }
    std::fs::remove_dir_all(&folder).expect("clean");
}
