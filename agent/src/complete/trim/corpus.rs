//! Holes in real code, filled by a model that knows the answer: what counts is the document afterwards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nextline_grammars::Language;

use super::trim;
use crate::complete::extent::{Extent, columns};
use crate::complete::site::Site;
use crate::complete::stop::{End, Stop, lex};
use crate::settings::Multiline;

/// A source of numbers that are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

/// A span of a text that is hidden.
struct Hole {
    start: usize,
    end: usize,
}

fn lines(text: &str) -> Vec<(usize, usize)> {
    let mut start = 0;
    let spans = text.split('\n').map(|line| {
        let span = (start, start + line.trim_end_matches('\r').len());
        start += line.len() + 1;
        span
    });
    spans.collect()
}

/// The rest of a line, a part of it, or several lines of one block.
fn hole(language: Option<&'static Language>, text: &str, dice: &mut Dice) -> Option<Hole> {
    let lines = lines(text);
    let number = dice.below(lines.len());
    let (start, end) = lines[number];
    let line = &text[start..end];
    let indent = line.len() - line.trim_start().len();
    if line.trim().is_empty() || line.len() > 2000 {
        return None;
    }
    let boundary = |at: usize| {
        if !text.is_char_boundary(at) {
            return false;
        }
        // No cursor within a word, nor within an operator or a row of dashes.
        let (before, after) = (text[..at].chars().next_back(), text[at..].chars().next());
        let word =
            before.is_some_and(crate::text::is_word) && after.is_some_and(crate::text::is_word);
        !word && (before != after || before.is_none_or(|c| "()[]{}".contains(c)))
    };
    let somewhere = |dice: &mut Dice, from: usize, to: usize| {
        let at = from + dice.below(to - from + 1);
        (at..=to).find(|at| boundary(*at)).unwrap_or(to)
    };
    let (from, to) = match dice.below(4) {
        0 => (somewhere(dice, start + indent, end), end),
        1 => {
            let from = somewhere(dice, start + indent, end);
            (from, somewhere(dice, from, end))
        }
        2 => (start + indent, end),
        _ => {
            // Lines as deep as this one or deeper, up to where their block ends or a few lines further on.
            let depth = columns(line);
            let most = 1 + dice.below(12);
            let first = number;
            let inside = |(number, (start, end)): &(usize, (usize, usize))| {
                let line = &text[*start..*end];
                // At the top of a file a blank line is the end of what an answer may hold.
                (line.trim().is_empty() && depth > 0)
                    || columns(line) >= depth + usize::from(line.trim().is_empty())
                    || *number == first
            };
            let balanced = |(_, (begin, end)): &(usize, (usize, usize))| {
                let unmatched = lex::unmatched(language, &text[start..*end]);
                !text[*begin..*end].trim().is_empty() && unmatched == (0, 0)
            };
            let rest = lines.iter().copied().enumerate().skip(number).take(most);
            let (_, last) = rest.take_while(inside).filter(balanced).last()?;
            (start + indent, last.1)
        }
    };
    let hidden = &text[from..to];
    let trimmed = hidden.trim();
    (trimmed.len() > 1 && trimmed.len() == hidden.len()).then_some(Hole {
        start: from,
        end: to,
    })
}

/// What the model answers, by the kind of its mistake.
fn answers(text: &str, hole: &Hole) -> Vec<(&'static str, String)> {
    let hidden = &text[hole.start..hole.end];
    let line_start = text[..hole.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[hole.end..]
        .find('\n')
        .map_or(text.len(), |at| hole.end + at);
    let before = &text[line_start..hole.start];
    let after = text[hole.end..line_end].trim_end();
    let mut rows = vec![("whole", hidden.to_owned())];
    rows.push(("echo", format!("{}{hidden}", before.trim_start())));
    let up = text[..line_start]
        .trim_end_matches('\n')
        .rmatch_indices('\n')
        .nth(2);
    if let Some((up, _)) = up {
        rows.push((
            "lines above",
            format!("{}{hidden}", &text[up + 1..hole.start]),
        ));
    }
    rows.push(("rest of line", format!("{hidden}{after}")));
    rows.push(("fence", format!("```\n{hidden}\n```")));
    let down = text[line_end..].match_indices('\n').nth(3);
    if let Some((down, _)) = down {
        rows.push((
            "lines below",
            format!("{hidden}{}", &text[hole.end..line_end + down]),
        ));
    }
    rows
}

/// The document after the answer, as the stages make it: streamed in parts, stopped, trimmed.
fn taken(site: &Site, with: &str, at: usize, answer: &str) -> Result<String, &'static str> {
    let mut stop = Stop::new(site);
    let mut kept = (answer.len(), End::Whole);
    let mut end = 0;
    while end < answer.len() {
        end = (end + 7).min(answer.len());
        while !answer.is_char_boundary(end) {
            end += 1;
        }
        if let Some(stopped) = stop.feed(&answer[..end]) {
            kept = stopped;
            break;
        }
    }
    let draft = trim(answer[..kept.0].to_owned(), kept.1, site, &[])?;
    Ok(format!(
        "{}{}{}",
        &with[..at],
        draft.text,
        &with[at + draft.over..]
    ))
}

/// Right answers and all, by language and kind; misses of the first kind are told.
type Rates = BTreeMap<(String, &'static str), (usize, usize)>;

fn measure(
    language: &str,
    name: &str,
    text: &str,
    holes: usize,
    rates: &mut Rates,
    misses: &mut Vec<String>,
) {
    let mut dice = Dice(text.len() as u64 + 7);
    let mut done = 0;
    for _ in 0..holes * 6 {
        if done == holes {
            return;
        }
        let Some(mut hole) = hole(Language::by_id(language), text, &mut dice) else {
            continue;
        };
        let with = |hole: &Hole| format!("{}{}", &text[..hole.start], &text[hole.end..]);
        let mut document = with(&hole);
        let mut site = Site::at(language, &document, hole.start, Multiline::Auto);
        if site.extent == Extent::Line && text[hole.start..hole.end].contains('\n') {
            // Only the rest of the line is asked for here.
            let line = text[hole.start..hole.end]
                .find('\n')
                .map_or(hole.end, |at| hole.start + at);
            hole.end = line - usize::from(text[..line].ends_with('\r'));
            document = with(&hole);
            site = Site::at(language, &document, hole.start, Multiline::Auto);
        }
        if text[hole.start..hole.end].trim().len() < 2 {
            continue;
        }
        done += 1;
        for (kind, answer) in answers(text, &hole) {
            // A word within which the cursor stands is not completed without being asked.
            let got = taken(&site, &document, hole.start, &answer);
            let same = |got: &String| got.replace('\r', "") == text.replace('\r', "");
            let right = got.as_ref().is_ok_and(same);
            let rate = rates.entry((language.to_owned(), kind)).or_default();
            *rate = (rate.0 + usize::from(right), rate.1 + 1);
            if !right {
                let line = text[..hole.start].matches('\n').count() + 1;
                let got = got.map(|got| {
                    got[hole.start..got.len() - (text.len() - hole.end).min(got.len() - hole.start)]
                        .to_owned()
                });
                misses.push(format!(
                    "{kind}: {name}:{line} {:?} before {:?} after {:?} {:?}\n   answer {:?}\n   got    {got:?}",
                    site.extent,
                    site.before,
                    site.after,
                    site.below().next(),
                    answer,
                ));
            }
        }
    }
}

fn report(rates: &Rates) -> String {
    let rows = rates.iter().map(|((language, kind), (right, all))| {
        format!(
            "{language:12} {kind:14} {right:6} of {all:6}  {:.2} %",
            100.0 * *right as f64 / (*all).max(1) as f64
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grammars/fixtures");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Share of holes filled with exactly what was hidden that must read as before.
const WHOLE: f64 = 0.999;

#[test]
fn holes_in_every_language() {
    let (mut rates, mut misses) = (Rates::new(), Vec::new());
    for path in fixtures() {
        let Some(row) = Language::by_path(&path).filter(|row| row.has_grammar()) else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        measure(
            row.id(),
            &path.display().to_string(),
            &text,
            24,
            &mut rates,
            &mut misses,
        );
    }
    let sum = |kind: &str| {
        let ours = rates.iter().filter(|((_, name), _)| *name == kind);
        ours.fold((0, 0), |sum, (_, rate)| (sum.0 + rate.0, sum.1 + rate.1))
    };
    let (right, all) = sum("whole");
    assert!(all > 70, "{all} holes");
    let told: Vec<String> = misses
        .iter()
        .filter(|miss| miss.starts_with("whole"))
        .cloned()
        .collect();
    assert!(
        right as f64 >= WHOLE * all as f64,
        "{}\n{}",
        report(&rates),
        told.join("\n")
    );
}

/// `CORPUS=folder:folder HOLES=40 cargo test -p nextline --lib corpus -- --ignored --nocapture` measures real projects.
#[test]
#[ignore = "reads the folders in CORPUS"]
fn holes_in_projects() {
    let holes = std::env::var("HOLES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    let mut folders: Vec<PathBuf> = std::env::var("CORPUS")
        .unwrap_or_default()
        .split(':')
        .map(PathBuf::from)
        .collect();
    let (mut rates, mut misses) = (Rates::new(), Vec::new());
    while let Some(path) = folders.pop() {
        if let Ok(entries) = std::fs::read_dir(&path) {
            folders.extend(entries.flatten().map(|entry| entry.path()));
            continue;
        }
        let Some(row) = Language::by_path(&path).filter(|row| row.has_grammar()) else {
            continue;
        };
        if let Ok(text) = std::fs::read_to_string(&path) {
            measure(
                row.id(),
                &path.display().to_string(),
                &text,
                holes,
                &mut rates,
                &mut misses,
            );
        }
    }
    std::fs::write(
        std::env::temp_dir().join("corpus-misses.txt"),
        misses.join("\n"),
    )
    .unwrap();
    eprintln!("{}", report(&rates));
}
