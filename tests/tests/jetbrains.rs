//! The JetBrains plugin: its core driven on the JVM against the real binary, and its adapter compiled against the platform's signatures.
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use nextline_tests::binary::{self, root};
use nextline_tests::samples::regular_rust;
use nextline_tests::{Browser, Exchange, Scratch, ScriptedRoute, report, wait};
use serde_json::Value;

/// Edits of the recorded day; `NEXTLINE_EDITS=100000` plays all of it.
const EDITS: &str = "4000";

const RESOURCES: &str = "editors/jetbrains/adapter/src/main/resources";
const PAGE: &str = "agent/src/serve/page";

/// A guard against hangs of what takes a minute or two.
const LONG: Duration = Duration::from_secs(600);

/// What the compiler made of core, adapter and driver, and what else the JVM needs.
struct Built {
    /// Holds `classes`, and the page's files as the plugin packs them.
    place: Scratch,
    class_path: String,
}

/// Compiled once. `None`, with the reason on stderr, where there is no Java or no Kotlin.
fn built() -> Option<&'static Built> {
    static BUILT: OnceLock<Result<Option<Built>, String>> = OnceLock::new();
    let built = BUILT.get_or_init(build);
    built.as_ref().unwrap().as_ref()
}

/// `Err` with what the compiler said.
fn build() -> Result<Option<Built>, String> {
    let there = |name: &str| Command::new(name).arg("--version").output().is_ok();
    if !there("java") || !there("npm") {
        eprintln!("skipped: no java or no npm here");
        return Ok(None);
    }
    let installed = Command::new(root().join("tests/bindings/install.sh"))
        .output()
        .unwrap();
    let home = root().join(".cache/bindings");
    let kotlinc = home.join("bin/kotlinc");
    if !kotlinc.exists() {
        let said = String::from_utf8_lossy(&installed.stderr);
        assert!(
            std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
            "NEXTLINE_REQUIRE_EDITORS is set, and there is no kotlinc: {said}"
        );
        eprintln!("skipped: no kotlinc here\n{said}");
        return Ok(None);
    }
    let place = Scratch::new();
    stubs(&place);
    for (folder, files) in [
        (PAGE, None),
        (&format!("{RESOURCES}/page"), Some("editor.js")),
    ] {
        for entry in fs::read_dir(root().join(folder)).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if files.is_none_or(|only| only == name) {
                place.write(
                    &format!("resources/page/{name}"),
                    fs::read(entry.path()).unwrap(),
                );
            }
        }
    }
    let library = |name: &str| {
        let folder = home.join("node_modules/kotlin-compiler/lib");
        folder.join(name).to_str().unwrap().to_owned()
    };
    let own = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let coroutines = library("kotlinx-coroutines-core-jvm.jar");
    let mut command = Command::new(kotlinc);
    command
        .args(["core", "adapter"].map(|part| format!("editors/jetbrains/{part}/src/main/kotlin")))
        .args(["tests/jetbrains/drive", "tests/jetbrains/stubs"])
        .arg(own("stubs"))
        .args(["-cp", &coroutines, "-Werror", "-d"])
        .arg(own("classes"))
        .current_dir(root());
    let (well, said) = machine::run(&mut command, &place.path().join("compiled"), LONG);
    if !well {
        return Err(said);
    }
    let parts = [
        own("classes"),
        own("resources"),
        library("kotlin-stdlib.jar"),
        coroutines,
    ];
    Ok(Some(Built {
        class_path: parts.join(":"),
        place,
    }))
}

/// The platform's signatures in Java: a file for each class, as compilers want them.
fn stubs(place: &Scratch) {
    for topic in ["application", "editor", "ui"] {
        let path = root().join(format!("tests/jetbrains/stubs/{topic}.java.txt"));
        let text = fs::read_to_string(path).unwrap();
        for part in text.split("\n---- ").skip(1) {
            let (name, body) = part.split_once('\n').unwrap();
            place.write(&format!("stubs/{name}"), body);
        }
    }
}

/// What `plugin.xml` names is there, and it names all that the platform must know of.
#[test]
fn the_manifest_names_what_was_compiled() {
    let Some(built) = built() else { return };
    let manifest = fs::read_to_string(root().join(RESOURCES).join("META-INF/plugin.xml")).unwrap();
    let named: Vec<&str> = manifest
        .split(['"', '<', '>'])
        .filter(|word| word.starts_with("dev.nextline.jetbrains."))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in &named {
        let class = format!("classes/{}.class", name.replace('.', "/"));
        assert!(built.place.path().join(&class).is_file(), "{name}");
        let intention = name.rsplit('.').next().unwrap();
        let described = format!("intentionDescriptions/{intention}/description.html");
        let is_one = name.ends_with("Intention");
        assert!(
            !is_one || root().join(RESOURCES).join(described).is_file(),
            "{name}"
        );
    }
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
        ("src/more.rs", "pub fn all_of_it() {}\n"),
        (
            "src/uses.rs",
            "fn uses() {\n    all_of_it();\n    all_of_it();\n}\n",
        ),
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

/// The driver with a project of its own.
fn driver(built: &Built, place: &Scratch, arguments: &[&str]) -> Command {
    let project = project(place);
    let mut command = binary::isolated("java", place.path());
    command
        .args(["-Dfile.encoding=UTF-8", "-cp", &built.class_path])
        .args(["dev.nextline.tests.DriveKt", arguments[0]])
        .arg(&project)
        .args(&arguments[1..])
        .env("AGENT", binary::path());
    command
}

/// Plays one part of the driver and answers what it noted, once all that it checked is as it should be.
fn drive(built: &Built, place: &Scratch, arguments: &[&str], limit: Duration) -> Vec<Value> {
    let mut command = driver(built, place, arguments);
    let (well, said) = machine::run(&mut command, &place.path().join("said"), limit);
    let rows = report::rows(&said);
    report::all_well(&rows, well, &said);
    rows
}

fn noted<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    let row = rows.iter().find(|row| row["note"] == name);
    &row.unwrap_or_else(|| panic!("nothing is noted of {name}"))["value"]
}

/// Edits and chat go to the scripted model.
fn configure(place: &Scratch, route: &ScriptedRoute) {
    let config = format!(
        "[edit]\nroute = \"mock\"\n[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    );
    place.write(".config/nextline/config.toml", &config);
}

/// Both sides have the same text after each edit of a day that a seed makes.
#[test]
fn a_recorded_day_of_edits() {
    let Some(built) = built() else { return };
    let edits = std::env::var("NEXTLINE_EDITS").unwrap_or_else(|_| EDITS.into());
    let place = Scratch::new();
    let rows = drive(
        built,
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
    let Some(built) = built() else { return };
    let place = Scratch::new();
    let route = model(place.path().join("go-on"));
    configure(&place, &route);
    let rows = drive(built, &place, &["scenes"], LONG);
    let why = noted(&rows, "why").as_str().unwrap();
    assert!(why.contains(".env"), "{why}");
    let sums = fs::read_to_string(place.path().join("project/src/sums.rs")).unwrap();
    assert!(
        sums.contains("    1 * 2\n") && sums.contains("    3\n"),
        "{sums}"
    );
}

/// The page of the tool window in a real browser, with the messages carried as the tool window does: a question that waited is asked, and its
/// answer streams in.
#[test]
fn the_page_of_the_tool_window() {
    let Some(built) = built() else { return };
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let place = Scratch::new();
    let go_on = place.path().join("go-on");
    let route = model(go_on.clone());
    configure(&place, &route);
    let mut child = driver(built, &place, &["page"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let rows = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for row in rows.map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str::<Value>(&row).unwrap());
        }
    });
    let address = std::iter::from_fn(|| receiver.recv_timeout(wait::guard()).ok())
        .find_map(|row: Value| row["address"].as_str().map(str::to_owned));
    browser.open(&address.unwrap());
    browser.until("window.nextline !== undefined");
    browser.value("window.said = []; window.nextline.connect((text) => window.said.push(text))");
    let mut carry = |browser: &mut Browser, until: &str| {
        wait::until(until, || {
            for said in browser.value("window.said.splice(0)").as_array().unwrap() {
                writeln!(to, "{}", said.as_str().unwrap()).unwrap();
            }
            for row in receiver.try_iter().filter(|row| row["post"].is_string()) {
                browser.value(&format!("void window.nextline.heard({})", row["post"]));
            }
            (browser.value(until) == true).then_some(())
        });
    };
    carry(
        &mut browser,
        "document.querySelector('article.answer')?.textContent.includes('First part.') ?? false",
    );
    assert_eq!(
        browser.value("document.querySelectorAll('[aria-busy=\"true\"]').length > 0"),
        true
    );
    fs::write(go_on, "").unwrap();
    carry(
        &mut browser,
        "document.querySelector('article.answer').textContent.includes('Second part.')",
    );
    carry(
        &mut browser,
        "!document.querySelector('[aria-busy=\"true\"]')",
    );
    assert_eq!(
        browser.value("getComputedStyle(document.documentElement).getPropertyValue('--page')"),
        "#123456"
    );
    browser.picture("jetbrains-chat");
    drop(to);
    assert!(child.wait().unwrap().success());
    assert_eq!(browser.console(), Vec::<String>::new());
}
