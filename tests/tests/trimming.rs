//! What is made of a model's answer: the document as it reads once the item was taken, however the answer arrived.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::doc::{accepted, byte_at};
use nextline_tests::scripted::event;
use nextline_tests::{Doc, Encoding, Launch, ScriptedRoute, Server};
use serde_json::{Value, json};

/// Language, document, answer, and the document after it; `-` where nothing is shown.
type Row = (&'static str, &'static str, &'static str, &'static str);

const CLEAN: &[Row] = &[
    (
        "rust",
        "fn f() {\n    let a = $0\n}\n",
        "-1;",
        "fn f() {\n    let a = -1;\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    let a = b$0;\n}\n",
        ".name()",
        "fn f() {\n    let a = b.name();\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    s($0)\n}\n",
        "\"[)\"",
        "fn f() {\n    s(\"[)\")\n}\n",
    ),
    (
        "rust",
        "fn f<$0>(b: &'a str) {}\n",
        "'a",
        "fn f<'a>(b: &'a str) {}\n",
    ),
    (
        "rust",
        "fn f() {\n    $0\n}\n",
        "if a {\n        b();\n\n        c();\n    }",
        "fn f() {\n    if a {\n        b();\n\n        c();\n    }\n}\n",
    ),
    (
        "typescript",
        "const a = $0;\n",
        "`${b(\"}\")}`",
        "const a = `${b(\"}\")}`;\n",
    ),
    (
        "typescript",
        "const a = {\n\t$0\n};\n",
        "b: 1,\n\tc: [2],",
        "const a = {\n\tb: 1,\n\tc: [2],\n};\n",
    ),
    (
        "python",
        "def f():\n    $0\n",
        "for a in b:\n        c(a)\n    return d",
        "def f():\n    for a in b:\n        c(a)\n    return d\n",
    ),
    (
        "markdown",
        "# A\n\n$0\n",
        "```sh\nls\n```",
        "# A\n\n```sh\nls\n```\n",
    ),
    (
        "unheard-of",
        "begin\n  $0\nend\n",
        "a (b\n  c)",
        "begin\n  a (b\n  c)\nend\n",
    ),
];

const TRIMMED: &[Row] = &[
    // Fences and control tokens.
    (
        "rust",
        "fn f() {\n    let a = $0;\n}\n",
        "```rust\nbcd\n```",
        "fn f() {\n    let a = bcd;\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    $0\n}\n",
        "Here is the code:\n\n```rust\n    a();\n    b();\n```\n",
        "fn f() {\n    a();\n    b();\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    let a = $0;\n}\n",
        "bcd<|im_end|>\n<|im_start|>",
        "fn f() {\n    let a = bcd;\n}\n",
    ),
    // What stands before the cursor.
    (
        "rust",
        "fn f() {\n    let a = $0\n}\n",
        "    let a = bcd;",
        "fn f() {\n    let a = bcd;\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    call(1);\n    $0\n}\n",
        "    call(1);\n    other(2);\n",
        "fn f() {\n    call(1);\n    other(2);\n}\n",
    ),
    // What stands after it.
    (
        "rust",
        "fn f() {\n    g($0);\n}\n",
        "a, b);",
        "fn f() {\n    g(a, b);\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    g($0)\n}\n",
        "a, b);",
        "fn f() {\n    g(a, b);\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    $0\n    last();\n}\n",
        "first();\n    last();\n}\n",
        "fn f() {\n    first();\n    last();\n}\n",
    ),
    (
        "typescript",
        "call($0)\n",
        "(a) => a + 1)",
        "call((a) => a + 1)\n",
    ),
    (
        "python",
        "a = [\n    $0\n]\n",
        "1,\n    2,\n]\nb = 3",
        "a = [\n    1,\n    2,\n]\n",
    ),
    // White space.
    (
        "typescript",
        "class A {\n\t$0\n}\n",
        "f() {\n    return 1;\n}",
        "class A {\n\tf() {\n\t\treturn 1;\n\t}\n}\n",
    ),
    (
        "rust",
        "fn f() {\r\n    $0\r\n}\r\n",
        "a();\r\n    b();\r\n}\r\n",
        "fn f() {\n    a();\n    b();\n}\n",
    ),
    (
        "rust",
        "fn f() {\n    $0\n}\n",
        "\n    a();   \n\n\n",
        "fn f() {\n    a();\n}\n",
    ),
    // Text that is none.
    ("rust", "fn f() {\n    let a = b$0\n}\n", ";", "-"),
    ("rust", "fn f() {\n    $0\n}\n", "let = = 3;", "-"),
    ("rust", "fn f() {\n    $0\n    call();\n}\n", "call();", "-"),
    (
        "rust",
        "fn f() {\n    $0\n}\n",
        "a();\n    b() c() d;",
        "fn f() {\n    a();\n}\n",
    ),
];

/// Any language is on.
fn launch(route: &ScriptedRoute) -> Server {
    let on = json!({ "completion": { "languages": { "markdown": true } } });
    Launch::new().route(route, on).start()
}

fn open(server: &mut Server, number: usize, row: &Row) -> Doc {
    Doc::open(server, &format!("file:///trimming/{number}"), row.0, row.1)
}

/// The document once the first item was taken, in LF as an editor holds its lines; `-` without an item.
fn taken(doc: &Doc, items: &[Value]) -> String {
    let Some(item) = items.first() else {
        return "-".into();
    };
    let _checked = accepted(doc, item);
    let text = item["insertText"].as_str().unwrap();
    assert!(!text.contains('\r'), "{item}");
    let byte = |end: &str| {
        let number = |key: &str| item["range"][end][key].as_u64().unwrap() as usize;
        byte_at(
            &doc.text,
            Encoding::Utf16,
            number("line"),
            number("character"),
        )
        .unwrap()
    };
    let mut after = doc.text.clone();
    after.replace_range(byte("start")..byte("end"), text);
    after.replace("\r\n", "\n")
}

fn check(rows: &[Row]) {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route);
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let doc = open(&mut server, number, row);
        let id = doc.ask(&mut server, 1);
        held.next().answer(row.2);
        let items = nextline_tests::doc::items(server.answer(&id).unwrap());
        let got = taken(&doc, &items);
        if got != row.3 {
            wrong.push(format!("{row:?}\n  got {got:?}, {}", doc.why(&mut server)));
        }
        doc.close(&mut server);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clean_answers_are_shown_as_they_are() {
    check(CLEAN);
}

#[test]
fn other_answers_leave_a_document_as_meant() {
    check(TRIMMED);
}

#[test]
fn parts_do_not_matter() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route);
    let rows = TRIMMED.iter().filter(|row| row.2.len() < 40);
    for (number, row) in rows.enumerate() {
        // A letter an event, and a byte a packet.
        for bytes in [false, true] {
            let doc = open(&mut server, number, row);
            let id = doc.ask(&mut server, 1);
            let mut exchange = held.next();
            exchange.stream_head();
            for letter in row.2.chars() {
                let event = event(&exchange.seen.target, &letter.to_string(), None);
                let size = if bytes { 1 } else { event.len() };
                event
                    .as_bytes()
                    .chunks(size)
                    .for_each(|part| exchange.chunk(part));
            }
            exchange.finish();
            let items = nextline_tests::doc::items(server.answer(&id).unwrap());
            assert_eq!(taken(&doc, &items), row.3, "{row:?} bytes: {bytes}");
            doc.close(&mut server);
        }
    }
}

#[test]
fn the_stream_is_cut_when_line_or_block_is_whole() {
    let rows: &[Row] = &[
        (
            "rust",
            "fn f() {\n    let a = $0\n}\n",
            "bcd;\n",
            "fn f() {\n    let a = bcd;\n}\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "a(\"}\");\n    b();\n}\n",
            "fn f() {\n    a(\"}\");\n    b();\n}\n",
        ),
        (
            "python",
            "def f():\n    $0\n",
            "a()\n    b()\n\nc()\n",
            "def f():\n    a()\n    b()\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            LOOP,
            "fn f() {\n    again();\n}\n",
        ),
    ];
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route);
    for (number, row) in rows.iter().enumerate() {
        let doc = open(&mut server, number, row);
        let id = doc.ask(&mut server, 1);
        let mut exchange = held.next();
        exchange.stream_head();
        exchange.feed(row.2);
        // The model says no more and never ends: what is there is enough.
        let items = nextline_tests::doc::items(server.answer(&id).unwrap());
        assert_eq!(taken(&doc, &items), row.3, "{row:?}");
        route.wait_aborted(exchange.number);
    }
}

const LOOP: &str = "again();\n    again();\n    again();\n    again();\n    again();\n    again();\n    again();\n    again();\n    again();\n    again();\n";

#[test]
fn a_half_last_line_goes_where_others_stand_before_it() {
    let (route, held) = ScriptedRoute::held();
    let mut server = launch(&route);
    let doc = Doc::open(&mut server, "file:///half", "rust", "fn f() {\n    $0\n}\n");
    let id = doc.ask(&mut server, 1);
    let mut exchange = held.next();
    exchange.stream_head();
    exchange.feed("a();\n    b();\n    let c = comp");
    let end = event(&exchange.seen.target, "", Some("length")) + "data: [DONE]\n\n";
    exchange.chunk(end.as_bytes());
    exchange.end_chunks();
    let items = nextline_tests::doc::items(server.answer(&id).unwrap());
    assert_eq!(taken(&doc, &items), "fn f() {\n    a();\n    b();\n}\n");
}

#[test]
fn what_was_just_deleted_comes_back_only_when_asked_for() {
    let route = ScriptedRoute::instant("call(one, two);");
    let mut server = launch(&route);
    let drawn = "fn f() {\n    call(one, two);$0\n}\n";
    let mut doc = Doc::open(&mut server, "file:///deleted", "rust", drawn);
    let (start, end) = (doc.cursor - "call(one, two);".len(), doc.cursor);
    doc.replace(&mut server, start, end, "");
    assert_eq!(doc.complete(&mut server, 2), Vec::<Value>::new());
    assert_eq!(doc.complete(&mut server, 1).len(), 1);
}

#[test]
fn an_item_extends_the_popups_entry_and_keeps_its_range() {
    let route = ScriptedRoute::instant("(one, two);");
    let mut server = launch(&route);
    let doc = Doc::open(
        &mut server,
        "file:///popup",
        "rust",
        "fn f() {\n    a.pu$0)\n}\n",
    );
    let mut params = doc.inline_params(2);
    let range = json!({ "start": doc.position_of(doc.cursor - 2), "end": doc.position() });
    params["context"]["selectedCompletionInfo"] = json!({ "range": range, "text": "push" });
    let answer = server.request("textDocument/inlineCompletion", params);
    let items = nextline_tests::doc::items(answer);
    assert_eq!(items[0]["range"], range);
    let text = items[0]["insertText"].as_str().unwrap();
    assert!(text.starts_with("push(one, two"), "{text:?}");
}
