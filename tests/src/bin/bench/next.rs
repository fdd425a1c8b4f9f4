//! Next edits: how long one takes in a long file, and how often it is what a person would have done.
//!
//! Renames are judged by the compiler: in crates that compile alone, a name is changed where it is given, every suggestion is taken, and
//! what results compiles or not. Repeats are judged by the text: the first two places of a change are made by hand, the others are known.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use nextline_tests::{Doc, Encoding, Launch, Scratch, Server, doc};
use serde_json::{Value, json};

use crate::corpus::Corpus;
use crate::report::Samples;

/// Lines of the document that times are taken in.
const LINES: usize = 2_000;
/// Renames of each crate at most.
const RENAMES: usize = 24;
/// Bytes of a crate's one file at least and at most.
const SIZES: std::ops::Range<u64> = 3_000..80_000;
/// Crates that are tried.
const CRATES: usize = 8;
/// Suggestions that are taken one after the other at most.
const TAKEN: usize = 200;

fn ask(server: &mut Server, doc: &Doc) -> Value {
    let params = json!({ "textDocument": doc.id(), "position": doc.position() });
    server.request("agent/edit/suggest", params)
}

/// Takes the first suggestion; false when there is none.
fn take(server: &mut Server, doc: &mut Doc) -> bool {
    let answer = ask(server, doc);
    let Some(edit) = answer["edits"].as_array().and_then(|edits| edits.first()) else {
        return false;
    };
    let at = |end: &str| {
        let number =
            |name: &str| usize::try_from(edit["range"][end][name].as_u64().unwrap()).unwrap();
        doc::byte_at(
            &doc.text,
            Encoding::Utf16,
            number("line"),
            number("character"),
        )
        .unwrap()
    };
    let (start, end) = (at("start"), at("end"));
    doc.replace(server, start, end, edit["text"].as_str().unwrap());
    true
}

/// Times in a long document, and the sessions.
pub fn next(corpus: &Corpus) {
    latency(corpus);
    renames();
    repeats(corpus);
}

fn latency(corpus: &Corpus) {
    let text: String = corpus
        .long
        .lines()
        .take(LINES)
        .map(|line| format!("{line}\n"))
        .collect();
    let mut server = Launch::new().start();
    let mut doc = Doc::open(&mut server, "file:///bench/long.rs", "rust", &text);
    let places: Vec<usize> = doc
        .text
        .match_indices("let ")
        .map(|(at, _)| at + 4)
        .collect();
    let (mut first, mut again, mut found) = (Vec::new(), Vec::new(), 0);
    for place in places
        .iter()
        .rev()
        .step_by(places.len().div_ceil(150).max(1))
    {
        doc.cursor = *place;
        doc.type_text(&mut server, "x");
        let at = Instant::now();
        let answer = ask(&mut server, &doc);
        first.push(at.elapsed().as_secs_f64() * 1e3);
        found += usize::from(answer["edits"] != json!([]));
        let at = Instant::now();
        ask(&mut server, &doc);
        again.push(at.elapsed().as_secs_f64() * 1e3);
    }
    let count = first.len();
    for (what, times) in [("after an edit", first), ("asked again", again)] {
        let times: Samples = times.into_iter().collect();
        println!(
            "  {LINES} lines, {what:<20} p50 {:>8.2}  p95 {:>8.2}  p99 {:>8.2} ms",
            times.at(0.5),
            times.at(0.95),
            times.at(0.99)
        );
    }
    println!("  an edit followed at {found} of {count} places");
}

fn compiles(text: &str, file: &Path) -> bool {
    std::fs::write(file, text).unwrap();
    let mut command = Command::new("rustc");
    command.args([
        "--edition",
        "2021",
        "--crate-type",
        "lib",
        "--emit",
        "metadata",
        "--cap-lints",
        "allow",
        "--cfg",
        "feature=\"std\"",
        "-o",
    ]);
    command.arg(file.with_extension("rmeta")).arg(file);
    command.output().is_ok_and(|output| output.status.success())
}

/// Crates of one file that compile without others.
fn crates(scratch: &Scratch) -> Vec<(String, String)> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let mut folders: Vec<PathBuf> = Vec::new();
    for index in std::fs::read_dir(home.unwrap_or_default().join("registry/src"))
        .into_iter()
        .flatten()
        .flatten()
    {
        folders.extend(
            std::fs::read_dir(index.path())
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path()),
        );
    }
    folders.sort();
    let mut found = Vec::new();
    for folder in folders {
        let file = folder.join("src/lib.rs");
        let alone = std::fs::read_dir(folder.join("src")).is_ok_and(|entries| entries.count() == 1);
        let size = file.metadata().map(|meta| meta.len()).unwrap_or_default();
        if alone
            && SIZES.contains(&size)
            && let Ok(text) = std::fs::read_to_string(&file)
            && text.is_ascii()
            && compiles(&text, &scratch.path().join("a.rs"))
        {
            let name = folder
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            found.push((name.unwrap_or_default(), text));
        }
        if found.len() == CRATES {
            break;
        }
    }
    found
}

/// Where names are given: behind these words, with what must follow the name.
const GIVEN: &[(&str, &str)] = &[
    ("let ", " ="),
    ("let mut ", " ="),
    ("fn ", "("),
    ("struct ", " "),
    ("const ", ":"),
    ("(", ": "),
    (", ", ": "),
];

fn renames() {
    let scratch = Scratch::new();
    let (mut through, mut silent, mut broken, mut kept) = (0, 0, 0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for (krate, text) in crates(&scratch) {
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (before, after) in GIVEN {
            for (at, _) in text.match_indices(before) {
                let start = at + before.len();
                let length = text[start..]
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(0);
                let starts = text[start..].starts_with(|c: char| c.is_ascii_alphabetic());
                if length > 1 && starts && text[start + length..].starts_with(after) {
                    places.push((start, start + length));
                }
            }
        }
        places.sort_unstable();
        for (start, end) in places.iter().step_by(places.len().div_ceil(RENAMES).max(1)) {
            let name = &text[*start..*end];
            let new = format!(
                "{name}{}",
                if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                    "Zq"
                } else {
                    "_zq"
                }
            );
            let renamed = format!("{}{new}{}", &text[..*start], &text[*end..]);
            // What compiles already needs no edit: any that is offered is one too many.
            let file = scratch.path().join("b.rs");
            let whole = compiles(&renamed, &file);
            let mut server = Launch::new().start();
            let mut doc = Doc::open(&mut server, "file:///bench/lib.rs", "rust", &text);
            doc.replace(&mut server, *start, *end, &new);
            let mut taken = 0;
            while taken < TAKEN && take(&mut server, &mut doc) {
                taken += 1;
            }
            let sound = taken > 0 && compiles(&doc.text, &file);
            match (taken, whole, sound) {
                (0, true, _) => kept += 1,
                (0, false, _) => silent += 1,
                (_, _, true) => through += 1,
                _ => {
                    broken += 1;
                    wrong.push(format!("{krate}: {name} ({taken} taken)"));
                }
            }
        }
    }
    let all = through + silent + broken;
    println!(
        "  renames that need other edits: {all}; through and compiling {through}, silent {silent}, not compiling after {broken}"
    );
    println!("  renames that need none: {kept} left alone");
    for line in wrong.iter().take(20) {
        println!("    {line}");
    }
}

/// What is changed, and into what.
const CHANGES: &[(&str, &str)] = &[
    (".unwrap()", "?"),
    (".to_string()", ".into()"),
    (".clone()", ".to_owned()"),
    ("Some(", "Ok("),
];

fn repeats(corpus: &Corpus) {
    let (mut right, mut wrong, mut missed, mut sessions) = (0, 0, 0, 0);
    let (mut noise, mut offered) = (0, 0);
    for text in &corpus.documents {
        for (old, new) in CHANGES {
            let places: Vec<usize> = text.match_indices(old).map(|(at, _)| at).collect();
            if places.len() < 4 || sessions >= 60 {
                continue;
            }
            sessions += 1;
            let mut server = Launch::new().start();
            let mut doc = Doc::open(&mut server, "file:///bench/a.rs", "rust", text);
            for _ in 0..2 {
                let at = doc.text.find(old).unwrap();
                doc.replace(&mut server, at, at + old.len(), new);
            }
            let left: Vec<(usize, usize)> = doc
                .text
                .match_indices(old)
                .map(|(at, old)| (at, at + old.len()))
                .collect();
            let answer = ask(&mut server, &doc);
            let edits = answer["edits"].as_array().cloned().unwrap_or_default();
            let mut hit = 0;
            for edit in &edits {
                let at = |end: &str| {
                    let number = |name: &str| {
                        usize::try_from(edit["range"][end][name].as_u64().unwrap()).unwrap()
                    };
                    doc::byte_at(
                        &doc.text,
                        Encoding::Utf16,
                        number("line"),
                        number("character"),
                    )
                    .unwrap()
                };
                let (start, end) = (at("start"), at("end"));
                let of = left.iter().find(|(from, to)| {
                    from <= &start && end <= *to || start <= *from && to <= &end
                });
                let whole = of.is_some_and(|(from, to)| {
                    let (from, to) = (start.min(*from), end.max(*to));
                    let mut line = doc.text[from..to].to_owned();
                    let before = line.clone();
                    line.replace_range(start - from..end - from, edit["text"].as_str().unwrap());
                    line == before.replacen(old, new, 1)
                });
                if whole { hit += 1 } else { wrong += 1 }
            }
            right += hit;
            missed += left.len().saturating_sub(hit);
        }
        // Two edits that have nothing to do with each other.
        let words: Vec<usize> = text.match_indices("self.").map(|(at, _)| at + 5).collect();
        let numbers: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at + 3).collect();
        if let (Some(word), Some(number)) =
            (words.get(words.len() / 2), numbers.get(numbers.len() / 3))
        {
            let mut server = Launch::new().start();
            let mut doc = Doc::open(&mut server, "file:///bench/a.rs", "rust", text);
            let (first, second) = (word.max(number), word.min(number));
            doc.replace(&mut server, *first, *first, "q1_");
            doc.replace(&mut server, *second, *second, "z2_");
            noise += 1;
            offered += usize::from(ask(&mut server, &doc)["edits"] != json!([]));
        }
    }
    println!("  repeats: {sessions} sessions, {right} right, {wrong} wrong, {missed} not offered");
    println!(
        "  two edits that have nothing in common: offered something after {offered} of {noise}"
    );
}
