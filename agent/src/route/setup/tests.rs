//! What settings are taken, and what is said about the others.

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
