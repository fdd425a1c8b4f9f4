//! The configured routes, built when they are first asked, and what was last wrong with them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Engine, Reason, Silence};
use crate::route::{Http, Kind, Route, RouteError};
use crate::settings::{self, Settings};

/// The configured routes, built when they are first asked.
#[derive(Default)]
pub struct Routes {
    http: Http,
    built: Mutex<HashMap<String, Built>>,
}

struct Built {
    settings: settings::Route,
    route: Result<Route, RouteError>,
    trouble: Option<Trouble>,
    /// Tokens of a prompt that the model took after a longer one was too long for it.
    window: Option<u32>,
}

/// Why a route does not answer.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// One sentence with the mend.
    pub message: String,
    /// `open` while the route rests, else `closed`.
    pub breaker: String,
}

impl Engine {
    /// The connections to providers, for the other surfaces.
    pub fn http(&self) -> &Http {
        &self.routes.http
    }
}

impl Routes {
    /// Reads what providers send behind their end mark, so that their connections serve again.
    pub fn keep_connections(&self) -> impl Future<Output = ()> + Send + 'static {
        self.http.keep()
    }

    /// Forgets the routes whose settings changed or went.
    pub fn configure(&self, settings: &Settings) {
        self.built()
            .retain(|name, built| settings.routes.get(name) == Some(&built.settings));
    }

    /// What was last wrong with a route, if its last answer was a failure.
    pub fn trouble(&self, name: &str) -> Option<Trouble> {
        self.built().get(name)?.trouble.clone()
    }

    /// The route, or why it cannot be asked.
    pub fn get(&self, name: &str, settings: &Settings) -> Result<Route, Silence> {
        let Some(wanted) = settings.routes.get(name) else {
            let detail =
                format!("`completion.route` is {name:?}, and there is no `[routes.{name}]`");
            return Err(Reason::RouteUnknown.because(detail));
        };
        let mut built = self.built();
        let entry = built.entry(name.to_owned()).or_insert_with(|| {
            let route = Route::new(name, wanted, &self.http);
            let trouble = route.as_ref().err().map(trouble);
            Built {
                settings: wanted.clone(),
                route,
                trouble,
                window: None,
            }
        });
        entry
            .route
            .clone()
            .map_err(|error| Reason::RouteFailed.because(error.to_string()))
    }

    /// Tokens of a prompt that a route takes, where longer ones turned out to be too long.
    pub fn window(&self, name: &str) -> Option<u32> {
        self.built().get(name)?.window
    }

    /// A route took a prompt of so many tokens after a longer one was too long for it: longer ones are not tried again.
    pub fn narrow(&self, name: &str, tokens: u32) {
        if let Some(built) = self.built().get_mut(name) {
            built.window = Some(tokens);
        }
    }

    /// Notes how its last answer ended.
    pub fn note(&self, name: &str, trouble: Option<Trouble>) {
        if let Some(built) = self.built().get_mut(name) {
            built.trouble = trouble;
        }
    }

    fn built(&self) -> MutexGuard<'_, HashMap<String, Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a failure says on the status line.
pub fn trouble(error: &RouteError) -> Trouble {
    let open = matches!(
        error.kind(),
        Kind::Resting { .. } | Kind::Auth | Kind::Forbidden
    );
    Trouble {
        message: error.to_string(),
        breaker: if open { "open" } else { "closed" }.into(),
    }
}
