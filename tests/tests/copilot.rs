//! The dialect of Copilot's clients, rule by rule: what each of them would stumble over.

use std::process::Command;

use nextline_protocol::methods::{COPILOT, Direction};
use nextline_tests::copilot::{
    ANSWER, AUTOMATIC, CODE, completions, counted, legacy, open, plugin, replaced, start,
};
use nextline_tests::{Doc, Encoding, Launch, Scratch, ScriptedRoute, binary, doc, frame};
use serde_json::{Value, json};

#[test]
fn columns_are_utf_16_whatever_the_client_offers() {
    let route = ScriptedRoute::instant(ANSWER);
    let emoji = "fn f() {\n    let 𝒳𝒴é = $0;\n}\n";
    let line = "    let 𝒳𝒴é = foo_bar_baz(1, 2);";
    // One that says so at the start, and one that is known only by what it asks.
    for (options, named) in [(plugin(), "utf-16"), (Value::Null, "utf-8")] {
        let launch = Launch::new()
            .route(&route, options)
            .encoding(Encoding::Utf8);
        let mut server = launch.start();
        assert_eq!(server.init["capabilities"]["positionEncoding"], named);
        let doc = open(&mut server, emoji);
        let found = completions(&mut server, legacy(&doc));
        assert_eq!(replaced(&doc, &found[0]), line);
        assert_eq!(found[0]["range"]["end"]["character"], 17, "{found:?}");
    }
}

#[test]
fn params_may_be_anything() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let asked = COPILOT
        .iter()
        .filter(|method| method.direction == Direction::ToServer && method.result != "-");
    for method in asked {
        for params in [
            None,
            Some(Value::Null),
            Some(json!({})),
            Some(json!([])),
            Some(json!({ "_": true })),
        ] {
            let id = json!(format!("{} {params:?}", method.name));
            let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method.name });
            if let Some(params) = params {
                message["params"] = params;
            }
            server.expect_answer(&id);
            server.send_bytes(frame::message(&message));
            let answer = server.answer(&id);
            assert!(answer.is_ok_and(|result| !result.is_null()), "{id}");
        }
    }
    for _ in 0..5 {
        server.notification("PanelSolutionsDone", |_| true);
    }
}

#[test]
fn a_command_without_an_id_or_a_title_counts() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let doc = open(&mut server, CODE);
    let item = doc.complete(&mut server, AUTOMATIC).remove(0);
    let arguments = &item["command"]["arguments"];
    server.notify(
        "workspace/executeCommand",
        json!({ "command": "nextline.didAccept", "arguments": arguments }),
    );
    assert_eq!(counted(server, "mock"), [1, 1, 0, 0]);
}

#[test]
fn the_editors_count_of_changes_is_no_version() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let doc = open(&mut server, CODE);
    for version in [json!(0), json!(1), json!(123_456), Value::Null] {
        let mut params = legacy(&doc);
        params["doc"]["version"] = version.clone();
        let found = completions(&mut server, params);
        assert_eq!(found[0]["docVersion"], version);
    }
}

#[test]
fn what_is_theirs_is_passed_over_in_silence() {
    let mut server = Launch::new().options(plugin()).start();
    server.notify("textDocument/didFocus", json!({}));
    server.notify(
        "textDocument/didShowInlineEdit",
        json!({ "item": { "command": { "arguments": ["x"] } } }),
    );
    server.notify("$/setTrace", json!({ "value": "off" }));
    server.notify("nobody/knowsThis", json!([1]));
    let theirs = json!({ "http": { "proxy": null, "proxyStrictSSL": null }, "telemetry": { "telemetryLevel": "all" },
        "github-enterprise": { "uri": null }, "github": { "copilot": { "selectedCompletionModel": "theirs" } }, "advanced": {} });
    server.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": theirs }),
    );
    for method in [
        "conversation/preconditions",
        "nobody/knowsThis",
        "copilot/nothing",
    ] {
        let fault = server.try_request(method, json!({})).unwrap_err();
        assert_eq!(fault.code, -32601, "{method}");
    }
    assert_eq!(server.taken("window/logMessage"), Vec::<Value>::new());
}

#[test]
fn nobody_signs_in() {
    let mut server = Launch::new().options(plugin()).start();
    for (method, status) in [
        ("checkStatus", "OK"),
        ("signIn", "AlreadySignedIn"),
        ("signInInitiate", "AlreadySignedIn"),
        ("signInConfirm", "OK"),
        ("signInWithGithubToken", "OK"),
    ] {
        let answer = server.request(method, json!({ "options": { "localChecksOnly": true } }));
        assert_eq!(answer["status"], status, "{method}");
        assert_eq!(answer["user"], "nextline", "{method}");
    }
    assert_eq!(
        server.request("signOut", json!({}))["status"],
        "NotSignedIn"
    );
    assert_eq!(
        server.request("checkStatus", json!({}))["status"],
        "OK",
        "and signed in again"
    );
    assert_eq!(server.request("setEditorInfo", plugin()), "OK");
    assert!(server.request("getVersion", json!({}))["version"].is_string());
    assert_eq!(
        server.init["serverInfo"]["name"], "nextline",
        "our own name"
    );
    assert!(server.client().dialogs().is_empty());
}

#[test]
#[cfg(unix)]
fn it_answers_under_their_binarys_name() {
    let place = Scratch::new();
    let link = place.path().join("copilot-language-server");
    std::os::unix::fs::symlink(binary::path(), &link).unwrap();
    let link = link.to_str().unwrap();
    for arguments in [
        &["--stdio"][..],
        &["--node-ipc", "--stdio"],
        &["--stdio", "--clientProcessId=1"],
        &[],
    ] {
        let mut server = Launch::new().spawn_through(link, arguments);
        server.initialize(Launch::new().options(plugin()).params());
        assert_eq!(server.request("checkStatus", json!({}))["status"], "OK");
    }
    // It is asked for its version by clients that wait for its end.
    let output = Command::new(link).arg("--version").output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
}

#[test]
fn older_clients_get_whole_lines() {
    for (answer, drawn, line, shown) in [
        (
            ANSWER,
            "fn f() {\n    let a = $0\n}\n",
            "    let a = foo_bar_baz(1, 2);",
            ANSWER,
        ),
        (
            "oo(1)",
            "fn f() {\n    let a = f$0\n}\n",
            "    let a = foo(1)",
            "oo(1)",
        ),
        (
            "b + c",
            "fn f() {\n    g($0);\n}\n",
            "    g(b + c);",
            "b + c",
        ),
    ] {
        let route = ScriptedRoute::instant(answer);
        let mut server = start(&route);
        let doc = open(&mut server, drawn);
        for method in ["getCompletions", "getCompletionsCycling"] {
            let result = server.request(method, legacy(&doc));
            let found = &result["completions"][0];
            assert_eq!(replaced(&doc, found), line, "{drawn}");
            assert_eq!(
                found["text"], line,
                "older clients delete the rest of the line themselves"
            );
            assert_eq!(found["displayText"], shown);
            assert_eq!(
                found["range"]["start"],
                json!({ "line": 1, "character": 0 })
            );
            assert_eq!(found["position"], doc.position());
            assert!(found["uuid"].is_string());
        }
    }
    // Nothing is an empty list, also for what nobody opened.
    let mut server = Launch::new().options(plugin()).start();
    let nowhere = json!({ "doc": { "uri": "", "position": { "line": 0, "character": 0 } } });
    assert!(completions(&mut server, nowhere).is_empty());
}

#[test]
fn an_item_is_on_the_cursors_line_and_counts_once() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    let mut doc = open(&mut server, CODE);
    let mut params = doc.inline_params(AUTOMATIC);
    params["textDocument"]["version"] = json!(1);
    params["formattingOptions"] = json!({ "tabSize": 4, "insertSpaces": true });
    let result = server.request("textDocument/inlineCompletion", params);
    let item = result["items"][0].clone();
    assert_eq!(
        doc::accepted(&doc, &item),
        "    let first = foo_bar_baz(1, 2);"
    );
    assert_eq!(item["range"]["start"]["line"], 1);
    // copilot.vim tells at every redraw.
    for _ in 0..5 {
        server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    }
    for length in [3, 7] {
        let part = json!({ "item": item, "acceptedLength": length });
        server.notify("textDocument/didPartiallyAcceptCompletion", part);
    }
    doc.type_text(&mut server, ANSWER);
    let command = item["command"].clone();
    assert!(
        !server
            .request("workspace/executeCommand", command)
            .is_null()
    );
    assert_eq!(counted(server, "mock"), [1, 1, 1, 0]);
}

#[test]
fn what_their_editors_leave_off_is_off() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = start(&route);
    for language in [
        "yaml",
        "markdown",
        "help",
        "gitcommit",
        "gitrebase",
        "hgcommit",
        "svn",
        "cvs",
    ] {
        let uri = format!("file:///copilot/{language}");
        let doc = Doc::open(&mut server, &uri, language, "some text: $0\n");
        let id = doc.ask(&mut server, AUTOMATIC);
        assert_eq!(server.answer(&id), Ok(json!({ "items": [] })), "{language}");
        assert!(
            completions(&mut server, legacy(&doc)).is_empty(),
            "{language}"
        );
    }
    assert_eq!(route.count(), 0);
}
