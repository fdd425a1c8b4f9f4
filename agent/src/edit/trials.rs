//! New tests from an answer: where they go in a file, and how they stand there.

use std::ops::Range;

use super::fit::{fit, line_break};
use super::make::habits;
use super::select::Source;

/// Where new tests go, and how they stand there.
pub fn tested(source: &Source<'_>, answer: &str, inside: bool) -> (Range<usize>, String) {
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
            new = wrapped(&new, break_, &step_of(source, text.len()));
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

fn wrapped(tests: &str, break_: &str, step: &str) -> String {
    let mut out =
        format!("#[cfg(test)]{break_}mod tests {{{break_}{step}use super::*;{break_}{break_}");
    for line in tests.lines().filter(|line| line.trim() != "use super::*;") {
        if !line.trim().is_empty() {
            out.push_str(step);
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
