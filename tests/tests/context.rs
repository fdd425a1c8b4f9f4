//! What of the workspace goes into a route's prompt: found in other files and in far parts of the current one, within its room.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

/// A file that defines what the other one uses.
const GAUGES: &str = "/// A gauge.\npub struct PressureGauge {\n    pub reading_in_bar: f64,\n}\n\nimpl PressureGauge {\n    pub fn calibrate_against(&mut self, reference: f64) -> f64 {\n        self.reading_in_bar = reference;\n        reference\n    }\n}\n";
/// A file of which nothing is wanted here.
const OTHER: &str = "pub fn weekday_name(day: u8) -> &'static str {\n    match day {\n        0 => \"monday\",\n        _ => \"other\",\n    }\n}\n";
/// Drawn with the cursor.
const MAIN: &str = "use crate::gauges::PressureGauge;\n\nfn main() {\n    let mut gauge = PressureGauge { reading_in_bar: 1.0 };\n    gauge.$0\n}\n";

fn project() -> Scratch {
    Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/gauges.rs", GAUGES),
        ("src/other.rs", OTHER),
    ])
}

/// Until the workspace is read.
fn read(server: &mut Server) {
    wait::until("the workspace to be read", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false).then_some(())
    });
}

fn open(server: &mut Server, project: &Scratch) -> Doc {
    Doc::open(server, &project.uri("src/main.rs"), "rust", MAIN)
}

fn explained(doc: &Doc, server: &mut Server) -> Vec<Value> {
    let explained = server.request("agent/context/explain", json!({"textDocument": doc.id()}));
    explained["pieces"].as_array().unwrap().clone()
}

#[test]
fn a_definition_from_another_file_is_in_the_prompt() {
    let (route, project) = (ScriptedRoute::instant("calibrate_against(2.0);"), project());
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, Value::Null)
        .start();
    read(&mut server);
    let doc = open(&mut server, &project);
    assert_eq!(doc.complete(&mut server, 1).len(), 1);
    let seen = &route.requests()[0];
    // The provider has no place for other files: they stand in comments above.
    let prompt = seen.prompt();
    assert!(
        prompt.starts_with("// From src/gauges.rs:\n// "),
        "{prompt}"
    );
    assert!(
        prompt.contains("//     pub fn calibrate_against"),
        "{prompt}"
    );
    assert!(!prompt.contains("weekday_name"), "{prompt}");
    assert!(prompt.ends_with("    gauge."), "{prompt}");
    let pieces = explained(&doc, &mut server);
    assert_eq!(pieces[0]["path"], "src/gauges.rs");
    assert!(pieces[0]["tokens"].as_u64().unwrap() > 0, "{pieces:?}");
}

#[test]
fn pieces_of_an_open_document_are_as_it_is_now() {
    let (route, project) = (ScriptedRoute::instant("x();"), project());
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, Value::Null)
        .start();
    read(&mut server);
    let uri = project.uri("src/gauges.rs");
    let mut gauges = Doc::open(&mut server, &uri, "rust", &format!("{GAUGES}$0"));
    let at = gauges.text.find("reference: f64").unwrap();
    gauges.replace(&mut server, at, at + "reference".len(), "expected_reading");
    let mut doc = open(&mut server, &project);
    // What was changed counts a moment later, in the background.
    wait::until("the changed text in a prompt", || {
        doc.type_text(&mut server, "z");
        doc.complete(&mut server, 1);
        let prompt = route.requests().last()?.prompt();
        prompt.contains("expected_reading: f64").then_some(())
    });
    gauges.close(&mut server);
    wait::until("the text on disk in a prompt", || {
        doc.type_text(&mut server, "z");
        doc.complete(&mut server, 1);
        let prompt = route.requests().last()?.prompt();
        prompt.contains("reference: f64").then_some(())
    });
}

#[test]
fn what_is_ignored_or_outside_stays_out() {
    let project = project();
    project.write(".cursorignore", "gauges.rs\n");
    let outside = Scratch::with(&[("gauges.rs", GAUGES)]);
    let route = ScriptedRoute::instant("x();");
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, Value::Null)
        .start();
    read(&mut server);
    Doc::open(
        &mut server,
        &outside.uri("gauges.rs"),
        "rust",
        &format!("{GAUGES}$0"),
    );
    let doc = open(&mut server, &project);
    doc.complete(&mut server, 1);
    let prompt = route.requests()[0].prompt();
    assert!(!prompt.contains("calibrate_against"), "{prompt}");
}

#[test]
fn it_can_be_switched_off_and_on_again() {
    let (route, project) = (ScriptedRoute::instant("x();"), project());
    let off = json!({"context": {"enabled": false}});
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, off)
        .start();
    read(&mut server);
    let mut doc = open(&mut server, &project);
    doc.complete(&mut server, 1);
    assert!(!route.requests()[0].prompt().contains("calibrate_against"));
    server.configure(json!({"context": {"enabled": true}}));
    wait::until("pieces", || {
        doc.type_text(&mut server, "z");
        doc.complete(&mut server, 1);
        (!explained(&doc, &mut server).is_empty()).then_some(())
    });
}

#[test]
fn too_long_is_asked_once_more_with_less() {
    let (route, project) = (ScriptedRoute::instant("x();"), project());
    let long = format!(
        "{}{MAIN}",
        "// Nothing but a long line of words.\n".repeat(400)
    );
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, Value::Null)
        .start();
    route.script(|exchange| {
        if exchange.seen.body.len() > 6000 {
            let error =
                json!({"error": {"code": "context_length_exceeded", "message": "too long"}});
            let headers = [("Content-Type", "application/json")];
            exchange.reply("400 Bad Request", &headers, error.to_string().as_bytes());
        } else {
            exchange.answer("calibrate_against(2.0);");
        }
    });
    let doc = Doc::open(&mut server, &project.uri("src/main.rs"), "rust", &long);
    assert_eq!(doc.complete(&mut server, 1).len(), 1);
    assert_eq!(route.count(), 2);
    // What it takes is known from then on.
    let mut doc = doc;
    doc.type_text(&mut server, "z");
    doc.complete(&mut server, 1);
    assert_eq!(route.count(), 3);
}

#[test]
fn a_prompt_begins_alike_from_key_to_key() {
    let (route, project) = (ScriptedRoute::instant("x();"), project());
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, json!({"context": {"patience_ms": 1000}}))
        .start();
    read(&mut server);
    let mut doc = open(&mut server, &project);
    for key in ["z", "q", "w", "v"] {
        doc.complete(&mut server, 2);
        doc.type_text(&mut server, key);
    }
    let seen: Vec<String> = route.requests().iter().map(|seen| seen.prompt()).collect();
    assert!(seen.len() > 2, "{seen:?}");
    for pair in seen.windows(2) {
        assert!(pair[1].starts_with(&pair[0]), "{pair:?}");
    }
}

#[test]
fn what_has_no_room_is_said_and_the_rest_answers() {
    let project = project();
    // No two lines are alike: 4 MB of text take more than the megabyte that is allowed.
    for file in 0..80u64 {
        let lines = (0..1000u64).map(|line| {
            let name = (file * 1000 + line).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!(
                "pub fn f{name:x}(v{line:x}: T{file:x}) {{ g{:x}() }}\n",
                name >> 7
            )
        });
        project.write(&format!("src/large/f{file}.rs"), lines.collect::<String>());
    }
    let route = ScriptedRoute::instant("x();");
    let bound = json!({"context": {"max_memory_mb": 1}});
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, bound)
        .start();
    let said = server.notification("window/logMessage", |params| {
        let message = params["message"].as_str().unwrap();
        message.contains("context.max_memory_mb")
    });
    let said = said["message"].as_str().unwrap();
    assert!(said.contains("left out: "), "{said}");
    let doc = open(&mut server, &project);
    assert_eq!(doc.complete(&mut server, 1).len(), 1);
}

#[test]
fn a_file_that_holds_all_that_it_names_keeps_the_prompt_small() {
    let project = Scratch::with(&[("Cargo.toml", "[package]\nname = \"x\"\n")]);
    // Every other file speaks of what the current one defines itself.
    for number in 0..40 {
        let text = format!(
            "fn caller_{number}() {{\n    let total_{number} = take_reading({number});\n    record_reading(total_{number});\n    special_{number}_helper(total_{number});\n}}\n"
        );
        project.write(&format!("src/caller_{number}.rs"), text);
    }
    let defining = "fn take_reading(at: u32) -> u32 {\n    at\n}\n\nfn record_reading(gauge_total: u32) {}\n\n";
    let using = "fn both() {\n    let gauge_total = take_reading(1);\n    record_reading(gauge_total);\n    $0\n}\n";
    let route = ScriptedRoute::instant("x();");
    let mut server = Launch::new()
        .workspace(project.path())
        .route(&route, Value::Null)
        .start();
    read(&mut server);
    let mut tokens = Vec::new();
    for (name, text) in [
        ("small", format!("{defining}{using}")),
        ("large", using.into()),
    ] {
        let uri = project.uri(&format!("src/{name}.rs"));
        let doc = Doc::open(&mut server, &uri, "rust", &text);
        assert_eq!(doc.complete(&mut server, 1).len(), 1);
        let params = json!({"textDocument": doc.id()});
        let told = server.request("agent/context/explain", params);
        assert_eq!(told["foundNothingNew"], name == "small", "{told}");
        let pieces = told["pieces"].as_array().unwrap();
        tokens.push(
            pieces
                .iter()
                .map(|piece| piece["tokens"].as_u64().unwrap())
                .sum::<u64>(),
        );
    }
    assert!(tokens[0] * 2 < tokens[1], "{tokens:?}");
}

#[test]
fn the_command_prints_each_piece_with_its_cost() {
    let (route, project) = (ScriptedRoute::instant("calibrate_against(2.0);"), project());
    project.write("src/main.rs", MAIN.replace("$0", ""));
    let config = format!(
        "[completion]\nroute = \"mock\"\n[routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\n",
        route.url()
    );
    let place = format!("{}:5:11", project.path().join("src/main.rs").display());
    let output = binary::run(&["complete", &place, "--explain"], Some(&config));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    let row = told.lines().find(|line| line.contains("src/gauges.rs:"));
    let words: Vec<&str> = row.unwrap().split_whitespace().collect();
    assert!(words[1].parse::<f64>().unwrap() > 0.0, "a score: {words:?}");
    assert!(
        words[2].parse::<u64>().unwrap() > 0,
        "what it costs: {words:?}"
    );
    assert_eq!(words[3], "tokens", "{told}");
}
