//! Ten questions at once cost one fetch of a credential, which is a row of the ledger without anything of its body.

use std::path::Path;

use nextline_tests::encodings::holds;
use nextline_tests::families::{CONVERSE, GEMINI, OPENAI_CHAT};
use nextline_tests::samples::learnable;
use nextline_tests::wait;
use serde_json::json;

use super::*;

/// A way to a credential; `{url}` stands for the server, which is the authority, too, and `{home}` for the home directory.
struct Chain {
    name: &'static str,
    route: &'static str,
    voice: &'static Voice,
    variables: &'static [(&'static str, &'static str)],
    files: &'static [(&'static str, &'static str)],
    /// What the authority is asked, and what it says.
    authority: &'static [(&'static str, &'static str)],
}

const SECRET: &str = "handed-out-5Kq2";
const AWS: &str =
    "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"";
const HANDED: &str = r#"{"AccessKeyId":"AKIDHANDED","SecretAccessKey":"handed-out-5Kq2","Token":"handed-out-5Kq2","Expiration":"2999-01-01T00:00:00Z","Code":"Success"}"#;

#[rustfmt::skip]
const CHAINS: &[Chain] = &[
    Chain {
        name: "a command",
        route: "provider = \"openai-compatible\"\nmodel = \"m\"\nfim = \"chat\"\nbase_url = \"{url}/v1\"\ntoken_command = [\"sh\", \"-c\", \"echo run >>$HOME/runs; echo handed-out-5Kq2\"]",
        voice: &OPENAI_CHAT,
        variables: &[],
        files: &[],
        authority: &[],
    },
    Chain {
        name: "entra, a secret",
        route: "provider = \"azure-openai\"\ndeployment = \"d\"\nauth = \"entra\"\nauthority_host = \"{url}\"\nbase_url = \"{url}\"",
        voice: &OPENAI_CHAT,
        variables: &[("AZURE_CLIENT_SECRET", "handed-out-5Kq2"), ("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")],
        files: &[],
        authority: &[("/t/oauth2/v2.0/token", r#"{"access_token":"handed-out-5Kq2","expires_in":3600}"#)],
    },
    Chain {
        name: "vertex, a person's credentials",
        route: "provider = \"vertex\"\nmodel = \"gemini-m\"\nproject = \"p\"\nbase_url = \"{url}\"",
        voice: &GEMINI,
        variables: &[],
        files: &[(".config/gcloud/application_default_credentials.json", r#"{"type":"authorized_user","client_id":"c","client_secret":"handed-out-5Kq2","refresh_token":"handed-out-5Kq2","token_uri":"{url}/token"}"#)],
        authority: &[("/token", r#"{"access_token":"handed-out-5Kq2","expires_in":3600}"#)],
    },
    Chain {
        name: "bedrock, a sign-in of the browser",
        route: AWS,
        voice: &CONVERSE,
        variables: &[("AWS_PROFILE", "work"), ("AWS_ENDPOINT_URL_SSO", "{url}"), ("AWS_EC2_METADATA_DISABLED", "true")],
        files: &[
            (".aws/config", "[profile work]\nsso_session = my-sso\nsso_account_id = 123456789012\nsso_role_name = dev\n[sso-session my-sso]\nsso_region = eu-west-1\nsso_start_url = https://my.example/start\n"),
            (".aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json", r#"{"accessToken":"handed-out-5Kq2","expiresAt":"2999-01-01T00:00:00Z","region":"eu-west-1","startUrl":"https://my.example/start"}"#),
        ],
        authority: &[("/federation/credentials?role_name=dev&account_id=123456789012", r#"{"roleCredentials":{"accessKeyId":"AKIDHANDED","secretAccessKey":"handed-out-5Kq2","sessionToken":"handed-out-5Kq2","expiration":32472144000000}}"#)],
    },
    Chain {
        name: "bedrock, an instance",
        route: AWS,
        voice: &CONVERSE,
        variables: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}")],
        files: &[],
        authority: &[
            ("/latest/api/token", "handed-out-5Kq2"),
            ("/latest/meta-data/iam/security-credentials/", "the-role"),
            ("/latest/meta-data/iam/security-credentials/the-role", HANDED),
        ],
    },
    Chain {
        name: "bedrock, a container",
        route: AWS,
        voice: &CONVERSE,
        variables: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/handed")],
        files: &[],
        authority: &[("/handed", HANDED)],
    },
];

const QUESTIONS: usize = 10;

fn credential_rows(state: &Path) -> Vec<Value> {
    let home = Scratch::new();
    let args = ["sent", "--last", "100", "--json"];
    let output = binary::command(home.path())
        .env("XDG_STATE_HOME", state)
        .args(args)
        .output()
        .unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let credential = |row: &Value| row["surface"] == "credential";
    rows.into_iter().filter(credential).collect()
}

#[test]
fn ten_questions_cost_one_fetch_which_is_in_the_ledger() {
    for chain in CHAINS {
        let name = chain.name;
        let (voice, authority) = (chain.voice, chain.authority);
        let route = served(drop);
        let url = route.url();
        let home = Scratch::new();
        let fill = |text: &str| text.replace("{url}", &url);
        for (path, text) in chain.files {
            home.write(path, fill(text));
        }
        route.script(move |exchange| {
            let target = exchange.seen.target.clone();
            match authority.iter().find(|(asked, _)| *asked == target) {
                Some((_, body)) => {
                    exchange.reply(
                        "200 OK",
                        &[("Content-Type", "application/json")],
                        body.as_bytes(),
                    );
                }
                None => voice.answer(exchange, "gauge(1);"),
            }
        });
        let head = "[completion]\nroute = \"r\"\nfallback = \"none\"\nthrottle_ms = 0\n[ledger]\nbodies = true\n[routes.r]\n";
        let state = home.path().join("state");
        let mut launch = Launch::new()
            .config(&format!("{head}{}\n", fill(chain.route)))
            .env("HOME", home.path().to_str().unwrap())
            .env("XDG_STATE_HOME", state.to_str().unwrap());
        for (variable, value) in chain.variables {
            launch = launch.env(variable, &fill(value));
        }
        let mut server = launch.start();
        let docs: Vec<Doc> = (0..QUESTIONS)
            .map(|n| {
                Doc::open(
                    &mut server,
                    &format!("file:///route/a{n}.rs"),
                    "rust",
                    &learnable(),
                )
            })
            .collect();
        let asked: Vec<Value> = docs.iter().map(|doc| doc.ask(&mut server, 1)).collect();
        for (doc, id) in docs.iter().zip(&asked) {
            let items = nextline_tests::doc::items(server.answer(id).unwrap());
            let why = doc.why(&mut server);
            assert_eq!(items.len(), 1, "{name}: {why}");
        }
        let requests = route.requests();
        for (target, _) in authority {
            let fetches = requests.iter().filter(|seen| seen.target == *target);
            assert_eq!(fetches.count(), 1, "{name}: {target}");
        }
        assert_eq!(requests.len(), QUESTIONS + authority.len(), "{name}");
        if authority.is_empty() {
            let runs = std::fs::read_to_string(home.path().join("runs")).unwrap();
            assert_eq!(runs, "run\n", "{name}");
        }
        let rows = wait::until("the fetches should be in the ledger", || {
            let rows = credential_rows(&state);
            let ended = rows.iter().all(|row| !row["outcome"].is_null());
            (rows.len() == authority.len() && ended).then_some(rows)
        });
        for row in &rows {
            assert_eq!(
                (&row["origin"], &row["outcome"]),
                (&json!(url), &json!("answered")),
                "{name}: {row}"
            );
            assert!(row["body"].is_null(), "{name}: {row}");
        }
        drop(server);
        for file in ["ledger.sqlite", "ledger.sqlite-wal"] {
            let bytes = std::fs::read(state.join("nextline").join(file)).unwrap_or_default();
            assert!(!holds(&bytes, SECRET), "{name}: a secret is in {file}");
        }
    }
}

#[test]
fn a_token_of_azure_goes_before_its_key() {
    for (more, header, value) in [
        ("", "authorization", "Bearer the-token"),
        ("auth = \"entra\"", "authorization", "Bearer the-token"),
        ("auth = \"key\"", "api-key", "the-key"),
        ("api_key_env = \"KEY\"", "api-key", KEY),
    ] {
        let route = served(|exchange| OPENAI_CHAT.answer(exchange, "ok"));
        let home = Scratch::new();
        let settings = format!(
            "[routes.r]\nprovider = \"azure-openai\"\ndeployment = \"d\"\nbase_url = \"{}\"\n{more}\n",
            route.url()
        );
        home.write(".config/nextline/config.toml", settings);
        let output = command(&home, &["chat", "-m", "hello", "--route", "r"])
            .env("AZURE_OPENAI_AD_TOKEN", "the-token")
            .env("AZURE_OPENAI_API_KEY", "the-key")
            .output()
            .unwrap();
        assert_eq!(output.stdout, b"ok\n", "{more}: {output:?}");
        let seen = &route.requests()[0];
        let other = ["authorization", "api-key"]
            .into_iter()
            .find(|name| *name != header)
            .unwrap();
        assert_eq!(
            (seen.header(header), seen.header(other)),
            (Some(value), None),
            "{more}"
        );
    }
}
