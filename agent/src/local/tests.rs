//! The room from outside: answers, silences, masks, memory, and any text at all.

use std::sync::Arc;

use proptest::prelude::*;
use ropey::Rope;

use super::sheet::Sheet;
use super::syntax::syntax_of;
use super::words::Words;
use super::*;

const LIMITS: Limits = Limits {
    max_workspace_bytes: 1 << 20,
    max_file_bytes: 100_000,
};

/// A file whose every function is alike but for one name.
fn alike(names: &[&str]) -> String {
    let one = |n: &&str| {
        format!(
            "fn {n}(input: &Input) -> Output {{\n    let table = input.{n}();\n    table.finish(input)\n}}\n\n"
        )
    };
    names.iter().map(one).collect()
}

fn model() -> Local {
    let local = Local::new(LIMITS);
    let text = alike(&["alpha", "beta", "gamma", "delta", "omega", "sigma"]);
    assert_eq!(local.learn("file:///w/a.rs", &text), Learnt::Taken);
    local.settle();
    local
}

/// Asks at `|` in the text, at a low confidence.
fn ask(local: &Local, key: &str, text: &str) -> Result<String, Silence> {
    let at = text.find('|').expect("a cursor");
    let rope = Rope::from_str(&text.replacen('|', "", 1));
    let ask = LocalAsk {
        key,
        text: &rope,
        at,
        confidence: 0.3,
        deadline: None,
    };
    local.suggest(&ask).map(|s| s.text)
}

#[test]
fn answers_and_silences() {
    let local = model();
    let yes = |s: &str| Ok(s.to_owned());
    for (key, text, want) in [
        ("b.rs", "fn nu(input: &|", yes("Input) -> Output {")),
        ("b.rs", "fn nu(input: &In|", yes("put) -> Output {")),
        ("b.rs", "fn nu(input: &|) -> Output {", yes("Input")),
        (
            "b.rs",
            "fn nu(input: &In|put) -> Output {",
            Err(Silence::InWord),
        ),
        ("b.rs", "// fn nu(input: &|", Err(Silence::InComment)),
        ("b.rs", "/* a\nfn nu(input: &|", Err(Silence::InComment)),
        (
            "b.rs",
            "let s = \"a\n fn nu(input: &|",
            Err(Silence::InString),
        ),
        ("b.md", "fn nu(input: &|", Err(Silence::Prose)),
        ("b.rs", "zzz qqq |", Err(Silence::Unsure)),
        (
            "b.rs",
            "fn nu(input: &Input) -> Output {\r\n    let table = input.nu();\r\n    table.|",
            yes("finish(input)"),
        ),
    ] {
        assert_eq!(ask(&local, key, text), want, "{key} {text:?}");
    }
    let long = format!("{}|", "x ".repeat(3000));
    assert_eq!(ask(&local, "b.rs", &long), Err(Silence::TooLarge));
    let huge = format!("{}|", "x\n".repeat(60_000));
    assert_eq!(ask(&local, "b.rs", &huge), Err(Silence::TooLarge));
    let empty = Local::new(LIMITS);
    assert_eq!(ask(&empty, "b.rs", "|"), Err(Silence::NothingLearnt));
}

#[test]
fn several_read_one_stock_and_have_desks_of_their_own() {
    let (first, second) = (model(), Local::new(LIMITS));
    second.move_to(&first.stock());
    let known = |local: &Local| {
        let answer = ask(local, "b.rs", "fn nu(input: &|");
        answer == Ok("Input) -> Output {".to_owned())
    };
    assert!(known(&first) && known(&second));
    // What stands in the file's place stands there for one of them.
    first.open("file:///w/a.rs", &Rope::from_str(""));
    for _ in 0..2 {
        assert!(!known(&first) && known(&second));
        second.close("file:///w/a.rs");
        second.settle();
    }
    first.close("file:///w/a.rs");
    assert!(known(&first) && known(&second));
    // What one of them types is not the other's.
    let text = alike(&["alpha", "beta", "gamma"]).replace("Output", "Secret");
    first.open("file:///w/c.rs", &Rope::from_str(&text.repeat(3)));
    first.settle();
    assert!(!known(&first) && known(&second));
    second.move_to(&Local::new(LIMITS).stock());
    assert!(!known(&second));
    drop(first);
    let stock = second.stock();
    assert_eq!(
        stock.learn("file:///w/a.rs", &alike(&["alpha", "beta", "gamma"])),
        Learnt::Taken
    );
    second.settle();
    assert!(known(&second));
}

#[test]
fn places_outside_of_the_text_are_named() {
    let local = model();
    let rope = Rope::from_str("日本\n");
    for (at, want) in [
        (1, Silence::Nowhere),
        (8, Silence::Nowhere),
        (7, Silence::Unsure),
    ] {
        let ask = LocalAsk {
            key: "b.rs",
            text: &rope,
            at,
            confidence: 0.9999,
            deadline: None,
        };
        assert_eq!(local.suggest(&ask), Err(want), "{at}");
    }
}

#[test]
fn a_passed_deadline_is_late() {
    let local = model();
    let rope = Rope::from_str("fn nu(input: &");
    let ask = LocalAsk {
        key: "b.rs",
        text: &rope,
        at: 14,
        confidence: 0.3,
        deadline: Some(std::time::Instant::now()),
    };
    assert_eq!(local.suggest(&ask), Err(Silence::Late));
}

#[test]
fn files_are_left_out_for_a_named_reason() {
    let local = Local::new(LIMITS);
    let line = "let a = b;\n";
    for (key, text, want) in [
        ("big.rs", line.repeat(10_000), Learnt::TooLarge),
        ("bin.rs", "a\0b".to_owned(), Learnt::Binary),
        ("min.js", "a=b;".repeat(2000), Learnt::Minified),
        ("read.md", "words".to_owned(), Learnt::Prose),
        ("code.rs", line.repeat(9000), Learnt::Taken),
    ] {
        assert_eq!(local.learn(key, &text), want, "{key}");
    }
    for i in 0..10 {
        local.learn(&format!("more{i}.rs"), &line.repeat(9000));
    }
    assert_eq!(local.learn("last.rs", &line.repeat(9000)), Learnt::Full);
    local.settle();
    let stats = local.stats();
    let left = (stats.too_large, stats.full, stats.not_code, stats.files);
    assert_eq!(left, (1, 2, 3, 10));
    local.forget("more0.rs");
    assert_eq!(local.learn("last.rs", &line.repeat(9000)), Learnt::Taken);
}

#[test]
fn an_open_document_stands_for_its_file() {
    let local = Local::new(LIMITS);
    let old = "fn f() {\n    reader.oldest_name(1);\n    reader.oldest_name(1);\n    reader.oldest_name(1);\n}\n";
    local.learn("a.rs", old);
    local.settle();
    let question = "fn g() {\n    reader.|";
    assert_eq!(ask(&local, "b.rs", question), Ok("oldest_name(1);".into()));
    // The document is known at once, and instead of its file.
    let new = Rope::from_str(&old.replace("oldest", "newest"));
    local.open("a.rs", &new);
    assert_eq!(ask(&local, "b.rs", question), Ok("newest_name(1);".into()));
    // Settled, nothing changes; nor when its own file is saved meanwhile.
    local.settle();
    assert_eq!(ask(&local, "b.rs", question), Ok("newest_name(1);".into()));
    local.learn("a.rs", &old.replace("oldest", "saved"));
    local.settle();
    assert_eq!(ask(&local, "b.rs", question), Ok("newest_name(1);".into()));
    local.close("a.rs");
    assert_eq!(ask(&local, "b.rs", question), Ok("saved_name(1);".into()));
    local.forget("a.rs");
    assert_eq!(ask(&local, "b.rs", question), Err(Silence::Unsure));
}

#[test]
fn closing_gives_memory_back() {
    let local = model();
    let before = local.stats();
    let text = alike(&["one", "two", "three"]).repeat(40);
    let rope = Rope::from_str(&text);
    for i in 0..30 {
        local.open(&format!("d{i}.rs"), &Rope::from_str(&text));
    }
    local.open("asked.rs", &rope);
    let _ = ask(&local, "asked.rs", &format!("{text}|"));
    local.settle();
    let during = local.stats();
    assert_eq!(during.open, 31);
    assert!(during.tokens > before.tokens + 30 * 3000, "{during:?}");
    for i in 0..30 {
        local.close(&format!("d{i}.rs"));
    }
    local.close("asked.rs");
    let after = local.stats();
    assert_eq!((after.open, after.tokens), (0, before.tokens));
    assert!(after.bytes < before.bytes + 1000, "{before:?} {after:?}");
}

#[test]
fn words_that_nobody_uses_are_dropped() {
    let local = model();
    local.learn("c.rs", "fn later() {}\n");
    for batch in 0..3 {
        let typed: String = (0..9000).map(|i| format!("w{batch}x{i}\n")).collect();
        let _ = ask(&local, "typed.rs", &format!("{typed}|"));
    }
    let before = local.stats().bytes;
    local.settle();
    let after = local.stats().bytes;
    assert!(after * 4 < before, "{before} {after}");
    let text = "fn nu(input: &|";
    assert_eq!(ask(&local, "b.rs", text), Ok("Input) -> Output {".into()));
}

#[test]
fn saving_one_file_again_does_not_sort_all_again() {
    let local = Local::new(LIMITS);
    for i in 0..40 {
        local.learn(&format!("f{i}.rs"), &alike(&["one", "two"]).repeat(20));
    }
    local.settle();
    let first = Arc::clone(&local.seat().stock.library().segments[0]);
    local.learn("f0.rs", &alike(&["three"]));
    local.settle();
    assert!(Arc::ptr_eq(
        &first,
        &local.seat().stock.library().segments[0]
    ));
    assert_eq!(local.stats().files, 40);
}

#[test]
fn many_suggestions_begin_differently() {
    let local = Local::new(LIMITS);
    let text = "f.open_file(x);\nf.open_pipe(x);\nf.open_file(x);\nf.read_all(x);\n".repeat(5);
    local.learn("a.rs", &text);
    local.settle();
    let rope = Rope::from_str("f.");
    let ask = LocalAsk {
        key: "b.rs",
        text: &rope,
        at: 2,
        confidence: 0.02,
        deadline: None,
    };
    let many = local.suggest_many(&ask, 3).expect("suggestions");
    let mut texts: Vec<&str> = many.iter().map(|s| &*s.text).collect();
    assert!(texts[0].starts_with("open_file"), "{texts:?}");
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 3);
}

#[test]
fn two_questions_at_once_are_both_right() {
    let local = Arc::new(model());
    local.open("b.rs", &Rope::from_str(""));
    let texts = ["fn nu(input: &|", "fn longer_name() {}\n\nfn nu(|"];
    let alone: Vec<_> = texts.iter().map(|t| ask(&local, "b.rs", t)).collect();
    std::thread::scope(|s| {
        for (text, want) in texts.iter().zip(&alone) {
            let local = Arc::clone(&local);
            s.spawn(move || {
                for _ in 0..50 {
                    assert_eq!(&ask(&local, "b.rs", text), want);
                }
            });
        }
    });
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,3}",
        "[ \t]{1,3}",
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        "[(){}.,;'\"`/*#\\\\]",
        Just("//".to_owned()),
        Just("/*".to_owned()),
        Just("*/".to_owned()),
        Just("r#\"".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("é日\u{1F600}\u{feff}\u{2028}\0".to_owned()),
        any::<char>().prop_map(String::from),
    ]
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..most).prop_map(|p| p.concat())
}

const KEYS: [&str; 6] = ["a.rs", "a.ts", "a.py", "a.lua", "a.html", "a"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_sheet_equals_a_new_one(
        key in prop::sample::select(&KEYS[..]),
        start in text(120),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, text(6)), 1..12),
    ) {
        let syntax = syntax_of(key);
        let mut words = Words::default();
        let mut rope = Rope::from_str(&start);
        let mut sheet = Sheet::new(syntax);
        sheet.sync(&rope, &mut words);
        for (place, gone, new) in edits {
            let at = place.index(rope.len_chars() + 1);
            rope.remove(at..(at + gone).min(rope.len_chars()));
            rope.insert(at, &new);
            sheet.sync(&rope, &mut words);
            let mut fresh = Sheet::new(syntax);
            fresh.sync(&Rope::from_str(&rope.to_string()), &mut words);
            prop_assert_eq!(sheet.parts(), fresh.parts());
        }
    }

    #[test]
    fn any_text_at_any_place_is_survived(
        key in prop::sample::select(&KEYS[..]),
        learnt in text(200),
        now in text(60),
    ) {
        let local = Local::new(LIMITS);
        local.learn("w.rs", &learnt);
        local.learn(key, &now);
        local.settle();
        let rope = Rope::from_str(&now);
        for at in 0..=rope.len_bytes() + 1 {
            let ask = LocalAsk {
                key,
                text: &rope,
                at,
                confidence: 0.01,
                deadline: None,
            };
            let first = local.suggest(&ask);
            if let Ok(s) = &first {
                prop_assert!(!s.text.contains(['\n', '\r', '\u{2028}', '\0']), "{:?}", s);
                prop_assert!(s.confidence >= 0.01 && s.confidence <= 1.0);
            }
            prop_assert_eq!(first, local.suggest(&ask));
        }
    }
}
