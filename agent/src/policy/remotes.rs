//! The names of a repository: what its remotes are called wherever it lies (`github.com/owner/name`).

/// The names of the remotes of a repository, by the text of its configuration; remotes on the same machine have none.
pub fn names(config: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_remote = false;
    for line in config.lines() {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_start().to_ascii_lowercase();
            in_remote = section.starts_with("remote") && section.contains('"');
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| in_remote) else {
            continue;
        };
        let key = key.trim();
        if !(key.eq_ignore_ascii_case("url") || key.eq_ignore_ascii_case("pushurl")) {
            continue;
        }
        if let Some(name) = name_of(value.trim().trim_matches('"'))
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// `host/path` of an address of git's; `None` for a path on this machine.
fn name_of(url: &str) -> Option<String> {
    let (authority, path) = match url.split_once("://") {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("file") => return None,
        Some((_, rest)) => rest.split_once('/')?,
        // As scp has it; what begins with a slash or a letter of a drive is a path.
        None => url.split_once(':').filter(|(host, _)| {
            host.len() > 1 && !host.contains(['/', '\\']) && !host.starts_with('.')
        })?,
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let named = !host.is_empty() && !path.is_empty();
    named.then(|| format!("{}/{path}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_remote_gives_one_name() {
        for (url, name) in [
            ("git@github.com:acme/app.git", Some("github.com/acme/app")),
            ("https://GitHub.com/acme/app", Some("github.com/acme/app")),
            (
                "https://me:x@github.com/acme/app.git/",
                Some("github.com/acme/app"),
            ),
            (
                "ssh://git@git.acme.example:7999/team/app.git",
                Some("git.acme.example/team/app"),
            ),
            (
                "git.acme.example:team/sub/app",
                Some("git.acme.example/team/sub/app"),
            ),
            ("ssh://git@h.example:80a/x/y", Some("h.example:80a/x/y")),
            ("ssh://h.example:/x/y", Some("h.example/x/y")),
            ("a:x/y", None),
            ("ab:x/y", Some("ab/x/y")),
            (".ab:x/y", None),
            ("a/b:x/y", None),
            ("FILE:///x/y", None),
            ("https:///x/y", None),
            ("/srv/git/app.git", None),
            ("../app", None),
            ("C:/git/app", None),
            ("file:///srv/git/app", None),
            ("https://github.com", None),
            ("", None),
        ] {
            assert_eq!(name_of(url).as_deref(), name, "{url}");
        }
        let config = "[core]\n\turl = https://no.example/x\n[remote \"origin\"]\n\tURL = git@a.example:x/y.git\n\tfetch = +refs\n\
                      [Remote \"two\"]\n\tpushurl = \"https://b.example/x/y\"\n[branch \"main\"]\n\tremote = origin\n";
        assert_eq!(names(config), ["a.example/x/y", "b.example/x/y"]);
    }
}
