//! The lists that let in: which paths and repositories may be used at all. A company's policy and the user's own settings say so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};

use super::verdict::{Excluded, Rule};
use crate::settings::{self, Origin};

/// Bytes that a compiled expression may take.
const EXPRESSION: usize = 1 << 20;

/// What may be used, read from the settings.
#[derive(Debug, Default)]
pub struct Bounds {
    paths: Option<Vec<String>>,
    repositories: Option<Vec<String>>,
    filters: Vec<Filters>,
    said_by: BTreeMap<String, Origin>,
}

/// One layer's filters in Cody's form.
#[derive(Debug)]
struct Filters {
    include: Vec<Regex>,
    exclude: Vec<Regex>,
}

impl Bounds {
    /// Reads the settings; asks the disk where the paths that they name lead.
    pub fn of(policy: &settings::Policy) -> Bounds {
        let paths = policy.allow_paths.as_ref().map(|paths| {
            let homes = paths.iter().map(|path| at_home(path));
            homes.flat_map(|path| both_names(&path)).collect()
        });
        // What no expression can be is told where settings are read; here it matches nothing, or everything.
        let read = |list: &[settings::ContextFilter], otherwise: &str| {
            let read = |text: &str| pattern_of_repository(text).ok();
            let found = list
                .iter()
                .filter_map(|one| read(&one.repo_name_pattern).or_else(|| read(otherwise)));
            found.collect()
        };
        let filters = policy.context_filters.iter().map(|one| Filters {
            include: read(&one.include, "^\\b$"),
            exclude: read(&one.exclude, ""),
        });
        Bounds {
            paths,
            repositories: policy.allow_repositories.clone(),
            filters: filters.collect(),
            said_by: policy.said_by.clone(),
        }
    }

    /// Whether it matters which repository a file is in.
    pub fn asks_for_repository(&self) -> bool {
        self.repositories.is_some() || !self.filters.is_empty()
    }

    /// Whether a document without a place on disk may be used.
    ///
    /// # Errors
    ///
    /// The setting that asks for a place.
    pub fn unsaved(&self, name: &Path) -> Result<(), Box<Excluded>> {
        let told = |key| Err(self.told(key, name, "it has no place on disk yet; save it".into()));
        match (&self.paths, &self.repositories) {
            (Some(_), _) => told("allow_paths"),
            (_, Some(_)) => told("allow_repositories"),
            _ if self.asks_for_repository() => told("context_filters"),
            _ => Ok(()),
        }
    }

    /// Whether files of this path may be used.
    ///
    /// # Errors
    ///
    /// The setting that says which ones may.
    pub fn path(&self, path: &Path) -> Result<(), Box<Excluded>> {
        let Some(allowed) = &self.paths else {
            return Ok(());
        };
        let text = text_of(path);
        if allowed.iter().any(|pattern| covers(pattern, &text)) {
            return Ok(());
        }
        let why = format!("it lies below {}", none_of(allowed));
        Err(self.told("allow_paths", path, why))
    }

    /// Whether files of a repository with remotes of these names may be used; every remote must be let in.
    ///
    /// # Errors
    ///
    /// The setting that keeps it out.
    pub fn repository(&self, folder: &Path, names: &[String]) -> Result<(), Box<Excluded>> {
        let first = match &self.repositories {
            Some(_) => "allow_repositories",
            None => "context_filters",
        };
        if names.is_empty() {
            let why =
                "it is in no repository whose remote has a name, and only named ones are let in";
            return Err(self.told(first, folder, why.into()));
        }
        for name in names {
            if let Some(allowed) = &self.repositories
                && !allowed
                    .iter()
                    .any(|pattern| covers(&pattern.to_lowercase(), &name.to_lowercase()))
            {
                let why = format!("its repository `{name}` is {}", none_of(allowed));
                return Err(self.told("allow_repositories", folder, why));
            }
            for one in &self.filters {
                if let Some(found) = one.exclude.iter().find(|found| found.is_match(name)) {
                    let why = format!(
                        "its repository `{name}` is excluded by `{}`",
                        found.as_str()
                    );
                    return Err(self.told("context_filters", folder, why));
                }
                if !one.include.is_empty() && !one.include.iter().any(|found| found.is_match(name))
                {
                    let why = format!("its repository `{name}` is not included");
                    return Err(self.told("context_filters", folder, why));
                }
            }
        }
        Ok(())
    }

    fn told(&self, key: &'static str, what: &Path, why: String) -> Box<Excluded> {
        let origin = self.said_by.get(key);
        let line = origin.map(|origin| origin.line).filter(|line| *line > 0);
        Box::new(Excluded {
            rule: Rule::Bound(key),
            file: origin.and_then(Origin::path),
            line,
            pattern: why,
            what: what.to_owned(),
            fault: None,
        })
    }
}

/// `none of` some patterns.
pub fn none_of(allowed: &[String]) -> String {
    const SHOWN: usize = 5;
    if allowed.is_empty() {
        return "none of those let in, which are none at all".into();
    }
    let shown: Vec<String> = allowed
        .iter()
        .take(SHOWN)
        .map(|one| format!("`{one}`"))
        .collect();
    let more = if allowed.len() > SHOWN { ", …" } else { "" };
    format!("none of {}{more}", shown.join(", "))
}

/// Whether `pattern`, in which `*` stands for any letters, describes `text` or a folder that it is in.
///
/// Of two patterns it says that the first describes all that the second does; it may say no where that is so, never yes where it is not.
pub fn covers(pattern: &str, text: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    fits(pattern, text) || fits(&format!("{pattern}/*"), text)
}

/// Takes time of one text's length times the other's, whatever stands in them.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// An expression that is looked for in names of repositories.
///
/// # Errors
///
/// Why it is none, in one line.
pub fn pattern_of_repository(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(EXPRESSION)
        .build();
    built.map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        last.trim_start_matches("error: ").to_owned()
    })
}

fn at_home(path: &str) -> String {
    use etcetera::BaseStrategy;
    let rest = path
        .strip_prefix('~')
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (rest, etcetera::choose_base_strategy()) {
        (Some(rest), Ok(base)) => format!("{}{rest}", text_of(base.home_dir())),
        _ => path.to_owned(),
    }
}

/// A path as it was written, and without the links in it.
fn both_names(path: &str) -> Vec<String> {
    let real = PathBuf::from(path).canonicalize().ok();
    let real = real.map(|real| text_of(&real)).filter(|real| real != path);
    [path.to_owned()].into_iter().chain(real).collect()
}

/// With slashes on every system.
fn text_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    match cfg!(windows) {
        true => text.trim_start_matches(r"\\?\").replace('\\', "/"),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_describes_and_what_lies_below() {
        for (pattern, text, covered) in [
            ("claude-*", "claude-sonnet-4", true),
            ("claude-*", "my-claude-sonnet", false),
            ("*", "anything", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a", "a/b", true),
            ("/work/", "/work/x/y.rs", true),
            ("/work", "/workshop/x", false),
            ("/home/*/work", "/home/me/work/a.rs", true),
            ("https://*.acme.example", "https://x.acme.example", true),
            (
                "https://*.acme.example",
                "https://x.acme.example.evil",
                false,
            ),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1c", false),
            ("a*a", "a", false),
            ("x*aa*a", "xaa", false),
            ("x*aa*a", "xaaa", true),
            ("x*ab*b", "xabb", true),
            ("x*ab*b", "xab", false),
            // Of patterns.
            ("claude-*", "claude-sonnet-*", true),
            ("claude-sonnet-*", "claude-*", false),
            ("", "x", false),
        ] {
            assert_eq!(covers(pattern, text), covered, "{pattern} {text}");
        }
    }

    #[test]
    fn an_expression_is_looked_for_anywhere_and_a_wrong_one_is_named() {
        assert!(
            pattern_of_repository("acme/")
                .unwrap()
                .is_match("github.com/Acme/x")
        );
        let why = pattern_of_repository("a(").unwrap_err();
        assert!(why.contains("unclosed group"), "{why}");
    }

    #[test]
    fn what_has_no_place_is_let_in_only_where_no_place_is_asked_for() {
        let list = || Some(vec!["x".to_owned()]);
        let filters = settings::ContextFilters::default();
        let none = settings::Policy::default();
        let paths = settings::Policy {
            allow_paths: list(),
            ..none.clone()
        };
        let repositories = settings::Policy {
            allow_repositories: list(),
            ..none.clone()
        };
        let filtered = settings::Policy {
            context_filters: vec![filters],
            ..none.clone()
        };
        for (policy, key, asks) in [
            (none, None, false),
            (paths, Some("allow_paths"), false),
            (repositories, Some("allow_repositories"), true),
            (filtered, Some("context_filters"), true),
        ] {
            let bounds = Bounds::of(&policy);
            let told = bounds.unsaved(Path::new("untitled:1")).err();
            assert_eq!(told.map(|why| why.rule), key.map(Rule::Bound));
            assert_eq!(bounds.asks_for_repository(), asks);
        }
    }

    #[test]
    fn the_line_that_forbids_is_named_where_there_is_one() {
        for (line, named) in [(0, None), (7, Some(7))] {
            let mut policy = settings::Policy {
                allow_paths: Some(Vec::new()),
                ..settings::Policy::default()
            };
            let origin = Origin {
                line,
                ..Origin::of(settings::Layer::User)
            };
            policy.said_by.insert("allow_paths".into(), origin);
            let why = Bounds::of(&policy).path(Path::new("/a")).unwrap_err();
            assert_eq!(why.line, named);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_let_in_is_known_by_both_its_names() {
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let folder = folder.join(format!("nextline-names-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("real")).unwrap();
        std::os::unix::fs::symlink("real", folder.join("link")).unwrap();
        let name = |part: &str| text_of(&folder.join(part));
        let (link, real) = (both_names(&name("link")), both_names(&name("real")));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(link, [name("link"), name("real")]);
        assert_eq!(real, [name("real")]);
        assert_eq!(both_names("/no/such/*"), ["/no/such/*"]);
    }

    #[test]
    fn a_tilde_is_the_persons_folder_where_it_stands_alone() {
        for path in ["~", "~/x", "~/x/*"] {
            let found = at_home(path);
            assert!(
                found.ends_with(&path[1..]) && !found.starts_with('~'),
                "{found}"
            );
            assert!(Path::new(&found).is_absolute(), "{found}");
        }
        for path in ["~me/x", "/x/~", "x~"] {
            assert_eq!(at_home(path), path);
        }
    }
}
