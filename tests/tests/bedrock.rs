//! Bedrock, checked by AWS's own library: it recomputes each signature, validates each body and decodes each frame that it sends.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use nextline_tests::{Launch, Server, binary};
use serde_json::Value;

mod routed;
use routed::{line, no_dialog, open};

const COMPLETED: &str = "    let counter = registry.gauge(\"tiefe ü→\");";

/// The library, with a server around it.
struct Bedrock {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    url: String,
}

impl Bedrock {
    fn start() -> Bedrock {
        let root = binary::root();
        let installed = Command::new(root.join("tests/aws/install.sh"))
            .output()
            .unwrap();
        let why = String::from_utf8_lossy(&installed.stderr);
        assert!(installed.status.success(), "tests/aws/install.sh: {why}");
        let mut child = Command::new(root.join(".cache/aws/bin/python"))
            .arg(root.join("tests/aws/bedrock.py"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = said.next().unwrap().unwrap();
        Bedrock {
            child,
            said,
            url: format!("http://127.0.0.1:{port}"),
        }
    }

    /// What the next request was, and what was wrong with it.
    fn asked(&mut self) -> Value {
        serde_json::from_str(&self.said.next().unwrap().unwrap()).unwrap()
    }

    /// A server whose completions are asked of `model`.
    fn server(&self, model: &str, more: &str, env: &[(&str, &str)]) -> Server {
        let config = format!(
            "[completion]\nroute = \"aws\"\nfallback = \"none\"\nthrottle_ms = 0\n\
             [routes.aws]\nprovider = \"bedrock\"\nmodel = \"{model}\"\nbase_url = \"{}\"\n{more}\n",
            self.url
        );
        let mut launch = Launch::new()
            .config(&config)
            .env("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in env {
            launch = launch.env(name, value);
        }
        launch.start()
    }
}

impl Drop for Bedrock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const STATIC: &[(&str, &str)] = &[
    ("AWS_ACCESS_KEY_ID", "AKIDSTATIC"),
    ("AWS_SECRET_ACCESS_KEY", "secret/static+"),
    ("AWS_REGION", "eu-west-1"),
];

#[test]
fn signatures_bodies_and_frames_are_what_the_library_takes() {
    let mut bedrock = Bedrock::start();
    let full = format!("{}/handed", bedrock.url);
    let handed: &[(&str, &str)] = &[
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full),
        ("AWS_REGION", "us-east-1"),
    ];
    let bearer: &[(&str, &str)] = &[("AWS_BEARER_TOKEN_BEDROCK", "bedrock-key")];
    let region = "region = \"eu-west-1\"";
    let invoke = "region = \"eu-west-1\"\napi = \"invoke\"";
    let arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1~b_c";
    for (model, more, env, path, scheme, requests) in [
        (
            "eu.vendor.plain-v1:0",
            "",
            STATIC,
            "/model/eu.vendor.plain-v1%3A0/converse-stream",
            "AWS4-HMAC-SHA256",
            1,
        ),
        (
            arn,
            "",
            STATIC,
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Aapplication-inference-profile%2Fa1~b_c/converse-stream",
            "AWS4-HMAC-SHA256",
            1,
        ),
        (
            "odd",
            region,
            STATIC,
            "/model/odd/converse-stream",
            "AWS4-HMAC-SHA256",
            1,
        ),
        (
            "eu.anthropic.claude-v1:0",
            invoke,
            STATIC,
            "/model/eu.anthropic.claude-v1%3A0/invoke-with-response-stream",
            "AWS4-HMAC-SHA256",
            1,
        ),
        (
            "handed",
            region,
            handed,
            "/model/handed/converse-stream",
            "AWS4-HMAC-SHA256",
            1,
        ),
        (
            "bearer",
            region,
            bearer,
            "/model/bearer/converse-stream",
            "Bearer",
            1,
        ),
        (
            "skewed",
            region,
            STATIC,
            "/model/skewed/converse-stream",
            "AWS4-HMAC-SHA256",
            2,
        ),
        (
            "exception",
            region,
            STATIC,
            "/model/exception/converse-stream",
            "AWS4-HMAC-SHA256",
            2,
        ),
    ] {
        let mut server = bedrock.server(model, more, env);
        let doc = open(&mut server);
        let found = line(&doc, &mut server);
        let asked: Vec<Value> = (0..requests).map(|_| bedrock.asked()).collect();
        assert_eq!(
            found,
            COMPLETED,
            "{model}: {asked:?}, {}",
            doc.why(&mut server)
        );
        let last = asked.last().unwrap();
        assert_eq!(last["wrong"], Value::Null, "{model}");
        assert_eq!(
            (&last["path"], &last["authorization"]),
            (&path.into(), &scheme.into()),
            "{model}"
        );
        let wrapped = last["body"]["anthropic_version"] == "bedrock-2023-05-31";
        assert_eq!(wrapped, more == invoke, "{model}: {}", last["body"]);
        assert!(
            last["body"]
                .get("model")
                .or(last["body"].get("stream"))
                .is_none(),
            "{model}"
        );
        no_dialog(&server);
    }
}

#[test]
fn keys_that_ended_are_fetched_anew_once() {
    let mut bedrock = Bedrock::start();
    let full = format!("{}/handed", bedrock.url);
    let env = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", full.as_str()),
        ("AWS_REGION", "eu-west-1"),
    ];
    let mut server = bedrock.server("expired", "", &env);
    let doc = open(&mut server);
    assert_eq!(line(&doc, &mut server), COMPLETED);
    assert_eq!(bedrock.asked()["wrong"]["name"], "ExpiredTokenException");
    assert_eq!(bedrock.asked()["wrong"], Value::Null);
}

#[test]
fn broken_frames_are_never_shown() {
    let mut bedrock = Bedrock::start();
    for (model, says) in [
        ("payload", "the checksum of a frame is wrong"),
        ("prelude", "the checksum of a frame's lengths is wrong"),
        ("cut", "broke off before its end"),
        ("unended", "broke off before its end"),
        ("error", "broke off with an error"),
        ("absent", "put its region in front of `model`"),
    ] {
        let mut server = bedrock.server(model, "", STATIC);
        let doc = open(&mut server);
        assert_eq!(line(&doc, &mut server), "", "{model}");
        assert_eq!(bedrock.asked()["wrong"], Value::Null, "{model}");
        let why = doc.why(&mut server).to_string();
        assert!(why.contains(says), "{model}: {why}");
        assert!(!server.stderr().contains("secret/static+"), "{model}");
        no_dialog(&server);
    }
}

#[test]
fn without_credentials_the_reason_says_what_to_do() {
    let bedrock = Bedrock::start();
    let mut server = bedrock.server("plain", "region = \"eu-west-1\"\nprofile = \"work\"", &[]);
    let doc = open(&mut server);
    assert_eq!(line(&doc, &mut server), "");
    let why = doc.why(&mut server).to_string();
    assert!(
        why.contains("the profile `work` (of `profile` of this route)"),
        "{why}"
    );
    let mut server = bedrock.server("plain", "", &STATIC[..2]);
    let doc = open(&mut server);
    assert_eq!(line(&doc, &mut server), "");
    let why = doc.why(&mut server).to_string();
    assert!(why.contains("set `region` of this route"), "{why}");
}
