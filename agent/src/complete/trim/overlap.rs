//! What stands after the cursor already: the rest of the line, the lines below, brackets that were closed before.

use super::Draft;
use crate::complete::site::Site;
use crate::complete::stop::lex::unmatched;

/// Fewest letters and digits of one repeated line that tell a repetition from chance.
const TELLING: usize = 3;

/// The end of the answer that repeats the lines below.
pub fn below(draft: &mut Draft, site: &Site, _: &[String]) {
    let below = || {
        site.below()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
    };
    let Some(next) = below().next() else {
        return;
    };
    // Line starts, without blank lines; the first one goes on with the cursor's line.
    let mut lines: Vec<(usize, &str)> = Vec::new();
    let mut offset = 0;
    for line in draft.text.split('\n') {
        if !line.trim().is_empty() {
            lines.push((offset, line.trim_end()));
        }
        offset += line.len() + 1;
    }
    let first = format!("{}{}", site.before, lines.first().map_or("", |line| line.1));
    let found = (0..lines.len()).find(|&from| {
        let line = |at: usize| {
            if at == 0 && from == 0 {
                first.as_str()
            } else {
                lines[at].1
            }
        };
        let pairs = || (from..lines.len()).zip(below());
        let same = |at: usize, below: &str| {
            // The answer may have been cut in its last line.
            line(at) == below
        };
        if line(from) != next || !site.after.trim().is_empty() {
            return false;
        }
        let equal = pairs().take_while(|(at, below)| same(*at, below)).count();
        let to_the_end = from + equal == lines.len();
        let words = pairs()
            .take(equal)
            .any(|(_, below)| below.contains(char::is_alphanumeric));
        let all = to_the_end || equal > 3 || (words && equal == below().count());
        all && (from > 0 || is_telling(&first, site))
    });
    let Some(from) = found else {
        return;
    };
    let mut end = lines[from].0;
    if from > 0 {
        end = draft.text[..end].trim_end().len();
    }
    let cut = &draft.text[..end];
    if is_better(site, draft, cut, 0, true) {
        draft.text.truncate(end);
    }
}

/// Whether a whole answer that equals the next line is a repetition: not where lines repeat each other.
fn is_telling(line: &str, site: &Site) -> bool {
    let letters = line.chars().filter(|c| c.is_alphanumeric()).count();
    let above = site.above().find(|above| !above.trim().is_empty());
    let again = site
        .below()
        .filter(|below| below.trim() == line.trim())
        .count()
        > 1;
    letters >= TELLING && !again && above.is_none_or(|above| above.trim() != line.trim())
}

/// The rest of the cursor's line, where the answer writes it again: at its end it goes, within it the answer takes its place.
pub fn rest(draft: &mut Draft, site: &Site, _: &[String]) {
    let after = site.after.trim_end();
    let rest = after.trim_start();
    if rest.is_empty() {
        return;
    }
    let text = draft.text.trim_end();
    let closing = |c: char| !c.is_alphanumeric() && !c.is_whitespace() && c != '_';
    let run = rest.len() - rest.trim_start_matches(closing).len();
    let parts = (1..=run).rev().filter(|end| rest.is_char_boundary(*end));
    let parts = [after, rest]
        .into_iter()
        .chain(parts.map(|end| &rest[..end]));
    let mut tried = 0;
    for part in parts {
        if let Some(cut) = text.strip_suffix(part) {
            let blank = after.starts_with(char::is_whitespace) && part != after;
            let cut = if blank { cut.trim_end() } else { cut };
            let word = part == after || part == rest;
            let prefers = repeats(site, text, cut, part, word);
            if is_better(site, draft, cut, 0, prefers) {
                draft.text.truncate(cut.len());
                return;
            }
            tried += 1;
            if tried == 3 {
                return;
            }
        }
    }
    rewritten(draft, site, after);
}

/// What an editor closes as soon as it is opened, and what ends a statement after it.
const CLOSING: &[char] = &[')', ']', '}', '"', '\'', '`', ';', ','];

/// An answer that closes what the rest of the line closes, and goes on, takes the rest's place.
fn rewritten(draft: &mut Draft, site: &Site, after: &str) {
    let rest = after.trim_start();
    let closers = rest.len() - rest.trim_start_matches(CLOSING).len();
    if closers == 0 || !grows(site, &draft.text) {
        return;
    }
    for part in [&rest[..closers], &rest[..1]] {
        if !draft.text.contains(part) {
            continue;
        }
        if site.fixed {
            let end = draft.text.rfind(part).unwrap_or_default();
            draft.text.truncate(end);
            return;
        }
        let over = after.len() - rest.len() + part.len();
        // What is whole as it is needs no place made for it.
        let whole = site.errors_with(&draft.text, 0) == Some(0);
        if is_better(site, draft, &draft.text, over, !whole) {
            draft.over = over;
            return;
        }
    }
}

/// Whether what is cut off is a repetition, as far as the line tells without a tree.
fn repeats(site: &Site, text: &str, cut: &str, part: &str, word: bool) -> bool {
    let balanced = part.len() > 1 && unmatched(site.language, part) == (0, 0);
    if word && (part.chars().any(char::is_alphanumeric) || balanced) {
        return true;
    }
    let quotes = |text: &str| {
        let line = format!("{}{text}{}", site.before, site.after);
        ['"', '\'', '`']
            .map(|quote| line.matches(quote).count() % 2)
            .iter()
            .sum::<usize>()
    };
    let more = surplus(site, text) > surplus(site, cut) || quotes(text) > quotes(cut);
    let plain = !part.contains([')', ']', '}', '"', '\'', '`', '>']);
    more || (plain && word)
}

/// Brackets that the cursor's line closes and does not open, with a text in it.
fn surplus(site: &Site, text: &str) -> usize {
    unmatched(
        site.language,
        &format!("{}{text}{}", site.before, site.after),
    )
    .0
}

/// Whether a text closes more than the cursor's line has open for it.
fn grows(site: &Site, text: &str) -> bool {
    let quotes = |text: &str| {
        ['"', '\'', '`']
            .iter()
            .any(|quote| text.matches(*quote).count() % 2 == 1)
    };
    surplus(site, text) > surplus(site, "") || quotes(text)
}

/// Closing brackets at the end that the document closes below.
pub fn brackets(draft: &mut Draft, site: &Site, _: &[String]) {
    for _ in 0..3 {
        let text = draft.text.trim_end().trim_end_matches([';', ',']);
        let cut = text.strip_suffix([')', ']', '}']).map(str::trim_end);
        let Some(cut) = cut.filter(|cut| {
            unmatched(site.language, &draft.text).0 > unmatched(site.language, cut).0
        }) else {
            return;
        };
        if !is_better(site, draft, cut, draft.over, false) {
            return;
        }
        draft.text.truncate(cut.len());
    }
}

/// Whether the tree has fewer errors with `cut` (in the place of `over` bytes) than with the draft; `otherwise` where it has as
/// many, or there is none.
fn is_better(site: &Site, draft: &Draft, cut: &str, over: usize, otherwise: bool) -> bool {
    let as_is = site.errors_with(&draft.text, draft.over);
    match (as_is, site.errors_with(cut, over)) {
        (Some(as_is), Some(cut)) if as_is != cut => cut < as_is,
        _ => otherwise,
    }
}
