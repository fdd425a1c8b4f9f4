//! What a command of the project wants to run for its context: with a yes for these very words, for a short time, its output cut.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What stands before a command in the name of its [`super::Thing`].
pub const MARK: &str = "$ ";
/// Bytes of its output.
const CAP: u64 = 64 << 10;
/// Time that it has.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked after.
const LOOK: Duration = Duration::from_millis(10);

#[cfg(not(windows))]
const SHELL: &[&str] = &["/bin/sh", "-c"];
#[cfg(windows)]
const SHELL: &[&str] = &["C:\\Windows\\System32\\cmd.exe", "/C"];

/// Runs a command in the project's folder; its output, or why there is none in one clause. Blocks for ten seconds at most.
pub fn run(folder: &Path, command: &str) -> Result<String, String> {
    let mut shell = Command::new(SHELL[0]);
    shell
        .args(&SHELL[1..])
        .arg(command)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // A workspace must not supply what the command names.
    if let Some(path) = std::env::var_os("PATH") {
        let safe = std::env::split_paths(&path)
            .filter(|place| place.is_absolute() && !place.starts_with(folder));
        if let Ok(path) = std::env::join_paths(safe) {
            shell.env("PATH", path);
        }
    }
    let mut child = shell
        .spawn()
        .map_err(|error| format!("it cannot be run: {error}"))?;
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(output) = output {
            // What was read until it broke is what there is.
            let _ = output.take(CAP).read_to_end(&mut bytes);
        }
        bytes
    });
    let begun = Instant::now();
    while !reader.is_finished() {
        if begun.elapsed() > PATIENCE {
            // It may have ended by itself in this moment.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it did not end within {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(LOOK);
    }
    // Cut or not, nobody reads on.
    let _ = child.kill();
    let _ = child.wait();
    let bytes = reader.join().unwrap_or_default();
    match bytes.is_empty() {
        true => Err("it printed nothing".into()),
        false => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn output_comes_back_and_is_cut() {
        let folder = std::env::temp_dir();
        assert_eq!(run(&folder, "printf 'a b'; exit 3"), Ok("a b".into()));
        assert_eq!(run(&folder, "true"), Err("it printed nothing".into()));
        let long = run(&folder, "yes").unwrap();
        assert_eq!(long.len() as u64, CAP);
    }
}
