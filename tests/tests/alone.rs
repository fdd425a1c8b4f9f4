//! A file that was opened by itself, without any folder: opening it is the user's own act, and it completes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::copilot::{legacy, plugin};
use nextline_tests::samples::learnable;
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute};
use serde_json::{Value, json};

/// What each kind of client says where no folder is open.
fn folderless() -> [Value; 3] {
    [
        json!({"rootUri": null, "workspaceFolders": null}),
        json!({"rootUri": null, "workspaceFolders": []}),
        json!({"rootUri": null}),
    ]
}

#[test]
fn it_completes_by_the_embedded_model_and_by_a_route() {
    let place = Scratch::with(&[("notes/lib.rs", "")]);
    let uri = place.uri("notes/lib.rs");
    let route = ScriptedRoute::instant("routed();");
    for folders in folderless() {
        for routed in [false, true] {
            let launch = match routed {
                false => Launch::new(),
                true => Launch::new().route(&route, Value::Null),
            };
            let mut params = launch.params();
            for key in ["rootUri", "workspaceFolders"] {
                params[key] = folders.get(key).cloned().unwrap_or_default();
            }
            if folders.get("workspaceFolders").is_none() {
                params.as_object_mut().unwrap().remove("workspaceFolders");
            }
            let mut server = launch.spawn();
            server.initialize(params);
            let doc = Doc::open(&mut server, &uri, "rust", &learnable());
            let found = doc.complete(&mut server, 1);
            let wanted = if routed {
                "routed();"
            } else {
                "counter(\"requests\");"
            };
            assert_eq!(found[0]["insertText"], wanted, "{folders}");
        }
    }
    assert_eq!(route.count(), 3);
}

#[test]
fn it_completes_for_copilots_clients() {
    let place = Scratch::with(&[("lib.rs", "")]);
    let route = ScriptedRoute::instant("routed();");
    let mut server = Launch::new().route(&route, plugin()).start();
    let doc = Doc::open(&mut server, &place.uri("lib.rs"), "rust", &learnable());
    let found = server.request("getCompletions", legacy(&doc));
    assert_eq!(found["completions"].as_array().unwrap().len(), 1, "{found}");
}

#[test]
fn secrets_and_ignore_files_hold_without_a_folder_too() {
    let place = Scratch::with(&[(".env", "A=1\n"), ("a.rs", ""), (".cursorignore", "a.rs\n")]);
    let route = ScriptedRoute::instant("routed();");
    let mut server = Launch::new().route(&route, Value::Null).start();
    for name in [".env", "a.rs"] {
        let doc = Doc::open(&mut server, &place.uri(name), "rust", &learnable());
        assert!(doc.complete(&mut server, 1).is_empty(), "{name}");
    }
    assert_eq!(route.count(), 0);
}
