//! Layers on top of each other: locks, the origin of every value, routes that an editor moved, projects that narrow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::gather::{Found, Gathered};
use super::origin::{Layer, Notice, Origin, Severity, dotted};
use super::table::{Narrowing, rows_of};
use super::{Loaded, Settings};
use crate::policy::covers;

/// A merged value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// The values so far, lowest layer first.
#[derive(Debug, Default)]
pub(super) struct Merge {
    pub(super) values: BTreeMap<Vec<String>, Entry>,
    pub(super) notices: Vec<Notice>,
    locked: Vec<(String, Origin)>,
    /// What the files of machine and user say about where routes lead, before anyone else speaks.
    homes: BTreeMap<Vec<String>, Entry>,
    moved: BTreeSet<String>,
}

impl Merge {
    /// Puts one layer on top.
    pub(super) fn add(&mut self, layer: Gathered) {
        self.locked.extend(layer.locked);
        self.notices.extend(layer.notices);
        for Found {
            path,
            value,
            origin,
        } in layer.found
        {
            let binding = rows_of(&path).find(|row| row.binding);
            if let Some(row) = binding {
                let now = self.values.get(&path);
                if let Some(value) = combined(row.project, now.map(|entry| &entry.value), &value) {
                    self.values.insert(path, Entry { value, origin });
                } else if value == false
                    && let Some(now) = now
                {
                    let message = format!("stays true, as {} says; remove it here", now.origin);
                    self.say(Severity::Warning, &origin, &path, message);
                }
            } else if origin.layer > Layer::User && rows_of(&path).any(|row| row.own) {
                let message = "decides what runs on this machine, so it may stand in your own file alone; ignored here, move it there";
                self.say(Severity::Warning, &origin, &path, message.into());
            } else if origin.layer > Layer::Machine && self.lock(&path).is_some() {
                let message =
                    "locked by the machine's policy; the value here is ignored, remove it".into();
                self.say(Severity::Warning, &origin, &path, message);
            } else {
                self.values.insert(path, Entry { value, origin });
            }
        }
    }

    pub(super) fn say(
        &mut self,
        severity: Severity,
        origin: &Origin,
        path: &[String],
        message: String,
    ) {
        self.notices.push(Notice {
            severity,
            origin: origin.clone(),
            key: dotted(path),
            message,
        });
    }

    fn lock(&self, path: &[String]) -> Option<&Origin> {
        locking(&self.locked, path)
    }

    /// A policy of the machine that cannot be followed in all its parts shuts every way out: what it meant to forbid is not known.
    pub(super) fn shut_if_broken(&mut self) {
        let broken = self.notices.iter().find(|notice| {
            notice.origin.layer == Layer::Machine && notice.severity == Severity::Error
        });
        let Some(origin) = broken.map(|notice| notice.origin.clone()) else {
            return;
        };
        let path = vec!["policy".to_owned(), "offline".to_owned()];
        let message = "the machine's policy cannot be followed in all its parts, so nothing beyond this machine is asked; mend its file";
        self.say(Severity::Error, &origin, &path, message.into());
        let value = Value::Bool(true);
        self.values.insert(path, Entry { value, origin });
    }

    /// The names of the routes so far.
    pub(super) fn routes(&self) -> BTreeSet<String> {
        let names = self
            .values
            .keys()
            .filter(|path| path[0] == "routes")
            .filter_map(|path| path.get(1));
        names.cloned().collect()
    }

    /// To be called when the files of machine and user are in and nothing else.
    pub(super) fn remember_homes(&mut self) {
        let routes = self.values.iter().filter(|(path, _)| path[0] == "routes");
        self.homes = routes
            .map(|(path, entry)| (path.clone(), entry.clone()))
            .collect();
    }

    /// Takes the keys from routes that no longer lead where the user's file sent them.
    pub(super) fn unkey_moved(&mut self) {
        let names: BTreeSet<String> = self.homes.keys().map(|path| path[1].clone()).collect();
        for name in names {
            let mover = self.values.iter().find(|(path, entry)| {
                path.get(1) == Some(&name)
                    && entry.origin.layer > Layer::User
                    && rows_of(path).any(|row| row.moves)
                    && !same_place(
                        path,
                        self.homes.get(*path).map(|home| &home.value),
                        &entry.value,
                    )
            });
            let Some((path, origin)) =
                mover.map(|(path, entry)| (path.clone(), entry.origin.clone()))
            else {
                continue;
            };
            let keys: Vec<_> = self
                .homes
                .keys()
                .filter(|path| path[1] == name && rows_of(path).any(|row| row.credential))
                .cloned()
                .collect();
            let mut dropped = false;
            for key in keys {
                if self
                    .values
                    .get(&key)
                    .is_some_and(|entry| entry.origin.layer <= Layer::User)
                {
                    self.values.remove(&key);
                    dropped = true;
                }
            }
            let message = format!(
                "route `{name}` no longer leads where the user's file sends it, so the keys and headers of that file \
                 are not sent there; give the moved route a name of its own, or move it in the user's file"
            );
            self.say(
                if dropped {
                    Severity::Warning
                } else {
                    Severity::Info
                },
                &origin,
                &path,
                message,
            );
            self.moved.insert(name);
        }
    }

    /// A project's file on top of everything: what narrows is taken, the rest is reported in one notice.
    pub(super) fn narrow(&mut self, project: Gathered, defaults: &Value) {
        self.notices.extend(project.notices);
        let mut ignored: Vec<(Vec<String>, Origin)> = Vec::new();
        let mut found = project.found;
        found.sort_by_key(|one| (one.origin.line, one.origin.column));
        for Found {
            path,
            value,
            origin,
        } in found
        {
            let default = path
                .iter()
                .try_fold(defaults, |inner, part| inner.get(part))
                .filter(|v| !v.is_null());
            let now = self.values.get(&path).map(|entry| &entry.value).or(default);
            let Some(row) = rows_of(&path).next() else {
                continue;
            };
            // A lock keeps values from getting wider, and these cannot.
            if row.binding {
                if let Some(value) = combined(row.project, now, &value) {
                    self.values.insert(path, Entry { value, origin });
                }
            } else if now == Some(&value) {
            } else if self.lock(&path).is_none() && narrows(row.project, now, &value) {
                self.values.insert(path, Entry { value, origin });
            } else {
                ignored.push((path, origin));
            }
        }
        let Some((first, origin)) = ignored.first().cloned() else {
            return;
        };
        let others = match &ignored[1..] {
            [] => String::new(),
            rest => {
                let shown: Vec<String> = rest
                    .iter()
                    .take(5)
                    .map(|(path, _)| format!("`{}`", dotted(path)))
                    .collect();
                let more = if rest.len() > 5 {
                    format!(" and {} more", rest.len() - 5)
                } else {
                    String::new()
                };
                format!(", as are {}{more}", shown.join(", "))
            }
        };
        let message = format!(
            "ignored{others}: a project's file may only switch off and lower; what you want of it belongs in your own file"
        );
        self.say(Severity::Warning, &origin, &first, message);
    }

    /// The settings themselves and the origin of each value that is not built in.
    pub(super) fn finish(mut self) -> Loaded {
        let locks = self.locked;
        if self.values.is_empty() {
            return Loaded {
                notices: self.notices,
                locks,
                ..Loaded::default()
            };
        }
        let mut tree = Value::Object(Map::new());
        let mut origins = BTreeMap::new();
        for (path, entry) in self.values {
            origins.insert(dotted(&path), entry.origin);
            let mut place = &mut tree;
            for part in path {
                if let Value::Object(fields) = place {
                    place = fields
                        .entry(part)
                        .or_insert_with(|| Value::Object(Map::new()));
                }
            }
            *place = entry.value;
        }
        let mut settings: Settings = serde_json::from_value(tree).unwrap_or_else(|error| {
            // Unreachable while table and model agree, which a test holds.
            self.notices.push(Notice {
                severity: Severity::Error,
                origin: Origin::of(Layer::BuiltIn),
                key: String::new(),
                message: format!(
                    "the settings could not be put together, the defaults are used: {error}"
                ),
            });
            Settings::default()
        });
        for name in self.moved {
            if let Some(route) = settings.routes.get_mut(&name) {
                route.moved = true;
            }
        }
        let of_policy = origins.iter().filter_map(|(key, origin)| {
            let name = key.strip_prefix("policy.")?;
            Some((name.to_owned(), origin.clone()))
        });
        settings.policy.said_by = of_policy.collect();
        Loaded {
            settings,
            origins,
            notices: self.notices,
            locks,
        }
    }
}

/// Where a key or a table above it is locked, if it is.
pub(super) fn locking<'a, S: AsRef<str>>(
    locks: &'a [(String, Origin)],
    path: &[S],
) -> Option<&'a Origin> {
    let parts = || path.iter().map(|part| Some(part.as_ref()));
    let holds = |lock: &str| {
        lock.split('.')
            .zip(parts().chain(std::iter::repeat(None)))
            .all(|(lock, part)| part.is_some_and(|part| lock == "*" || lock == part))
    };
    let lock = locks.iter().find(|(lock, _)| holds(lock));
    lock.map(|(_, origin)| origin)
}

fn narrows(direction: Narrowing, now: Option<&Value>, new: &Value) -> bool {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    match direction {
        Narrowing::Refused => false,
        Narrowing::Off => new == false,
        Narrowing::Lower => now.is_none_or(|now| number(new) < number(now)),
        Narrowing::Raise => now.is_none_or(|now| number(new) > number(now)),
        Narrowing::More => {
            let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let new = list(new);
            now.is_none_or(|now| list(now).iter().all(|item| new.contains(item)))
        }
        Narrowing::Only(word) => new == word,
        Narrowing::Add | Narrowing::Within | Narrowing::On => {
            combined(direction, now, new).is_some()
        }
    }
}

/// What two layers say together where neither may widen the other; `None` where the higher one changes nothing.
fn combined(how: Narrowing, now: Option<&Value>, new: &Value) -> Option<Value> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if how == Narrowing::On {
        return (new == true && now != Some(new)).then(|| new.clone());
    }
    let before = now.filter(|now| !now.is_null()).map(list);
    let all = match (&before, how) {
        (None, Narrowing::Within) => list(new),
        (Some(before), Narrowing::Within) => both(before, &list(new)),
        _ => {
            let mut all = before.clone().unwrap_or_default();
            for item in list(new) {
                if !all.contains(&item) {
                    all.push(item);
                }
            }
            all
        }
    };
    let same = before.as_ref() == Some(&all);
    let nothing = before.is_none() && all.is_empty() && how == Narrowing::Add;
    (!same && !nothing).then(|| Value::from(all))
}

/// The patterns of either list that describe no more than one of the other does.
fn both(a: &[Value], b: &[Value]) -> Vec<Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let within =
        |item: &Value, list: &[Value]| list.iter().any(|wider| covers(&text(wider), &text(item)));
    let mut all: Vec<Value> = a.iter().filter(|item| within(item, b)).cloned().collect();
    for item in b.iter().filter(|item| within(item, a)) {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    all
}

// A key belongs to an origin: another path there is no other place.
fn same_place(path: &[String], home: Option<&Value>, now: &Value) -> bool {
    let Some(home) = home else { return false };
    if path.last().is_some_and(|name| name == "base_url")
        && let (Some(home), Some(now)) = (home.as_str(), now.as_str())
    {
        return origin_of(home) == origin_of(now);
    }
    home == now
}

/// Scheme, host and port of an address, comparable.
fn origin_of(url: &str) -> Option<(String, String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest
        .split(['/', '\\', '?', '#'])
        .next()?
        .to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let port_at = authority
        .rfind(':')
        .filter(|at| !authority[*at..].contains(']'));
    let (host, port) = match port_at {
        Some(at) => (&authority[..at], &authority[at + 1..]),
        None => (authority.as_str(), ""),
    };
    let default = if scheme == "https" { "443" } else { "80" };
    let port = if port.is_empty() { default } else { port };
    Some((scheme, host.to_owned(), port.to_owned()))
}
