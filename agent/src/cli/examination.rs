//! `nextline doctor`: gathers what the doctor is told.

use std::io::Write;

use nextline_grammars::Language;

use super::complain;
use super::doctor::{self, Books, DoctorArgs, Key, Machine, Patient};
use crate::complete::{counted, remembered};
use crate::ledger;
use crate::route::{Http, Route, Standing};
use crate::settings::{self, Layers, Settings, state_dir};

/// Looks at this machine and prints what was found. Asks no route anything.
pub fn run(arguments: DoctorArgs, layers: &Layers, out: &mut dyn Write) -> std::io::Result<u8> {
    let loaded = layers.load();
    let languages: Vec<&str> = Language::all()
        .iter()
        .filter(|language| language.has_grammar())
        .map(Language::id)
        .collect();
    let books = books(&loaded.settings);
    let patient = Patient {
        version: concat!("nextline ", env!("CARGO_PKG_VERSION")),
        layers,
        loaded: &loaded,
        languages: &languages,
        key: &key,
        probe: None,
        servers: &doctor::found(),
        machine: &Machine::look(state_dir().as_deref()),
        books: books.as_ref(),
    };
    let findings = doctor::examine(&patient);
    if let Some(file) = &arguments.bundle {
        let stats = serde_json::to_value(counted()).unwrap_or_default();
        let bundle = doctor::bundle(&patient, &findings, remembered().as_ref(), &stats);
        if let Err(error) = std::fs::write(file, format!("{bundle:#}\n")) {
            return Ok(complain(&format!(
                "{} cannot be written: {error}",
                file.display()
            )));
        }
    }
    let plain = doctor::plain();
    doctor::run(&arguments, &patient, &findings, plain, out)
}

/// Looks at the ledger.
fn books(settings: &Settings) -> Option<Books> {
    let folder = state_dir()?;
    let walked = ledger::walk(&folder);
    let facts = ledger::facts(&folder).map_err(|error| error.to_string());
    let (facts, chain) = match walked {
        Ok(chain) => (facts, chain),
        Err(error) => (Err(error.to_string()), None),
    };
    Some(Books {
        path: ledger::file_in(&folder),
        enabled: settings.ledger.enabled,
        facts,
        chain,
    })
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
