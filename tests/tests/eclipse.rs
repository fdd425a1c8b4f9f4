//! The plug-in in the real Eclipse workbench on a screen of its own, driven by keys, and its core alone on the JVM: both with the real agent.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nextline_tests::binary::{self, root};
use nextline_tests::samples::regular_rust;
use nextline_tests::{Exchange, Scratch, ScriptedRoute, report, wait};

/// Bytes of the plug-in without an agent, at most.
const SMALL: u64 = 400_000;

fn there(name: &str) -> bool {
    let mut command = Command::new(name);
    command.arg("--version");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok()
}

/// What cannot be had is said; where the tests of editors are wanted and there is an apt to get it from, that is a failure.
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

fn run(command: &mut Command, said: &Path, seconds: u64) -> String {
    let (well, said) = machine::run(command, said, Duration::from_secs(seconds));
    assert!(well, "{said}");
    said
}

/// A Rust project that the embedded model learns, and a file that is excluded.
fn project(place: &Scratch) -> PathBuf {
    let fresh = "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n    \n}\n";
    let sums = "pub fn two() -> u8 {\n    2\n}\n\npub fn three() -> u8 {\n    3\n}\n";
    for (path, text) in [
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".cursorignore", "secret/\n"),
        ("secret/keys.rs", "fn keys() {\n"),
        ("src/lib.rs", &regular_rust(8)),
        ("src/fresh.rs", fresh),
        ("src/sums.rs", sums),
        (
            "src/next.rs",
            "pub fn total(items: &[u32]) -> u32 {\n    let count = items.len() as u32;\n    let twice = count * 2;\n    twice + count\n}\n",
        ),
    ] {
        place.write(&format!("project/{path}"), text);
    }
    place.path().join("project")
}

/// Random edits with a check of both texts after each, the process killed in between, ghost text typed through and taken.
/// `NEXTLINE_EDITS` says how many.
#[test]
fn the_core_without_eclipse() {
    if !there("javac") {
        return skipped("there is no JDK");
    }
    let place = Scratch::new();
    let project = project(&place);
    let classes = place.path().join("classes");
    let sources = ["protocol", "core"].map(|room| {
        let folder = root().join("editors/eclipse/src/dev/nextline").join(room);
        let files = fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().path()).collect::<Vec<_>>()
    });
    let mut javac = Command::new("javac");
    javac
        .args(["--release", "17", "-encoding", "UTF-8"])
        .args(["-Xlint:all", "-Werror", "-d"])
        .arg(&classes)
        .args(sources.concat())
        .arg(root().join("tests/eclipse/core/Day.java"));
    run(&mut javac, &place.path().join("compiled"), 120);
    let edits = std::env::var("NEXTLINE_EDITS").unwrap_or_else(|_| "5000".into());
    let mut java = binary::isolated(Path::new("java"), place.path());
    java.arg("-cp").arg(&classes).arg("Day").arg(binary::path());
    java.arg(project)
        .arg(place.path().join("log"))
        .args([&edits, "1"]);
    let said = run(&mut java, &place.path().join("day"), 600);
    let expected = format!("{edits} checks, 40 suggestions, 3 starts");
    assert!(said.contains(&expected), "{said}");
}

/// Builds the update site; without an agent in it where `with` is false.
fn built(place: &Scratch, with: bool) -> PathBuf {
    let site = place.path().join("site");
    let mut build = Command::new("sh");
    build
        .arg(root().join("editors/eclipse/scripts/build.sh"))
        .arg(&site);
    if with {
        let arch = std::env::consts::ARCH;
        build.args(["linux", arch]).arg(binary::path());
    }
    run(&mut build, &place.path().join("built"), 240);
    site
}

/// Answers the edits at once, and the chat in two parts: the second one when the driver has seen the first.
fn model(go_on: PathBuf) -> ScriptedRoute {
    ScriptedRoute::new(move |mut exchange: Exchange| {
        let asked = String::from_utf8_lossy(&exchange.seen.body).into_owned();
        if asked.contains("{{FILL_HERE}}") {
            exchange.answer("<COMPLETION>\n    let four = 4;\n    four\n}</COMPLETION>");
        } else if asked.contains("Explain @") {
            exchange.stream_head();
            exchange.feed("First part.\n\n```rust\npub fn two() -> u8 {\n    1 + 1\n}\n```\n\n");
            wait::until("the driver should see the first part", || {
                go_on.exists().then_some(())
            });
            exchange.feed("Second part. ![x](http://127.0.0.1:1/x.png) <script>1</script>");
            exchange.finish();
        } else if asked.contains("add nothing") {
            exchange.answer("```rust\npub fn three() -> u8 {\n    3 + 0\n}\n```");
        } else if asked.contains("three is too many") {
            exchange.answer("```rust\npub fn three() -> u8 {\n    2 + 1\n}\n```");
        } else {
            exchange.answer("```rust\npub fn two() -> u8 {\n    1 * 2\n}\n```");
        }
    })
}

/// Ghost text taken with Tab and by word, of one line and of several, an edit accepted, undone, another rejected, a marked problem mended, a streamed chat, the agent
/// killed, the reason for an excluded file, the preferences, the update site. `NEXTLINE_SHOTS` keeps the pictures of the screen.
#[test]
fn a_day_in_eclipse() {
    let installed = Command::new("sh")
        .arg(root().join("tests/eclipse/install.sh"))
        .output()
        .unwrap();
    if !installed.status.success() {
        let said = String::from_utf8_lossy(&installed.stderr).into_owned();
        return skipped(&format!("there is no Eclipse: {said}"));
    }
    let place = Scratch::new();
    let project = project(&place);
    let shots = std::env::var_os("NEXTLINE_SHOTS")
        .map_or_else(|| place.path().join("shots"), PathBuf::from);
    fs::create_dir_all(&shots).unwrap();
    let _ = fs::remove_file(shots.join("go-on"));
    let route = model(shots.join("go-on"));
    let config = format!(
        "[edit]\nroute = \"mock\"\n[chat]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\napi_key_env = \"MOCK_KEY\"\n",
        route.url()
    );
    place.write(".config/nextline/config.toml", &config);
    let size = |site: &Path| {
        let jar = site.join("plugins/dev.nextline.eclipse_0.1.0.jar");
        fs::metadata(jar).unwrap().len()
    };
    let site = built(&place, true);
    assert!(size(&site) < SMALL, "{} bytes", size(&site));
    let report_file = place.path().join("report");
    let mut workbench = binary::isolated(Path::new("sh"), place.path());
    workbench
        .arg(root().join("tests/eclipse/start.sh"))
        .arg(&site)
        .arg(place.path().join("place"))
        .env("PROJECT", &project)
        .env("REPORT", &report_file)
        .env("SHOTS", &shots)
        .env("SITE", &site);
    let said = place.path().join("said");
    let (well, said) = machine::run(&mut workbench, &said, Duration::from_secs(360));
    let rows = report::rows(&fs::read_to_string(&report_file).unwrap_or_default());
    report::all_well(&rows, well, &said);
    let noted = |name: &str| {
        let row = rows.iter().find(|row| row["note"] == name);
        row.unwrap_or_else(|| panic!("nothing is noted of {name}"))["value"].to_string()
    };
    for name in ["why", "said"] {
        assert!(noted(name).contains(".cursorignore"), "{}", noted(name));
    }
    assert!(noted("trim").contains('⊘'), "{}", noted("trim"));
    let asked: Vec<String> = route
        .requests()
        .iter()
        .map(|seen| String::from_utf8_lossy(&seen.body).into_owned())
        .collect();
    assert!(
        asked.iter().any(|body| body.contains("three is too many")),
        "what Eclipse has marked did not go in"
    );
    let keys: Vec<String> = route
        .requests()
        .iter()
        .filter_map(|seen| seen.header("authorization").map(str::to_owned))
        .collect();
    assert!(
        keys.len() >= 3 && keys.iter().all(|key| key == "Bearer a-key-for-tests"),
        "the key of the secure storage did not arrive: {keys:?}"
    );
}
