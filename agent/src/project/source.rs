//! One file of a project that speaks to the agent: read inside of the project alone, past every ignore file, and known for how it stands.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::Thing;
use super::consent::Consents;
use super::invisible::visible;
use crate::policy::Policy;

/// Bytes of one file that are read.
const CAP: u64 = 64 << 10;

/// A file by its name in the project's folder; `None` where there is none, an error in one clause where it cannot be used.
pub fn read(folder: &Path, name: &str, consents: &Consents) -> Option<Result<Thing, String>> {
    let path = folder.join(name);
    std::fs::symlink_metadata(&path).ok()?;
    let (real, root) = (path.canonicalize().ok()?, folder.canonicalize().ok()?);
    if !real.is_file() {
        return None;
    }
    if !real.starts_with(&root) {
        return Some(Err("it leads out of the project".into()));
    }
    let opened = Policy::of_process().open(&[folder.to_owned()], &path);
    let file = match opened {
        Ok(Ok(file)) => file,
        Ok(Err(error)) => return Some(Err(error.to_string())),
        Err(why) => return Some(Err(why.to_string())),
    };
    let mut bytes = Vec::new();
    if let Err(error) = file.take(CAP + 1).read_to_end(&mut bytes) {
        return Some(Err(error.to_string()));
    }
    if bytes.len() as u64 > CAP {
        return Some(Err(format!("it has more than {} KB", CAP >> 10)));
    }
    let (text, hidden) = visible(&String::from_utf8_lossy(&bytes));
    Some(Ok(Thing {
        standing: consents.standing(folder, name, &bytes),
        name: name.to_owned(),
        text,
        hidden,
        bytes,
    }))
}

/// The files of a folder of the project with one of some extensions, in the order of their names.
pub fn listed(folder: &Path, below: &str, extensions: &[&str]) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(below));
    let names = entries.into_iter().flatten().flatten().map(|entry| {
        let name: PathBuf = entry.file_name().into();
        name
    });
    let ours = names.filter(|name| {
        let extension = name.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extensions.contains(&extension))
    });
    let mut names: Vec<String> = ours
        .map(|name| format!("{}/{}", below.trim_end_matches('/'), name.to_string_lossy()))
        .collect();
    names.sort();
    names
}
