//! A text without its comments and strings: what is a name in it and what is prose.

/// Ends of files of languages that write comments and strings as C does; others are left as they are.
const LIKE_C: &[&str] = &[
    "rs", "ts", "mts", "cts", "tsx", "js", "jsx", "go", "java", "c", "h", "cc", "cpp", "hpp", "cs",
    "kt", "swift", "scala",
];

/// The text with blanks in place of comments and strings.
pub fn code(path: &str, text: &str) -> String {
    let extension = path.rsplit('.').next().unwrap_or_default();
    if !LIKE_C.contains(&extension) {
        return text.to_owned();
    }
    let rust = extension == "rs";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match token(rest, rust) {
            Some(length) => {
                out.push(' ');
                rest = &rest[length..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// The length of a comment or string that the text begins with.
fn token(text: &str, rust: bool) -> Option<usize> {
    let until = |from: usize, end: &str| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(until(2, "*/"));
    }
    if rust && (text.starts_with("r\"") || text.starts_with("r#")) {
        let marks = text[1..].bytes().take_while(|byte| *byte == b'#').count();
        let opens = text[1 + marks..].starts_with('"');
        return opens.then(|| until(2 + marks, &format!("\"{}", "#".repeat(marks))));
    }
    let quote = text.chars().next()?;
    match quote {
        // A lifetime is none.
        '\'' if rust => {
            let mut letters = text[1..].char_indices();
            let (_, inner) = letters.next()?;
            let (at, next) = letters.next()?;
            match inner {
                '\\' => Some(until(3.min(text.len()), "'")),
                _ => (next == '\'').then_some(at + 2),
            }
        }
        '"' | '\'' | '`' => {
            let mut escaped = false;
            for (at, letter) in text.char_indices().skip(1) {
                match letter {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '\n' if quote == '\'' || quote == '"' && !rust => return None,
                    _ if letter == quote => return Some(at + 1),
                    _ => {}
                }
            }
            None
        }
        _ => None,
    }
}
