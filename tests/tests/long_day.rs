//! Long days: somebody types for hours at many times the speed, the route fails now and then, and what the process takes stays what it was.
//!
//! A short day in every run; `NEXTLINE_DAY_SECONDS=600 cargo test -p nextline-tests --release --test long_day -- --nocapture` is a long one.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use nextline_tests::random::Random;
use nextline_tests::samples::{learnable, regular_rust};
use nextline_tests::{Doc, Launch, Scratch, ScriptedRoute, Server};
use serde_json::{Value, json};

/// What a process takes.
#[derive(Debug, Clone, Copy)]
struct Taken {
    /// Kilobytes in memory.
    memory: u64,
    descriptors: usize,
    threads: u64,
}

fn taken(server: &Server) -> Taken {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let number = |key: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap();
    Taken {
        memory: number("VmRSS:"),
        descriptors: open.count(),
        threads: number("Threads:"),
    }
}

fn seconds() -> u64 {
    let said = std::env::var("NEXTLINE_DAY_SECONDS").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(12)
}

/// A model that fails one request in twenty, each time in another way.
fn model() -> ScriptedRoute {
    ScriptedRoute::new(|mut exchange| match exchange.number % 100 {
        3 => drop(exchange),
        27 => exchange.raw(b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"),
        51 => {
            exchange.stream_head();
            exchange.feed("half a");
        }
        77 => exchange
            .raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
        95 => {
            exchange.raw(b"HTTP/1.1 429 Slow down\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
        }
        _ => exchange.answer("counter(\"requests\");"),
    })
}

/// One burst of work: open, type, ask, take, cancel, save, close.
fn burst(server: &mut Server, place: &Scratch, random: &mut Random, slowest: &mut Vec<Duration>) {
    let name = format!("src/file{}.rs", random.below(40));
    let mut doc = Doc::open(server, &place.uri(&name), "rust", &learnable());
    for _ in 0..12 {
        let text = *random.pick(&[
            "counter(",
            "\n    let x = ",
            "registry.",
            "é",
            ");\n",
            "// 😀 ",
            "fn a() {\n",
        ]);
        doc.type_text(server, text);
        let params = json!({ "textDocument": doc.id(), "position": doc.position(), "context": { "triggerKind": 2 } });
        let asked = Instant::now();
        let id = server.ask("textDocument/inlineCompletion", params);
        if random.one_in(3) {
            server.cancel(&id);
        }
        let _ = server.answer(&id);
        slowest.push(asked.elapsed());
    }
    server.notify("textDocument/didSave", json!({ "textDocument": doc.id() }));
    server.notify("textDocument/didClose", json!({ "textDocument": doc.id() }));
}

fn p99(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() * 99 / 100]
}

#[test]
fn what_a_day_takes_is_given_back() {
    let place = Scratch::with(&[("src/known.rs", &regular_rust(40))]);
    let route = model();
    let options = json!({
        "completion": { "fallback": "local" },
        "routes": { "mock": { "timeouts": { "connect_ms": 300, "first_byte_ms": 300, "idle_ms": 300, "total_ms": 900 } } },
    });
    let mut server = Launch::new()
        .workspace(place.path())
        .route(&route, options)
        .start();
    let mut random = Random::new(11);
    let day = Duration::from_secs(seconds());
    let (begun, mut bursts) = (Instant::now(), 0_u64);
    let (mut early, mut late) = (Vec::new(), Vec::new());
    let mut marks: Vec<(Duration, Taken)> = Vec::new();
    // The first third is for warming up.
    while begun.elapsed() < day {
        let now = begun.elapsed();
        let times = match now < day * 2 / 3 {
            true => &mut early,
            false => &mut late,
        };
        burst(&mut server, &place, &mut random, times);
        bursts += 1;
        if now > day / 3 && marks.last().is_none_or(|(at, _)| now > *at + day / 24) {
            marks.push((now, taken(&server)));
        }
        server.taken("textDocument/publishDiagnostics");
        server.taken("agent/status");
        server.taken("$/progress");
    }
    let (from, to) = (marks[0], marks[marks.len() - 1]);
    let half = marks.len() / 2;
    let mean = |part: &[(Duration, Taken)]| {
        part.iter().map(|(_, taken)| taken.memory).sum::<u64>() / part.len() as u64
    };
    let (first, second) = (mean(&marks[..half.max(1)]), mean(&marks[half..]));
    println!(
        "{bursts} bursts, {} requests of the editor, {} of the route in {day:?}; memory {first} KB, then {second} KB; descriptors {} to {}, threads {} to {}; p99 {:?}, then {:?}",
        bursts * 12,
        route.count(),
        from.1.descriptors,
        to.1.descriptors,
        from.1.threads,
        to.1.threads,
        p99(&mut early),
        p99(&mut late)
    );
    // Eight hours at twenty times the speed are 24 minutes; a megabyte an hour of those hours is noise in a short day.
    let allowance = 8_192 + 1_024 * day.as_secs() * 20 / 3600;
    assert!(second < first + allowance, "memory grows: {marks:?}");
    assert!(
        to.1.descriptors <= from.1.descriptors + 4,
        "descriptors: {marks:?}"
    );
    let most = marks.iter().map(|(_, taken)| taken.threads).max().unwrap();
    let least = marks.iter().map(|(_, taken)| taken.threads).min().unwrap();
    assert!(most <= least + 24, "threads: {marks:?}");
    assert_eq!(server.request("agent/status", Value::Null)["busy"], false);
    server.kill();
}
