//! White space at the start of lines: the document's own kind, and as deep as the cursor's line asks.

use super::Draft;
use crate::complete::extent::{self, Extent, columns};
use crate::complete::site::Site;

/// Columns that a tab stands for where the answer does not tell.
const TAB: usize = 4;

/// The first line goes on at the cursor: white space that stands before the cursor already does not come twice.
pub fn leading(draft: &mut Draft, site: &Site, _: &[String]) {
    if !site.before.trim().is_empty() {
        // Where a blank stands before the cursor, the answer's own is one too many.
        let spaced = site.before.ends_with(char::is_whitespace);
        let text = draft.text.trim_start_matches([' ', '\t']);
        if spaced && !text.starts_with('\n') {
            draft.text = text.to_owned();
        }
        return;
    }
    let start = draft.text.len() - draft.text.trim_start().len();
    let start = draft.text[..start].rfind('\n').map_or(0, |at| at + 1);
    draft.text.drain(..start);
    let Some(rest) = draft.text.strip_prefix(&*site.before) else {
        if !site.before.is_empty() {
            draft.text = draft.text.trim_start().to_owned();
        }
        return;
    };
    draft.text = rest.to_owned();
}

/// Tabs in a document of tabs, spaces in one of spaces; a document or an answer of both is left alone.
pub fn style(draft: &mut Draft, site: &Site, _: &[String]) {
    let theirs = Style::of(draft.text.split('\n').skip(1));
    let Some(from) = theirs.unit() else {
        return;
    };
    let lines = site.above().chain(site.below());
    let ours = Style::of(lines.chain([&*site.before]));
    let (Some(unit), true) = (ours.unit(), ours.tabs != theirs.tabs) else {
        return;
    };
    let lines = draft.text.split('\n').enumerate().map(|(number, line)| {
        let white = line.len() - line.trim_start_matches([' ', '\t']).len();
        let depth = white / from.len();
        if number == 0 || white == 0 || white % from.len() != 0 {
            return line.to_owned();
        }
        format!("{}{}", unit.repeat(depth), &line[white..])
    });
    draft.text = lines.collect::<Vec<_>>().join("\n");
}

/// The kinds of indentation in some lines.
#[derive(Default)]
struct Style {
    tabs: usize,
    spaces: usize,
    /// The least number of spaces.
    width: usize,
}

impl Style {
    fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Style {
        let mut style = Style::default();
        for line in lines.filter(|line| !line.trim().is_empty() || !line.is_empty()) {
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if line.starts_with('\t') {
                style.tabs += 1;
            } else if spaces > 1 {
                style.spaces += 1;
                style.width = if style.width == 0 {
                    spaces
                } else {
                    style.width.min(spaces)
                };
            }
        }
        // Counts matter only for their being there at all.
        style.tabs = style.tabs.min(1);
        style
    }

    fn unit(&self) -> Option<String> {
        match (self.tabs, self.spaces) {
            (0, 0) => None,
            (0, _) => Some(" ".repeat(if self.width > 8 { TAB } else { self.width })),
            (_, 0) => Some("\t".into()),
            _ => None,
        }
    }
}

/// Every line but the first lacks what stands before the cursor: it is given to them.
pub fn missing(draft: &mut Draft, site: &Site, _: &[String]) {
    let indent: String = site
        .before
        .chars()
        .take_while(|c| c.is_whitespace())
        .collect();
    if indent.is_empty() || site.extent == Extent::Line {
        return;
    }
    let mut lines = draft.text.split('\n');
    let first = lines.next().unwrap_or_default().trim();
    let rest: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    let (Some(next), Some(last)) = (rest.first(), rest.last()) else {
        return;
    };
    let base = columns(&indent);
    let closes = last.trim().starts_with(['}', ')', ']']) && columns(last) == 0;
    let opens = first.ends_with(['{', '(', '[']) || extent::word(first);
    let shallow = columns(next) <= base && columns(next) > 0;
    if !(opens && shallow && (closes || columns(next) < base) || opens && closes && rest.len() == 1)
    {
        return;
    }
    let shifted = draft.text.split('\n').enumerate().map(|(number, line)| {
        if number == 0 || line.trim().is_empty() {
            line.to_owned()
        } else {
            format!("{indent}{line}")
        }
    });
    let shifted = shifted.collect::<Vec<_>>().join("\n");
    let fewer = match (
        site.errors_with(&draft.text, 0),
        site.errors_with(&shifted, 0),
    ) {
        (Some(as_is), Some(shifted)) => shifted <= as_is,
        _ => true,
    };
    if fewer {
        draft.text = shifted;
    }
}
