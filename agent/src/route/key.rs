//! The key of a route: where it comes from, fetched at the first request, once for all that wait, and bound to the route's origin.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::header::HeaderValue;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::error::{Failure, Kind};
use crate::secret::Secret;

/// Longest time that a token is trusted before it is fetched anew, taken off its life: a fifth of it, five minutes at most.
const EARLY: Duration = Duration::from_secs(300);

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
}

/// A key, ready to be sent.
pub struct Held {
    secret: Secret,
    header: HeaderValue,
    until: Option<Instant>,
}

impl Held {
    /// What goes behind `Authorization:`; marked as sensitive.
    pub fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Whether `text` holds the key.
    pub fn occurs_in(&self, text: &str) -> bool {
        self.secret.occurs_in(text.as_bytes())
    }
}

type Fetched = Result<Arc<Held>, Failure>;

/// The key of one route.
pub struct Key {
    source: Source,
    state: Mutex<State>,
}

enum State {
    Empty,
    Fetching(Shared<BoxFuture<'static, Fetched>>),
    Ready(Arc<Held>),
}

impl Key {
    /// A key that is fetched when it is first asked for.
    pub fn new(source: Source) -> Self {
        Key {
            source,
            state: Mutex::new(State::Empty),
        }
    }

    /// The key, or `None` when the route sends none.
    pub async fn get(&self) -> Result<Option<Arc<Held>>, Failure> {
        if self.source == Source::Nothing {
            return Ok(None);
        }
        let fetching = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            match &*state {
                State::Ready(held) if held.until.is_none_or(|until| Instant::now() < until) => {
                    return Ok(Some(held.clone()));
                }
                State::Fetching(fetching) => fetching.clone(),
                State::Ready(_) | State::Empty => {
                    let fetching = fetch(self.source.clone()).shared();
                    *state = State::Fetching(fetching.clone());
                    fetching
                }
            }
        };
        let fetched = fetching.await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = match &fetched {
            Ok(held) => State::Ready(held.clone()),
            Err(_) => State::Empty,
        };
        fetched.map(Some)
    }
}

fn fetch(source: Source) -> BoxFuture<'static, Fetched> {
    match source {
        Source::Command(argv) => {
            // A thread of its own: the command may wait for a person, and it goes on when the request that began it is cancelled, so
            // that the next one does not ask the person again.
            let (done, fetched) = oneshot::channel();
            let started = std::thread::Builder::new()
                .name("key".into())
                .spawn(move || done.send(run(&argv)));
            async move {
                match started {
                    Ok(_) => fetched
                        .await
                        .unwrap_or_else(|_| Err(missing("the command of the key broke off"))),
                    Err(_) => Err(missing("no thread for the command of the key")),
                }
            }
            .boxed()
        }
        other => std::future::ready(read(&other)).boxed(),
    }
}

fn read(source: &Source) -> Fetched {
    let names: &[String] = match source {
        Source::Variable(name) => std::slice::from_ref(name),
        Source::Usual(names) => names,
        Source::Nothing | Source::Command(_) => &[],
    };
    let found = names.iter().find_map(|name| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
    });
    match found {
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
    let started = Instant::now();
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
            held(token, life.map(|life| started + life - EARLY.min(life / 5)))
        }
        None => held(text.lines().next().unwrap_or_default().trim(), None),
    }
}

fn held(key: &str, until: Option<Instant>) -> Fetched {
    if key.is_empty() {
        return Err(missing("the key is empty"));
    }
    let mut header = HeaderValue::from_str(&format!("Bearer {key}"))
        .map_err(|_| missing("the key holds characters that no key has"))?;
    header.set_sensitive(true);
    Ok(Arc::new(Held {
        secret: Secret::new(key.to_owned()),
        header,
        until,
    }))
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

    async fn header(source: Source) -> Result<String, String> {
        match Key::new(source).get().await {
            Ok(Some(held)) => Ok(held.header().to_str().expect("text").to_owned()),
            Ok(None) => Ok(String::new()),
            Err(failure) => Err(failure.what),
        }
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
                Ok("Bearer nextline"),
            ),
            (
                Source::Variable("NEXTLINE_NO_SUCH_KEY".into()),
                Err("`NEXTLINE_NO_SUCH_KEY` is empty or not set"),
            ),
            (command(&["echo", "k-1"]), Ok("Bearer k-1")),
            (command(&["echo", "k 1; true"]), Ok("Bearer k 1; true")),
            (
                command(&["echo", r#"{"token":"t","expires_in":60}"#]),
                Ok("Bearer t"),
            ),
            (command(&["echo"]), Err("the key is empty")),
            (
                command(&["false"]),
                Err("`false`, which prints the key, failed"),
            ),
            (command(&["/no/such/program"]), Err("cannot be started")),
            (command(&[]), Err("is empty")),
        ] {
            let found = header(source.clone()).await;
            match (&found, wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted, "{source:?}"),
                (Err(found), Err(wanted)) => assert!(found.contains(wanted), "{source:?}: {found}"),
                _ => panic!("{source:?}: {found:?}"),
            }
        }
    }

    #[tokio::test]
    async fn ten_requests_run_the_command_once_and_again_only_when_it_expired() {
        let dir = std::env::temp_dir().join(format!("nextline-key-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("dir");
        for (expires, runs) in [("60", 1), ("0", 2)] {
            let log = dir.join(expires);
            let script = format!(
                "echo x >> {}; echo '{{\"token\":\"t\",\"expires_in\":{expires}}}'",
                log.display()
            );
            let key = Key::new(command(&["sh", "-c", &script]));
            let asked = futures_util::future::join_all((0..10).map(|_| key.get())).await;
            assert!(asked.iter().all(Result::is_ok));
            key.get().await.expect("again");
            assert_eq!(
                std::fs::read_to_string(&log).expect("log").lines().count(),
                runs,
                "expires in {expires}"
            );
        }
        std::fs::remove_dir_all(&dir).expect("clean");
    }
}
