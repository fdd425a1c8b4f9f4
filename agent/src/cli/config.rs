//! `nextline config`: what is in force, where it comes from, what is wrong with it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::settings::{
    ConfigFile, Layers, Loaded, Origin, Severity, dotted, schema, shown, user_path,
};

/// The words after `nextline config`.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
pub enum ConfigCommand {
    /// Print the settings in force, secrets masked
    Show {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what is wrong with the configuration, one line each; exit code 1 on errors
    Check {
        /// The file to look at instead of everything in force
        file: Option<PathBuf>,
    },
    /// Print the path of the user's file
    Path,
    /// Print the JSON Schema of the configuration
    Schema,
}

/// Runs one command and returns its exit code: 0, or 1 when something is wrong with the configuration.
///
/// # Errors
///
/// Only what `out` says.
pub fn run(command: &ConfigCommand, layers: &Layers, out: &mut dyn Write) -> io::Result<u8> {
    match command {
        ConfigCommand::Show {
            origin,
            json: false,
        } => show(&layers.load(), *origin, out),
        ConfigCommand::Show { origin, json: true } => show_json(&layers.load(), *origin, out),
        ConfigCommand::Check { file: None } => check(layers, out),
        ConfigCommand::Check { file: Some(file) } => check(&alone(file), out),
        ConfigCommand::Path => path(layers, out),
        ConfigCommand::Schema => {
            writeln!(out, "{:#}", schema())?;
            Ok(0)
        }
    }
}

fn show(loaded: &Loaded, origin: bool, out: &mut dyn Write) -> io::Result<u8> {
    for one in shown(loaded) {
        write!(out, "{} = {}", one.key, toml(&one.value))?;
        if origin {
            write!(out, "  # {}", from(&one.origin))?;
            if let Some(lock) = &one.locked {
                write!(out, ", locked by {lock}")?;
            }
        }
        writeln!(out)?;
    }
    Ok(0)
}

fn show_json(loaded: &Loaded, origin: bool, out: &mut dyn Write) -> io::Result<u8> {
    let mut keys = Map::new();
    for one in shown(loaded) {
        let value = if origin {
            let Origin { layer, line, .. } = one.origin;
            let locked = one
                .locked
                .map(|lock| json!({"file": lock.file.as_deref(), "line": lock.line}));
            json!({"value": one.value, "layer": layer.name(), "file": one.origin.file.as_deref(), "line": line, "locked": locked})
        } else {
            one.value
        };
        keys.insert(one.key, value);
    }
    writeln!(out, "{:#}", Value::Object(keys))?;
    Ok(0)
}

fn check(layers: &Layers, out: &mut dyn Write) -> io::Result<u8> {
    let notices = layers.load().notices;
    for notice in &notices {
        writeln!(out, "{notice}")?;
    }
    if notices.is_empty() {
        writeln!(out, "no problems found")?;
    }
    Ok(u8::from(
        notices
            .iter()
            .any(|notice| notice.severity == Severity::Error),
    ))
}

// A file is judged by its name as what it would be in its place.
fn alone(file: &Path) -> Layers {
    let read = ConfigFile::demand(file);
    if file
        .parent()
        .is_some_and(|folder| folder.ends_with(".nextline"))
        && read.text.is_ok()
    {
        Layers {
            projects: vec![read],
            ..Layers::default()
        }
    } else if file.ends_with("nextline/policy.toml") {
        Layers {
            policy: Some(read),
            ..Layers::default()
        }
    } else {
        Layers {
            user: Some(read),
            ..Layers::default()
        }
    }
}

fn path(layers: &Layers, out: &mut dyn Write) -> io::Result<u8> {
    match layers
        .user
        .as_ref()
        .map(|file| file.path.to_path_buf())
        .or_else(user_path)
    {
        Some(path) => {
            writeln!(out, "{}", path.display())?;
            Ok(0)
        }
        None => {
            writeln!(
                out,
                "no home directory; set HOME, or name a file with --config"
            )?;
            Ok(1)
        }
    }
}

fn from(origin: &Origin) -> String {
    match origin.file {
        Some(_) => format!("{}: {origin}", origin.layer.name()),
        None => origin.to_string(),
    }
}

// JSON's words are TOML's but for tables; nothing that is shown is absent.
fn toml(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".into(),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let fields = fields.map(|(key, value)| format!("{} = {}", dotted(&[key]), toml(value)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> Layers {
        let user = ConfigFile {
            path: Path::new("/u.toml").into(),
            text: Ok(text.into()),
        };
        Layers {
            user: Some(user),
            ..Layers::default()
        }
    }

    fn printed(command: &ConfigCommand, layers: &Layers) -> (u8, String) {
        let mut out = Vec::new();
        let code = run(command, layers, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    const TEXT: &str = "completion.throttle_ms = 0\n[routes.\"my route\"]\nprovider = \"ollama\"\nmodel = \"m\"\n\
                        headers = { X-Key = \"hush\" }\nextra_body = { a = [1, \"b\"], c = { d = true } }\n";

    #[test]
    fn show_prints_what_can_be_read_again() {
        let (code, text) = printed(
            &ConfigCommand::Show {
                origin: true,
                json: false,
            },
            &user(TEXT),
        );
        assert_eq!(code, 0);
        assert!(
            text.contains("completion.throttle_ms = 0  # user file: /u.toml:1:12\n"),
            "{text}"
        );
        assert!(
            text.contains("completion.max_tokens = 128  # built in\n"),
            "{text}"
        );
        assert!(
            text.contains("routes.\"my route\".headers.X-Key = \"***\""),
            "{text}"
        );
        assert!(!text.contains("hush"));
        let again = user(&text).load();
        assert!(again.notices.is_empty(), "{:?}", again.notices);
        let mut expected = user(TEXT).load().settings;
        for route in expected.routes.values_mut() {
            route.headers.insert("X-Key".into(), "***".into());
        }
        assert_eq!(again.settings, expected);
    }

    #[test]
    fn show_prints_json() {
        let command = ConfigCommand::Show {
            origin: true,
            json: true,
        };
        let tree: Value = serde_json::from_str(&printed(&command, &user(TEXT)).1).unwrap();
        let expected =
            json!({"value": 0, "layer": "user file", "file": "/u.toml", "line": 1, "locked": null});
        assert_eq!(tree["completion.throttle_ms"], expected);
        let command = ConfigCommand::Show {
            origin: false,
            json: true,
        };
        let tree: Value = serde_json::from_str(&printed(&command, &user(TEXT)).1).unwrap();
        assert_eq!(tree["completion.route"], "local");
    }

    #[test]
    fn check_fails_on_errors_only() {
        let check = ConfigCommand::Check { file: None };
        for (text, code, said) in [
            ("", 0, "no problems found\n"),
            ("x = 1", 1, "/u.toml:1:1: error: x: unknown key"),
            (
                "[routes.a]\nprovider = \"ollama\"\nmodel = \"m\"\napi_key = \"k\"",
                0,
                ": warning: routes.a.api_key: ",
            ),
        ] {
            let (found, printed) = printed(&check, &user(text));
            assert_eq!(found, code, "{text}");
            assert!(
                printed.contains(said) && printed.lines().count() == 1,
                "{printed}"
            );
        }
        let absent = ConfigCommand::Check {
            file: Some("/no/such/file.toml".into()),
        };
        let (code, text) = printed(&absent, &Layers::default());
        assert_eq!(code, 1);
        assert!(
            text.starts_with("/no/such/file.toml: error: there is no such file"),
            "{text}"
        );
    }

    #[test]
    fn path_and_schema_answer_in_one_piece() {
        assert_eq!(
            printed(&ConfigCommand::Path, &user("")),
            (0, "/u.toml\n".into())
        );
        let schema: Value =
            serde_json::from_str(&printed(&ConfigCommand::Schema, &user("")).1).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
}
