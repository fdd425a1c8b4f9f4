//! What Copilot's clients send from start to end, in their order and with their quirks, and whether each answer has what they read.

use nextline_tests::copilot::{ANSWER, CODE, counted};
use nextline_tests::{Launch, Scratch, ScriptedRoute, Server, doc, launch, scratch};
use serde_json::{Value, json};

/// A client in the middle of its start: `initialize` as it sends it, with a route of ours in its options.
fn begin(route: &ScriptedRoute, mut params: Value) -> Server {
    let ours = Launch::new().route(route, Value::Null).params();
    let mut options = ours["initializationOptions"].clone();
    launch::merge(&mut options, params["initializationOptions"].take());
    params["initializationOptions"] = options;
    let mut server = Launch::new().spawn();
    server.initialize(params);
    server
}

fn info(editor: &str, plugin: &str) -> Value {
    json!({ "editorInfo": { "name": editor, "version": "9.1.0016" }, "editorPluginInfo": { "name": plugin, "version": "1.41.0" } })
}

fn text() -> String {
    CODE.replace("$0", "")
}

const URI: &str = "file:///clients/a.rs";

fn at(character: u32) -> Value {
    json!({ "line": 1, "character": character })
}

const CURSOR: u32 = 16;

#[test]
fn copilot_vim_with_inline_completion() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(
        &route,
        json!({
            "initializationOptions": info("Vim", "copilot.vim"), "workspaceFolders": [], "processId": std::process::id(),
            "capabilities": { "workspace": { "workspaceFolders": true }, "window": { "showDocument": { "support": true } } },
        }),
    );
    assert!(
        server.init["serverInfo"]["name"].is_string(),
        "it reads serverInfo at once"
    );
    server.notify("workspace/didChangeConfiguration", json!({ "settings": { "http": { "proxy": null, "proxyStrictSSL": null }, "github-enterprise": { "uri": null } } }));
    let open = json!({ "uri": URI, "version": 4, "languageId": "rust", "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    server.notify(
        "textDocument/didFocus",
        json!({ "textDocument": { "uri": URI } }),
    );
    let status = server.request(
        "checkStatus",
        json!({ "options": { "localChecksOnly": true } }),
    );
    assert!(status["user"].is_string());
    // Vim sends the whole text before each request, under a count that may stand still.
    let mut params = json!({ "textDocument": { "uri": URI, "version": 4, "languageId": "rust" }, "position": at(CURSOR),
        "formattingOptions": { "insertSpaces": true, "tabSize": 4 }, "context": { "triggerKind": 2 } });
    for kind in [2, 1] {
        let whole = json!([{ "text": text() }]);
        server.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": URI, "version": 4 }, "contentChanges": whole }),
        );
        params["context"]["triggerKind"] = json!(kind);
        let result = server.request("textDocument/inlineCompletion", params.clone());
        let items = result["items"].as_array().unwrap();
        assert_eq!(
            (items.len(), &items[0]["range"]["start"]["line"]),
            (1, &json!(1))
        );
        assert!(items[0]["insertText"].is_string());
        if kind == 2 {
            server.notify(
                "textDocument/didShowCompletion",
                json!({ "item": items[0] }),
            );
            let length = CURSOR as usize + "foo".len()
                - items[0]["range"]["start"]["character"].as_u64().unwrap() as usize;
            server.notify(
                "textDocument/didPartiallyAcceptCompletion",
                json!({ "item": items[0], "acceptedLength": length }),
            );
        } else {
            assert!(
                !server
                    .request("workspace/executeCommand", items[0]["command"].clone())
                    .is_null()
            );
        }
    }
    // A request that is cancelled is no error to it, and the next one has its answer.
    let id = server.ask("textDocument/inlineCompletion", params.clone());
    server.cancel(&id);
    match server.answer(&id) {
        Ok(result) => assert!(result["items"].is_array()),
        Err(fault) => assert_eq!(fault.code, -32800),
    }
    server.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": URI } }),
    );
    assert_eq!(counted(server, "mock")[..2], [1, 1]);
}

#[test]
fn copilot_vim_before_inline_completion() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(
        &route,
        json!({ "capabilities": {}, "processId": std::process::id() }),
    );
    let mut params = info("Vim", "copilot.vim");
    params["editorConfiguration"] = json!({ "enableAutoCompletions": true, "disabledLanguages": [{ "languageId": "." }, { "languageId": "cvs" }] });
    assert_eq!(server.request("setEditorInfo", params), "OK");
    server.notification("statusNotification", |status| status["status"] == "Normal");
    let open = json!({ "uri": URI, "version": 4, "languageId": "rust", "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    let doc = json!({ "uri": URI, "version": 4, "relativePath": "a.rs", "insertSpaces": true, "tabSize": 4, "indentSize": 4, "position": at(CURSOR) });
    let found = server.request(
        "getCompletions",
        json!({ "doc": doc, "position": at(CURSOR), "textDocument": { "uri": URI, "version": 4 } }),
    );
    let first = &found["completions"][0];
    assert_eq!(
        first["range"]["start"],
        at(0),
        "another start is `unexpected range`"
    );
    assert!(
        first["text"]
            .as_str()
            .unwrap()
            .starts_with("    let first = ")
    );
    assert!(
        !server
            .request("notifyShown", json!({ "uuid": first["uuid"] }))
            .is_null()
    );
    let cycling = server.request("getCompletionsCycling", json!({ "doc": doc }));
    assert!(cycling["completions"].is_array());
    let taken = json!({ "uuid": first["uuid"], "acceptedLength": ANSWER.len() });
    assert!(!server.request("notifyAccepted", taken).is_null());
    // Its panel draws the line from `displayText`, and orders by `score`.
    let panel = server.request(
        "getPanelCompletions",
        json!({ "doc": doc, "panelId": "copilot:///1" }),
    );
    assert!(panel["solutionCountTarget"].is_number());
    let solution = server.notification("PanelSolution", |solution| {
        solution["panelId"] == "copilot:///1"
    });
    assert!(
        solution["displayText"]
            .as_str()
            .unwrap()
            .starts_with("    let first = ")
    );
    let done = server.notification("PanelSolutionsDone", |_| true);
    assert!(
        done.get("message").is_none(),
        "a message is shown as an error"
    );
    assert_eq!(counted(server, "mock")[..2], [1, 1]);
}

#[test]
fn copilot_lua() {
    let route = ScriptedRoute::instant(ANSWER);
    let folder = Scratch::new();
    let uri = scratch::uri_of(&folder.path().join("a.rs"));
    let mut server = begin(
        &route,
        json!({
            "initializationOptions": info("Neovim", "copilot.lua"), "clientInfo": { "name": "Neovim", "version": "0.11.4" },
            "capabilities": { "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] }, "workspace": { "workspaceFolders": true } },
            "workspaceFolders": [{ "uri": scratch::uri_of(folder.path()), "name": "." }],
        }),
    );
    assert_eq!(server.init["capabilities"]["positionEncoding"], "utf-16");
    let settings = json!({ "github": { "copilot": { "selectedCompletionModel": "" } }, "enableAutoCompletions": false,
        "disabledLanguages": [{ "languageId": "cvs" }, { "languageId": "yaml" }] });
    server.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": settings }),
    );
    server.notify("$/setTrace", json!({ "value": "off" }));
    let open = json!({ "uri": uri, "version": 0, "languageId": "rust", "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    assert!(server.request("checkStatus", json!({ "_": true }))["user"].is_string());
    let doc = json!({ "uri": uri, "version": 17, "relativePath": "a.rs", "insertSpaces": true, "tabSize": 4, "indentSize": 4, "position": at(CURSOR) });
    let params = json!({ "doc": doc, "textDocument": { "uri": uri, "version": 17, "relativePath": "a.rs" }, "position": at(CURSOR), "_": true });
    let found = server.request("getCompletions", params.clone());
    let first = found["completions"][0].clone();
    assert_eq!(first["displayText"], ANSWER);
    assert_eq!(first["range"]["start"]["line"], 1);
    server.request("notifyShown", json!({ "uuid": first["uuid"], "_": true }));
    let cycling = server.request("getCompletionsCycling", params);
    assert!(cycling["completions"].is_array());
    let length = first["text"].as_str().unwrap().len();
    server.request(
        "notifyAccepted",
        json!({ "uuid": first["uuid"], "acceptedLength": length, "_": true }),
    );
    let models = server.request("copilot/models", json!({ "_": true }));
    assert!(
        models
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["default"] == true && model["id"].is_string())
    );
    assert_eq!(counted(server, "mock"), [1, 1, 0, 0]);
}

#[test]
fn copilot_el() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(
        &route,
        json!({ "processId": std::process::id(), "initializationOptions": info("Emacs", "copilot.el"),
        "capabilities": { "workspace": { "workspaceFolders": true } } }),
    );
    server.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": null }),
    );
    let open = json!({ "uri": URI, "languageId": "rust", "version": 0, "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    server.notify(
        "textDocument/didFocus",
        json!({ "textDocument": { "uri": URI } }),
    );
    assert!(server.request("checkStatus", json!({ "dummy": "checkStatus" }))["user"].is_string());
    let params = json!({ "textDocument": { "uri": URI, "version": 0 }, "position": at(CURSOR), "context": { "triggerKind": 2 },
        "formattingOptions": { "tabSize": 4, "insertSpaces": true } });
    let item = server.request("textDocument/inlineCompletion", params)["items"][0].clone();
    server.notify("textDocument/didShowCompletion", json!({ "item": item }));
    // Its commands are notifications.
    let command = &item["command"];
    server.notify(
        "workspace/executeCommand",
        json!({ "command": command["command"], "arguments": command["arguments"] }),
    );
    let asked = json!({ "textDocument": { "uri": URI, "version": 0 }, "position": at(CURSOR) });
    assert!(server.request("textDocument/copilotInlineEdit", asked)["edits"].is_array());
    // Its diagnosis asks for a document that nobody opened, and is content with an answer.
    let nowhere = json!({ "doc": { "version": 0, "source": "\n", "path": "", "uri": "", "relativePath": "", "languageId": "text", "position": { "line": 0, "character": 0 } } });
    assert!(server.request("getCompletions", nowhere)["completions"].is_array());
    assert_eq!(counted(server, "mock")[1], 1);
}

#[test]
fn copilot_el_that_opens_no_documents() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(&route, json!({ "capabilities": null }));
    assert_eq!(
        server.request("setEditorInfo", info("Emacs", "copilot.el")),
        "OK"
    );
    let doc = json!({ "source": text(), "tabSize": 4, "indentSize": 4, "insertSpaces": true, "path": "/clients/a.rs", "uri": URI,
        "relativePath": "a.rs", "languageId": "rust", "position": at(CURSOR) });
    let found = server.request("getCompletions", json!({ "doc": doc }));
    assert_eq!(
        found["completions"][0]["text"],
        "    let first = foo_bar_baz(1, 2);"
    );
}

#[test]
fn sidekick_and_copilot_lsp() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(
        &route,
        json!({ "initializationOptions": info("Neovim", "Neovim"),
        "capabilities": { "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] }, "textDocument": { "inlineCompletion": { "dynamicRegistration": true } } } }),
    );
    assert_eq!(
        server.init["capabilities"]["inlineCompletionProvider"],
        true
    );
    let commands = server.init["capabilities"]["executeCommandProvider"]["commands"].clone();
    server.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "telemetry": { "telemetryLevel": "all" } } }),
    );
    assert!(
        server.notification("didChangeStatus", |_| true)["message"].is_string(),
        "it searches the message"
    );
    let open = json!({ "uri": URI, "languageId": "rust", "version": 0, "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    server.notify(
        "textDocument/didFocus",
        json!({ "textDocument": { "uri": URI } }),
    );
    let asked = json!({ "textDocument": { "uri": URI, "version": 0 }, "position": at(CURSOR), "context": { "triggerKind": 2 } });
    let edits = server.request("textDocument/copilotInlineEdit", asked.clone());
    assert!(
        edits["edits"].is_array(),
        "it walks the list whatever comes"
    );
    let item = server.request("textDocument/inlineCompletion", asked)["items"][0].clone();
    // Neovim refuses to run what is not listed.
    assert!(
        commands
            .as_array()
            .unwrap()
            .contains(&item["command"]["command"])
    );
    let signed = server.request("signIn", json!({}));
    assert_eq!(signed["status"], "AlreadySignedIn");
    assert!(signed.get("command").is_none() && signed["user"].is_string());
}

#[test]
fn lsp_copilot_of_sublime() {
    let route = ScriptedRoute::instant(ANSWER);
    let mut server = begin(
        &route,
        json!({ "clientInfo": { "name": "Sublime Text LSP", "version": "2.2" }, "capabilities": {} }),
    );
    assert!(server.request("getVersion", json!({}))["version"].is_string());
    assert_eq!(server.request("checkStatus", json!({}))["status"], "OK");
    assert_eq!(
        server.request("setEditorInfo", info("vscode", "LSP-copilot")),
        "OK"
    );
    let open = json!({ "uri": URI, "languageId": "rust", "version": 0, "text": text() });
    server.notify("textDocument/didOpen", json!({ "textDocument": open }));
    assert_eq!(
        server.request("checkFileStatus", json!({ "uri": URI }))["status"],
        "included"
    );
    let doc = json!({ "source": text(), "tabSize": 4, "indentSize": 1, "insertSpaces": true, "path": "/clients/a.rs", "uri": URI,
        "relativePath": "a.rs", "languageId": "rust", "position": at(CURSOR), "version": 3 });
    // Both at once, and it shows what the second says.
    let first = server.ask("getCompletions", json!({ "doc": doc }));
    let second = server.ask("getCompletionsCycling", json!({ "doc": doc }));
    assert!(
        server
            .answer(&first)
            .is_ok_and(|found| found["completions"].is_array())
    );
    let found = server.answer(&second).unwrap()["completions"][0].clone();
    let columns = (
        &found["range"]["start"],
        &found["range"]["end"]["character"],
    );
    assert_eq!(columns, (&at(0), &json!(CURSOR)));
    assert_eq!(
        doc::position_at(&text(), doc::Encoding::Utf16, 28),
        (1, CURSOR as usize)
    );
    server.request("notifyAccepted", json!({ "uuid": found["uuid"] }));
    server.request("notifyRejected", json!({ "uuids": [found["uuid"]] }));
    assert_eq!(
        server.request("signOut", json!({}))["status"],
        "NotSignedIn"
    );
    assert_eq!(counted(server, "mock")[1], 1);
}
