//! Lines to tokens, for any language: identifiers, numbers, whole strings, longest operators; no comments.

use super::syntax::Syntax;

/// Longer tokens are kept as opaque ones (bytes): nobody types a 120-byte string twice.
pub const MAX_TOKEN: usize = 120;
/// Longer lines have no tokens (bytes): minified or data.
pub const MAX_LINE: usize = 4096;

/// What a line begins inside of. 0: code; 1..=63: block comment of that depth; 64..: a string that spans lines
/// (index of the delimiter); 128..: a raw string closed by that many `#`.
pub type Inside = u8;

/// Plain code.
pub const CODE: Inside = 0;
const STRING: Inside = 64;
const RAW: Inside = 128;

/// One token of a line, by byte range in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// A blank (or a comment) stands before it on the line.
    pub blank: bool,
    /// A string that its line leaves open: the cursor may stand inside it.
    pub open: bool,
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// What the next line begins inside of.
    pub inside: Inside,
    /// The line ends inside a comment, be it a line comment or a block comment.
    pub comment: bool,
}

const OPERATORS: &[&str] = &[
    "<<=", ">>=", "...", "..=", "===", "!==", "**=", "&&=", "||=", "??=", "::", "->", "=>", "==",
    "!=", "<=", ">=", "&&", "||", "..", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "?.", "??",
    "++", "--", "**", ":=", "</", "/>",
];

/// Whether the byte belongs to a word (every byte of a character beyond ASCII does).
pub fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80
}

/// Lexes one line (without or with its line break) and pushes its pieces.
pub fn lex_line(line: &str, syntax: &Syntax, inside: Inside, out: &mut Vec<Piece>) -> End {
    if line.len() > MAX_LINE {
        return End {
            inside,
            comment: false,
        };
    }
    let mut lexer = Lexer {
        text: line,
        b: line.as_bytes(),
        at: 0,
        blank: false,
        syntax,
        out,
    };
    lexer.run(inside)
}

struct Lexer<'a> {
    text: &'a str,
    b: &'a [u8],
    at: usize,
    blank: bool,
    syntax: &'a Syntax,
    out: &'a mut Vec<Piece>,
}

impl Lexer<'_> {
    fn starts(&self, with: &str) -> bool {
        self.b[self.at..].starts_with(with.as_bytes())
    }

    fn push(&mut self, start: usize, open: bool) {
        // Indentation is told by the line break, so the first token of a line never has a blank.
        let blank = self.blank && !self.out.is_empty();
        self.out.push(Piece {
            start: start as u32,
            end: self.at as u32,
            blank,
            open,
        });
        self.blank = false;
    }

    fn run(&mut self, inside: Inside) -> End {
        let mut inside = inside;
        loop {
            if inside != CODE {
                inside = self.leave(inside);
                if inside != CODE {
                    return End {
                        inside,
                        comment: inside < STRING,
                    };
                }
            }
            let Some(&c) = self.b.get(self.at) else {
                return End {
                    inside: CODE,
                    comment: false,
                };
            };
            if c <= b' ' || c == 0x7f {
                self.at += 1;
                self.blank = true;
                continue;
            }
            if let Some((open, _)) = self.syntax.block
                && self.starts(open)
            {
                self.at += open.len();
                self.blank = true;
                inside = 1;
                continue;
            }
            if self.syntax.line.iter().any(|l| self.starts(l)) {
                return End {
                    inside: CODE,
                    comment: true,
                };
            }
            inside = self.token(c);
        }
    }

    /// Leaves a comment or string that an earlier part opened; not CODE: the line ended before.
    fn leave(&mut self, inside: Inside) -> Inside {
        if inside < STRING {
            let Some((open, close)) = self.syntax.block else {
                return CODE;
            };
            let mut depth = inside;
            while self.at < self.b.len() {
                if self.starts(close) {
                    self.at += close.len();
                    depth -= 1;
                    if depth == 0 {
                        self.blank = true;
                        return CODE;
                    }
                } else if self.syntax.nested && depth < 63 && self.starts(open) {
                    self.at += open.len();
                    depth += 1;
                } else {
                    self.at += 1;
                }
            }
            return depth;
        }
        let start = self.at;
        let closed = if inside >= RAW {
            self.raw_end(usize::from(inside - RAW))
        } else {
            let quote = self.syntax.quotes[usize::from(inside - STRING)].0;
            self.string_end(quote)
        };
        if !closed {
            return inside;
        }
        // Only the closing delimiter is a token: what stands before it is the inside of a long string.
        let tail = if inside >= RAW {
            1 + usize::from(inside - RAW)
        } else {
            self.syntax.quotes[usize::from(inside - STRING)].0.len()
        };
        let begin = (self.at - tail).max(start);
        self.push(begin, false);
        CODE
    }

    fn string_end(&mut self, quote: &str) -> bool {
        while self.at < self.b.len() {
            if self.b[self.at] == b'\\' {
                self.at += 2;
            } else if self.starts(quote) {
                self.at += quote.len();
                return true;
            } else {
                self.at += 1;
            }
        }
        self.at = self.content();
        false
    }

    /// The line's length without its line break.
    fn content(&self) -> usize {
        self.text.trim_end_matches(['\n', '\r']).len()
    }

    fn raw_end(&mut self, hashes: usize) -> bool {
        while self.at < self.b.len() {
            let rest = &self.b[self.at + 1..];
            if self.b[self.at] == b'"'
                && rest.len() >= hashes
                && rest[..hashes].iter().all(|c| *c == b'#')
            {
                self.at += 1 + hashes;
                return true;
            }
            self.at += 1;
        }
        self.at = self.content();
        false
    }

    fn token(&mut self, c: u8) -> Inside {
        let start = self.at;
        if self.syntax.ticks
            && let Some(inside) = self.ticked(c)
        {
            return inside;
        }
        let quote = self.syntax.quotes.iter().position(|(q, _)| self.starts(q));
        if let Some(i) = quote {
            let (q, long) = self.syntax.quotes[i];
            self.at += q.len();
            let closed = self.string_end(q);
            self.push(start, !closed);
            return if closed || !long {
                CODE
            } else {
                STRING + i as Inside
            };
        }
        if c.is_ascii_digit() {
            self.number();
        } else if is_word(c)
            || (c == b'#'
                && self.syntax.hash_word
                && self.b.get(self.at + 1).is_some_and(|n| is_word(*n)))
        {
            self.at += 1;
            self.word();
        } else if let Some(op) = OPERATORS.iter().find(|o| self.starts(o)) {
            self.at += op.len();
        } else {
            self.at += 1;
        }
        self.push(start, false);
        CODE
    }

    fn word(&mut self) {
        while self.b.get(self.at).is_some_and(|c| is_word(*c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) {
        self.word();
        let dot = self.b.get(self.at) == Some(&b'.');
        if dot && self.b.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
            self.word();
        }
    }

    /// Lifetimes, characters and prefixed strings of Rust.
    fn ticked(&mut self, c: u8) -> Option<Inside> {
        let start = self.at;
        let mut at = start;
        if matches!(c, b'b' | b'c' | b'r') {
            at += 1;
            if matches!(c, b'b' | b'c') && self.b.get(at) == Some(&b'r') {
                at += 1;
            }
            let raw = self.b[at - 1] == b'r';
            let hashes = self.b[at..].iter().take_while(|c| **c == b'#').count();
            let quoted = self.b.get(at + hashes) == Some(&b'"');
            if raw && quoted && hashes < 100 {
                self.at = at + hashes + 1;
                let closed = self.raw_end(hashes);
                self.push(start, !closed);
                return Some(if closed { CODE } else { RAW + hashes as Inside });
            }
            if !raw && hashes == 0 && quoted {
                self.at = at + 1;
                let closed = self.string_end("\"");
                self.push(start, !closed);
                return Some(if closed { CODE } else { STRING });
            }
            if c != b'b' || at != start + 1 || self.b.get(at) != Some(&b'\'') {
                return None;
            }
        } else if c != b'\'' {
            return None;
        }
        let rest = &self.text[at + 1..];
        let mut chars = rest.chars();
        let first = chars.next();
        if first == Some('\\') {
            self.at = at + 1;
            self.string_end("'");
        } else if let Some(f) = first
            && chars.next() == Some('\'')
        {
            self.at = at + 2 + f.len_utf8();
        } else {
            self.at = at + 1;
            self.word();
        }
        self.push(start, false);
        Some(CODE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::syntax::syntax_of;

    fn lex(key: &str, text: &str) -> (Vec<String>, End) {
        let mut inside = CODE;
        let mut all = Vec::new();
        let mut end = End {
            inside,
            comment: false,
        };
        for line in text.split_inclusive('\n') {
            let mut out = Vec::new();
            end = lex_line(line, syntax_of(key), inside, &mut out);
            inside = end.inside;
            for p in out {
                let blank = if p.blank { "~" } else { "" };
                all.push(format!(
                    "{blank}{}",
                    &line[p.start as usize..p.end as usize]
                ));
            }
        }
        (all, end)
    }

    #[test]
    fn tokens() {
        for (key, text, want) in [
            ("a.rs", "let x = y..=0.5f32;", "let|~x|~=|~y|..=|0.5f32|;"),
            ("a.rs", "  f(a) // no\n", "f|(|a|)"),
            ("a.rs", "a /* b\n/* c */ d */ e", "a|e"),
            (
                "a.rs",
                "'a 'b' '\\'' b'x' r#\"q\"z\"# 'static",
                "'a|~'b'|~'\\''|~b'x'|~r#\"q\"z\"#|~'static",
            ),
            ("a.rs", "\"one\ntwo\" x", "\"one|\"|~x"),
            ("a.rs", "#[cfg] r#type brx", "#|[|cfg|]|~r|#|type|~brx"),
            (
                "a.ts",
                "this.#p = `a\nb` + 'it\\'s'",
                "this|.|#p|~=|~`a|`|~+|~'it\\'s'",
            ),
            ("a.py", "x = '''a\n# b\n''' # c", "x|~=|~'''a|'''"),
            (
                "a.css",
                "a { color: #fff; } /* x */",
                "a|~{|~color|:|~#|fff|;|~}",
            ),
            ("a.lua", "x --[[ y ]] z -- w", "x|~z"),
            (
                "a.unknown",
                "don't // 日本 x\u{0}y",
                "don|'|t|~/|/|~日本|~x|~y",
            ),
            ("a.rs", "\"a\\", "\"a\\"),
        ] {
            let (got, _) = lex(key, text);
            assert_eq!(got.join("|"), want, "{key} {text:?}");
        }
    }

    #[test]
    fn ends_tell_comments_from_code() {
        for (key, text, comment) in [
            ("a.rs", "x // y", true),
            ("a.rs", "x /* y", true),
            ("a.rs", "x \"// y", false),
            ("a.rs", "# x", false),
            ("a.py", "# x", true),
            ("a.html", "<!-- x", true),
            ("a.sql", "select -- x", true),
        ] {
            assert_eq!(lex(key, text).1.comment, comment, "{key} {text:?}");
        }
    }
}
