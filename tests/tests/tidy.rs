//! The invariants that can be read off the source: who may name what, where, and how large things may grow.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use nextline_tests::binary::root;

#[path = "tidy/reader.rs"]
mod reader;
use reader::{code_of, is_test, names, offences, sources, within};

#[test]
fn the_reader_of_code_reads_code() {
    let text = "//! reqwest\nuse a; // reqwest\nlet s = \"reqwest \\\" // \";\nlet c = '\"'; moka();\nlet r = r#\"reqwest \"x\" \"#;\n\n#[cfg(test)]\nmod tests {\n reqwest\n}\n";
    let code: String = code_of(text)
        .into_iter()
        .map(|(_, line)| line + "\n")
        .collect();
    assert!(!code.contains("reqwest"), "{code}");
    assert!(names(&code, "moka"), "{code}");
    assert_eq!(code_of(text)[3].0, 4);
    assert!(names("use tree_sitter_rust;", "tree_sitter_"));
    assert!(!names("my_reqwest::x", "reqwest") && !names("reqwests", "reqwest"));
    assert!(
        within("agent/src/route/sse.rs", &["agent/src/route/"])
            && within("agent/src/route.rs", &["agent/src/route/"])
    );
    assert!(!within("agent/src/router.rs", &["agent/src/route/"]));
}

/// Who may name what. Each row: the words, and the only places for them.
const FRONTIERS: &[(&[&str], &[&str])] = &[
    (
        &["tower_lsp"],
        &["agent/src/door.rs", "agent/src/desk/lsp.rs"],
    ),
    (
        &["jsonrpsee"],
        &["agent/src/desk/agent.rs", "agent/src/serve/"],
    ),
    (&["reqwest"], &["agent/src/route/"]),
    (&["rmcp", "sse_stream"], &["agent/src/mcp/"]),
    (&["moka"], &["agent/src/complete/cache.rs"]),
    (&["tree_sitter", "tree_sitter_"], &["grammars/src/"]),
    (
        &["spawn_blocking"],
        &[
            "agent/src/door.rs",
            "agent/src/door/",
            "agent/src/wire.rs",
            "agent/src/wire/",
            "agent/src/index/",
            "agent/src/complete/cache.rs",
        ],
    ),
];

#[test]
fn everything_stays_in_its_room() {
    let sources = sources(&["agent/src", "protocol/src", "grammars/src"]);
    let found: Vec<_> = FRONTIERS
        .iter()
        .flat_map(|(words, allowed)| offences(&sources, words, allowed))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn tasks_are_spawned_in_few_places() {
    let allowed = [
        "agent/src/door.rs",
        "agent/src/door/",
        "agent/src/wire.rs",
        "agent/src/wire/",
        "agent/src/index/",
        "agent/src/complete/cache.rs",
    ];
    let mut found = Vec::new();
    for source in sources(&["agent/src"])
        .iter()
        .filter(|source| !within(&source.path, &allowed))
    {
        for (number, line) in &source.code {
            if ["tokio::spawn(", "task::spawn(", ".spawn_on(", "JoinSet"]
                .iter()
                .any(|call| line.contains(call))
            {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(
        found.is_empty(),
        "tasks belong to {allowed:?}:\n{}",
        found.join("\n")
    );
}

#[test]
fn utf_16_is_counted_in_one_place() {
    let mut found = Vec::new();
    let sources = sources(&["agent/src", "grammars/src", "protocol/src"]);
    for source in sources
        .iter()
        .filter(|source| !within(&source.path, &["agent/src/text/"]))
    {
        for (number, line) in &source.code {
            if line.to_lowercase().contains("utf16") || line.contains("utf_16") {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(
        found.is_empty(),
        "UTF-16 belongs to text.rs:\n{}",
        found.join("\n")
    );
}

#[test]
fn nobody_but_the_wire_writes_to_stdout() {
    let mut found = Vec::new();
    for source in sources(&["agent/src", "grammars/src", "protocol/src"]) {
        for (number, line) in &source.code {
            let printed = ["println", "print"]
                .iter()
                .any(|word| names(line, word) && line.contains(&format!("{word}!")));
            let opened = line.contains("io::stdout()")
                && !within(
                    &source.path,
                    &["agent/src/cli/", "agent/src/wire/", "agent/src/main.rs"],
                );
            if printed || opened {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_lock_around_documents() {
    let rooms = [
        "agent/src/world.rs",
        "agent/src/world/",
        "agent/src/document.rs",
        "agent/src/document/",
        "agent/src/text.rs",
        "agent/src/text/",
    ];
    let mut found = Vec::new();
    for source in sources(&["agent/src"])
        .iter()
        .filter(|source| within(&source.path, &rooms))
    {
        for (number, line) in &source.code {
            if ["Mutex", "RwLock", "RefCell", "UnsafeCell"]
                .iter()
                .any(|lock| names(line, lock))
            {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_door_changes_the_world() {
    let mut found = Vec::new();
    for source in sources(&["agent/src"]).iter().filter(|source| {
        !within(
            &source.path,
            &[
                "agent/src/door.rs",
                "agent/src/door/",
                "agent/src/world.rs",
                "agent/src/world/",
            ],
        )
    }) {
        for (number, line) in &source.code {
            if line.contains("&mut World") {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn context_and_prompt_are_pure() {
    let impure = [
        "async",
        "await",
        "tokio",
        "Instant",
        "SystemTime",
        "rand",
        "env",
        "TcpStream",
        "Command",
    ];
    let mut found = Vec::new();
    for source in sources(&["agent/src"])
        .iter()
        .filter(|source| within(&source.path, &["agent/src/context/", "agent/src/prompt/"]))
    {
        for (number, line) in &source.code {
            if line.contains("std::fs")
                || impure
                    .iter()
                    .any(|word| names(line, word) && !line.contains("env!("))
            {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    /// Lines of a file; about 400 is the rule, tables and tests aside.
    const MOST: usize = 450;
    let mut found = Vec::new();
    for source in sources(&[
        "agent/src",
        "protocol/src",
        "grammars/src",
        "tests/src",
        "tests/tests",
    ]) {
        if !source.text.starts_with("//!") {
            found.push(format!(
                "{}: its first line should say what it is for",
                source.path
            ));
        }
        let lines = source.code.len();
        let table = is_test(&source.path) || source.text.contains("// A table:");
        if lines > MOST && !table {
            found.push(format!("{}: {lines} lines", source.path));
        }
        let name = source.path.rsplit('/').next().unwrap();
        if [
            "utils.rs",
            "util.rs",
            "helpers.rs",
            "helper.rs",
            "manager.rs",
            "common.rs",
            "misc.rs",
        ]
        .contains(&name)
        {
            found.push(format!("{}: a name that says nothing", source.path));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn main_is_small() {
    let main = std::fs::read_to_string(root().join("agent/src/main.rs")).unwrap();
    assert!(
        main.lines().count() < 80,
        "main.rs has {} lines",
        main.lines().count()
    );
}

#[test]
fn no_unsafe_and_no_leftovers() {
    let mut found = Vec::new();
    for source in sources(&["agent/src", "protocol/src", "grammars/src"]) {
        for (number, line) in &source.code {
            let words = ["unsafe", "todo", "unimplemented", "dbg"];
            for word in words.iter().filter(|word| {
                names(line, word) && (**word == "unsafe" || line.contains(&format!("{word}!")))
            }) {
                found.push(format!("{}:{number}: {word}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for member in ["protocol", "grammars", "agent", "tests"] {
        let manifest = std::fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{member}/Cargo.toml does not take the workspace's lints"
        );
    }
}

#[test]
fn crates_depend_in_one_direction() {
    let allowed = [
        ("protocol", &[][..]),
        ("grammars", &[]),
        ("agent", &["nextline-protocol", "nextline-grammars"]),
        ("tests", &["nextline-protocol"]),
    ];
    for (member, may) in allowed {
        let manifest = std::fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        let depends: Vec<_> = manifest
            .lines()
            .filter(|line| line.starts_with("nextline"))
            .collect();
        for line in depends {
            let name = line.split(['.', ' ', '=']).next().unwrap();
            assert!(may.contains(&name), "{member} depends on {name}");
        }
        assert!(
            !manifest.contains("git = "),
            "{member}: a dependency from a repository"
        );
    }
}

#[test]
fn what_is_linked_comes_from_one_registry_and_is_not_endless() {
    /// Crates with all features, this workspace's own among them.
    const MOST: usize = 500;
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let sources = lock.lines().filter(|line| line.starts_with("source = "));
    let odd: Vec<_> = sources
        .filter(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    let crates = lock.lines().filter(|line| *line == "[[package]]").count();
    assert!(crates <= MOST, "{crates} crates in Cargo.lock");
}

#[test]
fn the_top_level_is_what_the_house_says() {
    let expected = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "agent",
        "editors",
        "grammars",
        "protocol",
        "tests",
    ];
    let found: BTreeSet<String> = std::fs::read_dir(root())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        // Hidden files are free, and builds leave `target`.
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn the_code_map_names_every_room() {
    let map = std::fs::read_to_string(root().join("agent/src/lib.rs")).unwrap();
    let map: String = map.lines().filter(|line| line.starts_with("//!")).collect();
    for entry in std::fs::read_dir(root().join("agent/src"))
        .unwrap()
        .flatten()
    {
        let name = entry
            .path()
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if name != "lib" {
            assert!(
                names(&map, &name),
                "agent/src/lib.rs: the code map does not name `{name}`"
            );
        }
    }
}

#[test]
fn the_invariants_stand_in_the_readme() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let marks = [
        "`&mut World`",
        "never awaits, parses or panics",
        "exactly the text at its place on the wire",
        "Exactly one reply per request",
        "drops the HTTP stream",
        "pure: no async, IO, clock or randomness",
        "`moka` at `complete/cache.rs`",
        "stdout belongs to the wire",
        "never raises a dialog",
        "Nothing leaves the machine except through `route/`",
    ];
    for (number, mark) in marks.iter().enumerate() {
        assert!(
            readme.contains(mark),
            "README.md: invariant {} (“{mark}”) is missing",
            number + 1
        );
    }
}
