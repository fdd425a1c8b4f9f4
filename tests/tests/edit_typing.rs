//! Edits while somebody types on: the result is the person's text with the change in it, or an honest refusal.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::edits::{self, event, lines, obey};
use nextline_tests::random::Random;
use nextline_tests::{Doc, Launch, ScriptedRoute, Server};
use serde_json::{Value, json};

const LIB: &str = "use std::fmt;\n\nfn one() -> u8 {\n    1\n}\n\nfn two() -> u8 {\n    2\n}\n\nfn three() -> u8 {\n    3\n}\n";
const TWO: &str = "```rust\nfn two() -> u8 {\n    1 + 1\n}\n```";

fn launch(route: &ScriptedRoute) -> Launch {
    Launch::new().route(
        route,
        json!({ "completion": { "route": "local" }, "edit": { "route": "mock" }, "chat": { "route": "mock" } }),
    )
}

fn open(server: &mut Server, text: &str) -> Doc {
    Doc::open(server, "file:///edits/lib.rs", "rust", text)
}

fn start(server: &mut Server, doc: &Doc, range: Value) -> String {
    edits::start(server, doc, &range, json!({}))
}

fn edited(text: &str) -> String {
    text.replace("    2\n", "    1 + 1\n")
}

#[test]
fn what_is_typed_meanwhile_stays() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("```rust\nfn two()");
    doc.replace(&mut server, 0, 0, "// above\n");
    let end = doc.text.len();
    doc.replace(&mut server, end, end, "// below\n");
    doc.assert_text(&mut server);
    exchange.feed(" -> u8 {\n    1 + 1\n}\n```");
    exchange.finish();
    let ready = event(&mut server, &id, "ready");
    assert_eq!(ready["preview"]["hunks"][0]["range"], lines(8, 9));
    doc.replace(&mut server, 0, 0, "// more\n");
    let result = server.request("agent/edit/accept", json!({ "id": id }));
    assert_eq!(result["applied"], true, "{result}");
    obey(&mut server, &mut doc);
    assert_eq!(
        doc.text,
        format!("// more\n// above\n{}// below\n", edited(LIB))
    );
}

#[test]
fn what_is_typed_in_the_very_place_is_asked_about_again() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut doc = open(&mut server, LIB);
    let id = start(&mut server, &doc, lines(6, 9));
    let first = held.next();
    let at = doc.text.find("    2\n").unwrap() + 5;
    doc.replace(&mut server, at, at, "2");
    doc.assert_text(&mut server);
    first.answer(TWO);
    event(&mut server, &id, "again");
    let second = held.next();
    let messages = second.seen.json()["messages"].as_array().unwrap().clone();
    assert!(
        messages.last().unwrap()["content"]
            .as_str()
            .unwrap()
            .contains("    22\n"),
        "{messages:?}"
    );
    let at = doc.text.find("22\n").unwrap();
    doc.replace(&mut server, at, at, "2");
    doc.assert_text(&mut server);
    second.answer(TWO);
    let failed = event(&mut server, &id, "failed");
    assert!(
        failed["message"].as_str().unwrap().contains("changed"),
        "{failed}"
    );
    doc.assert_text(&mut server);
    assert_eq!(
        server
            .client()
            .asked
            .iter()
            .filter(|(method, _)| method == "workspace/applyEdit")
            .count(),
        0
    );
}

/// The lines that an edit changes, followed by bytes over what is typed.
struct Watch {
    /// Where they stand now, and what shall stand there.
    spans: Vec<(usize, usize, String)>,
    /// What was typed met one of them: the edit has to be refused.
    met: bool,
}

impl Watch {
    fn typed(&mut self, before: &str, after: &str, (at, end): (usize, usize), length: usize) {
        for (from, to, _) in &mut self.spans {
            let moved = |place: usize| place - end + at + length;
            let starts_line = |text: &str, place: usize| text[..place].ends_with('\n');
            let lines = from < to;
            if end < *from || end == *from && lines && starts_line(after, moved(*from)) {
                (*from, *to) = (moved(*from), moved(*to));
            } else if !(at > *to || at == *to && lines && starts_line(before, *to)) {
                self.met = true;
                return;
            }
        }
    }

    fn applied(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (from, to, new) in self.spans.iter().rev() {
            out.replace_range(*from..*to, new);
        }
        out
    }
}

/// One random change by the person.
fn type_something(server: &mut Server, doc: &mut Doc, random: &mut Random, watch: &mut Watch) {
    let floor = |text: &str, mut at: usize| {
        while !text.is_char_boundary(at) || text[..at].ends_with('\r') {
            at -= 1;
        }
        at
    };
    let at = floor(&doc.text, random.below(doc.text.len() + 1));
    let end = (at + random.below(9)).min(doc.text.len());
    let end = floor(&doc.text, end).max(at);
    let typed = *random.pick(&["x", "\n", "typed\n", "", "\u{1f600}é", "{ a\n}\n"]);
    if at == end && typed.is_empty() {
        return;
    }
    let before = doc.text.clone();
    doc.replace(server, at, end, typed);
    watch.typed(&before, &doc.text, (at, end), typed.len());
}

/// A text with some habit, and what an edit of its lines 18 to 29 changes: two lines become three, one goes, one comes.
fn before_and_after(round: usize) -> (String, String, Watch) {
    let end = ["\n", "\r\n"][round % 2];
    let mark = ["", " ü\u{1f600}"][round / 2 % 2];
    let line = |number: usize| format!("line {number}{mark}{end}");
    let mut text: String = (0..160).map(line).collect();
    let mut answer = String::from("```\n");
    for number in 18..30 {
        match number {
            19 => answer.push_str("new nineteen\nnew twenty\nnew more\n"),
            20 | 25 => {}
            _ => answer.push_str(&line(number).replace("\r\n", "\n")),
        }
        if number == 27 {
            answer.push_str("inserted\n");
        }
    }
    let place = |number: usize| (0..number).map(|number| line(number).len()).sum::<usize>();
    let new = format!("new nineteen{end}new twenty{end}new more{end}");
    let spans = vec![
        (place(19), place(21), new),
        (place(25), place(26), String::new()),
        (place(28), place(28), format!("inserted{end}")),
    ];
    if round.is_multiple_of(3) {
        text.truncate(text.trim_end().len());
    }
    (text, answer + "```", Watch { spans, met: false })
}

#[test]
fn random_typing_never_loses_or_doubles_a_line() {
    let asked = std::env::var("NEXTLINE_EDITS").ok();
    let wanted: usize = asked.map_or(2000, |count| count.parse().unwrap());
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route).start();
    let mut random = Random::new(7);
    let (mut typed, mut round, mut landed, mut refused) = (0, 0, 0, 0);
    while typed < wanted {
        if round % 200 == 199 {
            // The client remembers all that it was asked.
            server = launch(&route).start();
        }
        let (text, answer, mut watch) = before_and_after(round);
        let uri = format!("file:///edits/{round}.txt");
        let mut doc = Doc::open(&mut server, &uri, "plaintext", &text);
        let what = format!("round {round}");
        round += 1;
        let id = start(&mut server, &doc, lines(18, 30));
        let mut exchange = held.next();
        exchange.stream_head();
        let (first, rest) = answer.split_at(30);
        exchange.feed(first);
        for _ in 0..1 + random.below(12) {
            type_something(&mut server, &mut doc, &mut random, &mut watch);
            typed += 1;
        }
        // The keys and the answer come by different ways: the keys first.
        doc.assert_text(&mut server);
        exchange.feed(rest);
        exchange.finish();
        let kind = server.notification("agent/edit/event", |event| {
            event["id"] == id.as_str() && (event["kind"] == "ready" || event["kind"] == "again")
        });
        assert_eq!(kind["kind"] == "again", watch.met, "{what}: {:?}", doc.text);
        if watch.met {
            held.next().refuse("400 No", &[], "no");
            event(&mut server, &id, "failed");
            doc.assert_text(&mut server);
            refused += 1;
        } else {
            for _ in 0..random.below(3) {
                type_something(&mut server, &mut doc, &mut random, &mut watch);
                typed += 1;
            }
            doc.assert_text(&mut server);
            let result = server.request("agent/edit/accept", json!({ "id": id }));
            assert_eq!(result["applied"] == false, watch.met, "{what}: {result}");
            if !watch.met {
                take_and_undo(&mut server, &mut doc, &watch, &id, &mut random, &what);
                landed += 1;
            }
        }
        server.notify("textDocument/didClose", json!({ "textDocument": doc.id() }));
        server.taken("agent/edit/event");
    }
    println!("{typed} changes in {round} edits: {landed} landed, {refused} were asked again");
    assert!(landed * 3 > round, "{landed} of {round} landed");
    assert!(refused > 0, "none was in the way");
}

/// Takes an edit over and takes it back, perhaps after more was typed elsewhere.
fn take_and_undo(
    server: &mut Server,
    doc: &mut Doc,
    watch: &Watch,
    id: &str,
    random: &mut Random,
    what: &str,
) {
    let before = doc.text.clone();
    obey(server, doc);
    assert_eq!(doc.text, watch.applied(&before), "{what}");
    let more = ["", "above\n"][random.below(2)];
    if !more.is_empty() {
        doc.replace(server, 0, 0, more);
    }
    let result = server.request("agent/edit/undo", json!({ "id": id }));
    assert_eq!(result["applied"], true, "{what}: {result}");
    obey(server, doc);
    assert_eq!(doc.text, format!("{more}{before}"), "{what}, undone");
}
