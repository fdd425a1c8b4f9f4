//! When an answer is complete before its stream is: the line ended, or the block did.

/// What an answer may span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The rest of the line.
    Line,
    /// Lines as long as they are indented at least as the cursor's line (columns of white space).
    Block {
        /// Characters of white space before the cursor.
        indent: usize,
    },
    /// Whatever comes.
    All,
}

/// The length of the complete part of `text`, once it is known that no more of it is wanted.
pub fn complete(text: &str, extent: Extent) -> Option<usize> {
    match extent {
        Extent::All => None,
        Extent::Line => {
            // Line breaks before the first word are not the line's end, nor is a fence: some models begin with one.
            let start = text.len() - text.trim_start_matches(['\n', '\r']).len();
            let line_end = |from: usize| text[from..].find(['\n', '\r']).map(|end| from + end);
            let end = line_end(start)?;
            if text[start..].starts_with(super::trim::FENCE) {
                line_end(end + 1)
            } else {
                Some(end)
            }
        }
        Extent::Block { indent } => {
            let mut end = 0;
            for line in text.split_inclusive('\n') {
                let content = line.trim_start();
                let first = end == 0;
                let closed = !first && !content.is_empty() && line.len() - content.len() < indent;
                if closed {
                    return Some(text[..end].trim_end().len());
                }
                end += line.len();
            }
            // A blank line after content ends the block.
            text.find("\n\n")
                .filter(|at| !text[..*at].trim().is_empty())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_line_or_block_does() {
        let block = Extent::Block { indent: 4 };
        let cases = [
            ("a + b", Extent::Line, None),
            ("a + b;\nfoo", Extent::Line, Some(6)),
            ("\na\r\nb", Extent::Line, Some(2)),
            ("```rust\na;\n```", Extent::Line, Some(10)),
            ("```rust\na;", Extent::Line, None),
            ("a;\n    b;\n}\n", block, Some(9)),
            ("a;\n    b;\n", block, None),
            ("a;\n\n    b", block, Some(2)),
            ("a\nb\n\n", Extent::All, None),
        ];
        for (text, extent, expected) in cases {
            assert_eq!(complete(text, extent), expected, "{text:?} {extent:?}");
        }
    }
}
