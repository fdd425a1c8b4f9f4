//! Where answers end, and that it does not matter how they arrive.

use proptest::prelude::*;

use super::*;
use crate::settings::Multiline;

fn kept(language: &str, drawn: &str, answer: &str) -> Option<String> {
    let site = Site::drawn(language, drawn, Multiline::Auto);
    let stopped = Stop::new(&site).feed(answer);
    stopped.map(|(end, _)| answer[..end].to_owned())
}

#[test]
fn answers_end_where_line_or_block_does() {
    let (line, inner) = ("let a = $0;", "fn f() {\n    $0\n}\n");
    let rows: &[(&str, &str, &str, Option<&str>)] = &[
        ("rust", line, "a + b", None),
        ("rust", line, "a + b\nfoo", Some("a + b")),
        ("rust", line, "a + b\r\nfoo", Some("a + b")),
        ("rust", line, "```rust\na\n```", Some("```rust\na")),
        ("rust", line, "```rust\na", None),
        ("rust", line, "let a = b\nc", Some("let a = b")),
        (
            "rust",
            inner,
            "a;\n    b;\n}\n\nfn g",
            Some("a;\n    b;\n}"),
        ),
        ("rust", inner, "a;\n    b;\n", None),
        ("rust", inner, "a;\n\n    b;\n", None),
        (
            "rust",
            inner,
            "if a {\n        b;\n    }\n    c;\n}\n",
            Some("if a {\n        b;\n    }\n    c;\n}"),
        ),
        ("rust", inner, "a(\"}\"); // }\n    '}';\n", None),
        (
            "rust",
            "fn f() {$0}",
            "\n    a;\n} b\n",
            Some("\n    a;\n} b"),
        ),
        (
            "rust",
            "$0",
            "fn f() {\n    a;\n\n    b;\n}\n\nfn g() {}\n",
            Some("fn f() {\n    a;\n\n    b;\n}"),
        ),
        (
            "python",
            "def f():\n    $0\n",
            "a = 1\n    if a:\n        b()\n\n    c()\nd()\n",
            Some("a = 1\n    if a:\n        b()\n\n    c()"),
        ),
        (
            "python",
            "class A:\n    def f():\n        $0\n",
            "if a:\n    b()\n    c()\nd()\n",
            None,
        ),
        ("python", "def f():\n    $0\n", "a = {\n}\n    b\n", None),
        (
            "python",
            "if a:$0",
            "\n    b\nelse:\n    c\nd\n",
            Some("\n    b\nelse:\n    c"),
        ),
        ("ruby", "def f\n  $0\n", "a\nend\nb\n", Some("a\nend")),
        ("nobody", "if a then$0", "\n  b\nfi\nc\n", Some("\n  b\nfi")),
        ("nobody", "a = $0", "b\nc", Some("b")),
    ];
    let mut wrong = Vec::new();
    for (language, drawn, answer, expected) in rows {
        let row = nextline_grammars::Language::by_id(language);
        if row.is_some_and(|row| !row.has_grammar()) {
            continue;
        }
        let got = kept(language, drawn, answer);
        if got.as_deref() != *expected {
            wrong.push(format!("{language} {drawn:?} {answer:?}: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_runs_away_is_hung_up_on() {
    let block = "fn f() {\n    $0\n}\n";
    let again = "same(thing);\n    ".repeat(40);
    assert_eq!(kept("rust", block, &again).unwrap(), "same(thing);");
    let lines: String = (0..500).map(|n| format!("call({n});\n    ")).collect();
    assert_eq!(kept("rust", block, &lines).unwrap().lines().count(), LINES);
    let long = "é".repeat(LINE);
    assert_eq!(kept("rust", "let a = $0", &long).unwrap().len(), LINE);
    let site = Site::drawn("rust", block, Multiline::Always);
    let endless: String = (0..9000).map(|n| format!("call({n});\n")).collect();
    assert_eq!(Stop::new(&site).feed(&endless), Some((BYTES, End::Half)));
}

/// An answer fed in parts, as a stream is.
fn fed(site: &Site, answer: &str, sizes: &[usize]) -> Option<(usize, End)> {
    let mut stop = Stop::new(site);
    let (mut sizes, mut end) = (sizes.iter().cycle(), 0);
    while end < answer.len() {
        end = (end + sizes.next().unwrap_or(&1)).min(answer.len());
        while !answer.is_char_boundary(end) {
            end += 1;
        }
        if let Some(stopped) = stop.feed(&answer[..end]) {
            return Some(stopped);
        }
    }
    None
}

const SITES: &[&str] = &[
    "fn f() {\n    $0\n}\n",
    "fn f() {$0}\n",
    "let a = $0;\n",
    "use a;\nuse b;\n\n$0",
    "fn f() {\n    a(b);\n    $0\n}\n",
];
const PARTS: &[&str] = &[
    "\n",
    "\r\n",
    "    ",
    "a(b);",
    "}",
    "{",
    "```",
    "```rust\n",
    "\"",
    "'",
    "// ",
    "fn f() {",
    "use a;\n",
    "é",
    "𝄞",
    "/*",
    "*/",
    "let a = ",
    "Here is it:\n",
];

#[test]
fn an_answer_that_ends_soon_after_its_start_was_looked_for() {
    let site = Site::drawn("rust", "let a = $0;\n", Multiline::Auto);
    for sizes in [[usize::MAX / 2], [1], [12]] {
        let stopped = fed(&site, "Here is it:\n\né", &sizes);
        assert_eq!(stopped, Some((11, End::Whole)), "{sizes:?}");
    }
}

proptest! {
    #[test]
    fn parts_of_an_answer_do_not_matter(
        drawn in prop::sample::select(SITES),
        parts in prop::collection::vec(prop::sample::select(PARTS), 0..40),
        sizes in prop::collection::vec(1usize..30, 1..6),
    ) {
        let site = Site::drawn("rust", drawn, Multiline::Auto);
        let answer = parts.concat();
        let at_once = fed(&site, &answer, &[usize::MAX / 2]);
        prop_assert_eq!(fed(&site, &answer, &[1]), at_once);
        prop_assert_eq!(fed(&site, &answer, &sizes), at_once);
    }
}
