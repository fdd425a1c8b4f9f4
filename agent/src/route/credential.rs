//! What proves to a provider who asks: the seam between a request that is ready and the keys, tokens and signatures that go with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::client::Http;
use super::error::Failure;
use super::key::Key;
use crate::settings::Route as Settings;

/// A request that is ready but for what proves who asks.
#[derive(Debug, Clone)]
pub struct Unsent {
    /// GET or POST.
    pub method: Method,
    /// Where it goes, query included.
    pub url: Url,
    /// Everything but `Host` and `Content-Length`. What is secret is marked as sensitive.
    pub headers: HeaderMap,
    /// The exact bytes.
    pub body: Vec<u8>,
}

/// Who asks. One for each route; all its requests share it.
pub trait Credential: Send + Sync {
    /// Puts into `request` what proves who asks; whatever is secret in it as a sensitive header.
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>>;

    /// The provider refused a request that was signed at `signed` with `failure` (its `status`, `code` and `date` are the provider's).
    /// Forgets what is older than that and can be had anew; `true` when the same request, signed again, may succeed.
    fn refused(&self, _failure: &Failure, _signed: Instant) -> bool {
        false
    }

    /// The value of a placeholder of the address that the settings leave open (a region, a project), if it knows one.
    fn blank<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        std::future::ready(Ok(None)).boxed()
    }
}

/// What a credential is made from. Making one reads no file and opens no connection.
#[allow(dead_code)] // The tables of makers are filled by those who make.
pub struct Making<'a> {
    /// The route's settings.
    pub settings: &'a Settings,
    /// The process's connections; see `fetch` for asking a token service.
    pub http: &'a Http,
}

/// Makes a credential.
pub type Maker = fn(&Making<'_>) -> Arc<dyn Credential>;

/// The makers by the names that `routes.toml` uses.
const MAKERS: &[(&str, Maker)] = &[];

/// The maker that is called `name`.
pub fn maker(name: &str) -> Option<Maker> {
    MAKERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, maker)| *maker)
}

/// The vendor's usual variables where one of them is set, else something that can be had without.
pub struct Usual {
    /// The variables.
    pub key: Key,
    /// What is used when none of them is set.
    pub otherwise: Arc<dyn Credential>,
}

impl Usual {
    fn chosen(&self) -> &dyn Credential {
        match self.key.is_set() {
            true => &self.key,
            false => &*self.otherwise,
        }
    }
}

impl Credential for Usual {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.chosen().sign(request)
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        self.chosen().refused(failure, signed)
    }

    fn blank<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        // A key says nothing about regions and projects; the other's files may.
        self.otherwise.blank(name)
    }
}

/// Longest time that is taken off a token's life so that it does not expire on its way; a fifth of its life if that is less.
const EARLY: Duration = Duration::from_secs(300);

/// Something that was fetched.
#[derive(Debug)]
pub struct Fresh<T> {
    /// What.
    pub value: T,
    /// How long it is good from the start of the fetch; `None` = until it is refused.
    pub life: Option<Duration>,
}

type Fetching<T> = Shared<BoxFuture<'static, Result<Held<T>, Failure>>>;

/// A value that is fetched when it is first needed, once for all that wait, and anew a little before it expires.
pub struct Kept<T>(Mutex<State<T>>);

enum State<T> {
    Empty,
    Fetching(Fetching<T>),
    Ready(Held<T>),
}

struct Held<T> {
    value: Arc<T>,
    fetched: Instant,
    until: Option<Instant>,
}

impl<T> Held<T> {
    fn is_good(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Held {
            value: self.value.clone(),
            ..*self
        }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(Mutex::new(State::Empty))
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// The value; `fetch` is called if there is none that is good. A failed fetch is told to all that waited for it and then forgotten.
    pub async fn get(
        &self,
        fetch: impl FnOnce() -> BoxFuture<'static, Result<Fresh<T>, Failure>>,
    ) -> Result<Arc<T>, Failure> {
        let fetching = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &*state {
                State::Ready(held) if held.is_good(Instant::now()) => {
                    return Ok(held.value.clone());
                }
                State::Fetching(fetching) => fetching.clone(),
                State::Ready(_) | State::Empty => {
                    let fetching = hold(Instant::now(), fetch()).boxed().shared();
                    *state = State::Fetching(fetching.clone());
                    fetching
                }
            }
        };
        let fetched = fetching.clone().await;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever wakes late must not bring back what was forgotten meanwhile.
        if matches!(&*state, State::Fetching(current) if current.ptr_eq(&fetching)) {
            *state = match &fetched {
                Ok(held) => State::Ready(held.clone()),
                Err(_) => State::Empty,
            };
        }
        fetched.map(|held| held.value)
    }

    /// Forgets the value if it was fetched before `signed`: a newer one was not the one that was refused.
    pub fn forget(&self, signed: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(&*state, State::Ready(held) if held.fetched <= signed) {
            *state = State::Empty;
        }
    }
}

async fn hold<T>(
    fetched: Instant,
    fetch: BoxFuture<'static, Result<Fresh<T>, Failure>>,
) -> Result<Held<T>, Failure> {
    let fresh = fetch.await?;
    Ok(Held {
        value: Arc::new(fresh.value),
        fetched,
        until: fresh.life.map(|life| fetched + life - EARLY.min(life / 5)),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::error::Kind;
    use super::*;

    struct Well {
        kept: Kept<u64>,
        drawn: Arc<AtomicU64>,
        life: Option<Duration>,
    }

    impl Well {
        fn new(life: Option<u64>) -> Self {
            Well {
                kept: Kept::default(),
                drawn: Arc::default(),
                life: life.map(Duration::from_secs),
            }
        }

        async fn get(&self) -> u64 {
            let (drawn, life) = (self.drawn.clone(), self.life);
            let fetch = move || {
                async move {
                    tokio::task::yield_now().await;
                    let value = drawn.fetch_add(1, Ordering::SeqCst) + 1;
                    Ok(Fresh { value, life })
                }
                .boxed()
            };
            *self.kept.get(fetch).await.expect("fetched")
        }
    }

    #[tokio::test]
    async fn a_token_is_fetched_once_and_anew_a_fifth_before_its_end() {
        let well = Well::new(Some(3600));
        let ten = futures_util::future::join_all((0..10).map(|_| well.get())).await;
        assert_eq!(ten, [1; 10], "ten requests, one fetch");
        assert_eq!(well.get().await, 1);
        let short = Well::new(Some(0));
        assert_eq!((short.get().await, short.get().await), (1, 2));

        let start = Instant::now();
        for (life, good) in [(10, 8), (1000, 800), (1500, 1200), (3600, 3300)] {
            let fresh = Fresh {
                value: (),
                life: Some(Duration::from_secs(life)),
            };
            let held = hold(start, std::future::ready(Ok(fresh)).boxed())
                .await
                .expect("held");
            for (after, wanted) in [(good - 1, true), (good, false)] {
                let now = start + Duration::from_secs(after);
                assert_eq!(held.is_good(now), wanted, "{life} after {after}");
            }
        }
    }

    #[tokio::test]
    async fn only_what_was_refused_is_forgotten_and_failures_are_not_kept() {
        let well = Well::new(None);
        let before = Instant::now();
        assert_eq!(well.get().await, 1);
        well.kept.forget(Instant::now());
        assert_eq!(well.get().await, 2);
        well.kept.forget(before);
        assert_eq!(
            well.get().await,
            2,
            "a late refusal of the old one changes nothing"
        );

        let kept: Kept<u64> = Kept::default();
        let failing = || std::future::ready(Err(Failure::new(Kind::Auth, "no"))).boxed();
        assert!(kept.get(failing).await.is_err());
        let good = || {
            let fresh = Fresh {
                value: 7,
                life: None,
            };
            std::future::ready(Ok(fresh)).boxed()
        };
        assert_eq!(*kept.get(good).await.expect("good"), 7);
    }
}
