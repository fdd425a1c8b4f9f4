//! What settings are taken, and what is said about the others.

mod keyed;

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
        let error = check("fast", &settings, &Http::default())
            .err()
            .expect(says);
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
        let setup = check("r", &settings, &Http::default()).expect("good settings");
        let found = match setup.mode {
            Mode::Native => "native",
            Mode::Template(row) => row.name.as_str(),
            Mode::Chat => "chat",
            Mode::Off => "off",
        };
        assert_eq!(found, mode, "{provider} {model} {fim:?}");
    }
}

#[test]
fn an_origin_is_told_of_addresses_with_blanks_in_them() {
    for (base, wanted) in [
        ("https://h:1/x", "https://h:1"),
        ("https://{region}.h/x", "https://{region}.h"),
    ] {
        assert_eq!(origin(base), wanted);
    }
}

#[test]
fn what_proves_who_asks_goes_by_vendor_settings_and_variables() {
    use super::super::credential::Standing;
    let words = |words: &[&str]| {
        Some(
            words
                .iter()
                .map(|word| (*word).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let of = |provider: &str| Settings {
        provider: provider.into(),
        model: "m".into(),
        ..Settings::default()
    };
    let own = |provider: &str, keys: &[(&str, &str)]| Settings {
        own: keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).into()))
            .collect(),
        ..of(provider)
    };
    let base = |url: &str, settings: Settings| Settings {
        base_url: Some(url.into()),
        ..settings
    };
    let command =
        |program: &str| format!("Later(\"from a command ({program}), which is not run for this\")");
    for (settings, standing) in [
        (
            base("http://127.0.0.1:9/v1", of("openai-compatible")),
            "Unneeded".to_owned(),
        ),
        (
            Settings {
                api_key_env: Some("CARGO_PKG_NAME".into()),
                ..of("openai")
            },
            "Present(\"the environment (CARGO_PKG_NAME)\")".into(),
        ),
        (
            Settings {
                api_key_cmd: words(&["pass", "x"]),
                ..of("openai")
            },
            command("pass"),
        ),
        (
            Settings {
                token_command: words(&["print"]),
                ..of("openai")
            },
            command("print"),
        ),
        // The first that is set: a variable, a command, a token.
        (
            Settings {
                api_key_cmd: words(&["pass"]),
                token_command: words(&["print"]),
                ..of("openai")
            },
            command("pass"),
        ),
        // What is moved to another place has no key of the vendor's.
        (
            Settings {
                moved: true,
                ..base("https://other.example/v1", of("openai"))
            },
            "Unneeded".into(),
        ),
        (
            own("bedrock", &[("region", "eu-west-1")]),
            "Later(\"the AWS profile `default`, a container or an instance\")".into(),
        ),
        (
            own("bedrock", &[("region", "eu-west-1"), ("profile", "work")]),
            "Later(\"the AWS profile `work`, a container or an instance\")".into(),
        ),
        (
            Settings {
                api_key_cmd: words(&["pass"]),
                ..own("bedrock", &[("region", "eu-west-1")])
            },
            command("pass"),
        ),
        (
            base(
                "https://r.openai.azure.com",
                own("azure-openai", &[("auth", "entra"), ("deployment", "d")]),
            ),
            "Later(\"Entra, by the machine's identity or `az`\")".into(),
        ),
    ] {
        let setup = match check("fast", &settings, &Http::default()) {
            Ok(setup) => setup,
            Err(error) => panic!("{}: {error}", settings.provider),
        };
        let found = setup.credential.standing();
        let clean = [
            "AWS_ACCESS_KEY_ID",
            "AWS_PROFILE",
            "AWS_BEARER_TOKEN_BEDROCK",
            "AZURE_CLIENT_SECRET",
        ];
        if clean.iter().any(|name| std::env::var(name).is_ok())
            && !matches!(found, Standing::Unneeded)
        {
            continue;
        }
        assert_eq!(format!("{found:?}"), standing, "{}", settings.provider);
    }
}

#[test]
fn errors_name_what_moves_the_address_and_the_deployment() {
    let own = |provider: &str, base_url: Option<&str>, keys: &[(&str, &str)]| Settings {
        provider: provider.into(),
        model: "m".into(),
        base_url: base_url.map(str::to_owned),
        own: keys
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).into()))
            .collect(),
        ..Settings::default()
    };
    for (settings, model, host, moved_by) in [
        (own("openai", None, &[]), "m", "api.openai.com", None),
        (
            own("openai", Some("https://api.openai.com:443/v1"), &[]),
            "m",
            "api.openai.com",
            None,
        ),
        (own("openai", Some("http://h:80"), &[]), "m", "h", None),
        (own("openai", Some("http://h:443"), &[]), "m", "h:443", None),
        (
            own("openai", Some("https://h:80/x"), &[]),
            "m",
            "h:80",
            None,
        ),
        (
            own("bedrock", None, &[]),
            "m",
            "bedrock-runtime.{region}.amazonaws.com",
            Some("region"),
        ),
        (
            own("bedrock", None, &[("region", "eu-west-1")]),
            "m",
            "bedrock-runtime.eu-west-1.amazonaws.com",
            Some("region"),
        ),
        (
            own(
                "azure-openai",
                Some("https://r.openai.azure.com"),
                &[("deployment", "d")],
            ),
            "d",
            "r.openai.azure.com",
            None,
        ),
    ] {
        let setup = check("fast", &settings, &Http::default());
        let place = setup
            .map_err(|error| error.to_string())
            .expect("good settings")
            .place;
        assert_eq!(
            (&*place.route, &*place.model, &*place.host),
            ("fast", model, host)
        );
        assert_eq!(place.moved_by.as_deref(), moved_by);
    }
    let odd = own("bedrock", None, &[("region", "eu/west")]);
    let error = check("fast", &odd, &Http::default())
        .err()
        .expect("odd")
        .to_string();
    assert!(
        error.contains("has a `region` that cannot be part of an address; correct it"),
        "{error}"
    );
}

#[test]
fn headers_are_those_of_the_settings_over_the_usual_ones() {
    let settings = Settings {
        provider: "openai".into(),
        model: "m".into(),
        headers: [
            ("Accept".to_owned(), "x/y".to_owned()),
            ("X-Team".to_owned(), "a".to_owned()),
        ]
        .into(),
        own: [
            ("organization".to_owned(), "org".into()),
            ("project".to_owned(), serde_json::json!(["p", 7, "q"])),
        ]
        .into_iter()
        .collect(),
        ..Settings::default()
    };
    let headers = check("fast", &settings, &Http::default())
        .expect("good")
        .headers;
    let found = |name: &str| {
        headers
            .get(name)
            .map(|value| (value.to_str().unwrap_or_default(), value.is_sensitive()))
    };
    for (name, wanted) in [
        ("content-type", Some(("application/json", false))),
        ("accept", Some(("x/y", true))),
        ("accept-encoding", Some(("identity", false))),
        ("x-team", Some(("a", true))),
        ("openai-organization", Some(("org", true))),
        ("openai-project", Some(("p,q", true))),
        ("authorization", None),
    ] {
        assert_eq!(found(name), wanted, "{name}");
    }
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "connection",
        "TE",
        "upgrade",
        "expect",
        "a\nb",
        "",
    ] {
        let wrong = Settings {
            headers: [(name.to_owned(), "x".to_owned())].into(),
            own: Default::default(),
            ..settings.clone()
        };
        assert!(check("fast", &wrong, &Http::default()).is_err(), "{name}");
    }
}

#[test]
fn an_instance_is_the_one_at_its_address_and_path() {
    // The only variable that any process of tests has and that is an address is none.
    let base = Url::parse("https://h.example/x").expect("an address");
    assert!(!is_instance("CARGO_PKG_NAME", &base));
    assert!(!is_instance("NEXTLINE_NO_SUCH_VARIABLE", &base));
}

#[test]
fn an_address_of_the_settings_is_plain() {
    for (url, says) in [
        ("http://h/v1#x", "with a query"),
        ("http://:pw@h/v1", "take it out"),
        ("http://me@h/v1", "take it out"),
        ("http://h/{region}", "with braces"),
        ("http://h/x}", "with braces"),
        ("mailto:x", "neither http nor https"),
        ("https://h/v1", ""),
    ] {
        let settings = Settings {
            provider: "openai-compatible".into(),
            model: "m".into(),
            base_url: Some(url.into()),
            ..Settings::default()
        };
        let error = check("fast", &settings, &Http::default()).err();
        let error = error.map_or_else(String::new, |error| error.to_string());
        assert!(
            error.contains(says) && error.is_empty() == says.is_empty(),
            "{url}: {error}"
        );
    }
}
