//! `editors/helix/languages.toml` in a real Helix: its servers stay, and the popup offers what the embedded model says.
#![allow(clippy::unwrap_used)]

#[path = "../editors/machine.rs"]
mod machine;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use machine::Place;
use nextline_tests::ScriptedRoute;

/// Puts the snippet that users copy into the place's home.
fn configure(place: &Place) {
    let folder = place.home().join(".config/helix");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(
        machine::root().join("editors/helix/languages.toml"),
        folder.join("languages.toml"),
    )
    .unwrap();
}

/// The names of a language's servers, as Helix says them.
fn servers(hx: &Path, place: &Place, language: &str) -> Vec<String> {
    let output = place
        .command(hx)
        .args(["--health", language])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines()
        .skip_while(|line| !line.contains("language servers:"))
        .skip(1)
        .take_while(|line| !line.contains("Configured"))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| {
            let plain: Vec<&str> = name.split_whitespace().collect();
            (*plain.last().unwrap()).to_owned()
        })
        .collect()
}

#[test]
fn the_snippet_keeps_the_servers_that_helix_has() {
    let Some(hx) = machine::editor("hx") else {
        return;
    };
    let (before, after) = (Place::new(), Place::new());
    configure(&after);
    let snippet =
        std::fs::read_to_string(machine::root().join("editors/helix/languages.toml")).unwrap();
    let languages: Vec<&str> = snippet
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    assert!(languages.contains(&"rust"), "{languages:?}");
    for language in languages {
        let mut want = servers(&hx, &before, language);
        assert!(!want.is_empty(), "{language}");
        want.push("nextline".to_owned());
        assert_eq!(servers(&hx, &after, language), want, "{language}");
    }
}

/// A terminal that Helix runs in.
struct Terminal<'a> {
    place: &'a Place,
}

impl Terminal<'_> {
    fn tmux(&self) -> Command {
        let mut command = self.place.command(Path::new("tmux"));
        command
            .arg("-S")
            .arg(self.place.path.join("tmux"))
            .args(["-f", "/dev/null"]);
        command
    }

    fn keys(&self, keys: &[&str]) {
        assert!(
            self.tmux()
                .arg("send-keys")
                .args(keys)
                .status()
                .unwrap()
                .success(),
            "{keys:?}"
        );
    }

    fn screen(&self) -> String {
        let output = self.tmux().args(["capture-pane", "-p"]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The screen once `shown` finds something on it.
    fn wait<T>(&self, what: &str, mut shown: impl FnMut(&str) -> Option<T>) -> T {
        machine::wait(Duration::from_secs(60), || shown(&self.screen()))
            .unwrap_or_else(|| panic!("waited in vain for {what}:\n{}", self.screen()))
    }

    fn mode(&self, name: &str) {
        self.wait(name, |screen| screen.contains(name).then_some(()));
    }

    /// Leaves insert mode. The next key comes later: right after Escape it would be one with Alt.
    fn normal_mode(&self) {
        self.keys(&["Escape"]);
        self.mode("NOR");
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").output();
    }
}

#[test]
fn the_popup_offers_what_the_embedded_model_says() {
    let Some(hx) = machine::editor("hx") else {
        return;
    };
    if Command::new("tmux").arg("-V").output().is_err() {
        eprintln!("skipped: no tmux here, and Helix needs a terminal");
        return;
    }
    let place = Place::new();
    configure(&place);
    let file = place.project().join("agent/src/main.rs");
    let terminal = Terminal { place: &place };
    let started = terminal
        .tmux()
        .args(["new-session", "-d", "-x", "120", "-y", "40"])
        .arg(&hx)
        .arg(&file)
        .status()
        .unwrap();
    assert!(started.success());
    terminal.wait("the file", |screen| {
        screen.contains("main.rs").then_some(())
    });
    // The end of the file, and a line of its own below it.
    terminal.keys(&["g", "e", "o"]);
    terminal.mode("INS");
    let offered = offer(&terminal);
    // The first entry, taken; then saved. Openings have no bracket, as Helix would type its pair.
    terminal.keys(&["C-n"]);
    terminal.keys(&["Enter"]);
    terminal.normal_mode();
    terminal.keys(&[":w", "Enter"]);
    terminal.wait("the file to be written", |screen| {
        screen.contains("' written,").then_some(())
    });
    let saved = std::fs::read_to_string(&file).unwrap();
    let last = saved.trim_end().lines().last().unwrap();
    assert_eq!(last.trim(), offered, "{}", terminal.screen());
}

#[test]
fn a_code_action_documents_a_function_and_one_undo_takes_it_back() {
    let Some(hx) = machine::editor("hx") else {
        return;
    };
    if Command::new("tmux").arg("-V").output().is_err() {
        eprintln!("skipped: no tmux here, and Helix needs a terminal");
        return;
    }
    let route = ScriptedRoute::instant("```rust\n/// Two it is.\n```");
    let place = Place::new();
    configure(&place);
    let languages = place.home().join(".config/helix/languages.toml");
    let settings = format!(
        "config = {{ edit = {{ route = \"mock\" }}, routes = {{ mock = {{ provider = \"openai-compatible\", base_url = \"{}/v1\", model = \"m\" }} }} }}\n",
        route.url()
    );
    let text = std::fs::read_to_string(&languages).unwrap();
    let text = text.replacen(
        "args = [\"lsp\"]\n",
        &format!("args = [\"lsp\"]\n{settings}"),
        1,
    );
    std::fs::write(&languages, text).unwrap();
    let file = place.project().join("two.rs");
    std::fs::write(&file, "fn one() {}\n\nfn two() -> u8 {\n    2\n}\n").unwrap();
    let terminal = Terminal { place: &place };
    let started = terminal
        .tmux()
        .args(["new-session", "-d", "-x", "120", "-y", "40"])
        .arg(&hx)
        .arg(&file)
        .status()
        .unwrap();
    assert!(started.success());
    terminal.wait("the file", |screen| screen.contains("two.rs").then_some(()));
    // The server starts beside the editor: the menu is asked for until it has our entries.
    let menu = machine::wait(Duration::from_secs(60), || {
        terminal.keys(&["g", "e", "Space", "a"]);
        let shown = machine::wait(Duration::from_secs(2), || {
            terminal.screen().contains("document this").then_some(())
        });
        if shown.is_none() {
            terminal.keys(&["Escape"]);
        }
        shown
    });
    assert!(menu.is_some(), "{}", terminal.screen());
    // The first entry is chosen already: it documents what is around the cursor.
    terminal.keys(&["Enter"]);
    terminal.wait("the comment", |screen| {
        screen.contains("/// Two it is.").then_some(())
    });
    terminal.keys(&["u"]);
    terminal.wait("the undo", |screen| {
        (!screen.contains("Two it is")).then_some(())
    });
}

/// Types openings that any Rust project repeats until the popup has an entry; what the entry will make of the line.
fn offer(terminal: &Terminal) -> String {
    for opening in [
        "use sup",
        "use st",
        "impl Def",
        "let mu",
        "return Er",
        "pub str",
        "pub f",
        "self.",
    ] {
        terminal.keys(&["-l", opening]);
        let entry = machine::wait(Duration::from_secs(5), || {
            entry(&terminal.screen(), opening)
        });
        if let Some(entry) = entry {
            eprintln!("{}", terminal.screen());
            return entry;
        }
        terminal.normal_mode();
        terminal.keys(&["x", "d", "g", "e", "o"]);
        terminal.mode("INS");
    }
    panic!("no popup:\n{}", terminal.screen());
}

/// What the popup's entry makes of the typed opening: a row of the kind `text`, below the end of the file, that goes on
/// from the opening's last word.
fn entry(screen: &str, opening: &str) -> Option<String> {
    let word = opening.rfind([' ', ':', '.']).map_or(0, |at| at + 1);
    screen.lines().find_map(|line| {
        let row = line.trim().strip_prefix('~')?.strip_suffix("text")?.trim();
        let goes_on = row.starts_with(&opening[word..]) && row.len() > opening.len() - word;
        goes_on.then(|| format!("{}{row}", &opening[..word]))
    })
}
