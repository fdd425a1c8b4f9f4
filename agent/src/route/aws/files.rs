//! The files that AWS tools share: `config` and `credentials`, read into profiles and sign-in sessions.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::error::Failure;
use super::super::program;
use super::super::surroundings::Surroundings;
use super::keys::Keys;

/// The keys of one section, in small letters.
pub type Section = BTreeMap<String, String>;

/// Both files.
#[derive(Debug, Default)]
pub struct Files {
    /// By name.
    pub profiles: BTreeMap<String, Profile>,
    /// `[sso-session …]`, by name.
    pub sessions: BTreeMap<String, Section>,
    /// Where the files are looked for, as errors name them.
    pub places: String,
}

/// One profile, as both files have it.
#[derive(Debug, Default)]
pub struct Profile {
    config: Section,
    credentials: Section,
}

impl Profile {
    /// The setting `name`. Of both files `credentials` is the one that counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self
            .credentials
            .get(name)
            .or_else(|| self.config.get(name))?;
        (!value.is_empty()).then_some(value)
    }

    /// The keys that stand in a file: both halves in the same one.
    pub fn keys(&self) -> Option<Keys> {
        [&self.credentials, &self.config]
            .into_iter()
            .find_map(|section| {
                let get = |name: &str| section.get(name).cloned();
                Keys::of(
                    get("aws_access_key_id"),
                    get("aws_secret_access_key"),
                    get("aws_session_token"),
                )
            })
    }

    /// A pair of which one half is missing.
    pub fn half(&self) -> Option<&'static str> {
        match (
            self.get("aws_access_key_id"),
            self.get("aws_secret_access_key"),
        ) {
            (Some(_), None) => Some("aws_secret_access_key"),
            (None, Some(_)) => Some("aws_access_key_id"),
            _ => None,
        }
    }
}

impl Files {
    /// Reads both; one that is not there is empty.
    pub fn read(around: &Surroundings) -> Result<Files, Failure> {
        let place = |variable: &str, usual: &str| -> Option<PathBuf> {
            match around.variable(variable) {
                Some(path) => Some(around.at_home(&path)),
                None => Some(around.home()?.join(".aws").join(usual)),
            }
        };
        let config = place("AWS_CONFIG_FILE", "config");
        let credentials = place("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let text = |path: &Option<PathBuf>| match path {
            Some(path) => Ok(around.file(path, "the AWS file")?.unwrap_or_default()),
            None => Ok(String::new()),
        };
        let mut files = Files::parse(&text(&config)?, &text(&credentials)?);
        files.places = [config, credentials]
            .iter()
            .flatten()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(" and ");
        Ok(files)
    }

    /// The text of `config`, and nothing in `credentials`.
    #[cfg(test)]
    pub fn of(config: &str) -> Files {
        Files::parse(config, "")
    }

    fn parse(config: &str, credentials: &str) -> Files {
        let mut files = Files::default();
        let mut marked_default = false;
        for (title, section) in sections(config) {
            match title.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["profile", name] => {
                    marked_default |= name == "default";
                    files.profile(name).config.extend(section);
                }
                // `[profile default]` is the one that counts where both stand.
                ["default"] if !marked_default => files.profile("default").config.extend(section),
                ["sso-session", name] => files
                    .sessions
                    .entry(name.to_owned())
                    .or_default()
                    .extend(section),
                _ => {}
            }
        }
        for (title, section) in sections(credentials) {
            if let [name] = &title[..] {
                files.profile(name).credentials.extend(section);
            }
        }
        files
    }

    fn profile(&mut self, name: &str) -> &mut Profile {
        self.profiles.entry(name.to_owned()).or_default()
    }
}

/// The sections of a file with the words of their titles. What is indented belongs to the key above it and is none of ours.
fn sections(text: &str) -> Vec<(Vec<String>, Section)> {
    let mut sections: Vec<(Vec<String>, Section)> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        if line.starts_with(['#', ';', ' ', '\t']) {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            let title = title.split(']').next().unwrap_or_default();
            let words = program::words(title).unwrap_or_default();
            sections.push((words, Section::new()));
        } else if let (Some((key, value)), Some((_, section))) =
            (line.split_once('='), sections.last_mut())
        {
            section.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_come_from_both_files() {
        let files = Files::parse(
            "\u{feff}[default]\nregion = eu-west-1\n# no\n[profile a b]\nx=1\n[profile \"c d\"]\nREGION=us-east-1\ns3 =\n  region = nested\n\
             [sso-session s]\nsso_region = eu-north-1\n[profile mixed]\naws_access_key_id = C\naws_secret_access_key = c\n[plain]\nregion = no\n",
            "[default]\naws_access_key_id = A\naws_secret_access_key = a=b\n[mixed]\naws_access_key_id = K\naws_secret_access_key = k\n[half]\naws_access_key_id = H\n[rest]\naws_secret_access_key = r\n",
        );
        let names: Vec<&str> = files.profiles.keys().map(String::as_str).collect();
        assert_eq!(names, ["c d", "default", "half", "mixed", "rest"]);
        assert_eq!(files.profiles["default"].get("region"), Some("eu-west-1"));
        assert_eq!(files.profiles["c d"].get("region"), Some("us-east-1"));
        assert_eq!(files.sessions["s"]["sso_region"], "eu-north-1");
        let keys = files.profiles["default"].keys().expect("keys");
        assert_eq!((keys.id.as_str(), keys.secret.reveal()), ("A", &b"a=b"[..]));
        assert_eq!(files.profiles["mixed"].keys().expect("keys").id, "K");
        assert!(files.profiles["half"].keys().is_none());
        assert_eq!(files.profiles["half"].half(), Some("aws_secret_access_key"));
        assert_eq!(files.profiles["rest"].half(), Some("aws_access_key_id"));
        assert_eq!(files.profiles["mixed"].half(), None);
    }
}
