//! Whole decisions on a real disk.

mod bounded;
mod decided;
mod matching;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::disk::Disk;
use super::kinds::KINDS;
use super::*;

struct Tree(PathBuf);

impl Tree {
    fn new(name: &str) -> Tree {
        let root = std::env::temp_dir().join(format!("nextline-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        Tree(root.canonicalize().unwrap())
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn folder(&self) -> Vec<PathBuf> {
        vec![self.0.join("ws")]
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn policy() -> Policy {
    Policy::over(Box::new(Disk))
}

/// What decides: `rule:line:pattern`, or why it is allowed.
fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allowed { rule } => (*rule).to_owned(),
        Verdict::Excluded(why) => {
            let line = why.line.map(|line| line.to_string()).unwrap_or_default();
            format!("{}:{line}:{}", why.rule.name(), why.pattern)
        }
    }
}

#[test]
fn every_kind_of_ignore_file_excludes() {
    let tree = Tree::new("kinds");
    for kind in KINDS {
        let stem = kind.name.trim_start_matches('.').replace('/', "-");
        tree.write(
            &format!("ws/{}", kind.name),
            format!("# rules\n{stem}.rs\n{stem}-out/\n"),
        );
    }
    tree.write("ws/.git/info/exclude", "own.rs\n");
    tree.write("ws/shut/.aiexclude", "");
    tree.write("ws/sub/.gitignore", "!gitignore.rs\n!ignore.rs\n/deep.rs\n");
    tree.write("ws/mod/.git", "gitdir: ../.git/worktrees/mod\n");
    tree.write("ws/.git/worktrees/mod/commondir", "../..\n");
    let (policy, folders) = (policy(), tree.folder());
    let check = |path: &str| told(&policy.verdict(&folders, &folders[0].join(path)));
    for kind in KINDS {
        let stem = kind.name.trim_start_matches('.').replace('/', "-");
        assert_eq!(
            check(&format!("{stem}.rs")),
            format!("{}:2:{stem}.rs", kind.name)
        );
        let inside = check(&format!("a/{stem}-out/b/c.rs"));
        assert_eq!(inside, format!("{}:3:{stem}-out/", kind.name));
    }
    for (path, wanted) in [
        ("own.rs", ".git/info/exclude:1:own.rs"),
        ("mod/own.rs", ".git/info/exclude:1:own.rs"),
        ("shut/a/b.rs", ".aiexclude::"),
        ("src/a.rs", "workspace"),
        // A deeper file of the same kind lets in again, one of another kind does not.
        ("sub/gitignore.rs", "workspace"),
        ("sub/ignore.rs", ".ignore:2:ignore.rs"),
        ("sub/deep.rs", ".gitignore:3:/deep.rs"),
        ("sub/x/deep.rs", "workspace"),
        (".env.local", "secret::.env*"),
        ("a/ID_RSA", "secret::id_rsa*"),
        (".ssh/config", "secret::.ssh/"),
        ("a/.git/config", "secret::**/.git/config"),
        ("src/secrets.rs", "workspace"),
        ("../other/a.rs", "outside::"),
    ] {
        assert_eq!(check(path), wanted, "{path}");
    }
    assert_eq!(
        told(&policy.verdict(&folders, Path::new("relative"))),
        "path::"
    );
    for (uri, wanted) in [
        ("untitled:Untitled-1", "unsaved"),
        ("file:///%FF", "path::"),
        (
            &*format!("git:{}/.env?x", folders[0].display()),
            "secret::*.env",
        ),
        (
            &*format!("vscode-notebook-cell:{}/own.rs#1", folders[0].display()),
            ".git/info/exclude:1:own.rs",
        ),
    ] {
        assert_eq!(told(&policy.verdict_of(&folders, uri)), wanted, "{uri}");
    }
    // A file by itself: its repository's rules hold, and no folder is asked for.
    let alone = |path: &str| told(&policy.verdict(&[], &folders[0].join(path)));
    assert_eq!(alone("src/a.rs"), "single file");
    assert_eq!(alone("own.rs"), ".git/info/exclude:1:own.rs");
}

#[cfg(unix)]
#[test]
fn every_name_of_a_link_must_be_allowed() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let tree = Tree::new("links");
    tree.write("ws/a.rs", "");
    tree.write("ws/.gitignore", "hidden*\n");
    tree.write("ws/hidden.rs", "");
    tree.write("outside/b.rs", "");
    tree.write("wsx/b.rs", "");
    let ws = tree.0.join("ws");
    for (from, to) in [
        ("ws/to-a", "a.rs"),
        ("ws/to-hidden", "hidden.rs"),
        ("ws/to-out", "../outside/b.rs"),
        ("ws/out", "../outside"),
        ("ws/chain", "hidden-link"),
        ("ws/hidden-link", "a.rs"),
        ("ws/loop", "loop"),
        ("ws/dangling", "../outside/none.rs"),
        ("ws/back", "../ws"),
        ("home", "ws"),
    ] {
        symlink(to, tree.0.join(from)).unwrap();
    }
    let policy = policy();
    let check = |folder: &Path, path: &str| {
        let path = folder.join(path);
        told(&policy.verdict(&[folder.to_owned()], &path))
    };
    for (path, wanted) in [
        ("a.rs", "workspace"),
        ("to-a", "workspace"),
        ("to-hidden", ".gitignore:1:hidden*"),
        ("chain", ".gitignore:1:hidden*"),
        ("to-out", "outside::"),
        ("out/b.rs", "outside::"),
        ("out/new.rs", "outside::"),
        ("dangling", "outside::"),
        ("loop", "path::"),
        ("back/a.rs", "workspace"),
        ("back/hidden.rs", ".gitignore:1:hidden*"),
        ("x/../a.rs", "workspace"),
        ("x/../../outside/b.rs", "outside::"),
        ("../wsx/b.rs", "outside::"),
        ("out/../a.rs", "outside::"),
    ] {
        assert_eq!(check(&ws, path), wanted, "{path}");
    }
    // A workspace that is opened by a link, and files by either name.
    let home = tree.0.join("home");
    assert_eq!(check(&home, "a.rs"), "workspace");
    assert_eq!(check(&home, "hidden.rs"), ".gitignore:1:hidden*");
    let real = policy.verdict(std::slice::from_ref(&home), &ws.join("a.rs"));
    assert_eq!(told(&real), "workspace");
    let odd = ws.join(std::ffi::OsStr::from_bytes(b"hidden\xff\xfe"));
    assert_eq!(told(&policy.verdict(&[ws], &odd)), ".gitignore:1:hidden*");
}

#[test]
fn a_change_of_rules_holds_at_once() {
    let tree = Tree::new("change");
    let path = tree.write("ws/src/a.rs", "");
    let rules = tree.0.join("ws/.cursorignore");
    let (policy, folders) = (policy(), tree.folder());
    let check = || told(&policy.verdict(&folders, &path));
    for _ in 0..50 {
        assert_eq!(check(), "workspace");
        std::fs::write(&rules, "a.rs").unwrap();
        assert_eq!(check(), ".cursorignore:1:a.rs");
        // As long as before, and within the same tick of the clock.
        std::fs::write(&rules, "b.rs").unwrap();
        assert_eq!(check(), "workspace");
        std::fs::remove_file(&rules).unwrap();
    }
    // The same once everything is old enough that stamps are trusted.
    let long_ago = SystemTime::now() - Duration::from_secs(100);
    let age = |path: &Path| {
        let file = std::fs::File::open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    };
    std::fs::write(&rules, "a.rs").unwrap();
    age(&rules);
    assert_eq!(check(), ".cursorignore:1:a.rs");
    std::fs::write(&rules, "b.rs").unwrap();
    age(&rules);
    assert_eq!(check(), "workspace");
}

#[test]
fn what_cannot_be_followed_excludes() {
    let tree = Tree::new("faults");
    let path = tree.write("ws/src/a.rs", "");
    let (policy, folders) = (policy(), tree.folder());
    let rules = tree.write("ws/.gitignore", "ok\na[b\n");
    let why = policy.verdict(&folders, &path).excluded().unwrap();
    assert_eq!((why.line, why.file.as_deref()), (Some(2), Some(&*rules)));
    assert!(
        why.to_string()
            .contains(", line 2 (`a[b`): the rule cannot be read"),
        "{why}"
    );
    std::fs::remove_file(&rules).unwrap();
    std::fs::create_dir(&rules).unwrap();
    assert!(
        policy
            .verdict(&folders, &path)
            .excluded()
            .unwrap()
            .fault
            .is_some()
    );
    std::fs::remove_dir(&rules).unwrap();
    std::fs::write(&rules, b"a\0b").unwrap();
    assert!(
        policy
            .verdict(&folders, &path)
            .excluded()
            .unwrap()
            .fault
            .is_some()
    );
    #[cfg(unix)]
    {
        std::fs::remove_file(&rules).unwrap();
        std::os::unix::fs::symlink("nowhere", &rules).unwrap();
        assert!(
            policy
                .verdict(&folders, &path)
                .excluded()
                .unwrap()
                .fault
                .is_some()
        );
    }
}

#[test]
fn a_file_that_is_swapped_is_not_read() {
    let tree = Tree::new("swap");
    let path = tree.write("ws/a.rs", "mine");
    let (policy, folders) = (policy(), tree.folder());
    assert!(policy.open(&folders, &path).unwrap().is_ok());
    assert!(policy.open(&folders, &tree.0.join("ws")).unwrap().is_err());
    #[cfg(unix)]
    {
        let secret = tree.write("outside/s.rs", "secret");
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&secret, &path).unwrap();
        assert_eq!(
            policy.open(&folders, &path).unwrap_err().rule,
            Rule::Outside
        );
    }
}

/// Words of which lines and paths are made, so that they meet often.
const WORDS: &[&str] = &["a", "b", "ab", "a.o", "x y", "é", "A", "[a]", "b.rs"];

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => proptest::sample::select(&["*", "**", "a*", "*.o", "?", "[ab]", "[!a]", "[[:alpha:]]*", "a**b", "\\a", "*b*"][..])
            .prop_map(str::to_owned),
    ];
    let parts = prop::collection::vec(word, 1..4).prop_map(|words| words.join("/"));
    (
        prop_oneof![4 => Just(""), 1 => Just("!"), 1 => Just("/"), 1 => Just("!/")],
        parts,
        prop_oneof![4 => Just(""), 2 => Just("/"), 1 => Just("/**"), 1 => Just("  ")],
    )
        .prop_map(|(start, middle, end)| format!("{start}{middle}{end}"))
}

/// Whatever a repository's lists say, what git ignores is excluded and nothing else.
#[test]
fn git_says_the_same() {
    let git = |folder: &Path, arguments: &[&str]| {
        let command = Command::new("git")
            .args(arguments)
            .current_dir(folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output();
        command.ok()
    };
    let tree = Tree::new("reference");
    let ws = tree.0.join("ws");
    std::fs::create_dir_all(&ws).unwrap();
    if git(&ws, &["init", "-q"]).is_none_or(|output| !output.status.success()) {
        eprintln!("git is not there: nothing is compared");
        return;
    }
    let mut paths = Vec::new();
    for first in WORDS {
        paths.push((*first).to_owned() + ".f");
        for second in WORDS {
            paths.push(format!("{first}/{second}.d/{second}.x"));
            paths.push(format!("{first}/{second}.d/a/b/{second}.o"));
            paths.push(format!("{first}/a/{second}.f"));
        }
    }
    for path in &paths {
        tree.write(&format!("ws/{path}"), "");
    }
    let lists = prop::collection::vec(prop::collection::vec(line(), 0..5), 3);
    let mut runner = TestRunner::new(Config {
        cases: std::env::var("NEXTLINE_GIT_CASES")
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(40),
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&lists, |lists| {
        for (place, lines) in ["ws/.gitignore", "ws/a/.gitignore", "ws/a/b.d/.gitignore"]
            .iter()
            .zip(&lists)
        {
            tree.write(place, lines.join("\n"));
        }
        let all = paths.join("\n");
        std::fs::write(tree.0.join("asked"), &all).unwrap();
        let output = Command::new("sh")
            .args([
                "-c",
                "git -c core.quotePath=false check-ignore --no-index --stdin < ../asked",
            ])
            .current_dir(&ws)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .unwrap();
        let ignored = String::from_utf8(output.stdout).unwrap();
        let ignored: Vec<&str> = ignored.lines().collect();
        let (policy, folders) = (policy(), tree.folder());
        for path in &paths {
            let ours = !policy.verdict(&folders, &ws.join(path)).is_allowed();
            let theirs = ignored.contains(&&**path);
            prop_assert_eq!(ours, theirs, "{} with {:?}", path, lists);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Not a bar, a look: `cargo test --lib policy::tests::cost -- --ignored --nocapture`.
#[test]
#[ignore = "measures, asserts nothing"]
fn cost() {
    let tree = Tree::new("cost");
    let path = tree.write("ws/a/b/c/d/e.rs", "");
    tree.write(
        "ws/.gitignore",
        "target/\nnode_modules/\n*.log\n/dist\nbuild/**/out\n".repeat(20),
    );
    std::fs::create_dir_all(tree.0.join("ws/.git/info")).unwrap();
    let (policy, folders) = (policy(), tree.folder());
    let time = |what: &str| {
        let begun = std::time::Instant::now();
        (0..1000).for_each(|_| drop(policy.verdict(&folders, &path)));
        eprintln!("{what}: {:?}", begun.elapsed() / 1000);
    };
    time("fresh");
    std::thread::sleep(Duration::from_millis(2300));
    time("settled");
}

#[test]
fn a_rule_for_folders_lets_a_file_of_that_name_pass() {
    let tree = Tree::new("named");
    tree.write("ws/.gitignore", "named/\n");
    tree.write("ws/named", "");
    tree.write("ws/sub/named/a.rs", "");
    let (policy, folders) = (policy(), tree.folder());
    let check = |path: &str| told(&policy.verdict(&folders, &folders[0].join(path)));
    assert_eq!(check("named"), "workspace");
    assert_eq!(check("sub/named/a.rs"), ".gitignore:1:named/");
}

#[test]
fn new_settings_hold_at_once_and_for_their_own_client() {
    let tree = Tree::new("settings");
    let (path, folders) = (tree.write("ws/a.rs", ""), tree.folder());
    let policy = std::sync::Arc::new(policy());
    assert!(policy.verdict(&folders, &path).is_allowed());
    let mut settings = crate::settings::Settings::default();
    settings.policy.exclude = vec!["*.rs".into()];
    policy.configure(&settings);
    assert!(!policy.verdict(&folders, &path).is_allowed());
    let of_client = policy.clone();
    let same = std::thread::spawn(move || {
        of_client.is_of_this_thread();
        std::sync::Arc::ptr_eq(&Policy::of_process(), &of_client)
    });
    assert!(same.join().unwrap());
    assert!(!std::sync::Arc::ptr_eq(&Policy::of_process(), &policy));
}

#[test]
fn masked_secrets_are_counted() {
    let text = "a = \"ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6\"\n";
    for (text, count) in [(text, 1), ("a = 1\n", 0)] {
        let prompt = crate::prompt::Prompt {
            body: crate::prompt::Body::Text(text.into()),
            ..crate::prompt::Prompt::default()
        };
        assert_eq!(Cleared::of_no_file(prompt).unwrap().secrets(), count);
    }
}
