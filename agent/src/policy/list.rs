//! A list of patterns: the text of one ignore file, or the globs of a setting. The last line that matches decides.

use super::pattern::Pattern;

/// One ignore file, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    patterns: Vec<Pattern>,
    /// Why everything below its folder is excluded, if it is.
    pub shut: Option<Shut>,
}

/// Why a list excludes all that it could speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shut {
    /// The line, counted from 1; `None` where the whole file is meant.
    pub line: Option<u32>,
    /// The line's own text; empty where the whole file is meant.
    pub pattern: String,
    /// Why, in a clause; `None` where being empty is the rule.
    pub fault: Option<String>,
}

/// How the lines of a list are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// `!` lets in again what a line above it excluded; where it does not, such a line says nothing.
    pub negation: bool,
    /// A list without any pattern excludes everything.
    pub empty_excludes: bool,
    /// Letters match in either case.
    pub fold: bool,
}

/// Files on these systems have one name in every case.
pub const FOLD: bool = cfg!(any(windows, target_os = "macos"));

/// As git reads its own.
pub const GIT: Reading = Reading {
    negation: true,
    empty_excludes: false,
    fold: FOLD,
};

impl List {
    /// Reads a file's bytes. Never fails: what cannot be understood shuts the list.
    pub fn read(bytes: &[u8], reading: Reading) -> List {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let mut list = List::default();
        for (number, line) in (1..).zip(lines) {
            match Pattern::read(line, number, reading.fold) {
                Some(Ok(pattern)) if pattern.negated && !reading.negation => {}
                Some(Ok(pattern)) => list.patterns.push(pattern),
                Some(Err(fault)) => {
                    return List::shut(Some(number), &String::from_utf8_lossy(line), fault);
                }
                None => {}
            }
        }
        if reading.empty_excludes && list.patterns.is_empty() {
            list.shut = Some(Shut {
                line: None,
                pattern: String::new(),
                fault: None,
            });
        }
        list
    }

    /// A list that excludes everything because of a fault.
    pub fn shut(line: Option<u32>, pattern: &str, fault: impl Into<String>) -> List {
        List {
            patterns: Vec::new(),
            shut: Some(Shut {
                line,
                pattern: pattern.to_owned(),
                fault: Some(fault.into()),
            }),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.shut.is_none()
    }

    /// The line that decides on a path relative to the list's folder, if one does.
    pub fn decides(&self, path: &[u8], is_folder: bool) -> Option<&Pattern> {
        let mut lines = self.patterns.iter().rev();
        lines.find(|pattern| pattern.matches(path, is_folder))
    }

    /// Whether it excludes a relative path, or a folder that the path is in.
    pub fn excludes(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| (at, true));
        self.shut.is_some()
            || ends.chain([(path.len(), false)]).any(|(end, is_folder)| {
                let decision = self.decides(&path.as_bytes()[..end], is_folder);
                decision.is_some_and(|pattern| !pattern.negated)
            })
    }
}

/// Whether a text is a pattern that can be understood.
pub fn is_pattern(text: &str) -> bool {
    matches!(Pattern::read(text.as_bytes(), 1, FOLD), Some(Ok(_))) && !text.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_decides() {
        let list = List::read(b"\xef\xbb\xbf*.rs\r\n!kept.rs\r\n\n# no\nout/\n", GIT);
        for (path, excluded) in [
            ("a.rs", true),
            ("x/kept.rs", false),
            ("out/kept.rs", true),
            ("out", false),
            ("a.c", false),
        ] {
            assert_eq!(list.excludes(path), excluded, "{path}");
        }
        assert_eq!(list.decides(b"a.rs", false).map(|line| line.line), Some(1));
    }

    #[test]
    fn what_is_not_understood_excludes() {
        for text in [&b"a\nb[c\n"[..], b"a\n\xff\xfeb\0c", b"x\\"] {
            let list = List::read(text, GIT);
            assert!(
                list.shut.as_ref().is_some_and(|shut| shut.fault.is_some()),
                "{text:?}"
            );
            assert!(list.excludes("anything"));
        }
        let strict = Reading {
            negation: false,
            empty_excludes: true,
            fold: false,
        };
        assert!(List::read(b"# nothing\n", strict).excludes("a"));
        let list = List::read(b"*.rs\n!a.rs\n", strict);
        assert!(list.excludes("a.rs") && !list.excludes("a.c"));
    }

    #[test]
    fn a_glob_of_a_setting_is_one_line_that_can_be_read() {
        for (text, is) in [
            ("*.rs", true),
            ("a/", true),
            ("", false),
            ("# a", false),
            ("a[", false),
            ("a\nb", false),
        ] {
            assert_eq!(is_pattern(text), is, "{text:?}");
        }
    }
}
