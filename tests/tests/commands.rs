//! The commands that people type: what they print, and their exit codes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Stdio;

use nextline_tests::samples::learnable;
use nextline_tests::shell::{code, err, fine, out};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, binary, wait};
use serde_json::{Value, json};

fn as_json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text:?}"))
}

#[test]
fn version() {
    let plain = fine(&["--version"], None);
    assert_eq!(plain, format!("nextline {}\n", env!("CARGO_PKG_VERSION")));
    let facts = as_json(&fine(&["--version", "--json"], None));
    assert_eq!(facts["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(facts["name"], "nextline");
}

#[test]
fn help_names_every_command() {
    let help = fine(&["--help"], None);
    for command in [
        "try", "complete", "config", "cost", "doctor", "sent", "stats", "why", "lsp",
    ] {
        assert!(
            help.lines()
                .any(|line| line.trim_start().starts_with(command)),
            "{command} is not in\n{help}"
        );
    }
}

#[test]
fn wrong_usage_is_2() {
    let rows: &[&[&str]] = &[
        &["frobnicate"],
        &["--frobnicate"],
        &["complete"],
        &["complete", "file-without-a-place.rs"],
        &["complete", "file.rs:0:0"],
        &["complete", "file.rs:x:y"],
        &["config"],
        &["config", "frobnicate"],
        &["--log-level", "loud", "doctor"],
        &["complete", "file.rs:1:1", "--route", "no-such-route"],
        &["chat", "-m", "x", "--max-cost", "nan"],
        &["chat", "-m", "x", "--max-cost=-1"],
        &["edit", "file.rs", "-i", "x", "--max-cost", "much"],
        &["sent", "--last", "0"],
    ];
    for args in rows {
        let output = binary::run(args, None);
        assert_eq!(code(&output), 2, "{args:?}: {output:?}");
        assert!(
            out(&output).is_empty() && !err(&output).is_empty(),
            "{args:?}: {output:?}"
        );
    }
}

const GOOD: &str = "[completion]\nthrottle_ms = 70\n\n[routes.fast]\nprovider = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:8080/v1\"\nmodel = \"m\"\napi_key_env = \"MY_KEY\"\n";

#[test]
fn the_server_under_its_other_names() {
    for args in [
        &[][..],
        &["lsp"],
        &["--stdio"],
        &["lsp", "--stdio"],
        &["--stdio", "lsp"],
    ] {
        drop(Launch::new().args(args).start());
    }
}

#[test]
#[cfg(unix)]
fn the_server_under_the_name_that_copilots_clients_start() {
    let place = Scratch::new();
    let link = place.path().join("copilot-language-server");
    std::os::unix::fs::symlink(binary::path(), &link).unwrap();
    let mut server = Launch::new().spawn_through(link.to_str().unwrap(), &["--stdio"]);
    server.initialize(Launch::new().params());
    assert_eq!(server.init["serverInfo"]["name"], "nextline");
}

/// A project with a file in which the embedded model knows the rest of one line, and that place from 1.
fn project() -> (Scratch, String, String) {
    let drawn = learnable();
    let at = drawn.find("$0").unwrap();
    let line = drawn[..at].matches('\n').count() + 1;
    let column = at - drawn[..at].rfind('\n').unwrap();
    let project = Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", &drawn.replace("$0", "")),
    ]);
    let file = project
        .path()
        .join("src/lib.rs")
        .to_str()
        .unwrap()
        .to_owned();
    let place = format!("{file}:{line}:{column}");
    (project, file, place)
}

#[test]
fn complete_prints_what_an_editor_would_show() {
    let (_project, _, place) = project();
    let answer = as_json(&fine(&["complete", &place, "--json"], None));
    let text = answer["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    assert!(
        "counter(\"requests\");".starts_with(text.trim_start_matches("registry.")),
        "{answer}"
    );
    assert_eq!(answer["origin"], "local");
    assert_eq!(
        answer["range"]["start"]["line"],
        answer["range"]["end"]["line"]
    );
    assert_eq!(answer["reason"], Value::Null);
    assert!(answer["timings"].is_object(), "{answer}");
    assert!(fine(&["complete", &place], None).contains(text));
}

#[test]
fn complete_through_a_route() {
    let (_project, _, place) = project();
    let route = ScriptedRoute::instant("gauge(1);");
    let config = format!(
        "[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    );
    let answer = as_json(&fine(
        &["complete", &place, "--json", "--route", "mock"],
        Some(&config),
    ));
    assert!(
        answer["text"].as_str().unwrap().ends_with("gauge(1);"),
        "{answer}"
    );
    assert_eq!(answer["origin"], "mock");
    assert_eq!(route.count(), 1);
}

#[test]
fn complete_says_why_there_is_nothing() {
    let (_project, _, place) = project();
    let off = "[completion]\nenabled = false\n";
    let answer = as_json(&fine(&["complete", &place, "--json"], Some(off)));
    assert_eq!(
        (&answer["text"], &answer["reason"]),
        (&Value::Null, &json!("disabled"))
    );
    assert!(fine(&["complete", &place], Some(off)).contains("completion.enabled"));
}

#[test]
fn files_that_cannot_be_completed() {
    let place = Scratch::new();
    place.write("latin1.rs", b"// caf\xe9\n");
    place.write("binary.rs", b"\x7fELF\x00\x01");
    std::fs::create_dir(place.path().join("folder.rs")).unwrap();
    for (name, word) in [
        ("latin1.rs", "UTF-8"),
        ("binary.rs", "binary"),
        ("folder.rs", "folder"),
        ("missing.rs", "missing.rs"),
    ] {
        let at = format!("{}:1:1", place.path().join(name).display());
        let output = binary::run(&["complete", &at, "--json"], None);
        assert_eq!(code(&output), 1, "{name}: {output:?}");
        let said = err(&output);
        assert!(
            said.contains(name) && said.contains(word) && said.lines().count() == 1,
            "{name}: {said}"
        );
    }
}

#[test]
fn try_shows_ghost_text_without_any_configuration() {
    let bundled = fine(&["try"], None);
    assert!(bundled.contains("local"), "the origin is shown: {bundled}");
    assert!(bundled.contains("ms"), "the latency is shown: {bundled}");
    let (_project, file, _) = project();
    let own = fine(&["try", &file], None);
    assert!(own.contains("local") && own.contains("ms"), "{own}");
    let output = binary::run(&["try", "/no/such/file.rs"], None);
    assert_eq!(code(&output), 1, "{output:?}");
    assert!(err(&output).contains("/no/such/file.rs"), "{output:?}");
}

#[test]
fn why_remembers_the_last_silence() {
    let (_project, _, place) = project();
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        "[completion]\nenabled = false\n",
    );
    let run = |args: &[&str]| {
        let output = binary::command(home.path())
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(code(&output), 0, "{args:?}: {output:?}");
        out(&output)
    };
    assert!(
        !run(&["why"]).trim().is_empty(),
        "with nothing to remember it says so"
    );
    run(&["complete", &place]);
    let why = run(&["why"]);
    assert!(why.contains("disabled") && why.contains("lib.rs"), "{why}");
}

#[test]
fn doctor_finds_what_is_wrong() {
    let healthy = fine(&["doctor"], None);
    assert!(healthy.contains(env!("CARGO_PKG_VERSION")), "{healthy}");
    let report = as_json(&fine(&["doctor", "--json"], None));
    assert!(report.is_object() || report.is_array(), "{report}");
    let output = binary::run(&["doctor"], Some("[completion]\nroute = \"nowhere\"\n"));
    assert_ne!(code(&output), 0, "{output:?}");
    assert!(out(&output).contains("nowhere"), "{output:?}");
    let keyless = GOOD.replace("throttle_ms = 70", "route = \"fast\"");
    let output = binary::run(&["doctor"], Some(&keyless));
    assert!(
        out(&output).contains("MY_KEY"),
        "the missing key is named: {output:?}"
    );
}

#[test]
fn a_log_file_takes_what_stderr_would() {
    let home = Scratch::new();
    let log = home.path().join("nextline.log");
    let args = [
        "--stdio",
        "--log-level",
        "debug",
        "--log-file",
        log.to_str().unwrap(),
    ];
    let mut server = Launch::new().args(&args).start();
    let secret = "let swordfish = open_sesame;";
    let doc = Doc::open(
        &mut server,
        "file:///log/lib.rs",
        "rust",
        &format!("{}\n{secret}\nlet s$0", learnable().replace("$0", "")),
    );
    let _ = doc.complete(&mut server, 1);
    let prose = Doc::open(&mut server, "file:///log/notes.md", "markdown", secret);
    assert!(
        prose.complete(&mut server, 2).is_empty(),
        "a silence, which the log tells"
    );
    assert_eq!(server.stderr(), "");
    let said = wait::until("a line in the log", || {
        Some(std::fs::read_to_string(&log).ok()?).filter(|said| !said.is_empty())
    });
    assert!(
        !said.contains("swordfish") && !said.contains("sesame"),
        "source text in the log: {said}"
    );
}

#[test]
fn a_closed_pipe_is_no_crash() {
    let home = Scratch::new();
    let mut child = binary::command(home.path())
        .args(["config", "schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!err(&output).contains("panicked"), "{output:?}");
    assert_ne!(output.status.code(), Some(101));
}

#[test]
fn packages_find_completions_and_a_manual() {
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef nextline"),
        ("fish", "complete -c nextline"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = fine(&["completions", shell], None);
        assert!(
            script.contains(mark) && script.contains("commit-msg"),
            "{shell}: {script}"
        );
    }
    let page = fine(&["man"], None);
    assert!(page.contains(".TH nextline"), "{page}");
    for command in ["chat", "edit", "doctor", "trust"] {
        assert!(
            page.contains(&format!(".TH nextline-{command} ")),
            "{command}"
        );
    }
    assert_eq!(code(&binary::run(&["completions", "tcsh"], None)), 2);
}
