//! `nextline doctor`: gathers what the doctor is told.

use std::io::Write;

use nextline_grammars::Language;

use super::doctor::{self, DoctorArgs, Key, Machine, Patient};
use crate::settings::{Layers, Route, state_dir};

/// Looks at this machine and prints what was found. Asks no route anything.
pub fn run(arguments: DoctorArgs, layers: &Layers, out: &mut dyn Write) -> std::io::Result<u8> {
    let loaded = layers.load();
    let languages: Vec<&str> = Language::all()
        .iter()
        .filter(|language| language.has_grammar())
        .map(Language::id)
        .collect();
    let patient = Patient {
        version: concat!("nextline ", env!("CARGO_PKG_VERSION")),
        layers,
        loaded: &loaded,
        languages: &languages,
        key: &key,
        probe: None,
        servers: &doctor::found(),
        machine: &Machine::look(state_dir().as_deref()),
    };
    let plain = doctor::plain();
    doctor::run(arguments, &patient, plain, out)
}

/// Whether a route has its key; commands that print keys are not run for it.
fn key(_: &str, route: &Route) -> Key {
    match (&route.api_key_env, &route.api_key_cmd, &route.token_command) {
        (Some(name), _, _) => match std::env::var_os(name) {
            Some(value) if !value.is_empty() => Key::Present(format!("the environment ({name})")),
            _ => Key::Missing(format!(
                "set the environment variable {name}, or `api_key_cmd`"
            )),
        },
        (None, Some(command), _) | (None, None, Some(command)) => Key::Present(format!(
            "a command ({})",
            command.first().map_or("", String::as_str)
        )),
        (None, None, None) => Key::None,
    }
}
