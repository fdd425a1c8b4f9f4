//! Servers of the Model Context Protocol once all layers have spoken: each has a name that can be typed, and one way to be reached.

use std::collections::BTreeSet;

use super::merge::Merge;
use super::origin::Severity;

impl Merge {
    /// Leaves out servers that cannot be mentioned or reached.
    pub(super) fn check_servers(&mut self) {
        let of_servers = self.values.keys().filter(|path| path[0] == "mcp");
        let names: BTreeSet<String> = of_servers.filter_map(|path| path.get(1).cloned()).collect();
        for name in names {
            let own = |path: &[String]| path[0] == "mcp" && path.get(1) == Some(&name);
            let has = |key: &str| {
                let path = ["mcp", &name, key].map(str::to_owned);
                self.values.contains_key(path.as_slice())
            };
            let typed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            let message = if name == "mcp" || name.is_empty() || !name.chars().all(typed) {
                "a server is mentioned by its name, which has letters, digits, `-`, `_` and `.` and is not `mcp`; give it another one"
            } else if has("command") == has("url") {
                "a server is left out that has not one of `command` (a program) and `url` (an address); write one of them"
            } else {
                continue;
            };
            let first = self.values.iter().find(|(path, _)| own(path));
            if let Some((path, origin)) =
                first.map(|(path, entry)| (path.clone(), entry.origin.clone()))
            {
                self.say(Severity::Error, &origin, &path, message.into());
            }
            self.values.retain(|path, _| !own(path));
        }
    }
}
