//! One user's machine on which several editors share a process.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::{Launch, Scratch, wait};

/// One user's machine: a home and a folder for sockets, whatever editor is started.
#[derive(Debug)]
pub struct House(pub Scratch);

impl Default for House {
    fn default() -> House {
        House::new()
    }
}

impl House {
    /// An empty one.
    #[must_use]
    pub fn new() -> House {
        let house = House(Scratch::new());
        fs::create_dir_all(house.sockets()).unwrap();
        fs::set_permissions(house.sockets(), Permissions::from_mode(0o700)).unwrap();
        house
    }

    /// Where shared processes are met.
    #[must_use]
    pub fn sockets(&self) -> PathBuf {
        self.0.path().join("run/nextline")
    }

    /// An editor that shares.
    #[must_use]
    pub fn editor(&self) -> Launch {
        self.with(&["--stdio", "--shared"])
    }

    /// An editor that starts the binary with these arguments.
    #[must_use]
    pub fn with(&self, args: &[&str]) -> Launch {
        let home = self.0.path().to_str().unwrap();
        let mut launch = Launch::new()
            .args(args)
            .env("HOME", home)
            .env("APPDATA", home);
        for (name, folder) in [
            ("CONFIG", ".config"),
            ("CACHE", ".cache"),
            ("DATA", ".data"),
            ("STATE", ".state"),
        ] {
            launch = launch.env(&format!("XDG_{name}_HOME"), &format!("{home}/{folder}"));
        }
        launch.env("XDG_RUNTIME_DIR", &format!("{home}/run"))
    }

    /// The shared processes that run.
    #[must_use]
    pub fn hosts(&self) -> Vec<u32> {
        let socket = self.sockets().to_str().unwrap().to_owned();
        let all = fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid| {
            let words = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.contains("share-host") && words.contains(&socket) && !words.contains("--detach")
        })
        .collect()
    }

    /// The one shared process.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn host(&self) -> u32 {
        let hosts = self.hosts();
        assert_eq!(hosts.len(), 1, "one process for all: {hosts:?}");
        hosts[0]
    }

    /// The sockets that lie there.
    #[must_use]
    pub fn socket_files(&self) -> Vec<PathBuf> {
        let all = fs::read_dir(self.sockets()).unwrap().flatten();
        let sockets = all.map(|entry| entry.path());
        sockets
            .filter(|path| path.extension().is_some_and(|end| end == "sock"))
            .collect()
    }

    /// Waits until no shared process is left, and no socket.
    pub fn wait_empty(&self) {
        wait::until("the shared process leaves behind the last client", || {
            (self.hosts().is_empty() && self.socket_files().is_empty()).then_some(())
        });
    }
}

/// Kills a process by force.
pub fn kill(pid: u32) {
    let status = Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Clients that a shared process serves, by its threads.
#[must_use]
pub fn clients(host: u32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{host}/task"))
        .unwrap()
        .flatten();
    let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim() == "client").count()
}
