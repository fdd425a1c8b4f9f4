//! What differs in a repository, by git, file by file: each is judged by itself before it goes anywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::index;
use crate::prompt::talk::Item;

/// What `git diff` compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The files with the last commit.
    Head,
    /// What is staged with the last commit.
    Staged,
}

/// The differences that may leave, and those that may not: the file, and why.
#[derive(Debug, Default)]
pub struct Changes {
    /// One item for each file.
    pub items: Vec<Item>,
    /// What stays here.
    pub refused: Vec<(String, String)>,
}

/// Reads them below a folder of a workspace. Nothing of the repository's own configuration is run.
///
/// # Errors
///
/// A clause on why git shows nothing.
pub fn changes(folder: &Path, against: Against) -> Result<Changes, String> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let up = git(&folder, &["rev-parse", "--show-cdup"])?;
    let up = String::from_utf8_lossy(&up).matches("../").count();
    let top = folder.ancestors().nth(up).unwrap_or(&folder);
    let which = match against {
        Against::Head => "HEAD",
        Against::Staged => "--cached",
    };
    let output = git(
        &folder,
        &[
            "diff",
            which,
            // Names as they are, each before all texts: what a text says of its name is not believed.
            "--patch-with-raw",
            "-z",
            "--no-renames",
            "--no-relative",
            "--submodule=short",
            "--no-ext-diff",
            "--no-textconv",
            "--no-color",
        ],
    )?;
    let parts = split(&output).ok_or(
        "git's list of changed files and its diff do not agree; resolve conflicts first, or name the files",
    )?;
    let mut changes = Changes::default();
    for (name, text) in parts {
        let path = top.join(&name);
        let shown = path.strip_prefix(&folder).unwrap_or(&path);
        let shown = shown.to_string_lossy().replace('\\', "/");
        match index::forbids(&folder, &path) {
            Some(why) => changes.refused.push((shown, why)),
            None => changes.items.push(Item {
                name: format!("{shown} (diff)"),
                language: "diff".into(),
                text,
                file: path.to_string_lossy().into_owned(),
                line: 1,
                rule: "diff".into(),
                image: None,
            }),
        }
    }
    Ok(changes)
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("git cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default();
    Err(format!("git shows no diff: {said}"))
}

/// The names of `--raw -z` with the texts of the patch behind them (git-diff, "Raw output format"); `None` where they do not fit.
fn split(output: &[u8]) -> Option<Vec<(PathBuf, String)>> {
    let mut names = Vec::new();
    let mut rest = output;
    while rest.first() == Some(&b':') {
        let mut fields = rest.splitn(3, |byte| *byte == 0);
        let (head, name) = (fields.next()?, fields.next()?);
        rest = fields.next()?;
        // One file goes, another kind of file comes under its name.
        let texts = if head.ends_with(b"T") { 2 } else { 1 };
        names.push((String::from_utf8_lossy(name).into_owned(), texts));
    }
    let patch = String::from_utf8_lossy(rest.strip_prefix(&[0]).unwrap_or(rest));
    let mut texts: Vec<String> = Vec::new();
    for line in patch.split_inclusive('\n') {
        // Every line of a text begins with a mark or is one of a head.
        if line.starts_with("diff --git ") || line.starts_with("* Unmerged path ") {
            texts.push(String::new());
        }
        texts.last_mut()?.push_str(line);
    }
    let mut texts = texts.into_iter();
    let parts: Option<Vec<_>> = names
        .into_iter()
        .map(|(name, count)| {
            let text: Vec<String> = texts.by_ref().take(count).collect();
            (text.len() == count).then(|| (PathBuf::from(name), text.concat()))
        })
        .collect();
    parts.filter(|_| texts.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn each_text_goes_with_its_name() {
        let raw = b":100644 100644 5 0 M\0a/b\0:100644 120000 b 0 T\0t\0:100644 100644 9 0 M\0we\"ird\0\0\
            diff --git a/a/b b/a/b\n@@ -1 +1 @@\n-x\n+diff --git\ndiff --git a/t b/t\n-z\ndiff --git a/t b/t\n+a\ndiff --git \"a/x\" \"b/x\"\n+1\n";
        let parts = split(raw).expect("they agree");
        let seen: Vec<(&str, usize)> = parts
            .iter()
            .map(|(name, text)| (name.to_str().expect("UTF-8"), text.lines().count()))
            .collect();
        assert_eq!(seen, [("a/b", 4), ("t", 4), ("we\"ird", 2)]);
        assert_eq!(split(b"").expect("nothing"), []);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for wrong in [
            &b":100644 100644 5 0 M\0a\0"[..],
            b":100644 100644 5 0 M\0a\0\0diff --git a/a b/a\n+1\ndiff --git a/b b/b\n+2\n",
            b":100644 100644 5 0 M\0a",
            b"diff --git a/a b/a\n+1\n",
            b"+1\n",
        ] {
            assert_eq!(split(wrong), None);
        }
    }
}
