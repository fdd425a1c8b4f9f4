//! The dialect of Copilot's clients: events, status, panels and settings.

use std::path::Path;

use nextline_tests::copilot::{
    ANSWER, AUTOMATIC, CODE, completions, counted, legacy, open, plugin, start,
};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, doc, wait};
use serde_json::{Value, json};

#[test]
fn events_of_the_older_family_count() {
    let route = ScriptedRoute::instant(ANSWER);
    for (events, expected) in [
        (
            json!([
                ["notifyShown", {}],
                ["notifyShown", {}],
                ["notifyAccepted", {}]
            ]),
            [1, 1, 0, 0],
        ),
        (
            json!([["notifyShown", {}], ["notifyAccepted", { "acceptedLength": 34 }], ["notifyRejected", {}]]),
            [1, 1, 0, 0],
        ),
        (
            json!([["notifyShown", {}], ["notifyAccepted", { "acceptedLength": 4 }]]),
            [1, 0, 1, 0],
        ),
        (
            json!([["notifyShown", {}], ["notifyRejected", {}]]),
            [1, 0, 0, 1],
        ),
    ] {
        let mut server = start(&route);
        let doc = open(&mut server, CODE);
        let found = completions(&mut server, legacy(&doc)).remove(0);
        for event in events.as_array().unwrap() {
            let mut params = event[1].clone();
            params["uuid"] = found["uuid"].clone();
            params["uuids"] = json!([found["uuid"]]);
            let told = server.request(event[0].as_str().unwrap(), params);
            assert!(!told.is_null(), "{event}");
        }
        assert_eq!(counted(server, "mock"), expected, "{events}");
    }
}

#[test]
fn cleared_at_every_keystroke_and_typed_to_its_end_is_no_dismissal() {
    let route = ScriptedRoute::instant("foo(1);");
    let mut server = start(&route);
    let mut doc = open(&mut server, CODE);
    for letter in "foo(1)".chars() {
        let found = completions(&mut server, legacy(&doc)).remove(0);
        server.request("notifyShown", json!({ "uuid": found["uuid"] }));
        server.request("notifyRejected", json!({ "uuids": [found["uuid"]] }));
        doc.type_text(&mut server, &letter.to_string());
    }
    assert_eq!(route.count(), 1);
    doc.type_text(&mut server, ";");
    assert_eq!(counted(server, "mock"), [1, 1, 0, 0]);
}

#[test]
fn a_status_in_both_forms_at_the_start_and_when_it_changes() {
    let route = ScriptedRoute::new(|exchange| exchange.refuse("401 Unauthorized", &[], "no"));
    let mut server = start(&route);
    let first = server.notification("didChangeStatus", |_| true);
    assert_eq!(
        first,
        json!({ "busy": false, "message": "", "kind": "Normal" })
    );
    let first = server.notification("statusNotification", |_| true);
    assert_eq!(first, json!({ "status": "Normal", "message": "" }));
    let doc = open(&mut server, CODE);
    assert!(doc.complete(&mut server, AUTOMATIC).is_empty());
    let news = server.notification("didChangeStatus", |status| status["kind"] == "Error");
    assert!(news["message"].as_str().unwrap().contains("mock"), "{news}");
    server.notification("statusNotification", |status| status["status"] == "Warning");
}

#[test]
fn a_panel_of_older_clients_hears_notifications() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let doc = open(&mut server, CODE);
    let mut params = legacy(&doc);
    params["panelId"] = json!("1:copilot:///copilot/a.rs");
    let result = server.request("getPanelCompletions", params);
    assert!(result["solutionCountTarget"].as_u64().unwrap() > 0);
    let solution = server.notification("PanelSolution", |_| true);
    let line = "    let first = foo_bar_baz(1, 2);";
    assert_eq!(solution["panelId"], "1:copilot:///copilot/a.rs");
    assert_eq!(
        (&solution["displayText"], &solution["completionText"]),
        (&json!(line), &json!(line))
    );
    assert_eq!(
        solution["range"]["start"],
        json!({ "line": 1, "character": 0 })
    );
    assert!(solution["score"].is_number());
    let done = server.notification("PanelSolutionsDone", |_| true);
    assert_eq!(
        done,
        json!({ "panelId": "1:copilot:///copilot/a.rs", "status": "OK" })
    );
    let told = server.request("notifyAccepted", json!({ "uuid": solution["solutionId"] }));
    assert!(!told.is_null());
    assert_eq!(counted(server, "mock"), [1, 1, 0, 0]);
}

#[test]
fn a_panel_is_streamed_by_its_token_or_answered_whole() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let doc = open(&mut server, CODE);
    let params = json!({ "textDocument": doc.id(), "position": doc.position() });
    let whole = server.request("textDocument/copilotPanelCompletion", params.clone());
    let item = whole["items"][0].clone();
    assert_eq!(
        doc::accepted(&doc, &item),
        "    let first = foo_bar_baz(1, 2);"
    );
    for token in [json!(7), json!("seven")] {
        let mut params = params.clone();
        params["partialResultToken"] = token.clone();
        let rest = server.request("textDocument/copilotPanelCompletion", params);
        assert_eq!(rest, json!({ "items": [] }), "a client adds both up");
        let part = server.notification("$/progress", |part| part["token"] == token);
        assert_eq!(part["value"]["items"][0]["insertText"], item["insertText"]);
    }
}

#[test]
fn their_settings_that_mean_something_here_are_kept() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = Launch::new().route(&route, plugin()).start();
    let mut copy = json!({});
    let models = server.request("copilot/models", json!({ "_": true }));
    let ids: Vec<&str> = models
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|model| model["id"].as_str())
        .collect();
    assert_eq!(ids, ["local", "mock"]);
    let chosen = |models: &Value| {
        let models = models.as_array().unwrap().clone();
        let default = models.iter().find(|model| model["default"] == true);
        assert!(models.iter().all(
            |model| model["scopes"] == json!(["completion"]) && model["modelName"].is_string()
        ));
        default.map(|model| model["id"].clone())
    };
    assert_eq!(chosen(&models), Some(json!("mock")));
    copy["github"] = json!({ "copilot": { "selectedCompletionModel": "local" } });
    copy["disabledLanguages"] = json!([{ "languageId": "rust" }]);
    server.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": copy }),
    );
    let models = server.request("copilot/models", json!({ "_": true }));
    assert_eq!(chosen(&models), Some(json!("local")));
    let doc = open(&mut server, CODE);
    assert!(completions(&mut server, legacy(&doc)).is_empty());
    assert_eq!(doc.why(&mut server)["reason"], "language_off");
}

#[test]
fn the_repository_of_a_document_is_learnt_without_being_named() {
    let place = Scratch::with(&[
        ("repo/.git/HEAD", "ref: refs/heads/main\n"),
        ("repo/src/lib.rs", &nextline_tests::samples::regular_rust(8)),
        ("loose/other.rs", "fn other() {}\n"),
    ]);
    let learnt =
        |server: &mut Server| server.request("agent/status", json!({}))["local"]["files"].as_u64();
    let open_in = |server: &mut Server, path: &Path| {
        let uri = nextline_tests::scratch::uri_of(path);
        Doc::open(server, &uri, "rust", "fn main() {}\n");
    };
    let mut server = Launch::new().options(plugin()).start();
    open_in(&mut server, &place.path().join("loose/new.rs"));
    assert_eq!(learnt(&mut server), Some(0), "no repository");
    open_in(&mut server, &place.path().join("repo/src/new.rs"));
    wait::until("the repository is learnt", || {
        (learnt(&mut server) > Some(0)).then_some(())
    });
    // A standard client says itself which folders are its workspace.
    let mut server = Launch::new().start();
    open_in(&mut server, &place.path().join("repo/src/new.rs"));
    let busy = server.request("agent/status", json!({}));
    assert_eq!(
        (&busy["busy"], &busy["local"]["files"]),
        (&json!(false), &json!(0))
    );
}

#[test]
fn next_edits_are_a_list() {
    let mut server = Launch::new().options(plugin()).start();
    let doc = open(&mut server, CODE);
    let params = json!({ "textDocument": { "uri": doc.uri, "version": 1 }, "position": doc.position(), "context": { "triggerKind": 2 } });
    let edits = server.request("textDocument/copilotInlineEdit", params);
    assert!(edits["edits"].is_array(), "{edits}");
}
