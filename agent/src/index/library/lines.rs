//! A text as lines: how deep each stands, and whether it is code, a comment or blank.

use nextline_grammars::Language;

/// Columns that a tab counts.
const TAB: u16 = 4;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Something other than white space and comments begins it.
    Code,
    /// A comment alone, or the inside of one.
    Comment,
    /// White space alone.
    Blank,
}

/// One line of a text.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The line without its break and the white space at both ends.
    pub text: &'a str,
    /// The line with its break.
    pub whole: &'a str,
    /// Columns of white space before it.
    pub indent: u16,
    /// What it is.
    pub sort: Sort,
}

impl Line<'_> {
    /// Whether it only ends what began before: a bracket, or a word that is one.
    pub fn closes(&self) -> bool {
        self.text.starts_with(['}', ')', ']']) || self.text == "end" || self.text.starts_with("</")
    }
}

/// The lines of a text, in a language of the table or in none.
pub fn lines<'a>(text: &'a str, language: Option<&Language>) -> Vec<Line<'a>> {
    let comment = language.and_then(Language::line_comment);
    let block = language.and_then(Language::block_comment);
    let mut inside = false;
    let mut out = Vec::with_capacity(text.len() / 30);
    for whole in text.split_inclusive('\n') {
        let text = whole.trim();
        let indent = whole.bytes().take_while(u8::is_ascii_whitespace);
        let indent = indent.fold(0u16, |columns, byte| {
            columns.saturating_add(if byte == b'\t' { TAB } else { 1 })
        });
        let opens = block.is_some_and(|(open, _)| text.starts_with(open));
        let sort = if inside || opens {
            let close = block.map_or("", |(_, close)| close);
            let end = text.find(close);
            inside = end.is_none();
            // Code after a comment on the same line is code.
            match end.map(|end| text[end + close.len()..].trim()) {
                Some(rest) if !rest.is_empty() => Sort::Code,
                _ => Sort::Comment,
            }
        } else if text.is_empty() {
            Sort::Blank
        } else if comment.is_some_and(|comment| text.starts_with(comment)) {
            Sort::Comment
        } else {
            Sort::Code
        };
        out.push(Line {
            text,
            whole,
            indent,
            sort,
        });
    }
    out
}

/// The text without comment lines and without blank lines at its ends or beside each other.
pub fn bare(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    let mut gap = false;
    for line in lines {
        match line.sort {
            Sort::Comment => {}
            Sort::Blank => gap = !out.is_empty(),
            Sort::Code => {
                if std::mem::take(&mut gap) {
                    out.push('\n');
                }
                out.push_str(line.whole.trim_end());
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_and_depths() {
        let text = "// a\n/// b\nfn f() { // c\n\tx; /* d */\n\n  /* e\n  f */\n  /* g */ h\n}\n";
        let found: Vec<(Sort, u16)> = lines(text, Language::by_id("rust"))
            .iter()
            .map(|line| (line.sort, line.indent))
            .collect();
        let (code, comment) = (Sort::Code, Sort::Comment);
        let wanted = [
            (comment, 0),
            (comment, 0),
            (code, 0),
            (code, 4),
            (Sort::Blank, 1),
            (comment, 2),
            (comment, 2),
            (code, 2),
            (code, 0),
        ];
        assert_eq!(found, wanted);
    }

    #[test]
    fn bare_text_has_no_comments_and_single_gaps() {
        for (text, wanted) in [
            ("\n// a\nb\n\n// c\n\nd\n\n", "b\n\nd\n"),
            ("// a\n", ""),
            ("a \n  b", "a\n  b\n"),
            ("", ""),
        ] {
            assert_eq!(
                bare(&lines(text, Language::by_id("rust"))),
                wanted,
                "{text:?}"
            );
        }
    }
}
