//! Any text and any cursor: a suggestion is one line, and the same question has the same answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nextline::local::{Limits, Local, LocalAsk};
use ropey::Rope;

fuzz_target!(|input: (String, u16, String)| {
    let (text, at, other) = input;
    let local = Local::new(Limits { max_workspace_bytes: 1 << 20, max_file_bytes: 1 << 20 });
    local.learn("file:///b.rs", &other);
    local.settle();
    let rope = Rope::from_str(&text);
    local.open("file:///a.rs", &rope);
    let ask = LocalAsk {
        key: "file:///a.rs",
        text: &rope,
        at: usize::from(at),
        confidence: 0.1,
        deadline: None,
    };
    let first = local.suggest(&ask);
    if let Ok(suggestion) = &first {
        assert!(!suggestion.text.contains(['\n', '\r']));
    }
    assert_eq!(first, local.suggest(&ask));
});
