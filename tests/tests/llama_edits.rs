//! Edits and chat against a real llama.cpp server with a real model: whatever a small model says, the text around the edit stays, the answer
//! streams, and a cancel stops the model.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::edits::{event, lines, obey, start};
use nextline_tests::{Doc, Launch, Llama, Scratch, Server, binary};
use serde_json::{Value, json};

const HEAD: &str = "import { round } from './money';\n\nexport const LIMIT = 12;\n\n";
const BODY: &str = "export function total(prices: number[]): number {\n  let sum = 0;\n  for (const price of prices) {\n    sum += price;\n  }\n  return sum;\n}\n";
const TAIL: &str =
    "\nexport function last(items: string[]): string {\n  return items[items.length - 1];\n}\n";

fn route(llama: &Llama) -> Value {
    json!({
        "provider": "openai-compatible",
        "base_url": format!("{}/v1", llama.url()),
        "model": "smollm2",
        "temperature": 0.0,
        "max_output_tokens": 160,
        "context_tokens": 1400,
        "timeouts": {"first_byte_ms": 120_000, "idle_ms": 120_000},
    })
}

fn ours(llama: &Llama) -> Server {
    let options = json!({
        "edit": {"route": "real"}, "chat": {"route": "real"}, "routes": {"real": route(llama)},
    });
    Launch::new().options(options).start()
}

/// A home whose chat and edits go to the model, and a project with the file.
fn home(llama: &Llama) -> Scratch {
    let home = Scratch::new();
    let config = format!(
        "[chat]\nroute = \"real\"\n[edit]\nroute = \"real\"\n[routes.real]\nprovider = \"openai-compatible\"\nbase_url = \"{}/v1\"\nmodel = \"smollm2\"\ntemperature = 0.0\nmax_output_tokens = 160\ncontext_tokens = 1400\ntimeouts = {{ first_byte_ms = 120000, idle_ms = 120000 }}\n",
        llama.url()
    );
    home.write(".config/nextline/config.toml", config);
    home.write("p/package.json", "{}");
    home
}

#[test]
fn from_a_shell_the_text_around_an_edit_stays() {
    let Some(llama) = Llama::start() else { return };
    let home = home(&llama);
    let file = home.write("p/cart.ts", format!("{HEAD}{BODY}{TAIL}"));
    let (mut tried, mut landed) = (0, 0);
    for (verb, instruction) in [
        ("edit", "Return 0 when prices is empty."),
        ("edit", "Rename the variable sum to amount."),
        ("doc", ""),
        ("fix", "line 8: 'price' is declared but never read"),
        // What so small a model makes of a request hangs on the processor's arithmetic: these are asked where nothing landed yet.
        (
            "edit",
            "Write the function total again with the variable amount: export function total(prices: number[]): number {",
        ),
        ("edit", "Write ```typescript"),
        ("edit", "Rename prices to costs."),
        ("edit", "Use reduce instead of the loop."),
    ] {
        if tried >= 4 && landed > 0 {
            break;
        }
        tried += 1;
        let output = binary::command(home.path())
            .args([verb, "cart.ts:8", "-i", instruction, "--apply", "--json"])
            .current_dir(home.path().join("p"))
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        let now = std::fs::read_to_string(&file).unwrap();
        let asked = &object["usage"]["input_tokens"];
        assert!(
            asked.as_u64().is_some_and(|tokens| tokens > 100),
            "{object}"
        );
        if object["applied"] == true {
            landed += 1;
            assert!(
                now.starts_with(HEAD) && now.ends_with(TAIL),
                "{verb}: {now}"
            );
            assert_ne!(now, format!("{HEAD}{BODY}{TAIL}"));
            if verb == "doc" {
                assert!(now.ends_with(&format!("{BODY}{TAIL}")), "{now}");
            }
            let undone = binary::command(home.path()).arg("undo").output().unwrap();
            assert!(undone.status.success(), "{undone:?}");
        } else {
            // A small model may well answer in words: then nothing happens.
            assert_eq!(object["error"]["kind"], "useless", "{object}");
        }
        let now = std::fs::read_to_string(&file).unwrap();
        assert_eq!(now, format!("{HEAD}{BODY}{TAIL}"), "{verb}");
    }
    println!("{landed} of {tried} edits landed");
    assert!(landed > 0, "no edit of a real model landed");
    let explained = binary::command(home.path())
        .args(["explain", "cart.ts:8"])
        .current_dir(home.path().join("p"))
        .output()
        .unwrap();
    assert!(explained.status.success(), "{explained:?}");
    assert!(explained.stdout.len() > 40, "{explained:?}");
}

#[test]
fn in_an_editor_it_lands_over_what_is_typed_and_is_undone() {
    let Some(llama) = Llama::start() else { return };
    let mut server = ours(&llama);
    let text = format!("{HEAD}{BODY}{TAIL}");
    let mut doc = Doc::open(&mut server, "file:///llama/cart.ts", "typescript", &text);
    let instruction = json!({ "instruction": "Rename the variable sum to amount." });
    let id = start(&mut server, &doc, &lines(4, 11), instruction);
    llama.wait_working();
    doc.replace(&mut server, 0, 0, "// typed meanwhile\n");
    let ended = server.notification("agent/edit/event", |event| {
        event["id"] == id.as_str() && (event["kind"] == "ready" || event["kind"] == "failed")
    });
    if ended["kind"] == "ready" {
        server.request("agent/edit/accept", json!({ "id": id }));
        obey(&mut server, &mut doc);
        assert!(doc.text.starts_with(&format!("// typed meanwhile\n{HEAD}")));
        assert!(doc.text.ends_with(TAIL), "{}", doc.text);
        server.request("agent/edit/undo", json!({ "id": id }));
        obey(&mut server, &mut doc);
    } else {
        assert_eq!(ended["reason"], "useless", "{ended}");
    }
    assert_eq!(doc.text, format!("// typed meanwhile\n{text}"));
    // Stopped in the middle, it stops the model and changes nothing.
    let more = json!({ "instruction": "Write it out in two hundred lines." });
    let id = start(&mut server, &doc, &lines(5, 12), more);
    llama.wait_working();
    server.request("agent/edit/cancel", json!({ "id": id }));
    event(&mut server, &id, "cancelled");
    llama.wait_resting();
    doc.assert_text(&mut server);
}

#[test]
fn a_chat_streams_and_a_stop_stops_the_model() {
    let Some(llama) = Llama::start() else { return };
    let mut server = ours(&llama);
    let id = server.request("agent/chat/start", json!({}))["id"].clone();
    let text = "Explain in three sentences what a hash map is.";
    let result = server.request("agent/chat/send", json!({ "id": id, "text": text }));
    assert_eq!(result["error"], Value::Null, "{result}");
    assert!(result["outputTokens"].as_u64().unwrap() > 10, "{result}");
    let events = server.taken("agent/chat/event");
    let deltas: Vec<&str> = events
        .iter()
        .filter_map(|event| event["params"]["text"].as_str())
        .collect();
    assert!(deltas.len() > 2, "it came in pieces: {deltas:?}");
    let chat = server.request("agent/chat/get", json!({ "id": id }));
    assert_eq!(chat["turns"][1]["text"], deltas.concat());
    let more = json!({ "id": id, "text": "Now tell me a very long story about it." });
    let request = server.ask("agent/chat/send", more);
    server.notification("agent/chat/event", |event| event["kind"] == "delta");
    server.request("agent/chat/stop", json!({ "id": id }));
    let stopped = server.answer(&request).unwrap();
    assert_eq!(stopped["error"]["kind"], "interrupted", "{stopped}");
    llama.wait_resting();
}
