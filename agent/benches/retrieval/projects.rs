//! Projects on disk and the line starts in them that are asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nextline::index::library::names::names;

pub const LARGEST: u64 = 400_000;
pub const EXTENSIONS: &[&str] = &[
    "rs", "ts", "mts", "cts", "tsx", "js", "jsx", "py", "go", "java", "c", "h", "cc", "cpp", "hpp",
    "cs", "kt", "rb", "php", "swift", "scala", "lua",
];
pub const SKIPPED: &[&str] = &[
    "node_modules",
    "target",
    "dist",
    "vendor",
    "lib-esm",
    "_cjs",
    "_esm",
    "_types",
    "locales",
];

/// A line start.
pub struct Case {
    pub path: String,
    pub at: usize,
    pub gold: String,
}

/// A project: its files, the ones held out, and the cases in them.
pub struct Project {
    pub files: BTreeMap<String, String>,
    pub held: Vec<String>,
    pub cases: Vec<Case>,
}

pub fn folders(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

pub fn files(root: &Path, dir: &Path, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) && !name.starts_with('.') {
                files(root, &path, out);
            }
            continue;
        }
        let extension = path
            .extension()
            .and_then(|text| text.to_str())
            .unwrap_or_default();
        let small = entry
            .metadata()
            .is_ok_and(|metadata| metadata.len() <= LARGEST);
        let typed = [".d.ts", ".d.mts", ".d.cts"]
            .iter()
            .any(|end| name.ends_with(end));
        if !small || typed || !EXTENSIONS.contains(&extension) {
            continue;
        }
        if let (Ok(text), Ok(relative)) = (std::fs::read_to_string(&path), path.strip_prefix(root))
        {
            out.insert(
                relative.to_string_lossy().replace('\\', "/"),
                text.replace("\r\n", "\n"),
            );
        }
    }
}

pub type Listed = BTreeMap<String, (Vec<String>, Vec<(String, usize, String)>)>;

pub fn read_cases(path: &Path) -> Listed {
    let mut listed = Listed::new();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    for line in text.lines() {
        let Ok(row) = serde_json::from_str::<serde_json::Value>(line) else {
            continue;
        };
        let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        if word("kind") != "line_start" {
            continue;
        }
        let held = row["held"].as_array().into_iter().flatten();
        let entry = listed.entry(word("project")).or_default();
        entry.0 = held
            .filter_map(|path| Some(path.as_str()?.to_owned()))
            .collect();
        let offset = row["offset"].as_u64().unwrap_or_default() as usize;
        entry.1.push((word("path"), offset, word("gold")));
    }
    listed
}

pub fn project(folder: &Path, name: &str, listed: Option<&Listed>) -> Option<Project> {
    let mut all = BTreeMap::new();
    files(folder, folder, &mut all);
    if all.len() < 6 {
        return None;
    }
    let Some(listed) = listed else {
        return Some(drawn(name, all));
    };
    let (held, rows) = listed.get(name)?;
    let case = |(path, offset, gold): &(String, usize, String)| {
        let (at, _) = all.get(path)?.char_indices().nth(*offset)?;
        Some(Case {
            path: path.clone(),
            at,
            gold: gold.clone(),
        })
    };
    let cases = rows.iter().filter_map(case).collect();
    Some(Project {
        cases,
        held: held.clone(),
        files: all,
    })
}

/// Draws files to hold out and line starts in them, the same ones for the same project.
pub fn drawn(name: &str, all: BTreeMap<String, String>) -> Project {
    let mut state = names(name).fold(0x9E37_79B9_7F4A_7C15, |state, name| {
        state ^ (u64::from(name) << 16)
    });
    let mut below = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound.max(1)
    };
    let fit = |text: &String| (40..=2500).contains(&text.lines().count());
    let mut paths: Vec<String> = all
        .iter()
        .filter(|(_, text)| fit(text))
        .map(|(path, _)| path.clone())
        .collect();
    let mut held = Vec::new();
    for _ in 0..(all.len() / 6).clamp(2, 8).min(paths.len()) {
        held.push(paths.swap_remove(below(paths.len())));
    }
    let mut cases = Vec::new();
    for path in &held {
        let text = &all[path];
        let mut starts = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let code = line.trim();
            let comment = ["//", "/*", "*", "#"]
                .iter()
                .any(|mark| code.starts_with(mark));
            if !code.is_empty() && !comment && line.len() <= 200 {
                starts.push((at + line.len() - line.trim_start().len(), code.to_owned()));
            }
            at += line.len();
        }
        for _ in 0..starts.len().min(12) {
            let (at, gold) = starts.swap_remove(below(starts.len()));
            cases.push(Case {
                path: path.clone(),
                at,
                gold,
            });
        }
    }
    Project {
        files: all,
        held,
        cases,
    }
}

pub fn floor(text: &str, byte: usize) -> usize {
    (0..=byte)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
