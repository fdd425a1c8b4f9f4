//! From an answer to a patch: what the model wrote, in its place, with the file's habits; or why it is of no use.

use std::ops::Range;

use nextline_grammars::Language;

use super::code::{code, without_echo};
use super::fit::{Habits, fit, line_break};
use super::patch::Patch;
use super::select::{DocPlace, Source};
use crate::prompt::edit::Verb;

/// What is to be changed, in one file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The lines that the question is about, and that the model is shown.
    pub shown: Range<usize>,
    /// Where the answer goes.
    pub place: Place,
}

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the place of these whole lines.
    Lines(Range<usize>),
    /// As the doc comment of a definition.
    Doc(DocPlace),
    /// As new tests at the end of the text, or inside its last block.
    Tests {
        /// They stand inside the last block.
        inside: bool,
    },
}

/// Lines of a file, from 1, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// None were named: the whole file.
    All,
    /// What stands around this line.
    Around(usize),
    /// These.
    These(usize, usize),
}

/// What lines mean for a verb; the error is a clause on why they mean nothing.
pub fn plan(verb: Verb, source: &Source<'_>, lines: Lines) -> Result<Plan, String> {
    let shown = span(source, lines)?;
    let cursor = match lines {
        Lines::Around(line) => line - 1,
        _ => source.line_of(shown.start),
    };
    let nothing = |what: &str| {
        format!(
            "line {} is in nothing that can be {what}; name a line of a function or type",
            cursor + 1
        )
    };
    Ok(match verb {
        Verb::Edit | Verb::Fix => Plan {
            place: Place::Lines(shown.clone()),
            shown,
        },
        Verb::Doc => {
            let doc = source
                .documentable(cursor)
                .ok_or_else(|| nothing("documented"))?;
            let start = if doc.inside {
                doc.definition.start
            } else {
                doc.doc.start
            };
            Plan {
                shown: start..doc.definition.end,
                place: Place::Doc(doc),
            }
        }
        Verb::Test => {
            let named = match lines {
                Lines::These(..) => Some(shown),
                _ => source.testable(cursor),
            };
            Plan {
                shown: named.ok_or_else(|| nothing("tested"))?,
                place: Place::Tests { inside: true },
            }
        }
    })
}

/// The bytes of lines.
pub fn span(source: &Source<'_>, lines: Lines) -> Result<Range<usize>, String> {
    let all = source.lines();
    let last = match lines {
        Lines::All => return Ok(0..source.text.len()),
        Lines::Around(line) | Lines::These(_, line) => line,
    };
    if last > all {
        return Err(format!(
            "the file has {all} lines, and line {last} was named"
        ));
    }
    Ok(match lines {
        Lines::These(first, last) => source.selected(first - 1, last - 1),
        _ => source.around(last - 1),
    })
}

/// An answer that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Useless {
    /// No code in it.
    #[error("the answer holds no code: nothing was changed; ask in another way")]
    NoCode,
    /// Words where code is wanted.
    #[error("the answer is no code of this language: nothing was changed; ask in another way")]
    Prose,
    /// The model wrote a placeholder for code.
    #[error("the answer leaves code out ({0:?}): nothing was changed; select fewer lines")]
    Abridged(String),
    /// The same text again.
    #[error("the answer changes nothing")]
    Same,
}

/// The patch that an answer makes of `source`.
pub fn patch(plan: &Plan, source: &Source<'_>, answer: &str) -> Result<Patch, Useless> {
    let text = source.text;
    let markdown = source
        .language
        .is_some_and(|language| language.id() == "markdown");
    let found = code(answer, markdown).ok_or(Useless::NoCode)?;
    if let Some(line) = placeholder(found.text, text) {
        return Err(Useless::Abridged(line.to_owned()));
    }
    let (span, new) = match &plan.place {
        Place::Lines(span) => {
            let (before, old, after) =
                (&text[..span.start], &text[span.clone()], &text[span.end..]);
            let own = without_echo(found.text, before, old, after);
            let new = fit(own, &habits(source, old, indent_near(source, span)));
            (span.clone(), new)
        }
        Place::Doc(doc) => (doc.doc.clone(), documented(doc, source, found.text)?),
        Place::Tests { inside } => tested(source, found.text, *inside),
    };
    let patch = Patch::between(text, span, &new);
    if patch.is_empty() {
        return Err(Useless::Same);
    }
    // What did not come as code has to look like code in its place; a comment in the place of a comment always has to.
    let strict = !found.fenced || matches!(plan.place, Place::Doc(_));
    let after = patch.apply(text);
    let errors = |source: &Source<'_>| source.errors().unwrap_or(0);
    if strict && errors(&Source::new(&after, source.language)) > errors(source) {
        return Err(Useless::Prose);
    }
    Ok(patch)
}

/// How many more syntax errors a patch leaves than there were; `None` without a grammar.
pub fn new_errors(source: &Source<'_>, patch: &Patch) -> Option<usize> {
    let after = patch.apply(source.text);
    let after = Source::new(&after, source.language).errors()?;
    Some(after.saturating_sub(source.errors()?))
}

fn habits<'a>(source: &Source<'a>, old: &'a str, indent: &'a str) -> Habits<'a> {
    Habits {
        file: source.text,
        old,
        indent,
        language: source.language,
    }
}

/// The indentation of an insertion: of the blank line itself, else of the line above it.
fn indent_near<'a>(source: &Source<'a>, span: &Range<usize>) -> &'a str {
    let own = source.margin(span.start);
    if !own.is_empty() || span.start == 0 {
        return own;
    }
    let above = source.line_of(span.start - 1);
    let above = (0..=above)
        .rev()
        .map(|line| source.span(line, line))
        .find(|line| !source.text[line.clone()].trim().is_empty());
    above.map_or("", |line| source.margin(line.start))
}

/// A line that stands for code that was left out, where the file has none such.
fn placeholder<'t>(new: &'t str, file: &str) -> Option<&'t str> {
    let says = |line: &str| {
        let bare = line
            .trim()
            .trim_start_matches(['/', '#', '*', '-', '<', '!', ';', ' '])
            .to_lowercase();
        let dots = bare.starts_with("...")
            || bare.starts_with('…')
            || bare.ends_with("...")
            || bare.ends_with('…');
        let words = [
            "existing",
            "unchanged",
            "rest of",
            "remaining",
            "same as before",
            "other code",
            "previous code",
        ];
        dots && words.iter().any(|word| bare.contains(word))
    };
    let mut lines = new.lines().map(str::trim);
    lines.find(|line| says(line) && !file.contains(line))
}

/// The doc comment of an answer, fitted to its place. The definition itself never changes, whatever the model did to it.
fn documented(doc: &DocPlace, source: &Source<'_>, answer: &str) -> Result<String, Useless> {
    let definition = &source.text[doc.definition.clone()];
    let bare = |line: &str| line.trim().to_owned();
    let answered: Vec<&str> = answer.lines().collect();
    // The model may repeat the definition: its lines tell where the comment ends or begins.
    let comment: Vec<&str> = if doc.inside {
        let head = &source.text[doc.definition.start..doc.doc.start];
        let last = head.lines().rfind(|line| !line.trim().is_empty()).map(bare);
        let from = answered
            .iter()
            .position(|line| Some(bare(line)) == last)
            .map_or(0, |at| at + 1);
        let body = source.text[doc.doc.end..doc.definition.end]
            .lines()
            .find(|line| !line.trim().is_empty())
            .map(bare);
        let rest = &answered[from..];
        let to = rest
            .iter()
            .position(|line| Some(bare(line)) == body)
            .filter(|_| from > 0);
        rest[..to.unwrap_or(rest.len())].to_vec()
    } else {
        let first = definition
            .lines()
            .find(|line| !line.trim().is_empty())
            .map(bare);
        let to = answered.iter().position(|line| Some(bare(line)) == first);
        match to {
            Some(to) => own_comment(&answered[..to], source.language).to_vec(),
            None => answered.clone(),
        }
    };
    let comment = comment.join("\n");
    if comment.trim().is_empty() {
        return Err(Useless::Same);
    }
    Ok(fit(&comment, &habits(source, "", &doc.indent)))
}

/// The comment that ends these lines: what stands above it belongs to something else.
fn own_comment<'a, 't>(lines: &'a [&'t str], language: Option<&'static Language>) -> &'a [&'t str] {
    let marks = language.map_or(&[][..], Language::doc_marks);
    let mut from = lines.len();
    let mut block = false;
    for (at, line) in lines.iter().enumerate().rev() {
        let bare = line.trim();
        block |= bare.ends_with("*/");
        let opens = bare.starts_with("/*");
        let comment = marks.iter().any(|mark| bare.starts_with(mark))
            || bare.starts_with("#[")
            || bare.starts_with('@');
        if !(block || comment) {
            break;
        }
        block &= !opens;
        from = at;
    }
    &lines[from..]
}

/// Where new tests go, and how they stand there.
fn tested(source: &Source<'_>, answer: &str, inside: bool) -> (Range<usize>, String) {
    let text = source.text;
    let break_ = line_break(&habits(source, "", ""));
    let last = match inside {
        true => (0..source.lines())
            .rev()
            .map(|line| source.span(line, line))
            .find(|line| text[line.clone()].starts_with('}')),
        false => None,
    };
    let rust = source
        .language
        .is_some_and(|language| language.id() == "rust");
    let holds_tests = !rust || text.contains("mod tests {");
    let Some(last) = last.filter(|_| holds_tests) else {
        // At the end, apart from what is there.
        let mut new = fit(answer, &habits(source, "", ""));
        if rust && !new.contains("mod tests") {
            new = wrapped(&new, break_);
        }
        let gap = match (text.is_empty(), text.ends_with('\n')) {
            (true, _) => String::new(),
            (_, true) => break_.to_owned(),
            (_, false) => break_.repeat(2),
        };
        return (text.len()..text.len(), gap + &new);
    };
    let step = step_of(source, last.start);
    let inner = unwrapped(answer, text);
    let new = fit(&inner, &habits(source, "", &step));
    (last.start..last.start, format!("{break_}{new}"))
}

/// The margin of what stands inside the block that a line closes.
fn step_of(source: &Source<'_>, closing: usize) -> String {
    let last = source.line_of(closing);
    let lines = (0..last).rev().map(|line| source.span(line, line));
    let margins = lines.map(|line| source.margin(line.start)).take(400);
    margins
        .filter(|margin| !margin.is_empty())
        .min_by_key(|margin| margin.len())
        .unwrap_or("    ")
        .to_owned()
}

fn wrapped(tests: &str, break_: &str) -> String {
    let mut out =
        format!("#[cfg(test)]{break_}mod tests {{{break_}    use super::*;{break_}{break_}");
    for line in tests.lines().filter(|line| line.trim() != "use super::*;") {
        if !line.trim().is_empty() {
            out.push_str("    ");
        }
        out.push_str(line.trim_end());
        out.push_str(break_);
    }
    out + "}" + break_
}

/// What stands inside of a module or class around all of an answer, without the imports that the file has already.
fn unwrapped(answer: &str, file: &str) -> String {
    let lines: Vec<&str> = answer.lines().collect();
    let opens = |line: &str| {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
        let holds = words.contains(&"mod") || words.contains(&"class") || words.contains(&"object");
        holds && line.trim_end().ends_with('{') && !line.starts_with([' ', '\t'])
    };
    let inner = match (
        lines.iter().position(|line| opens(line)),
        lines.iter().rposition(|line| line.starts_with('}')),
    ) {
        (Some(open), Some(close)) if open < close => &lines[open + 1..close],
        _ => &lines[..],
    };
    let is_import = |line: &str| {
        ["use ", "import ", "using "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let known = |line: &&&str| !(is_import(line.trim()) && file.contains(line.trim()));
    inner
        .iter()
        .filter(known)
        .copied()
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(id: &str) -> bool {
        Language::by_id(id).is_some_and(Language::has_grammar)
    }

    /// The text after an answer to an edit of the line with `$0`.
    fn edited(
        id: &str,
        drawn: &str,
        answer: &str,
        plan: impl Fn(&Source<'_>, usize) -> Place,
    ) -> Result<String, Useless> {
        let line = drawn[..drawn.find("$0").expect("a cursor")]
            .matches('\n')
            .count();
        let text = drawn.replace("$0", "");
        let source = Source::new(&text, Language::by_id(id));
        let place = plan(&source, line);
        let plan = Plan { shown: 0..0, place };
        patch(&plan, &source, answer).map(|patch| patch.apply(&text))
    }

    fn around(source: &Source<'_>, line: usize) -> Place {
        Place::Lines(source.around(line))
    }

    fn doc(source: &Source<'_>, line: usize) -> Place {
        Place::Doc(source.documentable(line).expect("a place"))
    }

    const IMPL: &str =
        "use a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        1$0\n    }\n\n    fn g() {}\n}\n";

    #[test]
    fn the_text_around_an_edit_never_changes() {
        let wanted =
            "use a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        2\n    }\n\n    fn g() {}\n}\n";
        for answer in [
            "```rust\n    fn f(&self) -> u8 {\n        2\n    }\n```",
            "Sure:\n```rust\nfn f(&self) -> u8 {\n    2\n}\n```\nIt is two now.",
            "```rust\nuse a;\n\nimpl S {\n    fn f(&self) -> u8 {\n        2\n    }\n\n    fn g() {}\n}\n```",
            "    fn f(&self) -> u8 {\n        2\n    }\n",
        ] {
            assert_eq!(
                edited("rust", IMPL, answer, around).as_deref(),
                Ok(wanted),
                "{answer}"
            );
        }
        let crlf = IMPL.replace('\n', "\r\n");
        let answer = "```rust\nfn f(&self) -> u8 {\n    2\n}\n```";
        assert_eq!(
            edited("rust", &crlf, answer, around),
            Ok(wanted.replace('\n', "\r\n"))
        );
    }

    #[test]
    fn what_is_no_code_changes_nothing() {
        for (answer, why) in [
            ("", Useless::NoCode),
            ("I cannot help with that, sorry.", Useless::Prose),
            (
                "```rust\n    fn f(&self) -> u8 {\n        1\n    }\n```",
                Useless::Same,
            ),
            (
                "```rust\n    fn f(&self) -> u8 {\n        // ... existing code ...\n    }\n```",
                Useless::Abridged("// ... existing code ...".into()),
            ),
        ] {
            assert_eq!(edited("rust", IMPL, answer, around), Err(why), "{answer}");
        }
    }

    #[test]
    fn a_doc_comment_goes_in_and_the_code_stays() {
        let wanted = IMPL
            .replace("$0", "")
            .replace("    fn f", "    /// One.\n    fn f");
        for answer in [
            "```rust\n/// One.\n```",
            "```rust\n/// One.\nfn f(&self) -> u8 {\n    99\n}\n```",
            "    /// One.",
        ] {
            assert_eq!(
                edited("rust", IMPL, answer, doc).as_deref(),
                Ok(wanted.as_str()),
                "{answer}"
            );
        }
        assert_eq!(
            edited("rust", IMPL, "This returns one.", doc),
            Err(Useless::Prose)
        );
        let field = "struct A {\n    x: u8,\n    y: u8,$0\n}\n";
        let answer = "```rust\n    x: u8,\n    /// Y.\n    y: u8,\n```";
        let wanted = "struct A {\n    x: u8,\n    /// Y.\n    y: u8,\n}\n";
        assert_eq!(edited("rust", field, answer, doc).as_deref(), Ok(wanted));
        let old = "/// Old.\nfn a() {$0}\n";
        assert_eq!(
            edited("rust", old, "```\n/// New.\n/// More.\n```", doc).as_deref(),
            Ok("/// New.\n/// More.\nfn a() {}\n")
        );
        if has("python") {
            let drawn = "class C:\n    def f(self):\n        return 1$0\n";
            let wanted = "class C:\n    def f(self):\n        \"\"\"One.\"\"\"\n        return 1\n";
            for answer in [
                "```python\n\"\"\"One.\"\"\"\n```",
                "```python\ndef f(self):\n    \"\"\"One.\"\"\"\n    return 1\n```",
            ] {
                assert_eq!(
                    edited("python", drawn, answer, doc).as_deref(),
                    Ok(wanted),
                    "{answer}"
                );
            }
        }
    }

    #[test]
    fn tests_go_where_tests_are() {
        let inside = |_: &Source<'_>, _| Place::Tests { inside: true };
        let at_end = |_: &Source<'_>, _| Place::Tests { inside: false };
        let test = "```rust\n#[test]\nfn works() {\n    assert!(f());\n}\n```";
        let module = "#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn works() {\n        assert!(f());\n    }\n}\n";
        let bare = "fn f() -> bool {\n    true$0\n}\n";
        let wanted = format!("fn f() -> bool {{\n    true\n}}\n\n{module}");
        assert_eq!(
            edited("rust", bare, test, inside).as_deref(),
            Ok(wanted.as_str())
        );
        assert_eq!(
            edited("rust", bare, &format!("```\n{module}```"), inside).as_deref(),
            Ok(wanted.as_str())
        );
        let more = wanted.replace("true", "true$0");
        let second = "```rust\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn again() {}\n}\n```";
        let result = edited("rust", &more, second, inside).expect("a patch");
        assert!(
            result.ends_with("        assert!(f());\n    }\n\n    #[test]\n    fn again() {}\n}\n"),
            "{result}"
        );
        assert_eq!(
            edited("go", "$0", "```go\npackage p\n```", at_end).as_deref(),
            Ok("package p\n")
        );
        assert_eq!(
            edited("go", "package p$0\n", "```go\nfunc TestA() {}\n```", at_end).as_deref(),
            Ok("package p\n\nfunc TestA() {}\n")
        );
    }
}
