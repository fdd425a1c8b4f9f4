//! The README's commands are run, so that they stay true. A block marked "```sh test" holds one command a line:
//! `nextline …` is run here, in a small project, and must succeed; anything else must stand in `.ci/run` as it is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::samples::learnable;
use nextline_tests::{Scratch, binary};

/// (line in the README, command) of every marked block.
fn marked(readme: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in readme.lines().enumerate() {
        if let Some(info) = line.trim().strip_prefix("```") {
            inside = info.trim() == "sh test";
        } else if inside && !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            let command = line.trim();
            found.push((number + 1, command.strip_prefix("$ ").unwrap_or(command)));
        }
    }
    found
}

#[test]
fn marked_blocks_are_found() {
    let readme = "```sh\nnot this\n```\n```sh test\n# a comment\n$ nextline --version\n\ncargo test # all\n```\nnor this\n";
    assert_eq!(
        marked(readme),
        [(6, "nextline --version"), (8, "cargo test # all")]
    );
}

#[test]
fn every_marked_command_works() {
    let readme = std::fs::read_to_string(binary::root().join("README.md")).unwrap();
    let ci = std::fs::read_to_string(binary::root().join(".ci/run")).unwrap();
    let project = Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", &learnable().replace("$0", "")),
    ]);
    let home = Scratch::new();
    let commands = marked(&readme);
    assert!(
        !commands.is_empty(),
        "README.md marks no command: write ```sh test"
    );
    for (line, command) in commands {
        let bare = command.split(" #").next().unwrap_or_default().trim();
        let words: Vec<_> = bare.split_whitespace().collect();
        if words[0] == "nextline" {
            let mut run = binary::command(home.path());
            let output = run
                .args(&words[1..])
                .current_dir(project.path())
                .stdin(std::process::Stdio::null())
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "README.md:{line}: {bare}: {output:?}"
            );
        } else {
            assert!(
                ci.contains(bare),
                "README.md:{line}: `{bare}` is in no test: put it into .ci/run, or unmark it"
            );
        }
    }
}
