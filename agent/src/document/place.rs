//! URIs and paths: one key for every spelling of a place.

use std::path::{Path, PathBuf};

/// The path of a `file:` URI, percent-decoded; `None` for other schemes and for bytes that are no path.
pub fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = strip_scheme(uri)?;
    // `file://host/share` is a UNC path on Windows; elsewhere a host has no meaning.
    let path = match rest.strip_prefix("//") {
        Some(after) => &after[after.find('/')?..],
        None => rest,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let decoded = decode(path)?;
    if decoded.contains('\0') {
        return None;
    }
    let bytes = decoded.as_bytes();
    let drive =
        bytes.len() >= 3 && bytes[0] == b'/' && bytes[1].is_ascii_alphabetic() && bytes[2] == b':';
    Some(if drive && cfg!(windows) {
        PathBuf::from(&decoded[1..])
    } else {
        PathBuf::from(decoded)
    })
}

/// The `file:` URI of an absolute path.
pub fn uri_of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::with_capacity(path.len() + 8);
    uri.push_str(if path.starts_with('/') {
        "file://"
    } else {
        "file:///"
    });
    for byte in path.bytes() {
        if is_plain(byte) {
            uri.push(byte as char);
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// A byte that stands for itself in our URIs.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte)
}

/// The repository that a file lies in: the nearest folder above it with a mark of version control.
pub fn repository_of(path: &Path) -> Option<PathBuf> {
    let marked = |folder: &&Path| {
        [".git", ".hg", ".jj"]
            .iter()
            .any(|mark| folder.join(mark).exists())
    };
    path.ancestors().skip(1).find(marked).map(Path::to_owned)
}

/// One spelling for all spellings of a URI: percent-encoding and the drive letter's case make no difference.
pub fn key_of(uri: &str) -> String {
    // Most are written as we write them.
    let path = uri.strip_prefix("file://");
    if !cfg!(windows)
        && path.is_some_and(|path| path.starts_with('/') && path.bytes().all(is_plain))
    {
        return uri.to_owned();
    }
    match path_of(uri) {
        Some(path) => {
            let mut uri = uri_of(&path);
            // `file:///C:/…`
            if let Some(drive) = uri.get_mut(8..9)
                && cfg!(windows)
            {
                drive.make_ascii_lowercase();
            }
            uri
        }
        None => decode(uri).unwrap_or_else(|| uri.to_owned()),
    }
}

fn strip_scheme(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once(':')?;
    scheme.eq_ignore_ascii_case("file").then_some(rest)
}

fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|_| *byte == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_have_one_key() {
        let same = [
            ("file:///a/b%20c.rs", "file:///a/b c.rs"),
            ("file:///c%3A/x.rs", "file:///c:/x.rs"),
            ("FILE:///a/%C3%A9", "file:///a/é"),
            ("file:/a/b", "file:///a/b"),
            ("untitled:Untitled%2D1", "untitled:Untitled-1"),
        ];
        for (one, other) in same {
            assert_eq!(key_of(one), key_of(other));
        }
        let path = Path::new("/tmp/a b/ü#?.rs");
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        for bad in [
            "http://x/y",
            "file://host",
            "file:///a%00b",
            "",
            "a",
            "file:///%FF",
        ] {
            assert_eq!(path_of(bad), None, "{bad}");
            key_of(bad);
        }
    }
}
