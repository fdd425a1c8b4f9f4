//! What a route costs that only fails, who is told that it rests, and that what nobody waits for is hung up on.

use serde_json::json;

use super::*;

/// Keystrokes of a person who does not notice.
const KEYSTROKES: usize = 1000;

#[test]
fn a_thousand_keystrokes_against_a_provider_in_trouble_cost_next_to_nothing() {
    let provider = &PROVIDERS[2];
    let voice = provider.completion;
    let route =
        served(move |exchange| voice.refuse(exchange, nextline_tests::families::Wrong::Busy, &[]));
    let mut server = completing(provider, &route, Wait::Long);
    let mut doc = open(&mut server);
    for _ in 0..KEYSTROKES {
        doc.type_text(&mut server, "a");
        assert_eq!(line(&doc, &mut server), "");
    }
    // Five failures and one further try open the breaker; then there is one probe after each rest, and each rest is longer.
    assert!(asked(&route) <= 20, "{} requests", asked(&route));
    no_dialog(&server);
}

#[test]
fn five_failures_open_the_breaker_and_everybody_is_told() {
    each_provider(|provider, complaints| {
        let voice = provider.completion;
        let route = served(move |exchange| {
            voice.refuse(
                exchange,
                nextline_tests::families::Wrong::Busy,
                &[("x-should-retry", "false")],
            )
        });
        let state = Scratch::new();
        let head = "[completion]\nroute = \"r\"\nfallback = \"none\"\nthrottle_ms = 0\n";
        let config = format!("{head}{}", provider.config(&route.url(), ""));
        let folder = state.path().to_str().unwrap();
        let mut launch = Launch::new().config(&config).env("XDG_STATE_HOME", folder);
        for (name, value) in VARIABLES {
            launch = launch.env(name, value);
        }
        let mut server = launch.start();
        let mut doc = open(&mut server);
        let status = server.request("agent/status", Value::Null);
        complaints.unless(status["breaker"] == "closed", || {
            format!("{}: {status}", provider.name)
        });
        for n in 1..=6 {
            doc.type_text(&mut server, "a");
            line(&doc, &mut server);
            let status = server.request("agent/status", Value::Null);
            let wanted = if n < 5 { "closed" } else { "open" };
            complaints.unless(status["breaker"] == wanted, || {
                format!("{}, {n}: {status}", provider.name)
            });
        }
        complaints.unless(asked(&route) == 5, || {
            format!("{}: {} requests", provider.name, asked(&route))
        });
        let why = doc.why(&mut server);
        complaints.unless(
            why["detail"]
                .as_str()
                .is_some_and(|it| it.contains("rests for")),
            || format!("{}: {why}", provider.name),
        );
        // Another process knows it from the ledger.
        let home = Scratch::new();
        home.write(".config/nextline/config.toml", &config);
        let listed = |args: &[&str]| {
            let output = command(&home, args)
                .env("XDG_STATE_HOME", folder)
                .output()
                .unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let row = nextline_tests::wait::until("five ends are in the ledger", || {
            let rows: Value = serde_json::from_str(&listed(&["routes", "list", "--json"])).unwrap();
            (rows[0]["last"]["failures_in_a_row"] == 5).then(|| rows[0].clone())
        });
        // After two seconds its next request is a probe.
        complaints.unless(
            row["breaker"] != "closed" && row["last"]["outcome"] == "overloaded",
            || format!("{}: {row}", provider.name),
        );
        let said = listed(&["routes", "list"]);
        complaints.unless(
            said.contains("the last 5 requests failed, the last one ")
                && said.contains("completions rest"),
            || format!("{}: {said}", provider.name),
        );
    });
}

#[test]
fn a_good_answer_is_told_too() {
    let route = ScriptedRoute::instant("ok");
    let home = Scratch::new();
    let config = PROVIDERS[2].config(&route.url(), "");
    home.write(".config/nextline/config.toml", config);
    let said = |args: &[&str]| command(&home, args).output().unwrap().stdout;
    let list = || serde_json::from_slice::<Value>(&said(&["routes", "list", "--json"])).unwrap();
    assert_eq!(
        (&list()[0]["last"], &list()[0]["breaker"]),
        (&Value::Null, &json!("closed"))
    );
    said(&["chat", "-m", "hello", "--route", "r"]);
    let row = list()[0].clone();
    assert_eq!(
        (&row["last"]["outcome"], &row["last"]["failures_in_a_row"]),
        (&json!("answered"), &json!(0)),
        "{row}"
    );
    let text = String::from_utf8(said(&["routes", "list"])).unwrap();
    assert!(
        text.contains("; answered ") && text.contains(" s ago"),
        "{text}"
    );
}

#[test]
fn what_is_cancelled_is_hung_up_on() {
    each_provider(|provider, complaints| {
        let voice = provider.completion;
        for early in [true, false] {
            let route = served(move |mut exchange| {
                if !early {
                    voice.begin(&mut exchange);
                    voice.say(&mut exchange, "gau");
                }
                exchange.stall();
            });
            let mut server = completing(provider, &route, Wait::Long);
            let doc = open(&mut server);
            let before = route.count();
            let id = doc.ask(&mut server, 1);
            let number = nextline_tests::wait::until("the model is asked", || {
                let requests = route.requests();
                let beside = requests
                    .iter()
                    .skip(before)
                    .position(|seen| seen.target != "/api/show");
                beside.map(|at| before + at)
            });
            server.cancel(&id);
            let answer = server.answer(&id);
            complaints.unless(
                answer.as_ref().is_err_and(|fault| fault.code == -32800),
                || format!("{}: {answer:?}", provider.name),
            );
            route.wait_aborted(number);
            let status = server.request("agent/status", Value::Null);
            complaints.unless(status["breaker"] == "closed", || {
                format!("{}: {status}", provider.name)
            });
        }
    });
}
