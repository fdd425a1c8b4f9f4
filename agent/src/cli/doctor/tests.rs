//! Whole reports, well and ill.

use super::servers::SERVERS;
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
        books: None,
    };
    let mut out = Vec::new();
    let args = DoctorArgs { json, bundle: None };
    let code = run(&args, &patient, &examine(&patient), true, &mut out).unwrap();
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
