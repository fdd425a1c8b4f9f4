//! What names do in each language.

use std::time::Duration;

use super::*;
use crate::{Language, whole};

/// The names of a text with their roles, each a letter; the drawn scope of the first declared one.
fn check(id: &str, text: &str, roles: &str, scope: Option<&str>) {
    let language = Language::by_id(id).expect("a row");
    if !language.has_grammar() {
        return;
    }
    let syntax = Syntax::parse(language, whole(text), Duration::MAX).expect("a tree");
    let names = syntax.names(0..text.len(), |_| true);
    let drawn: Vec<String> = names
        .iter()
        .map(|name| {
            let letter = match name.role {
                Role::Declared => "d",
                Role::Member => "m",
                Role::Key => "k",
                Role::Shorthand => "s",
                Role::Used => "u",
            };
            format!("{}{letter}", &text[name.node.byte_range()])
        })
        .collect();
    assert_eq!(
        drawn.join(" "),
        roles,
        "{id}: {text}\n{}",
        syntax.root().to_sexp()
    );
    let first = names.iter().find(|name| name.role == Role::Declared);
    let found = first
        .and_then(Name::scope)
        .map(|node| &text[node.byte_range()]);
    assert_eq!(found, scope, "{id}: {text}");
}

#[test]
fn roles_and_scopes() {
    check(
        "rust",
        "fn f() { let a = b; a.c(); }",
        "fd ad bu au cm",
        None,
    );
    check(
        "rust",
        "fn f(a: T) { S { a, b: a } }",
        "fd ad Tu Su as bk au",
        None,
    );
    check("rust", "struct S { a: u8 }", "Sd ad", None);
    check("rust", "const A: u8 = B::C;", "Ad Bu Cm", None);
    check("rust", "fn f() -> T { a }", "fd Tu au", None);
    check("c", "int f() { return a->b; }", "fd au bm", None);
    check("rust", "enum E { A(B) }", "Ed Ad Bu", None);
    check(
        "typescript",
        "function f(a: T) { const b = { a, c: a.d }; }",
        "fd ad Tu bd as ck au dm",
        None,
    );
    check(
        "typescript",
        "import { a, b as c } from 'd';",
        "au bu cd",
        None,
    );
    check("typescript", "const f = (a) => a + 1;", "fd ad au", None);
    check(
        "python",
        "def f(a, b=1):\n    c = g(a, d=b)\n    return c\n",
        "fd ad bd cd gu au dk bu cu",
        None,
    );
    check(
        "go",
        "func f(a int) { b := a; T{c: b} }",
        "fd ad intu bd au Tu ck bu",
        None,
    );
    check(
        "java",
        "class A { int b; void c(int d) { b = d; e.f(d); } }",
        "Ad bd cd dd bu du eu fm du",
        None,
    );
    check(
        "c",
        "int f(int *a) { int b = a[0]; return b; }",
        "fd ad bd au bu",
        None,
    );
}

#[test]
fn what_is_known_where() {
    let scope = |text: &str, name: &str| {
        let language = Language::by_id("rust").expect("a row");
        let syntax = Syntax::parse(language, whole(text), Duration::MAX).expect("a tree");
        let at = text.find(name).expect("the name");
        let found = syntax.name_at(at..at + 1).expect("a name");
        assert_eq!(found.role, Role::Declared, "{text} {name}");
        found.scope().map(|node| text[node.byte_range()].to_owned())
    };
    let text = "fn f(one: T) { let two = 1; { let (three, _) = x; } }";
    assert_eq!(scope(text, "one").as_deref(), Some(text));
    assert_eq!(scope(text, "two").as_deref(), Some(&text[13..]));
    assert_eq!(
        scope(text, "three").as_deref(),
        Some("{ let (three, _) = x; }")
    );
    assert_eq!(scope(text, "f("), None);
    let text = "impl S { fn m(&self) { const K: u8 = 1; } }\nstruct T { k: u8 }";
    assert_eq!(scope(text, "m("), None);
    assert_eq!(scope(text, "K").as_deref(), Some("{ const K: u8 = 1; }"));
    assert_eq!(scope(text, "k:"), None);
    assert_eq!(
        scope("fn f() { g(|one| one) }", "one").as_deref(),
        Some("|one| one")
    );
    assert_eq!(scope("mod m { fn g() {} }", "g("), None);
}
