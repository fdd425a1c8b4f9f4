//! Reads source files as code: no comments, no literals, no tests.

use std::path::{Path, PathBuf};

use nextline_tests::binary::root;

/// One Rust source file.
pub struct Source {
    /// From the repository's root, with slashes.
    pub path: String,
    pub text: String,
    /// The lines that are code: no comments, no literals, and nothing from the first `#[cfg(test)]` module on.
    pub code: Vec<(usize, String)>,
}

pub fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

pub fn sources(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        files(&root().join(folder), &mut found);
    }
    found.sort();
    assert!(!found.is_empty(), "no sources in {folders:?}");
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let path = path
            .strip_prefix(root())
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let code = if is_test(&path) {
            Vec::new()
        } else {
            code_of(&text)
        };
        Source { path, text, code }
    };
    found.into_iter().map(read).collect()
}

pub fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Blanks comments, strings and characters out of a file, and stops at its tests.
pub fn code_of(text: &str) -> Vec<(usize, String)> {
    let text = blanked(text);
    let mut lines = Vec::new();
    let mut waiting = false;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        // Inline tests are the last thing in a file.
        if waiting && trimmed.starts_with("mod ") && trimmed.ends_with('{') {
            break;
        }
        waiting = trimmed == "#[cfg(test)]" || (waiting && trimmed.starts_with("#["));
        lines.push((number + 1, line.to_owned()));
    }
    lines
}

pub fn blanked(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let keep_lines = |part: &[char]| part.iter().filter(|c| **c == '\n').collect::<String>();
    while at < bytes.len() {
        let rest = &bytes[at..];
        let skipped = match rest {
            ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => find(rest, &['*', '/']).map_or(rest.len(), |end| end + 2),
            ['r', '"', ..] => find(&rest[2..], &['"']).map_or(rest.len(), |end| end + 3),
            ['r', '#', '"', ..] => find(&rest[3..], &['"', '#']).map_or(rest.len(), |end| end + 5),
            ['"', ..] => string_end(rest),
            ['\'', '\\', _, ..] => find(&rest[3..], &['\'']).map_or(1, |end| end + 4),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if skipped == 0 {
            out.push(bytes[at]);
            at += 1;
        } else {
            out.push_str(&keep_lines(&rest[..skipped]));
            at += skipped;
        }
    }
    out
}

pub fn find(text: &[char], wanted: &[char]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

pub fn string_end(text: &[char]) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            '\\' => at += 1,
            '"' => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// True when `word` stands in `line` as a whole name; a word that ends in `_` is the start of one.
pub fn names(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(is_name);
        let after = line[at + word.len()..].chars().next().is_some_and(is_name);
        !before && (!after || word.ends_with('_'))
    })
}

/// `path` is one of `places`; a place that ends in a slash is a room and everything in it.
pub fn within(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| {
        path == *place
            || place.ends_with('/')
                && (path.starts_with(place) || path == format!("{}.rs", &place[..place.len() - 1]))
    })
}

pub fn offences(sources: &[Source], words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !within(&source.path, allowed))
    {
        for (number, line) in &source.code {
            for word in words.iter().filter(|word| names(line, word)) {
                found.push(format!(
                    "{}:{number}: `{word}` belongs to {allowed:?}",
                    source.path
                ));
            }
        }
    }
    found
}
