//! `FILE`, `FILE:LINE` and `FILE:L1-L2`, as people write them.

use std::path::PathBuf;

use crate::edit::make::Lines;

/// A file, and lines of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Which lines.
    pub lines: Lines,
}

impl Place {
    /// Reads a place; the error is one sentence.
    pub fn read(written: &str) -> Result<Place, String> {
        let whole = |file: &str| Place {
            file: PathBuf::from(file),
            lines: Lines::All,
        };
        let Some((file, lines)) = written.rsplit_once(':') else {
            return Ok(whole(written));
        };
        let digits = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-')
        };
        // A colon may belong to the name, as in `C:\a.rs`.
        if file.is_empty() || !digits(lines) {
            return Ok(whole(written));
        }
        let wrong = || {
            format!(
                "{written:?} is no place: FILE:LINE or FILE:FIRST-LAST is wanted, with lines from 1"
            )
        };
        let number = |text: &str| {
            text.parse::<usize>()
                .ok()
                .filter(|line| *line > 0)
                .ok_or_else(wrong)
        };
        let lines = match lines.split_once('-') {
            None => Lines::Around(number(lines)?),
            Some((first, last)) => match (number(first)?, number(last)?) {
                (first, last) if first <= last => Lines::These(first, last),
                _ => return Err(wrong()),
            },
        };
        Ok(Place {
            file: PathBuf::from(file),
            lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        for (written, file, lines) in [
            ("src/a.rs", "src/a.rs", Some(Lines::All)),
            ("src/a.rs:12", "src/a.rs", Some(Lines::Around(12))),
            ("a.rs:3-7", "a.rs", Some(Lines::These(3, 7))),
            ("C:\\a.rs", "C:\\a.rs", Some(Lines::All)),
            ("a:b.rs", "a:b.rs", Some(Lines::All)),
            ("a.rs:0", "", None),
            ("a.rs:7-3", "", None),
            ("a.rs:-3", "", None),
        ] {
            let found = Place::read(written).ok();
            let wanted = lines.map(|lines| Place {
                file: PathBuf::from(file),
                lines,
            });
            assert_eq!(found, wanted, "{written}");
        }
    }
}
