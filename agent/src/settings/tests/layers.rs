//! Several layers: who wins, who is locked out, who may only narrow.

use expect_test::expect;
use serde_json::json;

use super::*;

#[test]
fn higher_layers_win_and_are_remembered() {
    let mut layers = Layers {
        policy: Some(file(
            "p.toml",
            "completion.throttle_ms = 1\ncompletion.max_tokens = 1",
        )),
        user: Some(file("u.toml", "completion.throttle_ms = 2")),
        ..Layers::default()
    };
    let check = |layers: &Layers, value: u64, layer: Layer| {
        let loaded = layers.load();
        assert_eq!(said(&loaded), "");
        assert_eq!(loaded.settings.completion.max_tokens, 1);
        assert_eq!(
            (
                loaded.settings.completion.throttle_ms,
                loaded.origin("completion.throttle_ms").layer
            ),
            (value, layer)
        );
    };
    check(&layers, 2, Layer::User);
    layers.start = Some(json!({"completion": {"throttle_ms": 3.0}, "routes": [], "chat": null}));
    check(&layers, 3, Layer::Start);
    layers.editor = Some(json!({"nextline": {"completion": {"throttle_ms": 4}}}));
    check(&layers, 4, Layer::Editor);
    layers.environment = vec![
        ("NEXTLINE_COMPLETION__THROTTLE_MS".into(), "5".into()),
        ("NEXTLINE_CONFIG".into(), "x".into()),
        ("NEXTLINE_SOMETHING".into(), "x".into()),
    ];
    check(&layers, 5, Layer::Environment);
    layers.flags = vec![("completion.throttle_ms".into(), "6".into())];
    check(&layers, 6, Layer::Flags);
}

#[test]
fn foreign_keys_of_an_editor_are_only_mentioned() {
    // By name, for builds whose maps keep the order they were written in.
    let start = json!({"completion": {"enabld": true, "route": 3}, "editorInfo": {"name": "Neovim"}, "github": 1, "locl": {}});
    let loaded = Layers {
        start: Some(start),
        ..Layers::default()
    }
    .load();
    expect![[r#"
        initializationOptions: error: completion.enabld: unknown key `completion.enabld`; did you mean `enabled`?
        initializationOptions: error: completion.route: expected the name of a route, or `local`, found a number; write for example `route = "local"`
        initializationOptions: info: editorInfo: `editorInfo` is not a setting of this agent; ignored
        initializationOptions: info: github: `github` is not a setting of this agent; ignored
        initializationOptions: error: locl: unknown key `locl`; did you mean `local`?
    "#]].assert_eq(&said(&loaded));
}

#[test]
fn a_policy_locks() {
    let policy = file(
        "p.toml",
        "locked = [\"routes\", \"completion.route\", \"colour\"]\n[local]\nenabled = false",
    );
    let mut layers = user(&format!(
        "completion.route = \"fast\"\nlocal.enabled = true\n{FAST}"
    ));
    layers.policy = Some(policy);
    let loaded = layers.load();
    assert!(loaded.settings.routes.is_empty() && loaded.settings.local.enabled);
    expect![[r#"
        p.toml:1:41: error: locked: `colour` is no key or table that can be locked
        p.toml:1:41: error: policy.offline: the machine's policy cannot be followed in all its parts, so nothing beyond this machine is asked; mend its file
        u.toml:1:12: warning: completion.route: locked by the machine's policy; the value here is ignored, remove it
        u.toml:5:1: warning: routes.fast.base_url: locked by the machine's policy; the value here is ignored, remove it
        u.toml:4:1: warning: routes.fast.provider: locked by the machine's policy; the value here is ignored, remove it
    "#]].assert_eq(&said(&loaded));
}

#[test]
fn variables_set_known_keys_and_never_an_origin() {
    let mut layers = user(&FAST.replace("fast", "my-fast"));
    layers.environment = [
        ("NEXTLINE_LOG", "DEBUG"),
        ("NEXTLINE_COMPLETION__LANGUAGES__MARKDOWN", "false"),
        ("NEXTLINE_ROUTES__MY_FAST__MODEL", "m2"),
        ("NEXTLINE_ROUTES__MY_FAST__BASE_URL", "http://evil.example"),
        ("NEXTLINE_ROUTES__MY_FAST__HEADERS__X", "y"),
        ("NEXTLINE_COMPLETION__THROTTEL_MS", "1"),
        ("NEXTLINE_COMPLETION__ENABLED", "yes"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let loaded = layers.load();
    let route = &loaded.settings.routes["my-fast"];
    assert_eq!(
        (route.model.as_str(), route.base_url.as_deref()),
        ("m2", Some("http://127.0.0.1:8080/v1"))
    );
    assert!(route.headers.is_empty() && !route.moved);
    assert_eq!(loaded.settings.log.level, LogLevel::Debug);
    assert_eq!(
        loaded.settings.completion.languages.get("markdown"),
        Some(&false)
    );
    expect![[r#"
        environment: warning: routes.my-fast.base_url: may not come from a variable, which a project could set; write it in your own file (variable NEXTLINE_ROUTES__MY_FAST__BASE_URL)
        environment: warning: routes.my-fast.headers.x: may not come from a variable, which a project could set; write it in your own file (variable NEXTLINE_ROUTES__MY_FAST__HEADERS__X)
        environment: error: completion.throttel_ms: unknown key `completion.throttel_ms`; did you mean `throttle_ms`? (variable NEXTLINE_COMPLETION__THROTTEL_MS)
        environment: error: completion.enabled: expected true or false, found a text; write for example `enabled = true` (variable NEXTLINE_COMPLETION__ENABLED)
    "#]].assert_eq(&said(&loaded));
}

#[test]
fn a_moved_route_leaves_its_keys_behind() {
    let keys = "api_key_env = \"K\"\nheaders = { X-Team = \"a\" }\n";
    // What the editor says of the route, whether that moves it, and which variable holds its key then.
    for (editor, moved, key) in [
        (json!({"base_url": "http://evil.example/v1"}), true, None),
        (json!({"base_url": "http://127.0.0.1:8081/v1"}), true, None),
        (json!({"base_url": "https://127.0.0.1:8080/v1"}), true, None),
        (
            json!({"base_url": "http://127.0.0.1:8080/v2"}),
            false,
            Some("K"),
        ),
        (
            json!({"base_url": "http://evil.example/v1", "api_key_env": "E"}),
            true,
            Some("E"),
        ),
        (json!({"proxy": "http://evil.example"}), true, None),
        (json!({"ca_bundle": "/x.pem"}), true, None),
        (json!({"provider": "mistral", "model": "m"}), true, None),
        (json!({"model": "other"}), false, Some("K")),
    ] {
        let mut layers = user(&format!("{FAST}{keys}"));
        layers.start = Some(json!({"routes": {"fast": editor}}));
        let loaded = layers.load();
        let route = &loaded.settings.routes["fast"];
        assert_eq!(
            (route.moved, route.api_key_env.as_deref()),
            (moved, key),
            "{editor}"
        );
        assert_eq!(route.headers.is_empty(), moved, "{editor}");
        assert_eq!(
            loaded.notices.len(),
            usize::from(moved),
            "{editor}: {}",
            said(&loaded)
        );
    }
    let mut layers = user(&format!("{FAST}{keys}"));
    layers.start = Some(json!({"routes": {"fast": {"base_url": "http://evil.example/v1"}}}));
    expect![[r#"
        initializationOptions: warning: routes.fast.base_url: route `fast` no longer leads where the user's file sends it, so the keys and headers of that file are not sent there; give the moved route a name of its own, or move it in the user's file
    "#]].assert_eq(&said(&layers.load()));
    // A route of the editor's own is nobody's to protect, and moving back home is no move.
    layers.editor = Some(json!({"routes": {
        "fast": {"base_url": "http://127.0.0.1:8080/v1"},
        "other": {"provider": "openai-compatible", "base_url": "http://h/v1", "api_key_env": "E"},
    }}));
    let loaded = layers.load();
    assert_eq!(
        loaded.settings.routes["fast"].api_key_env.as_deref(),
        Some("K")
    );
    assert_eq!(
        loaded.settings.routes["other"].api_key_env.as_deref(),
        Some("E")
    );
    assert_eq!(said(&loaded), "");
}

#[test]
fn a_project_only_narrows() {
    let narrowing = "completion.enabled = false\ncompletion.max_tokens = 64\ncompletion.languages.rust = false\n\
                     completion.throttle_ms = 100\nbudget.daily_usd = 1.0\nlocal.confidence = 0.9\n";
    let widening = "completion.route = \"fast\"\ncompletion.max_tokens = 256\nlocal.enabled = true\n\
                    local.max_file_bytes = 2000000\nlog.file = \"/x\"\n[routes.fast]\nbase_url = \"http://evil.example\"\n\
                    api_key_cmd = [\"sh\"]\n[routes.evil]\nprovider = \"ollama\"\n";
    let mut layers = user(FAST);
    layers.projects = vec![file("a/.nextline/config.toml", narrowing)];
    let loaded = layers.load();
    assert_eq!(said(&loaded), "");
    let completion = &loaded.settings.completion;
    assert_eq!(
        (
            completion.enabled,
            completion.max_tokens,
            completion.throttle_ms
        ),
        (false, 64, 100)
    );
    assert_eq!(loaded.settings.budget.all.daily_usd, Some(1.0));
    assert_eq!(
        loaded.origin("completion.max_tokens").to_string(),
        "a/.nextline/config.toml:2:12"
    );

    layers.projects = vec![file("a/.nextline/config.toml", widening)];
    let loaded = layers.load();
    assert_eq!(loaded.settings, user(FAST).load().settings);
    expect![[r#"
        a/.nextline/config.toml:1:12: warning: completion.route: ignored, as are `completion.max_tokens`, `local.max_file_bytes`, `log.file`, `routes.fast.base_url`, `routes.fast.api_key_cmd` and 1 more: a project's file may only switch off and lower; what you want of it belongs in your own file
    "#]].assert_eq(&said(&loaded));
}

/// Whatever one key of a project's file says, nothing gets wider.
#[test]
fn no_single_key_of_a_project_widens() {
    let base = user(&format!(
        "{FAST}[budget]\ndaily_usd = 2.0\n[routes.other]\nprovider = \"ollama\"\nmodel = \"m\""
    ));
    let before = base.load().settings;
    for row in table::ROWS {
        let path = row
            .path
            .replace("routes.*", "routes.fast")
            .replace('*', "name");
        for value in [
            "true",
            "1",
            "0.7",
            "99999",
            "\"fast\"",
            "\"always\"",
            "\"http://evil.example\"",
            "[\"sh\"]",
            "{ a = 1 }",
        ] {
            let mut layers = base.clone();
            layers.projects = vec![file("x.toml", &format!("{path} = {value}"))];
            let after = layers.load().settings;
            let (new, old) = (&after.completion, &before.completion);
            assert_eq!(after.routes, before.routes, "{path} = {value}");
            assert_eq!(
                (&new.route, &new.fallback, new.multiline, new.popup),
                (&old.route, &old.fallback, old.multiline, old.popup)
            );
            assert!(
                new.max_tokens <= old.max_tokens && new.throttle_ms >= old.throttle_ms,
                "{path} = {value}"
            );
            assert!(
                after.local.confidence >= before.local.confidence,
                "{path} = {value}"
            );
            assert!(
                after.local.max_file_bytes <= before.local.max_file_bytes,
                "{path} = {value}"
            );
            assert!(
                after.budget.all.daily_usd <= before.budget.all.daily_usd,
                "{path} = {value}"
            );
            assert_eq!(
                (after.edit, after.chat, after.log),
                (before.edit.clone(), before.chat.clone(), before.log.clone())
            );
        }
    }
}

#[test]
fn a_project_switches_nothing_on() {
    let off =
        "completion.enabled = false\ncompletion.languages.rust = false\nlocal.enabled = false\n";
    let mut layers = user(off);
    let before = layers.load().settings;
    let on = off.replace("false", "true") + "completion.languages.markdown = true\n";
    layers.projects = vec![file("x.toml", &on)];
    let loaded = layers.load();
    assert_eq!(loaded.settings, before);
    assert_eq!(loaded.notices.len(), 1);
}

#[test]
fn only_what_is_new_is_news() {
    let before = user("nonsense = 1").load();
    let after = user("nonsense = 1\nrubbish = 1").load();
    assert_eq!(
        after
            .news(&before)
            .map(|notice| notice.key.as_str())
            .collect::<Vec<_>>(),
        ["rubbish"]
    );
}
