//! The vendors as data: one row of `routes.toml` each, and which of them owns an address or a key variable.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use reqwest::Url;
use serde::Deserialize;

use super::names::{Names, When};
use crate::prompt::Body;

/// One vendor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// What the setting `provider` calls it.
    pub name: String,
    /// The documented base address; it may hold placeholders.
    pub base: Option<String>,
    /// Base addresses under conditions, looked at before `base`.
    #[serde(default)]
    pub bases: Vec<Base>,
    /// Further addresses of its own.
    #[serde(default)]
    pub others: Vec<String>,
    /// Variables that hold its key, in the order in which they are looked for.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The variable that names the instance which those keys are for; they go nowhere else.
    pub keys_for: Option<String>,
    /// Whether a person's key is turned into the gateway's own.
    #[serde(default)]
    pub turned_keys: bool,
    /// How a key travels: headers as `name: value` with `{key}` in it.
    #[serde(default = "bearer")]
    pub key_headers: Vec<String>,
    /// How the token of a `token_command` travels.
    #[serde(default = "bearer")]
    pub token_headers: Vec<String>,
    /// What signs requests where the settings name no key; the first one that fits.
    #[serde(default)]
    pub signers: Vec<Signer>,
    /// What its lists put in front of a model's name and its requests do not.
    #[serde(default)]
    pub model_heads: Vec<String>,
    /// Values of placeholders that the settings leave out.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// Headers of every request, with placeholders; one with a blank is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Where and how a conversation goes; the first one that fits.
    #[serde(default)]
    pub chat: Vec<Kind>,
    /// Where and how raw text goes.
    #[serde(default)]
    pub text: Vec<Kind>,
    /// Where and how a hole goes that the vendor fills itself.
    #[serde(default)]
    pub hole: Vec<Kind>,
    /// Whether `fim = "auto"` uses `hole`.
    #[serde(default)]
    pub hole_auto: bool,
    /// Whether `hole` takes pieces of other files beside the hole.
    #[serde(default)]
    pub hole_pieces: bool,
    /// The status that says "this model fills no holes": the model's own template is used from then on.
    pub hole_refused: Option<u16>,
    /// Where the server says what a model can do, in a list `capabilities`.
    pub hole_probe: Option<Probe>,
    /// Where the vendor lists its models.
    pub models: Option<Models>,
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

/// A base address under conditions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// When it is this one.
    #[serde(default)]
    pub when: When,
    /// With placeholders.
    pub url: String,
}

/// A question about a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Below the base address; it is sent `{"model": …}`.
    pub path: String,
    /// The capability that fills holes.
    pub needs: String,
}

/// A list of models.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Models {
    /// Below the base address, with placeholders.
    pub path: String,
    /// The keys of the list in the answer, with `/` between them, with placeholders.
    pub rows: String,
    /// The key of a name in a row of it; without one the rows are names.
    #[serde(default)]
    pub key: String,
}

/// What signs requests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// When it is this one.
    #[serde(default)]
    pub when: When,
    /// The name of its maker.
    pub name: String,
    /// What a key of the vendor's is beside it.
    pub keys: Keys,
    /// The variable that, where it is set, lets it go before the vendor's keys.
    pub before: Option<String>,
}

/// What a key is beside something else that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// Not used.
    Never,
    /// Used where one of the vendor's variables holds it.
    First,
    /// All that proves anything; the signer only knows the rest of the address.
    Only,
}

/// Where one kind of question goes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// When it is this one.
    #[serde(default)]
    pub when: When,
    /// Below the base address, without a slash in front, with placeholders.
    pub path: String,
    /// The name of the shape of the exchange.
    pub shape: String,
    /// The query, with placeholders.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Headers of its own, with placeholders; one with a blank is left out.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Put into the body, over what the shape wrote.
    #[serde(default)]
    pub with: serde_json::Map<String, serde_json::Value>,
    /// Taken out of the body.
    #[serde(default)]
    pub without: Vec<String>,
}

fn max_tokens() -> String {
    "max_tokens".to_owned()
}

fn bearer() -> Vec<String> {
    vec!["authorization: Bearer {key}".to_owned()]
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
    /// Where `body` goes; `None` when the vendor has no such request for this route.
    pub fn kind(&self, body: &Body, names: &Names) -> Option<&Kind> {
        match body {
            Body::Chat(_) => fitting(&self.chat, names),
            Body::Text(_) => fitting(&self.text, names),
            Body::Hole(_) => fitting(&self.hole, names),
        }
    }

    /// Its base address for this route, placeholders included.
    pub fn base(&self, names: &Names) -> Option<&str> {
        let fits = self.bases.iter().find(|base| names.fit(&base.when));
        fits.map(|base| &base.url)
            .or(self.base.as_ref())
            .map(String::as_str)
    }

    /// What signs its requests where the settings name no key.
    pub fn signer(&self, names: &Names) -> Option<&Signer> {
        self.signers.iter().find(|signer| names.fit(&signer.when))
    }

    /// Whether this version speaks any of its protocols.
    pub fn is_spoken(&self) -> bool {
        !(self.chat.is_empty() && self.text.is_empty() && self.hole.is_empty())
    }

    fn owns(&self, url: &Url) -> bool {
        let bases = self.bases.iter().map(|base| &base.url);
        let mut bases = bases
            .chain(&self.base)
            .chain(&self.others)
            .filter_map(|base| base.strip_prefix("https://"));
        let host = url.host_str().unwrap_or_default();
        bases.any(|base| {
            let known = base.split('/').next().unwrap_or_default();
            // `{region}` in the middle of a name stands for any one.
            match (known.find('{'), known.rfind('}')) {
                (Some(from), Some(to)) => {
                    host.len() > known.len() - (to + 1 - from)
                        && host.starts_with(&known[..from])
                        && host.ends_with(&known[to + 1..])
                }
                _ => host == known,
            }
        })
    }
}

/// The first of `rows` whose conditions hold.
pub fn fitting<'v>(rows: &'v [Kind], names: &Names) -> Option<&'v Kind> {
    rows.iter().find(|kind| names.fit(&kind.when))
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
                let headers = kind.headers.keys().chain(vendor.headers.keys());
                for name in headers.chain(vendor.own_headers.values()) {
                    assert!(
                        name.parse::<reqwest::header::HeaderName>().is_ok(),
                        "{name}"
                    );
                }
                assert!(
                    shape::named(&kind.shape).is_some(),
                    "{}: shape {}",
                    vendor.name,
                    kind.shape
                );
                assert!(!kind.path.starts_with('/'), "{}", vendor.name);
            }
            let bases = vendor.bases.iter().map(|base| &base.url);
            for base in bases.chain(&vendor.base).chain(&vendor.others) {
                let url = Url::parse(&base.replace(['{', '}'], "")).expect(base);
                assert!(url.scheme() == "https" || is_loopback(&url), "{base}");
            }
            for header in vendor.key_headers.iter().chain(&vendor.token_headers) {
                assert!(
                    header.contains(": ") && header.contains("{key}"),
                    "{header}"
                );
            }
            for signer in &vendor.signers {
                assert!(
                    super::super::credential::maker(&signer.name).is_some(),
                    "{}: signer {}",
                    vendor.name,
                    signer.name
                );
            }
            assert!(
                !vendor.hole.is_empty() || !vendor.hole_auto,
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

    #[test]
    fn a_host_with_any_region_in_it_is_its_vendors() {
        let mut seen = 0;
        for vendor in all() {
            for base in vendor.bases.iter().map(|base| &base.url) {
                let host = base
                    .split("//")
                    .nth(1)
                    .and_then(|rest| rest.split('/').next());
                let Some((start, rest)) = host.and_then(|host| host.split_once('{')) else {
                    continue;
                };
                let Some((_, end)) = rest.rsplit_once('}') else {
                    continue;
                };
                seen += 1;
                for (region, owned) in [("x", true), ("eu-west-1", true), ("", false)] {
                    let host = format!("{start}{region}{end}");
                    let Ok(url) = Url::parse(&format!("https://{host}/")) else {
                        continue;
                    };
                    assert_eq!(vendor.owns(&url), owned, "{base} {host}");
                }
                let other = Url::parse(&format!("https://{start}x{end}.example/")).unwrap();
                assert!(!vendor.owns(&other), "{base}");
            }
        }
        assert!(seen > 0);
    }
}
