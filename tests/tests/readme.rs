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

/// (line in the README, text) of every block of settings but the machine's.
fn settings(readme: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (number, line) in readme.lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            inside = info == "toml";
            if inside {
                found.push((number + 2, String::new()));
            }
        } else if inside && let Some((_, text)) = found.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    found.retain(|(_, text)| !text.contains("locked ="));
    found
}

/// The tables of a text that describe routes: name, table.
fn routes(text: &str) -> Vec<(String, String)> {
    let tables = format!("\n{text}");
    let tables = tables
        .split("\n[")
        .skip(1)
        .map(|table| format!("[{table}\n"));
    let named = tables.filter_map(|table| {
        let (name, _) = table.strip_prefix("[routes.")?.split_once(']')?;
        Some((name.to_owned(), table.clone()))
    });
    named.collect()
}

#[test]
fn every_setting_that_is_shown_is_taken_and_every_provider_is_shown() {
    let readme = std::fs::read_to_string(binary::root().join("README.md")).unwrap();
    let blocks = settings(&readme);
    let all: Vec<_> = blocks.iter().flat_map(|(_, text)| routes(text)).collect();
    let cheap = "[routes.cheap]\nprovider = \"ollama\"\nmodel = \"m\"\n".to_owned();
    let all = [all, vec![("cheap".to_owned(), cheap)]].concat();
    let home = Scratch::new();
    let run = |config: &str, args: &[&str]| {
        home.write(".config/nextline/config.toml", config);
        let mut run = binary::command(home.path());
        let run = run.args(args).stdin(std::process::Stdio::null());
        // Of the README's own names; the vendors' are looked for, and no route is asked.
        let output = run.env("MISTRAL_API_KEY", "k").output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    for (line, text) in &blocks {
        // What one block names, another one describes.
        let mut config = text.clone();
        let mut own: Vec<String> = routes(text).into_iter().map(|(name, _)| name).collect();
        for (name, table) in &all {
            if !own.contains(name) {
                config.push_str(table);
                own.push(name.clone());
            }
        }
        let (fine, said) = run(&config, &["config", "check"]);
        assert!(
            fine && said == "no problems found\n",
            "README.md:{line}: {said}\n{config}"
        );
        let (_, listed) = run(&config, &["routes", "list", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        for route in listed.as_array().unwrap() {
            assert!(route["error"].is_null(), "README.md:{line}: {route:#}");
        }
    }
    let (_, schema) = run("", &["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let known = "/properties/routes/additionalProperties/properties/provider/enum";
    for provider in schema.pointer(known).unwrap().as_array().unwrap() {
        let line = format!("provider = {provider}\n");
        let shown = all.iter().any(|(_, table)| table.contains(&line));
        assert!(shown, "README.md shows no route with provider {provider}");
    }
}
