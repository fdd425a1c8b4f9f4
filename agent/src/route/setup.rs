//! A route's settings, checked before anything is sent: each mistake is one sentence that names the key and the mend.

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

use super::error::{Failure, Kind, Place, RouteError};
use super::key::Source;
use super::vendors::{self, Vendor};
use crate::prompt::fim::{self, Mode};
use crate::settings::Route as Settings;

/// What the settings of a route mean.
#[derive(Debug)]
pub struct Setup {
    /// How errors name the route.
    pub place: Place,
    /// Its vendor's row.
    pub vendor: &'static Vendor,
    /// What every path is below of.
    pub base: Url,
    /// Where its key comes from.
    pub source: Source,
    /// What every request carries, the key aside.
    pub headers: HeaderMap,
    /// How it fills holes.
    pub mode: Mode,
}

/// Checks `settings` of the route `name`.
pub fn check(name: &str, settings: &Settings) -> Result<Setup, RouteError> {
    let mut place = Place {
        route: name.to_owned(),
        model: settings.model.clone(),
        host: String::new(),
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
    let base = base(vendor, settings).map_err(|what| wrong(what, &place))?;
    place.host = host(&base);
    let found = || {
        Ok((
            source(vendor, settings, &base)?,
            headers(vendor, settings)?,
            mode(vendor, settings)?,
        ))
    };
    let (source, headers, mode) = found().map_err(|what: String| wrong(what, &place))?;
    Ok(Setup {
        place,
        vendor,
        base,
        source,
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

fn base(vendor: &Vendor, settings: &Settings) -> Result<Url, String> {
    let text = settings.base_url.as_ref().or(vendor.base.as_ref());
    let text =
        text.ok_or_else(|| format!("has no `base_url`, which provider `{}` needs", vendor.name))?;
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
    Ok(url)
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
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
    if let Some(argv) = settings
        .api_key_cmd
        .as_ref()
        .or(settings.token_command.as_ref())
    {
        return Ok(Source::Command(argv.clone()));
    }
    Ok(
        match settings.moved
            || vendor.keys.is_empty()
            || vendor.keys.iter().any(|name| foreign(name).is_some())
        {
            true => Source::Nothing,
            false => Source::Usual(&vendor.keys),
        },
    )
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
        .filter_map(|(key, header)| Some((header, settings.own.get(key)?.as_str()?)));
    let set = settings
        .headers
        .iter()
        .map(|(name, value)| (name, value.as_str()));
    for (name, value) in own.chain(set) {
        let header = name
            .parse::<HeaderName>()
            .ok()
            .filter(|header| !FRAMING.contains(&header.as_str()));
        let (Some(header), Ok(mut value)) = (header, HeaderValue::from_str(value)) else {
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

fn mode(vendor: &Vendor, settings: &Settings) -> Result<Mode, String> {
    // The table is only read where it decides.
    let row = || fim::row_of_model(&settings.model).filter(|_| vendor.text.is_some());
    let native = |path: &str| match &vendor.hole {
        Some(hole) if path.is_empty() || hole.path.ends_with(path) => Ok(Mode::Native),
        _ => Err(format!(
            "has `fim = \"{}\"`, which provider `{}` does not offer; leave `fim` out",
            settings.fim, vendor.name
        )),
    };
    match settings.fim.as_str() {
        "" | "auto" if vendor.hole_auto => Ok(Mode::Native),
        "" | "auto" => Ok(row().map_or(Mode::Chat, Mode::Template)),
        "suffix" => native(""),
        "infill" => native("infill"),
        "chat" => Ok(Mode::Chat),
        "none" => Ok(Mode::Off),
        name => match fim::row(name) {
            Some(row) if vendor.text.is_some() => Ok(Mode::Template(row)),
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
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_said_in_one_sentence() {
        let base = || Settings {
            provider: "openai-compatible".into(),
            model: "m".into(),
            base_url: Some("http://127.0.0.1:9/v1".into()),
            ..Settings::default()
        };
        let url = |url: &str| Settings {
            base_url: Some(url.into()),
            ..base()
        };
        let provider = |name: &str| Settings {
            provider: name.into(),
            base_url: None,
            ..base()
        };
        for (settings, kind, says) in [
            (
                provider("openal"),
                Kind::Settings,
                "unknown provider `openal`",
            ),
            (
                provider("bedrock"),
                Kind::Unsupported,
                "not supported by this version; it can use openai-compatible, openai",
            ),
            (
                provider("openai-compatible"),
                Kind::Settings,
                "has no `base_url`",
            ),
            (url("127.0.0.1:8080"), Kind::Settings, "no address"),
            (
                url("ftp://127.0.0.1/"),
                Kind::Settings,
                "neither http nor https",
            ),
            (
                url("http://user:sk-x@127.0.0.1/"),
                Kind::Settings,
                "take it out",
            ),
            (
                url("http://127.0.0.1/v1?key=sk-x"),
                Kind::Settings,
                "with a query",
            ),
            (
                Settings {
                    fim: "qwen".into(),
                    ..base()
                },
                Kind::Settings,
                "known are auto, suffix, infill, chat, none, qwen-coder",
            ),
            (
                Settings {
                    fim: "infill".into(),
                    ..base()
                },
                Kind::Settings,
                "does not offer",
            ),
            (
                Settings {
                    fim: "codestral".into(),
                    ..provider("mistral")
                },
                Kind::Settings,
                "takes no raw text",
            ),
            (
                Settings {
                    api_key_env: Some("OPENAI_API_KEY".into()),
                    ..provider("mistral")
                },
                Kind::Settings,
                "would send the key of openai",
            ),
            (
                Settings {
                    headers: [("a b".to_owned(), "c".to_owned())].into(),
                    ..base()
                },
                Kind::Settings,
                "`a b`",
            ),
            (
                Settings {
                    headers: [("Host".to_owned(), "c".to_owned())].into(),
                    ..base()
                },
                Kind::Settings,
                "`Host`",
            ),
        ] {
            let error = check("fast", &settings).expect_err(says);
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert!(!format!("{error} {error:?}").contains("sk-x"), "{error}");
        }
    }

    #[test]
    fn the_way_to_fill_holes_goes_by_provider_then_model() {
        for (provider, model, fim, mode) in [
            ("openai-compatible", "qwen2.5-coder-7b", "", "qwen-coder"),
            (
                "openai-compatible",
                "qwen2.5-coder-7b",
                "auto",
                "qwen-coder",
            ),
            ("openai-compatible", "some-model", "auto", "chat"),
            ("openai-compatible", "some-model", "suffix", "native"),
            (
                "openai-compatible",
                "some-model",
                "starcoder2",
                "starcoder2",
            ),
            ("openai-compatible", "qwen2.5-coder-7b", "none", "off"),
            ("openai-compatible", "qwen2.5-coder-7b", "chat", "chat"),
            ("openai", "gpt-4.1", "auto", "chat"),
            (
                "fireworks",
                "accounts/fireworks/models/starcoder2-16b",
                "auto",
                "starcoder2",
            ),
            ("mistral", "codestral-latest", "auto", "native"),
            ("deepseek", "deepseek-chat", "auto", "native"),
            ("llama-cpp", "anything", "infill", "native"),
            ("ollama", "qwen2.5-coder:7b", "auto", "native"),
        ] {
            let settings = Settings {
                provider: provider.into(),
                model: model.into(),
                fim: fim.into(),
                base_url: (provider == "openai-compatible").then(|| "http://127.0.0.1:9/v1".into()),
                ..Settings::default()
            };
            let setup = check("r", &settings).expect("good settings");
            let found = match setup.mode {
                Mode::Native => "native",
                Mode::Template(row) => row.name.as_str(),
                Mode::Chat => "chat",
                Mode::Off => "off",
            };
            assert_eq!(found, mode, "{provider} {model} {fim:?}");
        }
    }
}
