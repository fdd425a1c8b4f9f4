//! Machines on bad days: a full disk, a clock that jumps, a process that was asleep, a log that nobody can write.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

const LINE: &str = "counter(\"requests\");";

fn works(server: &mut Server, name: &str) {
    let doc = Doc::open(
        server,
        &format!("file:///bad/{name}.rs"),
        "rust",
        &learnable(),
    );
    let found = doc.complete(server, 1);
    assert_eq!(found[0]["insertText"], LINE, "{name}: {}", server.stderr());
}

#[test]
fn a_full_disk_costs_what_is_kept_and_nothing_else() {
    // Every write to this device says that there is no room.
    for (name, file) in [
        ("ledger.sqlite", "state"),
        ("why.json", "state"),
        ("stats.json", "state"),
    ] {
        let place = Scratch::new();
        let folder = place.path().join(format!("{file}/nextline"));
        std::fs::create_dir_all(&folder).unwrap();
        std::os::unix::fs::symlink("/dev/full", folder.join(name)).unwrap();
        let route = ScriptedRoute::instant(LINE);
        let mut server = Launch::new()
            .env("XDG_STATE_HOME", place.path().join(file).to_str().unwrap())
            .route(&route, Value::Null)
            .start();
        works(&mut server, name);
        works(&mut server, "again");
        assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    }
}

#[test]
fn a_disk_without_any_room_costs_what_is_kept_and_nothing_else() {
    let home = Scratch::new();
    // A file system of 64 KB, in a namespace of its own.
    let script = "mkdir -p \"$1\" && mount -t tmpfs -o size=64k none \"$1\" && dd if=/dev/zero of=\"$1/fill\" bs=1k count=64 2>/dev/null; XDG_STATE_HOME=\"$1\" exec \"$2\" --stdio";
    let able = Command::new("unshare")
        .args(["--map-root-user", "--mount", "true"])
        .status();
    if !able.is_ok_and(|status| status.success()) {
        return;
    }
    let state = home.path().join("tiny");
    let words = [
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        state.to_str().unwrap(),
        binary::path().to_str().unwrap(),
    ];
    let mut server = Launch::new().spawn_through("unshare", &words);
    server.initialize(Launch::new().params());
    works(&mut server, "full");
    works(&mut server, "again");
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}

#[test]
fn a_log_that_cannot_be_written_is_no_reason_to_stop() {
    for place in ["/dev/full", "/proc/1/no/log", "/"] {
        let mut server = Launch::new()
            .args(&["--stdio", "--log-file", place, "--log-level", "trace"])
            .start();
        works(&mut server, "log");
    }
}

#[test]
fn asleep_for_a_while_and_awake_again() {
    let route = ScriptedRoute::instant(LINE);
    let mut server = Launch::new().route(&route, Value::Null).start();
    works(&mut server, "before");
    let signal = |name: &str| {
        let sent = Command::new("kill")
            .args([name, &server.pid().to_string()])
            .status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    let stopped = || {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
        status.contains(") T ").then_some(())
    };
    wait::until("it should be asleep", stopped);
    // What was typed meanwhile waits in the pipe.
    let mut doc = Doc::open(&mut server, "file:///bad/asleep.rs", "rust", &learnable());
    doc.type_text(&mut server, "x");
    let sent = Command::new("kill")
        .args(["-CONT", &server.pid().to_string()])
        .status();
    assert!(sent.unwrap().success());
    doc.assert_text(&mut server);
    works(&mut server, "after");
}

#[test]
fn a_clock_that_jumps_changes_no_answer() {
    // The wall clock of a namespace cannot be set, so what hangs on it is set instead: a ledger and reasons from the future.
    let place = Scratch::new();
    let state = place.path().to_str().unwrap().to_owned();
    let route = ScriptedRoute::instant(LINE);
    let launch = Launch::new()
        .env("XDG_STATE_HOME", &state)
        .route(&route, json!({ "budget": { "daily_tokens": 1_000_000 } }));
    let mut server = launch.start();
    works(&mut server, "today");
    server.request("shutdown", Value::Null);
    server.notify("exit", Value::Null);
    server.wait_exit();
    let ledger = place.path().join("nextline/ledger.sqlite");
    let open = rusqlite::Connection::open(&ledger).unwrap();
    let moved = open
        .execute("UPDATE sent SET at = at + 1000000000000", [])
        .unwrap();
    assert!(moved >= 1);
    open.execute("UPDATE ended SET at = at + 1000000000000", [])
        .unwrap();
    drop(open);
    let mut server = launch.start();
    works(&mut server, "tomorrow was yesterday");
    assert_eq!(
        server.request("agent/status", Value::Null)["kind"],
        "Normal"
    );
}

#[test]
fn a_reader_that_goes_away_in_the_middle_ends_it_without_a_word() {
    let home = Scratch::new();
    let mut child = binary::command(home.path())
        .arg("--help")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
}
