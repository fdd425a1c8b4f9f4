//! `nextline doctor`: gathers what the doctor is told.

use std::io::Write;

use nextline_grammars::Language;

use super::doctor::{self, DoctorArgs, Key, Machine, Patient};
use crate::route::{Http, Route, Standing};
use crate::settings::{self, Layers, state_dir};

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
fn key(name: &str, route: &settings::Route) -> Key {
    match Route::new(name, route, &Http::default()).map(|route| route.standing()) {
        Ok(Standing::Present(place)) => Key::Present(place),
        Ok(Standing::Later(how)) => Key::Later(how),
        Ok(Standing::Missing(mend)) => Key::Missing(mend),
        Ok(Standing::Unneeded) => Key::None,
        Err(error) => Key::Unusable(error.to_string()),
    }
}
