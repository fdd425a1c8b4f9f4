//! `nextline routes`: what is configured, and whether it answers.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::answer::route_code;
use super::{Options, code, complain, doctor, done, why};
use crate::ledger::{self, Last};
use crate::route::{Http, Life, Route, RouteError, Standing};
use crate::settings::{self, Settings, state_dir};

/// What to do with the routes.
#[derive(Debug, clap::Subcommand)]
pub enum RoutesCommand {
    /// All of them: provider, host, model, whether there is a key, and how the last requests ended. Asks nobody.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The smallest real answer of one route, or of all: how long it took, TLS, proxy, whether the model is there.
    Test {
        /// A name under `[routes]`; all without one.
        route: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs it; the exit code is that of the first route that failed.
pub fn run(command: &RoutesCommand, options: &Options, out: &mut dyn Write) -> u8 {
    let loaded = options.layers().load();
    let settings = &loaded.settings;
    match command {
        RoutesCommand::List { json } => done(list(settings, *json, out)),
        RoutesCommand::Test { route, json } => {
            if let Some(name) = route
                && !settings.routes.contains_key(name)
            {
                complain(&unknown(name, settings));
                return code::USAGE;
            }
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            match runtime {
                Ok(runtime) => done(runtime.block_on(test(settings, route.as_deref(), *json, out))),
                Err(error) => complain(&format!("the runtime did not start: {error}")),
            }
        }
    }
}

/// One sentence for a route that is not there.
pub fn unknown(name: &str, settings: &Settings) -> String {
    let names: Vec<&str> = settings.routes.keys().map(String::as_str).collect();
    match names.is_empty() {
        true => format!("there is no route `{name}`; define it under `[routes.{name}]`"),
        false => format!("there is no route `{name}`; there are {}", names.join(", ")),
    }
}

/// What a route is used for.
fn uses(name: &str, settings: &Settings) -> Vec<&'static str> {
    let completion = &settings.completion;
    let named = [
        ("completion", Some(completion.route.as_str())),
        ("fallback", Some(completion.fallback.as_str())),
        ("edit", settings.edit.route.as_deref()),
        ("chat", settings.chat.route.as_deref()),
    ];
    named
        .into_iter()
        .filter(|(_, route)| *route == Some(name))
        .map(|(surface, _)| surface)
        .collect()
}

fn list(settings: &Settings, as_json: bool, out: &mut dyn Write) -> io::Result<u8> {
    let http = Http::default();
    let mut rows = Vec::new();
    for (name, route) in &settings.routes {
        let made = Route::new(name, route, &http);
        let uses = uses(name, settings);
        let ends = lately(name);
        if let Ok(made) = &made {
            made.replay(&ends);
        }
        if as_json {
            rows.push(row(name, route, &made, &uses, &ends));
            continue;
        }
        match &made {
            Ok(made) => {
                let key = match made.standing() {
                    Standing::Unneeded => "no key".to_owned(),
                    Standing::Present(place) => format!("key from {place}"),
                    Standing::Later(how) => format!("key {how}"),
                    Standing::Missing(mend) => format!("no key found: {mend}"),
                };
                let model = if made.model().is_empty() {
                    "the server's own model"
                } else {
                    made.model()
                };
                write!(
                    out,
                    "{name}: {} {model} at {}, {key}",
                    made.provider(),
                    made.host()
                )?;
                if !uses.is_empty() {
                    write!(out, " [{}]", uses.join(", "))?;
                }
                if made.forbidden().is_some() {
                    write!(out, " (forbidden)")?;
                }
                writeln!(out, "{}", health(made, &ends))?;
                if let Some(why) = made.forbidden() {
                    writeln!(out, "  {why}")?;
                }
            }
            Err(error) => writeln!(out, "{name}: {error}")?,
        }
    }
    if as_json {
        writeln!(out, "{:#}", Value::Array(rows))?;
    } else if settings.routes.is_empty() {
        writeln!(
            out,
            "no route is configured: completions come from the embedded model; add one under `[routes.NAME]`"
        )?;
    }
    Ok(code::OK)
}

/// Requests of a route that are looked at: enough for any breaker.
const LATELY: u32 = 32;

/// How the last requests of a route ended, oldest first, as the ledger has it; what cannot be read is as good as nothing here.
fn lately(name: &str) -> Vec<Last> {
    let found = state_dir().map(|folder| ledger::latest(&folder, name, LATELY));
    found.and_then(Result::ok).unwrap_or_default()
}

/// Failures since the last answer.
fn failures(ends: &[Last]) -> usize {
    let failed = |end: &&Last| end.outcome != ledger::ANSWERED;
    ends.iter().rev().take_while(failed).count()
}

/// How a route did the last times, to follow what it is.
fn health(route: &Route, ends: &[Last]) -> String {
    let Some(last) = ends.last() else {
        return String::new();
    };
    let ago = why::ago(last.ago());
    let status = last.status.map(|status| format!(", {status}"));
    let said = match failures(ends) {
        0 => format!("; answered {ago}"),
        1 => format!(
            "; the last request failed {ago} ({}{})",
            last.outcome,
            status.unwrap_or_default()
        ),
        many => format!(
            "; the last {many} requests failed, the last one {ago} ({}{})",
            last.outcome,
            status.unwrap_or_default()
        ),
    };
    match route.breaker() {
        "closed" => said,
        _ => said + ": completions rest",
    }
}

fn row(
    name: &str,
    route: &settings::Route,
    made: &Result<Route, RouteError>,
    uses: &[&str],
    ends: &[Last],
) -> Value {
    let (state, detail) = match made.as_ref().map(Route::standing) {
        Ok(Standing::Unneeded) => ("none", String::new()),
        Ok(Standing::Present(place)) => ("found", place),
        Ok(Standing::Later(place)) => ("unknown", place),
        Ok(Standing::Missing(mend)) => ("missing", mend),
        Err(_) => ("unknown", String::new()),
    };
    json!({
        "name": name,
        "provider": route.provider,
        "host": made.as_ref().map_or("", Route::host),
        "model": route.model,
        "credential": {"state": state, "detail": detail},
        "used_for": uses,
        "breaker": made.as_ref().ok().map(Route::breaker),
        "last": ends.last().map(|last| json!({
            "at_ms": last.at, "outcome": last.outcome, "status": last.status, "failures_in_a_row": failures(ends),
        })),
        "error": made.as_ref().err().map(ToString::to_string),
        "forbidden": made.as_ref().ok().and_then(Route::forbidden).map(|why| why.to_string()),
    })
}

async fn test(
    settings: &Settings,
    only: Option<&str>,
    as_json: bool,
    out: &mut dyn Write,
) -> io::Result<u8> {
    let http = Http::default();
    let plain = doctor::plain();
    let mut first = code::OK;
    let mut rows = Vec::new();
    for (name, route) in &settings.routes {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let made = Route::new(name, route, &http);
        let found = match &made {
            Ok(made) => made.probe().await,
            Err(error) => Err(error.clone()),
        };
        if let (Err(error), code::OK) = (&found, first) {
            first = exit_code(error);
        }
        let others = match (&made, &found) {
            (Ok(made), Err(error)) if Route::is_model_unknown(error) => made.listed().await,
            _ => Vec::new(),
        };
        let proxy = made.as_ref().ok().and_then(Route::proxy);
        if as_json {
            rows.push(tested(name, route, &made, &found, proxy, &others));
            continue;
        }
        let mark = match (found.is_ok(), plain) {
            (true, true) => "ok",
            (true, false) => "✓",
            (false, true) => "x",
            (false, false) => "✗",
        };
        write!(out, "{mark} ")?;
        match (&made, &found) {
            (Ok(made), Ok(life)) => writeln!(out, "{}", sentence(made, life, proxy))?,
            (_, Err(error)) => {
                write!(out, "{error}")?;
                if !others.is_empty() {
                    write!(out, "; the provider lists {}", others.join(", "))?;
                }
                writeln!(out)?;
            }
            (Err(_), Ok(_)) => {}
        }
    }
    if as_json {
        writeln!(out, "{:#}", Value::Array(rows))?;
    } else if settings.routes.is_empty() {
        writeln!(out, "no route is configured; add one under `[routes.NAME]`")?;
    }
    Ok(first)
}

fn sentence(route: &Route, life: &Life, proxy: Option<String>) -> String {
    let text = life.first.map_or_else(
        || "no text".to_owned(),
        |first| format!("first text after {} ms", first.as_millis()),
    );
    let tls = match (route.is_tls(), life.tls) {
        (true, Some(version)) => version,
        (true, None) => "TLS",
        (false, _) => "no TLS",
    };
    let proxy = proxy.map_or_else(
        || "no proxy".to_owned(),
        |proxy| format!("through the proxy {proxy}"),
    );
    format!(
        "{}: {} at {} answered: {text}, {} ms in all, {tls}, {proxy}, model found",
        route.name(),
        match route.model() {
            "" => "the server's own model",
            model => model,
        },
        route.host(),
        life.total.as_millis()
    )
}

fn tested(
    name: &str,
    route: &settings::Route,
    made: &Result<Route, RouteError>,
    found: &Result<Life, RouteError>,
    proxy: Option<String>,
    others: &[String],
) -> Value {
    let life = found.as_ref().ok();
    let error = found.as_ref().err();
    json!({
        "name": name,
        "provider": route.provider,
        "host": made.as_ref().map_or("", Route::host),
        "model": route.model,
        "ok": found.is_ok(),
        "first_text_ms": life.and_then(|life| life.first).map(|first| first.as_millis() as u64),
        "total_ms": life.map(|life| life.total.as_millis() as u64),
        "stop_reason": life.map(|life| life.stop.word()),
        "tls": life.and_then(|life| life.tls),
        "proxy": proxy,
        "model_found": match error {
            None => Some(true),
            Some(error) if Route::is_model_unknown(error) => Some(false),
            Some(_) => None,
        },
        "models": others,
        "error": error.map(|error| json!({
            "kind": error.kind().word(),
            "message": error.to_string(),
            "status": error.status(),
            "request_id": error.request_id(),
        })),
    })
}

/// The exit code that a route's failure stands for.
pub fn exit_code(error: &RouteError) -> u8 {
    route_code(error.kind(), error.status().is_some())
}
