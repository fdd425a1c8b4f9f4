//! The Visual Studio extension: its core driven against the real binary under Mono, its adapter compiled against stubs of Visual Studio.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use nextline_tests::binary::{self, root};
use nextline_tests::samples::regular_rust;
use nextline_tests::{Browser, Exchange, Scratch, ScriptedRoute, wait};
use serde_json::{Value, json};

/// The edits of a day where nobody says how many: `NEXTLINE_DAY=100000` is the whole one.
const EDITS: &str = "4000";

/// What the scripted route completes.
const PIECES: &str = "let a = smile(\"😀\");\n    let b = a.wide();\n    b";

/// Mono's compiler and runtime, installed if they can be. `None`, with the reason on stderr, when they cannot be had here.
fn mono() -> Option<(PathBuf, PathBuf)> {
    static SAID: OnceLock<String> = OnceLock::new();
    let said = SAID.get_or_init(|| {
        let installed = Command::new(root().join("tests/bindings/install.sh")).output();
        String::from_utf8_lossy(&installed.unwrap().stderr).into_owned()
    });
    let place = root().join(".cache/bindings/bin");
    let found = (place.join("mcs"), place.join("mono"));
    if found.0.exists() && found.1.exists() {
        return Some(found);
    }
    eprintln!("skipped: no mcs here\n{said}");
    None
}

/// The C# files of a folder of the repository.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "cs"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// Compiles the C# of these folders, every warning an error.
fn compile(mcs: &Path, arguments: &[&str], folders: &[&str], out: &Path) {
    let output = Command::new(mcs)
        .args(["-langversion:7", "-warnaserror"])
        .args(arguments)
        .arg(format!("-out:{}", out.display()))
        .args(folders.iter().flat_map(|folder| sources(folder)))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The core and its drivers as one program.
fn driver(mcs: &Path) -> &'static Path {
    static PLACE: OnceLock<(Scratch, PathBuf)> = OnceLock::new();
    let (_, program) = PLACE.get_or_init(|| {
        let place = Scratch::new();
        let program = place.path().join("drive.exe");
        let folders = ["editors/visualstudio/core", "tests/visualstudio"];
        compile(mcs, &[], &folders, &program);
        (place, program)
    });
    program
}

/// A project, and a home for the agent with these settings in its file.
fn project(config: &str) -> Scratch {
    let place = Scratch::new();
    place.write(".config/nextline/config.toml", config);
    let files = [
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".env", "A=1\n"),
        ("src/lib.rs", &regular_rust(8)),
        (
            "src/sums.rs",
            "pub fn two() -> u8 {\r\n    2\r\n}\r\n\r\npub fn three() -> u8 {\r\n    3\r\n}\r\n",
        ),
        ("src/other.rs", "pub fn four() -> u8 {\n    4\n}\n"),
    ];
    for (path, text) in files {
        place.write(&format!("project/{path}"), text);
    }
    place
}

/// Drives one scene to its end and answers what it printed; `None` without Mono.
fn drive(scene: &str, place: &Scratch, settings: &Value) -> Option<String> {
    let (mcs, mono) = mono()?;
    let output = binary::isolated(mono, place.path())
        .arg("--debug")
        .arg(driver(&mcs))
        .arg(scene)
        .env("AGENT", binary::path())
        .env("FOLDER", place.path().join("project"))
        .env("SETTINGS", settings.to_string())
        .env(
            "EDITS",
            std::env::var("NEXTLINE_DAY").unwrap_or(EDITS.into()),
        )
        .env("SEED", std::env::var("NEXTLINE_SEED").unwrap_or("1".into()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.ends_with("well\n"),
        "{scene}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    eprintln!("{said}");
    Some(said)
}

fn plain(scene: &str) -> Option<Scratch> {
    let place = project("");
    drive(scene, &place, &json!({})).map(|_| place)
}

/// Answers the edits at once, the chat in two parts, and some never.
fn model(folder: PathBuf) -> ScriptedRoute {
    ScriptedRoute::new(move |mut exchange: Exchange| {
        let asked = String::from_utf8_lossy(&exchange.seen.body).into_owned();
        if asked.contains("never answer") {
            fs::write(folder.join("asked"), "").unwrap();
            exchange.stall();
        } else if asked.contains("How to add up?") {
            exchange.stream_head();
            exchange.feed("First part.\n\n");
            wait::until("the driver should see the first part", || {
                folder.join("go-on").exists().then_some(())
            });
            exchange.feed("Second part.");
            exchange.finish();
        } else if asked.contains("be refused") {
            exchange.refuse("400 Bad Request", &[], "not like this");
        } else if asked.contains("add nothing") {
            exchange.answer("```rust\npub fn three() -> u8 {\n    3 + 0\n}\n```");
        } else if exchange.seen.target.contains("/chat/") {
            exchange.answer("```rust\npub fn two() -> u8 {\n    1 * 2\n}\n```");
        } else {
            exchange.answer(PIECES);
        }
    })
}

/// Drives a scene whose routes are scripted; answers what the model was asked.
fn routed(scene: &str, settings: &Value) -> Option<ScriptedRoute> {
    let place = project("");
    let route = model(place.path().join("project"));
    let config = format!(
        "[edit]\nroute = \"mock\"\n[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    );
    place.write(".config/nextline/config.toml", config);
    drive(scene, &place, settings).map(|_| route)
}

#[test]
fn json_lines_and_words() {
    for scene in ["json", "lines", "words", "ghosts"] {
        plain(scene);
    }
}

/// Typing, deleting, pasting, undo, several carets, halves of pairs, every line break, reloads and files in turn: never apart.
#[test]
fn a_day_of_edits() {
    plain("day");
}

#[test]
fn ghost_text_is_typed_through_and_taken() {
    let Some(place) = plain("ghost") else { return };
    // What was shown and taken arrived: one by word and line, one whole.
    let counted = binary::command(place.path())
        .args(["stats", "--json"])
        .output()
        .unwrap();
    let counted: Value = serde_json::from_slice(&counted.stdout).unwrap();
    for (what, times) in [
        ("shown", 2),
        ("accepted", 2),
        ("partly_accepted", 1),
        ("dismissed", 1),
    ] {
        assert_eq!(counted["local"][what], times, "{what}: {counted}");
    }
}

#[test]
fn ghost_text_of_several_lines_is_taken_in_pieces() {
    let settings = json!({ "completion": { "route": "mock", "fallback": "none", "throttle_ms": 0, "multiline": "always" } });
    routed("pieces", &settings);
}

#[test]
fn edits_are_previewed_accepted_rejected_and_cancelled() {
    let Some(route) = routed("edits", &json!({})) else {
        return;
    };
    let number = asked(&route, "never answer");
    route.wait_aborted(number);
}

#[test]
fn the_next_edit_by_one_key() {
    plain("next");
}

#[test]
fn a_chat_is_streamed_stopped_and_applied() {
    let Some(route) = routed("chat", &json!({})) else {
        return;
    };
    let number = asked(&route, "How to add up?");
    let body = String::from_utf8_lossy(&route.requests()[number].body).into_owned();
    assert!(
        body.contains("pub fn two() -> u8"),
        "the selection is missing: {body}"
    );
    route.wait_aborted(asked(&route, "never answer"));
}

/// The number of the first request with these words.
fn asked(route: &ScriptedRoute, words: &str) -> usize {
    let all = route.requests();
    let found = all
        .iter()
        .position(|seen| String::from_utf8_lossy(&seen.body).contains(words));
    found.unwrap_or_else(|| panic!("nobody asked: {words}"))
}

#[test]
fn a_killed_agent_is_started_again_and_nothing_is_lost() {
    routed("killed", &json!({}));
}

#[test]
fn crashes_are_told_once_and_another_version_names_what_to_update() {
    plain("crashes");
    plain("versions");
}

#[test]
fn an_excluded_file_has_its_reason() {
    plain("excluded");
}

/// Against signatures that are written by hand: nothing of Visual Studio can be had here.
#[test]
fn the_adapter_compiles_against_the_stubs() {
    let Some((mcs, _)) = mono() else { return };
    let place = Scratch::new();
    let out = |name: &str| place.path().join(name);
    let library = ["-target:library"];
    let stubs = ["tests/visualstudio/stubs"];
    compile(&mcs, &library, &stubs, &out("Stubs.dll"));
    // A library of its own: what is internal to the core is none of the adapter's business.
    let core = ["editors/visualstudio/core"];
    compile(&mcs, &library, &core, &out("Nextline.Core.dll"));
    let libraries = [out("Stubs.dll"), out("Nextline.Core.dll")];
    let used: Vec<String> = libraries
        .iter()
        .map(|path| format!("-r:{}", path.display()))
        .collect();
    let arguments = [library[0], &used[0], &used[1]];
    let adapter = ["editors/visualstudio/adapter"];
    compile(
        &mcs,
        &arguments,
        &adapter,
        &out("Nextline.VisualStudio.dll"),
    );
}

/// The text between two marks, at every place where they stand.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
    text.split(from)
        .skip(1)
        .map(|rest| rest.split(to).next().unwrap())
        .collect()
}

#[test]
fn the_command_table_and_the_adapter_have_the_same_numbers() {
    let read = |name: &str| {
        fs::read_to_string(root().join("editors/visualstudio/adapter").join(name)).unwrap()
    };
    let (table, menu, package) = (
        read("Nextline.vsct"),
        read("MenuCommands.cs"),
        read("NextlinePackage.cs"),
    );
    let named = |name: &str| {
        let found = between(&table, &format!("<IDSymbol name=\"{name}\" value=\""), "\"");
        assert_eq!(found.len(), 1, "{name}");
        found[0].to_owned()
    };
    let buttons: Vec<String> = between(&table, "<Button guid=\"Set\" id=\"", "\"")
        .into_iter()
        .map(named)
        .collect();
    assert_eq!(buttons, between(&menu, "Add(menu, ", ","));
    for (name, source) in [("Set", &menu), ("Package", &package)] {
        let id = between(
            &table,
            &format!("<GuidSymbol name=\"{name}\" value=\"{{"),
            "}",
        );
        assert!(source.contains(id[0]), "{name}");
    }
    let manifest = read("source.extension.vsixmanifest");
    let version = format!("Version=\"{}\" Language", env!("CARGO_PKG_VERSION"));
    assert!(manifest.contains(&version), "the versions differ");
}

/// In Chromium, from its files alone, over a stand-in for the window's port: the question that waited is asked, the answer shown.
#[test]
fn the_chats_page_speaks_through_the_windows_port() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    // The folder of the package, as the project file puts it together.
    let folders = ["editors/visualstudio/adapter/page", "agent/src/serve/page"];
    let files = ScriptedRoute::new(move |exchange: Exchange| {
        let name = exchange.seen.target.trim_start_matches('/').to_owned();
        let found = folders
            .iter()
            .filter(|_| name != "index.html" && name != "main.js")
            .find_map(|folder| fs::read(root().join(folder).join(&name)).ok());
        let kind = match name.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "text/html",
        };
        match found {
            Some(bytes) => exchange.reply("200 OK", &[("Content-Type", kind)], &bytes),
            None => exchange.reply("404 Not Found", &[], b""),
        }
    });
    let port = fs::read_to_string(root().join("tests/visualstudio/port.js")).unwrap();
    browser.call(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": port }),
    );
    browser.resize(420, 640);
    browser.open(&format!("{}/window.html", files.url()));
    browser.until_text("article.answer", "It adds up.");
    assert_eq!(
        browser.value("said.includes('Explain @src/a.rs:1-2')"),
        true
    );
    browser.picture("visualstudio-chat");
    // An edit is at work until it is ready, whatever is told of its question.
    browser.value("document.querySelector('textarea').focus()");
    browser.type_text("/edit src/a.rs:1 shorter");
    browser.press("Enter", 0);
    browser.until_text("article.edit", "120 bytes");
    let edit = browser.text("article.edit");
    assert!(edit.contains("Stop") && !edit.contains("Retry"), "{edit}");
    // A new process: the chat goes on.
    browser.value("gone()");
    browser.until_text("[role=status]", "connection was lost");
    let icon = |line: &String| line.contains("favicon");
    let said: Vec<String> = browser
        .console()
        .into_iter()
        .filter(|line| !icon(line))
        .collect();
    assert_eq!(said, Vec::<String>::new());
    for address in browser.addresses() {
        let own = address.starts_with(&files.url()) || address == "about:blank";
        assert!(own, "{address}");
    }
}
