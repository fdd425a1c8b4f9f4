//! Which route a question goes to, or one sentence on how to have one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::outcome::{Class, Trouble};
use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::route::{Http, Kind, Route, Surface};
use crate::settings::{self, Settings};

/// Tokens of a question where the route's settings say nothing.
const CONTEXT_TOKENS: u32 = 60_000;

/// A route that can be asked.
#[derive(Clone)]
pub struct Road {
    /// The route.
    pub route: Route,
    /// What it is asked for.
    pub surface: Surface,
}

impl Road {
    /// The route that `[chat]` or `[edit]` names, or the one that was named for this call.
    pub fn find(
        settings: &Settings,
        surface: Surface,
        named: Option<&str>,
        http: &Http,
    ) -> Result<Road, Trouble> {
        Policy::of_process().configure(settings);
        let (name, wanted) = Road::named(settings, surface, named)?;
        let route = Route::new(name, wanted, http)?;
        Ok(Road { route, surface })
    }

    fn named<'a>(
        settings: &'a Settings,
        surface: Surface,
        named: Option<&'a str>,
    ) -> Result<(&'a str, &'a settings::Route), Trouble> {
        let (section, configured) = match surface {
            Surface::Edit => ("edit", &settings.edit.route),
            Surface::Chat | Surface::Completion => ("chat", &settings.chat.route),
        };
        let known: Vec<&str> = settings.routes.keys().map(String::as_str).collect();
        let Some(name) = named.or(configured.as_deref()) else {
            return Err(Trouble::new(
                Class::NoRoute,
                nothing_configured(section, &known),
            ));
        };
        if !settings.routes.contains_key(name) {
            return Err(Trouble::new(Class::NoRoute, unknown(section, name, &known)));
        }
        let ledger = Ledger::of_process();
        let steered = ledger.steer(&ledger.spend(name, surface.word(), "", None));
        let spent = |why| Trouble::new(Class::Route(Kind::Budget), why);
        let (name, wanted) = settings
            .routes
            .get_key_value(&steered.map_err(spent)?)
            .ok_or_else(|| Trouble::new(Class::NoRoute, unknown(section, name, &known)))?;
        Ok((name, wanted))
    }

    /// Tokens that a question may have.
    pub fn context_tokens(&self) -> u32 {
        self.route.context_tokens().unwrap_or(CONTEXT_TOKENS)
    }
}

/// The routes of one connection, built when they are first asked, so that their keys and connections serve again.
#[derive(Default)]
pub struct Roads {
    built: Mutex<HashMap<String, (settings::Route, Route)>>,
}

impl Roads {
    /// As [`Road::find`]; a route is built anew only after its settings changed.
    pub fn find(
        &self,
        settings: &Settings,
        surface: Surface,
        named: Option<&str>,
        http: &Http,
    ) -> Result<Road, Trouble> {
        let (name, wanted) = Road::named(settings, surface, named)?;
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, route)) = built.get(name)
            && known == wanted
        {
            let route = route.clone();
            return Ok(Road { route, surface });
        }
        let route = Route::new(name, wanted, http)?;
        built.insert(name.to_owned(), (wanted.clone(), route.clone()));
        Ok(Road { route, surface })
    }

    /// Every route is built anew when it is next asked, and its key looked for again.
    pub fn forget(&self) {
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.clear();
    }
}

fn nothing_configured(section: &str, known: &[&str]) -> String {
    match known.first() {
        Some(first) => format!(
            "no route is configured for {section}: set `{section}.route` to one of {} (`[{section}] route = \"{first}\"` in the file that `nextline config path` names), or say `--route {first}`",
            known.join(", ")
        ),
        None => format!(
            "no route is configured for {section}: describe one under `[routes.NAME]` (provider and model) in the file that `nextline config path` names and set `[{section}] route = \"NAME\"`; `nextline doctor` finds model servers on this machine"
        ),
    }
}

fn unknown(section: &str, name: &str, known: &[&str]) -> String {
    if name == "local" {
        return format!(
            "the embedded model completes code and answers no {section}; name a route under `[routes]`"
        );
    }
    let known = match known.is_empty() {
        true => "no route is configured".to_owned(),
        false => format!("configured: {}", known.join(", ")),
    };
    format!(
        "there is no route {name:?} ({known}; `[routes.{name}]` in the configuration makes one)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_route_says_how_to_have_one() {
        let mut settings = Settings::default();
        let find = |settings: &Settings, surface, named| {
            let found = Road::find(settings, surface, named, &Http::default());
            found
                .map(|road| road.route.name().to_owned())
                .map_err(|trouble| (trouble.class, trouble.message))
        };
        let (class, message) = find(&settings, Surface::Chat, None).unwrap_err();
        assert_eq!(class, Class::NoRoute);
        assert!(
            message.contains("[routes.NAME]") && message.contains("[chat]"),
            "{message}"
        );
        let route = crate::settings::Route {
            provider: "openai-compatible".into(),
            base_url: Some("http://127.0.0.1:9/v1".into()),
            ..crate::settings::Route::default()
        };
        settings.routes.insert("fast".into(), route);
        let (_, message) = find(&settings, Surface::Edit, None).unwrap_err();
        assert!(message.contains("`edit.route` to one of fast"), "{message}");
        let (_, message) = find(&settings, Surface::Chat, Some("slow")).unwrap_err();
        assert!(message.contains("\"slow\" (configured: fast"), "{message}");
        settings.chat.route = Some("fast".into());
        assert_eq!(find(&settings, Surface::Chat, None), Ok("fast".into()));
        let (_, message) = find(&settings, Surface::Chat, Some("local")).unwrap_err();
        assert!(message.contains("embedded model"), "{message}");
    }
}
