//! What stands behind an `@`: the mentions of a message, and the workspace's files that may be one, the best for what was typed so far.

use std::path::{Path, PathBuf};

use crate::index;

/// Files of a folder that are looked at.
const SEEN: usize = 50_000;

/// The mentions of a message, each once, without the `@`. One begins at the start of a word; a closing mark after it is not its own. In
/// quotation marks it may hold anything: `@"a b.rs"`.
pub fn mentions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut before = None;
    for (at, letter) in text.char_indices() {
        let starts =
            before.is_none_or(|before: char| before.is_whitespace() || "([{\"'".contains(before));
        before = Some(letter);
        if letter != '@' || !starts {
            continue;
        }
        let rest = &text[at + 1..];
        let quoted = rest.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let name = match quoted {
            Some((name, _)) => name,
            None => rest[..end(rest)].trim_end_matches(['.', ':', '!', '?']),
        };
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// How far a name without quotation marks goes. Brackets around a whole part of a path are its own, as in `app/(shop)/[id].tsx`.
fn end(text: &str) -> usize {
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let starts_part = at == 0 || text[..at].ends_with('/');
        let bracket = "([{".find(letter).filter(|_| starts_part);
        let own = bracket.and_then(|which| {
            let part = text[at..].split(|c: char| c == '/' || c.is_whitespace());
            let part = part.into_iter().next().unwrap_or_default();
            let close = [')', ']', '}'][which];
            part.rfind(close).filter(|closed| *closed > 1)
        });
        match own {
            Some(closed) => at += closed + 1,
            None if letter.is_whitespace() || "()[]{}\"'`,;".contains(letter) => return at,
            None => at += letter.len_utf8(),
        }
    }
    at
}

/// A name as it is mentioned, in quotation marks where it needs them.
pub fn mention(name: &str) -> String {
    match mentions(&format!("@{name}")) == [name] {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

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

    #[test]
    fn mentions_are_words_of_their_own() {
        for (text, wanted) in [
            (
                "see @src/a.rs:10-20, and (@selection)?",
                &["src/a.rs:10-20", "selection"][..],
            ),
            ("@a @a @b.", &["a", "b"]),
            ("mail me@example.org or `x@y`", &[]),
            ("@", &[]),
            ("why @Parser::new: slow", &["Parser::new"]),
            ("@\"a b.rs:3\", @\"\" and @\"open", &["a b.rs:3"]),
            (
                "see @app/(shop)/[[...id]]/page.tsx.",
                &["app/(shop)/[[...id]]/page.tsx"],
            ),
            (
                "(@[id].tsx) @f(x) @d/(é (@a)",
                &["[id].tsx", "f", "d/", "a"],
            ),
        ] {
            assert_eq!(mentions(text), wanted, "{text}");
        }
        assert_eq!(mention("a b.rs"), "\"a b.rs\"");
        assert_eq!(mention("app/[id].tsx"), "app/[id].tsx");
    }
}
