//! What the text around the cursor speaks of: names with weights, the nearest line first.

use std::hash::Hasher;
use std::path::Path;

use nextline_grammars::Language;

use super::{ContextAsk, search};
use crate::index::library::definitions::by_looks;
use crate::index::library::lines::lines;
use crate::index::library::names::{Name, NameMap, Quick, name_of, names, words};

/// Whole lines before the cursor's that are asked for.
const BEFORE: usize = 50;
/// Lines after the cursor's that are asked for.
const AFTER: usize = 10;
/// Lines over which a name's weight falls to a half.
const HALF: f32 = 3.0;
/// Lines near enough that what they name should be defined in sight.
const NEAR: usize = 12;
/// Lines that a line elsewhere is compared with.
const LAST: usize = 2;
/// Most names of a query: the heaviest.
const MOST: usize = 160;

/// What is asked for.
pub struct Query {
    /// Names and their weights, the heaviest first.
    pub names: Vec<(Name, f32)>,
    /// Names of the nearest lines before the cursor's, nearest line first.
    pub near: Vec<Name>,
    /// Names of the cursor's own line before the cursor, but for the word that it touches.
    pub own: Vec<Name>,
    /// Names of the last code lines before the cursor's, nearest first.
    pub last: Vec<Vec<Name>>,
    /// Names that the prompt shows anyway.
    pub shown: NameMap<()>,
    hash: u64,
}

impl Query {
    /// Reads the surroundings of the cursor. The cursor's own line is left out of all but `own`: else every key would
    /// ask for other things.
    pub fn read(ask: &ContextAsk<'_>) -> Query {
        let line_start = ask.before.rfind('\n').map_or(0, |at| at + 1);
        let (whole, own) = ask.before.split_at(line_start);
        let rest = ask.after.find('\n').map_or("", |at| &ask.after[at + 1..]);
        let mut hash = Quick::default();
        let mut weights: NameMap<f32> = NameMap::default();
        let mut near = Vec::new();
        let mut last = Vec::new();
        for (distance, line) in whole.lines().rev().take(BEFORE).enumerate() {
            let found: Vec<Name> = names(line).collect();
            add(&mut weights, &found, distance);
            hash.write_u32(name_of(line.trim()));
            if distance < NEAR {
                near.extend(&found);
            }
            if !found.is_empty() && last.len() < LAST {
                last.push(found);
            }
        }
        for (distance, line) in rest.lines().take(AFTER).enumerate() {
            let found: Vec<Name> = names(line).collect();
            add(&mut weights, &found, distance);
            hash.write_u32(name_of(line.trim()));
        }
        let mut all: Vec<(Name, f32)> = weights.into_iter().collect();
        all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        all.truncate(MOST);
        let [before, after] = in_sight(ask);
        let shown = names(before).chain(names(after));
        let touched = words(own).last().filter(|word| own.ends_with(word));
        let touched = touched.map(name_of);
        Query {
            names: all,
            near,
            own: names(own).filter(|name| Some(*name) != touched).collect(),
            last,
            shown: shown.map(|name| (name, ())).collect(),
            hash: hash.finish(),
        }
    }

    /// A number that is the same while nothing but the cursor's line changes.
    pub fn neighbourhood(&self, ask: &ContextAsk<'_>) -> u64 {
        let mut hash = Quick::default();
        for part in [
            self.hash,
            ask.shelf.edition(),
            ask.room as u64,
            ask.frame as u64,
        ] {
            hash.write_u32(part as u32);
            hash.write_u32((part >> 32) as u32);
        }
        hash.write_u32(name_of(ask.key));
        hash.finish()
    }

    /// Whether all but a tenth of the names of the nearest lines are either defined in what the prompt shows or in no
    /// other file at all: there is nothing to tell then.
    pub fn is_defined_in_sight(&self, ask: &ContextAsk<'_>) -> bool {
        let language = Language::by_path(Path::new(ask.key));
        let mut open: Vec<Name> = self.near.clone();
        open.sort_unstable();
        open.dedup();
        let all = open.len();
        let [before, after] = in_sight(ask);
        for text in [before, after] {
            let found = by_looks(&lines(text, language));
            open.retain(|name| found.iter().all(|found| found.name != *name));
        }
        open.retain(|name| search::is_elsewhere(ask, *name));
        open.len() * 10 <= all
    }
}

/// What the prompt shows of the current file anyway.
pub fn in_sight<'a>(ask: &ContextAsk<'a>) -> [&'a str; 2] {
    let from = boundary(ask.before, ask.before.len().saturating_sub(ask.shown.0));
    let to = boundary(ask.after, ask.shown.1.min(ask.after.len()));
    [&ask.before[from..], &ask.after[..to]]
}

fn add(weights: &mut NameMap<f32>, found: &[Name], distance: usize) {
    let weight = 1.0 / (1.0 + distance as f32 / HALF);
    for name in found {
        *weights.entry(*name).or_default() += weight;
    }
}

/// The next boundary of characters at or after a byte.
pub fn boundary(text: &str, byte: usize) -> usize {
    (byte..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}
