//! What is said of a key without showing it: where it is, what to do where it is not, and what stands in its place.

use super::*;

fn sources() -> [(&'static str, Source); 8] {
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let usual =
        |names: &[&str]| -> &'static [String] { Box::leak(words(names).into_boxed_slice()) };
    [
        ("nothing", Source::Nothing),
        ("variable", Source::Variable("CARGO_PKG_NAME".into())),
        ("unset", Source::Variable("NEXTLINE_NO_SUCH_KEY".into())),
        (
            "usual",
            Source::Usual(usual(&["NEXTLINE_NO_SUCH_KEY", "CARGO_PKG_NAME"])),
        ),
        ("command", Source::Command(words(&["pass", "show", "x"]))),
        ("token", Source::Token(words(&["gcloud", "token"]))),
        (
            "login",
            Source::Login(Owner {
                route: "fast".into(),
                origin: "https://h".into(),
            }),
        ),
        ("elsewhere", Source::Elsewhere("`KEY` is another's".into())),
    ]
}

fn key(source: Source) -> Key {
    Key::new(
        source,
        &[
            "authorization: Bearer {key}".to_owned(),
            "x-also: {key}!".to_owned(),
        ],
        None,
    )
}

#[test]
fn each_source_says_where_it_is_and_what_mends_it() {
    let missing =
        "set the variable `NEXTLINE_NO_SUCH_KEY`, or `api_key_env` or `api_key_cmd` of this route";
    let command = |program: &str| {
        Standing::Later(format!(
            "from a command ({program}), which is not run for this"
        ))
    };
    for (name, source) in sources() {
        let (set, standing, unaccepted) = match name {
            "nothing" => (
                false,
                Standing::Unneeded,
                Some(
                    "a key is wanted and none is set; set `api_key_env` or `api_key_cmd` of this route",
                ),
            ),
            "variable" => (
                true,
                Standing::Present("the environment (CARGO_PKG_NAME)".into()),
                Some(
                    "the key was not accepted; check the variable `CARGO_PKG_NAME` (`api_key_env` of this route)",
                ),
            ),
            "unset" => (
                false,
                Standing::Missing(missing.into()),
                Some(
                    "the key was not accepted; check the variable `NEXTLINE_NO_SUCH_KEY` (`api_key_env` of this route)",
                ),
            ),
            "usual" => (
                true,
                Standing::Present("the environment (CARGO_PKG_NAME)".into()),
                Some(
                    "the key was not accepted; check the variable `CARGO_PKG_NAME`, or set `api_key_env` of this route",
                ),
            ),
            "command" => (
                true,
                command("pass"),
                Some(
                    "the key was not accepted; check what `pass` prints (`api_key_cmd` of this route)",
                ),
            ),
            "token" => (
                true,
                command("gcloud"),
                Some(
                    "the key was not accepted; check what `gcloud` prints (`token_command` of this route)",
                ),
            ),
            "login" => (
                true,
                Standing::Present("the keyring".into()),
                Some("the key was not accepted; keep another one by `nextline login fast`"),
            ),
            _ => (false, Standing::Missing("`KEY` is another's".into()), None),
        };
        let key = key(source);
        assert_eq!(key.is_set(), set, "{name}");
        assert_eq!(key.standing(), standing, "{name}");
        assert_eq!(key.unaccepted().as_deref(), unaccepted, "{name}");
    }
    let unset: &[String] =
        Box::leak(vec!["A_KEY_1".to_owned(), "A_KEY_2".to_owned()].into_boxed_slice());
    let unset = key(Source::Usual(unset));
    assert_eq!((unset.is_set(), unset.unaccepted()), (false, None));
    let told =
        "set the variable `A_KEY_1` or `A_KEY_2`, or `api_key_env` or `api_key_cmd` of this route";
    assert_eq!(unset.standing(), Standing::Missing(told.into()));
}

#[tokio::test]
async fn a_mask_stands_where_the_key_would() {
    for (name, source) in sources() {
        let mut headers = HeaderMap::new();
        key(source).mask(&mut headers);
        let found: Vec<_> = ["authorization", "x-also"]
            .map(|name| headers.get(name))
            .into_iter()
            .flatten()
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|value| value.to_str().expect("text"))
            .collect();
        let wanted: &[&str] = if name == "nothing" {
            &[]
        } else {
            &["Bearer ***", "***!"]
        };
        assert_eq!(found, wanted, "{name}");
        assert!(headers.values().all(HeaderValue::is_sensitive));
    }
}

#[tokio::test]
async fn only_a_token_that_was_refused_as_such_is_had_anew() {
    for (status, name, anew) in [
        (Some(401), "token", true),
        (Some(403), "token", false),
        (None, "token", false),
        (Some(401), "command", false),
        (Some(401), "variable", false),
    ] {
        let source = sources()
            .into_iter()
            .find(|(known, _)| *known == name)
            .expect("known")
            .1;
        let mut failure = Failure::new(Kind::Auth, "");
        failure.status = status;
        assert_eq!(
            key(source).refused(&failure, Instant::now()),
            anew,
            "{status:?} {name}"
        );
    }
}

#[test]
fn what_a_program_prints_is_a_key_or_says_why_not() {
    for (said, found) in [
        ("k-1", Ok(("k-1", None))),
        ("  k-1  \nmore", Ok(("k-1", None))),
        (r#"{"token":"t","expires_in":60}"#, Ok(("t", Some(60)))),
        (r#"{"token":"t"}"#, Ok(("t", None))),
        (r#"{"token":"t","expires_in":-1}"#, Ok(("t", None))),
        (r#"{"token":"t","expires_in":"60"}"#, Ok(("t", None))),
        (r#"{"token":7}"#, Ok((r#"{"token":7}"#, None))),
        (
            r#"{"token":""}"#,
            Err("has no key: the key is empty; set `api_key_env` or `api_key_cmd` of this route"),
        ),
        (
            "",
            Err("has no key: the key is empty; set `api_key_env` or `api_key_cmd` of this route"),
        ),
        (
            "\nk-1",
            Err("has no key: the key is empty; set `api_key_env` or `api_key_cmd` of this route"),
        ),
    ] {
        let argv = ["printf", "%s", said].map(str::to_owned);
        let fetched = run(&argv).map(|fresh| {
            let text = String::from_utf8_lossy(fresh.value.reveal()).into_owned();
            (text, fresh.life.map(|life| life.as_secs()))
        });
        let fetched = fetched.map_err(|failure| failure.what);
        let wanted = found
            .map(|(key, life)| (key.to_owned(), life))
            .map_err(str::to_owned);
        assert_eq!(fetched, wanted, "{said}");
    }
    let binary = ["printf", r"\377"].map(str::to_owned);
    assert!(run(&binary).is_err_and(|failure| failure.what.contains("`printf` printed no text")));
}

#[test]
fn a_header_is_made_as_its_template_says() {
    let secret = |text: &str| Secret::new(text.to_owned());
    for (template, key, wanted) in [
        ("x-key: a {key} b", "k", Some("x-key: a k b")),
        ("x-key", "k", Some("x-key: k")),
        ("x-key: fixed", "k", Some("x-key: fixedk")),
        ("a b: {key}", "k", None),
        ("x-key: {key}", "k\n", None),
        ("x-key: {key}", "ü", None),
    ] {
        let made = super::header(template, &secret(key)).ok();
        let made = made.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")));
        assert_eq!(made.as_deref(), wanted, "{template} {key}");
    }
}
