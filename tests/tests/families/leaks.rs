//! Keys stay in the requests that they are for: in no log, message, row of the ledger, address or body; and nothing goes to an origin that
//! the settings do not name.

use std::fs;
use std::path::Path;

use super::*;

/// Every byte of every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn no_key_is_in_a_log_a_message_a_row_an_address_or_a_body() {
    each_provider(|provider, complaints| {
        let voice = provider.chat;
        let route = served(drop);
        let home = Scratch::new();
        let log = home.path().join("log");
        // An answer of megabytes says nothing more of keys.
        let told = |row: &&Row| row.says != "too large" && row.wait == Wait::Long;
        for row in ROWS.iter().filter(told) {
            let fault = row.fault;
            route.script(move |mut exchange| {
                // Somebody between, or the provider itself, plays the key back.
                if row.name == "400" {
                    let body =
                        format!("{{\"error\":{{\"message\":\"bad {KEY}\",\"code\":\"{KEY}\"}}}}");
                    exchange.reply("400 Bad Request", &[("x-request-id", KEY)], body.as_bytes());
                } else if row.name == "422" {
                    exchange.raw(b"HTTP/1.1 302 Found\r\n");
                    let to = format!(
                        "Location: http://{KEY}.example/{KEY}?k={KEY}\r\nContent-Length: 0\r\n\r\n"
                    );
                    exchange.raw(to.as_bytes());
                    exchange.cut();
                } else {
                    fault(exchange, voice);
                }
            });
            let config = provider.config(&route.url(), row.wait.timeouts());
            home.write(
                ".config/nextline/config.toml",
                config + "[ledger]\nbodies = true\n",
            );
            let args = [
                "--log-level",
                "trace",
                "--log-file",
                log.to_str().unwrap(),
                "chat",
                "-m",
                "hello",
                "--route",
                "r",
            ];
            let output = command(&home, &args).output().unwrap();
            for (place, bytes) in [
                ("its output", &output.stdout),
                ("its complaint", &output.stderr),
            ] {
                complaints.unless(!holds(bytes, KEY), || {
                    format!("{}, {}: the key is in {place}", provider.name, row.name)
                });
            }
        }
        for (name, bytes) in files(home.path()) {
            complaints.unless(!holds(&bytes, KEY), || {
                format!("{}: the key is in {name}", provider.name)
            });
        }
        complaints.unless(
            home.path()
                .join(".local/state/nextline/ledger.sqlite")
                .is_file(),
            || format!("{}: no ledger", provider.name),
        );
        let requests = route.requests();
        for seen in &requests {
            complaints.unless(
                !holds(seen.target.as_bytes(), KEY) && !holds(&seen.body, KEY),
                || {
                    format!(
                        "{}: the key is in the address or the body of a request",
                        provider.name
                    )
                },
            );
        }
        // The positive control: it is where it belongs.
        let sent = requests
            .iter()
            .all(|seen| seen.headers.iter().any(|(_, value)| value.contains(KEY)));
        complaints.unless(sent && !requests.is_empty(), || {
            format!("{}: the key was not sent", provider.name)
        });
    });
}

#[test]
fn a_servers_log_holds_no_key() {
    each_provider(|provider, complaints| {
        let voice = provider.completion;
        let route = served(move |exchange| voice.answer(exchange, "gauge(1);"));
        let head = "[completion]\nroute = \"r\"\nfallback = \"none\"\nthrottle_ms = 0\n";
        let config = provider.config(&route.url(), "");
        let mut launch = Launch::new()
            .args(&["--stdio", "--log-level", "trace"])
            .config(&format!("{head}{config}"));
        for (name, value) in VARIABLES {
            launch = launch.env(name, value);
        }
        let mut server = launch.start();
        let mut doc = open(&mut server);
        let found = line(&doc, &mut server);
        complaints.unless(found.ends_with("gauge(1);"), || {
            format!("{}: {found:?}, {}", provider.name, doc.why(&mut server))
        });
        route.script(move |exchange| {
            voice.refuse(exchange, nextline_tests::families::Wrong::Key, &[])
        });
        doc.type_text(&mut server, "a");
        line(&doc, &mut server);
        let log = nextline_tests::wait::until("there is a log", || {
            Some(server.stderr()).filter(|log| log.len() > 100)
        });
        complaints.unless(!holds(log.as_bytes(), KEY), || {
            format!("{}: a log of {} bytes", provider.name, log.len())
        });
        for (name, bytes) in files(server.home().path()) {
            complaints.unless(!holds(&bytes, KEY), || {
                format!("{}: the key is in {name}", provider.name)
            });
        }
    });
}

/// What would lead a vendor's own tools elsewhere.
const MOVES: &[&str] = &[
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AWS_ENDPOINT_URL_BEDROCK",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_VERTEX_BASE_URL",
    "AZURE_OPENAI_ENDPOINT",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_VERTEX_BASE_URL",
    "GEMINI_BASE_URL",
    "MISTRAL_BASE_URL",
    "DEEPSEEK_BASE_URL",
    "FIREWORKS_BASE_URL",
    "OLLAMA_HOST",
    "LLAMA_SERVER_URL",
    "SRC_ENDPOINT",
    "CODY_ENDPOINT",
];

#[test]
fn nothing_goes_to_an_origin_that_is_not_configured() {
    each_provider(|provider, complaints| {
        let voice = provider.chat;
        let elsewhere = ScriptedRoute::instant("stolen");
        let route = served(move |exchange| voice.answer(exchange, "mine"));
        let config = provider.config(&route.url(), Wait::Long.timeouts());
        let home = Scratch::new();
        home.write(".config/nextline/config.toml", &config);
        let args = ["chat", "-m", "hello", "--route", "r"];
        let moved = MOVES.iter().map(|name| (*name, elsewhere.url()));
        let output = command(&home, &args).envs(moved).output().unwrap();
        complaints.unless(output.stdout == b"mine\n", || {
            format!("{}: {output:?}", provider.name)
        });

        for (target, named) in [
            (format!("{}/v1/x?key=1", elsewhere.url()), elsewhere.url()),
            (format!("{}/again", route.url()), route.url()),
            ("/again".into(), route.url()),
            ("file:///etc/passwd".into(), "a file: address".into()),
            (
                "http://169.254.169.254/latest/meta-data".into(),
                "http://169.254.169.254".into(),
            ),
        ] {
            for status in [
                "301 Moved",
                "302 Found",
                "303 See Other",
                "307 Temporary Redirect",
                "308 Permanent Redirect",
            ] {
                let location = target.clone();
                route.script(move |exchange| {
                    exchange.reply(status, &[("Location", &location)], b"")
                });
                let before = asked(&route);
                let (output, object) = chat(&config);
                let message = object["error"]["message"].as_str().unwrap_or_default();
                let right = output.status.code() == Some(1)
                    && asked(&route) - before == 1
                    && message.contains(&format!("a redirect to {named},"))
                    && message.contains("`base_url`");
                complaints.unless(right, || {
                    format!("{}, {status} to {target}: {object}", provider.name)
                });
            }
        }
        complaints.unless(elsewhere.connections() == 0, || {
            format!("{}: somebody else was asked", provider.name)
        });
    });
}

/// A proxy's password is nobody's business but the proxy's, whatever it does.
#[test]
fn a_proxys_password_is_shown_to_nobody() {
    type Says = fn(Exchange);
    let says: &[(&str, Says)] = &[
        ("407", |e| {
            e.reply(
                "407 Proxy Authentication Required",
                &[("Proxy-Authenticate", "Basic")],
                b"",
            )
        }),
        ("502", |e| {
            e.reply(
                "502 Bad Gateway",
                &[("Content-Type", "text/html"), ("Retry-After", "0")],
                b"<html>",
            )
        }),
        ("closed", |e| e.cut()),
        ("good", |e| e.answer("ok")),
    ];
    for scheme in ["http", "https"] {
        for (name, script) in says {
            let proxy = ScriptedRoute::new(script);
            let home = Scratch::new();
            let with_password = proxy.url().replace("//", &format!("//me:{KEY}@"));
            let settings = format!(
                "[routes.r]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"{scheme}://model.invalid/v1\"\nproxy = \"{with_password}\"\n"
            );
            home.write(".config/nextline/config.toml", settings);
            let log = home.path().join("log");
            let args = [
                "--log-level",
                "trace",
                "--log-file",
                log.to_str().unwrap(),
                "chat",
                "-m",
                "hello",
                "--route",
                "r",
            ];
            let output = command(&home, &args).output().unwrap();
            let all = [
                output.stdout.clone(),
                output.stderr.clone(),
                fs::read(&log).unwrap_or_default(),
            ]
            .concat();
            assert!(!holds(&all, KEY), "{scheme}, {name}: {output:?}");
            for (file, bytes) in files(&home.path().join(".local")) {
                assert!(!holds(&bytes, KEY), "{scheme}, {name}: {file}");
            }
            assert!(proxy.count() > 0, "{scheme}, {name}");
            let code = match (scheme, *name) {
                ("http", "407") => 3,
                ("http", "good") => 0,
                (_, "407") => 3,
                _ => 5,
            };
            assert_eq!(
                output.status.code(),
                Some(code),
                "{scheme}, {name}: {output:?}"
            );
        }
    }
}
