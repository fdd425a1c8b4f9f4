//! Where the binary is, and the clean environment it runs in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::Scratch;

/// The repository's root.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The binary under test: `NEXTLINE_BIN`, or `nextline` of the profile these tests were built with, built when it is
/// missing or older than its sources.
///
/// # Panics
/// When there is none and it cannot be built.
#[must_use]
pub fn path() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(given) = std::env::var_os("NEXTLINE_BIN") {
            let given = PathBuf::from(given);
            assert!(
                given.is_file(),
                "NEXTLINE_BIN names {}, which is not a file",
                given.display()
            );
            return given.canonicalize().unwrap();
        }
        let profile = if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        };
        let own = std::env::current_exe().unwrap();
        let folder = own
            .ancestors()
            .find(|dir| dir.file_name() == Some(OsStr::new(profile)));
        let binary = folder
            .unwrap_or(&root().join("target").join(profile))
            .join(binary_name());
        if stale(&binary) {
            build(profile);
        }
        assert!(
            binary.is_file(),
            "no binary at {}: run `cargo build -p nextline`, or set NEXTLINE_BIN",
            binary.display()
        );
        binary
    })
}

fn binary_name() -> &'static str {
    if cfg!(windows) {
        "nextline.exe"
    } else {
        "nextline"
    }
}

fn stale(binary: &Path) -> bool {
    let Ok(built) = binary.metadata().and_then(|m| m.modified()) else {
        return true;
    };
    ["agent", "protocol", "grammars"]
        .iter()
        .any(|part| newest(&root().join(part)).is_some_and(|t| t > built))
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    entries
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            if meta.is_dir() {
                newest(&entry.path())
            } else {
                meta.modified().ok()
            }
        })
        .max()
}

fn build(profile: &str) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--quiet",
            "--package",
            "nextline",
            "--features",
            "all-languages",
        ])
        .current_dir(root());
    if profile == "release" {
        command.arg("--release");
    }
    let status = command.status().unwrap();
    assert!(
        status.success(),
        "`cargo build -p nextline` failed: mend it, or set NEXTLINE_BIN"
    );
}

/// A command for the binary with nothing of the caller's environment but `PATH`: no proxies, no keys, a home of its own.
#[must_use]
pub fn command(home: &Path) -> Command {
    isolated(path(), home)
}

/// Any program in that same clean environment.
#[must_use]
pub fn isolated(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for kept in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
        .env("HOME", home)
        .env("APPDATA", home.join("appdata"))
        .env("TMPDIR", std::env::temp_dir());
    let folders = [
        ("CONFIG", ".config"),
        ("CACHE", ".cache"),
        ("DATA", ".local/share"),
        ("STATE", ".local/state"),
    ];
    for (name, folder) in folders {
        command.env(format!("XDG_{name}_HOME"), home.join(folder));
    }
    command
        .env("LANG", "C.UTF-8")
        .env("NO_COLOR", "1")
        .current_dir(home);
    command
}

/// A command for the binary on a machine whose policy is `policy`: in a mount namespace with an `/etc` of its own, so that no other
/// place has to be named in which a policy could be missed. `None` where this system has no such namespaces.
#[must_use]
pub fn under_policy(home: &Scratch, policy: &str) -> Option<Command> {
    const SCRIPT: &str = "mount -t tmpfs none /etc && mkdir /etc/nextline && cp \"$1\" /etc/nextline/policy.toml && shift && exec \"$@\"";
    let file = home.write("policy-of-the-machine.toml", policy);
    let script = |words: &[&OsStr]| {
        let mut command = isolated("unshare", home.path());
        command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"]);
        command.arg(&file).args(words);
        command
    };
    let able = script(&[OsStr::new("true")]).output();
    let able = able.is_ok_and(|output| output.status.success());
    if !able {
        eprintln!("skipped: `unshare --map-root-user --mount` does not work here");
    }
    able.then(|| script(&[path().as_os_str()]))
}

/// Runs the binary to its end in a home of its own, with `config` as the user's file when given.
pub fn run(args: &[&str], config: Option<&str>) -> Output {
    let home = Scratch::new();
    if let Some(text) = config {
        home.write(".config/nextline/config.toml", text);
    }
    command(home.path())
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}
