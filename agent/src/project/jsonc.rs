//! JSON with comments, as VS Code writes its files.

/// The same as plain JSON: comments and commas before a closing bracket are blanks, so that errors name the same line and column.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // Where the last comma stands if nothing but blanks followed it.
    let mut comma = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => string(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        if c == '/' && piece.len() > 1 {
            plain.extend(piece.chars().map(|c| if c == '\n' { c } else { ' ' }));
            continue;
        }
        match c {
            ',' => comma = Some(plain.len()),
            '}' | ']' => {
                if let Some(at) = comma.take() {
                    plain.replace_range(at..=at, " ");
                }
            }
            _ if c.is_whitespace() => {}
            _ => comma = None,
        }
        plain.push_str(piece);
    }
    plain
}

/// Bytes of the string that `text` begins with, its quotes included.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn comments_and_last_commas_go_and_strings_stay() {
        for (text, wanted) in [
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("// x\n{}", "    \n{}"),
            ("{/* x\n */}", "{    \n   }"),
            ("{\"a\": [1, /* , */ ],\n}", "{\"a\": [1          ] \n}"),
            ("{\"a//\": \"/* \\\" */\"}", "{\"a//\": \"/* \\\" */\"}"),
            ("{\"a\": \",}\"}", "{\"a\": \",}\"}"),
            ("[1,,]", "[1, ]"),
            ("{} /* never ends", "{}              "),
            ("\"never ends", "\"never ends"),
            ("/", "/"),
            ("{/*/}", "{    "),
        ] {
            assert_eq!(plain(text), wanted, "{text}");
        }
    }
}
