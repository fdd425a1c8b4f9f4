//! The vendors as data: one row of `routes.toml` each, and which of them owns an address or a key variable.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use reqwest::Url;
use serde::Deserialize;

use crate::prompt::Body;

/// One vendor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// What the setting `provider` calls it.
    pub name: String,
    /// The documented base address.
    pub base: Option<String>,
    /// Further addresses of its own.
    #[serde(default)]
    pub others: Vec<String>,
    /// Variables that hold its key, in the order in which they are looked for.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Where and how a conversation goes.
    pub chat: Option<Kind>,
    /// Where and how raw text goes.
    pub text: Option<Kind>,
    /// Where and how a hole goes that the vendor fills itself.
    pub hole: Option<Kind>,
    /// Whether `fim = "auto"` uses `hole`.
    #[serde(default)]
    pub hole_auto: bool,
    /// The status that says "this model fills no holes": the model's own template is used from then on.
    pub hole_refused: Option<u16>,
    /// Whether usage in a stream must be asked for.
    #[serde(default)]
    pub usage_option: bool,
    /// What a conversation calls the limit of its answer.
    #[serde(default = "max_tokens")]
    pub chat_limit: String,
    /// Keys of the route that become headers.
    #[serde(default)]
    pub own_headers: BTreeMap<String, String>,
}

/// Where one kind of question goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Below the base address, without a slash in front.
    pub path: String,
    /// The name of the shape of the exchange.
    pub shape: String,
}

fn max_tokens() -> String {
    "max_tokens".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    vendor: Vec<Vendor>,
}

/// Every vendor, in the order of the file.
pub fn all() -> &'static [Vendor] {
    static ROWS: OnceLock<Vec<Vendor>> = OnceLock::new();
    ROWS.get_or_init(|| {
        // The file is part of the binary and a test parses it: an error here cannot come from outside.
        toml::from_str::<Table>(include_str!("routes.toml"))
            .map_or_else(|_| Vec::new(), |table| table.vendor)
    })
}

/// The vendor that is called `name`.
pub fn named(name: &str) -> Option<&'static Vendor> {
    all().iter().find(|vendor| vendor.name == name)
}

impl Vendor {
    /// Where `body` goes; `None` when the vendor has no such request.
    pub fn kind(&self, body: &Body) -> Option<&Kind> {
        match body {
            Body::Chat(_) => self.chat.as_ref(),
            Body::Text(_) => self.text.as_ref(),
            Body::Hole(_) => self.hole.as_ref(),
        }
    }

    /// Whether this version speaks any of its protocols.
    pub fn is_spoken(&self) -> bool {
        self.chat.is_some() || self.text.is_some() || self.hole.is_some()
    }

    fn owns(&self, url: &Url) -> bool {
        let mut bases = self
            .base
            .iter()
            .chain(&self.others)
            .filter_map(|base| Url::parse(base).ok());
        bases.any(|base| base.host_str() == url.host_str() && !is_loopback(&base))
    }
}

/// The other vendor that `variable` belongs to, if `url` is an address of yet another one: that key must not go there.
pub fn foreign_key(variable: &str, url: &Url) -> Option<(&'static Vendor, &'static Vendor)> {
    let owner = all()
        .iter()
        .find(|vendor| vendor.keys.iter().any(|key| key == variable))?;
    let place = all().iter().find(|vendor| vendor.owns(url))?;
    (owner.name != place.name).then_some((owner, place))
}

/// Whether `url` leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::super::shape;
    use super::*;

    #[test]
    fn every_row_holds_together() {
        let table: Table = toml::from_str(include_str!("routes.toml")).expect("routes.toml parses");
        let mut names = std::collections::BTreeSet::new();
        for vendor in &table.vendor {
            assert!(names.insert(&vendor.name), "{} stands twice", vendor.name);
            for kind in [&vendor.chat, &vendor.text, &vendor.hole]
                .into_iter()
                .flatten()
            {
                assert!(
                    shape::named(&kind.shape).is_some(),
                    "{}: shape {}",
                    vendor.name,
                    kind.shape
                );
                assert!(!kind.path.starts_with('/'), "{}", vendor.name);
            }
            for base in vendor.base.iter().chain(&vendor.others) {
                let url = Url::parse(base).expect(base);
                assert!(url.scheme() == "https" || is_loopback(&url), "{base}");
            }
            assert!(
                vendor.hole.is_some() || !vendor.hole_auto,
                "{}",
                vendor.name
            );
        }
    }

    #[test]
    fn a_vendors_key_stays_with_it() {
        for (variable, url, foreign) in [
            ("OPENAI_API_KEY", "https://api.openai.com/v1", false),
            ("OPENAI_API_KEY", "http://127.0.0.1:9/v1", false),
            ("OPENAI_API_KEY", "https://proxy.example/v1", false),
            ("OPENAI_API_KEY", "https://api.mistral.ai/v1", true),
            ("MISTRAL_API_KEY", "https://codestral.mistral.ai/v1", false),
            ("OPENAI_API_KEY", "https://codestral.mistral.ai/v1", true),
            ("MY_KEY", "https://api.mistral.ai/v1", false),
        ] {
            let url = Url::parse(url).expect(url);
            assert_eq!(
                foreign_key(variable, &url).is_some(),
                foreign,
                "{variable} {url}"
            );
        }
    }
}
