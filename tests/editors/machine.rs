//! What a test of a real editor needs from the machine: the editor, the server, and a project to edit.
// Each test that includes this file uses a part of it.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The editor of this name below `.cache/editors/bin`, installed if it can be. `None`, with the reason on stderr, when
/// it cannot be had here; with `NEXTLINE_REQUIRE_EDITORS` set that is a failure for the pinned Neovim.
pub fn editor(name: &str) -> Option<PathBuf> {
    static INSTALLED: OnceLock<String> = OnceLock::new();
    let said = INSTALLED.get_or_init(|| {
        let output = Command::new(root().join("tests/editors/install.sh"))
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let path = root().join(".cache/editors/bin").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: no {name} here\n{said}");
    let required = std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_some() && name == "nvim-0.11";
    assert!(
        !required,
        "NEXTLINE_REQUIRE_EDITORS is set, and there is no {name}"
    );
    None
}

/// The server under test: `NEXTLINE_BIN`, else the binary of the profile that these tests were built with, else of the
/// other one.
///
/// # Panics
/// When there is none.
pub fn server() -> PathBuf {
    if let Some(given) = std::env::var_os("NEXTLINE_BIN") {
        return PathBuf::from(given)
            .canonicalize()
            .expect("NEXTLINE_BIN names no file");
    }
    let here = std::env::current_exe().unwrap();
    let profile = here.parent().and_then(Path::parent).unwrap();
    let target = profile.parent().unwrap();
    [
        profile.to_path_buf(),
        target.join("debug"),
        target.join("release"),
    ]
    .map(|folder| folder.join("nextline"))
    .into_iter()
    .find(|path| path.is_file())
    .expect("no nextline binary: cargo build -p nextline")
}

/// A home and a project of its own, removed when dropped.
pub struct Place {
    /// The folder that holds both.
    pub path: PathBuf,
}

impl Place {
    /// An empty home, and a copy of this repository's own Rust sources as the project.
    pub fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "nextline-editors-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let place = Place {
            path: std::env::temp_dir().canonicalize().unwrap().join(name),
        };
        fs::create_dir_all(place.home()).unwrap();
        fs::create_dir_all(place.project().join(".git")).unwrap();
        for room in ["agent/src", "protocol/src", "grammars/src"] {
            copy(&root().join(room), &place.project().join(room));
        }
        place
    }

    /// `$HOME` of the editor.
    pub fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// The project's root.
    pub fn project(&self) -> PathBuf {
        self.path.join("project")
    }

    /// A command that sees nothing of the user's own configuration, with the server first on its PATH.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let path = std::env::join_paths(
            [server().parent().unwrap().to_path_buf()]
                .into_iter()
                .chain(["/usr/bin", "/bin"].map(PathBuf::from)),
        )
        .unwrap();
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.home())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .current_dir(self.project());
        command
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs a command with nothing on standard input until it ends or `limit` is over, and returns whether it ended well,
/// with everything it said.
pub fn run(command: &mut Command, said: &Path, limit: Duration) -> (bool, String) {
    let file = fs::File::create(said).unwrap();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let status = wait(limit, || child.try_wait().unwrap());
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let said = fs::read(said).unwrap();
    (
        status.is_some_and(|status| status.success()),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// Asks until there is an answer, or `limit` is over.
pub fn wait<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() > end {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
