//! Each rule by its table, and what no rule may touch.

use super::*;
use crate::settings::Multiline;

/// The document as it is once the answer was taken; `None` when there is nothing to take.
fn taken(
    language: &str,
    drawn: &str,
    answer: &str,
    end: End,
    multiline: Multiline,
) -> Option<String> {
    let site = Site::drawn(language, drawn, multiline);
    let draft = trim(answer.into(), end, &site, &["<|mine|>".into()]).ok()?;
    let at = drawn.find("$0").unwrap();
    Some(format!(
        "{}{}{}",
        &drawn[..at],
        draft.text,
        &drawn[at + 2 + draft.over..]
    ))
}

/// Rows: language, document, answer, the document after it (a `-` for nothing shown).
fn check(rows: &[(&str, &str, &str, &str)]) {
    check_as(rows, End::Whole, Multiline::Auto);
}

fn check_as(rows: &[(&str, &str, &str, &str)], end: End, multiline: Multiline) {
    let mut wrong = Vec::new();
    for (language, drawn, answer, expected) in rows {
        let row = nextline_grammars::Language::by_id(language);
        if row.is_some_and(|row| !row.has_grammar()) {
            continue;
        }
        let got = taken(language, drawn, answer, end, multiline).unwrap_or("-".into());
        if got != *expected {
            wrong.push(format!(
                "{language} {drawn:?} + {answer:?}\n  got  {got:?}\n  want {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn clean_answers_are_left_alone() {
    check(&[
        ("rust", "let a = $0", "-1", "let a = -1"),
        ("rust", "let a = b$0;", ".name()", "let a = b.name();"),
        ("rust", "s($0)", "\"[\"", "s(\"[\")"),
        ("rust", "f($0);", "g(x)", "f(g(x));"),
        ("rust", "f(($0);", "a)", "f((a));"),
        (
            "rust",
            "fn f<$0>(b: &'a str) {}",
            "'a",
            "fn f<'a>(b: &'a str) {}",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "if a {\n        b();\n    }",
            "fn f() {\n    if a {\n        b();\n    }\n}\n",
        ),
        (
            "rust",
            "fn f() {$0}\n",
            "\n    a();\n",
            "fn f() {\n    a();}\n",
        ),
        (
            "typescript",
            "const a = $0;",
            "`${b(\"}\")}`",
            "const a = `${b(\"}\")}`;",
        ),
        (
            "typescript",
            "const a = [\n  $0\n];",
            "1,\n  2,",
            "const a = [\n  1,\n  2,\n];",
        ),
        (
            "python",
            "def f():\n    $0\n",
            "for a in b:\n        c(a)\n\n    return d",
            "def f():\n    for a in b:\n        c(a)\n\n    return d\n",
        ),
        (
            "lua",
            "function f()\n  $0\nend\n",
            "if a then\n    b()\n  end",
            "function f()\n  if a then\n    b()\n  end\nend\n",
        ),
        (
            "markdown",
            "# A\n\n$0",
            "```sh\nls\n```",
            "# A\n\n```sh\nls\n```",
        ),
        ("nobody", "a = $0", "b + c", "a = b + c"),
    ]);
}

#[test]
fn wrapping_goes() {
    check(&[
        (
            "rust",
            "fn f() {\n    Ok$0\n}",
            "Ok(())",
            "fn f() {\n    Ok(())\n}",
        ),
        ("rust", "let a = $0;", "```rust\nbcd\n```", "let a = bcd;"),
        ("rust", "let a = $0;", "bcd<|mine|>c", "let a = bcd;"),
        ("rust", "let a = $0;", "bcd<|im_end|>", "let a = bcd;"),
        (
            "rust",
            "// <|im_end|>\nlet a = $0;",
            "\"<|im_end|>\"",
            "// <|im_end|>\nlet a = \"<|im_end|>\";",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "```rust\n    a();\n    b();\n```\n",
            "fn f() {\n    a();\n    b();\n}\n",
        ),
        ("rust", "let a = $0;", "let a = bcd;", "let a = bcd;"),
        (
            "rust",
            "fn f() {\n    g(1);\n    $0\n}\n",
            "fn f() {\n    g(1);\n    h(2);\n}\n",
            "fn f() {\n    g(1);\n    h(2);\n}\n",
        ),
        ("rust", "let a = $0;", "bcd\r\nc", "let a = bcd;"),
        ("rust", "let a = $0;", "b\0c\u{1b}d\u{7f}", "let a = bcd;"),
    ]);
}

#[test]
fn what_stands_after_the_cursor_does_not_come_twice() {
    check(&[
        ("rust", "fn f() { g($0) }", "a, b)", "fn f() { g(a, b) }"),
        ("rust", "fn f() { g($0); }", "ab);", "fn f() { g(ab); }"),
        ("rust", "fn f() { g($0); }", "ab)", "fn f() { g(ab); }"),
        ("rust", "let a = $0 + b;", "cd + b;", "let a = cd + b;"),
        (
            "rust",
            "fn f() {\n    g($0)\n}",
            "a, b);",
            "fn f() {\n    g(a, b);\n}",
        ),
        (
            "rust",
            "fn f() {\n    if g($0)\n}",
            "a) {",
            "fn f() {\n    if g(a) {\n}",
        ),
        ("rust", "let a = \"$0\";", "bcd\"", "let a = \"bcd\";"),
        (
            "rust",
            "fn f() {\n    $0\n    b();\n}\n",
            "a();\n    b();\n}",
            "fn f() {\n    a();\n    b();\n}\n",
        ),
        ("rust", "fn f() {\n    $0\n    call();\n}\n", "call();", "-"),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "a();\n}\n\nfn g() {}",
            "fn f() {\n    a();\n}\n",
        ),
        (
            "python",
            "a = [\n    $0\n]\n",
            "1,\n]",
            "a = [\n    1,\n]\n",
        ),
        ("nobody", "f($0)", "ab)", "f(ab)"),
        ("nobody", "f($0)", "g(a)", "f(g(a))"),
        ("nobody", "f($0)", "ab);", "f(ab);"),
        ("nobody", "{\n    $0\n}\n", "a;\n}", "{\n    a;\n}\n"),
    ]);
}

#[test]
fn white_space_is_the_documents_own() {
    check(&[
        (
            "go",
            "func f() {\n\t$0\n}\n",
            "if a {\n    b()\n}",
            "func f() {\n\tif a {\n\t\tb()\n\t}\n}\n",
        ),
        (
            "go",
            "func f() {\n\t$0\n}\n",
            "\tif a {\n\t\tb()\n\t}",
            "func f() {\n\tif a {\n\t\tb()\n\t}\n}\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "if a {\n\t\tb();\n\t}",
            "fn f() {\n    if a {\n        b();\n    }\n}\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "\n    a();",
            "fn f() {\n    a();\n}\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "if a {\n    b();\n}",
            "fn f() {\n    if a {\n        b();\n    }\n}\n",
        ),
        (
            "python",
            "class A:\n    def f(self):\n        $0\n",
            "if a:\n    b()\n    c()",
            "class A:\n    def f(self):\n        if a:\n            b()\n            c()\n",
        ),
        ("rust", "let a = $0", " b;  \n", "let a = b;"),
        (
            "rust",
            "fn f() {\r\n    $0\r\n}\r\n",
            "a();\r\n    b();\r\n}",
            "fn f() {\r\n    a();\n    b();\r\n}\r\n",
        ),
    ]);
}

#[test]
fn loops_halves_and_crumbs_go() {
    let words = "the same thing ".repeat(20);
    let block = "fn f() {\n    $0\n}\n";
    let lines = "foo();\n    ".repeat(30);
    check(&[
        (
            "rust",
            "let a = 1; // $0",
            &words,
            "let a = 1; // the same thing",
        ),
        ("rust", block, &lines, "fn f() {\n    foo();\n}\n"),
        ("rust", "let a = b$0", ";", "-"),
        ("rust", "let a = b$0", " \n \n", "-"),
    ]);
    let half = [(
        "rust",
        block,
        "a();\n    b();\n    let c = d(",
        "fn f() {\n    a();\n    b();\n}\n",
    )];
    check_as(&half, End::Half, Multiline::Auto);
    check_as(
        &[("rust", "let a = $0;", "b.c", "let a = b.c;")],
        End::Half,
        Multiline::Auto,
    );
}

#[test]
fn a_sound_tree_stays_sound() {
    check(&[
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "a();\n    b() c() d;",
            "fn f() {\n    a();\n}\n",
        ),
        ("rust", "fn f() {\n    $0\n}\n", "let let = = 3;", "-"),
        (
            "rust",
            "fn f() {\n    $0\n    let = ;\n}\n",
            "let let = 3;",
            "fn f() {\n    let let = 3;\n    let = ;\n}\n",
        ),
        (
            "rust",
            "fn f() {\n    $0\n}\n",
            "if a {\n        b();",
            "fn f() {\n    if a {\n        b();\n}\n",
        ),
    ]);
}

#[test]
fn always_shows_all() {
    let rows = [(
        "rust",
        "fn f() {\n    $0\n}\n",
        "a();\n}\n\nfn g() {\n    b();",
        "fn f() {\n    a();\n}\n\nfn g() {\n    b();\n}\n",
    )];
    check_as(&rows, End::Whole, Multiline::Always);
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let mut site = Site::drawn("rust", "fn f() {\n    $0\n}\n", Multiline::Auto);
    site.deleted = Some("call(a);".into());
    for (answer, shown) in [
        ("call(a);", false),
        ("call(a);\n    b();", false),
        ("call(b);", true),
    ] {
        let draft = trim(answer.into(), End::Whole, &site, &[]);
        assert_eq!(draft.is_ok(), shown, "{answer:?}");
    }
}
