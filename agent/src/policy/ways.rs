//! The names under which a path leads to one thing: as it was given, at each link on the way, and at its end.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::disk::{Sort, View};

/// Links that are followed; systems give up at as many.
const LINKS: usize = 40;

/// Every name, the given one first and the real one last; `None` for what is no absolute path or leads in circles.
///
/// What is not there yet has a name all the same: links are resolved as far as they exist.
pub fn ways(view: &dyn View, path: &Path) -> Option<Vec<PathBuf>> {
    if !path.is_absolute() {
        return None;
    }
    let mut ways = vec![plain(path)];
    let mut now = path.to_owned();
    while let Some(next) = through_first_link(view, &now) {
        if ways.len() > LINKS {
            return None;
        }
        ways.push(plain(&next));
        now = next;
    }
    if cfg!(any(windows, target_os = "macos"))
        && let Some(real) = view.real(&now)
    {
        ways.push(real);
    }
    ways.dedup();
    Some(ways)
}

/// The path with its first link replaced by what it leads to; `None` without a link.
fn through_first_link(view: &dyn View, path: &Path) -> Option<PathBuf> {
    let mut walked = PathBuf::new();
    let mut parts = path.components();
    while let Some(part) = parts.next() {
        match part {
            Component::CurDir => {}
            // Of a path without links behind it, this is what the system does, too.
            Component::ParentDir => {
                walked.pop();
            }
            part => walked.push(part),
        }
        let named = matches!(part, Component::Normal(_));
        if named
            && view
                .look(&walked)
                .is_some_and(|stamp| stamp.sort == Sort::Link)
        {
            let target = view.link(&walked)?;
            walked.pop();
            // An absolute target takes the place of what was walked.
            return Some(walked.join(target).join(parts.as_path()));
        }
    }
    None
}

/// Without `.` and `..`, by the letter.
pub fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The names of a path's parts below `top`; `None` if it is not below it, by whole parts.
pub fn below<'a>(path: &'a Path, top: &Path) -> Option<Vec<&'a std::ffi::OsStr>> {
    let rest = path.strip_prefix(top).ok()?;
    Some(rest.iter().collect())
}

/// Whether a part of a path is a second name that Windows reads as another file: a stream, or dots and spaces at its end.
pub fn is_disguised(path: &Path) -> bool {
    let odd = |name: &OsString| {
        let bytes = name.as_encoded_bytes();
        bytes.contains(&b':') || bytes.ends_with(b".") || bytes.ends_with(b" ")
    };
    let mut parts = path.components();
    cfg!(windows)
        && parts.any(|part| matches!(part, Component::Normal(name) if odd(&name.to_owned())))
}
