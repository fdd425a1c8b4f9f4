//! How a key travels: what the vendor's row says of keys, and of tokens.

use super::*;

#[test]
fn a_token_travels_as_tokens_do_and_a_key_as_keys_do() {
    let words = |word: &str| Some(vec![word.to_owned()]);
    let of = |provider: &str| Settings {
        provider: provider.into(),
        model: "m".into(),
        base_url: Some("https://h.example".into()),
        moved: true,
        ..Settings::default()
    };
    for (provider, key, token) in [
        ("azure-openai", "api-key: ***", "authorization: Bearer ***"),
        (
            "openai",
            "authorization: Bearer ***",
            "authorization: Bearer ***",
        ),
        ("anthropic", "x-api-key: ***", "authorization: Bearer ***"),
        (
            "sourcegraph",
            "authorization: token ***",
            "authorization: token ***",
        ),
    ] {
        for (settings, wanted) in [
            (
                Settings {
                    api_key_cmd: words("pass"),
                    ..of(provider)
                },
                key,
            ),
            (
                Settings {
                    api_key_env: Some("MY_OWN_KEY".into()),
                    ..of(provider)
                },
                key,
            ),
            (
                Settings {
                    token_command: words("print"),
                    ..of(provider)
                },
                token,
            ),
        ] {
            let setup =
                check("fast", &settings, &Http::default()).map_err(|error| error.to_string());
            let mut headers = HeaderMap::new();
            setup.expect("good settings").credential.mask(&mut headers);
            let found: Vec<_> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
                .collect();
            assert_eq!(found, [wanted], "{provider}");
        }
    }
}
