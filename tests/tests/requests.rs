//! Requests worth making: what is typed through, asked again, taken back or overtaken costs no request, and what is under way is used.
//! Counts only, never times.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::{accepted, items};
use nextline_tests::{Doc, Launch, ScriptedRoute, Server, wait};
use serde_json::{Value, json};

mod routed;
use routed::backed;

const CODE: &str = "fn one() {\n    let first = $0\n}\n";
const AUTOMATIC: u8 = 2;
const INVOKED: u8 = 1;

fn open(server: &mut Server) -> Doc {
    Doc::open(server, "file:///requests/a.rs", "rust", CODE)
}

fn start(route: &ScriptedRoute) -> (Server, Doc) {
    let mut server = Launch::new().route(route, Value::Null).start();
    let doc = open(&mut server);
    (server, doc)
}

/// The line as it would read; empty when nothing came.
fn line(doc: &Doc, result: Value) -> String {
    items(result)
        .first()
        .map(|item| accepted(doc, item))
        .unwrap_or_default()
}

fn complete(server: &mut Server, doc: &Doc, trigger: u8) -> String {
    let id = doc.ask(server, trigger);
    let result = server.answer(&id).unwrap();
    line(doc, result)
}

fn copilot() -> Value {
    json!({ "editorPluginInfo": { "name": "copilot.vim", "version": "1" } })
}

const WHOLE: &str = "    let first = foo_bar_baz(1, 2);";

#[test]
fn the_same_request_again() {
    for trigger in [AUTOMATIC, INVOKED] {
        let route = ScriptedRoute::instant("foo_bar_baz(1, 2);");
        let (mut server, doc) = start(&route);
        for _ in 0..51 {
            assert_eq!(complete(&mut server, &doc, trigger), WHOLE);
        }
        assert_eq!(route.count(), 1);
    }
}

#[test]
fn typed_through_letter_by_letter() {
    for options in [Value::Null, copilot()] {
        let route = ScriptedRoute::instant("foo_bar_baz(1, 2);");
        let mut server = Launch::new().route(&route, options).start();
        let mut doc = open(&mut server);
        assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
        let text = "foo_bar_baz(1, 2)";
        for letter in text.chars() {
            doc.type_text(&mut server, &letter.to_string());
            assert_eq!(
                complete(&mut server, &doc, AUTOMATIC),
                WHOLE,
                "{}",
                doc.text
            );
        }
        assert_eq!(route.count(), 1);
    }
}

#[test]
fn a_word_taken_and_a_pair_that_the_editor_closes() {
    let route = ScriptedRoute::instant("foo(1, 2)");
    let (mut server, mut doc) = start(&route);
    assert_eq!(
        complete(&mut server, &doc, AUTOMATIC),
        "    let first = foo(1, 2)"
    );
    doc.type_text(&mut server, "foo");
    let at = doc.cursor;
    doc.replace(&mut server, at, at, "()");
    doc.cursor = at + 1;
    assert_eq!(
        complete(&mut server, &doc, AUTOMATIC),
        "    let first = foo(1, 2)"
    );
    assert_eq!(route.count(), 1);
}

#[test]
fn taken_back_and_done_again() {
    let route = ScriptedRoute::instant("foo_bar_baz(1, 2);");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let far = "// far away\n".repeat(100);
    let drawn = format!("{far}{CODE}{far}");
    let mut doc = Doc::open(&mut server, "file:///requests/a.rs", "rust", &drawn);
    let begin = doc.cursor;
    complete(&mut server, &doc, AUTOMATIC);
    doc.type_text(&mut server, "foo_");
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    // Backspace to a place where it was shown, undo, redo, and from anew.
    let end = doc.cursor;
    doc.replace(&mut server, end - 1, end, "");
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    doc.replace(&mut server, begin, end - 1, "");
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    doc.type_text(&mut server, "foo");
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    assert_eq!(route.count(), 1);
    // All of it taken, for which what comes next is asked ahead, and all of it undone.
    doc.type_text(&mut server, "_bar_baz(1, 2);");
    wait::until("what is asked ahead", || (route.count() == 2).then_some(()));
    let end = doc.cursor;
    doc.replace(&mut server, begin, end, "");
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    // An edit far away makes no difference.
    doc.replace(&mut server, 0, 0, "// first\n");
    doc.cursor = begin + "// first\n".len();
    assert_eq!(complete(&mut server, &doc, INVOKED), WHOLE);
    assert_eq!(route.count(), 2);
}

#[test]
fn five_at_once_are_one_upstream() {
    for trigger in [AUTOMATIC, INVOKED] {
        let (route, held) = ScriptedRoute::held();
        let (mut server, doc) = start(&route);
        let ids: Vec<_> = (0..5).map(|_| doc.ask(&mut server, trigger)).collect();
        // All five are under way once a later request of another kind is answered.
        server.request("agent/status", json!({}));
        held.next().answer("foo_bar_baz(1, 2);");
        for id in ids {
            let result = server.answer(&id).unwrap();
            assert_eq!(line(&doc, result), WHOLE);
        }
        assert_eq!(route.count(), 1);
    }
}

#[test]
fn an_answer_on_its_way_is_kept_while_the_typing_agrees() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, mut doc) = start(&route);
    let old = doc.ask(&mut server, AUTOMATIC);
    let mut exchange = held.next();
    doc.type_text(&mut server, "f");
    let new = doc.ask(&mut server, AUTOMATIC);
    assert_eq!(server.answer(&old), Ok(Value::Null));
    exchange.stream_head();
    exchange.feed("foo_");
    doc.type_text(&mut server, "o");
    let newest = doc.ask(&mut server, AUTOMATIC);
    assert_eq!(server.answer(&new), Ok(Value::Null));
    exchange.feed("bar_baz(1, 2);");
    exchange.finish();
    let result = server.answer(&newest).unwrap();
    assert_eq!(line(&doc, result), WHOLE);
    assert_eq!(route.count(), 1);
}

#[test]
fn editors_that_cancel_before_each_key_keep_it_too() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, mut doc) = start(&route);
    let mut before = doc.ask(&mut server, AUTOMATIC);
    let mut exchange = held.next();
    exchange.stream_head();
    for letter in "foo_bar".chars() {
        server.cancel(&before);
        doc.type_text(&mut server, &letter.to_string());
        let id = doc.ask(&mut server, AUTOMATIC);
        assert_eq!(server.answer(&before).unwrap_err().code, -32800);
        before = id;
    }
    exchange.feed("foo_bar_baz(1, 2);");
    exchange.finish();
    let result = server.answer(&before).unwrap();
    assert_eq!(line(&doc, result), WHOLE);
    assert_eq!(route.count(), 1);
}

#[test]
fn typing_against_it_hangs_up() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, mut doc) = start(&route);
    let old = doc.ask(&mut server, AUTOMATIC);
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("foo_");
    doc.type_text(&mut server, "x");
    let new = doc.ask(&mut server, AUTOMATIC);
    assert_eq!(server.answer(&old), Ok(Value::Null));
    route.wait_aborted(exchange.number);
    held.next().answer("y(3);");
    let result = server.answer(&new).unwrap();
    assert_eq!(line(&doc, result), "    let first = xy(3);");
    assert_eq!(route.count(), 2);
}

#[test]
fn what_comes_late_is_kept() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, mut doc) = start(&route);
    let old = doc.ask(&mut server, AUTOMATIC);
    let exchange = held.next();
    doc.type_text(&mut server, "f");
    assert_eq!(server.answer(&old), Ok(Value::Null));
    // Nobody waits any more, and the answer comes.
    exchange.answer("foo_bar_baz(1, 2);");
    wait::until("the answer is in", || {
        let status = server.request("agent/status", json!({}));
        (status["inFlight"] == json!(0)).then_some(())
    });
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), WHOLE);
    assert_eq!(route.count(), 1);
}

#[test]
fn a_burst_is_two_requests_at_most() {
    let text = "abcdefghijklmnopqrst";
    // A route that is stuck at all but the last, and one that says at once what nobody types.
    let stuck = ScriptedRoute::new(move |exchange| {
        if exchange.seen.prompt().ends_with(text) {
            exchange.answer("(1);")
        } else {
            exchange.stall()
        }
    });
    let wrong = ScriptedRoute::instant("(1);");
    for route in [stuck, wrong] {
        let (mut server, mut doc) = start(&route);
        let mut ids = Vec::new();
        for letter in text.chars() {
            doc.type_text(&mut server, &letter.to_string());
            ids.push(doc.ask(&mut server, AUTOMATIC));
        }
        let last = ids.pop().unwrap();
        let result = server.answer(&last).unwrap();
        assert_eq!(line(&doc, result), format!("    let first = {text}(1);"));
        for id in ids {
            server.answer(&id).unwrap();
        }
        assert!(route.count() <= 2, "{} requests", route.count());
    }
}

#[test]
fn a_hundred_cancelled_at_once() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, mut doc) = start(&route);
    let mut ids = vec![doc.ask(&mut server, AUTOMATIC)];
    let exchange = held.next();
    for number in 1..100 {
        if number % 2 == 0 {
            doc.type_text(&mut server, "q");
        }
        ids.push(doc.ask(&mut server, AUTOMATIC));
    }
    for id in &ids {
        server.cancel(id);
    }
    for id in &ids {
        // Those that a key overtook may have been answered before.
        match server.answer(id) {
            Ok(result) => assert_eq!(result, Value::Null),
            Err(fault) => assert_eq!(fault.code, -32800),
        }
    }
    route.wait_aborted(exchange.number);
    wait::until("nothing is left in flight", || {
        let status = server.request("agent/status", json!({}));
        (status["inFlight"] == json!(0)).then_some(())
    });
    for number in 0..route.count() {
        route.wait_aborted(number);
    }
}

#[test]
fn one_of_two_cancels_and_the_other_is_answered() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, doc) = start(&route);
    let (one, two) = (
        doc.ask(&mut server, AUTOMATIC),
        doc.ask(&mut server, AUTOMATIC),
    );
    let exchange = held.next();
    server.cancel(&one);
    assert_eq!(server.answer(&one).unwrap_err().code, -32800);
    exchange.answer("foo_bar_baz(1, 2);");
    let result = server.answer(&two).unwrap();
    assert_eq!(line(&doc, result), WHOLE);
    assert_eq!(route.count(), 1);
}

#[test]
fn a_block_serves_its_own_lines() {
    let route = ScriptedRoute::instant("let a = one();\n    let b = two();\n    a + b\n}");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let drawn = "fn sum() -> i32 {\n    $0\n}\n";
    let mut doc = Doc::open(&mut server, "file:///requests/b.rs", "rust", drawn);
    let first = complete(&mut server, &doc, AUTOMATIC);
    assert!(
        first.starts_with("    let a = one();\n    let b = two();"),
        "{first:?}"
    );
    for taken in ["let a = one();", "\n    ", "let b", " = two();", "\n    "] {
        doc.type_text(&mut server, taken);
    }
    assert_eq!(complete(&mut server, &doc, AUTOMATIC), "    a + b");
    assert_eq!(route.count(), 1);
}

#[test]
fn the_rest_of_an_answer_serves_the_lines_behind_it() {
    // A line is shown; what the model said behind it in the same breath is kept.
    let said = "one();\n    let second = two();\n    done(first, second);\n    and(second);\n}\n";
    let route = ScriptedRoute::instant(said);
    let (mut server, mut doc) = start(&route);
    let shown = complete(&mut server, &doc, AUTOMATIC);
    assert_eq!(shown, "    let first = one();");
    doc.type_text(&mut server, "one();");
    for next in ["let second = two();", "done(first, second);"] {
        doc.type_text(&mut server, "\n    ");
        let shown = complete(&mut server, &doc, AUTOMATIC);
        assert!(shown.starts_with(&format!("    {next}")), "{shown:?}");
        doc.type_text(&mut server, next);
    }
    let asked: Vec<_> = route
        .requests()
        .iter()
        .map(|seen| seen.everything())
        .collect();
    assert_eq!(asked.len(), 1, "{asked:#?}");
    // What was typed otherwise is asked anew.
    doc.type_text(&mut server, "\n    let other = ");
    complete(&mut server, &doc, AUTOMATIC);
    assert_eq!(route.count(), 2);
}

#[test]
fn settings_changed_while_it_is_on_its_way() {
    let (route, held) = ScriptedRoute::held();
    let (mut server, doc) = start(&route);
    let id = doc.ask(&mut server, AUTOMATIC);
    let exchange = held.next();
    server.configure(json!({ "completion": { "max_tokens": 7 } }));
    exchange.answer("foo_bar_baz(1, 2);");
    let result = server.answer(&id).unwrap();
    assert_eq!(line(&doc, result), WHOLE, "asked under the old settings");
    let id = doc.ask(&mut server, AUTOMATIC);
    let exchange = held.next();
    assert_eq!(
        exchange.seen.json()["max_tokens"],
        7,
        "asked anew under the new ones"
    );
    exchange.answer("foo_bar_baz(3);");
    server.answer(&id).unwrap();
}

/// Options of a route with the embedded model behind it.
fn lanes() -> Value {
    json!({ "completion": { "fallback": "local" } })
}

#[test]
fn a_sure_embedded_answer_comes_first_and_the_routes_next() {
    for (said, shown) in [
        (
            "counter(\"requests\").labelled();",
            "    let counter = registry.counter(\"requests\").labelled();",
        ),
        ("gauge(1);", routed_line()),
    ] {
        let (route, held) = ScriptedRoute::held();
        let mut server = Launch::new().route(&route, lanes()).start();
        let doc = routed::open(&mut server);
        let item = doc.complete(&mut server, AUTOMATIC).remove(0);
        assert_eq!(item["data"]["origin"], "local", "{item}");
        // The embedded answer ends before its semicolon or with it; the route's either goes on from it or not.
        let local = accepted(&doc, &item);
        held.next().answer(said);
        wait::until("the answer is in", || {
            let status = server.request("agent/status", json!({}));
            (status["inFlight"] == json!(0)).then_some(())
        });
        let now = complete(&mut server, &doc, AUTOMATIC);
        let goes_on = shown.starts_with(local.as_str());
        assert_eq!(
            now,
            if goes_on {
                shown.to_owned()
            } else {
                local.clone()
            }
        );
        // Asked by hand it is the route's, with the others behind it.
        let all = doc.complete(&mut server, INVOKED);
        assert_eq!(all[0]["data"]["origin"], "mock");
        assert!((2..=3).contains(&all.len()), "{all:?}");
        assert_eq!(route.count(), 1);
    }
}

fn routed_line() -> &'static str {
    "    let counter = registry.gauge(1);"
}

#[test]
fn a_failing_route_costs_no_embedded_answer() {
    let route = ScriptedRoute::new(|exchange| exchange.refuse("500 Oops", &[], "no"));
    let mut server = Launch::new().route(&route, backed()).start();
    let doc = routed::open(&mut server);
    for trigger in [AUTOMATIC, INVOKED] {
        let item = doc.complete(&mut server, trigger).remove(0);
        assert_eq!(item["data"]["origin"], "local");
    }
}
