//! What is looked at again, what is said, and what the sentences say.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::disk::{Disk, Sort, Stamp, View};
use super::super::list::{GIT, List};
use super::super::verdict::{Excluded, Rule};
use super::super::ways::ways;
use super::*;

/// The disk, with a count of the decisions that are made, and something that happens at the look that is counted down to.
#[derive(Clone, Default)]
struct Watched {
    /// How often one name of a list was looked for, which only a new decision does.
    made: std::sync::Arc<AtomicUsize>,
    at: std::sync::Arc<Mutex<Option<Awaited>>>,
}

/// A path, the number of the look at it, and what happens then.
type Awaited = (PathBuf, usize, Box<dyn FnOnce() + Send>);

impl View for Watched {
    fn look(&self, path: &Path) -> Option<Stamp> {
        let mut at = self.at.lock().unwrap();
        if let Some((_, left, _)) = at.as_mut().filter(|(place, ..)| place == path) {
            *left -= 1;
            if *left == 0
                && let Some((.., happens)) = at.take()
            {
                happens();
            }
        }
        if path.ends_with(".aiexclude") {
            self.made.fetch_add(1, Ordering::Relaxed);
        }
        Disk.look(path)
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        Disk.link(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        Disk.read(path)
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        Disk.real(path)
    }
}

/// A link that leads to the next one, so many times.
struct Links(usize);

impl View for Links {
    fn look(&self, path: &Path) -> Option<Stamp> {
        let number: usize = path.file_name()?.to_str()?.parse().ok()?;
        let mut stamp = Disk.look(&std::env::temp_dir())?;
        stamp.sort = if number < self.0 {
            Sort::Link
        } else {
            Sort::File
        };
        Some(stamp)
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        let number: usize = path.file_name()?.to_str()?.parse().ok()?;
        Some(PathBuf::from((number + 1).to_string()))
    }

    fn read(&self, _: &Path) -> Result<Vec<u8>, String> {
        Err("no".into())
    }

    fn real(&self, _: &Path) -> Option<PathBuf> {
        None
    }
}

#[cfg(unix)]
#[test]
fn forty_links_are_followed_and_no_more() {
    for (links, names) in [(0, Some(1)), (1, Some(2)), (40, Some(41)), (41, None)] {
        let found = ways(&Links(links), Path::new("/x/0"));
        assert_eq!(found.map(|names| names.len()), names, "{links}");
    }
    let found = ways(&Links(1), Path::new("/x/./y/../0/z")).unwrap();
    assert_eq!(found, [PathBuf::from("/x/0/z"), PathBuf::from("/x/1/z")]);
    assert_eq!(ways(&Links(0), Path::new("x/0")), None);
}

#[cfg(unix)]
#[test]
fn what_was_decided_stands_until_something_changes() {
    let tree = Tree::new("stands");
    let (a, b) = (tree.write("ws/a.rs", ""), tree.write("ws/b.rs", ""));
    tree.write("ws/.gitignore", "c.rs\n");
    tree.write(".gitignore", "*.rs\n");
    let view = Watched::default();
    let (policy, folders) = (Policy::over(Box::new(view.clone())), tree.folder());
    // Stamps are trusted once they are older than a tick: until then each decision is made anew.
    let since = std::time::Instant::now();
    loop {
        for path in [&a, &b] {
            // A list above the workspace says nothing in it.
            assert_eq!(told(&policy.verdict(&folders, path)), "workspace");
        }
        let before = view.made.load(Ordering::Relaxed);
        for path in [&a, &b] {
            assert!(policy.verdict(&folders, path).is_allowed());
        }
        if view.made.load(Ordering::Relaxed) == before {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "never settled");
        std::thread::yield_now();
    }
    // A list that is a link is looked at again: what it leads to may change without it.
    let other = vec![tree.0.join("other")];
    let path = tree.write("other/a.rs", "");
    let rules = tree.write("rules", "b.rs\n");
    let link = other[0].join(".gitignore");
    std::os::unix::fs::symlink(&rules, &link).unwrap();
    for _ in 0..2 {
        assert_eq!(told(&policy.verdict(&other, &path)), "workspace");
    }
    until_settled(&policy, &other, &link);
    std::fs::write(&rules, "a.rs\n").unwrap();
    assert_eq!(told(&policy.verdict(&other, &path)), ".gitignore:1:a.rs");
}

#[cfg(unix)]
#[test]
fn a_request_sees_a_file_once_and_the_next_one_sees_what_changed() {
    let tree = Tree::new("seen");
    let (path, folders) = (tree.write("ws/a.rs", ""), tree.folder());
    let view = Watched::default();
    let policy = Policy::over(Box::new(view.clone()));
    let file = path.to_str().unwrap();
    let allowed = |since| policy.verdict_of_since(&folders, file, since).is_allowed();
    let looks = |since| {
        let looked = std::sync::Arc::new(AtomicUsize::new(0));
        let told = looked.clone();
        let look = move || told.store(1, Ordering::Relaxed);
        *view.at.lock().unwrap() = Some((folders[0].clone(), 1, Box::new(look)));
        assert!(allowed(since));
        looked.load(Ordering::Relaxed) == 1
    };
    until_settled(&policy, &folders, &path);
    let begun = std::time::Instant::now();
    let until = |done: &dyn Fn() -> bool| {
        while !done() {
            assert!(begun.elapsed() < Duration::from_secs(60), "never");
        }
    };
    // As soon as a machine gets it done in the time that it holds for.
    until(&|| {
        let since = std::time::Instant::now();
        allowed(since) && !looks(since)
    });
    // And for no longer.
    let since = std::time::Instant::now();
    until(&|| looks(since) && !looks(since));
    until(&|| looks(since));
    tree.write("ws/.gitignore", "a.rs\n");
    assert!(!allowed(std::time::Instant::now()), "another request");
}

/// Until what was there before this call is older than a tick.
#[cfg(unix)]
fn until_settled(policy: &Policy, folders: &[PathBuf], path: &Path) {
    let since = std::time::Instant::now();
    while Disk
        .look(path)
        .is_some_and(|stamp| !stamp.is_settled(SystemTime::now()))
    {
        assert!(since.elapsed() < Duration::from_secs(60), "never settled");
        std::thread::yield_now();
    }
    let _ = policy.verdict(folders, &folders[0].join("a.rs"));
}

#[cfg(unix)]
#[test]
fn a_file_that_is_swapped_while_it_is_opened_is_not_read() {
    let tree = Tree::new("swapped");
    let (a, b) = (tree.write("ws/a.rs", "a"), tree.write("ws/b.rs", "b"));
    let view = Watched::default();
    let (policy, folders) = (Policy::over(Box::new(view.clone())), tree.folder());
    assert!(policy.open(&folders, &b).unwrap().is_ok());
    // Each judgement looks at the file once, and the second one comes after it was opened.
    let (from, to) = (b, a.clone());
    let swap = move || std::fs::rename(from, to).unwrap();
    *view.at.lock().unwrap() = Some((a.clone(), 2, Box::new(swap)));
    assert_eq!(policy.open(&folders, &a).unwrap_err().rule, Rule::Path);
    assert!(policy.open(&folders, &a).unwrap().is_ok());
}

#[test]
fn what_is_excluded_is_said_in_one_sentence() {
    let excluded = |rule| Excluded {
        rule,
        file: Some("/ws/.gitignore".into()),
        line: Some(3),
        pattern: "*.rs".into(),
        what: "/ws/a.rs".into(),
        fault: None,
    };
    let list = || excluded(Rule::List(".gitignore"));
    for (why, wanted) in [
        (
            list(),
            "/ws/a.rs is excluded by `*.rs` (/ws/.gitignore, line 3)",
        ),
        (
            Excluded {
                line: None,
                ..list()
            },
            "/ws/a.rs is excluded by `*.rs` (/ws/.gitignore)",
        ),
        (
            Excluded {
                file: None,
                ..excluded(Rule::List("policy.exclude"))
            },
            "/ws/a.rs is excluded by `*.rs` (the setting `policy.exclude`)",
        ),
        (
            Excluded {
                line: None,
                pattern: String::new(),
                ..excluded(Rule::List(".aiexclude"))
            },
            "/ws/a.rs is excluded: /ws/.gitignore is empty, which excludes all of its folder",
        ),
        (
            Excluded {
                fault: Some("no".into()),
                ..list()
            },
            "/ws/.gitignore, line 3 (`*.rs`): the rule cannot be read: no; until it is mended everything below /ws/a.rs is excluded",
        ),
        (
            Excluded {
                fault: Some("no".into()),
                pattern: String::new(),
                line: None,
                ..list()
            },
            "/ws/.gitignore: the rule cannot be read: no; until it is mended everything below /ws/a.rs is excluded",
        ),
        (
            excluded(Rule::Secret),
            "/ws/a.rs is excluded: files like `*.rs` hold secrets (built in)",
        ),
        (
            excluded(Rule::Bound("allow_paths")),
            "/ws/a.rs is excluded: *.rs (`policy.allow_paths`, /ws/.gitignore, line 3)",
        ),
        (
            Excluded {
                file: None,
                ..excluded(Rule::Bound("allow_paths"))
            },
            "/ws/a.rs is excluded: *.rs (`policy.allow_paths`)",
        ),
        (
            excluded(Rule::Outside),
            "/ws/a.rs is excluded: it lies outside every workspace folder; open its folder",
        ),
        (
            excluded(Rule::Path),
            "/ws/a.rs is excluded: it is no path that can be judged",
        ),
    ] {
        assert_eq!(why.to_string(), wanted);
    }
    let names = [
        Rule::List("x"),
        Rule::Secret,
        Rule::Bound("y"),
        Rule::Outside,
        Rule::Path,
    ];
    assert_eq!(
        names.map(Rule::name),
        ["x", "secret", "y", "outside", "path"]
    );
}

#[test]
fn what_is_no_file_of_this_machine_is_judged_by_what_it_shows() {
    let tree = Tree::new("schemes");
    tree.write("ws/.gitignore", "x.rs\n");
    let (policy, folders) = (policy(), tree.folder());
    let ws = folders[0].display();
    for (uri, wanted) in [
        (format!("{ws}/a.rs"), "workspace"),
        (format!("{ws}/x.rs"), ".gitignore:1:x.rs"),
        (format!("file://{ws}/x.rs"), ".gitignore:1:x.rs"),
        (format!("git:{ws}/x.rs"), ".gitignore:1:x.rs"),
        ("file:///%FF".into(), "path::"),
        ("FILE:x".into(), "path::"),
        ("git:/%FF".into(), "path::"),
        ("git:x%FF".into(), "unsaved"),
        ("git:x/y".into(), "unsaved"),
        ("untitled:x".into(), "unsaved"),
        ("x".into(), "unsaved"),
        ("../outside.rs".into(), "unsaved"),
    ] {
        assert_eq!(told(&policy.verdict_of(&folders, &uri)), wanted, "{uri}");
    }
    // Names that only Windows reads as others.
    #[cfg(unix)]
    for name in ["a:b.rs", "a.", "b ", "c:"] {
        let verdict = policy.verdict(&folders, &folders[0].join(name));
        assert_eq!(told(&verdict), "workspace", "{name}");
    }
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn only_a_rule_that_cannot_be_followed_is_logged_and_only_once() {
    let tree = Tree::new("logged");
    let path = tree.write("ws/a.rs", "");
    let (policy, folders) = (policy(), tree.folder());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        tree.write("ws/.gitignore", "a.rs\n");
        assert!(!policy.verdict(&folders, &path).is_allowed());
        tree.write("ws/.gitignore", "a[\n");
        for _ in 0..3 {
            assert!(!policy.verdict(&folders, &path).is_allowed());
        }
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("a.rs is excluded").count(), 0, "{text}");
    assert_eq!(text.matches("the rule cannot be read").count(), 1, "{text}");
}

#[test]
fn a_list_is_empty_where_it_says_nothing() {
    for (text, empty) in [("", true), ("# a\n", true), ("a\n", false), ("a[\n", false)] {
        assert_eq!(List::read(text.as_bytes(), GIT).is_empty(), empty, "{text}");
    }
}
