//! What a credential may look at outside of the settings: variables, files below the home directory, programs, and the line to authorities.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::client::Http;
use super::error::{Failure, Kind};
use crate::settings::Route as Settings;

/// Bytes of a file that a credential reads at most.
const MAX_FILE: u64 = 1 << 20;

type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The outside, as one route sees it. Clones share everything.
#[derive(Clone)]
pub struct Surroundings {
    variables: Arc<Variables>,
    /// Every client of the process.
    pub http: Http,
    /// Proxy of the route; `None` = as the environment says.
    pub proxy: Option<String>,
    /// PEM file of further certificate authorities.
    pub ca_bundle: Option<String>,
}

impl Surroundings {
    /// Those of this process, with the network of a route's settings.
    pub fn new(http: &Http, settings: &Settings) -> Self {
        Surroundings {
            variables: Arc::new(|name| std::env::var(name).ok()),
            http: http.clone(),
            proxy: settings.proxy.clone(),
            ca_bundle: settings.ca_bundle.clone(),
        }
    }

    /// Variables from a list, and no others.
    #[cfg(test)]
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let variables: std::collections::BTreeMap<String, String> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Surroundings {
            variables: Arc::new(move |name| variables.get(name).cloned()),
            ..Surroundings::new(&Http::default(), &Settings::default())
        }
    }

    /// The variable `name` without the space around it; one that is empty is as good as none.
    pub fn variable(&self, name: &str) -> Option<String> {
        let value = (self.variables)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Whether the variable `name` says yes.
    pub fn says_yes(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| {
            matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes")
        })
    }

    /// The first of `names` that is set.
    pub fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.variable(name))
    }

    /// The person's directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.first(&["HOME", "USERPROFILE"])
            .map(PathBuf::from)
            .filter(|home| home.is_absolute())
    }

    /// `path` with a `~` at its front replaced.
    pub fn at_home(&self, path: &str) -> PathBuf {
        below_home(path, self.home())
    }

    /// The text of a file, if it is there. `what` names it in the sentence that says what is wrong with one that is there and cannot be read.
    pub fn file(&self, path: &Path, what: &str) -> Result<Option<String>, Failure> {
        let unreadable =
            |why: &str| Failure::new(Kind::Auth, format!("{what} ({}) {why}", path.display()));
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(_) => return Err(unreadable("cannot be read; check its permissions")),
            Ok(about) if about.len() > MAX_FILE || about.is_dir() => {
                return Err(unreadable("is no file of credentials; correct its path"));
            }
            Ok(_) => {}
        }
        std::fs::read_to_string(path)
            .map(Some)
            .map_err(|_| unreadable("cannot be read as text; check its permissions"))
    }

    /// The text of a file that must be there.
    pub fn needed_file(&self, path: &Path, what: &str) -> Result<String, Failure> {
        self.file(path, what)?.ok_or_else(|| {
            Failure::new(
                Kind::Auth,
                format!(
                    "{what} ({}) does not exist; correct its path",
                    path.display()
                ),
            )
        })
    }
}

/// `path` with a `~` at its front replaced by `home`.
pub fn below_home(path: &str, home: Option<PathBuf>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            home.join(rest.trim_start_matches(['/', '\\']))
        }
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_none_and_a_tilde_is_home() {
        let around =
            Surroundings::of(&[("A", " "), ("B", " x "), ("HOME", "/home/u"), ("Y", "TRUE")]);
        assert_eq!(around.variable("A"), None);
        assert_eq!(around.first(&["A", "B"]).as_deref(), Some("x"));
        assert!(around.says_yes("Y") && !around.says_yes("B"));
        assert_eq!(
            around.at_home("~/.aws/config"),
            Path::new("/home/u/.aws/config")
        );
        assert_eq!(around.at_home("~other/x"), Path::new("~other/x"));
    }

    #[test]
    fn a_file_of_credentials_is_text_of_at_most_a_megabyte() {
        let folder = std::env::temp_dir().join(format!("nextline-around-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let around = Surroundings::of(&[]);
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).expect("write");
            path
        };
        let most = MAX_FILE as usize;
        for (path, wanted) in [
            (file("text", b"a\n"), Ok(Some(2))),
            (file("most", &vec![b'a'; most]), Ok(Some(most))),
            (
                file("more", &vec![b'a'; most + 1]),
                Err("is no file of credentials; correct its path"),
            ),
            (
                folder.clone(),
                Err("is no file of credentials; correct its path"),
            ),
            (
                file("bytes", b"\xff"),
                Err("cannot be read as text; check its permissions"),
            ),
            (folder.join("none"), Ok(None)),
            #[cfg(unix)]
            (
                folder.join("text").join("below"),
                Err("cannot be read; check its permissions"),
            ),
        ] {
            let found = around.file(&path, "the file");
            let found = found
                .map(|text| text.map(|text| text.len()))
                .map_err(|failure| failure.what);
            let wanted = wanted.map_err(|why| format!("the file ({}) {why}", path.display()));
            assert_eq!(found, wanted);
        }
        let missing = around
            .needed_file(&folder.join("none"), "the file")
            .expect_err("none");
        assert!(
            missing
                .what
                .ends_with("none) does not exist; correct its path"),
            "{}",
            missing.what
        );
        assert_eq!(
            around.needed_file(&folder.join("text"), "x").as_deref(),
            Ok("a\n")
        );
        std::fs::remove_dir_all(&folder).expect("clean");
    }

    #[test]
    fn home_is_an_absolute_path_and_stands_for_a_tilde_alone() {
        for (variables, home) in [
            (&[("HOME", "/home/u")][..], Some("/home/u")),
            (&[("USERPROFILE", "/users/u")], Some("/users/u")),
            (
                &[("HOME", "/home/u"), ("USERPROFILE", "/users/u")],
                Some("/home/u"),
            ),
            (&[("HOME", "u")], None),
            (&[], None),
        ] {
            let around = Surroundings::of(variables);
            assert_eq!(around.home(), home.map(PathBuf::from));
            for (path, rest) in [("~", ""), ("~/a", "a"), ("~//a", "a"), ("~\\a", "a")] {
                let wanted = home.map_or_else(|| path.into(), |home| Path::new(home).join(rest));
                assert_eq!(around.at_home(path), wanted, "{path}");
            }
            for path in ["/a", "a", "a~", "~a"] {
                assert_eq!(around.at_home(path), Path::new(path));
            }
        }
        for (value, yes) in [
            ("1", true),
            ("true", true),
            ("Yes", true),
            ("0", false),
            ("on", false),
            ("", false),
        ] {
            assert_eq!(
                Surroundings::of(&[("X", value)]).says_yes("X"),
                yes,
                "{value}"
            );
        }
        assert!(!Surroundings::of(&[]).says_yes("X"));
    }
}
