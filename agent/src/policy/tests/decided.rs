//! What is looked at again, what is said, and what the sentences say.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::disk::{Disk, Sort, Stamp, View};
use super::super::list::{GIT, List};
use super::super::verdict::{Excluded, Rule};
use super::super::ways::ways;
use super::*;
use crate::settings::{self, Layer, Origin, Settings};

/// The disk, with a count of the files that are read, and something that happens at the look that is counted down to.
#[derive(Clone, Default)]
struct Watched {
    read: std::sync::Arc<AtomicUsize>,
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
        Disk.look(path)
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        Disk.link(path)
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        self.read.fetch_add(1, Ordering::Relaxed);
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
        let before = view.read.load(Ordering::Relaxed);
        for path in [&a, &b] {
            assert!(policy.verdict(&folders, path).is_allowed());
        }
        if view.read.load(Ordering::Relaxed) == before {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "never settled");
        std::thread::yield_now();
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_swapped_while_it_is_opened_is_not_read() {
    let tree = Tree::new("swapped");
    let (a, b) = (tree.write("ws/a.rs", "a"), tree.write("ws/b.rs", "b"));
    let view = Watched::default();
    let (policy, folders) = (Policy::over(Box::new(view.clone())), tree.folder());
    let (from, to) = (b.clone(), a.clone());
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
fn what_is_let_in_by_the_settings_is_all_that_is() {
    let tree = Tree::new("bounds");
    tree.write("ws/src/a.rs", "");
    tree.write(
        "ws/.git/config",
        "[remote \"origin\"]\n\turl = git@h.example:acme/app.git\n",
    );
    let folders = tree.folder();
    let list = |words: &[&str]| {
        Some(
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let filter = |include: &[&str], exclude: &[&str]| {
        let list = |words: &[&str]| {
            let words = words.iter().map(|word| settings::ContextFilter {
                repo_name_pattern: (*word).to_owned(),
            });
            words.collect()
        };
        vec![settings::ContextFilters {
            include: list(include),
            exclude: list(exclude),
        }]
    };
    let none = settings::Policy::default;
    let origin = Origin {
        line: 4,
        ..Origin::of(Layer::User)
    };
    for (policy, wanted) in [
        (none(), ""),
        (
            settings::Policy {
                allow_paths: list(&[&folders[0].display().to_string()]),
                ..none()
            },
            "",
        ),
        (
            settings::Policy {
                allow_paths: list(&["/no", "/other"]),
                ..none()
            },
            "allow_paths: it lies below none of `/no`, `/other`",
        ),
        (
            settings::Policy {
                allow_paths: list(&["1", "2", "3", "4", "5", "6"]),
                ..none()
            },
            "allow_paths: it lies below none of `1`, `2`, `3`, `4`, `5`, …",
        ),
        (
            settings::Policy {
                allow_paths: list(&["1", "2", "3", "4", "5"]),
                ..none()
            },
            "allow_paths: it lies below none of `1`, `2`, `3`, `4`, `5`",
        ),
        (
            settings::Policy {
                allow_paths: list(&[]),
                ..none()
            },
            "allow_paths: it lies below none of those let in, which are none at all",
        ),
        (
            settings::Policy {
                allow_repositories: list(&["H.example/ACME/*"]),
                ..none()
            },
            "",
        ),
        (
            settings::Policy {
                allow_repositories: list(&["x/*"]),
                ..none()
            },
            "allow_repositories: its repository `h.example/acme/app` is none of `x/*`",
        ),
        (
            settings::Policy {
                context_filters: filter(&[], &[]),
                ..none()
            },
            "",
        ),
        (
            settings::Policy {
                context_filters: filter(&["acme/"], &[]),
                ..none()
            },
            "",
        ),
        (
            settings::Policy {
                context_filters: filter(&["other", "acme/"], &["other"]),
                ..none()
            },
            "",
        ),
        (
            settings::Policy {
                context_filters: filter(&["other"], &[]),
                ..none()
            },
            "context_filters: its repository `h.example/acme/app` is not included",
        ),
        (
            settings::Policy {
                context_filters: filter(&["acme"], &["app$"]),
                ..none()
            },
            "context_filters: its repository `h.example/acme/app` is excluded by `app$`",
        ),
        (
            settings::Policy {
                context_filters: filter(&["a("], &[]),
                ..none()
            },
            "context_filters: its repository `h.example/acme/app` is not included",
        ),
    ] {
        let decided = Policy::over(Box::new(Disk));
        let mut settings = Settings {
            policy,
            ..Settings::default()
        };
        for key in ["allow_paths", "allow_repositories", "context_filters"] {
            settings.policy.said_by.insert(key.into(), origin.clone());
        }
        decided.configure(&settings);
        let verdict = decided.verdict(&folders, &folders[0].join("src/a.rs"));
        let found = verdict.excluded().map_or_else(String::new, |why| {
            assert_eq!(why.line, Some(4));
            format!("{}: {}", why.rule.name(), why.pattern)
        });
        assert_eq!(found, wanted);
    }
    // In no repository, or in one without a remote elsewhere.
    tree.write("bare/a.rs", "");
    tree.write("here/.git/config", "[remote \"origin\"]\n\turl = ../x\n");
    for (policy, key) in [
        (
            settings::Policy {
                allow_repositories: list(&["*"]),
                ..none()
            },
            "allow_repositories",
        ),
        (
            settings::Policy {
                context_filters: filter(&[], &["x"]),
                ..none()
            },
            "context_filters",
        ),
    ] {
        let decided = Policy::over(Box::new(Disk));
        decided.configure(&Settings {
            policy,
            ..Settings::default()
        });
        for folder in ["bare", "here"] {
            let folder = tree.0.join(folder);
            let why = decided.verdict(std::slice::from_ref(&folder), &folder.join("a.rs"));
            let why = why.excluded().unwrap();
            assert_eq!(why.rule.name(), key);
            assert!(
                why.pattern
                    .contains("in no repository whose remote has a name")
            );
            assert_eq!((why.file, why.line), (None, None));
        }
    }
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

#[test]
fn a_list_is_empty_where_it_says_nothing() {
    for (text, empty) in [("", true), ("# a\n", true), ("a\n", false), ("a[\n", false)] {
        assert_eq!(List::read(text.as_bytes(), GIT).is_empty(), empty, "{text}");
    }
}
