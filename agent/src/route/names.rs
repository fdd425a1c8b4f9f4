//! What the placeholders and conditions of `routes.toml` are read against: the route's own keys, the model, and what it is asked for.

use std::collections::BTreeMap;

use super::Surface;
use super::deadline::Deadlines;
use super::vendors::Vendor;
use crate::settings::Route as Settings;

/// Values by name; a name without a value is absent.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, String>);

/// Conditions by name: empty = absent, else patterns with `*`, of which one must fit, with `|` between them.
pub type When = BTreeMap<String, String>;

/// Where a value is put, which decides how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// Into a host's name: letters, digits, `-` and `.` only.
    Host,
    /// Into one segment of a path: all but the unreserved is percent-encoded; `{+name}` keeps `@` and `:`.
    Path,
    /// As it is.
    Plain,
}

/// Why a template could not be filled.
#[derive(Debug, PartialEq, Eq)]
pub enum Unfilled {
    /// No value for this name.
    Blank(String),
    /// The value of this name cannot stand there.
    Unfit(String),
}

impl Names {
    /// The names of a route with `settings` that is asked `on` a surface.
    ///
    /// Beside the keys of the provider's own: `model`, `surface` (`completion`, `edit`, `chat`), `feature` (Sourcegraph's word for the
    /// surface), `version` (of this program) and `timeout_ms` (in all, where there is a limit).
    pub fn of(vendor: &Vendor, settings: &Settings, on: Surface) -> Self {
        let mut names = Names::default();
        names.set("version", env!("CARGO_PKG_VERSION"));
        for (key, template) in &vendor.defaults {
            let value = names.fill(template, Spot::Plain);
            names.set(key, value.as_deref().unwrap_or(template));
        }
        for (key, value) in &settings.own {
            if let Some(text) = value.as_str() {
                names.set(key, text);
            }
        }
        names.set("model", model(vendor, settings));
        let (surface, feature) = match on {
            Surface::Completion => ("completion", "code_completions"),
            Surface::Edit => ("edit", "chat_completions"),
            Surface::Chat => ("chat", "chat_completions"),
        };
        names.set("surface", surface);
        names.set("feature", feature);
        if let Some(total) = Deadlines::of(on, &settings.timeouts).total {
            names.set("timeout_ms", &total.as_millis().to_string());
        }
        names
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Gives `name` a value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Whether every condition holds.
    pub fn fit(&self, when: &When) -> bool {
        when.iter().all(|(name, patterns)| match self.get(name) {
            None => patterns.is_empty(),
            Some(value) => {
                !patterns.is_empty() && patterns.split('|').any(|pattern| glob(pattern, value))
            }
        })
    }

    /// `template` with its placeholders replaced.
    pub fn fill(&self, template: &str, spot: Spot) -> Result<String, Unfilled> {
        let mut out = String::with_capacity(template.len() + 32);
        for part in parts(template) {
            let (name, keep) = match part {
                Part::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Name(name, keep) => (name, keep),
            };
            let value = self
                .get(name)
                .ok_or_else(|| Unfilled::Blank(name.to_owned()))?;
            match spot {
                Spot::Plain => out.push_str(value),
                Spot::Path => encode(value, keep, &mut out),
                Spot::Host => {
                    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
                    if !value.chars().all(fits) {
                        return Err(Unfilled::Unfit(name.to_owned()));
                    }
                    out.push_str(value);
                }
            }
        }
        Ok(out)
    }

    /// The placeholders of `template` that have no value.
    pub fn blanks<'t>(&self, template: &'t str) -> Vec<&'t str> {
        parts(template)
            .filter_map(|part| match part {
                Part::Name(name, _) if self.get(name).is_none() => Some(name),
                _ => None,
            })
            .collect()
    }
}

/// The model as it is sent: Azure's deployment stands in its place, and what a vendor's own lists put in front of it is left out.
fn model<'s>(vendor: &Vendor, settings: &'s Settings) -> &'s str {
    let deployment = settings.own.get("deployment").and_then(|it| it.as_str());
    let model = deployment
        .filter(|it| !it.is_empty())
        .unwrap_or(&settings.model);
    let heads = vendor.model_heads.iter();
    heads
        .filter_map(|head| model.strip_prefix(head.as_str()))
        .next()
        .unwrap_or(model)
}

enum Part<'t> {
    Text(&'t str),
    /// A name, and whether `@` and `:` of its value are kept.
    Name(&'t str, bool),
}

fn parts(template: &str) -> impl Iterator<Item = Part<'_>> {
    template.split('{').enumerate().flat_map(|(n, part)| {
        let (name, text) = match part.split_once('}') {
            Some((name, text)) if n > 0 => (Some(name), text),
            _ => (None, part),
        };
        let name = name.map(|name| match name.strip_prefix('+') {
            Some(name) => Part::Name(name, true),
            None => Part::Name(name, false),
        });
        name.into_iter().chain([Part::Text(text)])
    })
}

fn encode(value: &str, keep: bool, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            b'@' | b':' if keep => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// Whether `text` is what `pattern` describes, where `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(head) else {
        return false;
    };
    (0..=rest.len()).any(|at| rest.is_char_boundary(at) && glob(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        for (name, value) in [
            ("model", "eu.claude-v1:0"),
            ("arn", "arn:aws:x/y"),
            ("region", "eu-west-1"),
            ("odd", "a.b/../c?d"),
            ("empty", ""),
        ] {
            names.set(name, value);
        }
        names
    }

    #[test]
    fn placeholders_are_written_as_their_place_demands() {
        let blank = |name: &str| Err(Unfilled::Blank(name.into()));
        for (template, spot, wanted) in [
            ("v1/x", Spot::Path, Ok("v1/x")),
            (
                "model/{model}/invoke",
                Spot::Path,
                Ok("model/eu.claude-v1%3A0/invoke"),
            ),
            ("m/{+model}:go", Spot::Path, Ok("m/eu.claude-v1:0:go")),
            ("m/{arn}", Spot::Path, Ok("m/arn%3Aaws%3Ax%2Fy")),
            ("{odd}", Spot::Path, Ok("a.b%2F..%2Fc%3Fd")),
            (
                "https://a.{region}.com",
                Spot::Host,
                Ok("https://a.eu-west-1.com"),
            ),
            ("{odd}", Spot::Host, Err(Unfilled::Unfit("odd".into()))),
            ("{odd}", Spot::Plain, Ok("a.b/../c?d")),
            ("{empty}", Spot::Path, blank("empty")),
            ("{none}/x", Spot::Path, blank("none")),
            ("a}b", Spot::Plain, Ok("a}b")),
            ("{region}}", Spot::Plain, Ok("eu-west-1}")),
            ("a{region", Spot::Plain, Ok("aregion")),
            ("{+odd}", Spot::Path, Ok("a.b%2F..%2Fc%3Fd")),
            ("{+arn}", Spot::Path, Ok("arn:aws:x%2Fy")),
        ] {
            let wanted = wanted.map(str::to_owned);
            assert_eq!(names().fill(template, spot), wanted, "{template}");
        }
        assert_eq!(
            names().blanks("{model}/{project}/{+where}"),
            ["project", "where"]
        );
    }

    #[test]
    fn conditions_hold_by_presence_and_pattern() {
        for (name, patterns, fits) in [
            ("region", "*", true),
            ("region", "eu-*", true),
            ("region", "us-*|*-1", true),
            ("region", "us-*", false),
            ("region", "", false),
            ("empty", "", true),
            ("none", "", true),
            ("none", "*", false),
            ("model", "*claude*", true),
            ("model", "claude", false),
        ] {
            let when = [(name.to_owned(), patterns.to_owned())].into();
            assert_eq!(names().fit(&when), fits, "{name} = {patterns:?}");
        }
        assert!(names().fit(&When::new()));
    }
}
