//! The readers.

use super::Target;
use nextline_protocol::document::Position;

use crate::document::place::path_of;
use crate::policy::list::{GIT, List};
use crate::policy::{pattern_of_repository, secrets};
use crate::settings::{ConfigFile, Layers};
use crate::text::{Byte, ENCODINGS, Text};
use crate::wire::{Frame, FrameReader, Incoming};

pub const TARGETS: &[Target] = &[
    Target {
        name: "wire",
        seeds: &[
            b"Content-Length: 43\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}",
            b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}Content-Length: 4\r\n\r\nnull",
            b"\r\n\r\nContent-Length:0\n\n",
        ],
        saved: &[],
        read: wire,
    },
    Target {
        name: "envelope",
        seeds: &[
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a/b\",\"params\":{\"x\":[1,\"\\u00e9\",null]}}",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":null}",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":-1.5}}",
        ],
        saved: &[],
        read: |input| drop(Incoming::read(input)),
    },
    Target {
        name: "positions",
        seeds: &[
            "let é = \"\u{1f600}\";\r\nfn a() {}\r\r\n\u{2028}x".as_bytes(),
            b"a\nb\nc",
            b"",
        ],
        saved: &[],
        read: positions,
    },
    Target {
        name: "settings",
        seeds: &[
            b"locked = [\"routes\"]\n[completion]\nroute = \"a\"\nlanguages = { rust = false }\n[routes.a]\nprovider = \"openai\"\nmodel = \"m\"\n[routes.a.headers]\nX-A = \"b\"\n",
            b"[policy]\nallow_models = [\"a*\"]\noffline = true\n[[policy.context_filters]]\ninclude = [{ repoNamePattern = \"^a\" }]\n",
            b"{\"completion\":{\"throttle_ms\":4.0},\"routes\":{\"a\":{\"provider\":\"ollama\",\"extra_body\":{\"x\":[1]}}}}",
        ],
        saved: &[],
        read: settings,
    },
    Target {
        name: "ignore rules",
        seeds: &[
            b"# c\n*.rs\n!a.rs\n/b/**/c[a-z!]\\ \nd/\n",
            b"**/node_modules/**\n[[:alpha:]]*\n\\#x\n{a,b}\n",
        ],
        saved: &[],
        read: rules,
    },
    Target {
        name: "secrets",
        seeds: &[
            b"password = \"Tr0ub4dor&3\"\ntoken: sk-ant-api03-abcdefghijklmnop1234\nhttps://a:b1c2@h/",
            b"-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq9\n-----END RSA PRIVATE KEY-----\n12345678:AAbcdefghijklmnopqrstuvwxyz_01234-",
            b"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        ],
        saved: &[],
        read: in_text,
    },
    Target {
        name: "places and names",
        seeds: &[b"file:///a/b%20c.rs", b"file:///c%3A/x", b"untitled:a", b"^github\\.com/(a|b)+$"],
        saved: &[],
        read: |input| {
            let text = String::from_utf8_lossy(input);
            let _ = path_of(&text);
            let _ = pattern_of_repository(&text);
        },
    },
    Target {
        name: "answers",
        seeds: &[
            b"data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: [DONE]\n\n",
            b"event: content_block_delta\r\ndata: {\"type\":\"content_block_delta\"}\r\n\r\n: ping\n",
            b"{\"response\":\"a\",\"done\":false}\n{\"done\":true}\n",
            b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2H\xeb\x7d\x98\xc8\xff",
        ],
        saved: &[],
        read: crate::route::fuzzed::answers,
    },
    Target {
        name: "recordings",
        seeds: &[
            b"{\"nextline\":1,\"version\":\"0\",\"process\":1,\"policy\":null,\"user\":null,\"environment\":[],\"flags\":[]}\n{\"ms\":1,\"event\":\"client\",\"body\":\"{}\"}\n",
        ],
        saved: &[],
        read: crate::tape::fuzzed,
    },
];

fn wire(input: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let mut frames = FrameReader::new(input);
    runtime.unwrap().block_on(async {
        while let Ok(Some(frame)) = frames.next().await {
            if let Frame::Body(body) = frame {
                let _ = Incoming::read(&body);
            }
        }
    });
}

fn positions(input: &[u8]) {
    let whole = String::from_utf8_lossy(input);
    let mut text = Text::from(&*whole);
    for (number, byte) in input.iter().take(24).enumerate() {
        let (encoding, _) = ENCODINGS[number % 3];
        let position = Position {
            line: u32::from(*byte) % 7,
            character: u32::from(*byte).wrapping_mul(if *byte > 200 { u32::MAX } else { 1 }),
        };
        let near = text.byte_near(position, encoding);
        let place = text.position(near, encoding);
        assert_eq!(text.byte_at(place, encoding).ok(), Some(near));
        let end = text.floor(Byte((near.0 + usize::from(*byte)).min(text.len())));
        text.replace(
            near..end.max(near),
            if byte % 2 == 0 { "é\r" } else { "\n" },
        );
    }
}

fn settings(input: &[u8]) {
    let text = String::from_utf8_lossy(input).into_owned();
    let file = |name: &str| ConfigFile {
        path: std::path::Path::new(name).into(),
        text: Ok(text.clone()),
    };
    let layers = Layers {
        policy: Some(file("p")),
        user: Some(file("u")),
        start: serde_json::from_slice(input).ok(),
        projects: vec![file("j")],
        environment: vec![("NEXTLINE_COMPLETION__ROUTE".into(), text.clone())],
        ..Layers::default()
    };
    let once = layers.load();
    assert_eq!(once.settings, layers.load().settings);
}

fn rules(input: &[u8]) {
    let list = List::read(input, GIT);
    for path in ["a.rs", "b/x/y/c q", "d", "node_modules/a/b", "\u{e9}"] {
        let _ = list.decides(path.as_bytes(), false);
        let _ = list.excludes(path);
    }
    // Its own lines are paths, too.
    for line in input.split(|byte| *byte == b'\n') {
        let _ = list.decides(line, true);
    }
}

fn in_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut last = 0;
    for range in secrets::find(&text) {
        assert!(range.start >= last && text.get(range.clone()).is_some());
        last = range.end;
    }
}
