//! `nextline acp`: slash commands, permissions, and what is not let through.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::acp::{
    Acp, LIB, config, fenced, link, link_lines, project, question, start, text,
};
use nextline_tests::{Scratch, ScriptedRoute, scratch};
use serde_json::{Value, json};

#[test]
fn an_edit_is_shown_made_and_refused() {
    let route = ScriptedRoute::instant(&fenced("fn two() -> u64 {\n    2\n}"));
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let lib = project.path().join("src/lib.rs");
    // The editor's text differs from the disk's: what is asked about, shown and written is the editor's.
    let unsaved = format!("// unsaved\n{LIB}");
    let key = lib.to_str().unwrap().to_owned();
    acp.buffers.insert(key.clone(), unsaved.clone());
    acp.verdicts.push_back("reject_once");
    assert_eq!(
        acp.prompt(&session, "/edit src/lib.rs:6-8 return a u64")
            .unwrap(),
        "end_turn"
    );
    assert!(
        acp.written.is_empty() && acp.said().contains("left as it is"),
        "{}",
        acp.said()
    );
    acp.verdicts.push_back("allow_once");
    let prompt = json!([
        text("/edit "),
        link_lines(&project, "src/lib.rs", "L6-L8"),
        text(" return a u64")
    ]);
    assert_eq!(acp.prompt_with(&session, prompt).unwrap(), "end_turn");
    let after = unsaved.replace("fn two() -> u32", "fn two() -> u64");
    assert_eq!(acp.written, [(key, after.clone())]);
    assert!(question(&route).contains("return a u64"));
    let permissions: Vec<&Value> = acp
        .asked
        .iter()
        .filter(|(method, _)| method == "session/request_permission")
        .map(|(_, params)| params)
        .collect();
    assert_eq!(permissions.len(), 2);
    let shown = &permissions[1]["toolCall"];
    assert_eq!(
        shown["content"],
        json!([{ "type": "diff", "path": lib, "oldText": unsaved, "newText": after }])
    );
    assert_eq!(
        (&shown["kind"], &shown["locations"]),
        (&json!("edit"), &json!([{ "path": lib, "line": 6 }]))
    );
    let calls = acp.kind("tool_call");
    assert_eq!(
        (calls.len(), &calls[1]["title"]),
        (2, &json!("Edit `src/lib.rs:6-8`"))
    );
    let last = |id: &Value| {
        let updates = acp.kind("tool_call_update");
        updates
            .into_iter()
            .rfind(|update| update["toolCallId"] == *id)
            .unwrap()
    };
    assert_eq!(last(&calls[0]["toolCallId"])["status"], "failed");
    assert_eq!(last(&calls[1]["toolCallId"])["status"], "completed");
    assert!(
        acp.said()
            .contains("`src/lib.rs` was changed: 1 lines in, 1 out."),
        "{}",
        acp.said()
    );
    acp.end();
}

#[test]
fn what_was_typed_meanwhile_stays() {
    let (route, held) = ScriptedRoute::held();
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    let lib = project.path().join("src/lib.rs");
    let key = lib.to_str().unwrap().to_owned();
    for (typed, lands) in [("// typed\n", true), ("", false)] {
        std::fs::write(&lib, LIB).unwrap();
        let params =
            json!({ "sessionId": session, "prompt": [text("/edit src/lib.rs:5-7 return a u64")] });
        acp.asked.clear();
        let id = acp.ask("session/prompt", params);
        // The agent asks for the text before it asks the route.
        acp.until_asked("fs/read_text_file");
        held.next().answer(&fenced("fn two() -> u64 {\n    2\n}"));
        acp.until_asked("session/request_permission");
        let meanwhile = match lands {
            true => format!("{typed}{LIB}"),
            false => LIB.replace("u32 {\n    2", "i8 {\n    2"),
        };
        acp.buffers.insert(key.clone(), meanwhile.clone());
        acp.written.clear();
        // The person has seen the diff by now.
        let (_, params) = acp.asked.last().unwrap().clone();
        let option = params["options"][0]["optionId"].clone();
        acp.send(&json!({ "jsonrpc": "2.0", "id": acp.open_question(), "result": { "outcome": { "outcome": "selected", "optionId": option } } }));
        assert_eq!(acp.answer(id).unwrap()["stopReason"], "end_turn");
        let wanted = meanwhile.replace("fn two() -> u32", "fn two() -> u64");
        match lands {
            true => assert_eq!(acp.written, [(key.clone(), wanted)]),
            false => {
                assert!(acp.written.is_empty());
                assert!(
                    acp.said().contains("was changed where the edit changes it"),
                    "{}",
                    acp.said()
                );
            }
        }
    }
    acp.end();
}

#[test]
fn verbs_of_several_files_and_a_yes_for_all() {
    let project = Scratch::with(&[("a.rs", LIB), ("b.rs", LIB), ("AGENTS.md", "# Rules\n")]);
    let route = ScriptedRoute::instant(&fenced("/// Gives one."));
    let (_home, mut acp, session) = start(&route, &project);
    acp.verdicts.push_back("allow_always");
    let prompt = json!([
        text("/doc "),
        link_lines(&project, "a.rs", "L1"),
        link_lines(&project, "b.rs", "L1")
    ]);
    acp.prompt_with(&session, prompt).unwrap();
    let documented = format!("/// Gives one.\n{LIB}");
    let written: Vec<&String> = acp.written.iter().map(|(_, text)| text).collect();
    assert_eq!(written, [&documented, &documented]);
    // What steers a tool is asked for all the same.
    route.script(|exchange| exchange.answer("```markdown\n# Other rules\n```\n"));
    acp.verdicts.push_back("allow_once");
    acp.prompt(&session, "/edit AGENTS.md:1-1 other rules")
        .unwrap();
    let (_, question) = acp
        .asked
        .iter()
        .rfind(|(method, _)| method == "session/request_permission")
        .unwrap();
    let names: Vec<&str> = question["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["name"].as_str().unwrap())
        .collect();
    assert!(
        names.len() == 2 && names[0].contains("steers a tool (`agents.md`)"),
        "{names:?}"
    );
    assert_eq!(acp.written.len(), 3);
    acp.end();
}

#[test]
fn a_client_without_files_has_the_disk() {
    let project = project();
    let route = ScriptedRoute::instant(&fenced("fn two() -> u64 {\n    2\n}"));
    let home = Scratch::new();
    let mut acp = Acp::start(&home, &config(&route), json!({}));
    let session = acp.session(project.path());
    acp.verdicts.push_back("allow_once");
    acp.prompt(
        &session,
        "/fix src/lib.rs:5-7 error[E0308]: mismatched types",
    )
    .unwrap();
    let lib = project.path().join("src/lib.rs");
    assert_eq!(
        std::fs::read_to_string(&lib).unwrap(),
        LIB.replace("fn two() -> u32", "fn two() -> u64")
    );
    assert!(question(&route).contains("E0308"));
    acp.end();
    let undone = nextline_tests::binary::command(home.path())
        .arg("undo")
        .output()
        .unwrap();
    assert!(undone.status.success(), "{undone:?}");
    assert_eq!(std::fs::read_to_string(&lib).unwrap(), LIB);
}

#[test]
fn nothing_is_written_outside_or_of_what_is_excluded() {
    let outside = Scratch::with(&[("a.rs", LIB)]);
    let project = Scratch::with(&[
        ("src/lib.rs", LIB),
        (".nextlineignore", "hidden.rs\n"),
        ("hidden.rs", LIB),
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        outside.path().join("a.rs"),
        project.path().join("way-out.rs"),
    )
    .unwrap();
    let route = ScriptedRoute::instant(&fenced("fn evil() {}"));
    let (_home, mut acp, session) = start(&route, &project);
    let mut prompts = vec![
        json!([text("/edit change it "), link(&outside, "a.rs")]),
        json!([text("/edit ../outside.rs change it")]),
        json!([text("/edit hidden.rs:1-3 change it")]),
        json!([
            text("/edit change it "),
            json!({ "type": "resource_link", "name": "x", "uri": scratch::uri_of(&project.path().join("../a.rs")) })
        ]),
        json!([text("/explain hidden.rs:1-3")]),
        json!([text("/edit")]),
        json!([text("/edit src/lib.rs")]),
    ];
    if cfg!(unix) {
        prompts.push(json!([
            text("/edit change it "),
            link(&project, "way-out.rs")
        ]));
    }
    for prompt in prompts {
        let said = acp.said().len();
        let ended = acp.prompt_with(&session, prompt.clone());
        assert_eq!(ended.unwrap(), "end_turn", "{prompt}");
        assert!(acp.said().len() > said + 10, "{prompt}");
    }
    assert_eq!(route.count(), 0, "{}", acp.said());
    assert!(acp.written.is_empty());
    assert!(
        acp.asked
            .iter()
            .all(|(method, _)| method != "session/request_permission")
    );
    assert_eq!(
        std::fs::read_to_string(outside.path().join("a.rs")).unwrap(),
        LIB
    );
    acp.end();
}

#[test]
fn tests_go_where_the_project_has_them() {
    let project = Scratch::with(&[
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("src/lib.rs", LIB),
    ]);
    let route = ScriptedRoute::instant(&fenced(
        "#[test]\nfn one_is_one() {\n    assert_eq!(one(), 1);\n}",
    ));
    let (_home, mut acp, session) = start(&route, &project);
    acp.verdicts.push_back("allow_once");
    acp.prompt(&session, "/test @src/lib.rs:1").unwrap();
    let (_, text) = acp
        .written
        .last()
        .unwrap_or_else(|| panic!("{}", acp.said()));
    assert!(
        text.starts_with(LIB) && text.contains("mod tests {") && text.contains("one_is_one"),
        "{text}"
    );
    acp.end();
}

#[test]
fn code_is_explained() {
    let route = ScriptedRoute::instant("It gives two.");
    let project = project();
    let (_home, mut acp, session) = start(&route, &project);
    assert_eq!(
        acp.prompt(&session, "/explain src/lib.rs:6 in one sentence")
            .unwrap(),
        "end_turn"
    );
    let asked = question(&route);
    assert!(
        asked.contains("`src/lib.rs:5-7`:")
            && asked.contains("fn two()")
            && asked.contains("in one sentence"),
        "{asked}"
    );
    assert!(!asked.contains("fn one()"), "{asked}");
    assert!(acp.said().ends_with("It gives two."), "{}", acp.said());
    acp.end();
}
