//! Routes once all layers have spoken: what cannot be asked, what its provider does not know, what names no route.

use serde_json::Value;

use super::check::{check, nearest, quoted};
use super::merge::Merge;
use super::origin::{Origin, Severity, dotted};
use super::table::{Kind, PROVIDERS, ROWS, Row, rows_of};

impl Merge {
    /// Leaves out routes that cannot be used, keys that their provider does not know and names of absent routes.
    pub(super) fn check_routes(&mut self) {
        for name in self.routes() {
            match self.provider(&name) {
                Some((provider, origin)) => {
                    self.check_own(&name, &provider);
                    if self.is_misled(&name, &provider) {
                        self.values.retain(|path, _| !of_route(path, &name));
                        continue;
                    }
                    self.check_needs(&name, &provider, &origin);
                }
                None => self.values.retain(|path, _| !of_route(path, &name)),
            }
        }
        self.check_names();
    }

    // Without one the route is of no use, which is said here unless its wrong value has been.
    fn provider(&mut self, name: &str) -> Option<(String, Origin)> {
        let path = key(name, "provider");
        let origin = self
            .values
            .iter()
            .find(|(path, _)| of_route(path, name))?
            .1
            .origin
            .clone();
        if matches!(name, "local" | "none") {
            let message =
                format!("`{name}` has a meaning of its own; give this route another name");
            self.say(Severity::Error, &origin, &path, message);
            return None;
        }
        if let Some(entry) = self.values.get(&path) {
            return Some((entry.value.as_str()?.to_owned(), entry.origin.clone()));
        }
        if !self.said(&path) {
            let message = "a route without provider is left out; write for example \
                           `provider = \"openai-compatible\"`";
            self.say(Severity::Error, &origin, &path, message.into());
        }
        None
    }

    fn check_own(&mut self, name: &str, provider: &str) {
        let paths = self.values.keys().filter(|path| of_route(path, name));
        for path in paths.cloned().collect::<Vec<_>>() {
            let rows: Vec<&Row> = rows_of(&path).collect();
            if rows.iter().any(|row| row.providers.is_empty()) {
                continue;
            }
            let Some(entry) = self.values.get(&path) else {
                continue;
            };
            let origin = entry.origin.clone();
            let wrong = match rows.iter().find(|row| row.providers.contains(&provider)) {
                Some(row) => check(row, &entry.value).err(),
                None => {
                    let owners = rows.iter().flat_map(|row| row.providers).copied();
                    let owners = owners.collect::<Vec<_>>().join(", ");
                    Some(format!(
                        "{provider} has no such key, it belongs to {owners}; remove it"
                    ))
                }
            };
            if let Some(message) = wrong {
                self.values.remove(&path);
                self.say(Severity::Error, &origin, &path, message);
            }
        }
    }

    /// Whether a wrong value had to go that says whom the route asks, or how: what is left would lead to somebody else.
    fn is_misled(&self, name: &str, provider: &str) -> bool {
        let steers = |row: &&Row| {
            let known = row.providers.is_empty() || row.providers.contains(&provider);
            let chosen = matches!(row.kind, Kind::Word(_) | Kind::Name);
            known && (row.moves || row.credential || chosen)
        };
        let keys = ROWS.iter().filter(steers);
        keys.filter_map(|row| row.path.strip_prefix("routes.*."))
            .map(|rest| key(name, rest))
            .any(|path| self.said(&path) && !self.values.contains_key(&path))
    }

    fn check_needs(&mut self, name: &str, provider: &str, origin: &Origin) {
        let Some(row) = PROVIDERS.iter().find(|row| row.name == provider) else {
            return;
        };
        for need in row.needs {
            let path = key(name, need);
            if !self.values.contains_key(&path) && !self.said(&path) {
                let message =
                    format!("{provider} cannot be asked without `{need}`; add it to the route");
                self.say(Severity::Error, origin, &path, message);
            }
        }
    }

    fn check_names(&mut self) {
        let routes = self.routes();
        for row in ROWS {
            let Kind::Route(words) = row.kind else {
                continue;
            };
            let path: Vec<String> = row.path.split('.').map(str::to_owned).collect();
            let Some(entry) = self.values.get(&path) else {
                continue;
            };
            let Value::String(name) = entry.value.clone() else {
                continue;
            };
            if routes.contains(&name) || words.contains(&name.as_str()) {
                continue;
            }
            let origin = entry.origin.clone();
            self.values.remove(&path);
            // Why a route was left out has been said.
            if self.said(&["routes".into(), name.clone()]) {
                continue;
            }
            let known = routes
                .iter()
                .map(String::as_str)
                .chain(words.iter().copied());
            let hint = match nearest(&name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define it under `[{}]`", dotted(&["routes", &name])),
            };
            let message = format!("no route is named {}; {hint}", quoted(&name));
            self.say(Severity::Error, &origin, &path, message);
        }
    }

    // Whether an error of this key, or of one below it, is among the notices.
    fn said(&self, path: &[String]) -> bool {
        let key = dotted(path);
        self.notices
            .iter()
            .filter(|notice| notice.severity == Severity::Error)
            .any(|notice| {
                let rest = notice.key.strip_prefix(&key);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
    }
}

fn of_route(path: &[String], name: &str) -> bool {
    matches!(path, [routes, route, ..] if routes == "routes" && route == name)
}

fn key(name: &str, key: &str) -> Vec<String> {
    vec!["routes".into(), name.into(), key.into()]
}
