//! What a model is asked, and what its answer makes of the region.

use super::*;

fn ask() -> NextAsk<'static> {
    NextAsk {
        path: "src/a.rs",
        language: "rust",
        before: "fn a() {}\n",
        region: "fn b() {\n    one();\n}\n",
        cursor: 13,
        after: "fn c() {}\n",
        from_start: true,
        original: "fn b() {\n}\n",
        first: 2,
        context_tokens: 2000,
        file: "/w/src/a.rs",
        ..NextAsk::default()
    }
}

fn history() -> Vec<Past> {
    vec![Past {
        path: "src/b.rs".into(),
        old: "x\n".into(),
        new: "y\n".into(),
        diff: "@@ -1 +1 @@\n-x\n+y\n".into(),
        source: None,
    }]
}

fn text(model: &str) -> String {
    let history = history();
    let ask = NextAsk {
        history: &history,
        ..ask()
    };
    match next(&ask, row_of_model(model)).expect("a prompt").body {
        Body::Text(text) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn zeta_2_reads_as_it_was_trained() {
    let wanted = "<|file_sep|>edit history\n--- a/src/b.rs\n+++ b/src/b.rs\n@@ -1 +1 @@\n-x\n+y\n<|file_sep|>src/a.rs\n<|fim_prefix|>\n\
                  fn a() {}\n<|fim_middle|>current\nfn b() {\n    <|user_cursor|>one();\n}\n<|fim_suffix|>\nfn c() {}\n<|fim_middle|>updated\n";
    assert_eq!(text("zeta-2"), wanted);
}

#[test]
fn zeta_reads_as_it_was_trained() {
    let said = text("zeta");
    let wanted = "### User Edits:\n\nUser edited \"src/b.rs\":\n```diff\n@@ -1 +1 @@\n-x\n+y\n```\n\n### User Excerpt:\n\n```src/a.rs\n\
                  <|start_of_file|>\nfn a() {}\n<|editable_region_start|>\nfn b() {\n    <|user_cursor_is_here|>one();\n}\n\
                  <|editable_region_end|>\nfn c() {}\n```\n\n### Response:\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn sweep_reads_as_it_was_trained() {
    let wanted = "<|file_sep|>src/a.rs\nfn a() {}\nfn b() {\n    one();\n}\nfn c() {}\n<|file_sep|>src/b.rs.diff\noriginal:\nx\nupdated:\ny\n\
                  <|file_sep|>original/src/a.rs:2:4\nfn b() {\n}\n<|file_sep|>current/src/a.rs:2:4\nfn b() {\n    <|cursor|>one();\n}\n\
                  <|file_sep|>updated/src/a.rs:2:4\n";
    assert_eq!(text("sweepai/sweep-next-edit-1.5b"), wanted);
}

#[test]
fn what_people_wrote_commands_no_model() {
    let ask = NextAsk {
        region: "a <|file_sep|> {first} b\n",
        cursor: 0,
        ..ask()
    };
    let Some(Prompt {
        body: Body::Text(text),
        ..
    }) = next(&ask, row_of_model("zeta-2"))
    else {
        panic!("no text");
    };
    assert!(text.contains("<|user_cursor|>a  {first} b\n"), "{text}");
    let Some(Prompt {
        body: Body::Chat(messages),
        stops,
        ..
    }) = next(
        &NextAsk {
            region: "a {{CURSOR}} b\n",
            ..ask
        },
        None,
    )
    else {
        panic!("no talk");
    };
    assert_eq!(messages[1].text.matches(CURSOR).count(), 1);
    assert_eq!(stops, [CLOSE]);
}

#[test]
fn what_does_not_fit_is_left_out_and_accounted() {
    let history = history();
    let long = "x y z\n".repeat(3000);
    let ask = NextAsk {
        before: &long,
        history: &history,
        context_tokens: 200,
        ..ask()
    };
    let prompt = next(&ask, row_of_model("zeta-2")).expect("a prompt");
    let Body::Text(text) = &prompt.body else {
        panic!()
    };
    assert!(text.len() < 1200 && text.contains("-x"), "{}", text.len());
    assert!(prompt.sources[0].bytes < 800);
    assert_eq!(
        next(
            &NextAsk {
                region: &long,
                ..ask
            },
            None
        ),
        None
    );
}

#[test]
fn answers_become_regions() {
    let zeta = row_of_model("zeta");
    for (answer, old, row, wanted) in [
        (
            "<|editable_region_start|>\na\nb\n<|editable_region_end|>\n```",
            "x\n",
            zeta,
            "a\nb\n",
        ),
        ("a<|user_cursor_is_here|>b\n", "x\n", zeta, "ab\n"),
        ("a\nb", "x\r\n", None, "a\r\nb\r\n"),
        ("\na\n", "x", None, "a"),
        ("  a\n\n", "x\n\n", row_of_model("zeta-2"), "  a\n\n"),
    ] {
        assert_eq!(region(answer, old, row), wanted, "{answer:?}");
    }
}
