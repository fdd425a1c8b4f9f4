//! The plugin in a real Neovim: with a scripted server for what must hold whatever is answered, and with the real
//! binary and its embedded model in a real Rust project.
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::path::Path;
use std::time::Duration;

use machine::Place;
use nextline_tests::ScriptedRoute;
use serde_json::Value;

/// Every Neovim and display there is: the plugin's own drawing on 0.11, Neovim's and the plugin's on 0.12.
const EDITORS: &[(&str, &str)] = &[
    ("nvim-0.11", "auto"),
    ("nvim-0.12", "auto"),
    ("nvim-0.12", "own"),
];

/// Rows of the report by their name.
struct Report(Vec<Value>);

impl Report {
    fn note(&self, name: &str) -> &Value {
        let row = self.0.iter().find(|row| row["note"] == name);
        &row.unwrap_or_else(|| panic!("the scenario notes no {name}"))["value"]
    }
}

/// Runs a scenario of `tests/editors/neovim` and asserts every check in it.
fn drive(nvim: &Path, display: &str, scenario: &str, place: &Place, file: &str) -> Report {
    let drivers = machine::root().join("tests/editors/neovim");
    let plugin = machine::root().join("editors/neovim");
    let report = place.path.join("report");
    let mut command = place.command(nvim);
    command
        .args(["--headless", "--clean", "-n"])
        .args(["--cmd", &format!("set runtimepath^={}", plugin.display())])
        .args([
            "-c",
            &format!("luafile {}", drivers.join("drive.lua").display()),
        ])
        .arg(file)
        .env("NEXTLINE_SCENARIO", scenario)
        .env("NEXTLINE_DISPLAY", display)
        .env("NEXTLINE_REPORT", &report)
        .env("NEXTLINE_BIN", machine::server());
    let (well, said) = machine::run(
        &mut command,
        &place.path.join("said"),
        Duration::from_secs(180),
    );
    let rows = std::fs::read_to_string(&report).unwrap_or_default();
    let rows: Vec<Value> = rows
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| row["want"] != row["got"])
        .map(|row| {
            format!(
                "{}\n  want {}\n  got  {}",
                row["check"], row["want"], row["got"]
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{scenario}, {}, {display}:\n{}",
        nvim.display(),
        wrong.join("\n")
    );
    let done = rows.last().is_some_and(|row| row["done"] == true);
    assert!(
        done && well,
        "{scenario}, {}, {display} did not end:\n{said}",
        nvim.display()
    );
    Report(rows)
}

/// Runs a scenario in every Neovim and display, each in a project of its own.
fn everywhere(scenario: &str, file: &str, check: impl Fn(&str, &str, &Place, &Report)) {
    for (name, display) in EDITORS {
        if let Some(nvim) = machine::editor(name) {
            let place = Place::new();
            let report = drive(&nvim, display, scenario, &place, file);
            check(name, display, &place, &report);
        }
    }
}

#[test]
fn ghost_text_is_shown_typed_through_accepted_and_hidden() {
    everywhere(
        "behaviour",
        "agent/src/main.rs",
        |name, display, _, report| {
            let native = name == "nvim-0.12" && display == "auto";
            assert_eq!(
                report.note("display"),
                if native { "native" } else { "own" },
                "{name}, {display}"
            );
        },
    );
}

#[test]
fn neovims_own_functions_see_what_is_shown() {
    if let Some(nvim) = machine::editor("nvim-0.12") {
        drive(&nvim, "auto", "native", &Place::new(), "agent/src/main.rs");
    }
}

#[test]
fn every_file_is_attached_to_one_server() {
    everywhere("start", "agent/src/main.rs", |_, _, _, _| {});
}

#[test]
fn edits_are_shown_accepted_and_taken_back_and_a_chat_answers() {
    let route = ScriptedRoute::instant("```rust\n// changed\n```");
    for (name, display) in EDITORS {
        if let Some(nvim) = machine::editor(name) {
            let place = Place::new();
            std::fs::write(place.path.join("route"), format!("{}/v1\n", route.url())).unwrap();
            drive(&nvim, display, "edits", &place, "agent/src/main.rs");
        }
    }
}

#[test]
fn the_next_edit_is_shown_jumped_to_taken_and_dismissed() {
    everywhere("next", "agent/src/main.rs", |_, _, _, _| {});
}

#[test]
fn settings_reach_the_server() {
    everywhere("settings", "agent/src/main.rs", |name, _, _, report| {
        assert_eq!(report.note("reason"), "language_off", "{name}");
    });
}

#[test]
fn neovim_alone_shows_and_takes_ghost_text() {
    if let Some(nvim) = machine::editor("nvim-0.12") {
        drive(&nvim, "auto", "unaided", &Place::new(), "agent/src/main.rs");
    }
}

#[test]
fn the_embedded_model_completes_a_real_project() {
    everywhere(
        "real",
        "agent/src/main.rs",
        |name, display, place, report| {
            let saved = std::fs::read_to_string(place.project().join("agent/src/main.rs")).unwrap();
            assert_eq!(
                report.note("buffer").as_str(),
                Some(saved.as_str()),
                "{name}, {display}"
            );
            for shown in [
                "typed through",
                "by word",
                "by line",
                "dismissed",
                "mismatch",
                "cycled",
            ] {
                eprintln!("{name}, {display}: {shown}: {}", report.note(shown));
            }
            eprintln!("{}", report.note("health").as_str().unwrap());
        },
    );
}
