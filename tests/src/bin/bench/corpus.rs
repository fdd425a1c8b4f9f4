//! Real Rust to measure on: the sources that cargo has unpacked, else this repository's own, in a fixed order.

use std::path::{Path, PathBuf};

use nextline_tests::binary::root;

/// Bytes of one document at least and at most.
const SIZES: std::ops::Range<u64> = 4_000..60_000;

/// What is opened, typed and learnt.
pub struct Corpus {
    /// Where it is from and how much it is.
    pub origin: String,
    /// 200 documents.
    pub documents: Vec<String>,
    /// 10,000 lines in one document.
    pub long: String,
    /// About 5 MB as files of a workspace.
    pub workspace: Vec<String>,
    /// A file that is in none of the others, to be typed.
    pub typed: String,
}

impl Corpus {
    /// Reads it; the same sources give the same corpus.
    pub fn load() -> Corpus {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
        let registry = home
            .map(|home| home.join("registry/src"))
            .filter(|folder| folder.is_dir());
        let mut paths = Vec::new();
        if let Some(folder) = &registry {
            gather(folder, &mut paths);
        }
        let from = if paths.len() < 600 {
            "this repository, repeated"
        } else {
            "the crates that cargo has unpacked"
        };
        if paths.len() < 600 {
            paths.clear();
            gather(&root(), &mut paths);
        }
        paths.sort();
        let mut texts: Vec<String> = paths
            .iter()
            .take(4_000)
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .collect();
        texts.retain(|text| text.is_ascii() && !text.contains(['\r', '\t']));
        let mut documents: Vec<String> = texts.iter().cycle().take(200).cloned().collect();
        let long = documents
            .iter()
            .flat_map(|text| text.lines())
            .take(10_000)
            .collect::<Vec<_>>()
            .join("\n")
            + "\n";
        let typed = texts[texts.len() - 1].clone();
        let (mut workspace, mut bytes) = (Vec::new(), 0);
        for text in texts.iter().take(texts.len() - 1).cycle() {
            bytes += text.len();
            workspace.push(text.clone());
            if bytes > 5_000_000 {
                break;
            }
        }
        documents.truncate(200);
        let opened: usize = documents.iter().map(String::len).sum();
        let origin = format!(
            "{from}: {} documents of {opened} bytes, a workspace of {} files and {bytes} bytes",
            documents.len(),
            workspace.len()
        );
        Corpus {
            origin,
            documents,
            long,
            workspace,
            typed,
        }
    }
}

fn gather(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let (path, Ok(meta)) = (entry.path(), entry.metadata()) else {
            continue;
        };
        let name = entry.file_name();
        if meta.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            gather(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && SIZES.contains(&meta.len()) {
            found.push(path);
        }
    }
}
