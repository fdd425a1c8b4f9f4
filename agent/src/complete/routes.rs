//! The configured routes, built when they are first asked, and what was last wrong with them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Engine, Reason, Silence};
use crate::route::{Http, Route, RouteError};
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
    /// Why it did not answer the last time: one sentence with the mend.
    trouble: Option<String>,
    /// Tokens of a prompt that the model took after a longer one was too long for it.
    window: Option<u32>,
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
    pub fn trouble(&self, name: &str) -> Option<String> {
        self.built().get(name)?.trouble.clone()
    }

    /// What the breaker of a route does; `None` for one that was never asked.
    pub fn breaker(&self, name: &str) -> Option<&'static str> {
        let built = self.built();
        built.get(name)?.route.as_ref().ok().map(Route::breaker)
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
            let trouble = route.as_ref().err().map(ToString::to_string);
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
    pub fn note(&self, name: &str, trouble: Option<String>) {
        if let Some(built) = self.built().get_mut(name) {
            built.trouble = trouble;
        }
    }

    fn built(&self) -> MutexGuard<'_, HashMap<String, Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
