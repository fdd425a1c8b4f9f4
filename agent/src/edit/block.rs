//! A block of code from a chat, put into a file where it belongs by what it defines; no model is asked.

use std::ops::Range;

use nextline_grammars::Capture;

use super::fit::{Habits, fit};
use super::make::placeholder;
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
    /// It stands for code that was left out.
    #[error("this block leaves code out ({0:?}): nothing was changed; ask for the whole of it")]
    Abridged(String),
    /// Code between what it defines, which the file does not have.
    #[error(
        "where `{0}` of this block belongs is not plain; select the lines that the block replaces"
    )]
    Loose(String),
    /// It is there already.
    #[error("the file has this block already")]
    Same,
}

/// The patch that a block of code makes of a file: each definition in the place of the one of its name, new ones behind the one that they
/// follow in the block, imports below those that are there. With a selection (whole lines), it replaces that.
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
    if let Some(line) = placeholder(block, text) {
        return Err(Astray::Abridged(line.to_owned()));
    }
    if let Some(span) = selected {
        let new = fitted(&text[span.clone()], block, source.margin(span.start));
        return done(Patch::between(text, span, &new));
    }
    let parts = Source::new(block, source.language);
    let mut replaced: Vec<(Range<usize>, String)> = Vec::new();
    let mut behind: Option<(usize, &str)> = None;
    let mut waiting = Vec::new();
    let mut defined = Vec::new();
    for (name, lines) in parts.outermost() {
        // What stands above a definition in the block replaces what stands above it in the file.
        let whole = parts.with_head(lines.clone());
        defined.push(whole.clone());
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
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    for (place, whole) in waiting {
        let (at, indent) = place.unwrap_or(first);
        let gap = line_break.repeat(blank_above(&block[..whole.start]).max(1));
        let new = fitted("", &block[whole], indent);
        replaced.push((at..at, format!("{gap}{new}")));
    }
    let loose = loose(&parts, &defined, source)?;
    if !loose.is_empty() {
        let (at, own) = below_imports(source);
        let own = if own { line_break } else { "" };
        let lines = loose.iter().map(|line| format!("{line}{line_break}"));
        replaced.push((at..at, lines.chain([own.to_owned()]).collect()));
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

/// Blank lines at the end of a text.
fn blank_above(text: &str) -> usize {
    let lines = text.lines().rev();
    lines.take_while(|line| line.trim().is_empty()).count()
}

/// The imports of a block that its file lacks.
///
/// # Errors
///
/// It has other code beside what it defines, or an import that may not stand beside those of the file.
fn loose<'b>(
    block: &Source<'b>,
    defined: &[Range<usize>],
    file: &Source<'_>,
) -> Result<Vec<&'b str>, Astray> {
    let lines_of = |spans: Vec<Range<usize>>, source: &Source<'_>| -> Vec<Range<usize>> {
        let whole = spans.into_iter().map(|span| source.whole_lines(span));
        whole.collect()
    };
    let (imports, comments) = (
        lines_of(block.captured(Capture::Import), block),
        lines_of(block.captured(Capture::Comment), block),
    );
    let there: Vec<&str> = file.text.lines().map(str::trim).collect();
    let known: String = file
        .captured(Capture::Import)
        .into_iter()
        .flat_map(|span| [&file.text[span], "\n"])
        .collect();
    let within = |spans: &[Range<usize>], at: usize| spans.iter().any(|span| span.contains(&at));
    let mut found = Vec::new();
    for line in 0..block.lines() {
        let span = block.span(line, line);
        let code = block.text[span.clone()].trim();
        if code.is_empty()
            || there.contains(&code)
            || within(defined, span.start)
            || within(&comments, span.start)
        {
            continue;
        }
        let plain = imports.contains(&span) && bound(code).all(|name| !has_word(&known, name));
        match plain {
            true => found.push(code),
            false => return Err(Astray::Loose(code.to_owned())),
        }
    }
    Ok(found)
}

/// Words of imports that name nothing.
const SMALL: &[&str] = &[
    "as", "from", "import", "include", "package", "pub", "static", "type", "use", "using",
];

/// The names that an import may bind: its words but for those of its paths.
fn bound(import: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let bare = import.split(['"', '\'', '<']).step_by(2);
    bare.flat_map(move |text| {
        let words = text
            .split(move |c| !is_part(c))
            .filter(|word| !word.is_empty());
        words.filter(move |word| {
            // Its place in the text it is cut from.
            let end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
            let path = ["::", ".", "/", "\\"];
            !SMALL.contains(word) && !path.iter().any(|mark| text[end..].starts_with(mark))
        })
    })
}

fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .any(|word| word == name)
}

/// Where a further import goes, and whether it is the first one there: below the last that stands above every definition, else above the
/// first of these.
fn below_imports(file: &Source<'_>) -> (usize, bool) {
    let first = file.outermost().into_iter().next();
    let first = first.map_or(file.all().start, |(_, lines)| file.with_head(lines).start);
    let mut above = file.captured(Capture::Import).into_iter();
    let last = above.rfind(|span| span.end <= first);
    last.map_or((first, true), |span| (file.whole_lines(span).end, false))
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
        for (block, wanted) in [
            (
                "use b::c;\n\nfn free() {\n    c();\n}\n",
                Ok(FILE
                    .replace("use a;\n", "use a;\nuse b::c;\n")
                    .replace("fn free() {}", "fn free() {\n    c();\n}")),
            ),
            (
                "use a;\n\n// As it was.\nfn free() {\n    x();\n}\n\n\nfn more() {}\n",
                Ok(FILE.replace(
                    "fn free() {}\n",
                    "fn free() {\n    x();\n}\n\n\nfn more() {}\n",
                )),
            ),
            (
                "use b::{a, c};\n\nfn free() {\n    c();\n}\n",
                Err(Astray::Loose("use b::{a, c};".into())),
            ),
            (
                "fn free() {\n    c();\n}\n\nmain!(free);\n",
                Err(Astray::Loose("main!(free);".into())),
            ),
            (
                "fn free() {\n    // ... existing code ...\n    c();\n}\n",
                Err(Astray::Abridged("// ... existing code ...".into())),
            ),
            (
                "fn free() {\n    // ...\n    c();\n}\n",
                Err(Astray::Abridged("// ...".into())),
            ),
        ] {
            assert_eq!(applied(block, None), wanted, "{block}");
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
