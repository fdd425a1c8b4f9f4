//! The doc comment in an answer, and how it stands in its place.

use nextline_grammars::Language;

use super::fit::fit;
use super::make::{Useless, habits};
use super::select::{DocPlace, Source};

/// The doc comment of an answer, fitted to its place. The definition itself never changes, whatever the model did to it.
pub fn documented(doc: &DocPlace, source: &Source<'_>, answer: &str) -> Result<String, Useless> {
    let definition = &source.text[doc.definition.clone()];
    let bare = |line: &str| line.trim().to_owned();
    let answered: Vec<&str> = answer.lines().collect();
    // The model may repeat the definition: its lines tell where the comment ends or begins.
    let comment: Vec<&str> = if doc.inside {
        let head = &source.text[doc.definition.start..doc.doc.start];
        let last = head.lines().rfind(|line| !line.trim().is_empty()).map(bare);
        let from = answered
            .iter()
            .position(|line| Some(bare(line)) == last)
            .map_or(0, |at| at + 1);
        let body = source.text[doc.doc.end..doc.definition.end]
            .lines()
            .find(|line| !line.trim().is_empty())
            .map(bare);
        let rest = &answered[from..];
        let to = rest
            .iter()
            .position(|line| Some(bare(line)) == body)
            .filter(|_| from > 0);
        rest[..to.unwrap_or(rest.len())].to_vec()
    } else {
        let first = definition
            .lines()
            .find(|line| !line.trim().is_empty())
            .map(bare);
        let to = answered.iter().position(|line| Some(bare(line)) == first);
        match to {
            Some(to) => own_comment(&answered[..to], source.language).to_vec(),
            None => answered.clone(),
        }
    };
    let comment = comment.join("\n");
    if comment.trim().is_empty() {
        return Err(Useless::Same);
    }
    Ok(fit(&comment, &habits(source, "", &doc.indent)))
}

/// The comment that ends these lines: what stands above it belongs to something else.
fn own_comment<'a, 't>(lines: &'a [&'t str], language: Option<&'static Language>) -> &'a [&'t str] {
    let marks = language.map_or(&[][..], Language::doc_marks);
    let mut from = lines.len();
    let mut block = false;
    for (at, line) in lines.iter().enumerate().rev() {
        let bare = line.trim();
        block |= bare.ends_with("*/");
        let opens = bare.starts_with("/*");
        let comment = marks.iter().any(|mark| bare.starts_with(mark))
            || bare.starts_with("#[")
            || bare.starts_with('@');
        if !(block || comment) {
            break;
        }
        block &= !opens;
        from = at;
    }
    &lines[from..]
}
