//! The sections: each measures the floor and the binary in turn, in the same way.

use std::time::Instant;

use nextline_tests::{Doc, Launch, Scratch, Server};
use serde_json::{Value, json};

use crate::corpus::Corpus;
use crate::floor::Route;
use crate::instant;
use crate::process::{cpu_ms, rss_mb, settle};
use crate::report::{Samples, figure, row};

/// Who is measured.
#[derive(Clone, Copy, PartialEq)]
enum Who {
    Floor,
    Ours,
}

impl Who {
    fn spawn(self, launch: &Launch) -> Server {
        match self {
            Who::Floor => launch.spawn_through(
                std::env::current_exe().unwrap().to_str().unwrap(),
                &["--floor"],
            ),
            Who::Ours => launch.spawn(),
        }
    }

    fn start(self, launch: &Launch) -> Server {
        let mut server = self.spawn(launch);
        server.initialize(launch.params());
        server
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn routed(address: &str) -> Launch {
    Launch::new().options(json!({
        "completion": { "route": "mock", "fallback": "none", "throttle_ms": 0 },
        "routes": { "mock": { "provider": "openai-compatible", "base_url": format!("{address}/v1"), "model": "m", "fim": "suffix" } },
    }))
}

/// Something that is answered behind everything before it.
fn barrier(server: &mut Server) {
    let _ = server.try_request("agent/status", json!({}));
}

/// Spawn to the answer of `initialize`.
pub fn start(_: &Corpus) {
    let launch = Launch::new();
    let measure = |who: Who| -> (Samples, Samples) {
        let runs = (0..20).map(|_| {
            let at = Instant::now();
            let mut server = who.spawn(&launch);
            server.init = server.request("initialize", launch.params());
            let wall = ms(at);
            let cpu = cpu_ms(server.pid());
            server.notify("initialized", json!({}));
            (wall, cpu)
        });
        let runs: Vec<_> = runs.collect();
        (
            runs.iter().map(|run| run.0).collect(),
            runs.iter().map(|run| run.1).collect(),
        )
    };
    let (floor, ours) = (measure(Who::Floor), measure(Who::Ours));
    row("spawn to initialize, wall", "ms", &floor.0, &ours.0);
    row("spawn to initialize, on CPU", "ms", &floor.1, &ours.1);
}

/// Resident memory, empty, full and empty again.
pub fn memory(corpus: &Corpus) {
    let measure = |who: Who, local: bool| -> [f64; 3] {
        let mut server =
            who.start(&Launch::new().options(json!({ "local": { "enabled": local } })));
        settle(server.pid());
        let empty = rss_mb(server.pid());
        let uri = |n: usize| format!("file:///bench/d{n}.rs");
        let mut docs: Vec<Doc> = corpus
            .documents
            .iter()
            .enumerate()
            .map(|(n, text)| Doc::open(&mut server, &uri(n), "rust", text))
            .collect();
        for doc in &mut docs {
            doc.cursor = 0;
            let _ = doc.complete(&mut server, 2);
        }
        settle(server.pid());
        let full = rss_mb(server.pid());
        docs.iter().for_each(|doc| doc.close(&mut server));
        barrier(&mut server);
        settle(server.pid());
        [empty, full, rss_mb(server.pid())]
    };
    let floor = measure(Who::Floor, false);
    for (name, local) in [("local off", false), ("local on", true)] {
        let ours = measure(Who::Ours, local);
        for (index, what) in [
            "after initialize",
            "with 200 documents",
            "after closing them",
        ]
        .iter()
        .enumerate()
        {
            figure(&format!("{what}, {name}"), "MB", floor[index], ours[index]);
        }
    }
}

/// CPU for keystrokes in a 10,000-line file.
pub fn keystroke(corpus: &Corpus) {
    const KEYS: usize = 2_000;
    let measure = |who: Who, local: bool| -> (f64, f64) {
        let mut server =
            who.start(&Launch::new().options(json!({ "local": { "enabled": local } })));
        let mut doc = Doc::open(&mut server, "file:///bench/long.rs", "rust", &corpus.long);
        doc.cursor = doc.text.match_indices('\n').nth(5_000).unwrap().0;
        let _ = doc.complete(&mut server, 2);
        settle(server.pid());
        let mut messages = Vec::new();
        // Made before the clock starts: the client's own arithmetic is not the server's.
        let (line, mut column) = (
            doc.position()["line"].clone(),
            doc.position()["character"].as_u64().unwrap(),
        );
        for n in 0..KEYS {
            let place = json!({ "line": line, "character": column });
            column += 1;
            let text = &"let value = compute(7); "[n % 24..=n % 24];
            let params = json!({ "textDocument": { "uri": doc.uri, "version": n + 2 },
                "contentChanges": [{ "range": { "start": place, "end": place }, "text": text }] });
            let message =
                json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params });
            messages.extend(nextline_tests::frame::message(&message));
        }
        let before = cpu_ms(server.pid());
        server.send_bytes(messages);
        barrier(&mut server);
        let changed = cpu_ms(server.pid()) - before;
        let asked = json!({ "textDocument": doc.id(), "position": { "line": line, "character": column }, "context": { "triggerKind": 2 } });
        let _ = server.try_request("textDocument/inlineCompletion", asked);
        settle(server.pid());
        let all = cpu_ms(server.pid()) - before;
        (changed * 1e3 / KEYS as f64, all * 1e3 / KEYS as f64)
    };
    let floor = measure(Who::Floor, false);
    for (name, local) in [("local off", false), ("local on", true)] {
        let ours = measure(Who::Ours, local);
        figure(
            &format!("didChange only, {name}"),
            "us of CPU a key",
            floor.0,
            ours.0,
        );
        figure(
            &format!("and one completion at the end, {name}"),
            "us of CPU a key",
            floor.1,
            ours.1,
        );
    }
}

/// Types and asks `count` times at one place; the latencies in ms.
fn typed(server: &mut Server, doc: &mut Doc, count: usize) -> Samples {
    let start = doc.cursor;
    (0..count)
        .map(|n| {
            if doc.cursor - start > 60 {
                doc.replace(server, start, doc.cursor, "");
            }
            doc.type_text(server, ["a", "b", "c", "d", "e", "f", "g"][n % 7]);
            let at = Instant::now();
            let id = doc.ask(server, 1);
            let _ = server.answer(&id);
            ms(at)
        })
        .collect()
}

fn small(server: &mut Server, corpus: &Corpus, name: &str) -> Doc {
    let text: String = corpus
        .long
        .lines()
        .take(1_000)
        .map(|line| format!("{line}\n"))
        .collect();
    let mut doc = Doc::open(server, &format!("file:///bench/{name}.rs"), "rust", &text);
    doc.cursor = doc.text.match_indices('\n').nth(500).unwrap().0;
    doc.type_text(server, "\n");
    doc
}

/// What a completion through an instant route costs over raw HTTP and over the floor.
pub fn overhead(corpus: &Corpus) {
    let address = instant::route();
    let mut raw = Route::connect(&address);
    let body = json!({ "model": "m", "prompt": "x".repeat(4_000), "max_tokens": 64 });
    let trips = |raw: &mut Route, n: usize| -> Samples {
        let once = |_| {
            let at = Instant::now();
            let _ = raw.post(&body);
            ms(at)
        };
        (0..n).map(once).collect()
    };
    let _ = trips(&mut raw, 20);
    let raw = trips(&mut raw, 300);
    let measure = |who: Who| {
        let mut server = who.start(&routed(&address));
        let mut doc = small(&mut server, corpus, "small");
        let _ = typed(&mut server, &mut doc, 20);
        typed(&mut server, &mut doc, 300)
    };
    let (floor, ours) = (measure(Who::Floor), measure(Who::Ours));
    row("the floor's completion over raw HTTP", "ms", &raw, &floor);
    row("our completion over raw HTTP", "ms", &raw, &ours);
    row("our completion over the floor's", "ms", &floor, &ours);
}

/// The embedded model on a workspace of 5 MB, letter by letter through a file that it has not seen.
pub fn embedded(corpus: &Corpus) {
    let workspace = Scratch::with(&[("Cargo.toml", "[package]\n")]);
    for (n, text) in corpus.workspace.iter().enumerate() {
        workspace.write(&format!("src/f{n}.rs"), text);
    }
    let mut server = Who::Ours.start(&Launch::new().workspace(workspace.path()));
    let at = Instant::now();
    let learnt = nextline_tests::wait::until("the workspace is learnt", || {
        let status = server.request("agent/status", json!({}));
        let files = status["local"]["files"].as_u64().unwrap_or_default();
        (status["busy"] == json!(false) && files > 0).then_some(status["local"].clone())
    });
    println!("  learnt in {:.0} ms wall: {learnt}", ms(at));
    let mut doc = Doc::open(&mut server, &workspace.uri("src/typed.rs"), "rust", "");
    let nothing: Samples = (0..300)
        .map(|_| {
            let at = Instant::now();
            barrier(&mut server);
            ms(at)
        })
        .collect();
    let (mut times, mut shown) = (Vec::new(), 0);
    for letter in corpus.typed.chars().take(2_000) {
        doc.type_text(&mut server, &letter.to_string());
        let at = Instant::now();
        shown += usize::from(!doc.complete(&mut server, 2).is_empty());
        times.push(ms(at));
    }
    let asked = times.len();
    row(
        "a completion, beside agent/status as floor",
        "ms",
        &nothing,
        &times.into_iter().collect(),
    );
    println!(
        "  shown at {shown} of {asked} places; {:.1} MB resident",
        rss_mb(server.pid())
    );
}

/// A keystroke while a request of another document, and then of the same one, waits on a route that never answers.
pub fn waiting(corpus: &Corpus) {
    let address = instant::route();
    let mut server = Who::Ours.start(&routed(&address));
    let (mut quick, mut slow) = (
        small(&mut server, corpus, "quick"),
        small(&mut server, corpus, "slow"),
    );
    let _ = typed(&mut server, &mut quick, 20);
    let free = typed(&mut server, &mut quick, 200);
    slow.type_text(&mut server, &format!("let {} = ", instant::STUCK));
    let stuck = slow.ask(&mut server, 1);
    let held = typed(&mut server, &mut quick, 200);
    row(
        "another file, free as floor, one request stuck",
        "ms",
        &free,
        &held,
    );
    let start = slow.cursor - format!("let {} = ", instant::STUCK).len();
    let at = Instant::now();
    slow.replace(&mut server, start, slow.cursor, "let v = ");
    let next = slow.ask(&mut server, 1);
    let _: Result<Value, _> = server.answer(&next);
    println!(
        "  the same file, right behind the stuck request: {:.3} ms",
        ms(at)
    );
    let _ = server.answer(&stuck);
}
