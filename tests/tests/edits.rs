//! Edits in numbers: random ones in three encodings against a reference model, and edits between requests.
//! `NEXTLINE_TEST_EDITS` sets how many random edits are made in all (20,000 without it).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::{byte_at, items, lines, position_at};
use nextline_tests::random::Random;
use nextline_tests::{Doc, Encoding, Launch, ScriptedRoute, Server};
use serde_json::{Value, json};

/// What random edits insert: every line break of LSP, what only looks like one, and characters of one to four bytes and
/// more than one code point.
const PIECES: &[&str] = &[
    "a",
    "word",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{b}",
    "\u{c}",
    "é",
    "ß",
    "中",
    "\u{feff}",
    "\u{10400}",
    "\u{1f600}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "e\u{301}",
    "\u{0}",
    "",
    "fn f() {\n    1\n}\n",
    "x\r\ny\u{1f600}z\rw",
];

fn edits_in_all() -> usize {
    std::env::var("NEXTLINE_TEST_EDITS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000)
}

fn boundary(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn at(line: usize, character: usize) -> Value {
    json!({ "line": line, "character": character })
}

/// A position for `byte`, sometimes spelt as one that is past its line or past the text and means the same.
fn spelt(text: &str, encoding: Encoding, byte: usize, random: &mut Random) -> (usize, Value) {
    let lines = lines(text);
    if random.one_in(12) {
        let line = random.below(lines.len());
        return (
            lines[line].1,
            at(
                line,
                encoding.length(&text[lines[line].0..lines[line].1]) + 1 + random.below(500),
            ),
        );
    }
    if random.one_in(25) {
        return (
            text.len(),
            at(lines.len() + random.below(3), random.below(9)),
        );
    }
    let (line, character) = position_at(text, encoding, byte);
    // Between CR and LF there is no position: the nearest one is the line's end.
    (
        byte_at(text, encoding, line, character).unwrap(),
        at(line, character),
    )
}

fn one_change(text: &mut String, encoding: Encoding, random: &mut Random) -> Value {
    let mut with: String = (0..=random.below(3))
        .map(|_| *random.pick(PIECES))
        .collect();
    if random.one_in(150) {
        text.clone_from(&with);
        return json!({ "text": with });
    }
    let (start, end) = (boundary(text, random), boundary(text, random));
    let (start, mut end) = (start.min(end), start.max(end));
    if end - start > 40 && text.len() < 3_000 {
        end = start;
    }
    let (first, second) = (
        spelt(text, encoding, start, random),
        spelt(text, encoding, end, random),
    );
    let ordered = (position_number(&first.1)) <= position_number(&second.1);
    let (first, second) = if ordered {
        (first, second)
    } else {
        (second, first)
    };
    let mut change = json!({ "range": { "start": first.1, "end": second.1 } });
    if random.one_in(3) {
        change["rangeLength"] = json!(random.below(50));
    }
    if text.len() > 4_000 {
        with.clear();
    }
    text.replace_range(first.0..second.0.max(first.0), &with);
    change["text"] = json!(with);
    change
}

fn position_number(position: &Value) -> (u64, u64) {
    (
        position["line"].as_u64().unwrap(),
        position["character"].as_u64().unwrap(),
    )
}

fn random_edits(encoding: Encoding, seed: u64) {
    let mut server = Launch::new().encoding(encoding).start();
    assert_eq!(
        server.init["capabilities"]["positionEncoding"],
        encoding.name()
    );
    let mut random = Random::new(seed);
    let start = "\u{feff}fn main() {\r\n    let s = \"\u{1f600}é\";\r}\n";
    let mut doc = Doc::open_in(
        &mut server,
        encoding,
        "file:///random/text.rs",
        "rust",
        start,
    );
    let (mut made, mut asked) = (0, Vec::new());
    while made < edits_in_all() / 3 {
        let count = 1 + random.below(4);
        let changes: Vec<Value> = (0..count)
            .map(|_| one_change(&mut doc.text, encoding, &mut random))
            .collect();
        made += count;
        let told = changes.clone();
        doc.change(&mut server, Value::Array(changes));
        asked.push((
            server.ask("agent/debug/assertText", doc.assert_params()),
            told,
        ));
        if asked.len() == 100 {
            check(&mut server, &mut asked, encoding, seed);
        }
    }
    check(&mut server, &mut asked, encoding, seed);
}

fn check(server: &mut Server, asked: &mut Vec<(Value, Vec<Value>)>, encoding: Encoding, seed: u64) {
    for (id, changes) in asked.drain(..) {
        let answer = server.answer(&id);
        assert_eq!(
            answer,
            Ok(Value::Null),
            "{encoding:?}, seed {seed}, after {}",
            Value::Array(changes)
        );
    }
}

#[test]
fn random_edits_in_utf_8() {
    random_edits(Encoding::Utf8, 8);
}

#[test]
fn random_edits_in_utf_16() {
    random_edits(Encoding::Utf16, 16);
}

#[test]
fn random_edits_in_utf_32() {
    random_edits(Encoding::Utf32, 32);
}

/// Each edit writes its number into two lines by one notification; whatever sees them unequal, or another number than the
/// one at its place on the wire, has seen a wrong text.
#[test]
fn two_thousand_edits_and_five_hundred_requests() {
    let route = ScriptedRoute::instant("done();");
    let mut server = Launch::new().route(&route, Value::Null).start();
    let mut doc = Doc::open(
        &mut server,
        "file:///order/lib.rs",
        "rust",
        "// edit 0\nfn f() {\n    let v0 = $0\n}\n",
    );
    let (mut texts, mut asks, mut waited) = (Vec::new(), Vec::new(), 0);
    for number in 1..=2_000 {
        let old = doc.text.clone();
        doc.text = format!("// edit {number}\nfn f() {{\n    let v{number} = \n}}\n");
        doc.cursor = doc.text.len() - 3;
        let lines = lines(&old);
        let changes = json!([
            { "range": { "start": at(2, 0), "end": at(2, lines[2].1 - lines[2].0) }, "text": format!("    let v{number} = ") },
            { "range": { "start": at(0, 8), "end": at(0, lines[0].1) }, "text": number.to_string() },
        ]);
        doc.change(&mut server, changes);
        match number % 8 {
            4 => texts.push(server.ask("agent/debug/assertText", doc.assert_params())),
            0 => asks.push(doc.ask(&mut server, 1)),
            _ => {}
        }
        // Most are overtaken by the next edit before they reach the route; these are not.
        if number % 80 == 0 {
            assert_eq!(items(server.answer(asks.last().unwrap()).unwrap()).len(), 1);
            asks.pop();
            waited += 1;
        }
    }
    assert_eq!(texts.len() + asks.len() + waited, 500);
    for id in texts {
        assert_eq!(server.answer(&id), Ok(Value::Null));
    }
    for id in asks {
        server
            .answer(&id)
            .unwrap_or_else(|fault| panic!("{fault:?}"));
    }
    let seen = route.requests();
    assert!(seen.len() >= waited, "{} prompts", seen.len());
    for request in seen {
        let prompt = request.prompt();
        let number = |from: &str, to: &str| {
            let start = prompt
                .rfind(from)
                .unwrap_or_else(|| panic!("no {from:?} in {prompt:?}"))
                + from.len();
            let length = prompt[start..]
                .find(to)
                .unwrap_or_else(|| panic!("no {to:?} in {prompt:?}"));
            prompt[start..start + length].parse::<usize>().unwrap()
        };
        let (head, line) = (number("// edit ", "\n"), number("let v", " ="));
        assert_eq!(head, line, "a prompt of two texts: {prompt:?}");
        assert_eq!(
            head % 8,
            0,
            "a prompt of a text that no request was made on: {prompt:?}"
        );
    }
    doc.assert_text(&mut server);
}
