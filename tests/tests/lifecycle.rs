//! How the process ends, and what it lives through: every way out is prompt, with the right code, and never a crash.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, frame, wait};
use serde_json::{Value, json};

const CODE: &str = "fn one() {\n    let x = 1;\n}\n$0";

fn no_crash(status: ExitStatus, server: &Server) {
    let crashes = [Some(101), Some(134), Some(139)];
    assert!(
        !crashes.contains(&status.code()),
        "{status:?}\n{}",
        server.stderr()
    );
    let signals = [Some(4), Some(6), Some(7), Some(8), Some(9), Some(11)];
    assert!(
        !signals.contains(&status.signal()),
        "{status:?}\n{}",
        server.stderr()
    );
    assert!(
        !server.stderr().contains("panicked at"),
        "{}",
        server.stderr()
    );
}

/// A server with a document, whose route holds one request that it will never answer.
fn stalled() -> (Server, ScriptedRoute) {
    let route = ScriptedRoute::new(nextline_tests::Exchange::stall);
    let mut server = Launch::new().route(&route, Value::Null).start();
    let doc = Doc::open(&mut server, "file:///life/lib.rs", "rust", CODE);
    let _ = doc.ask(&mut server, 1);
    wait::until("the request reaches the route", || {
        (route.count() == 1).then_some(())
    });
    (server, route)
}

#[test]
fn exit_after_shutdown_is_0() {
    drop(Launch::new().start());
}

#[test]
fn exit_without_shutdown_is_1() {
    let mut server = Launch::new().start();
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(1));
    let mut server = Launch::new().spawn();
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(1));
}

#[test]
fn shutdown_before_initialize() {
    let mut server = Launch::new().spawn();
    let _ = server.try_request("shutdown", Value::Null);
    server.notify("exit", Value::Null);
    let status = server.wait_exit();
    no_crash(status, &server);
}

#[test]
fn exit_is_the_end_even_with_stdin_open_and_messages_behind_it() {
    let mut server = Launch::new().start();
    server.request("shutdown", Value::Null);
    let behind = json!({ "jsonrpc": "2.0", "id": 9, "method": "agent/status" });
    let bytes = [
        frame::message(&json!({ "jsonrpc": "2.0", "method": "exit" })),
        frame::message(&behind),
    ]
    .concat();
    server.send_bytes(bytes);
    assert_eq!(server.wait_exit().code(), Some(0));
}

#[test]
fn the_end_of_stdin() {
    let mut fresh = Launch::new().spawn();
    fresh.close_stdin();
    let status = fresh.wait_exit();
    no_crash(status, &fresh);

    let mut started = Launch::new().start();
    started.close_stdin();
    let status = started.wait_exit();
    no_crash(status, &started);

    let mut shut = Launch::new().start();
    shut.request("shutdown", Value::Null);
    shut.close_stdin();
    assert_eq!(
        shut.wait_exit().code(),
        Some(0),
        "a client that is done may just close the pipe"
    );
}

/// More answers than the outbox has room for, none of them read before the last question is asked.
#[test]
fn the_end_of_stdin_behind_answers_that_nobody_read_yet() {
    const ASKED: u64 = 5_000;
    let home = Scratch::new();
    let mut agent = binary::command(home.path());
    agent.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut agent = agent.stderr(Stdio::null()).spawn().unwrap();
    let mut stdin = agent.stdin.take().unwrap();
    // `initialize` does not come first: each is refused at once.
    for id in 1..=ASKED {
        let early = json!({ "jsonrpc": "2.0", "id": id, "method": "agent/status" });
        stdin.write_all(&frame::message(&early)).unwrap();
    }
    drop(stdin);
    let mut said = String::new();
    let mut stdout = agent.stdout.take().unwrap();
    stdout.read_to_string(&mut said).unwrap();
    agent.wait().unwrap();
    let lost: Vec<_> = (1..=ASKED)
        .filter(|id| !said.contains(&format!("\"id\":{id},")))
        .collect();
    assert!(lost.is_empty(), "{} lost, {:?} first", lost.len(), lost[0]);
}

#[test]
fn the_end_of_stdin_inside_of_a_frame() {
    let mut server = Launch::new().start();
    server.send_bytes("Content-Length: 500\r\n\r\n{\"jsonrpc\"");
    server.close_stdin();
    assert_eq!(server.wait_exit().code(), Some(1));
}

#[test]
fn the_end_of_stdin_while_a_route_stalls() {
    let (mut server, route) = stalled();
    server.close_stdin();
    let status = server.wait_exit();
    no_crash(status, &server);
    route.wait_aborted(0);
}

#[test]
fn exit_while_a_route_stalls() {
    let (mut server, route) = stalled();
    server.request("shutdown", Value::Null);
    server.notify("exit", Value::Null);
    assert_eq!(server.wait_exit().code(), Some(0));
    route.wait_aborted(0);
}

fn signal(name: &str, pid: u32) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Whether this process, and so what it starts, was told to ignore SIGHUP, as `nohup` tells it.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn signals() {
    for name in ["TERM", "INT", "HUP"] {
        if name == "HUP" && ignores_hangups() {
            continue;
        }
        let mut idle = Launch::new().start();
        idle.request("agent/status", json!({}));
        signal(name, idle.pid());
        let status = idle.wait_exit();
        no_crash(status, &idle);
        let (mut busy, route) = stalled();
        signal(name, busy.pid());
        let status = busy.wait_exit();
        no_crash(status, &busy);
        route.wait_aborted(0);
    }
}

fn alive(pid: u32) -> bool {
    // A dead process that nobody has waited for yet is listed as a zombie.
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    !stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .trim_start()
        .starts_with(['Z', 'X'])
}

/// A shell starts the server on the pipe that the test keeps open, and is killed. `told` says whether `initialize` names
/// the shell as the client's process.
#[cfg(target_os = "linux")]
fn parent_death(initialized: bool, told: bool) {
    let scratch = Scratch::new();
    let pid_file = scratch.path().join("pid");
    // A shell gives background jobs an empty stdin unless it is told otherwise.
    let script = "exec 3<&0; \"$0\" --stdio <&3 & echo $! > \"$1\"; wait";
    let program = binary::path().to_str().unwrap();
    let mut server =
        Launch::new().spawn_through("sh", &["-c", script, program, pid_file.to_str().unwrap()]);
    if initialized {
        let mut params = Launch::new().params();
        params["processId"] = if told {
            json!(server.pid())
        } else {
            Value::Null
        };
        server.initialize(params);
    }
    // Whatever the answer: the server is at work before its parent dies.
    let _ = server.try_request("agent/status", json!({}));
    let pid: u32 = wait::until("the shell says the pid", || {
        std::fs::read_to_string(&pid_file).ok()?.trim().parse().ok()
    });
    wait::until("the server runs", || alive(pid).then_some(()));
    signal("KILL", server.pid());
    let _ = server.wait_exit();
    wait::until("the server follows its parent", || {
        (!alive(pid)).then_some(())
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_parent_dies_and_stdin_stays_open() {
    parent_death(true, true);
    parent_death(true, false);
    parent_death(false, false);
}

#[test]
fn a_client_process_that_is_not_there() {
    let mut params = Launch::new().params();
    // Above every pid that Linux or macOS gives.
    params["processId"] = json!(4_194_305);
    let mut server = Launch::new().spawn();
    server.send_bytes(frame::message(
        &json!({ "jsonrpc": "2.0", "id": "i", "method": "initialize", "params": params }),
    ));
    server.expect_answer(&json!("i"));
    wait::until("an answer or an end", || {
        (server.answered(&json!("i")) || server.ended().is_some()).then_some(())
    });
    server.close_stdin();
    let status = server.wait_exit();
    no_crash(status, &server);
}

#[test]
fn stdout_that_nobody_has() {
    let home = Scratch::new();
    let mut child = binary::command(home.path())
        .arg("--stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let params = Launch::new().params();
    let hello = frame::message(
        &json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }),
    );
    let _ = std::io::Write::write_all(&mut stdin, &hello);
    let status = wait::until("it ends when nobody listens", || child.try_wait().unwrap());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked at"), "{stderr}");
    assert_eq!(
        status.code(),
        Some(0),
        "a closed pipe is an end, not an error: {stderr}"
    );
    drop(stdin);
}

#[test]
fn stderr_that_nobody_reads() {
    let launch = Launch::new().env("NEXTLINE_LOG", "trace").stderr_unread();
    let mut server = launch.start();
    let mut doc = Doc::open(&mut server, "file:///noise/lib.rs", "rust", CODE);
    for _ in 0..2_000 {
        doc.type_text(&mut server, "x");
        let _ = server.try_request("textDocument/fly", json!({}));
    }
    let _ = doc.complete(&mut server, 2);
    doc.assert_text(&mut server);
}

#[test]
fn a_home_that_cannot_be_written() {
    let nowhere = [
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
    ];
    for place in ["/dev/null/home", "/proc/1/no", ""] {
        let launch = nowhere
            .iter()
            .fold(Launch::new(), |launch, name| launch.env(name, place));
        let mut server = launch.start();
        let mut doc = Doc::open(&mut server, "file:///home/lib.rs", "rust", CODE);
        doc.type_text(&mut server, "fn two() {");
        let _ = doc.complete(&mut server, 1);
        doc.assert_text(&mut server);
    }
}

#[test]
fn two_at_once_in_one_workspace() {
    let workspace = Scratch::with(&[
        ("src/lib.rs", "fn one() {}\n"),
        ("Cargo.toml", "[package]\n"),
    ]);
    let launch = Launch::new().workspace(workspace.path());
    let mut servers = [launch.start(), launch.start()];
    for server in &mut servers {
        let doc = Doc::open(server, &workspace.uri("src/lib.rs"), "rust", CODE);
        doc.assert_text(server);
        let _ = doc.complete(server, 2);
    }
}

#[test]
fn a_workspace_that_is_not_there() {
    let workspace = Scratch::new();
    for folder in ["missing", "file"] {
        workspace.write("file", "no folder");
        let mut server = Launch::new()
            .workspace(&workspace.path().join(folder))
            .start();
        let doc = Doc::open(&mut server, "file:///elsewhere/lib.rs", "rust", CODE);
        doc.assert_text(&mut server);
        let _ = doc.complete(&mut server, 2);
    }
}
