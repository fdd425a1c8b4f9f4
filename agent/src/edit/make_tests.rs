//! Answers of all sorts, and what the file looks like after them.

use nextline_grammars::Language;

use super::*;

fn has(id: &str) -> bool {
    Language::by_id(id).is_some_and(Language::has_grammar)
}

/// The text after an answer to an edit of the line with `$0`.
fn edited(
    id: &str,
    drawn: &str,
    answer: &str,
    plan: impl Fn(&Source<'_>, usize) -> Place,
) -> Result<String, Useless> {
    let line = drawn[..drawn.find("$0").expect("a cursor")]
        .matches('\n')
        .count();
    let text = drawn.replace("$0", "");
    let source = Source::new(&text, Language::by_id(id));
    let place = plan(&source, line);
    let plan = Plan { shown: 0..0, place };
    patch(&plan, &source, answer).map(|patch| patch.apply(&text))
}

fn around(source: &Source<'_>, line: usize) -> Place {
    Place::Lines(source.around(line))
}

fn doc(source: &Source<'_>, line: usize) -> Place {
    Place::Doc(source.documentable(line).expect("a place"))
}

const IMPL: &str =
    "use a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        1$0\n    }\n\n    fn g() {}\n}\n";

#[test]
fn the_text_around_an_edit_never_changes() {
    let wanted =
        "use a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        2\n    }\n\n    fn g() {}\n}\n";
    for answer in [
        "```rust\n    fn f(&self) -> u8 {\n        2\n    }\n```",
        "Sure:\n```rust\nfn f(&self) -> u8 {\n    2\n}\n```\nIt is two now.",
        "```rust\nuse a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        2\n    }\n\n    fn g() {}\n}\n```",
        "    fn f(&self) -> u8 {\n        2\n    }\n",
    ] {
        assert_eq!(
            edited("rust", IMPL, answer, around).as_deref(),
            Ok(wanted),
            "{answer}"
        );
    }
    let crlf = IMPL.replace('\n', "\r\n");
    let answer = "```rust\nfn f(&self) -> u8 {\n    2\n}\n```";
    assert_eq!(
        edited("rust", &crlf, answer, around),
        Ok(wanted.replace('\n', "\r\n"))
    );
}

#[test]
fn what_is_no_code_changes_nothing() {
    for (answer, why) in [
        ("", Useless::NoCode),
        ("I cannot help with that, sorry.", Useless::Prose),
        (
            "```rust\n    fn f(&self) -> u8 {\n        1\n    }\n```",
            Useless::Same,
        ),
        (
            "```rust\n    fn f(&self) -> u8 {\n        // ... existing code ...\n    }\n```",
            Useless::Abridged("// ... existing code ...".into()),
        ),
    ] {
        assert_eq!(edited("rust", IMPL, answer, around), Err(why), "{answer}");
    }
}

#[test]
fn a_doc_comment_goes_in_and_the_code_stays() {
    let wanted = IMPL
        .replace("$0", "")
        .replace("    fn f", "    /// One.\n    fn f");
    for answer in [
        "```rust\n/// One.\n```",
        "```rust\n/// One.\nfn f(&self) -> u8 {\n    99\n}\n```",
        "    /// One.",
    ] {
        assert_eq!(
            edited("rust", IMPL, answer, doc).as_deref(),
            Ok(wanted.as_str()),
            "{answer}"
        );
    }
    assert_eq!(
        edited("rust", IMPL, "This returns one.", doc),
        Err(Useless::Prose)
    );
    let field = "struct A {\n    x: u8,\n    y: u8,$0\n}\n";
    let answer = "```rust\n    x: u8,\n    /// Y.\n    y: u8,\n```";
    let wanted = "struct A {\n    x: u8,\n    /// Y.\n    y: u8,\n}\n";
    assert_eq!(edited("rust", field, answer, doc).as_deref(), Ok(wanted));
    let old = "/// Old.\nfn a() {$0}\n";
    assert_eq!(
        edited("rust", old, "```\n/// New.\n/// More.\n```", doc).as_deref(),
        Ok("/// New.\n/// More.\nfn a() {}\n")
    );
    if has("python") {
        let drawn = "class C:\n    def f(self):\n        return 1$0\n";
        let wanted = "class C:\n    def f(self):\n        \"\"\"One.\"\"\"\n        return 1\n";
        for answer in [
            "```python\n\"\"\"One.\"\"\"\n```",
            "```python\ndef f(self):\n    \"\"\"One.\"\"\"\n    return 1\n```",
        ] {
            assert_eq!(
                edited("python", drawn, answer, doc).as_deref(),
                Ok(wanted),
                "{answer}"
            );
        }
    }
}

#[test]
fn tests_go_where_tests_are() {
    let inside = |_: &Source<'_>, _| Place::Tests { inside: true };
    let at_end = |_: &Source<'_>, _| Place::Tests { inside: false };
    let test = "```rust\n#[test]\nfn works() {\n    assert!(f());\n}\n```";
    let module = "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn works() {\n        assert!(f());\n    }\n}\n";
    let bare = "fn f() -> bool {\n    true$0\n}\n";
    let wanted = format!("fn f() -> bool {{\n    true\n}}\n\n{module}");
    assert_eq!(
        edited("rust", bare, test, inside).as_deref(),
        Ok(wanted.as_str())
    );
    assert_eq!(
        edited("rust", bare, &format!("```\n{module}```"), inside).as_deref(),
        Ok(wanted.as_str())
    );
    let more = wanted.replace("true", "true$0");
    let second = "```rust\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn again() {}\n}\n```";
    let result = edited("rust", &more, second, inside).expect("a patch");
    assert!(
        result.ends_with("        assert!(f());\n    }\n\n    #[test]\n    fn again() {}\n}\n"),
        "{result}"
    );
    assert_eq!(
        edited("go", "$0", "```go\npackage p\n```", at_end).as_deref(),
        Ok("package p\n")
    );
    assert_eq!(
        edited("go", "package p$0\n", "```go\nfunc TestA() {}\n```", at_end).as_deref(),
        Ok("package p\n\nfunc TestA() {}\n")
    );
}

#[test]
fn an_insertion_stands_behind_what_is_shown() {
    let behind = |source: &Source<'_>, line| {
        let shown = source.around(line);
        Place::Lines(shown.end..shown.end)
    };
    let answer = "```rust\n\nfn b() {}\n```";
    for (text, wanted) in [
        ("fn a() {$0}\n", "fn a() {}\n\nfn b() {}\n"),
        ("fn a() {$0}", "fn a() {}\n\nfn b() {}"),
        ("fn a() {$0}\r\n", "fn a() {}\r\n\r\nfn b() {}\r\n"),
    ] {
        assert_eq!(
            edited("rust", text, answer, behind).as_deref(),
            Ok(wanted),
            "{text:?}"
        );
    }
    let plain = "```rust\nfn b() {}\n```";
    assert_eq!(
        edited("rust", "fn a() {$0}\n", plain, behind).as_deref(),
        Ok("fn a() {}\nfn b() {}\n")
    );
}
