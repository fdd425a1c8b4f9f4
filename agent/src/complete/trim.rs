//! What a route answered to what is shown, in order: one rule, one row of tests.

use crate::text::{Byte, Text};

/// Most bytes of a suggestion (`promises.md`, LLM output).
const CAP: usize = 64 << 10;

/// The answer as it may go in at `at`; empty if nothing of it is worth showing. `all` leaves it as the provider wrote it.
pub fn trim(answer: &str, text: &Text, at: Byte, one_line: bool) -> String {
    let line = text.line_span(text.line_of(at));
    let before = text.slice(line.start..at);
    let after = text.slice(at..line.end);
    let mut end = answer.len().min(CAP);
    while !answer.is_char_boundary(end) {
        end -= 1;
    }
    let answer = answer[..end].replace('\r', "");
    let mut answer = without_fence(&answer);
    if one_line {
        answer = first_line(answer, before.trim().is_empty());
    }
    answer = without_echo(answer, &before);
    let answer = without_overlap(answer.trim_end(), after.trim_end());
    if answer.trim().is_empty() {
        String::new()
    } else {
        answer.to_owned()
    }
}

/// The answer up to the first control token of its model: what comes after one is no text.
pub fn before_control<'a>(answer: &'a str, control: &[String]) -> &'a str {
    let end = control
        .iter()
        .filter_map(|token| answer.find(token.as_str()))
        .min();
    &answer[..end.unwrap_or(answer.len())]
}

/// What opens and closes a block of code in Markdown.
pub const FENCE: &str = "```";

/// The code in an answer that is one fenced block.
fn without_fence(answer: &str) -> &str {
    let Some((_, code)) = answer
        .trim_start()
        .strip_prefix(FENCE)
        .and_then(|rest| rest.split_once('\n'))
    else {
        return answer;
    };
    code.split_once(&format!("\n{FENCE}"))
        .map_or(code, |(code, _)| code)
}

/// The rest of the cursor's line. At a blank line a leading line break is the model's own start of the line.
fn first_line(answer: &str, blank: bool) -> &str {
    let answer = if blank {
        answer.trim_start_matches('\n')
    } else {
        answer
    };
    answer.split('\n').next().unwrap_or_default()
}

/// Without what stands before the cursor already: models repeat the line, or its indentation.
fn without_echo<'a>(answer: &'a str, before: &str) -> &'a str {
    if before.trim().is_empty() {
        return answer.strip_prefix(before).unwrap_or(answer);
    }
    let written = before.trim_start();
    match answer.trim_start().strip_prefix(written) {
        // One short word may well stand twice.
        Some(rest) if written.len() > 3 => rest,
        _ => answer,
    }
}

/// Without what stands after the cursor already: the longest end of the answer's line that begins the rest of the line.
fn without_overlap(answer: &str, after: &str) -> String {
    let after = after.trim_start();
    if after.is_empty() {
        return answer.to_owned();
    }
    let (first, more) = answer.split_once('\n').unwrap_or((answer, ""));
    let overlap = (1..=after.len().min(first.len()))
        .rev()
        .filter(|length| after.is_char_boundary(*length))
        .find(|length| first.ends_with(&after[..*length]));
    match overlap {
        Some(length) if more.is_empty() => first[..first.len() - length].to_owned(),
        _ => answer.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fixture: &str, answer: &str, expected: &str) {
        let at = fixture.find("$0").unwrap();
        let text = Text::from(fixture.replace("$0", "").as_str());
        assert_eq!(
            trim(answer, &text, Byte(at), true),
            expected,
            "{fixture:?} {answer:?}"
        );
    }

    #[test]
    fn one_line_answers() {
        check("let a = $0", "b + 1;\nlet c", "b + 1;");
        check("let a = $0", "-1", "-1");
        check("let a = $0", "let a = 3;", "3;");
        check("    $0", "    return 1;", "return 1;");
        check("    $0", "\n    return 1;\n}", "return 1;");
        check("f($0)", "a, b)", "a, b");
        check("f($0);", "a)", "a");
        check("f($0);", "a);", "a");
        check("x$0", ".name()", ".name()");
        check("x$0", "   \n", "");
        check("s($0", "\"[\")", "\"[\")");
        check("let a = $0", "b\r\n", "b");
        check("let a = $0", "```rust\nb;\n```\n", "b;");
        check("let a = $0", "```rust\nb;", "b;");
    }
}
