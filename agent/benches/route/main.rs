//! What the route layer adds to a raw request: the same body to the same server, in turns, over a connection that stands.
//!
//! `cargo bench -p nextline --bench route -- [ROUNDS]`. The server is a thread of this process that answers at once, with events. Raw is a
//! socket that writes the request and reads the answer to its end; ours is [`Route::stream`], from a cleared prompt to its last delta, with the
//! ledger. Told are both, their difference, the policy's door in front, connections opened and the growth of resident memory. Nothing is
//! asserted: times belong to machines.

#![allow(clippy::print_stdout, reason = "its output is the report")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot measure stops")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use nextline::policy::Cleared;
use nextline::prompt::{Body, Hole, Message, Prompt, Role};
use nextline::route::{Delta, Http, Route, Surface};
use nextline::settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Requests before anything is measured.
const WARM: usize = 100;
/// Between two requests, as between keystrokes: a processor that rests is a part of what is measured.
const PAUSE: Duration = Duration::from_millis(2);
/// What is said.
const SAID: &str = "data: {\"choices\":[{\"index\":0,\"text\":\"42;\",\"finish_reason\":null}]}\n\ndata: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
/// The same of a chat.
const TOLD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"42;\"},\"finish_reason\":null}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

fn main() {
    // Cargo adds `--bench`.
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let rounds = args.next().map_or(1000, |rounds| rounds.parse().unwrap());
    let folder = std::env::temp_dir().join(format!("nextline-route-{}", std::process::id()));
    nextline::ledger::open(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!(
        "load    {}",
        std::fs::read_to_string("/proc/loadavg")
            .unwrap_or_default()
            .trim()
    );
    runtime.block_on(async {
        let text = |bytes: usize| "let value = compute(a, b);\n".repeat(bytes / 27);
        measure("completion, 6 KB", hole(text(4096), text(2048)), rounds).await;
        measure(
            "completion, 24 KB",
            hole(text(16 << 10), text(8 << 10)),
            rounds,
        )
        .await;
        measure("chat, 6 KB", chat(text(6 << 10)), rounds).await;
    });
    let _ = std::fs::remove_dir_all(folder);
}

fn hole(prefix: String, suffix: String) -> (Prompt, Surface) {
    let hole = Hole {
        prefix,
        suffix,
        ..Hole::default()
    };
    let prompt = Prompt {
        body: Body::Hole(hole),
        max_tokens: Some(64),
        ..Prompt::default()
    };
    (prompt, Surface::Completion)
}

fn chat(text: String) -> (Prompt, Surface) {
    let message = Message {
        role: Role::User,
        text,
    };
    let prompt = Prompt {
        body: Body::Chat(vec![message]),
        ..Prompt::default()
    };
    (prompt, Surface::Chat)
}

async fn measure(what: &str, (prompt, surface): (Prompt, Surface), rounds: usize) {
    let opened = Arc::new(AtomicUsize::new(0));
    let address = serve(opened.clone());
    let settings = settings::Route {
        provider: "openai-compatible".into(),
        model: "m".into(),
        base_url: Some(format!("http://{address}/v1")),
        ..settings::Route::default()
    };
    let http = Http::default();
    tokio::spawn(http.keep());
    let route = Route::new("bench", &settings, &http).unwrap();
    let preview = route.preview(&prompt, surface).await.unwrap();
    let (_, target) = preview.url.split_once(&address).unwrap();
    let request = format!(
        "POST {target} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{}",
        preview.body.len(),
        preview.body,
    );
    let mut raw = tokio::net::TcpStream::connect(&address).await.unwrap();
    raw.set_nodelay(true).unwrap();
    let said = answer(surface == Surface::Chat).len();
    let (mut theirs, mut ours, mut door) = (Vec::new(), Vec::new(), Vec::new());
    let mut resident = 0;
    for round in 0..rounds + WARM {
        if round == WARM {
            resident = memory();
        }
        tokio::time::sleep(PAUSE).await;
        let begun = Instant::now();
        raw.write_all(request.as_bytes()).await.unwrap();
        raw.read_exact(&mut vec![0; said]).await.unwrap();
        let took = begun.elapsed();
        tokio::time::sleep(PAUSE).await;
        let prompt = prompt.clone();
        let begun = Instant::now();
        let cleared = Cleared::of_no_file(prompt).unwrap();
        let passed = begun.elapsed();
        let begun = Instant::now();
        let mut stream = route.stream(cleared, surface);
        let mut whole = String::new();
        while let Some(delta) = stream.next().await {
            if let Delta::Text(text) = delta.unwrap() {
                whole.push_str(&text);
            }
        }
        assert_eq!(whole, "42;");
        if round >= WARM {
            theirs.push(took);
            ours.push(begun.elapsed());
            door.push(passed);
        }
    }
    let grown = memory() as i64 - resident as i64;
    let (p50, p95) = (at(&mut theirs, 0.5), at(&mut theirs, 0.95));
    println!("{what:18} raw  p50 {p50:.3} p95 {p95:.3} ms");
    let (mine, mine95) = (at(&mut ours, 0.5), at(&mut ours, 0.95));
    println!(
        "{:18} ours p50 {mine:.3} p95 {mine95:.3} ms  +{:.3}  x{:.2}  before it the policy's door {:.3}  {} connection(s), {grown:+} KB after {rounds}",
        "",
        mine - p50,
        mine / p50,
        at(&mut door, 0.5),
        // The raw one is not counted.
        opened.load(Ordering::Relaxed) - 1,
    );
}

/// Milliseconds below which `part` of the samples lie.
fn at(samples: &mut [Duration], part: f64) -> f64 {
    samples.sort();
    samples[(part * samples.len() as f64) as usize].as_secs_f64() * 1e3
}

/// Resident memory in KB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_default()
}

/// Starts the server; counts its connections.
fn serve(opened: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            opened.fetch_add(1, Ordering::Relaxed);
            std::thread::spawn(move || talk(stream));
        }
    });
    address
}

fn answer(chat: bool) -> String {
    let said = if chat { TOLD } else { SAID };
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n{said}",
        said.len()
    )
}

fn talk(stream: TcpStream) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    loop {
        let (mut length, mut chat, mut first) = (0, false, true);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            chat |= first && line.contains("/chat/");
            first = false;
            let line = line.trim().to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            if line.is_empty() {
                break;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        writer.write_all(answer(chat).as_bytes()).ok()?;
    }
}
