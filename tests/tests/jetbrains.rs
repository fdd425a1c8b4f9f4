//! The JetBrains plugin: its core driven on the JVM against the real binary, and its adapter compiled against the platform's signatures.
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use nextline_tests::binary::{self, root};
use nextline_tests::samples::regular_rust;
use nextline_tests::{Exchange, Scratch, ScriptedRoute, wait};
use serde_json::Value;

/// Edits of the recorded day; `NEXTLINE_EDITS=100000` plays all of it.
const EDITS: &str = "4000";

/// The JVM and the jar of core, adapter and driver, compiled once. `None`, with the reason on stderr, when there is no Java or no Kotlin here.
fn built() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<(Scratch, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let required = std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_some();
        let there = |name: &str| Command::new(name).arg("--version").output().is_ok();
        if !there("java") || !there("npm") {
            eprintln!("skipped: no java or no npm here");
            return None;
        }
        let installed = Command::new(root().join("tests/bindings/install.sh"))
            .output()
            .unwrap();
        let home = root().join(".cache/bindings");
        let kotlinc = home.join("bin/kotlinc");
        if !kotlinc.exists() {
            let said = String::from_utf8_lossy(&installed.stderr);
            assert!(
                !required,
                "NEXTLINE_REQUIRE_EDITORS is set, and there is no kotlinc: {said}"
            );
            eprintln!("skipped: no kotlinc here\n{said}");
            return None;
        }
        let place = Scratch::new();
        let jar = place.path().join("drive.jar");
        let mut command = Command::new(kotlinc);
        command
            .args([
                "editors/jetbrains/core/src/main/kotlin",
                "tests/jetbrains/drive",
            ])
            .args(["-include-runtime", "-Werror", "-d"])
            .arg(&jar)
            .current_dir(root());
        let (well, said) = machine::run(
            &mut command,
            &place.path().join("compiled"),
            Duration::from_secs(400),
        );
        assert!(well, "{said}");
        Some((place, jar))
    });
    built.as_ref().map(|(_, jar)| jar.as_path())
}

/// A Rust project, and a file with secrets.
fn project(place: &Scratch) -> PathBuf {
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"p\"\nversion = \"0.1.0\"\n",
        ),
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".env", "A=1\n"),
        ("src/lib.rs", &regular_rust(8)),
        (
            "src/windows.rs",
            "fn old() {\r\n    let smile = \"\u{1f600}\";\r\n}\r\n",
        ),
        (
            "src/fresh.rs",
            "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n    \n}\n",
        ),
        ("src/lines.rs", "fn lines() {\n    \n}\n"),
        (
            "src/sums.rs",
            "pub fn two() -> u8 {\n    2\n}\n\npub fn three() -> u8 {\n    3\n}\n",
        ),
    ];
    for (path, text) in files {
        place.write(&format!("project/{path}"), text);
    }
    place.path().join("project")
}

/// Completes with two lines, edits at once, never ends one edit, and answers the chat in two parts: the second one when the driver has
/// seen the first.
fn model(go_on: PathBuf) -> ScriptedRoute {
    ScriptedRoute::new(move |mut exchange: Exchange| {
        let asked = String::from_utf8_lossy(&exchange.seen.body).into_owned();
        if !exchange.seen.target.contains("/chat/") {
            exchange.answer("one();\n    two();");
        } else if asked.contains("How to add up?") {
            exchange.stream_head();
            exchange.feed("First part.\n\n");
            wait::until("the driver should see the first part", || {
                go_on.exists().then_some(())
            });
            exchange.feed("Second part.");
            exchange.finish();
        } else if asked.contains("take for ever") {
            exchange.stream_head();
            exchange.stall();
        } else if asked.contains("add nothing") {
            exchange.answer("```rust\npub fn three() -> u8 {\n    3 + 0\n}\n```");
        } else {
            exchange.answer("```rust\npub fn two() -> u8 {\n    1 * 2\n}\n```");
        }
    })
}

/// Plays one part of the driver and answers what it noted, once all that it checked is as it should be.
fn drive(jar: &Path, place: &Scratch, arguments: &[&str], limit: Duration) -> Vec<Value> {
    let project = project(place);
    let mut command = binary::isolated("java", place.path());
    command
        .args(["-Dfile.encoding=UTF-8", "-cp"])
        .arg(jar)
        .args(["dev.nextline.tests.DriveKt", arguments[0]])
        .arg(&project)
        .args(&arguments[1..])
        .env("AGENT", binary::path());
    let (well, said) = machine::run(&mut command, &place.path().join("said"), limit);
    let rows: Vec<Value> = said
        .lines()
        .filter_map(|row| serde_json::from_str(row).ok())
        .collect();
    for row in &rows {
        eprintln!("{row}");
    }
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| row["want"] != row["got"])
        .map(Value::to_string)
        .collect();
    assert!(wrong.is_empty(), "{}\n{said}", wrong.join("\n"));
    assert!(
        well && rows.last().is_some_and(|row| row["done"] == true),
        "{said}"
    );
    rows
}

fn noted<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    let row = rows.iter().find(|row| row["note"] == name);
    &row.unwrap_or_else(|| panic!("nothing is noted of {name}"))["value"]
}

/// Both sides have the same text after each edit of a day that a seed makes.
#[test]
fn a_recorded_day_of_edits() {
    let Some(jar) = built() else { return };
    let edits = std::env::var("NEXTLINE_EDITS").unwrap_or_else(|_| EDITS.into());
    let place = Scratch::new();
    let rows = drive(
        jar,
        &place,
        &["day", "7", &edits],
        Duration::from_secs(3000),
    );
    let wanted: u64 = edits.parse().unwrap();
    assert!(noted(&rows, "edits").as_u64().unwrap() >= wanted);
    let kinds = noted(&rows, "kinds").as_object().unwrap();
    for kind in [
        "typed",
        "erased",
        "deleted",
        "pasted",
        "undone",
        "redone",
        "many carets",
        "half a pair",
        "switched",
        "saved",
        "reloaded",
        "whole",
    ] {
        assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
    }
}

/// Ghost text in three ways, edits accepted, rejected and cancelled, a chat, an excluded file, the agent killed, other versions.
#[test]
fn a_day_in_the_core() {
    let Some(jar) = built() else { return };
    let place = Scratch::new();
    let route = model(place.path().join("go-on"));
    let config = format!(
        "[edit]\nroute = \"mock\"\n[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    );
    place.write(".config/nextline/config.toml", &config);
    let rows = drive(jar, &place, &["scenes"], Duration::from_secs(400));
    let why = noted(&rows, "why").as_str().unwrap();
    assert!(why.contains(".env"), "{why}");
    let sums = fs::read_to_string(place.path().join("project/src/sums.rs")).unwrap();
    assert!(sums.contains("    1 * 2\n") && sums.contains("    3\n"), "{sums}");
}
