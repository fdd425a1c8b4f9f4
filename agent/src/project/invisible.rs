//! Characters that no person sees in a text and that a model reads: taken out of instructions, never out of code.

/// Whether a character shows nothing and says something.
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
        || letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

/// A text as a person sees it, and how many characters were taken out. A mark of the byte order at the start counts for nothing.
pub fn visible(text: &str) -> (String, usize) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut hidden = 0;
    let shown = text.chars().filter(|letter| {
        let invisible = is_invisible(*letter);
        hidden += usize::from(invisible);
        !invisible
    });
    (shown.collect(), hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_taken_out_and_counted() {
        let ranges = [
            (0x200b, 0x200f),
            (0x202a, 0x202e),
            (0x2060, 0x2064),
            (0x2066, 0x2069),
            (0xfe00, 0xfe0f),
            (0xe0000, 0xe007f),
            (0xe0100, 0xe01ef),
        ];
        for letter in ranges.into_iter().flat_map(|(from, to)| from..=to) {
            let letter = char::from_u32(letter).unwrap();
            let text = format!("a{letter}b");
            assert_eq!(visible(&text), ("ab".into(), 1), "{letter:?}");
        }
        for text in ["Grüße, 日本 🙂\r\n\ttabs", "a\u{301}", ""] {
            assert_eq!(visible(text), (text.into(), 0));
        }
        assert_eq!(visible("\u{feff}a\u{1b}[2J"), ("a[2J".into(), 1));
    }
}
