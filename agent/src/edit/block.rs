//! A block of code from a chat, put into a file where it belongs by what it defines; no model is asked.

use std::ops::Range;

use super::fit::{Habits, fit};
use super::patch::Patch;
use super::select::Source;

/// A block that has no plain place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    /// Nothing that it defines is in the file, and nothing is selected.
    #[error(
        "where this block belongs is not plain: it defines nothing that the file has; select the lines that it replaces"
    )]
    Unknown,
    /// A name that the file has more than once.
    #[error("the file defines {0} more than once; select the one that the block replaces")]
    Twice(String),
    /// It is there already.
    #[error("the file has this block already")]
    Same,
}

/// The patch that a block of code makes of a file: each definition in the place of the one of its name, new ones behind the one that they
/// follow in the block. With a selection (whole lines), it replaces that.
pub fn patch(
    source: &Source<'_>,
    block: &str,
    selected: Option<Range<usize>>,
) -> Result<Patch, Astray> {
    let text = source.text;
    let fitted = |old: &str, new: &str, indent: &str| {
        let habits = Habits {
            file: text,
            old,
            indent,
            language: source.language,
        };
        fit(new, &habits)
    };
    if let Some(span) = selected {
        let new = fitted(&text[span.clone()], block, source.margin(span.start));
        return done(Patch::between(text, span, &new));
    }
    let parts = Source::new(block, source.language);
    let mut replaced: Vec<(Range<usize>, String)> = Vec::new();
    let mut behind: Option<(usize, &str)> = None;
    let mut waiting = Vec::new();
    for (name, lines) in parts.outermost() {
        // What stands above a definition in the block replaces what stands above it in the file.
        let whole = parts.with_head(lines.clone());
        let mut places = source.definitions(name);
        if places.len() > 1 {
            // A type and what implements it have one name, and other first lines.
            let head = |text: &str| text.lines().next().unwrap_or_default().trim().to_owned();
            let wanted = head(&block[lines.clone()]);
            places.retain(|place| head(&text[place.clone()]) == wanted);
            if places.is_empty() {
                return Err(Astray::Twice(name.to_owned()));
            }
        }
        match places.as_slice() {
            [place] => {
                let own = if whole == lines {
                    place.clone()
                } else {
                    source.with_head(place.clone())
                };
                let new = fitted(&text[own.clone()], &block[whole], "");
                behind = Some((own.end, source.margin(place.start)));
                replaced.push((own, new));
            }
            [] => waiting.push((behind, whole)),
            _ => return Err(Astray::Twice(name.to_owned())),
        }
    }
    // Where one of the block's definitions is known, the new ones are its neighbours.
    let first = behind.ok_or(Astray::Unknown)?;
    for (place, whole) in waiting {
        let (at, indent) = place.unwrap_or(first);
        let new = fitted("", &block[whole], indent);
        let gap = if text.contains("\r\n") { "\r\n" } else { "\n" };
        replaced.push((at..at, format!("{gap}{new}")));
    }
    replaced.sort_by_key(|(span, _)| (span.start, span.end));
    let mut all = String::with_capacity(text.len() + block.len());
    let mut at = 0;
    for (span, new) in replaced {
        if span.start < at {
            return Err(Astray::Unknown);
        }
        all.push_str(&text[at..span.start]);
        all.push_str(&new);
        at = span.end;
    }
    all.push_str(&text[at..]);
    done(Patch::between(text, 0..text.len(), &all))
}

fn done(patch: Patch) -> Result<Patch, Astray> {
    match patch.is_empty() {
        true => Err(Astray::Same),
        false => Ok(patch),
    }
}

#[cfg(test)]
mod tests {
    use nextline_grammars::Language;

    use super::*;

    const FILE: &str = "use a;\n\nstruct S;\n\nimpl S {\n    /// One.\n    fn one() -> u8 {\n        1\n    }\n\n    fn two() {}\n}\n\nfn free() {}\n";

    fn applied(block: &str, selected: Option<Range<usize>>) -> Result<String, Astray> {
        let source = Source::new(FILE, Language::by_id("rust"));
        patch(&source, block, selected).map(|patch| patch.apply(FILE))
    }

    #[test]
    fn a_block_goes_where_its_names_are() {
        for (block, wanted) in [
            (
                "fn one() -> u8 {\n    11\n}\n",
                FILE.replace("        1\n", "        11\n"),
            ),
            (
                "/// Eleven.\nfn one() -> u8 {\n    11\n}",
                FILE.replace("One.", "Eleven.")
                    .replace("        1\n", "        11\n"),
            ),
            (
                "fn free() {\n    x();\n}\n\nfn more() {}\n",
                FILE.replace(
                    "fn free() {}\n",
                    "fn free() {\n    x();\n}\n\nfn more() {}\n",
                ),
            ),
            (
                "fn two() {\n    y();\n}\n\nfn free() {\n    z();\n}\n",
                FILE.replace("fn two() {}", "fn two() {\n        y();\n    }")
                    .replace("fn free() {}", "fn free() {\n    z();\n}"),
            ),
        ] {
            assert_eq!(applied(block, None), Ok(wanted), "{block}");
        }
        assert_eq!(applied("fn unknown() {}\n", None), Err(Astray::Unknown));
        assert_eq!(applied("just words\n", None), Err(Astray::Unknown));
        assert_eq!(applied("fn free() {}\n", None), Err(Astray::Same));
        assert_eq!(applied("struct S;\n", None), Err(Astray::Same));
        assert_eq!(
            applied("struct S {}\n", None),
            Err(Astray::Twice("S".into())),
            "the type and its impl have one name"
        );
        let at = FILE.find("use a;").expect("it is there");
        assert_eq!(
            applied("use b;", Some(at..at + 7)),
            Ok(FILE.replace("use a;", "use b;"))
        );
    }
}
