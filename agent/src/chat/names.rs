//! What may stand behind an `@`: the workspace's files, the best for what was typed so far.

use std::path::{Path, PathBuf};

use super::mentions::mention;
use crate::index;

/// Files of a folder that are looked at.
const SEEN: usize = 50_000;

/// The best names, at most so many. Walks the folders: not for the wire's task.
pub fn best(folders: &[PathBuf], query: &str, most: usize) -> Vec<String> {
    let query = query.trim_start_matches('"');
    let mut found: Vec<(usize, String)> = Vec::new();
    for folder in folders {
        let files = index::files(folder).take(SEEN);
        found.extend(files.filter_map(|file| {
            let name = shown(folder, &file);
            Some((worth(&name, query)?, name))
        }));
    }
    found.sort();
    found.dedup();
    found.truncate(most);
    found.into_iter().map(|(_, name)| mention(&name)).collect()
}

/// A path as people write it.
fn shown(folder: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(folder).unwrap_or(file);
    inside.to_string_lossy().replace('\\', "/")
}

/// How far a path is from what was typed, 0 for the best; `None` if the letters are not in it in their order.
fn worth(name: &str, query: &str) -> Option<usize> {
    let (name, query) = (name.to_lowercase(), query.to_lowercase());
    let file = name.rsplit('/').next().unwrap_or(&name);
    // The name itself before the folders, whole words before scattered letters, the shorter path before the longer one.
    let rank = if file.starts_with(&query) {
        0
    } else if file.contains(&query) {
        1
    } else if name.contains(&query) {
        2
    } else if scattered(&name, &query) {
        3
    } else {
        return None;
    };
    Some(rank * 10_000 + name.len().min(9_999))
}

fn scattered(name: &str, query: &str) -> bool {
    let mut letters = name.chars();
    query
        .chars()
        .all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_itself_comes_first() {
        let names = [
            "src/chat/mod.rs",
            "src/chat.rs",
            "docs/the-chat.md",
            "src/cache/hat.rs",
            "src/other.rs",
        ];
        let mut ranked: Vec<_> = names
            .iter()
            .filter_map(|name| Some((worth(name, "Chat")?, *name)))
            .collect();
        ranked.sort();
        let ranked: Vec<_> = ranked.into_iter().map(|(_, name)| name).collect();
        assert_eq!(
            ranked,
            [
                "src/chat.rs",
                "docs/the-chat.md",
                "src/chat/mod.rs",
                "src/cache/hat.rs"
            ]
        );
        assert_eq!(worth("a.rs", ""), Some(4));
    }
}
