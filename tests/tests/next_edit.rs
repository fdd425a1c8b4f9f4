//! The next edit that the embedded engine finds, through the built binary: what follows from what was done, and what does not.
#![allow(clippy::unwrap_used)]

use nextline_tests::next::{applied, change, follows, open, silent, suggest};
use nextline_tests::{Doc, Launch, Scratch, wait};
use serde_json::json;

#[test]
fn a_rename_is_followed_through() {
    // A local variable: its uses, not the field of its name, not what another one hides.
    follows(
        "rust",
        "fn f(p: P) {\n    let size = p.size;\n    g(size, size);\n    {\n        let size = 1;\n        g(size);\n    }\n    P { size }\n}\nfn h(size: u8) { g(size) }\n",
        &[("let", "size", "length")],
        "rename",
        "fn f(p: P) {\n    let length = p.size;\n    g(length, length);\n    {\n        let size = 1;\n        g(size);\n    }\n    P { size: length }\n}\nfn h(size: u8) { g(size) }\n",
    );
    // A parameter, from its head on.
    follows(
        "typescript",
        "function f(a: number) {\n  return g(a, { a, b: a }, x.a);\n}\n",
        &[("f(", "a", "count")],
        "rename",
        "function f(count: number) {\n  return g(count, { a: count, b: count }, x.a);\n}\n",
    );
    // A function and a type, wherever they are named.
    follows(
        "rust",
        "fn load_all() {}\nfn g() {\n    load_all();\n    self::load_all();\n    x.load_all();\n}\n",
        &[("fn", "load_all", "load_every")],
        "rename",
        "fn load_every() {}\nfn g() {\n    load_every();\n    self::load_every();\n    x.load_all();\n}\n",
    );
    follows(
        "rust",
        "struct Item { a: u8 }\nimpl Item {\n    fn new() -> Item { Item { a: 1 } }\n}\n",
        &[("struct", "Item", "Entry")],
        "rename",
        "struct Entry { a: u8 }\nimpl Entry {\n    fn new() -> Entry { Entry { a: 1 } }\n}\n",
    );
    // A field: through the thing itself, and in its own literals.
    follows(
        "rust",
        "struct S { len: u8 }\nimpl S {\n    fn f(&self, v: V) -> S { v.len; S { len: self.len } }\n}\n",
        &[("struct", "len", "width")],
        "rename",
        "struct S { width: u8 }\nimpl S {\n    fn f(&self, v: V) -> S { v.len; S { width: self.width } }\n}\n",
    );
}

#[test]
fn a_rename_typed_letter_by_letter_counts_as_one() {
    let mut server = Launch::new().start();
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "fn f() {\n    let one = 1;\n    g(one);\n}\n",
    );
    let at = doc.text.find("one").unwrap();
    doc.replace(&mut server, at, at + 3, "");
    for letter in ["t", "w", "o"] {
        doc.type_text(&mut server, letter);
    }
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(
        applied(&doc, &answer),
        "fn f() {\n    let two = 1;\n    g(two);\n}\n"
    );
    // Whole texts, as Vim sends them, say the same.
    doc.text = doc.text.replacen("two", "three", 1);
    doc.resend(&mut server);
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(
        applied(&doc, &answer),
        "fn f() {\n    let three = 1;\n    g(three);\n}\n"
    );
}

#[test]
fn a_rename_goes_on_until_it_is_through_and_reaches_other_files() {
    let mut server = Launch::new().start();
    let mut other = open(
        &mut server,
        "b.rs",
        "rust",
        "use a::load_all;\nfn g() { load_all(); }\n",
    );
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "fn load_all() {}\nfn g() { load_all(); load_all(); }\n",
    );
    change(&mut server, &mut doc, "fn", "load_all", "load_each");
    let answer = suggest(&mut server, &doc, json!({ "others": true }));
    assert_eq!(answer["edits"].as_array().unwrap().len(), 4, "{answer}");
    assert_eq!(
        applied(&other, &answer),
        "use a::load_each;\nfn g() { load_each(); }\n"
    );
    // One taken, the other follows; all taken, the other file is what is left.
    change(&mut server, &mut doc, "g()", "load_all", "load_each");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["edits"].as_array().unwrap().len(), 1, "{answer}");
    change(
        &mut server,
        &mut doc,
        "load_each();",
        "load_all",
        "load_each",
    );
    assert_eq!(suggest(&mut server, &doc, json!({}))["edits"], json!([]));
    other.cursor = 0;
    let answer = suggest(&mut server, &other, json!({}));
    assert_eq!(
        applied(&other, &answer),
        "use a::load_each;\nfn g() { load_each(); }\n"
    );
}

#[test]
fn a_rename_that_is_through_is_not_repeated_on_other_things_of_that_name() {
    silent(
        "rust",
        "fn f() {\n    let one = 1;\n    g(one);\n    h(one);\n}\nfn i(one: u8) { g(one) }\n",
        &[
            ("let", "one", "two"),
            ("g(", "one", "two"),
            ("h(", "one", "two"),
        ],
        "nothing_follows",
    );
}

#[test]
fn what_is_no_rename_is_left_alone() {
    // Another name is used, nothing was renamed.
    silent(
        "rust",
        "fn f() {\n    g(one);\n    g(one);\n}\n",
        &[("g(", "one", "two")],
        "nothing_follows",
    );
    // The new name means something there already.
    silent(
        "rust",
        "fn f(two: u8) {\n    let one = 1;\n    g(one, two);\n}\n",
        &[("let", "one", "two")],
        "ambiguous",
    );
    // Another function has the old name.
    silent(
        "rust",
        "fn get() {}\nmod m {\n    fn get() {}\n}\nfn f() { get() }\n",
        &[("fn", "get", "fetch")],
        "ambiguous",
    );
    // A type was changed, not renamed.
    silent(
        "rust",
        "fn f(a: u8) -> u8 {\n    a as u8\n}\n",
        &[("a: ", "u8", "u16")],
        "nothing_follows",
    );
    silent("rust", "fn f() {}\n", &[], "no_edit");
}

#[test]
fn a_signature_is_followed_through() {
    let before = "fn draw(a: u8, b: u8) {}\nfn f(scale: u8) {\n    draw(1, 2);\n    x.y(draw(g(3), 4));\n}\n";
    // One that came, where something of its name is at hand.
    follows(
        "rust",
        before,
        &[("a: u8", ",", ", scale: u8,")],
        "signature",
        "fn draw(a: u8, scale: u8, b: u8) {}\nfn f(scale: u8) {\n    draw(1, scale, 2);\n    x.y(draw(g(3), scale, 4));\n}\n",
    );
    // One that went; two that changed places.
    follows(
        "rust",
        before,
        &[("draw", "a: u8, ", "")],
        "signature",
        "fn draw(b: u8) {}\nfn f(scale: u8) {\n    draw(2);\n    x.y(draw(4));\n}\n",
    );
    follows(
        "rust",
        before,
        &[("draw", "a: u8, b: u8", "b: u8, a: u8")],
        "signature",
        "fn draw(b: u8, a: u8) {}\nfn f(scale: u8) {\n    draw(2, 1);\n    x.y(draw(4, g(3)));\n}\n",
    );
    // Nobody knows what to write, until the person has written it once.
    silent(
        "rust",
        before,
        &[("a: u8", ",", ", deep: bool,")],
        "nothing_follows",
    );
    follows(
        "rust",
        before,
        &[("a: u8", ",", ", deep: bool,"), ("draw(1", ",", ", true,")],
        "signature",
        "fn draw(a: u8, deep: bool, b: u8) {}\nfn f(scale: u8) {\n    draw(1, true, 2);\n    x.y(draw(g(3), true, 4));\n}\n",
    );
    // Methods: the receiver is no argument, except by the type's name.
    follows(
        "rust",
        "impl S {\n    fn draw(&self, a: u8, b: u8) {}\n}\nfn f(s: S) {\n    s.draw(1, 2);\n    S::draw(&s, 1, 2);\n}\n",
        &[("draw", ", b: u8", "")],
        "signature",
        "impl S {\n    fn draw(&self, a: u8) {}\n}\nfn f(s: S) {\n    s.draw(1);\n    S::draw(&s, 1);\n}\n",
    );
    follows(
        "typescript",
        "function draw(a: number, b: number) {}\nconst c = draw(1, 2);\n",
        &[("draw(", "a: number, ", "")],
        "signature",
        "function draw(b: number) {}\nconst c = draw(2);\n",
    );
}

#[test]
fn the_last_two_edits_are_repeated() {
    // What was done to one line in two places is one edit.
    follows(
        "typescript",
        "assert(a.b === c);\nassert(d === e(1));\ng();\nassert(h === i);\nassert(j);\n",
        &[
            ("", "assert", "assertEqual"),
            ("a.b", " ===", ","),
            ("c);", "assert", "assertEqual"),
            ("(d", " ===", ","),
        ],
        "repeat",
        "assertEqual(a.b, c);\nassertEqual(d, e(1));\ng();\nassertEqual(h, i);\nassert(j);\n",
    );
}

#[test]
fn the_last_two_edits_are_repeated_with_holes() {
    follows(
        "rust",
        "fn f() {\n    log(a, 1);\n    log(b.c, 2);\n    log(d(), 3);\n    log(4);\n}\n",
        &[("log(a", "a, 1", "1, a"), ("log(b", "b.c, 2", "2, b.c")],
        "repeat",
        "fn f() {\n    log(1, a);\n    log(2, b.c);\n    log(3, d());\n    log(4);\n}\n",
    );
    follows(
        "typescript",
        "const a = one.value();\nconst b = two.three.value();\nconst c = four.value();\nconst d = five.other();\n",
        &[
            ("one", ".value()", ".value"),
            ("three", ".value()", ".value"),
        ],
        "repeat",
        "const a = one.value;\nconst b = two.three.value;\nconst c = four.value;\nconst d = five.other();\n",
    );
    // Nothing that somebody chose is in it: the next one in the row.
    follows(
        "rust",
        "fn a() {}\nfn b(c: u8) { c }\nfn d() { e(); }\nfn g() {}\n",
        &[("", "fn a", "pub fn a"), ("{}", "fn b", "pub fn b")],
        "repeat",
        "pub fn a() {}\npub fn b(c: u8) { c }\npub fn d() { e(); }\nfn g() {}\n",
    );
    // Without a grammar: the same words into the same words.
    follows(
        "zig-like",
        "a = old_name(1)\nb = old_name(2)\nc = old_name(3)\nd = my_old_name(4)\n",
        &[
            ("a =", "old_name", "new_name"),
            ("b =", "old_name", "new_name"),
        ],
        "repeat",
        "a = new_name(1)\nb = new_name(2)\nc = new_name(3)\nd = my_old_name(4)\n",
    );
}

#[test]
fn edits_that_have_nothing_in_common_are_not_repeated() {
    silent(
        "rust",
        "fn f() {\n    g(1);\n    h(2);\n    g(3);\n}\n",
        &[("g(", "1", "10"), ("h(", "2", "x")],
        "nothing_follows",
    );
    silent(
        "rust",
        "fn f() {\n    g(a);\n    g(b);\n    g(c);\n}\n",
        &[("g(", "a", "one()"), ("g(b", "b", "two()")],
        "nothing_follows",
    );
}

#[test]
fn what_was_just_done_is_never_taken_back() {
    // A name there and back: the second time the first place stays as it is.
    let mut server = Launch::new().start();
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "fn f() {\n    g(one_thing);\n    g(one_thing);\n    g(two_thing);\n    g(two_thing);\n}\n",
    );
    change(&mut server, &mut doc, "g(", "one_thing", "two_thing");
    change(
        &mut server,
        &mut doc,
        "two_thing);\n    g(",
        "one_thing",
        "two_thing",
    );
    // Both of the others read so already; now the last two go the other way.
    let third = doc.text.match_indices("two_thing").nth(2).unwrap().0;
    doc.replace(&mut server, third, third + 9, "one_thing");
    let fourth = doc.text.match_indices("two_thing").nth(2).unwrap().0;
    doc.replace(&mut server, fourth, fourth + 9, "one_thing");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(answer["edits"], json!([]), "{answer}");
    // What was undone is no deed: nothing follows from it.
    let mut doc = open(
        &mut server,
        "b.rs",
        "rust",
        "fn f() {\n    let one = 1;\n    g(one);\n}\n",
    );
    change(&mut server, &mut doc, "let", "one", "two");
    change(&mut server, &mut doc, "let", "two", "one");
    assert_eq!(suggest(&mut server, &doc, json!({}))["edits"], json!([]));
}

#[test]
fn an_import_is_added_as_other_files_have_it() {
    let mut server = Launch::new().start();
    open(
        &mut server,
        "b.rs",
        "rust",
        "use crate::tools::{Hammer, Nail};\nfn g(a: Hammer, b: Nail) {}\n",
    );
    let mut doc = open(
        &mut server,
        "a.rs",
        "rust",
        "use crate::wood::Plank;\n\nfn f(a: Plank) {\n}\n",
    );
    let at = doc.text.find("}\n").unwrap();
    doc.replace(&mut server, at, at, "    Nail::new();\n");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(
        applied(&doc, &answer),
        "use crate::wood::Plank;\nuse crate::tools::Nail;\n\nfn f(a: Plank) {\n    Nail::new();\n}\n"
    );
    assert_eq!(answer["edits"][0]["kind"], "import");
    // Files that disagree say nothing.
    open(
        &mut server,
        "c.rs",
        "rust",
        "use iron::Nail;\nfn g(b: Nail) {}\n",
    );
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(
        (&answer["edits"], &answer["reason"]),
        (&json!([]), &json!("ambiguous"))
    );
}

#[test]
fn an_import_is_found_in_the_workspace() {
    let place = Scratch::with(&[
        ("Cargo.toml", "[package]\n"),
        (
            "src/b.rs",
            "use crate::tools::{Hammer, Nail};\nfn g(a: Hammer, b: Nail) {}\n",
        ),
        (".nextlineignore", "c.rs\n"),
        ("src/c.rs", "use secret::Nail;\n"),
    ]);
    let mut server = Launch::new().workspace(place.path()).start();
    wait::until("the workspace is learnt", || {
        let status = server.request("agent/status", json!({}));
        (status["local"]["files"].as_u64() > Some(0) && status["busy"] == false).then_some(())
    });
    let text = "use crate::wood::Plank;\n\nfn f(a: Plank) {\n}\n";
    let mut doc = Doc::open(&mut server, &place.uri("src/a.rs"), "rust", text);
    let at = doc.text.find("}\n").unwrap();
    doc.replace(&mut server, at, at, "    Nail::new();\n");
    let answer = suggest(&mut server, &doc, json!({}));
    assert_eq!(
        answer["edits"][0]["text"], "\nuse crate::tools::Nail;",
        "{answer}"
    );
}
