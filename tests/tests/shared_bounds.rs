//! One process for several editors: whom it refuses, and what a second editor costs.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use nextline_tests::house::House;
use nextline_tests::{Doc, Scratch, Server, samples, wait};
use serde_json::Value;

/// Waits until the workspace is learnt.
fn wait_learnt(server: &mut Server) {
    wait::until("the workspace is learnt", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false && status["local"]["files"].as_u64() > Some(0)).then_some(())
    });
}

#[test]
fn a_folder_that_others_can_enter_is_not_used() {
    let house = House::new();
    fs::set_permissions(house.sockets(), Permissions::from_mode(0o755)).unwrap();
    let mut server = house.editor().start();
    assert!(house.hosts().is_empty());
    wait::until("it says why", || {
        let said = server.stderr().contains("a process of its own");
        said.then_some(())
    });
    let doc = Doc::open(
        &mut server,
        "file:///same/lib.rs",
        "rust",
        &samples::learnable(),
    );
    doc.assert_text(&mut server);
}

#[test]
fn a_file_in_the_sockets_place_is_not_used() {
    let house = House::new();
    drop(house.editor().start());
    let socket = house.socket_files().pop().unwrap();
    house.wait_empty();
    fs::write(&socket, "").unwrap();
    let server = house.editor().start();
    assert!(house.hosts().is_empty());
    wait::until("it says why", || {
        let said = server.stderr().contains("a process of its own");
        said.then_some(())
    });
}

/// Says `initialize` as the user of a number and prints how much comes.
const OTHER_USER: &str = "
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(sys.argv[1])
body = b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}'
try:
    s.sendall(b'Content-Length: %d\\r\\n\\r\\n' % len(body) + body); print('got', len(s.recv(100)))
except OSError: print('got', 0)
";

#[test]
fn another_user_is_refused() {
    let user = Command::new("id").arg("-u").output().unwrap().stdout;
    if user != b"0\n" {
        // Only root can be somebody else.
        return;
    }
    let house = House::new();
    let mut server = house.editor().start();
    let socket = house.socket_files().pop().unwrap();
    // As if both guards before it had failed.
    fs::set_permissions(house.sockets(), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    let says = |user: &str| {
        let mut python = Command::new("python3");
        python.args(["-c", OTHER_USER]).arg(&socket).arg(user);
        String::from_utf8(python.output().unwrap().stdout).unwrap()
    };
    assert_eq!(says("0"), "got 100\n", "its own user is answered");
    assert_eq!(says("65534"), "got 0\n");
    let doc = Doc::open(
        &mut server,
        "file:///same/lib.rs",
        "rust",
        &samples::learnable(),
    );
    doc.assert_text(&mut server);
    fs::set_permissions(house.sockets(), Permissions::from_mode(0o700)).unwrap();
}

/// Kilobytes of memory: what processes have for themselves, and their shares of what they have in common.
fn memory(pids: &[u32]) -> u64 {
    let of = |pid: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
        let line = rollup
            .lines()
            .find_map(|line| line.strip_prefix("Pss:"))
            .unwrap()
            .to_owned();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    pids.iter().map(of).sum()
}

/// A workspace of some megabytes, no two functions alike.
fn large() -> Scratch {
    let workspace = Scratch::with(&[(".git/HEAD", "x")]);
    for file in 0..120 {
        let function = |n: usize| {
            let name = file * 1000 + n;
            format!(
                "pub fn task_{name}(input_{n}: &Input{file}) -> u64 {{\n    let value_{name} = input_{n}.field_{} + {};\n    value_{name}.max({file})\n}}\n\n",
                n % 37,
                name * 7
            )
        };
        workspace.write(
            &format!("src/m{file}.rs"),
            (0..280).map(function).collect::<String>(),
        );
    }
    workspace
}

#[test]
fn a_second_editor_costs_little() {
    let house = House::new();
    let workspace = large();
    let works = |server: &mut Server| {
        wait_learnt(server);
        let uri = workspace.uri("src/new.rs");
        let doc = Doc::open(server, &uri, "rust", &samples::learnable());
        assert!(!doc.complete(server, 1).is_empty());
    };
    let mut alone = house.with(&["--stdio"]).workspace(workspace.path()).start();
    works(&mut alone);
    let alone_kb = memory(&[alone.pid()]);
    drop(alone);
    let mut first = house.editor().workspace(workspace.path()).start();
    works(&mut first);
    let host = house.host();
    let one_kb = memory(&[host, first.pid()]);
    let mut second = house.editor().workspace(workspace.path()).start();
    works(&mut second);
    let two_kb = memory(&[host, first.pid(), second.pid()]);
    eprintln!("alone {alone_kb} kB, one attached {one_kb} kB, two attached {two_kb} kB");
    assert!(
        two_kb * 10 <= one_kb * 12,
        "{one_kb} kB with one, {two_kb} kB with two"
    );
}
