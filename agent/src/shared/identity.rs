//! Who may share a process: those whose binary, arguments and environment are the same in all that counts.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ring::digest::{Context, SHA256};

/// Variables that say something of the terminal, the window or the editor, and nothing that anybody here reads. What is not listed
/// keeps processes apart: a key may be called anything.
const OF_THE_PLACE: &[&str] = &[
    "_",
    "CHROME_DESKTOP",
    "COLORTERM",
    "COLUMNS",
    "DESKTOP_STARTUP_ID",
    "INSIDE_EMACS",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "LINES",
    "MYVIMRC",
    "NVIM",
    "NVIM_LISTEN_ADDRESS",
    "OLDPWD",
    "PWD",
    "SHLVL",
    "STY",
    "SYSTEMD_EXEC_PID",
    "TERM",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TERM_SESSION_ID",
    "TMUX",
    "TMUX_PANE",
    "VIM",
    "VIMRUNTIME",
    "VTE_VERSION",
    "WINDOW",
    "WINDOWID",
    "XDG_ACTIVATION_TOKEN",
];
/// The same by how their names begin.
const OF_THE_PLACE_TOO: &[&str] = &[
    "ALACRITTY_",
    "ELECTRON_",
    "GIO_LAUNCHED_DESKTOP_FILE",
    "GNOME_TERMINAL_",
    "ITERM_",
    "KITTY_",
    "KONSOLE_",
    "VSCODE_",
    "WEZTERM_",
];

/// A name that only equals have: 32 hexadecimal digits.
///
/// `variables` is the environment as the shared process would have it.
pub fn name(
    binary: &Path,
    arguments: &[OsString],
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> String {
    let mut context = Context::new(&SHA256);
    let mut add = |part: &OsStr| {
        // With its length, so that no two lists run together to the same bytes.
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_encoded_bytes());
    };
    add(env!("CARGO_PKG_VERSION").as_ref());
    add(binary.as_os_str());
    if let Ok(about) = binary.metadata() {
        // Another build in the same place.
        let built = about.modified().ok();
        let since = built.and_then(|built| built.duration_since(UNIX_EPOCH).ok());
        add(format!("{} {since:?}", about.len()).as_ref());
    }
    add(format!("{} arguments", arguments.len()).as_ref());
    arguments.iter().for_each(|argument| add(argument));
    let mut kept: Vec<_> = variables
        .filter(|(name, _)| !is_of_the_place(name))
        .collect();
    kept.sort();
    for (name, value) in &kept {
        add(name);
        add(value);
    }
    let digest = context.finish();
    let half = &digest.as_ref()[..16];
    half.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The absolute folders of `PATH`, those below the working directory aside, unless that holds the home directory.
pub fn safe_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::home_dir();
    let here = std::env::current_dir().ok();
    let here = here.filter(|here| home.is_none_or(|home| !home.starts_with(here)));
    let outside = |folder: &PathBuf| {
        folder.is_absolute() && here.as_ref().is_none_or(|here| !folder.starts_with(here))
    };
    std::env::join_paths(std::env::split_paths(OsStr::new(&path)).filter(outside))
        .unwrap_or_default()
}

fn is_of_the_place(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    OF_THE_PLACE.contains(&name) || OF_THE_PLACE_TOO.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_equals_have_one_name() {
        let of = |arguments: &[&str], variables: &[(&str, &str)]| {
            let arguments: Vec<OsString> = arguments.iter().map(Into::into).collect();
            let variables = variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()));
            name(Path::new("/bin/nextline"), &arguments, variables)
        };
        let one = of(&[], &[("KEY", "a"), ("PATH", "/bin")]);
        assert_eq!(one.len(), 32);
        assert_eq!(one, of(&[], &[("PATH", "/bin"), ("KEY", "a")]));
        assert_eq!(
            one,
            of(
                &[],
                &[
                    ("KEY", "a"),
                    ("PATH", "/bin"),
                    ("TERM", "x"),
                    ("VSCODE_PID", "1")
                ]
            )
        );
        for other in [
            of(&[], &[("KEY", "b"), ("PATH", "/bin")]),
            of(&[], &[("KEY", "a")]),
            of(&[], &[("KEY", "a"), ("PATH", "/bin"), ("OTHER_KEY", "c")]),
            of(&["--config", "x"], &[("KEY", "a"), ("PATH", "/bin")]),
            of(&[], &[("KEYA", ""), ("PATH", "/bin")]),
        ] {
            assert_ne!(one, other);
        }
    }
}
