//! Brackets of a text, line by line, past its strings and comments.

use nextline_grammars::Language;

/// What spans lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    Comment,
    Text(&'static str),
}

/// Reads lines in their order and keeps the depth.
#[derive(Debug, Clone)]
pub struct Lexer {
    line_comment: Option<&'static str>,
    block_comment: Option<(&'static str, &'static str)>,
    within: Within,
    /// Brackets that are open, innermost last.
    open: Vec<char>,
    /// Brackets that were closed and not opened.
    closed: usize,
}

/// Strings that span lines, by what opens and closes them.
const LONG: &[&str] = &["\"\"\"", "'''", "`"];
/// The comments of most languages, for those that have no row.
const UNKNOWN: (&str, (&str, &str)) = ("//", ("/*", "*/"));

impl Lexer {
    /// A reader of a language, or of one that is not known.
    pub fn new(language: Option<&'static Language>) -> Lexer {
        Lexer {
            line_comment: language.map_or(Some(UNKNOWN.0), Language::line_comment),
            block_comment: language.map_or(Some(UNKNOWN.1), Language::block_comment),
            within: Within::Code,
            open: Vec::new(),
            closed: 0,
        }
    }

    /// True between the lines of a string or comment that spans lines.
    pub fn is_within(&self) -> bool {
        self.within != Within::Code
    }

    /// Brackets that are open; less than none where more were closed than opened.
    pub fn depth(&self) -> isize {
        self.open.len() as isize - self.closed as isize
    }

    /// Reads a line without its line break.
    pub fn line(&mut self, line: &str) {
        let mut at = 0;
        while let Some(c) = line[at..].chars().next() {
            let rest = &line[at..];
            at += match self.within {
                Within::Code => self.code(&line[..at], rest, c),
                Within::Comment => {
                    let close = self.block_comment.map_or("", |(_, close)| close);
                    self.until(rest, close)
                }
                Within::Text(_) if c == '\\' => escaped(rest),
                Within::Text(close) if rest.starts_with(close) => self.until(rest, close),
                Within::Text(_) => c.len_utf8(),
            };
        }
    }

    fn until(&mut self, rest: &str, close: &str) -> usize {
        match rest.find(close) {
            Some(end) => {
                self.within = Within::Code;
                (end + close.len()).max(1)
            }
            None => rest.len(),
        }
    }

    /// What was opened within and never closed is closed along.
    fn close(&mut self, opener: char) {
        match self.open.iter().rposition(|open| *open == opener) {
            Some(at) => self.open.truncate(at),
            None => self.closed += 1,
        }
    }

    /// Reads on in code; answers with the bytes read.
    fn code(&mut self, before: &str, rest: &str, c: char) -> usize {
        match c {
            '(' | '[' | '{' => self.open.push(c),
            ')' => self.close('('),
            ']' => self.close('['),
            '}' => self.close('{'),
            '\\' => return escaped(rest),
            _ => {}
        }
        if let Some((open, _)) = self.block_comment
            && rest.starts_with(open)
        {
            self.within = Within::Comment;
            return open.len();
        }
        if self
            .line_comment
            .is_some_and(|mark| rest.starts_with(mark) && begins(before, mark))
        {
            return rest.len();
        }
        if let Some(mark) = LONG.iter().find(|mark| rest.starts_with(**mark)) {
            self.within = Within::Text(mark);
            return mark.len();
        }
        match c {
            '"' => string(rest, '"').unwrap_or(1),
            '\'' => apostrophe(before, rest).unwrap_or(1),
            _ => c.len_utf8(),
        }
    }
}

/// How many brackets a text closes that it does not open, and how many it opens and does not close.
pub fn unmatched(language: Option<&'static Language>, text: &str) -> (usize, usize) {
    let mut lexer = Lexer::new(language);
    text.lines().for_each(|line| lexer.line(line));
    (lexer.closed, lexer.open.len())
}

/// The length of a backslash and what it escapes.
fn escaped(rest: &str) -> usize {
    1 + rest[1..].chars().next().map_or(0, char::len_utf8)
}

/// `#` and `--` begin a comment only where a word may begin: `$#`, `a--` and colours are none.
fn begins(before: &str, mark: &str) -> bool {
    mark == "//" || before.chars().next_back().is_none_or(char::is_whitespace)
}

/// The length of a string in quotes that ends on its line.
fn string(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().skip(1).find_map(|(at, c)| {
        let end = !escaped && c == quote;
        escaped = !escaped && c == '\\';
        end.then_some(at + 1)
    })
}

/// The length of a text in single quotes: no lifetime and no apostrophe of a word.
fn apostrophe(before: &str, rest: &str) -> Option<usize> {
    let mut inside = rest[1..].chars();
    let short = inside.next().is_some_and(|c| c != '\\') && inside.next() == Some('\'');
    if !short {
        // `don't` is a word; `b'…'` and `rb'…'` are strings.
        let word = before.len() - before.trim_end_matches(char::is_alphanumeric).len();
        if word > 2 || before.ends_with(['&', '<']) {
            return None;
        }
    }
    let length = string(rest, '\'')?;
    let next = rest[length..].chars().next();
    let another = next.is_some_and(|c| c.is_alphanumeric() || c == '_');
    (short || !another).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_code_count() {
        let rows = [
            ("rust", "f(a, b[1])", (0, 0)),
            ("rust", "a) + (b", (1, 1)),
            ("rust", "s(\"[\")", (0, 0)),
            ("rust", "s(\"\\\"[\")", (0, 0)),
            ("rust", "c('(')", (0, 0)),
            ("rust", "c('\\'')", (0, 0)),
            ("rust", "fn f<'a>(b: &'a str, c: D<'a>) {", (0, 1)),
            ("rust", "a // )\n) /* } */", (1, 0)),
            ("rust", "/*\n}\n*/ {", (0, 1)),
            ("typescript", "`${a(` + '(' + \"(\"", (0, 0)),
            ("typescript", "x('it (a')", (0, 0)),
            ("python", "a['b'] # )", (0, 0)),
            ("python", "\"\"\"\n(\n\"\"\"", (0, 0)),
            ("bash", "echo ${#a[@]}", (0, 0)),
            ("lua", "f() -- {", (0, 0)),
            ("nobody", "} else {", (1, 1)),
            ("nobody", "don't (a) isn't", (0, 0)),
        ];
        for (id, text, expected) in rows {
            assert_eq!(
                unmatched(Language::by_id(id), text),
                expected,
                "{id} {text:?}"
            );
        }
    }
}
