//! `nextline doctor`: one line per finding, with the mend.

mod machine;
mod servers;

use std::io::{self, IsTerminal, Write};

use serde_json::json;

use crate::settings::{Layers, Loaded, Route, Severity, user_path};

pub use machine::{Editor, Machine};
pub use servers::{SERVERS, Server, found};

/// The words after `nextline doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::Args)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What the doctor is told; it looks at nothing itself.
pub struct Patient<'a> {
    /// Name and version of this program.
    pub version: &'a str,
    /// The layers as read.
    pub layers: &'a Layers,
    /// The same layers, merged.
    pub loaded: &'a Loaded,
    /// The languages whose grammars are linked.
    pub languages: &'a [&'a str],
    /// Whether a route has its key, by the route's name. Must not return the key.
    pub key: &'a dyn Fn(&str, &Route) -> Key,
    /// Asks a route for a sign of life: what it said, or what failed with the mend. Without it nothing is asked.
    pub probe: Option<Probe<'a>>,
    /// Model servers that answer on loopback.
    pub servers: &'a [Server],
    /// Clock, watches, state directory, editors.
    pub machine: &'a Machine,
}

/// What asks a route, by name, for a sign of life.
pub type Probe<'a> = &'a dyn Fn(&str, &Route) -> Result<String, String>;

/// The key of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It is there; where it was found.
    Present(String),
    /// It is missing; the mend.
    Missing(String),
    /// None is needed and none is set.
    None,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// As it should be.
    Good,
    /// Works, but look at it.
    Weak,
    /// Does not work.
    Ill,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub health: Health,
    /// What was looked at.
    pub topic: String,
    /// What was seen.
    pub text: String,
    /// What to do about it; empty if nothing.
    pub mend: String,
}

/// Prints all findings and returns the exit code: 1 if anything is ill. `plain` keeps the text to ASCII marks.
///
/// # Errors
///
/// Only what `out` says.
pub fn run(
    args: DoctorArgs,
    patient: &Patient<'_>,
    plain: bool,
    out: &mut dyn Write,
) -> io::Result<u8> {
    let findings = examine(patient);
    let ill = findings.iter().any(|finding| finding.health == Health::Ill);
    if args.json {
        let list: Vec<_> = findings
            .iter()
            .map(|f| json!({"health": f.health.name(), "topic": f.topic, "text": f.text, "mend": f.mend}))
            .collect();
        writeln!(
            out,
            "{:#}",
            json!({"version": patient.version, "ok": !ill, "findings": list})
        )?;
    } else {
        for finding in &findings {
            write!(
                out,
                "{} {}: {}",
                finding.health.mark(plain),
                finding.topic,
                finding.text
            )?;
            if !finding.mend.is_empty() {
                write!(out, " {} {}", if plain { "->" } else { "→" }, finding.mend)?;
            }
            writeln!(out)?;
        }
    }
    Ok(u8::from(ill))
}

/// Whether marks should be ASCII: standard output is no terminal, or `NO_COLOR` is set.
pub fn plain() -> bool {
    !io::stdout().is_terminal()
        || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

impl Health {
    fn name(self) -> &'static str {
        ["good", "weak", "ill"][self as usize]
    }

    fn mark(self, plain: bool) -> &'static str {
        if plain {
            ["ok", "!", "x"][self as usize]
        } else {
            ["✓", "!", "✗"][self as usize]
        }
    }
}

fn finding(
    health: Health,
    topic: &str,
    text: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    Finding {
        health,
        topic: topic.into(),
        text: text.into(),
        mend: mend.into(),
    }
}

/// All findings, in the order in which one would ask.
pub fn examine(patient: &Patient<'_>) -> Vec<Finding> {
    let mut out = vec![finding(Health::Good, "version", patient.version, "")];
    config(patient, &mut out);
    local(patient, &mut out);
    routes(patient, &mut out);
    offers(patient, &mut out);
    machine(patient.machine, &mut out);
    out
}

fn config(patient: &Patient<'_>, out: &mut Vec<Finding>) {
    let Layers {
        policy,
        user,
        projects,
        ..
    } = patient.layers;
    let files: Vec<String> = policy
        .iter()
        .chain(user)
        .chain(projects)
        .map(|file| file.path.display().to_string())
        .collect();
    let text = match (files.is_empty(), user_path()) {
        (false, _) => files.join(", "),
        (true, Some(path)) => format!("no file, all built in; {} would be read", path.display()),
        (true, None) => "no file and no home directory, all built in".into(),
    };
    out.push(finding(Health::Good, "config", text, ""));
    for notice in &patient.loaded.notices {
        let health = match notice.severity {
            Severity::Error => Health::Ill,
            Severity::Warning => Health::Weak,
            Severity::Info => Health::Good,
        };
        out.push(finding(health, "config", notice.to_string(), ""));
    }
}

fn local(patient: &Patient<'_>, out: &mut Vec<Finding>) {
    let settings = &patient.loaded.settings;
    out.push(
        match (settings.local.enabled, settings.completion.route == "local") {
            (true, _) => finding(
                Health::Good,
                "embedded model",
                format!(
                    "on; learns at most {} MB of the workspace, sends nothing",
                    settings.local.max_workspace_mb
                ),
                "",
            ),
            (false, true) => finding(
                Health::Weak,
                "embedded model",
                "off, and it is the only one that completes",
                "set `local.enabled = true`, or `completion.route` to a route",
            ),
            (false, false) => finding(Health::Good, "embedded model", "off", ""),
        },
    );
    if !settings.completion.enabled {
        out.push(finding(
            Health::Weak,
            "ghost text",
            "off",
            "set `completion.enabled = true`",
        ));
    }
    let languages = patient.languages;
    let text = format!("{} linked: {}", languages.len(), languages.join(", "));
    out.push(finding(Health::Good, "languages", text, ""));
}

fn routes(patient: &Patient<'_>, out: &mut Vec<Finding>) {
    let settings = &patient.loaded.settings;
    for (name, route) in &settings.routes {
        let topic = format!("route {name}");
        let place = route
            .base_url
            .as_deref()
            .unwrap_or("the vendor's own address");
        let model = if route.model.is_empty() {
            "no model named"
        } else {
            &route.model
        };
        let at = format!("{}, {model}, {place}", route.provider);
        let key = match (patient.key)(name, route) {
            Key::Present(from) => format!("key from {from}"),
            Key::None => "no key".into(),
            Key::Missing(mend) => {
                out.push(finding(
                    Health::Ill,
                    &topic,
                    format!("{at}; its key is missing"),
                    mend,
                ));
                continue;
            }
        };
        let text = format!("{at}; {key}");
        out.push(match patient.probe.map(|probe| probe(name, route)) {
            None => finding(Health::Good, &topic, text, ""),
            Some(Ok(said)) => finding(Health::Good, &topic, format!("{text}; {said}"), ""),
            Some(Err(failed)) => finding(Health::Ill, &topic, text, failed),
        });
    }
    for (surface, route) in [
        ("edit", &settings.edit.route),
        ("chat", &settings.chat.route),
    ] {
        if route.is_none() {
            let mend = format!("define one under `[routes.NAME]` and name it in `{surface}.route`");
            out.push(finding(Health::Weak, surface, "no route", mend));
        }
    }
}

fn offers(patient: &Patient<'_>, out: &mut Vec<Finding>) {
    for server in patient.servers {
        let url = server.base_url();
        let port = format!(":{}", server.port);
        let used = patient
            .loaded
            .settings
            .routes
            .values()
            .filter_map(|route| route.base_url.as_deref())
            .any(|base| {
                let authority = base.split('/').nth(2).unwrap_or_default();
                ["127.0.0.1", "localhost", "[::1]"]
                    .iter()
                    .any(|host| authority.strip_prefix(host) == Some(&port))
            });
        if !used {
            let mend = format!(
                "to use it: `routes.mine = {{ provider = \"{}\", base_url = \"{url}\", model = \"…\" }}`",
                server.provider
            );
            out.push(finding(
                Health::Good,
                server.name,
                format!("answers at {url}, not used"),
                mend,
            ));
        }
    }
}

fn machine(machine: &Machine, out: &mut Vec<Finding>) {
    // The first and last second that a clock can show which was ever set: 2026 to 2099.
    const SANE: std::ops::Range<u64> = 1_767_225_600..4_102_444_800;
    out.push(if SANE.contains(&machine.now) {
        finding(Health::Good, "clock", "plausible", "")
    } else {
        finding(
            Health::Ill,
            "clock",
            format!(
                "{} seconds since 1970, so certificates and signatures will be refused",
                machine.now
            ),
            "set the clock",
        )
    });
    // The default of kernels before 5.11; one larger project uses it up.
    const FEW_WATCHES: u64 = 8192;
    match machine.watches {
        Some(limit) if limit <= FEW_WATCHES => out.push(finding(
            Health::Weak,
            "file watches",
            format!("{limit} for one user, so editors may miss changes on disk"),
            "`sudo sysctl fs.inotify.max_user_watches=524288`",
        )),
        Some(limit) => out.push(finding(
            Health::Good,
            "file watches",
            format!("{limit} for one user"),
            "",
        )),
        None => {}
    }
    out.push(match &machine.state {
        Ok(path) => finding(
            Health::Good,
            "state",
            format!("{} can be written", path.display()),
            "",
        ),
        Err(error) => finding(
            Health::Weak,
            "state",
            format!("cannot be written: {error}; completion works, nothing is remembered"),
            "make the directory writable, or point XDG_STATE_HOME elsewhere",
        ),
    });
    for (editor, path) in &machine.editors {
        out.push(finding(
            Health::Good,
            editor.name,
            path.display().to_string(),
            editor.hint,
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use expect_test::expect;

    use super::*;
    use crate::settings::ConfigFile;

    const WELL: u64 = 1_800_000_000;

    fn healthy() -> Machine {
        Machine {
            now: WELL,
            watches: Some(100_000),
            state: Ok("/state".into()),
            editors: Vec::new(),
        }
    }

    fn report(text: &str, machine: &Machine, json: bool) -> (u8, String) {
        let user = ConfigFile {
            path: Path::new("/u.toml").into(),
            text: Ok(text.into()),
        };
        let layers = Layers {
            user: Some(user),
            ..Layers::default()
        };
        let loaded = layers.load();
        let patient = Patient {
            version: "nextline 0.0.0",
            layers: &layers,
            loaded: &loaded,
            languages: &["rust", "typescript"],
            key: &|name, _| match name {
                "keyed" => Key::Present("variable K".into()),
                "keyless" => Key::Missing("set the variable K".into()),
                _ => Key::None,
            },
            probe: Some(&|name, _| match name {
                "down" => Err("refused; start the server".into()),
                _ => Ok("answers".into()),
            }),
            servers: &SERVERS[..2],
            machine,
        };
        let mut out = Vec::new();
        let code = run(DoctorArgs { json }, &patient, true, &mut out).unwrap();
        (code, String::from_utf8(out).unwrap())
    }

    #[test]
    fn no_configuration_is_no_illness() {
        let (code, text) = report("", &healthy(), false);
        assert_eq!(code, 0);
        expect![[r#"
            ok version: nextline 0.0.0
            ok config: /u.toml
            ok embedded model: on; learns at most 64 MB of the workspace, sends nothing
            ok languages: 2 linked: rust, typescript
            ! edit: no route -> define one under `[routes.NAME]` and name it in `edit.route`
            ! chat: no route -> define one under `[routes.NAME]` and name it in `chat.route`
            ok llama.cpp: answers at http://127.0.0.1:8080, not used -> to use it: `routes.mine = { provider = "llama-cpp", base_url = "http://127.0.0.1:8080", model = "…" }`
            ok llama.cpp: answers at http://127.0.0.1:8012, not used -> to use it: `routes.mine = { provider = "llama-cpp", base_url = "http://127.0.0.1:8012", model = "…" }`
            ok clock: plausible
            ok file watches: 100000 for one user
            ok state: /state can be written
        "#]].assert_eq(&text);
    }

    #[test]
    fn what_is_ill_is_named_with_its_mend() {
        let route = |name: &str, port: u16| {
            format!(
                "[routes.{name}]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"http://localhost:{port}/v1\"\n"
            )
        };
        let text = format!(
            "nonsense = 1\n{}{}{}",
            route("keyed", 8080),
            route("keyless", 1),
            route("down", 2)
        );
        let sick = Machine {
            now: 0,
            watches: Some(8192),
            state: Err("/state: no".into()),
            editors: Vec::new(),
        };
        let (code, text) = report(&text, &sick, false);
        assert_eq!(code, 1);
        expect![[r#"
            ok version: nextline 0.0.0
            ok config: /u.toml
            x config: /u.toml:1:1: error: nonsense: unknown key `nonsense`; remove it; `nextline config schema` lists the known keys
            ok embedded model: on; learns at most 64 MB of the workspace, sends nothing
            ok languages: 2 linked: rust, typescript
            x route down: openai-compatible, m, http://localhost:2/v1; no key -> refused; start the server
            ok route keyed: openai-compatible, m, http://localhost:8080/v1; key from variable K; answers
            x route keyless: openai-compatible, m, http://localhost:1/v1; its key is missing -> set the variable K
            ! edit: no route -> define one under `[routes.NAME]` and name it in `edit.route`
            ! chat: no route -> define one under `[routes.NAME]` and name it in `chat.route`
            ok llama.cpp: answers at http://127.0.0.1:8012, not used -> to use it: `routes.mine = { provider = "llama-cpp", base_url = "http://127.0.0.1:8012", model = "…" }`
            x clock: 0 seconds since 1970, so certificates and signatures will be refused -> set the clock
            ! file watches: 8192 for one user, so editors may miss changes on disk -> `sudo sysctl fs.inotify.max_user_watches=524288`
            ! state: cannot be written: /state: no; completion works, nothing is remembered -> make the directory writable, or point XDG_STATE_HOME elsewhere
        "#]].assert_eq(&text);
    }

    #[test]
    fn json_says_the_same() {
        let (code, text) = report("nonsense = 1", &healthy(), true);
        let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &tree["ok"]), (1, &json!(false)));
        assert_eq!(tree["findings"][2]["health"], "ill");
    }
}
