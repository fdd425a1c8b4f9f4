//! A key beside what signs otherwise, and what every credential says that says nothing of its own.

use super::super::error::Kind;
use super::super::key::Source;
use super::*;

/// Says of everything that it was asked.
struct Other;

impl Credential for Other {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        request
            .headers
            .insert("x-other", HeaderValue::from_static("1"));
        std::future::ready(Ok(())).boxed()
    }

    fn mask(&self, headers: &mut HeaderMap) {
        headers.insert("x-other", HeaderValue::from_static(MASK));
    }

    fn refused(&self, _: &Failure, _: Instant) -> bool {
        true
    }

    fn standing(&self) -> Standing {
        Standing::Later("other".into())
    }

    fn unaccepted(&self) -> Option<String> {
        Some("other".into())
    }

    fn blank<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        std::future::ready(Ok(Some(format!("{name} of other")))).boxed()
    }
}

/// Says nothing of its own.
struct Silent;

impl Credential for Silent {
    fn sign<'a>(&'a self, _: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        std::future::ready(Ok(())).boxed()
    }
}

fn unsent() -> Unsent {
    Unsent {
        method: Method::POST,
        url: Url::parse("http://127.0.0.1/").expect("an address"),
        headers: HeaderMap::new(),
        body: Vec::new(),
    }
}

#[tokio::test]
async fn a_key_that_is_set_goes_before_what_signs_otherwise() {
    let mut refusal = Failure::new(Kind::Auth, "");
    refusal.status = Some(401);
    for (variable, only_key, by_key) in [
        ("CARGO_PKG_NAME", false, true),
        ("CARGO_PKG_NAME", true, true),
        ("NEXTLINE_NO_SUCH_KEY", false, false),
        ("NEXTLINE_NO_SUCH_KEY", true, true),
    ] {
        let source = Source::Variable(variable.into());
        let usual = Usual {
            key: Key::new(source, &["x-key: {key}".to_owned()], None),
            otherwise: Arc::new(Other),
            only_key,
        };
        let case = format!("{variable} {only_key}");
        let mut request = unsent();
        let signed = usual.sign(&mut request).await;
        assert_eq!(
            signed.is_ok(),
            variable == "CARGO_PKG_NAME" || !by_key,
            "{case}"
        );
        assert_eq!(request.headers.contains_key("x-other"), !by_key, "{case}");
        let mut headers = HeaderMap::new();
        usual.mask(&mut headers);
        assert_eq!(headers.contains_key("x-key"), by_key, "{case}");
        assert_eq!(headers.contains_key("x-other"), !by_key, "{case}");
        assert_eq!(usual.refused(&refusal, Instant::now()), !by_key, "{case}");
        assert_eq!(
            usual.standing() == Standing::Later("other".into()),
            !by_key,
            "{case}"
        );
        assert_eq!(
            usual.unaccepted() == Some("other".into()),
            !by_key,
            "{case}"
        );
        assert!(usual.unaccepted().is_some(), "{case}");
        let blank = usual.blank("region").await.expect("a value");
        assert_eq!(blank.as_deref(), Some("region of other"), "{case}");
    }
}

#[tokio::test]
async fn a_credential_that_says_nothing_hides_its_header_and_promises_nothing() {
    let mut headers = HeaderMap::new();
    Silent.mask(&mut headers);
    assert_eq!(
        headers.get(AUTHORIZATION).map(HeaderValue::as_bytes),
        Some(&b"***"[..])
    );
    assert!(!Silent.refused(&Failure::new(Kind::Auth, ""), Instant::now()));
    let later = Standing::Later("looked for when the route is first asked".into());
    assert_eq!((Silent.standing(), Silent.unaccepted()), (later, None));
    assert_eq!(Silent.blank("region").await, Ok(None));
}

#[test]
fn a_setting_of_the_providers_own_is_text_that_is_not_empty() {
    let own = [
        ("region", "eu".into()),
        ("empty", "".into()),
        ("number", 7.into()),
    ];
    let own = own
        .into_iter()
        .map(|(key, value): (&str, serde_json::Value)| (key.to_owned(), value));
    let settings = Settings {
        own: own.collect(),
        ..Settings::default()
    };
    let making = Making {
        settings: &settings,
        http: &Http::default(),
    };
    let found = ["region", "empty", "number", "none"].map(|key| making.own(key));
    assert_eq!(found, [Some("eu".to_owned()), None, None, None]);
    let known = ["aws", "google", "entra", "none"].map(|name| maker(name).is_some());
    assert_eq!(known, [true, true, true, false]);
}
