//! What is told -> findings. Pure.

use super::{Books, Finding, Health, Key, Machine, Patient};
use crate::ledger::Walked;
use crate::settings::{Layers, Severity, user_path};

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
    out.extend(patient.books.map(books));
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
            Key::Later(how) => format!("key {how}"),
            Key::None => "no key".into(),
            Key::Missing(mend) => {
                let text = format!("{at}; its key is missing");
                out.push(finding(Health::Ill, &topic, text, mend));
                continue;
            }
            Key::Unusable(why) => {
                let text = format!("{at}; it cannot be asked");
                out.push(finding(Health::Ill, &topic, text, why));
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

fn books(books: &Books) -> Finding {
    let path = books.path.display();
    let found = |health, text, mend: &str| finding(health, "ledger", text, mend);
    match (&books.facts, &books.chain) {
        (Err(error), _) => found(
            Health::Ill,
            format!("{path} cannot be read: {error}"),
            "look at its permissions, or move it away to begin anew",
        ),
        (Ok(_), Some(Walked::Broken { seq, what })) => found(
            Health::Ill,
            format!("{path}: line {seq} {what}"),
            "somebody changed it; keep a copy and move it away to begin anew",
        ),
        (Ok(None), _) if !books.enabled => found(
            Health::Good,
            "off; what leaves is not written down".into(),
            "",
        ),
        (Ok(None), _) => found(Health::Good, format!("{path}; nothing has left yet"), ""),
        (Ok(Some(facts)), _) => {
            let since = facts
                .oldest
                .as_ref()
                .map(|oldest| format!(" since {oldest}"))
                .unwrap_or_default();
            let off = if books.enabled { "" } else { "; now off" };
            let text = format!(
                "{path}, {} KB, {} requests{since}, the chain is whole{off}",
                (facts.bytes + 1023) / 1024,
                facts.requests
            );
            found(Health::Good, text, "")
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
