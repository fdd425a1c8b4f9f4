//! Every fault over every family: what a chat says and how it ends, what a completion leaves out and why, and that the next good answer
//! is taken as if nothing had been.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use nextline_tests::encodings::holds;
use nextline_tests::families::{KEY, PROVIDERS, Provider, VARIABLES, Voice};
use nextline_tests::{Doc, Exchange, Launch, Scratch, ScriptedRoute, Server, binary};
use serde_json::Value;

#[path = "families/credentials.rs"]
mod credentials;
#[path = "families/delivery.rs"]
mod delivery;
#[path = "families/leaks.rs"]
mod leaks;
#[path = "families/lists.rs"]
mod lists;
#[path = "families/rests.rs"]
mod rests;
mod routed;
#[path = "families/rows.rs"]
mod rows;
#[path = "families/wrong.rs"]
mod wrong;
use routed::{line, no_dialog, open};
use rows::{Next, ROWS, Row, Wait};

/// What is wrong, gathered over the whole table.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn unless(&mut self, good: bool, what: impl FnOnce() -> String) {
        if !good {
            self.0.push(what());
        }
    }
}

/// Does the same for every provider, a few at a time, and fails with all that was wrong.
fn each_provider(check: impl Fn(&'static Provider, &mut Complaints) + Sync) {
    const AT_ONCE: usize = 6;
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(provider) = PROVIDERS.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let mut complaints = Complaints::default();
                    check(provider, &mut complaints);
                    all.lock().unwrap().append(&mut complaints.0);
                }
            });
        }
    });
    let all = all.into_inner().unwrap();
    assert!(all.is_empty(), "{} wrong:\n{}", all.len(), all.join("\n"));
}

/// A server whose model answers by `script`, but for what is asked beside the asking.
fn served(script: impl Fn(Exchange) + Send + Sync + 'static) -> ScriptedRoute {
    ScriptedRoute::new(move |exchange| {
        if exchange.seen.target == "/api/show" {
            let json = [("Content-Type", "application/json")];
            exchange.reply("200 OK", &json, br#"{"capabilities":["insert"]}"#);
        } else {
            script(exchange);
        }
    })
}

/// How often the model itself was asked.
fn asked(route: &ScriptedRoute) -> usize {
    let requests = route.requests();
    let beside = |target: &str| target == "/api/show";
    requests.iter().filter(|seen| !beside(&seen.target)).count()
}

/// `nextline` with a route `r` and the keys of every route.
fn command(home: &Scratch, args: &[&str]) -> Command {
    let mut command = binary::command(home.path());
    command
        .args(args)
        .envs(VARIABLES.iter().copied())
        .stdin(Stdio::null());
    command
}

/// What a chat over the route `r` of `config` prints, and its result object.
fn chat(config: &str) -> (Output, Value) {
    let home = Scratch::new();
    home.write(".config/nextline/config.toml", config);
    let args = [
        "chat",
        "-m",
        "hello",
        "--route",
        "r",
        "--output-format",
        "json",
    ];
    let output = command(&home, &args).output().unwrap();
    let object = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output, object)
}

#[test]
fn a_chat_names_every_fault_and_ends_with_its_code() {
    each_provider(|provider, complaints| {
        let voice = provider.chat;
        let route = served(drop);
        for row in ROWS {
            let fault = row.fault;
            route.script(move |exchange| fault(exchange, voice));
            let before = asked(&route);
            let config = provider.config(&route.url(), row.wait.timeouts());
            let (output, object) = chat(&config);
            let tries = asked(&route) - before;
            let error = &object["error"];
            let message = error["message"].as_str().unwrap_or_default();
            let text = object["text"].as_str().unwrap_or_default();
            // A token may have ended early: it is fetched once more.
            let renewed = usize::from(provider.renews && error["status"] == 401);
            let named = message.contains("route `r`")
                && message.contains(&format!("{} at 127.0.0.1:{}", provider.model, route.port()));
            let right = output.status.code() == Some(row.code)
                && error["kind"] == row.kind
                && tries == row.tries + renewed
                && text.starts_with(row.text)
                && (row.text.is_empty() == text.is_empty())
                && message.contains(row.says);
            complaints.unless(right && named, || {
                let told = error.to_string();
                let text = text.get(..text.len().min(40)).unwrap_or_default();
                format!(
                    "{}, {}: {:?}, {tries} tries, {text:?}, {told}",
                    provider.name,
                    row.name,
                    output.status.code()
                )
            });
            let said = format!("{message}{}", String::from_utf8_lossy(&output.stderr));
            let clean = !said.contains("<html") && !said.contains("portal") && !said.contains(KEY);
            complaints.unless(clean, || format!("{}, {}: {said}", provider.name, row.name));
        }
        route.script(move |exchange| voice.answer(exchange, "all is well"));
        let (output, object) = chat(&provider.config(&route.url(), Wait::Long.timeouts()));
        complaints.unless(
            output.status.success() && object["text"] == "all is well",
            || format!("{}: {output:?}", provider.name),
        );
    });
}

/// A server of completions over the route `r`.
fn completing(provider: &Provider, route: &ScriptedRoute, wait: Wait) -> Server {
    let head = "[completion]\nroute = \"r\"\nfallback = \"none\"\nthrottle_ms = 0\n";
    let config = provider.config(&route.url(), wait.timeouts());
    let mut launch = Launch::new()
        .args(&["--stdio", "--log-level", "trace"])
        .config(&format!("{head}{config}"));
    for (name, value) in VARIABLES {
        launch = launch.env(name, value);
    }
    launch.start()
}

/// What a server leaves: a log that holds no key.
fn leave(provider: &Provider, running: &mut Option<(Server, Doc)>, complaints: &mut Complaints) {
    if let Some((server, _)) = running.take() {
        let log = server.stderr();
        complaints.unless(!holds(log.as_bytes(), KEY), || {
            format!(
                "{}: the key is in a log of {} bytes",
                provider.name,
                log.len()
            )
        });
    }
}

/// The document at a new place: nothing that was asked before fits there.
fn move_on(doc: &mut Doc, server: &mut Server, start: usize, name: &str) -> String {
    doc.replace(server, start, doc.cursor, &format!("{name}."));
    format!("    let counter = registry.{name}.good();")
}

fn one_fault(
    provider: &'static Provider,
    row: &Row,
    number: usize,
    route: &ScriptedRoute,
    server: &mut Server,
    doc: &mut Doc,
    complaints: &mut Complaints,
) {
    let (voice, fault): (&'static Voice, _) = (provider.completion, row.fault);
    let name = || format!("{}, {}", provider.name, row.name);
    let start = doc.text.rfind("registry.").unwrap() + "registry.".len();
    route.script(move |exchange| fault(exchange, voice));
    let before = asked(route);
    move_on(doc, server, start, &format!("fault_{number}"));
    let found = line(doc, server);
    let tries = asked(route) - before;
    let why = doc.why(server);
    let detail = why["detail"].as_str().unwrap_or_default();
    let most = if row.tries == 1 && row.kind != "too_long" && !provider.renews {
        1
    } else {
        2
    };
    let right = found.is_empty()
        && (1..=most).contains(&tries)
        && detail.contains(row.says.trim_end_matches("interrupted"))
        && detail.contains("route `r`");
    complaints.unless(right, || {
        format!("{}: {found:?} after {tries} tries: {why}", name())
    });
    let clean = !detail.contains("<html") && !detail.contains("portal") && !detail.contains(KEY);
    complaints.unless(clean, || format!("{}: {detail}", name()));
    let status = server.request("agent/status", Value::Null);
    complaints.unless(
        status["kind"] == "Error" && status["message"].as_str().is_some_and(|it| it == detail),
        || format!("{}: {status}", name()),
    );
    if row.next == Next::Soon {
        return;
    }
    let rests = row.next == Next::Rests;
    complaints.unless(rests == (status["breaker"] == "open"), || {
        format!("{}: {status}", name())
    });
    // The next good answer is taken at once, unless the route rests.
    route.script(move |exchange| voice.answer(exchange, "good();"));
    let before = asked(route);
    let wanted = move_on(doc, server, start, &format!("after_{number}"));
    let found = line(doc, server);
    let tries = asked(route) - before;
    let right = match rests {
        true => found.is_empty() && tries == 0,
        false => found == wanted && tries == 1,
    };
    complaints.unless(right, || {
        let why = doc.why(server);
        format!("{}: then {found:?} after {tries} requests: {why}", name())
    });
}

#[test]
fn a_completion_is_silent_with_a_reason_and_the_next_one_is_good() {
    each_provider(|provider, complaints| {
        let route = served(drop);
        for wait in [Wait::Long, Wait::First, Wait::Idle] {
            let mut running: Option<(Server, Doc)> = None;
            for (number, row) in ROWS.iter().enumerate() {
                // Of an answer that does not end the line is taken and the rest hung up on.
                if row.wait != wait || row.says == "too large" {
                    continue;
                }
                let (server, doc) = running.get_or_insert_with(|| {
                    let mut server = completing(provider, &route, wait);
                    let mut doc = open(&mut server);
                    // What is asked once beside the asking does not count against a short deadline.
                    let voice = provider.completion;
                    route.script(move |exchange| voice.answer(exchange, "good();"));
                    let start = doc.cursor;
                    move_on(&mut doc, &mut server, start, "first");
                    line(&doc, &mut server);
                    (server, doc)
                });
                one_fault(provider, row, number, &route, server, doc, complaints);
                no_dialog(server);
                if row.next != Next::Asked {
                    leave(provider, &mut running, complaints);
                }
            }
            leave(provider, &mut running, complaints);
        }
    });
}

#[test]
fn nobody_is_there() {
    // Takes every connection and closes it before it is asked anything, which resets it.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closing = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(drop));
    each_provider(|provider, complaints| {
        for (url, says) in [
            ("http://127.0.0.1:1", "nothing listens there"),
            (&*closing, "`base_url`"),
            (
                "http://no-such-host.invalid",
                "the name of the host is not known",
            ),
        ] {
            let (output, object) = chat(&provider.config(url, Wait::Long.timeouts()));
            let message = object["error"]["message"].as_str().unwrap_or_default();
            let host = url.trim_start_matches("http://");
            let right = output.status.code() == Some(5)
                && object["error"]["kind"] == "network"
                && message.contains(&format!("{} at {host}", provider.model))
                && message.contains(says);
            complaints.unless(right, || format!("{}, {url}: {object}", provider.name));
        }
    });
}
