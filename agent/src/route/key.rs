//! The key of a route: where it comes from, fetched at the first request, once for all that wait, and bound to the route's origin.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::credential::{Credential, Fresh, Kept, Standing, Unsent};
use super::error::{Failure, Kind};
use super::keyring::Owner;
use super::record::MASK;
use crate::secret::Secret;

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The route sends none.
    Nothing,
    /// One variable that the settings name; it must be there.
    Variable(String),
    /// The vendor's own variables, the first one that is set; it must be there.
    Usual(&'static [String]),
    /// A command (argv, no shell) that prints a key, or JSON `{token, expires_in}` (seconds).
    Command(Vec<String>),
    /// The same for a token that may be refused before its time: the command then runs once more.
    Token(Vec<String>),
    /// The system's keyring.
    Login(Owner),
    /// There is none for this origin, and why.
    Elsewhere(String),
}

/// Makes the key that is sent out of the one that a person holds; `None` where they are the same.
pub type Turn = fn(&Secret) -> Option<Secret>;

/// The key of one route.
pub struct Key {
    source: Source,
    /// How it travels: headers as `name: value` with `{key}` in them.
    headers: Arc<[String]>,
    /// Makes what is sent out of what a person holds.
    turned: Option<Turn>,
    kept: Kept<Secret>,
}

impl Key {
    /// A key that is fetched when it is first asked for and travels in `headers` (`name: value` with `{key}` in it).
    pub fn new(source: Source, headers: &[String], turned: Option<Turn>) -> Self {
        Key {
            source,
            headers: headers.into(),
            turned,
            kept: Kept::default(),
        }
    }

    /// Whether one of the variables that it may come from is set; other sources always are.
    pub fn is_set(&self) -> bool {
        match &self.source {
            Source::Nothing | Source::Elsewhere(_) => false,
            Source::Variable(name) => variable(name).is_some(),
            Source::Usual(names) => names.iter().any(|name| variable(name).is_some()),
            Source::Command(_) | Source::Token(_) | Source::Login(_) => true,
        }
    }

    async fn put(&self, request: &mut Unsent) -> Result<(), Failure> {
        if self.source == Source::Nothing {
            return Ok(());
        }
        let key = self.kept.get(|| fetch(self.source.clone())).await?;
        let turned = self.turned.and_then(|turn| turn(&key));
        for template in &*self.headers {
            let (name, value) = header(template, turned.as_ref().unwrap_or(&key))?;
            request.headers.insert(name, value);
        }
        Ok(())
    }
}

impl Credential for Key {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.put(request).boxed()
    }

    fn mask(&self, headers: &mut HeaderMap) {
        if self.source == Source::Nothing {
            return;
        }
        let secret = Secret::new(MASK.to_owned());
        // What cannot be a header is said when it is signed.
        headers.extend(
            self.headers
                .iter()
                .filter_map(|template| header(template, &secret).ok()),
        );
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        if failure.status != Some(401) {
            return false;
        }
        self.kept.forget(signed);
        matches!(self.source, Source::Token(_))
    }

    fn unaccepted(&self) -> Option<String> {
        let printed = |argv: &[String], setting: &str| {
            let program = argv.first().map_or("", String::as_str);
            format!("check what `{program}` prints (`{setting}` of this route)")
        };
        let mend = match &self.source {
            Source::Nothing => {
                let what = "a key is wanted and none is set; set `api_key_env` or `api_key_cmd` of this route";
                return Some(what.to_owned());
            }
            Source::Elsewhere(_) => return None,
            Source::Variable(name) => {
                format!("check the variable `{name}` (`api_key_env` of this route)")
            }
            Source::Usual(names) => {
                let name = names.iter().find(|name| variable(name).is_some())?;
                format!("check the variable `{name}`, or set `api_key_env` of this route")
            }
            Source::Command(argv) => printed(argv, "api_key_cmd"),
            Source::Token(argv) => printed(argv, "token_command"),
            Source::Login(owner) => {
                format!("keep another one by `nextline login {}`", owner.route)
            }
        };
        Some(format!("the key was not accepted; {mend}"))
    }

    fn standing(&self) -> Standing {
        let names = match &self.source {
            Source::Nothing => return Standing::Unneeded,
            Source::Command(argv) | Source::Token(argv) => {
                let program = argv.first().map_or("", String::as_str);
                return Standing::Later(format!(
                    "from a command ({program}), which is not run for this"
                ));
            }
            Source::Login(_) => return Standing::Present("the keyring".to_owned()),
            Source::Elsewhere(why) => return Standing::Missing(why.clone()),
            Source::Variable(name) => std::slice::from_ref(name),
            Source::Usual(names) => *names,
        };
        match names.iter().find(|name| variable(name).is_some()) {
            Some(name) => Standing::Present(format!("the environment ({name})")),
            None => Standing::Missing(format!(
                "set the variable `{}`, or `api_key_env` or `api_key_cmd` of this route",
                names.join("` or `")
            )),
        }
    }
}

/// The header that `template` describes, marked as sensitive.
fn header(template: &str, key: &Secret) -> Result<(HeaderName, HeaderValue), Failure> {
    let unfit = || missing("the key holds characters that no key has");
    let (name, value) = template.split_once(": ").unwrap_or((template, "{key}"));
    let name = name.parse::<HeaderName>().map_err(|_| unfit())?;
    let (before, after) = value.split_once("{key}").unwrap_or((value, ""));
    let bytes = [before.as_bytes(), key.reveal(), after.as_bytes()].concat();
    let mut value = HeaderValue::from_bytes(&bytes).map_err(|_| unfit())?;
    if value.to_str().is_err() {
        return Err(unfit());
    }
    value.set_sensitive(true);
    Ok((name, value))
}

/// The value of a variable, if it has one.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

type Fetched = Result<Fresh<Secret>, Failure>;

fn fetch(source: Source) -> BoxFuture<'static, Fetched> {
    match source {
        Source::Command(argv) | Source::Token(argv) => aside(move || run(&argv)),
        Source::Login(owner) => aside(move || {
            Ok(Fresh {
                value: owner.key()?,
                life: None,
            })
        }),
        other => std::future::ready(read(&other)).boxed(),
    }
}

/// On a thread of its own: the command or the keyring may wait for a person, and goes on when the request that began it is cancelled, so
/// that the next one does not ask the person again.
fn aside(work: impl FnOnce() -> Fetched + Send + 'static) -> BoxFuture<'static, Fetched> {
    let (done, fetched) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name("key".into())
        .spawn(move || done.send(work()));
    async move {
        match started {
            Ok(_) => fetched
                .await
                .unwrap_or_else(|_| Err(missing("what fetches the key broke off"))),
            Err(_) => Err(missing("no thread for what fetches the key")),
        }
    }
    .boxed()
}

fn read(source: &Source) -> Fetched {
    let names: &[String] = match source {
        Source::Variable(name) => std::slice::from_ref(name),
        Source::Usual(names) => names,
        Source::Elsewhere(why) => return Err(missing(why)),
        Source::Nothing | Source::Command(_) | Source::Token(_) | Source::Login(_) => &[],
    };
    match names.iter().find_map(|name| variable(name)) {
        Some(value) => held(value.trim(), None),
        None => Err(missing(&format!(
            "the variable `{}` is empty or not set",
            names.join("` or `")
        ))),
    }
}

fn run(argv: &[String]) -> Fetched {
    let [program, arguments @ ..] = argv else {
        return Err(missing("the command of the key is empty"));
    };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|_| {
            missing(&format!(
                "`{program}`, which prints the key, cannot be started"
            ))
        })?;
    if !output.status.success() {
        return Err(missing(&format!(
            "`{program}`, which prints the key, failed"
        )));
    }
    let text = String::from_utf8(output.stdout)
        .map_err(|_| missing(&format!("`{program}` printed no text")))?;
    let token = serde_json::from_str::<serde_json::Value>(&text).ok();
    let token = token
        .as_ref()
        .and_then(|json| Some((json.get("token")?.as_str()?, json.get("expires_in"))));
    match token {
        Some((token, life)) => {
            let life = life
                .and_then(serde_json::Value::as_f64)
                .and_then(|life| Duration::try_from_secs_f64(life).ok());
            held(token, life)
        }
        None => held(text.lines().next().unwrap_or_default().trim(), None),
    }
}

fn held(key: &str, life: Option<Duration>) -> Fetched {
    if key.is_empty() {
        return Err(missing("the key is empty"));
    }
    Ok(Fresh {
        value: Secret::new(key.to_owned()),
        life,
    })
}

fn missing(why: &str) -> Failure {
    Failure::new(
        Kind::Auth,
        format!("has no key: {why}; set `api_key_env` or `api_key_cmd` of this route"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsent() -> Unsent {
        Unsent {
            method: reqwest::Method::POST,
            url: reqwest::Url::parse("http://127.0.0.1/").expect("url"),
            headers: Default::default(),
            body: Vec::new(),
        }
    }

    async fn header(source: Source, template: &str) -> Result<String, String> {
        let (key, mut request) = (Key::new(source, &[template.to_owned()], None), unsent());
        key.sign(&mut request)
            .await
            .map_err(|failure| failure.what)?;
        let found = request.headers.iter().next();
        Ok(found.map_or_else(String::new, |(name, value)| {
            assert!(value.is_sensitive());
            format!("{name}: {}", value.to_str().expect("text"))
        }))
    }

    fn command(argv: &[&str]) -> Source {
        Source::Command(argv.iter().map(|word| (*word).to_owned()).collect())
    }

    #[tokio::test]
    async fn keys_come_from_where_the_settings_say() {
        for (source, wanted) in [
            (Source::Nothing, Ok("")),
            (
                Source::Variable("CARGO_PKG_NAME".into()),
                Ok("authorization: Bearer nextline"),
            ),
            (
                Source::Variable("NEXTLINE_NO_SUCH_KEY".into()),
                Err("`NEXTLINE_NO_SUCH_KEY` is empty or not set"),
            ),
            (command(&["echo", "k-1"]), Ok("authorization: Bearer k-1")),
            (
                command(&["echo", "k 1; true"]),
                Ok("authorization: Bearer k 1; true"),
            ),
            (
                command(&["echo", r#"{"token":"t","expires_in":60}"#]),
                Ok("authorization: Bearer t"),
            ),
            (command(&["echo"]), Err("the key is empty")),
            (
                command(&["false"]),
                Err("`false`, which prints the key, failed"),
            ),
            (command(&["/no/such/program"]), Err("cannot be started")),
            (command(&[]), Err("is empty")),
        ] {
            let found = header(source.clone(), "authorization: Bearer {key}").await;
            match (&found, wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{source:?}"),
                (Err(found), Err(wanted)) => assert!(found.contains(wanted), "{source:?}: {found}"),
                _ => panic!("{source:?}: {found:?}"),
            }
        }
    }

    #[tokio::test]
    async fn it_travels_as_the_vendor_wants_it() {
        for (template, wanted) in [
            ("x-api-key: {key}", "x-api-key: nextline"),
            (
                "authorization: token {key}",
                "authorization: token nextline",
            ),
        ] {
            let source = Source::Variable("CARGO_PKG_NAME".into());
            assert_eq!(header(source, template).await.as_deref(), Ok(wanted));
        }
    }

    #[tokio::test]
    async fn ten_requests_run_the_command_once_and_again_only_when_it_expired_or_was_refused() {
        let dir = std::env::temp_dir().join(format!("nextline-key-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("dir");
        let mut refusal = Failure::new(Kind::Auth, "");
        refusal.status = Some(401);
        for (expires, runs) in [("60", 2), ("0", 3)] {
            let log = dir.join(expires);
            let script = format!(
                "echo x >> {}; echo '{{\"token\":\"t\",\"expires_in\":{expires}}}'",
                log.display()
            );
            let argv = ["sh", "-c", &script].map(str::to_owned).to_vec();
            let key = Key::new(Source::Token(argv), &["x: {key}".to_owned()], None);
            let mut requests = vec![unsent(); 10];
            let signing = requests.iter_mut().map(|request| key.sign(request));
            let asked = futures_util::future::join_all(signing).await;
            assert!(asked.iter().all(Result::is_ok));
            key.sign(&mut unsent()).await.expect("again");
            assert!(key.refused(&refusal, Instant::now()));
            key.sign(&mut unsent()).await.expect("anew");
            assert_eq!(
                std::fs::read_to_string(&log).expect("log").lines().count(),
                runs,
                "expires in {expires}"
            );
        }
        std::fs::remove_dir_all(&dir).expect("clean");
    }
}

#[cfg(test)]
mod told;
