//! What comes in, in which order, and what never happens.

use std::cell::Cell;

use proptest::prelude::*;
use ropey::Rope;

use super::*;
use crate::index::library::{Library, Limits};

const PARSER: &str = "// The parser.
pub fn parse_header(input: Reader) -> Header {
    let magic = input.take_magic();
    Header::checked(magic, input.remaining())
}
";
const HEADER: &str = "/// A header.
pub struct Header {
    /// Magic.
    pub magic_number: u32,
    pub body_length: usize,
}
";
const OTHER: &str = "pub fn paint_window(canvas: Canvas) {\n    canvas.stroke_border();\n}\n";
const TEXT: &str = "fn read_file(input: Reader) -> Header {
    let magic = input.take_magic();
    |
}
";

fn library(files: &[(&str, &str)]) -> Library {
    let library = Library::new(Limits {
        max_held: 64 << 20,
        max_file: 1 << 20,
    });
    for (key, text) in files {
        library.learn(key, text);
    }
    library.settle();
    library
}

fn three() -> Library {
    library(&[
        ("src/parser.rs", PARSER),
        ("src/header.rs", HEADER),
        ("src/paint.rs", OTHER),
    ])
}

/// The ask for a text with its cursor drawn as `|`, of which 4000 bytes before and 1000 after are shown.
fn ask<'a>(shelf: &'a Shelf, text: &'a str) -> ContextAsk<'a> {
    let (before, after) = text.split_once('|').unwrap();
    ContextAsk {
        shelf,
        key: "src/here.rs",
        before,
        after,
        shown: (4000, 1000),
        recent: &[],
        room: 8000,
        frame: 40,
        path: &|key| Some(key.to_owned()),
        late: &|| false,
        last: None,
    }
}

fn told(context: &Context) -> Vec<String> {
    let pieces = context.pieces.iter();
    let row = |piece: &Ranked| {
        format!(
            "{} {}:{}",
            piece.source.name(),
            piece.path,
            piece.lines.start
        )
    };
    pieces.map(row).collect()
}

#[test]
fn what_is_spoken_of_comes_in() {
    let library = three();
    let shelf = library.shelf();
    let context = gather(&ask(&shelf, TEXT));
    let (header, parser) = ("bm25 src/header.rs:1", "bm25 src/parser.rs:1");
    assert_eq!(told(&context), [parser, header]);
    let piece = &context.pieces[0];
    let bare = PARSER.replace("// The parser.\n", "");
    assert_eq!(piece.text, bare, "comments are left out");
    let cost = (bare.len() + 40) as f64;
    assert_eq!(piece.tokens, (cost / BYTES_PER_TOKEN).ceil() as u32);
    assert!(!context.late && !context.found_nothing_new);
    assert_eq!(gather(&ask(&shelf, TEXT)), context);

    let path = |key: &str| (key != "src/parser.rs").then(|| key.to_owned());
    let hidden = ContextAsk {
        path: &path,
        ..ask(&shelf, TEXT)
    };
    assert_eq!(told(&gather(&hidden)), [header], "not to be shown");
    let own = ContextAsk {
        key: "src/parser.rs",
        ..ask(&shelf, TEXT)
    };
    assert_eq!(told(&gather(&own)), [header], "the document's own page");
    let alien = gather(&ask(&shelf, "fn nothing_like_it() {\n    |\n}\n"));
    assert!(alien.found_nothing_new && alien.pieces.is_empty());
}

#[test]
fn typing_in_a_line_changes_nothing_but_the_end() {
    let library = three();
    let shelf = library.shelf();
    let with = |typed: &str| TEXT.replace('|', &format!("{typed}|"));
    let first = gather(&ask(&shelf, &with("")));
    let mut last = first.clone();
    for typed in [
        "p",
        "paint",
        "paint_window",
        "paint_window(",
        "paint_window(m",
    ] {
        let text = with(typed);
        let next = gather(&ContextAsk {
            last: Some(&last),
            ..ask(&shelf, &text)
        });
        assert!(
            next.pieces.starts_with(&first.pieces),
            "{typed}: {:?}",
            told(&next)
        );
        let named = told(&next).contains(&"definition src/paint.rs:0".to_owned());
        assert_eq!(
            named,
            typed.contains('('),
            "{typed}: only whole words are looked up"
        );
        last = next;
    }
    // On the next line what still helps stays where it was.
    let text = with("let body = parse_header(input);\n    ");
    let next = gather(&ContextAsk {
        last: Some(&last),
        ..ask(&shelf, &text)
    });
    assert_eq!(told(&next)[..2], told(&last)[..2]);
}

#[test]
fn the_beginning_of_the_last_prompt_stays_though_other_pieces_are_better() {
    let chunk = |name: &str| {
        let unique: String = (0..6)
            .map(|n| format!("    {name}_{n}_unique();\n"))
            .collect();
        format!("pub fn {name}_main() {{\n    {name}_key();\n{unique}}}\n")
    };
    let files = ["aaa", "bbb", "ccc"].map(|name| (format!("src/{name}.rs"), chunk(name)));
    let files: Vec<(&str, &str)> = files.iter().map(|(key, text)| (&**key, &**text)).collect();
    let library = library(&files);
    let shelf = library.shelf();
    let room = 2 * (files[0].1.len() + 40) + 20;
    let first = "fn f() {\n    ccc_key();\n    aaa_key();\n    |\n}\n";
    let then = first.replace('|', "ccc_key();\n    bbb_key();\n    bbb_key();\n    |");
    let last = gather(&ContextAsk {
        room,
        ..ask(&shelf, first)
    });
    assert_eq!(told(&last), ["bm25 src/aaa.rs:0", "bm25 src/ccc.rs:0"]);
    let anew = gather(&ContextAsk {
        room,
        ..ask(&shelf, &then)
    });
    assert_eq!(told(&anew), ["bm25 src/bbb.rs:0", "bm25 src/ccc.rs:0"]);
    let next = gather(&ContextAsk {
        room,
        last: Some(&last),
        ..ask(&shelf, &then)
    });
    assert_eq!(told(&next), ["bm25 src/aaa.rs:0", "bm25 src/bbb.rs:0"]);
    let elsewhere = "fn f() {\n    ccc_key();\n    bbb_key();\n    |\n}\n";
    let moved = gather(&ContextAsk {
        room,
        last: Some(&last),
        ..ask(&shelf, elsewhere)
    });
    let gone = |row: &String| !row.contains("aaa");
    assert!(told(&moved).iter().all(gone), "what is of no use here goes");
}

#[test]
fn recent_places_come_before_others_as_good() {
    let chunk = |name: &str| {
        format!("fn {name}() {{\n    let magic = shared_helper();\n    {name}_only();\n}}\n")
    };
    let library = library(&[
        ("a/one.rs", &chunk("first")),
        ("a/two.rs", &chunk("second")),
    ]);
    let shelf = library.shelf();
    let text = "fn fill() {\n    let magic = shared_helper();\n    |\n}\n";
    for key in ["a/one.rs", "a/two.rs"] {
        let recent = [Place { key, lines: 0..2 }];
        let context = gather(&ContextAsk {
            recent: &recent,
            ..ask(&shelf, text)
        });
        let mut pieces = context.pieces.iter();
        let piece = pieces.find(|piece| *piece.key == *key).unwrap();
        let mut others = context.pieces.iter().filter(|other| *other.key != *key);
        assert_eq!(piece.source, Source::Recent, "{:?}", told(&context));
        assert!(others.all(|other| other.score < piece.score));
    }
}

#[test]
fn what_is_late_is_left_out() {
    let files: Vec<(String, String)> = (0..40)
        .map(|n| {
            (
                format!("src/{n}.rs"),
                PARSER.replace("parse_header", &format!("parse_{n}")),
            )
        })
        .collect();
    let files = files
        .iter()
        .map(|(key, text)| (key.as_str(), text.as_str()));
    let library = library(&files.collect::<Vec<_>>());
    let shelf = library.shelf();
    let all = gather(&ask(&shelf, TEXT));
    assert!(!all.late && !all.pieces.is_empty());
    for times in 0..60 {
        let left = Cell::new(times);
        let late = || left.replace(left.get().max(1) - 1) == 0;
        let context = gather(&ContextAsk {
            late: &late,
            ..ask(&shelf, TEXT)
        });
        assert!(context.late || context.pieces == all.pieces, "{times}");
        assert!(times > 0 || context.late && context.pieces.is_empty());
    }
}

#[test]
fn the_far_parts_of_the_file_count_too() {
    let far =
        "fn far_away(input: Reader) -> usize {\n    input.take_magic() + hidden_offset()\n}\n\n";
    let filler = "// nothing here\n".repeat(400);
    let near = "fn near(input: Reader) {\n    input.take_magic();\n    ";
    let library = three();
    let shelf = library.shelf();
    for text in [
        format!("{far}{filler}{near}|\n}}\n"),
        format!("{near}|\n}}\n{filler}{far}"),
    ] {
        let context = gather(&ask(&shelf, &text));
        let mut pieces = context.pieces.iter();
        let piece = pieces
            .find(|piece| piece.source == Source::Current)
            .unwrap();
        let whole = text.replace('|', "");
        let lines: Vec<&str> = whole.lines().collect();
        let lines = &lines[piece.lines.start as usize..piece.lines.end as usize];
        assert_eq!(lines.join("\n").trim(), far.trim());
        assert_eq!(piece.text.trim(), far.trim());
    }
    let text = format!("{far}{near}|\n}}\n");
    let context = gather(&ask(&shelf, &text));
    let mut pieces = context.pieces.iter();
    assert!(pieces.all(|piece| piece.source != Source::Current));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_ask_is_answered_within_its_room(
        text in "([a-f]{3}[({;: ]|\n|    |fn |struct |[}]\n|é|// x\n){0,300}",
        at in 0.0..1.0f64,
        shown in (0usize..600, 0usize..600),
        room in 0usize..3000,
        frame in 0usize..60,
        patience in 0usize..200,
    ) {
        let at = (0..=(text.len() as f64 * at) as usize).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let other = text.replace('a', "b");
        let library = library(&[("src/one.rs", &text), ("src/two.rs", PARSER), ("src/three.rs", &other)]);
        library.open("src/here.rs", &Rope::from_str(&text));
        library.settle();
        let shelf = library.shelf();
        let left = Cell::new(patience);
        let late = || patience < 100 && left.replace(left.get().max(1) - 1) == 0;
        let recent = [Place { key: "src/one.rs", lines: 3..5 }, Place { key: "gone.rs", lines: 9..10 }];
        let ask = ContextAsk {
            before: &text[..at],
            after: &text[at..],
            shown,
            recent: &recent,
            room,
            frame,
            late: &late,
            ..ask(&shelf, "|")
        };
        let context = gather(&ask);
        let cost = |context: &Context| context.pieces.iter().map(|piece| piece.text.len() + frame).sum::<usize>();
        prop_assert!(cost(&context) <= room, "{} of {room}", cost(&context));
        let again = gather(&ContextAsk { last: Some(&context), late: &|| false, ..ask });
        prop_assert!(cost(&again) <= room);
        prop_assert!(context.late || again.pieces.starts_with(&context.pieces));
    }
}
