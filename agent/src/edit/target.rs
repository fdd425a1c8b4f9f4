//! Where an edit may write: inside its workspace, and into what steers tools only with a person's yes for that file.

use std::path::{Component, Path, PathBuf};

/// Folders that steer version control, editors, build servers and us.
const STEERING_FOLDERS: &[&str] = &[
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".nextline",
    ".vscode",
    ".vscode-server",
    ".idea",
    ".fleet",
    ".zed",
    ".helix",
    ".nvim",
    ".vim",
    ".emacs.d",
    ".cursor",
    ".claude",
    ".continue",
    ".cody",
    ".sourcegraph",
    ".devcontainer",
    ".github",
    ".gitlab",
    ".circleci",
    ".buildkite",
    ".husky",
    ".cargo",
    ".ssh",
];

/// Files that do, wherever they lie.
const STEERING_FILES: &[&str] = &[
    ".gitmodules",
    ".gitattributes",
    ".gitconfig",
    ".exrc",
    ".nvimrc",
    ".nvim.lua",
    ".vimrc",
    ".dir-locals.el",
    ".envrc",
    ".gitlab-ci.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "jenkinsfile",
    ".mcp.json",
    "mcp.json",
    ".pre-commit-config.yaml",
    "agents.md",
    "claude.md",
    ".bashrc",
    ".profile",
    ".zshrc",
];

/// Why an edit may not write somewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Outside of the workspace, perhaps by a link.
    #[error("{0} is outside of the workspace {1}: edits stay inside")]
    Outside(String, String),
    /// It steers a tool.
    #[error("{0} steers {1}: an edit of it needs a yes for this file (`--yes`)")]
    Steering(String, String),
    /// Not there, or not to be looked at.
    #[error("{0} cannot be found: {1}")]
    Missing(String, String),
}

/// The real path of a file that may be written, or that may be made where it does not exist yet. `yes` says that a person agreed to this
/// very file.
pub fn admitted(folder: &Path, file: &Path, yes: bool) -> Result<PathBuf, Refusal> {
    let shown = file.display().to_string();
    let missing = |error: std::io::Error| Refusal::Missing(shown.clone(), error.to_string());
    let real = match std::fs::symlink_metadata(file) {
        Ok(_) => file.canonicalize().map_err(missing)?,
        Err(error) => {
            // A new file: the nearest folder that is there decides.
            let name = file.file_name().ok_or_else(|| missing(error))?;
            let mut parent = file.parent().unwrap_or(Path::new(""));
            let mut below = PathBuf::from(name);
            while std::fs::symlink_metadata(parent).is_err()
                && let (Some(up), Some(name)) = (parent.parent(), parent.file_name())
            {
                below = Path::new(name).join(below);
                parent = up;
            }
            parent.canonicalize().map_err(missing)?.join(below)
        }
    };
    let root = folder.canonicalize().map_err(missing)?;
    let outside = || Refusal::Outside(shown.clone(), root.display().to_string());
    let inside = real.strip_prefix(&root).map_err(|_| outside())?;
    if inside
        .components()
        .any(|part| !matches!(part, Component::Normal(_)))
    {
        return Err(outside());
    }
    match steers(inside) {
        Some(what) if !yes => Err(Refusal::Steering(shown, what)),
        _ => Ok(real),
    }
}

/// The workspace folder that a file lies in, the nearest one where several do; by the names as they are spelt, else by the real ones.
pub fn folder_of<'f>(folders: &'f [PathBuf], file: &Path) -> Option<&'f PathBuf> {
    let nearest = |holds: &dyn Fn(&Path) -> bool| {
        let around = folders.iter().filter(|folder| holds(folder));
        around.max_by_key(|folder| folder.as_os_str().len())
    };
    let plain = !file.components().any(|part| part == Component::ParentDir);
    nearest(&|folder| plain && file.starts_with(folder)).or_else(|| {
        let real = file.canonicalize().ok()?;
        nearest(&|folder| {
            let folder = folder.canonicalize();
            folder.is_ok_and(|folder| real.starts_with(folder))
        })
    })
}

/// What a path inside a workspace steers, if it does.
pub fn steers(inside: &Path) -> Option<String> {
    let names = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().to_lowercase());
    let names: Vec<String> = names.collect();
    let folder = names
        .iter()
        .find(|name| STEERING_FOLDERS.contains(&name.as_str()));
    let file = names.last().filter(|name| {
        STEERING_FILES.contains(&name.as_str())
            || name.ends_with(".code-workspace")
            || name.ends_with(".rule.md")
            || name.ends_with(".sublime-project")
    });
    folder.or(file).map(|name| format!("a tool (`{name}`)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_holds_a_file() {
        let folders = [PathBuf::from("/work"), PathBuf::from("/work/inner")];
        for (file, folder) in [
            ("/work/a.rs", Some("/work")),
            ("/work/inner/new/a.rs", Some("/work/inner")),
            ("/works/a.rs", None),
            ("/work/../etc/a.rs", None),
        ] {
            let found = folder_of(&folders, Path::new(file));
            assert_eq!(found, folder.map(PathBuf::from).as_ref(), "{file}");
        }
    }

    #[test]
    fn edits_stay_inside_and_ask_for_what_steers() {
        let base = std::env::temp_dir().join(format!("nextline-target-{}", std::process::id()));
        let root = base.join("work");
        for (file, text) in [
            ("work/src/a.rs", "a"),
            ("work/.vscode/settings.json", "{}"),
            ("work/.git/config", ""),
            ("other/b.rs", "b"),
        ] {
            let path = base.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(base.join("other"), root.join("link")).unwrap();
            std::os::unix::fs::symlink(base.join("other/b.rs"), root.join("b.rs")).unwrap();
            std::os::unix::fs::symlink(root.join(".git/config"), root.join("innocent")).unwrap();
            std::os::unix::fs::symlink(base.join("nowhere"), root.join("dangling")).unwrap();
        }
        let verdict = |file: &str, yes| match admitted(&root, &root.join(file), yes) {
            Ok(_) => "ok",
            Err(Refusal::Outside(..)) => "outside",
            Err(Refusal::Steering(..)) => "steering",
            Err(Refusal::Missing(..)) => "missing",
        };
        let mut rows = vec![
            ("src/a.rs", false, "ok"),
            ("src/new.rs", false, "ok"),
            ("src/deep/er/new.rs", false, "ok"),
            ("../other/b.rs", true, "outside"),
            ("../other/new.rs", true, "outside"),
            ("src/../../other/b.rs", true, "outside"),
            (".vscode/settings.json", false, "steering"),
            (".vscode/settings.json", true, "ok"),
            (".git/config", false, "steering"),
            (".GIT/hooks/pre-commit", false, "steering"),
            (".github/workflows/a.yml", false, "steering"),
            (".nextline/config.toml", false, "steering"),
            ("my.code-workspace", false, "steering"),
            ("AGENTS.md", false, "steering"),
        ];
        if cfg!(unix) {
            rows.extend([
                ("link/b.rs", true, "outside"),
                ("link/new.rs", true, "outside"),
                ("b.rs", true, "outside"),
                ("innocent", false, "steering"),
                ("dangling", true, "missing"),
            ]);
        }
        for (file, yes, wanted) in rows {
            assert_eq!(verdict(file, yes), wanted, "{file}");
        }
        std::fs::remove_dir_all(base).unwrap();
    }
}
