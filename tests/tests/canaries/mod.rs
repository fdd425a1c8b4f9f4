//! Generated workspaces full of canaries, and how every byte that was sent is searched for them.

#![allow(dead_code, reason = "each suite uses a part of it")]

use nextline_tests::Scratch;
use nextline_tests::http::Seen;
use nextline_tests::random::Random;

/// Ignore files in gitignore syntax, by their places in a folder.
const RULES: &[&str] = &[
    ".gitignore",
    ".ignore",
    ".nextlineignore",
    ".aiexclude",
    ".aiignore",
    ".cursorignore",
    ".cursorindexingignore",
    ".codeiumignore",
    ".codyignore",
    ".cody/ignore",
    ".continueignore",
    ".geminiignore",
    ".copilotignore",
    ".git/info/exclude",
];
/// Names of secret files.
const SECRET: &[&str] = &[
    ".env",
    ".env.local",
    "server.pem",
    "id_rsa",
    "credentials.json",
    "prod.tfvars",
    "Backup.KDBX",
];

/// Workspaces that are generated: a few hundred, or as many as the variable says.
pub fn workspaces() -> u64 {
    let said = std::env::var("NEXTLINE_WORKSPACES").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(200)
}

/// A workspace, the documents in it that must stay, and the words in them.
pub struct Generated {
    /// Its folder.
    pub scratch: Scratch,
    /// Paths and texts of what must stay.
    pub kept: Vec<(String, String)>,
    /// The words in them.
    pub words: Vec<String>,
}

/// A source file with a word in it.
pub fn source(word: &str) -> String {
    format!(
        "pub fn {word}(gauge: u32) -> u32 {{\n    let {word}_inner = gauge + 1;\n    {word}_inner\n}}\n"
    )
}

/// The workspace of a seed.
pub fn generate(seed: u64) -> Generated {
    let mut random = Random::new(seed);
    let scratch = Scratch::new();
    let mut generated = Generated {
        kept: Vec::new(),
        words: Vec::new(),
        scratch,
    };
    let mut hide = |generated: &mut Generated, path: &str| {
        let word = format!(
            "canary_{seed}_{}_{:08x}",
            generated.words.len(),
            random.bits() as u32
        );
        generated.scratch.write(path, source(&word));
        generated.kept.push((path.to_owned(), source(&word)));
        generated.words.push(word);
    };
    let mut place = Random::new(seed ^ 77);
    for (number, rules) in RULES.iter().enumerate() {
        if !place.one_in(3) {
            continue;
        }
        let folder = *place.pick(&["", "src/", "src/deep/"]);
        // A repository's own list stands at its root.
        let folder = if rules.starts_with(".git/") {
            ""
        } else {
            folder
        };
        let name = format!("hidden{number}");
        let (line, path) = match place.below(4) {
            0 => (format!("{name}.rs"), format!("{folder}{name}.rs")),
            1 => (format!("{name}/"), format!("{folder}{name}/inner/a.rs")),
            2 => (format!("/{name}*"), format!("{folder}{name}x.rs")),
            _ => (format!("**/{name}/**"), format!("{folder}x/{name}/y.rs")),
        };
        generated
            .scratch
            .write(&format!("ws/{folder}{rules}"), format!("# rules\n{line}\n"));
        hide(&mut generated, &format!("ws/{path}"));
    }
    if place.one_in(3) {
        generated.scratch.write("ws/shut/.aiexclude", "");
        hide(&mut generated, "ws/shut/a/b.rs");
    }
    let secret = *place.pick(SECRET);
    hide(&mut generated, &format!("ws/src/{secret}"));
    hide(&mut generated, "outside/other.rs");
    #[cfg(unix)]
    {
        let link = generated.scratch.path().join("ws/src/link.rs");
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("../../outside/other.rs", &link).unwrap();
        let text = generated.kept.last().unwrap().1.clone();
        generated.kept.push(("ws/src/link.rs".into(), text));
    }
    generated
        .scratch
        .write("ws/src/plain.rs", source("positive_control"));
    generated
}

/// All that reached the route, heads and bodies.
pub fn bytes(requests: &[Seen]) -> Vec<u8> {
    let head = |seen: &Seen| format!("{} {:?}\n", seen.target, seen.headers).into_bytes();
    requests
        .iter()
        .flat_map(|seen| [head(seen), seen.body.clone()].concat())
        .collect()
}
