//! What proves to a provider who asks: the seam between a request that is ready and the keys, tokens and signatures that go with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use tokio::time::Instant;

use super::client::Http;
use super::error::Failure;
use super::key::Key;
use super::record::MASK;
use super::{aws, entra, google};
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

/// What is known of a credential before it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// None is needed and none is set.
    Unneeded,
    /// It is there; where it was found.
    Present(String),
    /// It is missing; the mend.
    Missing(String),
    /// It shows when it is first needed; how it will be had.
    Later(String),
}

/// Who asks. One for each route; all its requests share it.
pub trait Credential: Send + Sync {
    /// Puts into `request` what proves who asks; whatever is secret in it as a sensitive header.
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>>;

    /// Puts masks where `sign` would put secrets, and asks nobody for one.
    fn mask(&self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, HeaderValue::from_static(MASK));
    }

    /// The provider refused a request that was signed at `signed` with `failure` (its `status`, `code` and `date` are the provider's).
    /// Forgets what is older than that and can be had anew; `true` when the same request, signed again, may succeed.
    fn refused(&self, _failure: &Failure, _signed: Instant) -> bool {
        false
    }

    /// What is known of it without reading a file, running a command or asking anybody.
    fn standing(&self) -> Standing {
        Standing::Later("looked for when the route is first asked".to_owned())
    }

    /// What is said where the provider does not take it: where it came from, and the mend; `None` = nothing better than a shrug.
    fn unaccepted(&self) -> Option<String> {
        None
    }

    /// The value of a placeholder of the address that the settings leave open (a region, a project), if it knows one.
    fn blank<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        std::future::ready(Ok(None)).boxed()
    }
}

/// What a credential is made from. Making one reads no file and opens no connection.
pub struct Making<'a> {
    /// The route's settings.
    pub settings: &'a Settings,
    /// The process's connections.
    pub http: &'a Http,
}

impl Making<'_> {
    /// The provider's own key `name` of the route.
    pub fn own(&self, name: &str) -> Option<String> {
        let value = self.settings.own.get(name)?.as_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// Makes a credential.
pub type Maker = fn(&Making<'_>) -> Arc<dyn Credential>;

/// The makers by the names that `routes.toml` uses.
const MAKERS: &[(&str, Maker)] = &[
    ("aws", aws::make),
    ("google", google::make),
    ("entra", entra::make),
];

/// The maker that is called `name`.
pub fn maker(name: &str) -> Option<Maker> {
    MAKERS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, maker)| *maker)
}

/// A key beside something that can be had without: which of them proves who asks is the vendor's row to say.
pub struct Usual {
    /// The key.
    pub key: Key,
    /// What knows the rest of the address, and is used where the key is not.
    pub otherwise: Arc<dyn Credential>,
    /// Whether only the key proves anything; else it does where one of its variables is set.
    pub only_key: bool,
}

impl Usual {
    fn chosen(&self) -> &dyn Credential {
        match self.only_key || self.key.is_set() {
            true => &self.key,
            false => &*self.otherwise,
        }
    }
}

impl Credential for Usual {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.chosen().sign(request)
    }

    fn mask(&self, headers: &mut HeaderMap) {
        self.chosen().mask(headers);
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        self.chosen().refused(failure, signed)
    }

    fn standing(&self) -> Standing {
        self.chosen().standing()
    }

    fn unaccepted(&self) -> Option<String> {
        self.chosen().unaccepted()
    }

    fn blank<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        // A key says nothing about regions and projects; the other's files may.
        self.otherwise.blank(name)
    }
}

/// Longest time that is taken off a token's life so that it does not expire on its way; a fifth of its life if that is less.
const EARLY: Duration = Duration::from_secs(300);
/// How long a fetch may stand without a result. One that was left by all who waited does not go on by itself, and what it would bring after
/// that time may be old.
const STALE: Duration = Duration::from_secs(150);
/// How long an old value does after a renewal that failed.
const AGAIN: Duration = Duration::from_secs(20);

/// Something that was fetched.
#[derive(Debug)]
pub struct Fresh<T> {
    /// What.
    pub value: T,
    /// How long it is good from the start of the fetch; `None` = until it is refused.
    pub life: Option<Duration>,
}

/// What a fetch brings.
pub type Fetched<T> = Result<Fresh<T>, Failure>;

impl<T> Fresh<T> {
    /// What is good until it is refused.
    pub fn lasting(value: T) -> Self {
        Fresh { value, life: None }
    }
}

type Fetching<T> = Shared<BoxFuture<'static, Result<Held<T>, Failure>>>;

/// A value that is fetched when it is first needed, once for all that wait, and anew a little before it expires.
pub struct Kept<T>(Mutex<State<T>>);

enum State<T> {
    Empty,
    /// Since when, and what was there before.
    Fetching(Fetching<T>, Instant, Option<Held<T>>),
    Ready(Held<T>),
}

struct Held<T> {
    value: Arc<T>,
    fetched: Instant,
    /// When it is time for a new one.
    renew: Option<Instant>,
    until: Option<Instant>,
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
    /// The value; `fetch` is called if there is none that is good. A failed fetch is told to all that waited for it and then forgotten, but
    /// a value that was only to be renewed does for a while more.
    pub async fn get(
        &self,
        fetch: impl FnOnce() -> BoxFuture<'static, Fetched<T>>,
    ) -> Result<Arc<T>, Failure> {
        let fetching = {
            let mut state = self.lock();
            let now = Instant::now();
            match &*state {
                State::Ready(held) if held.is_good(now) => {
                    return Ok(held.value.clone());
                }
                State::Fetching(fetching, begun, _) if begun.elapsed() < STALE => fetching.clone(),
                _ => {
                    let before = match std::mem::replace(&mut *state, State::Empty) {
                        State::Ready(held) | State::Fetching(_, _, Some(held)) => Some(held),
                        _ => None,
                    };
                    let fetching = hold(now, fetch()).boxed().shared();
                    *state = State::Fetching(fetching.clone(), now, before);
                    fetching
                }
            }
        };
        let fetched = fetching.clone().await;
        let mut state = self.lock();
        // Whoever wakes late must not bring back what was forgotten meanwhile.
        if let State::Fetching(current, _, before) = &*state
            && current.ptr_eq(&fetching)
        {
            let before = before.as_ref().and_then(Held::for_now);
            *state = match &fetched {
                Ok(held) => State::Ready(held.clone()),
                Err(_) => before.map_or(State::Empty, State::Ready),
            };
        }
        match (&fetched, &*state) {
            (Ok(held), _) | (Err(_), State::Ready(held)) => Ok(held.value.clone()),
            (Err(failure), _) => Err(failure.clone()),
        }
    }

    /// Forgets the value if it was fetched before `signed`: a newer one was not the one that was refused.
    pub fn forget(&self, signed: Instant) {
        let mut state = self.lock();
        if matches!(&*state, State::Ready(held) if held.fetched <= signed) {
            *state = State::Empty;
        }
    }

    /// What `look` sees in the value, if there is one.
    pub fn peek<R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        match &*self.lock() {
            State::Ready(held) => Some(look(&held.value)),
            _ => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Held<T> {
    fn is_good(&self, now: Instant) -> bool {
        self.renew.is_none_or(|renew| now < renew)
    }

    /// The same for a moment more, unless it has ended.
    fn for_now(&self) -> Option<Held<T>> {
        let now = Instant::now();
        self.until.is_none_or(|until| now < until).then(|| Held {
            renew: Some(now + AGAIN),
            ..self.clone()
        })
    }
}

async fn hold<T>(
    fetched: Instant,
    fetch: BoxFuture<'static, Fetched<T>>,
) -> Result<Held<T>, Failure> {
    let fresh = fetch.await?;
    Ok(Held {
        value: Arc::new(fresh.value),
        fetched,
        // A life that no clock can count has no end.
        renew: fresh
            .life
            .and_then(|life| fetched.checked_add(life - EARLY.min(life / 5))),
        until: fresh.life.and_then(|life| fetched.checked_add(life)),
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
    async fn only_what_is_held_can_be_looked_at() {
        let well = Well::new(None);
        assert_eq!(well.kept.peek(|value| *value), None);
        well.get().await;
        assert_eq!(well.kept.peek(|value| *value), Some(1));
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

    #[tokio::test]
    async fn what_still_holds_does_when_a_renewal_fails_and_a_left_fetch_is_begun_anew() {
        let kept: Kept<u64> = Kept::default();
        let good = |value: u64| {
            let life = Some(Duration::from_secs(1000));
            move || std::future::ready(Ok(Fresh { value, life })).boxed()
        };
        let failing = || std::future::ready(Err(Failure::new(Kind::Auth, "no"))).boxed();
        let over = |renew: bool, until: bool| {
            if let State::Ready(held) = &mut *kept.lock() {
                held.renew = held.renew.filter(|_| !renew).or(Some(held.fetched));
                held.until = held.until.filter(|_| !until).or(Some(held.fetched));
            }
        };
        assert_eq!(*kept.get(good(1)).await.expect("good"), 1);
        over(true, false);
        assert_eq!(*kept.get(failing).await.expect("the old one"), 1);
        assert_eq!(
            *kept.get(good(2)).await.expect("not asked again at once"),
            1
        );
        over(true, true);
        assert!(kept.get(failing).await.is_err());

        let never = || std::future::pending().boxed();
        assert!(kept.get(never).now_or_never().is_none());
        assert!(kept.get(good(3)).now_or_never().is_none(), "the same fetch");
        let long_ago = Instant::now().checked_sub(STALE);
        if let (State::Fetching(_, begun, _), Some(long_ago)) = (&mut *kept.lock(), long_ago) {
            *begun = long_ago;
        }
        assert_eq!(*kept.get(good(4)).await.expect("another fetch"), 4);
    }
}

#[cfg(test)]
mod usual;
