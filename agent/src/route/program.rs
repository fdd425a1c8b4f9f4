//! Programs that print credentials: found on the search path but never below the current directory, started without a shell, waited for on
//! a thread of their own.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::{Failure, Kind};
use super::surroundings::Surroundings;

/// Most bytes that a program may print.
const MAX_OUTPUT: u64 = 1 << 20;
/// How often a program is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// What a program printed.
pub struct Printed {
    /// Whether it said that all is well.
    pub good: bool,
    /// Its standard output.
    pub text: String,
}

impl Surroundings {
    /// Runs `argv` with `more` variables and waits for its end, `patience` at most. The program goes on when the asking is dropped, so that
    /// the next one does not ask the person again.
    pub async fn run(
        &self,
        argv: &[String],
        more: &[(&str, String)],
        patience: Duration,
    ) -> Result<Printed, Failure> {
        let [name, arguments @ ..] = argv else {
            return Err(failed("the command is empty"));
        };
        let program = self.program(name).ok_or_else(|| {
            failed(&format!(
                "the program `{name}` is not on the search path (what lies below the current directory is not looked at)"
            ))
        })?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .envs(more.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(home) = self.home().filter(|home| home.is_dir()) {
            command.current_dir(home);
        }
        let (done, printed) = oneshot::channel();
        let name = name.clone();
        std::thread::Builder::new()
            .name("credentials".into())
            .spawn(move || done.send(wait(command, &name, patience)))
            .map_err(|_| failed("no thread for the program"))?;
        printed
            .await
            .unwrap_or_else(|_| Err(failed("the program broke off")))
    }

    /// Where the program `name` lies. A bare name is looked for in the absolute directories of `PATH`, those below the current directory
    /// aside: a workspace must not supply it.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.program_outside(name, std::env::current_dir().ok())
    }

    fn program_outside(&self, name: &str, here: Option<PathBuf>) -> Option<PathBuf> {
        let path = self.at_home(name);
        if path.is_absolute() {
            return Some(path);
        }
        if path.components().count() != 1 {
            return None;
        }
        let here = here.filter(|here| self.home().is_none_or(|home| !home.starts_with(here)));
        let search = self.variable("PATH")?;
        std::env::split_paths(&search)
            .filter(|directory| directory.is_absolute())
            .filter(|directory| {
                here.as_ref()
                    .is_none_or(|here| !directory.starts_with(here))
            })
            .flat_map(|directory| {
                ENDINGS
                    .iter()
                    .map(move |ending| directory.join(format!("{name}{ending}")))
            })
            .find(|path| runs(path))
    }
}

#[cfg(windows)]
const ENDINGS: &[&str] = &[".exe", ".cmd", ".bat"];
#[cfg(not(windows))]
const ENDINGS: &[&str] = &[""];

#[cfg(unix)]
fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path)
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(path: &Path) -> bool {
    path.is_file()
}

fn wait(mut command: Command, name: &str, patience: Duration) -> Result<Printed, Failure> {
    let mut child = command
        .spawn()
        .map_err(|_| failed(&format!("`{name}` cannot be started")))?;
    let output = child.stdout.take();
    // Read beside the waiting: a program whose output nobody takes does not end.
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(output) = output {
            let _ = output.take(MAX_OUTPUT).read_to_end(&mut bytes);
        }
        bytes
    });
    let good = ended(&mut child, patience).ok_or_else(|| {
        failed(&format!(
            "`{name}` did not end within {} s",
            patience.as_secs()
        ))
    })?;
    let bytes = reader.join().unwrap_or_default();
    let text =
        String::from_utf8(bytes).map_err(|_| failed(&format!("`{name}` printed no text")))?;
    Ok(Printed { good, text })
}

fn ended(child: &mut Child, patience: Duration) -> Option<bool> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if begun.elapsed() < patience => std::thread::sleep(LOOK),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}

/// The words of a command as a POSIX shell would part them; nothing in it is expanded. `None` when a quotation has no end.
///
/// On Windows a backslash parts directories and is no escape.
pub fn words(command: &str) -> Option<Vec<String>> {
    let escapes = !cfg!(windows);
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (Some('\''), letter) => word.get_or_insert_default().push(letter),
            (Some(_), '\\') if escapes => {
                let next = letters.next()?;
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, '\\') if escapes => word.get_or_insert_default().push(letters.next()?),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

fn failed(why: &str) -> Failure {
    Failure::new(Kind::Auth, why)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn commands_are_parted_as_a_shell_would() {
        for (command, parted) in [
            ("a b  c", Some(&["a", "b", "c"][..])),
            ("'a b' \"c d\" e\\ f", Some(&["a b", "c d", "e f"])),
            (
                r#"a "b\"c" 'd\e' "f\g""#,
                Some(&["a", "b\"c", "d\\e", "f\\g"]),
            ),
            ("a '' \"\"", Some(&["a", "", ""])),
            ("a;b $c `d`", Some(&["a;b", "$c", "`d`"])),
            ("a 'b", None),
            ("", Some(&[])),
        ] {
            let found = words(command);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|words| words.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), parted, "{command}");
        }
    }

    #[tokio::test]
    async fn programs_are_not_taken_from_the_current_directory() {
        let dir = tempdir("programs");
        let tool = dir.join("tool");
        // Copied by another process: a file that this one writes would be open in the children of tests beside it, and busy.
        let draft = dir.join("draft");
        std::fs::write(&draft, "#!/bin/sh\nprintf %s \"$1$MORE\"\n").expect("write");
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).expect("mode");
        let copied = std::process::Command::new("cp")
            .args([&draft, &tool])
            .status();
        assert!(copied.is_ok_and(|status| status.success()));
        let path = dir.display().to_string();
        for (path, here, home, found) in [
            (path.as_str(), "/elsewhere", "/home/u", true),
            (&path, &path, "/home/u", false),
            (&path, "/", "/home/u", true),
            ("relative:.", "/elsewhere", "/home/u", false),
            (&format!("relative::{path}"), "/elsewhere", "/home/u", true),
        ] {
            let around = Surroundings::of(&[("PATH", path), ("HOME", home)]);
            let program = around.program_outside("tool", Some(here.into()));
            assert_eq!(program.is_some(), found, "{path} from {here}");
        }
        let around = |path: &str| Surroundings::of(&[("PATH", path)]);
        assert!(around(&path).program("./tool").is_none());
        let argv = ["tool".to_owned(), "a b".to_owned()];
        let printed = around(&path)
            .run(&argv, &[("MORE", "!".into())], Duration::from_secs(20))
            .await
            .expect("output");
        assert!(printed.good && printed.text == "a b!");
        let slow = ["sleep".to_owned(), "60".to_owned()];
        let failure = around("/usr/bin:/bin")
            .run(&slow, &[], Duration::ZERO)
            .await;
        assert!(failure.is_err_and(|failure| failure.what.contains("did not end")));
        std::fs::remove_dir_all(dir).expect("clean");
    }

    fn tempdir(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("nextline-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("dir");
        dir
    }

    #[test]
    fn only_files_that_may_be_run_are_programs() {
        let file = std::env::temp_dir().join(format!("nextline-runs-{}", std::process::id()));
        std::fs::write(&file, "").unwrap();
        let told = [0o644, 0o755].map(|mode| {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            runs(&file)
        });
        std::fs::remove_file(&file).unwrap();
        assert_eq!(told, [false, true]);
        assert!(!runs(&std::env::temp_dir()) && !runs(&file));
    }
}
