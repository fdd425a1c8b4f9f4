//! Who may exclude: one row is one kind of ignore file; and the files that are secret without any.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::list::{FOLD, GIT, List, Reading};

/// A kind of ignore file. Within a kind the deeper file and the later line decide; between kinds every one excludes.
#[derive(Debug, PartialEq)]
pub struct Kind {
    /// Its path in the folder that it speaks of.
    pub name: &'static str,
    /// How its lines are read.
    pub reading: Reading,
}

const fn git(name: &'static str) -> Kind {
    Kind { name, reading: GIT }
}

/// Those that lie in any folder.
pub static KINDS: &[Kind] = &[
    git(".gitignore"),
    git(".ignore"),
    git(".nextlineignore"),
    Kind {
        name: ".aiexclude",
        // Gemini Code Assist: nothing is let in again, and an empty file excludes its folder.
        reading: Reading {
            negation: false,
            empty_excludes: true,
            fold: FOLD,
        },
    },
    git(".aiignore"),
    git(".cursorignore"),
    git(".cursorindexingignore"),
    git(".codeiumignore"),
    git(".codyignore"),
    git(".cody/ignore"),
    git(".continueignore"),
    git(".geminiignore"),
    git(".copilotignore"),
];

/// A repository's own list.
pub static EXCLUDE: Kind = git(".git/info/exclude");
/// The user's list for all repositories.
pub static GIT_GLOBAL: Kind = git("core.excludesFile");
/// The user's list for this agent.
pub static OWN: Kind = git("nextline/ignore");
/// `policy.exclude`.
pub static SETTING: Kind = git("policy.exclude");

/// Whether a path is that of an ignore file.
pub fn is_rules(path: &Path) -> bool {
    let mut kinds = KINDS.iter().chain([&EXCLUDE]);
    kinds.any(|kind| path.ends_with(kind.name))
}

/// The user's lists for everything: the kind, its file, and whether the file is there is for the reader to find out.
pub fn of_user() -> Vec<(&'static Kind, PathBuf)> {
    use etcetera::BaseStrategy;
    let Ok(base) = etcetera::choose_base_strategy() else {
        return Vec::new();
    };
    let config = base.config_dir();
    let mut lists = vec![
        (&OWN, config.join("nextline").join("ignore")),
        (&GIT_GLOBAL, config.join("git").join("ignore")),
    ];
    let home = base.home_dir();
    let settings = std::fs::read_to_string(home.join(".gitconfig")).unwrap_or_default();
    let mut named = settings.lines().rev().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        let is_it = key.trim().eq_ignore_ascii_case("excludesfile");
        is_it.then(|| value.trim().trim_matches('"').to_owned())
    });
    lists.extend(named.next().map(|path| {
        let path = match path.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => PathBuf::from(path),
        };
        (&GIT_GLOBAL, path)
    }));
    lists
}

/// Names of files that are secret wherever they lie, as in a `.gitignore`, in either case.
const SECRET: &str = "\
.env*
*.env
*.pem
*.key
*.p8
*.p12
*.pfx
*.pkcs12
*.jks
*.keystore
*.keytab
*.kdb
*.kdbx
*.ppk
*.gpg
*.ovpn
*.agekey
*.mobileprovision
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
.netrc
_netrc
.npmrc
.pypirc
.pgpass
.my.cnf
.htpasswd
.dockercfg
.dockerconfigjson
.git-credentials
.vault-token
.terraformrc
terraform.rc
.s3cfg
.boto
.bash_history
.zsh_history
credentials
credentials.json
client_secret*.json
service-account*.json
service_account*.json
secret.json
secret.y*ml
secret.toml
secret.txt
secrets.json
secrets.y*ml
secrets.toml
secrets.txt
secrets.ini
secrets.properties
*.tfstate
*.tfstate.*
*.tfvars
*.tfvars.json
kubeconfig
wallet.dat
**/.git/config
**/.docker/config.json
**/.kube/config
**/.m2/settings.xml
**/.cargo/credentials.toml
**/.config/gh/hosts.yml
";

/// Folders in which everything is secret, wherever a workspace begins.
const SECRET_FOLDERS: &str = "\
.ssh/
.gnupg/
.aws/
.azure/
**/.config/gcloud/
.password-store/
";

const ANY_CASE: Reading = Reading {
    negation: false,
    empty_excludes: false,
    fold: true,
};

/// The names of secret files.
pub fn secret() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| List::read(SECRET.as_bytes(), ANY_CASE))
}

/// The folders in which everything is secret.
pub fn secret_folders() -> &'static List {
    static LIST: OnceLock<List> = OnceLock::new();
    LIST.get_or_init(|| List::read(SECRET_FOLDERS.as_bytes(), ANY_CASE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_known_by_the_whole_name_of_their_file() {
        for (path, is) in [
            ("/ws/.gitignore", true),
            ("/ws/a/.aiexclude", true),
            ("/ws/.cody/ignore", true),
            ("/ws/.git/info/exclude", true),
            ("/ws/ignore", false),
            ("/ws/info/exclude", false),
            ("/ws/x.gitignore", false),
            ("/ws/.gitignore/a", false),
            ("", false),
        ] {
            assert_eq!(is_rules(Path::new(path)), is, "{path}");
        }
    }
}
