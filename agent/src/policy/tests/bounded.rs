//! What the settings let in: paths and repositories, and what is said of the others.

use super::super::disk::Disk;
use super::*;
use crate::settings::{self, Layer, Origin, Settings};

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
