//! A route's settings, checked before anything is sent: each mistake is one sentence that names the key and the mend.

use std::sync::Arc;

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::Surface;
use super::client::Http;
use super::credential::{Credential, Making, Usual, maker};
use super::error::{Failure, Kind, Place, RouteError};
use super::gateway;
use super::key::{self, Key, Source, Turn};
use super::keyring::Owner;
use super::names::{Names, Spot, Unfilled};
use super::vendors::{self, Keys, Vendor, fitting};
use crate::prompt::fim::{self, Mode};
use crate::settings::Route as Settings;

/// What the settings of a route mean.
pub struct Setup {
    /// How errors name the route.
    pub place: Place,
    /// Its vendor's row.
    pub vendor: &'static Vendor,
    /// What every path is below of; placeholders that the settings leave open still stand in it.
    pub base: String,
    /// What proves who asks.
    pub credential: Arc<dyn Credential>,
    /// What every request carries, the key aside.
    pub headers: HeaderMap,
    /// How it fills holes.
    pub mode: Mode,
}

/// Checks `settings` of the route `name`.
pub fn check(name: &str, settings: &Settings, http: &Http) -> Result<Setup, RouteError> {
    let mut place = Place {
        route: name.to_owned(),
        model: settings.model.clone(),
        ..Place::default()
    };
    let Some(vendor) = vendors::named(&settings.provider) else {
        let what = format!(
            "has an unknown provider `{}`; known are {}",
            settings.provider,
            list(|_| true)
        );
        return Err(Failure::new(Kind::Settings, what).at(&place));
    };
    if !vendor.is_spoken() {
        let what = format!(
            "provider `{}` is not supported by this version; it can use {}",
            vendor.name,
            list(Vendor::is_spoken)
        );
        return Err(Failure::new(Kind::Unsupported, what).at(&place));
    }
    let wrong = |what: String, place: &Place| Failure::new(Kind::Settings, what).at(place);
    let names = Names::of(vendor, settings, Surface::Completion);
    let (base, known) = base(vendor, settings, &names).map_err(|what| wrong(what, &place))?;
    place.host = host(&base);
    if settings.base_url.is_none() {
        let template = vendor.base.as_deref().unwrap_or_default();
        let names = Names::default();
        place.moved_by = names.blanks(template).first().map(|&name| name.into());
    }
    if let Some(deployment) = settings.own.get("deployment").and_then(|it| it.as_str()) {
        place.model = deployment.to_owned();
    }
    let owner = Owner {
        route: name.to_owned(),
        origin: origin(&base),
    };
    let found = || {
        Ok((
            credential(vendor, settings, &names, &known, owner, http)?,
            headers(vendor, settings)?,
            mode(vendor, settings, &names)?,
        ))
    };
    let (credential, headers, mode) = found().map_err(|what: String| wrong(what, &place))?;
    place.key = credential.unaccepted();
    Ok(Setup {
        place,
        vendor,
        base,
        credential,
        headers,
        mode,
    })
}

fn list(wanted: impl Fn(&Vendor) -> bool) -> String {
    let names: Vec<_> = vendors::all()
        .iter()
        .filter(|vendor| wanted(vendor))
        .map(|vendor| vendor.name.as_str())
        .collect();
    names.join(", ")
}

/// The base address with its placeholders filled as far as the settings go, and the same as an address, where a blank is a letter.
fn base(vendor: &Vendor, settings: &Settings, names: &Names) -> Result<(String, Url), String> {
    if settings.base_url.is_none() {
        let template = vendor
            .base(names)
            .ok_or_else(|| format!("has no `base_url`, which provider `{}` needs", vendor.name))?;
        let filled = match names.fill(template, Spot::Host) {
            Ok(filled) => filled,
            Err(Unfilled::Blank(_)) => template.to_owned(),
            Err(Unfilled::Unfit(name)) => {
                return Err(format!(
                    "has a `{name}` that cannot be part of an address; correct it"
                ));
            }
        };
        let known = filled.replace(['{', '}'], "");
        let url = Url::parse(&known).map_err(|_| "has no usable address".to_owned())?;
        return Ok((filled, url));
    }
    let text = settings.base_url.as_deref().unwrap_or_default();
    // The address itself is not repeated: a key may stand in it.
    let url = Url::parse(text).map_err(|_| {
        "has a `base_url` that is no address; write it like http://127.0.0.1:8080/v1".to_owned()
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("has a `base_url` that is neither http nor https; correct it".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a key or password in `base_url`; take it out and set `api_key_env` or `api_key_cmd`".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a `base_url` with a query; give only the base address, and keys by `api_key_env` or `api_key_cmd`".to_owned());
    }
    if text.contains(['{', '}']) {
        return Err("has a `base_url` with braces in it; write the address out".to_owned());
    }
    Ok((text.to_owned(), url))
}

/// Scheme, host and port of an address that may have placeholders in its host.
pub fn origin(base: &str) -> String {
    let (scheme, _) = base.split_once("://").unwrap_or(("https", base));
    format!("{scheme}://{}", host(base))
}

/// Host and port of an address that may have placeholders in its host.
fn host(base: &str) -> String {
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let usual = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    host.strip_suffix(usual).unwrap_or(host).to_owned()
}

fn credential(
    vendor: &'static Vendor,
    settings: &Settings,
    names: &Names,
    base: &Url,
    owner: Owner,
    http: &Http,
) -> Result<Arc<dyn Credential>, String> {
    let mut source = source(vendor, settings, base)?;
    let usual = match &source {
        Source::Usual(names) => !names.iter().any(|name| key::variable(name).is_some()),
        Source::Nothing | Source::Elsewhere(_) => !settings.moved,
        _ => false,
    };
    if usual && owner.is_noted() {
        source = Source::Login(owner);
    }
    let headers = match &source {
        Source::Token(_) => &vendor.token_headers,
        _ => &vendor.key_headers,
    };
    // A key that the settings name proves who asks, whatever else the vendor takes.
    let named = !matches!(source, Source::Usual(_) | Source::Nothing);
    let turned = vendor.turned_keys.then_some(gateway::token as Turn);
    let key = Key::new(source, headers, turned);
    let signer = vendor.signer(names).filter(|_| !settings.moved);
    let made = signer.and_then(|signer| {
        let before = signer.before.as_deref();
        let keys = match before.is_some_and(|name| key::variable(name).is_some()) {
            _ if named => Keys::Only,
            true => Keys::Never,
            false => signer.keys,
        };
        Some((maker(&signer.name)?(&Making { settings, http }), keys))
    });
    Ok(match made {
        Some((made, Keys::Never)) => made,
        Some((otherwise, keys)) => Arc::new(Usual {
            key,
            otherwise,
            only_key: keys == Keys::Only,
        }),
        None => Arc::new(key),
    })
}

fn source(vendor: &'static Vendor, settings: &Settings, base: &Url) -> Result<Source, String> {
    let foreign = |name: &str| vendors::foreign_key(name, base);
    if let Some(name) = &settings.api_key_env {
        return match foreign(name) {
            Some((owner, place)) => Err(format!(
                "would send the key of {} (`{name}`) to {}; set `api_key_env` to a variable with the key of {}",
                owner.name, place.name, place.name
            )),
            None => Ok(Source::Variable(name.clone())),
        };
    }
    if let Some(argv) = &settings.api_key_cmd {
        return Ok(Source::Command(argv.clone()));
    }
    if let Some(argv) = &settings.token_command {
        return Ok(Source::Token(argv.clone()));
    }
    Ok(
        match settings.moved
            || vendor.keys.is_empty()
            || vendor.keys.iter().any(|name| foreign(name).is_some())
        {
            true => Source::Nothing,
            false => match &vendor.keys_for {
                Some(variable) if !is_instance(variable, base) => Source::Elsewhere(format!(
                    "`{}` is used only where `{variable}` is the `base_url` of this route",
                    vendor.keys.join("` or `")
                )),
                _ => Source::Usual(&vendor.keys),
            },
        },
    )
}

/// Whether `variable` names the instance at `base`.
fn is_instance(variable: &str, base: &Url) -> bool {
    let named = std::env::var(variable).ok();
    let named = named.and_then(|text| Url::parse(text.trim()).ok());
    named.is_some_and(|named| {
        let path = |url: &Url| url.path().trim_end_matches('/').to_owned();
        named.origin() == base.origin() && path(&named) == path(base)
    })
}

/// Headers that belong to HTTP itself.
const FRAMING: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "upgrade",
    "expect",
];

fn headers(vendor: &Vendor, settings: &Settings) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("text/event-stream, application/x-ndjson, application/json"),
    );
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let own = vendor
        .own_headers
        .iter()
        .filter_map(|(key, header)| Some((header, text(settings.own.get(key)?)?)));
    let set = settings
        .headers
        .iter()
        .map(|(name, value)| (name, value.clone()));
    for (name, value) in own.chain(set) {
        let header = name
            .parse::<HeaderName>()
            .ok()
            .filter(|header| !FRAMING.contains(&header.as_str()));
        let (Some(header), Ok(mut value)) = (header, HeaderValue::from_str(&value)) else {
            return Err(format!(
                "has a header `{name}` that cannot be sent; correct `headers`"
            ));
        };
        // Keys are put into headers of any name.
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}

/// A setting as one header's value; lists are written with commas.
fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Array(list) => {
            let words: Vec<&str> = list.iter().filter_map(|word| word.as_str()).collect();
            Some(words.join(","))
        }
        other => other.as_str().map(str::to_owned),
    }
}

fn mode(vendor: &Vendor, settings: &Settings, names: &Names) -> Result<Mode, String> {
    let (text, hole) = (
        fitting(&vendor.text, names).is_some(),
        fitting(&vendor.hole, names),
    );
    // The table is only read where it decides.
    let row = || fim::row_of_model(&settings.model).filter(|_| text);
    let native = |path: &str| match hole {
        Some(hole) if path.is_empty() || hole.path.ends_with(path) => Ok(Mode::Native),
        _ => Err(format!(
            "has `fim = \"{}\"`, which provider `{}` does not offer; leave `fim` out",
            settings.fim, vendor.name
        )),
    };
    match settings.fim.as_str() {
        "" | "auto" if vendor.hole_auto && hole.is_some() => Ok(Mode::Native),
        "" | "auto" => Ok(row().map_or(Mode::Chat, Mode::Template)),
        "suffix" => native(""),
        "infill" => native("infill"),
        "chat" => Ok(Mode::Chat),
        "none" => Ok(Mode::Off),
        name => match fim::row(name) {
            Some(row) if text => Ok(Mode::Template(row)),
            Some(_) => Err(format!(
                "has `fim = \"{name}\"`, but provider `{}` takes no raw text; leave `fim` out",
                vendor.name
            )),
            None => {
                let names: Vec<_> = fim::rows().iter().map(|row| row.name.as_str()).collect();
                Err(format!(
                    "has an unknown `fim = \"{name}\"`; known are auto, suffix, infill, chat, none, {}",
                    names.join(", ")
                ))
            }
        },
    }
}

#[cfg(test)]
mod tests;
