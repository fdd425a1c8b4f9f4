//! What must not leave does not through any other face either: chat with mentions, edits, Copilot's dialect, `serve`, the command line.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use nextline_tests::copilot::{legacy, plugin};
use nextline_tests::encodings::holds;
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server, binary, wait};
use serde_json::{Value, json};

mod canaries;
use canaries::{Generated, bytes, generate, source, workspaces};

const CONTROL: &str = "positive_control";

/// Fewer than through completion alone: each workspace is asked about by every face.
fn seeds() -> std::ops::Range<u64> {
    0..(workspaces() / 20).max(5)
}

/// Whatever reached the route holds the control and none of the words.
fn searched(route: &ScriptedRoute, generated: &Generated, face: &str) {
    let sent = bytes(&route.requests());
    assert!(holds(&sent, CONTROL), "{face}: the search finds nothing");
    for word in &generated.words {
        let by = || {
            let requests = route.requests();
            let first = requests.into_iter().find(|seen| holds(&seen.body, word));
            first.map(|seen| String::from_utf8_lossy(&seen.body).into_owned())
        };
        let place = generated.kept.iter().find(|(_, text)| text.contains(word));
        assert!(
            !holds(&sent, word),
            "{face}: {word} of {place:?} left by {:?}",
            by()
        );
    }
}

fn settled(server: &mut Server) {
    wait::until("the workspace to be read", || {
        let status = server.request("agent/status", Value::Null);
        (status["busy"] == false).then_some(())
    });
}

fn git(folder: &std::path::Path, args: &[&str]) -> Output {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=n", "-c", "user.email=n@example.com"]);
    command.args(args).output().unwrap()
}

/// The same in a repository in which everything was added by force and changed since: the diff holds every canary.
fn committed(generated: &Generated) {
    let folder = generated.scratch.path().join("ws");
    assert!(git(&folder, &["init", "-q"]).status.success());
    let added = git(&folder, &["add", "-A", "-f"]);
    assert!(added.status.success(), "{added:?}");
    assert!(
        git(&folder, &["commit", "-q", "-m", "all"])
            .status
            .success()
    );
    for (path, text) in &generated.kept {
        if path.starts_with("ws/") && path != "ws/src/link.rs" {
            generated.scratch.write(path, format!("{text}// changed\n"));
        }
    }
    // A file that is gone is in the diff as well.
    std::fs::remove_file(generated.scratch.path().join(&generated.kept[0].0)).unwrap();
    let text = format!("{}// changed\n", source(CONTROL));
    generated.scratch.write("ws/src/plain.rs", text);
}

#[test]
fn no_canary_leaves_by_chat_and_edit() {
    for seed in seeds() {
        let generated = generate(seed);
        committed(&generated);
        let route = ScriptedRoute::instant("```rust\nfn other() {}\n```");
        let mut server = Launch::new()
            .workspace(&generated.scratch.path().join("ws"))
            .route(
                &route,
                json!({"chat": {"route": "mock"}, "edit": {"route": "mock"}}),
            )
            .start();
        settled(&mut server);
        let chat = server.request("agent/chat/start", json!({}))["id"].clone();
        let plain = generated.scratch.uri("ws/src/plain.rs");
        let front = Doc::open(&mut server, &plain, "rust", &source(CONTROL));
        let all = json!({"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}});
        let place = |uri: &str| json!({"textDocument": {"uri": uri}, "selection": all, "diagnostics": [{"range": all, "message": "unused"}]});
        let mut text =
            format!("look at @src/plain.rs @{CONTROL} @selection @diagnostics @diff @src/ ");
        for (path, _) in &generated.kept {
            let inside = path.strip_prefix("ws/").unwrap_or(path);
            let whole = generated.scratch.path().join(path);
            text.push_str(&format!(
                "@{inside} @{inside}:1-3 @./{inside} @src/../{inside} @{} ",
                whole.display()
            ));
        }
        for word in &generated.words {
            // A symbol by half of its name is one to look for, not a canary.
            text.push_str(&format!("@{}_inner ", &word[..word.len() - 4]));
        }
        server.request(
            "agent/chat/send",
            json!({"id": chat, "text": text, "place": place(&front.uri)}),
        );
        for (path, text) in &generated.kept {
            let uri = generated.scratch.uri(path);
            let doc = Doc::open(&mut server, &uri, "rust", text);
            // In front, with its selection and what tools say of it.
            let asked =
                json!({"id": chat, "text": "why? @selection @diagnostics", "place": place(&uri)});
            let _ = server.try_request("agent/chat/send", asked);
            let edit = json!({"textDocument": doc.id(), "range": all, "instruction": "shorten it"});
            let _ = server.try_request("agent/edit/start", edit);
            for verb in ["doc", "test", "fix", "explain"] {
                let command =
                    json!({"command": format!("nextline.{verb}"), "arguments": [uri, all]});
                let _ = server.try_request("workspace/executeCommand", command);
            }
        }
        let edit = json!({"textDocument": front.id(), "range": all, "instruction": "shorten it"});
        server.request("agent/edit/start", edit);
        wait::until("the edit to be asked for", || {
            let bodies = route.requests();
            let asked = bodies
                .iter()
                .any(|seen| seen.everything().contains("shorten it"));
            asked.then_some(())
        });
        searched(&route, &generated, &format!("seed {seed}, chat and edit"));
        server.kill();
    }
}

#[test]
fn no_canary_leaves_by_the_dialect_of_copilots_clients() {
    for seed in seeds() {
        let generated = generate(seed);
        let route = ScriptedRoute::instant("gauge;");
        let mut server = Launch::new()
            .workspace(&generated.scratch.path().join("ws"))
            .route(&route, plugin())
            .start();
        settled(&mut server);
        for (path, text) in &generated.kept {
            let uri = generated.scratch.uri(path);
            let mut doc = Doc::open(&mut server, &uri, "rust", text);
            doc.type_text(&mut server, "let gauge = ");
            for method in ["getCompletions", "getCompletionsCycling"] {
                let found = server.request(method, legacy(&doc));
                assert_eq!(found["completions"], json!([]), "seed {seed}: {path}");
            }
        }
        assert_eq!(route.count(), 0, "seed {seed}");
        let text = format!(
            "use crate::plain::{CONTROL};\n\nfn main() {{\n    let other = {CONTROL}($0\n}}\n"
        );
        let doc = Doc::open(
            &mut server,
            &generated.scratch.uri("ws/src/main.rs"),
            "rust",
            &text,
        );
        server.request("getCompletions", legacy(&doc));
        searched(&route, &generated, &format!("seed {seed}, Copilot"));
        server.kill();
    }
}

#[test]
fn no_canary_leaves_by_serve() {
    for seed in seeds() {
        let generated = generate(seed);
        let route = ScriptedRoute::instant("gauge;");
        let home = home(&route);
        let mut child = binary::command(home.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("CANARY_VARIABLE_KEY", "k")
            .current_dir(generated.scratch.path().join("ws"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .next()
            .unwrap()
            .unwrap()
            .trim_start_matches("http://")
            .to_owned();
        let token = lines
            .next()
            .unwrap()
            .unwrap()
            .trim_start_matches("token: ")
            .to_owned();
        let body = json!({"prompt": format!("use crate::plain::{CONTROL};\nfn main() {{\n    let gauge = {CONTROL}("), "suffix": "\n}\n"}).to_string();
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(wait::guard())).unwrap();
        write!(
            stream,
            "POST /v1/completions HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "seed {seed}: {answer}");
        let _ = child.kill();
        let _ = child.wait();
        assert_ne!(route.count(), 0, "seed {seed}: {answer}");
        searched(&route, &generated, &format!("seed {seed}, serve"));
    }
}

/// A home whose every surface is the script's.
fn home(route: &ScriptedRoute) -> Scratch {
    let home = Scratch::new();
    let text = format!(
        "[completion]\nroute = \"mock\"\nfallback = \"none\"\nthrottle_ms = 0\n[chat]\nroute = \"mock\"\n[edit]\nroute = \"mock\"\n\
         [routes.mock]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"m\"\nfim = \"suffix\"\napi_key_env = \"CANARY_VARIABLE_KEY\"\n",
        route.url()
    );
    home.write(".config/nextline/config.toml", text);
    home
}

#[test]
fn no_canary_leaves_by_the_command_line() {
    for seed in seeds() {
        let generated = generate(seed);
        committed(&generated);
        let route = ScriptedRoute::instant("```rust\nfn other() {}\n```");
        let home = home(&route);
        let folder = generated.scratch.path().join("ws");
        let run = |args: &[&str]| {
            let mut command = binary::command(home.path());
            command
                .env("CANARY_VARIABLE_KEY", "k")
                .env("SECRET_OF_THE_SHELL", "canary_of_a_variable");
            command
                .args(args)
                .current_dir(&folder)
                .stdin(Stdio::null())
                .output()
                .unwrap()
        };
        for (path, _) in &generated.kept {
            let whole = generated.scratch.path().join(path);
            let whole = whole.to_str().unwrap();
            let inside = path.strip_prefix("ws/").unwrap_or(whole);
            for name in [whole, inside] {
                run(&["chat", "-m", &format!("what is @{name}?")]);
            }
            // What a command is called with is the person's own act, wherever it lies.
            if path.starts_with("outside/") {
                continue;
            }
            for name in [whole, inside] {
                run(&["chat", "-m", "what is it?", "--context-file", name]);
                run(&["complete", &format!("{name}:2:5")]);
            }
            run(&["edit", &format!("{inside}:1-3"), "-i", "shorten it"]);
            run(&["explain", &format!("{inside}:2")]);
        }
        let output = run(&["chat", "-m", "review @diff and @src/plain.rs"]);
        assert_eq!(output.status.code(), Some(0), "seed {seed}: {output:?}");
        git(&folder, &["add", "-A", "-f"]);
        run(&["commit-msg"]);
        searched(&route, &generated, &format!("seed {seed}, command line"));
        assert!(!holds(&bytes(&route.requests()), "canary_of_a_variable"));
    }
}
