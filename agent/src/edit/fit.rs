//! Code as a model writes it, fitted to the habits of the file: indentation, line breaks, final newline, semicolons.

use nextline_grammars::Language;

/// Lines with code that a file must have before its habit of semicolons is believed.
const CODE_LINES: usize = 3;
/// A wider indentation is alignment and no step.
const WIDEST: usize = 8;

/// What code is fitted to.
#[derive(Debug, Clone, Copy)]
pub struct Habits<'a> {
    /// The whole file.
    pub file: &'a str,
    /// What is replaced, whole lines; empty for an insertion.
    pub old: &'a str,
    /// The indentation that the first line shall have where nothing is replaced.
    pub indent: &'a str,
    /// The file's language.
    pub language: Option<&'static Language>,
}

/// `text` as it would stand in the file, in the place of `old`.
pub fn fit(text: &str, habits: &Habits<'_>) -> String {
    let text = text.replace("\r\n", "\n");
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end_matches('\r').to_owned())
        .collect();
    let blank = |line: &String| line.trim().is_empty();
    while lines.first().is_some_and(blank) {
        lines.remove(0);
    }
    while lines.last().is_some_and(blank) {
        lines.pop();
    }
    if lines.is_empty() {
        return String::new();
    }
    indent(&mut lines, habits);
    if drops_semicolons(habits) {
        for line in &mut lines {
            if let Some(bare) = line
                .strip_suffix(';')
                .filter(|bare| !bare.trim().is_empty())
            {
                *line = bare.to_owned();
            }
        }
    }
    // Blank lines around what is replaced belong to the file.
    let old: Vec<&str> = habits.old.lines().collect();
    let is_blank = |line: &&&str| line.trim().is_empty();
    let above = old.iter().take_while(is_blank).count();
    let below = if above == old.len() {
        0
    } else {
        old.iter().rev().take_while(is_blank).count()
    };
    let mut all: Vec<String> = old[..above].iter().map(|line| (*line).to_owned()).collect();
    if above == old.len() {
        all.clear();
    }
    all.append(&mut lines);
    all.extend(
        old[old.len() - below..]
            .iter()
            .map(|line| (*line).to_owned()),
    );
    let line_break = line_break(habits);
    let mut text = all.join(line_break);
    if habits.old.is_empty() || habits.old.ends_with('\n') {
        text.push_str(line_break);
    }
    text
}

/// What ends lines here: what most lines of the replaced text have, else of the file.
pub fn line_break(habits: &Habits<'_>) -> &'static str {
    let of = |text: &str| {
        let all = text.matches('\n').count();
        (all > 0).then(|| {
            if text.matches("\r\n").count() * 2 > all {
                "\r\n"
            } else {
                "\n"
            }
        })
    };
    of(habits.old).or_else(|| of(habits.file)).unwrap_or("\n")
}

fn margin(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Lines that say something.
fn worded<'a>(lines: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    lines.filter(|line| !line.trim().is_empty())
}

fn indent(lines: &mut [String], habits: &Habits<'_>) {
    // Where the first line shall stand, and where the model put it.
    let wanted = worded(habits.old.lines())
        .next()
        .map_or(habits.indent, margin)
        .to_owned();
    let first = margin(&lines[0]).to_owned();
    let others: Vec<&str> = worded(lines[1..].iter().map(String::as_str)).collect();
    // Only the first line lost its margin, as when an answer begins in the middle of a line: the others stand where they shall.
    let old = worded(habits.old.lines()).skip(1).map(margin);
    let in_place = old.min_by_key(|margin| margin.len()).is_some_and(|least| {
        !others.is_empty() && others.iter().all(|line| line.starts_with(least))
    });
    if first.is_empty() && !wanted.is_empty() && in_place {
        lines[0].insert_str(0, &wanted);
        return;
    }
    let file = Step::of(habits.file);
    let own = Step::of(&lines.join("\n"));
    if let (Some(file), Some(own)) = (file, own)
        && file != own
    {
        for line in lines.iter_mut() {
            let from = margin(line).len();
            let (levels, rest) = own.levels(margin(line));
            *line = format!(
                "{}{}{}",
                file.text().repeat(levels),
                " ".repeat(rest),
                &line[from..]
            );
        }
    }
    let first = margin(&lines[0]).to_owned();
    for line in lines.iter_mut().filter(|line| !line.trim().is_empty()) {
        let shifted = match line.strip_prefix(first.as_str()) {
            Some(rest) => format!("{wanted}{rest}"),
            // Further out than the first line: as much of it as there is.
            None => {
                let missing = first.len() - margin(line).len().min(first.len());
                let kept = wanted.len().saturating_sub(missing);
                format!(
                    "{}{}",
                    &wanted[..kept],
                    line.trim_start_matches([' ', '\t'])
                )
            }
        };
        *line = shifted;
    }
}

/// One step of indentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Tab,
    Spaces(usize),
}

impl Step {
    /// The step of a text: the smallest by which lines go in; `None` where nothing goes in.
    fn of(text: &str) -> Option<Step> {
        let (mut tabs, mut spaces) = (0_usize, 0_usize);
        let mut steps = [0_usize; WIDEST + 1];
        let mut last = 0_usize;
        for line in worded(text.lines()) {
            let margin = margin(line);
            if margin.starts_with('\t') {
                tabs += 1;
                continue;
            }
            spaces += usize::from(!margin.is_empty());
            if let Some(step) = margin
                .len()
                .checked_sub(last)
                .filter(|step| (2..=WIDEST).contains(step))
            {
                steps[step] += 1;
            }
            last = margin.len();
        }
        if tabs > spaces {
            return Some(Step::Tab);
        }
        let most = steps.iter().copied().max().filter(|most| *most > 0)?;
        steps
            .iter()
            .position(|count| *count == most)
            .map(Step::Spaces)
    }

    fn text(self) -> String {
        match self {
            Step::Tab => "\t".into(),
            Step::Spaces(width) => " ".repeat(width),
        }
    }

    /// How many steps a margin has, and the columns that are left.
    fn levels(self, margin: &str) -> (usize, usize) {
        let width = match self {
            Step::Tab => 4,
            Step::Spaces(width) => width,
        };
        let tabs = margin.matches('\t').count();
        let spaces = margin.len() - tabs;
        match self {
            Step::Tab => (tabs, spaces),
            Step::Spaces(_) => (tabs + spaces / width, spaces % width),
        }
    }
}

/// The language needs no semicolons and the file has none.
fn drops_semicolons(habits: &Habits<'_>) -> bool {
    if !habits
        .language
        .is_some_and(Language::semicolons_are_optional)
    {
        return false;
    }
    let code = worded(habits.file.lines()).map(str::trim_end);
    let code = code.filter(|line| {
        line.ends_with([')', '\'', '"', '`', ']', ';']) || line.ends_with(char::is_alphanumeric)
    });
    let (mut all, mut closed) = (0_usize, 0_usize);
    for line in code {
        all += 1;
        closed += usize::from(line.ends_with(';'));
    }
    all >= CODE_LINES && closed == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, file: &str, old: &str, language: &str) -> String {
        fit(
            text,
            &Habits {
                file,
                old,
                indent: "",
                language: Language::by_id(language),
            },
        )
    }

    #[test]
    fn the_files_habits_are_kept() {
        let rust = "fn a() {\n    let b = 1;\n    if b {\n        c();\n    }\n}\n";
        let tabs = "func a() {\n\tb := 1\n\tif b {\n\t\tc()\n\t}\n}\n";
        let bare = "const a = 1\nfunction f() {\n  return a\n}\nconst b = f()\n";
        for (what, text, file, old, language, wanted) in [
            (
                "as it is",
                "    let b = 2;\n",
                rust,
                "    let b = 1;\n",
                "rust",
                "    let b = 2;\n",
            ),
            (
                "shifted in",
                "let b = 2;\nlet c = 3;",
                rust,
                "    let b = 1;\n",
                "rust",
                "    let b = 2;\n    let c = 3;\n",
            ),
            (
                "first line alone",
                "if b {\n        d();\n    }\n",
                rust,
                "    if b {\n        c();\n    }\n",
                "rust",
                "    if b {\n        d();\n    }\n",
            ),
            (
                "a method without its class",
                "def f(self):\n    return 2\n",
                "class C:\n    def f(self):\n        return 1\n",
                "    def f(self):\n        return 1\n",
                "python",
                "    def f(self):\n        return 2\n",
            ),
            (
                "shifted out",
                "        fn z() {\n            y();\n        }\n",
                rust,
                rust,
                "rust",
                "fn z() {\n    y();\n}\n",
            ),
            (
                "tabs",
                "b := 2\nif b {\n    d()\n}\n",
                tabs,
                "\tb := 1\n",
                "go",
                "\tb := 2\n\tif b {\n\t\td()\n\t}\n",
            ),
            (
                "step",
                "function f() {\n    return 2\n}\n",
                bare,
                "function f() {\n  return a\n}\n",
                "javascript",
                "function f() {\n  return 2\n}\n",
            ),
            ("crlf", "x\ny\n", "a\r\nb\r\n", "a\r\n", "", "x\r\ny\r\n"),
            ("lf stays", "x\r\ny\r\n", "a\nb\n", "a\n", "", "x\ny\n"),
            ("no final newline", "x\ny\n", "a\nb", "b", "", "x\ny"),
            (
                "blank lines around",
                "\n\nx\n\n",
                "\na\n\nb\n",
                "\na\n\n",
                "",
                "\nx\n\n",
            ),
            (
                "no semicolons",
                "return a;\n",
                bare,
                "  return a\n",
                "typescript",
                "  return a\n",
            ),
            (
                "semicolons that mean something",
                "return a;\n",
                bare,
                "  return a\n",
                "rust",
                "  return a;\n",
            ),
            ("nothing", "\n", "a\n", "a\n", "", ""),
        ] {
            assert_eq!(fitted(text, file, old, language), wanted, "{what}");
        }
    }

    #[test]
    fn what_fits_already_stays_as_it_is() {
        for text in [
            "fn a() {\n    b(1,\n      2);\n}\n",
            "\tx\n\t\ty\n",
            "a\n\n\nb\n",
            "  - x\n    y\n",
        ] {
            assert_eq!(fitted(text, text, text, "rust"), text);
        }
    }
}
